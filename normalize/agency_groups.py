"""All agencies of a level in a province, as far as the registers of administrative units know them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from normalize.agencies import parse_agency
from normalize.catalogue import Catalogue
from normalize.model import Agency
from normalize.places import Context, province_on
from normalize.text import fold
from normalize.units import Unit, valid_on

_UNIT_SLOT = "{unit}"


@lru_cache(maxsize=64)
def agencies_of_level(level: str, province: str, day: str, catalogue: Catalogue) -> tuple[Agency, ...]:
    """The people's committees of the districts or communes that a province had on a day (ISO form), by their ids.

    They have the ids that their reports get. Where reports could not be told apart by name either, both units share
    one agency without an id, which is named once.
    """
    units = _units(level, province, day, catalogue)
    found = (_committee(unit, province, unit.valid_to or unit.valid_from or day, catalogue) for unit in units)
    return tuple(sorted({agency.id or agency.name: agency for agency in found}.values(), key=_id))


def agency_of_id(agency_id: str, catalogue: Catalogue) -> Agency:
    """What the id of an agency says of it: the province before the point, and after it a name of the mappings.

    What is not known from the id is left open; the id then stands for the name.
    """
    start, _, own = agency_id.partition(".")
    slugs = ((fold(unit.name).replace(" ", "-"), unit.name) for unit in catalogue.provinces)
    province = next((name for slug, name in slugs if slug == start), "")
    known = next((one for one in catalogue.agencies if one.agency_id and one.agency_id in (own, agency_id)), None)
    if known is None:
        return Agency(agency_id, agency_id, "other", province)
    return Agency(agency_id, known.name, known.level, known.province or province)


def _id(agency: Agency) -> tuple[str, str]:
    return agency.id, agency.name


def _units(level: str, province: str, day: str, catalogue: Catalogue) -> Iterator[Unit]:
    for unit in catalogue.register(level):
        if valid_on(unit, day) and _province_of(unit.parent_id, day, catalogue) == province:
            yield unit


@lru_cache(maxsize=4096)
def _province_of(parent_id: str, day: str, catalogue: Catalogue) -> str:
    """The province of the units of one parent: asked once for all of them, since to find a unit takes long."""
    parent = catalogue.unit(parent_id)
    return province_on(parent, day, catalogue) if parent is not None else ""


@lru_cache(maxsize=20_000)
def _committee(unit: Unit, province: str, day: str, catalogue: Catalogue) -> Agency:
    body = next((one.name for one in catalogue.agencies if _UNIT_SLOT in one.name), _UNIT_SLOT)
    name = body.replace(_UNIT_SLOT, f"{unit.kind} {unit.name}")
    parent = catalogue.unit(unit.parent_id)
    around = fold(f"{parent.kind} {parent.name}") if parent is not None else ""
    found = parse_agency(name, Context(province, day, around), catalogue)
    return found if found is not None else Agency("", name, "other", province)
