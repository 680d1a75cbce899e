"""What must hold of the catalogue's data files, read with nothing but the csv module."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

MAPPINGS = Path(__file__).resolve().parents[2] / "mappings"
HEADERS = {
    "indicators.csv": "id,label_vi,label_en,unit,value_type,minimum,maximum,aggregation,numerator,denominator",
    "forms.csv": "form_id,title,period_kind,agency_level",
    "lists.csv": "form_id,list_id,caption,position,header,field",
}
FORM_HEADER = "row,section,number,label,unit,target,parent,placeholder"
OTHER_TARGETS = {"heading", "ignore", "agency", "period", "contact"}
VALUE_TYPES = {"count", "percent", "boolean", "level", "decimal", "text", "date", "url"}
# The printed rows of each form, counted by hand: figures, answers in words, headings (captions of blocks not counted).
PRINTED = {
    "f2017": (16, 5, 4),
    "hg2019": (67, 6, 15),
    "tq2019": (154, 13, 66),
    "vp2020": (55, 5, 6),
    "xa2024": (31, 0, 4),
}
# Two annexes go to different agencies, so both may ask for the same figure.
ANNEXED = {"hg2019"}

Line = dict[str, str]


def read(path: str) -> list[Line]:
    with (MAPPINGS / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


INDICATORS = {line["id"]: line for line in read("indicators.csv")}
FORMS = {form["form_id"]: read(f"forms/{form['form_id']}.csv") for form in read("forms.csv")}
ASKED = [(form, row) for form, rows in FORMS.items() for row in rows if row["target"] not in OTHER_TARGETS]


def first_line(row: Line) -> str:
    return row["label"].split("\n")[0].lower()


def levels(text: str) -> str:
    """The level of online service that a label names: "1_2", "3", "4", "3_4", or "" for none."""
    found = sorted(
        {digit for part in re.findall(r"mức độ ([1-4](?:(?:,| và) ?[1-4])*)", text) for digit in part} & set("1234")
    )
    return "_".join(found)


def level_of(form: str, row: Line) -> str:
    """The level that a row names, or else the nearest row above it in the outline that names exactly one."""
    rows = {other["row"]: other for other in FORMS[form]}
    own = levels(first_line(row))
    while not own and row["parent"]:
        row = rows[row["parent"]]
        above = levels(first_line(row))
        own = above if len(above) == 1 else ""
    return own


def levels_above(form: str, row: Line) -> str:
    """The levels that the row directly above in the outline names."""
    return next((levels(first_line(other)) for other in FORMS[form] if other["row"] == row["parent"]), "")


def is_rate(row: Line) -> bool:
    return first_line(row).startswith(("tỷ lệ", "tỉ lệ"))


@pytest.mark.parametrize("path", [*HEADERS, *(f"forms/{form}.csv" for form in FORMS)])
def test_file_is_plain_utf8_csv_with_its_header(path: str) -> None:
    data = (MAPPINGS / path).read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf") and b"\r" not in data and data.endswith(b"\n")
    header = HEADERS.get(path, FORM_HEADER).split(",")
    with (MAPPINGS / path).open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    assert lines[0] == header
    assert {len(line) for line in lines} == {len(header)}


def test_indicator_ids_are_unique_and_well_formed() -> None:
    ids = [line["id"] for line in read("indicators.csv")]
    assert [one for one, times in Counter(ids).items() if times > 1] == []
    assert [one for one in ids if not re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+", one)] == []


def test_indicator_labels_are_unique_in_both_languages() -> None:
    for column in ("label_vi", "label_en"):
        labels = Counter(line[column].lower() for line in INDICATORS.values())
        assert "" not in labels
        assert [label for label, times in labels.items() if times > 1] == []


def test_indicator_range_and_unit_follow_its_value_type() -> None:
    bounds = {"count": ("0", ""), "percent": ("0", "100"), "boolean": ("0", "1"), "text": ("", ""), "url": ("", "")}
    for one, line in INDICATORS.items():
        kind = line["value_type"]
        assert kind in VALUE_TYPES, one
        assert line["aggregation"] in {"sum", "ratio", "any", "none"}, one
        assert (line["unit"] == "%") == (kind == "percent"), one
        assert (line["unit"] == "") == (kind in {"boolean", "level", "text", "url", "date"}), one
        assert (line["minimum"], line["maximum"]) == bounds.get(kind, (line["minimum"], line["maximum"])), one
        if kind == "level":
            assert line["minimum"] == "0" and int(line["maximum"]) > 1, one


def test_ratio_names_both_its_parts_and_nothing_else_names_any() -> None:
    for one, line in INDICATORS.items():
        parts = [line["numerator"], line["denominator"]]
        assert all(parts) if line["aggregation"] == "ratio" else not any(parts), one
        if line["aggregation"] == "ratio":
            assert set(parts) <= INDICATORS.keys() - {one} and parts[0] != parts[1], one
            assert {INDICATORS[part]["aggregation"] for part in parts} == {"sum"}, one


def test_rates_and_answers_in_words_are_never_summed() -> None:
    for one, line in INDICATORS.items():
        if line["value_type"] in {"percent", "level", "text", "url", "date", "boolean"}:
            assert line["aggregation"] != "sum", one


def test_every_target_is_known_and_every_indicator_is_asked_somewhere() -> None:
    assert {row["target"] for _, row in ASKED} == INDICATORS.keys()


@pytest.mark.parametrize("form", FORMS)
def test_rows_have_unique_ids_and_parents_that_stand_above_them_in_their_section(form: str) -> None:
    seen: dict[str, str] = {}
    for row in FORMS[form]:
        assert row["row"] not in seen
        assert row["row"].startswith(row["section"] + ".")
        assert not row["parent"] or seen[row["parent"]] == row["section"]
        seen[row["row"]] = row["section"]


@pytest.mark.parametrize("form", FORMS)
def test_form_never_asks_the_same_indicator_twice_within_an_annex(form: str) -> None:
    asked = Counter(
        (row["section"].split(".")[0] if form in ANNEXED else "", row["target"])
        for other, row in ASKED
        if other == form
    )
    assert [key for key, times in asked.items() if times > 1] == []


@pytest.mark.parametrize("form", FORMS)
def test_a_row_is_known_by_its_path_number_and_label(form: str) -> None:
    """Two rows of a section that agree in label and parent must be told apart by the row before them."""
    before, keys = "", Counter[tuple[str, ...]]()
    for row in FORMS[form]:
        keys[row["section"], row["parent"], before if row["label"].lower() == "tỷ lệ" else "", row["label"]] += 1
        before = row["label"]
    assert [key for key, times in keys.items() if times > 1] == []


@pytest.mark.parametrize("form", FORMS)
def test_numbers_of_printed_rows_are_complete(form: str) -> None:
    words = {one for one, line in INDICATORS.items() if line["value_type"] in {"text", "url"}}
    printed = [row["target"] for row in FORMS[form] if not row["row"].endswith(".h")]
    headings = sum(target in {"heading", "ignore"} for target in printed)
    answers = sum(target in words | {"agency", "period", "contact"} for target in printed)
    assert (len(printed) - headings - answers, answers, headings) == PRINTED[form]


def test_labels_carry_no_bullet_and_numbers_are_numbers() -> None:
    for form, rows in FORMS.items():
        for row in rows:
            where = (form, row["row"])
            assert not row["label"].startswith(("-", "+", " ")) and not row["label"].endswith(" "), where
            assert row["number"] not in {"-", "+"} and row["number"] == row["number"].strip(), where
            assert row["label"] or row["target"].startswith("remarks."), where


def test_service_level_of_a_row_is_the_level_in_its_indicator_id() -> None:
    for form, row in ASKED:
        in_id = re.search(r"level(\d(?:_\d)?)\b", row["target"].replace(".", " "))
        named = level_of(form, row)
        allowed = {named} if named else {"", levels_above(form, row)}
        assert (in_id[1] if in_id else "") in allowed, (form, row["row"])


def test_tier_of_government_is_the_same_for_all_rows_of_an_indicator() -> None:
    tiers = defaultdict(set)
    for form, row in ASKED:
        parents = {other["row"]: other for other in FORMS[form]}
        text = first_line(row) + " " + (first_line(parents[row["parent"]]) if row["parent"] else "")
        tiers[row["target"]].add(frozenset(re.findall(r"cấp (tỉnh|huyện|xã)\b", text)))
    assert {one: found for one, found in tiers.items() if len(found) > 1} == {}


def test_rate_rows_are_percentages_or_ratios_and_totals_are_counts() -> None:
    for form, row in ASKED:
        line, where = INDICATORS[row["target"]], (form, row["row"])
        if is_rate(row):
            assert line["value_type"] == "percent" or line["aggregation"] == "ratio", where
            assert re.search(r"(_|\.)rate\b", row["target"]) or line["value_type"] == "decimal", where
        if row["unit"] == "%":
            assert line["unit"] == "%", where
        if first_line(row).startswith(("tổng số", "số lượng")):
            assert line["value_type"] == "count", where
        if row["unit"].startswith("1/0"):
            assert line["value_type"] == "boolean", where


def test_every_bare_rate_row_is_its_own_indicator_and_follows_its_count() -> None:
    for form, row in ASKED:
        if first_line(row) in {"tỷ lệ", "tỉ lệ"}:
            count = next(other for other in FORMS[form] if other["row"] == row["parent"])
            assert INDICATORS[count["target"]]["value_type"] == "count", (form, row["row"])
            assert row["target"].replace("_rate", "") == count["target"], (form, row["row"])
    bare = [row["target"] for form, row in ASKED if form == "tq2019" and row["label"] == "Tỷ lệ"]
    assert len(bare) == len(set(bare)) == 9


def test_online_direct_and_all_filings_are_kept_apart() -> None:
    kinds = {
        "filings.online": "giải quyết trực tuyến",
        "filings.direct": "xử lý trực tiếp",
        "filings.all": "giải quyết qua",
    }
    for form, row in ASKED:
        kind = ".".join(row["target"].split(".")[:2])
        if kind in kinds and INDICATORS[row["target"]]["value_type"] == "count":
            assert kinds[kind] in first_line(row), (form, row["row"])


def test_time_window_of_a_row_or_of_the_one_above_it_is_the_last_part_of_the_id() -> None:
    windows = {
        "trong quý": "quarter",
        "trong năm": "year_to_date",
        "từ đầu năm": "year_to_date",
        "trong tháng": "month",
    }
    for form, row in ASKED:
        if INDICATORS[row["target"]]["value_type"] != "count":
            continue
        heading = next((first_line(other) for other in FORMS[form] if other["row"] == row["parent"]), "")
        named = {window for text, window in windows.items() if text in first_line(row)}
        named = named or {window for text, window in windows.items() if text in heading}
        assert not named or named == {row["target"].split(".")[-1]}, (form, row["row"])


def test_flows_of_a_monthly_form_are_never_those_of_another_form() -> None:
    endings = {form: {row["target"].split(".")[-1] for other, row in ASKED if other == form} for form in FORMS}
    assert "month" in endings["vp2020"] and not endings["vp2020"] & {"quarter", "year_to_date"}
    assert all("month" not in found for form, found in endings.items() if form != "vp2020")


def test_number_of_services_at_a_level_is_one_indicator_in_every_form_that_asks_it() -> None:
    for level in "34":
        assert {form for form, row in ASKED if row["target"] == f"dvc.level{level}.total"} == {
            "f2017",
            "hg2019",
            "tq2019",
            "vp2020",
        }


def test_list_columns_are_numbered_and_named_once_within_a_list() -> None:
    columns = defaultdict(list)
    for line in read("lists.csv"):
        assert line["form_id"] in FORMS and line["header"] and line["caption"]
        columns[line["form_id"], line["list_id"]].append(line)
    assert len(columns) == 8
    for lines in columns.values():
        assert [line["position"] for line in lines] == [str(n + 1) for n in range(len(lines))]
        assert len({line["field"] for line in lines}) == len({line["header"] for line in lines}) == len(lines)
        assert len({line["caption"] for line in lines}) == 1
