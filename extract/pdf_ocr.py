"""Letters for lost codes from the picture of the page: each line that holds one is read, and each code is voted on.

Votes are counted per font and code and never per word, so that one misreading has no effect. Digits, and the signs
within numbers, count only where readers that have nothing in common say the same.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np

from extract.model import LetterRepair
from extract.ocr_engines import LINE, Engines, Word, engines, missing, read_digits, read_lines, read_words
from extract.ocr_grid import Image, cv2
from extract.pdf_codes import FIRST_PLACEHOLDER, FontCodes
from extract.pdf_lines import Line
from extract.pdf_outlines import Code, Drawings
from extract.pdf_repair import ALPHABET, Lexicon, lexicon_of
from extract.pdf_tables import PageBlocks
from extract.syllables import is_word

SCALE = 300 / 72
MARGIN = 14
ABOVE, BELOW = 1.25, 0.45  # letter sizes from the baseline; part of the next line may come in and is erased
DARK = 200
RULE = 0.12  # letter sizes: what is long and thinner than this is no letter
ROUNDS = 4  # the last without reading: by then the words beside a letter are whole
LINES_OF_CODE = 8
MOST_LINES = 400
LEAST_SHARE = 0.9
LEAST_OF_DIGIT = 3
CLEAR = 3  # times as many votes as another code of the font that claims the same letter
NUMERIC = frozenset("0123456789.,%-")
ALIKE = frozenset("0123456789OoQDIl|!iSsBZz.,;:'’-–")
"""What one reader takes for another: never by a single vote."""

_PART = re.compile("(?:[^\\W_]|[\U000f0000-\U000fffff])+")

Places = Mapping[str, tuple[FontCodes, int]]
Claim = tuple[str, str, int, float]
"""A placeholder, its letter, the votes for it and their share."""


@dataclass(slots=True)
class Poll:
    """Votes by placeholder: of words for letters, of words that are likely misread, and of agreed numbers."""

    lexicon: Lexicon
    drawings: Drawings = field(default_factory=lambda: Drawings({}))
    contexts: dict[str, set[tuple[str, str, str]]] = field(default_factory=dict)
    letters: dict[str, Counter[str]] = field(default_factory=dict)
    doubtful: dict[str, Counter[str]] = field(default_factory=dict)
    digits: dict[str, Counter[str]] = field(default_factory=dict)

    def settle(self, found: Mapping[str, str]) -> None:
        """Put letters that were found meanwhile into the words that were remembered."""
        table = {ord(mark): letter.lower() for mark, letter in found.items()}
        for mark, contexts in self.contexts.items():
            whole = [(one.translate(table), word, two.translate(table)) for one, word, two in contexts]
            if mark not in found:
                self.contexts[mark] = {(one, word.translate(table), two) for one, word, two in whole}


def letters_by_ocr(
    data: bytes,
    pages: Sequence[PageBlocks],
    letters: Mapping[str, str],
    places: Places,
    known_texts: Sequence[str],
    drawings: Drawings,
) -> tuple[dict[str, str], tuple[LetterRepair, ...]]:
    """Read the lines that still hold lost letters from the page's picture; gives placeholder -> letter, and records.

    ``letters`` are those that are known. Nothing is found without the programs for it, nor for fonts whose program is
    not in the file: what a picture shows then is another font's letter.
    """
    drawn = {mark: place for mark, place in places.items() if mark not in letters and _is_embedded(place[0].font)}
    if not drawn or missing():
        return {}, ()
    poll = Poll(lexicon_of(known_texts), drawings)
    found: dict[str, str] = {}
    records: list[LetterRepair] = []
    read: set[Line] = set()
    for at in range(ROUNDS):
        open_places = {mark: place for mark, place in drawn.items() if mark not in found}
        table = {ord(mark): letter for mark, letter in {**letters, **found}.items()}
        chosen = _chosen(pages, open_places, read) if at < ROUNDS - 1 else []
        for line, crop in _crops(data, chosen):
            _count(line.text.translate(table), crop, engines(), open_places, poll)
        poll.settle(found)
        for mark, letter, _, share in _winners(poll, open_places, _taken({**letters, **found}, places)):
            found[mark] = letter
            records.append(LetterRepair(drawn[mark][0].name, drawn[mark][1], letter, "ocr", round(share, 4)))
        taken = _taken({**letters, **found}, places)
        for mark, letter in _composed(drawn.keys() - found.keys(), drawn, taken, drawings):
            found[mark] = letter
            records.append(LetterRepair(drawn[mark][0].name, drawn[mark][1], letter, "outline", 1.0))
    return found, tuple(records)


def _composed(
    marks: Iterable[str], drawn: Places, taken: Mapping[int, set[str]], drawings: Drawings
) -> Iterator[tuple[str, str]]:
    """Letters that the shapes known by now make of codes that are still open, one code a letter."""
    claims: dict[tuple[int, str], list[str]] = {}
    for mark in sorted(marks):
        font, code = drawn[mark]
        letter = drawings.letter_of((font.number, code))
        if letter and letter not in taken[font.number]:
            claims.setdefault((font.number, letter), []).append(mark)
    yield from ((found[0], letter) for (_, letter), found in claims.items() if len(found) == 1)


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


def _chosen(pages: Sequence[PageBlocks], drawn: Places, read: set[Line]) -> list[tuple[PageBlocks, Line]]:
    """Lines to read that were not, page by page: each that holds a lost code which few lines before it held."""
    seen: Counter[str] = Counter()
    chosen: list[tuple[PageBlocks, Line]] = []
    by_number = {page.page: page for page in pages}
    lines = [(page.page, line) for page in pages for line in page.lines]
    lines += [(cell.page, line) for page in pages for grid in page.grids for cell in grid.cells for line in cell.lines]
    for number, line in lines:
        marks = {mark for mark in line.text if mark in drawn}
        if line not in read and any(seen[mark] < LINES_OF_CODE for mark in marks) and len(read) < MOST_LINES:
            seen.update(marks)
            read.add(line)
            chosen.append((by_number[number], line))
    return sorted(chosen, key=lambda item: item[0].page)


def _crops(data: bytes, chosen: Sequence[tuple[PageBlocks, Line]]) -> Iterator[tuple[Line, Image]]:
    """The pictures of lines, in grey with white around; a page that is turned otherwise than read is left out."""
    import pypdfium2

    with pypdfium2.PdfDocument(data) as pdf:
        for number, group in groupby(chosen, key=lambda item: item[0].page):
            found = list(group)
            page, lines, sheet = found[0][0], [line for _, line in found], pdf[number - 1]
            width, height = sheet.get_size()
            alike = abs(width - page.width) < 1 and abs(height - page.height) < 1
            if alike and width * height * SCALE * SCALE < 40_000_000:
                left, top, picture = _picture(sheet, lines)
                yield from ((line, crop) for line in lines for crop in [_crop(picture, line, left, top)] if crop.size)
            sheet.close()


def _picture(sheet: Any, lines: Sequence[Line]) -> tuple[int, int, Image]:
    """The part of a page with the lines in it, in grey, and where its upper left corner stands, in pixels."""
    width, height = (math.ceil(side * SCALE) for side in sheet.get_size())
    spans = [_span(line) for line in lines]
    left, top = max(0, min(span[0] for span in spans)), max(0, min(span[1] for span in spans))
    right, bottom = max(span[2] for span in spans), max(span[3] for span in spans)
    if left >= min(right, width) or top >= min(bottom, height):
        return left, top, np.zeros((0, 0), np.uint8)
    cut = (left, height - bottom, width - right, top)  # what is cut off on each side, rounded up by the renderer
    drawn = sheet.render(scale=SCALE, crop=tuple(max(0.0, side - 0.5) / SCALE for side in cut))
    return left, top, np.asarray(drawn.to_pil().convert("L"), np.uint8)


def _span(line: Line) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a line in pixels, by its baseline and letter size: fonts lie about heights."""
    base, size = line.base * SCALE, line.size * SCALE
    top, bottom = max(0, round(base - ABOVE * size)), round(base + BELOW * size)
    return max(0, round(line.x0 * SCALE) - 3), top, round(line.x1 * SCALE) + 4, bottom


def _crop(picture: Image, line: Line, left: int, top: int) -> Image:
    """One line of a picture whose corner stands at ``left`` and ``top``, without its neighbours."""
    x0, y0, x1, y1 = _span(line)
    part = picture[y0 - top : max(0, y1 - top), x0 - left : max(0, x1 - left)].copy()
    if not part.size:
        return part
    base, size = line.base * SCALE, line.size * SCALE
    _, marks, stats, _ = cv2().connectedComponentsWithStats((part < DARK).astype(np.uint8), connectivity=8)
    upper, lower = base - y0 - 0.45 * size, base - y0 - 0.05 * size
    for at, (_, y, width, height, _) in enumerate(stats.tolist()):
        outside = (y + height < upper or y > lower) and (y == 0 or y + height == part.shape[0])
        if at and (outside or (height < RULE * size and width > 2 * size)):
            part[marks == at] = 255
    return np.pad(part, MARGIN, constant_values=255)


def _count(text: str, crop: Image, readers: Engines, drawn: Places, poll: Poll) -> None:
    """Read one line and count what it says of the lost codes in it."""
    templates, words = text.split(), read_words(readers.text, crop, LINE)
    if len(templates) == 1 and not any(_fits(templates[0], word.text) for word in words):
        said = _agreed_number(crop, readers)
        if _fits(templates[0], said):
            _vote(poll.digits, templates[0], said, drawn)
        return
    for at, word in _pairs(templates, words):
        template, said = templates[at], unicodedata.normalize("NFC", word.text)
        if not any(letter in drawn for letter in template):
            continue
        if set(said.strip("()")) <= NUMERIC:
            if _agreed_number(_part(crop, word), readers) == said.strip("()"):
                _vote(poll.digits, template, said, drawn)
        elif len(set(template)) > 1 and _is_sensible(said, poll.lexicon.words):
            doubtful = _better(template, said, poll.lexicon.words)
            _vote(poll.doubtful if doubtful else poll.letters, template, said, drawn)
            _remember(at, templates, drawn, poll)


def _remember(at: int, templates: Sequence[str], drawn: Places, poll: Poll) -> None:
    """Keep a word that lacks one letter with its neighbours, so that a single vote can be weighed against others."""
    before, after = (
        _PART.findall(word.lower()) for word in (templates[at - 1] if at else "", [*templates, ""][at + 1])
    )
    context = ("".join(before[-1:]), "".join(_PART.findall(templates[at].lower())), "".join(after[:1]))
    for mark in {letter for letter in templates[at] if letter in drawn}:
        poll.contexts.setdefault(mark, set()).add(context)


def _vote(votes: dict[str, Counter[str]], template: str, said: str, drawn: Places) -> None:
    for mark, letter in set(zip(template, said, strict=True)):
        if mark in drawn:
            votes.setdefault(mark, Counter())[letter] += 1


def _is_sensible(said: str, known: frozenset[str]) -> bool:
    """Whether a word as read can be meant: known or a syllable, perhaps with signs around it, or an abbreviation."""
    parts = _PART.findall(said)
    possible = (part.isalpha() and (is_word(part) or part.isupper() or part.lower() in known) for part in parts)
    return bool(parts) and all(possible)


def _better(template: str, said: str, lexicon: frozenset[str]) -> bool:
    """Whether the reader saw an unknown word where another mark on the same base letter makes a known one."""
    word, pattern = "".join(_PART.findall(said)).lower(), "".join(_PART.findall(template))
    if word in lexicon or len(pattern) != len(word):
        return False
    open_at = [at for at, letter in enumerate(pattern) if ord(letter) >= FIRST_PLACEHOLDER]
    return any(
        word[:at] + other + word[at + 1 :] in lexicon
        for at in open_at
        for other in ALPHABET
        if _base(other) == _base(word[at])
    )


def _base(letter: str) -> str:
    return "d" if letter == "đ" else unicodedata.normalize("NFD", letter)[0]


def _pairs(texts: Sequence[str], words: Sequence[Word]) -> Iterator[tuple[int, Word]]:
    """Numbers of words of the file with the words of the picture that they can be, from both ends while they fit."""
    if len(texts) == len(words):
        yield from ((at, word) for at, word in enumerate(words) if _fits(texts[at], word.text))
        return
    start = 0
    while start < min(len(texts), len(words)) and _fits(texts[start], words[start].text):
        yield start, words[start]
        start += 1
    end = 1
    while end <= min(len(texts), len(words)) - start and _fits(texts[-end], words[-end].text):
        yield len(texts) - end, words[-end]
        end += 1


def _fits(text: str, said: str) -> bool:
    said = unicodedata.normalize("NFC", said)
    if len(text) != len(said):
        return False
    pairs = set(zip(text, said, strict=True))
    lost = {pair for pair in pairs if ord(pair[0]) >= FIRST_PLACEHOLDER}
    return all(mark == letter for mark, letter in pairs - lost) and len({mark for mark, _ in lost}) == len(lost)


def _part(crop: Image, word: Word) -> Image:
    left, top, right, bottom = word.box
    part = crop[max(0, top - 4) : bottom + 5, max(0, left - 4) : right + 5]
    return np.pad(part, MARGIN, constant_values=255)


def _agreed_number(part: Image, readers: Engines) -> str:
    """The number in a picture when the readers of numbers see the same one, "" otherwise; one does for a lone sign."""
    said = read_digits(readers.digits, part)
    if said and said != "%" and readers.second is not None:
        other = "".join(read_lines(readers.second, [part])[0].split()).strip("()")
        return said if other == said else ""
    return said


def _winners(poll: Poll, drawn: Places, taken: Mapping[int, set[str]]) -> list[Claim]:
    """Codes with one letter far ahead, that no other code of the font draws or claims as strongly."""
    claims: dict[tuple[int, str], list[Claim]] = {}
    for mark in drawn:
        number = drawn[mark][0].number
        place = (number, drawn[mark][1])
        claim = _claim(mark, poll, taken[number], place)
        if claim and _is_drawn(place, claim, poll.drawings):
            claims.setdefault((number, claim[1]), []).append(claim)
    won = []
    for rivals in claims.values():
        rivals.sort(key=lambda claim: -claim[2])
        if len(rivals) == 1 or rivals[0][2] > CLEAR * rivals[1][2]:
            won.append(rivals[0])
    return won


def _is_drawn(place: Code, claim: Claim, drawings: Drawings) -> bool:
    """Whether the drawing of a code allows the letter claimed for it; the claim is noted in any case."""
    allowed = drawings.allows(place, claim[1])
    drawings.note(place, claim[1], claim[2])
    return allowed


def _claim(mark: str, poll: Poll, taken: set[str], place: Code) -> Claim | None:
    """The letter most voted for among those that no other code draws, where the votes suffice.

    A single vote does only for a letter that is not easily taken for another.
    """
    letters, digits = (
        Counter({letter: count for letter, count in votes.get(mark, Counter()).items() if letter not in taken})
        for votes in (poll.letters, poll.digits)
    )
    votes = letters + digits or Counter(poll.doubtful.get(mark, ()))
    if not votes:
        return None
    letter, count = votes.most_common(1)[0]
    share = count / votes.total()
    if letter in NUMERIC:
        sure = share == 1.0 and digits[letter] >= LEAST_OF_DIGIT
    else:
        sure = share >= LEAST_SHARE and (count >= 2 or letter not in ALIKE)
        letter = _by_context(mark, (letter, letters[letter]), poll, taken, place) if sure else letter
    return (mark, letter, count, share) if sure and letter else None


def _by_context(mark: str, voted: tuple[str, int], poll: Poll, taken: set[str], place: Code | None = None) -> str:
    """The letter of a code that only one word shows: as voted, unless its neighbours ask for another mark, or "".

    A reader mistakes one small mark for another; a second known word with the same base letters is a doubt, which
    only the words beside it can settle, or a second reading of a known word.
    """
    letter, count = voted
    contexts = poll.contexts.get(mark, set())
    if len({word for _, word, _ in contexts}) != 1:
        return letter
    known, beside = _possible(mark, letter, poll, taken, place)
    if len(beside) == 1:
        return beside[0]
    if known in ([], [letter]):
        return letter
    is_open = any(_has_lost(before + after) for before, _, after in contexts)
    return letter if not beside and not is_open and letter in known and count >= 2 else ""


def _has_lost(text: str) -> bool:
    return any(ord(letter) >= FIRST_PLACEHOLDER for letter in text)


def _possible(mark: str, letter: str, poll: Poll, taken: set[str], place: Code | None) -> tuple[list[str], list[str]]:
    """Letters with the same base that make a known word, and those of them that suit a word beside it."""
    known, beside = [], []
    for each in ALPHABET:
        other = each.upper() if letter.isupper() else each
        drawn = place is None or poll.drawings.allows(place, other)
        if _base(each) != _base(letter.lower()) or other in taken or not drawn:
            continue
        whole = {(before, word.replace(mark, each), after) for before, word, after in poll.contexts[mark]}
        if any(word in poll.lexicon.words for _, word, _ in whole):
            known.append(other)
            pairs = {pair for before, word, after in whole for pair in ((before, word), (word, after))}
            beside += [other] * bool(pairs & poll.lexicon.pairs)
    return known, beside
