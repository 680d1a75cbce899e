"""What changed between two datasets, by indicator, agency, period and form, and what caused each change."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from consolidate.csvfile import read_csv
from consolidate.documents import read_run_record

Key = tuple[str, str, str, str]
"""Indicator id, agency (its id, else its name), period, form."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One published figure: its value as text, the document it comes from, whose it is, and the decision behind it."""

    value: str
    source_path: str = ""
    sha256: str = ""
    label: str = ""
    agency: str = ""
    province: str = ""
    decided_by: str = ""
    decided_at: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """One of two datasets: its figures, its documents, and what made it.

    ``readers`` gives the reader of each content, ``superseded`` the contents in whose place later ones stand.
    """

    figures: Mapping[Key, Sequence[Figure]]
    readers: Mapping[str, str] = field(default_factory=dict)
    paths: frozenset[str] = frozenset()
    superseded: frozenset[str] = frozenset()
    mappings: str = ""
    program: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One figure that was ``added``, ``removed`` or ``changed``, and the code of the cause.

    ``before`` and ``after`` are the values, ``old`` and ``new`` the figures; "" and ``None`` where there is none.
    """

    kind: str
    indicator_id: str
    agency: str
    period: str
    form_id: str
    before: str
    after: str
    cause: str = ""
    old: Figure | None = None
    new: Figure | None = None


def open_side(out: Path) -> Side:
    """A published dataset. Raises OSError when the folder holds none."""
    found: dict[Key, list[Figure]] = defaultdict(list)
    for row in read_csv(out / "observations.csv"):
        key = (row["indicator_id"], row["agency_id"] or row["agency"], row["period"], row["form_id"])
        value = row["value"] or row["value_text"]
        named = (row["indicator_label"], row["agency"], row["province"])
        found[key].append(Figure(value, row["source_path"], row["source_sha256"], *named))
    documents = list(read_csv(out / "documents.csv")) if (out / "documents.csv").is_file() else []
    record = read_run_record(out)
    given = record.get("readers")
    readers = given if isinstance(given, dict) else {}
    return Side(
        found,
        {row["sha256"]: str(readers.get(row["format"], "")) for row in documents},
        frozenset(row["source_path"] for row in documents),
        frozenset(row["sha256"] for row in documents if row["status"] == "superseded"),
        str(record.get("mappings_fingerprint", "")),
        str(record.get("program", "")),
    )


def diff(out_a: Path, out_b: Path) -> Iterator[Change]:
    """The changes from one dataset to the other, ordered by period, agency, form and indicator.

    Raises OSError when one of the folders holds no dataset.
    """
    return changes(open_side(out_a), open_side(out_b))


def changes(before: Side, after: Side) -> Iterator[Change]:
    """The changes from one side to the other, ordered by period, agency, form and indicator.

    Where a key has several figures, those found in both are taken off first and the rest paired in order.
    """
    for key in sorted({*before.figures, *after.figures}, key=lambda key: (key[2], key[1], key[3], key[0])):
        one, other = before.figures.get(key, ()), after.figures.get(key, ())
        if [figure.value for figure in one] == [figure.value for figure in other]:
            continue
        old, new = _without(one, other), _without(other, one)
        for rank in range(max(len(old), len(new))):
            gone, come = (found[rank] if rank < len(found) else None for found in (old, new))
            yield _change(key, gone, come, before, after)


def _without(figures: Sequence[Figure], others: Iterable[Figure]) -> list[Figure]:
    """The figures whose values are not among the others, one for one, in order."""
    left = Counter(figure.value for figure in others)
    kept = []
    for figure in figures:
        if left[figure.value]:
            left[figure.value] -= 1
        else:
            kept.append(figure)
    return kept


def _change(key: Key, old: Figure | None, new: Figure | None, before: Side, after: Side) -> Change:
    kind = "changed" if old and new else "removed" if old else "added"
    values = (old.value if old else "", new.value if new else "")
    return Change(kind, *key, *values, cause=_cause(old, new, before, after), old=old, new=new)


def _cause(old: Figure | None, new: Figure | None, before: Side, after: Side) -> str:
    """Why a figure is another one: ``new_file``, ``resubmission``, ``file_removed``, or what reads it changed."""
    if old is None and new is not None and new.sha256 not in before.readers:
        return "new_file"
    if old is not None and old.sha256 not in after.readers:
        sent_again = new is not None and new.sha256 not in before.readers
        return "resubmission" if sent_again or old.source_path in after.paths else "file_removed"
    if old is not None and (old.sha256 in after.superseded or (new is not None and new.sha256 not in before.readers)):
        return "resubmission"
    same = old or new
    assert same is not None
    return _maker_changed(before, after, same.sha256)


def _maker_changed(before: Side, after: Side, sha256: str) -> str:
    """Which of the things that make a figure out of the same document is another one."""
    if before.readers.get(sha256, "") != after.readers.get(sha256, ""):
        return "reader_change"
    if before.mappings != after.mappings:
        return "mapping_change"
    if before.program != after.program:
        return "program_change"
    return "file_removed" if before.readers.keys() - after.readers.keys() else "selection"
