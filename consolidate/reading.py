"""One source from its bytes to what is published about it; this runs in worker processes."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from consolidate.contacts import contact_records, without_contacts
from consolidate.kept_lines import compressed_lines
from consolidate.model import Processed
from consolidate.packed import pack, unpack
from consolidate.scope import mentions_of, unlike_rows
from consolidate.sharing import counted
from extract.cage import where
from extract.model import LOST, Document, Finding
from extract.read import load_readers, read_document
from extract.source import PASSED_OVER, Source, open_file
from normalize.catalogue import Catalogue, known_texts
from normalize.document import read_report
from normalize.model import Evidence, Indicator, Outcome, Report
from normalize.printed import build_printed


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done for one source: match the stored ``document``, else read its bytes.

    These are at hand in ``source``, or in the file at ``path`` of the inbox.
    """

    source: Source
    rank: int = 0
    path: Path | None = None
    document: bytes = b""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a task, ready for the store: a Processed without contacts, these apart, the document if it was read.

    ``uses_texts`` tells that the document's letters depend on the texts that are known, ``mentions`` what the match
    rests on, ``unlike`` its texts that resemble no indicator; ``lines`` are its observations as they stand in their
    table, compressed.
    """

    item: Processed
    body: bytes
    contacts: bytes
    document: bytes = b""
    uses_texts: bool = False
    mentions: bytes = b""
    unlike: Mapping[bytes, bytes] = field(default_factory=dict)
    lines: bytes = b""

    @property
    def digest(self) -> str:
        """The hash of what is said."""
        return hashlib.sha256(self.body + self.contacts).hexdigest()


def pending(source: Source) -> Processed:
    """A source that nothing has been done about yet."""
    received, modified = source.received, source.modified
    return Processed(source.source_path, source.sha256, source.format, "pending", received=received, modified=modified)


def prepare(formats: Iterable[str], catalogue: Catalogue) -> None:
    """Load what reading documents of some formats takes, and matching, once for all processes copied from this one."""
    build_printed(catalogue)
    for level in ("province", "district", "commune"):
        catalogue.register(level)
    load_readers(formats, known_texts(catalogue))


def read_source(source: Source, catalogue: Catalogue) -> tuple[Document, Report]:
    """What a source says, and what that means. Trouble with the source is a finding; what is raised is a bug."""
    document = read_document(source, known_texts(catalogue))
    if any(("error", "MemoryError") in finding.details for finding in document.findings):
        raise MemoryError  # the process may be at fault and not the document
    return document, match_document(document, source, catalogue)


def match_document(document: Document, source: Source, catalogue: Catalogue) -> Report:
    """What a document means, given what is known of its source from outside it."""
    evidence = Evidence(source.source_path, source.received, source.subject, source.sender)
    return read_report(document, evidence, catalogue)


def work(task: Task, catalogue: Catalogue) -> Iterator[Done]:
    """Do one task: whatever goes wrong becomes the status and the findings of this one document.

    Raises MemoryError.
    """
    started = time.perf_counter()
    source, document = task.source, unpack(task.document, Document) if task.document else None
    if document is None:
        if task.path is not None:
            source = next(open_file(task.path, source.source_path))
        if task.source.sha256 not in ("", hashlib.sha256(source.data).hexdigest()):
            yield done(replace(pending(task.source), status="failed", findings=(Finding("changed_while_reading"),)))
            return
    item, read = _processed(source, document, catalogue)
    item = replace(item, modified=task.source.modified, seconds=time.perf_counter() - started)
    yield done(item, read if document is None else None, catalogue.indicators)


def done(item: Processed, document: Document | None = None, indicators: Mapping[str, Indicator] | None = None) -> Done:
    """A source after reading, ready for the store; ``document`` where it was read now."""
    slim, report = _slim(without_contacts(item)), item.report
    found = Done(
        replace(item, report=_identity(report)),
        body=pack(replace(slim, modified=0.0, seconds=0.0)),
        contacts=pack(list(contact_records(item))),
        mentions=mentions_of(report) if report is not None else b"",
        unlike=unlike_rows(report) if report is not None else {},
        lines=compressed_lines(slim, indicators) if indicators is not None else b"",
    )
    if document is None:
        return found
    return replace(found, document=pack(document), uses_texts=_uses_texts(document))


def _slim(item: Processed) -> Processed:
    """Without what is never published: rows that are blank, what rows say that are ignored, candidates and doubts about
    those that do not wait.

    So what is kept does not change with a mapping that changes nothing published.
    """
    if item.report is None:
        return item
    outcomes = tuple(_slim_outcome(one) for one in item.report.outcomes if one.kind != "blank")
    return replace(item, report=replace(item.report, outcomes=outcomes))


def _slim_outcome(outcome: Outcome) -> Outcome:
    if outcome.kind == "unmatched":
        return outcome
    if outcome.kind == "ignored":
        return counted(outcome)
    match = outcome.match
    slim = replace(match, candidates=(), reason="") if match.candidates or match.reason else match
    return outcome if slim is match else replace(outcome, match=slim)


def _identity(report: Report | None) -> Report | None:
    return replace(report, outcomes=(), entries=(), findings=()) if report is not None else None


def _uses_texts(document: Document) -> bool:
    """Whether letters of a document were restored by known texts, or would be if these were others."""
    lost = any(LOST in cell.text for table in document.tables for cell in table.cells)
    return document.format == "pdf" and (bool(document.letters) or document.encoding != "unicode" or lost)


def process(source: Source, catalogue: Catalogue) -> Processed:
    """Read one source alone, with contact details. Raises MemoryError."""
    started = time.perf_counter()
    return replace(_processed(source, None, catalogue)[0], seconds=time.perf_counter() - started)


def _processed(source: Source, document: Document | None, catalogue: Catalogue) -> tuple[Processed, Document | None]:
    if source.reason:
        return unread(source), None
    try:
        if document is None:
            document, report = read_source(source, catalogue)
        else:
            report = match_document(document, source, catalogue)
    except MemoryError:
        raise
    except Exception as error:
        return failed(source, Finding("failed", details=(("error", where(error)),))), None
    return _told(source, document, report), document


def unread(source: Source) -> Processed:
    """A source that needs no reading, or cannot be read, for the reason that it has."""
    status = "no_data" if source.reason in PASSED_OVER else "rejected"
    return replace(pending(source), status=status, findings=(Finding(source.reason),))


def failed(source: Source, finding: Finding) -> Processed:
    """A source whose reading broke off, with the finding that says how."""
    return replace(pending(source), status="failed", findings=(finding,))


def _told(source: Source, document: Document, report: Report) -> Processed:
    if not document.tables and document.findings:
        return replace(pending(source), status="rejected", findings=document.findings)
    return replace(
        pending(source),
        status="extracted" if _has_data(report) else "no_data",
        findings=document.findings if _has_data(report) else _without_data(document, report),
        report=report,
        encoding=document.encoding,
        text_quality=document.text_quality,
        n_tables=sum(1 for table in document.tables if not table.prose),
    )


def _has_data(report: Report) -> bool:
    """Whether there is a figure, a list entry, or a row that may be one."""
    return bool(report.entries) or any(outcome.kind in ("observation", "unmatched") for outcome in report.outcomes)


def _without_data(document: Document, report: Report) -> tuple[Finding, ...]:
    """The findings of a document without any row of data, one of which says so."""
    told = any(finding.code == "no_data" for finding in report.findings)
    return document.findings if told else (*document.findings, Finding("no_data"))
