"""Reports with known truth for the matching benchmark: the known forms, damaged and edited, and forms never seen."""

from __future__ import annotations

import csv
import random
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from unidecode import unidecode

from extract.model import LOST, Cell, Document, Place, Table
from normalize.catalogue import TARGETS, Catalogue
from normalize.model import FormRow

DATA = Path(__file__).parent / "data"
HEADER = ("STT", "Nội dung chỉ tiêu", "Đơn vị tính", "Số liệu", "Ghi chú")
HEADING, UNKNOWN = "heading", "unknown"
_VALUES = {
    "percent": "51,7",
    "boolean": "1",
    "level": "2",
    "decimal": "8,14",
    "text": "Phường Tân Quang",
    "url": "http://abc.gov.vn",
}
_ABBREVIATIONS = (
    ("dịch vụ công trực tuyến", "DVCTT"),
    ("thủ tục hành chính", "TTHC"),
    ("dịch vụ công", "DVC"),
    ("cán bộ, công chức, viên chức", "CBCCVC"),
    ("hồ sơ công việc", "HSCV"),
    ("quản lý văn bản và điều hành", "QLVB&ĐH"),
    ("cơ sở dữ liệu", "CSDL"),
    ("cơ quan nhà nước", "CQNN"),
    ("văn bản", "VB"),
    ("công nghệ thông tin", "CNTT"),
    ("ủy ban nhân dân", "UBND"),
)
_OCR = {
    "ộ": "ô",
    "ệ": "ê",
    "ố": "ô",
    "ữ": "ừ",
    "ị": "i",
    "l": "1",
    "ả": "á",
    "ẩ": "ấ",
    "đ": "d",
    "rn": "m",
    "c": "e",
    "ủ": "ú",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table with its truth: an indicator id, ``heading``, or ``unknown`` (no indicator of ours)."""

    number: str
    label: str
    unit: str
    value: str
    truth: str
    block: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A report: its kind of damage, its lines, and the document that they make."""

    kind: str
    name: str
    lines: tuple[Line, ...]

    def document(self) -> Document:
        """The lines as one table a block, each under its caption."""
        tables: list[Table] = []
        for block in dict.fromkeys(line.block for line in self.lines):
            tables.append(_table(len(tables) + 1, [line for line in self.lines if line.block == block]))
        return Document("0" * 64, "docx", "benchmark", tuple(tables))

    def truth(self) -> dict[tuple[int, int], Line]:
        """The line that stands in each place (table, row) of the document."""
        places: dict[tuple[int, int], Line] = {}
        blocks = list(dict.fromkeys(line.block for line in self.lines))
        for index, block in enumerate(blocks, start=1):
            for row, line in enumerate((one for one in self.lines if one.block == block), start=2):
                places[(index, row)] = line
        return places


def _table(number: int, lines: Sequence[Line]) -> Table:
    rows = [HEADER, *((line.number, line.label, line.unit, line.value, "") for line in lines)]
    cells = [
        Cell(Place(table=number, row=r, column=c), text)
        for r, texts in enumerate(rows, start=1)
        for c, text in enumerate(texts, start=1)
    ]
    return Table(Place(table=number), tuple(cells), len(rows), len(HEADER))


def value_of(indicator_id: str, catalogue: Catalogue) -> str:
    """A value of the kind that an indicator asks for."""
    indicator = catalogue.indicators.get(indicator_id)
    return _VALUES.get(indicator.value_type, "17") if indicator else "17"


def lines_of(rows: Iterable[FormRow], catalogue: Catalogue) -> list[Line]:
    """The printed rows of a form as lines, filled in."""
    lines = []
    for row in rows:
        if row.target in ("agency", "period", "contact", "ignore") or not row.label.strip():
            continue
        truth = HEADING if row.target in TARGETS else row.target
        value = "" if truth == HEADING else value_of(truth, catalogue)
        lines.append(Line(row.number, row.label, row.unit, value, truth, row.section))
    return lines


# Damage: each takes the lines of a report and a random source


def clean(lines: list[Line], rng: random.Random) -> list[Line]:
    """As printed."""
    return lines


def _labels(change: Callable[[str, random.Random], str]) -> Callable[[list[Line], random.Random], list[Line]]:
    def damage(lines: list[Line], rng: random.Random) -> list[Line]:
        return [replace(line, label=change(line.label, rng), unit=change(line.unit, rng)) for line in lines]

    return damage


def _blanked(text: str, rng: random.Random) -> str:
    return " ".join("".join(x if ord(x) < 0x100 else " " for x in unicodedata.normalize("NFC", text)).split())


def _marked(text: str, rng: random.Random) -> str:
    return "".join(x if ord(x) < 0x100 else LOST for x in unicodedata.normalize("NFC", text))


def _split_and_joined(text: str, rng: random.Random) -> str:
    out = []
    for letter in text:
        if letter == " " and rng.random() < 0.12:
            continue
        out.append(letter)
        if letter.isalpha() and rng.random() < 0.04:
            out.append(" ")
    return "".join(out)


def _misread(text: str, rng: random.Random) -> str:
    out = "".join(_OCR[x] if x in _OCR and rng.random() < 0.18 else x for x in text)
    return "".join(x for x in out if rng.random() > 0.01)


def _plain(text: str, rng: random.Random) -> str:
    return unidecode(text)


def _decomposed(text: str, rng: random.Random) -> str:
    return unicodedata.normalize("NFD", text)


def _abbreviated(text: str, rng: random.Random) -> str:
    for long, short in _ABBREVIATIONS:
        text = re.sub(long, short, text, flags=re.IGNORECASE) if rng.random() < 0.8 else text
    return text


def _written_out(text: str, rng: random.Random) -> str:
    for long, short in _ABBREVIATIONS:
        text = re.sub(rf"\b{re.escape(short)}\b", long, text)
    return text


def rows_deleted(lines: list[Line], rng: random.Random) -> list[Line]:
    """Three lines in ten are gone, headings too; with a line or heading go those below it whose label another line
    bears as well: without it nobody could say what they mean."""
    meanings: dict[str, set[str]] = {}
    for line in lines:
        meanings.setdefault(line.label, set()).add(line.truth)
    out, above_is_kept, heading_is_kept = [], True, True
    for line in lines:
        told_by_its_place = len(meanings[line.label]) > 1
        is_kept = rng.random() > 0.3
        if not told_by_its_place:
            above_is_kept = is_kept
            heading_is_kept = is_kept if line.truth == HEADING else heading_is_kept
        if is_kept and (not told_by_its_place or (above_is_kept and heading_is_kept)):
            out.append(line)
    return out


def rows_inserted(lines: list[Line], rng: random.Random) -> list[Line]:
    """Indicators of other fields stand between the known ones."""
    out: list[Line] = []
    unknown = unknown_lines()
    for line in lines:
        out.append(line)
        if rng.random() < 0.15:
            out.append(replace(rng.choice(unknown), block=line.block))
    return out


def rows_reordered(lines: list[Line], rng: random.Random) -> list[Line]:
    """The groups under the headings of each block come in another order, and so do the lines of a group."""
    out = []
    for block in dict.fromkeys(line.block for line in lines):
        groups: list[list[Line]] = [[]]
        for line in (one for one in lines if one.block == block):
            if line.truth == HEADING and groups[-1]:
                groups.append([])
            groups[-1].append(line)
        head, rest = groups[0], groups[1:]
        rng.shuffle(rest)
        out += [line for group in (head, *rest) for line in group]
    return out


def blocks_moved(lines: list[Line], rng: random.Random) -> list[Line]:
    """The sections come in another order."""
    blocks = list(dict.fromkeys(line.block for line in lines))
    rng.shuffle(blocks)
    return [line for block in blocks for line in lines if line.block == block]


def numbers_lost(lines: list[Line], rng: random.Random) -> list[Line]:
    """No item numbers."""
    return [replace(line, number="") for line in lines]


def renumbered(lines: list[Line], rng: random.Random) -> list[Line]:
    """Item numbers count on from one through the whole report."""
    return [replace(line, number=str(i)) for i, line in enumerate(lines, start=1)]


def units_missing(lines: list[Line], rng: random.Random) -> list[Line]:
    """No units."""
    return [replace(line, unit="") for line in lines]


def headings_filled(lines: list[Line], rng: random.Random) -> list[Line]:
    """A figure stands in a third of the headings."""
    return [replace(line, value="255") if line.truth == HEADING and rng.random() < 0.33 else line for line in lines]


DAMAGES: dict[str, Callable[[list[Line], random.Random], list[Line]]] = {
    "as printed": clean,
    "letters lost, blank": _labels(_blanked),
    "letters lost, marked": _labels(_marked),
    "words split and joined": _labels(_split_and_joined),
    "OCR noise": _labels(_misread),
    "no diacritics": _labels(_plain),
    "decomposed (NFD)": _labels(_decomposed),
    "abbreviated": _labels(_abbreviated),
    "written out": _labels(_written_out),
    "rows inserted": rows_inserted,
    "numbers lost": numbers_lost,
    "renumbered": renumbered,
    "units missing": units_missing,
    "headings filled": headings_filled,
    "rows deleted": rows_deleted,
    "rows reordered": rows_reordered,
    "sections moved": blocks_moved,
    "lost letters and rows deleted": lambda lines, rng: _labels(_blanked)(rows_deleted(lines, rng), rng),
    "reordered and thinned": lambda lines, rng: rows_reordered(rows_deleted(lines, rng), rng),
}
EDITED = ("rows deleted", "rows reordered", "sections moved", "reordered and thinned")


def damaged_cases(catalogue: Catalogue, seeds: Sequence[int], kinds: Sequence[str] = ()) -> list[Case]:
    """Every form with every kind of damage (or those named), once a seed; with all of them, two forms in one file."""
    cases = []
    forms = {form.id: lines_of(form.rows, catalogue) for form in catalogue.forms.values()}
    for kind in kinds or DAMAGES:
        damage = DAMAGES[kind]
        for form_id, lines in forms.items():
            for seed in seeds:
                rng = random.Random(f"{kind} {form_id} {seed}")
                cases.append(Case(kind, f"{form_id} {seed}", tuple(damage(lines, rng))))
    ids = [] if kinds else list(forms)
    for first, second in pairwise(ids):
        both = forms[first] + [replace(line, block=f"second {line.block}") for line in forms[second]]
        cases.append(Case("two forms in one file", f"{first} {second}", tuple(both)))
    return cases


# Forms never seen


def unknown_lines(fold: str = "") -> list[Line]:
    """The indicators that are none of ours."""
    rows = [row for row in _read("unknown.csv") if fold in ("", row["fold"])]
    return [Line(row["number"], row["label"], row["unit"], "17", UNKNOWN, row["section"]) for row in rows]


def reworded_cases(catalogue: Catalogue, fold: str) -> list[Case]:
    """Forms of other offices: each takes one wording of each row it asks, under its own headings."""
    cases = []
    unknown = unknown_lines(fold)
    for form_id in catalogue.forms:
        rows = [row for row in _read("rewordings.csv") if row["form_id"] == form_id and row["fold"] == fold]
        left = list(rows)
        turn = 0
        while left:
            taken = list({row["row"]: row for row in reversed(left)}.values())[::-1]
            left = [row for row in left if row not in taken]
            turn += 1
            lines = _under_headings(taken, catalogue)
            cases.append(Case("reworded, forms never seen", f"{form_id} {turn}", tuple(lines)))
    for part in range(0, len(unknown), 25):
        cases.append(Case("unknown indicators", f"unknown {part}", tuple(_grouped(unknown[part : part + 25]))))
    return cases


def whole_form_cases(name: str, kind: str) -> list[Case]:
    """The whole forms of other offices that a file holds, in printed order: the kind is what the benchmark calls
    them."""
    cases = []
    rows = _read(f"{name}.csv")
    for form in dict.fromkeys(row["form"] for row in rows):
        lines = [
            Line(row["number"], row["label"], row["unit"], row["value"], row["indicator_id"] or row["kind"], form)
            for row in rows
            if row["form"] == form
        ]
        cases.append(Case(kind, form, tuple(lines)))
    return cases


def new_form_cases() -> list[Case]:
    """Two whole forms of another province."""
    return whole_form_cases("new_forms", "whole new forms")


def _under_headings(rows: Sequence[dict[str, str]], catalogue: Catalogue) -> list[Line]:
    """The rows under their headings, numbered as offices do: I, then 1, then dashes; or each by its own number."""
    lines: list[Line] = []
    above: list[str] = []
    counts = [0, 0, 0]
    for row in sorted(rows, key=lambda row: row["section"]):
        parts = row["section"].split(" > ")
        for depth, part in enumerate(parts):
            if above[: depth + 1] != parts[: depth + 1]:
                counts[depth + 1 :] = [0] * (len(counts) - depth - 1)
                counts[min(depth, 2)] += 1
                lines.append(Line(_heading_number(depth, counts), part, "", "", HEADING, parts[0]))
        above = parts
        number = row["number"] if len(parts) == 1 else ""
        value = value_of(row["indicator_id"], catalogue)
        label = row["label"] if number else f"- {row['label']}"
        lines.append(Line(number, label, row["unit"], value, row["indicator_id"], parts[0]))
    return lines


def _heading_number(depth: int, counts: Sequence[int]) -> str:
    romans = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
    return (romans[(counts[0] - 1) % 10], str(counts[1]), f"{counts[1]}.{counts[2]}")[min(depth, 2)]


def _grouped(lines: Sequence[Line]) -> list[Line]:
    out: list[Line] = []
    for section in dict.fromkeys(line.block for line in lines):
        out.append(Line("I", section, "", "", HEADING, section))
        out += [line for line in lines if line.block == section]
    return out


def _read(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))
