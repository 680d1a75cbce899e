"""What each sample must give, written from the fill alone: figures, lists, and whose report it is."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from samples.form import Answer, Fill, Json, lists_of_form, rows_of_form

FIGURES = ("form_id", "row", "label", "raw_value", "value", "value_text", "role")
DOCUMENTS = ("source_path", "form_id", "agency", "agency_level", "province", "period", "status")
NOT_PUBLISHED = ("agency", "period", "contact")


def figure_lines(form: Json, fill: Fill) -> Iterator[tuple[str, ...]]:
    """Yield a line for each filled row in printed order; agency, period and contact rows are left out."""
    for row in rows_of_form(form):
        answer = fill.answers.get(row["row"])
        if answer and answer.use not in NOT_PUBLISHED:
            value = "" if answer.number is None else str(answer.number)
            yield form["form_id"], row["row"], row["label"], answer.printed, value, answer.text, row["role"]


def list_lines(form_id: str, block: Json, fill: Fill) -> Iterator[tuple[str, ...]]:
    """Yield the header and then each entry of one list table: form, list, section, item number, its fields."""
    columns = block["columns"]
    fields = [name for name in columns if name != "tt"]
    yield "form_id", "list_id", "section", "item_no", *fields
    for entry in fill.entries.get(block["id"], ()):
        cells = dict(zip(columns, entry.cells, strict=True))
        yield form_id, list_id(block), entry.section, cells.get("tt", ""), *(cells[name] for name in fields)


def list_id(block: Json) -> str:
    """Return the id under which a list table is published; the same list of two forms has the same one."""
    return str(block.get("list_id", block["id"]))


def write_truth(folder: Path, stem: str, form: Json, fill: Fill) -> None:
    """Write ``<stem>.csv`` and ``lists/<stem>.<list_id>.csv`` for one sample."""
    write_lines(folder / f"{stem}.csv", [FIGURES, *figure_lines(form, fill)])
    for block in lists_of_form(form):
        lines = list(list_lines(form["form_id"], block, fill))
        if len(lines) > 1:
            write_lines(folder / "lists" / f"{stem}.{list_id(block)}.csv", lines)


def write_lines(path: Path, lines: Iterable[tuple[str, ...]]) -> None:
    """Write CSV as UTF-8 with a line feed after each line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)


def with_printed(fill: Fill, printed: dict[str, str]) -> Fill:
    """Return the fill as a file shows it where the file shows some figures in another way (100% for 100)."""
    changed = {
        row: Answer(printed[row], answer.number, answer.text, answer.use) if row in printed else answer
        for row, answer in fill.answers.items()
    }
    return Fill(fill.head, changed, fill.notes, fill.entries)
