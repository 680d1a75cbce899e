from __future__ import annotations

import unicodedata

import pytest

from extract.syllables import count_words, is_syllable, possible_syllables, text_quality

GOOD = (
    "tổng số máy tính tại cơ quan đơn vị nghiệp vụ khuyến khích giữa giếng gì gìn giúp quốc quyết quyền quỳ thuở "
    "khuya khuỷu huỳnh ngoằn ngoèo xoong moóc uống yêu yến ỷ y ở ừ à nghề ghế kỹ kĩ lý lí mỹ thủy thuỷ hòa hoà khỏe "
    "khoẻ suýt tuýp buýt voan rượu hươu loại toàn được đường trường bưởi ngửi cứu mía mùa mưa sĩ sỹ kiêng uỷ ủy xoáy "
    "quà quả quý quí quần quân quang quanh quyển giản gia giá oanh oách hoạch khoảng tuần luật xuất thuê thuế"
)
SLIPS = "lọai tòan khỏan hòan thủy qúy qủa húynh"
BAD = "tæng toång tø lö ng th b ngi gha ka ce kô qa qan tac tàc hòạ ưn ơc iêm vhật nghan coan"
ASCII = "of server web internet portal windows report"


@pytest.mark.parametrize("word", GOOD.split() + SLIPS.split())
def test_real_words_are_syllables_in_any_case(word: str) -> None:
    assert is_syllable(word)
    assert is_syllable(word.upper())
    assert is_syllable(word.capitalize())


@pytest.mark.parametrize("word", BAD.split())
def test_what_breaks_the_grammar_is_refused(word: str) -> None:
    assert not is_syllable(word)


def test_stops_take_two_tones_only() -> None:
    for word in ("tàc", "bảt", "mãch", "lòp", "tat", "hoàt", "hòat"):
        assert not is_syllable(word)
    for word in ("tác", "bạt", "mách", "lợp", "hoạt"):
        assert is_syllable(word)


def test_the_grammar_is_closed_and_composed() -> None:
    words = possible_syllables()
    assert all(word == unicodedata.normalize("NFC", word).lower() for word in words)
    assert 10_000 < len(words) < 20_000
    assert all(is_syllable(word) for word in words)
    assert not {"tòan", "lọai"} & words


@pytest.mark.parametrize(
    "text",
    [
        "T ng s máy tính t i c quan, đơn v",
        "T NG S MÁY TÍNH T I C QUAN",
        "- S  l  ng cán b  công ch c đ  c đào t o",
        "Tæng sè",
        "Toång soá",
        "tØ lÖ %",
        "Sè v¨n b¶n ®i",
        "COÄNG HOØA XAÕ HOÄI CHUÛ NGHÓA",
        "Tá»•ng sá»‘",
        "T\ufffdng s\ufffd máy",
    ],
)
def test_damaged_text_scores_low(text: str) -> None:
    assert text_quality([text]) < 0.7


@pytest.mark.parametrize(
    "text",
    [
        "Tổng số máy tính tại cơ quan, đơn vị (chiếc): 58",
        "UBND cấp xã, TTHC, QLVBĐH, DVCTT mức độ 4, QĐ-UBND",
        "Cổng thông tin: https://abc.gov.vn/trang-chủ hoặc www.xyz.vn, thư a.b@tuyenquang.gov.vn",
        "Chương V Quy định về nhóm A, B, C và mục II",
        "a) Máy chủ; b) Máy trạm; c/ Đường truyền 34 Mb/s, 12 m2",
        "Phần mềm Microsoft Windows Server, Firewall",
        "HOÀ BÌNH, Hòa Bình, Đắk Lắk, Bắc Kạn",
        "x",
        "51,7 %",
    ],
)
def test_sound_text_scores_full(text: str) -> None:
    assert text_quality([text]) == 1.0


def test_decomposed_text_is_judged_as_composed() -> None:
    assert text_quality([unicodedata.normalize("NFD", "Tổng số văn bản")]) == 1.0


def test_words_that_say_nothing_are_not_counted() -> None:
    assert count_words("CNTT 2019 server a@b.vn") == (0, 0)
    assert text_quality([]) == 1.0


def test_foreign_words_with_marks_do_not_pass_as_syllables() -> None:
    assert not any(is_syllable(word) for word in ("señor", "françois", *ASCII.split()))
