"""docs/data-dictionary.md: every table and column in words, made from the same description as the files.

python -m consolidate.dictionary > docs/data-dictionary.md
"""

from __future__ import annotations

import sys

from consolidate.columns import LIST_END, LIST_START, TABLES, Column
from consolidate.mappings import load_messages, packaged_folder
from consolidate.messages import Messages, say


def dictionary(messages: Messages) -> str:
    """The whole page as Markdown."""
    parts = [f"# {say(messages, 'dictionary_title', 'en')}", "", say(messages, "dictionary_start", "en"), ""]
    for name, columns in TABLES.items():
        parts += [f"## {name}.csv", "", say(messages, f"table_{name}", "en"), "", *_table(columns, messages), ""]
    parts += [
        "## lists/*.csv",
        "",
        say(messages, "table_lists", "en"),
        "",
        *_table((*LIST_START, *LIST_END), messages),
        "",
    ]
    return "\n".join(parts)


def _table(columns: tuple[Column, ...], messages: Messages) -> list[str]:
    lines = ["| column | type | in Vietnamese | in English |", "|---|---|---|---|"]
    for column in columns:
        told = (say(messages, column.message, lang).replace("|", "\\|") for lang in ("vi", "en"))
        lines.append(f"| `{column.name}` | {column.type} | {' | '.join(told)} |")
    return lines


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(dictionary(load_messages(packaged_folder())))
