"""The rules of ``mappings/rules.csv`` as data: what must hold between the figures of one report.

A rule compares two sides. A side adds up terms with ``+`` (``-`` takes one away): an indicator (``staff.total``), an
indicator of one section of a form (``dvc.level4.total@I.II``), a number, how many entries a list has
(``entries(3A.2)``), or the total of one of its columns (``total(3A.2: n_online)``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from normalize.model import Indicator

KINDS = frozenset({"equals", "at_most", "together_at_most", "needs", "rate", "no_rate", "jump"})
_LEVELS = frozenset({"province", "department", "district", "commune", "other"})
_TERM = re.compile(
    r"(?P<number>\d+(?:\.\d+)?)"
    r"|entries\((?P<list>[\w.]+)\)"
    r"|total\((?P<summed>[\w.]+): *(?P<column>\w+)\)"
    r"|(?P<id>[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+)(?:@(?P<section>[\w.]+))?"
)


@dataclass(frozen=True, slots=True)
class Term:
    """One summand: an indicator (perhaps of one ``section``), a ``number``, or a list (and one ``column`` of it)."""

    sign: int = 1
    indicator: str = ""
    section: str = ""
    number: float | None = None
    list_id: str = ""
    column: str = ""


Side = tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the file. ``left`` has one side for each thing that is checked, ``right`` one for each alternative.

    ``forms`` and ``levels`` say for which forms and agency levels it holds; empty means all. ``numerator`` is used by
    ``rate`` alone, whose left side is the rate and whose right sides are the denominators it may have.
    """

    id: str
    kind: str
    left: tuple[Side, ...]
    right: tuple[Side, ...] = ()
    numerator: Side = ()
    forms: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()


def read_rule(row: Mapping[str, str]) -> Rule:
    """The rule of one line. ValueError, with the text that cannot be understood, when there is none."""
    kind, left, right = row["kind"].strip(), row["left"], row["right"]
    if kind not in KINDS:
        raise ValueError(kind)
    above, slash, below = right.partition("/")
    if (kind == "rate") != bool(slash):
        raise ValueError(right)
    sides = below if slash else right
    return Rule(
        id=row["rule"].strip(),
        kind=kind,
        left=() if kind == "jump" and left.strip() == "*" else tuple(_side(part) for part in left.split(";")),
        right=() if kind == "no_rate" else tuple(_side(part) for part in sides.split("|")),
        numerator=_side(above) if slash else (),
        forms=tuple(row["forms"].split()),
        levels=tuple(row["levels"].split()),
    )


def read_rules(rows: Iterable[Mapping[str, str]], indicators: Mapping[str, Indicator]) -> tuple[Rule, ...]:
    """The rules of a file, and a rate rule for each ratio of the catalogue that no line of the file speaks of.

    Lines that cannot be understood are left out; ``rule_faults`` tells of them.
    """
    written = []
    for row in rows:
        try:
            written.append(read_rule(row))
        except ValueError:
            continue
    settled = {side[0].indicator for rule in written if rule.kind in ("rate", "no_rate") for side in rule.left}
    ratios = [one for one in indicators.values() if one.aggregation == "ratio" and one.id not in settled]
    return (*written, *(_ratio(one) for one in ratios))


def rule_faults(
    rows: Iterable[tuple[int, Mapping[str, str]]],
    ids: Collection[str],
    columns: Mapping[str, Collection[str]],
    forms: Collection[str] | None = None,
) -> Iterator[tuple[int, str, tuple[tuple[str, str], ...]]]:
    """What is wrong with the lines of a rules file: the line, a message code and its details.

    ``ids`` are the indicators there are, ``columns`` the fields of each list by its id, ``forms`` the forms (any, where
    ``None``).
    """
    seen: dict[str, int] = {}
    for line, row in rows:
        if seen.setdefault(row["rule"], line) != line:
            yield line, "id_twice", (("id", row["rule"]), ("first", str(seen[row["rule"]])))
        try:
            rule = read_rule(row)
        except ValueError as error:
            yield line, "rule_malformed", (("rule", row["rule"]), ("text", str(error)))
            continue
        yield from ((line, code, told) for code, told in _faults_of(rule, row["right"], ids, columns, forms))


def _faults_of(
    rule: Rule,
    right: str,
    ids: Collection[str],
    columns: Mapping[str, Collection[str]],
    forms: Collection[str] | None,
) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    for form_id in rule.forms:
        if forms is not None and form_id not in forms:
            yield "rule_form_unknown", (("rule", rule.id), ("form", form_id))
    for level in sorted(set(rule.levels) - _LEVELS):
        yield "rule_level_unknown", (("rule", rule.id), ("text", level))
    if rule.kind == "jump" and not _is_jump(rule):
        yield "rule_malformed", (("rule", rule.id), ("text", right))
    for term in terms_of(rule):
        if term.indicator and term.indicator not in ids:
            yield "indicator_unknown", (("id", term.indicator),)
        if term.list_id and not _is_known(term, columns):
            yield "rule_list_unknown", (("list", term.list_id), ("column", term.column))


def terms_of(rule: Rule) -> Iterator[Term]:
    """Every term of a rule, in the order of its text."""
    for side in (*rule.left, rule.numerator, *rule.right):
        yield from side


def _is_jump(rule: Rule) -> bool:
    """Whether a jump has a factor greater than 1 and the least figure that counts."""
    numbers = [side[0].number for side in rule.right if len(side) == 1]
    return len(numbers) == 2 and len(rule.right) == 2 and (numbers[0] or 0) > 1 and numbers[1] is not None


def _is_known(term: Term, columns: Mapping[str, Collection[str]]) -> bool:
    return term.list_id in columns and (not term.column or term.column in columns[term.list_id])


def _ratio(indicator: Indicator) -> Rule:
    numerator, denominator = (Term(indicator=name) for name in (indicator.numerator, indicator.denominator))
    return Rule(f"ratio:{indicator.id}", "rate", ((Term(indicator=indicator.id),),), ((denominator,),), (numerator,))


def _side(text: str) -> Side:
    return tuple(_term(part.strip()) for part in text.replace(" - ", " + -").split("+"))


def _term(text: str) -> Term:
    found = _TERM.fullmatch(text.removeprefix("-"))
    if found is None:
        raise ValueError(text)
    return Term(
        sign=-1 if text.startswith("-") else 1,
        indicator=found["id"] or "",
        section=found["section"] or "",
        number=float(found["number"]) if found["number"] else None,
        list_id=found["list"] or found["summed"] or "",
        column=found["column"] or "",
    )
