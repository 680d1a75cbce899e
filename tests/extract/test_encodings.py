from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.charsets import CODES, mend
from extract.encodings import Decoded, Piece, Run, decode, decode_document, font_encoding, main_encoding

LABELS = [
    "Tổng số văn bản đến",
    "Tổng số máy tính tại cơ quan, đơn vị",
    "Tỷ lệ %",
    "Đơn vị tính",
    "Số lượng",
    "Hướng dẫn",
    "được",
    "Ghi chú",
    "Cán bộ, công chức chuyên trách",
    "Dịch vụ công trực tuyến",
    "Quyết định số 12/QĐ-UBND ngày 3/4",
    "Đường truyền",
    "Người nộp",
    "Hồ sơ đã tiếp nhận",
    "Tỉnh Tuyên Quang",
    "Nhập dữ liệu",
    "Kết quả",
    "Năm trước",
    "Mức độ",
    "Lúa",
    "Nhóm 5",
    "Bảo hiểm xã hội",
    "Lũy kế",
]
FOREIGN = ["Señor", "François", "café", "Québec", "São Paulo", "Zürich", "25 °C", "± 5 %", "12 m²", "© 2019", "½", "Å"]
PLAIN = [
    "Cá nhân",
    "là",
    "không",
    "Các quý trong tháng",
    "Thông tin chung",
    "hình thành",
    "Chính quyền",
    "xã",
    "Hoà Bình",
]


def encode(text: str, encoding: str) -> str:
    """Write a text the old way, as a program shows it in Western letters; missing capitals become small letters."""
    shown: dict[str, str] = {}
    for code, letter in CODES[encoding].items():
        if letter not in shown or (ord(max(shown[letter])) in range(0x80, 0xA0)):
            shown[letter] = code
    return "".join(shown.get(c, shown.get(c.lower(), c)) if c > "\x7f" else c for c in text)


def read(*texts: str, font: str = "") -> list[Decoded]:
    return decode_document([Piece((Run(text, font),), "sheet", "1") for text in texts])


def texts(decoded: list[Decoded]) -> list[str]:
    return [item.text for item in decoded]


# --- tables


@pytest.mark.parametrize("encoding", ["tcvn3", "vni", "viscii", "vps"])
@given(st.text("abeghiouy 019.,%/-" + "đăâêôơưáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"))
def test_what_is_written_in_an_old_encoding_is_read_back(encoding: str, text: str) -> None:
    assert decode(encode(text, encoding), encoding) == unicodedata.normalize("NFC", text)


@given(st.text())
def test_no_text_breaks_the_tables_and_ascii_stays(text: str) -> None:
    plain = "".join(letter for letter in text if letter.isascii() and letter.isprintable())
    assert all(decode(plain, encoding) == plain for encoding in CODES)
    for encoding in CODES:
        decode(text, encoding)
    assert unicodedata.is_normalized("NFC", mend(text))


def test_known_spellings() -> None:
    assert decode("Tæng sè v¨n b¶n ®i; h\xadíng dÉn; céng hoµ x· héi chñ nghÜa", "tcvn3") == (
        "Tổng số văn bản đi; hướng dẫn; cộng hoà xã hội chủ nghĩa"
    )
    assert decode("COÄNG HOØA XAÕ HOÄI, Ñoäc laäp", "vni") == "CỘNG HÒA XÃ HỘI, Độc lập"
    assert decode("ðýõòc Viêòt", "cp1258") == "được Việt"


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(KeyError):
        decode("é", "latin-9")


@given(st.sampled_from(LABELS))
def test_utf8_read_as_windows_1252_is_mended(label: str) -> None:
    shown = "".join(bytes([b]).decode("cp1252") if b not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(b)
                    for b in label.encode())  # fmt: skip
    assert mend(shown) == label
    assert texts(read(shown)) == [label]


def test_entities_and_loose_marks_are_put_together() -> None:
    assert mend("T&#7893;ng s&#x1ED1; &amp; caf&eacute;") == "Tổng số &amp; café"
    [found] = read(unicodedata.normalize("NFD", "Tổng số"))
    assert (found.text, found.encoding, found.changed) == ("Tổng số", "unicode", True)


@pytest.mark.parametrize("text", ["“là”…", "Señor", "«à»", "Ã là", "r&d; a&b", "½Ç¶"])
def test_mending_leaves_sound_text(text: str) -> None:
    assert mend(text) == text


# --- the decision


@pytest.mark.parametrize(("encoding", "font"), [("tcvn3", ".VnTime"), ("vni", "VNI-Times")])
def test_a_document_in_an_old_encoding_is_read_with_and_without_its_fonts(encoding: str, font: str) -> None:
    shown = [encode(label, encoding) for label in LABELS]
    for given_font in (font, "", "Times New Roman"):
        found = read(*shown, font=given_font)
        assert [item.text.casefold() for item in found] == [label.casefold() for label in LABELS]
        assert all(item.sure and item.encoding == encoding for item in found)
        assert main_encoding(found) == encoding


@pytest.mark.parametrize(("encoding", "font"), [("viscii", ""), ("vps", "")])
def test_rare_encodings_are_told_by_the_whole_document(encoding: str, font: str) -> None:
    found = read(*(encode(label, encoding) for label in LABELS), font=font)
    right = [item.text.casefold() == label.casefold() for item, label in zip(found, LABELS, strict=True)]
    assert sum(right) >= len(LABELS) - 1


@pytest.mark.parametrize("font", [".VnTime", "VNI-Times", ".VnArialH", "VPS Times"])
def test_fonts_that_lie_do_not_matter(font: str) -> None:
    assert texts(read(*LABELS, font=font)) == LABELS
    if font != ".VnArialH":
        vni = [encode(label, "vni") for label in LABELS]
        assert texts(read(*vni, font=font)) == LABELS


def test_a_sheet_may_mix_old_cells_and_unicode_cells() -> None:
    shown = [encode(label, "tcvn3") if at % 2 else label for at, label in enumerate(LABELS)]
    found = read(*shown)
    wrong = [item for item, label in zip(found, LABELS, strict=True) if item.text.casefold() != label.casefold()]
    assert len(wrong) <= 1  # two syllables that both readings make common: left as it was, and said
    assert not any(item.sure or item.changed for item in wrong)
    assert {item.encoding for item in found} == {"tcvn3", "unicode"}


def test_two_old_encodings_in_one_file_by_column() -> None:
    cells = [Piece((Run(encode(label, encoding)),), "s", encoding) for label in LABELS for encoding in ("tcvn3", "vni")]
    assert [item.text.casefold() for item in decode_document(cells)] == [x.casefold() for x in LABELS for _ in (0, 1)]


def test_a_cell_too_short_to_tell_follows_its_column() -> None:
    neighbours = [encode(label, "tcvn3") for label in LABELS]
    assert read("cã")[0].text == "cã"
    assert read(*neighbours, "cã")[-1].text == "có"
    assert read(*LABELS, "cã")[-1].text == "cã"


@pytest.mark.parametrize("font", ["", "Arial", ".VnTime", "VNI-Times"])
@pytest.mark.parametrize("text", PLAIN)
def test_unicode_of_western_letters_alone_is_not_altered(text: str, font: str) -> None:
    assert not read(text, font=font)[0].changed
    assert texts(read(*LABELS, text, font=font))[-1] == text


@pytest.mark.parametrize("word", FOREIGN)
def test_foreign_words_and_signs_come_through(word: str) -> None:
    assert texts(read(word)) == [word]
    assert texts(read(*LABELS, word))[-1] == word
    old = [Piece((Run(encode(label, "tcvn3"), ".VnTime"),), "s", "1") for label in LABELS]
    assert decode_document([*old, Piece((Run(word, "Arial"),), "s", "2")])[-1].text == word


def test_a_font_of_capitals_makes_capitals_run_by_run() -> None:
    piece = Piece((Run("Céng hoµ ", ".VnTimeH"), Run("x· héi", ".VnTime")))
    assert decode_document([piece])[0].text == "CỘNG HOÀ xã hội"


def test_words_cut_by_runs_are_judged_whole() -> None:
    runs = (Run("T", "Times New Roman"), Run("æ", ".VnTime"), Run("ng s", "Arial"), Run("è v¨n b¶n", ".VnTime"))
    assert decode_document([Piece(runs)])[0].text == "Tổng số văn bản"


def test_a_word_put_right_by_another_hand_stays() -> None:
    assert read(*(encode(label, "tcvn3") for label in LABELS), "M¸y mãc thiết bÞ, phụ tïng")[-1].text == (
        "Máy móc thiết bị, phụ tùng"
    )


def test_the_soft_hyphen_is_a_letter_in_tcvn3_only() -> None:
    assert texts(read("h\xadíng dÉn sö dông")) == ["hướng dẫn sử dụng"]
    assert texts(read("inter\xadnational")) == ["inter\xadnational"]


def test_signs_in_fonts_of_pictures_are_no_letters() -> None:
    piece = Piece((Run("cã N", ".VnTime"), Run("£", "Symbol"), Run("5 ®iÓm", ".VnTime")))
    old = [Piece((Run(encode(label, "tcvn3"), ".VnTime"),)) for label in LABELS]
    found = decode_document([*old, piece])[-1]
    assert (found.text, found.encoding, found.sure) == ("có N£5 điểm", "tcvn3", True)


def test_dashes_and_bullets_beside_old_letters_stay() -> None:
    shown = [encode(label, "tcvn3") for label in LABELS]
    assert read(*shown, "− Tæng sè: −5 %")[-1].text == "− Tổng số: −5 %"
    assert read(*shown, "· Tæng sè ±5")[-1].text == "· Tổng số ±5"
    assert read(*shown, "n−íc, nh−")[-1].text == "nước, như"  # what some PDF writers make of the soft hyphen


@given(st.text(alphabet="0123456789.,%/()- +abcXYZ"), st.sampled_from(["", ".VnTime", ".VnTimeH", "VNI-Times"]))
def test_digits_and_ascii_are_never_changed(text: str, font: str) -> None:
    found = read("Tæng sè v¨n b¶n", text, font=font)[1]
    assert (found.text, found.encoding, found.changed) == (text, "ascii", False)


@given(st.lists(st.tuples(st.text(max_size=12), st.sampled_from(["", ".VnTime", "VNI-Times", "Arial"])), max_size=6))
def test_any_document_is_read_piece_for_piece_in_nfc(runs: list[tuple[str, str]]) -> None:
    pieces = [Piece((Run(text, font), Run(text[::-1], "")), "g", "c") for text, font in runs]
    found = decode_document(pieces)
    assert len(found) == len(pieces)
    assert all(unicodedata.is_normalized("NFC", item.text) for item in found)


def test_what_stays_doubtful_is_left_and_marked() -> None:
    [found] = read("Phó Thä")
    assert (found.text, found.sure, found.changed) == ("Phó Thä", False, False)


@pytest.mark.parametrize(
    ("font", "encoding"),
    [(".VnTimeH", "tcvn3"), ("VnTimeHBold", "tcvn3"), ("VNI-Times", "vni"), ("VPS Helv", "vps"), ("VI Times", "viscii"),
     ("Times New Roman", ""), ("Arial", ""), ("", "")],
)  # fmt: skip
def test_what_a_font_proposes(font: str, encoding: str) -> None:
    assert font_encoding(font) == encoding


def test_a_rare_capital_comes_back_from_utf8_read_as_windows_1252() -> None:
    shown = "HẠ TẦNG KỸ THUẬT".encode().decode("cp1252", "replace").replace("\N{REPLACEMENT CHARACTER}", "\xa0")
    assert decode_document([Piece((Run(shown),))])[0].text == "HẠ TẦNG KỸ THUẬT"


def test_the_letters_of_viscii_among_the_control_characters_are_read() -> None:
    assert decode("K\x19 THU\x87T", "viscii") == "KỸ THUẬT"


@pytest.mark.parametrize(
    "text", ["It’s also in blue", "how we’ve taught", "IT’S HERE", "that’s “all” – and we’ll see", "c’est l’économie"]
)
def test_an_apostrophe_in_foreign_words_is_no_letter_of_an_old_encoding(text: str) -> None:
    [found] = decode_document([Piece((Run(text, "Arial"),))])
    assert found.text == text
