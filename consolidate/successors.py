"""The dataset under the provinces of a later day, for sums across a reform of administrative units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from consolidate.model import Processed
from normalize.agencies import agency_as_of
from normalize.catalogue import Catalogue


def as_of_day(processed: Sequence[Processed], day: str, catalogue: Catalogue) -> tuple[Processed, ...]:
    """The same documents with each agency in the province that its own one became part of by that day (ISO form).

    Agencies keep their ids and names, so that none of them are taken for each other. With no day ("") nothing changes.
    """
    if not day:
        return tuple(processed)
    return tuple(_moved(item, day, catalogue) for item in processed)


def _moved(item: Processed, day: str, catalogue: Catalogue) -> Processed:
    if item.report is None:
        return item
    outcomes = tuple(
        replace(one, agency=agency_as_of(one.agency, day, catalogue)) if one.agency is not None else one
        for one in item.report.outcomes
    )
    agency = agency_as_of(item.report.agency, day, catalogue)
    return replace(item, report=replace(item.report, agency=agency, outcomes=outcomes))
