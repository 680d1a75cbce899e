"""A Document becomes a Report: rows, matches, agency and period, values; the order of the steps in one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from extract.model import Cell, Document, Finding
from normalize.agencies import agency_of_line, find_agency
from normalize.catalogue import TARGETS, Catalogue
from normalize.checks import checked
from normalize.columns import one_value_each
from normalize.decisions import decided
from normalize.joins import join_broken_rows
from normalize.lists import ListTable, read_entries
from normalize.match import Matching, match_rows
from normalize.model import Agency, Evidence, ListEntry, Match, Outcome, Report, Row, Value
from normalize.numbers import decimal_mark
from normalize.periods import Period, find_period, last_day, span_of
from normalize.places import Context
from normalize.rows import read_rows
from normalize.text import fold, is_damaged, squeeze, survive
from normalize.values import BLANK, is_blank, looks_numeric, read_value
from normalize.wide import GROUP_TOTAL, TOTAL, UNKNOWN, NamesAgency

_UNREAD = Value()
_BESIDE = frozenset({"second_value", "other_column", "row_unsure"})
"""The flags of a value that is not the row's own, or may not be."""


def read_report(document: Document, evidence: Evidence, catalogue: Catalogue) -> Report:
    """Everything that a document reports: its form, agency and period, and the fate of every row of it."""
    layouts = read_rows(document, catalogue.words, catalogue.forms.values(), _names_agency(catalogue))
    rows = join_broken_rows(layouts.rows, catalogue)
    lines = [squeeze(line) for _, text in layouts.lines for line in text.splitlines()]
    sent = (evidence.subject, evidence.received)
    covers = find_period((), lines, evidence.source_path, "", catalogue, *sent).code
    matching = match_rows(rows, catalogue, span_of(covers))
    forms = _forms_of(matching, layouts.lists)
    own = forms[0] if forms else ""
    matches = [decided(row, match, catalogue, own) for row, match in zip(rows, matching.matches, strict=True)]
    told = [squeeze(row.value.text) for row in rows if row.value is not None]
    named = _answers(rows, matches, "agency")
    form = catalogue.forms.get(forms[0]) if forms else None
    asked = _answers(rows, matches, "period")
    kind = form.period_kind if form else ""
    period = find_period(asked, lines, evidence.source_path, kind, catalogue, *sent)
    day = str(period.signed or last_day(period.code) or "")
    level_asked = form.agency_level if form else ""
    agency = find_agency(named, lines, told, evidence.source_path, catalogue, day, level_asked)
    settled = list(one_value_each(rows, matches, period.code, catalogue))
    mark = decimal_mark(row.value.text for row, _ in settled if row.value is not None)
    outcomes = tuple(_outcome(row, match, mark, catalogue) for row, match in settled)
    outcomes = tuple(_of_line(one, Context(agency.province, day, ""), catalogue) for one in outcomes)
    entries = tuple(entry for one in layouts.lists for entry in read_entries(one, forms, catalogue.words))
    outcomes += tuple(_listed(entry) for entry in entries)
    findings = _doubts(forms, agency, period, outcomes)
    level = agency if agency.level != "other" or form is None else replace(agency, level=form.agency_level)
    end = last_day(period.code)
    provisional = bool(end and period.signed and period.signed < end and not period.from_date)
    report = Report(forms[0] if forms else "", level, period.code, outcomes, entries, findings, provisional)
    return checked(report, period.signed, catalogue)


def _forms_of(matching: Matching, lists: Sequence[ListTable]) -> tuple[str, ...]:
    """The forms of a report; a document of lists alone follows the form whose lists they are."""
    if matching.form_ids:
        return matching.form_ids
    return tuple(dict.fromkeys(one.candidates[0][1].form_id for one in lists))


def _answers(rows: Sequence[Row], matches: Sequence[Match], target: str) -> list[str]:
    """What stands in the rows that ask for the agency or the period, in the value column or, misplaced, the unit's."""
    found = []
    for row, match in zip(rows, matches, strict=True):
        if match.target == target:
            told = row.value.text if row.value is not None and row.value.text.strip() else row.unit
            if told.strip():
                found.append(squeeze(told))
    return found


# The fate of a row


def _outcome(row: Row, match: Match, mark: str, catalogue: Catalogue) -> Outcome:
    words = catalogue.words
    if row.value is None or (row.value.number is None and is_blank(row.value.text, words)):
        return Outcome(row, match, BLANK, "blank")
    if match.target == "contact" or (not match.target and _asks_for_person(row, catalogue)):
        return Outcome(row, match, _UNREAD, "ignored", "contact")
    if match.target in ("agency", "period"):
        return Outcome(row, match, _UNREAD, "ignored", "identity")
    if match.target in TARGETS or not match.target:
        return _without_indicator(row, match)
    if beside := _BESIDE.intersection((*row.flags, *row.value.flags)):
        return Outcome(row, match, _UNREAD, "unmatched", min(beside))
    indicator = catalogue.indicators[match.target]
    if (
        row.agency
        and match.method == "meaning"
        and indicator.value_type == "percent"
        and not _says_rate(row, catalogue)
    ):
        return Outcome(row, match, _UNREAD, "unmatched", "ambiguous")
    cell = _without_placeholder(row.value, match, catalogue)
    value = read_value(cell, indicator, row.unit, words, mark)
    if value.blank:
        return Outcome(row, match, value, "blank")
    if value.reason:
        return Outcome(row, match, value, "unmatched", value.reason)
    return Outcome(row, match, _marked(value, row, match), "observation")


def _marked(value: Value, row: Row, match: Match) -> Value:
    """A value with what was assumed of its row."""
    status = "U" if "columns_guessed" in row.flags else value.status
    if status == value.status and not match.flags:
        return value
    return replace(value, status=status, flags=(*value.flags, *match.flags))


def _says_rate(row: Row, catalogue: Catalogue) -> bool:
    """Whether a column says that it holds rates: by its unit, its heading, or the figure itself."""
    told = f" {fold(row.label)} "
    named = any(f" {word} " in told for word in catalogue.words.folded("bare"))
    return named or "%" in f"{row.unit}{row.label}{row.value.text if row.value is not None else ''}"


def _of_line(outcome: Outcome, context: Context, catalogue: Catalogue) -> Outcome:
    """The outcome of a line of a table with a line for each agency, with that agency; a total is nobody's figure."""
    if not outcome.row.agency or outcome.kind == "blank":
        return outcome
    if {TOTAL, GROUP_TOTAL}.intersection(outcome.row.flags):
        return replace(outcome, kind="ignored", reason="total_row")
    name, _, group = outcome.row.agency.partition("\n")
    around = replace(context, text=fold(f"{group} {context.text}"))
    agency = agency_of_line(name, around, catalogue) if UNKNOWN not in outcome.row.flags else None
    if agency is None or not agency.id:
        named = Agency("", agency.name if agency else name, agency.level if agency else "other", context.province)
        return replace(outcome, kind="unmatched", reason="row_agency_unknown", agency=named)
    return replace(outcome, agency=agency)


@lru_cache(maxsize=4)
def _names_agency(catalogue: Catalogue) -> NamesAgency:
    @lru_cache(maxsize=16384)
    def names_agency(text: str, bare: bool) -> bool:
        return agency_of_line(text, Context("", "", ""), catalogue, bare) is not None

    return names_agency


def _without_indicator(row: Row, match: Match) -> Outcome:
    told = row.value.text if row.value is not None else ""
    if match.method == "decision" and match.target:
        return Outcome(row, match, _UNREAD, "ignored", "ignored_by_decision")
    if row.kind in ("line", "answer") or (row.kind == "item" and not looks_numeric(told)):
        return Outcome(row, match, _UNREAD, "ignored", "prose")
    if match.target:
        return Outcome(row, match, _UNREAD, "unmatched", "heading_with_value")
    return Outcome(row, match, _UNREAD, "unmatched", match.reason or "no_candidate")


def _asks_for_person(row: Row, catalogue: Catalogue) -> bool:
    folded = fold(row.label)
    if is_damaged(row.label) and survive(row.label) in catalogue.words.survived("person"):
        return True
    return any(folded == word or folded.startswith(word + " ") for word in catalogue.words.folded("person"))


def _without_placeholder(cell: Cell, match: Match, catalogue: Catalogue) -> Cell:
    """A cell without what the blank form prints in it: a cell that still holds only that says nothing."""
    printed = catalogue.printed_rows.get((match.form_id, match.form_row))
    if printed is None or not printed.placeholder:
        return cell
    text, placeholder = squeeze(cell.text), squeeze(printed.placeholder)
    if fold(text) == fold(placeholder):
        return replace(cell, text="")
    if text.lower().startswith(placeholder.lower()):
        return replace(cell, text=text[len(placeholder) :].strip(" :;-–."))
    return cell


def _listed(entry: ListEntry) -> Outcome:
    label = next((value for _, value in entry.values if value), "")
    told = " | ".join(value for _, value in entry.values if value)
    row = Row(entry.place, 0, entry.item_no, label, label, "", (entry.section,), Cell(entry.place, told))
    return Outcome(row, Match("", form_id=entry.form_id), _UNREAD, "ignored", "list_entry")


def _doubts(forms: Sequence[str], agency: Agency, period: Period, outcomes: Sequence[Outcome]) -> tuple[Finding, ...]:
    if not any(outcome.kind in ("observation", "unmatched") or outcome.reason == "list_entry" for outcome in outcomes):
        return (Finding("no_data"),)
    found = [] if forms else [Finding("form_unknown")]
    if not agency.id:
        found.append(Finding("agency_unknown"))
    if not period.code:
        found.append(Finding("period_unknown"))
    elif period.from_date:
        found.append(Finding("period_from_date", details=(("period", period.code),)))
    if period.others:
        found.append(
            Finding("periods_disagree", details=(("period", period.code), ("others", ", ".join(period.others))))
        )
    return tuple(found)
