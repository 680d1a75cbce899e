"""Letters for the codes that a PDF's fonts leave without one, by evidence that is weighed per font and code."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from extract.model import LetterRepair
from extract.pdf_codes import FontCodes, is_known
from extract.pdf_cribs import STRONG_EVIDENCE, Ballot, Fonts, Words, clues_of, crib_index, vote
from extract.pdf_fonts import program_letters
from extract.pdf_outlines import MAPPED, Code, Drawings
from extract.syllables import count_words, is_syllable

ROUNDS = 8
LEAST_SHARE = 0.9
LEAST_OF_PROGRAM = 0.95
ALPHABET = "aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ"
LEAST_WORDS = 3  # that the known texts hold
LEAST_POSSIBLE = 8  # that the grammar admits
LEAST_MARGIN = 4.0
KNOWN, BESIDE = 2.0, 3.0  # what a known word counts, and one beside a word that known texts have beside it
LEADER = 3  # of one mark in a row
WIDE = 0.75  # of the letter size: no digit is
DOTS = "\N{HORIZONTAL ELLIPSIS}"

_SAME = re.compile("([\U000f0000-\U000fffff])\\1*")
_WORD = re.compile("[^\\W\\d_\U000f0000-\U000fffff]*(?:[\U000f0000-\U000fffff][^\\W\\d_\U000f0000-\U000fffff]*)+")


@dataclass(slots=True)
class Repair:
    """What is known so far: letters by placeholder, and the record of how each was found."""

    places: Mapping[str, tuple[FontCodes, int]]
    drawings: Drawings
    letters: dict[str, str] = field(default_factory=dict)
    records: list[LetterRepair] = field(default_factory=list)

    def learn(self, mark: str, letter: str, source: str, share: float) -> None:
        """Take a letter for a placeholder."""
        font, code = self.places[mark]
        self.letters[mark] = letter
        self.records.append(LetterRepair(font.name, code, letter, source, round(share, 4)))

    def claim(self, mark: str, letter: str, weight: int) -> bool:
        """Note what a letter says of its drawing; tell whether the drawing allows it."""
        code = self.code_of(mark)
        allowed = self.drawings.allows(code, letter)
        self.drawings.note(code, letter, weight)
        return allowed

    def code_of(self, mark: str) -> Code:
        """The font's number and the code of a placeholder."""
        font, code = self.places[mark]
        return font.number, code

    def unknown(self) -> list[str]:
        """Placeholders that have no letter yet."""
        return [mark for mark in self.places if mark not in self.letters]


def repair_letters(
    places: Mapping[str, tuple[FontCodes, int]], texts: Sequence[str], known_texts: Sequence[str], drawings: Drawings
) -> tuple[dict[str, str], tuple[LetterRepair, ...]]:
    """Find the letters of lost codes. ``texts`` are the document's, with a placeholder for each lost letter.

    Gives placeholder -> letter for all that are certain, and a record of each; digits are never voted for. What each
    claim says of the ``drawings`` is noted there.
    """
    repair = Repair(places, drawings)
    _learn_from_programs(repair, texts)
    _learn_leaders(repair, texts)
    lexicon = lexicon_of(known_texts)
    words = [text.split() for text in texts]
    clues = clues_of(words, repair.places, crib_index(tuple(known_texts)))
    contexts = _words_by_mark(words, repair.places)
    for _ in range(ROUNDS):
        before = len(repair.letters)
        if before == len(places):
            break
        _learn_from_cribs(repair, vote(clues, repair.letters, _fonts(repair)), contexts)
        _learn_from_drawings(repair, contexts)
        if len(repair.letters) == before:
            _learn_from_syllables(repair, words, lexicon)
        if len(repair.letters) == before:
            break
    return repair.letters, tuple(repair.records)


def _learn_leaders(repair: Repair, texts: Sequence[str]) -> None:
    """Take a wide mark that stands in rows of itself for three dots in one: no letter or digit is set like that."""
    runs, all_of = Counter[str](), Counter[str]()
    for text in texts:
        for match in _SAME.finditer(text):
            mark = match.group(1)
            all_of[mark] += len(match.group())
            runs[mark] += len(match.group()) if len(match.group()) >= LEADER else 0
    fonts = _fonts(repair)
    for mark in repair.unknown():
        if not runs[mark]:
            continue
        font, _ = repair.places[mark]
        wide = all(advance >= WIDE for letter, advance, _ in font.cache.values() if letter == mark)
        free = DOTS not in fonts.taken[font.number]
        if wide and free and runs[mark] >= LEAST_SHARE * all_of[mark]:
            repair.learn(mark, DOTS, "leader", runs[mark] / all_of[mark])
            fonts.taken[font.number].add(DOTS)


def _learn_from_programs(repair: Repair, texts: Sequence[str]) -> None:
    """Take the program's own letters when they agree with what is known, or else read as words."""
    fonts = {font.number: font for font, _ in repair.places.values()}
    for number, font in fonts.items():
        lost = {mark: code for mark, (each, code) in repair.places.items() if each.number == number}
        drawn = {int.from_bytes(piece, "big") for piece in font.cache}
        program = program_letters(font.program, font.font, {*lost.values(), *drawn}) if font.program else {}
        names = {mark: program[code] for mark, code in lost.items() if code in program}
        share = _agreement(font, program, {**repair.letters, **names}, names, texts)
        if share >= LEAST_OF_PROGRAM:
            for mark, letter in names.items():
                repair.drawings.note(repair.code_of(mark), letter, MAPPED)
                repair.learn(mark, letter, "font", share)


def _agreement(
    font: FontCodes,
    program: Mapping[int, str],
    letters: Mapping[str, str],
    names: Mapping[str, str],
    texts: Sequence[str],
) -> float:
    """How far to trust a program's letters: by codes that are known anyway, else by the words that they make."""
    known = _known_codes(font)
    both = [letter == program[code] for code, letter in known.items() if code in program]
    if len(both) >= 5:
        return sum(both) / len(both)
    table = {ord(mark): letter for mark, letter in letters.items()}
    good = bad = 0
    for text in texts:
        if any(mark in names for mark in text):
            counted = count_words(text.translate(table))
            good, bad = good + counted[0], bad + counted[1]
    return good / (good + bad) if good >= 10 else 0.0


def _known_codes(font: FontCodes) -> dict[int, str]:
    return {int.from_bytes(piece, "big"): letter for piece, (letter, *_) in font.cache.items() if is_known(letter)}


def _fonts(repair: Repair) -> Fonts:
    """Letters that some code of a font already draws: another code of it does not draw them too."""
    fonts = Fonts({mark: font.number for mark, (font, _) in repair.places.items()})
    for font, _ in repair.places.values():
        if font.number not in fonts.taken:
            fonts.taken[font.number] = set(_known_codes(font).values())
    for mark, letter in repair.letters.items():
        fonts.taken[fonts.font_of[mark]].add(letter)
    return fonts


def _words_by_mark(texts: Iterable[Words], marks: Container[str]) -> dict[str, set[str]]:
    """The words that each lost code stands in."""
    found: dict[str, set[str]] = {}
    for word in {word for words in texts for word in words}:
        for mark in set(word):
            if mark in marks:
                found.setdefault(mark, set()).add(word)
    return found


def _learn_from_cribs(repair: Repair, ballot: Ballot, words: Mapping[str, Set[str]]) -> None:
    claims: dict[tuple[int, str], list[tuple[int, str, float]]] = {}
    for mark, letter, count, share, evidence in ballot.winners():
        firm = share >= LEAST_SHARE and (count >= 2 or evidence >= STRONG_EVIDENCE)
        if firm and repair.claim(mark, letter, min(count + 1, MAPPED)):
            claims.setdefault((repair.places[mark][0].number, letter), []).append((count, mark, share))
    for (_, letter), claimants in claims.items():
        claimants.sort(reverse=True)
        count, mark, share = claimants[0]
        alone = len(claimants) == 1 or count > 3 * claimants[1][0]
        if alone and _makes_words(mark, letter, words, repair.letters):
            repair.learn(mark, letter, "crib", share)


def _makes_words(mark: str, letter: str, words: Mapping[str, Set[str]], letters: Mapping[str, str]) -> bool:
    """Whether at least half of the words that a letter completes are possible syllables (abbreviations aside)."""
    table = {ord(key): value for key, value in {**letters, mark: letter}.items()}
    good = bad = 0
    for word in words.get(mark, ()):
        counted = count_words(word.translate(table)) if is_known(word.translate(table)) else (0, 0)
        good, bad = good + counted[0], bad + counted[1]
    return good >= bad


def _learn_from_drawings(repair: Repair, words: Mapping[str, Set[str]]) -> None:
    """Take the letters that known shapes make: the body of one letter and the marks of others."""
    fonts = _fonts(repair)
    for mark in repair.unknown():
        letter = repair.drawings.letter_of(repair.code_of(mark))
        free = letter and letter not in fonts.taken[fonts.font_of[mark]]
        if free and _makes_words(mark, letter, words, repair.letters):
            repair.learn(mark, letter, "outline", 1.0)
            fonts.taken[fonts.font_of[mark]].add(letter)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words and pairs of neighbouring words of the known texts, in small letters."""

    words: frozenset[str]
    pairs: frozenset[tuple[str, str]]


def lexicon_of(known_texts: Iterable[str]) -> Lexicon:
    """Collect the words of texts, and which stand beside each other."""
    return _lexicon(tuple(known_texts))


@lru_cache(maxsize=4)
def _lexicon(known_texts: tuple[str, ...]) -> Lexicon:
    words: set[str] = set()
    pairs: set[tuple[str, str]] = set()
    for text in known_texts:
        tokens = [_bare(token) for token in text.split()]
        words.update(token for token in tokens if token.isalpha())
        pairs.update(pairwise(tokens))
    return Lexicon(frozenset(words), frozenset(pairs))


def _learn_from_syllables(repair: Repair, words: Sequence[Words], lexicon: Lexicon) -> None:
    """Take for each remaining code the letter that makes its words possible, where one is far ahead of the others."""
    contexts = _contexts(words, repair)
    fonts = _fonts(repair)
    for mark in repair.unknown():
        seen = contexts.get(mark, set())
        free = set(_alphabet(mark, {word for _, word, _ in seen})) - fonts.taken[fonts.font_of[mark]]
        free = {letter for letter in free if repair.drawings.allows(repair.code_of(mark), letter)}
        if not free:
            continue
        ranked = sorted(((*_score(mark, letter, seen, lexicon), letter) for letter in free), reverse=True)
        best, possible, n_evidence, letter = ranked[0]
        second = ranked[1][0] if len(ranked) > 1 else 0.0
        # one known word beside another it is known to stand by does for a drawing that no other known word suits
        lone = repair.code_of(mark) in repair.drawings.outlines and best >= KNOWN + BESIDE and second < KNOWN
        enough = n_evidence >= (LEAST_WORDS - 1 if lone else LEAST_WORDS)
        if best - second >= LEAST_MARGIN and possible >= LEAST_SHARE and enough:
            repair.claim(mark, letter, LEAST_WORDS)
            repair.learn(mark, letter, "syllables", possible)
            fonts.taken[fonts.font_of[mark]].add(letter)


def _contexts(words: Sequence[Words], repair: Repair) -> dict[str, set[tuple[str, str, str]]]:
    """Words of which all letters but those of one code are known, by that code, each with its neighbours."""
    table = {ord(mark): letter for mark, letter in repair.letters.items()}
    found: dict[str, set[tuple[str, str, str]]] = {}
    for text in words:
        tokens = ["", *(token.translate(table) for token in text), ""]
        for at in range(1, len(tokens) - 1):
            if is_known(tokens[at]):
                continue
            for match in _WORD.finditer(tokens[at]):
                marks = {letter for letter in match.group() if not is_known(letter)}
                if len(marks) == 1 and len(set(match.group())) > 1:
                    found.setdefault(marks.pop(), set()).add(
                        (_bare(tokens[at - 1]), match.group(), _bare(tokens[at + 1]))
                    )
    return found


def _bare(word: str) -> str:
    """A neighbour as the lexicon knows it: small letters without punctuation; empty where letters of it are lost."""
    return word.strip(".,;:()\"'").lower() if is_known(word) else ""


def _alphabet(mark: str, words: Iterable[str]) -> str:
    """The letters a code can be by the case of those beside it: of both cases where it only ever begins a word."""
    lower = upper = False
    for word in words:
        rest = word.replace(mark, "")
        lower |= word[0] != mark and any(map(str.islower, rest))
        upper |= len(rest) > 1 and rest.isupper()
    if lower and upper:
        return ""
    return ALPHABET * (not upper) + ALPHABET.upper() * (not lower)


def _score(
    mark: str, letter: str, contexts: Iterable[tuple[str, str, str]], lexicon: Lexicon
) -> tuple[float, float, int]:
    """How well a letter suits: its score, the share of its words that are possible, how many known ones it makes."""
    words, pairs = set(), set()
    for before, word, after in contexts:
        whole = word.replace(mark, letter).lower()
        words.add(whole)
        pairs.update({(before, whole), (whole, after)} & lexicon.pairs)
    known = len(words & lexicon.words)
    possible = known + sum(is_syllable(word) for word in words - lexicon.words)
    score = KNOWN * known + 0.3 * (possible - known) - 3.0 * (len(words) - possible) + BESIDE * len(pairs)
    return score, possible / max(len(words), 1), max(known + len(pairs), possible - LEAST_POSSIBLE + LEAST_WORDS)
