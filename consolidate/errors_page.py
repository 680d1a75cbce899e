"""The page of reasons: a heading for each code with what it means and what to do, out of ``mappings/messages.csv``.

``python -m consolidate.errors_page`` writes ``docs/errors.md`` anew; a test holds the page against the messages.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from consolidate.csvfile import replacing
from consolidate.mappings import load_messages, packaged_folder
from consolidate.messages import Messages

PAGE = Path("docs/errors.md")

_OF_THE_INTERFACE = re.compile(r"(cli|column|coverage|explain|place|page|status|workbook|period_in_words)_|and_more$")
_REASONS = frozenset({"page_letters_unchecked", "page_too_complex", "page_without_text"})
"""Reasons about a page of a document; the other codes that begin so are words of the report page."""
_PLACEHOLDER = re.compile(r"\{\w+\}")


def is_reason(code: str) -> bool:
    """Whether a code says something about a document, a row, a value or a mapping, and is no word of the interface."""
    return code in _REASONS or not _OF_THE_INTERFACE.match(code)


def errors_page(messages: Messages) -> str:
    """The page as Markdown, the codes in the order of the alphabet."""
    title, intro = messages["cli_errors_title"], messages["cli_errors_intro"]
    parts = [f"# {title[0]} · {title[1]}\n\n{intro[0]}\n\n*{intro[1]}*\n"]
    for code in sorted(filter(is_reason, messages)):
        vi, en = (_PLACEHOLDER.sub("…", sentence) for sentence in messages[code])
        parts.append(f"## {code}\n\n{vi}\n\n*{en}*\n")
    return "\n".join(parts)


def main() -> int:
    """Write the page into the folder the program is run from."""
    with replacing(PAGE) as temporary:
        temporary.write_text(errors_page(load_messages(packaged_folder())), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
