from __future__ import annotations

from pathlib import Path

import pytest

from consolidate.columns import DOCUMENTS, names
from consolidate.csvfile import read_csv
from consolidate.documents import read_run_record, safe_name, write_documents, write_lists, write_run_record
from consolidate.model import Processed, total_counts
from extract.model import Finding, Place
from normalize.model import Form, FormList, ListEntry
from tests.consolidate.made import MESSAGES, observed, other, processed, unmatched

CONTRACT = (
    "source_path,sha256,format,status,reason,reason_vi,form_id,agency_id,agency,province,period,encoding,text_quality,"
    "n_tables,n_rows,n_observations,n_unmatched,n_ignored,superseded_by,seconds"
)
FORMS = {"f1": Form("f1", "", "quarter", "", (), (FormList("f1", "software", "", ("", ""), ("name", "period")),))}


def entry(item_no: str, **values: str) -> ListEntry:
    return ListEntry(Place(page=4, table=5, row=int(item_no)), "f1", "software", "3A", item_no, tuple(values.items()))


def test_the_columns_are_those_promised(tmp_path: Path) -> None:
    write_documents(tmp_path, [], MESSAGES)
    assert (tmp_path / "documents.csv").read_text(encoding="utf-8-sig") == CONTRACT + "\n"
    assert ",".join(names(DOCUMENTS)) == CONTRACT


def test_the_counts_add_up_over_rows_with_a_value(tmp_path: Path) -> None:
    outcomes = [observed(1, "it.computers.total", 1), unmatched(2, "x", "2"), other(3, "ignored"), other(4, "blank")]
    write_documents(tmp_path, [processed("a.docx", *outcomes)], MESSAGES)
    (found,) = read_csv(tmp_path / "documents.csv")
    counts = [found[name] for name in ("n_rows", "n_observations", "n_unmatched", "n_ignored")]
    assert counts == ["3", "1", "1", "1"]


def test_a_rejected_document_says_why(tmp_path: Path) -> None:
    item = Processed("x.bin", "bb", "unknown", "rejected", findings=(Finding("no_data"),))
    write_documents(tmp_path, [processed("a.docx"), item], MESSAGES)
    found = list(read_csv(tmp_path / "documents.csv"))
    assert [one["source_path"] for one in found] == ["a.docx", "x.bin"]
    assert (found[1]["reason"], found[1]["reason_vi"], found[1]["n_rows"]) == ("no_data", "Không có số liệu.", "0")


def test_entries_of_a_list_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    item = processed("a.docx", entries=(entry("1", name="Một cửa", period="tháng"), entry("2", name="=x")))
    (path,) = write_lists(tmp_path, [item], FORMS)
    assert path == tmp_path / "lists" / "software.csv"
    first, second = read_csv(path)
    assert list(first)[:6] == ["source_path", "list_id", "section", "item_no", "name", "entry_period"]
    assert (first["name"], first["entry_period"], first["period"]) == ("Một cửa", "tháng", "2019-Q2")
    assert (second["name"], second["entry_period"], second["row"]) == ("=x", "", "2")


@pytest.mark.parametrize("list_id", ["../up", "a/b", "C:\\x", "con", "NUL", ".hidden", "dịch vụ", "", "a b"])
def test_a_list_never_gets_an_unsafe_file_name(list_id: str) -> None:
    name = safe_name(list_id)
    assert name.startswith("list_")
    assert name.isascii() and not set(name) & set("/\\: ")
    assert safe_name("services") == "services"


def test_the_run_record_reads_back_and_a_broken_one_counts_as_none(tmp_path: Path) -> None:
    assert read_run_record(tmp_path) == {}
    write_run_record(tmp_path, {"version": "1", "files": ["a"]})
    assert read_run_record(tmp_path) == {"version": "1", "files": ["a"]}
    (tmp_path / "run.json").write_text("{")
    assert read_run_record(tmp_path) == {}


def test_totals_are_counted_over_all_documents() -> None:
    items = (
        processed("a.docx", observed(1, "it.computers.total", 1), entries=(entry("1", name="x"),)),
        Processed("b", "bb", "unknown", "rejected"),
    )
    counts = total_counts(items)
    assert (counts["documents"], counts["extracted"], counts["rejected"]) == (2, 1, 1)
    assert (counts["observations"], counts["unmatched"], counts["list_entries"]) == (1, 0, 1)
