"""Fit the weights of the matcher on the reworded labels of the tuning fold: writes mappings/match_model.csv.

Run: ``python -m benchmarks.fit_matching``. Needs scikit-learn (extra ``bench``). Rows of the held fold and the whole
new forms are never looked at. The model over the best pair is fitted on rows that the model over pairs has not seen
(five
parts), and on each known row once more with its own indicator taken away: what is left must then not match.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from benchmarks.matching import judge, ours
from benchmarks.reports import HEADING, UNKNOWN, Case, damaged_cases, reworded_cases, whole_form_cases
from normalize.catalogue import Catalogue, Weight, default_folder, load_catalogue
from normalize.evidence import BEST_FEATURES, PAIR_FEATURES, best_features, pair_features
from normalize.index import build_index
from normalize.rows import read_rows
from normalize.score import ORDER, log_odds, scaled

_PARTS, _STEPS = 5, 14
_ORDER_SEEDS, _ORDER_STEPS = (21, 22), (0.66, 0.9, 0.95, 1.0)
_WITHOUT_WEIGHT, _LENIENT_WEIGHT = 0.25, 0.5
_STRENGTH = 0.1
_NEAR_MISS_WEIGHT, _UNLISTED = 0.01, 0.25


@dataclass(frozen=True, slots=True)
class Report:
    """The evidence of one report: matrices by feature, where pairs are possible (and would be if no facet
    forbade one), and the truth of each judged row."""

    matrices: dict[str, np.ndarray]
    possible: np.ndarray
    lenient: np.ndarray
    truth: dict[int, str]
    labels: dict[int, str]


@dataclass(frozen=True, slots=True)
class Example:
    """The features of a best pair, whether it is right, its weight and part, whether it stands so in a report, and
    what it weighs where odds are made a probability: there reports count as they are, and a
    quarter of the unknown rows as if no facet that forbids knew them, since others will hold words that no list has."""

    found: list[float]
    right: bool
    weight: float
    part: int
    real: bool
    share: float


def read_case(case: Case, catalogue: Catalogue) -> Report:
    """The evidence of a report of the benchmark."""
    rows = read_rows(case.document(), catalogue.words, ()).rows
    matrices, possible = pair_features(rows, catalogue)
    lenient = pair_features(rows, catalogue, strict=False)[1]
    places = case.truth()
    truth = {}
    for index, row in enumerate(rows):
        line = places.get((row.place.table, row.place.row))
        if line is not None and line.value and line.truth != HEADING:
            truth[index] = line.truth
    return Report(matrices, possible, lenient, truth, {index: rows[index].label for index in truth})


def fit(x: np.ndarray, y: np.ndarray, names: Sequence[str], model: str, strength: float, sample=None) -> list[Weight]:
    """The weights of a logistic model over standardised features."""
    mean, scale = x.mean(0), x.std(0) + 1e-6
    fitted = LogisticRegression(C=strength, max_iter=5000).fit((x - mean) / scale, y, sample_weight=sample)
    weights = [Weight(model, "intercept", 0.0, 1.0, float(fitted.intercept_[0]))]
    for name, m, s, w in zip(names, mean, scale, fitted.coef_[0], strict=True):
        weights.append(Weight(model, name, round(float(m), 5), round(float(s), 5), round(float(w), 4)))
    return weights


def fit_pairs(reports: Sequence[Report], part: int | None, targets: np.ndarray) -> list[Weight]:
    """The model over pairs, from the likely pairs of all rows but those of one part."""
    x, y = [], []
    for report in reports:
        likely = report.matrices["label"] + report.matrices["row_covered"] + report.matrices["canonical_covered"]
        for row, truth in report.truth.items():
            if part is not None and _part(truth, report.labels[row]) == part:
                continue
            open_pairs = np.flatnonzero(report.lenient[row])
            best = open_pairs[np.argsort(-likely[row, open_pairs])[:25]]
            for column in set(best.tolist()) | set(open_pairs[targets[open_pairs] == truth].tolist()):
                x.append([report.matrices[name][row, column] for name in PAIR_FEATURES])
                y.append(targets[column] == truth)
    return fit(np.array(x), np.array(y), PAIR_FEATURES, "pair", 0.5)


def fit_best(reports: Sequence[Report], catalogue: Catalogue, targets: np.ndarray) -> list[Weight]:
    """The model over the best pair of a row, and the scale that makes its odds a probability."""
    examples: list[Example] = []
    for part in range(_PARTS):
        weights = fit_pairs(reports, part, targets)
        for report in reports:
            examples += _examples(report, part, weights, catalogue, targets)
    x, y = np.array([one.found for one in examples]), np.array([one.right for one in examples])
    sample, parts = np.array([one.weight for one in examples]), np.array([one.part for one in examples])
    real = np.array([one.real for one in examples])
    odds = np.zeros(len(examples))
    for part in range(_PARTS):
        known = parts != part
        fitted = fit(x[known], y[known], BEST_FEATURES, "best", _STRENGTH, sample[known])
        columns = {name: x[~known, place] for place, name in enumerate(BEST_FEATURES)}
        odds[~known] = log_odds(columns, fitted)
    scale = fit_scale(odds, y, np.array([one.share for one in examples]), real)
    _print_unseen(odds, y, real, scale)
    return fit(x, y, BEST_FEATURES, "best", _STRENGTH, sample) + scale


def fit_scale(odds: np.ndarray, y: np.ndarray, share: np.ndarray, real: np.ndarray) -> list[Weight]:
    """What makes odds a probability: the share right in steps of as many rows of reports, never falling (isotonic); a
    quarter of a wrong row is added to each step."""
    edges = np.quantile(odds[real], np.linspace(0, 1, _STEPS + 1))
    edges[0], edges[-1] = -np.inf, np.inf
    x, p, n = [], [], []
    for low, high in pairwise(edges):
        step = (odds >= low) & (odds < high)
        right, wrong = share[step & y].sum(), share[step & ~y].sum() + 0.25
        x.append(float(np.median(odds[step & real])))
        p.append(right / (right + wrong))
        n.append(right + wrong)
    p = IsotonicRegression().fit(x, p, sample_weight=n).predict(x)
    return [Weight("scale", "odds", round(a, 4), 1.0, round(float(b), 4)) for a, b in zip(x, p, strict=True)]


def _examples(
    report: Report, part: int, weights: Sequence[Weight], catalogue: Catalogue, targets: np.ndarray
) -> Iterator[Example]:
    """The best pairs of the rows of one part: as they are; of unknown rows without the facets that forbid; of known
    rows with their own indicator taken away."""
    mine = [row for row, truth in report.truth.items() if _part(truth, report.labels[row]) == part]
    odds = log_odds(report.matrices, weights)

    def best(possible: np.ndarray, only: Sequence[int]) -> Iterator[tuple[list[float], int, int]]:
        found = best_features(report.matrices, possible, odds, catalogue, only=only)
        yield from zip(found.features.tolist(), found.columns, found.lines, strict=True)

    for found, column, row in best(report.possible, mine):
        share = _UNLISTED if report.truth[row] == UNKNOWN else 1.0
        yield Example(found, bool(targets[column] == report.truth[row]), 1.0, part, True, share)
    unknown = [row for row in mine if report.truth[row] == UNKNOWN]
    for found, _, _ in best(report.lenient, unknown):
        yield Example(found, False, _LENIENT_WEIGHT, part, False, 1 - _UNLISTED)
    for row in (row for row in mine if report.truth[row] != UNKNOWN):
        without = report.lenient & (targets != report.truth[row])[None, :]
        for found, _, _ in best(without, (row,)):
            yield Example(found, False, _WITHOUT_WEIGHT, part, False, _NEAR_MISS_WEIGHT)


def _print_unseen(odds: np.ndarray, y: np.ndarray, real: np.ndarray, scale: Sequence[Weight]) -> None:
    """How rows are judged by models that have not seen them: matched, and right, from each probability on."""
    sure = scaled(odds, scale)
    for limit in (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99):
        taken = real & (sure >= limit)
        print(
            f"{limit:.2f}  matched {taken.sum():4}  right {y[taken].sum():4}  "
            f"near misses {(~real & (sure >= limit)).sum()}"
        )


def _part(truth: str, label: str) -> int:
    text = label if truth == UNKNOWN else truth
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % _PARTS


def fit_order(catalogue: Catalogue, cases: Sequence[Case]) -> list[Weight]:
    """The share of right ones among rows matched in their place, by how alike the labels are: on damaged reports of
    other seeds than those of the benchmark, and on the reworded ones; half a wrong row is added to each step."""
    judged = judge(damaged_cases(catalogue, _ORDER_SEEDS) + list(cases), catalogue, ours(catalogue))
    found = [row for row in judged if row.got and row.method in ("exact", "survived", "aligned")]
    weights: list[Weight] = []
    for low, high in pairwise((*_ORDER_STEPS, 2.0)):
        step = [row.got == row.truth for row in found if low <= row.score < high]
        share = sum(step) / (len(step) + 0.5) if step else low
        share = min(round(max([share, *(one.weight for one in weights)]), 4), 0.9999)  # the more alike, the surer
        weights.append(Weight(ORDER, "label", low, 1.0, share))
        print(f"in its place, likeness from {low:.2f}: {len(step):5} rows, {len(step) - sum(step)} wrong, {share:.4f}")
    return weights


def main() -> None:
    """Fit both models and write the file."""
    catalogue = load_catalogue(default_folder())
    targets = np.array([row.target for row in build_index(catalogue).rows])
    cases = reworded_cases(catalogue, "tune") + whole_form_cases("more_forms", "tuning")
    reports = [read_case(case, catalogue) for case in cases]
    weights = fit_pairs(reports, None, targets) + fit_best(reports, catalogue, targets)
    weights += fit_order(replace(catalogue, weights=tuple(weights)), cases)
    with (default_folder() / "match_model.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["model", "feature", "mean", "scale", "weight"])
        writer.writerows([w.model, w.feature, w.mean, w.scale, round(w.weight, 4)] for w in weights)
    for weight in weights:
        print(f"{weight.model:5} {weight.feature:28} {weight.weight:+.2f}")


if __name__ == "__main__":
    main()
