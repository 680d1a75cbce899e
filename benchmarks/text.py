"""Measures how well text is repaired and prints Markdown: ``python -m benchmarks.text [section ...]``."""

from __future__ import annotations

import sys

from benchmarks import legacy


def _share(part: float) -> str:
    return "-" if part < 0 else f"{100 * part:.2f} %"


def legacy_cells() -> list[str]:
    """Old encodings, cell by cell: the distinct cells of the workbooks."""
    lines = ["## Old encodings, cell by cell", "", "Distinct cells of the nine real workbooks whose text, case-folded,"
             " stands in the transcript.", "", "| workbook | cells | with fonts | without fonts | viparse.fix |",
             "|---|---|---|---|---|"]  # fmt: skip
    totals = [0, 0, 0, 0]
    for (name, cells, right, peer), (_, _, bare, _) in zip(
        legacy.cell_scores(with_fonts=True), legacy.cell_scores(with_fonts=False), strict=True
    ):
        lines.append(f"| {name} | {cells} | {right} | {bare} | {peer if peer >= 0 else '-'} |")
        totals = [total + more for total, more in zip(totals, (cells, right, bare, peer), strict=True)]
    shares = " | ".join(_share(count / totals[0]) for count in totals[1:])
    return [*lines, f"| all | {totals[0]} | {shares} |"]


def legacy_documents() -> list[str]:
    """Old encodings, whole files."""
    rows = list(legacy.document_scores(peer=True))
    lines = ["## Old encodings, whole files", "", "Share of the letters with marks of the transcript (case-folded,"
             " possible syllables only) whose word is in the text read.", "", "| file | here | viparse | pieces |",
             "|---|---|---|---|"]  # fmt: skip
    lines += [f"| {name} | {_share(ours)} | {_share(peer)} | {note} |" for name, ours, peer, note in rows]
    lines += [f"| mean of {count} {suffix} | {_share(ours)} | {_share(peer)} | |"
              for suffix, count, ours, peer in legacy.by_format(rows)]  # fmt: skip
    return lines


def unicode_untouched() -> list[str]:
    """Correct Unicode under fonts of every kind."""
    count = len(legacy.unicode_texts())
    lines = ["## Unicode that must stay", "",
             f"{count} texts in correct Unicode (the mappings, foreign words, signs).", "",
             "| font | altered as one document | altered each alone |", "|---|---|---|"]  # fmt: skip
    for font in ("", "Times New Roman", ".VnTime", "VNI-Times"):
        together, alone = legacy.altered_unicode(font, alone=False), legacy.altered_unicode(font, alone=True)
        lines.append(f"| {font or '(unknown)'} | {together} | {alone} |")
    return lines


SECTIONS = {section.__name__: section for section in (legacy_cells, legacy_documents, unicode_untouched)}


def main(names: list[str]) -> None:
    """Print the sections named, or all."""
    for name in names or SECTIONS:
        print("\n".join(SECTIONS[name]()), end="\n\n")


if __name__ == "__main__":
    main(sys.argv[1:])
