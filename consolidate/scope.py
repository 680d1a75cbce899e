"""Which reports a change of the mappings can touch, so that the others need not be matched again.

Every report keeps what its match rests on: the forms and indicators that its rows were taken for, whether a row was
weighed against all indicators, the texts that resemble none, and the keys under which decisions would hold. A change
that speaks of others leaves it as it is. Only changes whose reach is known for certain are told apart; any other one
reaches every report.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from consolidate.packed import pack, unpack
from extract.model import Cell, Place
from normalize.catalogue import Catalogue
from normalize.decisions import decision_key, label_key
from normalize.match import LEAST, could_mean, rows_like
from normalize.model import Outcome, Report, Row

Files = Mapping[str, bytes]
"""The files of a mappings folder by name."""

Mentions = frozenset[bytes]

_SIZE = 8
_BY_PLACE = frozenset({"aligned", "exact", "survived", "decision"})
"""How a row is taken for one that its form prints, or that a person named, whatever else resembles it."""
_SURE = {"exact": "just"}
_RIVALS = {"just": 0.9, "near": 0.6}
"""How like the label of a printed row must be to that of another one to be a rival for its place: of a row that says
just the same few are, of a damaged one more."""
_NOT_MATCHED = frozenset({"messages.csv", "expected.csv"})
_TOLD_ALONE = frozenset({"label_vi", "label_en", "minimum", "maximum", "aggregation", "numerator", "denominator"})
"""What is said of an indicator, or asked of its figures, and plays no part in whether a row in its place is its own."""
_FAR = LEAST / 2
"""A row less likely than this to mean any indicator stays below what a match needs when others are moved: that only
changes how much single words weigh. Whether it resembles those that are moved is asked for itself."""
_LIKE = LEAST / 5
"""How likely that must be: what stands around the row may speak for it, and is not asked."""
_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Scope:
    """What reports that a change can touch mention (one of ``tokens``), and the ``printed`` rows (form and row) that it
    makes mean something else: it also touches reports with texts that resemble these."""

    tokens: frozenset[bytes] = frozenset()
    printed: frozenset[tuple[str, str]] = frozenset()


def mentions_of(report: Report) -> bytes:
    """What a report's match rests on, as hashes of a fixed length, in order and one after the other."""
    found: set[bytes] = set(unlike_rows(report))
    for outcome in report.outcomes:
        row, match = outcome.row, outcome.match
        found |= {_of("form", match.form_id), _of("target", match.target)}
        found.add(_of(_SURE.get(match.method, "near"), match.form_id, match.form_row))
        if _is_open(outcome):
            found.add(_of("open"))
        heading = row.path[-1] if row.path else ""
        found |= {
            _of("key", label_key(form_id, heading, row.label)) for form_id in (match.form_id or report.form_id, "")
        }
    return b"".join(sorted(found))


def _is_open(outcome: Outcome) -> bool:
    """Whether a row is weighed against all indicators, so that every label counts in what it is taken for."""
    match = outcome.match
    if match.method in _BY_PLACE:
        return False
    near = any(one.score >= _FAR for one in match.candidates)
    return bool(match.target) or near or (outcome.kind == "unmatched" and bool(match.candidates))


def unlike_rows(report: Report) -> dict[bytes, bytes]:
    """The rows of a report whose text resembles no indicator, packed, without what differs from report to report."""
    found = {}
    for outcome in report.outcomes:
        if outcome.match.method not in _BY_PLACE and outcome.match.candidates and not _is_open(outcome):
            row = replace(
                outcome.row, place=Place(), order=0, raw_label="", note="", beside=(), value=Cell(Place(), "")
            )
            body = pack(row)
            found[_of("unlike", body.hex())] = body
    return found


def like_tokens(unlike: Mapping[bytes, bytes], scope: Scope, catalogue: Catalogue) -> frozenset[bytes]:
    """What reports mention whose texts resemble the printed rows of a change, by the mappings after it: rows among
    ``unlike`` that may mean these now, and rows that stand in their place where these might be meant as well."""
    names = sorted(unlike) if scope.printed else []
    found: set[bytes] = set()
    for start in range(0, len(names), _AT_ONCE):
        part = names[start : start + _AT_ONCE]
        like = could_mean([unpack(unlike[name], Row) for name in part], catalogue, scope.printed, _LIKE)
        found |= {name for name, is_like in zip(part, like, strict=True) if is_like}
    for sure, least in _RIVALS.items():
        found |= {_of(sure, *row) for row in rows_like(scope.printed, catalogue, least)}
    return frozenset(found)


def is_touched(mentions: bytes, tokens: Mentions | None) -> bool:
    """Whether a change reaches a report with these mentions; tokens of ``None`` reach every report."""
    if tokens is None:
        return True
    return any(mentions[at : at + _SIZE] in tokens for at in range(0, len(mentions), _SIZE))


def scope_of(before: Files, after: Files) -> Scope | None:
    """What a change of the mappings can touch; ``None`` where it may be any report."""
    tokens: set[bytes] = set()
    printed: set[tuple[str, str]] = set()
    for name in before.keys() | after.keys():
        if before.get(name) == after.get(name) or name in _NOT_MATCHED:
            continue
        old, new = _lines(before.get(name, b"")), _lines(after.get(name, b""))
        if name == "decisions.csv":
            tokens |= set(_decisions(old, new))
        elif name == "indicators.csv" and _is_told_alone(old, new):
            tokens |= {_of("target", one["id"]) for one in new if one not in old}
            renamed = _renamed(old, new)
            tokens |= {_of("open")} if renamed else set()
            printed |= _printed_for(renamed, after)
        elif name.startswith("forms/") and _without_targets(old) == _without_targets(new):
            form_id = name.removeprefix("forms/").removesuffix(".csv")
            tokens |= {_of("form", form_id), _of("open")}
            printed |= {(form_id, one["row"]) for one in new if one not in old}
        else:
            return None
    return Scope(frozenset(tokens), frozenset(printed))


Line = dict[str, str]


def _decisions(old: list[Line], new: list[Line]) -> Iterator[bytes]:
    for line in [one for one in old if one not in new] + [one for one in new if one not in old]:
        yield _of("key", decision_key(line["row_key"], line["form_id"], line["section"], line["label"]))


def _is_told_alone(old: list[Line], new: list[Line]) -> bool:
    """Whether the indicators are the same ones as before, and mean what they meant."""
    without = [[{name: one[name] for name in one.keys() - _TOLD_ALONE} for one in lines] for lines in (old, new)]
    return without[0] == without[1]


def _renamed(old: list[Line], new: list[Line]) -> set[str]:
    """The indicators whose Vietnamese label is another one: other texts resemble it."""
    return {after["id"] for before, after in zip(old, new, strict=True) if before["label_vi"] != after["label_vi"]}


def _printed_for(ids: set[str], files: Files) -> set[tuple[str, str]]:
    """The printed rows of all forms that mean one of these indicators."""
    return {
        (name.removeprefix("forms/").removesuffix(".csv"), line["row"])
        for name, data in files.items()
        if ids and name.startswith("forms/")
        for line in _lines(data)
        if line["target"] in ids
    }


def _without_targets(lines: list[Line]) -> list[Line]:
    return [{**one, "target": ""} for one in lines]


def _lines(data: bytes) -> list[Line]:
    reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig", "replace"), newline=""))
    return [{name: text or "" for name, text in row.items() if isinstance(name, str)} for row in reader]


def _of(*parts: str) -> bytes:
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=_SIZE).digest()
