"""The columns of every published table: their names, order and types, stated once.

The header of each CSV file and the schema of each Parquet file are made from here; what a column means is said, in
Vietnamese and English, by the message ``column_<name>``.
"""

from __future__ import annotations

from dataclasses import dataclass

Field = str | int | float | None
"""What one cell of a published table may hold; ``None`` is written as an empty cell."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name and its type, one of ``string``, ``integer`` and ``number``."""

    name: str
    type: str = "string"

    @property
    def message(self) -> str:
        """The code of the message that describes the column."""
        return f"column_{self.name}"


def _columns(text: str) -> tuple[Column, ...]:
    """Columns out of words like ``name`` and ``name:integer``."""
    return tuple(Column(*word.split(":")) for word in text.split())


OBSERVATIONS = _columns(
    "observation_id indicator_id indicator_label period agency_id agency agency_level province value:number value_text "
    "value_type unit obs_status flags form_id section raw_label raw_value raw_unit note match_method "
    "match_score:number source_path source_sha256 page table:integer row:integer source_order:integer"
)
UNMATCHED = _columns(
    "row_key source_path source_sha256 page table:integer row:integer source_order:integer form_id period agency "
    "section raw_label label raw_value raw_unit reason reason_vi "
    "candidate_1_id candidate_1_label candidate_1_score:number "
    "candidate_2_id candidate_2_label candidate_2_score:number "
    "candidate_3_id candidate_3_label candidate_3_score:number decision comment n_same:integer"
)
DOCUMENTS = _columns(
    "source_path sha256 format status reason reason_vi form_id agency_id agency province period encoding "
    "text_quality:number n_tables:integer n_rows:integer n_observations:integer n_unmatched:integer n_ignored:integer "
    "superseded_by seconds:number"
)
CONTACTS = _columns(
    "source_path source_sha256 period agency_id agency section raw_label raw_value page table:integer row:integer"
)
FINDINGS = _columns(
    "code rule period agency_id agency province form_id indicator_id indicator_label value:number expected page "
    "table:integer row:integer other_indicators other_values other_places message_vi message_en source_path "
    "source_sha256"
)
CHANGES = _columns(
    "change cause period agency_id agency province form_id indicator_id indicator_label before after source_path "
    "source_sha256 source_path_before source_sha256_before decided_by decided_at"
)
COVERAGE = _columns(
    "period agency_id agency agency_level province form_id status also expected_by due received dated last_received "
    "n_documents:integer n_observations:integer source_paths"
)
DECISIONS = _columns("row_key form_id section label decision by at comment")

LIST_START = _columns("source_path list_id section item_no")
LIST_END = _columns("period agency_id agency province form_id source_sha256 page table:integer row:integer")
"""The columns of every list table; between them stand the fields of the list itself, which are text."""

TABLES: dict[str, tuple[Column, ...]] = {
    "observations": OBSERVATIONS,
    "unmatched": UNMATCHED,
    "documents": DOCUMENTS,
    "findings": FINDINGS,
    "coverage": COVERAGE,
    "changes": CHANGES,
}


def names(columns: tuple[Column, ...]) -> tuple[str, ...]:
    """The header line of a table."""
    return tuple(column.name for column in columns)
