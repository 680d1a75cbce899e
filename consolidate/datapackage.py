"""datapackage.json: a Frictionless Data Package that describes each published table and its columns."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from consolidate.columns import LIST_END, LIST_START, TABLES, Column
from consolidate.csvfile import replacing
from consolidate.messages import Messages, say

_KEYS = {"observations": "observation_id"}
_DIALECT = {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True, "header": True}


def write_datapackage(out: Path, files: Sequence[Path], messages: Messages) -> Path:
    """Write ``datapackage.json`` about the tables among ``files``, which lie under ``out``; give its path.

    Raises OSError.
    """
    resources = [one for path in files if (one := _resource(out, path, files, messages)) is not None]
    package = {
        "profile": "tabular-data-package",
        "name": "tonghop",
        "title": say(messages, "package_title", "vi"),
        "description": say(messages, "package_description", "en"),
        "resources": resources,
    }
    path = out / "datapackage.json"
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(package, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path


def _resource(out: Path, path: Path, files: Sequence[Path], messages: Messages) -> dict[str, object] | None:
    """What is said about one file; ``None`` for one that is no table of ours."""
    relative = path.relative_to(out)
    if path.suffix != ".csv":
        return None
    if relative.parent.name == "lists":
        columns, name = _list_columns(path), f"list-{path.stem}".lower().replace("_", "-")
    elif path.stem in TABLES:
        columns, name = TABLES[path.stem], path.stem
    else:
        return None
    twins = [one.name for one in files if one.stem == path.stem and one.suffix != ".csv" and one.parent == path.parent]
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "path": relative.as_posix(),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": _DIALECT,
        **({"alternates": twins} if twins else {}),
        "schema": schema(columns, messages, _KEYS.get(path.stem, "")),
    }


def schema(columns: tuple[Column, ...], messages: Messages, key: str = "") -> dict[str, object]:
    """The Table Schema of some columns, described in both languages; ``key`` is the column that names a row."""
    fields = [_field(column, messages, required=column.name == key) for column in columns]
    return {"fields": fields, "missingValues": [""], **({"primaryKey": [key]} if key else {})}


def _field(column: Column, messages: Messages, *, required: bool) -> dict[str, object]:
    field: dict[str, object] = {"name": column.name, "type": column.type}
    field |= _described(column, messages)
    return field | ({"constraints": {"required": True, "unique": True}} if required else {})


def _described(column: Column, messages: Messages) -> Mapping[str, str]:
    if column.message not in messages:
        return {}
    return {"title": say(messages, column.message, "vi"), "description": say(messages, column.message, "en")}


def _list_columns(path: Path) -> tuple[Column, ...]:
    """The columns of a list table: those that all lists have, and its own fields, which are text."""
    known = {column.name: column for column in (*LIST_START, *LIST_END)}
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file), [])
    return tuple(known.get(name) or Column(name) for name in header)
