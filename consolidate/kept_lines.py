"""The lines of ``observations.csv``, kept for each version of a report: made where it is matched, and never twice."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

from consolidate.dataset import Lines, observation_lines
from consolidate.model import Processed
from consolidate.store import Store, Version, lines_of, put_lines, transaction
from consolidate.versions import lines_version
from normalize.model import Indicator

_LEVEL = 1


def compressed_lines(item: Processed, indicators: Mapping[str, Indicator]) -> bytes:
    """The lines of a document as they are kept."""
    return zlib.compress(observation_lines(item, indicators).encode(), _LEVEL)


def kept_lines(
    store: Store, versions: Sequence[Version], loaded: Sequence[Processed], indicators: Mapping[str, Indicator]
) -> Lines:
    """The lines of documents: those of versions as they were ``loaded`` out of the store, or made now.

    A document that another one supersedes is no longer the one that was loaded, and its lines are made from what is
    left of it.
    """
    made = lines_version(indicators)
    kept = {id(item): lines_of(store, one.report_id, made) for one, item in zip(versions, loaded, strict=True)}
    new = {}
    for one, item in zip(versions, loaded, strict=True):
        if kept[id(item)] is None:
            kept[id(item)] = new[one.report_id] = compressed_lines(item, indicators)
    with transaction(store):
        put_lines(store, made, new)
    same = list(loaded)  # as long as these live no other document has the id of one of them

    def lines(item: Processed) -> str:
        body = kept.get(id(item)) if same else None
        return observation_lines(item, indicators) if body is None else zlib.decompress(body).decode()

    return lines
