"""Specks of a bad scanner do not become text."""

from __future__ import annotations

import pytest

pytest.importorskip("cv2", reason="opencv-python-headless is not installed")

from extract.ocr_engines import Word
from extract.ocr_read import _without_noise


def _words(line: int, *told: tuple[str, float]) -> list[Word]:
    return [Word(text, (10 * at, 0, 10 * at + 9, 9), sure, line, 9.0) for at, (text, sure) in enumerate(told)]


def test_lines_that_only_specks_make_are_no_text() -> None:
    specks = [*_words(1, (".1Ý.", 0), ("AT", 31), ("Ể", 67)), *_words(2, ("£", 92), ("k", 0), (";", 20))]
    assert _without_noise(specks) == []


def test_a_badly_printed_line_with_one_sure_word_stays_whole() -> None:
    line = _words(1, ("máv", 20), ("tính", 71), ("?", 5))
    assert _without_noise(line) == line
    assert _without_noise(_words(2, ("-", 88))) == _words(2, ("-", 88))
