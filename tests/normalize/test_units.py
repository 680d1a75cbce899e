from __future__ import annotations

import time

import pytest

from normalize.catalogue import default_folder, load_catalogue
from normalize.places import find_province, province_as_of, province_on
from normalize.units import Register, same_name, successor, valid_on

CATALOGUE = load_catalogue(default_folder())
REGISTERS = {"P": CATALOGUE.provinces, "D": CATALOGUE.districts, "C": CATALOGUE.communes}
BEFORE, AFTER = "2025-06-30", "2025-07-01"


@pytest.mark.parametrize(
    ("level", "before", "after"), [("P", 63, 34), ("D", 696, 0), ("C", 10035, 3321)], ids=["P", "D", "C"]
)
def test_the_units_of_each_level_are_complete_on_both_sides_of_the_change(level: str, before: int, after: int):
    units = list(REGISTERS[level])
    assert sum(valid_on(unit, BEFORE) for unit in units) == before
    assert sum(valid_on(unit, AFTER) for unit in units) == after
    assert len({unit.id for unit in units}) == len(units)


def test_parents_and_successors_exist_and_follow_in_time():
    every = {unit.id: unit for register in REGISTERS.values() for unit in register}
    for unit in every.values():
        assert not unit.parent_id or unit.parent_id in every
        assert bool(unit.parent_id) == (unit.id[0] != "P")
        for after in unit.successors:
            assert every[after].valid_from > unit.valid_to or not every[after].valid_from
            assert every[after].valid_to > unit.valid_to or not every[after].valid_to


def test_every_unit_leads_to_one_of_today():
    every = {unit.id: unit for register in REGISTERS.values() for unit in register}
    for unit in every.values():
        assert valid_on(successor(unit, AFTER, every.get), AFTER), unit


def test_kinds_of_units_are_named():
    kinds = {one.kind for one in CATALOGUE.unit_kinds}
    assert {unit.kind for register in REGISTERS.values() for unit in register} == kinds


@pytest.mark.parametrize(
    ("province", "day", "then"),
    [
        ("Hà Giang", AFTER, "Tuyên Quang"),
        ("Tuyên Quang", AFTER, "Tuyên Quang"),
        ("Vĩnh Phúc", AFTER, "Phú Thọ"),
        ("Vĩnh Phúc", BEFORE, "Vĩnh Phúc"),
        ("Thừa Thiên Huế", AFTER, "Huế"),
        ("Hà Tây", "2019-06-30", "Hà Nội"),
        ("Hà Nội", AFTER, "Hà Nội"),
        ("Atlantis", AFTER, "Atlantis"),
    ],
)
def test_a_province_is_called_by_the_name_of_a_later_day(province: str, day: str, then: str):
    assert province_as_of(province, day, CATALOGUE) == then


def test_a_district_belongs_to_the_province_of_the_day():
    (district,) = CATALOGUE.districts.named("a luoi")
    assert province_on(district, "2019-06-30", CATALOGUE) == "Thừa Thiên Huế"
    assert province_on(district, "2025-03-31", CATALOGUE) == "Huế"


def test_a_commune_leads_to_the_one_that_took_it_in():
    communes = [unit for unit in CATALOGUE.communes.named("dong thinh") if unit.name == "Đồng Thịnh"]
    (here,) = [unit for unit in communes if province_on(unit, BEFORE, CATALOGUE) == "Vĩnh Phúc"]
    later = successor(here, AFTER, CATALOGUE.unit)
    assert (later.name, province_on(later, AFTER, CATALOGUE)) == ("Sông Lô", "Phú Thọ")


def test_a_dissolved_district_leads_to_its_successor():
    (district,) = CATALOGUE.districts.named("hoanh bo")
    assert valid_on(district, "2019-12-31") and not valid_on(district, "2020-01-01")
    assert successor(district, "2020-06-30", CATALOGUE.unit).name == "Hạ Long"


@pytest.mark.parametrize(
    ("lines", "path", "province"),
    [
        (["Tuyên Quang, ngày 25 tháng 5 năm 2019", "tỉnh Hà Giang"], "", "Tuyên Quang"),
        (["Tam Đảo, ngày 04 tháng 8 năm 2020"], "", "Vĩnh Phúc"),
        (["TP. Vũng Tàu, ngày 04 tháng 8 năm 2020"], "", "Bà Rịa - Vũng Tàu"),
        (["http://sotuphap.tuyenquang.gov.vn/"], "", "Tuyên Quang"),
        (["Kỳ báo cáo"], "2019-Q4/Hà Giang/bc.docx", "Hà Giang"),
        (["Huế, ngày 04 tháng 8 năm 2020"], "", "Thừa Thiên Huế"),
        (["Châu Thành, ngày 04 tháng 8 năm 2020"], "", ""),
    ],
)
def test_the_province_is_told_by_what_the_report_says(lines: list[str], path: str, province: str):
    assert find_province(lines, path, "2020-08-04", CATALOGUE) == province


def test_names_are_the_same_wherever_the_tone_mark_stands():
    assert same_name("HOÀ BÌNH", "Hòa Bình")
    assert same_name("Tam Dao", "Tam Đảo")
    assert not same_name("Đông Thịnh", "Đồng Thịnh")


def test_a_name_is_found_without_reading_the_whole_register_slowly():
    fresh = Register(CATALOGUE.communes.header, CATALOGUE.communes.lines)
    started = time.process_time()
    assert len(fresh.named("dong thinh")) > 1
    assert time.process_time() - started < 0.5
