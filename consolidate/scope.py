"""Which reports a change of the mappings can touch, so that the others need not be matched again.

Every report keeps what its match rests on: the indicators and printed rows that its rows were taken for or compared
with, and the keys under which decisions would hold for them. A change that speaks of others leaves it as it is. Only
changes whose reach is known for certain are told apart; any other one reaches every report.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping

from normalize.catalogue import TARGETS
from normalize.decisions import decision_key, label_key
from normalize.model import Report

Files = Mapping[str, bytes]
"""The files of a mappings folder by name."""

Mentions = frozenset[bytes]

_SIZE = 8
_BY_PLACE = frozenset({"aligned", "exact", "survived"})
"""How a row is taken for one that its form prints, whatever else resembles it."""
_NOT_MATCHED = frozenset({"messages.csv", "expected.csv"})
_TOLD_ALONE = frozenset({"label_vi", "label_en", "minimum", "maximum", "aggregation", "numerator", "denominator"})
"""What is said of an indicator, or asked of its figures, and plays no part in which row it is found for."""


def mentions_of(report: Report) -> bytes:
    """What a report's match rests on, as hashes of a fixed length, in order and one after the other."""
    found: set[bytes] = set()
    for outcome in report.outcomes:
        row, match = outcome.row, outcome.match
        found |= {_of("row", match.form_id, match.form_row), _of("target", match.target)}
        if match.method not in _BY_PLACE and outcome.kind != "blank":
            found |= {_of("compared", name) for name in (match.target, *(one.indicator_id for one in match.candidates))}
        heading = row.path[-1] if row.path else ""
        found |= {
            _of("key", label_key(form_id, heading, row.label)) for form_id in (match.form_id or report.form_id, "")
        }
    return b"".join(sorted(found))


def is_touched(mentions: bytes, scope: Mentions | None) -> bool:
    """Whether a change reaches a report with these mentions; a scope of ``None`` reaches every report."""
    if scope is None:
        return True
    return any(mentions[at : at + _SIZE] in scope for at in range(0, len(mentions), _SIZE))


def scope_of(before: Files, after: Files) -> Mentions | None:
    """What the reports that a change of the mappings can touch mention; ``None`` where it may be any report."""
    found: set[bytes] = set()
    for name in before.keys() | after.keys():
        old, new = _lines(before.get(name, b"")), _lines(after.get(name, b""))
        if before.get(name) == after.get(name) or name in _NOT_MATCHED:
            continue
        reached = _reached(name, old, new)
        if reached is None:
            return None
        found |= reached
    return frozenset(found)


Line = dict[str, str]


def _reached(name: str, old: list[Line], new: list[Line]) -> set[bytes] | None:
    if name == "decisions.csv":
        return set(_decisions(old, new))
    if name == "indicators.csv":
        return _indicators(old, new)
    if name.startswith("forms/"):
        return _rows(name.removeprefix("forms/").removesuffix(".csv"), old, new)
    return None


def _decisions(old: list[Line], new: list[Line]) -> Iterator[bytes]:
    for line in [one for one in old if one not in new] + [one for one in new if one not in old]:
        yield _of("key", decision_key(line["row_key"], line["form_id"], line["section"], line["label"]))


def _indicators(old: list[Line], new: list[Line]) -> set[bytes] | None:
    if [one["id"] for one in old] != [one["id"] for one in new]:
        return None
    found = set()
    for before, after in zip(old, new, strict=True):
        if before != after:
            if any(before[name] != after[name] for name in before.keys() - _TOLD_ALONE):
                return None
            found |= {_of("target", before["id"]), _of("compared", before["id"])}
    return found


def _rows(form_id: str, old: list[Line], new: list[Line]) -> set[bytes] | None:
    if [{**one, "target": ""} for one in old] != [{**one, "target": ""} for one in new]:
        return None
    found = set()
    for before, after in zip(old, new, strict=True):
        if before != after:
            found.add(_of("row", form_id, before["row"]))
            found |= {_of("compared", one["target"]) for one in (before, after) if one["target"] not in TARGETS}
    return found


def _lines(data: bytes) -> list[Line]:
    reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig", "replace"), newline=""))
    return [{name: text or "" for name, text in row.items() if isinstance(name, str)} for row in reader]


def _of(*parts: str) -> bytes:
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=_SIZE).digest()
