"""Administrative units and the days on which they were valid: provinces, districts and communes, and what became of
them."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from normalize.text import fold, is_damaged, survive

_NOT_PLAIN = re.compile(r"[^a-z0-9\n]")
_PLAIN = (("đ", "d"), ("Đ", "d"), (" - ", " "), ("-", " "), ("'", " "), ("’", " "))


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as it was from ``valid_from`` to ``valid_to``, days in ISO form, "" where none is recorded.

    ``parent_id`` is the unit it belonged to (of just before the last change, for those that had several),
    ``successors`` the ids of the units its land went to, the one with the greatest part first.
    """

    id: str
    name: str
    kind: str
    parent_id: str
    valid_from: str
    valid_to: str
    successors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KindName:
    """A way in which a kind of unit is written, and the level it is of: province, district or commune."""

    kind: str
    level: str
    text: str


@dataclass(frozen=True, eq=False)
class Register:
    """The units of one level, held as the lines of their file and parsed one by one when they are asked for."""

    header: str
    lines: tuple[str, ...]

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        """The lines by name in plain letters, made in one go: folding a name at a time takes ten times as long."""
        text = "\n".join(self._column("name"))
        for sign, letter in _PLAIN:
            text = text.replace(sign, letter)
        plain = unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode().lower()
        names = _NOT_PLAIN.sub(" ", plain).split("\n")
        found: dict[str, list[str]] = {}
        for name, line in zip(names, self.lines, strict=True):
            found.setdefault(" ".join(name.split()), []).append(line)
        return found

    @cached_property
    def _by_id(self) -> dict[str, str]:
        """The first line of each id."""
        return dict(zip(reversed(self._column("unit_id")), reversed(self.lines), strict=True))

    def _column(self, name: str) -> list[str]:
        """What the lines have in one column; those without quotes are split at their commas."""
        columns = next(csv.reader((self.header,)), [])
        place = columns.index(name) if name in columns else len(columns)
        parts = (next(csv.reader((line,)), []) if '"' in line else line.split(",") for line in self.lines)
        return [part[place] if place < len(part) else "" for part in parts]

    def named(self, folded: str) -> tuple[Unit, ...]:
        """All units with that name, whatever their days; the name is folded."""
        found = map(self._parsed, self._by_name.get(folded, ()))
        return tuple(unit for unit in found if fold(unit.name) == folded) if folded else ()

    def surviving(self, rest: str) -> tuple[Unit, ...]:
        """All units of whose name a Latin-1 font leaves ``rest``."""
        return tuple(map(self._parsed, self._by_remains.get(rest, ())))

    @cached_property
    def _by_remains(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, line in zip(self._column("name"), self.lines, strict=True):
            found.setdefault(survive(name), []).append(line)
        return found

    def get(self, unit_id: str) -> Unit | None:
        """The unit with that id."""
        line = self._by_id.get(unit_id)
        return self._parsed(line) if line is not None else None

    def followed_by(self, unit_id: str) -> tuple[Unit, ...]:
        """The units that went into the one with that id."""
        found = (self._parsed(line) for line in self.lines if unit_id in line)
        return tuple(unit for unit in found if unit_id in unit.successors)

    def __iter__(self) -> Iterator[Unit]:
        return map(_unit, csv.DictReader((self.header, *self.lines)))

    def _parsed(self, line: str) -> Unit:
        return _unit_of_line(self.header, line)


@lru_cache(maxsize=16384)
def _unit_of_line(header: str, line: str) -> Unit:
    return _unit(next(csv.DictReader((header, line))))


def _unit(row: dict[str, str]) -> Unit:
    columns = ("unit_id", "name", "kind", "parent_id", "valid_from", "valid_to", "successor_id")
    unit_id, name, kind, parent_id, first, last, after = (row.get(column) or "" for column in columns)
    return Unit(unit_id, name, kind, parent_id, first, last, tuple(filter(None, after.split(";"))))


Find = Callable[[str], Unit | None]
"""Gives the unit of an id, of any level."""


def valid_on(unit: Unit, day: str) -> bool:
    """Whether a unit existed on a day in ISO form; on a day that is not known ("") every unit did."""
    return not day or ((unit.valid_from or day) <= day <= (unit.valid_to or day))


def successor(unit: Unit, day: str, find: Find) -> Unit:
    """What a unit is called on a later day: itself while it is valid, else what took its place.

    Of several successors the one with the greatest part of the land is followed. A unit without a successor of its
    own (districts ended) gives that of the unit it belonged to. When the way ends before the day is reached, the last
    unit on it is given.
    """
    seen = {unit.id}
    while not valid_on(unit, day) and (unit.valid_to and unit.valid_to < day):
        nearest = unit.successors[0] if unit.successors else unit.parent_id
        following = find(nearest)
        if following is None or following.id in seen:
            return unit
        unit = following
        seen.add(unit.id)
    return unit


def same_name(text: str, name: str) -> bool:
    """Whether a text may be that name: the same letters and marks, wherever in a word a tone mark is put.

    A text that lost its letters or was typed without marks is compared by its plain letters alone.
    """
    if fold(text) != fold(name):
        return False
    return text.isascii() or is_damaged(text) or _marked(text) == _marked(name)


def _marked(text: str) -> list[list[str]]:
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text.lower()))
    return [sorted(unicodedata.normalize("NFD", word)) for word in words]
