"""Known labels as known plaintext: which letter each lost code stands for, by aligning damaged text with them.

A stretch of consecutive words is looked up by the lengths of its words. It fits when every surviving letter is the
label's, the same code always falls on the same letter, and no two codes of a font fall on one letter.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
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

    def add(self, mark: str, letter: str, places: Iterable[tuple[int, int, int]], evidence: int) -> None:
        """Count places of the document where ``letter`` stands for ``mark``: text, word and place in the word."""
        self.places.setdefault(mark, {}).setdefault(letter, set()).update(places)
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
    """A stretch with lost letters (``marks``) that has the word lengths of known ones, and the texts it stands in."""

    texts: Sequence[int]
    start: int
    words: Words
    letters: str
    marks: frozenset[str]
    whole: bool
    known: Sequence[Known]


class Part(NamedTuple):
    """A word of a clue with open letters: its number, where it begins, its open and its known letters by place.

    ``cased``: its known letters tell its case; one capital that begins a word does not.
    """

    number: int
    begin: int
    open: list[int]
    kept: list[int]
    cased: bool


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
    same: dict[Words, list[int]] = {}
    for number, text in enumerate(texts):
        same.setdefault(tuple(text), []).append(number)
    for words, numbers in same.items():
        if not any(mark in marks for word in words for mark in word):
            continue
        lengths = tuple(map(len, words))
        for start, end in ((stretch.start, stretch.end) for stretch in stretches(words)):
            known = index.get(lengths[start:end])
            letters = "".join(words[start:end]) if known else ""
            own = frozenset(mark for mark in letters if mark in marks)
            if known and own:
                found.append(Clue(numbers, start, words[start:end], letters, own, end - start == len(words), known))
    return found


def vote(clues: Iterable[Clue], letters: Mapping[str, str], fonts: Fonts) -> Ballot:
    """Let every stretch of the document that fits a known text vote for the letters of its lost codes.

    Evidence are its surviving letters and the returns of the same code; both are the same for whatever it fits.
    """
    ballot = Ballot()
    for clue in clues:
        if clue.marks <= letters.keys():
            continue
        reads = [letters.get(mark, mark) for mark in clue.letters]
        is_open = [mark in clue.marks and mark not in letters for mark in clue.letters]
        lost = [at for at, each in enumerate(is_open) if each]
        kept = [at for at, each in enumerate(is_open) if not each]
        survivors = tuple([reads[at] for at in kept])
        n_letters = sum(map(str.isalpha, survivors))
        evidence = n_letters + len(lost) - len({reads[at] for at in lost})
        if evidence < LEAST_OF_WHOLE:
            continue
        pick = _picker(kept)
        survivors = (*survivors, *survivors[-1:])
        small = tuple(map(str.lower, survivors))
        parts: list[Part] = []
        for known in clue.known:
            needed = LEAST_OF_WHOLE if known.whole and clue.whole else LEAST_EVIDENCE
            if evidence >= needed and pick(known.small) == small and _fits(reads, lost, known, fonts):
                odd = [at for at in kept if reads[at] != known.letters[at]] if pick(known.letters) != survivors else []
                if len(odd) < n_letters or not odd:  # else no word shows that it stands in the same case
                    parts = parts or _parts(clue, is_open)
                    _cast(ballot, clue, known, _in_case(parts, odd), evidence)
    return ballot


def _picker(places: Sequence[int]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """A quick way to take what stands at some places; the last is taken twice, so that there are always some."""
    return itemgetter(*places, places[-1]) if places else lambda _: ()


def _parts(clue: Clue, is_open: Sequence[bool]) -> list[Part]:
    found = []
    begin = 0
    for number, word in enumerate(clue.words):
        places = range(begin, begin + len(word))
        lost = [at for at in places if is_open[at]]
        if lost:
            survivors = [mark for mark in word if mark.isalpha()]
            cased = len(survivors) > 1 or any(map(str.islower, survivors))
            found.append(Part(number, begin, lost, [at for at in places if not is_open[at]], cased))
        begin += len(word)
    return found


def _in_case(parts: list[Part], odd: Sequence[int]) -> list[Part]:
    """The words of which no known letter is ``odd``, that is, stands in another case."""
    return [part for part in parts if part.cased and not any(at in part.kept for at in odd)] if odd else parts


def _fits(reads: Sequence[str], lost: Sequence[int], known: Known, fonts: Fonts) -> bool:
    """Whether the same code falls on the same letter throughout, and no two codes of a font on one."""
    found: dict[str, str] = {}
    owners: dict[tuple[int, str], str] = {}
    for at in lost:
        mark, letter = reads[at], known.letters[at]
        if mark in found:
            if found[mark] != letter:
                return False
            continue
        font = fonts.font_of[mark]
        if letter in fonts.taken.get(font, ()) or owners.setdefault((font, letter), mark) != mark:
            return False
        found[mark] = letter
    return True


def _cast(ballot: Ballot, clue: Clue, known: Known, parts: Iterable[Part], evidence: int) -> None:
    """Vote by each lost letter of words that stand there in the same case as the known ones."""
    same_start = (clue.start == 0) == known.begins
    for part in parts:
        for at in part.open:
            letter = known.letters[at]
            doubtful_case = at == 0 and not same_start and letter.isalpha()
            if not letter.isdigit() and not doubtful_case:
                places = [(text, clue.start + part.number, at - part.begin) for text in clue.texts]
                ballot.add(clue.letters[at], letter, places, evidence)
