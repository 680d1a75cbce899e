"""Abbreviations and synonyms written out in folded text, and the words that tell two indicators apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from normalize.text import fold, is_damaged, survive, words_of

Word = tuple[str, re.Pattern[str], str]
NEUTRAL = "-"
"""The meaning of a word that only hides a shorter one inside it."""

_PASSES = 4
_REMEMBERED = 65536


@dataclass(frozen=True)
class Thesaurus:
    """Pairs of a text and what it stands for, as the file gives them."""

    entries: tuple[tuple[str, str], ...] = ()

    @cached_property
    def _long_forms(self) -> dict[str, str]:
        return {fold(text): fold(canonical) for text, canonical in self.entries if fold(text) != fold(canonical)}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        stays = {fold(canonical) for _, canonical in self.entries}  # is not read again as a shorter word and its rest
        words = sorted(stays | set(self._long_forms), key=len, reverse=True)
        return re.compile(r"\b(?:" + "|".join(map(re.escape, words)) + r")\b") if words else re.compile(r"(?!)")

    @cached_property
    def _expanded(self) -> dict[str, str]:
        return {}

    def expand(self, folded: str) -> str:
        """A folded text with each abbreviation and synonym replaced by what it stands for, until nothing changes."""
        known = self._expanded.get(folded)
        if known is not None:
            return known
        asked = folded
        for _ in range(_PASSES):
            before, folded = folded, self._pattern.sub(lambda found: self._long_forms.get(found[0], found[0]), folded)
            if before == folded:
                break
        if len(self._expanded) > _REMEMBERED:
            self._expanded.clear()
        self._expanded[asked] = folded
        return folded


@dataclass(frozen=True, eq=False)
class Decisive:
    """Words that must agree between a row and an indicator, by group: two levels, two tiers, two channels ..."""

    entries: tuple[tuple[str, str, str], ...] = ()
    shortest_survivor: int = 3

    @cached_property
    def _printed(self) -> dict[str, list[Word]]:
        return self._whole_words(words_of)

    @cached_property
    def _folded(self) -> dict[str, list[Word]]:
        return self._whole_words(fold)

    def _whole_words(self, form: Callable[[str], str]) -> dict[str, list[Word]]:
        rows = ((group, form(text), meaning) for group, text, meaning in self.entries)
        whole = ((group, text, re.compile(rf"\b{re.escape(text)}\b"), meaning) for group, text, meaning in rows)
        return _grouped(whole)

    @cached_property
    def _survived(self) -> dict[str, list[Word]]:
        rows = ((g, survive(text), m) for g, text, m in self.entries if len(survive(text)) >= self.shortest_survivor)
        return _grouped((group, text, re.compile(re.escape(text)), meaning) for group, text, meaning in rows)

    def all_meanings(self) -> list[str]:
        """Every meaning that a word has, those that only hide shorter words left out."""
        return [one for _, _, meaning in self.entries if meaning != NEUTRAL for one in meaning.split(";")]

    def meanings(self, text: str) -> dict[str, frozenset[str]]:
        """What a text says in each group that it speaks of; a longer word hides the shorter ones inside it."""
        if text not in self._known:
            if len(self._known) > _REMEMBERED:
                self._known.clear()
            self._known[text] = self._read(text)
        return self._known[text]

    @cached_property
    def _known(self) -> dict[str, dict[str, frozenset[str]]]:
        return {}

    def _read(self, text: str) -> dict[str, frozenset[str]]:
        result = _meanings(words_of(text), self._printed)
        if is_damaged(text):
            for lost in (_meanings(fold(text), self._folded), _meanings(survive(text), self._survived)):
                for group, meanings in lost.items():
                    result[group] = result.get(group, frozenset()) | meanings
        for group, meanings in _meanings(self._mend(fold(text)), self._folded_phrases).items():
            result.setdefault(group, meanings)
        return result

    @cached_property
    def _folded_phrases(self) -> dict[str, list[Word]]:
        return {group: [word for word in words if " " in word[0]] for group, words in self._folded.items()}

    @cached_property
    def _syllables(self) -> frozenset[str]:
        return frozenset(syllable for _, text, _ in self.entries for syllable in fold(text).split())

    def _mend(self, folded: str) -> str:
        """A folded text with c for e and l for 1 where that makes a syllable of these words: readers of pictures mix
        them up."""
        mended = (_unmixed(word, self._syllables) for word in folded.split())
        return " ".join(mended)


def _unmixed(word: str, known: frozenset[str]) -> str:
    if word in known or not ("e" in word or "1" in word):
        return word
    spellings = (word.replace(wrong, right, times) for wrong, right in (("e", "c"), ("1", "l")) for times in (1, -1))
    return next((one for one in spellings if one in known), word)


def _grouped(
    rows: Iterable[tuple[str, str, re.Pattern[str], str]],
) -> dict[str, list[Word]]:
    result: dict[str, list[Word]] = {}
    for group, text, pattern, meaning in sorted(rows, key=lambda row: -len(row[1])):
        result.setdefault(group, []).append((text, pattern, meaning))
    return result


def _meanings(text: str, groups: dict[str, list[Word]]) -> dict[str, frozenset[str]]:
    result: dict[str, frozenset[str]] = {}
    for group, patterns in groups.items():
        left, found = text, set()
        for word, pattern, meaning in patterns:
            if word not in left:
                continue
            left, times = pattern.subn("|", left)
            if times and meaning != NEUTRAL:
                found.update(meaning.split(";"))
        if found:
            result[group] = frozenset(found)
    return result
