"""The tidy dataset: one row a figure or a text answer, and its Parquet twin."""

from __future__ import annotations

import hashlib
import itertools
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from consolidate.columns import OBSERVATIONS, Column, Field, names
from consolidate.csvfile import csv_line, replacing, unguard, write_lines
from consolidate.model import Processed
from extract.model import Place
from normalize.model import Agency, Indicator, Match, Outcome, Report, Row, Value, agency_of

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

PATH_SEPARATOR = " > "
"""Stands between the headings of a section path."""

_BLOCK = 1 << 24
"""Bytes of the CSV file that are turned into columns at once."""

Record = dict[str, Field]

Lines = Callable[[Processed], str]
"""Gives the observations of a document as they stand in ``observations.csv``."""


def place_name(place: Place) -> str:
    """The page or the sheet of a place as its column shows it: "3", "2.HatangCNTT", "" when the source has neither."""
    return place.sheet or (str(place.page) if place.page else "")


def section_of(row: Row) -> str:
    """The headings above a row, outermost first, each on one line."""
    return PATH_SEPARATOR.join(" ".join(heading.split()) for heading in row.path)


def observation_ids(sha256: str, outcomes: Sequence[Outcome]) -> list[str]:
    """An id for each outcome, from the document's content and the place of its value alone.

    Values that share a place (several fill-ins on one line) are told apart by their rank there, counted over all
    outcomes, so that an id does not change when a mapping does.
    """
    seen: Counter[tuple[object, ...]] = Counter()
    ids = []
    for outcome in sorted(outcomes, key=lambda outcome: outcome.row.order):
        cell = outcome.row.value
        place = cell.place if cell else outcome.row.place
        spot = (place.page, place.sheet, place.table, place.row, place.column)
        name = repr((sha256, *spot, seen[spot]))
        seen[spot] += 1
        ids.append(hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=10).hexdigest())
    return ids


def merged_flags(row: Row, value: Value) -> str:
    """The flags of a row, its cell and its value, each once, in this order."""
    cell_flags = row.value.flags if row.value else ()
    return ";".join(dict.fromkeys((*row.flags, *cell_flags, *value.flags)))


def raw_value(row: Row) -> str:
    """The value as the source says it."""
    return (row.value.raw_text or row.value.text) if row.value else ""


def place_fields(processed: Processed, row: Row) -> Record:
    """The columns that lead back to the source: path, content, page or sheet, table, row, order."""
    return {
        "source_path": processed.source_path,
        "source_sha256": processed.sha256,
        "page": place_name(row.place),
        "table": row.place.table,
        "row": row.place.row,
        "source_order": row.order,
    }


def _indicator_fields(indicator: Indicator) -> Record:
    return {
        "indicator_id": indicator.id,
        "indicator_label": indicator.label_vi,
        "value_type": indicator.value_type,
        "unit": indicator.unit,
    }


def _report_fields(report: Report, agency: Agency) -> Record:
    return {
        "form_id": report.form_id,
        "period": report.period,
        "agency_id": agency.id,
        "agency": agency.name,
        "agency_level": agency.level,
        "province": agency.province,
    }


def _value_fields(report: Report, row: Row, match: Match, value: Value) -> Record:
    return {
        "value": value.number,
        "value_text": value.text,
        "obs_status": "P" if report.provisional and value.status == "A" else value.status,
        "flags": merged_flags(row, value),
        "section": section_of(row),
        "raw_label": row.raw_label,
        "raw_value": raw_value(row),
        "raw_unit": row.unit,
        "note": row.note,
        "match_method": match.method,
        "match_score": round(match.score, 4),
    }


def observation_records(processed: Processed, indicators: Mapping[str, Indicator]) -> Iterator[Record]:
    """The observations of one document in source order, as mappings from column to cell."""
    report = processed.report
    if report is None:
        return
    outcomes = sorted(report.outcomes, key=lambda outcome: outcome.row.order)
    for name, outcome in zip(observation_ids(processed.sha256, outcomes), outcomes, strict=True):
        if outcome.kind == "observation":
            yield {
                "observation_id": name,
                **_indicator_fields(indicators[outcome.match.target]),
                **_report_fields(report, agency_of(report, outcome)),
                **_value_fields(report, outcome.row, outcome.match, outcome.value),
                **place_fields(processed, outcome.row),
            }


def published_order(processed: Processed) -> tuple[str, ...]:
    """The key by which documents are ordered in the tables: period, province, agency, form, path."""
    report = processed.report
    if report is None:
        return ("", "", "", "", "", processed.source_path)
    agency = report.agency
    return (report.period, agency.province, agency.id, agency.name, report.form_id, processed.source_path)


def as_rows(records: Sequence[Record], columns: tuple[Column, ...]) -> Iterator[list[Field]]:
    """The records with their cells in the order of the columns."""
    header = names(columns)
    for record in records:
        yield [record[name] for name in header]


def observation_lines(processed: Processed, indicators: Mapping[str, Indicator]) -> str:
    """The observations of one document as they stand in ``observations.csv``."""
    header = names(OBSERVATIONS)
    records = observation_records(processed, indicators)
    return "".join(csv_line([record[name] for name in header]) for record in records)


def write_observations(
    out: Path, processed: Sequence[Processed], indicators: Mapping[str, Indicator], lines: Lines | None = None
) -> tuple[Path, Path]:
    """Write ``observations.csv`` and its Parquet twin from all documents; give their paths. Raises OSError.

    ``lines`` gives those of a document where they are known already.
    """
    told = lines or (lambda item: observation_lines(item, indicators))
    table, twin = out / "observations.csv", out / "observations.parquet"
    write_lines(table, names(OBSERVATIONS), map(told, sorted(processed, key=published_order)))
    write_parquet(twin, table, OBSERVATIONS)
    return table, twin


def write_parquet(path: Path, table: Path, columns: tuple[Column, ...]) -> None:
    """Write the table of a CSV file of ours as Parquet: its text verbatim, its numbers typed. Raises OSError."""
    import pyarrow as pa
    from pyarrow import csv, parquet

    types = {"string": pa.string(), "integer": pa.int64(), "number": pa.float64()}
    schema = pa.schema([pa.field(column.name, types[column.type]) for column in columns])
    reader = csv.open_csv(
        table,
        csv.ReadOptions(use_threads=False, block_size=_BLOCK),
        csv.ParseOptions(newlines_in_values=True),
        csv.ConvertOptions(column_types=schema, null_values=[""], strings_can_be_null=False),
    )
    with replacing(path) as temporary, parquet.ParquetWriter(temporary, schema) as writer, reader:
        for batch in reader:
            writer.write_batch(pa.record_batch([_unguarded(column) for column in batch.columns], schema=schema))


def _unguarded(column: pa.Array) -> pa.Array:
    """A column without the apostrophes that keep a spreadsheet from running its texts.

    ``pyarrow.compute`` or ``pyarrow.array`` would do; to import what these need takes a tenth of a small run.
    """
    import pyarrow as pa

    if not pa.types.is_string(column.type) or b"'" not in memoryview(column.buffers()[2] or b"").tobytes():
        return column
    texts = [unguard(text).encode() for text in column.to_pylist()]
    ends = array("i", itertools.accumulate(map(len, texts), initial=0))
    return pa.Array.from_buffers(column.type, len(texts), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(texts))])


def read_observations(out: Path) -> pd.DataFrame:
    """The observations of an output folder as a DataFrame, with typed columns. Raises OSError."""
    import pandas as pd

    return pd.read_parquet(out / "observations.parquet", engine="pyarrow")
