"""Which decision is behind a figure."""

from __future__ import annotations

from dataclasses import replace

from consolidate.history import decision_behind
from consolidate.mappings import open_catalogue, packaged_folder
from normalize.catalogue import Decision
from normalize.model import Match
from tests.consolidate.made import observed, processed


def test_the_decision_of_a_form_is_behind_a_figure_before_one_for_all_forms():
    outcome = replace(
        observed(5, "it.computers.total", 7), match=Match("it.computers.total", "decision", 1.0, "f1", "3")
    )
    item = processed("a.docx", outcome)
    heading, label = outcome.row.path[-1], outcome.row.label
    own, general, other = (
        Decision("", form_id, heading, label, target, by, "2024-01-01", "")
        for form_id, target, by in (
            ("f1", "it.computers.total", "own"),
            ("", "it.computers.total", "general"),
            ("f1", "it.computers.share", "other"),
        )
    )
    catalogue = open_catalogue(packaged_folder())

    def behind(*decisions: Decision) -> Decision | None:
        return decision_behind(item, outcome, replace(catalogue, decisions=decisions))

    assert behind(general, own) == own and behind(own, general) == own
    assert behind(general, other) == general
    assert behind(other) is None and behind() is None
