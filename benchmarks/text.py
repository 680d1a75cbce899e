"""Measures how well text is repaired: ``python -m benchmarks.text [section ...]``.

Prints the sections named as Markdown; without names all are measured and written to docs/text-repair.md.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import fonts as lost
from benchmarks import legacy, old_texts
from extract.ocr_engines import missing, versions


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
             " the text laid beside the transcript; the same when hidden rows and columns are read too, which the"
             " transcripts hold and the program leaves out on purpose, with a finding; the same by viparse.", "",
             "| file | by word | in place | with hidden cells | viparse in place | read as |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    measures: tuple[Callable[[legacy.FileScore], float], ...] = (
        lambda row: row.words, lambda row: row.aligned, lambda row: row.shown, lambda row: row.peer)  # fmt: skip
    lines += [f"| {row.name} | {' | '.join(_share(of(row)) for of in measures)} | {row.note} |" for row in rows]
    for name, group in [*legacy.by_format(rows), ("files", rows)]:
        shares = (legacy.weighed(group, of) for of in measures)
        lines.append(f"| {len(group)} {name} | " + " | ".join(map(_share, shares)) + " | weighed by letters |")
    return lines


def made_encodings() -> list[str]:
    """Old encodings, written on purpose: every kind of document that no real file at hand shows."""
    lines = ["## Old encodings, written on purpose", "", "All labels of the forms and names of agencies, encoded and"
             f" put into sheets of {old_texts.SHEET} cells (each with two foreign words in Unicode where the kind"
             " allows), then read again, case-folded.", "",
             "| kind | cells | right | left as they are and flagged | wrong |",
             "|---|---|---|---|---|"]  # fmt: skip
    for name, outcome, _ in old_texts.outcomes():
        share = _share(outcome.right / outcome.cells)
        lines.append(f"| {name} | {outcome.cells} | {share} | {outcome.doubted} | {outcome.wrong} |")
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


def fonts() -> list[str]:
    """Letters that the fonts of a PDF do not name: every form in three fonts by two printing programs."""
    found = list(lost.scores())
    seen = [pair for pair in found if pair[0].pictures == "OCR"]
    blind = [pair for pair in found if pair[0].pictures != "OCR"]
    lines = ["## PDF fonts that do not say what their letters are", "", "Every form, filled with made-up figures,"
             f" printed in {', '.join(lost.FONTS)} by {' and '.join(lost.PRODUCERS)}; then the fonts' maps of letters"
             " cut down to Latin-1, or taken away (\"none\"); \"whole fonts\": with the whole program of each font in"
             " the place of its subset. Read with all known texts, and with those of the other forms only. Lost letters"
             " and digits are those that the damaged file does not name; what is not restored is shown as lost and"
             " flagged, \"wrong\" came out as something else. Cells are unlike or missing where a lost number at the"
             " beginning of a paragraph joins it to the one before.", "", f"OCR: {ocr_state()}.", ""]  # fmt: skip
    for name in ("producer", "form", "font"):
        lines += [f"By {name}:", "", *_font_table(seen, (name, "kind", "known")), ""]
    lines += ["Without OCR:", "", *_font_table(blind, ("producer", "kind", "known")), ""]
    for kind, of in itertools.product(lost.KINDS[:2], (seen, blind)):
        case, score = lost.worst([pair for pair in of if pair[0].kind == kind and pair[0].known == "all"])
        share = _share(score.restored / score.letters)
        lines.append(f"- worst file, {kind}, {case.pictures}: {case.form} in {case.font} by {case.producer}, {share}")
    return lines


def scans() -> list[str]:
    """Pages that are pictures, worn as scanners, clerks and cameras do."""
    head = ["## Scanned pages", "", f"OCR: {ocr_state()}.", ""]
    if missing():
        return head[:3]
    from benchmarks import scan_images
    from benchmarks import scans as pages

    text = ("Forms filled with made-up figures, printed, rendered and worn: a page counts as right when every cell of"
            " every grid has its place and spans; letters and numbers are compared on those pages, and on all outside"
            " grids. A number is flagged when its cell goes to a person.")  # fmt: skip
    usual = pages.report(pages.read_pages(pages.PAGES, 1, pages.TURNS))
    hard = pages.report(pages.read_pages(pages.HARD_PAGES, 2, scan_images.HARD))
    return [*head, text, "", *usual, "", "Harder pages (under 200 dpi everything is flagged):", "", *hard]


def ocr_state() -> str:
    """Whether pictures of pages can be read here, and by what."""
    return f"not available, {missing()} is not installed" if missing() else versions()


def _font_table(found: Sequence[tuple[lost.Case, lost.Score]], names: tuple[str, ...]) -> list[str]:
    lines = ["| " + " | ".join(names) + " | lost letters | restored | wrong | lost digits | restored | wrong | not"
             " flagged | cells unlike or missing |", "|---" * (len(names) + 8) + "|"]  # fmt: skip
    for key, score in lost.summed(found, *names):
        shares = [part / whole if whole else -1.0 for part, whole in
                  ((score.restored, score.letters), (score.digits_restored, score.digits))]  # fmt: skip
        lines.append(f"| {' | '.join(key)} | {score.letters} | {_share(shares[0])} | {score.wrong} | {score.digits} | "
                     f"{_share(shares[1])} | {score.digits_wrong} | {score.unflagged} | "
                     f"{score.unlike + score.missing} |")  # fmt: skip
    return lines


HEAD = """# How well text is repaired

Made by `python -m benchmarks.text`; do not edit.
"""
TARGET = Path(__file__).parents[1] / "docs" / "text-repair.md"
SECTIONS = {
    section.__name__: section
    for section in (fonts, scans, legacy_cells, legacy_documents, made_encodings, unicode_untouched)
}


def main(names: list[str]) -> None:
    """Print the sections named, or write all to the page of the documentation."""
    for name in names:
        print("\n".join(SECTIONS[name]()), end="\n\n")
    if not names:
        parts = ["\n".join(SECTIONS[name]()) for name in SECTIONS]
        TARGET.write_text("\n\n".join([HEAD.strip(), *parts]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
