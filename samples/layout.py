"""What a form prints: its letterhead, its fill-in lines and its tables as grids of merged cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from samples.form import Entry, Fill, Head, Json, with_period

DOTS = "…………………"
MOTTO = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
WIDTHS = {"tt": 1.3, "label": 7.6, "unit": 2.6, "value": 2.4, "value2": 2.0, "note": 3.2, "service_name": 5.5}
LETTERHEAD = re.compile(r"TÊN |CỘNG HÒA|Độc lập|Số ")


@dataclass(frozen=True, slots=True)
class GridRow:
    """One printed table row: its cells by column, the last column each is merged to, and how it looks."""

    cells: tuple[tuple[int, int, str], ...]
    row: str = ""
    bold: bool = False
    header: bool = False


def letterhead(head: Head) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the left and the right half of a letterhead as lines."""
    day = f"{head.place}, ngày {head.day:%d} tháng {head.day.month} năm {head.day.year}" if head.day else ""
    left = (head.authority, head.writer or head.agency, head.number and f"Số: {head.number}", head.subject)
    return tuple(line.upper() if n < 2 else line for n, line in enumerate(left) if line), (*MOTTO, day)


def opening(form: Json, head: Head) -> Iterator[tuple[str, bool]]:
    """Yield the lines above the first block, each with whether it is the title."""
    lines = [line for line in form["preamble"] if not (head.day and LETTERHEAD.match(line))]
    above = [line for line in lines if line.startswith("Phụ lục") or LETTERHEAD.match(line)]
    yield from ((line, False) for line in above)
    if not any(block.get("text") == form["title"] for block in form["blocks"]):
        yield form["title"], True
    yield from ((with_period(line, head), False) for line in lines if line not in above)


def fill_in_lines(block: Json, fill: Fill) -> list[str]:
    """Return fill-in lines as printed, dots where nothing was filled in; several rows may share a line."""
    lines = list[str]()
    for line in block["lines"]:
        text = f"{line['prefix']}{line['label']}"
        if line["role"] != "heading":
            answer = fill.answers.get(line["row"])
            percent = "%" if line["suffix"] == "%" else ""
            text += line.get("sep", ": ") + (answer.printed if answer else DOTS + percent)
            text += "" if percent else line["suffix"]
        if line.get("same_line"):
            lines[-1] += text
        else:
            lines += text.split("\n")
    return lines


def grid_of(block: Json, fill: Fill) -> list[GridRow]:
    """Return a table block as printed rows, header first."""
    repeated = len(block.get("header_repeats_on_new_page", []))
    rows = [GridRow(tuple((n, n, text or "") for n, text in enumerate(line)), header=n < repeated, bold=True)
            for n, line in enumerate(block["header"])]  # fmt: skip
    if block["kind"] == "table":
        return rows + [_table_row(row, block["columns"], fill) for row in block["rows"]]
    return rows + list(_list_rows(block, fill.entries.get(block["id"], ())))


def _table_row(row: Json, columns: list[str], fill: Fill) -> GridRow:
    answer = fill.answers.get(row["row"])
    note = fill.notes.get(row["row"]) or row.get("printed_note") or ""
    texts = {"tt": row.get("tt") or "", "label": row["label"], "unit": row.get("unit") or "", "note": note}
    texts["value"] = row.get("placeholder") or ""
    if answer:
        texts[row.get("seed_col") or "value"] = answer.printed
    cells = tuple((n, n, texts.get(name, "")) for n, name in enumerate(columns))
    return GridRow(cells, row["row"], bold=row["role"] == "heading" and row["parent"] is None)


def _list_rows(block: Json, entries: tuple[Entry, ...]) -> Iterator[GridRow]:
    last, blanks = len(block["columns"]) - 1, block.get("blank_rows", [])
    for number, section in enumerate(block["section_rows"] or [""]):
        if section:
            letter, text = section.split(" ", 1)
            yield GridRow(((0, 0, letter), (1, last, text)), bold=True)
        found = [entry for entry in entries if entry.section == section]
        yield from (GridRow(tuple((n, n, text) for n, text in enumerate(entry.cells))) for entry in found)
        empty = 0 if entries else (blanks[number] if number < len(blanks) else 3)
        yield from (GridRow(tuple((n, n, "") for n in range(last + 1))) for _ in range(empty))


def header_merges(header: list[list[str | None]]) -> list[tuple[int, int, int, int]]:
    """Return the merged header cells as (top, left, bottom, right), rows and columns counted from 0."""
    merges, owner = dict[tuple[int, int], list[int]](), dict[tuple[int, int], tuple[int, int]]()
    for top, line in enumerate(header):
        for left, text in enumerate(line):
            above, beside = owner.get((top - 1, left)), owner.get((top, left - 1))
            home = (top, left) if text is not None else (beside if top == 0 else above)
            owner[top, left] = home = home or (top, left)
            span = merges.setdefault(home, [top, left])
            span[0], span[1] = max(span[0], top), max(span[1], left)
    return [(*home, span[0], span[1]) for home, span in merges.items() if tuple(span) != home]


def column_widths(columns: list[str], whole: float) -> list[float]:
    """Share the whole width of a table among its columns."""
    shares = [WIDTHS.get(name, 2.2) for name in columns]
    return [share * whole / sum(shares) for share in shares]
