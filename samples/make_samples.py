"""Make the sample inbox and what it must give: ``python samples/make_samples.py``.

Needs LibreOffice, pikepdf and the fonts named below; running the pipeline and its tests on the samples needs neither.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from samples.fill import made_up, seed_fill
from samples.form import Fill, Head, blank, load_form
from samples.office import Typed, docx_of, printed_typing, xlsx_of
from samples.pdf import break_tounicode, pdf_of
from samples.truth import DOCUMENTS, with_printed, write_lines, write_truth

HERE = Path(__file__).parent
WHOLE_FONT = "FreeSerif"
"""Has every Vietnamese letter, so that a word is drawn with one font."""
PART_FONT = "Liberation Serif"
"""Lacks the letters beyond Latin-1 and Latin Extended-A, so that LibreOffice draws one word with two fonts."""

TUYEN_QUANG = Head("Sở Tư pháp", "department", "Tuyên Quang", "2019-Q2")
COMMUNE = Head("UBND xã", "commune", "", "2024-03-05")
HA_GIANG = Head(
    "UBND tỉnh Hà Giang",
    "province",
    "Hà Giang",
    "2019-Q4",
    authority="UBND tỉnh Hà Giang",
    writer="Sở Thông tin và Truyền thông",
    place="Hà Giang",
    number="1086/STTTT-CNTT",
    subject="V/v cung cấp số liệu phát triển Chính phủ điện tử quý IV/2019",
    day=date(2019, 11, 20),
)
FINANCE = Head(
    "Sở Tài chính",
    "department",
    "",
    "2017-Q2",
    authority="Ủy ban nhân dân tỉnh",
    place="…",
    number="245/BC-STC",
    day=date(2017, 6, 6),
)
ENVIRONMENT = Head(
    "Sở Tài nguyên và Môi trường",
    "department",
    "Vĩnh Phúc",
    "2020-06",
    authority="UBND tỉnh Vĩnh Phúc",
    place="Vĩnh Phúc",
    number="118/BC-STNMT",
    day=date(2020, 7, 3),
)
TAM_DAO = Head(
    "UBND huyện Tam Đảo",
    "district",
    "Vĩnh Phúc",
    "2020-07",
    authority="UBND tỉnh Vĩnh Phúc",
    place="Tam Đảo",
    number="95/BC-UBND",
    day=date(2020, 8, 4),
)

SHEETS = {
    "1": "1.Thongtinchung",
    "2": "2.HatangCNTT",
    "3": "3.UDCNTT",
    "4": "4.Website",
    "5": "5.DVCTT",
    "6": "6.Chinh sach",
    "7": "7.Nhan luc",
    "3A.1": "PL3A.1",
    "3A.2": "PL3A.2",
    "3A.3": "PL3A.3",
}
TYPING = {
    "2.r4": Typed(number=1, number_format="0%"),
    "2.r7": Typed("=ROUND({2.r6}/{2.r2}*100,1)", number_format="0.0"),
    "2.r12": Typed(text="8,14"),
    "2.r14": Typed(number=98.3, number_format="0.0"),
    "3.r10": Typed("=ROUND({3.r9}/{1.r8}*100,1)", number_format="0.0"),
    "3.r24": Typed(text="68,6"),
    "3.r29": Typed(number=0.983, number_format="0.0%"),
    "4.r3": Typed(number=342628, number_format="#,##0"),
    "4.r4": Typed("={4.r5}+{4.r8}+{4.r12}+{4.r23}+{4.r25}"),
    "5.r17": Typed(text="64,3"),
    "7.r3": Typed(number=3.02, number_format="0.00"),
    "7.r17": Typed(number=1, number_format="0%"),
    "7.r18": Typed(number=1, number_format="0%"),
}
"""How the clerk typed some figures of the workbook: a formula, a percentage, or text with a decimal comma."""
SHOWN = {"2.r4": "100%", "3.r29": "98,3%", "7.r17": "100%", "7.r18": "100%"}


@dataclass(frozen=True, slots=True)
class Sample:
    """One file of the inbox: its form, what stands in it, and how the file is made."""

    path: str
    form_id: str
    fill: Fill
    status: str = "extracted"
    cover: bool = False
    workbook: bool = False
    font: str = "Times New Roman"
    mute: bool = False


def samples() -> list[Sample]:
    """Return every sample of the inbox in the order of its path."""
    tuyen_quang = seed_fill(load_form("tq2019"), TUYEN_QUANG)
    commune = seed_fill(load_form("xa2024"), COMMUNE)
    unsent = Head(period="2019-Q4")
    return [
        Sample("2017-Q2/Sở Tài chính/Báo cáo CPĐT quý II-2017.docx", "f2017", made_up("f2017", FINANCE, 2017)),
        Sample("2019-Q2/So Tu phap/BC UDCNTT Quy II-2019.pdf", "tq2019", tuyen_quang,
               workbook=True, font=WHOLE_FONT, mute=True),
        Sample("2019-Q2/So Tu phap/Phu luc bao cao UDCNTT.xlsx", "tq2019", with_printed(tuyen_quang, SHOWN),
               workbook=True),
        Sample("2019-Q4/Hà Giang/CV 1086 số liệu CPĐT quý IV-2019 (đã điền).docx", "hg2019",
               made_up("hg2019", HA_GIANG, 2019), cover=True),
        Sample("2019-Q4/Hà Giang/Phụ lục I, II (mẫu trống).docx", "hg2019", blank(unsent), "no_data"),
        Sample("2020-06/So TNMT/BC số liệu CQĐT tháng 6.docx", "vp2020", made_up("vp2020", ENVIRONMENT, 2020)),
        Sample("2020-07/UBND huyện Tam Đảo/bao cao thang 7.2020.pdf", "vp2020", made_up("vp2020", TAM_DAO, 2021),
               font=PART_FONT),
        Sample("2024-Q1/Phu luc 8 - BC 161-BC-UBND.pdf", "xa2024", commune, font=WHOLE_FONT),
    ]  # fmt: skip


def make(sample: Sample, target: Path) -> None:
    """Write the file of one sample."""
    form = load_form(sample.form_id)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        office = Path(folder, "report.xlsx" if sample.workbook else "report.docx")
        if sample.workbook:
            printed = {row: printed_typing(answer) for row, answer in sample.fill.answers.items()}
            typing = printed if target.suffix == ".pdf" else TYPING
            xlsx_of(form, sample.fill, office, SHEETS, typing, sample.font)
        else:
            docx_of(form, sample.fill, office, sample.font, sample.cover)
        if target.suffix != ".pdf":
            shutil.copyfile(office, target)
            return
        if sample.mute:
            healthy = Path(folder, "printed.pdf")
            pdf_of(office, healthy)
            print(f"  {break_tounicode(healthy, target)} codes of its fonts made mute")
        else:
            pdf_of(office, target)


def main() -> None:
    """Make the whole inbox anew, and beside it what each file must give."""
    for folder in (HERE / "inbox", HERE / "expected"):
        shutil.rmtree(folder, ignore_errors=True)
    documents = [DOCUMENTS]
    for sample in samples():
        print(sample.path)
        target = HERE / "inbox" / sample.path
        make(sample, target)
        write_truth(HERE / "expected", target.stem, load_form(sample.form_id), sample.fill)
        head = sample.fill.head
        documents.append(
            (sample.path, sample.form_id, head.agency, head.level, head.province, head.period, sample.status)
        )
    write_lines(HERE / "expected" / "documents.csv", documents)


if __name__ == "__main__":
    main()
