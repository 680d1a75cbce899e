from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consolidate.csvfile import csv_line, guard, number_text, read_csv, replacing, unguard, writable, write_csv

DANGEROUS = "=+-@\t\r"
any_text = st.text(st.characters() | st.sampled_from("=+-@\t\r\n'\",;0159.,"))
writable_text = any_text.map(writable)


@given(any_text)
def test_what_is_guarded_reads_back_the_same(text: str) -> None:
    assert unguard(guard(text)) == text


@given(any_text)
def test_no_guarded_cell_begins_as_a_formula_unless_it_is_a_plain_number(text: str) -> None:
    guarded = guard(text)
    if guarded[:1] and guarded[0] in DANGEROUS:
        assert set(guarded[1:]) <= set("0123456789.,eE+-")
        assert guarded[1].isdigit()


@pytest.mark.parametrize(
    "text", ["=1+1", "- Tổng số", "@SUM(A1)", "+84 912", "\tx", "\r=1", "-", "+", "-1+cmd|' /C calc'!A0"]
)
def test_formulas_and_bullets_get_an_apostrophe(text: str) -> None:
    assert guard(text) == "'" + text


@pytest.mark.parametrize("text", ["-5", "+51,7", "-342.628", "-1e-05", "58", "Tổng", "", "'", "' x"])
def test_numbers_and_ordinary_text_stay_as_they_are(text: str) -> None:
    assert guard(text) == text


@given(st.lists(st.lists(writable_text, min_size=3, max_size=3), max_size=5))
def test_a_table_reads_back_as_it_was_written(rows: list[list[str]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        write_csv(path, ("a", "b", "c"), rows)
        assert [list(record.values()) for record in read_csv(path)] == rows


@given(st.lists(writable_text, min_size=2, max_size=4))
def test_an_ordinary_csv_reader_sees_one_record(fields: list[str]) -> None:
    records = list(csv.reader(io.StringIO(csv_line(fields), newline=""), strict=True))
    assert records == [[guard(text) for text in fields]]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_written_exactly_and_whole_ones_without_a_fraction(number: float) -> None:
    text = number_text(number)
    assert float(text) == number
    assert not text.endswith(".0") or abs(number) >= 2**53


def test_numbers_are_written_short() -> None:
    assert [number_text(number) for number in (58, 58.0, 51.7, 0.1 + 0.2, 342628)] == [
        "58", "58", "51.7", "0.30000000000000004", "342628",
    ]  # fmt: skip


def test_a_file_has_a_mark_commas_and_line_feeds(tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", ("a", "b"), [["Tổng", None], ["x,y", 'say "no"']])
    assert (tmp_path / "t.csv").read_bytes() == '\ufeffa,b\nTổng,\n"x,y","say ""no"""\n'.encode()


def test_half_a_surrogate_pair_does_not_stop_the_writing(tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", ("a",), [["x\ud800y"]])
    assert next(read_csv(tmp_path / "t.csv")) == {"a": "x\ufffdy"}


def test_a_cell_longer_than_the_csv_module_allows_reads_back(tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", ("a",), [["x" * 200_000]])
    assert len(next(read_csv(tmp_path / "t.csv"))["a"]) == 200_000


def test_a_failure_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write_csv(path, ("a",), [["old"]])

    def rows() -> object:
        yield ["new"]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_csv(path, ("a",), rows())  # type: ignore[arg-type]
    assert [entry.name for entry in tmp_path.iterdir()] == ["t.csv"]
    assert next(read_csv(path)) == {"a": "old"}


def test_the_new_file_appears_at_once(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    with replacing(path) as temporary:
        temporary.write_text("half")
        assert not path.exists()
    assert path.read_text() == "half"
