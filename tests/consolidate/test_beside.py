"""Work beside is done once when the block ends, whatever becomes of the process that does it."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from consolidate.beside import beside


def test_the_work_is_done_in_another_process_by_the_end_of_the_block(tmp_path: Path) -> None:
    with beside(lambda: (tmp_path / "who").write_text(str(os.getpid()))):
        (tmp_path / "here").write_text("x")
    assert (tmp_path / "who").read_text() != str(os.getpid())


def test_what_the_other_process_cannot_do_is_done_here(tmp_path: Path) -> None:
    this = os.getpid()

    def work() -> None:
        if os.getpid() != this:
            os.kill(os.getpid(), signal.SIGKILL)
        (tmp_path / "who").write_text(str(os.getpid()))

    with beside(work):
        pass
    assert (tmp_path / "who").read_text() == str(this)


def test_what_goes_wrong_is_raised_here(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), beside(lambda: (tmp_path / "none" / "x").write_text("x")):
        pass


def test_without_a_second_processor_the_work_is_done_after_the_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    with beside(lambda: (tmp_path / "who").write_text(str(os.getpid()))):
        assert not (tmp_path / "who").exists()
    assert (tmp_path / "who").read_text() == str(os.getpid())


def test_a_block_that_breaks_off_leaves_nothing_running(tmp_path: Path) -> None:
    with pytest.raises(KeyError), beside(lambda: signal.pause()):
        raise KeyError
