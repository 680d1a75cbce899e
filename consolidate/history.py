"""What earlier runs published, as the store remembers it: changes since then, and the dataset of a day."""

from __future__ import annotations

import hashlib
import tempfile
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from consolidate.audit import row_key
from consolidate.columns import CHANGES, names
from consolidate.compare import Change, Figure, Key, Side, changes
from consolidate.csvfile import number_text, write_csv
from consolidate.dataset import Record, as_rows
from consolidate.model import Processed
from consolidate.packed import unpack
from consolidate.scope import like_tokens, scope_of
from consolidate.sharing import Pool, shared
from consolidate.store import (
    Run,
    Store,
    Version,
    all_unlike,
    body_of,
    has_mappings,
    mappings_of,
    put_mappings,
    runs,
    versions_of_run,
)
from consolidate.submissions import settle_submissions
from consolidate.versions import program_version
from normalize.catalogue import Catalogue, Decision, load_catalogue
from normalize.decisions import decision_key
from normalize.model import Outcome, agency_of

Group = tuple[str, str, str, str]
"""What submissions have in common (agency, form, period), or the path of a document that lacks one of them."""


def keep_mappings(store: Store, folder: Path, fingerprint: str) -> None:
    """Keep the mappings of a run, so that it can be published again as it was."""
    if not has_mappings(store, fingerprint):
        found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.csv"))}
        files = {name: (hashlib.sha256(data).hexdigest(), zlib.compress(data)) for name, data in found.items()}
        put_mappings(store, fingerprint, files)


def touched_since(store: Store, fingerprint: str, folder: Path, catalogue: Catalogue) -> frozenset[bytes] | None:
    """What reports mention that the change from kept mappings to those of a folder can touch; ``None`` for any.

    ``catalogue`` is what the folder holds.
    """
    before = {name: zlib.decompress(body) for name, body in mappings_of(store, fingerprint)}
    after = {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.csv"))}
    scope = scope_of(before, after) if before else None
    return scope.tokens | like_tokens(all_unlike(store), scope, catalogue) if scope is not None else None


def load(store: Store, versions: Sequence[Version]) -> list[Processed]:
    """What versions of reports say, in their order: what is published of them, in as little memory as that takes."""
    pool: Pool = {}
    return [shared(load_whole(store, one), pool) for one in versions]


def load_whole(store: Store, version: Version) -> Processed:
    """All that one version of a report says."""
    item = unpack(body_of(store, version.report_id), Processed)
    return replace(item, modified=version.modified, seconds=version.seconds)


@contextmanager
def kept_catalogue(store: Store, fingerprint: str) -> Iterator[Catalogue]:
    """The catalogue of a run as it was."""
    with tempfile.TemporaryDirectory(prefix="tonghop-") as name:
        for path, body in mappings_of(store, fingerprint):
            target = Path(name, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(zlib.decompress(body))
        yield load_catalogue(Path(name))


# Changes


@dataclass(frozen=True, slots=True)
class Published:
    """What one run published, or is about to: versions of reports, the mappings and the program behind them.

    ``loaded`` is what versions say, by their number, where that is at hand.
    """

    versions: Sequence[Version]
    mappings: str
    program: str
    catalogue: Catalogue
    loaded: Mapping[int, Processed] = field(default_factory=dict)


def changes_since(
    store: Store, chosen: Sequence[Version], loaded: Sequence[Processed], catalogue: Catalogue
) -> list[Change]:
    """The figures that came, went and changed since the last run; none where there was no run before.

    ``loaded`` is what the chosen versions say.
    """
    last = next(iter(runs(store)[-1:]), None)
    if last is None:
        return []
    known = {one.report_id: item for one, item in zip(chosen, loaded, strict=True)}
    now = Published(chosen, catalogue.fingerprint, program_version(), catalogue, known)
    if last.fingerprint == catalogue.fingerprint:
        return _between(store, _published(store, last, catalogue), now)
    with kept_catalogue(store, last.fingerprint) as before:
        return _between(store, _published(store, last, before), now)


def changes_of_runs(store: Store, one: Run, other: Run) -> list[Change]:
    """The figures that came, went and changed from one run to another."""
    with kept_catalogue(store, one.fingerprint) as before, kept_catalogue(store, other.fingerprint) as after:
        return _between(store, _published(store, one, before), _published(store, other, after))


def _published(store: Store, run: Run, catalogue: Catalogue) -> Published:
    return Published(versions_of_run(store, run.run), run.fingerprint, run.matching, catalogue)


def _between(store: Store, before: Published, after: Published) -> list[Change]:
    """The changes between two sets of versions; only the groups of submissions that differ are looked into."""
    old, new = ({one.report_id: one for one in side.versions} for side in (before, after))
    touched = {
        _group(one) for one in (*old.values(), *new.values()) if (one.report_id in old) != (one.report_id in new)
    }
    return list(changes(_side(store, before, touched), _side(store, after, touched)))


def _group(one: Version) -> Group:
    whole = one.status == "extracted" and one.agency_id and one.form_id and one.period
    return (one.agency_id, one.form_id, one.period, "") if whole else ("", "", "", one.source_path)


def _side(store: Store, published: Published, touched: set[Group]) -> Side:
    """One side of a comparison, with the figures of some groups of submissions."""
    catalogue, loaded = published.catalogue, published.loaded
    versions = [one for one in published.versions if _group(one) in touched]
    said = [loaded[one.report_id] for one in versions] if loaded else load(store, versions)
    items = settle_submissions(said, catalogue)
    found: dict[Key, list[Figure]] = defaultdict(list)
    for item in items:
        for key, figure in _figures(item, catalogue):
            found[key].append(figure)
    return Side(
        found,
        {one.sha256: one.reader for one in published.versions},
        frozenset(one.source_path for one in published.versions),
        frozenset(item.sha256 for item in items if item.status == "superseded"),
        published.mappings,
        published.program,
    )


def _figures(item: Processed, catalogue: Catalogue) -> Iterator[tuple[Key, Figure]]:
    """The figures of a document in source order, each by what names it."""
    report = item.report
    outcomes = sorted(report.outcomes, key=lambda outcome: outcome.row.order) if report is not None else ()
    for outcome in outcomes:
        if outcome.kind != "observation" or report is None:
            continue
        agency, value, target = agency_of(report, outcome), outcome.value, outcome.match.target
        decision = decision_behind(item, outcome, catalogue)
        figure = Figure(
            value.text if value.number is None else number_text(value.number),
            item.source_path,
            item.sha256,
            catalogue.indicators[target].label_vi,
            agency.name,
            agency.province,
            decision.by if decision else "",
            decision.at if decision else "",
        )
        yield (target, agency.id or agency.name, report.period, report.form_id), figure


def decision_behind(item: Processed, outcome: Outcome, catalogue: Catalogue) -> Decision | None:
    """The decision that mapped a row of a document, if one did: that of its form before one for all forms."""
    if item.report is None or outcome.match.method != "decision":
        return None
    known = _by_key(catalogue.decisions)
    for form_id in (outcome.match.form_id, item.report.form_id, ""):
        found = known.get(row_key(form_id, outcome, item.sha256))
        if found is not None and found.decision == outcome.match.target:
            return found
    return None


@lru_cache(maxsize=4)
def _by_key(decisions: tuple[Decision, ...]) -> dict[str, Decision]:
    return {decision_key(one.row_key, one.form_id, one.section, one.label): one for one in decisions}


def change_record(change: Change) -> Record:
    """One change as a mapping from column to cell."""
    old, new = change.old or Figure(""), change.new or Figure("")
    told = change.new or change.old or Figure("")
    return {
        "change": change.kind,
        "cause": change.cause,
        "period": change.period,
        "agency_id": change.agency if change.agency != told.agency else "",
        "agency": told.agency,
        "province": told.province,
        "form_id": change.form_id,
        "indicator_id": change.indicator_id,
        "indicator_label": told.label,
        "before": change.before,
        "after": change.after,
        "source_path": new.source_path,
        "source_sha256": new.sha256,
        "source_path_before": old.source_path,
        "source_sha256_before": old.sha256,
        "decided_by": new.decided_by,
        "decided_at": new.decided_at,
    }


def write_changes(out: Path, found: Sequence[Change]) -> Path:
    """Write ``changes.csv``, ordered by period, agency, form and indicator; give its path. Raises OSError."""
    write_csv(out / "changes.csv", names(CHANGES), as_rows([change_record(one) for one in found], CHANGES))
    return out / "changes.csv"


# The dataset of a day


def run_of_day(store: Store, day: str) -> Run | None:
    """The last run that had finished by the end of a day (ISO form, by the clock of this machine), or ``None``."""
    before = [run for run in runs(store) if datetime.fromisoformat(run.finished).astimezone().date().isoformat() <= day]
    return before[-1] if before else None
