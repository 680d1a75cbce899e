"""One run over an inbox of attacks: it ends in time, says what each file is, and reads all others as if alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from consolidate.csvfile import read_csv
from tests.extract.hostile_files import make_hostile

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="makes links, pipes, and counts memory as Unix does"),
]
ROOT = Path(__file__).resolve().parents[2]
REPORTS = ("2017-Q2", "2024-Q1")
SECRET = "canary-5d1f"
PROGRAM = """
import json, resource, sys
from run_pipeline import main
code = main(sys.argv[1:])
print(json.dumps([code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]))
"""


@dataclass(frozen=True)
class Ran:
    """What a run left: its tables, its exit code, its seconds, and the memory of the parent in MB."""

    out: Path
    code: int
    seconds: float
    memory: float

    @property
    def documents(self) -> dict[str, dict[str, str]]:
        return {row["source_path"]: row for row in read_csv(self.out / "documents.csv")}


def ran(inbox: Path, out: Path, home: Path) -> Ran:
    started = time.monotonic()
    environment = {**os.environ, "HOME": str(home), "TMPDIR": str(home), "PYTHONPATH": str(ROOT)}
    arguments = ["run", str(inbox), "--out", str(out), "--workers", "2", "--timeout", "15", "--quiet"]
    done = subprocess.run(
        [sys.executable, "-B", "-c", PROGRAM, *arguments],
        cwd=home, env=environment, capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    code, memory = json.loads(done.stdout.splitlines()[-1])
    return Ran(out, code, time.monotonic() - started, memory / (1e6 if sys.platform == "darwin" else 1e3))


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an inbox of attacks and reports, an inbox of the reports alone, and a home to watch."""
    folder = tmp_path_factory.mktemp("hostile")
    for name in REPORTS:
        shutil.copytree(ROOT / "samples" / "inbox" / name, folder / "good" / name)
    shutil.copytree(folder / "good", folder / "inbox")
    (folder / "home").mkdir()
    (folder / "canary.txt").write_text(SECRET)
    make_hostile(folder / "inbox", folder / "canary.txt")
    return folder


@pytest.fixture(scope="module")
def good(room: Path) -> Ran:
    return ran(room / "good", room / "out-good", room / "home")


@pytest.fixture(scope="module")
def hostile(room: Path, good: Ran) -> Iterator[Ran]:
    yield ran(room / "inbox", room / "out", room / "home")


def test_the_run_ends_in_time(hostile: Ran) -> None:
    assert hostile.code == 0
    assert hostile.seconds < 110


def test_the_memory_of_the_parent_stays_flat(hostile: Ran, good: Ran) -> None:
    assert hostile.memory < good.memory + 60


def test_all_other_documents_are_read_as_if_alone(hostile: Ran, good: Ran) -> None:
    found = [row for row in read_csv(hostile.out / "observations.csv") if row["source_path"].startswith(REPORTS)]
    assert found == list(read_csv(good.out / "observations.csv"))
    assert len(found) > 30


REASONS = {
    "bomb.zip": "container",
    "bomb.zip!/bomb.txt": "too_large",
    "bomb.docx": "archive_too_large",
    "lying.zip!/x.txt": "unreadable",
    "nested.zip": "container",
    "names.zip": "container",
    "laughs.docx": "xml_doctype",
    "laughs.xlsx": "xml_doctype",
    "entity.docx": "xml_doctype",
    "entity.xlsx": "xml_doctype",
    "locked.pdf": "encrypted",
    "locked.docx": "encrypted",
    "empty.docx": "empty_file",
    "pipe": "not_a_file",
    "loop": "not_a_file",
    "full.eml": "container",
}


@pytest.mark.parametrize("name", REASONS)
def test_each_attack_has_its_reason(hostile: Ran, name: str) -> None:
    row = hostile.documents[name]
    assert (row["reason"], bool(row["reason_vi"])) == (REASONS[name], True)


@pytest.mark.parametrize("name", ["drawing.pdf", "cells.xlsx"])
def test_what_costs_too_much_is_stopped_with_a_reason(hostile: Ran, name: str) -> None:
    reasons = hostile.documents[name]["reason"].split(";")
    assert reasons[0] in ("too_slow", "page_too_complex", "too_many_cells", "out_of_memory")


def test_members_beside_a_bomb_are_read(hostile: Ran) -> None:
    assert hostile.documents["bomb.zip!/good.docx"]["reason"] not in ("too_large", "archive_too_large", "unreadable")


def test_archives_in_archives_end_somewhere(hostile: Ran) -> None:
    inner = [row["reason"] for path, row in hostile.documents.items() if path.startswith("nested.zip!/")]
    assert inner.count("nested_too_deep") == 1 and len(inner) < 20


def test_each_cut_file_and_each_attachment_has_a_row(hostile: Ran) -> None:
    paths = hostile.documents.keys()
    assert sum("-cut." in path for path in paths) == 30
    assert sum(path.startswith("full.eml!/") for path in paths) == 1001
    assert all(row["reason"] for path, row in hostile.documents.items() if "-cut." in path)


def test_nothing_is_written_outside_the_output(hostile: Ran, room: Path) -> None:
    assert sorted(path.name for path in room.iterdir()) == ["canary.txt", "good", "home", "inbox", "out", "out-good"]
    assert list((room / "home").iterdir()) == []
    assert not [path for path in room.rglob("*outside*") if path.exists()]
    files = [path.relative_to(hostile.out) for path in hostile.out.rglob("*") if path.is_file()]
    published = {path.suffix.lstrip(".") for path in files if path.parts[0] != ".store"}
    kept = {path.suffix.lstrip(".") for path in files if path.parts[0] == ".store"}
    assert published <= {"csv", "parquet", "xlsx", "json", "html"}
    assert kept <= {"sqlite", "png"}


def test_no_file_outside_the_inbox_is_shown(hostile: Ran) -> None:
    for path in hostile.out.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes()


def test_no_formula_reaches_a_spreadsheet(hostile: Ran) -> None:
    for path in hostile.out.rglob("*.csv"):
        text = path.read_text(encoding="utf-8-sig")
        assert "\n=" not in text and ",=" not in text and '"=' not in text


def test_the_inbox_is_as_it_was(hostile: Ran, room: Path) -> None:
    for path in (room / "good").rglob("*.*"):
        assert (room / "inbox" / path.relative_to(room / "good")).read_bytes() == path.read_bytes()
