"""Work on hostile files in other processes, so that one which hangs or dies takes one item with it and nothing else."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, TypeVar

from extract.cage import DONE, ERROR, MEMORY, MORE, READY, RESULT, Limits, serve
from extract.model import Finding

Item = TypeVar("Item")
Result = TypeVar("Result")

_STARTING = 120.0
"""Seconds that a new worker may take until it is ready: it reads its modules from a disk that may be slow."""
_DIED, _SLOW = "died", "slow"


@dataclass(slots=True)
class _Worker:
    """A process, and what it works on: the item, the try it is (1 or 2), how many results it gave, when time is up."""

    process: Any
    pipe: Connection
    folder: Path
    item: Any = None
    attempt: int = 0
    given: int = 0
    deadline: float = 0.0
    latest: float = 0.0
    ready: bool = False
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class _Plan:
    """What every worker of one run is started with."""

    function: Callable[..., Any]
    shared: tuple[object, ...]
    limits: Limits
    start_method: str | None
    root: Path


def guarded(
    function: Callable[..., Iterator[Result]],
    items: Iterable[Item],
    shared: Sequence[object] = (),
    workers: int = 1,
    limits: Limits | None = None,
    start_method: str | None = None,
) -> Iterator[tuple[Item, Result | Finding]]:
    """Each item with each result of ``function(item, *shared)``, as they come; with one worker in order.

    Where an item hangs, kills its worker, or needs more memory than ``limits`` allow, the last that comes for it is a
    Finding: ``too_slow`` (the clock starts anew with each result), ``worker_died``, ``out_of_memory``, or ``failed``
    for an exception. One that gave nothing when its worker died is tried once more in a new worker, so that it does not
    suffer from what was read before. Items are taken one at a time as workers become free.
    """
    root = Path(tempfile.mkdtemp(prefix="tonghop-"))
    plan = _Plan(function, tuple(shared), limits or Limits(), start_method, root)
    busy: list[_Worker] = []
    idle: list[_Worker] = []
    again: list[Item] = []
    waiting = iter(items)
    try:
        while True:
            while len(busy) < workers and (worker := _next(plan, idle, again, waiting)):
                busy.append(worker)
            if not busy:
                return
            for worker, said, value in _hear(busy):
                item = worker.item
                found = _understand(worker, said, value, plan.limits, again)
                if found is not None:
                    yield item, found[0]
            idle += [worker for worker in busy if worker.attempt == 0 and worker.process is not None]
            busy = [worker for worker in busy if worker.attempt]
    finally:
        for worker in (*busy, *idle):
            _end(worker)
        shutil.rmtree(root, ignore_errors=True)


def _next(plan: _Plan, idle: list[_Worker], again: list[Any], waiting: Iterator[Any]) -> _Worker | None:
    """A worker with the next item: one that is tried again in a new process, else in one that is warm."""
    if again:
        if idle:
            _end(idle.pop())
        return _assign(_start(plan), again.pop(0), 2, plan.limits)
    try:
        item = next(waiting)
    except StopIteration:
        return None
    return _assign(idle.pop() if idle else _start(plan), item, 1, plan.limits)


def _start(plan: _Plan) -> _Worker:
    context: Any = multiprocessing.get_context(plan.start_method)
    ours, theirs = context.Pipe()
    folder = Path(tempfile.mkdtemp(dir=plan.root))
    arguments = (plan.function, plan.shared, plan.limits, (ours, theirs), str(folder))
    process = context.Process(target=serve, args=arguments, daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours, folder)


def _assign(worker: _Worker, item: Any, attempt: int, limits: Limits) -> _Worker:
    worker.item, worker.attempt, worker.given = item, attempt, 0
    worker.deadline = time.monotonic() + _STARTING
    if worker.ready:
        _send(worker, limits)
    return worker


def _send(worker: _Worker, limits: Limits) -> None:
    """Hand the item over and start its clock; that a worker is dead is heard when it is listened to."""
    now = time.monotonic()
    worker.deadline, worker.latest = now + limits.seconds, now + limits.longest
    with suppress(OSError):
        worker.pipe.send(worker.item)


def _hear(busy: Sequence[_Worker]) -> Iterator[tuple[_Worker, str, Any]]:
    """Wait until a worker says something, dies, or runs out of time; give what each one said."""
    left = min(worker.deadline for worker in busy) - time.monotonic()
    ready = wait([worker.pipe for worker in busy], max(0.0, left))
    for worker in busy:
        if worker.pipe in ready:
            try:
                said, value = worker.pipe.recv()
            except (EOFError, OSError, pickle.UnpicklingError):
                said, value = _DIED, None
            yield worker, said, value
        elif time.monotonic() >= worker.deadline:
            yield worker, _SLOW, None


def _understand(worker: _Worker, said: str, value: Any, limits: Limits, again: list[Any]) -> tuple[Any] | None:
    """Take in what a worker said; give the result or the Finding that comes of it, or ``None``."""
    if said == READY:
        worker.ready = True
        _send(worker, limits)
    elif said == MORE:
        worker.deadline = min(max(worker.deadline, time.monotonic()) + value, worker.latest)
    elif said == RESULT:
        worker.given += 1
        worker.deadline = time.monotonic() + limits.seconds
        return (value,)
    elif said == DONE:
        worker.attempt, worker.item, worker.fresh = 0, None, False
        if value:
            _end(worker)
    elif said == ERROR:
        return (Finding("failed", details=(("error", value),)),)
    else:
        return _broken(worker, said, limits, again)
    return None


def _broken(worker: _Worker, said: str, limits: Limits, again: list[Any]) -> tuple[Finding] | None:
    """End a worker that hangs, is dead, or lacks memory; its item is tried again or becomes a Finding."""
    item, attempt, given, fresh = worker.item, worker.attempt, worker.given, worker.fresh
    _end(worker)
    if said == _SLOW:
        return (Finding("too_slow", details=(("seconds", f"{limits.seconds:g}"),)),)
    if attempt == 1 and not given and (said == _DIED or not fresh):
        again.append(item)
        return None
    if said == MEMORY:
        return (Finding("out_of_memory", details=(("memory", str(limits.memory)),)),)
    return (Finding("worker_died"),)


def _end(worker: _Worker) -> None:
    """End a process with all it started, and remove what it left in its folder."""
    process = worker.process
    if process is None:
        return
    worker.process, worker.attempt, worker.item = None, 0, None
    worker.pipe.close()
    if process.is_alive():
        started = _descendants(process.pid)
        with suppress(OSError):
            _kill_group(process.pid)
        process.kill()
        for pid in started:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
    process.join()
    shutil.rmtree(worker.folder, ignore_errors=True)


def _kill_group(pid: int) -> None:
    """End what the worker started too, once it leads a group of its own."""
    if hasattr(os, "killpg") and os.getpgid(pid) == pid:
        os.killpg(pid, signal.SIGKILL)


def _descendants(pid: int) -> list[int]:
    """What a process started, and what that started, as Linux lists it: programs may have left the worker's group."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(path.parent.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found[1:]
