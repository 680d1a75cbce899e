"""The grammar of Vietnamese syllables: what can be a word at all, and how much of a text can be.

A syllable is onset, medial, nucleus, coda and tone, each from a short closed list, so that no dictionary is needed.
Text whose letters were lost or read in the wrong encoding breaks the grammar in nearly every second word.
"""

# ruff: noqa: SIM905 -- lists of syllable parts read better as words in a line
from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

_TONES = ("", "\N{COMBINING GRAVE ACCENT}", "\N{COMBINING HOOK ABOVE}", "\N{COMBINING TILDE}",
          "\N{COMBINING ACUTE ACCENT}", "\N{COMBINING DOT BELOW}")  # fmt: skip
_STOPPED_TONES = (_TONES[4], _TONES[5])
_STOPS = ("c", "ch", "p", "t")

# A rime is written with its tone-bearing vowel first marked by a dot after it; a second dot is the other custom.
_PLAIN_RIMES = """
    a. a.c a.ch a.i a.m a.n a.ng a.nh a.o a.p a.t a.u a.y ă.c ă.m ă.n ă.ng ă.p ă.t â.c â.m â.n â.ng â.p â.t â.u â.y
    o. o.c o.i o.m o.n o.ng o.p o.t oo.ng oo.c ô. ô.c ô.i ô.m ô.n ô.ng ô.p ô.t ơ. ơ.i ơ.m ơ.n ơ.p ơ.t
    u. u.a u.c u.i u.m u.n u.ng u.p u.t uô.c uô.i uô.m uô.n uô.ng uô.t
    ư. ư.a ư.c ư.i ư.m ư.ng ư.t ư.u ươ.c ươ.i ươ.m ươ.n ươ.ng ươ.p ươ.t ươ.u
""".split()
_FRONT_RIMES = """
    e. e.c e.m e.n e.ng e.o e.p e.t ê. ê.ch ê.m ê.n ê.nh ê.p ê.t ê.u
    i. i.a i.ch i.m i.n i.nh i.p i.t i.u iê.c iê.m iê.n iê.ng iê.p iê.t iê.u
""".split()
_MEDIAL_RIMES = """
    o.a. oa.c oa.ch oa.i oa.m oa.n oa.ng oa.nh oa.o oa.p oa.t oa.y oă.c oă.m oă.n oă.ng oă.t o.e. oe.m oe.n oe.o oe.t
    uâ.n uâ.ng uâ.t uâ.y uê. uê.ch uê.nh uơ. u.y. uy.a uy.ch uyê.n uyê.t uy.n uy.nh uy.p uy.t uy.u
""".split()
_AFTER_QU = """
    a. a.c a.ch a.i a.m a.n a.ng a.nh a.o a.t a.u a.y ă.c ă.m ă.n ă.ng ă.p ă.t â.n â.ng â.t â.y e. e.n e.o e.t
    ê. ê.ch ê.n ê.nh ê.t i. i.t ô.c ơ. y. y.ch yê.n yê.t y.nh y.t
""".split()
_AFTER_GI = [rime for rime in _PLAIN_RIMES if rime[:2] != "oo"] + "e. e.m e.o ê.c ê.m ê.n ê.ng ê.t oă.ng".split()
_WITHOUT_ONSET = "y. yê.m yê.n yê.ng yê.t yê.u".split()

_BACK_ONSETS = "c g ng".split()
_FRONT_ONSETS = "gh k ngh".split()
_ANY_ONSETS = "b ch d đ h kh l m n nh p ph r s t th tr v x".split()
_ROUNDED_ONSETS = "ch d đ g h kh l n ng nh r s t th tr x".split()
_Y_ONSETS = "h k l m n s t th v".split()
_LOANS = {"b": ["uy.t"], "ph": ["uy."], "v": ["oa.n"], "g": ["i.", "i.n"], "p": ["oo.ng"]}
_NAMES = frozenset("đắk đăk lắk lăk pắk păk kạn krông".split())

COMMON_IN_WESTERN_LETTERS = frozenset(
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
"""Frequent syllables whose letters are all in Windows-1252, so that they could also be text in an old encoding."""


def _rimes_by_onset() -> Iterator[tuple[str, str]]:
    for onset in ["", *_ANY_ONSETS, *_BACK_ONSETS]:
        yield from ((onset, rime) for rime in _PLAIN_RIMES)
    for onset in ["", *_ANY_ONSETS, *_FRONT_ONSETS]:
        yield from ((onset, rime) for rime in _FRONT_RIMES if onset or not rime.startswith("iê"))
    for onset in ["", *_ROUNDED_ONSETS]:
        yield from ((onset, rime) for rime in _MEDIAL_RIMES)
    yield from (("qu", rime) for rime in _AFTER_QU)
    yield from (("gi", rime) for rime in _AFTER_GI)
    yield from (("", rime) for rime in _WITHOUT_ONSET)
    yield from ((onset, "y.") for onset in _Y_ONSETS)
    yield from ((onset, rime) for onset, rimes in _LOANS.items() for rime in rimes)


@cache
def _toned(vowel: str) -> tuple[str, ...]:
    return tuple(unicodedata.normalize("NFC", vowel + tone) for tone in _TONES)


def _spellings(onset: str, rime: str) -> Iterator[str]:
    """All tones of one onset and rime, on each vowel that may carry the tone."""
    parts = rime.split(".")
    stopped = parts[-1] in _STOPS
    for at in range(len(parts) - 1):
        before, after = onset + "".join(parts[:at]) + parts[at][:-1], "".join(parts[at + 1 :])
        for tone, vowel in zip(_TONES, _toned(parts[at][-1]), strict=True):
            if not stopped or tone in _STOPPED_TONES:
                yield before + vowel + after


@cache
def possible_syllables() -> frozenset[str]:
    """Every lower-case syllable the grammar admits, in NFC, with the tone placed by the old and by the new custom."""
    return frozenset(word for onset, rime in _rimes_by_onset() for word in _spellings(onset, rime))


@cache
def _slips() -> frozenset[str]:
    """Syllables with the tone on the medial or on the u of qu: wrong but often typed."""
    moved = [(onset, f"{rime[0]}.{rime[1:].replace('.', '')}", rime) for onset, rime in _rimes_by_onset()
             if rime in _MEDIAL_RIMES and rime[1] != "."]  # fmt: skip
    moved += [("q", f"u.{rime.replace('.', '')}", rime) for rime in _AFTER_QU if rime[-1] == "."]
    stops = {rime for _, _, rime in moved if rime.split(".")[-1] in _STOPS}
    return frozenset(
        word
        for onset, moved_rime, rime in moved
        for word, tone in zip(_spellings(onset, moved_rime), _TONES, strict=True)
        if rime not in stops or tone in _STOPPED_TONES
    )


@lru_cache(maxsize=65536)
def is_syllable(word: str) -> bool:
    """Whether a word (NFC, any case) can be a Vietnamese syllable; slips in placing the tone are forgiven."""
    lower = word.lower()
    return lower in possible_syllables() or lower in _slips()


def is_word(word: str) -> bool:
    """Whether a word is a possible syllable, or one of the names of places that break the grammar."""
    return is_syllable(word) or word.lower() in _NAMES


_ADDRESS = re.compile(
    r"\S+@\S+|(?:https?|ftp)://\S+|\bwww\.\S+|\b(?:[A-Za-z0-9-]+\.)+(?:vn|com|net|org|gov|edu|info)\b\S*", re.IGNORECASE
)
_BREAKS = r"\s!-/:-@\[-`{-~–—−…“”„•·‣▪"
_WORD = re.compile(rf"[^{_BREAKS}]+")
_FRAGMENTS = frozenset(_ANY_ONSETS + _BACK_ONSETS + _FRONT_ONSETS + ["q", "w", "z", "j", "f"])
_TONELESS_CAPITALS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZĐĂÂÊÔƠƯ")
_VOWELS = frozenset("aeiouy")


@lru_cache(maxsize=16384)
def count_words(text: str) -> tuple[int, int]:
    """How many words of a text are possible syllables, and how many are impossible.

    Numbers, addresses, abbreviations in capitals, foreign words in plain letters and lone vowels are neither.
    """
    text = _ADDRESS.sub(" ", unicodedata.normalize("NFC", text))
    good = bad = 0
    for match in _WORD.finditer(text):
        verdict = _verdict(match.group().strip("‘’'«»"), text[: match.start()], text[match.end() :])
        good += verdict > 0
        bad += verdict < 0
    return good, bad


def _verdict(word: str, before: str, after: str) -> int:
    """1 for a syllable, -1 for what cannot be a word, 0 for what says nothing."""
    lower = word.lower()
    if "\N{REPLACEMENT CHARACTER}" in word:
        return -1
    if not any(letter.isalpha() for letter in word) or lower in _VOWELS or lower in _NAMES:
        return 0
    if lower in _FRAGMENTS:
        return -_is_fragment(word, before, after)
    if is_syllable(word):
        return 1
    return 0 if _is_foreign(word) else -1


def _is_foreign(word: str) -> bool:
    """Plain Latin letters (with digits or units), or an abbreviation in capitals."""
    bare = "".join(letter for letter in word if not letter.isdigit() and letter not in "°µ²³")
    return bare.isascii() or set(bare) <= _TONELESS_CAPITALS


def _is_fragment(word: str, before: str, after: str) -> bool:
    """Whether a lone consonant is what is left of a word, and not a list mark, a unit, a class or an abbreviation."""
    alone = len(word) == 1 and not before.strip() and not after.strip()
    if alone or word in "VX" or re.match(r"\s?[.)\]/\d&]", after) or re.search(r"[\d/(\[&.%,;]\s?$", before):
        return False
    if not word.isupper():
        return True
    if len(word) > 1:
        return bool(re.search(r"(?:^|\s)[^\W\d_AEIOUY]\s$", before) or re.match(r"\s[^\W\d_AEIOUY](?:\s|$)", after))
    return bool(re.match(r"\s[^\W\d_]", after))


def text_quality(texts: Iterable[str]) -> float:
    """Share (0-1) of the words of all texts that are possible Vietnamese; 1.0 where there is nothing to judge."""
    good = bad = 0
    for text in texts:
        counted = count_words(text)
        good += counted[0]
        bad += counted[1]
    return good / (good + bad) if good + bad else 1.0
