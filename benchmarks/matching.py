"""How well rows are matched, by kind of damage, beside two baselines; writes docs/matching.md.

Run: ``python -m benchmarks.matching`` (``--quick`` for one seed and no file).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from rapidfuzz import fuzz, process

from benchmarks.reports import (
    DAMAGES,
    HEADING,
    UNKNOWN,
    Case,
    damaged_cases,
    new_form_cases,
    reworded_cases,
    whole_form_cases,
)
from normalize.catalogue import TARGETS, Catalogue, default_folder, load_catalogue
from normalize.match import match_rows
from normalize.model import Match, Row
from normalize.rows import read_rows
from normalize.text import squeeze

_BEGIN, _END = "<!-- figures -->", "<!-- end of figures -->"
_MIXES = {
    "mixed: half as printed, a quarter with a broken font, a quarter damaged each in its own way": (
        "as printed",
        "as printed",
        "letters lost, blank",
        "",
    ),
    "every kind of damage in turn": tuple(DAMAGES),
    "the hardest: misread letters in every report, no two labels alike": ("OCR noise",),
}
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
    method: str = ""


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
            told = (case.kind, case.name, squeeze(row.label), line.truth, got, match.score, ids, row.path)
            judged.append(Judged(*told, match.method))
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


def mixed_rows(catalogue: Catalogue, number: int, quarters: Sequence[str]) -> list[list[Row]]:
    """Reports of that many rows: in turn every form with each of the kinds of damage named, "" being any other kind."""
    kinds = [kind for kind in DAMAGES if kind not in quarters]
    reports, rows, seed = [], 0, 100
    while rows < number:
        seed += 1
        for case in damaged_cases(catalogue, (seed,), [kind or kinds[seed % len(kinds)] for kind in quarters]):
            reports.append(list(read_rows(case.document(), catalogue.words, ()).rows))
            rows += len(reports[-1])
    return reports


def speed(quarters: Sequence[str], number: int = 10_000) -> tuple[float, float]:
    """Seconds for a thousand rows of mixed reports in one process: ours, and ``extractOne`` with WRatio row by row.

    The two take turns on the same reports; the slow one on every eighth.
    """
    catalogue = load_catalogue(default_folder())  # one that remembers nothing yet
    wratio, mine, theirs, asked = baseline(catalogue, fuzz.WRatio, 85), 0.0, 0.0, 0
    reports = mixed_rows(catalogue, number, quarters)
    match_rows(reports[0][:1], catalogue)  # the index is built once a process
    for place, rows in enumerate(reports):
        started = time.perf_counter()
        match_rows(rows, catalogue)
        mine += time.perf_counter() - started
        if place % 8 == 0:
            started = time.perf_counter()
            wratio(rows)
            theirs, asked = theirs + time.perf_counter() - started, asked + len(rows)
    return 1000 * mine / sum(map(len, reports)), 1000 * theirs / asked


def main() -> None:
    """Judge all cases and print the table; write docs/matching.md unless quick."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one seed, without the labels kept aside; writes nothing")
    parser.add_argument("--show", default="", help="print the wrong and missed rows of kinds that hold this text")
    options = parser.parse_args()
    catalogue = load_catalogue(default_folder())
    cases = damaged_cases(catalogue, (1,) if options.quick else (1, 2, 3)) + _named(catalogue, "tune")
    if not options.quick:
        cases += whole_form_cases("more_forms", "further whole forms (tune)")
        cases += (
            _named(catalogue, "held") + new_form_cases() + whole_form_cases("check_forms", "whole forms, written last")
        )
    mine = judge(cases, catalogue, ours(catalogue))
    lines = [_line(kind, figures(row for row in mine if row.kind == kind)) for kind in _kinds(mine)]
    print("\n".join(lines))
    if options.show:
        print("\n".join(_told(row) for row in mine if options.show in row.kind and _is_missed(row)))
    if not options.quick:
        others = {
            "WRatio": judge(cases, catalogue, baseline(catalogue, fuzz.WRatio, 85)),
            "token set": judge(cases, catalogue, baseline(catalogue, fuzz.token_set_ratio, 85)),
        }
        seconds = {name: speed(quarters) for name, quarters in _MIXES.items()}
        page = write_page(mine, others, seconds, default_folder().parent / "docs" / "matching.md")
        print(page)


def _named(catalogue: Catalogue, fold: str) -> list[Case]:
    cases = reworded_cases(catalogue, fold)
    return [replace(case, kind=f"{case.kind} ({fold})") for case in cases]


def _kinds(rows: Iterable[Judged]) -> list[str]:
    return list(dict.fromkeys(row.kind for row in rows))


def write_page(
    mine: Sequence[Judged], others: dict[str, list[Judged]], seconds: dict[str, tuple[float, float]], path: Path
) -> str:
    """Put the tables into the page: what stands between its two marks is made anew."""
    table = [
        "| kind of report | rows | recall | precision | among three | wrong | unknown | false "
        "| WRatio: recall, precision, false | token set: recall, precision, false |",
        "|---|" + "---:|" * 9,
    ]
    for kind in _kinds(mine):
        beside = [figures(row for row in judged if row.kind == kind) for judged in others.values()]
        cells = [f"{one.recall():.2f}, {one.precision():.2f}, {one.false}" for one in beside]
        table.append(_line(kind, figures(row for row in mine if row.kind == kind)) + f" {cells[0]} | {cells[1]} |")
    table += ["", "| score | rows | mean score | share right |", "|---|---:|---:|---:|"]
    for low, high, band in bands(mine):
        right = sum(row.got == row.truth for row in band) / len(band)
        table.append(f"| {low:g} to {high:g} | {len(band)} | {_mean(band):.3f} | {right:.3f} |")
    table += ["", "| 10,000 rows in one process | here, s a thousand rows | `extractOne(WRatio)` | times faster |"]
    table += ["|---|---:|---:|---:|"]
    table += [f"| {name} | {here:.3f} | {there:.3f} | {there / here:.0f} |" for name, (here, there) in seconds.items()]
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    page = before + _BEGIN + "\n\n" + "\n".join(table) + "\n\n" + _END + rest.partition(_END)[2]
    path.write_text(page, encoding="utf-8")
    return "\n".join(table)


def bands(rows: Iterable[Judged]) -> list[tuple[float, float, list[Judged]]]:
    """The matched rows by score, in bands that hold some."""
    limits = (0.0, 0.9, 0.95, 0.98, 0.995, 1.01)
    matched = [row for row in rows if row.got]
    found = ((low, high, [row for row in matched if low <= row.score < high]) for low, high in pairwise(limits))
    return [(low, min(high, 1.0), band) for low, high, band in found if band]


def _mean(rows: Sequence[Judged]) -> float:
    return sum(row.score for row in rows) / len(rows)


def _is_missed(row: Judged) -> bool:
    return bool(row.got) if row.truth in (UNKNOWN, HEADING) else row.got != row.truth


def _told(row: Judged) -> str:
    verdict = "WRONG" if row.got else "miss "
    return f"{verdict} {row.case} | {' > '.join(row.path)} | {row.label} | {row.truth} | {row.got} | {row.candidates}"


def _line(kind: str, found: Figures) -> str:
    among = found.among / found.known if found.known else 1.0
    known = f"{found.recall():.4f} | {found.precision():.4f} | {among:.3f}" if found.known else "- | - | -"
    return f"| {kind} | {found.known} | {known} | {found.wrong} | {found.unknown} | {found.false} |"


if __name__ == "__main__":
    main()
