"""One file row by row: what was read, repaired and matched, and why or why not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from consolidate.audit import reason_of
from consolidate.contacts import mask
from consolidate.csvfile import number_text
from consolidate.dataset import merged_flags, raw_value, section_of
from consolidate.messages import Messages, say, say_finding, say_place
from consolidate.reading import read_source
from extract.model import Document, Table, rows_of
from extract.source import open_sources
from normalize.catalogue import Catalogue
from normalize.model import ListEntry, Match, Outcome, Report, Value

_Spot = tuple[int, int]
_FOLDERS = 2
"""How many folders around a file are taken for those of an inbox: mostly the period's and the agency's."""


def explain(file: Path, catalogue: Catalogue, lang: str = "vi") -> Iterator[str]:
    """Lines of text about one file, or about each file of a folder, in the language asked for; contacts are masked.

    The folders that one file stands in may name its agency and period, as they do in a run. Raises OSError when the
    file cannot be opened.
    """
    messages = catalogue.messages
    folders = "/".join(file.absolute().parent.parts[1:][-_FOLDERS:])
    for source in open_sources(file):
        if file.is_file():
            source = replace(source, source_path=f"{folders}/{source.source_path}")
        document, report = read_source(source, catalogue)
        yield say(messages, "explain_file", lang, path=source.source_path, format=document.format or source.format)
        yield from map(mask, _about(document, report, messages, lang))
        yield from map(mask, _tables(document, report, messages, lang))


def _about(document: Document, report: Report, messages: Messages, lang: str) -> Iterator[str]:
    """The lines about the document as a whole: its text, letters, form, agency, period, findings."""
    quality = f"{document.text_quality:.2f}"
    yield say(messages, "explain_text", lang, encoding=document.encoding, quality=quality)
    for source, count in sorted(Counter(repair.source for repair in document.letters).items()):
        yield say(messages, "explain_letters", lang, count=count, source=source)
    identity = {"form": report.form_id, "agency": report.agency.name, "period": report.period}
    yield say(messages, "explain_identity", lang, **{name: text or "?" for name, text in identity.items()})
    for finding in (*document.findings, *report.findings):
        yield "  ! " + say_finding(messages, finding, lang)


def _tables(document: Document, report: Report, messages: Messages, lang: str) -> Iterator[str]:
    outcomes: dict[_Spot, list[Outcome]] = defaultdict(list)
    for outcome in report.outcomes:
        outcomes[outcome.row.place.table, outcome.row.place.row].append(outcome)
    entries = {(entry.place.table, entry.place.row): entry for entry in report.entries}
    for table in document.tables:
        yield ""
        code = "explain_prose" if table.prose else "explain_table"
        where = say_place(messages, table.place, lang)
        yield say(messages, code, lang, place=where, rows=table.n_rows, columns=table.n_columns)
        yield from _rows(table, outcomes, entries, messages, lang)


def _rows(
    table: Table,
    outcomes: dict[_Spot, list[Outcome]],
    entries: dict[_Spot, ListEntry],
    messages: Messages,
    lang: str,
) -> Iterator[str]:
    """Every row of a table: its outcomes, or the list entry it is, or its text when it carries no value."""
    for number, cells in enumerate(rows_of(table), start=table.first_row):
        spot = (table.place.table, number)
        text = " | ".join(_one_line(cell.text) for cell in cells if cell and cell.text.strip())
        if spot in entries:
            list_id = entries[spot].list_id
            yield f"  {number:>4}  {text}\n        = " + say(messages, "list_entry", lang, list=list_id)
        elif spot in outcomes:
            for outcome in outcomes[spot]:
                yield from _outcome(number, outcome, messages, lang)
        elif text:
            yield f"  {number:>4}  {text}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _shown(outcome: Outcome, text: str) -> str:
    """A value on one line; personal contact details are not shown."""
    return "***" if reason_of(outcome) == "contact" else _one_line(text)


def _outcome(number: int, outcome: Outcome, messages: Messages, lang: str) -> Iterator[str]:
    """The lines about one row that may carry a value."""
    row = outcome.row
    label = " ".join(part for part in (row.number, _one_line(row.label)) if part)
    told = _shown(outcome, row.value.text if row.value else "")
    yield f"  {number:>4}  {label} : {told} {_one_line(row.unit)}".rstrip()
    if row.path:
        yield "        " + say(messages, "explain_section", lang, section=section_of(row))
    raw = f"{_one_line(row.raw_label)} : {_shown(outcome, raw_value(row))}"
    if raw != f"{_one_line(row.label)} : {told}":
        yield "        " + say(messages, "explain_raw", lang, raw=raw)
    yield "        = " + _fate(outcome, messages, lang)
    flags = merged_flags(row, outcome.value)
    if flags:
        yield "        " + say(messages, "explain_flags", lang, flags=flags)
    if outcome.kind in ("observation", "unmatched"):
        yield from _candidates(outcome.match, messages, lang)


def _fate(outcome: Outcome, messages: Messages, lang: str) -> str:
    """What became of a row, with its reason where it is not an observation."""
    match, value = outcome.match, outcome.value
    how = {"target": match.target or "?", "method": match.method, "score": f"{match.score:.2f}", "row": match.form_row}
    if outcome.kind == "observation":
        return say(messages, "explain_observation", lang, value=_value_text(value), form=match.form_id, **how)
    if outcome.kind == "blank":
        return say(messages, "explain_blank", lang, **how)
    reason = say(
        messages, reason_of(outcome), lang, value=raw_value(outcome.row), label=outcome.row.label, unit=outcome.row.unit
    )
    return say(messages, f"explain_{outcome.kind}", lang, reason=reason, **how)


def _value_text(value: Value) -> str:
    return number_text(value.number) if value.number is not None else value.text


def _candidates(match: Match, messages: Messages, lang: str) -> Iterator[str]:
    for candidate in match.candidates:
        told = (reason.partition(" ") for reason in candidate.evidence)
        evidence = "; ".join(say(messages, code, lang, detail=detail) for code, _, detail in told)
        known = {"id": candidate.indicator_id, "label": candidate.label, "score": f"{candidate.score:.2f}"}
        yield "          " + say(messages, "explain_candidate", lang, evidence=evidence, **known)
