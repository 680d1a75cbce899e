"""What reviewers decided wins over every other evidence, and is exact."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from normalize.catalogue import TARGETS, Catalogue, Decision
from normalize.model import Match, Row
from normalize.text import fold, squeeze

_UNDO = "undo"
_KEY = re.compile(r"[kv][0-9a-f]{20}")
_BY_MEANING = "meaning"


def label_key(form_id: str, heading: str, label: str, *place: object) -> str:
    """The key of a label under the innermost heading above it in a form; with a ``place``, of one row alone.

    It begins with a letter that no hexadecimal number has ("k", of one row alone "v"), so that no spreadsheet takes it
    for a number or a date and no half of it can pass for the whole.
    """
    parts = (form_id, fold(heading), fold(squeeze(label)), *place)
    digest = hashlib.blake2b(repr(parts).encode("utf-8", "replace"), digest_size=10).hexdigest()
    return f"{'v' if place else 'k'}{digest}"


def is_key(text: str) -> bool:
    """Whether a text has the form of a key."""
    return _KEY.fullmatch(text) is not None


def is_label_key(key: str) -> bool:
    """Whether a key is that of a label, and not of one row alone."""
    return key.startswith("k")


def decision_key(row_key: str, form_id: str, section: str, label: str) -> str:
    """The key that a line of decisions holds for: its own, or, where it has none, that of its form, heading and label.

    Where there is a key, what stands beside it is for people: a spreadsheet may have spoilt its letters.
    """
    return row_key if is_key(row_key) else label_key(form_id, section, label)


def decided(row: Row, match: Match, catalogue: Catalogue, form_id: str = "") -> Match:
    """The match that a decision gives a row, or the match as it was.

    A decision holds for the same label under the same heading in the same form: the one that explains the row, else
    ``form_id``, that of the report. One that names no form holds in all of them, for rows that no form explains. The
    latest line counts, and ``undo`` takes those before it back. ``new`` keeps the row unmatched.
    """
    lookup = _by_key(catalogue)
    section = row.path[-1] if row.path else ""
    for asked in dict.fromkeys((match.form_id or form_id, "")) if lookup else ():
        found = lookup.get(label_key(asked, section, row.label))
        if found is None or found.decision == _UNDO or (not asked and _is_printed(match)):
            continue
        if found.decision == "new":
            return Match("", "decision", 1.0, match.form_id, reason="decided_new", candidates=match.candidates)
        return Match(found.decision, "decision", 1.0, match.form_id, match.form_row)
    return match


def _is_printed(match: Match) -> bool:
    """Whether a form prints the row as an indicator of its own."""
    return bool(match.target) and match.target not in TARGETS and match.method != _BY_MEANING


def against_forms(decision: Mapping[str, str], forms: Mapping[str, Sequence[Mapping[str, str]]]) -> str:
    """The indicator that a form prints under the heading and label of a decision for another one; "" where none does.

    Both are lines of the files as read. To ignore a row is never against a form.
    """
    if decision["decision"] in ("ignore", _UNDO):
        return ""
    named = decision["form_id"]
    key = decision_key(decision.get("row_key", ""), named, decision["section"], decision["label"])
    found = []
    for rows in (forms.get(form_id, ()) for form_id in ([named] if named else list(forms))):
        labels = {row["row"]: row["label"] for row in rows}
        found += [
            row["target"]
            for row in rows
            if row["target"] not in TARGETS and label_key(named, labels.get(row["parent"], ""), row["label"]) == key
        ]
    return found[0] if found and decision["decision"] not in found else ""


@lru_cache(maxsize=4)
def _by_key(catalogue: Catalogue) -> dict[str, Decision]:
    return {decision_key(one.row_key, one.form_id, one.section, one.label): one for one in catalogue.decisions}
