"""What the two README files promise, held against the program and the samples."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from consolidate.columns import OBSERVATIONS
from consolidate.csvfile import read_csv
from run_pipeline import main

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.vi.md")
REPORT = ROOT / "samples" / "inbox" / "2019-Q2" / "So Tu phap" / "BC UDCNTT Quy II-2019.pdf"


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def table_of(text: str) -> list[dict[str, str]]:
    """The rows of the table whose first column is ``indicator_id``."""
    lines = text[text.index("| indicator_id") :].split("\n\n")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]


@pytest.mark.parametrize("name", READMES)
def test_links_lead_to_files_that_exist(name: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", text_of(name)):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("name", READMES)
def test_every_command_and_both_make_targets_are_shown(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    commands = re.findall(r"^    ([a-z-]+)(?: |$)", capsys.readouterr().out, flags=re.M)
    assert len(commands) == 8
    for command in commands:
        assert f"python run_pipeline.py {command}" in text_of(name)
    makefile = (ROOT / "Makefile").read_text()
    for target in ("demo", "test"):
        assert f"make {target}" in text_of(name)
        assert f"\n{target}:" in makefile


def test_the_excerpt_is_what_the_program_gives(tmp_path: Path) -> None:
    main(["run", str(REPORT), "--out", str(tmp_path), "--workers", "1", "--quiet"])
    found = {row["indicator_id"]: row for row in read_csv(tmp_path / "observations.csv")}
    for name in READMES:
        rows = table_of(text_of(name))
        assert len(rows) == 2
        for row in rows:
            assert row == {column: found[row["indicator_id"]][column] for column in row}
        assert f"{len(OBSERVATIONS)} c" in text_of(name)


def test_both_languages_show_the_same_commands() -> None:
    english, vietnamese = (re.findall(r"^    ([^#\n]+?) *(?:#.*)?$", text_of(name), flags=re.M) for name in READMES)
    assert len(english) > 8
    assert english == vietnamese
