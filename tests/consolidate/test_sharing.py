"""What publishing holds of many reports at once."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from consolidate.mappings import open_catalogue, packaged_folder
from consolidate.model import Processed
from consolidate.packed import pack, unpack
from consolidate.reading import done, process
from consolidate.sharing import Pool, shared
from extract.model import Place
from extract.source import open_file
from normalize.model import ListEntry
from tests.consolidate.made import observed, other, processed, unmatched

INBOX = Path(__file__).resolve().parents[2] / "samples" / "inbox"
KINDS = [
    observed(1, "it.computers.total", 7),
    observed(2, "it.computers.share", 1.0),
    observed(3, "web.address", None, text="a.gov.vn"),
    unmatched(4, "Số cán bộ", "12", "it.computers.total"),
    other(5, "ignored", "repeated_header"),
    other(6, "blank"),
]
ENTRY = ListEntry(Place(table=1, row=2), "f1", "systems", "II", "1", (("name", "Hộp thư"), ("units", "3")))


def read_back(item: Processed) -> Processed:
    return unpack(done(item).body, Processed)


@pytest.fixture(scope="module")
def sample() -> Processed:
    path = next(path for path in sorted(INBOX.rglob("*.docx")))
    return process(next(open_file(path, path.name)), open_catalogue(packaged_folder()))


def test_figures_rows_that_wait_and_lists_are_held_as_they_are():
    item = read_back(processed("a.docx", *KINDS, entries=(ENTRY,)))
    held = shared(item, {})
    assert held.report is not None and item.report is not None
    assert held.report.outcomes[:4] == tuple(KINDS[:4])
    assert held.report.entries == (ENTRY,)
    assert replace(held, report=None) == replace(item, report=None)


def test_of_an_ignored_row_is_kept_that_there_is_one_and_why_and_of_a_blank_one_nothing():
    item = read_back(processed("a.docx", *KINDS))
    assert item.report is not None
    assert [one.kind for one in item.report.outcomes] == ["observation"] * 3 + ["unmatched", "ignored"]
    assert item.report.outcomes[-1].reason == "repeated_header" and item.report.outcomes[-1].row.label == ""


def test_a_report_of_an_earlier_program_that_has_blank_rows_is_held_without_them():
    held = shared(unpack(pack(processed("a.docx", *KINDS)), Processed), {})
    assert held.report is not None and held == shared(read_back(processed("a.docx", *KINDS)), {})


def test_one_and_one_point_nought_and_true_stay_what_they_are():
    pool: Pool = {}
    numbers = [1, 1.0, True]
    for number in numbers:
        held = shared(processed("a.docx", observed(1, "it.computers.total", number)), pool)
        assert held.report is not None
        assert type(held.report.outcomes[0].value.number) is type(number)


def test_what_two_reports_say_alike_is_held_once(sample: Processed):
    pool: Pool = {}
    one, two = (shared(read_back(sample), pool) for _ in range(2))
    assert one.report is not None and two.report is not None and one == two
    for first, second in zip(one.report.outcomes, two.report.outcomes, strict=True):
        assert first.row.label is second.row.label and first.row.path is second.row.path
        assert first.match is second.match and first.row.place is second.row.place


def test_a_further_report_takes_a_quarter_of_the_memory_that_it_takes_alone(sample: Processed):
    pool: Pool = {}
    body = done(sample).body
    kept = [shared(unpack(body, Processed), pool)]
    tracemalloc.start()
    try:
        alone = unpack(body, Processed)
        whole = tracemalloc.get_traced_memory()[0]
        del alone
        before = tracemalloc.get_traced_memory()[0]
        kept.append(shared(unpack(body, Processed), pool))
        assert tracemalloc.get_traced_memory()[0] - before < whole / 4
    finally:
        tracemalloc.stop()
