"""Known labels as known plaintext: which letter each lost code stands for, by aligning damaged text with them.

A stretch of consecutive words is looked up by the lengths of its words. It fits when every surviving letter is the
label's, the same code always falls on the same letter, and no two codes of a font fall on one letter.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

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


class Known(NamedTuple):
    """A stretch of a known text: its words, its letters in a row, these in small letters, and where it stands in it."""

    words: tuple[str, ...]
    letters: str
    small: tuple[str, ...]
    begins: bool
    whole: bool


CribIndex = Mapping[tuple[int, ...], Sequence[Known]]
"""Stretches of known texts by the lengths of their words."""


class Clue(NamedTuple):
    """A stretch of the document that has the word lengths of known ones, and the text that it begins or is all of."""

    text: int
    start: int
    words: Words
    letters: str
    whole: bool
    known: Sequence[Known]


@lru_cache(maxsize=4)
def crib_index(known_texts: tuple[str, ...]) -> CribIndex:
    """Index the stretches of known texts, as printed and in capitals, by the lengths of their words."""
    index: dict[tuple[int, ...], list[Known]] = {}
    seen: set[tuple[Words, bool, bool]] = set()
    for text in known_texts:
        for variant in dict.fromkeys((text, text.upper())):
            words = variant.split()
            for stretch in stretches(words):
                piece = tuple(words[stretch.start : stretch.end])
                key = (piece, stretch.start == 0, len(piece) == len(words))
                if key not in seen:
                    seen.add(key)
                    letters = "".join(piece)
                    known = Known(piece, letters, tuple(map(str.lower, letters)), *key[1:])
                    index.setdefault(tuple(map(len, piece)), []).append(known)
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


def clues_of(texts: Sequence[Words], marks: Container[str], index: CribIndex) -> list[Clue]:
    """The stretches of the document with lost letters (``marks``) in them that could be known ones by their lengths."""
    found = []
    for number, words in enumerate(texts):
        if not any(mark in marks for word in words for mark in word):
            continue
        lengths = tuple(map(len, words))
        for start, end in ((stretch.start, stretch.end) for stretch in stretches(words)):
            known = index.get(lengths[start:end])
            letters = "".join(words[start:end]) if known else ""
            if known and any(mark in marks for mark in letters):
                found.append(Clue(number, start, words[start:end], letters, end - start == len(words), known))
    return found


def vote(clues: Iterable[Clue], letters: Mapping[str, str], fonts: Fonts) -> Ballot:
    """Let every stretch of the document that fits a known text vote for the letters of its lost codes.

    Evidence are its surviving letters and the returns of the same code; both are the same for whatever it fits.
    """
    ballot = Ballot()
    for clue in clues:
        reads = [letters.get(mark, mark) for mark in clue.letters]
        lost = [at for at, read in enumerate(reads) if read in fonts.font_of]
        kept = [at for at, read in enumerate(reads) if read not in fonts.font_of]
        repeats = len(lost) - len({reads[at] for at in lost})
        evidence = sum(reads[at].isalpha() for at in kept) + repeats
        if not lost or evidence < LEAST_OF_WHOLE:
            continue
        survivors = [reads[at].lower() for at in kept]
        for known in clue.known:
            needed = LEAST_OF_WHOLE if known.whole and clue.whole else LEAST_EVIDENCE
            small = known.small
            if evidence >= needed and [small[at] for at in kept] == survivors and _fits(reads, lost, known, fonts):
                odd = {at for at in kept if reads[at] != known.letters[at]}
                _cast(ballot, clue, known, (lost, odd), evidence)
    return ballot


def _fits(reads: Sequence[str], lost: Sequence[int], known: Known, fonts: Fonts) -> bool:
    """Whether the same code falls on the same letter throughout, and no two codes of a font on one."""
    found: dict[str, str] = {}
    owners: dict[tuple[int, str], str] = {}
    for at in lost:
        mark, letter = reads[at], known.letters[at]
        font = fonts.font_of[mark]
        if found.setdefault(mark, letter) != letter or owners.setdefault((font, letter), mark) != mark:
            return False
        if letter in fonts.taken.get(font, ()):
            return False
    return True


def _cast(ballot: Ballot, clue: Clue, known: Known, split: tuple[Sequence[int], Set[int]], evidence: int) -> None:
    """Vote by each lost letter, but not in words that stand there in another case than the known ones."""
    lost, odd = split
    marks = {clue.letters[at] for at in lost}
    same_start = (clue.start == 0) == known.begins
    begin = 0
    for number, word in enumerate(clue.words):
        end = begin + len(word)
        own = [at for at in lost if begin <= at < end]
        is_odd = bool(odd) and (any(begin <= at < end for at in odd) or not _shows_case(word, marks))
        for at in own if not is_odd else ():
            letter = known.letters[at]
            doubtful_case = at == 0 and not same_start and letter.isalpha()
            if not letter.isdigit() and not doubtful_case:
                ballot.add(clue.letters[at], letter, (clue.text, clue.start + number, at - begin), evidence)
        begin = end


def _shows_case(word: str, lost: Set[str]) -> bool:
    """Whether the surviving letters of a word tell its case; one capital that begins a word does not."""
    survivors = [mark for mark in word if mark.isalpha() and mark not in lost]
    return any(mark.islower() for mark in survivors) or len(survivors) > 1
