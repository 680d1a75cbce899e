"""How well old encodings are read: thirty real files with transcripts, and Unicode text that must stay as it is."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import tempfile
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import groupby, pairwise
from pathlib import Path
from statistics import mean
from typing import Any

from lxml import etree

from extract.encodings import Piece, Run, decode_document
from extract.syllables import is_syllable

DATA = Path(__file__).parent / "data" / "legacy"
MAPPINGS = Path(__file__).parents[1] / "mappings"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FOREIGN = "Señor|François|café|Québec|São Paulo|Zürich|Gómez|Ångström|naïve|25 °C|± 5 %|12 m²|© 2019|Windows®|½"


# --- reading the files with their fonts ------------------------------------------------------------------------------


def xls_pieces(path: Path) -> list[Piece]:
    """Each text cell of a workbook, with the fonts of its runs."""
    import xlrd

    book = xlrd.open_workbook(path, formatting_info=True)
    pieces = []
    for sheet in book.sheets():
        for row in range(sheet.nrows):
            for column in range(sheet.ncols):
                cell = sheet.cell(row, column)
                if cell.ctype == xlrd.XL_CELL_TEXT:
                    font = book.xf_list[cell.xf_index].font_index
                    starts = [(0, font), *sheet.rich_text_runlist_map.get((row, column), []), (len(cell.value), 0)]
                    runs = tuple(
                        Run(cell.value[start:end], book.font_list[font].name)
                        for (start, font), (end, _) in pairwise(starts)
                    )
                    pieces.append(Piece(runs, sheet.name, str(column)))
    return pieces


def doc_pieces(path: Path) -> list[Piece]:
    """Each paragraph of a Word 97 file."""
    import doc2docx

    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "converted.docx"
        doc2docx.convert(path, target)
        return docx_pieces(target)


def rtf_pieces(path: Path) -> list[Piece]:
    """Each paragraph of an RTF file; nothing where LibreOffice is missing."""
    if not shutil.which("soffice"):
        return []
    with tempfile.TemporaryDirectory() as folder:
        command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "docx"]
        subprocess.run([*command, "--outdir", folder, str(path)], check=True, capture_output=True, timeout=120)
        return docx_pieces(Path(folder) / f"{path.stem}.docx")


def docx_pieces(path: Path) -> list[Piece]:
    """Each paragraph of a .docx with the fonts of its runs."""
    with zipfile.ZipFile(path) as package:
        parts = [etree.fromstring(package.read(name)) for name in package.namelist()
                 if re.fullmatch(r"word/(document|header\d*|footer\d*|footnotes)\.xml", name)]  # fmt: skip
        styles = {style.get(W + "styleId"): style for style in
                  etree.fromstring(package.read("word/styles.xml")).iter(W + "style")}  # fmt: skip
    return [
        piece for part in parts for paragraph in part.iter(W + "p") if (piece := _paragraph(paragraph, styles)).runs
    ]


def _paragraph(paragraph: etree._Element, styles: dict[str | None, etree._Element]) -> Piece:
    runs = [run for run in paragraph.iter(W + "r") if next(run.iterancestors(W + "p")) is paragraph]
    default = _style_font(paragraph.find(f"{W}pPr/{W}pStyle"), styles)
    return Piece(tuple(Run(_run_text(run), _font(run) or default) for run in runs))


def _run_text(run: etree._Element) -> str:
    signs = {W + "softHyphen": "\xad", W + "tab": "\t", W + "br": "\n", W + "noBreakHyphen": "-"}
    return "".join(child.text or "" if child.tag == W + "t" else signs.get(child.tag, "") for child in run)


def _font(item: etree._Element) -> str:
    fonts = item.find(f"{W}rPr/{W}rFonts")
    return "" if fonts is None else fonts.get(W + "ascii") or fonts.get(W + "hAnsi") or ""


def _style_font(named: etree._Element | None, styles: dict[str | None, etree._Element]) -> str:
    style = styles.get("Normal" if named is None else named.get(W + "val"))
    for _ in range(10):
        if style is None or _font(style):
            break
        based = style.find(W + "basedOn")
        style = None if based is None else styles.get(based.get(W + "val"))
    return "" if style is None else _font(style)


def pdf_pieces(path: Path) -> list[Piece]:
    """Each line of a PDF with the fonts of its characters; a gap is a space."""
    import pdfplumber

    with pdfplumber.open(path) as pdf:
        return [_pdf_line(line["chars"]) for page in pdf.pages for line in page.extract_text_lines(y_tolerance=5)]


def _pdf_line(chars: list[dict[str, Any]]) -> Piece:
    chars = sorted(chars, key=lambda char: char["x0"])
    runs = []
    for before, char in pairwise([chars[0], *chars]):
        gap = " " if char["x0"] - before["x1"] > 0.15 * char["size"] else ""
        runs.append(Run(gap + char["text"], re.sub(r"^[A-Z]{6}\+", "", char["fontname"])))
    return Piece(tuple(runs))


READERS = {".xls": xls_pieces, ".doc": doc_pieces, ".rtf": rtf_pieces, ".pdf": pdf_pieces}


# --- measures --------------------------------------------------------------------------------------------------------


def fold(text: str) -> str:
    """One spelling for comparing: NFC, no case, single spaces."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip().casefold()


def transcript(path: Path) -> str:
    """What the file really says, folded."""
    return fold((DATA / "transcripts" / f"{path.stem}.txt").read_text(encoding="utf-8"))


def marked_words(text: str) -> Counter[str]:
    """Count the syllables with letters outside ASCII of a text; what is no syllable is a fault of its source."""
    words = re.findall(r"[^\W\d_]+", fold(text))
    return Counter(word for word in words if not word.isascii() and is_syllable(word))


def diacritics(text: str, truth: str) -> tuple[int, int]:
    """Marked letters of the truth whose word the text has too, and all of them."""
    ours, theirs = marked_words(text), marked_words(truth)
    size = {word: sum(letter > "\x7f" for letter in word) for word in theirs}
    kept = sum(size[word] * min(count, ours[word]) for word, count in theirs.items())
    return kept, sum(size[word] * count for word, count in theirs.items())


def viparse_fix() -> Callable[[str], str] | None:
    """The public tool to compare with, text by text, if it is installed."""
    try:
        import viparse
    except ImportError:
        return None
    return lambda text: str(viparse.fix(text))


def viparse_load(path: Path) -> str | None:
    """The text of a whole file by the public tool; nothing where it, or what it needs, is missing or fails."""
    try:
        import viparse

        return "\n".join(part.text for part in viparse.load(str(path), encoding="auto"))
    except Exception:  # whatever it fails with, the file has no score then
        return None


def cell_scores(with_fonts: bool) -> Iterator[tuple[str, int, int, int]]:
    """For each workbook: name, distinct cells beyond ASCII, read right by us, and by viparse (-1: absent)."""
    fix = viparse_fix()
    for path in sorted((DATA / "files").glob("*.xls")):
        truth, pieces = transcript(path), xls_pieces(path)
        if not with_fonts:
            pieces = [Piece((Run("".join(run.text for run in p.runs)),), p.group, p.column) for p in pieces]
        read = {
            "".join(run.text for run in p.runs): d.text for p, d in zip(pieces, decode_document(pieces), strict=True)
        }
        cells = {raw: text for raw, text in read.items() if not raw.isascii()}
        right = sum(fold(text) in truth for text in cells.values())
        yield path.name, len(cells), right, sum(fold(fix(raw)) in truth for raw in cells) if fix else -1


def document_scores(peer: bool) -> Iterator[tuple[str, float, float, str]]:
    """For each file: name, share of the diacritics kept by us and by viparse (-1: not asked), encodings found."""
    for path in sorted((DATA / "files").iterdir()):
        pieces = READERS[path.suffix](path)
        if pieces:
            decoded = decode_document(pieces)
            truth = transcript(path)
            kept, total = diacritics("\n".join(item.text for item in decoded), truth)
            other = viparse_load(path) if peer else None
            theirs = -total if other is None else diacritics(other, truth)[0]
            found = Counter(item.encoding for item in decoded if item.encoding != "ascii")
            unsure = sum(not item.sure for item in decoded)
            note = ", ".join(f"{name} {count}" for name, count in found.most_common()) + f"; unsure {unsure}"
            yield path.name, kept / total, theirs / total, note


def unicode_texts() -> list[str]:
    """Distinct Vietnamese texts in correct Unicode: every cell of the mappings, and foreign words and signs."""
    texts = set(FOREIGN.split("|"))
    for path in sorted(MAPPINGS.rglob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            texts |= {unicodedata.normalize("NFC", cell) for row in csv.reader(file) for cell in row}
    return sorted(text for text in texts if not text.isascii())


def altered_unicode(font: str, alone: bool) -> int:
    """How many correct texts are changed, each as a document of its own or all as one."""
    pieces = [Piece((Run(text, font),)) for text in unicode_texts()]
    documents = [[piece] for piece in pieces] if alone else [pieces]
    return sum(item.changed for document in documents for item in decode_document(document))


def by_format(rows: list[tuple[str, float, float, str]]) -> Iterator[tuple[str, int, float, float]]:
    """Format, number of files, mean share by us and by viparse (over the files it read; -1: none)."""
    for suffix, group in groupby(sorted(rows, key=lambda row: Path(row[0]).suffix), lambda row: Path(row[0]).suffix):
        found = list(group)
        peer = [row[2] for row in found if row[2] >= 0]
        yield suffix, len(found), mean(row[1] for row in found), mean(peer) if peer else -1.0
