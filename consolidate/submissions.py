"""Reports that were sent more than once: which submission counts, and which figures it changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from consolidate.model import Processed
from extract.model import Finding, Place
from normalize.catalogue import Catalogue
from normalize.checks import place_text, vietnamese
from normalize.figures import printed_decimals
from normalize.model import Outcome, Report, Value

_FIXED_FORMATS = frozenset({"pdf", "png", "jpg", "tiff"})
_HOUR = 3600
_ENOUGH = 0.5

Key = tuple[str, ...]
"""What a report says something about: the section of the form, the indicator and the id of the agency whose line it is
("" for the report's own), or "list" and the id of a list."""


def settle_submissions(processed: Sequence[Processed], catalogue: Catalogue) -> tuple[Processed, ...]:
    """The documents in the order given, those marked as superseded in whose place a later submission counts.

    Submissions belong together by agency, form and period. What a superseded one says is ignored, with that reason; the
    later one carries a finding for each figure that it changed or dropped. Documents that speak of different things are
    parts of one report, and both count; where the later one corrects a few figures, these alone are superseded.
    """
    groups: dict[tuple[str, str, str], list[Processed]] = defaultdict(list)
    for item in processed:
        report = item.report
        if item.status == "extracted" and report and report.agency.id and report.form_id and report.period:
            groups[report.agency.id, report.form_id, report.period].append(item)
    settled: dict[int, Processed] = {}
    for group in groups.values():
        if len(group) > 1:
            ordered = sorted(group, key=submission_order)
            after = _settled(ordered, catalogue)
            settled |= {id(before): now for before, now in zip(ordered, after, strict=True)}
    return tuple(settled.get(id(item), item) for item in processed)


def submission_order(item: Processed) -> tuple[str, str, int, int, bool, str]:
    """The key by which submissions are ordered, the one that counts last.

    The day it was received (or dated), the day it is dated, the hour of the file; then the one with more figures, then
    the one that can be edited.
    """
    report = item.report
    signed = report.signed if report is not None else ""
    known = (item.received[:19] or signed, signed, int(item.modified // _HOUR))
    observed = sum(one.kind == "observation" for one in report.outcomes) if report is not None else 0
    return (*known, observed, item.format not in _FIXED_FORMATS, item.source_path)


def _settled(ordered: Sequence[Processed], catalogue: Catalogue) -> list[Processed]:
    said = [_said(item.report, catalogue) for item in ordered if item.report is not None]
    after = list(ordered)
    for index in reversed(range(len(ordered))):
        later = [at for at in range(index + 1, len(ordered)) if not said[at].keys().isdisjoint(said[index])]
        if not later:
            continue
        taken = {key for at in later for key in said[at]}
        whole = len(taken & said[index].keys()) >= _ENOUGH * len(said[index])
        changes = _changes(said[index], said[later[0]], ordered[index].source_path, catalogue, dropped=whole)
        after[later[0]] = replace(after[later[0]], findings=(*after[later[0]].findings, *changes))
        counts = ordered[later[-1]].source_path
        after[index] = _superseded(after[index], counts) if whole else _without(after[index], taken, catalogue)
    return after


def _said(report: Report, catalogue: Catalogue) -> dict[Key, list[Outcome]]:
    """What a report speaks of, with the figures for it."""
    said: dict[Key, list[Outcome]] = defaultdict(list)
    for outcome in report.outcomes:
        if outcome.kind == "observation":
            said[_key(outcome, catalogue)].append(outcome)
    for entry in report.entries:
        said["list", entry.list_id] = []
    return said


def _key(outcome: Outcome, catalogue: Catalogue) -> Key:
    form = catalogue.forms.get(outcome.match.form_id)
    rows = form.rows if form is not None else ()
    section = next((row.section for row in rows if row.row == outcome.match.form_row), "")
    return section, outcome.match.target, outcome.agency.id if outcome.agency is not None else ""


def _changes(
    before: Mapping[Key, Sequence[Outcome]],
    after: Mapping[Key, Sequence[Outcome]],
    path: str,
    catalogue: Catalogue,
    dropped: bool,
) -> Iterator[Finding]:
    """A finding for each figure that was changed, and for each that is no longer there, in the order of the form."""
    for key, old in before.items():
        new = after.get(key, ())
        if len(old) == len(new) == 1 and not _same(old[0], new[0]):
            yield _change("resubmission_changed", old[0], new[0], path, catalogue)
        elif dropped and old and key not in after and old[0].value.number is not None:
            yield _change("resubmission_dropped", old[0], None, path, catalogue)


def _same(one: Outcome, other: Outcome) -> bool:
    """Whether two figures are one, as far as they were printed; answers in words are not compared."""
    first, second = one.value.number, other.value.number
    if first is None or second is None:
        return first is second
    fewest = min(_decimals(one, first), _decimals(other, second))
    return abs(first - second) <= (0.5 * 10.0**-fewest if fewest else 0) + 1e-9


def _decimals(outcome: Outcome, number: float) -> int:
    return printed_decimals(outcome.row.value.text if outcome.row.value is not None else "", number)


def _change(code: str, old: Outcome, new: Outcome | None, path: str, catalogue: Catalogue) -> Finding:
    indicator = catalogue.indicators[old.match.target]
    details = {
        "indicator": indicator.id,
        "label": indicator.label_vi,
        "value": _printed(new.value) if new is not None else "",
        "expected": _printed(old.value),
        "original": path,
        "other_indicators": indicator.id,
        "other_values": _printed(old.value),
        "other_places": f"{path}: {place_text(old.row.place)}",
    }
    return Finding(code, new.row.place if new is not None else Place(), tuple(details.items()))


def _printed(value: Value) -> str:
    return vietnamese(value.number) if value.number is not None else value.text


def _superseded(item: Processed, by: str) -> Processed:
    """A document whose every figure and entry is left out, since the document at ``by`` counts."""
    assert item.report is not None
    outcomes = tuple(_ignored(one) if one.kind != "blank" else one for one in item.report.outcomes)
    report = replace(item.report, outcomes=outcomes, entries=())
    finding = Finding("superseded", details=(("by", by),))
    return replace(item, status="superseded", superseded_by=by, report=report, findings=(*item.findings, finding))


def _without(item: Processed, taken: set[Key], catalogue: Catalogue) -> Processed:
    """A document without the figures and lists that a later one gives anew."""
    assert item.report is not None
    outcomes = tuple(
        _ignored(one) if one.kind == "observation" and _key(one, catalogue) in taken else one
        for one in item.report.outcomes
    )
    entries = tuple(entry for entry in item.report.entries if ("list", entry.list_id) not in taken)
    return replace(item, report=replace(item.report, outcomes=outcomes, entries=entries))


def _ignored(outcome: Outcome) -> Outcome:
    if outcome.kind == "ignored":
        return outcome
    return Outcome(outcome.row, outcome.match, Value(), "ignored", "superseded_figure")
