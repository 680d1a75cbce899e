"""CSV files that a spreadsheet opens without harm, written whole or not at all.

UTF-8 with a byte order mark, comma, RFC 4180 quoting, lines ended by a line feed. A cell that a spreadsheet would run
as a formula is written with an apostrophe before it, which ``read_csv`` takes off again.
"""

from __future__ import annotations

import csv
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from consolidate.columns import Field

_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)*([eE][+-]?[0-9]+)?")
_RUNS_AS_FORMULA = re.compile(r"'*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NEEDS_QUOTES = re.compile(r'[,"\r\n]|^[ \t]|[ \t]$')


def guard(text: str) -> str:
    """The text as a spreadsheet may see it: with an apostrophe before it if it would be run as a formula."""
    if _RUNS_AS_FORMULA.match(text) and not _PLAIN_NUMBER.fullmatch(text):
        return "'" + text
    return text


def unguard(text: str) -> str:
    """The text that ``guard`` was given."""
    return text[1:] if text.startswith("'") and _RUNS_AS_FORMULA.match(text) else text


def writable(text: str) -> str:
    """The text with each half of a broken surrogate pair, which no file can hold, replaced by U+FFFD."""
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


def number_text(number: float) -> str:
    """A number as short as it can be said exactly: ``58``, ``51.7``."""
    if isinstance(number, float) and number.is_integer() and abs(number) < 2**53:
        number = int(number)
    return repr(number)


def _cell(field: Field) -> str:
    """One cell as it stands in the file."""
    if field is None:
        return ""
    return _text_cell(field) if isinstance(field, str) else number_text(field)


@lru_cache(maxsize=1 << 15)  # most texts of a table stand in it again and again
def _text_cell(field: str) -> str:
    text = guard(writable(field))
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text


def csv_line(fields: Sequence[Field]) -> str:
    """One record with its line feed; a lone empty cell is quoted, since an empty line is no record."""
    return (",".join(_cell(field) for field in fields) or '""') + "\n"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that takes its place when the block ends, and goes away when it fails.

    The folder is made if need be. Raises OSError when it cannot be written or ``path`` is held open elsewhere.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", suffix=f".tmp{path.suffix}", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Field]]) -> None:
    """Write a table; a reader sees the old file or the new one and never a part. Raises OSError."""
    write_lines(path, header, map(csv_line, rows))


def write_lines(path: Path, header: Sequence[str], lines: Iterable[str]) -> None:
    """Write a table whose records are lines of a CSV file already, one or more in each text. Raises OSError."""
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(csv_line(header))
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())


def read_csv(path: Path) -> Iterator[dict[str, str]]:
    """Each record of a file of ours as a mapping from column name to text, apostrophes of ``guard`` taken off."""
    csv.field_size_limit(2**31 - 1)
    with path.open(encoding="utf-8-sig", newline="") as file:
        for record in csv.DictReader(file, strict=True):
            yield {name: unguard(text or "") for name, text in record.items()}
