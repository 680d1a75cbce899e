"""The rows of the report page that wait for a person: each label once, with the source row beside it."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consolidate.audit import ANSWERED, CANDIDATES, most_frequent_first, unmatched_records, waiting_outcomes
from consolidate.contacts import MASK
from consolidate.dataset import Record, published_order
from consolidate.messages import Messages, say
from consolidate.model import Processed
from consolidate.report_html import both, more, number, pair, text
from consolidate.row_pictures import Pictures, Wanted
from extract.crops import KINDS
from extract.model import Place
from normalize.model import Outcome

MOST_LABELS, MOST_PICTURES, MOST_BYTES = 200, 150, 1_600_000
"""How many labels the page shows, how many of them with a picture, and how many bytes these may have in all."""

_LONGEST_SECTION = 240


@dataclass(frozen=True, slots=True)
class Waiting:
    """A label that waits for a decision: the record of its first row, that row itself, and its document."""

    record: Record
    outcome: Outcome
    item: Processed


def waiting_labels(processed: Sequence[Processed], messages: Messages) -> list[Waiting]:
    """Each label or row that waits for a person once, in the order of the audit file."""
    records: list[Record] = []
    found: dict[str, tuple[Outcome, Processed]] = {}
    for item in sorted(processed, key=published_order):
        if item.report is None:
            continue
        told = list(unmatched_records(item, messages))
        for record, outcome in zip(told, waiting_outcomes(item.report), strict=True):
            found.setdefault(str(record["row_key"]), (outcome, item))
        records += told
    first = {str(record["row_key"]): record for record in reversed(most_frequent_first(records))}
    asked = {key: record for key, record in reversed(first.items()) if record["reason"] != ANSWERED}
    return [Waiting(record, *found[key]) for key, record in asked.items()]


def rows_section(waiting: Sequence[Waiting], pictures: Pictures, messages: Messages) -> str:
    """A card for each label, with a picture of the source row where one can be had, else with its cells."""
    if not waiting:
        return f'<p class="none">{both(messages, "page_rows_none")}</p>'
    shown = waiting[:MOST_LABELS]
    cut = _pictures(shown, pictures)
    cards = "".join(_card(one, cut.get(at, b""), messages) for at, one in enumerate(shown))
    return f'<div class="cards">{cards}</div>' + more(messages, len(waiting) - len(shown), "unmatched.xlsx")


def _pictures(shown: Sequence[Waiting], pictures: Pictures) -> dict[int, bytes]:
    wanted = {at: one for at, each in enumerate(shown) if (one := _wanted(each)) is not None}
    first = dict(list(wanted.items())[:MOST_PICTURES])
    found: Mapping[Wanted, bytes] = pictures(list(first.values())) if first else {}
    kept: dict[int, bytes] = {}
    room = MOST_BYTES
    for at, one in first.items():
        picture = found.get(one, b"")
        if picture and len(picture) <= room:
            kept[at] = picture
            room -= len(picture)
    return kept


def _wanted(one: Waiting) -> Wanted | None:
    """The part of the page from the label to the value; ``None`` where there is none, or a contact stands in it."""
    row, item = one.outcome.row, one.item
    cells = [row.place, *([row.value.place] if row.value is not None else [])]
    boxes = [place.box for place in cells if place.box is not None and place.page == row.place.page]
    told = (row.label, row.raw_label, row.unit, row.note, row.value.text if row.value is not None else "")
    if item.format not in KINDS or not boxes or not row.place.page or any(MASK in each for each in told):
        return None
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    box = tuple(round(float(edge), 2) for edge in (min(lefts), min(tops), max(rights), max(bottoms)))
    scanned = row.value is not None and "ocr" in row.value.flags
    return Wanted(item.source_path, item.sha256, item.format, row.place.page, (box[0], box[1], box[2], box[3]), scanned)


def _card(one: Waiting, picture: bytes, messages: Messages) -> str:
    record, row = one.record, one.outcome.row
    where = "; ".join(filter(None, (str(record["agency"]), str(record["period"]), str(record["form_id"]))))
    place = pair(*(text(_place(row.place, messages, lang)) for lang in ("vi", "en")))
    section = f'<p class="path">{text(record["section"], _LONGEST_SECTION)}</p>' if record["section"] else ""
    times = both(messages, "page_times", count=int(str(record["n_same"])))
    return (
        f'<article class="row"><span class="times">{times}</span><h3>{text(record["label"]) or "–"}</h3>{section}'
        f'<div class="source">{_image(picture, record, messages) if picture else _cells(one)}</div>'
        f"<p>{_reason(record, row.unit, messages)}</p>{_candidates(record, messages)}"
        f'<p class="path">{text(where)}: {text(record["source_path"])}, {place}</p></article>\n'
    )


def _place(place: Place, messages: Messages, lang: str) -> str:
    parts = [("page", place.page), ("sheet", place.sheet), ("table", place.table), ("row", place.row)]
    return ", ".join(say(messages, f"place_{name}", lang, **{name: value}) for name, value in parts if value)


def _image(picture: bytes, record: Record, messages: Messages) -> str:
    width = int.from_bytes(picture[16:20], "big")
    height = int.from_bytes(picture[20:24], "big")
    data = base64.b64encode(picture).decode("ascii")
    told = f"{record['raw_label']}: {record['raw_value']}"
    source = f"data:image/png;base64,{data}"
    return f'<img src="{source}" width="{width}" height="{height}" loading="lazy" alt="{text(told)}">'


def _cells(one: Waiting) -> str:
    """The cells of the row as the source has them."""
    row, record = one.outcome.row, one.record
    cells = [row.number, str(record["raw_label"]), row.unit, str(record["raw_value"]), row.note]
    return f'<table class="cells"><tr>{"".join(f"<td>{text(cell)}</td>" for cell in cells if cell)}</tr></table>'


def _reason(record: Record, unit: str, messages: Messages) -> str:
    details = {"value": text(record["raw_value"], 80), "label": text(record["label"], 200), "unit": text(unit, 40)}
    told = [say(messages, str(record["reason"]), lang, **details) for lang in ("vi", "en")]
    return pair(told[0], told[1])


def _candidates(record: Record, messages: Messages) -> str:
    """What the row may be, with how likely that is."""
    lines = []
    for rank in range(1, CANDIDATES + 1):
        name, score = record[f"candidate_{rank}_id"], record[f"candidate_{rank}_score"]
        if name and isinstance(score, int | float):
            label = text(record[f"candidate_{rank}_label"])
            lines.append(f"<li>{label} <code>{text(name)}</code> · {number(round(100 * score))}%</li>")
    return f"<p>{both(messages, 'page_candidates')}</p><ul>{''.join(lines)}</ul>" if lines else ""
