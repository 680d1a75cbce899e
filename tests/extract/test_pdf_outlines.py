"""Drawings made here: a square for a body, and smaller marks of different shapes above and below it."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from extract import pdf_outlines
from extract.pdf_outlines import Drawings, Outline, is_possible, parts_of, read_outlines

SMALL_BODY = [(50, 0), (50, 500), (450, 500), (450, 0)]
LARGE_BODY = [(50, 0), (50, 700), (550, 700), (550, 0)]
OTHER_BODY = [(50, 0), (250, 500), (450, 0)]
ACUTE = [(200, 560), (300, 700), (300, 560)]
TILDE = [(100, 560), (100, 640), (400, 640), (400, 560)]
HAT = [(150, 560), (250, 660), (350, 560)]
DOT_BELOW = [(200, -200), (200, -100), (300, -100), (300, -200)]
ROOF_ACUTE = [(400, 620), (500, 760), (500, 620)]


def raised(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same mark over a capital."""
    return [(x + 40, y + 200) for x, y in points]


GLYPHS = {
    1: [SMALL_BODY], 2: [SMALL_BODY, ACUTE], 3: [SMALL_BODY, TILDE], 4: [SMALL_BODY, HAT], 5: [SMALL_BODY, DOT_BELOW],
    6: [OTHER_BODY], 7: [OTHER_BODY, ACUTE], 8: [OTHER_BODY, TILDE, DOT_BELOW],
    9: [LARGE_BODY], 10: [LARGE_BODY, raised(TILDE)], 11: [SMALL_BODY, HAT, ROOF_ACUTE], 12: [],
}  # fmt: skip


@pytest.fixture(scope="module")
def outlines() -> dict[int, Outline]:
    return read_outlines(*program([".notdef", *(f"g{code}" for code in GLYPHS)]))


def program(names: list[str], composed: bool = False) -> tuple[TTFont, Any, list[int]]:
    """A font program with its glyphs in this order; ``composed``: glyph 7 is made of glyph 6 and a mark."""
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    drawn = {name: TTGlyphPen(None).glyph() for name in names}
    for code, contours in GLYPHS.items():
        pen = TTGlyphPen(None)
        for points in contours:
            pen.moveTo(points[0])
            for point in points[1:]:
                pen.lineTo(point)
            pen.closePath()
        drawn[f"g{code}"] = pen.glyph()
    if composed:
        mark, whole = TTGlyphPen(None), TTGlyphPen(drawn)
        mark.moveTo(ACUTE[0])
        for point in ACUTE[1:]:
            mark.lineTo(point)
        mark.closePath()
        drawn["acute"] = mark.glyph()
        whole.addComponent("g6", (1, 0, 0, 1, 0, 0))
        whole.addComponent("acute", (1, 0, 0, 1, 0, 0))
        drawn["g7"] = whole.glyph()
    builder.setupGlyf(drawn)
    builder.setupHorizontalMetrics(dict.fromkeys(names, (600, 0)))
    builder.setupHorizontalHeader()
    builder.setupPost()
    builder.setupMaxp()
    data = io.BytesIO()
    builder.save(data)
    font = SimpleNamespace(cid2gid={code: names.index(f"g{code}") for code in GLYPHS})
    return TTFont(io.BytesIO(data.getvalue()), lazy=True), font, list(GLYPHS)


def test_the_same_glyphs_are_drawn_once_in_whatever_order_fonts_have_them(
    outlines: dict[int, Outline], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [".notdef", "acute", *(f"g{code}" for code in GLYPHS)]
    first = read_outlines(*program(names, composed=True))
    assert first == outlines

    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(pdf_outlines, "_outline", refuse)
    assert read_outlines(*program([names[0], *reversed(names[1:])], composed=True)) == first


def test_other_glyphs_are_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    first = read_outlines(*program([".notdef", *(f"g{code}" for code in GLYPHS)]))
    monkeypatch.setitem(GLYPHS, 2, [SMALL_BODY, TILDE])
    second = read_outlines(*program([".notdef", *(f"g{code}" for code in GLYPHS)]))
    assert second[2] == first[3] != first[2]


def drawings(outlines: dict[int, Outline], known: dict[int, str]) -> Drawings:
    made = Drawings({(0, code): outline for code, outline in outlines.items()})
    for code, letter in known.items():
        made.note((0, code), letter, 5)
    return made


def test_a_blank_has_no_outline(outlines: dict[int, Outline]) -> None:
    assert set(outlines) == set(GLYPHS) - {12}


def test_a_drawing_with_a_mark_cannot_be_a_bare_letter(outlines: dict[int, Outline]) -> None:
    assert is_possible(outlines[1], "a")
    assert not is_possible(outlines[3], "a")
    assert not is_possible(outlines[1], "ã")
    assert [letter for letter in "AÃẠẪ" if is_possible(outlines[10], letter)] == ["Ã", "Ẫ"]
    assert [letter for letter in "aáạậ" if is_possible(outlines[5], letter)] == ["ạ"]


def test_height_tells_small_letters_from_capitals(outlines: dict[int, Outline]) -> None:
    assert (is_possible(outlines[1], "o"), is_possible(outlines[1], "O")) == (True, False)
    assert (is_possible(outlines[9], "o"), is_possible(outlines[9], "O")) == (False, True)


def test_a_figure_has_no_mark(outlines: dict[int, Outline]) -> None:
    assert is_possible(outlines[9], "8")
    assert not is_possible(outlines[10], "8")


def test_letters_follow_from_the_body_of_one_and_the_mark_of_another(outlines: dict[int, Outline]) -> None:
    known = drawings(outlines, {1: "a", 2: "á", 3: "ã", 5: "ạ", 6: "e"})
    assert known.letter_of((0, 7)) == "é"
    assert known.letter_of((0, 8)) == ""  # there is no such letter
    assert known.letter_of((0, 4)) == ""  # its mark is not known


def test_two_marks_are_known_by_each_other(outlines: dict[int, Outline]) -> None:
    known = drawings(outlines, {1: "a", 4: "â", 11: "ấ"})
    assert known.letter_of((0, 11)) == "ấ"
    assert known.letter_of((0, 2)) == "á"


def test_a_letter_that_another_drawing_contradicts_is_not_allowed(outlines: dict[int, Outline]) -> None:
    known = drawings(outlines, {1: "a", 2: "á", 3: "ã", 6: "e"})
    assert known.allows((0, 7), "é")
    assert not known.allows((0, 7), "ẻ")
    assert not known.allows((0, 7), "á")


def test_claims_that_contradict_each_other_as_strongly_are_all_doubted(outlines: dict[int, Outline]) -> None:
    known = drawings(outlines, {1: "a", 2: "á", 7: "ẻ"})
    assert known.doubted((0, 2), "á")
    assert known.doubted((0, 7), "ẻ")
    assert not known.doubted((0, 1), "a")


@pytest.mark.parametrize(
    ("letter", "parts"),
    [("a", ("a", "", "")), ("i", ("i", ".", "")), ("í", ("i", "\u0301", "")), ("ị", ("i", ".", "\u0323")),
     ("ợ", ("ơ", "", "\u0323")), ("ấ", ("a", "\u0302\u0301", "")), ("ậ", ("a", "\u0302", "\u0323")),
     ("Đ", ("Đ", "", "")), ("I", ("I", "", ""))],
)  # fmt: skip
def test_parts_of_letters(letter: str, parts: tuple[str, str, str]) -> None:
    assert parts_of(letter) == parts
