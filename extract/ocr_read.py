"""A clean page into lines of text, a cell at a time; every number is read by readers unlike each other."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

import numpy as np

from extract.model import LOST
from extract.ocr_engines import BLOCK, LINE, Engines, Word, read_digits, read_lines, read_words
from extract.ocr_grid import Image, PixelBox, cv2
from extract.ocr_image import CleanPage
from extract.syllables import is_syllable

MARGIN = 14
ONE_LINE = 2.6  # letters: ink lower than this is one line
SHORT = 9  # letters: what is wider is no number
NOISE = 50.0  # mean confidence of a line below which it may be none
SURE = 60.0  # confidence below which a line of words is doubted

_NUMBER = re.compile(r"[-+]?\d[\d.,]*%?")
_NUMBER_IN_WORD = re.compile(r"([(\[\"']*)([-+]?\d[\d.,]*%?)([)\]\"';:]*)$")
_NUMBERED = re.compile(r"\(\d{1,2}\)")
_ALIKE = frozenset("0123456789OoQDIl|!iSBZ.,")


class ReadLine(NamedTuple):
    """One line as read: text, what the readers say of its numbers where they differ, box and baseline in pixels."""

    text: str
    raw: str
    doubt: bool
    box: PixelBox
    base: float


@dataclass(slots=True)
class Region:
    """A part of the page to be read by itself: a cell, or a block of running text."""

    box: PixelBox
    crop: Image
    words: list[Word] = field(default_factory=list)
    number: str = ""
    other: str = ""
    lost: bool = False
    doubt: bool = False


class Check(NamedTuple):
    """A number to be read again: its region, the word of it (-1: the region is one number), and its picture."""

    region: Region
    word: int
    crop: Image
    box: PixelBox


def read_page(page: CleanPage, engines: Engines) -> tuple[list[list[list[ReadLine]]], list[ReadLine]]:
    """Lines of each cell of each grid (in the grids' order), and of the text outside grids."""
    cells = [[region_of(page, _inside(cell.box)) for cell in grid.cells] for grid in page.grids]
    outside = [region for box in text_blocks(page) if (region := region_of(page, box))]
    for region in [*(region for grid in cells for region in grid if region), *outside]:
        region.words = _words(page, region, engines)
    for region in outside:
        region.words = _without_noise(region.words)
    checks = [check for grid, regions in zip(page.grids, cells, strict=True)
              for check in _cell_checks(page, [cell.column for cell in grid.cells], regions)]  # fmt: skip
    checks += [check for region in outside for check in _word_checks(page, region)]
    _settle(page, checks, engines)
    return [[_lines(region) if region else [] for region in grid] for grid in cells], [
        line for region in outside for line in _lines(region)
    ]


def _without_noise(words: Sequence[Word]) -> list[Word]:
    """The words of a text block without lines that only specks make: unsure, and no word among them that is sure."""
    kept = []
    for _, group in groupby(words, key=lambda word: word.line):
        line = list(group)
        unsure = sum(word.confidence for word in line) / len(line) < NOISE
        if not unsure or any(word.confidence >= SURE and sum(map(str.isalnum, word.text)) > 1 for word in line):
            kept += line
    return kept


def region_of(page: CleanPage, box: PixelBox) -> Region | None:
    """The ink within a box with white around it, ``None`` where there is none worth reading."""
    left, top, right, bottom = box
    ink = page.ink[top:bottom, left:right]
    if not ink.size or not ink.any():
        return None
    _, _, stats, _ = cv2().connectedComponentsWithStats(ink, connectivity=8)
    marks = stats[1:]
    tall = (marks[:, 3] >= 0.4 * page.letter) | (marks[:, 2] >= 0.4 * page.letter)
    if not tall.any():
        return None
    x0, y0 = int(marks[:, 0].min()), int(marks[:, 1].min())
    x1, y1 = int((marks[:, 0] + marks[:, 2]).max()), int((marks[:, 1] + marks[:, 3]).max())
    found = (left + x0, top + y0, left + x1, top + y1)
    return Region(found, _crop(page, found))


def _inside(box: PixelBox) -> PixelBox:
    return box[0] + 4, box[1] + 4, box[2] - 3, box[3] - 3


def _crop(page: CleanPage, box: PixelBox) -> Image:
    left, top, right, bottom = box
    part = page.grey[max(0, top) : bottom, max(0, left) : right]
    return np.pad(part, MARGIN, constant_values=255)


def text_blocks(page: CleanPage) -> list[PixelBox]:
    """Boxes of the text outside grids: what stands near each other, from top to bottom."""
    tool = cv2()
    rest = page.ink.copy()
    for grid in page.grids:
        left, top, right, bottom = grid.box
        rest[max(0, top - 4) : bottom + 5, max(0, left - 4) : right + 5] = 0
    joined = tool.dilate(rest, np.ones((max(3, round(0.9 * page.letter)), max(3, round(2.4 * page.letter))), np.uint8))
    _, _, stats, _ = tool.connectedComponentsWithStats(joined, connectivity=8)
    boxes = [(x, y, x + w, y + h) for x, y, w, h, _ in stats[1:].tolist()]
    return sorted(_apart(boxes), key=lambda box: (box[1], box[0]))


def _apart(boxes: Iterable[PixelBox]) -> list[PixelBox]:
    """Unite boxes until none overlaps another."""
    kept: list[PixelBox] = []
    for box in boxes:
        while True:
            hit = next((other for other in kept if _overlap(box, other)), None)
            if hit is None:
                break
            kept.remove(hit)
            box = (min(box[0], hit[0]), min(box[1], hit[1]), max(box[2], hit[2]), max(box[3], hit[3]))
        kept.append(box)
    return kept


def _overlap(one: PixelBox, two: PixelBox) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]


def _words(page: CleanPage, region: Region, engines: Engines) -> list[Word]:
    """Read a region, its words placed on the page."""
    height = region.box[3] - region.box[1]
    mode = LINE if height < ONE_LINE * page.letter else BLOCK
    dx, dy = region.box[0] - MARGIN, region.box[1] - MARGIN
    return [
        word._replace(
            text=unicodedata.normalize("NFC", word.text),
            box=(word.box[0] + dx, word.box[1] + dy, word.box[2] + dx, word.box[3] + dy),
            base=word.base + dy,
        )
        for word in read_words(engines.text, region.crop, mode)
    ]


def _cell_checks(page: CleanPage, columns: Sequence[int], regions: Sequence[Region | None]) -> list[Check]:
    """Which cells of a grid are numbers, by what they hold and by what most of their column holds."""
    shares: dict[int, list[bool]] = defaultdict(list)
    for column, region in zip(columns, regions, strict=True):
        if region and region.words:
            shares[column].append(_mostly_digits(region))
    checks: list[Check] = []
    for column, region in zip(columns, regions, strict=True):
        if region is None:
            continue
        short = region.box[2] - region.box[0] < SHORT * page.letter and _is_one_line(page, region)
        alike = all(letter in _ALIKE for word in region.words for letter in word.text)
        in_numbers = sum(shares[column]) * 2 > len(shares[column])
        if short and (_mostly_digits(region) or alike or (in_numbers and not _is_word(region))):
            checks.append(Check(region, -1, region.crop, region.box))
        else:
            region.doubt = in_numbers and not _mostly_digits(region) and not _is_word(region)
            checks += _word_checks(page, region)
    return checks


def _is_one_line(page: CleanPage, region: Region) -> bool:
    return region.box[3] - region.box[1] < ONE_LINE * page.letter and len({word.line for word in region.words}) < 2


def _mostly_digits(region: Region) -> bool:
    text = "".join(word.text for word in region.words)
    return 2 * sum(letter.isdigit() for letter in text) >= sum(letter.isalnum() for letter in text) > 0


def _is_word(region: Region) -> bool:
    """Whether it holds a word that may be meant: a syllable, or four letters and more."""
    texts = [word.text.strip(".,;:()") for word in region.words]
    return any(text.isalpha() and len(text) > 1 and (len(text) > 3 or is_syllable(text)) for text in texts)


def _word_checks(page: CleanPage, region: Region) -> list[Check]:
    """The words of running text that are numbers."""
    checks = []
    for at, word in enumerate(region.words):
        if _NUMBER_IN_WORD.match(word.text):
            left, top, right, bottom = word.box
            box = (max(0, left - 2), max(0, top - 3), right + 2, bottom + 4)
            checks.append(Check(region, at, _crop(page, box), box))
        elif _is_spoilt(word.text.strip("()[];:.,")):
            region.doubt = True
    return checks


def _is_spoilt(text: str) -> bool:
    """Whether it is a number but for letters that look like digits."""
    return not _NUMBER.fullmatch(text) and any(map(str.isdigit, text)) and all(letter in _ALIKE for letter in text)


def _settle(page: CleanPage, checks: Sequence[Check], engines: Engines) -> None:
    """Read every number again and write into its region what the readers agree on, or that they do not."""
    seconds = read_lines(engines.second, [check.crop for check in checks]) if engines.second else []
    for at, check in enumerate(checks):
        first = read_digits(engines.digits, check.crop)
        second = _bare(seconds[at]) if seconds else _second_look(page, check, engines)
        second = _with_zeros(second, first)
        if check.word < 0:
            _settle_cell(page, check, first, second)
        else:
            _settle_word(page, check, first, second)


def _bare(text: str) -> str:
    return "".join(text.split())


def _with_zeros(text: str, number: str) -> str:
    """Take the letter O for the digit that it looks like, within a number."""
    zeros = text.replace("O", "0").replace("o", "0")
    return zeros if zeros == number and len(number) > 1 else text


def _second_look(page: CleanPage, check: Check, engines: Engines) -> str:
    """Without a second reader: the Vietnamese model over the bare ink, half as large again."""
    left, top, right, bottom = check.box
    ink = np.pad(255 - page.ink[max(0, top) : bottom, max(0, left) : right], MARGIN, constant_values=255)
    larger = cv2().resize(ink, None, fx=1.5, fy=1.5, interpolation=cv2().INTER_AREA)
    return _bare("".join(word.text for word in read_words(engines.text, larger, LINE)))


def _settle_cell(page: CleanPage, check: Check, first: str, second: str) -> None:
    """Accept a number that all readers see and that the ink bears out; doubt every other."""
    region = check.region
    read = _bare("".join(word.text for word in region.words))
    if not any(letter.isdigit() for letter in first + second + read):
        region.lost = region.doubt = not read
        return
    if _NUMBERED.fullmatch(second) and second.strip("()") == first:
        region.number = region.other = second  # a column number in brackets, for which the number reader has no sign
        return
    if read and second == read and not _NUMBER.fullmatch(read.rstrip(".")) and not _is_spoilt(read):
        return  # both readers of words see the same: an answer such as "1/0", no bare number
    region.number = first if first and first in (second, read) else _best(first, second, read)
    region.other = " | ".join(dict.fromkeys(filter(None, (region.number, first, second, read))))
    seen = _seen(page, check.box)
    agreed = first == second if first != read else second in (first, "O", "o")
    if agreed and first != read and _NUMBER.fullmatch(read):
        agreed = seen == _shape(first) != _shape(read)  # the ink itself says who is wrong
    region.doubt = not agreed or _is_hidden(page, check.box) or not _borne_out(seen, region.number)


def _best(first: str, second: str, read: str) -> str:
    """Which of three readings to show when no two that count agree."""
    if second == read and read:
        return read
    return next((text for text in (first, second, read) if _NUMBER.fullmatch(text)), LOST)


def _settle_word(page: CleanPage, check: Check, first: str, second: str) -> None:
    region, word = check.region, check.region.words[check.word]
    before, number, after = _NUMBER_IN_WORD.match(word.text).groups()  # type: ignore[union-attr]
    first, second = first.strip("-.,"), second.strip("()[]\"';:-.,")
    plain = number.strip("-+.,")
    if plain not in (first, second) and first == second and _NUMBER.fullmatch(first):
        number = number.replace(plain, first)
    elif plain not in (first, second):
        region.doubt = True
        region.other = " ".join(filter(None, (region.other, f"{plain} | {first or second}")))
    lone_stroke = plain == "1" and second in ("I", "l", "|")  # a Roman numeral, as likely
    region.doubt = region.doubt or lone_stroke or _is_hidden(page, check.box)
    region.words[check.word] = word._replace(text=before + number + after)


def _is_hidden(page: CleanPage, box: PixelBox) -> bool:
    """Whether a stamp or a signature lies over it, or a stroke crosses it that is no letter."""
    left, top, right, bottom = box
    if page.covered[max(0, top) : bottom, max(0, left) : right].any():
        return True
    return bottom - top > ONE_LINE * page.letter


def _seen(page: CleanPage, box: PixelBox) -> tuple[int, str]:
    """How many digits the ink shows, and its points and commas from left to right."""
    _, _, stats, _ = cv2().connectedComponentsWithStats(page.ink[box[1] : box[3], box[0] : box[2]], connectivity=8)
    marks = stats[1:][np.argsort(stats[1:, 0])]
    full, ends = marks[:, 3].max(), marks[:, 1] + marks[:, 3]
    digits = marks[:, 3] > 0.7 * full
    floor = float(np.median(ends[digits]))
    low = (marks[:, 3] < 0.5 * full) & (ends - marks[:, 3] / 2 > floor - 0.35 * full) & (marks[:, 4] >= 18)
    return int(np.count_nonzero(digits)), "".join("," if end - floor > 0.09 * full else "." for end in ends[low])


def _shape(number: str) -> tuple[int, str]:
    return sum(letter.isdigit() for letter in number), "".join(letter for letter in number if letter in ".,")


def _borne_out(seen: tuple[int, str], number: str) -> bool:
    """Whether the ink shows no more digits and points than were read, and points and commas where they were read."""
    digits, points = _shape(number)
    if seen[0] > digits + 2 * number.count("%"):
        return False
    return "%" in number or len(seen[1]) < len(points) or seen[1] == points


def _lines(region: Region) -> list[ReadLine]:
    """The region as lines, in reading order."""
    if region.lost:
        return [ReadLine(LOST, "", True, region.box, float(region.box[3]))]
    if region.number:
        base = region.words[0].base if region.words else float(region.box[3])
        return [ReadLine(region.number, region.other, region.doubt, region.box, base)]
    lines = []
    for _, group in groupby(region.words, key=lambda word: word.line):
        words = list(group)
        text = " ".join(word.text for word in words)
        sure = sum(word.confidence for word in words) / len(words) >= SURE
        box = (min(w.box[0] for w in words), min(w.box[1] for w in words),
               max(w.box[2] for w in words), max(w.box[3] for w in words))  # fmt: skip
        lines.append(ReadLine(text, text, not sure, box, words[0].base))
    if region.doubt and lines:
        raw = f"{lines[0].text} [{region.other}]" if region.other else lines[0].text
        lines[0] = lines[0]._replace(doubt=True, raw=raw)
    return lines


def is_upright(page: CleanPage, engines: Engines) -> bool:
    """Whether the longest lines read better this way than on their head."""
    crops = _long_lines(page)
    here = _confidence(engines, crops)
    return here >= 75 or here >= _confidence(engines, [np.ascontiguousarray(crop[::-1, ::-1]) for crop in crops])


def _long_lines(page: CleanPage, most: int = 4) -> list[Image]:
    joined = cv2().dilate(page.ink, np.ones((3, max(3, page.letter)), np.uint8))
    _, _, stats, _ = cv2().connectedComponentsWithStats(joined, connectivity=8)
    lines = [(w, x, y, h) for x, y, w, h, _ in stats[1:].tolist() if 0.8 * page.letter < h < 3 * page.letter]
    longest = sorted(lines, reverse=True)[:most]
    return [_crop(page, (x, y, x + min(w, 900), y + h)) for w, x, y, h in longest]


def _confidence(engines: Engines, crops: Sequence[Image]) -> float:
    """Mean confidence over the letters read; 100 where there is nothing to read."""
    words = [word for crop in crops for word in read_words(engines.text, crop, LINE)]
    letters = sum(len(word.text) for word in words)
    return sum(word.confidence * len(word.text) for word in words) / letters if letters else 100.0
