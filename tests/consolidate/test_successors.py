from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from consolidate.csvfile import read_csv
from consolidate.successors import as_of_day
from normalize.catalogue import default_folder, load_catalogue
from normalize.model import Agency
from run_pipeline import USAGE, main
from tests.consolidate import made

CATALOGUE = load_catalogue(default_folder())


def test_agencies_of_provinces_that_became_one_stand_under_it_and_stay_apart() -> None:
    items = []
    for province in ("Hà Giang", "Tuyên Quang"):
        item = made.processed(f"{province}.docx", made.observed(1, "it.computers.total", 58))
        assert item.report is not None
        agency = Agency(f"{province}.so-tu-phap", "Sở Tư pháp", "department", province)
        items.append(replace(item, report=replace(item.report, agency=agency)))
    reports = [item.report for item in as_of_day(items, "2025-07-01", CATALOGUE)]
    assert [report.agency.province for report in reports if report] == ["Tuyên Quang", "Tuyên Quang"]
    assert len({report.agency.id for report in reports if report}) == 2


def test_without_a_day_nothing_changes() -> None:
    items = (made.processed("a.docx", made.observed(1, "it.computers.total", 58)),)
    assert as_of_day(items, "", CATALOGUE) == items


def test_a_run_puts_its_tables_under_the_provinces_of_the_day_that_is_asked_for(tmp_path: Path) -> None:
    inbox = Path(__file__).resolve().parents[2] / "samples" / "inbox" / "2020-06"
    for day, province in (("2025-07-01", "Phú Thọ"), ("2020-07-01", "Vĩnh Phúc")):
        main(["run", str(inbox), "--out", str(tmp_path / day), "--quiet", "--workers", "1", "--as-of", day])
        rows = list(read_csv(tmp_path / day / "observations.csv"))
        assert rows and {row["province"] for row in rows} == {province}
        assert {row["agency_id"] for row in rows} == {"vinh-phuc.so-tai-nguyen-va-moi-truong"}


def test_a_day_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as error:
        main(["run", str(tmp_path), "--out", str(tmp_path / "out"), "--as-of", "2025-13-01"])
    assert error.value.code == USAGE
