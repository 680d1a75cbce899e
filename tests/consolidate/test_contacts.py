from __future__ import annotations

import shutil
from pathlib import Path

import docx
import pytest

from consolidate.contacts import MASK, contacts_in, mask
from consolidate.csvfile import read_csv
from consolidate.explain import explain
from consolidate.mappings import open_catalogue, packaged_folder
from consolidate.model import RunOptions
from consolidate.pipeline import run

ADDRESS, PHONE, NAME = "lienhe.thu@example.gov.vn", "0912 000 111", "Trần Thị Thử"


@pytest.mark.parametrize(
    "text",
    [
        "0912000111",
        "0912.000.111",
        "0912 00 01 11",
        "091-200-0111",
        "0207 3000 111",
        "(0207) 3.000.111",
        "(0207)3000111",
        "024 3000 1111",
        "02073000111",
        "04.30001111",
        "01230001111",
        "+84 912 000 111",
        "(+84) 207 3000 111",
        "+84912000111",
        ADDRESS,
        "van.phong@tuyenquang.gov.vn",
        "thu @ example.vn",
    ],
)
def test_numbers_and_addresses_of_persons_are_masked(text: str) -> None:
    assert mask(f"liên hệ: {text}, trước ngày 5") == f"liên hệ: {MASK}, trước ngày 5"
    assert mask(text) == MASK
    assert contacts_in(text) == [text]


def test_each_of_several_is_masked() -> None:
    assert mask(f"ĐT:{PHONE}/0987000222 - {ADDRESS}") == f"ĐT:{MASK}/{MASK} - {MASK}"
    assert mask(f"{PHONE} 2019") == f"{MASK} 2019"


@pytest.mark.parametrize(
    "text",
    [
        "342.628",
        "1.234.567.890",
        "912.345.678",
        "0,912345678",
        "0.912345678901",
        "58",
        "51,7%",
        "05.07.2019 03.08.2019",
        "05/07/2019",
        "02-07-2019 10",
        "2019 2020 2021",
        "01 12345678",
        "0123/BC-UBND",
        "Số 0912345678/QĐ-UBND",
        "BC-0912345678",
        "01/2020/TT-VPCP",
        "0100109106",
        "192.168.001.001",
        "https://dvc.example.gov.vn/0912000111?mail=a@example.vn",
        "www.example.gov.vn/a@b.vn",
        "12345678901234567890",
        "- Tổng số máy tính: 58 chiếc @ 2019",
    ],
)
def test_figures_dates_document_numbers_and_web_addresses_stay(text: str) -> None:
    assert mask(text) == text
    assert contacts_in(text) == []


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real report whose notes and answers were given contact details."""
    folder = tmp_path_factory.mktemp("inbox")
    (report,) = (Path(__file__).resolve().parents[2] / "samples" / "inbox" / "2017-Q2").rglob("*.docx")
    shutil.copy(report, folder / "a.docx")
    document = docx.Document(str(folder / "a.docx"))
    for table in document.tables:
        for row in table.rows:
            row.cells[-1].paragraphs[0].add_run(f" (hỏi {PHONE}, {ADDRESS})")
    document.add_paragraph(f"Họ và tên người lập biểu: {NAME}")
    document.add_paragraph(f"Chi tiết xin hỏi số {PHONE}: 12 máy")
    document.save(str(folder / "a.docx"))
    return folder


def published(out: Path) -> str:
    import pandas as pd
    from openpyxl import load_workbook

    cells = [
        str(cell)
        for path in out.glob("*.xlsx")
        for sheet in load_workbook(path)
        for row in sheet.iter_rows(values_only=True)
        for cell in row
    ]
    texts = [path.read_text("utf-8-sig") for path in out.rglob("*") if path.suffix in (".csv", ".json", ".html")]
    return "\n".join([*texts, *cells, *(pd.read_parquet(path).to_csv() for path in out.rglob("*.parquet"))])


def test_nothing_that_is_published_shows_a_contact(inbox: Path, tmp_path: Path) -> None:
    catalogue = open_catalogue(packaged_folder())
    run(RunOptions(inbox, tmp_path, packaged_folder()), catalogue)
    told = published(tmp_path)
    assert MASK in told
    for secret in (ADDRESS, PHONE, NAME):
        assert secret not in told
    shown = "\n".join(explain(inbox, catalogue))
    assert ADDRESS not in shown and PHONE not in shown


def test_contacts_are_kept_apart_where_asked_for_and_removed_again(inbox: Path, tmp_path: Path) -> None:
    catalogue = open_catalogue(packaged_folder())
    run(RunOptions(inbox, tmp_path, packaged_folder(), keep_contacts=True), catalogue)
    kept = list(read_csv(tmp_path / "contacts.csv"))
    values = [row["raw_value"] for row in kept]
    assert any(PHONE in value for value in values) and any(ADDRESS in value for value in values)
    assert kept[0]["source_path"] == "a.docx" and all(row["raw_value"] for row in kept)
    (tmp_path / "contacts.csv").rename(tmp_path / "contacts.txt")
    assert PHONE not in published(tmp_path)
    (tmp_path / "contacts.txt").rename(tmp_path / "contacts.csv")
    run(RunOptions(inbox, tmp_path, packaged_folder()), catalogue)
    assert not (tmp_path / "contacts.csv").exists()
