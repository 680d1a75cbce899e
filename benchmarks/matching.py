"""How well rows are matched, by kind of damage, beside two baselines; writes docs/matching.md.

Run: ``python -m benchmarks.matching`` (``--quick`` for one seed and no file).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import process

from benchmarks.reports import HEADING, UNKNOWN, Case, damaged_cases, new_form_cases, reworded_cases
from normalize.catalogue import TARGETS, Catalogue, default_folder, load_catalogue
from normalize.match import match_rows
from normalize.model import Match, Row
from normalize.rows import read_rows
from normalize.text import squeeze

Judge = Callable[[Sequence[Row]], list[Match]]


@dataclass(frozen=True, slots=True)
class Judged:
    """One row with a value: its truth, what it was matched to ("" for nothing), the score and the three candidates."""

    kind: str
    case: str
    label: str
    truth: str
    got: str
    score: float
    candidates: tuple[str, ...]
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over rows: known ones, right, wrong (another indicator), among three; unknown ones, falsely matched."""

    known: int
    right: int
    wrong: int
    among: int
    unknown: int
    false: int

    def recall(self) -> float:
        """Known rows matched right."""
        return self.right / self.known if self.known else 1.0

    def precision(self) -> float:
        """Of all rows matched, those matched right."""
        matched = self.right + self.wrong + self.false
        return self.right / matched if matched else 1.0


def judge(cases: Iterable[Case], catalogue: Catalogue, matcher: Judge) -> list[Judged]:
    """Every row with a value of every case, with what a matcher made of it."""
    judged = []
    for case in cases:
        rows = read_rows(case.document(), catalogue.words, ()).rows
        truth = case.truth()
        for row, match in zip(rows, matcher(rows), strict=True):
            line = truth.get((row.place.table, row.place.row))
            if line is None or row.value is None or not row.value.text.strip():
                continue
            got = "" if match.target in TARGETS else match.target
            ids = tuple(one.indicator_id for one in match.candidates)
            judged.append(Judged(case.kind, case.name, squeeze(row.label), line.truth, got, match.score, ids, row.path))
    return judged


def figures(rows: Iterable[Judged]) -> Figures:
    """The counts over judged rows; a heading that carries a figure counts as an unknown row."""
    known = right = wrong = among = unknown = false = 0
    for row in rows:
        if row.truth in (UNKNOWN, HEADING):
            unknown += 1
            false += bool(row.got)
        else:
            known += 1
            right += row.got == row.truth
            wrong += row.got not in ("", row.truth)
            among += row.truth in (row.got, *row.candidates)
    return Figures(known, right, wrong, among, unknown, false)


def ours(catalogue: Catalogue) -> Judge:
    """The matcher of the product."""
    return lambda rows: list(match_rows(rows, catalogue).matches)


def baseline(catalogue: Catalogue, scorer: Callable[..., float], cutoff: float) -> Judge:
    """Row by row: the label most alike by a scorer of rapidfuzz, when it reaches the cutoff."""
    printed = [row for row in catalogue.form_rows if row.target not in TARGETS]
    labels = [squeeze(row.label) for row in printed]

    def matcher(rows: Sequence[Row]) -> list[Match]:
        found = []
        for row in rows:
            best = process.extractOne(squeeze(row.label), labels, scorer=scorer)
            sure = best is not None and best[1] >= cutoff
            found.append(Match(printed[best[2]].target if sure else "", "baseline", best[1] / 100 if sure else 0.0))
        return found

    return matcher


def main() -> None:
    """Judge all cases and print the tables; write them into docs/matching.md unless quick."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--show", default="", help="print the wrong and missed rows of kinds that hold this text")
    options = parser.parse_args()
    catalogue = load_catalogue(default_folder())
    seeds = (1,) if options.quick else (1, 2, 3)
    cases = damaged_cases(catalogue, seeds)
    tune, held = reworded_cases(catalogue, "tune"), reworded_cases(catalogue, "held")
    new = new_form_cases(catalogue)
    started = time.perf_counter()
    mine = judge(cases, catalogue, ours(catalogue))
    print(f"{len(mine)} rows of {len(cases)} reports in {time.perf_counter() - started:.1f} s")
    for kind in dict.fromkeys(row.kind for row in mine):
        print(_line(kind, figures(row for row in mine if row.kind == kind)))
    for fold, group in (("tune", tune), ("held", held)):
        judged = judge(group, catalogue, ours(catalogue))
        mine += judged
        for kind in dict.fromkeys(row.kind for row in judged):
            print(_line(f"{kind} ({fold})", figures(row for row in judged if row.kind == kind)))
    judged = judge(new, catalogue, ours(catalogue))
    mine += judged
    print(_line("whole new forms", figures(judged)))
    if options.show:
        for row in mine:
            wrong = row.got not in ("", row.truth) if row.truth not in (UNKNOWN, HEADING) else bool(row.got)
            if options.show in row.kind and (wrong or (row.got != row.truth and row.truth not in (UNKNOWN, HEADING))):
                print(
                    "WRONG" if wrong else "miss ",
                    row.case,
                    "|",
                    " > ".join(row.path),
                    "|",
                    row.label,
                    "|",
                    row.truth,
                    "| got",
                    row.got,
                    "|",
                    row.candidates,
                )


def _line(kind: str, found: Figures) -> str:
    among = found.among / found.known if found.known else 1.0
    return (
        f"| {kind} | {found.known} | {found.recall():.4f} | {found.precision():.4f} | {among:.3f} | "
        f"{found.wrong} | {found.unknown} | {found.false} |"
    )


if __name__ == "__main__":
    main()
