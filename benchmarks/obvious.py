"""The script that anyone would write first, as a peer: text of the usual libraries, labels by WRatio row by row."""

from __future__ import annotations

import csv
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from rapidfuzz import fuzz, process

SURE = 85
Rows = list[list[str]]


def labels(mappings: Path) -> dict[str, str]:
    """Every printed label of every form, and the indicator that it stands for."""
    found = {}
    for path in sorted((mappings / "forms").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            found |= {row["label"]: row["target"] for row in csv.DictReader(file) if row["label"]}
    return found


def read(path: Path) -> Rows:
    """The rows of all tables of a file."""
    ending = path.suffix.lower()
    if ending == ".pdf":
        return list(_pdf(path))
    if ending == ".xlsx":
        return list(_xlsx(path))
    if ending == ".doc":
        return list(_doc(path))
    return list(_docx(path))


def match(rows: Rows, known: dict[str, str]) -> list[tuple[str, str]]:
    """Indicator and last cell of each row whose longest cell is like a label."""
    choices = list(known)
    found = []
    for row in rows:
        label = max(row, key=len, default="")
        best = process.extractOne(label, choices, scorer=fuzz.WRatio, score_cutoff=SURE) if label else None
        if best:
            found.append((known[best[0]], row[-1]))
    return found


def run(files: Sequence[Path], mappings: Path, out: Path) -> None:
    """Read and match every file, and write what was found."""
    known = labels(mappings)
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for path in files:
            writer.writerows((path.name, *one) for one in match(read(path), known))


def _pdf(path: Path) -> Iterator[list[str]]:
    import pdfplumber

    with pdfplumber.open(path) as pdf:
        for page in pdf.pages:
            for table in page.extract_tables():
                yield from ([cell or "" for cell in row] for row in table)


def _docx(path: Path) -> Iterator[list[str]]:
    import docx

    for table in docx.Document(str(path)).tables:
        for row in table.rows:
            yield [cell.text for cell in row.cells]


def _xlsx(path: Path) -> Iterator[list[str]]:
    import openpyxl

    for sheet in openpyxl.load_workbook(path, data_only=True):
        for row in sheet.iter_rows(values_only=True):
            yield ["" if cell is None else str(cell) for cell in row]


def _doc(path: Path) -> Iterator[list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        command = ["soffice", "--headless", "--convert-to", "docx", "--outdir", folder, str(path)]
        subprocess.run(command, capture_output=True, check=True, timeout=120)
        yield from _docx(Path(folder, path.stem + ".docx"))
