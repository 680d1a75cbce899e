"""The way of one published figure: document, report version, match, decision, run by run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from consolidate.csvfile import number_text
from consolidate.dataset import Record, observation_ids, observation_records
from consolidate.history import decision_behind, kept_catalogue, load_whole
from consolidate.messages import Messages, say
from consolidate.model import Processed
from consolidate.store import Run, Store, Version, all_versions, open_store, runs
from normalize.catalogue import Catalogue
from normalize.model import Outcome


def trace(out: Path, observation_id: str, messages: Messages, lang: str = "vi") -> list[str]:
    """Lines about a figure by its id, one block for each version of its report that held it, the earliest first.

    Empty when no run published it. Raises StoreError.
    """
    with open_store(out) as store:
        known = {run.run: run for run in runs(store)}
        lines: list[str] = []
        for version in all_versions(store):
            if version.first_run is not None and version.status in ("extracted", "no_data"):
                lines += _of_version(store, version, known, observation_id, messages, lang)
        return lines


def _of_version(
    store: Store, version: Version, known: dict[int, Run], observation_id: str, messages: Messages, lang: str
) -> Iterator[str]:
    item = load_whole(store, version)
    assert version.first_run is not None
    first = known[version.first_run]
    with kept_catalogue(store, first.fingerprint) as catalogue:
        for record in observation_records(item, catalogue.indicators):
            if record["observation_id"] == observation_id:
                yield from _lines(record, item, version, known, catalogue, messages, lang)


def _lines(
    record: Record,
    item: Processed,
    version: Version,
    known: dict[int, Run],
    catalogue: Catalogue,
    messages: Messages,
    lang: str,
) -> Iterator[str]:
    ended = known.get(version.ended_run or 0)
    first, last = known[version.first_run or 0], str(ended.run - 1) if ended else "…"
    number = record["value"]
    value = number_text(number) if isinstance(number, int | float) else record["value_text"]
    about = {**record, "value": value}
    yield say(messages, "trace_runs", lang, first=first.run, when=first.finished, last=last)
    yield "  " + say(messages, "trace_figure", lang, **about)
    yield "  " + say(messages, "trace_place", lang, **about)
    made = {"reader": version.reader, "mappings": version.mappings[:12]}
    yield "  " + say(messages, "trace_match", lang, **about, **made)
    decision = decision_behind(item, _outcome(item, str(record["observation_id"])), catalogue)
    if decision is not None:
        told = {"by": decision.by, "at": decision.at, "decision": decision.decision, "label": decision.label}
        yield "  " + say(messages, "trace_decision", lang, **told)


def _outcome(item: Processed, observation_id: str) -> Outcome:
    """What was found in the row behind one of a document's observations."""
    outcomes = sorted(item.report.outcomes if item.report is not None else (), key=lambda outcome: outcome.row.order)
    return dict(zip(observation_ids(item.sha256, outcomes), outcomes, strict=True))[observation_id]
