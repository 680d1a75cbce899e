"""What reviewers decided wins over every other evidence, and is exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from normalize.catalogue import TARGETS, Catalogue, Decision
from normalize.model import Match, Row
from normalize.text import fold, squeeze

_UNDO = "undo"


def decided(row: Row, match: Match, catalogue: Catalogue) -> Match:
    """The match that a decision gives a row, or the match as it was.

    A decision holds for the same label under the same heading in the same form (any form, where it names none); the
    latest line counts, and the decision ``undo`` takes the ones before it back. ``new`` keeps the row unmatched.
    """
    lookup = _by_label(catalogue)
    section = row.path[-1] if row.path else ""
    for form_id in (match.form_id, ""):
        found = lookup.get((form_id, fold(section), fold(squeeze(row.label))))
        if found is not None and found.decision != _UNDO:
            if found.decision == "new":
                return Match("", "decision", 1.0, match.form_id, reason="decided_new", candidates=match.candidates)
            return Match(found.decision, "decision", 1.0, match.form_id, match.form_row)
    return match


def against_forms(decision: Mapping[str, str], forms: Mapping[str, Sequence[Mapping[str, str]]]) -> str:
    """The indicator that a form prints under the heading and label of a decision for another one; "" where none does.

    Both are lines of the files as read. To ignore a row is never against a form.
    """
    if decision["decision"] in ("ignore", _UNDO):
        return ""
    asked = [decision["form_id"]] if decision["form_id"] else list(forms)
    found = []
    for rows in (forms.get(form_id, ()) for form_id in asked):
        labels = {row["row"]: fold(row["label"]) for row in rows}
        found += [
            row["target"]
            for row in rows
            if row["target"] not in TARGETS
            and fold(row["label"]) == fold(decision["label"])
            and labels.get(row["parent"], "") == fold(decision["section"])
        ]
    return found[0] if found and decision["decision"] not in found else ""


@lru_cache(maxsize=4)
def _by_label(catalogue: Catalogue) -> dict[tuple[str, str, str], Decision]:
    return {(one.form_id, fold(one.section), fold(one.label)): one for one in catalogue.decisions}
