"""Where an agency is: the province that a report names, and the administrative unit that a text names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from normalize.catalogue import Catalogue
from normalize.text import fold, is_damaged, survive
from normalize.units import Register, Unit, same_name, successor, valid_on

_PLACE_AND_DATE = re.compile(r"^(?P<place>[^,\d]{2,40}),\s*ng\S*\s", re.IGNORECASE)
_WORD = re.compile("(?:[^\\W_]|\N{REPLACEMENT CHARACTER})+")
_LONGEST_NAME = 6
_MENTIONS = ("tinh {}", "thanh pho {}", "tp {}", "{} gov vn")


@dataclass(frozen=True, slots=True)
class Context:
    """What is known around a name: the province ("" if none), the day in ISO form ("" if none) and all text, folded."""

    province: str
    day: str
    text: str


@dataclass(frozen=True, slots=True)
class Named:
    """A unit as a text names it: kind, level and name in words, the unit itself if it is one for certain, and whether
    several units are called so."""

    kind: str
    level: str
    name: str
    unit: Unit | None = None
    several: bool = False


def words_in(text: str) -> list[re.Match[str]]:
    """The words of a text with their places; a letter that was lost does not end a word."""
    return list(_WORD.finditer(text))


def find_province(lines: Iterable[str], path: str, day: str, catalogue: Catalogue) -> str:
    """The province of a report: where it was signed, else the first one named after "province" or in a web address,
    else that of the district where it was signed, else the one in the path; "" when none is named."""
    texts = list(lines)
    names = _province_names(catalogue, day)
    signed = [found["place"] for line in reversed(texts) if (found := _PLACE_AND_DATE.match(line))]
    for place in signed:
        if name := _equal(place, names):
            return name
    folded = [f" {fold(line)} " for line in texts]
    for pattern in _MENTIONS:
        sign = pattern.replace("{}", "")
        for line in folded:
            if sign in line and (name := _province_in(line, pattern, names)):  # most lines name no province at all
                return name
    for place in signed:
        if name := province_of_place(place, day, catalogue):
            return name
    return _province_of_path(path, names, catalogue)


def _province_of_path(path: str, names: Sequence[tuple[str, str]], catalogue: Catalogue) -> str:
    """The province whose name a folder has, else the first one that is named and is not the name of a lower unit."""
    parts = [fold(part) for part in path.replace("!", "/").split("/")]
    keys = {key: name for name, key in names}
    whole = next((keys[part] for part in parts if part in keys), "")
    return whole or next((name for part in parts if (name := _named_in(part, names, catalogue))), "")


def _named_in(folded: str, names: Sequence[tuple[str, str]], catalogue: Catalogue) -> str:
    lower = tuple(f" {text}" for text, _, level in _kinds(catalogue) if level in ("district", "commune"))
    for name, key in names:
        before, found, _ = f" {folded} ".partition(f" {key} ")
        if found and not before.endswith(lower):
            return name
    return ""


def province_of_place(text: str, day: str, catalogue: Catalogue) -> str:
    """The province of the one district that is called so; "" when there is none or more."""
    named = read_unit(text, Context("", day, ""), catalogue)
    if named is None or named.level != "district" or named.unit is None:
        return ""
    return province_on(named.unit, day, catalogue)


def province_on(unit: Unit, day: str, catalogue: Catalogue) -> str:
    """The name of the province that a unit belonged to on a day (or in its last days, when the day is not known)."""
    parent: Unit | None = unit
    while parent is not None and parent.parent_id:
        parent = catalogue.unit(parent.parent_id)
    if parent is None:
        return ""
    if valid_on(parent, day):
        return parent.name
    before = [one for one in catalogue.provinces.followed_by(parent.id) if valid_on(one, day)]
    return before[0].name if len(before) == 1 else parent.name


def province_as_of(province: str, day: str, catalogue: Catalogue) -> str:
    """What a province is called on a later day: the one that took its place; the name itself when it is not known.

    ``day`` is in ISO form. A name that two provinces bore in turn means the earlier one, which leads to the later.
    """
    called = sorted(catalogue.provinces.named(fold(province)), key=lambda unit: unit.valid_from)
    return successor(called[0], day, catalogue.unit).name if called else province


def read_unit(text: str, context: Context, catalogue: Catalogue) -> Named | None:
    """The unit whose kind and name a text begins with; without a kind, a district or commune that is one for certain.

    ``None`` when the text names no unit; a kind alone gives a name of "".
    """
    words = words_in(text)
    found = _kind_at(words, catalogue)
    if found is None:
        lost = _read_damaged(text, context, catalogue) if is_damaged(text) else None
        return lost or _without_kind(words, context, catalogue)
    kind, level, used = found
    rest = words[used:]
    if not rest:
        return Named(kind, level, "")
    registers = _registers(kind, level, catalogue)
    for end in range(min(len(rest), _LONGEST_NAME), 0, -1):
        printed = text[rest[0].start() : rest[end - 1].end()]
        for register, its_level in registers:
            named = _resolve(printed, kind, its_level, register, context, catalogue)
            if named is not None and not _goes_on(text, rest, end, catalogue):
                return named
    lost = _read_damaged(text, context, catalogue) if is_damaged(text) else None
    return lost or Named(kind, level, _until_next(text, rest, catalogue))


def _goes_on(text: str, words: Sequence[re.Match[str]], end: int, catalogue: Catalogue) -> bool:
    """Whether the name that the first words give goes on for one more word: then it is another unit's, which the
    register does not have."""
    if end == len(words):
        return False
    name, word, after = text[words[0].start() : words[end - 1].end()], words[end], words[end + 1 :]
    if text[words[end - 1].end() : word.start()].strip() or not word[0][0].isupper():
        return False
    is_last = not after or bool(text[word.end() : after[0].start()].strip()) or _kind_at(after, catalogue) is not None
    same_case = word[0].isupper() == name.isupper()
    return (
        is_last and same_case and _kind_at(words[end:], catalogue) is None and fold(word[0]) not in _others(catalogue)
    )


@lru_cache(maxsize=4)
def _others(catalogue: Catalogue) -> frozenset[str]:
    """The words that may follow the name of a unit and are no part of it."""
    uses = ("title", "header", "column_period", "total", "motto", "printed")
    return frozenset(word.split()[0] for use in uses for word in catalogue.words.folded(use))


@lru_cache(maxsize=256)
def _registers(kind: str, level: str, catalogue: Catalogue) -> list[tuple[Register, str]]:
    """Where units of a kind stand. A city may be of the province's level or the district's."""
    own = (catalogue.register(level), level)
    of_state = level == "district" and any(unit.kind == kind for unit in catalogue.provinces)
    return [(catalogue.provinces, "province"), own] if of_state else [own]


def _resolve(
    printed: str, kind: str, level: str, register: Register, context: Context, catalogue: Catalogue
) -> Named | None:
    units = [unit for unit in register.named(fold(printed)) if same_name(printed, unit.name)]
    if level == "province":
        units = [unit for unit in units if unit.kind == kind and valid_on(unit, context.day)]
    chosen = _most_fitting(units, kind, context, catalogue)
    if not chosen:
        return None
    unit = chosen[0] if len(chosen) == 1 else None
    return Named(kind, level, chosen[0].name, unit, len(chosen) > 1)


def _most_fitting(units: Sequence[Unit], kind: str, context: Context, catalogue: Catalogue) -> list[Unit]:
    """The units that agree with the day, the province, the kind and the district that the text around names.

    None is left when all lie in other provinces; the others count as far as any unit agrees with them: a district may
    have become a town since, and a report may come late.
    """
    chosen = [unit for unit in units if valid_on(unit, context.day)] or list(units)
    if context.province:
        chosen = [unit for unit in chosen if context.province in _provinces_of(unit, context, catalogue)]
    chosen = [unit for unit in chosen if unit.kind == kind] or chosen
    if len(chosen) > 1:
        chosen = [unit for unit in chosen if _parent_named(unit, context.text, catalogue)] or chosen
    if len(chosen) > 1 and not context.day:
        chosen = [unit for unit in chosen if not unit.valid_from] or chosen
    return chosen


def _provinces_of(unit: Unit, context: Context, catalogue: Catalogue) -> set[str]:
    """The names of the unit's province: of the day, or of all days when none is known."""
    name = province_on(unit, context.day, catalogue)
    return {name} if context.day else {name, province_as_of(name, "9999-12-31", catalogue)}


def _parent_named(unit: Unit, text: str, catalogue: Catalogue) -> bool:
    parent = catalogue.unit(unit.parent_id)
    kinds = {fold(one.text) for one in catalogue.unit_kinds if one.level in ("district", "province")}
    if parent is None:
        return False
    wanted = "|".join(re.escape(kind) for kind in kinds)
    return re.search(rf"\b(?:{wanted}) {re.escape(fold(parent.name))}\b", text) is not None


def _kind_at(words: Sequence[re.Match[str]], catalogue: Catalogue) -> tuple[str, str, int] | None:
    """The kind that the first words name, with its level and how many words it takes."""
    for length in (2, 1):
        found = _kind_by_name(catalogue).get(" ".join(fold(word[0]) for word in words[:length]))
        if found is not None and len(words) >= length:
            return *found, length
    return None


def kind_at_start(text: str, catalogue: Catalogue) -> str:
    """The level of the unit whose kind a text begins with: province, district or commune; "" when it names none."""
    found = _kind_at(words_in(text), catalogue)
    return found[1] if found is not None else ""


@lru_cache(maxsize=4)
def _kinds(catalogue: Catalogue) -> tuple[tuple[str, str, str], ...]:
    return tuple((fold(one.text), one.kind, one.level) for one in catalogue.unit_kinds)


@lru_cache(maxsize=4)
def _kind_by_name(catalogue: Catalogue) -> dict[str, tuple[str, str]]:
    """Kind and level by the folded name, the first one of each name."""
    return {folded: (kind, level) for folded, kind, level in reversed(_kinds(catalogue))}


def _until_next(text: str, rest: Sequence[re.Match[str]], catalogue: Catalogue) -> str:
    """The words up to a sign of punctuation or the next kind of unit, for a name that is in no register."""
    end = 1
    while end < min(len(rest), _LONGEST_NAME):
        between = text[rest[end - 1].end() : rest[end].start()]
        if between.strip(" -'’") or _kind_at(rest[end:], catalogue):
            break
        end += 1
    printed = " ".join(text[rest[0].start() : rest[end - 1].end()].split())
    return printed.title() if printed.isupper() else printed


def _without_kind(words: Sequence[re.Match[str]], context: Context, catalogue: Catalogue) -> Named | None:
    printed = " ".join(word[0] for word in words)
    for level in ("district", "commune"):
        if not 0 < len(words) <= _LONGEST_NAME:
            return None
        units = [unit for unit in catalogue.register(level).named(fold(printed)) if same_name(printed, unit.name)]
        chosen = _most_fitting(units, "", context, catalogue)
        if chosen:
            unit = chosen[0] if len(chosen) == 1 else None
            return Named(chosen[0].kind, level, chosen[0].name, unit, len(chosen) > 1)
    return None


def _read_damaged(text: str, context: Context, catalogue: Catalogue) -> Named | None:
    """The one unit whose kind and name leave the letters that the text has left."""
    left = survive(text)
    for one in catalogue.unit_kinds:
        start = survive(one.text)
        if len(start) < 2 or not left.startswith(start) or len(left) < len(start) + 2:
            continue
        for register, level in _registers(one.kind, one.level, catalogue):
            units = [unit for unit in register.surviving(left[len(start) :]) if unit.kind == one.kind]
            chosen = _most_fitting(units, one.kind, context, catalogue)
            if len(chosen) == 1:
                return Named(one.kind, level, chosen[0].name, chosen[0])
    return None


# Provinces by name


@lru_cache(maxsize=64)
def _province_names(catalogue: Catalogue, day: str) -> tuple[tuple[str, str], ...]:
    """Name and folded name of the provinces of a day, longer names first: one may hold another."""
    names = {unit.name for unit in catalogue.provinces if valid_on(unit, day)}
    return tuple(sorted(((name, fold(name)) for name in names), key=lambda pair: (-len(pair[1]), pair[1])))


def _province_in(padded: str, pattern: str, names: Sequence[tuple[str, str]]) -> str:
    for name, key in names:
        wanted = pattern.format(key.replace(" ", "") if "gov" in pattern else key)
        if f" {wanted} " in padded:
            return name
    return ""


def _equal(text: str, names: Sequence[tuple[str, str]]) -> str:
    folded, left = fold(text), survive(text) if is_damaged(text) else ""
    for name, key in names:
        if folded == key or (left == survive(name) and len(left) > 4):
            return name
    return ""
