"""Rows that a page end broke in two: joined where the whole label is one that a form prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz import fuzz, process

from normalize.catalogue import Catalogue
from normalize.index import build_index
from normalize.model import Row
from normalize.text import fold, squeeze

_WHOLE = 93
_GAIN = 8


def join_broken_rows(rows: Sequence[Row], catalogue: Catalogue) -> tuple[Row, ...]:
    """The rows with each label that goes on at the top of the next page put together again."""
    joined: list[Row] = []
    for row in rows:
        before = joined[-1] if joined else None
        if before is not None and _may_continue(before, row) and _is_one_label(before.label, row.label, catalogue):
            note = "\n".join(text for text in (before.note, row.note) if text)
            label, raw = f"{before.label} {row.label}", f"{before.raw_label}\n{row.raw_label}"
            joined[-1] = replace(before, label=label, raw_label=raw, note=note, value=before.value or row.value)
        else:
            joined.append(row if row.order == len(joined) else replace(row, order=len(joined)))
    return tuple(joined)


def _may_continue(before: Row, row: Row) -> bool:
    same_table = before.place.table == row.place.table and before.kind == row.kind == "table"
    over_page = 0 < before.place.page < row.place.page
    silent = row.value is None or not row.value.text.strip()
    return same_table and over_page and silent and not row.number and not row.unit.strip() and bool(row.label)


def _is_one_label(first: str, second: str, catalogue: Catalogue) -> bool:
    index = build_index(catalogue)
    expand = catalogue.thesaurus.expand

    def best(text: str, least: float) -> float:
        asked = expand(fold(squeeze(text)))
        found = process.extractOne(asked, index.full, scorer=fuzz.ratio, score_cutoff=least)
        return found[1] if found else 0.0

    whole = best(f"{first} {second}", _WHOLE)
    return whole > 0 and best(first, whole - _GAIN) <= whole - _GAIN
