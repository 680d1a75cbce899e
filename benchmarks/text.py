"""Measures how well text is repaired and prints Markdown: ``python -m benchmarks.text [section ...]``."""

from __future__ import annotations

import sys

from benchmarks import legacy


def _share(part: float) -> str:
    return "-" if part < 0 else f"{100 * part:.2f} %"


def legacy_cells() -> list[str]:
    """Old encodings, cell by cell: the distinct cells of the workbooks, as the program reads them."""
    lines = ["## Old encodings, cell by cell", "", "Distinct cells of the nine real workbooks whose text, case-folded,"
             " stands in the transcript; and those that do, or are as the table of the workbook's encoding says"
             " (transcripts have faults).", "",
             "| workbook | cells | with fonts | without fonts | viparse.fix | transcript or table |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    rows = list(legacy.cell_scores())
    for row in rows:
        peer = row.peer if row.peer >= 0 else "-"
        lines.append(f"| {row.name} | {row.cells} | {row.right} | {row.bare} | {peer} | {row.by_table} |")
    cells = sum(row.cells for row in rows)
    measures = (lambda row: row.right, lambda row: row.bare, lambda row: row.peer, lambda row: row.by_table)
    totals = [sum(map(of, rows)) / cells for of in measures]
    return [*lines, f"| all | {cells} | " + " | ".join(map(_share, totals)) + " |"]


def legacy_documents() -> list[str]:
    """Old encodings, whole files as the program reads them."""
    rows = list(legacy.document_scores(peer=True))
    lines = ["## Old encodings, whole files", "", "Share of the letters with marks of the transcript (case-folded)"
             " that are right: by word wherever it stands (possible syllables only); letter by letter at its place in"
             " the text laid beside the transcript; the same by viparse.", "",
             "| file | by word | in place | viparse in place | read as |", "|---|---|---|---|---|"]  # fmt: skip
    lines += [f"| {row.name} | {_share(row.words)} | {_share(row.aligned)} | {_share(row.peer)} | {row.note} |"
              for row in rows]  # fmt: skip
    for name, group in [*legacy.by_format(rows), ("files", rows)]:
        shares = (legacy.weighed(group, of)
                  for of in (lambda row: row.words, lambda row: row.aligned, lambda row: row.peer))  # fmt: skip
        lines.append(f"| {len(group)} {name} | " + " | ".join(map(_share, shares)) + " | weighed by letters |")
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
