"""Letters for lost codes from the picture of the page: each line that holds one is read, and each code is voted on.

Votes are counted per font and code and never per word, so that one misreading has no effect. Digits, and the signs
within numbers, count only where readers that have nothing in common say the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from extract.model import LetterRepair
from extract.ocr_engines import LINE, Engines, Word, engines, missing, read_digits, read_lines, read_words
from extract.ocr_image import Image, cv2
from extract.pdf_codes import FIRST_PLACEHOLDER, FontCodes
from extract.pdf_lines import Line
from extract.pdf_tables import PageBlocks
from extract.syllables import is_word

DPI = 300
MARGIN = 14
ABOVE, BELOW = 1.25, 0.45  # letter sizes from the baseline; part of the next line may come in and is erased
DARK = 200
RULE = 0.12  # letter sizes: what is long and thinner than this is no letter
LINES_OF_CODE = 8
MOST_LINES = 400
LEAST_SHARE = 0.9
LEAST_OF_DIGIT = 3
CLEAR = 3  # times as many votes as another code of the font that claims the same letter
NUMERIC = frozenset("0123456789.,%-")
ALIKE = frozenset("0123456789OoQDIl|!iSsBZz.,;:'’-–")
"""What one reader takes for another: never by a single vote."""

_EDGES = re.compile(r"^\W+|\W+$")

Places = Mapping[str, tuple[FontCodes, int]]
Claim = tuple[str, str, int, float]
"""A placeholder, its letter, the votes for it and their share."""


@dataclass(slots=True)
class Poll:
    """Votes by placeholder: of words for letters, and of numbers that all readers agree on."""

    letters: dict[str, Counter[str]] = field(default_factory=dict)
    digits: dict[str, Counter[str]] = field(default_factory=dict)


def letters_by_ocr(
    data: bytes, pages: Sequence[PageBlocks], letters: Mapping[str, str], places: Places
) -> tuple[dict[str, str], tuple[LetterRepair, ...]]:
    """Read the lines that still hold lost letters from the page's picture; gives placeholder -> letter, and records.

    ``letters`` are those that are known. Nothing is found without the programs for it, nor for fonts whose program is
    not in the file: what a picture shows then is another font's letter.
    """
    drawn = {mark: place for mark, place in places.items() if mark not in letters and _is_embedded(place[0].font)}
    chosen = _chosen(pages, drawn) if drawn else []
    if not chosen or missing():
        return {}, ()
    poll, table = Poll(), {ord(mark): letter for mark, letter in letters.items()}
    for line, crop in _crops(data, chosen):
        _count(line.text.translate(table), crop, engines(), drawn, poll)
    taken = _taken(letters, places)
    found = {mark: (letter, share) for mark, letter, _, share in _winners(poll, drawn, taken)}
    records = [LetterRepair(drawn[mark][0].name, drawn[mark][1], letter, "ocr", round(share, 4))
               for mark, (letter, share) in found.items()]  # fmt: skip
    return {mark: letter for mark, (letter, _) in found.items()}, tuple(records)


def _is_embedded(font: Any) -> bool:
    return hasattr(font, "charprocs") or any(f"FontFile{end}" in font.descriptor for end in ("", "2", "3"))


def _taken(letters: Mapping[str, str], places: Places) -> dict[int, set[str]]:
    """The letters that some code of each font is known to draw."""
    taken: dict[int, set[str]] = {}
    for mark, (font, _) in places.items():
        if font.number not in taken:
            own = (letter for letter, *_ in font.cache.values())
            taken[font.number] = {letter for letter in own if all(ord(each) < FIRST_PLACEHOLDER for each in letter)}
        if mark in letters:
            taken[font.number].add(letters[mark])
    return taken


def _chosen(pages: Sequence[PageBlocks], drawn: Places) -> list[tuple[PageBlocks, Line]]:
    """Lines to read, page by page: each that holds a lost code which few lines before it held."""
    seen: Counter[str] = Counter()
    chosen: list[tuple[PageBlocks, Line]] = []
    by_number = {page.page: page for page in pages}
    lines = [(page.page, line) for page in pages for line in page.lines]
    lines += [(cell.page, line) for page in pages for grid in page.grids for cell in grid.cells for line in cell.lines]
    for number, line in lines:
        marks = {mark for mark in line.text if mark in drawn}
        if any(seen[mark] < LINES_OF_CODE for mark in marks) and len(chosen) < MOST_LINES:
            seen.update(marks)
            chosen.append((by_number[number], line))
    return sorted(chosen, key=lambda item: item[0].page)


def _crops(data: bytes, chosen: Sequence[tuple[PageBlocks, Line]]) -> Iterator[tuple[Line, Image]]:
    """The pictures of lines, in grey with white around; a page that is turned otherwise than read is left out."""
    import pypdfium2

    scale = DPI / 72
    shown, picture = 0, np.zeros((1, 1), np.uint8)
    with pypdfium2.PdfDocument(data) as pdf:
        for page, line in chosen:
            if page.page != shown:
                sheet = pdf[page.page - 1]
                width, height = sheet.get_size()
                alike = abs(width - page.width) < 1 and abs(height - page.height) < 1
                shown = page.page
                picture = np.zeros((1, 1), np.uint8)
                if alike and width * height * scale * scale < 40_000_000:
                    picture = np.asarray(sheet.render(scale=scale).to_pil().convert("L"), np.uint8)
            if picture.shape != (1, 1):
                yield from ((line, crop) for crop in [_crop(picture, line, scale)] if crop.size)


def _crop(picture: Image, line: Line, scale: float) -> Image:
    """One line by its baseline and letter size, as fonts are wrong about their heights; without its neighbours."""
    base, size = line.base * scale, line.size * scale
    top, left = max(0, round(base - ABOVE * size)), max(0, round(line.x0 * scale) - 3)
    part = picture[top : round(base + BELOW * size), left : round(line.x1 * scale) + 4].copy()
    if not part.size:
        return part
    _, marks, stats, _ = cv2().connectedComponentsWithStats((part < DARK).astype(np.uint8), connectivity=8)
    upper, lower = base - top - 0.45 * size, base - top - 0.05 * size
    for at, (_, y, width, height, _) in enumerate(stats.tolist()):
        outside = (y + height < upper or y > lower) and (y == 0 or y + height == part.shape[0])
        if at and (outside or (height < RULE * size and width > 2 * size)):
            part[marks == at] = 255
    return np.pad(part, MARGIN, constant_values=255)


def _count(text: str, crop: Image, readers: Engines, drawn: Places, poll: Poll) -> None:
    """Read one line and count what it says of the lost codes in it."""
    words = read_words(readers.text, crop, LINE)
    for template, word in _pairs(text.split(), words):
        open_marks = [letter for letter in template if letter in drawn]
        if not open_marks:
            continue
        said = unicodedata.normalize("NFC", word.text)
        if set(said) <= NUMERIC:
            if any(letter.isdigit() for letter in said) and _is_agreed(said, word, crop, readers):
                _vote(poll.digits, template, said, drawn)
        elif _is_sensible(said) and len(set(template)) > 1:
            _vote(poll.letters, template, said, drawn)


def _vote(votes: dict[str, Counter[str]], template: str, said: str, drawn: Places) -> None:
    for mark, letter in set(zip(template, said, strict=True)):
        if mark in drawn:
            votes.setdefault(mark, Counter())[letter] += 1


def _is_sensible(said: str) -> bool:
    """Whether a word as read can be meant: a syllable, perhaps with signs around it, or an abbreviation."""
    parts = [part for part in re.split(r"[^\w]+", _EDGES.sub("", said)) if part]
    return bool(parts) and all(part.isalpha() and (is_word(part) or part.isupper()) for part in parts)


def _pairs(texts: Sequence[str], words: Sequence[Word]) -> Iterator[tuple[str, Word]]:
    """Words of the file with the words of the picture that they can be, from both ends while they fit."""
    if len(texts) == len(words):
        yield from ((text, word) for text, word in zip(texts, words, strict=True) if _fits(text, word))
        return
    start = 0
    while start < min(len(texts), len(words)) and _fits(texts[start], words[start]):
        yield texts[start], words[start]
        start += 1
    end = 1
    while end <= min(len(texts), len(words)) - start and _fits(texts[-end], words[-end]):
        yield texts[-end], words[-end]
        end += 1


def _fits(text: str, word: Word) -> bool:
    said = unicodedata.normalize("NFC", word.text)
    if len(text) != len(said):
        return False
    pairs = set(zip(text, said, strict=True))
    lost = {pair for pair in pairs if ord(pair[0]) >= FIRST_PLACEHOLDER}
    return all(mark == letter for mark, letter in pairs - lost) and len({mark for mark, _ in lost}) == len(lost)


def _is_agreed(said: str, word: Word, crop: Image, readers: Engines) -> bool:
    """Whether the readers of numbers see the same number in the picture of a word."""
    left, top, right, bottom = word.box
    part = crop[max(0, top - 4) : bottom + 5, max(0, left - 4) : right + 5]
    part = np.pad(part, MARGIN, constant_values=255)
    if read_digits(readers.digits, part) != said:
        return False
    return readers.second is None or "".join(read_lines(readers.second, [part])[0].split()) == said


def _winners(poll: Poll, drawn: Places, taken: Mapping[int, set[str]]) -> list[Claim]:
    """Codes with one letter far ahead, that no other code of the font draws or claims as strongly."""
    claims: dict[tuple[int, str], list[Claim]] = {}
    for mark in drawn:
        claim = _claim(mark, poll)
        number = drawn[mark][0].number
        if claim and claim[1] not in taken[number]:
            claims.setdefault((number, claim[1]), []).append(claim)
    won = []
    for rivals in claims.values():
        rivals.sort(key=lambda claim: -claim[2])
        if len(rivals) == 1 or rivals[0][2] > CLEAR * rivals[1][2]:
            won.append(rivals[0])
    return won


def _claim(mark: str, poll: Poll) -> Claim | None:
    """The letter most voted for, where the votes suffice; a code seen in numbers and in words must be one thing."""
    letters, digits = poll.letters.get(mark, Counter()), poll.digits.get(mark, Counter())
    votes = letters + digits
    if not votes:
        return None
    letter, count = votes.most_common(1)[0]
    share = count / votes.total()
    if letter in NUMERIC:
        least = LEAST_OF_DIGIT if digits[letter] == votes.total() or not letter.isdigit() else votes.total() + 1
        sure = share == 1.0 and digits[letter] >= least
    else:
        sure = share >= LEAST_SHARE and (count >= 2 or letter not in ALIKE)
    return (mark, letter, count, share) if sure else None
