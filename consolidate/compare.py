"""What changed between two datasets, by indicator, agency, period and form."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from consolidate.csvfile import read_csv

Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One figure that was ``added``, ``removed`` or ``changed``; ``before``, ``after`` are "" where there is none."""

    kind: str
    indicator_id: str
    agency: str
    period: str
    form_id: str
    before: str
    after: str


def figures(out: Path) -> dict[Key, list[str]]:
    """The figures of a dataset by indicator, agency, period and form. Raises OSError when there is no dataset."""
    found: dict[Key, list[str]] = defaultdict(list)
    for row in read_csv(out / "observations.csv"):
        key = (row["indicator_id"], row["agency_id"] or row["agency"], row["period"], row["form_id"])
        found[key].append(row["value"] or row["value_text"])
    return found


def diff(out_a: Path, out_b: Path) -> Iterator[Change]:
    """The changes from one dataset to the other, ordered by period, agency, form and indicator.

    Where a key has several figures, those found in both are taken off first and the rest paired in order.
    Raises OSError when one of the folders holds no dataset.
    """
    before, after = figures(out_a), figures(out_b)
    for key in sorted({*before, *after}, key=lambda key: (key[2], key[1], key[3], key[0])):
        old = _without(before.get(key, []), after.get(key, []))
        new = _without(after.get(key, []), before.get(key, []))
        for rank in range(max(len(old), len(new))):
            yield _change(key, old[rank : rank + 1], new[rank : rank + 1])


def _without(values: list[str], others: list[str]) -> list[str]:
    """The values that are not among the others, one for one, in order."""
    left = Counter(others)
    kept = []
    for value in values:
        if left[value]:
            left[value] -= 1
        else:
            kept.append(value)
    return kept


def _change(key: Key, old: list[str], new: list[str]) -> Change:
    kind = "changed" if old and new else "removed" if old else "added"
    return Change(kind, *key, before="".join(old), after="".join(new))
