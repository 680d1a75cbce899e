"""Inside a worker: what it may not do, and the loop in which it takes items and gives results.

Held in Python code on every system: no connection to anywhere, nothing written or removed outside its own folder. Held
by the system on Linux: the memory of the worker and of each program it starts. What a started program does beyond that,
and code in C that goes to the system by itself, is not held.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

MORE, RESULT, DONE, MEMORY, ERROR, READY = "more", "result", "done", "memory", "error", "ready"
"""What a worker says: more time granted, one result, item done (and whether it retires), and how it broke off."""


@dataclass(frozen=True, slots=True)
class Limits:
    """``seconds`` on the clock for one item, ``memory`` in MB for one worker (0: none), ``items`` before a worker is
    replaced, ``longest`` the seconds that one item can reach by ``allow_more``, ``written`` the MB of one file."""

    seconds: float = 60.0
    memory: int = 3000
    items: int = 200
    longest: float = 1800.0
    written: int = 1000


_OWN_CLOCK = 30.0
"""A worker whose parent is gone ends itself, this long after the clock of its item has run out."""
_MB = 1_000_000
_FOLDERS = ("TMPDIR", "TEMP", "TMP", "HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
"""Where programs that a worker starts put what they write; it would stay in the user's own folders."""
_CONNECTS = frozenset(
    f"socket.{name}" for name in ("bind", "connect", "getaddrinfo", "gethostbyname", "sendmsg", "sendto")
)
_CHANGES = frozenset({"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate"})
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_REPLY: list[tuple[Connection, Limits]] = []


def allow_more(seconds: float) -> None:
    """Grant what is being worked on more time, as for each page that is recognised; without effect outside a worker."""
    for pipe, limits in _REPLY:
        pipe.send((MORE, seconds))
        _set_own_clock(limits.longest)


_GARBAGE = 20_000
"""Objects between two searches for circular garbage: a document makes many, and few of them circular."""


def serve(
    function: Callable[..., Iterator[Any]], shared: Sequence[object], limits: Limits, pipes: tuple[Any, Any], own: str
) -> None:
    """Work through the items that come by the pipe until it is closed or the worker is worn out.

    ``function(item, *shared)`` gives results one at a time; ``own`` is the folder for whatever it writes. ``pipes`` are
    the end of the parent, which is closed here so that its death is heard, and that of the worker.
    """
    of_parent, pipe = pipes
    of_parent.close()
    _enter(limits, own)
    try:
        _serve(function, shared, limits, pipe, own)
    finally:
        shutil.rmtree(own, ignore_errors=True)


def collect_seldom() -> None:
    """Search for circular garbage seldom, and not in what is loaded by now, which lives as long as the process: to
    search that again and again takes a tenth of the time."""
    gc.freeze()
    gc.set_threshold(_GARBAGE)


def _serve(
    function: Callable[..., Iterator[Any]], shared: Sequence[object], limits: Limits, pipe: Any, own: str
) -> None:
    _REPLY[:] = [(pipe, limits)]
    collect_seldom()
    pipe.send((READY, None))
    for count in range(1, limits.items + 1):
        try:
            item = pipe.recv()
        except (EOFError, OSError):
            return
        _set_own_clock(limits.seconds)
        broken = _work(function, item, shared, pipe)
        faulthandler.cancel_dump_traceback_later()
        _empty(own)
        retires = broken or count == limits.items or _is_worn_out(limits)
        try:
            pipe.send((DONE, retires))
        except OSError:
            return
        if retires:
            return


def _work(function: Callable[..., Iterator[Any]], item: object, shared: Sequence[object], pipe: Any) -> bool:
    """Send each result of one item; True where it broke off, so that the worker should not be used again."""
    try:
        for result in function(item, *shared):
            pipe.send((RESULT, result))
    except MemoryError:
        pipe.send((MEMORY, None))
        return True
    except Exception as error:
        with suppress(OSError):  # the parent is gone, and what was raised is just that
            pipe.send((ERROR, where(error)))
        return True
    return False


def where(error: BaseException) -> str:
    """The kind of an exception and the line that raised it, without its text, which may quote the document."""
    frames = traceback.extract_tb(error.__traceback__)
    spot = f", {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{spot}"


def _enter(limits: Limits, own: str) -> None:
    """Give up what a reader of documents does not need."""
    with suppress(ValueError, OSError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is told to stop, and ends its workers
    if hasattr(os, "setsid"):
        with suppress(OSError):
            os.setsid()  # programs that this worker starts are ended with it
    tempfile.tempdir = own
    os.environ.update(dict.fromkeys(_FOLDERS, own))
    _limit_resources(limits)
    sys.addaudithook(_hook(own))


def _limit_resources(limits: Limits) -> None:
    try:
        import resource
    except ImportError:  # Windows has none
        return
    wanted = {resource.RLIMIT_CORE: 0, resource.RLIMIT_FSIZE: limits.written * _MB}
    if limits.memory:
        wanted[resource.RLIMIT_DATA] = limits.memory * _MB
    for kind, value in wanted.items():
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))


def _hook(own: str) -> Callable[[str, tuple[Any, ...]], None]:
    """The audit hook of a worker: Python asks it before anything that reaches out of the process."""
    folder = os.path.join(os.path.realpath(own), "")  # noqa: PTH118
    spelt = os.path.join(own, "")  # noqa: PTH118

    def is_own(path: object) -> bool:
        if not isinstance(path, str | bytes | os.PathLike):
            return True  # a descriptor that is open already
        full = os.path.abspath(os.fsdecode(path))  # noqa: PTH100
        return full.startswith((folder, spelt)) or full + os.sep in (folder, spelt) or full == os.devnull

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & _WRITING and not is_own(path):
                raise PermissionError(f"a worker may not write {path!r}")
        elif event in _CONNECTS:
            raise PermissionError("a worker may not use the network")
        elif event in _CHANGES and arguments[-1] in (-1, None, "") and not is_own(arguments[0]):
            raise PermissionError(f"a worker may not change {arguments[0]!r}")

    return hook


def _set_own_clock(seconds: float) -> None:
    faulthandler.dump_traceback_later(seconds + _OWN_CLOCK, exit=True, file=2)


def _empty(own: str) -> None:
    for entry in os.scandir(own):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path, ignore_errors=True)
        else:
            with suppress(OSError):
                os.unlink(entry.path)  # noqa: PTH108


def _is_worn_out(limits: Limits) -> bool:
    """Whether so much memory was taken that the next item might be refused what a new worker would give it."""
    try:
        import resource
    except ImportError:
        return False
    unit = 1 if sys.platform == "darwin" else 1024
    return bool(limits.memory) and resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit > limits.memory * _MB / 4
