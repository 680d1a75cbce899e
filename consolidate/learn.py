"""Decisions that a reviewer wrote into an audit file, checked and added to ``decisions.csv``."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from consolidate.audit import is_about_value
from consolidate.columns import DECISIONS, names
from consolidate.csvfile import csv_line, read_csv, replacing, unguard
from consolidate.dataset import PATH_SEPARATOR
from extract.model import Finding
from normalize.decisions import decision_key, is_key, is_label_key

_TAKEN = ("row_key", "form_id", "section", "label")
_NEEDED = ("row_key", "decision")
_WORDS = ("new", "ignore", "undo")
_OPEN = ("new", "undo")
_HEADER_WITHIN = 20
"""Lines at the top of a sheet among which its header is looked for."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an audit file: the file (and sheet), its number there, its fields by column."""

    file: str
    number: int
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision of an audit file: its fields of ``decisions.csv`` by column, and where it was made."""

    fields: dict[str, str]
    file: str
    line: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Learned:
    """What ``learn`` did: decisions added, those known already, and faults; with a fault nothing is added."""

    added: int = 0
    known: int = 0
    faults: tuple[Finding, ...] = ()


def decode(data: bytes) -> str:
    """The text of a CSV file as a spreadsheet saved it: UTF-8 or UTF-16, else the Vietnamese code page, in NFC."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return unicodedata.normalize("NFC", data.decode("utf-16", "replace"))
    if b"\0" in data[:200]:
        coding = "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
        return unicodedata.normalize("NFC", data.decode(coding, "replace"))
    try:
        return unicodedata.normalize("NFC", data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return unicodedata.normalize("NFC", data.decode("cp1258", "replace"))


def read_audit(path: Path) -> Iterator[Line]:
    """Each line of an audit file, whatever its encoding and separator, or of each sheet of it that is a workbook.

    Columns may stand in any order with others among them; a sheet without the columns that are needed gives nothing.
    Raises OSError when the file cannot be opened, ValueError when it is no table.
    """
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        for sheet, rows in _sheets(path):
            yield from _lines(f"{path.name}, {sheet}", rows)
    else:
        yield from _lines(path.name, _text_rows(decode(path.read_bytes())))


def _lines(file: str, rows: Iterator[tuple[int, list[str]]]) -> Iterator[Line]:
    columns: list[str] = []
    for seen, (number, row) in enumerate(rows):
        if columns:
            yield Line(file, number, {name: unguard(text) for name, text in zip(columns, row, strict=False)})
        elif seen >= _HEADER_WITHIN:
            return
        else:
            named = ["_".join(name.lower().split()) for name in row]
            columns = named if set(_NEEDED) <= set(named) else []


def _text_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    top = text.splitlines()[:_HEADER_WITHIN]
    header = next((line for line in top if all(name in line.lower() for name in _NEEDED)), "")
    separator = max(",;\t", key=header.count)
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise ValueError(str(error)) from error


def _sheets(path: Path) -> Iterator[tuple[str, Iterator[tuple[int, list[str]]]]]:
    from zipfile import BadZipFile

    from openpyxl import load_workbook

    try:
        workbook = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, KeyError, ValueError) as error:
        raise ValueError(str(error)) from error
    for sheet in workbook.worksheets:
        yield sheet.title, _sheet_rows(sheet)


def _sheet_rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        yield number, ["" if value is None else str(value) for value in row]


def learn(audit: Path, mappings: Path, indicators: Collection[str], who: str, now: datetime | None = None) -> Learned:
    """Add the filled ``decision`` cells of an audit file to ``decisions.csv`` of the mappings, all or none.

    ``indicators`` are the ids that may be decided for, beside ``new``, ``ignore`` and ``undo``, which takes an
    earlier decision back. The last line for a key counts. Raises OSError when a file
    cannot be read or written, ValueError when the audit file is no table.
    """
    lines = list(read_audit(audit))
    if not lines:
        details = (("file", audit.name), ("columns", ", ".join(_NEEDED)))
        return Learned(faults=(Finding("learn_not_an_audit_file", details=details),))
    at = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    decided = [_decided(line, who, at) for line in lines if line.fields.get("decision", "").strip()]
    target = mappings / "decisions.csv"
    before = {_key(row): row for row in read_csv(target)} if target.exists() else {}
    faults = (*_unusable(decided, indicators), *_contradictions(decided, before))
    if faults:
        return Learned(faults=faults)
    fresh = {one.fields["row_key"]: one for one in decided if not _is_known(one, before)}
    if fresh:
        _append(target, [one.fields for one in fresh.values()])
    keys = {one.fields["row_key"] for one in decided}
    return Learned(added=len(fresh), known=len(keys) - len(fresh))


def _key(row: dict[str, str]) -> str:
    return decision_key(row["row_key"], row["form_id"], row["section"], row["label"])


def _decided(line: Line, who: str, at: str) -> Decided:
    """One filled row; of its section the innermost heading is kept, the one under which the decision holds.

    A choice from the list names the indicator first and then its label.
    """
    fields = {name: line.fields.get(name, "") for name in _TAKEN}
    decision = line.fields["decision"].split()[0]
    told = decision.lower() if decision.lower() in _WORDS else decision
    fields |= {"row_key": fields["row_key"].strip(), "decision": told}
    fields["section"] = fields["section"].rpartition(PATH_SEPARATOR)[2]
    fields |= {"by": who, "at": at, "comment": line.fields.get("comment", "")}
    return Decided(fields, line.file, line.number, line.fields.get("reason", "").strip())


def _is_known(one: Decided, before: dict[str, dict[str, str]]) -> bool:
    known = before.get(one.fields["row_key"])
    return known is not None and known["decision"] == one.fields["decision"]


def _unusable(decided: list[Decided], indicators: Collection[str]) -> Iterator[Finding]:
    """A finding for each decision that names no indicator, whose key is none, or that is about a value and no label."""
    for one in decided:
        key, details = one.fields["row_key"], _details(one)
        if not is_key(key):
            yield Finding("learn_no_row_key", details=details)
        if one.fields["decision"] not in _WORDS and one.fields["decision"] not in indicators:
            yield Finding("learn_unknown_indicator", details=details)
        if is_about_value(one.reason) or (is_key(key) and not is_label_key(key)):
            yield Finding("learn_about_a_value", details=details)


def _contradictions(decided: list[Decided], before: dict[str, dict[str, str]]) -> Iterator[Finding]:
    """A finding for each decision that differs from another one for the same key, in the file or made earlier."""
    first: dict[str, Decided] = {}
    for one in decided:
        key, decision = one.fields["row_key"], one.fields["decision"]
        known = before.get(key)
        if known and known["decision"] not in (decision, *_OPEN) and decision != "undo":
            earlier = (("earlier", known["decision"]), ("by", known["by"]), ("at", known["at"]))
            yield Finding("learn_decided_before", details=(*_details(one), *earlier))
        other = first.setdefault(key, one)
        if other.fields["decision"] != decision:
            told = (("other_line", str(other.line)), ("other", other.fields["decision"]))
            yield Finding("learn_contradiction", details=(*_details(one), *told))


def _details(one: Decided) -> tuple[tuple[str, str], ...]:
    return ("file", one.file), ("line", str(one.line)), ("decision", one.fields["decision"])


def _append(target: Path, decisions: list[dict[str, str]]) -> None:
    """Add lines to the file of decisions; its earlier bytes stay as they are, and a reader sees all lines or none."""
    header = names(DECISIONS)
    before = target.read_bytes() if target.exists() else b""
    if not before.strip():
        before = csv_line(header).encode("utf-8-sig")
    if not before.endswith(b"\n"):
        before += b"\n"
    added = "".join(csv_line([fields[name] for name in header]) for fields in decisions)
    with replacing(target) as temporary:
        temporary.write_bytes(before + added.encode("utf-8"))
