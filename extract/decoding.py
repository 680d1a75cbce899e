"""Texts as a file writes them, with their fonts, made into the texts of cells: old encodings read, blanks tidied.

The readers collect every text of a document first and hand them over together, because what a short text is written
in can only be told from what stands around it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from extract.encodings import Piece, Run, decode_document, main_encoding
from extract.model import Cell, Finding, Table

SOFT_HYPHEN = "\N{SOFT HYPHEN}"
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_RAISED_FONT = "Symbol"
"""Raised digits go through the decision as signs: ¹ is a letter in an old encoding."""
_UNSEEN = str.maketrans(dict.fromkeys((SOFT_HYPHEN, "\u200b", "\u2060", "\ufeff"), ""))

Spot = tuple[int, int, int]
"""Table, row and column of a cell, as in its Place."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of text in one font; ``raised`` digits are marks or exponents, never part of the number before."""

    text: str
    font: str = ""
    raised: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """One cell or paragraph as the file writes it; ``group`` names its table or sheet, ``column`` its column there."""

    stretches: tuple[Stretch, ...]
    group: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What texts were read as, one for one and in order, with flags for those in doubt; and what to tell of it all."""

    texts: tuple[str, ...]
    flags: tuple[tuple[str, ...], ...]
    encoding: str = "unicode"
    findings: tuple[Finding, ...] = ()


def read_texts(written: Sequence[Written]) -> Reading:
    """Read all texts of one document: in Unicode (NFC), tidy, raised digits as such. Nothing is raised about them."""
    pieces = [Piece(tuple(map(_run, item.stretches)), item.group, item.column) for item in written]
    decoded = decode_document(pieces)
    texts = tuple(tidy(item.text) for item in decoded)
    flags = tuple(() if item.sure else ("encoding_unsure",) for item in decoded)
    encoding = main_encoding(decoded)
    return Reading(texts, flags, encoding, _findings(encoding, flags))


def decode_tables(
    tables: Sequence[Table], stretches: Mapping[Spot, tuple[Stretch, ...]]
) -> tuple[tuple[Table, ...], Reading]:
    """Read the cells of finished tables, given the stretches of their text by table, row and column.

    A cell whose stretches are not given counts as one stretch of unknown font. Cells that are not in an old encoding
    stay as they are, to the blank; the others keep their text as ``raw_text`` where they have none yet.
    """
    if not stretches:
        return _read_plain(tables)
    cells = [cell for table in tables for cell in table.cells]
    written = [_written(cell, stretches) for cell in cells]
    reading = read_texts(written)
    same = ["".join(stretch.text for stretch in item.stretches) for item in written]
    changed = iter(
        _decoded(cell, text if text != tidy(raw) else cell.text, flags)
        for cell, raw, text, flags in zip(cells, same, reading.texts, reading.flags, strict=True)
    )
    return tuple(replace(table, cells=tuple(next(changed) for _ in table.cells)) for table in tables), reading


def _read_plain(tables: Sequence[Table]) -> tuple[tuple[Table, ...], Reading]:
    """Read cells whose fonts are not known: the same text in one column of a table once, plain letters not at all."""
    cells = [cell for table in tables for cell in table.cells]
    spots = [(cell.place.sheet, cell.place.table, cell.place.column, cell.text) for cell in cells]
    pieces = {
        spot: Piece((Run(spot[3]),), f"{spot[0]}/{spot[1]}", str(spot[2]))
        for spot in dict.fromkeys(spots)
        if not spot[3].isascii() or "&" in spot[3]
    }
    decoded = dict(zip(pieces, decode_document(list(pieces.values())), strict=True))
    tidied = {spot: tidy(spot[3]) for spot in dict.fromkeys(spots)}
    texts = {spot: tidy(decoded[spot].text) if spot in decoded else text for spot, text in tidied.items()}
    unsure = {spot for spot, item in decoded.items() if not item.sure}
    flags = tuple(("encoding_unsure",) if spot in unsure else () for spot in spots)
    encoding = main_encoding(decoded[spot] for spot in spots if spot in decoded)
    reading = Reading(tuple(texts[spot] for spot in spots), flags, encoding, _findings(encoding, flags))
    changed = {spot: text for spot, text in texts.items() if text != tidied[spot]}
    if not changed and not unsure:
        return tuple(tables), reading
    read = iter(
        _decoded(cell, changed.get(spot, cell.text), own) for cell, spot, own in zip(cells, spots, flags, strict=True)
    )
    return tuple(replace(table, cells=tuple(next(read) for _ in table.cells)) for table in tables), reading


@lru_cache(maxsize=16384)
def tidy(text: str) -> str:
    """NFC, one kind of space, nothing that is not seen, no blanks at the ends of lines and no empty lines."""
    if text.isprintable():  # then it is one line, and has no blanks but plain ones
        return unicodedata.normalize("NFC", text).strip()
    text = unicodedata.normalize("NFC", text.translate(_UNSEEN).replace("\r\n", "\n").replace("\r", "\n"))
    lines = (line.strip() for line in text.translate(_SPACED).split("\n"))
    return "\n".join(line for line in lines if line)


def raw_text(stretches: Sequence[Stretch]) -> str:
    """Give the text as the file says it."""
    if len(stretches) == 1:
        return stretches[0].text
    return "".join(stretch.text for stretch in stretches)


def plain_text(stretches: Sequence[Stretch]) -> str:
    """Give the text tidied, in whatever encoding it is."""
    return tidy("".join(_run(stretch).text for stretch in stretches))


def _run(stretch: Stretch) -> Run:
    if stretch.raised:
        return Run(stretch.text.translate(_RAISED), _RAISED_FONT)
    return Run(stretch.text, stretch.font)


def _written(cell: Cell, stretches: Mapping[Spot, tuple[Stretch, ...]]) -> Written:
    place = cell.place
    own = stretches.get((place.table, place.row, place.column), (Stretch(cell.text),))
    return Written(own, f"{place.sheet}/{place.table}", str(place.column))


def _decoded(cell: Cell, text: str, flags: tuple[str, ...]) -> Cell:
    if text == cell.text and not flags:
        return cell
    return replace(cell, text=text, raw_text=cell.raw_text or cell.text, flags=(*cell.flags, *flags))


def _findings(encoding: str, flags: Sequence[tuple[str, ...]]) -> tuple[Finding, ...]:
    found = []
    if encoding != "unicode":
        found.append(Finding("encoding_converted", details=(("encoding", encoding),)))
    if any(flags):
        found.append(Finding("encoding_unsure", details=(("count", str(sum(map(bool, flags)))),)))
    return tuple(found)


class _Spaced(dict[int, str]):
    """What each character becomes, worked out when first met: spaces plain ones, but not tab and line end."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        space = letter not in "\t\n" and (letter.isspace() or unicodedata.category(letter) == "Zs")
        self[code] = " " if space else letter
        return self[code]


_SPACED = _Spaced()
