"""Periods in the words of reports, as SDMX codes."""

from __future__ import annotations

from datetime import date

import pytest

from normalize.catalogue import default_folder, load_catalogue
from normalize.periods import find_period, first_day, last_day, signed_on

CATALOGUE = load_catalogue(default_folder())


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("PHÁT TRIỂN CHÍNH PHỦ ĐIỆN TỬ QUÝ II NĂM 2017", "2017-Q2"),
        ("Quý II/2019", "2019-Q2"),
        ("quý IV-2019", "2019-Q4"),
        ("Quý 3 năm 2021", "2021-Q3"),
        ("(Kỳ báo cáo tháng: 6/năm 2020)", "2020-06"),
        ("Kỳ báo cáo tháng 6/2020", "2020-06"),
        ("tháng 12 năm 2018", "2018-12"),
        ("Báo cáo 6 tháng đầu năm 2021", "2021-S1"),
        ("Báo cáo 6 tháng cuối năm 2021", "2021-S2"),
        ("9 tháng đầu năm 2022", "2022-01-01/P9M"),
        ("BÁO CÁO NĂM 2018", "2018"),
        ("Qu II/2019", "2019-Q2"),
    ],
)
def test_a_period_in_a_title_is_read(line: str, code: str):
    assert find_period((), (line,), "", "", CATALOGUE).code == code


def test_a_row_that_asks_for_the_period_goes_before_the_title():
    assert find_period(("Quý I/2020",), ("QUÝ II NĂM 2019",), "", "quarter", CATALOGUE).code == "2020-Q1"


def test_the_kind_of_period_of_the_form_goes_before_others():
    lines = ("Căn cứ kế hoạch năm 2019", "số liệu quý IV/2019")
    assert find_period((), lines, "", "quarter", CATALOGUE).code == "2019-Q4"


def test_a_file_name_tells_the_period_when_the_text_does_not():
    assert find_period((), ("Báo cáo",), "2019-Q2/So Tu phap/bc.pdf", "quarter", CATALOGUE).code == "2019-Q2"


def test_a_second_period_of_the_same_kind_is_told():
    period = find_period((), ("QUÝ II NĂM 2019", "so với quý I/2019"), "", "quarter", CATALOGUE)
    assert (period.code, period.others) == ("2019-Q2", ("2019-Q1",))


def test_the_date_of_a_report_is_the_last_resort():
    period = find_period((), ("(kèm theo Báo cáo số 161/BC-UBND ngày 05/3/2024)",), "", "report_date", CATALOGUE)
    assert (period.code, period.from_date) == ("2024-03-05", True)


def test_a_day_and_month_of_a_date_are_no_period():
    assert find_period((), ("Tuyên Quang, ngày 25 tháng 5 năm 2019",), "", "month", CATALOGUE).code == "2019-05-25"


def test_the_day_above_the_signature_is_read_even_with_letters_lost():
    assert signed_on(["Tuyên Quang, ngày 25 tháng 5 n m 2019"], CATALOGUE) == date(2019, 5, 25)
    assert signed_on(["văn bản số 4045/BTTTT-THH ngày 13/11/2019 của Bộ"], CATALOGUE) is None
    assert signed_on(["từ ngày 01/01/2019 đến ngày báo cáo"], CATALOGUE) is None
    assert signed_on(["Hà Nội, ngày 31 tháng 2 năm 2019"], CATALOGUE) is None


@pytest.mark.parametrize(
    ("code", "day"),
    [
        ("2019-Q2", date(2019, 6, 30)),
        ("2020-02", date(2020, 2, 29)),
        ("2021-S2", date(2021, 12, 31)),
        ("2018", date(2018, 12, 31)),
        ("2022-01-01/P9M", date(2022, 9, 30)),
    ],
)
def test_the_last_day_of_a_period(code: str, day: date):
    assert last_day(code) == day


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("BÁO CÁO 6 THÁNG NĂM 2021", "2021-S1"),
        ("Báo cáo sáu tháng đầu năm 2021", "2021-S1"),
        ("Báo cáo nửa đầu năm 2021", "2021-S1"),
        ("Báo cáo 9 tháng năm 2022", "2022-01-01/P9M"),
        ("BÁO CÁO CHÍN THÁNG ĐẦU NĂM 2022", "2022-01-01/P9M"),
        ("BC_Quy2_2019.docx", "2019-Q2"),
        ("2019_quy_II.xlsx", "2019-Q2"),
        ("Bao cao T6.2020.pdf", "2020-06"),
        ("BC 6T 2021", "2021-S1"),
        ("Báo cáo số liệu cả năm 2020", "2020"),
    ],
)
def test_halves_nine_months_and_short_forms_are_read(line: str, code: str):
    period = find_period((), (line,), "", "", CATALOGUE)
    assert (period.code, period.others) == (code, ())


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Số liệu tính từ 01/01/2019 đến ngày 30/6/2019", "2019-S1"),
        ("(từ ngày 01 tháng 4 năm 2019 đến ngày 30 tháng 6 năm 2019)", "2019-Q2"),
        ("tính từ 01/01/2019 đến ngày báo cáo", "2019-01-01/2019-05-25"),
        ("Kỳ báo cáo: từ ngày 15/12/2018 đến ngày 14/6/2019", "2018-12-15/2019-06-14"),
    ],
)
def test_a_span_of_days_is_the_period_where_no_other_is_named(line: str, code: str):
    signed = "Tuyên Quang, ngày 25 tháng 5 năm 2019"
    assert find_period((), (line, signed), "", "quarter", CATALOGUE).code == code
    assert find_period((), ("BÁO CÁO QUÝ III NĂM 2019", line, signed), "", "quarter", CATALOGUE).code == "2019-Q3"


def test_the_title_goes_before_what_stands_above_it():
    lines = ("Căn cứ Công văn về báo cáo quý I/2019", "BÁO CÁO", "Tình hình ứng dụng CNTT quý II năm 2019")
    period = find_period((), lines, "", "quarter", CATALOGUE)
    assert period.code == "2019-Q2" and period.others == ("2019-Q1",)


def test_the_mail_tells_the_period_last_and_disagreement_is_told():
    mail = "Gửi báo cáo quý III/2019"
    found = find_period((), ("Kính gửi",), "bc.docx", "quarter", CATALOGUE, mail, "2019-10-02T08:00:00")
    assert (found.code, found.from_date) == ("2019-Q3", False)
    found = find_period((), ("BÁO CÁO QUÝ II NĂM 2019",), "2019-Q1/bc.docx", "quarter", CATALOGUE, mail)
    assert (found.code, found.others) == ("2019-Q2", ("2019-Q1", "2019-Q3"))
    found = find_period((), ("Kính gửi",), "bc.docx", "quarter", CATALOGUE, "", "2019-10-02T08:00:00")
    assert (found.code, found.from_date, found.signed) == ("2019-10-02", True, None)


def test_a_signing_line_whose_place_lost_its_letters_is_dated():
    assert signed_on(["X, ngày 06 tháng 6 năm 2017"], CATALOGUE) == date(2017, 6, 6)
    assert signed_on(["\N{REPLACEMENT CHARACTER}, ngày 06 tháng 6 năm 2017"], CATALOGUE) == date(2017, 6, 6)
    assert signed_on([", ngày 06 tháng 6 năm 2017"], CATALOGUE) == date(2017, 6, 6)
    assert signed_on(["a, ngày 06 tháng 6 năm 2017 ban hành quy chế, kế hoạch"], CATALOGUE) is None


@pytest.mark.parametrize(
    ("code", "first"),
    [
        ("2019-Q2", date(2019, 4, 1)),
        ("2020-02", date(2020, 2, 1)),
        ("2021-S2", date(2021, 7, 1)),
        ("2018", date(2018, 1, 1)),
        ("2022-01-01/P9M", date(2022, 1, 1)),
        ("2018-12-15/2019-06-14", date(2018, 12, 15)),
    ],
)
def test_the_first_day_of_a_period(code: str, first: date):
    assert first_day(code) == first
