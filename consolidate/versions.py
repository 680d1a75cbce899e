"""What made a version of a report: mappings, program, reader. Where one of them changes, it is made anew."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from consolidate.model import RunOptions
from extract.read import reader_version
from normalize.catalogue import Catalogue, known_texts
from normalize.model import Indicator

_CODE = (
    "consolidate/contacts.py",
    "consolidate/reading.py",
    "consolidate/scope.py",
    "consolidate/sharing.py",
    "normalize",
)


@dataclass(frozen=True, slots=True)
class Makers:
    """``mappings`` is their fingerprint, ``program`` the matching code's, ``texts`` that of the texts known from forms;
    ``lines`` is that of published lines, ``limits`` tells what one document may cost."""

    mappings: str
    program: str
    texts: str
    lines: str
    limits: str

    def reader(self, kind: str, status: str) -> str:
        """The reader of a format; for a document that could not be read, with the limits that it had."""
        return reader_version(kind) + (f" {self.limits}" if status == "failed" else "")


def makers_of(catalogue: Catalogue, options: RunOptions) -> Makers:
    """What a run makes reports with."""
    texts = hashlib.sha256("\0".join(known_texts(catalogue)).encode("utf-8", "replace")).hexdigest()
    limits = f"{options.timeout:g} s {options.memory} MB"
    return Makers(catalogue.fingerprint, program_version(), texts, lines_version(catalogue.indicators), limits)


def program_version() -> str:
    """The version of the program and a hash of the code that matches and masks, as it is on this machine."""
    return _version_of(_CODE)


def publishing_version() -> str:
    """The same, with the code that publishes."""
    return _version_of(("consolidate", "normalize"))


def lines_version(indicators: Mapping[str, Indicator]) -> str:
    """The version of what observations say beside what stands in reports: how they are written, what indicators are."""
    told = repr([(one.id, one.label_vi, one.value_type, one.unit) for one in indicators.values()])
    return f"{publishing_version()} {hashlib.sha256(told.encode()).hexdigest()[:16]}"


@cache
def _version_of(names: tuple[str, ...]) -> str:
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for name in names:
        path = root / name
        for file in sorted(path.glob("*.py")) if path.is_dir() else [path]:
            digest.update(file.name.encode() + b"\0" + (file.read_bytes() if file.is_file() else b"") + b"\0")
    return f"{tool_version()} {digest.hexdigest()[:16]}"


def tool_version() -> str:
    """The version of the installed program, or "unknown" when it runs from a folder that was never installed."""
    try:
        return metadata.version("tonghop")
    except metadata.PackageNotFoundError:
        return "unknown"
