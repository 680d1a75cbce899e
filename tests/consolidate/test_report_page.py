"""The report page: what it says, that nothing in it can do harm, and that a browser shows it without a network."""

from __future__ import annotations

import http.server
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from consolidate.coverage import coverage_records
from consolidate.findings import finding_records
from consolidate.model import Processed
from consolidate.report_html import plain_number, text
from consolidate.report_page import write_report
from consolidate.row_pictures import Wanted
from consolidate.trends import find_trends
from extract.model import Finding, Place
from normalize.catalogue import default_folder, load_catalogue
from normalize.model import Agency, Match, Outcome, Report, Value
from tests.consolidate import made

CATALOGUE = load_catalogue(default_folder())
COMPUTERS, STAFF, EQUIPPED = "it.computers.total", "staff.total", "it.computers.staff_equipped"
RATE = "it.computers.staff_equipped_rate"
HOSTILE = "<script>fetch('http://127.0.0.1:{port}/a')</script><img src=http://127.0.0.1:{port}/b onerror=alert(1)>"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def observed(order: int, target: str, number: float) -> Outcome:
    return Outcome(
        made.row(order, target, str(number)), Match(target, "exact", 1.0, "tq2019"), Value(number), "observation"
    )


def document(name: str, period: str, *outcomes: Outcome, **more: object) -> Processed:
    agency = Agency(f"tuyen-quang.{name}", f"Sở {name}", "department", "Tuyên Quang")
    report = Report("tq2019", agency, period, outcomes)
    fields = {"format": "docx", "status": "extracted", "report": report, **more}
    return Processed(f"{period}/{name}.docx", f"{period}{name}" * 4, **fields)  # type: ignore[arg-type]


def office(port: int = 9) -> list[Processed]:
    """Two quarters of a few agencies, one of which is late, with labels that try to run something."""
    hostile = HOSTILE.format(port=port)
    found = []
    for at, period in enumerate(("2019-Q1", "2019-Q2")):
        for place, name in enumerate(("Tư pháp", "Y tế", hostile)):
            if (at, place) != (1, 1):
                figures = [
                    observed(1, COMPUTERS, 10 * place + at + 20),
                    observed(2, STAFF, 40),
                    observed(3, EQUIPPED, 20),
                ]
                waiting = made.unmatched(9, f"Nhãn lạ {hostile}", "7\u202e", COMPUTERS)
                found.append(document(name, period, *figures, waiting))
    unread = Finding("unreadable", Place(page=2))
    broken = Processed("2019-Q2/hỏng.pdf", "x", "pdf", "rejected", findings=(unread,))
    return [*found, broken]


def page(out: Path, items: list[Processed], **more: object) -> str:
    coverage, findings = coverage_records(items, CATALOGUE), finding_records(items, CATALOGUE)
    return write_report(out, items, findings, coverage, CATALOGUE, **more).read_text(encoding="utf-8")  # type: ignore[arg-type]


class Tags(HTMLParser):
    """The tags of a page with what they point to, and its text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.links: list[str] = []
        self.handlers: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "action", "data", "poster")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


def test_the_page_says_what_came_in_and_what_waits_in_both_languages(tmp_path: Path):
    source = page(tmp_path, office())
    for told in ("Không đọc được", "Could not be read", "2019-Q2/hỏng.pdf", "Thiếu", "Missing", "Nhãn lạ", "5 dòng"):
        assert told in source
    assert source.index('lang="vi"') < source.index('lang="en"')


def test_no_text_of_a_document_becomes_a_part_of_the_page(tmp_path: Path):
    tags = Tags(page(tmp_path, office()))
    assert tags.names.count("script") == 1 and tags.handlers == []
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in tags.links)
    assert "img" not in tags.names
    assert "\u202e" not in page(tmp_path, office())


def test_the_same_documents_give_the_same_bytes(tmp_path: Path):
    assert page(tmp_path / "a", office()) == page(tmp_path / "b", list(reversed(office())))


def test_a_row_of_a_page_is_shown_as_it_looks_and_one_with_a_contact_is_not(tmp_path: Path):
    asked: list[Wanted] = []

    def pictures(wanted: list[Wanted]) -> dict[Wanted, bytes]:
        asked.extend(wanted)
        return dict.fromkeys(wanted, PNG)

    place = Place(page=2, table=1, row=3, box=(10.0, 20.0, 90.0, 30.0))
    rows = [made.unmatched(order, label, "7") for order, label in ((1, "Số máy in"), (2, "Điện thoại […]"))]
    rows = [replace(one, row=replace(one.row, place=place)) for one in rows]
    value = replace(rows[0].row.value, place=replace(place, box=(95.0, 19.0, 120.0, 31.0)))  # type: ignore[type-var]
    rows[0] = replace(rows[0], row=replace(rows[0].row, value=value))
    source = page(tmp_path, [document("Y tế", "2019-Q1", *rows, format="pdf")], pictures=pictures)
    assert [(one.page, one.box, one.scanned) for one in asked] == [(2, (10.0, 19.0, 120.0, 31.0), False)]
    assert source.count("data:image/png;base64,") == 1


def test_a_page_about_five_hundred_documents_stays_small(tmp_path: Path):
    items = []
    for number in range(500):
        label = f"Nhãn số {number} " + "rất dài " * 200
        items.append(document(f"Sở {number}", "2019-Q1", observed(1, COMPUTERS, number), made.unmatched(2, label, "7")))
    source = page(tmp_path, items)
    assert len(source.encode()) < 2_000_000
    assert "unmatched.xlsx" in source and "300" in source


def test_a_page_about_nothing_is_a_page(tmp_path: Path):
    assert "Chưa có báo cáo nào" in page(tmp_path, [])


def test_numbers_are_printed_as_each_language_does():
    assert (plain_number(1140.5, "vi"), plain_number(1140.5, "en")) == ("1.140,5", "1,140.5")
    assert (plain_number(100.0, "vi"), plain_number(1100, "en")) == ("100", "1,100")
    assert text("a\x00<b>\ud800") == "a\ufffd&lt;b&gt;\ufffd"


# Trends


def trend(indicator: str, items: list[Processed]) -> tuple[tuple[str, ...], tuple[float, ...], int]:
    (found,) = [one for one in find_trends(items, CATALOGUE.indicators) if one.indicator.id == indicator]
    return found.periods, found.values, found.n_agencies


def test_a_trend_is_over_the_agencies_that_are_in_every_period():
    items = [
        document("a", period, observed(1, COMPUTERS, number)) for period, number in (("2019-Q1", 5), ("2019-Q2", 7))
    ]
    items.append(document("b", "2019-Q2", observed(1, COMPUTERS, 1000)))
    assert trend(COMPUTERS, items) == (("2019-Q1", "2019-Q2"), (5, 7), 1)


def test_a_rate_over_agencies_is_made_anew_from_its_parts():
    items = [
        document(name, period, observed(1, STAFF, staff), observed(2, EQUIPPED, equipped), observed(3, RATE, 1))
        for period in ("2019-Q1", "2019-Q2")
        for name, staff, equipped in (("a", 10, 10), ("b", 90, 0))
    ]
    assert trend(RATE, items) == (("2019-Q1", "2019-Q2"), (10.0, 10.0), 2)


def test_one_period_or_two_of_unlike_kinds_are_no_trend():
    items = [document("a", period, observed(1, COMPUTERS, 5)) for period in ("2019-Q1", "2019-07")]
    assert find_trends(items, CATALOGUE.indicators) == []


# In a browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass
class Listener:
    """A server of this machine that writes down what is asked of it."""

    server: http.server.HTTPServer
    asked: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        return self.server.server_port


@pytest.fixture
def listener() -> Iterator[Listener]:
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Listener(server, asked)
    server.shutdown()
    server.server_close()


def browse(folder: Path, address: str, *more: str) -> subprocess.CompletedProcess[str]:
    """What a browser without any network but this machine says of a page."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        pytest.skip("no Chromium is installed")
    command = [browser, "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}"]
    command += ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    command += [
        "--disable-extensions",
        "--disable-features=OptimizationHints,MediaRouter,Translate",
        "--disable-domain-reliability",
    ]
    command += ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    command += ["--enable-logging=stderr", "--virtual-time-budget=3000", *more, address]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


@pytest.mark.slow
def test_a_browser_shows_the_page_without_a_network(tmp_path: Path, listener: Listener):
    page(tmp_path, office(listener.port))
    address = (tmp_path / "report.html").as_uri()
    shot = tmp_path / "page.png"
    told = browse(tmp_path, address + "#en", "--dump-dom")
    browse(tmp_path, address, f"--screenshot={shot}", "--window-size=1280,1800")
    assert listener.asked == []
    assert "CONSOLE" not in told.stderr, told.stderr
    assert re.search(r'<html lang="en"', told.stdout)
    assert "<title>E-government reports at a glance</title>" in told.stdout
    assert shot.stat().st_size > 20_000


@pytest.mark.slow
def test_a_page_that_asks_for_something_or_has_an_error_would_be_noticed(tmp_path: Path, listener: Listener):
    other = f'<img src="http://127.0.0.1:{listener.port}/b"><script>throw new Error("x")</script>'
    (tmp_path / "report.html").write_text(other, encoding="utf-8")
    told = browse(tmp_path, (tmp_path / "report.html").as_uri(), "--dump-dom")
    assert listener.asked == ["/b"]
    assert "CONSOLE" in told.stderr
