"""The audit file: every row that carries a value and was not matched, with candidates and room for a decision.

Rows that one decision answers stand together and are counted, the most frequent first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from consolidate.audit_workbook import write_audit_workbook
from consolidate.columns import UNMATCHED, names
from consolidate.csvfile import write_csv
from consolidate.dataset import Record, as_rows, place_fields, published_order, raw_value, section_of
from consolidate.messages import Messages, say
from consolidate.model import Processed
from normalize.decisions import label_key
from normalize.model import Candidate, Outcome, Report, agency_of

CANDIDATES = 3
"""How many indicators are proposed for a row."""

ANSWERED = "decided_new"
"""The reason of a row that a reviewer called a new indicator: it waits for the catalogue and is not asked again."""


def row_key(form_id: str, outcome: Outcome, sha256: str) -> str:
    """The key under which a row is decided: the same for every row of a form with that label under that heading.

    A row whose indicator is known but whose value cannot be taken is a matter of one document, so its key holds the
    document and the place too.
    """
    row = outcome.row
    place = (sha256, row.place.table, row.place.row, row.place.column, row.order)
    about_value = is_about_value(reason_of(outcome))
    return label_key(form_id, row.path[-1] if row.path else "", row.label, *(place if about_value else ()))


def is_about_value(reason: str) -> bool:
    """Whether a reason is about the value of one row, so that no decision about its label can help."""
    return reason.startswith("value_") or reason in ("second_value", "other_column", "row_unsure", "row_agency_unknown")


def reason_of(outcome: Outcome) -> str:
    """The code that says why a row is not an observation."""
    return outcome.reason or outcome.value.reason or outcome.match.reason or "no_candidate"


def _candidate_fields(candidates: Sequence[Candidate]) -> Record:
    fields: Record = {}
    for rank in range(1, CANDIDATES + 1):
        candidate = candidates[rank - 1] if rank <= len(candidates) else None
        fields[f"candidate_{rank}_id"] = candidate.indicator_id if candidate else ""
        fields[f"candidate_{rank}_label"] = candidate.label if candidate else ""
        fields[f"candidate_{rank}_score"] = round(candidate.score, 4) if candidate else None
    return fields


def _row_fields(report: Report, outcome: Outcome, messages: Messages) -> Record:
    row, reason = outcome.row, reason_of(outcome)
    sentence = say(messages, reason, "vi", value=raw_value(row), label=row.label, unit=row.unit)
    return {
        "form_id": form_of(report, outcome),
        "period": report.period,
        "agency": agency_of(report, outcome).name,
        "section": section_of(row),
        "raw_label": row.raw_label,
        "label": row.label,
        "raw_value": raw_value(row),
        "raw_unit": row.unit,
        "reason": reason,
        "reason_vi": sentence,
        "decision": "",
        "comment": "",
    }


def form_of(report: Report, outcome: Outcome) -> str:
    """The form that explains the row, since a document may hold several; else that of the report."""
    return outcome.match.form_id or report.form_id


def waiting_outcomes(report: Report) -> list[Outcome]:
    """The rows of a report that wait for a person, in source order."""
    waiting = (outcome for outcome in report.outcomes if outcome.kind == "unmatched")
    return sorted(waiting, key=lambda outcome: outcome.row.order)


def unmatched_records(processed: Processed, messages: Messages) -> Iterator[Record]:
    """The rows of one document that wait for a person, in source order, as mappings from column to cell.

    ``n_same`` is left open: it is known when all documents are.
    """
    report = processed.report
    if report is None:
        return
    for outcome in waiting_outcomes(report):
        yield {
            "row_key": row_key(form_of(report, outcome), outcome, processed.sha256),
            **place_fields(processed, outcome.row),
            **_row_fields(report, outcome, messages),
            **_candidate_fields(outcome.match.candidates),
            "n_same": None,
        }


def most_frequent_first(records: Sequence[Record]) -> list[Record]:
    """The same rows with those of one key together and counted, the most frequent key first.

    Of keys that are equally frequent, those that a decision can answer go before those about one value and those that
    a reviewer called a new indicator; else they stay in the order given, as do the rows of one key.
    """
    counts = Counter(str(record["row_key"]) for record in records)
    first: dict[str, int] = {}
    for place, record in enumerate(records):
        first.setdefault(str(record["row_key"]), place)

    def rank(record: Record) -> tuple[int, int, int]:
        key = str(record["row_key"])
        return -counts[key], _urgency(record), first[key]

    return [{**record, "n_same": counts[str(record["row_key"])]} for record in sorted(records, key=rank)]


def _urgency(record: Record) -> int:
    return 2 if record["reason"] == ANSWERED else 1 if is_about_value(str(record["reason"])) else 0


def audit_records(processed: Sequence[Processed], messages: Messages) -> list[Record]:
    """The rows of all documents that wait for a person, as the audit file lists them."""
    ordered = sorted(processed, key=published_order)
    return most_frequent_first([record for item in ordered for record in unmatched_records(item, messages)])


def write_unmatched(out: Path, processed: Sequence[Processed], messages: Messages) -> tuple[Path, Path]:
    """Write ``unmatched.csv`` and ``unmatched.xlsx`` from all documents; give their paths. Raises OSError."""
    records = audit_records(processed, messages)
    table, twin = out / "unmatched.csv", out / "unmatched.xlsx"
    write_csv(table, names(UNMATCHED), as_rows(records, UNMATCHED))
    write_audit_workbook(twin, [one for one in records if _urgency(one) == 0], records, messages)
    return table, twin
