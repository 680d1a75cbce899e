"""What a run is asked to do, what became of each source, and what came out of it all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from extract.model import Finding
from normalize.model import Agency, Outcome, Report


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What to read and where to publish. ``periods`` empty means all; ``timeout`` is in seconds a document, ``memory``
    in MB a worker (0: no limit); ``keep_contacts`` writes names, telephone numbers and addresses to a file apart;
    ``as_of`` is the day (ISO form) under whose provinces agencies stand, "" for the day of each report; ``force`` reads
    and matches everything anew. ``engine`` is processes (of this machine) or dask, with the address of the
    cluster's ``scheduler``."""

    inbox: Path
    out: Path
    mappings: Path
    workers: int = 1
    periods: tuple[str, ...] = ()
    dry_run: bool = False
    timeout: float = 60.0
    memory: int = 3000
    keep_contacts: bool = False
    as_of: str = ""
    force: bool = False
    engine: str = "processes"
    scheduler: str = ""


@dataclass(frozen=True, slots=True)
class Processed:
    """One source after reading.

    ``status`` is extracted, no_data, duplicate, superseded, rejected or failed; ``report`` is ``None`` where
    nothing was read; ``findings`` say why, or what a person should know. ``received`` is when a mail brought it (ISO
    8601), ``modified`` the time of the file in seconds since 1970.
    """

    source_path: str
    sha256: str
    format: str
    status: str
    findings: tuple[Finding, ...] = ()
    report: Report | None = None
    encoding: str = ""
    text_quality: float | None = None
    n_tables: int = 0
    seconds: float = 0.0
    received: str = ""
    modified: float = 0.0
    superseded_by: str = ""


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run did: every source in the order of its path, with findings where it was not read; counts; its files.

    ``work`` counts the sources that were read, matched anew, or kept as they were; ``changes`` the figures that came,
    went and changed, by kind. ``unchanged_since`` is when the run before finished, where nothing was left to do.
    """

    processed: tuple[Processed, ...]
    counts: Mapping[str, int]
    other_periods: int = 0
    files: tuple[Path, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    work: Mapping[str, int] = field(default_factory=dict)
    changes: Mapping[str, int] = field(default_factory=dict)
    unchanged_since: str = ""

    @property
    def waiting(self) -> int:
        """How many rows and documents wait for a person."""
        return self.counts["unmatched"] + self.counts["rejected"] + self.counts["failed"]


def outcome_counts(report: Report | None) -> Counter[str]:
    """Rows with a value by the kind of their outcome: observation, unmatched and ignored; blank ones are left out."""
    kinds = Counter([outcome.kind for outcome in report.outcomes]) if report else Counter[str]()
    del kinds["blank"]
    return kinds


def by_agency(report: Report) -> Iterator[tuple[Agency, Iterator[Outcome]]]:
    """The outcomes of a report, those of one agency that follow each other together."""
    for agency, outcomes in groupby(report.outcomes, key=attrgetter("agency")):
        yield agency or report.agency, outcomes


def total_counts(processed: tuple[Processed, ...]) -> dict[str, int]:
    """The counts of a run by name: documents by status, rows by outcome, list entries."""
    statuses = ("extracted", "no_data", "duplicate", "superseded", "rejected", "failed")
    by_status = Counter(item.status for item in processed)
    rows: Counter[str] = Counter()
    for item in processed:
        rows.update(outcome_counts(item.report))
    return {
        "documents": len(processed),
        **{status: by_status[status] for status in statuses},
        "observations": rows["observation"],
        "unmatched": rows["unmatched"],
        "ignored": rows["ignored"],
        "list_entries": sum(len(item.report.entries) for item in processed if item.report),
    }
