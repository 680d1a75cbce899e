"""Reports made by hand, for the tests of what is published about them."""

from __future__ import annotations

from consolidate.model import Processed
from extract.model import Cell, Place
from normalize.model import Agency, Candidate, Indicator, ListEntry, Match, Outcome, Report, Row, Value

COMPUTERS = Indicator("it.computers.total", "Tổng số máy tính", "Computers", "chiếc", "count")
SHARE = Indicator("it.computers.share", "Tỷ lệ máy tính", "Share of computers", "%", "percent")
SITE = Indicator("web.address", "Địa chỉ trang thông tin điện tử", "Web site", "", "url")
INDICATORS = {one.id: one for one in (COMPUTERS, SHARE, SITE)}
MESSAGES = {
    "no_candidate": ("Không có chỉ tiêu nào giống dòng này.", "No indicator resembles this row."),
    "no_data": ("Không có số liệu.", "No figures."),
}


def cell(text: str, row: int, column: int = 4, raw: str = "", flags: tuple[str, ...] = ()) -> Cell:
    return Cell(Place(page=2, table=3, row=row, column=column), text, raw, flags=flags)


def row(order: int, label: str, value: str, **more: object) -> Row:
    place = Place(page=2, table=3, row=order)
    fields = {"number": "", "raw_label": label, "unit": "", "path": ("Mục 2", "Hạ tầng"), "value": cell(value, order)}
    return Row(**{"place": place, "order": order, "label": label, **fields, **more})  # type: ignore[arg-type]


def observed(order: int, target: str, number: float | None, text: str = "", **more: object) -> Outcome:
    value = Value(number=number, text=text, **more)  # type: ignore[arg-type]
    printed = text or str(number)
    return Outcome(row(order, f"label {order}", printed), Match(target, "exact", 1.0, "f1", "3"), value, "observation")


def unmatched(order: int, label: str, value: str, *ids: str, reason: str = "no_candidate", target: str = "") -> Outcome:
    candidates = tuple(Candidate(name, f"label of {name}", 0.5) for name in ids)
    return Outcome(row(order, label, value), Match(target, reason=reason, candidates=candidates), Value(), "unmatched")


def other(order: int, kind: str, reason: str = "") -> Outcome:
    return Outcome(row(order, f"label {order}", ""), Match(""), Value(blank=kind == "blank"), kind, reason)


def report(*outcomes: Outcome, period: str = "2019-Q2", entries: tuple[ListEntry, ...] = (), **more: object) -> Report:
    agency = Agency("tuyenquang.justice", "Sở Tư pháp", "department", "Tuyên Quang")
    fields = {"form_id": "f1", "agency": agency, "period": period, "outcomes": outcomes, "entries": entries}
    return Report(**{**fields, **more})  # type: ignore[arg-type]


def processed(path: str, *outcomes: Outcome, sha256: str = "", **more: object) -> Processed:
    made = report(*outcomes, **more)  # type: ignore[arg-type]
    return Processed(path, sha256 or "aa" * 32, "docx", "extracted", report=made, encoding="unicode", text_quality=1.0)
