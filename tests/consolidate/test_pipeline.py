from __future__ import annotations

import functools
import json
import multiprocessing
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from consolidate import pipeline, reading
from consolidate.csvfile import read_csv
from consolidate.listing import list_inbox
from consolidate.mappings import open_catalogue, packaged_folder
from consolidate.model import Processed, RunOptions, RunResult
from consolidate.pipeline import plan, run, usage_finding
from extract.cage import Limits
from extract.guard import guarded
from extract.source import Source, make_source, open_sources
from normalize.catalogue import Catalogue
from normalize.model import Report

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "inbox"
TABLES = ("observations.csv", "unmatched.csv", "documents.csv")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return open_catalogue(packaged_folder())


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two real reports, one of them twice, and three files that are no reports."""
    folder = tmp_path_factory.mktemp("inbox")
    for name in ("2017-Q2", "2024-Q1"):
        shutil.copytree(SAMPLES / name, folder / name)
    (report,) = (folder / "2024-Q1").iterdir()
    shutil.copy(report, folder / "z lần hai.pdf")
    (folder / "a.bin").write_bytes(b"\x00\x01\x02")
    (folder / "b.docx").write_bytes(b"")
    (folder / "c.pdf").write_bytes(b"%PDF-1.7\n" + b"x" * 50)
    return folder


def read(inbox: Path, out: Path, catalogue: Catalogue, **more: object) -> RunResult:
    return run(RunOptions(inbox, out, packaged_folder(), **more), catalogue)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def out(inbox: Path, tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Path:
    folder = tmp_path_factory.mktemp("out")
    read(inbox, folder, catalogue)
    return folder


def statuses(out: Path) -> dict[str, str]:
    return {row["source_path"]: row["status"] for row in read_csv(out / "documents.csv")}


def contents(out: Path) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*.csv")}


def test_every_file_has_a_row_with_its_fate(out: Path) -> None:
    found = statuses(out)
    assert [found[name] for name in ("a.bin", "b.docx", "c.pdf", "z lần hai.pdf")] == ["rejected"] * 3 + ["duplicate"]
    assert sorted(found.values()).count("extracted") == 2
    for row in read_csv(out / "documents.csv"):
        if row["status"] != "extracted":
            assert row["reason"] and row["reason_vi"] != row["reason"]


def test_a_duplicate_names_its_original_and_gives_no_rows(out: Path) -> None:
    rows = {row["source_path"]: row for row in read_csv(out / "documents.csv")}
    assert "2024-Q1/" in rows["z lần hai.pdf"]["reason_vi"]
    paths = {row["source_path"] for row in read_csv(out / "observations.csv")}
    assert len(paths) == 2 and "z lần hai.pdf" not in paths


def test_no_row_with_a_value_is_lost(out: Path) -> None:
    observations, waiting = list(read_csv(out / "observations.csv")), list(read_csv(out / "unmatched.csv"))
    for row in read_csv(out / "documents.csv"):
        counts = [int(row[name]) for name in ("n_rows", "n_observations", "n_unmatched", "n_ignored")]
        assert counts[0] == sum(counts[1:])
        assert counts[1] == sum(one["source_path"] == row["source_path"] for one in observations)
        assert counts[2] == sum(one["source_path"] == row["source_path"] for one in waiting)
    assert len(observations) > 30


def test_two_workers_give_the_same_bytes_as_one(inbox: Path, out: Path, tmp_path: Path, catalogue: Catalogue) -> None:
    read(inbox, tmp_path, catalogue, workers=2)
    assert contents(tmp_path) == contents(out)


def test_a_second_run_into_the_same_folder_changes_no_byte(inbox: Path, tmp_path: Path, catalogue: Catalogue) -> None:
    read(inbox, tmp_path, catalogue)
    before = contents(tmp_path)
    read(inbox, tmp_path, catalogue)
    assert contents(tmp_path) == before


def test_the_folder_holds_what_the_record_lists_and_nothing_half_written(out: Path) -> None:
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    found = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    assert ".store/tonghop.sqlite" in found
    found = [name for name in found if not name.startswith(".store/")]
    assert sorted(record["files"]) == found
    assert record["counts"]["documents"] == 6
    assert set(record["document_seconds"]) == set(statuses(out))


def test_only_the_periods_asked_for_are_published(inbox: Path, tmp_path: Path, catalogue: Catalogue) -> None:
    result = read(inbox, tmp_path, catalogue, periods=("2017-Q2",))
    assert {row["period"] for row in read_csv(tmp_path / "observations.csv")} == {"2017-Q2"}
    assert "z lần hai.pdf" not in statuses(tmp_path)
    assert statuses(tmp_path)["a.bin"] == "rejected"
    assert result.other_periods == 2


def test_a_list_that_is_gone_loses_its_file_and_foreign_files_stay(
    inbox: Path, tmp_path: Path, catalogue: Catalogue
) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "mine.csv").write_text("x")
    (tmp_path / "lists" / "old.csv").write_text("x")
    (tmp_path / "run.json").write_text(json.dumps({"files": ["lists/old.csv", "../lists/mine.csv"]}))
    read(inbox / "2024-Q1", tmp_path, catalogue)
    assert [path.name for path in (tmp_path / "lists").iterdir()] == ["mine.csv"]


def test_a_dry_run_lists_and_writes_nothing(inbox: Path, tmp_path: Path, catalogue: Catalogue) -> None:
    result = read(inbox, tmp_path / "out", catalogue, dry_run=True)
    assert sorted({item.status for item in result.processed}) == ["duplicate", "pending"]
    assert not (tmp_path / "out").exists()


def test_one_file_can_be_the_inbox(inbox: Path, tmp_path: Path, catalogue: Catalogue) -> None:
    (report,) = (inbox / "2017-Q2").rglob("*.docx")
    assert read(report, tmp_path, catalogue).counts["extracted"] == 1


def test_sources_are_planned_in_the_order_of_their_paths(inbox: Path) -> None:
    planned = plan(list(list_inbox(inbox, Limits())))
    paths = [one.listed.source.source_path for one in planned]
    assert paths == sorted(paths)
    assert [one.listed.source.source_path for one in planned if one.original] == ["z lần hai.pdf"]


def raise_on_c(source: Source, catalogue: Catalogue) -> tuple[object, Report]:
    if source.source_path == "c.pdf":
        raise RecursionError
    return READ(source, catalogue)


def die_on_c(source: Source, catalogue: Catalogue) -> tuple[object, Report]:
    if source.source_path == "c.pdf":
        os._exit(3)
    return READ(source, catalogue)


READ = reading.read_source


def test_workers_that_are_started_afresh_read_the_same(
    inbox: Path, tmp_path: Path, out: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where processes cannot be forked (Windows, macOS), the catalogue is sent to them."""
    monkeypatch.setattr(pipeline, "guarded", functools.partial(guarded, start_method="spawn"))
    read(inbox, tmp_path, catalogue, workers=2)
    assert contents(tmp_path) == contents(out)


forked = pytest.mark.skipif(
    multiprocessing.get_start_method() != "fork", reason="only a forked worker sees what the test put in"
)


@forked
@pytest.mark.parametrize("workers", [1, 2])
def test_a_bug_about_one_document_fails_that_document_alone(
    inbox: Path, tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    monkeypatch.setattr(reading, "read_source", raise_on_c)
    read(inbox, tmp_path, catalogue, workers=workers)
    found = {row["source_path"]: row for row in read_csv(tmp_path / "documents.csv")}
    assert (found["c.pdf"]["status"], found["c.pdf"]["reason"]) == ("failed", "failed")
    assert "RecursionError" in found["c.pdf"]["reason_vi"]
    assert sum(row["status"] == "extracted" for row in found.values()) == 2


@forked
def test_a_worker_that_dies_takes_one_document_with_it(
    inbox: Path, out: Path, tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "read_source", die_on_c)
    read(inbox, tmp_path, catalogue, workers=2)
    assert statuses(tmp_path) == {**statuses(out), "c.pdf": "failed"}
    assert (tmp_path / "observations.csv").read_bytes() == (out / "observations.csv").read_bytes()


def test_a_file_that_goes_away_during_the_run_is_told(inbox: Path, tmp_path: Path, catalogue: Catalogue) -> None:
    folder = tmp_path / "inbox"
    shutil.copytree(inbox, folder)
    doomed = folder / "c.pdf"

    def remove(done: int, total: int, item: Processed) -> None:
        doomed.unlink(missing_ok=True)

    run(RunOptions(folder, tmp_path / "out", packaged_folder()), catalogue, remove)
    found = {row["source_path"]: row["reason"] for row in read_csv(tmp_path / "out" / "documents.csv")}
    assert found["c.pdf"] in ("unreadable", "changed_while_reading")


def test_folders_that_lie_in_one_another_are_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "file").write_text("x")
    found = [
        usage_finding(tmp_path / "in", tmp_path / "in" / "out"),
        usage_finding(tmp_path / "in", tmp_path),
        usage_finding(tmp_path / "in", tmp_path / "file"),
        usage_finding(tmp_path / "none", tmp_path / "out"),
    ]
    codes = [finding.code if finding else "" for finding in found]
    assert codes == ["cli_folders_overlap", "cli_folders_overlap", "cli_out_not_a_folder", "cli_inbox_missing"]
    assert usage_finding(tmp_path / "in", tmp_path / "out") is None


def test_a_source_is_judged_by_its_reading_and_not_by_its_name(catalogue: Catalogue) -> None:
    source = make_source("report.docx", b"plain words", 0.0)
    done = reading.process(source, catalogue)
    assert (done.status, done.report) == ("rejected", None)
    assert replace(done, seconds=0.0) == replace(reading.process(source, catalogue), seconds=0.0)


def test_the_fingerprint_of_the_mappings_is_recorded(out: Path, catalogue: Catalogue) -> None:
    assert json.loads((out / "run.json").read_text(encoding="utf-8"))["mappings_fingerprint"] == catalogue.fingerprint
    assert list(open_sources(out / "run.json"))
