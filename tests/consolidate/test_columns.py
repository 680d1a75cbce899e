from __future__ import annotations

from pathlib import Path

from consolidate.columns import DECISIONS, TABLES, names
from consolidate.csvfile import read_csv

MAPPINGS = Path(__file__).resolve().parents[2] / "mappings"


def test_every_column_is_described_in_both_languages() -> None:
    described = {row["code"]: (row["vi"], row["en"]) for row in read_csv(MAPPINGS / "messages.csv")}
    for columns in (*TABLES.values(), DECISIONS):
        for column in columns:
            assert all(described[column.message]), column.name


def test_names_and_types_are_sound() -> None:
    for columns in TABLES.values():
        assert len(set(names(columns))) == len(columns)
        assert {column.type for column in columns} <= {"string", "integer", "number"}


def test_the_header_of_the_decisions_file_is_the_one_that_is_written() -> None:
    header = (MAPPINGS / "decisions.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert tuple(header.split(",")) == names(DECISIONS)
