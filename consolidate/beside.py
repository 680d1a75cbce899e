"""Work done beside what a process does, where the system can copy a process as it is."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def beside(work: Callable[[], object]) -> Iterator[None]:
    """Do some work that only writes files in a copy of this process, while the block goes on; it is done at its end.

    Where there is one processor, where a process cannot be copied, or where the copy failed, the work is done here
    after the block, and raises what it raises.
    """
    if (os.cpu_count() or 1) < 2 or "fork" not in multiprocessing.get_all_start_methods():
        yield
        work()
        return
    copy = multiprocessing.get_context("fork").Process(target=_quietly, args=(work,))
    try:
        copy.start()
    except OSError:
        yield
        work()
        return
    try:
        yield
        copy.join()
    finally:
        copy.kill()
        copy.join()
    if copy.exitcode:
        work()


def _quietly(work: Callable[[], object]) -> None:
    """Do the work; what goes wrong is told by the exit code alone, since it is tried again."""
    try:
        work()
    except BaseException:
        os._exit(1)
    os._exit(0)
