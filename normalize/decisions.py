"""What reviewers decided wins over every other evidence, and is exact."""

from __future__ import annotations

from functools import lru_cache

from normalize.catalogue import Catalogue, Decision
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


@lru_cache(maxsize=4)
def _by_label(catalogue: Catalogue) -> dict[tuple[str, str, str], Decision]:
    return {(one.form_id, fold(one.section), fold(one.label)): one for one in catalogue.decisions}
