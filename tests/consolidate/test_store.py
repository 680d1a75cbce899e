"""The store keeps what was read, is used by one run at a time, and grows with the program."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from consolidate import store
from consolidate.packed import pack, unpack
from consolidate.store import (
    FOLDER,
    NAME,
    Run,
    StoreError,
    Version,
    body_of,
    finish_run,
    known_document,
    open_store,
    open_versions,
    put_document,
    put_version,
    runs,
    versions_of_run,
)

ROOT = Path(__file__).resolve().parents[2]
MADE = Version("a.docx", "aa", 0, "", "m1", "p1", "docx/1", "extracted", "f1", "x.y", "2019-Q2", 1.0, 0.1, "d1")


def finish(found: store.Store, number: int, *ids: int) -> None:
    finish_run(found, Run(number, "2020-01-01T00:00:00+00:00", "m", "p", "p", "{}", "{}", "{}"), ids)


def test_a_document_is_kept_for_the_reader_that_read_it(tmp_path: Path) -> None:
    with open_store(tmp_path) as found:
        put_document(found, "aa", "pdf", "pdf/1", "", b"one")
        put_document(found, "bb", "pdf", "pdf/1", "t1", b"two")
    with open_store(tmp_path) as found:
        assert known_document(found, "aa", "pdf", "pdf/1", "t9") == b"one"
        assert known_document(found, "aa", "pdf", "pdf/2", "t9") is None
        assert known_document(found, "bb", "pdf", "pdf/1", "t9") is None
        assert known_document(found, "bb", "pdf", "pdf/1", "t1") == b"two"


def test_a_version_belongs_to_the_runs_that_published_it(tmp_path: Path) -> None:
    with open_store(tmp_path) as found:
        put_version(found, MADE, b"one", b"")
        finish(found, 1, *(one.report_id for one in open_versions(found)))
        put_version(found, replace(MADE, digest="d2", mappings="m2"), b"two", b"")
        assert [one.first_run for one in open_versions(found)] == [1, None]
        finish(found, 2, open_versions(found)[-1].report_id)
        (first,), (second,) = versions_of_run(found, 1), versions_of_run(found, 2)
        assert (body_of(found, first.report_id), first.ended_run) == (b"one", 2)
        assert (body_of(found, second.report_id), second.first_run, second.ended_run) == (b"two", 2, None)
        assert [run.run for run in runs(found)] == [1, 2]


def test_a_version_that_says_the_same_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    with open_store(tmp_path) as found:
        put_version(found, MADE, b"one", b"")
        finish(found, 1, *(one.report_id for one in open_versions(found)))
        put_version(found, replace(MADE, digest="d2"), b"two", b"")
        put_version(found, replace(MADE, mappings="m3"), b"one", b"")
        (version,) = open_versions(found)
        assert (version.first_run, version.mappings, version.digest) == (1, "m3", "d1")


def test_a_second_process_is_refused_while_the_first_one_works(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from consolidate.store import open_store, StoreError\n"
        "try:\n  with open_store(Path(sys.argv[1])): print('open')\n"
        "except StoreError as error: print(error.code)"
    )

    def other() -> str:
        done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True)
        return done.stdout.strip()

    with open_store(tmp_path):
        assert other() == "store_locked"
    assert other() == "open"


def test_a_damaged_store_and_one_of_a_later_program_are_refused(tmp_path: Path) -> None:
    path = tmp_path / FOLDER / NAME
    with open_store(tmp_path):
        pass
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError) as newer, open_store(tmp_path):
        pass
    assert newer.value.code == "store_newer"
    path.write_bytes(b"no database " * 1000)
    with pytest.raises(StoreError) as damaged, open_store(tmp_path):
        pass
    assert damaged.value.code == "store_unreadable"


def test_an_older_store_is_brought_up_to_the_schema_with_what_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(tmp_path) as found:
        put_document(found, "aa", "pdf", "pdf/1", "", b"one")
    monkeypatch.setattr(store, "MIGRATIONS", (*store.MIGRATIONS, "CREATE TABLE later (name TEXT)"))
    with open_store(tmp_path) as found:
        assert found.connection.execute("SELECT COUNT(*) FROM later").fetchone() == (0,)
        assert known_document(found, "aa", "pdf", "pdf/1", "") == b"one"


def test_what_breaks_off_leaves_nothing_half_written(tmp_path: Path) -> None:
    with open_store(tmp_path) as found:
        with pytest.raises(KeyError), store.transaction(found):
            put_document(found, "aa", "pdf", "pdf/1", "", b"one")
            raise KeyError
        assert known_document(found, "aa", "pdf", "pdf/1", "") is None


def test_half_of_a_surrogate_pair_can_be_kept(tmp_path: Path) -> None:
    kept = unpack(pack(replace(MADE, source_path="a\ud800.docx")), Version)
    assert kept.source_path == "a\N{REPLACEMENT CHARACTER}.docx"


def test_bytes_of_another_kind_are_no_value() -> None:
    with pytest.raises(ValueError):
        unpack(pack([1, 2]), Version)
    with pytest.raises(ValueError):
        unpack(b"x", Version)
