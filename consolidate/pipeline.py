"""The main job: list the inbox, read and match what has changed, publish what all documents say."""

from __future__ import annotations

import json
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from consolidate.history import touched_since
from consolidate.listing import Listed, list_inbox, open_files
from consolidate.model import Processed, RunOptions, RunResult, total_counts
from consolidate.publishing import publish, publish_apart, unchanged
from consolidate.reading import Done, Task, done, failed, pending, prepare, unread, work
from consolidate.scope import is_touched
from consolidate.store import (
    Store,
    Version,
    body_of,
    contacts_of,
    has_document,
    hold_for,
    known_document,
    mentions_in,
    open_store,
    open_versions,
    put_document,
    put_lines,
    put_unlike,
    put_version,
    transaction,
)
from consolidate.versions import Makers, makers_of
from extract.cage import Limits
from extract.guard import guarded
from extract.model import Finding
from extract.read import reader_version
from extract.source import PASSED_OVER, Source
from normalize.catalogue import Catalogue

Progress = Callable[[int, int, Processed], None]
"""Called after each source with how many are done, how many there are, and what became of it."""

MANY = 50
"""More documents than these are published in a process of its own, which gives the memory back that this takes."""

_WORTH_IT = 10
"""What fewer documents than these need is loaded by the workers that read them."""

Key = tuple[str, str, int]
"""What names a source in one run: path, content, and its rank among those that have both in common."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One source of the inbox: what it is, where, and, for a repeated one, the path of its original."""

    listed: Listed
    rank: int
    original: str = ""

    @property
    def key(self) -> Key:
        """What names the source in one run."""
        return self.listed.source.source_path, self.listed.source.sha256, self.rank


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
    """Read what is new or changed in the inbox, match what new mappings ask for, and publish into ``options.out``.

    What comes out depends on the inbox, the mappings and the periods alone, never on the number of workers or on what
    the store had before. Raises OSError when the inbox cannot be listed or the output not be written, StoreError when
    the store cannot be used.
    """
    if options.dry_run:
        return _listed_only(options)
    options.out.mkdir(parents=True, exist_ok=True)
    with open_store(options.out) as store:
        chosen, told = _work_through(store, options, catalogue, progress or (lambda done, total, item: None))
        same = unchanged(store, chosen, told, options, catalogue)
        if same is not None:
            return same
        if len(chosen) <= MANY:
            return publish(store, chosen, told, options, catalogue)
        numbers = [one.report_id for one in chosen]
        del chosen  # this process stays small while the other one writes the tables
    return publish_apart(numbers, told, options, catalogue)


def _work_through(
    store: Store, options: RunOptions, catalogue: Catalogue, progress: Progress
) -> tuple[list[Version], RunResult]:
    """Read and match what has to be; give the versions to publish, and what is known of the run so far."""
    started = time.perf_counter()
    listed_now = list_inbox(options.inbox, limits_of(options), store, options.force, options.workers)
    planned = plan(list(listed_now))
    listed = time.perf_counter()
    waiting = _open_work(planned, store, catalogue, options)
    counts = _work_off(waiting, options, store, catalogue, progress)
    counts["kept"] = len(planned) - len(waiting)
    seconds = {"list": listed - started, "read": time.perf_counter() - listed}
    chosen, others = _chosen(planned, store, options.periods)
    return chosen, RunResult((), {}, other_periods=others, seconds=seconds, work=counts)


def limits_of(options: RunOptions) -> Limits:
    """What one document may cost."""
    return Limits(seconds=options.timeout, memory=options.memory)


def _listed_only(options: RunOptions) -> RunResult:
    """What would be read; nothing is written."""
    started = time.perf_counter()
    planned = plan(list(list_inbox(options.inbox, limits_of(options), workers=options.workers)))
    items = tuple(_repeated(one) if one.original else pending(one.listed.source) for one in planned)
    return RunResult(items, total_counts(items), seconds={"list": time.perf_counter() - started})


def plan(listed: Sequence[Listed]) -> list[Planned]:
    """The sources of an inbox in the order of their paths, those whose content came before under another path told.

    What needs no reading anyway, such as the picture in a signature, is never repeated nor the original of anything.
    """
    first: dict[str, str] = {}
    seen: Counter[tuple[str, str]] = Counter()
    planned = []
    for one in sorted(listed, key=lambda one: (one.source.source_path, one.source.sha256)):
        path, sha256 = one.source.source_path, one.source.sha256
        passed = one.source.reason in PASSED_OVER
        original = first.get(sha256, "") if sha256 and not passed else ""
        if not passed:
            first.setdefault(sha256, path)
        planned.append(Planned(one, seen[path, sha256], original))
        seen[path, sha256] += 1
    return planned


# What is to be done


def _open_work(planned: Sequence[Planned], store: Store, catalogue: Catalogue, options: RunOptions) -> list[Planned]:
    """The sources that have to be read or matched; the others stand in the store as they would come out again."""
    makers = makers_of(catalogue, options)
    known = _latest(_untouched(store, open_versions(store), makers, options.mappings, catalogue))
    waiting = []
    for one in planned:
        before = known.get(one.key)
        if one.original or one.listed.source.reason:
            _keep(store, one, done(_repeated(one) if one.original else unread(one.listed.source)), makers, before)
        elif before is None or options.force or not _stands(one, before, makers, options.periods):
            waiting.append(one)
        elif before.modified != one.listed.source.modified:
            moved = replace(before, modified=one.listed.source.modified)
            with transaction(store):
                parts = (part(store, before.report_id) for part in (body_of, contacts_of, mentions_in))
                put_version(store, moved, *parts)
    return waiting


def _untouched(
    store: Store, versions: Sequence[Version], makers: Makers, mappings: Path, catalogue: Catalogue
) -> Iterator[Version]:
    """The versions, those marked as made by the mappings of now that the change since then cannot touch."""
    others = {one.mappings for one in versions if one.program == makers.program} - {makers.mappings}
    tokens = {one: touched_since(store, one, mappings, catalogue) for one in others}
    held = [
        one
        for one in versions
        if one.mappings in tokens and not is_touched(mentions_in(store, one.report_id), tokens[one.mappings])
    ]
    hold_for(store, (one.report_id for one in held), makers.mappings)
    ids = {one.report_id for one in held}
    yield from (replace(one, mappings=makers.mappings) if one.report_id in ids else one for one in versions)


def _latest(versions: Iterable[Version]) -> dict[Key, Version]:
    """The newest version of each source."""
    return {version.key: version for version in versions}


def _stands(one: Planned, before: Version, makers: Makers, periods: tuple[str, ...]) -> bool:
    """Whether a version would come out the same again, or is of another period than those asked for."""
    if periods and before.period and before.period not in periods:
        return True
    made = (makers.mappings, makers.program, makers.reader(one.listed.source.format, before.status), _evidence(one))
    return made == (before.mappings, before.program, before.reader, before.evidence)


def _evidence(one: Planned) -> str:
    source = one.listed.source
    return json.dumps([source.received, source.subject, source.sender, one.original], ensure_ascii=False)


def _repeated(one: Planned) -> Processed:
    finding = Finding("duplicate", details=(("original", one.original),))
    return replace(pending(one.listed.source), status="duplicate", findings=(finding,))


# Work


def _work_off(
    waiting: Sequence[Planned], options: RunOptions, store: Store, catalogue: Catalogue, progress: Progress
) -> Counter[str]:
    """Read or match what waits in ``options.workers`` other processes, and keep what comes of each at once.

    Gives how many were read and how many only matched. The order in which they come means nothing.
    """
    makers, limits = makers_of(catalogue, options), limits_of(options)
    left = {one.key: one for one in waiting}
    counts: Counter[str] = Counter()
    total = len(waiting)
    tasks = _supply(waiting, store, makers, options)
    _prepare(waiting, store, makers, catalogue, options)
    for task, found in _engine(tasks, options, limits, catalogue):
        one = left.pop((task.source.source_path, task.source.sha256, task.rank))
        result = found if isinstance(found, Done) else done(failed(task.source, found))
        _keep(store, one, result, makers, None)
        counts["matched" if task.document else "read"] += 1
        progress(total - len(left), total, result.item)
    for one in left.values():  # members of a container that changed or went away since it was listed
        gone = done(failed(one.listed.source, Finding("changed_while_reading")))
        _keep(store, one, gone, makers, None)
    return counts


def _prepare(
    waiting: Sequence[Planned], store: Store, makers: Makers, catalogue: Catalogue, options: RunOptions
) -> None:
    """Load here what all workers would load, where these are copies of this process and have enough of it to do."""
    if len(waiting) < _WORTH_IT or options.engine != "processes" or multiprocessing.get_start_method() != "fork":
        return
    unread = (one.listed.source for one in waiting if options.force or not _is_stored(store, one.listed.source, makers))
    counts = Counter(source.format for source in unread)
    prepare([kind for kind, count in counts.items() if count >= _WORTH_IT], catalogue)


def _engine(
    tasks: Iterator[Task], options: RunOptions, limits: Limits, catalogue: Catalogue
) -> Iterator[tuple[Task, Done | Finding]]:
    """Each task with what comes of it, on this machine or on a cluster."""
    if options.engine == "dask":
        from consolidate.cluster import over_cluster

        return over_cluster(tasks, options.mappings, catalogue.fingerprint, limits, options.scheduler)
    return guarded(work, tasks, (catalogue,), options.workers, limits)


def _supply(waiting: Sequence[Planned], store: Store, makers: Makers, options: RunOptions) -> Iterator[Task]:
    """The tasks one at a time, as workers become free: loose files, large ones first, then what is packed in others.

    The bytes of a few members are held and never those of all.
    """
    packed: dict[Key, Planned] = {}
    for one in sorted(waiting, key=_size, reverse=True):
        source = one.listed.source
        document = None if options.force else _stored(store, source, makers)
        if document is not None:
            yield Task(source, one.rank, document=document)
        elif source.source_path == one.listed.name:
            yield Task(source, one.rank, Path(one.listed.path))
        else:
            packed[one.key] = one
    files = {one.listed.name: Path(one.listed.path) for one in packed.values()}
    for source in open_files(sorted(files.items()), limits_of(options)) if files else ():
        found = packed.pop((source.source_path, source.sha256, 0), None)
        if found is not None:
            yield Task(source, found.rank)


def _is_stored(store: Store, source: Source, makers: Makers) -> bool:
    return has_document(store, source.sha256, source.format, reader_version(source.format), makers.texts)


def _stored(store: Store, source: Source, makers: Makers) -> bytes | None:
    return known_document(store, source.sha256, source.format, reader_version(source.format), makers.texts)


def _size(one: Planned) -> int:
    try:
        return Path(one.listed.path).lstat().st_size
    except OSError:
        return 0


def _keep(store: Store, one: Planned, result: Done, makers: Makers, before: Version | None) -> None:
    """Store what came of a source, in one transaction; nothing is written where it stands there already."""
    item, source, report = result.item, one.listed.source, result.item.report
    version = Version(
        *one.key,
        evidence=_evidence(one),
        mappings=makers.mappings,
        program=makers.program,
        reader=makers.reader(source.format, item.status),
        status=item.status,
        form_id=report.form_id if report else "",
        agency_id=report.agency.id if report else "",
        period=report.period if report else "",
        modified=source.modified,
        seconds=item.seconds,
        digest=result.digest,
    )
    if before is not None and replace(before, report_id=0, first_run=None, seconds=version.seconds) == version:
        return
    with transaction(store):
        if result.document:
            texts = makers.texts if result.uses_texts else ""
            put_document(store, source.sha256, source.format, reader_version(source.format), texts, result.document)
        put_unlike(store, result.unlike)
        number = put_version(store, version, result.body, result.contacts, result.mentions)
        if result.lines:
            put_lines(store, makers.lines, {number: result.lines})


# What is published


def _chosen(planned: Sequence[Planned], store: Store, periods: tuple[str, ...]) -> tuple[list[Version], int]:
    """The versions to publish, in the order of the inbox, and how many of other periods are left out.

    With periods asked for, reports of others stay as they were published before, or unpublished. What was not read has
    no period and stays; a repeated document goes with its original.
    """
    versions = open_versions(store)
    latest = _latest(versions)
    published = {version.key: version for version in versions if version.first_run is not None}
    chosen: list[Version] = []
    left_out: set[str] = set()
    for one in planned:
        version = latest[one.key]
        if periods and version.period and version.period not in periods:
            if one.key not in published:
                left_out.add(version.source_path)
                continue
            version = published[one.key]
        chosen.append(version)
    repeated = {one.key for one in planned if one.original in left_out}
    kept = [version for version in chosen if version.key not in repeated]
    return kept, len(planned) - len(kept)
