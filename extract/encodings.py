"""In which encoding each text of a document is: one decision that pools all evidence, and the text in Unicode.

A cell such as ``tØ lÖ %`` is too short to tell by itself, fonts lie, and encodings mix within one sheet. So every
stretch of text is weighed twice: how well its letters make Vietnamese words in each encoding, and how likely the
encoding is where it stands. The second comes from the font's name, and then from what was found for the same font,
the whole document, the table and the column, in this order, the nearer outweighing the farther.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from extract.charsets import decode, mend
from extract.word_likelihood import (
    ENCODINGS,
    OFTEN,
    agrees,
    is_suspicious,
    leans_to_unicode,
    marked_words,
    read_text,
    reads_better,
    weigh,
)

__all__ = ["Decoded", "Piece", "Run", "decode", "decode_document", "main_encoding"]

SURE = 0.8
"""How probable a reading must be to be used, and to be called sure."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one font, as the file says; ``font`` is empty where it is not known."""

    text: str
    font: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """One cell or paragraph. ``group`` names its table or sheet, ``column`` its column there (both may be empty)."""

    runs: tuple[Run, ...]
    group: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A piece in Unicode (NFC). ``encoding`` is what it was in (``tcvn3+vni`` for both, ``ascii`` for plain letters).

    ``sure`` is False where the reading stays doubtful: the text is then left as it was. ``changed`` tells whether
    the text differs from what the file says.
    """

    text: str
    encoding: str
    sure: bool
    changed: bool


@dataclass(slots=True)
class _Stretch:
    """Runs of one piece that must share an encoding, with their evidence: log likelihood and belief by encoding.

    ``certain``: it is in Unicode whatever stands around it.
    """

    runs: list[Run]
    font: str
    keys: tuple[tuple[str, ...], ...]
    likelihood: tuple[float, ...]
    belief: tuple[float, ...] = ()
    certain: bool = False


# --- what a font's name proposes -------------------------------------------------------------------------------------

_FONTS = (
    (re.compile(r"\.?vn(?!i)|tcvn|abc\b", re.I), "tcvn3"),
    (re.compile(r"vni\b|vni[-_ ]", re.I), "vni"),
    (re.compile(r"vps\b", re.I), "vps"),
    (re.compile(r"visc|vi[- ](times|arial|helv|cour)", re.I), "viscii"),
    (re.compile(r"symbol|wingdings|webdings|zapf ?dingbats|mt extra|marlett", re.I), "pictures"),
)
_CAPITALS = re.compile(r"\.?vn(?!i).*h($|[-, ]|bold|ital)", re.I)
_USUAL = {"unicode": 0.95, "tcvn3": 0.028, "vni": 0.02, "cp1258": 0.001, "viscii": 0.0005, "vps": 0.0005}


@lru_cache(maxsize=1024)
def font_encoding(font: str) -> str:
    """Name the encoding that a font of this name is made for (``pictures`` for signs instead of letters), or ``""``."""
    return next((encoding for pattern, encoding in _FONTS if pattern.match(font.strip())), "")


@cache
def _prior(proposal: str) -> tuple[float, ...]:
    if not proposal:
        return tuple(_USUAL[encoding] for encoding in ENCODINGS)
    return tuple(0.1 * _USUAL[encoding] + 0.9 * (encoding == proposal) for encoding in ENCODINGS)


# --- pooling ---------------------------------------------------------------------------------------------------------


def _stretches(piece: Piece) -> list[_Stretch]:
    """Join the runs of a piece while the fonts propose the same or a word goes on."""
    joined: list[list[Run]] = []
    for run in piece.runs:
        if joined and (_same_proposal(joined[-1], run) or _goes_on(joined[-1], run)):
            joined[-1].append(run)
        elif run.text:
            joined.append([run])
    return [_stretch(runs, piece) for runs in joined]


def _same_proposal(runs: list[Run], run: Run) -> bool:
    return font_encoding(runs[-1].font) == font_encoding(run.font)


def _goes_on(runs: list[Run], run: Run) -> bool:
    """Whether a word begun in ``runs`` goes on in ``run``: it must be in one encoding."""
    if "pictures" in (font_encoding(runs[-1].font), font_encoding(run.font)):
        return False
    ends = (runs[-1].text[-1:] or " ", run.text[:1] or " ")
    return all(letter.isalnum() or (letter > "\x7f" and not letter.isspace()) for letter in ends)


def _stretch(runs: list[Run], piece: Piece) -> _Stretch:
    font = runs[0].font if len(runs) == 1 else _main_font(runs)
    text = "".join(run.text for run in runs)
    return _Stretch(runs, font, _keys(piece, font), weigh(text), certain=_is_certain(text))


def _keys(piece: Piece, font: str) -> tuple[tuple[str, ...], ...]:
    """What is counted together with a stretch of a piece in a font, from the farthest to the nearest."""
    proposal = font_encoding(font)
    return (
        ("document",), ("proposal", proposal), ("font", font),
        ("table", piece.group, proposal), ("column", piece.group, piece.column, proposal),
    )  # fmt: skip


@lru_cache(maxsize=16384)
def _is_certain(text: str) -> bool:
    """Whether a text is in Unicode whatever stands around it."""
    likelihood = weigh(text)
    return likelihood[_UNICODE] >= max(likelihood[:_UNICODE] + likelihood[_UNICODE + 1 :]) + _BEYOND_DOUBT


def _main_font(runs: Sequence[Run]) -> str:
    weights: Counter[str] = Counter()
    for run in runs:
        weights[run.font] += 1 + 100 * sum(letter > "\x7f" for letter in run.text)
    return weights.most_common(1)[0][0]


_NEAR = (8.0, 2.0, 2.0, 3.0, 3.0)  # how many findings weigh as much as all that is farther off, by key
_STILL = 0.02
_FLOOR = 0.03  # chance that a stretch differs from its surroundings, however many agree there
_UNICODE = ENCODINGS.index("unicode")
_CERTAIN = tuple(float(encoding == "unicode") for encoding in ENCODINGS)
_BEYOND_DOUBT = 10.0  # log odds that no surroundings outweigh, since their word counts up to _FLOOR


def _context(stretch: _Stretch, found: dict[tuple[str, ...], list[float]]) -> list[float]:
    """How likely each encoding is where a stretch stands, by what was found around it and not by itself."""
    own = stretch.belief or (0.0,) * len(ENCODINGS)
    chances = list(_prior(font_encoding(stretch.font)))
    for key, weight in zip(stretch.keys, _NEAR, strict=True):
        counts = [max(0.0, count - mine) for count, mine in zip(found[key], own, strict=True)]
        if key == ("document",):  # fonts of other kinds say little about this one
            counts = [count * weight / (weight + 3 * sum(counts)) for count in counts]
        total = sum(counts) + weight
        chances = [(count + weight * chance) / total for count, chance in zip(counts, chances, strict=True)]
    chances = _without_strays(chances, found[("document",)])
    usual = _without_strays(_prior(""), found[("document",)])
    return [(1 - _FLOOR) * chance + _FLOOR * other for chance, other in zip(chances, usual, strict=True)]


def _without_strays(chances: Sequence[float], document: Sequence[float]) -> list[float]:
    """Rule out the rare encodings unless they lead in the document: none was ever seen beside another one."""
    leading = max(document[ENCODINGS.index(encoding)] for encoding in OFTEN)
    return [
        1e-9 if encoding not in ("unicode", *OFTEN) and count < leading else chance
        for encoding, count, chance in zip(ENCODINGS, document, chances, strict=True)
    ]


def _believe(chances: Sequence[float], likelihood: tuple[float, ...]) -> tuple[float, ...]:
    best = max(likelihood)
    weights = [chance * math.exp(score - best) for chance, score in zip(chances, likelihood, strict=True)]
    return tuple(weight / sum(weights) for weight in weights)


def _settled(stretches: Sequence[_Stretch]) -> Counter[tuple[str, ...]]:
    """Settle the stretches that are certain; count them by key."""
    found: Counter[tuple[str, ...]] = Counter()
    for stretch in stretches:
        if stretch.certain:
            stretch.belief = _CERTAIN
            for key in stretch.keys:
                found[key] += 1
    return found


def _pool(stretches: Sequence[_Stretch], certain: Iterable[Piece]) -> None:
    """Settle the beliefs of all stretches with other letters than ASCII, looking around until nothing moves.

    ``certain`` are the pieces of one run that are certain themselves.
    """
    settled = _settled(stretches)
    for piece in certain:
        settled.update(_keys(piece, piece.runs[0].font))
    doubtful = [stretch for stretch in stretches if not stretch.certain]
    for _ in range(4):
        found: dict[tuple[str, ...], list[float]] = defaultdict(lambda: [0.0] * len(ENCODINGS))
        for key, count in settled.items():
            found[key][_UNICODE] = float(count)
        for stretch in doubtful:
            for key in stretch.keys if stretch.belief else ():
                counts = found[key]
                for at, mine in enumerate(stretch.belief):
                    counts[at] += mine
        moved = 0.0
        for stretch in doubtful:
            before = stretch.belief or (0.0,) * len(ENCODINGS)
            stretch.belief = _believe(_context(stretch, found), stretch.likelihood)
            moved = max(moved, *(abs(new - old) for new, old in zip(stretch.belief, before, strict=True)))
        if moved < _STILL:
            return


# --- the decision ----------------------------------------------------------------------------------------------------


def decode_document(pieces: Sequence[Piece]) -> list[Decoded]:
    """All pieces of one document in Unicode, one for one and in order; nothing is raised about their text.

    Digits and ASCII stay as they are, except that text in a font of capitals (``.VnTimeH``) becomes capitals.
    """
    places: dict[Piece, int] = {}
    spots = [places.setdefault(piece, len(places)) for piece in pieces]
    read = _decode_each(list(places))
    return [read[spot] for spot in spots]


def _decode_each(pieces: Sequence[Piece]) -> dict[int, Decoded]:
    """The pieces of one document, each once, in Unicode, by their numbers."""
    raw = list(map(_text_of, pieces))
    plain = {at for at, text in enumerate(raw) if text.isascii() and "&" not in text}
    read = {at: Decoded(raw[at], "ascii", sure=True, changed=False) for at in plain}
    mended = {at: _mended(piece) for at, piece in enumerate(pieces) if at not in plain}
    texts = {at: raw[at] if whole is pieces[at] else _text_of(whole) for at, whole in mended.items()}
    if not any(map(_has_suspicious, texts.values())):
        return read | {at: _as_unicode(raw[at], text) for at, text in texts.items()}
    if all(_proposes_nothing(whole) and leans_to_unicode(texts[at]) for at, whole in mended.items()):
        return read | {at: _left_as_it_is(raw[at], text) for at, text in texts.items()}
    certain = {at for at, whole in mended.items() if _is_certain_alone(whole)}
    split = {at: _stretches(whole) for at, whole in mended.items() if at not in certain}
    marked = [stretch for stretches in split.values() for stretch in stretches if _is_marked(stretch)]
    _pool(marked, (mended[at] for at in certain))
    read |= {at: _decoded(raw[at], stretches) for at, stretches in split.items()}
    return read | {at: _left_as_it_is(raw[at], texts[at]) for at in certain}


def _text_of(piece: Piece) -> str:
    return piece.runs[0].text if len(piece.runs) == 1 else "".join([run.text for run in piece.runs])


def _mended(piece: Piece) -> Piece:
    if all(mend(run.text) == run.text for run in piece.runs):
        return piece
    return replace(piece, runs=tuple(replace(run, text=mend(run.text)) for run in piece.runs))


@lru_cache(maxsize=16384)
def _has_suspicious(text: str) -> bool:
    return any(map(is_suspicious, marked_words(text)))


def _proposes_nothing(piece: Piece) -> bool:
    return not any(font_encoding(run.font) for run in piece.runs)


def _as_unicode(raw: str, mended: str) -> Decoded:
    text = unicodedata.normalize("NFC", mended)
    return Decoded(text, "ascii" if text.isascii() else "unicode", sure=True, changed=text != raw)


def _left_as_it_is(raw: str, mended: str) -> Decoded:
    """A piece of a document in which every text speaks for Unicode and no font against it.

    Pooling would keep them all as they are: what is likeliest alone and proposed is likeliest together.
    """
    text = unicodedata.normalize("NFC", mended)
    encoding = "ascii" if mended.isascii() else "unicode"
    return Decoded(text, encoding, sure=not reads_better(mended), changed=text != raw)


def _is_certain_alone(piece: Piece) -> bool:
    """Whether a piece is one run of marked words that is certain to be in Unicode."""
    if len(piece.runs) != 1 or font_encoding(piece.runs[0].font) == "pictures":
        return False
    return _is_certain(piece.runs[0].text) and bool(marked_words(piece.runs[0].text))


def _is_marked(stretch: _Stretch) -> bool:
    return font_encoding(stretch.font) != "pictures" and any(marked_words(run.text) for run in stretch.runs)


def _decoded(raw: str, stretches: Sequence[_Stretch]) -> Decoded:
    decided = [_decide(stretch) for stretch in stretches]
    text = unicodedata.normalize("NFC", "".join(read for read, _, _ in decided))
    encodings = sorted({encoding for _, encoding, _ in decided} - {"ascii"})
    if len(encodings) > 1 and "unicode" in encodings:
        encodings.remove("unicode")
    return Decoded(text, "+".join(encodings) or "ascii", all(sure for _, _, sure in decided), text != raw)


def _decide(stretch: _Stretch) -> tuple[str, str, bool]:
    """Text, encoding and whether it is sure, of one stretch."""
    text = "".join(run.text for run in stretch.runs)
    if not stretch.belief:
        return text, "ascii" if text.isascii() else "unicode", True
    belief, encoding = max(zip(stretch.belief, ENCODINGS, strict=True))
    if encoding == "unicode":
        return text, encoding, belief >= SURE and not reads_better(text)
    if belief < SURE or not agrees(text, encoding):
        return text, "unicode", False
    read = read_text(text, encoding)
    return _in_case(read, stretch.runs) if len(read) == len(text) else read, encoding, True


def _in_case(read: str, runs: Sequence[Run]) -> str:
    """Turn to capitals what stands in a font of capitals; ``read`` is as long as the runs together."""
    parts, start = [], 0
    for run in runs:
        part = read[start : start + len(run.text)]
        parts.append(part.upper() if _CAPITALS.match(run.font.strip()) else part)
        start += len(run.text)
    return "".join(parts)


def main_encoding(decoded: Iterable[Decoded]) -> str:
    """Name the encoding most pieces of a document were in, of those not in Unicode; ``unicode`` where none was."""
    found = Counter(piece.encoding for piece in decoded if piece.encoding not in ("ascii", "unicode"))
    return found.most_common(1)[0][0] if found else "unicode"
