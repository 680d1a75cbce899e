"""Lines to be filled in: "- Total: 17, of which online: 5" taken apart into labels and values."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass

from normalize.outline import split_number
from normalize.text import fold, squeeze, strip_bullet

_DOTS = r"(?:[.…·_]\s?){2,}|…+"
_FIGURE = r"(?:[≥≤<>~≈]\s*)?[-+]?\d(?:[\d.,]*\d)?(?:\s\d{3}\b)*\s*%?"
_SLOT = re.compile(rf"\s*(?P<value>(?:{_DOTS})?\s*{_FIGURE}|(?:{_DOTS})\s*%?|-(?=\s*[,;]|\s*$))")
_END = re.compile(
    rf"(?P<label>.*?)(?:(?P<dots>{_DOTS})\s*(?P<value>{_FIGURE})?|(?<=[)?\t])\s*(?P<after>{_FIGURE}))\s*[.;,]?\s*$",
    re.DOTALL,
)
_SIGN = re.compile("[():]")
_LEAD = re.compile(r"^[\s,;.]+")


@dataclass(frozen=True, slots=True)
class Slot:
    """One place to be filled in: its item number, its label, and what was written there ("" when nothing).

    ``listed`` tells a line that begins with a number or a bullet, ``printed`` is the label as it stands there.
    """

    number: str
    label: str
    value: str
    listed: bool
    printed: str = ""


def split_line(text: str, connectives: Container[str] = ()) -> tuple[Slot, ...]:
    """The places to be filled in of one line, in order; none for a line that is plain text or a heading.

    ``connectives`` are folded words ("of which") that join two places and belong to neither.
    """
    line = text.replace("\xa0", " ").strip()
    plain = strip_bullet(line)
    number, body = split_number(plain)
    listed = bool(number) or plain != line
    colons = list(_colons(body))
    if not colons:
        return _slot_at_end(number, body, listed, line[: len(line) - len(body)])
    slots: list[Slot] = []
    begin = 0
    for index, colon in enumerate(colons):
        label = _LEAD.sub("", body[begin:colon])
        last = index + 1 == len(colons)
        end = len(body) if last else colons[index + 1]
        value, begin = _value_after(body, colon + 1, end, last, connectives)
        if squeeze(label):
            printed = label if slots else line[: len(line) - len(body) + colon]
            slots.append(Slot(number if not slots else "", squeeze(label), squeeze(value), listed, squeeze(printed)))
    return tuple(slots)


def _slot_at_end(number: str, body: str, listed: bool, prefix: str) -> tuple[Slot, ...]:
    found = _END.fullmatch(body) if listed else None
    if not found or not squeeze(found["label"]):
        return ()
    label, value = squeeze(found["label"]), squeeze(found["value"] or found["after"] or "")
    return (Slot(number, label, value, listed, squeeze(prefix + found["label"])),)


def _value_after(body: str, start: int, end: int, last: bool, connectives: Container[str]) -> tuple[str, int]:
    found = _SLOT.match(body, start, end)
    if found is None:
        return (body[start:end], end) if last else ("", start)
    stop = found.end()
    if last:
        tail = body[stop:end]
        cut = re.search(r"[,;]\s", tail)
        return body[start : stop + (cut.start() if cut else len(tail))], end
    unit = re.match(r"[^,;]*(?=[,;])", body[stop:end])
    if unit and fold(unit[0]) not in connectives:
        stop += unit.end()
    return body[start:stop], stop


def _colons(body: str) -> Iterator[int]:
    """The colons that part a label from its value: not in brackets, in a web address, or in a time of day."""
    if ":" not in body:
        return
    last_close, depth = body.rfind(")"), 0
    for found in _SIGN.finditer(body):
        index, letter = found.start(), found[0]
        if letter == "(":
            depth += index < last_close
        elif letter == ")":
            depth = max(0, depth - 1)
        elif depth == 0:
            around = body[index - 1 : index], body[index + 1 : index + 2]
            if around[1] != "/" and not (around[0].isdigit() and around[1].isdigit()):
                yield index
