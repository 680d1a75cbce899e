"""The forms and what stands in them: definitions as data, one report's answers, and the report's own head."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

FORMS = Path(__file__).parent / "forms"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Head:
    """Whose report it is and what its letterhead says. ``period`` is an SDMX period ("" when none is printed)."""

    agency: str = ""
    level: str = ""
    province: str = ""
    period: str = ""
    authority: str = ""
    writer: str = ""
    place: str = ""
    number: str = ""
    subject: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands in the place for a value: as printed, and the number or the text that it means."""

    printed: str
    number: float | int | None = None
    text: str = ""
    use: str = "figure"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list table: the section it stands under, and its cells in printed order."""

    section: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fill:
    """All that one agency wrote into a form: answers and notes by row id, entries by list id."""

    head: Head = Head()
    answers: dict[str, Answer] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    entries: dict[str, tuple[Entry, ...]] = field(default_factory=dict)


def load_form(form_id: str) -> Json:
    """Load the definition of a form as plain JSON; see ``forms/README.md`` for its keys."""
    form: Json = json.loads((FORMS / f"{form_id}.json").read_text(encoding="utf-8"))
    return form


def rules_of(form_id: str) -> dict[str, tuple[str, ...]]:
    """Return the rule by which each row of a form is filled, in the order in which they are worked out."""
    with (FORMS / f"{form_id}.rules.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file, strict=True))
    if any(None in line for line in lines):
        raise ValueError(f"{form_id}.rules.csv: a rule with a comma needs quotation marks")
    return {line["row"]: tuple(line["rule"].split(" ")) for line in lines}


def rows_of_form(form: Json) -> list[Json]:
    """Return every row of tables and fill-in lines in printed order (list tables have none)."""
    return [row for block in form["blocks"] for row in block.get("rows", []) + block.get("lines", [])]


def lists_of_form(form: Json) -> list[Json]:
    """Return the list tables of a form in printed order."""
    return [block for block in form["blocks"] if block["kind"] == "list_table"]


def with_period(text: str, head: Head) -> str:
    """Replace the dots of "tháng: ...../năm....." by the period of a monthly report."""
    found = re.fullmatch(r"(\d{4})-(\d\d)", head.period)
    if not found:
        return text
    return re.sub(r"(tháng: )\.+(/năm ?)\.+", rf"\g<1>{int(found[2])}\g<2> {found[1]}", text).replace("  ", " ")


def blank(head: Head = Head()) -> Fill:
    """Return a fill without any answer: the form as it is sent out."""
    return Fill(head)
