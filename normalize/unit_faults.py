"""The faults of the registers of administrative units and of the names of agencies, each with its file and line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache

from normalize.text import fold

UNIT_COLUMNS = "unit_id,name,kind,parent_id,valid_from,valid_to,successor_id,note"
KIND_COLUMNS = "kind,level,text"
REGISTERS = {"P": "units/provinces.csv", "D": "units/districts.csv", "C": "units/communes.csv"}
"""The file of each level by the letter that its ids begin with."""

KINDS = "units/kinds.csv"
LEVELS = frozenset({"province", "department", "district", "commune", "other"})
_SLOT = "{unit}"

Lines = Sequence[tuple[int, Mapping[str, str]]]
Found = tuple[str, int, str, tuple[tuple[str, str], ...]]
"""A fault: file, line, message code and details."""


def unit_faults(registers: Mapping[str, Lines], kinds: Lines) -> Iterator[Found]:
    """What is wrong with the registers, given by the letter of their ids, and with the kinds of units."""
    ids = {row["unit_id"] for rows in registers.values() for _, row in rows}
    known = {row["kind"] for _, row in kinds}
    for line, row in kinds:
        if row["level"] not in ("province", "district", "commune") or not fold(row["text"]):
            yield KINDS, line, "unit_field_wrong", _details(row["kind"], "level", row["level"])
    for letter, rows in registers.items():
        first: dict[str, int] = {}
        for line, row in rows:
            if first.setdefault(row["unit_id"], line) != line:
                details = (("id", row["unit_id"]), ("first", str(first[row["unit_id"]])))
                yield REGISTERS[letter], line, "id_twice", details
            for column in _wrong_columns(letter, row, known):
                yield REGISTERS[letter], line, "unit_field_wrong", _details(row["unit_id"], column, row[column])
            others = row["successor_id"].split(";") if row["successor_id"] else []
            for other in (row["parent_id"], *others):
                if other and (other not in ids or other == row["unit_id"]):
                    yield REGISTERS[letter], line, "unit_unknown", (("unit", row["unit_id"]), ("id", other))


def _wrong_columns(letter: str, row: Mapping[str, str], kinds: Collection[str]) -> Iterator[str]:
    """The columns of a unit whose text cannot be: an id of another level, no name, an unknown kind, no day."""
    if not row["unit_id"].startswith(letter):
        yield "unit_id"
    if not fold(row["name"]):
        yield "name"
    if row["kind"] not in kinds:
        yield "kind"
    if bool(row["parent_id"]) != (letter != "P"):
        yield "parent_id"
    days = [column for column in ("valid_from", "valid_to") if row[column] and not _is_day(row[column])]
    yield from days
    if not days and row["valid_from"] and row["valid_to"] and row["valid_from"] > row["valid_to"]:
        yield "valid_to"


def agency_faults(rows: Lines) -> Iterator[Found]:
    """What is wrong with the names of agencies: an unknown level, an empty name, one name for two agencies."""
    name = "agencies.csv"
    means: dict[tuple[str, bool], tuple[str, int]] = {}
    for line, row in rows:
        of_units = _SLOT in row["name"]
        if row["level"] not in LEVELS | {""} or (not row["level"] and not of_units):
            yield name, line, "agency_level_unknown", (("name", row["name"]), ("text", row["level"]))
        if not fold(row["synonym"]) or not fold(row["name"]) or bool(row["agency_id"]) == of_units:
            yield name, line, "agency_incomplete", (("name", row["name"]),)
        key = ("".join(word for word in fold(row["synonym"]).split() if word != "va"), of_units)
        first, at = means.setdefault(key, (row["name"], line))
        if first != row["name"]:
            details = (("text", row["synonym"]), ("name", row["name"]), ("other", first), ("first", str(at)))
            yield name, line, "agency_ambiguous", details


def _details(unit: str, column: str, text: str) -> tuple[tuple[str, str], ...]:
    return (("unit", unit), ("column", column), ("text", text))


@lru_cache(maxsize=4096)
def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
