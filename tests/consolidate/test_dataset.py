from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from consolidate.columns import OBSERVATIONS, names
from consolidate.csvfile import read_csv
from consolidate.dataset import observation_ids, read_observations, write_observations
from normalize.model import Outcome
from tests.consolidate.made import INDICATORS, cell, observed, other, processed, row, unmatched

CONTRACT = (
    "observation_id,indicator_id,indicator_label,period,agency_id,agency,agency_level,province,value,value_text,"
    "value_type,unit,obs_status,flags,form_id,section,raw_label,raw_value,raw_unit,note,match_method,match_score,"
    "source_path,source_sha256,page,table,row,source_order"
)


def written(folder: Path, *items: object) -> list[dict[str, str]]:
    write_observations(folder, items, INDICATORS)  # type: ignore[arg-type]
    return list(read_csv(folder / "observations.csv"))


def test_the_columns_are_those_promised(tmp_path: Path) -> None:
    write_observations(tmp_path, [], INDICATORS)
    assert (tmp_path / "observations.csv").read_text(encoding="utf-8-sig") == CONTRACT + "\n"
    assert ",".join(names(OBSERVATIONS)) == CONTRACT
    assert ",".join(pq.read_table(tmp_path / "observations.parquet").column_names) == CONTRACT


def test_one_row_says_what_was_counted_by_whom_and_where_it_stands(tmp_path: Path) -> None:
    item = processed("a.docx", observed(5, "it.computers.share", 51.7))
    (found,) = written(tmp_path, item)
    assert found["value"] == "51.7"
    assert found["indicator_label"] == "Tỷ lệ máy tính"
    assert (found["period"], found["province"], found["agency"]) == ("2019-Q2", "Tuyên Quang", "Sở Tư pháp")
    assert found["section"] == "Mục 2 > Hạ tầng"
    assert (found["page"], found["table"], found["row"], found["source_order"]) == ("2", "3", "5", "5")
    assert (found["obs_status"], found["match_method"], found["match_score"]) == ("A", "exact", "1")


def test_only_observations_are_published_as_such(tmp_path: Path) -> None:
    outcomes = [observed(1, "it.computers.total", 58), unmatched(2, "x", "9"), other(3, "ignored"), other(4, "blank")]
    assert [found["value"] for found in written(tmp_path, processed("a.docx", *outcomes))] == ["58"]


def test_a_text_answer_has_no_number_and_zero_is_a_number(tmp_path: Path) -> None:
    item = processed("a.docx", observed(1, "web.address", None, "=x.gov.vn"), observed(2, "it.computers.total", 0))
    text, zero = written(tmp_path, item)
    assert (text["value"], text["value_text"]) == ("", "=x.gov.vn")
    assert (zero["value"], zero["value_text"]) == ("0", "")


def test_a_provisional_report_marks_its_normal_figures_alone(tmp_path: Path) -> None:
    outcomes = [observed(1, "it.computers.total", 1), observed(2, "it.computers.share", 2, status="U")]
    found = written(tmp_path, processed("a.docx", *outcomes, provisional=True))
    assert [one["obs_status"] for one in found] == ["P", "U"]


def test_flags_of_row_cell_and_value_are_joined_once(tmp_path: Path) -> None:
    outcome = observed(1, "it.computers.total", 1, flags=("ocr", "zero_in_words"))
    flagged = replace(row(1, "x", "1"), value=cell("1", 1, flags=("ocr",)), flags=("fill_in",))
    item = processed("a.docx", Outcome(flagged, outcome.match, outcome.value, "observation"))
    assert written(tmp_path, item)[0]["flags"] == "fill_in;ocr;zero_in_words"


def test_rows_come_by_period_and_path_whatever_the_order_of_documents(tmp_path: Path) -> None:
    items = [
        processed("b.docx", observed(2, "it.computers.total", 3), observed(1, "it.computers.share", 2)),
        processed("c.docx", observed(1, "it.computers.total", 1), period="2018"),
        processed("a.docx", observed(1, "it.computers.total", 9)),
    ]
    found = written(tmp_path / "one", *items)
    assert [one["value"] for one in found] == ["1", "9", "2", "3"]
    written(tmp_path / "two", *reversed(items))
    first, second = ((tmp_path / name / "observations.csv").read_bytes() for name in ("one", "two"))
    assert first == second


def test_ids_depend_on_content_and_place_alone() -> None:
    outcomes = [observed(1, "it.computers.total", 1), unmatched(2, "x", "2"), observed(3, "it.computers.share", 3)]
    changed = [observed(1, "it.computers.share", 1), observed(2, "it.computers.total", 2), unmatched(3, "y", "3")]
    assert observation_ids("aa", outcomes) == observation_ids("aa", changed)
    assert not set(observation_ids("aa", outcomes)) & set(observation_ids("bb", outcomes))


def test_two_values_at_one_place_have_two_ids() -> None:
    same = cell("17 and 4", 9)
    outcomes = [
        Outcome(replace(row(order, "x", ""), value=same, place=same.place), one.match, one.value, "observation")
        for order, one in enumerate([observed(1, "it.computers.total", 17), observed(2, "it.computers.share", 4)])
    ]
    assert len(set(observation_ids("aa", outcomes))) == 2


def test_the_parquet_twin_holds_the_same_rows_with_types_and_text_verbatim(tmp_path: Path) -> None:
    item = processed("a.docx", observed(1, "web.address", None, "=1+1"), observed(2, "it.computers.total", 58))
    table = written(tmp_path, item)
    twin = pd.read_parquet(tmp_path / "observations.parquet")
    assert twin["value_text"].tolist() == ["=1+1", ""]
    assert twin["value"].isna().tolist() == [True, False]
    assert twin["value"].dtype == "float64"
    assert twin["source_order"].tolist() == [1, 2]
    assert twin["observation_id"].tolist() == [row["observation_id"] for row in table]


def test_the_parquet_twin_keeps_what_is_missing_and_the_letters_of_every_row(tmp_path: Path) -> None:
    outcomes = [observed(order, "it.computers.total", order if order % 3 else None, "đ" * order) for order in range(30)]
    item = processed("a.docx", *outcomes)
    written(tmp_path, item)
    twin = read_observations(tmp_path)
    assert twin["value"].isna().tolist() == [order % 3 == 0 for order in range(30)]
    assert twin["value"].dropna().tolist() == [order for order in range(30) if order % 3]
    assert twin["value_text"].tolist() == ["đ" * order for order in range(30)]
    assert twin["value_text"].isna().sum() == 0


def test_a_parquet_file_is_the_same_each_time(tmp_path: Path) -> None:
    item = processed("a.docx", observed(1, "web.address", None, "=1+1"), observed(2, "it.computers.total", 58))
    written(tmp_path / "one", item)
    written(tmp_path / "two", item)
    first, second = ((tmp_path / name / "observations.parquet").read_bytes() for name in ("one", "two"))
    assert first == second


def test_the_twin_holds_texts_as_they_were_whatever_a_spreadsheet_makes_of_them(tmp_path: Path) -> None:
    texts = [
        "=1+1",
        "'=1",
        "''@x",
        "-5",
        "'-5",
        "- gạch",
        "＝A1",
        "\tđầu",
        'a "b", c',
        "hai\r\ndòng",
        "",
        " ",
        "'",
        "1",
    ]
    outcomes = [observed(order, "web.address", None, text) for order, text in enumerate(texts, start=1)]
    written(tmp_path, processed("a.docx", *outcomes))
    twin = pq.read_table(tmp_path / "observations.parquet")
    assert twin["value_text"].to_pylist() == texts
    assert twin["value"].null_count == len(texts) and twin["raw_label"].null_count == 0


def test_the_twin_holds_numbers_to_the_last_bit(tmp_path: Path) -> None:
    numbers = [0, 58, -3, 0.1 + 0.2, 1e16, 2**53 + 2, 1e-7, 51.7]
    outcomes = [observed(order, "it.computers.total", number) for order, number in enumerate(numbers, start=1)]
    written(tmp_path, processed("a.docx", *outcomes))
    assert pq.read_table(tmp_path / "observations.parquet")["value"].to_pylist() == [float(one) for one in numbers]
