"""From the versions of reports in the store to the files of the output folder."""

from __future__ import annotations

import gc
import hashlib
import json
import multiprocessing
import os
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from consolidate.audit import write_unmatched
from consolidate.beside import beside
from consolidate.contacts import write_contacts
from consolidate.coverage import coverage_records, write_coverage
from consolidate.datapackage import write_datapackage
from consolidate.dataset import Lines, Record, write_observations
from consolidate.documents import read_run_record, write_documents, write_lists, write_run_record
from consolidate.findings import finding_records, write_findings
from consolidate.history import changes_since, keep_mappings, load, write_changes
from consolidate.kept_lines import kept_lines
from consolidate.model import Processed, RunOptions, RunResult, total_counts
from consolidate.packed import unpack
from consolidate.report_page import write_report
from consolidate.row_pictures import FOLDER as PICTURES
from consolidate.row_pictures import Pictures, no_pictures, pictures_of
from consolidate.store import FOLDER, Run, Store, Version, contacts_of, finish_run, open_store, open_versions, runs
from consolidate.submissions import settle_submissions
from consolidate.successors import as_of_day
from consolidate.versions import program_version, publishing_version, tool_version
from consolidate.workbook import WORKBOOK, write_workbook
from extract.read import READERS, reader_version
from normalize.catalogue import Catalogue

_NEW = ".new-"
_UNREAD = ("rejected", "failed")


def settled(items: Sequence[Processed], as_of: str, catalogue: Catalogue) -> tuple[Processed, ...]:
    """The documents in the order of their paths, later submissions in the place of earlier ones."""
    ordered = sorted(settle_submissions(items, catalogue), key=lambda item: (item.source_path, item.sha256))
    return as_of_day(tuple(ordered), as_of, catalogue)


# Nothing new


def unchanged(
    store: Store, chosen: Sequence[Version], told: RunResult, options: RunOptions, catalogue: Catalogue
) -> RunResult | None:
    """What the run before says, where it published the same versions in the same way and its files still stand."""
    last = next(iter(runs(store)[-1:]), None)
    if last is None or any(one.first_run is None for one in chosen):
        return None
    if len(chosen) != sum(one.first_run is not None for one in open_versions(store)):
        return None
    made = (catalogue.fingerprint, publishing_version(), _options(options))
    if made != (last.fingerprint, last.program, last.options) or not _stand(options.out, json.loads(last.outputs)):
        return None
    record = json.loads(last.record)
    items = [_light(one) for one in chosen if one.status not in _UNREAD]
    items += load(store, [one for one in chosen if one.status in _UNREAD])
    counts = {name: count for name, count in record["counts"].items() if name != "other_periods"}
    files = tuple(options.out / name for name in record["files"])
    ordered = tuple(sorted(items, key=lambda item: (item.source_path, item.sha256)))
    return replace(told, processed=ordered, counts=counts, files=files, unchanged_since=last.finished)


def _in_short(item: Processed) -> Processed:
    """What became of a source, and why where it was not read: of all sources of a country this has to be small."""
    findings = item.findings if item.status in _UNREAD else ()
    return Processed(item.source_path, item.sha256, item.format, item.status, findings, seconds=item.seconds)


def _light(one: Version) -> Processed:
    return Processed(one.source_path, one.sha256, "", one.status, seconds=one.seconds)


def _options(options: RunOptions) -> str:
    return json.dumps({"as_of": options.as_of, "keep_contacts": options.keep_contacts})


def _stand(out: Path, outputs: dict[str, str]) -> bool:
    """Whether files are still there as they were written."""
    return all(_hash(out / name) == sha256 for name, sha256 in outputs.items())


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


# Publishing


def publish_apart(report_ids: Sequence[int], told: RunResult, options: RunOptions, catalogue: Catalogue) -> RunResult:
    """``publish`` in a process of its own, which ends with this one. Raises what it raises, OSError when it dies."""
    with ProcessPoolExecutor(1, initializer=_begin, initargs=(catalogue,)) as pool:
        try:
            return pool.submit(_publish_stored, tuple(report_ids), told, options).result()
        except BrokenProcessPool as error:
            raise OSError(None, "the process that writes the tables was ended", str(options.out)) from error


_WITH: list[Catalogue] = []
"""What the process that publishes was started with: a copy of a process has it as it is, and need not read it again."""


def _publish_stored(report_ids: tuple[int, ...], told: RunResult, options: RunOptions) -> RunResult:
    with open_store(options.out) as store:
        versions = {one.report_id: one for one in open_versions(store)}
        return publish(store, [versions[one] for one in report_ids], told, options, _WITH[0])


def _begin(catalogue: Catalogue) -> None:
    """End this process as soon as the one that started it is gone, so that its store can be opened again."""
    _WITH[:] = [catalogue]

    def watch() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def publish(
    store: Store, chosen: Sequence[Version], told: RunResult, options: RunOptions, catalogue: Catalogue
) -> RunResult:
    """Write all tables, then ``run.json``, and record the run; give its result.

    Every table is complete before the first one takes its place, so that a run which cannot finish leaves the tables
    of the run before. Raises OSError.
    """
    started = time.perf_counter()
    with _uncollected():
        return _publish(store, chosen, told, options, catalogue, started)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the search for circular garbage, of which there is none: it would go through all reports again and again,
    and take half of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _publish(
    store: Store,
    chosen: Sequence[Version],
    told: RunResult,
    options: RunOptions,
    catalogue: Catalogue,
    started: float,
) -> RunResult:
    loaded = load(store, chosen)
    lines = kept_lines(store, chosen, loaded, catalogue.indicators)
    items = settled(loaded, options.as_of, catalogue)
    keep_mappings(store, options.mappings, catalogue.fingerprint)
    changed = changes_since(store, chosen, loaded, catalogue)
    with new_folder(options.out) as folder:
        made = [write_contacts(folder, contacts_in(store, chosen))] if options.keep_contacts else []
        pictures = pictures_of(options.out / FOLDER / PICTURES, options.inbox)
        made += write_tables(folder, items, catalogue, [write_changes(folder, changed)], pictures, lines)
        files = take_places(made, folder, options.out)
    _remove_stale(options.out, files)
    seconds = {**told.seconds, "publish": time.perf_counter() - started}
    kinds = Counter(change.kind for change in changed)
    result = replace(
        told,
        processed=tuple(_in_short(item) for item in items),
        counts=total_counts(items),
        files=(*files, options.out / "run.json"),
        seconds=seconds,
        changes=kinds,
    )
    record = run_record(result, options, catalogue)
    number = len(runs(store)) + 1
    write_run_record(options.out, record)
    outputs = json.dumps({path.relative_to(options.out).as_posix(): _hash(path) for path in files})
    finished = Run(
        number,
        str(record["finished"]),
        catalogue.fingerprint,
        publishing_version(),
        program_version(),
        _options(options),
        json.dumps(record),
        outputs,
    )
    finish_run(store, finished, [one.report_id for one in chosen])
    return result


def contacts_in(store: Store, versions: Iterable[Version]) -> list[Record]:
    """The contact details that were taken out of versions of reports."""
    return [record for one in versions for record in unpack(contacts_of(store, one.report_id), list)]


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """A folder for files that are not finished; those of runs that were killed are removed."""
    for left in out.glob(f"{_NEW}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_NEW, dir=out) as folder:
        yield Path(folder)


def write_tables(
    folder: Path,
    processed: Sequence[Processed],
    catalogue: Catalogue,
    more: Sequence[Path] = (),
    pictures: Pictures = no_pictures,
    lines: Lines | None = None,
) -> list[Path]:
    """Write every table about some documents and what describes them all, ``more`` of them; give the paths."""
    coverage = coverage_records(processed, catalogue)
    findings = finding_records(processed, catalogue)
    with beside(lambda: write_workbook(folder, processed, findings, catalogue, coverage)):
        tables = [
            *write_observations(folder, processed, catalogue.indicators, lines),
            *write_unmatched(folder, processed, catalogue.messages),
            write_documents(folder, processed, catalogue.messages),
            write_findings(folder, findings),
            *write_lists(folder, processed, catalogue.forms),
            write_coverage(folder, coverage),
            folder / WORKBOOK,
            write_report(folder, processed, findings, coverage, catalogue, pictures),
            *more,
        ]
    return [*tables, write_datapackage(folder, tables, catalogue.messages)]


def take_places(made: Sequence[Path], folder: Path, out: Path) -> list[Path]:
    """Move finished files to their places; give these."""
    files = [out / path.relative_to(folder) for path in made]
    for path, target in zip(made, files, strict=True):
        target.parent.mkdir(exist_ok=True)
        path.replace(target)
    return files


def _remove_stale(out: Path, files: Sequence[Path]) -> None:
    """Remove the list files and the contacts that the run before wrote and this one did not."""
    before = read_run_record(out).get("files")
    known = {str(name) for name in before} if isinstance(before, list) else set()
    for path in (*sorted((out / "lists").glob("*.csv")), out / "contacts.csv"):
        if path not in files and path.relative_to(out).as_posix() in known:
            path.unlink()


def run_record(result: RunResult, options: RunOptions, catalogue: Catalogue) -> dict[str, object]:
    """What ``run.json`` says: versions, options, counts, and every time that was measured."""
    return {
        "tool": "tonghop",
        "version": tool_version(),
        "program": program_version(),
        "mappings_fingerprint": catalogue.fingerprint,
        "readers": {kind: reader_version(kind) for kind in sorted(READERS)},
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "periods": list(options.periods),
        "as_of": options.as_of,
        "workers": options.workers,
        "processors": os.cpu_count(),
        "counts": {**result.counts, "other_periods": result.other_periods},
        "work": dict(result.work),
        "changes": dict(result.changes),
        "seconds": {stage: round(seconds, 3) for stage, seconds in result.seconds.items()},
        "document_seconds": {item.source_path: round(item.seconds, 3) for item in result.processed},
        "files": [path.relative_to(options.out).as_posix() for path in result.files],
    }
