"""Personal contact details: taken out of everything that is published, and written to a file apart where asked for.

Telephone numbers and mail addresses are told by their shape wherever they stand; names and the other answers of a
contact section are known by their rows, which are never published. Web addresses are left whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from consolidate.audit import reason_of
from consolidate.columns import CONTACTS, names
from consolidate.csvfile import write_csv
from consolidate.dataset import Record, as_rows, place_fields, place_name, raw_value, section_of
from consolidate.model import Processed
from extract.model import Cell, Finding
from normalize.model import ListEntry, Outcome, Report, Row

MASK = "[…]"
"""Stands where a telephone number or a mail address stood."""

_SHAPES = (
    "10 11 4-2-2-2 4-3-2-2 3-3-2-2 4-1-3-3 3-1-3-3 3-1-3-4 2-1-3-4 2-4-4 3-4-4 4-4-3 4-3-4 4-3-3 3-4-3 3-3-4 5-3-3 "
    "5-2-2-2 2-8 3-7 3-8 4-6 4-7 5-5 5-6"
)
"""How the ten or eleven digits of a number at home are grouped."""
_GAP = r"(?:\)[ .\u00a0-]{0,3}|[ .\u00a0-]{1,3})"
_BEGINS = r"(?<![\w,+@])(?<!\d\.)(?<!\w-)(?<![^\d]/)"
_ENDS = r"(?![\w%@])(?![.,-]\d)(?!/(?!0\d\d))"
_DATE = r"(?!\d\d?[./-]\d\d?[./-](?:19|20)\d\d(?!\d))"


def _shape(lengths: str) -> str:
    """A pattern for digits in groups of these lengths, of which the first begins with the 0 of numbers at home."""
    first, *rest = map(int, lengths.split("-"))
    begin = "0[48]" if first == 2 else "0[1-9]"  # two-digit codes were those of two cities; 01 numbers items
    return rf"\(?{begin}\d{{{first - 2}}}" + "".join(rf"{_GAP}\d{{{length}}}" for length in rest)


def _by_length(lengths: str) -> int:
    return -len(lengths.split("-"))


_HOME = "|".join(map(_shape, sorted(_SHAPES.split(), key=_by_length)))
_ABROAD = r"\(?(?:\+|00)84\)?[ .\u00a0-]{0,3}(?:\(0\))?\d(?:[ .()\u00a0-]{0,2}\d){8,9}"
_PHONE = rf"{_BEGINS}{_DATE}(?:{_ABROAD}|{_HOME}){_ENDS}"
_MAIL = r"[\w.%+\ufffd-]+ ?@ ?[A-Za-z0-9\ufffd-]+(?:\.[A-Za-z0-9\ufffd-]+)+"
_WEB = r"(?:https?://|www\.)[^\s;,<>\"]+"
_FOUND = re.compile(rf"(?P<web>{_WEB})|{_MAIL}|{_PHONE}", re.IGNORECASE)
_FEWEST_DIGITS = re.compile(r"(?:\d\D*){10}")
_TAX_CODE = re.compile(r"01\d{8}")
"""Numbers of ten digits that begin so are those of firms: telephone numbers with 01 had eleven."""


@lru_cache(maxsize=8192)  # the labels of forms come again in every report
def mask(text: str) -> str:
    """The text with each mail address and telephone number replaced by ``MASK``; figures, dates, web addresses stay.

    >>> mask("ĐT: 0912 345 678, 1.234 máy, ngày 05.07.2019")
    'ĐT: […], 1.234 máy, ngày 05.07.2019'
    """
    if not _may_hold_contacts(text):
        return text
    return _FOUND.sub(lambda found: MASK if _is_contact(found) else found[0], text)


def _may_hold_contacts(text: str) -> bool:
    """Whether a text has the sign of a mail address, or digits for a telephone number."""
    return "@" in text or _FEWEST_DIGITS.search(text) is not None


def contacts_in(text: str) -> list[str]:
    """What ``mask`` takes out of a text, in its order."""
    if not _may_hold_contacts(text):
        return []
    return [found[0] for found in _FOUND.finditer(text) if _is_contact(found)]


def without_contacts(processed: Processed) -> Processed:
    """A source with every text that is published masked: labels, values, notes, list entries, findings."""
    report = processed.report
    findings = tuple(map(_masked_finding, processed.findings))
    return replace(processed, findings=findings, report=_masked_report(report) if report else None)


def write_contacts(out: Path, records: Sequence[Record]) -> Path:
    """Write ``contacts.csv``: the answers of contact rows, and what was masked elsewhere. Raises OSError."""
    write_csv(out / "contacts.csv", names(CONTACTS), as_rows(records, CONTACTS))
    return out / "contacts.csv"


def contact_records(processed: Processed) -> Iterator[Record]:
    """The contact details of one document in source order, as mappings from column to cell."""
    report = processed.report
    if report is None:
        return
    about: Record = {"period": report.period, "agency_id": report.agency.id, "agency": report.agency.name}
    for outcome in sorted(report.outcomes, key=lambda outcome: outcome.row.order):
        told = _told(outcome)
        if told:
            row = outcome.row
            yield {
                **about,
                **place_fields(processed, row),
                "section": mask(section_of(row)),
                "raw_label": mask(row.raw_label),
                "raw_value": told,
            }
    for entry in report.entries:
        yield from ({**about, **record} for record in _entry_records(processed, entry))


def _is_contact(found: re.Match[str]) -> bool:
    return found["web"] is None and not _TAX_CODE.fullmatch(found[0])


def _told(outcome: Outcome) -> str:
    """The contact details of a row: its whole answer where it asks for them, else what stands in its texts."""
    row = outcome.row
    if outcome.kind == "ignored" and reason_of(outcome) == "contact":
        return raw_value(row).strip()
    texts = (row.raw_label, raw_value(row), row.note)
    return "; ".join(dict.fromkeys(found for text in texts for found in contacts_in(text)))


def _entry_records(processed: Processed, entry: ListEntry) -> Iterator[Record]:
    for name, text in entry.values:
        for found in contacts_in(text):
            yield {
                "source_path": processed.source_path,
                "source_sha256": processed.sha256,
                "section": mask(entry.section),
                "raw_label": name,
                "raw_value": found,
                "page": place_name(entry.place),
                "table": entry.place.table,
                "row": entry.place.row,
            }


def _masked_report(report: Report) -> Report:
    return replace(
        report,
        outcomes=tuple(map(_masked_outcome, report.outcomes)),
        entries=tuple(map(_masked_entry, report.entries)),
        findings=tuple(map(_masked_finding, report.findings)),
    )


def _masked_outcome(outcome: Outcome) -> Outcome:
    row, text = _masked_row(outcome.row), mask(outcome.value.text)
    if row is outcome.row and text == outcome.value.text:
        return outcome
    return replace(outcome, row=row, value=replace(outcome.value, text=text))


def _masked_row(row: Row) -> Row:
    texts = (row.label, row.raw_label, row.unit, row.note, *row.path)
    label, raw_label, unit, note, *path = masked = tuple(map(mask, texts))
    value = _masked_cell(row.value) if row.value else None
    if masked == texts and value is row.value:
        return row
    return replace(row, label=label, raw_label=raw_label, unit=unit, note=note, path=tuple(path), value=value)


def _masked_cell(cell: Cell) -> Cell:
    text, raw = mask(cell.text), mask(cell.raw_text)
    return cell if text == cell.text and raw == cell.raw_text else replace(cell, text=text, raw_text=raw)


def _masked_entry(entry: ListEntry) -> ListEntry:
    values = tuple((name, mask(text)) for name, text in entry.values)
    return replace(entry, section=mask(entry.section), values=values)


def _masked_finding(finding: Finding) -> Finding:
    return replace(finding, details=tuple((name, mask(text)) for name, text in finding.details))
