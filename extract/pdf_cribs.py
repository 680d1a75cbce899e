"""Known labels as known plaintext: which letter each lost code stands for, by aligning damaged text with them.

A stretch of consecutive words is looked up by the lengths of its words. It fits when every surviving letter is the
label's, the same code always falls on the same letter, and no two codes of a font fall on one letter.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

LONG, SHORT = 30, 16  # letters of a stretch: long ones also fit where nothing survived
LEAST_EVIDENCE = 10  # surviving letters and returns of the same code within a stretch
BITS = 32  # of a letter
_LETTER = (1 << BITS) - 1
LEAST_OF_WHOLE = 6  # the same where a whole text is a whole known text
STRONG_EVIDENCE = 20

Words = Sequence[str]


@dataclass(slots=True)
class Fonts:
    """Of each placeholder its font, and of each font the letters that some code of it is known to draw."""

    font_of: Mapping[str, int]
    taken: dict[int, set[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Votes:
    """Places that say one letter of a lost code, and the best evidence for it.

    A place is the number of a letter, counted through all texts that differ, with how many texts have it.
    """

    evidence: int = 0
    places: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Ballot:
    """Votes for the letters of lost codes, by placeholder and letter."""

    votes: dict[tuple[str, str], Votes] = field(default_factory=dict)

    def winners(self) -> Iterator[tuple[str, str, int, float, int]]:
        """Give each placeholder with the letter that has most places, their number, share of all, best evidence."""
        counts: dict[str, dict[str, int]] = {}
        for (mark, letter), votes in self.votes.items():
            counts.setdefault(mark, {})[letter] = sum(votes.places.values())
        for mark, found in counts.items():
            letter = max(found, key=lambda each: (found[each], each))
            count = found[letter]
            yield mark, letter, count, count / sum(found.values()), self.votes[mark, letter].evidence


class Known(NamedTuple):
    """A stretch of a known text: its letters in a row, and where it stands in it.

    ``small`` and ``exact`` are the letters as numbers, in small letters and as they are; ``upper``: all are capitals,
    ``lower``: none is.
    """

    letters: str
    small: int
    exact: int
    upper: bool
    lower: bool
    begins: bool
    whole: bool


CribIndex = Mapping[tuple[int, ...], Sequence[Known]]
"""Stretches of known texts by the lengths of their words."""


class Clue(NamedTuple):
    """A stretch with lost letters (``marks``) that has the word lengths of known ones.

    ``places`` are the numbers of its first letter wherever it stands, each with how many texts have it there;
    ``begins``: a text begins with it.
    """

    places: list[tuple[int, int]]
    begins: bool
    words: Words
    letters: str
    marks: frozenset[str]
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
            for start, end in stretches(list(accumulate(map(len, words), initial=0))):
                piece = tuple(words[start:end])
                key = (piece, start == 0, len(piece) == len(words))
                if key not in seen:
                    seen.add(key)
                    letters = "".join(piece)
                    numbers = _number(_small(letters)), _number(letters)
                    known = Known(letters, *numbers, letters.isupper(), letters.islower(), *key[1:])
                    index.setdefault(tuple(map(len, piece)), []).append(known)
    return index


def _small(letters: str) -> str:
    """The same number of letters, as small ones."""
    small = letters.lower()
    return small if len(small) == len(letters) else "".join(min(each.lower(), each, key=len) for each in letters)


def _number(letters: str) -> int:
    """Letters as one number, so that many are compared at once; the first in its lowest ``BITS``."""
    return int.from_bytes(letters.encode("utf-32-le"), "little")


def stretches(begins: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Where the shortest runs of words with enough letters begin and end, from each word; short texts as a whole.

    ``begins``: how many letters stand before each word, and how many there are in all.
    """
    n_words = len(begins) - 1
    for least in (SHORT, LONG):
        for start in range(n_words):
            end = bisect_left(begins, begins[start] + least, start)
            if end <= n_words:
                yield start, end
                continue
            if start == 0 and begins[-1] >= LEAST_OF_WHOLE and least == SHORT:
                yield start, n_words
            break  # there are fewer from the words that follow


def clues_of(texts: Sequence[Words], marks: Iterable[str], index: CribIndex) -> list[Clue]:
    """The stretches of the document with lost letters (``marks``) in them that could be known ones by their lengths."""
    found: dict[tuple[Words, bool, bool], Clue] = {}
    marks = frozenset(marks)
    place = 0
    for words, n_texts in Counter(map(tuple, texts)).items():
        text = "".join(words)
        lost = [at for at, mark in enumerate(text) if mark in marks]
        if not lost:
            continue
        lengths = tuple(map(len, words))
        begins = list(accumulate(lengths, initial=0))
        n_lost = [bisect_left(lost, begin) for begin in begins]
        for start, end in stretches(begins):
            known = index.get(lengths[start:end]) if n_lost[start] < n_lost[end] else None
            if known:
                key = (words[start:end], start == 0, end - start == len(words))
                clue = found.get(key)
                if clue is None:
                    letters = text[begins[start] : begins[end]]
                    own = frozenset([text[at] for at in lost[n_lost[start] : n_lost[end]]])
                    clue = found[key] = Clue([], start == 0, key[0], letters, own, key[2], known)
                clue.places.append((place + begins[start], n_texts))
        place += len(text)
    return list(found.values())


def vote(clues: Iterable[Clue], letters: Mapping[str, str], fonts: Fonts) -> Ballot:
    """Let every stretch of the document that fits a known text vote for the letters of its lost codes.

    Evidence are its surviving letters and the returns of the same code; both are the same for whatever it fits. A
    stretch fits where the same code falls on the same letter throughout, and no two codes of a font on one.
    """
    ballot = Ballot()
    font_of = fonts.font_of
    table = {ord(mark): letter if len(letter) == 1 else "\0" for mark, letter in letters.items()}
    taken = {(font, letter) for font, own in fonts.taken.items() for letter in own}
    for clue in clues:
        marks = clue.marks.difference(letters)
        if not marks:
            continue
        reads = clue.letters.translate(table) if table else clue.letters
        lost = [at for at, mark in enumerate(clue.letters) if mark in marks]
        n_letters = sum(map(str.isalpha, reads))
        evidence = n_letters + len(lost) - len(marks)
        if evidence < LEAST_OF_WHOLE:
            continue
        for known, as_printed in _alike(clue, reads, lost):
            if evidence < LEAST_EVIDENCE and not (known.whole and clue.whole):
                continue
            odd = [] if as_printed else _odd(reads, lost, known)
            if len(odd) < n_letters or not odd:  # else no word shows that it stands in the same case
                pairs = {(clue.letters[at], known.letters[at]) for at in lost}
                owned = {(font_of[mark], letter) for mark, letter in pairs}
                if len(pairs) == len(marks) == len(owned) and taken.isdisjoint(owned):
                    _cast(ballot, clue, known, _in_case(clue, lost, odd) if odd else lost, evidence)
    return ballot


def _alike(clue: Clue, reads: str, lost: Iterable[int]) -> Iterator[tuple[Known, bool]]:
    """The known stretches with the same letters but for ``lost`` ones, and whether these stand in the same case.

    Left out are capitals where all letters are small, and the other way round.
    """
    kept = (1 << BITS * len(reads)) - 1
    for at in lost:
        kept ^= _LETTER << BITS * at
    small, exact = _number(_small(reads)) & kept, _number(reads) & kept
    is_lower, is_upper = reads.islower(), reads.isupper()
    for known in clue.known:
        if known.small & kept == small:
            as_printed = known.exact & kept == exact
            if as_printed or not ((is_lower and known.upper) or (is_upper and known.lower)):
                yield known, as_printed


def _odd(reads: str, lost: Container[int], known: Known) -> list[int]:
    """The places of letters that stand in another case."""
    pairs = enumerate(zip(reads, known.letters, strict=True))
    return [at for at, (one, other) in pairs if one != other and at not in lost]


def _in_case(clue: Clue, lost: Sequence[int], odd: Sequence[int]) -> list[int]:
    """The open places of the words whose case is known and of which no known letter is ``odd``: in another case."""
    found: list[int] = []
    begin = 0
    for word in clue.words:
        end = begin + len(word)
        own = lost[bisect_left(lost, begin) : bisect_left(lost, end)]
        if own and bisect_left(odd, begin) == bisect_left(odd, end):
            survivors = [mark for mark in word if mark.isalpha()]  # one capital that begins a word tells nothing
            if len(survivors) > 1 or any(map(str.islower, survivors)):
                found += own
        begin = end
    return found


def _cast(ballot: Ballot, clue: Clue, known: Known, places: Iterable[int], evidence: int) -> None:
    """Vote by each of these lost letters."""
    doubtful_case = clue.begins != known.begins  # of the first letter
    for at in places:
        letter = known.letters[at]
        pair = (clue.letters[at], letter)
        votes = ballot.votes.get(pair)
        if votes is None or (at == 0 and doubtful_case):
            if letter.isdigit() or (doubtful_case and at == 0 and letter.isalpha()):
                continue
            votes = ballot.votes.setdefault(pair, Votes())
        for place, n_texts in clue.places:
            votes.places[place + at] = n_texts
        if votes.evidence < evidence:
            votes.evidence = evidence
