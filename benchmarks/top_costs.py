"""The greatest costs of a mixed run, by function, and what each is spent on."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from consolidate.reading import Task, work
from extract.source import make_source
from normalize.catalogue import Catalogue

WHY = {
    "contents_of": "the operators of PDF pages, one match of a pattern each",
    "lay_out": "the strings of a PDF line become words: each line once a font, its marks only where a cell needs them",
    "decode_document": "every text is asked for old encodings, since fonts lie",
    "vote": "the labels of known forms give lost letters back",
    "letters_by_ocr": "letters that no label tells are read from the drawn page",
    "read_scanned_pages": "PDFium opens the pages of a PDF that can hold a picture, to know scans under hidden text",
    "clues_of": "stretches of words with lost letters are looked up among the labels by the lengths of their words",
    "done": "reports become bytes for the store, and lines of the observations table",
    "find_agency": "who reports, by letterhead, signature and file name",
    "check_report": "the rules between figures",
    "ocr_pdf_pages": "pages that are pictures",
    "crib_index": "the labels of all forms by the lengths of their words, once a process",
    "page_blocks": "the rules of a page become cells, and text without rules is searched for tables",
    "drawings_of": "the outlines that fonts draw, to know letters without names",
    "read_rows": "headers, outlines and lists of each table",
    "match_rows": "rows are compared with the forms",
    "write_parts": "the text and the tables of Word 97 files",
    "_grid": "rows and merged cells of Word tables",
    "write_workbook": "XlsxWriter writes the consolidated workbook",
    "write_parquet": "pyarrow is imported and writes the twin of the observations",
}
"""What the costs of the profile are spent on, by the function that has them."""
ALONE = {
    "replace": "cells, rows and values are never changed but made anew",
    "<method 'sub' of 're.Pattern' objects>": "texts are tidied, and searched for contacts",
    "dingbats": "signs of symbol fonts in Word files",
    "decompile": "fontTools reads what the fonts of PDF files draw",
    "_folded_phrases": "the words of the thesaurus, once a process",
    "first": "the parts of Word paragraphs are found by their tags",
    "visible_stretches": "the words of Word paragraphs, each run in its font",
    "children": "the parts of Word paragraphs, deleted ones left out",
    "parse_xml": "the XML of Word files and of what workbooks share",
    "_run_stretches": "the words of Word files, each run in its font",
    "_weigh_word": "how likely each word is in each old encoding",
    "decode": "the codes of PDF texts become letters",
    "_joined": "the strings of a PDF line side by side, with a space where a gap is wide",
    "_crossings": "where the rules of a PDF page meet",
    "read_words": "Tesseract reads the lines of a PDF with letters that no label tells",
}
"""The same for functions that count without what they call."""


def top_costs(files: Sequence[Path], catalogue: Catalogue, count: int = 10) -> list[tuple[str, float, str]]:
    """The greatest costs of a mixed run: function, share of the time, what for.

    Those in ``WHY`` count with all that they call, others alone.
    """
    profiler = cProfile.Profile()
    for path in files:
        task = Task(make_source(path.name, path.read_bytes(), 0.0))
        profiler.enable()
        list(work(task, catalogue))
        profiler.disable()
    stats = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    total = max(cumulative for *_, cumulative, _ in stats.values())
    told = _told_by_others(stats)
    found = []
    for function, (_, _, own, cumulative, _) in stats.items():
        file, _, name = function
        share = cumulative if name in WHY else own
        why = WHY.get(name) or ALONE.get(name, "")
        if function not in told:
            found.append((f"{Path(file).name}: {name}" if file != "~" else name, share / total, why))
    return sorted(found, key=lambda one: -one[1])[1 : count + 1]


def _told_by_others(stats: dict[tuple[str, int, str], tuple[Any, ...]]) -> set[tuple[str, int, str]]:
    """The functions that are called by those in ``WHY`` alone, which count with them."""
    told: set[tuple[str, int, str]] = set()
    while True:
        more = {
            function
            for function, (*_, callers) in stats.items()
            if callers and function[2] not in WHY and all(one in told or one[2] in WHY for one in callers)
        }
        if more <= told:
            return told
        told |= more
