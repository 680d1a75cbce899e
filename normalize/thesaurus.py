"""Abbreviations and synonyms written out in folded text, and the words that tell two indicators apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeVar

from normalize.text import fold, is_damaged, survive, words_of

Group = str
Meaning = str
NEUTRAL = "-"
"""The meaning of a word that only hides a shorter one inside it."""

_PASSES = 4
_REMEMBERED = 65536
_FIRST_LETTERS, _TORN_WORDS = 3, 6
_GLUED = re.compile(r"(?<=\b\d)(?=[^\W\d]{2})")

Phrases = dict[str, dict[str, list[tuple[list[str], list[str]]]]]
"""Phrases and what is written for each, longest first, by the first and the second word ("" where that is any)."""


@dataclass(frozen=True)
class Thesaurus:
    """Pairs of a text and what it stands for, as the file gives them."""

    entries: tuple[tuple[str, str], ...] = ()

    @cached_property
    def _phrases(self) -> Phrases:
        long_forms = {fold(text): fold(canonical) for text, canonical in self.entries if fold(text) != fold(canonical)}
        stays = {fold(canonical) for _, canonical in self.entries}  # is not read again as a shorter word and its rest
        found: Phrases = {}
        for phrase in sorted(filter(None, stays | set(long_forms)), key=len, reverse=True):
            first, second, *_ = words = [*phrase.split(), ""]
            written = long_forms.get(phrase, phrase).split()
            found.setdefault(first, {}).setdefault(second, []).append((words[:-1], written))
        return _with_single_words(found)

    @cached_property
    def _expanded(self) -> dict[str, str]:
        return {}

    def expand(self, folded: str) -> str:
        """A folded text with each abbreviation and synonym replaced by what it stands for, until nothing changes."""
        known = self._expanded.get(folded)
        if known is not None:
            return known
        words = folded.split(" ")
        for _ in range(_PASSES):
            before, words = words, self._replaced(words)
            if before == words:
                break
        if len(self._expanded) > _REMEMBERED:
            self._expanded.clear()
        self._expanded[folded] = " ".join(words)
        return self._expanded[folded]

    def _replaced(self, words: list[str]) -> list[str]:
        """The words with the longest phrase from each place on replaced, from left to right."""
        phrases, out, place = self._phrases, list[str](), 0
        while place < len(words):
            by_second, second = phrases.get(words[place], _NONE), words[place + 1] if place + 1 < len(words) else ""
            for phrase, written in by_second.get(second) or by_second.get("") or ():
                if words[place : place + len(phrase)] == phrase:
                    out += written
                    place += len(phrase)
                    break
            else:
                out.append(words[place])
                place += 1
        return out


_NONE: dict[str, list[tuple[list[str], list[str]]]] = {}
_Known = TypeVar("_Known")


def _with_single_words(known: dict[str, dict[str, list[_Known]]]) -> dict[str, dict[str, list[_Known]]]:
    """The same, with those of a single word beside all others that begin with it."""
    for by_second in known.values():
        for second, others in by_second.items():
            if second:
                others += by_second.get("", ())
    return known


class _Word(NamedTuple):
    """A word to be found: its rank (the longer the earlier), what is compared, its group and meaning, and whether this
    is what it looks like with a letter lost."""

    rank: tuple[int, int]
    parts: str | list[str]
    group: Group
    meaning: Meaning
    torn: bool = False


Known = dict[str, dict[str, list[_Word]]]
"""Words by the first and the second word of each ("" where that is any)."""


@dataclass(frozen=True, eq=False)
class Decisive:
    """Words that must agree between a row and an indicator, by group: two levels, two tiers, two channels ..."""

    entries: tuple[tuple[str, str, str], ...] = ()
    shortest_survivor: int = 3

    @cached_property
    def _printed(self) -> Known:
        return self._by_first_words(words_of)

    @cached_property
    def _folded(self) -> Known:
        return self._by_first_words(fold)

    def _by_first_words(self, form: Callable[[str], str]) -> Known:
        result: Known = {}
        for order, (group, text, meaning) in enumerate(self.entries):
            formed = form(text)
            if words := formed.split():
                second = words[1] if len(words) > 1 else ""
                word = _Word((-len(formed), order), words, group, meaning)
                result.setdefault(words[0], {}).setdefault(second, []).append(word)
        return _with_single_words(result)

    @cached_property
    def _survived(self) -> dict[str, list[_Word]]:
        result: dict[str, list[_Word]] = {}
        for order, (group, text, meaning) in enumerate(self.entries):
            left = survive(text)
            if len(left) >= self.shortest_survivor:
                result.setdefault(left[:_FIRST_LETTERS], []).append(_Word((-len(left), order), left, group, meaning))
        return result

    def all_meanings(self) -> list[str]:
        """Every meaning that a word has, those that only hide shorter words left out."""
        return [one for _, _, meaning in self.entries if meaning != NEUTRAL for one in meaning.split(";")]

    def meanings(self, text: str) -> dict[str, frozenset[str]]:
        """What a text says in each group that it speaks of; a longer word hides the shorter ones inside it."""
        found = self._known.get(text)
        if found is None:
            read = (words_of(text), fold(text), survive(text) if is_damaged(text) else None)
            found = self._known_as_read.get(read)
            if len(self._known) > _REMEMBERED:
                self._known.clear()
                self._known_as_read.clear()
                self._mended.clear()
            if found is None:
                found = self._known_as_read[read] = self._read(*read)
            self._known[text] = found
        return found

    @cached_property
    def _known(self) -> dict[str, dict[str, frozenset[str]]]:
        return {}

    @cached_property
    def _known_as_read(self) -> dict[tuple[str, str, str | None], dict[str, frozenset[str]]]:
        return {}

    def _read(self, words: str, folded: str, left: str | None) -> dict[str, frozenset[str]]:
        found = _whole_words(_GLUED.sub(" ", words).split(), self._printed)
        mended = self._mend(folded)
        mistaken = _whole_words([word for word, _ in mended], self._folded_phrases)
        changed = {place for place, (_, is_mended) in enumerate(mended) if is_mended}
        found += [one for one in mistaken if one.torn or not changed.isdisjoint(range(one.start, one.end))]
        result = _meanings(found)
        if left is not None:
            whole, torn = _whole_words(folded.split(), self._folded), _letters(left, self._survived)
            for lost in (_meanings(whole), _meanings(torn)):
                for group, meanings in lost.items():
                    result[group] = result.get(group, frozenset()) | meanings
        for group, meanings in _meanings(mistaken).items():
            result.setdefault(group, meanings)
        return result

    @cached_property
    def _folded_phrases(self) -> Known:
        """The words of several syllables; those of three to six also as they are with one letter lost."""
        result: Known = {}
        known = {fold(text) for _, text, _ in self.entries}
        for order, (group, text, meaning) in enumerate(self.entries):
            whole = fold(text)
            torn = (
                _with_a_letter_lost(whole.split(), self._syllables) - known
                if 2 <= whole.count(" ") < _TORN_WORDS
                else set()
            )
            for one in (whole, *sorted(torn)):
                words = one.split()
                if len(words) > 1:
                    word = _Word((-len(one), order), words, group, meaning, one != whole)
                    result.setdefault(words[0], {}).setdefault(words[1], []).append(word)
        return result

    @cached_property
    def _syllables(self) -> frozenset[str]:
        return frozenset(syllable for _, text, _ in self.entries for syllable in fold(text).split())

    def _mend(self, folded: str) -> list[tuple[str, bool]]:
        """The words of a folded text with c for e and l for 1 where that makes a syllable of these words (readers of
        pictures mix them up), each with whether it was changed."""
        mended = self._mended
        words = _GLUED.sub(" ", folded).split()
        for word in words:
            if word not in mended:
                mended[word] = _unmixed(word, self._syllables)
        return [(mended[word], mended[word] != word) for word in words]

    @cached_property
    def _mended(self) -> dict[str, str]:
        return {}


def _unmixed(word: str, known: frozenset[str]) -> str:
    if word in known or not ("e" in word or "1" in word):
        return word
    spellings = (word.replace(wrong, right, times) for wrong, right in (("e", "c"), ("1", "l")) for times in (1, -1))
    return next((one for one in spellings if one in known), word)


def _with_a_letter_lost(words: list[str], known: frozenset[str]) -> set[str]:
    """The ways to lose one letter of one word, where what is left is none of the known words."""
    found = set()
    for place, word in enumerate(words):
        for cut in range(len(word)):
            left = word[:cut] + word[cut + 1 :]
            if left and left not in known:
                found.add(" ".join((*words[:place], left, *words[place + 1 :])))
    return found


class _Found(NamedTuple):
    """A word where it stands: its rank, first and last place, group and meaning; whether it has lost a letter."""

    rank: tuple[int, int]
    start: int
    end: int
    group: Group
    meaning: Meaning
    torn: bool


def _whole_words(words: list[str], known: Known) -> list[_Found]:
    found = list[_Found]()
    if known.keys().isdisjoint(words):
        return found
    for place, (first, second) in enumerate(zip(words, (*words[1:], ""), strict=True)):
        if (by_second := known.get(first)) is None:
            continue
        for word in by_second.get(second) or by_second.get("") or ():
            end = place + len(word.parts)
            if words[place:end] == word.parts:
                found.append(_Found(word.rank, place, end, word.group, word.meaning, word.torn))
    return found


def _letters(text: str, known: dict[str, list[_Word]]) -> list[_Found]:
    found = []
    for place in range(len(text) - _FIRST_LETTERS + 1):
        for word in known.get(text[place : place + _FIRST_LETTERS], ()):
            if text.startswith(str(word.parts), place):
                found.append(_Found(word.rank, place, place + len(word.parts), word.group, word.meaning, False))
    return found


def _meanings(words: Iterable[_Found]) -> dict[str, frozenset[str]]:
    """What words say by group: of two that overlap the longer one counts."""
    taken: dict[str, set[int]] = {}
    said: dict[str, set[str]] = {}
    for _, start, end, group, meaning, _ in sorted(words):
        places = taken.setdefault(group, set())
        if places.isdisjoint(range(start, end)):
            places.update(range(start, end))
            if meaning != NEUTRAL:
                said.setdefault(group, set()).update(meaning.split(";"))
    return {group: frozenset(meanings) for group, meanings in said.items()}
