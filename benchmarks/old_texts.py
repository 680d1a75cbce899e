"""Correct texts written in old encodings on purpose, and how many of them come back: what no real file at hand shows.

Every text of the forms is encoded, put among others as cells of one sheet, and read again with its fonts told,
untold or lying. Nothing here is tuned: the encoders are the tables of the standards turned round.
"""

from __future__ import annotations

import csv
import random
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html.entities import codepoint2name
from pathlib import Path

from extract.charsets import CODES
from extract.encodings import Piece, Run, decode_document

MAPPINGS = Path(__file__).parents[1] / "mappings"
FOREIGN = ("Señor", "François", "café", "Québec", "Zürich", "25 °C", "± 5 %", "12 m²", "Microsoft Office", "ISO 9001")
FONT_OF = {"tcvn3": ".VnTime", "vni": "VNI-Times", "viscii": "VI Times", "vps": "VPS Times", "cp1258": "Arial"}
SHEET = 60  # cells of one made-up document
SHORT = 3  # words


@dataclass(slots=True)
class Outcome:
    """What became of the cells of one kind: right, left in doubt (flagged), and silently wrong."""

    cells: int = 0
    right: int = 0
    doubted: int = 0
    wrong: int = 0


def texts() -> list[str]:
    """The labels of all forms and the names of agencies, each once, in an order that says nothing."""
    found: set[str] = set()
    for path in [*(MAPPINGS / "forms").glob("*.csv"), MAPPINGS / "agencies.csv"]:
        with path.open(encoding="utf-8-sig", newline="") as file:
            found |= {unicodedata.normalize("NFC", row.get("label") or row.get("name") or "")
                      for row in csv.DictReader(file)}  # fmt: skip
    # old sets have no quotation marks of print
    kept = sorted(text for text in found if not text.isascii() and not set("{“”") & set(text))
    random.Random(7).shuffle(kept)
    return kept


def encoder(encoding: str) -> Callable[[str], str]:
    """Writes a text in an encoding, as the Western letters that programs show for it."""
    codes: dict[str, str] = {}
    for shown, letter in CODES[encoding].items():
        if all(ord(each) >= 0xA0 or each.isascii() or encoding in ("viscii", "vps") for each in shown):
            codes.setdefault(letter, shown)
    if encoding == "vni":  # the codes of capitals follow from their letters
        codes |= {letter.upper(): shown.upper() for letter, shown in list(codes.items())}
    if encoding == "cp1258":
        return lambda text: "".join(_windows(letter, codes) for letter in text)
    # TCVN3 has no capitals with tones: whoever wrote in it took the small ones
    return lambda text: "".join(codes.get(letter) or codes.get(letter.lower(), letter) for letter in text)


def _windows(letter: str, codes: dict[str, str]) -> str:
    """Windows-1258 has whole letters without tones, and the tones by themselves."""
    if letter in codes:
        return codes[letter]
    marks = unicodedata.normalize("NFD", letter)
    tones = [mark for mark in marks if mark in codes]
    base = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in codes))
    return codes.get(base, base) + "".join(codes[mark] for mark in tones)


def _as_utf8(text: str) -> str:
    return "".join(bytes([code]).decode("cp1252", "ignore") or chr(code) for code in text.encode("utf-8"))


def _by_hexadecimal(text: str) -> str:
    return "".join(f"&#x{ord(letter):X};" if letter > "\x7f" else letter for letter in text)


def _by_name(text: str) -> str:
    names = {letter: f"&{codepoint2name.get(ord(letter), f'#{ord(letter)}')};" for letter in text if letter > "\x7f"}
    return "".join(names.get(letter, letter) for letter in text)


def _split(text: str, font: str, rng: random.Random) -> tuple[Run, ...]:
    """A text cut anywhere, also between the two letters of one sign."""
    cuts = sorted(rng.sample(range(1, len(text)), min(4, len(text) - 1)))
    return tuple(Run(text[a:b], font) for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True))


def _capitals(text: str, encode: Callable[[str], str]) -> Piece:
    return Piece((Run(encode(text.lower()), ".VnTimeH"),), "s", "1")


Case = tuple[str, Callable[[Sequence[str]], list[tuple[Piece, str]]]]
"""A name, and the cells of a document made of some texts, each with what it should be read as."""


def cases() -> Iterator[Case]:
    """All kinds of documents."""
    for encoding, font in FONT_OF.items():
        encode = encoder(encoding)
        yield f"{encoding}, font told", _whole(encode, font)
        yield f"{encoding}, no font", _whole(encode, "")
        if encoding in ("tcvn3", "vni"):
            other = {"tcvn3": "VNI-Times", "vni": ".VnTime"}[encoding]
            yield f"{encoding}, fonts lie", _whole(encode, other)
            yield f"{encoding}, only short cells, no font", _short(encode, "")
            yield f"{encoding}, every second cell in Unicode, font told", _mixed(encode, font)
            yield f"{encoding}, every second cell in Unicode, no font", _mixed(encode, "")
            yield f"{encoding}, runs cut anywhere", _cut(encode, font)
    yield "tcvn3, font of capitals", lambda some: [(_capitals(text, encoder("tcvn3")), text.upper()) for text in some]
    yield "tcvn3 and vni in one sheet, fonts told", _both
    yield (
        "Unicode under fonts of both kinds",
        lambda some: [(_cell(text, (".VnTime", "VNI-Times", "Arial")[at % 3]), text) for at, text in enumerate(some)],
    )
    yield "UTF-8 read as Windows-1252", _whole(_as_utf8, "")
    yield "character references", _whole(lambda text: "".join(f"&#{ord(x)};" if x > "\x7f" else x for x in text), "")
    yield "references by hexadecimal", _whole(_by_hexadecimal, "")
    yield "decomposed Unicode", _whole(lambda text: unicodedata.normalize("NFD", text), "")
    yield "named references", _whole(_by_name, "")


def _cell(text: str, font: str) -> Piece:
    return Piece((Run(text, font),), "s", "1")


def _whole(encode: Callable[[str], str], font: str) -> Callable[[Sequence[str]], list[tuple[Piece, str]]]:
    def made(some: Sequence[str]) -> list[tuple[Piece, str]]:
        foreign = [(_cell(text, "Arial"), text) for text in FOREIGN[:2]]
        return [*((_cell(encode(text), font), text) for text in some), *foreign]

    return made


def _short(encode: Callable[[str], str], font: str) -> Callable[[Sequence[str]], list[tuple[Piece, str]]]:
    def made(some: Sequence[str]) -> list[tuple[Piece, str]]:
        parts = dict.fromkeys(" ".join(text.split()[:SHORT]) for text in some)
        return [(_cell(encode(text), font), text) for text in parts]

    return made


def _mixed(encode: Callable[[str], str], font: str) -> Callable[[Sequence[str]], list[tuple[Piece, str]]]:
    def made(some: Sequence[str]) -> list[tuple[Piece, str]]:
        return [(_cell(encode(text), font) if at % 2 else _cell(text, "Arial" if font else ""), text)
                for at, text in enumerate(some)]  # fmt: skip

    return made


def _cut(encode: Callable[[str], str], font: str) -> Callable[[Sequence[str]], list[tuple[Piece, str]]]:
    def made(some: Sequence[str]) -> list[tuple[Piece, str]]:
        rng = random.Random(3)
        return [(Piece(_split(encode(text), font, rng), "s", "1"), text) for text in some if len(text) > 1]

    return made


def _both(some: Sequence[str]) -> list[tuple[Piece, str]]:
    made = []
    for at, text in enumerate(some):
        encoding = ("tcvn3", "vni")[at % 2]
        made.append((_cell(encoder(encoding)(text), FONT_OF[encoding]), text))
    return made


def outcomes() -> Iterator[tuple[str, Outcome, list[str]]]:
    """Each kind with its outcome over all texts, and some that came out wrong."""
    whole = texts()
    for name, make in cases():
        outcome, bad = Outcome(), []
        for start in range(0, len(whole), SHEET):
            cells = make(whole[start : start + SHEET])
            for (_, text), read in zip(cells, decode_document([piece for piece, _ in cells]), strict=True):
                right = read.text.casefold() == unicodedata.normalize("NFC", text).casefold()
                outcome.cells += 1
                outcome.right += right
                outcome.doubted += not right and not read.sure
                outcome.wrong += not right and read.sure
                if not right:
                    bad.append(f"{text} -> {read.text}")
        yield name, outcome, bad
