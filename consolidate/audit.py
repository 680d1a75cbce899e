"""The audit file: every row that carries a value and was not matched, with candidates and room for a decision."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from consolidate.columns import UNMATCHED, Column, names
from consolidate.csvfile import replacing, writable, write_csv
from consolidate.dataset import Record, as_rows, place_fields, published_order, raw_value, section_of
from consolidate.messages import Messages, say
from consolidate.model import Processed
from consolidate.sheets import same_bytes
from normalize.model import Candidate, Outcome, Report
from normalize.text import fold, squeeze

CANDIDATES = 3
"""How many indicators are proposed for a row."""

_WIDTHS = {"raw_label": 50, "label": 50, "reason_vi": 40, "section": 30, "source_path": 30, "decision": 36}
_NOT_IN_A_WORKBOOK = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONGEST_CELL = 32767


def row_key(form_id: str, outcome: Outcome, sha256: str) -> str:
    """The key under which a row is decided: the same for every row of a form with that label under that heading.

    A row whose indicator is known but whose value cannot be taken is a matter of one document, so its key holds the
    document and the place too.
    """
    row = outcome.row
    parts: tuple[object, ...] = (form_id, fold(row.path[-1] if row.path else ""), fold(squeeze(row.label)))
    if is_about_value(reason_of(outcome)):
        parts += (sha256, row.place.table, row.place.row, row.place.column, row.order)
    return hashlib.blake2b(repr(parts).encode("utf-8", "replace"), digest_size=10).hexdigest()


def is_about_value(reason: str) -> bool:
    """Whether a reason is about the value of one row, so that no decision about its label can help."""
    return reason.startswith("value_") or reason == "second_value"


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
        "form_id": _form_of(report, outcome),
        "period": report.period,
        "agency": report.agency.name,
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


def _form_of(report: Report, outcome: Outcome) -> str:
    """The form that the row itself was compared with: a document may hold several."""
    return outcome.match.form_id or report.form_id


def unmatched_records(processed: Processed, messages: Messages) -> Iterator[Record]:
    """The rows of one document that wait for a person, in source order, as mappings from column to cell."""
    report = processed.report
    if report is None:
        return
    for outcome in sorted(report.outcomes, key=lambda outcome: outcome.row.order):
        if outcome.kind == "unmatched":
            yield {
                "row_key": row_key(_form_of(report, outcome), outcome, processed.sha256),
                **place_fields(processed, outcome.row),
                **_row_fields(report, outcome, messages),
                **_candidate_fields(outcome.match.candidates),
            }


def write_unmatched(out: Path, processed: Sequence[Processed], messages: Messages) -> tuple[Path, Path]:
    """Write ``unmatched.csv`` and ``unmatched.xlsx`` from all documents; give their paths. Raises OSError."""
    ordered = sorted(processed, key=published_order)
    records = [record for item in ordered for record in unmatched_records(item, messages)]
    table, twin = out / "unmatched.csv", out / "unmatched.xlsx"
    write_csv(table, names(UNMATCHED), as_rows(records, UNMATCHED))
    write_audit_workbook(twin, UNMATCHED, records)
    return table, twin


def write_audit_workbook(path: Path, columns: tuple[Column, ...], records: Sequence[Record]) -> None:
    """Write the audit rows as a workbook whose text is text, with a list of choices in each ``decision`` cell."""
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    workbook = Workbook(write_only=True)
    sheet, choices = workbook.create_sheet("unmatched"), workbook.create_sheet("choices")
    for position, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = _WIDTHS.get(column.name, 14)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(records) + 1}"
    sheet.append([_text_cell(sheet, name, bold=True) for name in names(columns)])
    for fields in as_rows(records, columns):
        sheet.append([_text_cell(sheet, field) if isinstance(field, str) else field for field in fields])
    _add_choices(sheet, choices, columns, records)
    with replacing(path) as temporary:
        temporary.write_bytes(same_bytes(workbook))


def _text_cell(sheet: Any, text: str, bold: bool = False) -> Any:
    """A cell that stays text whatever it begins with, also after someone has edited it."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(sheet)
    cell.value = _NOT_IN_A_WORKBOOK.sub("\N{REPLACEMENT CHARACTER}", writable(text))[:_LONGEST_CELL]
    if cell.value != "":
        cell.data_type = "s"
    if text.startswith(("=", "+", "-", "@")):
        cell.quotePrefix = True
    if bold:
        cell.font = Font(bold=True)
    return cell


def _add_choices(sheet: Any, choices: Any, columns: tuple[Column, ...], records: Sequence[Record]) -> None:
    """Put each row's own choices on a hidden sheet, and a drop-down list of them into its ``decision`` cell."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    choices.sheet_state = "hidden"
    choices.append(["choices"])
    for record in records:
        choices.append([_text_cell(choices, choice) for choice in _choices(record)])
    if not records:
        return
    letter = get_column_letter(names(columns).index("decision") + 1)
    validation = DataValidation(type="list", formula1="choices!$A2:$E2", allow_blank=True, showErrorMessage=False)
    validation.add(f"{letter}2:{letter}{len(records) + 1}")
    sheet.data_validations.append(validation)


def _choices(record: Record) -> list[str]:
    found = [str(record[f"candidate_{rank}_id"]) for rank in range(1, CANDIDATES + 1)]
    return [choice for choice in found if choice] + ["new", "ignore"]
