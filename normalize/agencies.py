"""Whose report it is: the agency and its province, from what the report says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, takewhile

from normalize.catalogue import AgencyName, Catalogue
from normalize.model import Agency
from normalize.places import (
    Context,
    Named,
    find_province,
    kind_at_start,
    province_as_of,
    province_on,
    read_unit,
    words_in,
)
from normalize.text import fold, is_damaged, squeeze, survive

_HEAD_LINES = 14
_LEVELS = ("province", "department", "district", "commune")
_UNIT_SLOT = "{unit}"
_LONGEST_TAIL = 8
_SHORTEST_WITH_MORE = 6
"""Letters of an abbreviation that may be followed by other words than the province's name."""


@dataclass(frozen=True, slots=True)
class _Prefix:
    """A name of an agency as it is compared: its words without "and" joined, and what a Latin-1 font leaves."""

    key: str
    left: str
    known: AgencyName


def find_agency(
    named: Sequence[str],
    lines: Sequence[str],
    answers: Sequence[str],
    path: str,
    catalogue: Catalogue,
    day: str = "",
    level: str = "",
) -> Agency:
    """The reporting agency: named by a row for it, else in the letterhead, else by the path in the inbox.

    ``named`` are the answers of rows that ask for the agency, ``lines`` the text of the document in order, ``answers``
    what stands in its value columns (addresses among them tell the province), ``day`` the day of the report in ISO
    form, ``level`` whose figures the form asks for. The province is that of the day. Where several units are called
    so and nothing tells which one it is, the id is "".
    """
    province = find_province((*named, *lines, *answers), path, day, catalogue)
    texts = (*named, *lines[:_HEAD_LINES], *lines[-_HEAD_LINES:], *answers, path)
    context = Context(province, day, " | ".join(fold(text) for text in texts))
    unnamed: Agency | None = None
    for found in _namings(named, lines, path, context, level, catalogue):
        whole = [agency for agency in found if agency.id]
        if unnamed is not None:
            whole = [agency for agency in whole if agency.level == unnamed.level]
        if whole:
            return whole[0]
        if found and not _is_bare(found[0], catalogue):
            return unnamed or found[0]
        unnamed = unnamed or next(iter(found), None)
    if unnamed is not None:
        return unnamed
    if named and fold(named[0]):
        return Agency(_slug(province, squeeze(named[0])), squeeze(named[0]), "other", province)
    return Agency("", "", "other", province)


def _namings(
    named: Sequence[str], lines: Sequence[str], path: str, context: Context, level: str, catalogue: Catalogue
) -> Iterator[list[Agency]]:
    """The agencies that each kind of text names, the surest first; one is read when those before it tell nothing."""
    yield _parsed(named, context, catalogue)
    yield _letterhead(lines, context, level, catalogue)
    yield _parsed((sender for line in lines if (sender := _sender(line, catalogue))), context, catalogue)
    yield _parsed(_folders(path, catalogue), context, catalogue)


def _parsed(texts: Iterable[str], context: Context, catalogue: Catalogue) -> list[Agency]:
    return [agency for text in texts if (agency := parse_agency(text, context, catalogue))]


def _is_bare(agency: Agency, catalogue: Catalogue) -> bool:
    """Whether a body is named as the printed form does, "people's committee of the commune", without saying which."""
    kinds = {fold(agency.name.replace(known.name.replace(_UNIT_SLOT, "").strip(), "")) for known in catalogue.agencies}
    return not agency.id and any(fold(one.kind) in kinds or fold(one.text) in kinds for one in catalogue.unit_kinds)


def agency_as_of(agency: Agency, day: str, catalogue: Catalogue) -> Agency:
    """The same agency under the province of a later day (ISO form); its id and name stay those of its own day."""
    if not agency.province:
        return agency
    return Agency(agency.id, agency.name, agency.level, province_as_of(agency.province, day, catalogue))


def _folders(path: str, catalogue: Catalogue) -> Iterator[str]:
    """What the folders and the name of a file say, the nearest first."""
    for folder in reversed(path.replace("!", "/").split("/")):
        yield folder
        yield from folder.split("_")[1:]
        yield from _between_times(folder, catalogue)


def _between_times(name: str, catalogue: Catalogue) -> Iterator[str]:
    """The stretches of the name of a file between its ending, numbers and words of time."""
    times = catalogue.words.folded("column_period")
    plain = re.sub(r"\.\w{2,5}$", "", name).replace("_", " ").replace("-", " ")
    parts = re.split(r"(?i)\b(?:\d+|[qt]\d+|i{1,3}|iv|20\d\d|\d+t)\b", plain)
    for part in parts:
        words = part.strip(" .,()").split()
        while words and fold(words[0]) in times:
            words.pop(0)
        while words and fold(words[-1]) in times:
            words.pop()
        yield " ".join(words)


def _letterhead(lines: Sequence[str], context: Context, level: str, catalogue: Catalogue) -> list[Agency]:
    """The agencies at the head of a document, the likeliest first.

    The line above names the superior body and the line below the one that writes, unless the form asks for the
    figures of the superior body.
    """
    heads = [_without_motto(line, catalogue) for line in lines[:_HEAD_LINES] if not _is_addressee(line, catalogue)]
    run: list[Agency] = []
    for above, line, below in zip(("", *heads), heads, (*heads[1:], ""), strict=False):
        read = (parse_agency(text, context, catalogue) for text in _readings(above, line, below, catalogue))
        found = [agency for agency in read if agency is not None]
        if found:
            run.append(next((agency for agency in found if agency.id), found[0]))
        elif any(agency.id for agency in run):
            break
    asked = [agency for agency in run if agency.level == level and agency.id]
    run.reverse()
    return [*asked[:1], *sorted(run, key=_rank, reverse=True)]


def _readings(above: str, line: str, below: str, catalogue: Catalogue) -> Iterator[str]:
    """A line of the letterhead with what may belong to it: the line below, where the name goes on, or the unit in the
    line above an office of that unit."""
    unit_of = {text: _after_prefix(text, catalogue) for text in (above, line)}
    if unit_of[line] == "":
        yield f"{line} {below}"
        yield f"{line} {unit_of[above] or ''}"
    yield line


def _after_prefix(text: str, catalogue: Catalogue) -> str | None:
    """What follows the name of a body of a unit, "" when nothing does; ``None`` when the text names no such body."""
    words = words_in(text)
    for prefix, used in _prefixes_of([fold(word[0]) for word in words], catalogue):
        if _UNIT_SLOT in prefix.known.name:
            return text[words[used - 1].end() :].strip()
    return None


def _rank(agency: Agency) -> int:
    return _LEVELS.index(agency.level) if agency.level in _LEVELS else -1


def parse_agency(text: str, context: Context, catalogue: Catalogue) -> Agency | None:
    """The agency that a text names at its beginning or as a whole; ``None`` when it names none that is known."""
    words = words_in(text)
    for prefix, used in _prefixes_of([fold(word[0]) for word in words], catalogue):
        rest = text[words[used - 1].end() :]
        known = prefix.known
        if _UNIT_SLOT in known.name:
            return _of_unit(known, rest, context, catalogue)
        if len(words) - used > _LONGEST_TAIL or _is_of_lower_unit(rest, context, catalogue):
            continue
        own = _province_after(rest, context, catalogue)
        if used == len(words) or own or len(prefix.key) > _SHORTEST_WITH_MORE:
            return _of_province(known, own or context.province)
    return _damaged(text, context, catalogue) if is_damaged(text) else None


def _is_of_lower_unit(rest: str, context: Context, catalogue: Catalogue) -> bool:
    """Whether what follows a name says that it is the office of a district or commune, and not the province's."""
    if kind_at_start(rest, catalogue) not in ("district", "commune"):
        return False
    named = read_unit(rest, context, catalogue)
    return named is not None and (named.unit is None or not named.unit.id.startswith("P"))


def agency_of_line(text: str, context: Context, catalogue: Catalogue, bare: bool = True) -> Agency | None:
    """The agency that a line of a table names: by its own name, or, where ``bare``, by that of its unit alone.

    ``None`` for a text that names none; the id is "" where several units are called so.
    """
    found = parse_agency(text, context, catalogue)
    named = read_unit(text, context, catalogue) if found is None and bare else None
    if named is None or (named.unit is None and not named.several):
        return found
    of_unit = (parse_agency(f"{body} {text}", context, catalogue) for body in catalogue.words.printed("agency_of_unit"))
    return next((agency for agency in of_unit if agency is not None), None)


def _prefixes_of(folded: list[str], catalogue: Catalogue) -> Iterator[tuple[_Prefix, int]]:
    """The names of agencies that the words begin with, longest first, and how many words each takes."""
    by_key, (shortest, longest, heads) = _by_key(catalogue), _key_heads(catalogue)
    skips = (len(words) for words in _openings(catalogue) if folded[: len(words)] == words)
    for start in sorted({0, *skips}):
        parts = list(map(_key_part, folded[start:]))
        if "".join(parts)[:shortest] not in heads:
            continue
        keys = takewhile(lambda key: len(key) <= longest, accumulate(parts))
        for end, key in reversed(list(enumerate(keys, start + 1))):
            if folded[end - 1] != "va":
                yield from ((prefix, end) for prefix in by_key.get(key, ()))


def _key(words: Sequence[str]) -> str:
    return "".join(map(_key_part, words))


def _key_part(word: str) -> str:
    return "" if word == "va" else word.replace(" ", "")


@lru_cache(maxsize=4)
def _openings(catalogue: Catalogue) -> tuple[list[str], ...]:
    return tuple(word.split() for word in catalogue.words.folded("agency_before"))


@lru_cache(maxsize=4)
def _key_heads(catalogue: Catalogue) -> tuple[int, int, frozenset[str]]:
    """How long the shortest and the longest name is, and what all begin with, as far as the shortest goes."""
    lengths = [len(key) for key in _by_key(catalogue)]
    shortest = min(lengths, default=0)
    return shortest, max(lengths, default=0), frozenset(key[:shortest] for key in _by_key(catalogue))


@lru_cache(maxsize=4)
def _by_key(catalogue: Catalogue) -> dict[str, list[_Prefix]]:
    """The names by what is compared: at most one of a body of the province, before one of a body of any unit."""
    found: dict[str, list[_Prefix]] = {}
    for known in sorted(catalogue.agencies, key=lambda one: _UNIT_SLOT in one.name):
        key = _key(fold(known.synonym).split())
        kinds = [_UNIT_SLOT in one.known.name for one in found.get(key, ())]
        if (_UNIT_SLOT in known.name) not in kinds:
            found.setdefault(key, []).append(_Prefix(key, survive(known.synonym), known))
    return found


@lru_cache(maxsize=4)
def _by_left(catalogue: Catalogue) -> dict[str, list[_Prefix]]:
    """The names by what a Latin-1 font leaves of them."""
    found: dict[str, list[_Prefix]] = {}
    for prefix in (prefix for prefixes in _by_key(catalogue).values() for prefix in prefixes):
        found.setdefault(prefix.left, []).append(prefix)
    return found


def _of_province(known: AgencyName, province: str) -> Agency:
    own = known.province or province
    return Agency(_slug(own, known.agency_id), known.name, known.level, own)


def _province_after(rest: str, context: Context, catalogue: Catalogue) -> str:
    """The province that is named after the name of a department; "" when none is."""
    if not fold(rest):
        return ""
    named = read_unit(rest, context, catalogue)
    own = province_on(named.unit, context.day, catalogue) if named is not None and named.unit is not None else ""
    return own or find_province((), rest, context.day, catalogue)


def _of_unit(known: AgencyName, rest: str, context: Context, catalogue: Catalogue) -> Agency | None:
    """A body of a unit: the people's committee of a commune, an office of a district."""
    named = read_unit(rest, context, catalogue)
    if named is None:
        return None
    own = _own_province(named, context, catalogue)
    province = own or context.province
    if named.level == "province" and not named.name and province:
        named = Named(named.kind, named.level, province)
    name = known.name.replace(_UNIT_SLOT, f"{named.kind} {named.name}".strip())
    level = known.level or named.level
    if not named.name or named.several:
        return Agency("", name, level, province)
    body = name if named.unit is None else known.name.replace(_UNIT_SLOT, f"{named.unit.kind} {named.unit.name}")
    return Agency(_slug(province, *_district_of(named, catalogue), body), name, level, province)


def _own_province(named: Named, context: Context, catalogue: Catalogue) -> str:
    if named.unit is None:
        return ""
    province = province_on(named.unit, context.day, catalogue)
    return context.province if context.province and named.level != "province" else province


def _district_of(named: Named, catalogue: Catalogue) -> tuple[str, ...]:
    """The district of a commune, since communes of one province often share a name."""
    parent = catalogue.unit(named.unit.parent_id) if named.unit and named.level == "commune" else None
    return (f"{parent.kind} {parent.name}",) if parent is not None and parent.parent_id else ()


def _damaged(text: str, context: Context, catalogue: Catalogue) -> Agency | None:
    """The one agency whose name leaves the letters that the text has left."""
    left, by_left = survive(text), _by_left(catalogue)
    whole = {one.known.agency_id: one for one in by_left.get(left, ()) if _UNIT_SLOT not in one.known.name}
    if len(left) > 2 and len(whole) == 1:
        return _of_province(next(iter(whole.values())).known, context.province)
    words = words_in(text)
    for end in range(len(words) - 1, 0, -1):
        start = survive(text[: words[end - 1].end()])
        known = next((one.known for one in by_left.get(start, ()) if _UNIT_SLOT in one.known.name), None)
        found = _of_unit(known, text[words[end - 1].end() :], context, catalogue) if known else None
        if found is not None:
            return found
    return None


def _sender(line: str, catalogue: Catalogue) -> str:
    """Who sent the report that a line says the form is attached to; "" for a line of another kind."""
    folded = fold(line)
    if not any(word in folded for word in catalogue.words.folded("report_of")):
        return ""
    of = [word for word in catalogue.words.printed("of") if f" {word} " in line]
    return line.rsplit(f" {of[0]} ", 1)[-1].strip(" ()./") if of else ""


def _is_addressee(line: str, catalogue: Catalogue) -> bool:
    return any(fold(line).startswith(word) for word in catalogue.words.folded("addressee"))


def _without_motto(line: str, catalogue: Catalogue) -> str:
    """A line of the letterhead without the name of the state, which stands beside the agency's name."""
    words = words_in(line)
    folded = [fold(word[0]) for word in words]
    for motto in catalogue.words.folded("motto"):
        wanted = motto.split()
        for start in range(1, len(words) - len(wanted) + 1):
            if folded[start : start + len(wanted)] == wanted:
                return line[: words[start].start()].strip()
    return line


def _slug(province: str, *parts: str) -> str:
    return ".".join(fold(part).replace(" ", "-") for part in (province, *parts) if fold(part))
