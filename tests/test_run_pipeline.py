"""The command line as a user meets it: what it prints and the exit codes it ends with."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import run_pipeline
from consolidate.csvfile import read_csv
from run_pipeline import main

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples" / "inbox"
COMMANDS = ("run", "learn", "explain", "diff", "check-mappings")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """One report whose audit file is not empty."""
    shutil.copytree(SAMPLES / "2024-Q1", tmp_path / "inbox" / "2024-Q1")
    return tmp_path / "inbox"


@pytest.fixture
def mappings(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "mappings", tmp_path / "mappings"))


def fill_decisions(audit: Path, decision: str) -> None:
    with audit.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    place = header.index("decision")
    with audit.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([header, *([*row[:place], decision, *row[place + 1 :]] for row in rows)])


@pytest.mark.parametrize("command", COMMANDS)
def test_each_help_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"example: python run_pipeline.py {command}" in " ".join(capsys.readouterr().out.split())


def test_help_answers_without_loading_what_reading_needs() -> None:
    code = "import sys, run_pipeline\ntry: run_pipeline.main(['--help'])\nexcept SystemExit: pass\nprint(*sys.modules)"
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert time.perf_counter() - started < 3  # the promise is 0.3 s; a busy machine may be slow
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not loaded & {
        "pandas",
        "numpy",
        "openpyxl",
        "pdfplumber",
        "rapidfuzz",
        "extract",
        "normalize",
        "consolidate.pipeline",
        "sqlite3",
    }


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_run_ends_with_a_summary_and_the_paths_to_open(
    inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str
) -> None:
    assert main(["run", str(inbox), "--out", str(tmp_path / "out"), "--workers", "1", "--lang", lang]) == 0
    told = capsys.readouterr()
    for name in ("observations.csv", "unmatched.xlsx", "documents.csv"):
        assert str(tmp_path / "out" / name) in told.out
        assert (tmp_path / "out" / name).exists()
    figures = len(list(read_csv(tmp_path / "out" / "observations.csv")))
    assert {"vi": f"Số liệu đã lấy: {figures}", "en": f"Figures taken over: {figures}"}[lang] in told.out
    assert "1/1 2024-Q1/" in told.err


def test_quiet_says_nothing_and_strict_tells_what_waits(
    inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (inbox / "x.bin").write_bytes(b"\0\1")
    arguments = ["run", str(inbox), "--out", str(tmp_path / "out"), "--workers", "1", "--quiet"]
    assert main(arguments) == 0
    assert main([*arguments, "--strict"]) == 3
    assert capsys.readouterr() == ("", "")


def test_a_dry_run_names_each_file(inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(inbox), "--out", str(tmp_path / "out"), "--dry-run", "--lang", "en"]) == 0
    assert "Would be read." in capsys.readouterr().out
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["run"],
        ["run", "inbox", "--out", "o", "--workers", "0"],
        ["run", "inbox", "--out", "o", "--period", "Q2/2019"],
        ["learn", "x.csv"],
        ["nonsense"],
    ],
)
def test_wrong_arguments_end_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_missing_files_and_folders_end_with_2_and_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = str(tmp_path / "none")
    calls = [
        ["run", missing, "--out", str(tmp_path / "o")],
        ["explain", missing],
        ["learn", missing, "--by", "Lan"],
        ["diff", missing, missing],
    ]
    for arguments in calls:
        assert main([*arguments, "--lang", "en"]) == 2
        assert missing in capsys.readouterr().err


def test_faulty_mappings_end_with_4_and_name_file_and_line(
    inbox: Path, tmp_path: Path, mappings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check-mappings", "--mappings", str(mappings)]) == 0
    indicators = mappings / "indicators.csv"
    lines = indicators.read_text(encoding="utf-8-sig").splitlines()
    indicators.write_text("\n".join([*lines, lines[-1]]) + "\n", encoding="utf-8")
    capsys.readouterr()
    assert main(["check-mappings", "--mappings", str(mappings)]) == 4
    assert f"indicators.csv:{len(lines) + 1}:" in capsys.readouterr().err
    assert main(["run", str(inbox), "--out", str(tmp_path / "out"), "--mappings", str(mappings)]) == 4
    assert not (tmp_path / "out").exists()


def test_an_output_that_cannot_be_written_ends_with_5(
    inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out" / "observations.csv").mkdir(parents=True)
    assert main(["run", str(inbox), "--out", str(tmp_path / "out"), "--workers", "1", "--quiet"]) == 5
    assert "observations.csv" in capsys.readouterr().err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [".store", "observations.csv"]


def test_a_decision_is_taken_and_the_row_is_never_asked_again(
    inbox: Path, tmp_path: Path, mappings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    arguments = ["run", str(inbox), "--out", str(out), "--workers", "1", "--mappings", str(mappings), "--quiet"]
    main(arguments)
    waiting = len(list(read_csv(out / "unmatched.csv")))
    assert waiting
    fill_decisions(out / "unmatched.csv", "ignore")
    assert main(["learn", str(out / "unmatched.csv"), "--by", "Lan", "--mappings", str(mappings)]) == 0
    main(arguments)
    assert list(read_csv(out / "unmatched.csv")) == []
    capsys.readouterr()
    assert main(["explain", str(inbox), "--mappings", str(mappings), "--lang", "en"]) == 0
    assert capsys.readouterr().out.count("IGNORED: A reviewer decided") == waiting


def test_a_wrong_decision_is_refused_with_its_line(
    inbox: Path, tmp_path: Path, mappings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    main(["run", str(inbox), "--out", str(out), "--workers", "1", "--quiet"])
    fill_decisions(out / "unmatched.csv", "no.such.thing")
    before = (mappings / "decisions.csv").read_bytes()
    assert main(["learn", str(out / "unmatched.csv"), "--by", "Lan", "--mappings", str(mappings), "--lang", "en"]) == 2
    assert 'unmatched.csv, line 2: "no.such.thing" is no indicator id' in capsys.readouterr().err
    assert (mappings / "decisions.csv").read_bytes() == before


def test_explain_shows_every_published_row_and_why(
    inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["run", str(inbox), "--out", str(tmp_path / "out"), "--workers", "1", "--quiet"])
    assert main(["explain", str(inbox), "--lang", "en"]) == 0
    told = capsys.readouterr().out
    for row in read_csv(tmp_path / "out" / "observations.csv"):
        assert f"TAKEN: {row['indicator_id']} is {row['value'] or row['value_text']} (" in told
    assert told.count("NOT MATCHED:") == len(list(read_csv(tmp_path / "out" / "unmatched.csv")))


def test_diff_of_a_dataset_with_itself_finds_nothing(
    inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "out")
    main(["run", str(inbox), "--out", out, "--workers", "1", "--quiet"])
    assert main(["diff", out, out, "--lang", "en"]) == 0
    assert capsys.readouterr().out == "0 figures added, 0 removed, 0 changed.\n"


def test_an_interrupted_run_ends_with_130(
    inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run_pipeline, "_progress", stop)
    assert main(["run", str(inbox), "--out", str(tmp_path / "out"), "--workers", "1", "--lang", "en"]) == 130
    assert "Stopped as asked" in capsys.readouterr().err
