"""Who has reported and who has not: a line for each agency, form and period that was sent or was to be expected.

Nothing here looks at a clock: what is expected ends with the newest period that any report is about.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from operator import attrgetter
from pathlib import Path

from consolidate.columns import COVERAGE, names
from consolidate.csvfile import write_csv
from consolidate.dataset import Record, as_rows
from consolidate.model import Processed, by_agency
from normalize.agency_groups import agencies_of_level, agency_of_id
from normalize.catalogue import Catalogue
from normalize.expected import Expected, ordinal, period_at, periods_between
from normalize.model import Agency, Report
from normalize.periods import kind_of, last_day

Coverage = Sequence[Record]
"""The lines of the coverage table, as mappings from column to cell."""

STATUSES = ("missing", "partial", "late", "resubmitted", "submitted")
"""What may be said of a report; of several that hold the first one is its status."""

LIST, SEEN = "list", "seen"
_SEPARATOR = ";"
_REPLACED = "superseded_figure"
_SUBMITTED = ("extracted", "superseded", "no_data")

Series = tuple[str, str]
"""A form and a kind of period."""

Spot = tuple[str, str, str]
"""An agency by its key, a form and a period."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One document of an agency for a form and period: when it came or, else, is dated (ISO, "" if unknown)."""

    path: str
    status: str
    received: str
    dated: str
    provisional: bool
    replaced: bool
    n_figures: int


@dataclass(frozen=True, slots=True)
class Duty:
    """That a report is expected: by the list or since the agency was seen before, and until which day ("" if open)."""

    by: str
    due: str = ""


def write_coverage(out: Path, records: Coverage) -> Path:
    """Write ``coverage.csv``; give its path. Raises OSError."""
    write_csv(out / "coverage.csv", names(COVERAGE), as_rows(list(records), COVERAGE))
    return out / "coverage.csv"


def coverage_records(processed: Sequence[Processed], catalogue: Catalogue) -> list[Record]:
    """A mapping from column to cell for each agency, form and period, by period, province, agency and form.

    Expected is what ``expected.csv`` lists; beside it, an agency that was seen for a form is expected in every later
    period of that kind up to the newest one seen for the form.
    """
    agencies: dict[str, Agency] = {}
    sent = _sent(processed, agencies)
    duties = _seen(sent, agencies)
    duties |= _listed(catalogue, sent, agencies)
    spots = sorted(sent.keys() | duties.keys(), key=lambda spot: _order(spot, agencies))
    return [_record(spot, sent.get(spot, []), duties.get(spot), agencies[spot[0]]) for spot in spots]


def _order(spot: Spot, agencies: Mapping[str, Agency]) -> tuple[str, ...]:
    key, form_id, period = spot
    return period, agencies[key].province, key, form_id


# What was sent


def _sent(processed: Sequence[Processed], agencies: dict[str, Agency]) -> dict[Spot, list[Sent]]:
    """The documents by agency, form and period, the earliest first; the agencies are added by their keys.

    A document with a line for each agency was sent for all of these, and for the one that wrote it.
    """
    found: dict[Spot, list[Sent]] = defaultdict(list)
    for item in sorted(processed, key=lambda item: (item.received or _dated(item), item.source_path)):
        report = item.report
        if report is None or item.status not in _SUBMITTED or not (report.form_id or report.period):
            continue
        replaced = item.status == "superseded" or _REPLACED in map(attrgetter("reason"), report.outcomes)
        for agency, n_figures in _agencies(report, item.superseded_by != ""):
            key = _key(agency) or (item.source_path if item.status != "no_data" else "")
            if not key:  # a blank form of nobody in particular
                continue
            agencies[key] = agency
            found[key, report.form_id, report.period].append(_as_sent(item, report, n_figures, replaced))
    return dict(found)


def _key(agency: Agency) -> str:
    """What tells agencies apart: the id, or the name where there is none, "" where nothing is known."""
    return agency.id or (f"{agency.name}, {agency.province}" if agency.name else "")


def _dated(item: Processed) -> str:
    return item.report.signed if item.report is not None else ""


def _agencies(report: Report, superseded: bool) -> Iterator[tuple[Agency, int]]:
    """Whose figures a report holds and how many of each; the report's own agency where it holds none."""
    counts: Counter[Agency] = Counter()
    for agency, outcomes in by_agency(report):
        given = [one.kind for one in outcomes if one.kind == "observation" or (superseded and one.reason == _REPLACED)]
        if given:
            counts[agency] += given.count("observation")
    if not counts or report.entries:
        counts[report.agency] += 0
    yield from counts.items()


def _as_sent(item: Processed, report: Report, n_figures: int, replaced: bool) -> Sent:
    return Sent(
        item.source_path, item.status, item.received[:10], report.signed, report.provisional, replaced, n_figures
    )


# What was to be expected


def _seen(sent: Mapping[Spot, Sequence[Sent]], agencies: Mapping[str, Agency]) -> dict[Spot, Duty]:
    """The reports that are expected since the agency was seen before, and those by which it was.

    Nothing more is expected where it could not be told which agency or which form it was.
    """
    newest, first = _newest(sent), dict[tuple[str, Series], int]()
    for (key, form_id, period), documents in sent.items():
        number = ordinal(kind_of(period), period)
        if number is not None and form_id and agencies[key].id and _gives_data(documents):
            series = form_id, kind_of(period)
            first[key, series] = min(number, first.get((key, series), number))
    duties = {spot: Duty(SEEN) for spot in sent}
    for (key, (form_id, kind)), start in first.items():
        for number in range(start, newest[form_id, kind] + 1):
            duties[key, form_id, period_at(kind, number)] = Duty(SEEN)
    return duties


def _gives_data(documents: Sequence[Sent]) -> bool:
    return any(one.status != "no_data" for one in documents)


def _newest(sent: Mapping[Spot, Sequence[Sent]]) -> dict[Series, int]:
    """The newest period with a report, as its number, by form and kind; and by kind alone, under no form."""
    newest: dict[Series, int] = {}
    for (_, form_id, period), documents in sent.items():
        kind = kind_of(period)
        number = ordinal(kind, period)
        if number is not None and _gives_data(documents):
            for series in ((form_id, kind), ("", kind)):
                newest[series] = max(number, newest.get(series, number))
    return newest


def _listed(catalogue: Catalogue, sent: Mapping[Spot, Sequence[Sent]], agencies: dict[str, Agency]) -> dict[Spot, Duty]:
    """The reports that ``expected.csv`` asks for; agencies that never sent one are added by their ids."""
    newest = _newest(sent)
    first = {one: min((p for _, f, p in sent if (f, kind_of(p)) == one), default="") for one in newest}
    duties: dict[Spot, Duty] = {}
    for line in catalogue.expected:
        kind, series = line.period_kind, (line.form_id, line.period_kind)
        last = newest.get(series, newest.get(("", kind)))
        since = line.since or first.get(series, "")
        until = line.until or (period_at(kind, last) if last is not None else since)
        for period in periods_between(kind, since, until):
            for agency in _meant(line, period, agencies, catalogue):
                agencies.setdefault(_key(agency), agency)
                duties[_key(agency), line.form_id, period] = Duty(LIST, _due(line, period))
    return duties


def _due(line: Expected, period: str) -> str:
    end = last_day(period)
    return "" if end is None or line.due_days is None else (end + timedelta(days=line.due_days)).isoformat()


def _meant(line: Expected, period: str, agencies: Mapping[str, Agency], catalogue: Catalogue) -> Iterator[Agency]:
    """The agencies of a line in a period: the one it names, or those of the units of its group that there were then."""
    level, province = line.group
    if level:
        end = last_day(period) or date.min
        yield from agencies_of_level(level, province, end.isoformat(), catalogue)
        return
    known = agencies.get(line.agency_id) or agency_of_id(line.agency_id, catalogue)
    yield replace(known, name=line.agency) if line.agency else known


# Lines of the table


def _record(spot: Spot, sent: Sequence[Sent], duty: Duty | None, agency: Agency) -> Record:
    told = _told(sent, duty)
    counting = [one for one in sent if one.status == "extracted"]
    days = [one.received or one.dated for one in sent]
    return {
        "period": spot[2],
        "agency_id": agency.id,
        "agency": agency.name or spot[0],
        "agency_level": agency.level,
        "province": agency.province,
        "form_id": spot[1],
        "status": told[0],
        "also": _SEPARATOR.join(told[1:]),
        "expected_by": duty.by if duty else "",
        "due": duty.due if duty else "",
        "received": next((one.received for one in sent if one.received), ""),
        "dated": next((one.dated for one in sent if one.dated), ""),
        "last_received": max(days, default="") if len(days) > 1 else "",
        "n_documents": len(sent),
        "n_observations": sum(one.n_figures for one in counting),
        "source_paths": "; ".join(one.path for one in sent),
    }


def _told(sent: Sequence[Sent], duty: Duty | None) -> list[str]:
    """All that is to be said of a report, the most important first."""
    given = [one for one in sent if one.status != "no_data"]
    if not given:
        return ["missing", "no_data"] if sent else ["missing"]
    counting = [one for one in given if one.status == "extracted"]
    arrived = min((one.received or one.dated for one in given if one.received or one.dated), default="")
    holds = {
        "partial": all(one.provisional for one in counting),
        "late": bool(duty and duty.due and arrived > duty.due),
        "resubmitted": any(one.replaced for one in given),
    }
    return [status for status, yes in holds.items() if yes] or ["submitted"]
