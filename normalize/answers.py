"""Answers in words: a yes, a no, a tick, or a level whose codes the unit cell explains."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from normalize.model import Value
from normalize.text import fold
from normalize.vocabulary import Vocabulary

_ANSWER = re.compile(r"^(?P<word>[^\W\d_]+(?: [^\W\d_]+)*?) ?[,;:.(–-](?P<remark>.*)$", re.DOTALL)
_CODES = re.compile(r"([^=:;,\n]+?)\s*[=:]\s*(\d+)|(\d+)\s*[=:]\s*([^=:;,\n)]+)")
_CODED = re.compile(
    r"^(?:(?P<first>\d+) ?[-–.:(=] ?(?P<after>[^\d()]+)\)?|(?P<before>[^\d()]+?) ?[-–:(=] ?(?P<last>\d+)\)?)$"
)


@lru_cache(maxsize=4096)
def level_codes(unit: str) -> Mapping[str, int]:
    """The codes that a unit cell explains ("none = 0, under way = 1"), by folded word."""
    codes: dict[str, int] = {}
    for word, number, number_first, word_after in _CODES.findall(unit.replace("(", ";").replace("1/0", " ")):
        label, code = (word, number) if word else (word_after, number_first)
        if fold(label):
            codes[fold(label)] = int(code)
    return codes


def read_answer(plain: str, kind: str, unit: str, words: Vocabulary) -> Value | None:
    """A yes or no (as 1 and 0) or a level in words, perhaps with its code or a remark beside it; ``None`` for the rest.

    ``kind`` is boolean or level, ``unit`` the unit cell, which may explain the codes.
    """
    code = _code_of(plain, kind, unit, words)
    if code is not None:
        return Value(number=code, flags=("code_in_words",))
    if coded := _CODED.match(plain):
        number, told = int(coded["first"] or coded["last"]), (coded["after"] or coded["before"]).strip()
        code = _code_of(told, kind, unit, words)
        if code is not None:
            return Value(number=number) if code == number else Value(text=plain, reason="value_several")
    if answer := _ANSWER.match(plain):
        code, remark = _code_of(answer["word"], kind, unit, words), answer["remark"]
        if code is not None and not _gives_other(remark, code, kind, unit, words):
            return Value(number=code, status="U", flags=("code_in_words", "remark_beside"))
    return None


def _gives_other(remark: str, code: int, kind: str, unit: str, words: Vocabulary) -> bool:
    """Whether a remark begins with a figure or another answer, so that the first one may not be meant alone."""
    first = fold(remark).split(" ")[0]
    other = _code_of(re.split(r"[,;:.(]", remark.strip())[0].strip(), kind, unit, words)
    return not first or first.isdigit() or other not in (None, code)


def _code_of(plain: str, kind: str, unit: str, words: Vocabulary) -> int | None:
    """The code that a word stands for: by the unit cell, else for a yes or no by the vocabulary."""
    codes, folded = level_codes(unit), fold(plain)
    if folded and folded in codes:
        return codes[folded]
    if kind == "level":
        bare = [folded.removeprefix(done + " ") for done in words.folded("done") if folded.startswith(done + " ")]
        return codes.get(bare[0]) if bare else None
    ticked = plain.lower().strip("[]() ")
    meaning = words.printed("yes").get(ticked) or words.printed("no").get(ticked)
    return int(meaning) if meaning is not None else None
