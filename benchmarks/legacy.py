"""How well old encodings are read: thirty real files with transcripts, and Unicode text that must stay as it is."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any
from unittest.mock import patch

from rapidfuzz.distance import Indel

from extract.decoding import decode_tables
from extract.encodings import Piece, Run, decode, decode_document
from extract.model import Cell, Document
from extract.read import read_document
from extract.source import make_source
from extract.syllables import is_syllable

DATA = Path(__file__).parent / "data" / "legacy"
MAPPINGS = Path(__file__).parents[1] / "mappings"
_STROKES = str.maketrans("đĐ", "dD")
FOREIGN = "Señor|François|café|Québec|São Paulo|Zürich|Gómez|Ångström|naïve|25 °C|± 5 %|12 m²|© 2019|Windows®|½"


# --- reading ---------------------------------------------------------------------------------------------------------


def read(path: Path) -> Document:
    """What the program reads of a file."""
    return read_document(make_source(path.name, path.read_bytes(), 0))


def hides(document: Document) -> bool:
    """Whether a workbook has hidden rows or columns: what stands there is left out on purpose, and said so."""
    return any(finding.code in ("hidden_rows", "hidden_columns") for finding in document.findings)


def read_with_hidden(path: Path) -> Document:
    """An .xls file as if nothing in its sheets were hidden; the transcripts hold hidden cells too."""
    with patch("extract.xls._hide", lambda sheet, found: None):
        return read(path)


def without_fonts(document: Document) -> Document:
    """The same as if no font were known: what the file itself says, read again cell by cell."""
    bare = [
        replace(table, cells=tuple(replace(cell, text=cell.raw_text, flags=()) for cell in table.cells))
        for table in document.tables
    ]
    return replace(document, tables=decode_tables(bare, {})[0])


def cells_of(document: Document) -> list[Cell]:
    """All cells and paragraphs in reading order."""
    return [cell for table in document.tables for cell in table.cells]


def text_of(document: Document) -> str:
    """The whole text in reading order."""
    return "\n".join(cell.text for cell in cells_of(document))


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


def aligned(text: str, truth: str) -> tuple[int, int]:
    """Marked letters of the truth that stand in the text at the same place, and all of them.

    The texts are laid side by side by their base letters, words first and then the letters of what differs, so that a
    wrong mark does not shift anything; every marked letter of the truth counts, also where the text has nothing.
    """
    ours, theirs = text.split(), truth.split()
    kept = 0
    plain = [list(map(base_letters, words)) for words in (theirs, ours)]
    for tag, begin, end, our_begin, our_end in Indel.opcodes(*plain):
        if tag == "equal":
            pairs = zip(" ".join(ours[our_begin:our_end]), " ".join(theirs[begin:end]), strict=True)
            kept += sum(mine == right for mine, right in pairs if is_marked(right))
    changed = _changed(ours, theirs, list(Indel.opcodes(*plain)))
    kept += sum(_kept_letters(mine, right) for mine, right in changed)
    return kept, sum(map(is_marked, truth))


def _changed(ours: list[str], theirs: list[str], codes: list[Any]) -> Iterator[tuple[str, str]]:
    """The stretches between words that agree: ours and the truth's."""
    for equal, group in groupby(codes, lambda code: code.tag == "equal"):
        if not equal:
            found = list(group)
            mine = ours[found[0].dest_start : found[-1].dest_end]
            right = theirs[found[0].src_start : found[-1].src_end]
            if mine and right:
                yield " ".join(mine), " ".join(right)


def _kept_letters(mine: str, right: str) -> int:
    kept = 0
    for tag, begin, end, our_begin, _ in Indel.opcodes(base_letters(right), base_letters(mine)):
        if tag == "equal":
            kept += sum(
                right[begin + at] == mine[our_begin + at] for at in range(end - begin) if is_marked(right[begin + at])
            )
    return kept


def base_letters(text: str) -> str:
    """The letters without their marks, one for one."""
    return "".join(unicodedata.normalize("NFD", letter)[0] for letter in text).translate(_STROKES)


def is_marked(letter: str) -> bool:
    """Whether a letter carries a mark, or is crossed."""
    return letter in "đĐ" or len(unicodedata.normalize("NFD", letter)) > 1


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


@dataclass(frozen=True, slots=True)
class CellScore:
    """Distinct cells beyond ASCII of one workbook: how many, and how many are right with fonts, without, by viparse.

    ``by_table`` are those that are as the table of the workbook's one old encoding says, or stand in the transcript.
    """

    name: str
    cells: int
    right: int
    bare: int
    by_table: int
    peer: int


def cell_scores() -> Iterator[CellScore]:
    """The scores of each workbook; ``peer`` is -1 where the public tool is absent."""
    fix = viparse_fix()
    for path in sorted((DATA / "files").glob("*.xls")):
        truth, document = transcript(path), read(path)
        found = {cell.raw_text: fold(cell.text) for cell in cells_of(document) if not cell.raw_text.isascii()}
        bare = {cell.raw_text: fold(cell.text) for cell in cells_of(without_fonts(document))}
        by_table = sum(text in truth or text == fold(decode(raw, document.encoding)) for raw, text in found.items())
        peer = sum(fold(fix(raw)) in truth for raw in found) if fix else -1
        right = sum(text in truth for text in found.values())
        yield CellScore(path.name, len(found), right, sum(bare[raw] in truth for raw in found), by_table, peer)


@dataclass(frozen=True, slots=True)
class FileScore:
    """Shares of the marked letters of one file that are right: by words wherever they stand, aligned, aligned when
    hidden rows and columns are read too, aligned by viparse (-1: not asked, or it fails); and what it was taken for."""

    name: str
    words: float
    aligned: float
    shown: float
    peer: float
    letters: int
    note: str


def document_scores(peer: bool) -> Iterator[FileScore]:
    """The scores of each file."""
    for path in sorted((DATA / "files").iterdir()):
        document, truth = read(path), transcript(path)
        text = fold(text_of(document))
        kept, total = diacritics(text, truth)
        same, letters = aligned(text, truth)
        shown = aligned(fold(text_of(read_with_hidden(path))), truth)[0] if hides(document) else same
        other = viparse_load(path) if peer else None
        theirs = -1.0 if other is None else aligned(fold(other), truth)[0] / letters
        unsure = sum("encoding_unsure" in cell.flags for cell in cells_of(document))
        note = f"{document.reader}; {document.encoding}" + (f"; unsure {unsure}" if unsure else "")
        yield FileScore(path.name, kept / total, same / letters, shown / letters, theirs, letters, note)


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


def by_format(rows: list[FileScore]) -> Iterator[tuple[str, list[FileScore]]]:
    """The files of each format."""
    rows = sorted(rows, key=lambda row: Path(row.name).suffix)
    for suffix, group in groupby(rows, lambda row: Path(row.name).suffix):
        yield suffix, list(group)


def weighed(rows: list[FileScore], share: Callable[[FileScore], float]) -> float:
    """A share over several files, each as heavy as its marked letters; files without one are left out."""
    known = [row for row in rows if share(row) >= 0]
    return sum(share(row) * row.letters for row in known) / sum(row.letters for row in known) if known else -1.0
