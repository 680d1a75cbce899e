from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from unittest.mock import patch

import pytest

from extract.model import LOST, Cell, Document
from extract.ocr_engines import missing
from extract.pdf import read_pdf
from extract.pdf_ocr import Poll, _by_context
from extract.pdf_repair import lexicon_of
from tests.extract.pdf_files import pdf, text

DATA = Path(__file__).parents[1] / "data" / "pdf"


needs_ocr = pytest.mark.skipif(bool(missing()), reason=f"needs {missing()}")


@cache
def read(name: str, known: tuple[str, ...] = (), pictures: bool = False) -> Document:
    with patch("extract.pdf_ocr.missing", missing if pictures else lambda: "tesserocr"):
        return read_pdf((DATA / name).read_bytes(), "0" * 64, known)


def cells(document: Document) -> list[Cell]:
    return [cell for table in document.tables for cell in table.cells]


@cache
def labels() -> tuple[str, ...]:
    """What a catalogue would know of the form: the labels, and not the figures, names or notes."""
    return tuple(cell.text.replace("\n", " ") for cell in cells(read("commune.pdf")) if cell.place.column == 2)


def pairs(damaged: Document) -> list[tuple[str, str, str]]:
    """For each visible letter that the damaged file lost: the true one, what was read, what the file itself says."""
    true, read_back = cells(read("commune.pdf")), cells(damaged)
    assert [cell.place.box for cell in true] == [cell.place.box for cell in read_back]
    found = []
    for cell, other in zip(true, read_back, strict=True):
        assert len(cell.text) == len(other.text) == len(other.raw_text)
        found += [each for each in zip(cell.text, other.text, other.raw_text, strict=True) if each[2] == LOST]
    return found


DAMAGED = ["commune-latin1.pdf", "commune-without-map.pdf"]


@pytest.mark.parametrize("name", DAMAGED)
@pytest.mark.parametrize("known", [True, False])
def test_no_lost_letter_comes_out_as_another(name: str, known: bool) -> None:
    found = pairs(read(name, labels() if known else ()))
    assert len(found) > 400
    assert [(true, got) for true, got, _ in found if got not in (true, LOST)] == []


@pytest.mark.parametrize(("name", "share"), [(DAMAGED[0], 0.98), (DAMAGED[1], 0.98)])
def test_nearly_all_letters_come_back_with_known_labels(name: str, share: float) -> None:
    found = [(true, got) for true, got, _ in pairs(read(name, labels())) if not true.isdigit()]
    assert sum(true == got for true, got in found) / len(found) > share


def test_digits_come_back_from_the_numbering_alone_and_none_is_wrong() -> None:
    found = [(true, got) for true, got, _ in pairs(read("commune-without-map.pdf", labels())) if true.isdigit()]
    assert sum(true == got for true, got in found) / len(found) > 0.7
    assert {got for _, got in found} <= set("0123456789" + LOST)
    sources = {each.source for each in read("commune-without-map.pdf", labels()).letters if each.letter.isdigit()}
    assert sources == {"sequence"}


@needs_ocr
@pytest.mark.parametrize("name", DAMAGED)
@pytest.mark.parametrize("known", [True, False])
def test_no_letter_or_digit_read_from_the_picture_is_another(name: str, known: bool) -> None:
    found = pairs(read(name, labels() if known else (), pictures=True))
    assert [(true, got) for true, got, _ in found if got not in (true, LOST)] == []


@needs_ocr
@pytest.mark.parametrize("name", DAMAGED)
def test_the_picture_gives_back_letters_that_nothing_else_does(name: str) -> None:
    before, after = (pairs(read(name, labels(), pictures=pictures)) for pictures in (False, True))
    assert sum(got != LOST for _, got, _ in after) > sum(got != LOST for _, got, _ in before)
    assert sum(got != LOST for _, got, _ in after) / len(after) >= 0.99
    assert "ocr" in {each.source for each in read(name, labels(), pictures=True).letters}


@needs_ocr
def test_letters_come_back_from_the_picture_where_no_text_is_known() -> None:
    found = pairs(read(DAMAGED[0], pictures=True))
    assert sum(true == got for true, got, _ in found) / len(found) >= 0.99


@needs_ocr
def test_a_font_that_is_not_in_the_file_is_not_read_from_the_picture() -> None:
    document = read_pdf(mapped({"A": 0x54, "C": 0x6E}), "0" * 64)
    assert document.letters == ()


def one_word(word: str, before: str, *texts: str) -> Poll:
    return Poll(lexicon_of(texts), contexts={MARK: {(before, word, "")}})


MARK = "\U000f0000"


def test_a_single_reading_gives_way_to_the_word_that_its_neighbour_asks_for() -> None:
    poll = one_word(f"đ{MARK}ng", "hoạt", "hoạt động", "tồn đọng")
    assert _by_context(MARK, ("Ọ", 1), poll, set()) == "Ộ"
    assert _by_context(MARK, ("Ọ", 1), poll, {"Ộ"}) == "Ọ"


def test_a_single_reading_is_no_letter_when_two_known_words_are_possible() -> None:
    assert _by_context(MARK, ("ĩ", 1), one_word(f"t{MARK}nh", "xã", "cấp tỉnh", "Hà Tĩnh"), set()) == ""
    assert _by_context(MARK, ("ĩ", 1), one_word(f"t{MARK}nh", "xã", "Hà Tĩnh"), set()) == "ĩ"


def with_wide_mark(words: str, width: int) -> Document:
    """A file with one font, not in it, whose one mark (the letter A) has a width but no name."""
    font = ("<< /Type /Font /Subtype /Type1 /BaseFont /Unheard /FirstChar 65 /LastChar 66 /Widths [{} 600] /Encoding"
            " << /Differences [65 /g65 /B] >> /FontDescriptor << /Type /FontDescriptor /FontName /Unheard /Flags 32"
            " /Ascent 800 /Descent -200 >> >>")  # fmt: skip
    return read_pdf(pdf([text(50, 700, words, font="F2")], fonts="/F2 6 0 R", extra=[font.format(width)]), "0" * 64)


def test_a_row_of_one_wide_lost_mark_is_leader_dots() -> None:
    document = with_wide_mark("BAAAAAA", 1000)
    assert cells(document)[0].text == "B" + "\N{HORIZONTAL ELLIPSIS}" * 6
    assert [each.source for each in document.letters] == ["leader"]


@pytest.mark.parametrize(("words", "width"), [("BAAAAAA", 556), ("BAB", 1000), ("BAABAA", 1000)])
def test_a_row_as_narrow_as_digits_or_a_lone_mark_stays_lost(words: str, width: int) -> None:
    assert cells(with_wide_mark(words, width))[0].text == words.replace("A", LOST)


@pytest.mark.parametrize("name", DAMAGED)
def test_each_damaged_cell_is_flagged_and_keeps_what_the_file_says(name: str) -> None:
    for cell in cells(read(name, labels())):
        assert ("letters_lost" in cell.flags) == (LOST in cell.text)
        assert ("letters_repaired" in cell.flags) == (cell.text != cell.raw_text)


def test_each_repaired_letter_is_recorded_with_its_evidence() -> None:
    document = read("commune-latin1.pdf", labels())
    assert document.encoding == "font-damaged"
    assert len({(each.font, each.code) for each in document.letters}) == len(document.letters) > 30
    assert all(0.85 <= each.share <= 1 and each.source and "+" in each.font for each in document.letters)
    assert all(unicodedata.is_normalized("NFC", cell.text) for cell in cells(document))


def test_a_healthy_file_needs_no_repair() -> None:
    document = read("commune.pdf", labels())
    assert (document.encoding, document.letters) == ("unicode", ())
    assert not any(cell.flags for cell in cells(document))


def test_damage_is_the_same_letters_everywhere_so_repeated_headers_are_still_dropped() -> None:
    shapes = [[table.n_rows for table in read(name).tables] for name in ("commune.pdf", *DAMAGED)]
    assert shapes[0] == shapes[1] == shapes[2]


TO_UNICODE = """/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <FF> endcodespacerange
{} beginbfchar
{}
endbfchar endcmap end"""


def mapped(entries: dict[str, int]) -> bytes:
    """A file whose one font maps the codes of the given letters, and no others; its program is not embedded."""
    lines = "\n".join(f"<{ord(letter):02X}> <{value:04X}>" for letter, value in entries.items())
    content = TO_UNICODE.format(len(entries), lines)
    font = (
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding << /Differences [65 {}] >> /ToUnicode 7 0 R >>"
    )
    names = " ".join(f"/g{number}" for number in range(65, 123))
    extra = [font.format(names), f"<< /Length {len(content)} >>\nstream\n{content}\nendstream"]
    page = text(50, 700, "ABC", font="F2")
    return pdf([page], fonts="/F1 5 0 R /F2 6 0 R", extra=extra)


def test_a_code_without_an_entry_is_lost_and_not_the_letter_of_its_number() -> None:
    (cell,) = cells(read_pdf(mapped({"A": 0x54, "C": 0x6E}), "0" * 64))
    assert (cell.text, cell.raw_text, cell.flags) == (f"T{LOST}n", f"T{LOST}n", ("letters_lost",))


def test_a_map_that_gives_one_letter_for_many_codes_says_nothing() -> None:
    (cell,) = cells(read_pdf(mapped(dict.fromkeys("ABCDEF", 0x3F)), "0" * 64))
    assert cell.text == LOST * 3


def test_glyph_names_do_where_there_is_no_map() -> None:
    font = (
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding << /Differences [65 /Acircumflex /dcroat] >> >>"
    )
    page = text(50, 700, "AB", font="F2")
    (cell,) = cells(read_pdf(pdf([page], fonts="/F2 6 0 R", extra=[font]), "0" * 64))
    assert (cell.text, cell.flags) == ("Âđ", ())
