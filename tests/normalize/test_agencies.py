from __future__ import annotations

import pytest

from normalize.agencies import agency_as_of, agency_of_line, find_agency, parse_agency
from normalize.catalogue import default_folder, load_catalogue
from normalize.model import Agency
from normalize.places import Context, read_unit

CATALOGUE = load_catalogue(default_folder())


def parsed(text: str, province: str = "", day: str = "2020-07-31", around: str = "") -> Agency:
    agency = parse_agency(text, Context(province, day, around), CATALOGUE)
    assert agency is not None, text
    return agency


@pytest.mark.parametrize(
    "text",
    ["Sở Thông tin và Truyền thông", "Sở TT&TT", "Sở TTTT", "STTTT", "SỞ THÔNG TIN VÀ TRUYỀN THÔNG", "So TTTT",
     "Sở Thông tin - Truyền thông", "Báo cáo của Sở TT&TT", "S Thông tin và Truy n thông",
     "Sở TT&TT tỉnh Tuyên Quang"],
)  # fmt: skip
def test_a_department_is_one_agency_however_it_is_written(text: str):
    agency = parsed(text, "Tuyên Quang")
    assert agency == Agency(
        "tuyen-quang.so-thong-tin-va-truyen-thong", "Sở Thông tin và Truyền thông", "department", "Tuyên Quang"
    )


@pytest.mark.parametrize(
    "text",
    ["UBND huyện Tam Đảo", "ỦY BAN NHÂN DÂN HUYỆN TAM ĐẢO", "Uỷ ban nhân dân huyện Tam Đảo", "UBND H. Tam Đảo",
     "UBND Tam Đảo", "UBND huyen Tam Dao", "UBND huy n Tam Đ o", "UBND huyện Tam Đảo, tỉnh Vĩnh Phúc",
     "Báo cáo UBND huyện Tam Đảo quý II"],
)  # fmt: skip
def test_a_district_tells_its_province_when_its_name_is_unique(text: str):
    assert parsed(text) == Agency("vinh-phuc.ubnd-huyen-tam-dao", "UBND huyện Tam Đảo", "district", "Vĩnh Phúc")


@pytest.mark.parametrize(
    ("text", "province", "day", "agency_id", "level"),
    [
        ("S T pháp", "Tuyên Quang", "2019-06-30", "tuyen-quang.so-tu-phap", "department"),
        ("P. Tư pháp huyện Tam Đảo", "", "2020-07-31", "vinh-phuc.phong-tu-phap-huyen-tam-dao", "district"),
        ("Phòng VH&TT huyện Hoành Bồ", "", "2019-06-30", "quang-ninh.phong-van-hoa-va-thong-tin-huyen-hoanh-bo",
         "district"),
        ("UBND TP. Tuyên Quang", "", "2019-06-30", "tuyen-quang.ubnd-thanh-pho-tuyen-quang", "district"),
        ("UBND TP.Hải Phòng", "", "2019-06-30", "hai-phong.ubnd-thanh-pho-hai-phong", "province"),
        ("UBND TỈNH HÀ GIANG", "", "2019-06-30", "ha-giang.ubnd-tinh-ha-giang", "province"),
        ("UBND tỉnh", "Hà Giang", "2019-06-30", "ha-giang.ubnd-tinh-ha-giang", "province"),
        ("UBND Quận 1", "", "2019-06-30", "ho-chi-minh.ubnd-quan-1", "district"),
        ("UBND thành phố Huế", "", "2019-06-30", "thua-thien-hue.ubnd-thanh-pho-hue", "district"),
        ("UBND thành phố Huế", "", "2025-03-31", "hue.ubnd-thanh-pho-hue", "province"),
        ("UBND huyện Kỳ Sơn", "Hòa Bình", "2019-06-30", "hoa-binh.ubnd-huyen-ky-son", "district"),
        ("UBND huyện Kỳ Sơn", "", "2021-06-30", "nghe-an.ubnd-huyen-ky-son", "district"),
        ("UBND xã Đồng Thịnh", "Vĩnh Phúc", "2024-03-05", "vinh-phuc.huyen-song-lo.ubnd-xa-dong-thinh", "commune"),
        ("UBND xã Tam Đảo", "", "2025-12-31", "phu-tho.ubnd-xa-tam-dao", "commune"),
        ("Sở KHCN tỉnh Bà Rịa - Vũng Tàu", "", "2019-06-30", "ba-ria-vung-tau.so-khoa-hoc-va-cong-nghe", "department"),
    ],
)  # fmt: skip
def test_an_agency_has_the_unit_of_its_day(text: str, province: str, day: str, agency_id: str, level: str):
    agency = parsed(text, province, day)
    assert (agency.id, agency.level) == (agency_id, level)


def test_a_district_keeps_its_id_when_it_becomes_a_town():
    assert parsed("UBND huyện Quế Võ", day="2019-06-30").id == parsed("UBND thị xã Quế Võ", day="2024-06-30").id


def test_units_that_share_a_name_are_not_taken_for_each_other():
    assert parsed("UBND xã Đồng Thịnh") == Agency("", "UBND xã Đồng Thịnh", "commune", "")
    told = parsed("UBND xã Đồng Thịnh", around="huyen yen lap tinh phu tho")
    assert told.id == "phu-tho.huyen-yen-lap.ubnd-xa-dong-thinh"


def test_a_name_that_no_register_has_keeps_its_own_words():
    agency = parsed("Ủy ban nhân dân xã Đông Thịnh", "Vĩnh Phúc")
    assert (agency.name, agency.level, agency.province) == ("UBND xã Đông Thịnh", "commune", "Vĩnh Phúc")


@pytest.mark.parametrize(
    "text",
    ["Trung tâm CNTT", "UBND các huyện, thị xã, thành phố", "nhân dân", "", "58", "Sở",
     "Sở Tư pháp đã ban hành quyết định số 5 về việc giao nhiệm vụ cho các đơn vị"],
)  # fmt: skip
def test_other_text_names_no_agency(text: str):
    assert parse_agency(text, Context("", "", ""), CATALOGUE) is None


def test_the_letterhead_names_the_superior_body_first():
    lines = ["UBND TỈNH HÀ GIANG", "SỞ TƯ PHÁP", "Số: 12/BC-STP", "Hà Giang, ngày 20 tháng 6 năm 2019"]
    assert find_agency([], lines, [], "bc.docx", CATALOGUE, "2019-06-20").id == "ha-giang.so-tu-phap"
    whole = find_agency([], lines, [], "bc.docx", CATALOGUE, "2019-06-20", "province")
    assert whole.id == "ha-giang.ubnd-tinh-ha-giang"


def test_a_letterhead_may_run_over_two_lines_and_beside_the_motto():
    lines = ["ỦY BAN NHÂN DÂN CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "HUYỆN TAM ĐẢO Độc lập - Tự do - Hạnh phúc", "Số: 1"]
    assert find_agency([], lines, [], "bc.docx", CATALOGUE, "2020-07-31").id == "vinh-phuc.ubnd-huyen-tam-dao"
    lines = ["UBND HUYỆN VỊ XUYÊN", "PHÒNG TƯ PHÁP", "Số: 1/BC-PTP"]
    office = find_agency([], lines, [], "bc.docx", CATALOGUE, "2020-07-31")
    assert (office.name, office.province) == ("Phòng Tư pháp huyện Vị Xuyên", "Hà Giang")
    lines = ["UBND HUYỆN SÔNG LÔ", "ỦY BAN NHÂN DÂN", "XÃ ĐỒNG THỊNH", "Số: 1/BC-UBND"]
    commune = find_agency([], lines, [], "bc.docx", CATALOGUE, "2020-07-31")
    assert commune.id == "vinh-phuc.huyen-song-lo.ubnd-xa-dong-thinh"


def test_a_row_that_names_the_agency_goes_before_the_letterhead():
    lines = ["UBND TỈNH TUYÊN QUANG", "SỞ THÔNG TIN VÀ TRUYỀN THÔNG"]
    assert find_agency(["Sở Tư pháp"], lines, [], "", CATALOGUE, "2019-06-30").id == "tuyen-quang.so-tu-phap"


def test_the_folder_tells_the_agency_when_the_document_does_not():
    found = find_agency([], ["BÁO CÁO"], [], "2020-07/UBND huyện Tam Đảo/bc.pdf", CATALOGUE, "2020-07-31")
    assert found.id == "vinh-phuc.ubnd-huyen-tam-dao"


def test_an_agency_is_summed_under_the_province_of_a_later_day():
    agency = parsed("UBND tỉnh Hà Giang", day="2019-12-31")
    later = agency_as_of(agency, "2025-07-01", CATALOGUE)
    assert (later.id, later.name, later.province) == (agency.id, "UBND tỉnh Hà Giang", "Tuyên Quang")
    assert agency_as_of(agency, "2020-01-01", CATALOGUE) == agency


@pytest.mark.parametrize(
    ("texts", "agency_id"),
    [
        ("Sở Tư pháp|STP|S T pháp|Sở TP|S. Tư pháp|so tu phap|so-tu-phap|SỞ TƯ PHÁP", "so-tu-phap"),
        ("Sở TT&TT|Sở TT & TT|Sở TT-TT|Sở TTTT|STTTT|So TTTT|Sở Thông tin & Truyền thông",
         "so-thong-tin-va-truyen-thong"),
        ("Sở GD-ĐT|Sở GD & ĐT|Sở GD&ĐT|Sở GDĐT|Sở Giáo dục & Đào tạo", "so-giao-duc-va-dao-tao"),
        ("Sở KH&ĐT|Sở KHĐT|Sở KH-ĐT|Sở Kế hoạch Đầu tư|So KHDT", "so-ke-hoach-va-dau-tu"),
        ("Sở NN&PTNT|Sở NN-PTNT|Sở NNPTNT|Sở Nông nghiệp và PTNT|Sở NN và PTNT",
         "so-nong-nghiep-va-phat-trien-nong-thon"),
        ("Sở TN&MT|Sở TN-MT|Sở TNMT|Sở Tài nguyên & Môi trường", "so-tai-nguyen-va-moi-truong"),
        ("Sở VHTTDL|Sở VH,TT&DL|Sở VH-TT&DL|Sở VHTT&DL|Sở Văn hoá, Thể thao và Du lịch",
         "so-van-hoa-the-thao-va-du-lich"),
        ("Sở LĐTBXH|Sở LĐTB&XH|Sở LĐ-TBXH|Sở LĐ,TB&XH|Sở Lao động, TB và XH", "so-lao-dong-thuong-binh-va-xa-hoi"),
        ("Sở GTVT|Sở Giao thông vận tải|Sở Giao thông - Vận tải", "so-giao-thong-van-tai"),
        ("Sở KHCN|Sở KH&CN|Sở KH-CN", "so-khoa-hoc-va-cong-nghe"),
        ("Sở Y tế|Sở YT|SYT", "so-y-te"),
        ("Sở Ngoại vụ|Sở NgV", "so-ngoai-vu"),
        ("Công an tỉnh|CA tỉnh", "cong-an-tinh"),
        ("Cục Thuế|Cục Thuế tỉnh", "cuc-thue-tinh"),
        ("BHXH|BHXH tỉnh|Bảo hiểm xã hội tỉnh", "bao-hiem-xa-hoi-tinh"),
        ("Kho bạc|KBNN|Kho bạc Nhà nước tỉnh|KBNN tỉnh", "kho-bac-nha-nuoc-tinh"),
        ("Ban QL KCN|BQL KCN|BQL các KCN|Ban QL các KCN tỉnh|Ban Quản lý các khu công nghiệp",
         "ban-quan-ly-cac-khu-cong-nghiep"),
        ("Thanh tra tỉnh|T.Tra tỉnh|Thanh tra Nhà nước tỉnh", "thanh-tra-tinh"),
        ("VP UBND|VP UBND tỉnh|VPUBND tỉnh|Văn phòng UBND tỉnh", "van-phong-ubnd-tinh"),
        ("VP HĐND|VP HĐND tỉnh|Văn phòng HĐND tỉnh", "van-phong-hdnd-tinh"),
        ("Ban Dân tộc|BDT|Ban Dân tộc tỉnh", "ban-dan-toc"),
    ],
)  # fmt: skip
def test_departments_are_known_by_the_names_that_offices_use(texts: str, agency_id: str):
    for text in texts.split("|"):
        assert parsed(text, "Hà Giang", "2019-06-30").id == f"ha-giang.{agency_id}", text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("VP UBND huyện Bắc Quang", "Văn phòng UBND huyện Bắc Quang"),
        ("VP HĐND&UBND huyện Bắc Quang", "Văn phòng HĐND và UBND huyện Bắc Quang"),
        ("Kho bạc Nhà nước huyện Bắc Quang", "Kho bạc nhà nước huyện Bắc Quang"),
        ("BHXH TP. Hà Giang", "Bảo hiểm xã hội thành phố Hà Giang"),
        ("Chi cục Thuế huyện Bắc Quang", "Chi cục Thuế huyện Bắc Quang"),
        ("UBND H.Bắc Quang", "UBND huyện Bắc Quang"),
        ("UBND_huyen_Bac_Quang", "UBND huyện Bắc Quang"),
        ("UBND P. Minh Khai", "UBND phường Minh Khai"),
        ("UBND TT. Vị Xuyên", "UBND thị trấn Vị Xuyên"),
        ("UBND X. Phương Thiện", "UBND xã Phương Thiện"),
    ],
)
def test_an_office_of_a_lower_unit_is_not_the_one_of_the_province(text: str, name: str):
    assert parsed(text.replace("_", " "), "Hà Giang", "2019-06-30").name == name


@pytest.mark.parametrize(
    ("path", "agency_id"),
    [
        ("so-tu-phap.docx", "so-tu-phap"),
        ("2019-Q2/UBND_huyen_Bac_Quang.xlsx", "ha-giang.ubnd-huyen-bac-quang"),
        ("bao cao so y te quy 2.docx", "so-y-te"),
        ("BC quý II Sở Công Thương.docx", "so-cong-thuong"),
        ("Bao cao 6 thang - So KHDT.docx", "so-ke-hoach-va-dau-tu"),
        ("01. Sở Tài chính/x.doc", "so-tai-chinh"),
        ("baocao-so-noi-vu-ha-giang.pdf", "ha-giang.so-noi-vu"),
    ],
)
def test_the_name_of_a_file_tells_the_agency(path: str, agency_id: str):
    assert find_agency([], ["BÁO CÁO"], [], path, CATALOGUE, "2019-06-30").id == agency_id


@pytest.mark.parametrize(
    ("text", "agency_id"),
    [
        ("Huyện Bắc Quang", "ha-giang.ubnd-huyen-bac-quang"),
        ("Bắc Quang", "ha-giang.ubnd-huyen-bac-quang"),
        ("TP. Hà Giang", "ha-giang.ubnd-thanh-pho-ha-giang"),
        ("Sở TTTT", "ha-giang.so-thong-tin-va-truyen-thong"),
    ],
)
def test_a_line_of_a_table_may_name_the_unit_alone(text: str, agency_id: str):
    agency = agency_of_line(text, Context("Hà Giang", "2019-06-30", ""), CATALOGUE)
    assert agency is not None and agency.id == agency_id


def test_a_line_that_names_nothing_known_is_no_agency():
    for text in ("Trung tâm mới", "Số dịch vụ", "Tổng cộng", "chiếc", "T ng s máy tính"):
        assert agency_of_line(text, Context("", "", ""), CATALOGUE) is None, text


def test_a_commune_that_the_form_leaves_unnamed_is_named_by_its_folder():
    found = find_agency(
        [], ["ỦY BAN NHÂN DÂN XÃ", "BÁO CÁO"], [], "Hà Giang/UBND xã Bản Máy/bc.docx", CATALOGUE, "2024-03-05"
    )
    assert (found.name, found.level, found.province) == ("UBND xã Bản Máy", "commune", "Hà Giang")
    assert found.id


def test_a_folder_of_another_level_does_not_name_the_commune():
    found = find_agency([], ["ỦY BAN NHÂN DÂN XÃ"], [], "Hà Giang/Sở Y tế/bc.docx", CATALOGUE, "2024-03-05")
    assert (found.id, found.level) == ("", "commune")


def test_a_commune_called_like_a_province_does_not_tell_the_province_of_a_path():
    found = find_agency([], ["BÁO CÁO"], [], "Vĩnh Phúc/UBND xã Bình Định/bc.docx", CATALOGUE, "2019-06-30")
    assert (found.name, found.province) == ("UBND xã Bình Định", "Vĩnh Phúc")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("UBND xã Kim Phú Thượng", ""),
        ("UBND XÃ KIM PHÚ THƯỢNG", ""),
        ("UBND xã Kim Phú Thượng, huyện Yên Sơn", ""),
        ("UBND xã Kim Phú", "Kim Phú"),
        ("UBND xã Kim Phú Báo cáo", "Kim Phú"),
        ("UBND xã Kim Phú TQ", "Kim Phú"),
        ("UBND xã Kim Phú huyện Yên Sơn", "Kim Phú"),
        ("UBND xã Kim Phú tỉnh Tuyên Quang", "Kim Phú"),
    ],
)
def test_a_unit_whose_name_goes_on_is_not_the_one_it_begins_with(text: str, told: str):
    named = read_unit(text.removeprefix("UBND "), Context("", "", ""), CATALOGUE)
    assert named is not None
    assert (named.name if named.unit is not None or named.several else "").lower() == told.lower()
