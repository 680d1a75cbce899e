"""What each row of a report means: the report is matched as a whole, and a row that is not sure is left to a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from normalize.align import Floats, align
from normalize.catalogue import TARGETS, Catalogue
from normalize.model import Candidate, FormRow, Match, Row
from normalize.similarity import Agreement, Index, build_index, compare
from normalize.text import squeeze

_WORTH_ALIGNING = 0.6
_STRONG = 0.9
_SURE_IN_ORDER = 0.66
_SURE_ALONE = 0.9
_MARGIN = 0.05
_SECOND_FORM_ROWS = 5
_N_CANDIDATES = 3


@dataclass(frozen=True, slots=True)
class Matching:
    """The forms that a report follows, the most important first, and the match of each of its rows."""

    form_ids: tuple[str, ...]
    matches: tuple[Match, ...]


def match_rows(rows: Sequence[Row], catalogue: Catalogue) -> Matching:
    """The match of every row; rows that nothing explains have no target, a reason and up to three candidates."""
    if not rows or not catalogue.form_rows:
        return Matching((), tuple(Match("", reason="no_candidate") for _ in rows))
    index = build_index(catalogue)
    agreement = compare(rows, catalogue)
    score = agreement.score()
    aligned = _align_forms(score, agreement.label, index)
    form_ids = _forms_by_weight(aligned, score, index)
    state = _State(tuple(rows), index, agreement, score, aligned, form_ids, catalogue)
    return Matching(form_ids, tuple(_judge(state, row) for row in range(len(rows))))


@dataclass(frozen=True, slots=True)
class _State:
    rows: tuple[Row, ...]
    index: Index
    agreement: Agreement
    score: Floats
    aligned: dict[int, int]
    form_ids: tuple[str, ...]
    catalogue: Catalogue


def _align_forms(score: Floats, label: Floats, index: Index) -> dict[int, int]:
    """Form row by report row: each form is aligned, the one that explains most wins, others get what it leaves.

    A row whose label the winner prints as well is not left to another form: out of its place, it may mean either.
    """
    ids = np.array([row.form_id for row in index.rows])
    weights = np.where(score >= _WORTH_ALIGNING, score - _WORTH_ALIGNING + 0.1, 0).astype(np.float32)
    chains: dict[int, int] = {}
    left = np.ones(len(score), dtype=bool)
    remaining = list(dict.fromkeys(ids.tolist()))
    while remaining:
        found = {form: _chain(weights, ids == form, left) for form in remaining}
        best = max(remaining, key=lambda form: _weight(found[form], weights))
        strong = [pair for pair in found[best] if score[pair] >= _STRONG]
        if chains and len(strong) < _SECOND_FORM_ROWS:
            break
        chains.update(found[best])
        for row, _ in found[best]:
            left[row] = False
        remaining.remove(best)
        known = label[:, ids == best].max(axis=1, initial=0)
        weights = np.where(label > known[:, None] + _MARGIN, weights, 0)
    return chains


def _chain(weights: Floats, columns: np.ndarray, left: np.ndarray) -> list[tuple[int, int]]:
    own_rows, own_columns = np.flatnonzero(left), np.flatnonzero(columns)
    pairs = align(weights[np.ix_(own_rows, own_columns)])
    return [(int(own_rows[row]), int(own_columns[column])) for row, column in pairs]


def _weight(pairs: Sequence[tuple[int, int]], weights: Floats) -> float:
    return float(sum(weights[pair] for pair in pairs))


def _forms_by_weight(aligned: dict[int, int], score: Floats, index: Index) -> tuple[str, ...]:
    total: dict[str, float] = {}
    for row, column in aligned.items():
        form_id = index.rows[column].form_id
        total[form_id] = total.get(form_id, 0.0) + float(score[row, column]) - _WORTH_ALIGNING
    return tuple(sorted(total, key=lambda form_id: -total[form_id]))


# One row


def _judge(state: _State, row: int) -> Match:
    column = state.aligned.get(row)
    candidates = _candidates(state, row)
    if column is not None and _accepts_aligned(state, row, column):
        return _matched(state, row, column, candidates)
    if column is None and (alone := _accepts_alone(state, row)) is not None:
        return _matched(state, row, alone, candidates)
    return Match("", reason=_reason(state, row, candidates), candidates=candidates)


def _matched(state: _State, row: int, column: int, candidates: tuple[Candidate, ...]) -> Match:
    printed = state.index.rows[column]
    label = float(state.agreement.label[row, column])
    exact = bool(state.agreement.exact[row, column])
    in_order = state.aligned.get(row) == column
    if exact:
        method = "exact" if squeeze(state.rows[row].label).lower() == squeeze(printed.label).lower() else "survived"
        sure = 0.99
    else:
        method, sure = ("aligned" if in_order else "fuzzy"), 0.95 + 0.04 * max(0.0, label - _SURE_IN_ORDER)
    if printed.target == "heading" and state.rows[row].kind == "answer":
        printed = _answer_row(state, printed) or printed
    return Match(printed.target, method, round(sure, 4), printed.form_id, printed.row, "", candidates)


def _answer_row(state: _State, heading: FormRow) -> FormRow | None:
    """The row without a label of its own that stands for the free text under a heading."""
    form = state.catalogue.forms[heading.form_id]
    return next((row for row in form.rows if row.parent == heading.row and not row.label.strip()), None)


def _accepts_aligned(state: _State, row: int, column: int) -> bool:
    label = state.agreement.label[row, column]
    before, after = _anchors(state, row)
    supported = before is not None or after is not None
    if label < (_SURE_IN_ORDER if supported else _SURE_ALONE):
        return False
    return not _rivals(state, row, column, before, after)


def _anchors(state: _State, row: int) -> tuple[int | None, int | None]:
    """The form rows of the nearest rows before and after that agree strongly with the same form."""
    form_id = state.index.rows[state.aligned[row]].form_id if row in state.aligned else ""
    return _anchor(state, range(row - 1, -1, -1), form_id), _anchor(state, range(row + 1, len(state.rows)), form_id)


def _anchor(state: _State, rows: range, form_id: str) -> int | None:
    for other in rows:
        column = state.aligned.get(other)
        if column is None or state.index.rows[column].form_id != form_id:
            continue
        if state.score[other, column] >= _STRONG:
            return column
    return None


def _rivals(state: _State, row: int, column: int, before: int | None, after: int | None) -> list[int]:
    """The form rows of another meaning that explain a row about as well, and that nothing rules out."""
    mine = state.index.rows[column]
    close = np.flatnonzero(state.score[row] >= state.score[row, column] - _MARGIN)
    rivals = []
    for other in close.tolist():
        rival = state.index.rows[other]
        if rival.target == mine.target or other == column:
            continue
        if rival.form_id != mine.form_id:
            better = state.score[row, other] > state.score[row, column] + _MARGIN
            if better and rival.form_id in state.form_ids:
                rivals.append(other)
            continue
        if _hangs_together(state, row, column) and not _hangs_together(state, row, other):
            continue
        outside = (before is not None and other <= before) or (after is not None and other >= after)
        if not outside and not _is_taken(state, other, row):
            rivals.append(other)
    return rivals


def _hangs_together(state: _State, row: int, column: int) -> bool:
    """Whether the parent of a form row is what the report has right above (or as the row before) this row."""
    printed = state.index.rows[column]
    parent = next((r for r in range(row - 1, max(row - 3, -1), -1) if state.aligned.get(r) is not None), None)
    if parent is None or not printed.parent:
        return False
    above = state.index.rows[state.aligned[parent]]
    return above.form_id == printed.form_id and above.row == printed.parent


def _is_taken(state: _State, column: int, row: int) -> bool:
    """Whether a form row is explained by another row of the report at least as well as by this one."""
    limit = state.score[row, column] - 0.02
    return any(
        other != row and taken == column and state.score[other, column] >= limit
        for other, taken in state.aligned.items()
    )


def _accepts_alone(state: _State, row: int) -> int | None:
    """The form row that a row out of order means, when its label and path leave no doubt."""
    used = set(state.aligned.values())
    free = [c for c in np.argsort(-state.score[row], kind="stable")[:12].tolist() if c not in used]
    if not free or state.agreement.label[row, free[0]] < _SURE_ALONE:
        return None
    best = free[0]
    target = state.index.rows[best].target
    for other in free[1:]:
        if state.index.rows[other].target != target and state.score[row, other] > state.score[row, best] - _MARGIN:
            return None
    taken = any(state.index.rows[c].target == target for c in used if state.index.rows[c].form_id in state.form_ids)
    return None if taken and target not in TARGETS else best


def _reason(state: _State, row: int, candidates: tuple[Candidate, ...]) -> str:
    if not candidates:
        return "no_candidate"
    if candidates[0].score < _SURE_IN_ORDER:
        return "below_threshold"
    close = len(candidates) > 1 and candidates[1].score >= candidates[0].score - _MARGIN
    return "ambiguous" if close or row in state.aligned else "below_threshold"


def _candidates(state: _State, row: int) -> tuple[Candidate, ...]:
    """The three best indicators for a row, each once."""
    found: dict[str, Candidate] = {}
    for column in np.argsort(-state.score[row], kind="stable").tolist():
        printed, score = state.index.rows[column], float(state.score[row, column])
        if score < 0.3 or len(found) == _N_CANDIDATES:
            break
        if printed.target in TARGETS or printed.target in found:
            continue
        indicator = state.catalogue.indicators.get(printed.target)
        label = indicator.label_vi if indicator is not None else squeeze(printed.label)
        evidence = _evidence(state.agreement, row, column)
        found[printed.target] = Candidate(printed.target, label, round(min(score, 1.0), 4), evidence)
    return tuple(found.values())


def _evidence(agreement: Agreement, row: int, column: int) -> tuple[str, ...]:
    """What speaks for and against a pair, as named figures."""
    return (
        f"label={agreement.label[row, column]:.2f}",
        f"path={agreement.path[row, column]:.2f}",
        f"number={agreement.number[row, column]:+.0f}",
        f"unit={agreement.unit[row, column]:+.0f}",
        f"decisive={'agree' if agreement.doubt[row, column] == 0 else 'one-sided'}",
    )
