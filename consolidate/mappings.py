"""The mappings as the commands need them: loaded, or their faults as findings, or their sentences alone."""

from __future__ import annotations

from pathlib import Path

from consolidate.csvfile import read_csv
from consolidate.messages import Messages
from extract.model import Finding
from normalize.catalogue import Catalogue, default_folder, load_catalogue
from normalize.faults import check_mappings


def packaged_folder() -> Path:
    """The folder of the mappings that come with the program."""
    return default_folder()


def open_catalogue(folder: Path) -> Catalogue:
    """The catalogue of a folder whose mappings have no faults."""
    return load_catalogue(folder)


def mapping_faults(folder: Path) -> tuple[Finding, ...]:
    """What is wrong with the mappings, as findings whose details name the file and the line."""
    return tuple(
        Finding(fault.code, details=(("file", fault.file), ("line", str(fault.line)), *fault.details))
        for fault in check_mappings(folder)
    )


def load_messages(folder: Path) -> Messages:
    """The sentences of a folder, else of the packaged mappings: faults must be told when the catalogue cannot load."""
    for candidate in (folder, default_folder()):
        try:
            rows = list(read_csv(candidate / "messages.csv"))
            return {row["code"]: (row["vi"], row["en"]) for row in rows}
        except (OSError, ValueError, KeyError):
            continue
    return {}
