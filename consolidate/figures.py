"""The figures of a period side by side: indicators in form order, agencies across, each with where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from consolidate.columns import Field
from consolidate.dataset import Record, place_name
from consolidate.model import Processed, by_agency
from extract.model import Place
from normalize.catalogue import Catalogue
from normalize.checks import SEPARATOR
from normalize.model import Form, FormRow, Indicator, Outcome, Report

_LEVELS = ("province", "department", "district", "commune", "other")
_LONGEST_HEADING = 160

Findings = Sequence[Record]
"""The lines of the findings table, as mappings from column to cell."""


@dataclass(frozen=True, slots=True)
class Reporter:
    """A column: an agency, or (key is then the path of the document) one that could not be told; ``provisional`` when
    a report of it is dated before the period ends."""

    key: str
    name: str
    level: str
    province: str
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Where one figure stands: document, place, what the source says there, status, and findings as sentences."""

    path: str
    place: Place
    raw: str
    status: str
    findings: tuple[str, ...]


class _Given(NamedTuple):
    """Figures that a document has for one agency."""

    path: str
    reporter: Reporter
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """What an agency gave for an indicator: a number, or a text, or, when its documents differ, neither."""

    value: float | str | None
    sources: tuple[Source, ...]

    @property
    def differs(self) -> bool:
        """Whether the sources give different values, so that none of them can be taken."""
        return self.value is None

    @property
    def concern(self) -> str:
        """Why a person should look at it: ``finding`` when one is about it or its sources differ, ``doubt`` when its
        reliability is low, else ""."""
        concern = ""
        for source in self.sources:
            if source.findings or self.differs:
                return "finding"
            if source.status == "U":
                concern = "doubt"
        return concern


@dataclass(frozen=True, slots=True)
class Line:
    """A row: an indicator, or (``indicator`` is ``None``) a heading; ``depth`` counts the headings above it."""

    number: str
    label: str
    depth: int
    indicator: Indicator | None = None


@dataclass(frozen=True, slots=True)
class PeriodTable:
    """All figures of one period by indicator id and the key of the column."""

    period: str
    reporters: tuple[Reporter, ...]
    lines: tuple[Line, ...]
    figures: Mapping[tuple[str, str], Figure]

    def summed(self, *indicator_ids: str) -> tuple[int, ...]:
        """The positions of the columns that a total over these indicators is made from.

        The report of a whole province holds its agencies, so it counts only where none of them gives all of these.
        """
        parts = [place for place, one in enumerate(self.reporters) if one.level != "province"]
        wholes = [place for place, one in enumerate(self.reporters) if one.level == "province"]
        keys = [self.reporters[place].key for place in parts] if wholes else []
        given = any(all((name, key) in self.figures for name in indicator_ids) for key in keys)
        return tuple(wholes if wholes and not given else parts)


def period_tables(processed: Sequence[Processed], findings: Findings, catalogue: Catalogue) -> list[PeriodTable]:
    """A table for each period with figures, in the order of periods; superseded documents do not count."""
    by_period: dict[str, list[tuple[Processed, Report]]] = {}
    for item in sorted(processed, key=lambda item: item.source_path):
        if item.status == "extracted" and item.report is not None and any(_observed(item.report)):
            by_period.setdefault(item.report.period, []).append((item, item.report))
    return [_table(period, by_period[period], findings, catalogue) for period in sorted(by_period)]


def _observed(report: Report) -> Iterator[Outcome]:
    return (outcome for outcome in report.outcomes if outcome.kind == "observation")


def _table(
    period: str, found: Sequence[tuple[Processed, Report]], findings: Findings, catalogue: Catalogue
) -> PeriodTable:
    given = [one for item, report in found for one in _given(item, report)]
    reporters = {one.key: one for one in sorted((one.reporter for one in given), key=lambda one: one.provisional)}
    figures = _figures(given, findings)
    reports = [report for _, report in found]
    lines = tuple(_lines(reports, {indicator_id for indicator_id, _ in figures}, catalogue))
    return PeriodTable(period, tuple(sorted(reporters.values(), key=_column_order)), lines, figures)


def _given(item: Processed, report: Report) -> Iterator[_Given]:
    """The figures of a document, those of one agency that follow each other together."""
    for agency, outcomes in by_agency(report):
        observed = tuple(outcome for outcome in outcomes if outcome.kind == "observation")
        if not observed:
            continue
        name = agency.name or item.source_path.rsplit("/", 1)[-1]
        reporter = Reporter(agency.id or item.source_path, name, agency.level, agency.province, report.provisional)
        yield _Given(item.source_path, reporter, observed)


def _column_order(one: Reporter) -> tuple[object, ...]:
    return one.province, _LEVELS.index(one.level) if one.level in _LEVELS else len(_LEVELS), one.name, one.key


# Figures


def _figures(given: Sequence[_Given], findings: Findings) -> dict[tuple[str, str], Figure]:
    about: dict[Field, list[Record]] = {}
    for finding in findings:
        about.setdefault(finding["source_path"], []).append(finding)
    values: dict[tuple[str, str], list[tuple[float | str, Source]]] = {}
    for path, reporter, outcomes in given:
        told = about.get(path, ())
        for outcome in outcomes:
            value = outcome.value.text if outcome.value.number is None else float(outcome.value.number)
            key = (outcome.match.target, reporter.key)
            values.setdefault(key, []).append((value, _source(path, outcome, told)))
    return {key: _figure(found) for key, found in values.items()}


def _figure(values: Sequence[tuple[float | str, Source]]) -> Figure:
    """One figure out of all that the documents of an agency say; the same value twice is one."""
    first = values[0][0]
    if len(values) == 1:
        return Figure(first, (values[0][1],))
    different = {value if isinstance(value, float) else " ".join(value.split()) for value, _ in values}
    return Figure(first if len(different) == 1 else None, tuple(source for _, source in values))


def _source(path: str, outcome: Outcome, findings: Findings) -> Source:
    row, cell = outcome.row, outcome.row.value
    place = row.place if cell is None else cell.place
    raw = "" if cell is None else " ".join((cell.raw_text or cell.text).split())
    told = [str(one["message_vi"]) for one in findings if _concerns(one, outcome.match.target, place)]
    return Source(path, place, raw, outcome.value.status, tuple(dict.fromkeys(told)) if told else ())


def _concerns(finding: Record, indicator_id: str, place: Place) -> bool:
    """Whether a finding is about a figure of its document: it stands in that row, or is one of the others compared."""
    if indicator_id in str(finding["other_indicators"]).split(SEPARATOR):
        return True
    spot = (finding["page"], finding["table"] or 0, finding["row"] or 0)
    return finding["indicator_id"] in ("", indicator_id) and spot == (place_name(place), place.table, place.row)


# Lines


def _lines(reports: Sequence[Report], given: set[str], catalogue: Catalogue) -> Iterator[Line]:
    """The indicators of the forms that were used, in printed order under their headings, each indicator once."""
    used = {outcome.match.form_id for report in reports for outcome in _observed(report)}
    seen: set[str] = set()
    for form_id in sorted(used | {report.form_id for report in reports}):
        if form_id in catalogue.forms:
            yield from _form_lines(catalogue.forms[form_id], seen, catalogue.indicators)
    rest = [one for one in catalogue.indicators.values() if one.id in given and one.id not in seen]
    for indicator in rest:
        yield Line("", indicator.label_vi, 0, indicator)


def _form_lines(form: Form, seen: set[str], indicators: Mapping[str, Indicator]) -> Iterator[Line]:
    rows = {row.row: row for row in form.rows}
    headed: set[str] = set()
    for row in form.rows:
        if row.target not in indicators or row.target in seen:
            continue
        seen.add(row.target)
        above = [one for one in _above(row, rows) if one.target not in indicators and one.label.strip()]
        for depth, heading in enumerate(above):
            if heading.row not in headed:
                headed.add(heading.row)
                yield Line(_number(heading), _short(heading.label), depth)
        yield Line(_number(row), indicators[row.target].label_vi, len(above), indicators[row.target])


def _above(row: FormRow, rows: Mapping[str, FormRow]) -> list[FormRow]:
    """The rows above a row in the outline, outermost first."""
    chain: list[FormRow] = []
    while row.parent in rows and rows[row.parent] not in chain:
        row = rows[row.parent]
        chain.insert(0, row)
    return chain


def _number(row: FormRow) -> str:
    return row.number.strip().rstrip(".")


def _short(label: str) -> str:
    """The first line of a heading, which may have explanations of a page below it."""
    line = " ".join(next(iter(label.strip().splitlines()), "").split()).rstrip(":")
    return line if len(line) <= _LONGEST_HEADING else line[: _LONGEST_HEADING - 1] + "…"
