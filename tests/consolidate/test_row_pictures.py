"""Pictures of rows, cut out of real pages in another process."""

from __future__ import annotations

import hashlib
import io
import shutil
import zipfile
from pathlib import Path

import pytest

from consolidate import row_pictures
from consolidate.mappings import open_catalogue, packaged_folder
from consolidate.model import RunOptions
from consolidate.pipeline import run
from consolidate.republish import publish_again
from consolidate.row_pictures import Wanted, pictures_of

pdfium = pytest.importorskip("pypdfium2")
pictures = pytest.importorskip("PIL.Image")

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "inbox" / "2024-Q1" / "Phu luc 8 - BC 161-BC-UBND.pdf"
NAME = "2024-Q1/bc.pdf"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "inbox" / "2024-Q1").mkdir(parents=True)
    shutil.copy(SAMPLE, tmp_path / "inbox" / NAME)
    return tmp_path / "inbox"


def wanted(path: str = NAME, scanned: bool = False) -> Wanted:
    """The line of the first page that stands a quarter down, as wide as the page."""
    page = pdfium.PdfDocument(SAMPLE)[0]
    width, height = page.get_size()
    sha256 = hashlib.sha256(SAMPLE.read_bytes()).hexdigest()
    return Wanted(path, sha256, "pdf", 1, (40.0, height / 4, width - 40.0, height / 4 + 60), scanned)


def ink(picture: bytes) -> float:
    grey = pictures.open(io.BytesIO(picture)).convert("L")
    return sum(grey.histogram()[:128]) / (grey.width * grey.height)


def test_a_part_of_a_page_is_cut_out_in_its_size_and_the_same_each_time(inbox: Path, tmp_path: Path):
    one = wanted()
    first, again = (pictures_of(tmp_path / name, inbox)([one])[one] for name in "ab")
    assert first == again
    image = pictures.open(io.BytesIO(first))
    assert abs(image.width / image.height - (one.box[2] - one.box[0] + 8) / 64) < 0.2
    assert 0.005 < ink(first) < 0.5
    assert len(first) < 20_000


def test_what_was_cut_once_needs_no_inbox(inbox: Path, tmp_path: Path):
    one, kept = wanted(), tmp_path / "kept"
    assert pictures_of(kept)([one]) == {}
    cut = pictures_of(kept, inbox)([one])
    assert pictures_of(kept)([one]) == cut and len(cut) == 1


def test_a_file_that_is_packed_in_another_is_found(inbox: Path, tmp_path: Path):
    with zipfile.ZipFile(inbox / "a.zip", "w") as packed:
        packed.write(SAMPLE, "x.pdf")
    one = wanted("a.zip!/x.pdf")
    assert one in pictures_of(tmp_path / "kept", inbox)([one])


def test_a_part_with_a_telephone_number_is_never_shown(inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    seen: list[str] = []
    monkeypatch.setattr(row_pictures, "contacts_in", lambda text: seen.append(text) or ["0912 345 678"])
    one = wanted()
    assert pictures_of(tmp_path / "kept", inbox)([one]) == {}
    monkeypatch.undo()
    assert pictures_of(tmp_path / "kept", inbox)([one]) == {}
    assert len(seen) == 1 and seen[0].strip()


def test_a_file_that_changed_or_is_gone_gives_no_picture(inbox: Path, tmp_path: Path):
    one = wanted()
    (inbox / NAME).write_bytes(b"%PDF-1.4 broken")
    assert pictures_of(tmp_path / "kept", inbox)([one]) == {}
    (inbox / NAME).unlink()
    assert pictures_of(tmp_path / "kept", inbox)([one]) == {}


@pytest.mark.slow
def test_the_page_of_a_run_shows_the_row_and_is_the_same_when_published_without_the_inbox(inbox: Path, tmp_path: Path):
    out = tmp_path / "out"
    run(RunOptions(inbox, out, packaged_folder()), open_catalogue(packaged_folder()))
    page = (out / "report.html").read_bytes()
    assert page.count(b"data:image/png;base64,") == 1
    shutil.rmtree(inbox)
    publish_again(out, tmp_path / "again")
    assert (tmp_path / "again" / "report.html").read_bytes() == page
