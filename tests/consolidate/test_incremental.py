"""Runs into the same folder: only what has changed is done again, and what comes out is the same as from nothing."""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from consolidate import versions
from consolidate.compare import diff
from consolidate.csvfile import read_csv
from consolidate.kept_lines import compressed_lines
from consolidate.mappings import open_catalogue, packaged_folder
from consolidate.model import Processed, RunOptions, RunResult
from consolidate.packed import unpack
from consolidate.pipeline import run
from consolidate.reading import Task, work
from consolidate.republish import publish_again
from extract import read as readers
from extract.source import make_source
from run_pipeline import main
from samples.fill import made_up
from samples.form import Head, load_form
from samples.office import docx_of, xlsx_of

FINANCE = Head("Sở Tài chính", "department", "Vĩnh Phúc", "2017-Q2", authority="UBND tỉnh Vĩnh Phúc")
JUSTICE = Head("Sở Tư pháp", "department", "Vĩnh Phúc", "2017-Q2", authority="UBND tỉnh Vĩnh Phúc")
JUNE = Head("Sở Y tế", "department", "Vĩnh Phúc", "2020-06", authority="UBND tỉnh Vĩnh Phúc")
HEALTH = Head("Sở Y tế", "department", "Vĩnh Phúc", "2017-Q2", authority="UBND tỉnh Vĩnh Phúc")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three reports, one of them as a workbook, and a file that is no report."""
    folder = tmp_path_factory.mktemp("made")
    form = load_form("f2017")
    docx_of(form, made_up("f2017", FINANCE, 1), folder / "tai-chinh.docx")
    docx_of(form, made_up("f2017", JUSTICE, 2), folder / "tu-phap.docx")
    xlsx_of(form, made_up("f2017", HEALTH, 3), folder / "y-te.xlsx")
    (folder / "a.bin").write_bytes(b"\x00\x01\x02")
    return folder


@pytest.fixture
def inbox(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "inbox"))


@pytest.fixture
def mappings(tmp_path: Path) -> Path:
    return Path(shutil.copytree(packaged_folder(), tmp_path / "mappings"))


def read(inbox: Path, out: Path, mappings: Path | None = None, **more: object) -> RunResult:
    folder = mappings or packaged_folder()
    return run(RunOptions(inbox, out, folder, **more), open_catalogue(folder))  # type: ignore[arg-type]


def contents(out: Path, *without: str) -> dict[str, bytes]:
    """The bytes of every file that is published; run.json holds times."""
    found = {path.relative_to(out).as_posix(): path for path in out.rglob("*") if path.is_file()}
    return {
        name: path.read_bytes()
        for name, path in found.items()
        if name not in ("run.json", *without) and not name.startswith(".store")
    }


def changes(out: Path) -> list[dict[str, str]]:
    return list(read_csv(out / "changes.csv"))


def fingerprints(out: Path) -> dict[str, tuple[int, bytes]]:
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in out.iterdir() if path.is_file()}


def test_a_run_over_an_unchanged_inbox_reads_nothing_and_leaves_every_file_alone(inbox: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = read(inbox, out)
    before = fingerprints(out)
    second = read(inbox, out)
    assert (first.work["read"], second.work["read"], second.work["matched"]) == (3, 0, 0)
    assert second.unchanged_since and not first.unchanged_since
    assert second.counts == first.counts
    assert fingerprints(out) == before


def test_a_file_that_someone_changed_in_the_output_is_written_again(inbox: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    read(inbox, out)
    before = contents(out)
    (out / "observations.csv").write_text("spoilt")
    (out / "consolidated.xlsx").unlink()
    assert read(inbox, out).work["read"] == 0
    assert contents(out) == before


def test_a_new_file_is_read_alone_and_its_figures_are_listed(inbox: Path, tmp_path: Path) -> None:
    out, fresh = tmp_path / "out", tmp_path / "fresh"
    late = inbox / "y-te.xlsx"
    data = late.read_bytes()
    late.unlink()
    read(inbox, out)
    assert changes(out) == []
    late.write_bytes(data)
    result = read(inbox, out)
    read(inbox, fresh)
    assert (result.work["read"], result.work["kept"]) == (1, 3)
    assert {(row["change"], row["cause"], row["agency"]) for row in changes(out)} == {("added", "new_file", "Sở Y tế")}
    assert contents(out, "changes.csv", "datapackage.json") == contents(fresh, "changes.csv", "datapackage.json")


def test_a_file_that_is_gone_takes_its_figures_along_and_that_is_told(inbox: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    read(inbox, out)
    (inbox / "tu-phap.docx").unlink()
    read(inbox, out)
    told = changes(out)
    assert {(row["change"], row["cause"], row["agency"]) for row in told} == {("removed", "file_removed", "Sở Tư pháp")}
    assert all(row["before"] and not row["after"] for row in told)


def test_a_report_sent_again_changes_its_figures_as_a_resubmission(inbox: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    read(inbox, out)
    again = inbox / "tai-chinh (sua).docx"
    docx_of(load_form("f2017"), made_up("f2017", FINANCE, 5), again)
    later = (inbox / "tai-chinh.docx").stat().st_mtime + 7200
    os.utime(again, (later, later))
    read(inbox, out)
    told = changes(out)
    assert {row["cause"] for row in told} == {"resubmission"}
    assert {row["agency"] for row in told} == {"Sở Tài chính"}
    assert {row["source_path"] for row in told if row["change"] == "changed"} == {"tai-chinh (sua).docx"}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The files that are opened while tasks are handed out."""
    from consolidate import pipeline

    names: list[str] = []
    supply = pipeline._supply

    def watched(*arguments: object) -> Iterator[object]:
        for task in supply(*arguments):  # type: ignore[arg-type]
            if not task.document:
                names.append(task.source.source_path)
            yield task

    monkeypatch.setattr(pipeline, "_supply", watched)
    yield names


def test_a_changed_mapping_matches_stored_documents_without_opening_them(
    inbox: Path, tmp_path: Path, mappings: Path, opened: list[str]
) -> None:
    out = tmp_path / "out"
    read(inbox, out, mappings)
    shutil.copytree(out, tmp_path / "before", ignore=shutil.ignore_patterns(".store"))
    opened.clear()
    form = mappings / "forms" / "f2017.csv"
    lines = form.read_text(encoding="utf-8-sig").splitlines()
    at = next(number for number, line in enumerate(lines) if ",procedures.total," in line)
    lines[at] = lines[at].replace(",procedures.total,", ",ignore,")
    form.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    result = read(inbox, out, mappings)
    assert (result.work["read"], result.work["matched"], opened) == (0, 3, [])
    told = changes(out)
    assert {(row["change"], row["cause"], row["indicator_id"]) for row in told} == {
        ("removed", "mapping_change", "procedures.total")
    }
    found = list(diff(tmp_path / "before", out))
    assert [(one.kind, one.cause, one.agency) for one in found] == [
        (row["change"], row["cause"], row["agency_id"]) for row in told
    ]
    fresh = tmp_path / "fresh"
    read(inbox, fresh, mappings)
    assert contents(out, "changes.csv") == contents(fresh, "changes.csv")


def changed(path: Path, old: str, new: str) -> None:
    """Change a file of mappings as an analyst does."""
    text = path.read_text(encoding="utf-8-sig")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("name", "old", "new", "matched"),
    [
        ("forms/vp2020.csv", ",digital_signatures.issued,", ",ignore,", 1),
        ("forms/f2017.csv", ",filings.direct.level3.year_to_date,", ",ignore,", 3),
        ("indicators.csv", "Incoming documents in the month, total", "Documents in", 1),
        ("messages.csv", "no_data,", "no_data,X ", 0),
        ("forms/f2017.csv", "Tổng số DVCTT mức độ 3,", "Tổng số DVCTT cấp độ 3,", 4),
        ("vocabulary.csv", "", "\ufeff", 4),
    ],
)
def test_only_reports_that_a_change_can_touch_are_matched_again(
    inbox: Path, tmp_path: Path, mappings: Path, name: str, old: str, new: str, matched: int
) -> None:
    out, fresh = tmp_path / "out", tmp_path / "fresh"
    docx_of(load_form("vp2020"), made_up("vp2020", JUNE, 4), inbox / "thang-6.docx")
    read(inbox, out, mappings)
    if old:
        changed(mappings / name, old, new)
    else:
        with (mappings / name).open("a", encoding="utf-8") as file:
            file.write("agency_before,nơi gửi nào đó,\n")
    assert read(inbox, out, mappings).work["matched"] == matched
    read(inbox, fresh, mappings)
    assert contents(out, "changes.csv") == contents(fresh, "changes.csv")


def test_a_changed_reader_reads_its_own_format_again(
    inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    read(inbox, out)
    monkeypatch.setitem(readers.READERS, "xlsx", ("xlsx", 99))
    result = read(inbox, out)
    assert (result.work["read"], result.work["matched"], result.work["kept"]) == (1, 0, 3)


def test_a_changed_program_matches_again(inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    read(inbox, out)
    monkeypatch.setattr(versions, "program_version", lambda: "later")
    result = read(inbox, out)
    assert (result.work["read"], result.work["matched"]) == (0, 3)


def test_force_reads_everything_and_changes_nothing(inbox: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    read(inbox, out)
    before = contents(out)
    assert read(inbox, out, force=True).work["read"] == 3
    assert contents(out) == before


def test_a_period_is_done_again_alone_and_the_others_stay(inbox: Path, tmp_path: Path, mappings: Path) -> None:
    out = tmp_path / "out"
    docx_of(load_form("vp2020"), made_up("vp2020", JUNE, 4), inbox / "thang-6.docx")
    read(inbox, out, mappings)
    before = {row["observation_id"]: row for row in read_csv(out / "observations.csv")}
    assert {row["period"] for row in before.values()} == {"2017-Q2", "2020-06"}
    for form_id in ("f2017", "vp2020"):
        form = mappings / "forms" / f"{form_id}.csv"
        text = form.read_text(encoding="utf-8-sig")
        assert ",dvc.level4.total," in text
        form.write_text(text.replace(",dvc.level4.total,", ",ignore,"), encoding="utf-8-sig")
    result = read(inbox, out, mappings, periods=("2020-06",))
    assert (result.work["matched"], result.other_periods) == (1, 0)
    after = {row["observation_id"] for row in read_csv(out / "observations.csv")}
    gone = [before[name] for name in before.keys() - after]
    assert {(row["period"], row["indicator_id"]) for row in gone} == {("2020-06", "dvc.level4.total")}


def test_the_file_time_alone_makes_no_new_figures(inbox: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    read(inbox, out)
    before = contents(out)
    os.utime(inbox / "tu-phap.docx", (1_500_000_000, 1_500_000_000))
    result = read(inbox, out)
    assert result.work["read"] == result.work["matched"] == 0
    assert contents(out) == before


def test_what_is_published_can_be_published_again_without_the_inbox(inbox: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    read(inbox, out)
    before = contents(out)
    shutil.rmtree(inbox)
    for path in out.glob("[!.]*.*"):
        path.unlink()
    assert publish_again(out, out)
    assert contents(out) == before
    assert json.loads((out / "run.json").read_text(encoding="utf-8"))["counts"]["extracted"] == 3


def test_the_dataset_of_an_earlier_day_comes_back_byte_for_byte(
    inbox: Path, tmp_path: Path, mappings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    read(inbox, out, mappings)
    first = contents(out)
    _put_back(out, "2020-01-31T10:00:00+00:00")
    (inbox / "tu-phap.docx").unlink()
    form = mappings / "forms" / "f2017.csv"
    text = form.read_text(encoding="utf-8-sig")
    form.write_text(text.replace(",procedures.total,", ",ignore,"), encoding="utf-8-sig")
    read(inbox, out, mappings)
    assert contents(out) != first
    assert main(["as-of", "2020-02-15", str(out), "--to", str(tmp_path / "then")]) == 0
    assert contents(tmp_path / "then") == first
    assert main(["as-of", "2020-01-01", str(out), "--to", str(tmp_path / "never")]) == 2
    capsys.readouterr()
    assert main(["diff", str(out), "--runs", "1", "2", "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert "file no longer in the inbox" in told and "mappings or decisions changed" in told


def _put_back(out: Path, when: str) -> None:
    """Date the last run of a store."""
    import sqlite3

    with sqlite3.connect(out / ".store" / "tonghop.sqlite") as connection:
        connection.execute("UPDATE runs SET finished = ?", (when,))
    connection.close()


def test_a_figure_is_traced_to_its_report_and_the_decision_behind_it(
    inbox: Path, tmp_path: Path, mappings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    read(inbox, out, mappings)
    row = next(row for row in read_csv(out / "observations.csv") if row["indicator_id"] == "procedures.total")
    capsys.readouterr()
    assert main(["trace", str(out), row["observation_id"], "--lang", "en", "--mappings", str(mappings)]) == 0
    told = capsys.readouterr().out
    assert row["source_path"] in told and row["source_sha256"] in told and "docx/" in told
    assert main(["trace", str(out), "0" * 20]) == 2


def test_periods_can_be_named_from_one_to_another(capsys: pytest.CaptureFixture[str]) -> None:
    from consolidate.arguments import parser

    def periods(*texts: str) -> list[str]:
        arguments = [part for text in texts for part in ("--period", text)]
        return list(parser().parse_args(["run", "in", "--out", "out", *arguments]).period)

    assert periods("2018-Q4..2019-Q2") == ["2018-Q4", "2019-Q1", "2019-Q2"]
    assert periods("2019-11..2020-01", "2018") == ["2019-11", "2019-12", "2020-01", "2018"]
    assert periods("2018..2019", "2020-S1") == ["2018", "2019", "2020-S1"]
    for wrong in ("2019-Q3..2019-05", "2019-Q3..2019-Q1", "2019-Q5", "2019-Q1.."):
        with pytest.raises(SystemExit):
            periods(wrong)


def test_lines_made_where_a_report_is_matched_are_those_that_publishing_makes(made: Path) -> None:
    catalogue = open_catalogue(packaged_folder())
    for path in sorted(made.glob("*.*x")):
        (found,) = work(Task(make_source(path.name, path.read_bytes(), 0.0)), catalogue)
        stored = unpack(found.body, Processed)
        assert zlib.decompress(found.lines).decode().count("\n") > 10
        assert found.lines == compressed_lines(stored, catalogue.indicators)
