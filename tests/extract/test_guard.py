from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from extract.cage import Limits, allow_more
from extract.guard import guarded
from extract.model import Finding

METHODS = [method for method in ("fork", "spawn") if method in multiprocessing.get_all_start_methods()]
QUICK = Limits(seconds=1.0, memory=600)


def harm(word: str) -> None:
    """Do what readers of broken files do."""
    if word == "hang":
        time.sleep(1000)
    if word == "die":
        os._exit(3)
    if word == "raise":
        raise ValueError("a line of the document")
    if word == "fill":
        bytearray(900_000_000)
    if word == "slowly":
        for _ in range(4):
            allow_more(0.5)
            time.sleep(0.4)


def act(item: str, *shared: object) -> Iterator[object]:
    """What a worker is told to do by the item it gets."""
    word, _, rest = item.partition(" ")
    harm(word)
    if word == "many":
        yield from range(int(rest))
    elif word == "half":
        yield 1
        os._exit(3)
    elif word == "pid":
        yield os.getpid()
    else:
        yield (item, *shared)


def results(items: list[str], **more: object) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    for item, result in guarded(act, items, **{"limits": QUICK, **more}):  # type: ignore[arg-type]
        found.setdefault(item, []).append(result.code if isinstance(result, Finding) else result)
    return found


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("workers", [1, 3])
def test_what_hangs_or_dies_takes_one_item_with_it(method: str, workers: int) -> None:
    items = ["a", "hang", "b", "die", "c", "raise", "d", "half", "e"]
    found = results(items, workers=workers, shared=("x",), start_method=method)
    good = {name: [(name, "x")] for name in "abcde"}
    assert found == {
        **good,
        "hang": ["too_slow"],
        "die": ["worker_died"],
        "raise": ["failed"],
        "half": [1, "worker_died"],
    }


def test_a_hang_costs_its_time_and_hardly_more() -> None:
    started = time.monotonic()
    results(["hang", "a"])
    assert 1.0 <= time.monotonic() - started < 4.0


def test_an_item_may_be_granted_more_time() -> None:
    assert results(["slowly x"]) == {"slowly x": [("slowly x",)]}


def test_the_time_that_can_be_granted_has_an_end() -> None:
    assert results(["slowly x"], limits=Limits(seconds=0.5, memory=0, longest=1.0)) == {"slowly x": ["too_slow"]}


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not count the memory of a process")
def test_what_needs_too_much_memory_is_told_and_others_go_on() -> None:
    assert results(["a", "fill", "b"]) == {"a": [("a",)], "fill": ["out_of_memory"], "b": [("b",)]}


def test_many_results_come_in_order_and_the_clock_starts_anew_with_each() -> None:
    assert results(["many 1000"])["many 1000"] == list(range(1000))


def test_workers_stay_warm_and_are_replaced_in_the_end() -> None:
    items = [f"pid {number}" for number in range(9)]
    pids = [result for _, result in guarded(act, items, limits=Limits(items=4))]
    assert [len(set(pids[:4])), len(set(pids[4:8])), len(set(pids))] == [1, 1, 3]


def test_items_are_taken_when_a_worker_is_free_and_not_before() -> None:
    taken: list[int] = []

    def items() -> Iterator[str]:
        for number in range(50):
            taken.append(number)
            yield f"{number}"

    running = guarded(act, items(), workers=2)
    next(running)
    running.close()
    assert len(taken) <= 4


def scratch_and_write(item: str) -> Iterator[object]:
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(b"x")
    yield file.name
    try:
        Path(item).write_text("x")
        yield "written"
    except PermissionError:
        yield "refused"
    try:
        Path(item).with_name("kept").unlink()
        yield "removed"
    except PermissionError:
        yield "refused"


@pytest.mark.parametrize("method", METHODS)
def test_a_worker_writes_into_its_own_folder_alone_which_is_removed(tmp_path: Path, method: str) -> None:
    (tmp_path / "kept").write_text("x")
    (_, name), *rest = guarded(scratch_and_write, [str(tmp_path / "new")], limits=QUICK, start_method=method)
    assert [said for _, said in rest] == ["refused", "refused"]
    assert not Path(str(name)).exists() and not Path(str(name)).parent.parent.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def connect(port: int) -> Iterator[object]:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1)
        yield "connected"
    except PermissionError:
        yield "refused"


def test_a_worker_connects_to_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert [said for _, said in guarded(connect, [server.getsockname()[1]])] == ["refused"]


def start_program(item: str) -> Iterator[object]:
    own = item == "with a session of its own"
    program = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=own)
    yield program.pid
    time.sleep(60)


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="the system has no groups of processes")
@pytest.mark.parametrize(
    "item",
    [
        "in the group of the worker",
        pytest.param(
            "with a session of its own",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="the system does not list who started what"),
        ),
    ],
)
def test_what_a_worker_started_is_ended_with_it(item: str) -> None:
    (_, pid), (_, end) = guarded(start_program, [item], limits=QUICK)
    assert isinstance(end, Finding) and end.code == "too_slow"
    for _ in range(50):
        if not alive(int(str(pid))):
            return
        time.sleep(0.1)
    pytest.fail("the program still runs")


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be noticed does not."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat")
        return not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_no_process_and_no_folder_is_left_when_a_run_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    running = guarded(act, ["pid", "hang", "hang"], workers=2)
    _, pid = next(running)
    running.close()
    assert not list(tmp_path.iterdir())
    assert not alive(int(str(pid)))
    assert not multiprocessing.active_children()


ABANDONED = """
import os, signal, sys
from tests.extract.test_guard import act
from extract.guard import guarded
running = guarded(act, [f"pid {n}" for n in range(9)], workers=3)
with open(sys.argv[1], "w") as file:
    print(*{next(running)[1] for _ in range(6)}, file=file)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no such signal")
def test_workers_end_when_their_parent_was_killed(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", ABANDONED, str(tmp_path / "pids")], cwd=root, timeout=60)
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert pids
    for _ in range(100):
        if not any(map(alive, pids)):
            return
        time.sleep(0.1)
    for pid in filter(alive, pids):
        os.kill(pid, signal.SIGKILL)
    pytest.fail("a worker outlives its parent")
