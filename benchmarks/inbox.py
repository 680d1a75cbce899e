"""An inbox of many mixed reports, for measuring: ``python -m benchmarks.inbox 500 /tmp/inbox``.

Communes of three provinces report quarter by quarter, or month by month, on five forms, as .docx, .xlsx, .pdf with
healthy fonts, .pdf whose fonts lost their letters, .doc, and as scans where these are asked for. Every file has a
content of its own. A few dozen are made with python-docx, openpyxl and LibreOffice; the others are copies of these with
another agency in them, or, where that cannot be put in, under a folder with its name.
"""

from __future__ import annotations

import argparse
import csv
import random
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import olefile

from samples.fill import made_up
from samples.form import Head, load_form
from samples.office import docx_of, xlsx_of
from samples.pdf import break_tounicode

UNITS = Path(__file__).resolve().parents[1] / "mappings" / "units"
PROVINCES = ("Vĩnh Phúc", "Tuyên Quang", "Hà Giang")
PERIODS = {
    "f2017": ("2017-Q1", "2017-Q2", "2017-Q3", "2017-Q4"),
    "tq2019": ("2018-Q3", "2018-Q4", "2019-Q1", "2019-Q2"),
    "hg2019": ("2019-Q3", "2019-Q4"),
    "vp2020": ("2020-03", "2020-04", "2020-05", "2020-06"),
    "xa2024": ("2024-Q1", "2024-Q2"),
}
"""The forms and the periods in which they are filled."""
KINDS = {"docx": 0.4, "xlsx": 0.2, "pdf": 0.15, "broken.pdf": 0.15, "doc": 0.1}
"""The share of each kind of file."""
PLACEHOLDER = "UBND xã Mẫu Một Hai Ba"
_ABOUT = "\x05DocumentSummaryInformation"
_SETTLED = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Base:
    """One report that others are copied from."""

    form_id: str
    period: str
    kind: str
    path: Path


def make_inbox(target: Path, count: int, seed: int = 1, scans: int = 0) -> list[Path]:
    """Write ``count`` reports below a folder, ``scans`` of them as scanned PDF files of the shortest form.

    The same arguments give the same reports. Needs LibreOffice, and for scans the extra ``ocr`` with Pillow.
    """
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        bases = _bases(Path(folder), bases_for(count))
        made = [_copy(rng, bases, agency, number, target) for number, agency in enumerate(_agencies(count))]
        healthy = min(bases["pdf"], key=lambda base: base.path.stat().st_size)
        for number, path in enumerate(made[:: count // scans][:scans] if scans else ()):
            path.unlink()
            scanned = path.with_name(f"Báo cáo {healthy.form_id} {healthy.period} scan {number:05}.pdf")
            _scan(healthy.path, scanned, number)
            made[made.index(path)] = scanned
        return made


def bases_for(count: int) -> int:
    """How many different reports of each kind an inbox of ``count`` is copied from: all forms are among them."""
    return max(len(PERIODS), min(count // 40, 16))


def _agencies(count: int) -> Iterator[tuple[str, str]]:
    """Names and provinces of communes, over and over, each time for another period."""
    provinces = {row["unit_id"]: row["name"] for row in _units("provinces") if row["name"] in PROVINCES}
    districts = {
        row["unit_id"]: provinces[row["parent_id"]] for row in _units("districts") if row["parent_id"] in provinces
    }
    communes = [
        (f"{row['kind']} {row['name']}", districts[row["parent_id"]])
        for row in _units("communes")
        if row["parent_id"] in districts
    ]
    known = sorted(set(communes))
    random.Random(0).shuffle(known)
    for number in range(count):
        yield known[number % len(known)]


def _units(name: str) -> Iterator[dict[str, str]]:
    with (UNITS / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def _bases(folder: Path, wanted: int) -> dict[str, list[Base]]:
    """A few reports of each kind: those that a clerk types, and what LibreOffice makes of them."""
    found: dict[str, list[Base]] = {kind: [] for kind in KINDS}
    every = [
        (form_id, period)
        for period_at in range(4)
        for form_id, periods in PERIODS.items()
        for period in periods[period_at : period_at + 1]
    ]
    for number, (form_id, period) in enumerate(every[:wanted]):
        form, stem = load_form(form_id), f"{form_id}-{period}"
        fill = made_up(form_id, Head(PLACEHOLDER, "commune", PROVINCES[0], period, authority=PLACEHOLDER), number)
        docx_of(form, fill, folder / f"{stem}.docx")
        xlsx_of(form, fill, folder / f"{stem}.xlsx")
        silent = made_up(form_id, Head("", "commune", "", period), number)
        docx_of(form, silent, folder / f"silent-{stem}.docx", font="FreeSerif")
        found["docx"].append(Base(form_id, period, "docx", folder / f"{stem}.docx"))
        found["xlsx"].append(Base(form_id, period, "xlsx", folder / f"{stem}.xlsx"))
        for kind in ("pdf", "broken.pdf", "doc"):
            found[kind].append(Base(form_id, period, kind, folder / f"silent-{stem}.{kind}"))
    for kind in ("pdf", "doc"):
        _convert(sorted(folder.glob("silent-*.docx")), kind, folder)
    for base in found["broken.pdf"]:
        break_tounicode(base.path.with_name(base.path.name.replace(".broken.pdf", ".pdf")), base.path)
    return found


def _convert(files: Sequence[Path], kind: str, folder: Path) -> None:
    """Have LibreOffice write many files in one start."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(folder), *map(str, files)]
    subprocess.run(command, capture_output=True, timeout=1800, check=True)


def _copy(rng: random.Random, bases: dict[str, list[Base]], agency: tuple[str, str], number: int, target: Path) -> Path:
    kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
    base = bases[kind][number % len(bases[kind])]
    commune, province = agency
    name = f"UBND {commune}"
    folder = target / province / name
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"Báo cáo {base.form_id} {base.period} {number:05}.{kind.rpartition('.')[2]}"
    if kind in ("docx", "xlsx"):
        _with_agency(base.path, path, f"{name}, tỉnh {province}", number)
    elif kind == "doc":
        shutil.copyfile(base.path, path)
        with olefile.OleFileIO(path, write_mode=True) as file:
            about = file.openstream(_ABOUT).read()
            file.write_stream(_ABOUT, about[:-8] + number.to_bytes(8, "big"))  # behind its last property
    else:
        shutil.copyfile(base.path, path)
        with path.open("ab") as file:
            file.write(b"%% %d\n" % number)
    return path


def _scan(source: Path, target: Path, number: int) -> None:
    """Print a PDF file and scan it again: by a usual scanner, every other one with a stamp and a signature."""
    import numpy as np
    import pypdfium2
    from PIL import Image

    from benchmarks.scan_images import OFFICE, STAMPED, scan_of

    wear = (OFFICE, STAMPED)[number % 2]
    pages = []
    for at, page in enumerate(pypdfium2.PdfDocument(source)):
        picture = np.asarray(page.render(scale=wear.dpi / 72).to_pil().convert("RGB"))
        pages.append(Image.fromarray(scan_of(picture, wear, f"{number} {at}")).convert("L"))
    pages[0].save(target, "PDF", save_all=True, append_images=pages[1:], resolution=wear.dpi, quality=wear.jpeg)


def _with_agency(source: Path, target: Path, name: str, number: int) -> None:
    """Copy an Office file with the name of another agency in it, and a number that no reader looks at."""
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
        for item in before.infolist():
            data = before.read(item)
            if item.filename.endswith(".xml"):
                for old, new in ((PLACEHOLDER, name), (PLACEHOLDER.upper(), name.upper())):
                    data = data.replace(old.encode(), new.encode())
                    data = data.replace(*(text.encode("ascii", "xmlcharrefreplace") for text in (old, new)))
            entry = zipfile.ZipInfo(item.filename, _SETTLED)
            entry.compress_type = zipfile.ZIP_DEFLATED
            after.writestr(entry, data)
        after.comment = b"%d" % number


def main() -> None:
    """Write an inbox."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("count", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scans", type=int, default=0)
    options = parser.parse_args()
    made = make_inbox(options.folder, options.count, options.seed, options.scans)
    print(len(made), "reports in", options.folder)


if __name__ == "__main__":
    main()
