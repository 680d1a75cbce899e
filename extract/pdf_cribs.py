"""Known labels as known plaintext: which letter each lost code stands for, by aligning damaged text with them.

A stretch of consecutive words is looked up by the lengths of its words. It fits when every surviving letter is the
label's, the same code always falls on the same letter, and no two codes of a font fall on one letter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

LONG, SHORT = 30, 16  # letters of a stretch: long ones also fit where nothing survived
LEAST_EVIDENCE = 10  # surviving letters and returns of the same code within a stretch
LEAST_OF_WHOLE = 6  # the same where a whole text is a whole known text
STRONG_EVIDENCE = 20

Words = Sequence[str]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive words of a text: where they begin and end."""

    start: int
    end: int


@dataclass(slots=True)
class Fonts:
    """Of each placeholder its font, and of each font the letters that some code of it is known to draw."""

    font_of: Mapping[str, int]
    taken: dict[int, set[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Ballot:
    """Votes for the letters of lost codes: placeholder -> letter -> places that say so; and the best evidence."""

    places: dict[str, dict[str, set[tuple[int, int, int]]]] = field(default_factory=dict)
    evidence: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, mark: str, letter: str, place: tuple[int, int, int], evidence: int) -> None:
        """Count one place of the document where ``letter`` stands for ``mark``."""
        self.places.setdefault(mark, {}).setdefault(letter, set()).add(place)
        self.evidence[mark, letter] = max(self.evidence.get((mark, letter), 0), evidence)

    def winner(self, mark: str) -> tuple[str, int, float, int]:
        """Give the letter with most places, their number, their share of all, and the best evidence."""
        votes = self.places[mark]
        letter = max(votes, key=lambda each: (len(votes[each]), each))
        count = len(votes[letter])
        return letter, count, count / sum(map(len, votes.values())), self.evidence[mark, letter]


CribIndex = Mapping[tuple[int, ...], Sequence[tuple[Words, bool, bool]]]
"""Stretches by the lengths of their words, each with whether it begins its text and whether it is all of it."""


def crib_index(known_texts: Sequence[str]) -> CribIndex:
    """Index the stretches of known texts, as printed and in capitals, by the lengths of their words."""
    index: dict[tuple[int, ...], list[tuple[Words, bool, bool]]] = {}
    seen: set[tuple[Words, bool, bool]] = set()
    for text in known_texts:
        for variant in {text, text.upper()}:
            words = variant.split()
            for stretch in stretches(words):
                piece = tuple(words[stretch.start : stretch.end])
                key = (piece, stretch.start == 0, len(piece) == len(words))
                if key not in seen:
                    seen.add(key)
                    index.setdefault(tuple(map(len, piece)), []).append(key)
    return index


def stretches(words: Words) -> Iterator[Stretch]:
    """Yield the shortest runs of words with enough letters, from each word; short texts as a whole."""
    lengths = [len(word) for word in words]
    for least in (SHORT, LONG):
        for start in range(len(words)):
            total, end = 0, start
            while end < len(words) and total < least:
                total += lengths[end]
                end += 1
            if total >= least or (start == 0 and total >= LEAST_OF_WHOLE and least == SHORT):
                yield Stretch(start, end)


def vote(texts: Sequence[Words], index: CribIndex, letters: Mapping[str, str], fonts: Fonts) -> Ballot:
    """Let every stretch of the document that fits a known text vote for the letters of its lost codes."""
    ballot = Ballot()
    for number, words in enumerate(texts):
        if not any(_unknown(word, letters, fonts.font_of) for word in words):
            continue
        for stretch in stretches(words):
            piece = words[stretch.start : stretch.end]
            for known, begins, whole in index.get(tuple(map(len, piece)), ()):
                fit = _fit(piece, known, letters, fonts)
                needed = LEAST_OF_WHOLE if whole and len(piece) == len(words) else LEAST_EVIDENCE
                if fit is not None and fit[0] >= needed:
                    same_start = (stretch.start == 0) == begins
                    _cast(ballot, fit, piece, known, (number, stretch.start), same_start)
    return ballot


def _unknown(word: str, letters: Mapping[str, str], font_of: Mapping[str, int]) -> bool:
    return any(mark in font_of and mark not in letters for mark in word)


def _fit(
    piece: Words, known: Words, letters: Mapping[str, str], fonts: Fonts
) -> tuple[int, dict[str, str], Set[int]] | None:
    """Compare a stretch with a known one: the evidence, the letters of the codes, and the words with another case."""
    found: dict[str, str] = {}
    owners: dict[tuple[int, str], str] = {}
    evidence = 0
    odd: set[int] = set()
    for at, (word, other) in enumerate(zip(piece, known, strict=True)):
        for mark, letter in zip(word, other, strict=True):
            read = letters.get(mark, mark)
            font = fonts.font_of.get(read)
            if font is None:
                if read != letter:
                    if read.lower() != letter.lower():
                        return None
                    odd.add(at)
                evidence += read.isalpha()
            elif found.setdefault(read, letter) != letter or owners.setdefault((font, letter), read) != read:
                return None
            if font is not None and letter in fonts.taken.get(font, ()):
                return None
    repeats = sum(mark in found for word in piece for mark in word) - len(found)
    return evidence + repeats, found, odd


def _cast(
    ballot: Ballot,
    fit: tuple[int, dict[str, str], Set[int]],
    piece: Words,
    known: Words,
    place: tuple[int, int],
    same_start: bool,
) -> None:
    evidence, found, odd = fit
    for at, (word, other) in enumerate(zip(piece, known, strict=True)):
        if at in odd or (odd and not _shows_case(word, found)):
            continue
        for position, (mark, letter) in enumerate(zip(word, other, strict=True)):
            doubtful_case = position == 0 and at == 0 and not same_start and letter.isalpha()
            if mark in found and not letter.isdigit() and not doubtful_case:
                ballot.add(mark, letter, (place[0], place[1] + at, position), evidence)


def _shows_case(word: str, found: Mapping[str, str]) -> bool:
    """Whether the surviving letters of a word tell its case; one capital that begins a word does not."""
    survivors = [mark for mark in word if mark.isalpha() and mark not in found]
    return any(mark.islower() for mark in survivors) or len(survivors) > 1
