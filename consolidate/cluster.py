"""Reading and matching on a Dask cluster: tasks go out in batches, what comes of them comes back in any order.

The scheduler starts a batch again on another worker when the one that had it dies. Only this process, the coordinator,
touches the store. On a worker each document is read in a guarded process of its own, as on one machine.
"""

from __future__ import annotations

import importlib
import multiprocessing
import tempfile
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from consolidate.mappings import open_catalogue
from consolidate.reading import Done, Task, work
from extract.cage import Limits
from extract.guard import guarded
from extract.model import Finding
from extract.source import content
from normalize.catalogue import Catalogue

BATCH, BATCH_BYTES = 16, 8_000_000
"""The most tasks, and about the most bytes, that go out together."""
AHEAD = 3
"""Batches that wait for each thread of the cluster, so that none is idle and few are held in memory."""
_CONNECTING = "30s"

Result = tuple[Task, Done | Finding]
Files = Mapping[str, bytes]

_here = threading.local()
_CATALOGUES: dict[str, Catalogue] = {}


def over_cluster(
    tasks: Iterator[Task], mappings: Path, fingerprint: str, limits: Limits, scheduler: str
) -> Iterator[Result]:
    """Each task with what came of it on the workers of the cluster at an address like ``tcp://10.0.0.1:8786``.

    Raises OSError when the cluster does not answer or has no workers.
    """
    dask: Any = importlib.import_module("distributed")
    files = {path.relative_to(mappings).as_posix(): path.read_bytes() for path in sorted(mappings.rglob("*.csv"))}
    with dask.Client(scheduler, timeout=_CONNECTING, set_as_default=False) as client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise OSError(None, "no workers", scheduler)
        shared = client.scatter((fingerprint, files), broadcast=True, hash=False)
        batches = _batches(tasks)
        first = [batch for _, batch in zip(range(threads * AHEAD), batches, strict=False)]
        waiting = dask.as_completed(
            [_submit(client, batch, shared, limits) for batch in first], loop=client.loop, with_results=True
        )
        try:
            for _, results in waiting:
                following = next(batches, None)
                if following is not None:
                    waiting.add(_submit(client, following, shared, limits))
                yield from results
        except dask.KilledWorker as error:
            raise OSError(None, "its workers went away again and again", scheduler) from error


def _submit(client: Any, batch: list[Task], files: Any, limits: Limits) -> Any:
    return client.submit(_read_batch, batch, files, limits, pure=False, retries=2)


def _batches(tasks: Iterator[Task]) -> Iterator[list[Task]]:
    """The tasks with their bytes, so that a worker needs no access to the inbox, a few at a time."""
    batch: list[Task] = []
    size = 0
    for task in map(_with_bytes, tasks):
        batch.append(task)
        size += len(task.source.data) + len(task.document)
        if len(batch) == BATCH or size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _with_bytes(task: Task) -> Task:
    """A task that carries the bytes of its file; where these are others by now, ``work`` tells so by their hash."""
    if task.path is None:
        return task
    data = content(task.path)
    return replace(task, path=None, source=replace(task.source, data=data))


# On a worker


def _read_batch(batch: Sequence[Task], shared: tuple[str, Files], limits: Limits) -> list[Result]:
    catalogue = _catalogue(*shared)
    return [(_light(task), _guarded_one(task, catalogue, limits)) for task in batch]


def _light(task: Task) -> Task:
    """A task as the coordinator knows it, without what was sent along; of a document that it had one."""
    return replace(task, source=replace(task.source, data=b""), document=task.document[:1])


def _catalogue(fingerprint: str, files: Files) -> Catalogue:
    """The catalogue of mapping files that came over the network, loaded once a process."""
    if fingerprint not in _CATALOGUES:
        folder = Path(tempfile.mkdtemp(prefix="tonghop-mappings-"))
        for name, data in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        _CATALOGUES[fingerprint] = open_catalogue(folder)
    return _CATALOGUES[fingerprint]


def _guarded_one(task: Task, catalogue: Catalogue, limits: Limits) -> Done | Finding:
    """What comes of a task in the guarded process that belongs to this thread, which stays for the next one."""
    known = getattr(_here, "guard", None)
    if known is None or known[0] != (catalogue.fingerprint, limits):
        # Dask marks its processes as ones that may not start others, which the guard has to
        multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
        items: deque[Task] = deque()
        results = guarded(work, _taken(items), (catalogue,), 1, limits, "spawn")
        known = _here.guard = ((catalogue.fingerprint, limits), items, results)
    _, items, results = known
    items.append(task)
    return next(found for item, found in results if item is task)


def _taken(items: deque[Task]) -> Iterator[Task]:
    while items:
        yield items.popleft()
