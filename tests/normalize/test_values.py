"""What a cell says, in every form in which offices write a figure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.model import LOST, Cell, Place
from normalize.catalogue import default_folder, load_catalogue
from normalize.model import Indicator, Value
from normalize.numbers import decimal_mark
from normalize.values import looks_numeric, read_value

CATALOGUE = load_catalogue(default_folder())
WORDS = CATALOGUE.words


OWN_UNIT = {"count": "hồ sơ", "decimal": "Mbps"}


def _read(text: str, kind: str = "count", unit: str = "", mark: str = "", **typed: object) -> Value:
    bounds = {"boolean": (0, 1), "level": (0, 2), "percent": (0, 100)}.get(kind, (0, None))
    indicator = Indicator("a.b", "", "", OWN_UNIT.get(kind, ""), kind, *bounds)
    return read_value(Cell(Place(), text, **typed), indicator, unit, WORDS, mark)  # type: ignore[arg-type]


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
        ("1\u00a0234", "count", 1234),
        ("1\u2009234\u2009567", "count", 1234567),
        ("1\u202f234", "count", 1234),
        ("1’234", "count", 1234),
        ("\u200b58", "count", 58),
        ("１，５", "decimal", 1.5),
        ("٣٫٥", "decimal", 3.5),
        ("100 ％", "percent", 100),
        ("51,7 phần trăm", "percent", 51.7),
        ("-5", "percent", -5),
        ("−5", "percent", -5),
        ("(-5)", "percent", -5),
        ("Tổng số: 12 hồ sơ", "count", 12),
        ("Đạt 95%", "percent", 95),
        ("1.500.000 đồng", "count", 1500000),
        ("✓", "boolean", 1),
        ("[x]", "boolean", 1),
        ("☐", "boolean", 0),
        ("1 (Có)", "boolean", 1),
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
        ("51/2019", "count"),
        ("15/12", "count"),
        ("05/12", "count"),
        ("3/0", "count"),
        ("1/0", "boolean"),
        ("0912345678", "count"),
        ("+84 912 345 678", "count"),
        ("1.5.2019", "count"),
        ("(5)", "count"),
        ("O", "count"),
        ("l", "count"),
        ("I.", "count"),
        ("0 (Có)", "boolean"),
        ("Có: 5; Không: 3", "boolean"),
        ("17 (đạt 95%)", "count"),
        ("12/15 (85%)", "percent"),
        ("12 34", "count"),
        ("#DIV/0!", "count"),
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


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("17; 19", "value_several"),
        ("17\n19", "value_several"),
        ("3\n150", "value_several"),
        ("3\t150", "value_several"),
        ("12 + 5", "value_several"),
        ("đi: 12; đến: 15", "value_several"),
        ("10-15", "value_range"),
        ("10 – 15 hồ sơ", "value_range"),
        ("từ 10 đến 15", "value_range"),
        ("khoảng 10 - 15", "value_range"),
        ("01/05/2019", "value_is_date"),
    ],
)
def test_a_person_is_told_why_a_cell_with_figures_gives_none(text: str, reason: str):
    assert (_read(text).number, _read(text).reason) == (None, reason)
    assert reason in CATALOGUE.messages


@pytest.mark.parametrize(
    ("text", "kind", "number", "flag"),
    [
        ("12/15", "count", 12, "part_of_whole"),
        ("12/15 hồ sơ", "count", 12, "part_of_whole"),
        ("12/15 (80%)", "count", 12, "part_of_whole"),
        ("12/15", "percent", 80, "rate_from_parts"),
        ("80% (12/15)", "percent", 80, "rate_from_parts"),
        ("7/12 (58,3 %)", "percent", 58.3, "rate_from_parts"),
        ("khoảng 30", "count", 30, "approximate"),
        ("~ 30", "count", 30, "approximate"),
        ("trên 90%", "percent", 90, "lower_bound"),
        ("≥ 95", "percent", 95, "lower_bound"),
        ("từ 90% trở lên", "percent", 90, "lower_bound"),
        ("30+", "count", 30, "lower_bound"),
        ("không quá 5", "count", 5, "upper_bound"),
        ("1O5", "count", 105, "letter_for_digit"),
        ("l2", "count", 12, "letter_for_digit"),
        ("5I,7%", "percent", 51.7, "letter_for_digit"),
        ("1.O00 hồ sơ", "count", 1000, "letter_for_digit"),
        ("45 (1)", "count", 45, "remark_beside"),
        ("17 (cả cấp xã)", "count", 17, "remark_beside"),
        ("Có, tại trang của sở", "boolean", 1, "remark_beside"),
        ("Chưa (đang làm)", "boolean", 0, "remark_beside"),
    ],
)
def test_a_figure_that_takes_a_guess_is_of_low_reliability(text: str, kind: str, number: float, flag: str):
    value = _read(text, kind)
    assert (value.number, value.status, value.reason) == (number, "U", "")
    assert flag in value.flags and flag in CATALOGUE.messages


@pytest.mark.parametrize("text", ["45*", "45 (*)", "45¹", "45 ²", "45**"])
def test_a_footnote_mark_is_no_part_of_the_figure(text: str):
    value = _read(text)
    assert (value.number, value.status, value.flags) == (45, "A", ("footnote_mark",))


@pytest.mark.parametrize(
    ("text", "kind", "unit", "number"),
    [
        ("1,5 nghìn hồ sơ", "count", "", 1500),
        ("2", "count", "nghìn hồ sơ", 2000),
        ("1,5", "count", "Nghìn hồ sơ", 1500),
        ("2", "decimal", "Gbps", 2000),
        ("2 Gbps", "decimal", "", 2000),
        ("512 Kbps", "decimal", "Mbps", 0.512),
    ],
)
def test_multiples_of_the_unit_are_brought_to_it(text: str, kind: str, unit: str, number: float):
    value = _read(text, kind, unit)
    assert (value.number, value.flags) == (number, ("unit_scaled",))


@pytest.mark.parametrize(
    ("text", "asked", "unit", "number"),
    [
        ("1,5 triệu đồng", "đồng", "", 1500000),
        ("1,5 triệu đồng", "triệu đồng", "", 1.5),
        ("1,5 tỷ đồng", "triệu đồng", "", 1500),
        ("1,5 tỷ", "triệu đồng", "triệu đồng", 1500),
        ("250", "triệu đồng", "Triệu đồng", 250),
        ("250", "triệu đồng", "nghìn đồng", 0.25),
    ],
)
def test_money_comes_in_the_unit_of_its_indicator(text: str, asked: str, unit: str, number: float):
    value = read_value(Cell(Place(), text), Indicator("a.b", "", "", asked, "decimal"), unit, WORDS)
    assert value.number == number


def test_a_unit_that_only_begins_like_a_multiple_changes_nothing():
    assert [_read("5", "count", unit).number for unit in ("Tỷ lệ", "Trạm", "Chức danh")] == [5, 5, 5]


@pytest.mark.parametrize(
    ("text", "kind", "mark", "number", "flags"),
    [
        ("342,628", "count", "", 342628, ()),
        ("342,628", "count", ".", 342628, ()),
        ("342,628", "count", ",", 342628, ("separator_unsure",)),
        ("1.234", "decimal", ",", 1234, ()),
        ("1,234", "decimal", ",", 1.234, ()),
        ("1.234", "decimal", "", 1234, ("separator_unsure",)),
        ("1,234", "decimal", "", 1.234, ("separator_unsure",)),
        ("0.234", "decimal", ",", 0.234, ()),
    ],
)
def test_a_sign_between_digits_is_read_by_the_unit_and_the_habit_of_the_document(
    text: str, kind: str, mark: str, number: float, flags: tuple[str, ...]
):
    value = _read(text, kind, mark=mark)
    assert (value.number, value.flags, value.status) == (number, flags, "U" if flags else "A")


def test_the_habit_of_a_document_is_told_by_figures_with_one_reading():
    assert decimal_mark(["342.628", "51,7%", "100"]) == ","
    assert decimal_mark(["342,628", "51.7 %", "1,234.5"]) == "."
    assert decimal_mark(["1.234.567"]) == ","
    assert decimal_mark(["342.628", "1,234", "58", "05/07/2019", "12.05.2019"]) == ""
    assert decimal_mark(["51,7", "51.8"]) == ""


def test_none_of_what_is_counted_is_zero_in_any_wording():
    for text in (
        "Không có",
        "Không có hồ sơ",
        "không có hồ sơ nào",
        "Không phát sinh hồ sơ",
        "Chưa có",
        "0 hồ sơ",
        "Không phát sinh trong kỳ",
    ):
        assert _read(text).number == 0, text
    assert _read("Không có", "percent").number is None
    assert _read("Không có mạng").number is None
    assert _read("Chưa có số liệu").blank


def test_a_typed_date_or_percentage_is_no_count():
    assert _read("12-thg 5", "count", number_format="d-mmm").reason == "value_is_date"
    assert _read("12/5", "count", number_format="d/m").reason == "value_is_date"
    assert _read("17%", "count", number=0.17, number_format="0%").number is None
    assert _read("17", "count", number=17, number_format='#,##0 "hồ sơ"').number == 17


def test_a_typed_one_where_a_percentage_is_asked_may_be_all_of_it():
    assert _read("1", "percent", number=1, number_format="General").flags == ("percent_may_be_fraction",)


def test_a_level_is_understood_by_its_word_and_by_code_and_word():
    unit = "Chưa = 0, Đang làm = 1, Hoàn thành = 2"
    assert [_read(text, "level", unit).number for text in ("Đã hoàn thành", "2 - Hoàn thành", "1 (Đang làm)")] == [
        2,
        2,
        1,
    ]
    assert _read("2 - Chưa", "level", unit).reason == "value_several"
    assert _read("Chưa hoàn thành", "level", unit).number is None
    assert _read("2", "level", "Chưa = 0, Có = 1").reason == "value_out_of_range"


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


AROUND = st.sampled_from(
    ["{}", " {} ", "{} hồ sơ", "{}*", "{} (1)", "khoảng {}", "≥ {}", "trên {}", "Tổng số: {}", "{} trở lên", "{}."]
)


@given(st.integers(0, 10**12), st.sampled_from([".", ",", " ", "\u00a0", "\u2009", "’", ""]), AROUND)
def test_a_count_in_any_form_parses_back(number: int, mark: str, around: str):
    assert _read(around.format(f"{number:,}".replace(",", mark)), "count").number == number


@given(st.integers(0, 10**9), st.sampled_from(["Oo", "oO"]), st.sampled_from(["lI", "I|"]))
def test_letters_typed_for_some_digits_parse_back_and_are_marked(number: int, zero: str, one: str):
    digits = str(number)
    typed = digits[:1] + digits[1:].replace("0", zero[0]).replace("1", one[0])
    value = _read(typed)
    assert value.number == number
    assert ("letter_for_digit" in value.flags) == (typed != digits)


@given(st.integers(0, 5000), st.integers(1, 5000), st.sampled_from(["{}/{}", "{} / {}", "{}/{} hồ sơ"]))
def test_a_part_of_a_whole_gives_the_part_or_the_share_or_nothing(part: int, whole: int, form: str):
    text = form.format(part, whole)
    if part <= whole and whole not in range(1900, 2101):
        assert _read(text, "count").number == part
        if "hồ sơ" not in text:
            assert _read(text, "percent").number == pytest.approx(100 * part / whole)
    else:
        assert _read(text, "count").number is None


@given(
    st.integers(1, 999),
    st.integers(1, 999),
    st.sampled_from(["{}-{}", "{} – {}", "{}; {}", "{}\n{}", "{} và {}", "{} + {}"]),
)
def test_two_figures_in_a_cell_never_become_one(first: int, second: int, form: str):
    assert _read(form.format(first, second)).number is None


@given(st.from_regex(r"[0-9]{1,4}/(QĐ|KH|BC|UBND)-[A-Z]{2,5}", fullmatch=True) | st.dates().map("{:%d/%m/%Y}".format))
def test_numbers_of_documents_and_dates_are_no_figures(text: str):
    assert {_read(text, kind).number for kind in ("count", "percent", "decimal", "boolean", "level")} == {None}


@given(st.integers(10**8, 10**9 - 1), st.sampled_from(["0{}", "0{:,}", "+84{}"]), st.sampled_from([".", " ", ""]))
def test_telephone_numbers_are_no_figures(number: int, form: str, mark: str):
    assert _read(form.format(number).replace(",", mark)).number is None


@given(st.floats(0, 1, exclude_min=True).map(lambda share: round(share, 4)))
def test_a_typed_share_with_a_percent_format_parses_back(share: float):
    shown = f"{share * 100:.2f}%".replace(".", ",")
    assert _read(shown, "percent", number=share, number_format="0.00%").number == pytest.approx(share * 100)


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
