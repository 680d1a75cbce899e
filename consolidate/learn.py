"""Decisions that a reviewer wrote into an audit file, checked and added to ``decisions.csv``."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from consolidate.audit import is_about_value
from consolidate.columns import DECISIONS, names
from consolidate.csvfile import csv_line, read_csv, replacing, unguard
from consolidate.dataset import PATH_SEPARATOR
from extract.model import Finding

_TAKEN = ("row_key", "form_id", "section", "label")
_WORDS = ("new", "ignore", "undo")
_OPEN = ("new", "undo")


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision of an audit file: its fields of ``decisions.csv`` by column, its line, why the row was there."""

    fields: dict[str, str]
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
    try:
        return unicodedata.normalize("NFC", data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return unicodedata.normalize("NFC", data.decode("cp1258", "replace"))


def read_audit(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Each record of an audit file with its line, whatever encoding and separator; of a workbook its first sheet.

    Raises OSError when the file cannot be opened, ValueError when it is no table.
    """
    rows = _workbook_rows(path) if path.suffix.lower() == ".xlsx" else _text_rows(decode(path.read_bytes()))
    _, header = next(rows, (0, []))
    columns = [name.strip() for name in header]
    for line, row in rows:
        yield line, {name: unguard(text) for name, text in zip(columns, row, strict=False)}


def _text_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise ValueError(str(error)) from error


def _workbook_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    from zipfile import BadZipFile

    from openpyxl import load_workbook

    try:
        workbook = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, KeyError, ValueError) as error:
        raise ValueError(str(error)) from error
    for line, row in enumerate(workbook.worksheets[0].iter_rows(values_only=True), start=1):
        yield line, ["" if value is None else str(value) for value in row]


def learn(audit: Path, mappings: Path, indicators: Collection[str], who: str, now: datetime | None = None) -> Learned:
    """Add the filled ``decision`` cells of an audit file to ``decisions.csv`` of the mappings, all or none.

    ``indicators`` are the ids that may be decided for, beside ``new``, ``ignore`` and ``undo``, which takes an
    earlier decision back. The last line for a row counts. Raises OSError when a file
    cannot be read or written, ValueError when the audit file is no table.
    """
    records = list(read_audit(audit))
    missing = [name for name in (*_TAKEN, "decision") if records and name not in records[0][1]]
    if missing or not records:
        finding = Finding("learn_not_an_audit_file", details=(("file", audit.name), ("columns", ", ".join(missing))))
        return Learned(faults=(finding,))
    at = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    decided = [_decided(line, record, who, at) for line, record in records if record.get("decision", "").strip()]
    target = mappings / "decisions.csv"
    before = {row["row_key"]: row for row in read_csv(target)} if target.exists() else {}
    faults = (*_unusable(decided, indicators), *_contradictions(decided, before))
    if faults:
        return Learned(faults=tuple(_in_file(fault, audit) for fault in faults))
    fresh = {one.fields["row_key"]: one for one in decided if not _is_known(one, before)}
    if fresh:
        _append(target, [one.fields for one in fresh.values()])
    return Learned(added=len(fresh), known=len(decided) - len(fresh))


def _decided(line: int, record: dict[str, str], who: str, at: str) -> Decided:
    """One filled row; of its section the innermost heading is kept, the one under which the decision holds."""
    fields = {name: record.get(name, "") for name in _TAKEN}
    fields |= {"row_key": fields["row_key"].strip(), "decision": record["decision"].strip()}
    fields["section"] = fields["section"].rpartition(PATH_SEPARATOR)[2]
    return Decided(
        {**fields, "by": who, "at": at, "comment": record.get("comment", "")}, line, record.get("reason", "")
    )


def _is_known(one: Decided, before: dict[str, dict[str, str]]) -> bool:
    known = before.get(one.fields["row_key"])
    return known is not None and known["decision"] == one.fields["decision"]


def _unusable(decided: list[Decided], indicators: Collection[str]) -> Iterator[Finding]:
    """A finding for each decision that names no indicator, has no key, or is about a value and not a label."""
    for one in decided:
        details = (("line", str(one.line)), ("decision", one.fields["decision"]))
        if not one.fields["row_key"]:
            yield Finding("learn_no_row_key", details=details)
        if one.fields["decision"] not in _WORDS and one.fields["decision"] not in indicators:
            yield Finding("learn_unknown_indicator", details=details)
        if is_about_value(one.reason):
            yield Finding("learn_about_a_value", details=details)


def _contradictions(decided: list[Decided], before: dict[str, dict[str, str]]) -> Iterator[Finding]:
    """A finding for each decision that differs from another one for the same key, in the file or made earlier."""
    first: dict[str, Decided] = {}
    for one in decided:
        key, decision = one.fields["row_key"], one.fields["decision"]
        details = (("line", str(one.line)), ("decision", decision))
        known = before.get(key)
        if known and known["decision"] not in (decision, *_OPEN) and decision != "undo":
            earlier = (("earlier", known["decision"]), ("by", known["by"]), ("at", known["at"]))
            yield Finding("learn_decided_before", details=(*details, *earlier))
        other = first.setdefault(key, one)
        if other.fields["decision"] != decision:
            told = (("other_line", str(other.line)), ("other", other.fields["decision"]))
            yield Finding("learn_contradiction", details=(*details, *told))


def _in_file(fault: Finding, audit: Path) -> Finding:
    return Finding(fault.code, fault.place, (("file", audit.name), *fault.details))


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
