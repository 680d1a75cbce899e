"""What a cell says, in every form in which offices write a figure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.model import LOST, Cell, Place
from normalize.catalogue import default_folder, load_catalogue
from normalize.model import Indicator, Value
from normalize.values import looks_numeric, read_value

WORDS = load_catalogue(default_folder()).words


def _read(text: str, kind: str = "count", unit: str = "", **typed: object) -> Value:
    bounds = {"boolean": (0, 1), "level": (0, 2), "percent": (0, 100)}.get(kind, (0, None))
    indicator = Indicator("a.b", "", "", "hồ sơ" if kind == "count" else "", kind, *bounds)
    return read_value(Cell(Place(), text, **typed), indicator, unit, WORDS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("342.628", "count", 342628),
        ("342,628", "count", 342628),
        ("1 234", "count", 1234),
        ("1.234.567", "count", 1234567),
        ("0", "count", 0),
        ("01", "count", 1),
        ("１７", "count", 17),
        ("٤٢", "count", 42),
        ("1.234 hồ sơ", "count", 1234),
        ("51,7", "percent", 51.7),
        ("51,7%", "percent", 51.7),
        ("51.7 %", "percent", 51.7),
        ("8,14", "decimal", 8.14),
        (".5", "decimal", 0.5),
        ("1.234,5", "decimal", 1234.5),
        ("100", "percent", 100),
        ("3,125", "percent", 3.125),
        ("1", "boolean", 1),
        ("x", "boolean", 1),
        ("Có", "boolean", 1),
        ("Chưa", "boolean", 0),
        ("Đã triển khai", "boolean", 1),
        ("2", "level", 2),
    ],
)
def test_a_figure_is_read_as_the_number_it_means(text: str, kind: str, number: float):
    value = _read(text, kind)
    assert (value.number, value.reason) == (number, "")


@pytest.mark.parametrize("text", ["", " ", "-", "–", "…", ".....", "/", "N/A", "…%", "....%", "\n", "___"])
@pytest.mark.parametrize("kind", ["count", "percent", "boolean", "text"])
def test_a_blank_in_any_form_is_no_observation(text: str, kind: str):
    assert _read(text, kind).blank


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("51/KH-STP", "count"),
        ("12/15", "count"),
        ("0207.3822.866", "count"),
        ("01/05/2019", "count"),
        ("17; 19", "count"),
        ("Phòng CNTT", "count"),
        ("5 người", "percent"),
        ("17%", "count"),
        ("3 cấp", "count"),
        ("12 tháng", "count"),
        (f"1{LOST}7", "count"),
        ("10-15", "count"),
        ("1.23.456", "count"),
        ("2", "boolean"),
        ("7", "level"),
        ("51,7", "count"),
    ],
)
def test_what_is_no_such_figure_never_becomes_one(text: str, kind: str):
    value = _read(text, kind)
    assert value.number is None
    assert value.reason


def test_a_word_stands_for_its_code_where_the_unit_explains_the_codes():
    unit = "Chưa = 0\nĐang làm = 1\nHoàn thành = 2"
    assert [_read(word, "level", unit).number for word in ("Chưa", "Đang làm", "hoàn thành")] == [0, 1, 2]
    assert _read("Đã tích hợp", "boolean", "1/0 (1: Đã tích hợp; 0: Chưa tích hợp)").number == 1
    assert _read("Chưa tích hợp", "boolean", "1/0 (1: Đã tích hợp; 0: Chưa tích hợp)").number == 0


def test_a_typed_percentage_is_in_per_cent():
    assert _read("51,7%", "percent", number=0.517, number_format="0.0%").number == 51.7
    assert _read("0,07%", "percent", number=0.0007, number_format="0.00%").number == 0.07


def test_a_fraction_without_a_per_cent_format_is_flagged_and_kept():
    value = _read("0,517", "percent", number=0.517, number_format="General")
    assert (value.number, value.status, value.flags) == (0.517, "U", ("percent_may_be_fraction",))


def test_a_count_typed_with_decimals_goes_to_a_person():
    assert _read("342,628", "count", number=342.628).reason == "value_not_whole"


def test_an_estimate_is_kept_and_marked():
    value = _read("khoảng 30", "count")
    assert (value.number, value.status, value.flags) == (30, "U", ("approximate",))
    assert _read("trên 90%", "percent").flags == ("lower_bound",)


def test_none_arisen_is_zero_with_a_flag():
    value = _read("không phát sinh", "count")
    assert (value.number, value.flags) == (0, ("zero_in_words",))


def test_a_rate_beyond_its_range_is_kept_and_flagged():
    value = _read("101,5", "percent")
    assert (value.number, value.status, value.flags) == (101.5, "U", ("out_of_range",))


def test_an_address_broken_over_lines_is_joined():
    assert _read("http:// sotuphap.tuyenquang.gov\n.vn/", "url").text == "http://sotuphap.tuyenquang.gov.vn/"


def _vietnamese(number: int | float) -> str:
    return f"{number:,}".replace(",", "|").replace(".", ",").replace("|", ".")


@given(st.integers(0, 10**12), st.sampled_from([".", ",", " ", ""]), st.sampled_from(["", " ", "  "]))
def test_a_printed_count_parses_back(number: int, mark: str, space: str):
    assert _read(space + f"{number:,}".replace(",", mark) + space, "count").number == number


@given(st.decimals(0, 100, places=2), st.sampled_from(["", "%", " %"]))
def test_a_printed_percentage_parses_back(number: object, sign: str):
    assert _read(str(number).replace(".", ",") + sign, "percent").number == float(number)  # type: ignore[arg-type]


@given(st.integers(1000, 10**9), st.integers(1, 9))
def test_thousands_with_decimals_parse_back(whole: int, tenth: int):
    number = whole + tenth / 10
    assert _read(_vietnamese(number), "decimal").number == pytest.approx(number)


@given(st.text(max_size=20))
def test_a_number_comes_only_from_digits_or_known_words(text: str):
    value = _read(text, "count")
    if value.number is not None and "zero_in_words" not in value.flags:
        assert any(letter.isdigit() for letter in text)


def test_item_numbers_and_figures_look_numeric_and_words_do_not():
    assert all(map(looks_numeric, ["17", "51,7%", "1.234"]))
    assert not any(map(looks_numeric, ["", "a", "17 người", "51/KH", "IV"]))


def test_a_scanned_figure_that_two_readers_saw_differently_goes_to_a_person():
    assert _read("17", "count", flags=("ocr", "ocr_doubt")).reason == "ocr_doubt"
    assert _read("17", "count", flags=("ocr",)).number == 17


def test_a_figure_of_a_coarse_scan_is_of_low_reliability():
    value = _read("17", "count", flags=("ocr", "ocr_low_resolution"))
    assert (value.number, value.status) == (17, "U")
