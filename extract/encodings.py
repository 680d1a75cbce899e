"""In which encoding each text of a document is: one decision that pools all evidence, and the text in Unicode.

A cell such as ``tØ lÖ %`` is too short to tell by itself, fonts lie, and encodings mix within one sheet. So every
stretch of text is weighed twice: how well its letters make Vietnamese words in each encoding, and how likely the
encoding is where it stands. The second comes from the font's name, and then from what was found for the same font,
the whole document, the table and the column, in this order, the nearer outweighing the farther.
"""

# ruff: noqa: SIM905 -- a list of syllables reads better as words in a line
from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from extract.charsets import CODES, decode, has_letters_beyond, mend
from extract.syllables import is_syllable

__all__ = ["Decoded", "Piece", "Run", "decode", "decode_document", "main_encoding"]

ENCODINGS = ("unicode", *CODES)
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
    """Runs of one piece that must share an encoding, with their evidence: log likelihood and belief by encoding."""

    runs: list[Run]
    font: str
    keys: tuple[tuple[str, ...], ...]
    likelihood: tuple[float, ...]
    belief: tuple[float, ...] = ()


# --- what a font's name proposes -------------------------------------------------------------------------------------

_FONTS = (
    (re.compile(r"\.?vn(?!i)|tcvn|abc\b", re.I), "tcvn3"),
    (re.compile(r"vni\b|vni[-_ ]", re.I), "vni"),
    (re.compile(r"vps\b", re.I), "vps"),
    (re.compile(r"visc|vi[- ](times|arial|helv|cour)", re.I), "viscii"),
)
_CAPITALS = re.compile(r"\.?vn(?!i).*h($|[-, ]|bold|ital)", re.I)
_USUAL = {"unicode": 0.95, "tcvn3": 0.028, "vni": 0.02, "cp1258": 0.001, "viscii": 0.0005, "vps": 0.0005}


@lru_cache(maxsize=1024)
def font_encoding(font: str) -> str:
    """Name the encoding that a font of this name is made for, or ``""``."""
    return next((encoding for pattern, encoding in _FONTS if pattern.match(font.strip())), "")


@cache
def _prior(proposal: str) -> tuple[float, ...]:
    if not proposal:
        return tuple(_USUAL[encoding] for encoding in ENCODINGS)
    return tuple(0.1 * _USUAL[encoding] + 0.9 * (encoding == proposal) for encoding in ENCODINGS)


# --- how well letters make words -------------------------------------------------------------------------------------

# Marked letters by how often they stand in Vietnamese text, per ten thousand letters.
_BANDS = {200: "đáà", 135: "ệưế", 80: "ốộảôụịạủơê", 55: "ấợăâựớềậứóí", 36: "ểổửồãýờầ", 22: "ỉìởừặẩỷ",
          10: "ọữùúẫòắ", 5: "ĩéằỹỗỳèõ", 2: "ẻỏũễỡẽẵẹẳỵ"}  # fmt: skip
# Syllables common enough to be believed when their letters are those of Western Europe, which old encodings use too.
_COMMON = frozenset(
    """
    biên bà bài bàn bàng bày bác bán bánh báo bãi bão bên bêu bì bìa bình bí bò bóng bông chiêm chuyên chào chánh
    cháu cháy chân chè chênh chìa chí chính chú chúng cà cài cá các cách cái cán cáo cáp cát câm cân cây còn có
    công cùng dài dành dáng dân dây dép dê dò dòng dõi dùng giàu giày giá giác giám gián giáo giãn giêng giúp gà
    gây gì gìn gói góp gùi hiên hoà hoài hoàn hoàng hoá huyên hà hài hàm hàng hành háng hãng hãy hèn hình hòa hòm
    hóa hùng khoá khoán khoáng khuôn khá khác khách khái khám kháng khánh khâu khí khít khó khóa khô không khúc
    kiêm kiên kèm kéo kê kìm kín kính ký liên liêu luôn là làm làng lành lá lát lâm lân lâu lãi lãng lãnh lão lên
    lít lòng lúa lý mà màn màng màu mát máu máy mã mãn mèo mê mình mí mía móc mô môi môn mùa mùi nghiêm nghiên
    nghèo nghìn ngoài nguyên ngàn ngành ngày ngân ngãi ngói ngô nhiên nhiêu nhà nhánh nhân nhãn nhíp nhóm nhôm
    niêm niên nuôi nào này nâng não nên nêu nói nóng nông phiên phá pháp phát phân phép phê phí phòng phó phóng
    phôi phù phú phúc quyên quà quá quán quân quí quý riêng rà ràng rãi ròng rõ rút soát sàn sàng sách sáng sánh
    sáp sát sáu sân sâu sóc sóng sông súc thiên thoái thoát thuê thành thác thái tháng tháo tháp thân thép thêm
    thì thích thính thóc thô thôi thôn thông thù thùng thúc tiêm tiên tiêu toà toàn toán tràng trách trái tránh
    trân trâu trên trì trình trí trích trò trù trú trúc tuyên tài tàu tác tách tái tâm tân tây tên tìm tình tí
    tích tín tính tòa tóm tô tôi tôn tùng tùy tú túi túy uông viêm viên và vàng vành vào vách vé vì ví vòng vùng
    xoài xoá xuyên xuân xác xách xâm xây xã xét xíu xóa xúc yên yêu ái án ánh áo áp âm ân ích ít ô ông ý
    """.split()
)
_LETTER = {letter: math.log(share / 1e4) for share, letters in _BANDS.items() for letter in letters}
_ASCII, _STRANGE, _LONE, _COMMON_WORD, _RARE, _OTHER_HAND, _IMPOSSIBLE = -3.0, -5.3, -2.0, 3.0, -2.0, -7.0, -12.0
_SIGN, _RARE_SIGN, _SIGN_IN_WORD, _ODD_CASE = -4.6, -8.0, -6.0, -4.0
_SIGNS = frozenset("°±·§©®«»½¼¾²³×÷€£µºª")
_FOREIGN = {"unicode": -4.0}  # a foreign word; in an old encoding its marks could hardly be written
_FOREIGN_ELSEWHERE, _ABBREVIATION = -5.5, -2.3
_BREAK = re.compile(r"[\s!-/:-@\[-`{-~]+")
_WORD = re.compile(r"[^\s!-/:-@\[-`{-~]+")
_NUMBER = re.compile(r"[\d½¼¾²³¹°±×÷·∙−µ“”‘’–—…•]*")  # a figure with its signs is never letters
_DASHED = "−∙"  # what some programs make of two letters of TCVN3; mostly they are signs
_QUOTES = "“”‘’–—…•„‹›"
_CAPITAL_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZĐĂÂÊÔƠƯ")


@lru_cache(maxsize=65536)
def _weigh_word(word: str, encoding: str) -> float:
    """Log likelihood of a word with letters outside ASCII, in a text written in ``encoding``."""
    penalty = 0.0
    if encoding != "unicode" and has_letters_beyond(word, encoding):
        if not is_syllable(_read_word(word, encoding).strip(_QUOTES)):
            return _IMPOSSIBLE + _foreign(word, encoding)
        penalty = _OTHER_HAND
    read = _read_word(word, encoding).strip(_QUOTES)
    signs = [letter for letter in read if not _is_plain(letter)]
    core = read.replace("\N{SOFT HYPHEN}", "").strip("".join(signs))
    weight = penalty + sum(_SIGN if sign in _SIGNS else _RARE_SIGN for sign in signs)
    if not core:
        return weight
    if not all(map(_is_plain, core)):
        return weight + _SIGN_IN_WORD + _foreign(word, encoding)
    return weight + _weigh_core(core, word, encoding)


def _is_plain(letter: str) -> bool:
    return (letter.isalpha() and letter not in "ªºµ") or (letter.isascii() and letter.isdigit())


def _weigh_core(core: str, word: str, encoding: str) -> float:
    """Log likelihood of a word stripped of signs: its letters, and whether it can be a syllable or an abbreviation."""
    weight = sum(_LETTER.get(letter, _ASCII) for letter in core.lower())
    if encoding != "tcvn3" and not (core.islower() or core.isupper() or core[1:].islower() or len(core) == 1):
        weight += _ODD_CASE  # TCVN3 has no capitals with tones: there mixed case is usual
    if core.lower() in _COMMON:
        weight += _COMMON_WORD
    elif encoding == "unicode" and max(core.lower()) <= "\xff":
        weight += _RARE
    if len(core) == 1:
        return weight + _LONE
    if is_syllable(core) or core.isascii():
        return weight
    if set(core) <= _CAPITAL_LETTERS:
        return _ABBREVIATION + _ASCII * len(core)
    return _foreign(word, encoding)


def _foreign(word: str, encoding: str) -> float:
    return _FOREIGN.get(encoding, _FOREIGN_ELSEWHERE) + sum(_ASCII if letter.isascii() else _STRANGE for letter in word)


def _marked_words(text: str) -> list[str]:
    return [word for word in _BREAK.split(text) if not word.isascii() and not _NUMBER.fullmatch(word)]


def _weigh(text: str) -> tuple[float, ...]:
    words = _marked_words(text)
    return tuple(sum(_weigh_word(word, encoding) for word in words) for encoding in ENCODINGS)


def _agrees(text: str, encoding: str) -> bool:
    """Whether at least half of the words with other letters make sense in ``encoding`` only or make Vietnamese."""
    words = _marked_words(text)
    return 2 * sum(_reads(word, encoding) for word in words) >= len(words)


def _reads(word: str, encoding: str) -> bool:
    read = _read_word(word, encoding).strip(_QUOTES)
    signs_made_letters = all(map(_is_plain, read)) and not all(map(_is_plain, word.strip(_QUOTES)))
    return signs_made_letters or is_syllable(read) or set(read) <= _CAPITAL_LETTERS


def _read_word(word: str, encoding: str) -> str:
    """Decode a word; one that is a syllable already, by letters the encoding does not know, stays as it is."""
    if encoding == "unicode" or _NUMBER.fullmatch(word):
        return word
    if is_syllable(word.strip(_QUOTES)) and has_letters_beyond(word, encoding):
        return word
    read = decode(word, encoding)
    if encoding == "tcvn3" and any(sign in word for sign in _DASHED):
        dashed = decode(word.replace("−", "\xad").replace("∙", "·"), encoding)
        return dashed if is_syllable(dashed.strip(_QUOTES)) else read
    return read


def _read(text: str, encoding: str) -> str:
    return _WORD.sub(lambda found: _read_word(found.group(), encoding), text)


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
    return not (_BREAK.match(runs[-1].text[-1:] or " ") or _BREAK.match(run.text[:1] or " "))


def _stretch(runs: list[Run], piece: Piece) -> _Stretch:
    weights: Counter[str] = Counter()
    for run in runs:
        weights[run.font] += 1 + 100 * sum(letter > "\x7f" for letter in run.text)
    font = weights.most_common(1)[0][0]
    proposal = font_encoding(font)
    keys: tuple[tuple[str, ...], ...] = (
        ("document",), ("proposal", proposal), ("font", font),
        ("table", piece.group, proposal), ("column", piece.group, piece.column, proposal),
    )  # fmt: skip
    return _Stretch(runs, font, keys, _weigh("".join(run.text for run in runs)))


_OFTEN = ("tcvn3", "vni")
_NEAR = (8.0, 2.0, 2.0, 3.0, 3.0)  # how many findings weigh as much as all that is farther off, by key
_FLOOR = 0.03  # chance that a stretch differs from its surroundings, however many agree there


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
    leading = max(document[ENCODINGS.index(encoding)] for encoding in _OFTEN)
    return [
        1e-9 if encoding not in ("unicode", *_OFTEN) and count < leading else chance
        for encoding, count, chance in zip(ENCODINGS, document, chances, strict=True)
    ]


def _believe(chances: Sequence[float], likelihood: tuple[float, ...]) -> tuple[float, ...]:
    best = max(likelihood)
    weights = [chance * math.exp(score - best) for chance, score in zip(chances, likelihood, strict=True)]
    return tuple(weight / sum(weights) for weight in weights)


def _pool(stretches: Sequence[_Stretch]) -> None:
    """Settle the beliefs of all stretches with other letters than ASCII: three rounds of looking around."""
    for _ in range(4):
        found: dict[tuple[str, ...], list[float]] = defaultdict(lambda: [0.0] * len(ENCODINGS))
        for stretch in stretches:
            for key in stretch.keys if stretch.belief else ():
                found[key] = [count + mine for count, mine in zip(found[key], stretch.belief, strict=True)]
        for stretch in stretches:
            stretch.belief = _believe(_context(stretch, found), stretch.likelihood)


# --- the decision ----------------------------------------------------------------------------------------------------


def decode_document(pieces: Sequence[Piece]) -> list[Decoded]:
    """All pieces of one document in Unicode, one for one and in order; nothing is raised about their text.

    Digits and ASCII stay as they are, except that text in a font of capitals (``.VnTimeH``) becomes capitals.
    """
    mended = [Piece(tuple(Run(mend(run.text), run.font) for run in piece.runs), piece.group, piece.column)
              if any(not run.text.isascii() or "&" in run.text for run in piece.runs) else piece
              for piece in pieces]  # fmt: skip
    split = [_stretches(piece) for piece in mended]
    _pool([stretch for stretches in split for stretch in stretches if _is_marked(stretch)])
    return [_decoded(piece, stretches) for piece, stretches in zip(pieces, split, strict=True)]


def _is_marked(stretch: _Stretch) -> bool:
    return any(_marked_words(run.text) for run in stretch.runs)


def _decoded(piece: Piece, stretches: Sequence[_Stretch]) -> Decoded:
    raw = "".join(run.text for run in piece.runs)
    decided = [_decide(stretch) for stretch in stretches]
    text = mend("".join(read for read, _, _ in decided))
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
        return text, encoding, belief >= SURE
    if belief < SURE or not _agrees(text, encoding):
        return text, "unicode", False
    read = _read(text, encoding)
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
