"""Periods in the words of reports, as SDMX codes."""

from __future__ import annotations

from datetime import date

import pytest

from normalize.catalogue import default_folder, load_catalogue
from normalize.periods import find_period, last_day, signed_on

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
