"""Whose report it is: the agency and its province, from what the report says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from normalize.catalogue import AgencyName, Catalogue
from normalize.model import Agency
from normalize.text import fold, is_damaged, squeeze, survive

_HEAD_LINES = 14
_PLACE_AND_DATE = re.compile(r"^(?P<place>[^,\d]{2,40}),\s*ng\S*\s", re.IGNORECASE)
_NAME_SLOT = "{name}"


def find_agency(
    named: Sequence[str], lines: Sequence[str], answers: Sequence[str], path: str, catalogue: Catalogue
) -> Agency:
    """The reporting agency: named by a row for it, else in the letterhead, else by the path in the inbox.

    ``named`` are the answers of rows that ask for the agency, ``lines`` the text of the document in order, ``answers``
    what stands in its value columns (addresses among them tell the province).
    """
    province = find_province((*named, *lines, *answers), path, catalogue)
    heads = [line for line in lines[:_HEAD_LINES] if not _is_addressee(line, catalogue)]
    folders = re.split(r"[/_]", path)
    senders = [_sender(line, catalogue) for line in lines]
    for texts in (named, heads, senders, folders):
        for text in texts:
            agency = parse_agency(text, province, catalogue)
            if agency is not None:
                return agency
    if unnamed := next((known for text in (*heads, *senders) if (known := _unnamed(text, catalogue))), None):
        return Agency("", squeeze(unnamed.name.replace(_NAME_SLOT, "")), unnamed.level, province)
    if named and fold(named[0]):
        return Agency(_slug(named[0], province), squeeze(named[0]), "other", province)
    return Agency("", "", "other", province)


def parse_agency(text: str, province: str, catalogue: Catalogue) -> Agency | None:
    """The agency that a text names at its beginning or as a whole; ``None`` when it names none that is known."""
    folded, damaged = fold(text), is_damaged(text)
    for known in _by_length(catalogue):
        if _NAME_SLOT in known.name:
            found = re.match(rf"(?:bao cao )?{re.escape(fold(known.synonym))} (?P<rest>.+)", folded)
            if found and len(found["rest"].split()) <= 6:
                name = known.name.replace(_NAME_SLOT, _tail(text, len(known.synonym.split())))
                return Agency(_slug(name, province), name, known.level, province)
            continue
        key = fold(known.synonym)
        whole = folded == key or (
            damaged and len(survive(known.synonym)) > 3 and survive(text) == survive(known.synonym)
        )
        begins = len(key) > 6 and (folded.startswith(key + " ") and len(folded) < len(key) + 40)
        if whole or begins:
            return Agency(_slug(known.agency_id, province), known.name, known.level, province)
    return None


def _sender(line: str, catalogue: Catalogue) -> str:
    """Who sent the report that a line says the form is attached to; "" for a line of another kind."""
    folded = fold(line)
    if not any(word in folded for word in catalogue.words.folded("report_of")):
        return ""
    of = [word for word in catalogue.words.printed("of") if f" {word} " in line]
    return line.rsplit(f" {of[0]} ", 1)[-1].strip(" ()./") if of else ""


def _unnamed(text: str, catalogue: Catalogue) -> AgencyName | None:
    """The kind of agency that a text names without saying which one ("people's committee of the commune")."""
    known = (one for one in _by_length(catalogue) if _NAME_SLOT in one.name)
    return next((one for one in known if fold(text) == fold(one.synonym)), None)


def find_province(lines: Iterable[str], path: str, catalogue: Catalogue) -> str:
    """The province of a report: where it was signed, else the first one named after "province", in a web address or
    in the path; "" when none is."""
    texts = list(lines)
    for line in reversed(texts):
        signed = _PLACE_AND_DATE.match(line)
        if signed and (name := _province_named(signed["place"], catalogue, whole=True)):
            return name
    for pattern in ("tinh {}", "thanh pho {}", "{} gov vn"):
        for line in texts:
            if name := _province_in(fold(line), pattern, catalogue):
                return name
    return _province_named(path, catalogue, whole=False)


def _province_in(folded: str, pattern: str, catalogue: Catalogue) -> str:
    for name, key in _province_keys(catalogue):
        wanted = pattern.format(key.replace(" ", "") if "gov" in pattern else key)
        if re.search(rf"\b{re.escape(wanted)}\b", folded):
            return name
    return ""


def _province_named(text: str, catalogue: Catalogue, *, whole: bool) -> str:
    folded = fold(text)
    for name, key in _province_keys(catalogue):
        if folded == key or (not whole and re.search(rf"\b{re.escape(key)}\b", folded)):
            return name
        if whole and is_damaged(text) and survive(text) == survive(name) and len(survive(name)) > 4:
            return name
    return ""


@lru_cache(maxsize=4)
def _province_keys(catalogue: Catalogue) -> tuple[tuple[str, str], ...]:
    return tuple((name, fold(name)) for name in catalogue.provinces)


@lru_cache(maxsize=4)
def _by_length(catalogue: Catalogue) -> tuple[AgencyName, ...]:
    return tuple(sorted(catalogue.agencies, key=lambda known: -len(known.synonym)))


def _is_addressee(line: str, catalogue: Catalogue) -> bool:
    return any(fold(line).startswith(word) for word in catalogue.words.folded("addressee"))


def _tail(text: str, n_words: int) -> str:
    rest = " ".join(squeeze(text).split()[n_words:]).strip(" .,:;-")
    return rest.title() if rest.isupper() else rest


def _slug(name: str, province: str) -> str:
    own = fold(name).replace(" ", "-")
    place = fold(province).replace(" ", "-")
    return f"{place}.{own}" if place else own
