"""The main job: list the inbox, read each document, publish the tables."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from consolidate.audit import write_unmatched
from consolidate.contacts import without_contacts, write_contacts
from consolidate.datapackage import write_datapackage
from consolidate.dataset import write_observations
from consolidate.documents import read_run_record, write_documents, write_lists, write_run_record
from consolidate.findings import finding_records, write_findings
from consolidate.model import Processed, RunOptions, RunResult, total_counts
from consolidate.submissions import settle_submissions
from consolidate.successors import as_of_day
from consolidate.workbook import write_workbook
from extract.cage import Limits, where
from extract.guard import guarded
from extract.model import Document, Finding
from extract.read import read_document
from extract.source import PASSED_OVER, Source, list_files, open_file
from normalize.catalogue import Catalogue, known_texts
from normalize.document import read_report
from normalize.model import Evidence, Report

Progress = Callable[[int, int, Processed], None]
"""Called after each source with how many are done, how many there are, and what became of it."""


def usage_finding(inbox: Path, out: Path) -> Finding | None:
    """What is wrong with the two folders before anything is read, or ``None``."""
    source, target = inbox.resolve(), out.resolve()
    if not source.exists():
        return Finding("cli_inbox_missing", details=(("path", str(inbox)),))
    if target.exists() and not target.is_dir():
        return Finding("cli_out_not_a_folder", details=(("path", str(out)),))
    if source.is_dir() and (target.is_relative_to(source) or source.is_relative_to(target)):
        return Finding("cli_folders_overlap", details=(("inbox", str(inbox)), ("out", str(out))))
    return None


def run(options: RunOptions, catalogue: Catalogue, progress: Progress | None = None) -> RunResult:
    """Read every source of the inbox and publish the tables into ``options.out``.

    What comes out depends on the inbox, the mappings and the periods alone, never on the number of workers.
    Raises OSError when the inbox cannot be listed or the output not be written.
    """
    started = time.perf_counter()
    waiting, duplicates = plan(options.inbox, limits_of(options))
    listed = time.perf_counter()
    if options.dry_run:
        return _result((*waiting, *duplicates), {"list": listed - started})
    done = process_all(options, waiting, catalogue, progress or (lambda done, total, item: None))
    seconds = {"list": listed - started, "read": time.perf_counter() - listed}
    settled = settle_submissions((*done, *duplicates), catalogue)
    result = only_periods(_result(settled, seconds), options.periods)
    result = replace(result, processed=as_of_day(result.processed, options.as_of, catalogue))
    return publish(result, options, catalogue)


def limits_of(options: RunOptions) -> Limits:
    """What one document may cost."""
    return Limits(seconds=options.timeout, memory=options.memory)


def plan(inbox: Path, limits: Limits | None = None) -> tuple[list[Processed], list[Processed]]:
    """The sources to read (status pending), and those whose content came before under another path (duplicate).

    What needs no reading anyway, such as the picture in a signature, is never a duplicate nor the original of one.
    """
    first: dict[str, str] = {}
    waiting: list[Processed] = []
    duplicates: list[Processed] = []
    listed = guarded_sources(inbox, limits or Limits(), _list_file)
    for item, passed in sorted(((_pending(one), one.reason in PASSED_OVER) for one in listed), key=_by_listed_path):
        if item.sha256 and item.sha256 in first and not passed:
            finding = Finding("duplicate", details=(("original", first[item.sha256]),))
            duplicates.append(replace(item, status="duplicate", findings=(finding,)))
            continue
        if not passed:
            first[item.sha256] = item.source_path
        waiting.append(item)
    return waiting, duplicates


def guarded_sources(
    inbox: Path, limits: Limits, opened: Callable[[tuple[str, Path]], Iterator[Source]]
) -> Iterator[Source]:
    """Every source of the inbox as ``opened`` gives it in another process; a file that breaks it keeps its own row."""
    for (name, _), found in guarded(opened, list_files(inbox), limits=limits):
        yield found if isinstance(found, Source) else Source(name, b"", "", "unknown", 0.0, found.code)


def _list_file(listed: tuple[str, Path]) -> Iterator[Source]:
    """The sources of one file of the inbox without their bytes."""
    return (replace(source, data=b"") for source in open_file(listed[1], listed[0]))


def _open_file(listed: tuple[str, Path]) -> Iterator[Source]:
    """The sources of one file of the inbox, with the bytes of those that are to be read."""
    found = open_file(listed[1], listed[0])
    return (replace(source, data=b"") if source.reason else source for source in found)


def _by_listed_path(listed: tuple[Processed, bool]) -> tuple[str, str]:
    return _by_path(listed[0])


def _by_path(item: Processed) -> tuple[str, str]:
    return item.source_path, item.sha256


def _pending(source: Source) -> Processed:
    received, modified = source.received, source.modified
    return Processed(source.source_path, source.sha256, source.format, "pending", received=received, modified=modified)


def _result(processed: Sequence[Processed], seconds: dict[str, float]) -> RunResult:
    ordered = tuple(sorted(processed, key=_by_path))
    return RunResult(ordered, total_counts(ordered), seconds=seconds)


def read_source(source: Source, catalogue: Catalogue) -> tuple[Document, Report]:
    """What a source says, and what that means. Trouble with the source is a finding; what is raised is a bug."""
    document = read_document(source, known_texts(catalogue))
    if any(("error", "MemoryError") in finding.details for finding in document.findings):
        raise MemoryError  # the process may be at fault and not the document
    evidence = Evidence(source.source_path, source.received, source.subject, source.sender)
    return document, read_report(document, evidence, catalogue)


def process(source: Source, catalogue: Catalogue) -> Processed:
    """Read one source alone: whatever goes wrong becomes the status and the findings of this one document.

    Raises MemoryError.
    """
    if source.reason in PASSED_OVER:
        return replace(_pending(source), status="no_data", findings=(Finding(source.reason),))
    started = time.perf_counter()
    try:
        document, report = read_source(source, catalogue)
    except MemoryError:
        raise
    except Exception as error:
        finding = Finding("failed", details=(("error", where(error)),))
        return failed(source, finding, time.perf_counter() - started)
    seconds = time.perf_counter() - started
    if not document.tables and document.findings:
        return replace(_pending(source), status="rejected", findings=document.findings, seconds=seconds)
    return replace(
        _pending(source),
        status="extracted" if _has_data(report) else "no_data",
        findings=document.findings if _has_data(report) else _without_data(document, report),
        report=report,
        encoding=document.encoding,
        text_quality=document.text_quality,
        n_tables=sum(1 for table in document.tables if not table.prose),
        seconds=seconds,
    )


def failed(source: Source, finding: Finding, seconds: float = 0.0) -> Processed:
    """A source whose reading broke off, with the finding that says how."""
    return replace(_pending(source), status="failed", findings=(finding,), seconds=seconds)


def _has_data(report: Report) -> bool:
    """Whether there is a figure, a list entry, or a row that may be one."""
    return bool(report.entries) or any(outcome.kind in ("observation", "unmatched") for outcome in report.outcomes)


def _without_data(document: Document, report: Report) -> tuple[Finding, ...]:
    """The findings of a document without any row of data, one of which says so."""
    told = any(finding.code == "no_data" for finding in report.findings)
    return document.findings if told else (*document.findings, Finding("no_data"))


def process_all(
    options: RunOptions, waiting: Sequence[Processed], catalogue: Catalogue, progress: Progress
) -> list[Processed]:
    """Read what waits in ``options.workers`` other processes; the order of the result means nothing.

    The inbox is gone through a second time here, so that the bytes of a few files are held and never those of all.
    """
    paths = {_by_path(item) for item in waiting}
    opened = guarded_sources(options.inbox, limits_of(options), _open_file)
    sources = (source for source in opened if _by_path(_pending(source)) in paths)
    done: list[Processed] = []
    for source, found in guarded(_work, sources, (catalogue,), options.workers, limits_of(options)):
        item = found if isinstance(found, Processed) else failed(source, found)
        done.append(item)
        progress(len(done), len(waiting), item)
    gone = {_by_path(item): item for item in waiting}.keys() - {_by_path(item) for item in done}
    return [*done, *(_vanished(item) for item in waiting if _by_path(item) in gone)]


def _vanished(item: Processed) -> Processed:
    """A source that was listed, and changed or went away before it was read."""
    return replace(item, status="failed", findings=(Finding("changed_while_reading"),))


def _work(source: Source, catalogue: Catalogue) -> Iterator[Processed]:
    yield process(source, catalogue)


def only_periods(result: RunResult, periods: tuple[str, ...]) -> RunResult:
    """The result without the reports of other periods; what was not read stays, since its period is unknown."""
    if not periods:
        return result
    others = {item.source_path for item in result.processed if item.report and item.report.period not in periods}
    kept = tuple(item for item in result.processed if item.source_path not in others and not _repeats(item, others))
    return replace(result, processed=kept, counts=total_counts(kept), other_periods=len(result.processed) - len(kept))


def _repeats(item: Processed, others: set[str]) -> bool:
    """Whether an item is a duplicate of a document that was left out."""
    return item.status == "duplicate" and any(dict(finding.details)["original"] in others for finding in item.findings)


def publish(result: RunResult, options: RunOptions, catalogue: Catalogue) -> RunResult:
    """Write all tables, then ``run.json``; give the result with the files written.

    Contact details are masked in all of them; ``contacts.csv`` is written where asked for, and removed where not.
    Every table is complete before the first one takes its place, so that a run which cannot finish leaves the tables
    of the run before. Raises OSError.
    """
    started = time.perf_counter()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=options.out) as folder:
        made = [write_contacts(Path(folder), result.processed)] if options.keep_contacts else []
        result = replace(result, processed=tuple(map(without_contacts, result.processed)))
        made += _write_tables(Path(folder), result.processed, catalogue)
        files = [options.out / path.relative_to(folder) for path in made]
        for path, target in zip(made, files, strict=True):
            target.parent.mkdir(exist_ok=True)
            path.replace(target)
    _remove_stale(options.out, files)
    seconds = {**result.seconds, "publish": time.perf_counter() - started}
    published = replace(result, files=(*files, options.out / "run.json"), seconds=seconds)
    write_run_record(options.out, run_record(published, options, catalogue))
    return published


def _write_tables(folder: Path, processed: Sequence[Processed], catalogue: Catalogue) -> list[Path]:
    tables = [
        *write_observations(folder, processed, catalogue.indicators),
        *write_unmatched(folder, processed, catalogue.messages),
        write_documents(folder, processed, catalogue.messages),
        write_findings(folder, processed, catalogue),
        *write_lists(folder, processed, catalogue.forms),
        write_workbook(folder, processed, finding_records(processed, catalogue), catalogue),
    ]
    return [*tables, write_datapackage(folder, tables, catalogue.messages)]


def _remove_stale(out: Path, files: list[Path]) -> None:
    """Remove the list files and the contacts that the run before wrote and this one did not."""
    before = read_run_record(out).get("files")
    known = {str(name) for name in before} if isinstance(before, list) else set()
    for path in (*sorted((out / "lists").glob("*.csv")), out / "contacts.csv"):
        if path not in files and path.relative_to(out).as_posix() in known:
            path.unlink()


def tool_version() -> str:
    """The version of the installed program, or "unknown" when it runs from a folder that was never installed."""
    try:
        return metadata.version("tonghop")
    except metadata.PackageNotFoundError:
        return "unknown"


def run_record(result: RunResult, options: RunOptions, catalogue: Catalogue) -> dict[str, object]:
    """What ``run.json`` says: versions, options, counts, and every time that was measured."""
    return {
        "tool": "tonghop",
        "version": tool_version(),
        "mappings_fingerprint": catalogue.fingerprint,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "periods": list(options.periods),
        "as_of": options.as_of,
        "workers": options.workers,
        "processors": os.cpu_count(),
        "counts": {**result.counts, "other_periods": result.other_periods},
        "seconds": {stage: round(seconds, 3) for stage, seconds in result.seconds.items()},
        "document_seconds": {item.source_path: round(item.seconds, 3) for item in result.processed},
        "files": [path.relative_to(options.out).as_posix() for path in result.files],
    }
