"""How the letters of strings that are shown together stand beside each other, worked out once for each such array.

Most arrays hold a line of text from left to right, whose words are known without a look at where each letter stands.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from extract.pdf_codes import MOST_KEPT, FontCodes
from extract.pdf_content import parts_of, value_of

WORD_GAP = 0.2  # of the letter size; the narrowest word spaces of justified text are about a quarter
NEAR_GAP = 1e-6  # so near to a word gap, only the places on the page decide
TIGHT = 0.1  # of the letter size: a letter so near to the one before may be the same one again
FIRST_COMBINING = "\u0300"


class Layout(NamedTuple):
    """Marks from left to right: their text with a space for each blank or gap, and places in units of the matrix.

    ``start``, ``last`` and ``end`` are the left edge of the first mark and both edges of the last one, ``middles`` the
    middles of these two; ``left`` and ``right`` the edges of what can be seen (``left`` is ``None`` where nothing can),
    ``reach`` its farthest edge, ``word`` the right edge of the first word where another may follow. ``step`` is where
    the next string begins. ``blank_first`` and ``blank_last``: the first and the last mark are blank.
    """

    text: str
    n_marks: int
    n_strings: int
    start: float
    last: float
    end: float
    middles: tuple[float, float]
    left: float | None
    right: float
    reach: float
    word: float | None
    step: float
    blank_first: bool
    blank_last: bool


_layout = partial(tuple.__new__, Layout)  # a page has hundreds of them

Spacing = tuple[float, float, float]
"""What is added after each letter and after each space, in letter sizes; letter widths by letter heights."""


def lay_out(codes: FontCodes, array: bytes, spacing: Spacing) -> Layout | None:
    """The layout of an array of strings in a font; ``None`` where marks must be looked at one by one.

    Those are marks that stand on the one before or left of it, tones that are drawn over letters, and gaps of which
    it is not clear whether they part words.
    """
    key = (array, spacing)
    try:
        found: Layout | None = codes.layouts[key]
    except KeyError:
        if len(codes.layouts) > MOST_KEPT:
            codes.layouts.clear()
        found = codes.layouts[key] = _laid_out(codes, parts_of(array), spacing)
    return found


def _laid_out(codes: FontCodes, parts: Sequence[bytes], spacing: Spacing) -> Layout | None:
    if len(codes.strings) > MOST_KEPT:
        codes.strings.clear()
    known = codes.strings.get(spacing)
    if known is None:
        known = codes.strings[spacing] = _Parts(codes, spacing)
    elif len(known) > MOST_KEPT:
        known.clear()
    found = [*map(known.__getitem__, parts)]
    return found[0] if len(found) == 1 and not isinstance(found[0], float) else _joined(found, spacing[2])


class _Parts(dict[bytes, "Layout | float | None"]):
    """The strings of a font laid out, each when it is first asked for, and the steps back that numbers ask for."""

    def __init__(self, codes: FontCodes, spacing: Spacing) -> None:
        self._codes, self._spacing = codes, spacing

    def __missing__(self, part: bytes) -> Layout | float | None:
        """What a string or number is; ``None`` where marks must be looked at one by one."""
        value = value_of(part)
        if isinstance(value, bytes):
            found: Layout | float | None = _string(self._codes.decode(value), self._spacing)
        else:
            found = value * 0.001
        self[part] = found
        return found


def _string(  # noqa: C901 -- one pass, as below
    marks: Sequence[tuple[str, float, bool]], spacing: Spacing
) -> Layout | None:
    """The layout of one string, as ``_joined`` has it, for marks without steps between them."""
    between, after_space, ratio = spacing
    wide, doubtful, tight = (WORD_GAP + NEAR_GAP) / ratio, (WORD_GAP - NEAR_GAP) / ratio, TIGHT / ratio
    texts: list[str] = []
    x = last = end = right = reach = first_middle = last_middle = 0.0
    left: float | None = None
    word: float | None = None
    blank_first = blank_last = False
    for letter, advance, spaced in marks:
        if letter >= FIRST_COMBINING and len(letter) == 1 and unicodedata.combining(letter):
            return None
        is_blank = letter.isspace()
        last_middle = x + advance / 2
        if not texts:
            first_middle, blank_first = last_middle, is_blank
        elif x - last < tight:
            return None
        last, end = x, x + advance
        if is_blank:
            letter = " "
        else:
            if left is None:
                left, reach = x, end
            elif blank_last:
                word = right if word is None else word
            elif x - right > wide:
                texts.append(" ")
                word = right if word is None else word
            elif x - right > doubtful:
                return None
            right = end
            reach = max(reach, end)
        texts.append(letter)
        blank_last = is_blank
        x += advance + between + (after_space if spaced else 0.0)
    if word is None and blank_last and left is not None and len(marks) > 1:
        word = right
    middles = (first_middle, last_middle)
    return _layout((
        "".join(texts), len(marks), 1, 0.0, last, end, middles, left, right, reach, word, x, blank_first, blank_last,
    ))  # fmt: skip


def _joined(  # noqa: C901 -- one pass, since most of the time of a page goes here
    parts: Sequence[Layout | float | None], ratio: float
) -> Layout | None:
    """One layout of several, each of which begins where the one before ends, after the steps back between them."""
    wide, doubtful, tight = (WORD_GAP + NEAR_GAP) / ratio, (WORD_GAP - NEAR_GAP) / ratio, TIGHT / ratio
    texts: list[str] = []
    n_marks = n_strings = 0
    x = start = last = end = right = reach = first_middle = last_middle = 0.0
    left: float | None = None
    word: float | None = None
    blank_first = blank_last = False
    for part in parts:
        if isinstance(part, float):
            x -= part
            continue
        if part is None:
            return None
        (text, marks, own_strings, begin, own_last, own_end, middles, own_left, own_right, own_reach, own_word, step,
         starts_blank, ends_blank) = part  # fmt: skip
        n_strings += own_strings
        if not marks:
            continue
        if not n_marks:
            start, first_middle, blank_first = x + begin, x + middles[0], starts_blank
        elif x + begin - last < tight:
            return None
        if own_left is not None:
            if left is None:
                left, reach = x + own_left, x + own_reach
            elif not starts_blank and not blank_last:
                gap = x + own_left - right
                if gap > wide:
                    texts.append(" ")
                    if word is None:
                        word = right
                elif gap > doubtful:
                    return None
            elif word is None:
                word = right
            if word is None and own_word is not None:
                word = x + own_word
            right = x + own_right
            if x + own_reach > reach:
                reach = x + own_reach
        texts.append(text)
        n_marks += marks
        last, end, last_middle, blank_last = x + own_last, x + own_end, x + middles[1], ends_blank
        x += step
    if word is None and blank_last and left is not None:
        word = right
    middles = (first_middle, last_middle)
    return _layout((
        "".join(texts), n_marks, n_strings, start, last, end, middles, left, right, reach, word, x,
        blank_first, blank_last,
    ))  # fmt: skip
