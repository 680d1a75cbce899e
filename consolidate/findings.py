"""The findings table: figures that contradict each other, cannot be, jump, or were changed by a later submission."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from consolidate.columns import FINDINGS, names
from consolidate.csvfile import write_csv
from consolidate.dataset import Record, as_rows, place_name, published_order
from consolidate.messages import say
from consolidate.model import Processed, by_agency
from extract.model import Finding
from normalize.catalogue import Catalogue
from normalize.checks import RULE_CODES, SEPARATOR, place_text, vietnamese
from normalize.model import Outcome, Report
from normalize.periods import kind_of
from normalize.rules import Rule

SUBMISSION_CODES = frozenset({"resubmission_changed", "resubmission_dropped"})
FINDING_CODES = RULE_CODES | SUBMISSION_CODES | {"jump"}
"""The codes of all findings that go into the table; the others say what became of a document."""

_TO_DATE = ".year_to_date"

_Seen = tuple[Processed, Outcome]


def write_findings(out: Path, records: Sequence[Record]) -> Path:
    """Write ``findings.csv`` from what ``finding_records`` gives; give its path. Raises OSError."""
    write_csv(out / "findings.csv", names(FINDINGS), as_rows(records, FINDINGS))
    return out / "findings.csv"


def finding_records(processed: Sequence[Processed], catalogue: Catalogue) -> list[Record]:
    """One mapping from column to cell for each finding, documents in published order.

    Of a superseded document only what it changed itself is told: its figures are not published.
    """
    jumps = find_jumps(processed, catalogue)
    records = []
    for item in sorted(processed, key=published_order):
        own = item.report.findings if item.report is not None and item.status != "superseded" else ()
        told = [one for one in (*own, *item.findings) if one.code in FINDING_CODES]
        records += [_record(item, one, catalogue) for one in (*told, *jumps.get(item.source_path, ()))]
    return records


# Against the period before


def find_jumps(processed: Sequence[Processed], catalogue: Catalogue) -> dict[str, list[Finding]]:
    """Counts that are many times more or less than the same agency's in its period before, by source path.

    Figures counted from the start of the year are left out: they grow, and begin anew.
    """
    rules = _jump_rules(catalogue)
    seen: dict[tuple[str, str], dict[str, dict[str, list[_Seen]]]] = defaultdict(lambda: defaultdict(dict))
    for item in sorted(processed, key=published_order):
        report = item.report
        if report is not None and item.status == "extracted" and report.period:
            for agency, outcomes in by_agency(report):
                if agency.id:
                    given = seen[agency.id, kind_of(report.period)][report.period]
                    for outcome in outcomes:
                        if outcome.match.target in rules and _is_number(outcome):
                            given.setdefault(outcome.match.target, []).append((item, outcome))
    found: dict[str, list[Finding]] = defaultdict(list)
    for series in seen.values():
        for (item, outcome), before in _neighbours(series):
            found[item.source_path] += _jump(outcome, before, rules[outcome.match.target], catalogue)
    return dict(found)


def _is_number(outcome: Outcome) -> bool:
    return outcome.kind == "observation" and outcome.value.number is not None


def _neighbours(series: dict[str, dict[str, list[_Seen]]]) -> Iterator[tuple[_Seen, _Seen]]:
    """Each figure with the one before it in time; indicators that have several in a period are left out."""
    last: dict[str, _Seen] = {}
    for period in sorted(series):
        for target, found in series[period].items():
            if len(found) == 1:
                if target in last:
                    yield found[0], last[target]
                last[target] = found[0]


def _jump(outcome: Outcome, before: _Seen, rule: Rule, catalogue: Catalogue) -> Iterator[Finding]:
    indicator = catalogue.indicators[outcome.match.target]
    now, then = outcome.value.number, before[1].value.number
    if now is None or then is None:
        return
    factor, least = (side[0].number or 0 for side in rule.right)
    small, large = sorted((now, then))
    if small >= max(least, 1) and large >= factor * small:
        earlier = before[0].report
        period = earlier.period if earlier is not None else ""
        details = {
            "rule": rule.id,
            "indicator": indicator.id,
            "label": indicator.label_vi,
            "value": vietnamese(now),
            "expected": vietnamese(factor),
            "others": f"{period} = {vietnamese(then)}",
            "other_indicators": indicator.id,
            "other_values": vietnamese(then),
            "other_places": f"{before[0].source_path}: {place_text(before[1].row.place)}",
        }
        yield Finding("jump", outcome.row.place, tuple(details.items()))


def _jump_rules(catalogue: Catalogue) -> dict[str, Rule]:
    """The rule for each indicator by its id, else the one for all; none for what is not counted or grows in a year."""
    jumps = [rule for rule in catalogue.rules if rule.kind == "jump"]
    named = {side[0].indicator: rule for rule in reversed(jumps) for side in rule.left}
    general = next((rule for rule in jumps if not rule.left), None)
    counted = (one.id for one in catalogue.indicators.values() if one.value_type == "count")
    rules = {one: named.get(one, general) for one in counted if not one.endswith(_TO_DATE)}
    return {one: rule for one, rule in rules.items() if rule is not None}


# Lines of the table


def _record(item: Processed, finding: Finding, catalogue: Catalogue) -> Record:
    details = dict(finding.details)
    indicator = details.get("indicator", "")
    return {
        "code": finding.code,
        "rule": details.get("rule", ""),
        **_identity(item.report),
        **{name: details[name] for name in ("agency_id", "agency", "province") if name in details},
        "indicator_id": indicator,
        "indicator_label": details.get("label", ""),
        "value": _number(details.get("value", "")),
        "expected": _plain(details.get("expected", "")),
        "page": place_name(finding.place),
        "table": finding.place.table or None,
        "row": finding.place.row or None,
        "other_indicators": details.get("other_indicators", ""),
        "other_values": _plain(details.get("other_values", "")),
        "other_places": details.get("other_places", ""),
        "message_vi": say(catalogue.messages, finding.code, "vi", **details),
        "message_en": say(catalogue.messages, finding.code, "en", **_in_english(details, catalogue)),
        "source_path": item.source_path,
        "source_sha256": item.sha256,
    }


def _identity(report: Report | None) -> Record:
    if report is None:
        return dict.fromkeys(("period", "agency_id", "agency", "province", "form_id"), "")
    agency = report.agency
    return {
        "period": report.period,
        "agency_id": agency.id,
        "agency": agency.name,
        "province": agency.province,
        "form_id": report.form_id,
    }


def _in_english(details: dict[str, str], catalogue: Catalogue) -> dict[str, str]:
    """The details with English labels and numbers."""
    told = dict(details)
    told["label"] = _in_english_if_label(details.get("label", ""), details.get("indicator", ""), catalogue)
    told["value"], told["expected"] = (_english(details.get(name, "")) for name in ("value", "expected"))
    others = details.get("others", "").split(SEPARATOR)
    ids = details.get("other_indicators", "").split(SEPARATOR)
    if len(others) == len(ids):
        pairs = [one.rpartition(" = ") for one in others]
        labels = [_in_english_if_label(pair[0], name, catalogue) for name, pair in zip(ids, pairs, strict=True)]
        told["others"] = SEPARATOR.join(f"{a} = {_english(pair[2])}" for a, pair in zip(labels, pairs, strict=True))
    return told


def _in_english_if_label(text: str, indicator_id: str, catalogue: Catalogue) -> str:
    indicator = catalogue.indicators.get(indicator_id)
    return indicator.label_en if indicator is not None and indicator.label_vi == text else text


def _english(text: str) -> str:
    """A text with its numbers as English prints them: 1,141 for 1.141, and 51.7 for 51,7."""
    return text.translate(str.maketrans(",.", ".,"))


def _plain(text: str) -> str:
    """A text with its numbers as files hold them: 1141 and 51.7."""
    return text.replace(".", "").replace(",", ".")


def _number(text: str) -> float | None:
    try:
        return float(_plain(text))
    except ValueError:
        return None
