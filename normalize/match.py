"""What each row of a report means: the report is matched as a whole, and a row that is not sure is left to a person.

First the report is aligned with the known forms: order settles repeated and damaged labels. Rows that no form explains
are then matched by what they say, each indicator at most once, with the probability that the match is right.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from normalize.align import Bools, Floats, assign
from normalize.catalogue import TARGETS, Catalogue
from normalize.chains import MARGIN, STRONG, Place, align_forms, anchors_of, close_rows, forms_by_weight, forms_followed
from normalize.evidence import best_features, pair_features
from normalize.index import Index, build_index
from normalize.likeness import likeness
from normalize.meaning import span_is_assumed
from normalize.model import Candidate, FormRow, Match, Row
from normalize.reasons import reasons
from normalize.score import in_order, log_odds, probability, scaled
from normalize.similarity import Agreement, compare
from normalize.text import fold, is_damaged, squeeze

_SURE_IN_ORDER = 0.66
_SLACK = 3
_BARE_WORDS = 2
_LONG_LABEL = 4
_N_CANDIDATES = 3
_RANKED = 60
_IMPOSSIBLE, _FIRST = -90.0, 1000.0
_REPORTS_KEPT = 256
SURE = 0.9
"""A match by meaning is taken over from this probability on: docs/matching.md shows what that lets through."""
LEAST = 0.1
"""No match by meaning where the pair of labels alone, without what stands around it, is less likely than this."""


@dataclass(frozen=True, slots=True)
class Matching:
    """The forms that a report follows, the most important first, and the match of each of its rows."""

    form_ids: tuple[str, ...]
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class _State:
    rows: tuple[Row, ...]
    index: Index
    agreement: Agreement
    score: Floats
    aligned: dict[int, Place]
    row_at: dict[tuple[int, int], int]
    rows_at: dict[int, list[int]]
    anchors: dict[int, tuple[int | None, int | None]]
    close: dict[int, list[int]]
    form_ids: tuple[str, ...]
    followed: frozenset[str]
    span: str
    catalogue: Catalogue


def match_rows(rows: Sequence[Row], catalogue: Catalogue, span: str = "") -> Matching:
    """The match of every row; rows that nothing explains have no target, a reason and up to three candidates.

    ``span`` is what the report covers ("month", "quarter" or ""): it decides where no row says over what it counts.
    """
    if not rows or not catalogue.form_rows:
        return Matching((), tuple(Match("", reason="no_candidate") for _ in rows))
    seen = _seen(catalogue)
    key = (span, *((row.label, row.number, row.unit, row.path, row.kind, row.flags, row.value is None) for row in rows))
    if key not in seen:
        if len(seen) >= _REPORTS_KEPT:
            seen.clear()
        seen[key] = _match_unseen(rows, catalogue, span)
    return seen[key]


@lru_cache(maxsize=4)
def _seen(catalogue: Catalogue) -> dict[tuple[object, ...], Matching]:
    """Reports of the same rows mean the same, whatever their figures: offices fill the same file quarter by quarter."""
    return {}


def could_mean(rows: Sequence[Row], catalogue: Catalogue, printed: Set[tuple[str, str]], least: float) -> list[bool]:
    """Whether the text of each row, whatever stands around it, is at least so likely to mean one of some ``printed``
    rows (their forms and names)."""
    index = build_index(catalogue)
    columns = [column for column, row in enumerate(index.rows) if (row.form_id, row.row) in printed]
    if not rows or not columns:
        return [False] * len(rows)
    matrices, possible = pair_features(rows, catalogue)
    odds = np.where(possible, log_odds(matrices, catalogue.pair_weights), -99.0)
    told: list[bool] = np.any(probability(odds[:, columns]) >= least, axis=1).tolist()
    return told


def rows_like(printed: Set[tuple[str, str]], catalogue: Catalogue, least: float) -> set[tuple[str, str]]:
    """The printed rows of all forms whose labels are at least so like one of some ``printed`` rows, which are among
    them."""
    index = build_index(catalogue)
    labels = [index.labels[column] for column, row in enumerate(index.rows) if (row.form_id, row.row) in printed]
    like = likeness(labels, index, catalogue) >= least if labels else np.zeros((0, len(index.rows)), dtype=np.bool_)
    return {
        (index.rows[column].form_id, index.rows[column].row) for column in np.flatnonzero(like.any(axis=0)).tolist()
    }


def _match_unseen(rows: Sequence[Row], catalogue: Catalogue, span: str) -> Matching:
    index = build_index(catalogue)
    agreement = compare(rows, catalogue)
    score = agreement.score()
    aligned = align_forms(score, agreement.label, index)
    form_ids = forms_by_weight(aligned, score, index)
    row_at = {(place.chain, place.column): row for row, place in aligned.items()}
    rows_at: dict[int, list[int]] = {}
    for row, place in aligned.items():
        rows_at.setdefault(place.column, []).append(row)
    anchors, close = anchors_of(aligned, score), close_rows(aligned, score)
    followed = forms_followed(aligned, score, index, len(rows))
    state = _State(
        tuple(rows),
        index,
        agreement,
        score,
        aligned,
        row_at,
        rows_at,
        anchors,
        close,
        form_ids,
        followed,
        span,
        catalogue,
    )
    matches = {row: found for row in aligned if (found := _match_in_order(state, row)) is not None}
    matches |= _match_by_meaning(state, [row for row in range(len(rows)) if row not in matches], matches)
    return Matching(form_ids, tuple(matches[row] for row in range(len(rows))))


# A row in its place


def _match_in_order(state: _State, row: int) -> Match | None:
    """The match of a row that stands in order, when its label bears it out and no other printed row could be meant."""
    column = state.aligned[row].column
    before, after = state.anchors[row]
    printed, exact = state.index.rows[column], bool(state.agreement.exact[row, column])
    label = float(state.agreement.label[row, column])
    weak_will_do = printed.form_id in state.followed and _is_tight(state, row, before, after)
    if label < (_SURE_IN_ORDER if weak_will_do else STRONG):
        return None
    if not exact and _is_printed_elsewhere(state, row, printed):
        return None
    if (
        printed.target in ("heading", "ignore")
        and state.rows[row].value is not None
        and not _is_same(state, row, printed)
    ):
        return None
    if state.index.repeated[column] and not _holds_its_place(state, row, column, before, after):
        return None
    if _rivals(state, row, column, before, after):
        return None
    same = squeeze(state.rows[row].label).lower() == squeeze(printed.label).lower()
    method = ("exact" if same else "survived") if exact else "aligned"
    sure = in_order(1.0 if exact else min(label, 0.999), state.catalogue)
    if printed.target == "heading" and state.rows[row].kind == "answer":
        printed = _answer_row(state, printed) or printed
    return Match(printed.target, method, sure, printed.form_id, printed.row)


def _is_same(state: _State, row: int, printed: FormRow) -> bool:
    """Whether a label is just the printed one, or what damage left of it: by synonyms alone it may be another's."""
    label = state.rows[row].label
    exact = bool(state.agreement.exact[row, state.aligned[row].column])
    return exact and (is_damaged(label) or fold(label) == fold(printed.label))


def _is_printed_elsewhere(state: _State, row: int, printed: FormRow) -> bool:
    """Whether the form prints just this label, for something else."""
    same = (state.index.rows[column] for column in np.flatnonzero(state.agreement.exact[row]).tolist())
    return any(other.form_id == printed.form_id and other.target != printed.target for other in same)


def _is_tight(state: _State, row: int, before: int | None, after: int | None) -> bool:
    """Whether the sure rows around a row leave no more printed rows between them than the report has, or a few."""
    if before is None or after is None:
        return False
    chain = state.aligned[row].chain
    return after - before <= state.row_at[chain, after] - state.row_at[chain, before] + _SLACK


def _holds_its_place(state: _State, row: int, column: int, before: int | None, after: int | None) -> bool:
    """Whether a repeated label stands right under its own parent, or between its printed neighbours, or its path says
    so: of two bare labels in a row only the first belongs to what is above."""
    printed = state.index.rows[column]
    above = state.aligned.get(row - 1)
    parent = state.index.rows[above.column] if above is not None else None
    if parent is not None and (parent.form_id, parent.row) == (printed.form_id, printed.parent):
        return True
    between = before == column - 1 and after == column + 1
    bare = len(state.index.full[column].split()) <= _BARE_WORDS
    return between or (not bare and bool(state.agreement.path[row, column] >= STRONG))


def _answer_row(state: _State, heading: FormRow) -> FormRow | None:
    """The row without a label of its own that stands for the free text under a heading."""
    form = state.catalogue.forms[heading.form_id]
    return next((row for row in form.rows if row.parent == heading.row and not row.label.strip()), None)


def _rivals(state: _State, row: int, column: int, before: int | None, after: int | None) -> list[int]:
    """The printed rows of another meaning that explain a row about as well, and that nothing rules out."""
    mine = state.index.rows[column]
    rivals = []
    for other in state.close[row]:
        rival = state.index.rows[other]
        if rival.target == mine.target or other == column:
            continue
        if rival.form_id != mine.form_id:
            better = state.score[row, other] > state.score[row, column] + MARGIN
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
    """Whether the parent of a printed row is what the report has right above (or as the row before) this row."""
    printed = state.index.rows[column]
    parent = next((r for r in range(row - 1, max(row - 3, -1), -1) if r in state.aligned), None)
    if parent is None or not printed.parent:
        return False
    above = state.index.rows[state.aligned[parent].column]
    return above.form_id == printed.form_id and above.row == printed.parent


def _is_taken(state: _State, column: int, row: int) -> bool:
    """Whether a printed row is explained by another row of the report at least as well as by this one."""
    limit = state.score[row, column] - 0.02
    return any(other != row and state.score[other, column] >= limit for other in state.rows_at.get(column, ()))


# Rows that no form explains


def _match_by_meaning(state: _State, rows: Sequence[int], settled: dict[int, Match]) -> dict[int, Match]:
    """The matches of the rows left over, by what they say: each indicator at most once in the report."""
    if not rows:
        return {}
    asked = [row for row in rows if state.rows[row].value is not None]
    unasked = {row: Match("", reason="no_candidate") for row in rows if state.rows[row].value is None}
    if not asked:
        return unasked
    matrices, possible = pair_features(state.rows, state.catalogue, state.agreement, only=asked, span=state.span)
    possible = _without_settled(possible, settled, asked, state)
    open_odds = log_odds(matrices, state.catalogue.pair_weights)
    odds = np.where(possible, open_odds, -99.0)
    families = {row: match.target.split(".")[0] for row, match in settled.items()}
    best = best_features(matrices, possible, odds, state.catalogue, asked, families)
    named = best.named()
    sure = scaled(log_odds(named, state.catalogue.best_weights), state.catalogue.scale)
    sure[probability(named["odds"]) < LEAST] = 0.0
    found = {
        asked[line]: (column, one) for line, column, one in zip(best.lines, best.columns, sure.tolist(), strict=True)
    }
    place_of = {row: place for place, row in enumerate(asked)}
    given = _once_each(found, odds, place_of, state)
    candidates = {row: _candidates(state, row, odds[line], open_odds[line]) for row, line in place_of.items()}
    return unasked | {row: _by_meaning(state, row, candidates[row], found.get(row), row in given) for row in asked}


def _without_settled(possible: Bools, settled: dict[int, Match], rows: Sequence[int], state: _State) -> Bools:
    """The pairs without those of indicators that the report has in order: it does not ask them again elsewhere. A long
    label that is just the printed one means nothing else."""
    taken = {match.target for match in settled.values()} - TARGETS
    targets = np.array([row.target for row in state.index.rows])
    own = np.array([row.form_id in state.form_ids for row in state.index.rows])
    kept: Bools = possible & ~np.isin(targets, list(taken))[None, :]
    for line, row in enumerate(rows):
        exact = state.agreement.exact[row]
        exact = exact & own if (exact & own).any() else exact
        if exact.any() and len(state.rows[row].label.split()) > _LONG_LABEL:
            kept[line] &= np.isin(targets, targets[exact])
    return kept


def _once_each(found: dict[int, tuple[int, float]], odds: Floats, place_of: dict[int, int], state: _State) -> set[int]:
    """The rows that get the indicator they mean most, each indicator to one row: the best assignment of all."""
    meant = {row: state.index.rows[column].target for row, (column, _) in found.items()}
    if len(set(meant.values())) == len(meant):
        return set(meant)
    names = np.array([row.target for row in state.index.rows])
    rows, targets = sorted(meant), sorted(set(meant.values()))
    worth = np.stack(
        [probability(odds[[place_of[row] for row in rows]][:, names == target].max(axis=1)) for target in targets],
        axis=1,
    )
    return {rows[row] for row, column in assign(worth) if meant[rows[row]] == targets[column]}


def _by_meaning(
    state: _State, row: int, candidates: tuple[Candidate, ...], found: tuple[int, float] | None, given: bool
) -> Match:
    if found is None:
        return Match("", reason="no_candidate", candidates=candidates)
    column, sure = found
    bare = fold(state.rows[row].label) in state.catalogue.words.folded("bare")
    told = not bare or state.agreement.path[row, column] >= STRONG
    told = told and "columns_guessed" not in state.rows[row].flags  # a list whose header a page end broke looks like it
    if sure >= SURE and given and told:
        printed = state.index.rows[column]
        flags = ("window_assumed",) if span_is_assumed(state.rows[row], column, state.catalogue) else ()
        return Match(printed.target, "meaning", round(sure, 4), printed.form_id, printed.row, "", candidates, flags)
    second = candidates[1].score if len(candidates) > 1 else 0.0
    close = not given or (candidates and candidates[0].score >= 0.4 and second >= 0.5 * candidates[0].score)
    return Match("", reason="ambiguous" if close else "below_threshold", candidates=candidates)


def _candidates(state: _State, row: int, odds: Floats, open_odds: Floats) -> tuple[Candidate, ...]:
    """The three best indicators for a row, each once: first those that may be, then those that are ruled out."""
    found: dict[str, Candidate] = {}
    ranked = np.argsort(-np.where(odds > _IMPOSSIBLE, odds + _FIRST, open_odds), kind="stable")
    for column in ranked[:_RANKED].tolist():
        if len(found) == _N_CANDIDATES:
            break
        target = state.index.rows[column].target
        if target not in found and target not in TARGETS:
            can_be = bool(odds[column] > _IMPOSSIBLE)
            sure = round(float(probability(odds[column])), 4) if can_be else 0.0
            why = reasons(state.rows[row], row, column, state.agreement, state.index, state.catalogue, can_be)
            found[target] = Candidate(target, state.catalogue.indicators[target].label_vi, sure, why)
    return tuple(found.values())
