"""What became of each document, the entries of list tables, and the record of the run."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from consolidate.columns import DOCUMENTS, LIST_END, LIST_START, Field, names
from consolidate.csvfile import replacing, write_csv
from consolidate.dataset import Record, as_rows, place_name, published_order
from consolidate.findings import FINDING_CODES
from consolidate.messages import Messages, say_findings
from consolidate.model import Processed, outcome_counts
from normalize.model import Form, ListEntry, Report

_LIST_START, _LIST_END = names(LIST_START), names(LIST_END)
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def document_record(processed: Processed, messages: Messages) -> Record:
    """One document as a mapping from column to cell.

    ``seconds`` stays empty: the same input gives the same bytes, so times stand in ``run.json`` alone.
    """
    report, counts = processed.report, outcome_counts(processed.report)
    found = (*processed.findings, *(report.findings if report else ()))
    findings = [finding for finding in found if finding.code not in FINDING_CODES]
    return {
        "source_path": processed.source_path,
        "sha256": processed.sha256,
        "format": processed.format,
        "status": processed.status,
        "reason": ";".join(dict.fromkeys(finding.code for finding in findings)),
        "reason_vi": say_findings(messages, findings, "vi"),
        **_identity(report),
        "encoding": processed.encoding,
        "text_quality": None if processed.text_quality is None else round(processed.text_quality, 4),
        "n_tables": processed.n_tables,
        "n_rows": counts.total(),
        "n_observations": counts["observation"],
        "n_unmatched": counts["unmatched"],
        "n_ignored": counts["ignored"],
        "superseded_by": processed.superseded_by,
        "seconds": None,
    }


def _identity(report: Report | None) -> Record:
    """Whose report of which form and period it is; empty for what is no report."""
    if report is None:
        return dict.fromkeys(("form_id", "agency_id", "agency", "province", "period"), "")
    return {
        "form_id": report.form_id,
        "agency_id": report.agency.id,
        "agency": report.agency.name,
        "province": report.agency.province,
        "period": report.period,
    }


def write_documents(out: Path, processed: Sequence[Processed], messages: Messages) -> Path:
    """Write ``documents.csv``, in the order of source paths; give its path. Raises OSError."""
    ordered = sorted(processed, key=lambda item: item.source_path)
    records = [document_record(item, messages) for item in ordered]
    write_csv(out / "documents.csv", names(DOCUMENTS), as_rows(records, DOCUMENTS))
    return out / "documents.csv"


def safe_name(list_id: str) -> str:
    """A file name for a list: the id itself where that is safe on every system, else a clean form of it and a hash."""
    name = _UNSAFE.sub("_", list_id)
    if name == list_id and name and not name.startswith(".") and not _RESERVED.fullmatch(name):
        return name
    return f"list_{name.strip('.')}_{hashlib.sha256(list_id.encode('utf-8', 'replace')).hexdigest()[:8]}"


def list_fields(list_id: str, forms: Mapping[str, Form], entries: Sequence[ListEntry]) -> list[str]:
    """The fields of a list in the order of its printed columns, over all forms that have it."""
    printed = [
        field
        for _, form in sorted(forms.items())
        for form_list in form.lists
        if form_list.list_id == list_id
        for field in form_list.fields
    ]
    given = [name for entry in entries for name, _ in entry.values]
    own = dict.fromkeys((*printed, *given))
    return [name for name in own if name in given or name not in ("", "ignore", *_LIST_START)]


def _list_column(name: str) -> str:
    """The column of a field; one that is called like a column of ours is told apart."""
    return f"entry_{name}" if name in (*_LIST_START, *_LIST_END) else name


def _entry_record(processed: Processed, report: Report, entry: ListEntry) -> Record:
    context: Record = {
        "source_path": processed.source_path,
        "list_id": entry.list_id,
        "section": entry.section,
        "item_no": entry.item_no,
        **_identity(report),
        "source_sha256": processed.sha256,
        "page": place_name(entry.place),
        "table": entry.place.table,
        "row": entry.place.row,
    }
    return context | {_list_column(name): text for name, text in entry.values}


def _by_list(processed: Sequence[Processed]) -> dict[str, list[tuple[Processed, Report, ListEntry]]]:
    found: dict[str, list[tuple[Processed, Report, ListEntry]]] = {}
    for item in sorted(processed, key=published_order):
        for entry in item.report.entries if item.report else ():
            assert item.report is not None
            found.setdefault(entry.list_id, []).append((item, item.report, entry))
    return found


def write_lists(out: Path, processed: Sequence[Processed], forms: Mapping[str, Form]) -> Iterator[Path]:
    """Write ``lists/<list_id>.csv`` for each list that has entries; give the paths. Raises OSError."""
    for list_id, found in sorted(_by_list(processed).items()):
        fields = [_list_column(name) for name in list_fields(list_id, forms, [entry for _, _, entry in found])]
        header = (*_LIST_START, *fields, *_LIST_END)
        records = [_entry_record(*one) for one in found]
        rows: Iterator[list[Field]] = ([record.get(name, "") for name in header] for record in records)
        path = out / "lists" / f"{safe_name(list_id)}.csv"
        write_csv(path, header, rows)
        yield path


def write_run_record(out: Path, record: Mapping[str, object]) -> Path:
    """Write ``run.json``; give its path. Raises OSError."""
    path = out / "run.json"
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path


def read_run_record(out: Path) -> dict[str, object]:
    """What ``run.json`` of an earlier run says; empty when there is none that can be read."""
    try:
        found = json.loads((out / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
