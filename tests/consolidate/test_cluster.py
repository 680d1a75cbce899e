"""A cluster gives the bytes that one machine gives, also when a worker dies in the middle."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from consolidate.mappings import open_catalogue, packaged_folder
from consolidate.model import Processed, RunOptions
from consolidate.pipeline import run
from run_pipeline import main
from samples.fill import made_up
from samples.form import Head, load_form
from samples.office import docx_of

ROOT = Path(__file__).resolve().parents[2]

needs_dask = pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="distributed is not installed")
needs_fsspec = pytest.mark.skipif(importlib.util.find_spec("fsspec") is None, reason="fsspec is not installed")


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports in a folder and in an archive, and a file that is no report."""
    folder = tmp_path_factory.mktemp("inbox")
    for number in range(40):
        head = Head(f"Sở số {number}", "department", "Vĩnh Phúc", "2020-06")
        docx_of(load_form("vp2020"), made_up("vp2020", head, number), folder / f"bao-cao-{number:02}.docx")
    shutil.make_archive(str(folder / "goi"), "zip", folder, "bao-cao-00.docx")
    (folder / "bao-cao-00.docx").unlink()
    (folder / "a.bin").write_bytes(b"\x00\x01")
    return folder


@pytest.fixture
def address(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers as processes of their own; the address, and the workers."""
    known = tmp_path / "scheduler.json"
    quiet = {"cwd": ROOT, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    dask = [
        sys.executable,
        "-m",
        "distributed.cli.dask_scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--no-dashboard",
    ]
    scheduler = subprocess.Popen([*dask, "--scheduler-file", str(known)], **quiet)  # type: ignore[call-overload]
    deadline = time.monotonic() + 60
    while not known.exists() or not known.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    import json

    where = json.loads(known.read_text())["address"]
    command = [sys.executable, "-m", "distributed.cli.dask_worker", where, "--nthreads", "1", "--no-dashboard"]
    workers = [
        subprocess.Popen([*command, "--local-directory", str(tmp_path / f"w{n}")], **quiet, start_new_session=True)  # type: ignore[call-overload]
        for n in range(2)
    ]
    yield where, workers
    for process in (*workers, scheduler):
        process.terminate()
    for process in (*workers, scheduler):
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def contents(out: Path) -> dict[str, bytes]:
    found = {path.relative_to(out).as_posix(): path for path in out.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if name != "run.json" and ".store" not in name}


def wait_for_workers(where: str, count: int) -> None:
    from distributed import Client

    with Client(where, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=60)


@needs_dask
@pytest.mark.slow
def test_a_cluster_gives_the_bytes_of_one_machine_although_a_worker_is_killed(
    inbox: Path, tmp_path: Path, address: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    where, workers = address
    catalogue = open_catalogue(packaged_folder())
    run(RunOptions(inbox, tmp_path / "here", packaged_folder()), catalogue)
    wait_for_workers(where, 2)
    killed = threading.Event()

    def kill(done: int, total: int, item: Processed) -> None:
        if not killed.is_set() and done < total:
            killed.set()
            os.killpg(workers[0].pid, signal.SIGKILL)

    options = RunOptions(inbox, tmp_path / "there", packaged_folder(), engine="dask", scheduler=where)
    result = run(options, catalogue, kill)
    assert killed.is_set() and result.work["read"] == 40
    assert contents(tmp_path / "there") == contents(tmp_path / "here")
    assert run(options, catalogue).unchanged_since


@needs_dask
@pytest.mark.slow
def test_a_cluster_that_does_not_answer_ends_with_5(
    inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consolidate.cluster._CONNECTING", "2s")
    arguments = ["run", str(inbox), "--out", str(tmp_path), "--engine", "dask", "--quiet"]
    assert main([*arguments, "--scheduler", "tcp://127.0.0.1:9"]) == 5


def test_an_engine_without_its_scheduler_is_wrong_usage(inbox: Path, tmp_path: Path) -> None:
    assert main(["run", str(inbox), "--out", str(tmp_path), "--engine", "dask"]) == 2
    assert main(["run", str(inbox), "--out", str(tmp_path), "--scheduler", "tcp://127.0.0.1:9"]) == 2


@needs_fsspec
def test_inbox_and_output_may_lie_on_other_storage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import fsspec

    here = tmp_path / "inbox"
    (here / "Sở Y tế").mkdir(parents=True)
    head = Head("Sở Y tế", "department", "Vĩnh Phúc", "2020-06")
    docx_of(load_form("vp2020"), made_up("vp2020", head, 1), here / "Sở Y tế" / "bao cao.docx")
    memory = fsspec.filesystem("memory")
    memory.put(str(here), "/office/inbox", recursive=True)
    assert main(["run", str(here), "--out", str(tmp_path / "out"), "--quiet"]) == 0
    for told in ("Đã đọc 1", "giữ nguyên 1"):
        assert main(["run", "memory://office/inbox", "--out", "memory://office/out"]) == 0
        assert told in capsys.readouterr().out
    there = tmp_path / "there"
    memory.get("/office/out", str(there), recursive=True)
    assert contents(there) == contents(tmp_path / "out")
    assert main(["run", "memory://office/none", "--out", "memory://office/out"]) == 5
