"""consolidated.xlsx: a sheet a period with indicators down, agencies across and totals as live formulas, and sheets of
findings, missing reports and coverage.

Counts are summed; a rate is made anew from its numerator and denominator, summed over the agencies that gave both, and
never averaged; what cannot be added up has no total. Percentages are in percent, so their format is "0.0" and not "0%".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from consolidate.coverage import Coverage
from consolidate.coverage_sheets import coverage_sheets
from consolidate.csvfile import replacing
from consolidate.dataset import Record
from consolidate.figures import Figure, Findings, Line, PeriodTable, Reporter, period_tables
from consolidate.messages import Messages, say, say_place
from consolidate.model import Processed
from consolidate.sheets import (
    MOST_COLUMNS,
    Cell,
    Look,
    Row,
    Sheet,
    any_cell,
    column_name,
    empty_cell,
    formula_cell,
    note,
    text_cell,
)
from consolidate.xlsx import write_xlsx
from extract.model import Place
from normalize.catalogue import Catalogue
from normalize.model import Indicator
from normalize.periods import kind_of

WORKBOOK = "consolidated.xlsx"
HEADER_ROW = 5
"""The row of column headers; the first figures stand in the next one."""

FIXED = ("number", "indicator", "unit", "total", "given")
"""The columns before the agencies."""

_WIDTHS = (7, 52, 10, 13, 10)
_AGENCY_WIDTH = 14
_AGENCIES_A_PAGE = 18
_VIETNAMESE = "[$-42A]"
_NUMBERS = tuple(f"{_VIETNAMESE}#,##0{end}" for end in ("", ".0", ".00"))
"""The formats of numbers by how many decimals are shown."""
_LONGEST_TEXT_SHOWN = 60
_LINE = 15.5
"""Points of a line of text."""
_HEADER = Look(bold=True, colour="header", lines=True, where="center", wrap=True)
_CELL = Look(lines=True, where="center", wrap=True)
_LABEL = Look(lines=True, where="left", wrap=True)
_HEADING = Look(bold=True, colour="heading", lines=True, where="left", wrap=True)
_HEADING_NUMBER = replace(_HEADING, where="center", wrap=False)
_TOTAL = Look(bold=True, colour="total", lines=True, where="right")
_FIGURE = Look(lines=True, where="right")
_FINDING_COLUMNS = {"period": 12, "agency": 32, "document": 50, "place": 24, "indicator": 50, "finding": 90}
_TITLE, _SUBTITLE, _PLAIN = Look(bold=True, size=14), Look(bold=True), Look()


def write_workbook(
    out: Path, processed: Sequence[Processed], findings: Findings, catalogue: Catalogue, coverage: Coverage = ()
) -> Path:
    """Write ``consolidated.xlsx`` from all documents, the findings table and the coverage; give its path.

    Raises OSError.
    """
    with replacing(out / WORKBOOK) as temporary:
        write_xlsx(temporary, _sheets(processed, findings, catalogue, coverage))
    return out / WORKBOOK


def _sheets(
    processed: Sequence[Processed], findings: Findings, catalogue: Catalogue, coverage: Coverage
) -> Iterator[Sheet]:
    messages = catalogue.messages
    for table in period_tables(processed, findings, catalogue):
        parts = _parts(table)
        for number, part in enumerate(parts, start=1):
            yield _period_sheet(part, (number, len(parts)), messages)
    yield from coverage_sheets(coverage, messages)
    yield _findings_sheet(findings, messages)


def sheet_name(period: str, messages: Messages) -> str:
    """The name of a period's sheet: its code, without the signs that Excel forbids."""
    return re.sub(r"[\\/*?:\[\]]", "_", period)[:31] or say(messages, "workbook_no_period")


def say_period(period: str, messages: Messages) -> str:
    """A period in words; its code when it is none of the usual ones."""
    numbers = [int(number) for number in re.findall(r"\d+", period)]
    kind = kind_of(period) if numbers else "unknown"
    year, second, third, last = (*numbers, 0, 0, 0, 0)[:4]
    roman = ("I", "II", "III", "IV")[second - 1] if kind == "quarter" else ""
    code = f"period_in_words_{kind}"
    return say(messages, code, "vi", year=year, roman=roman, half=second, month=second, day=third, months=last)


# A sheet of figures


def _parts(table: PeriodTable) -> list[PeriodTable]:
    """The table in as many parts as its agencies need sheets; each has the totals of its own agencies."""
    room = MOST_COLUMNS - len(FIXED)
    starts = range(0, max(len(table.reporters), 1), room)
    return [replace(table, reporters=table.reporters[start : start + room]) for start in starts]


def _period_sheet(table: PeriodTable, part: tuple[int, int], messages: Messages) -> Sheet:
    """The sheet of a period, or one of its parts (its number, and of how many)."""
    name = sheet_name(table.period, messages) + (f" ({part[0]})" if part[0] > 1 else "")
    return Sheet(
        name,
        _period_rows(table, part, messages),
        widths=(*_WIDTHS, *(_AGENCY_WIDTH for _ in table.reporters)),
        header_row=HEADER_ROW,
        last_row=HEADER_ROW + len(table.lines),
        fixed_columns=len(FIXED),
        printed_columns=len(FIXED),
        pages_across=max(1, -(-len(table.reporters) // _AGENCIES_A_PAGE)),
        footer=say(messages, "workbook_page"),
    )


def _period_rows(table: PeriodTable, part: tuple[int, int], messages: Messages) -> Iterator[Row]:
    numbered = list(enumerate(table.lines, start=HEADER_ROW + 1))
    rows = {line.indicator.id: row for row, line in numbered if line.indicator is not None}
    yield from _title_rows(table, part, messages)
    yield _header_row(table, messages)
    for row, line in numbered:
        if line.indicator is None:
            yield _heading_row(line, len(table.reporters))
        else:
            yield _indicator_row(row, line, line.indicator, table, rows, messages)


def _title_rows(table: PeriodTable, part: tuple[int, int], messages: Messages) -> Iterator[Row]:
    provinces = ", ".join(dict.fromkeys(one.province for one in table.reporters if one.province))
    wholes = any(one.level == "province" for one in table.reporters)
    mixed = wholes and any(one.level != "province" for one in table.reporters)
    period = say_period(table.period, messages)
    where = say(messages, "workbook_where", province=provinces) + ". " if provinces else ""
    when = say(messages, "workbook_when", period=period, count=len(table.reporters))
    how = [say(messages, "workbook_how"), say(messages, "workbook_wholes") if mixed else ""]
    how += [say(messages, "workbook_part", part=part[0], count=part[1])] if part[1] > 1 else []
    yield Row([text_cell(say(messages, "workbook_title"), _TITLE)])
    yield Row([text_cell(where + when, _SUBTITLE)])
    yield Row([text_cell(" ".join(filter(None, how)), _PLAIN)])
    told = (("finding", "workbook_red"), ("doubt", "workbook_yellow"))
    pairs = ((Look(colour=colour), say(messages, code)) for colour, code in told)
    yield Row([cell for look, text in pairs for cell in (empty_cell(look), text_cell(text, _PLAIN))])


def _header_row(table: PeriodTable, messages: Messages) -> Row:
    several = len({one.province for one in table.reporters}) > 1
    cells = [text_cell(say(messages, f"workbook_{name}"), _HEADER) for name in FIXED]
    notes: dict[int, str] = {}
    for column, one in enumerate(table.reporters, start=len(FIXED) + 1):
        look = replace(_HEADER, colour="doubt") if one.provisional else _HEADER
        cells.append(text_cell(_column_title(one, several), look))
        if one.provisional:
            notes[column] = note(say(messages, "workbook_status_P"))
    return Row(cells, 62, notes)


def _column_title(one: Reporter, several: bool) -> str:
    return f"{one.name} ({one.province})" if several and one.province else one.name


def _heading_row(line: Line, n_agencies: int) -> Row:
    number = text_cell(line.number, _HEADING_NUMBER)
    label = text_cell(line.label, _like(_HEADING, indent=line.depth))
    empty = [empty_cell(_HEADING)] * (len(FIXED) - 2 + n_agencies)
    return Row([number, label, *empty], _height(line.label, line.depth))


def _indicator_row(
    row: int,
    line: Line,
    indicator: Indicator,
    table: PeriodTable,
    rows: Mapping[str, int],
    messages: Messages,
) -> Row:
    total = _like(_TOTAL, _total_format(indicator, messages))
    formulas = ((total_formula(indicator, table, rows), total), (given_formula(indicator, table, row), _CELL))
    cells = [text_cell(line.number, _CELL), text_cell(line.label, _like(_LABEL, indent=line.depth))]
    cells.append(text_cell(indicator.unit, _CELL))
    cells += [formula_cell(text, look) if text else empty_cell(look) for text, look in formulas]
    empty, notes, texts = empty_cell(_FIGURE), dict[int, str](), list[str]()
    for one in table.reporters:
        figure = table.figures.get((indicator.id, one.key))
        if figure is None:
            cells.append(empty)
            continue
        concern = figure.concern
        cells.append(_figure_cell(figure.value, concern, indicator, messages))
        if concern:
            notes[len(cells)] = note(_comment(figure, messages))
        if isinstance(figure.value, str):
            texts.append(figure.value)
    return Row(cells, _height(line.label, line.depth, texts), notes)


def _figure_cell(value: float | str | None, colour: str, indicator: Indicator, messages: Messages) -> Cell:
    if isinstance(value, str):
        long = len(value) > _LONGEST_TEXT_SHOWN
        look = Look(colour=colour, lines=True, where="fill" if long else "left", wrap=not long)
    else:
        look = _figure_look(colour, "General" if value is None else _format(indicator, value, messages))
    return any_cell(value, look)


@lru_cache(maxsize=1 << 6)
def _figure_look(colour: str, number_format: str) -> Look:
    return replace(_FIGURE, colour=colour, number_format=number_format)


@lru_cache(maxsize=1 << 6)
def _like(look: Look, number_format: str = "General", indent: int = 0) -> Look:
    return replace(look, number_format=number_format, indent=indent)


def _comment(figure: Figure, messages: Messages) -> str:
    """Where a figure comes from, document and page, and what is to be said about it."""
    lines = [say(messages, "workbook_differs")] if figure.differs else []
    for source in figure.sources:
        lines.append(f"{source.path}, {say_place(messages, source.place)}: {source.raw}")
        lines += [say(messages, "workbook_status_U")] if source.status == "U" else []
        lines += source.findings
    return "\n".join(dict.fromkeys(lines))


# Formulas


def total_formula(indicator: Indicator, table: PeriodTable, rows: Mapping[str, int]) -> str:
    """The formula of an indicator's total; "" when it cannot be added up or its parts have no rows."""
    if indicator.aggregation == "ratio":
        return _ratio(indicator, table, rows)
    function = {"sum": "SUM", "any": "MAX"}.get(indicator.aggregation)
    ranges = _ranges(table.summed(indicator.id), rows[indicator.id])
    if function is None or not ranges:
        return ""
    given = ",".join(ranges)
    return f'=IF(COUNT({given})=0,"",{function}({given}))'


def _ratio(indicator: Indicator, table: PeriodTable, rows: Mapping[str, int]) -> str:
    parts = (indicator.numerator, indicator.denominator)
    if not all(part in rows for part in parts):
        return ""
    columns = table.summed(*parts)
    pairs = list(zip(*(_ranges(columns, rows[part]) for part in parts), strict=True))
    over, under = (
        "+".join(f"SUMPRODUCT(--ISNUMBER({top}),--ISNUMBER({bottom}),{(top, bottom)[side]})" for top, bottom in pairs)
        for side in (0, 1)
    )
    factor = "100*" if indicator.value_type == "percent" else ""
    return f'=IFERROR({factor}({over})/({under}),"")' if pairs else ""


def given_formula(indicator: Indicator, table: PeriodTable, row: int) -> str:
    """The formula that counts the agencies with a figure in a row, of those that go into its total."""
    ranges = _ranges(table.summed(indicator.id), row)
    function = "COUNTA" if indicator.value_type in ("text", "date", "url") else "COUNT"
    return f"={function}({','.join(ranges)})" if ranges else ""


def _ranges(positions: Sequence[int], row: int) -> list[str]:
    """Ranges like F6:H6 that cover the columns at these positions."""
    return [f"{first}{row}:{last}{row}" for first, last in _runs(tuple(positions))]


@lru_cache(maxsize=64)  # the indicators of a sheet are summed over the same few columns
def _runs(positions: tuple[int, ...]) -> tuple[tuple[str, str], ...]:
    """The names of the first and last column of each run of neighbours."""
    found = []
    for _, run in groupby(enumerate(positions), key=lambda pair: pair[1] - pair[0]):
        columns = [position + len(FIXED) + 1 for _, position in run]
        found.append((column_name(columns[0]), column_name(columns[-1])))
    return tuple(found)


# Formats


def _format(indicator: Indicator, value: float, messages: Messages) -> str:
    if indicator.value_type == "boolean":
        return _yes_or_no(messages)
    decimals = 0 if value == int(value) else min(len(f"{value:.4f}".rstrip("0").split(".")[1]), 2)
    return _NUMBERS[decimals]


def _total_format(indicator: Indicator, messages: Messages) -> str:
    if indicator.value_type == "boolean":
        return _yes_or_no(messages)
    return _VIETNAMESE + (
        "#,##0.00" if indicator.aggregation == "ratio" else "#,##0.##" if indicator.value_type == "decimal" else "#,##0"
    )


def _yes_or_no(messages: Messages) -> str:
    return f'[=1]"{say(messages, "workbook_yes")}";[=0]"{say(messages, "workbook_no")}";General'


def _height(label: str, depth: int, others: Iterable[str] = ()) -> float:
    """Points for a row, which spreadsheet programs do not work out by themselves: its label and texts, wrapped."""
    room = _WIDTHS[1] - 2 * depth - 2
    lines = [-(-_breadth(label) // room)]
    lines += [-(-len(text) // (_AGENCY_WIDTH - 3)) for text in others if len(text) <= _LONGEST_TEXT_SHOWN]
    return _LINE * max(1.0, *lines)


@lru_cache(maxsize=1 << 12)  # the sheets of all periods have the labels of the same forms
def _breadth(label: str) -> float:
    """About how many small letters stand in the room of a label."""
    return sum(1.4 if letter.isupper() else 1.0 for letter in label)


# The sheet of findings


def _findings_sheet(findings: Findings, messages: Messages) -> Sheet:
    """A row for each finding, as in findings.csv: period, agency, document, place and what it says."""
    rows = [Row([text_cell(say(messages, f"workbook_{name}"), _HEADER) for name in _FINDING_COLUMNS])]
    widths = tuple(_FINDING_COLUMNS.values())
    for finding in findings:
        told = [finding["period"], finding["agency"], finding["source_path"], _place_of(finding, messages)]
        told += [finding["indicator_label"], finding["message_vi"]]
        texts = [str(text or "") for text in told]
        lines = (-(-len(text) // (width - 4)) for text, width in zip(texts, widths, strict=True))
        rows.append(Row([text_cell(text, _LABEL) for text in texts], _LINE * max(1, *lines)))
    return Sheet(
        say(messages, "workbook_findings"),
        rows,
        widths=widths,
        header_row=1,
        last_row=max(2, len(rows)),
        pages_across=1,
        footer=say(messages, "workbook_page"),
    )


def _place_of(finding: Record, messages: Messages) -> str:
    page = str(finding["page"] or "")
    table, row = (int(str(finding[name] or 0)) for name in ("table", "row"))
    place = Place(page=int(page)) if page.isdigit() else Place(sheet=page)
    return say_place(messages, replace(place, table=table, row=row))
