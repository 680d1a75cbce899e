"""The only reader of mappings/: indicators, forms, words and decisions, checked before anything is matched."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from normalize.expected import Expected, read_expected
from normalize.model import Form, FormList, FormRow, Indicator
from normalize.rules import Rule, read_rules
from normalize.thesaurus import Decisive, Thesaurus
from normalize.units import KindName, Register, Unit
from normalize.vocabulary import Vocabulary

TARGETS = frozenset({"heading", "ignore", "agency", "period", "contact"})
"""What a printed row may be besides an indicator."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer decided about a label: an indicator id, ``ignore`` or ``new``; who, and when."""

    row_key: str
    form_id: str
    section: str
    label: str
    decision: str
    by: str
    at: str
    comment: str


@dataclass(frozen=True, slots=True)
class Weight:
    """One weight of a fitted model: what is added for each ``scale`` that a feature lies above its ``mean``."""

    model: str
    feature: str
    mean: float
    scale: float
    weight: float


@dataclass(frozen=True, slots=True)
class AgencyName:
    """One name of an agency."""

    agency_id: str
    name: str
    level: str
    province: str
    synonym: str


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All of mappings/ in memory. ``fingerprint`` changes whenever any byte of any file of it does."""

    indicators: Mapping[str, Indicator]
    forms: Mapping[str, Form]
    words: Vocabulary
    thesaurus: Thesaurus
    decisive: Decisive
    facets: Decisive
    facet_kinds: Mapping[str, str]
    weights: tuple[Weight, ...]
    periods: tuple[tuple[str, str], ...]
    agencies: tuple[AgencyName, ...]
    unit_kinds: tuple[KindName, ...]
    decisions: tuple[Decision, ...]
    messages: Mapping[str, tuple[str, str]]
    rules: tuple[Rule, ...] = ()
    expected: tuple[Expected, ...] = ()
    fingerprint: str = field(default="")
    folder: Path = field(default=Path())

    @cached_property
    def pair_weights(self) -> tuple[Weight, ...]:
        """The weights of the model over pairs of rows."""
        return tuple(one for one in self.weights if one.model == "pair")

    @cached_property
    def best_weights(self) -> tuple[Weight, ...]:
        """The weights of the model over the best pair of a row."""
        return tuple(one for one in self.weights if one.model == "best")

    @cached_property
    def scale(self) -> tuple[Weight, ...]:
        """What makes the odds of the model over the best pair a probability."""
        return tuple(one for one in self.weights if one.model == "scale")

    @cached_property
    def order_weights(self) -> tuple[Weight, ...]:
        """The shares of right ones among rows that stand in their place, by how alike the labels are."""
        return tuple(one for one in self.weights if one.model == "order")

    @cached_property
    def form_rows(self) -> tuple[FormRow, ...]:
        """Every printed row of every form, form by form in printed order."""
        return tuple(row for form in self.forms.values() for row in form.rows)

    @cached_property
    def printed_rows(self) -> Mapping[tuple[str, str], FormRow]:
        """Every printed row by its form and its name."""
        return {(row.form_id, row.row): row for row in reversed(self.form_rows)}

    @cached_property
    def provinces(self) -> Register:
        """The provinces of all times; read when first asked for, as are the two below."""
        return _register(self.folder / "units" / "provinces.csv")

    @cached_property
    def districts(self) -> Register:
        """The districts of all times."""
        return _register(self.folder / "units" / "districts.csv")

    @cached_property
    def communes(self) -> Register:
        """The communes of all times."""
        return _register(self.folder / "units" / "communes.csv")

    def register(self, level: str) -> Register:
        """The units of a level: province, district or commune."""
        if level == "province":
            return self.provinces
        return self.districts if level == "district" else self.communes

    def unit(self, unit_id: str) -> Unit | None:
        """The unit with that id, of any level."""
        if unit_id.startswith("C"):
            return self.communes.get(unit_id)
        return self.districts.get(unit_id) if unit_id.startswith("D") else self.provinces.get(unit_id)


def default_folder() -> Path:
    """The mappings that come with the program."""
    return Path(__file__).resolve().parent.parent / "mappings"


def load_catalogue(folder: Path) -> Catalogue:
    """The catalogue of a folder of mapping files; a file that is missing counts as empty."""
    lists = _lists(folder)
    indicators = {row["id"]: _indicator(row) for row in _read(folder / "indicators.csv")}
    return Catalogue(
        indicators=indicators,
        forms={row["form_id"]: _form(folder, row, lists) for row in _read(folder / "forms.csv")},
        words=Vocabulary(tuple((r["use"], r["text"], r["meaning"]) for r in _read(folder / "vocabulary.csv"))),
        thesaurus=Thesaurus(tuple((r["text"], r["canonical"]) for r in _read(folder / "thesaurus.csv"))),
        decisive=Decisive(tuple((r["group"], r["text"], r["meaning"]) for r in _read(folder / "decisive.csv"))),
        facets=Decisive(tuple(("facet", r["text"], r["meaning"]) for r in _read(folder / "facets.csv")), 6),
        facet_kinds={r["meaning"]: r["kind"] for r in _read(folder / "facets.csv")},
        weights=tuple(_weight(r) for r in _read(folder / "match_model.csv")),
        periods=tuple((r["pattern"], r["period"]) for r in _read(folder / "periods.csv")),
        agencies=tuple(AgencyName(**_only(r, AgencyName)) for r in _read(folder / "agencies.csv")),
        unit_kinds=tuple(KindName(**_only(r, KindName)) for r in _read(folder / "units" / "kinds.csv")),
        decisions=tuple(Decision(**_only(r, Decision)) for r in _read(folder / "decisions.csv")),
        messages={r["code"]: (r["vi"], r["en"]) for r in _read(folder / "messages.csv")},
        rules=read_rules(_read(folder / "rules.csv"), indicators),
        expected=read_expected(_read(folder / "expected.csv"), _period_kinds(folder)),
        fingerprint=_fingerprint(folder),
        folder=folder,
    )


_PRINTED = frozenset({"header", "motto", "person", "printed", "title"})
"""The uses of words that stand on paper as they stand in the vocabulary."""


def known_texts(catalogue: Catalogue) -> tuple[str, ...]:
    """Every text that is known to be printed on a form, each once: labels, units, titles, list headings, and what any
    form or official paper prints."""
    texts: dict[str, None] = {}
    for form in catalogue.forms.values():
        texts[form.title] = None
        for row in form.rows:
            texts[row.label] = None
            texts[row.unit] = None
        for one in form.lists:
            texts.update(dict.fromkeys((one.caption, *one.headers)))
    texts.update(dict.fromkeys(text for use, text, _ in catalogue.words.entries if use in _PRINTED))
    return tuple(text for text in texts if text.strip())


def _read(path: Path) -> Iterator[dict[str, str]]:
    if not path.is_file():
        return
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            yield {key: value or "" for key, value in row.items() if isinstance(key, str)}


def _only(row: dict[str, str], kind: type) -> dict[str, str]:
    return {name: row.get(name, "") for name in kind.__annotations__}


def _indicator(row: dict[str, str]) -> Indicator:
    texts = {name: row.get(name, "") for name in Indicator.__annotations__ if name not in ("minimum", "maximum")}
    minimum, maximum = (float(row[name]) if row.get(name) else None for name in ("minimum", "maximum"))
    return replace(Indicator(**texts), minimum=minimum, maximum=maximum)  # type: ignore[arg-type]


def _weight(row: dict[str, str]) -> Weight:
    return Weight(row["model"], row["feature"], float(row["mean"]), float(row["scale"]), float(row["weight"]))


def _form(folder: Path, row: dict[str, str], lists: Mapping[str, tuple[FormList, ...]]) -> Form:
    form_id = row["form_id"]
    rows = tuple(
        FormRow(form_id=form_id, **_only(one, _FormRowColumns)) for one in _read(folder / "forms" / f"{form_id}.csv")
    )
    return Form(form_id, row["title"], row["period_kind"], row["agency_level"], rows, lists.get(form_id, ()))


def _period_kinds(folder: Path) -> dict[str, str]:
    return {row["form_id"]: row["period_kind"] for row in _read(folder / "forms.csv")}


class _FormRowColumns:
    row: str
    section: str
    number: str
    label: str
    unit: str
    target: str
    parent: str
    placeholder: str


def _lists(folder: Path) -> dict[str, tuple[FormList, ...]]:
    columns: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in _read(folder / "lists.csv"):
        columns.setdefault((row["form_id"], row["list_id"]), []).append(row)
    result: dict[str, tuple[FormList, ...]] = {}
    for (form_id, list_id), rows in columns.items():
        ordered = sorted(rows, key=lambda row: int(row["position"]))
        headers, fields = tuple(r["header"] for r in ordered), tuple(r["field"] for r in ordered)
        one = FormList(form_id, list_id, ordered[0]["caption"], headers, fields)
        result[form_id] = (*result.get(form_id, ()), one)
    return result


def _register(path: Path) -> Register:
    """The units of a file, its lines unread; none when there is no such file."""
    lines = path.read_text(encoding="utf-8-sig").splitlines() if path.is_file() else []
    return Register(lines[0] if lines else "", tuple(lines[1:]))


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.csv")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
