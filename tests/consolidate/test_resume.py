"""A run that is killed leaves work behind that the next one goes on with, to the same bytes."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from samples.fill import made_up
from samples.form import Head, load_form
from samples.office import docx_of, xlsx_of

ROOT = Path(__file__).resolve().parents[2]
KILLS = 8


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two dozen reports of two forms."""
    folder = tmp_path_factory.mktemp("inbox")
    for number in range(24):
        form_id = ("f2017", "vp2020")[number % 2]
        head = Head(f"Sở số {number}", "department", "Vĩnh Phúc", ("2017-Q2", "2020-06")[number % 2])
        make, ending = ((docx_of, "docx"), (xlsx_of, "xlsx"))[number % 3 == 0]
        make(load_form(form_id), made_up(form_id, head, number), folder / f"bao-cao-{number:02}.{ending}")
    return folder


def start(inbox: Path, out: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "run_pipeline.py", "run", str(inbox), "--out", str(out), "--quiet", "--workers", "2"]
    return subprocess.Popen(command, cwd=ROOT)


def contents(out: Path) -> dict[str, bytes]:
    found = {path.relative_to(out).as_posix(): path for path in out.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if name != "run.json" and ".store" not in name}


@pytest.mark.slow
def test_a_run_that_is_killed_at_any_moment_is_finished_by_the_next_one(inbox: Path, tmp_path: Path) -> None:
    started = time.perf_counter()
    assert start(inbox, tmp_path / "whole").wait() == 0
    whole, length = contents(tmp_path / "whole"), time.perf_counter() - started
    rng = random.Random(7)
    for number in range(KILLS):
        out = tmp_path / f"broken-{number}"
        for _ in range(2):
            broken = start(inbox, out)
            time.sleep(length * rng.uniform(0.05, 1.0))
            broken.kill()
            broken.wait()
        assert start(inbox, out).wait() == 0
        assert contents(out) == whole
