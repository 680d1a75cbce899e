"""The faults of a folder of mappings: unknown ids, ambiguity, broken parents, each with its file and line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from normalize.catalogue import TARGETS
from normalize.decisions import against_forms
from normalize.expected import COLUMNS as EXPECTED_COLUMNS
from normalize.expected import expected_faults
from normalize.periods import last_day
from normalize.rules import rule_faults
from normalize.text import fold
from normalize.unit_faults import (
    KIND_COLUMNS,
    KINDS,
    REGISTERS,
    UNIT_COLUMNS,
    Found,
    agency_faults,
    unit_faults,
)

_COLUMNS = {
    "indicators.csv": "id,label_vi,label_en,unit,value_type,minimum,maximum,aggregation,numerator,denominator",
    "forms.csv": "form_id,title,period_kind,agency_level",
    "lists.csv": "form_id,list_id,caption,position,header,field",
    "vocabulary.csv": "use,text,meaning",
    "thesaurus.csv": "text,canonical",
    "decisive.csv": "group,text,meaning",
    "periods.csv": "pattern,period",
    "agencies.csv": "agency_id,name,level,province,synonym",
    "messages.csv": "code,vi,en",
    "decisions.csv": "row_key,form_id,section,label,decision,by,at,comment",
    "rules.csv": "rule,kind,left,right,forms,levels,comment",
}
_FORM_COLUMNS = "row,section,number,label,unit,target,parent,placeholder"
_ID = re.compile(r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$")
_VALUE_TYPES = frozenset({"count", "percent", "boolean", "level", "decimal", "text", "date", "url"})
_AGGREGATIONS = frozenset({"sum", "ratio", "any", "none"})
_DECISIONS = frozenset({"ignore", "new", "undo"})

_NUMBERS = frozenset({"multiplier", "unit_scale", "zero", "yes", "no"})
"""Uses of words whose meaning begins with a number."""
_MEANINGS = {
    "header": frozenset({"number", "label", "unit", "value", "note"}),
    "about": frozenset({"approximate", "lower_bound", "upper_bound"}),
    "about_after": frozenset({"approximate", "lower_bound", "upper_bound"}),
    "column": frozenset({"past", "compare", "to_date", "plan", "now"}),
    "column_first": frozenset({"past", "compare", "to_date", "plan", "now"}),
    "unit_kind": frozenset({"boolean", "percent"}),
}

Lines = list[tuple[int, dict[str, str]]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a mapping file: where, a message code, and named details."""

    file: str
    line: int
    code: str
    details: tuple[tuple[str, str], ...] = ()


def check_mappings(folder: Path) -> list[Fault]:
    """Every fault of a folder of mappings, by file and line; none when it can be used."""
    faults: list[Fault] = []
    tables = {name: _table(folder, name, columns, faults) for name, columns in _COLUMNS.items()}
    ids = {row["id"] for _, row in tables["indicators.csv"]}
    faults += _indicator_faults(tables["indicators.csv"], ids)
    printed: dict[str, list[dict[str, str]]] = {}
    for line, form in tables["forms.csv"]:
        name = f"forms/{form['form_id']}.csv"
        rows = _table(folder, name, _FORM_COLUMNS, faults)
        faults += [Fault("forms.csv", line, "form_without_rows", (("form", form["form_id"]),))] if not rows else []
        faults += _form_faults(name, rows, ids)
        printed[form["form_id"]] = [row for _, row in rows]
    faults += _twice("forms.csv", tables["forms.csv"], "form_id")
    faults += _pattern_faults(tables["periods.csv"])
    faults += _as_faults(agency_faults(tables["agencies.csv"]))
    registers = {letter: _table(folder, name, UNIT_COLUMNS, faults) for letter, name in REGISTERS.items()}
    faults += _as_faults(unit_faults(registers, _table(folder, KINDS, KIND_COLUMNS, faults)))
    faults += _decision_faults(tables["decisions.csv"], ids, printed)
    faults += _ambiguous_words(tables["vocabulary.csv"])
    faults += _word_faults(tables["vocabulary.csv"])
    faults += _expected_faults(folder, tables["forms.csv"])
    columns = _list_columns(tables["lists.csv"])
    ruled = rule_faults(tables["rules.csv"], ids, columns, set(printed))
    faults += [Fault("rules.csv", line, code, details) for line, code, details in ruled]
    return sorted(faults, key=lambda fault: (fault.file, fault.line, fault.code))


def _as_faults(found: Iterable[Found]) -> list[Fault]:
    return [Fault(name, line, code, details) for name, line, code, details in found]


def _table(folder: Path, name: str, columns: str, faults: list[Fault]) -> Lines:
    path = folder / name
    if not path.is_file():
        faults.append(Fault(name, 0, "mapping_missing"))
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            header = next(reader, [])
            missing = set(columns.split(",")) - {"placeholder"} - set(header)
            if missing:
                faults.append(Fault(name, 1, "mapping_columns_missing", (("columns", ", ".join(sorted(missing))),)))
                return []
            rows = [(reader.line_num, _record(header, line)) for line in reader if line]
    except (UnicodeDecodeError, csv.Error) as error:
        faults.append(Fault(name, 0, "mapping_unreadable", (("error", str(error)),)))
        return []
    return rows


def _record(header: Sequence[str], line: Sequence[str]) -> dict[str, str]:
    """A line by the names of its columns; what it lacks at its end is empty, what it has beyond them is left out."""
    if len(line) < len(header):
        line = [*line, *[""] * (len(header) - len(line))]
    record = dict(zip(header, line, strict=False))
    record.pop("", None)
    return record


def _indicator_faults(rows: Lines, ids: set[str]) -> Iterator[Fault]:
    name = "indicators.csv"
    yield from _twice(name, rows, "id")
    for line, row in rows:
        if not _ID.match(row["id"]):
            yield Fault(name, line, "indicator_id_malformed", (("id", row["id"]),))
        if row["value_type"] not in _VALUE_TYPES or row["aggregation"] not in _AGGREGATIONS:
            yield Fault(name, line, "indicator_kind_unknown", (("id", row["id"]),))
        for part in ("numerator", "denominator"):
            if row[part] and row[part] not in ids:
                yield Fault(name, line, "indicator_unknown", (("id", row[part]),))
        if row["aggregation"] == "ratio" and not (row["numerator"] and row["denominator"]):
            yield Fault(name, line, "ratio_without_parts", (("id", row["id"]),))
        if any(row[bound] and not _is_number(row[bound]) for bound in ("minimum", "maximum")):
            yield Fault(name, line, "bound_not_a_number", (("id", row["id"]),))


def _form_faults(name: str, rows: Lines, ids: set[str]) -> Iterator[Fault]:
    yield from _twice(name, rows, "row")
    seen: set[str] = set()
    meanings: dict[tuple[str, str, str, str], str] = {}
    indicators: dict[tuple[str, str], int] = {}
    for line, row in rows:
        target = row["target"]
        if target not in TARGETS and target not in ids:
            yield Fault(name, line, "indicator_unknown", (("id", target),))
        if row["parent"] and row["parent"] not in seen:
            yield Fault(name, line, "parent_unknown", (("parent", row["parent"]),))
        seen.add(row["row"])
        key = (row["parent"], row["number"], fold(row["label"]), row["unit"])
        if fold(row["label"]) and meanings.setdefault(key, target) != target:
            yield Fault(name, line, "label_ambiguous", (("label", row["label"]), ("id", target)))
        first = indicators.setdefault((row["section"], target), line)
        if target not in TARGETS and first != line:
            yield Fault(name, line, "indicator_twice", (("id", target), ("first", str(first))))


def _decision_faults(rows: Lines, ids: set[str], forms: dict[str, list[dict[str, str]]]) -> Iterator[Fault]:
    for line, row in rows:
        if printed := against_forms(row, forms):
            details = (("label", row["label"]), ("decision", row["decision"]), ("id", printed))
            yield Fault("decisions.csv", line, "decision_against_form", details)
        if row["decision"] not in ids | _DECISIONS:
            yield Fault("decisions.csv", line, "indicator_unknown", (("id", row["decision"]),))
        if not (row["by"] and row["at"]):
            yield Fault("decisions.csv", line, "decision_without_author", (("label", row["label"]),))


def _expected_faults(folder: Path, forms: Lines) -> list[Fault]:
    """Faults of the list of duties, which a folder need not have."""
    name = "expected.csv"
    if not (folder / name).is_file():
        return []
    faults: list[Fault] = []
    rows = _table(folder, name, EXPECTED_COLUMNS, faults)
    kinds = {form["form_id"]: form["period_kind"] for _, form in forms}
    provinces = [row["name"] for _, row in _table(folder, "units/provinces.csv", "name", [])]
    return faults + [Fault(name, line, code, told) for line, code, told in expected_faults(rows, kinds, provinces)]


def _pattern_faults(rows: Lines) -> Iterator[Fault]:
    for line, row in rows:
        try:
            groups = re.compile(row["pattern"]).groupindex
        except re.error as error:
            yield Fault("periods.csv", line, "pattern_malformed", (("error", str(error)),))
            continue
        try:
            code = row["period"].format(**({"roman": 1} | dict.fromkeys(groups, 1) | {"year": 2019}))
        except (KeyError, ValueError, IndexError):
            code = ""
        if "year" not in groups or not _is_period(code):
            yield Fault("periods.csv", line, "period_template_wrong", (("text", row["period"]),))


def _is_period(code: str) -> bool:
    """Whether a code is a day, or a period whose last day can be told."""
    return last_day(code) is not None or re.fullmatch(r"\d{4}-\d\d-\d\d", code) is not None


def _list_columns(rows: Lines) -> dict[str, set[str]]:
    columns: dict[str, set[str]] = {}
    for _, row in rows:
        columns.setdefault(row["list_id"], set()).add(row["field"])
    return columns


def _ambiguous_words(rows: Lines) -> Iterator[Fault]:
    meanings: dict[tuple[str, str], str] = {}
    for line, row in rows:
        key = (row["use"], row["text"].strip().lower())
        if meanings.setdefault(key, row["meaning"]) != row["meaning"]:
            yield Fault("vocabulary.csv", line, "word_ambiguous", (("text", row["text"]),))


def _word_faults(rows: Lines) -> Iterator[Fault]:
    """Words that stand for a number or for one of a few things, and do not."""
    for line, row in rows:
        first = row["meaning"].split(" ")[0]
        meanings = _MEANINGS.get(row["use"])
        wrong = (row["use"] in _NUMBERS and not _is_number(first)) or (meanings and row["meaning"] not in meanings)
        if wrong or not row["text"].strip() or not row["use"].strip():
            yield Fault("vocabulary.csv", line, "word_meaning_wrong", (("text", row["text"]), ("use", row["use"])))


def _twice(name: str, rows: Lines, column: str) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for line, row in rows:
        if first.setdefault(row[column], line) != line:
            yield Fault(name, line, "id_twice", (("id", row[column]), ("first", str(first[row[column]]))))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
