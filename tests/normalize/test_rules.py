"""Rules are read from a file that analysts edit; what cannot be understood is named with its line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from normalize.catalogue import default_folder, load_catalogue
from normalize.faults import check_mappings
from normalize.rules import Term, read_rule

CATALOGUE = load_catalogue(default_folder())


def _line(kind: str, left: str, right: str) -> dict[str, str]:
    return {"rule": "r", "kind": kind, "left": left, "right": right, "forms": "", "levels": "", "comment": ""}


def test_a_side_adds_up_indicators_numbers_and_lists():
    rule = read_rule(
        _line("equals", "staff.total@1", "10 + it.computers.total - total(I.DVCTT4: n_online) + entries(2.d)")
    )
    assert rule.left == ((Term(indicator="staff.total", section="1"),),)
    assert rule.right == (
        (
            Term(number=10.0),
            Term(indicator="it.computers.total"),
            Term(sign=-1, list_id="I.DVCTT4", column="n_online"),
            Term(list_id="2.d"),
        ),
    )


def test_a_rate_has_one_part_and_any_number_of_wholes():
    rule = read_rule(_line("rate", "a.rate", "a.part / a.whole + a.rest | a.other"))
    assert rule.numerator == (Term(indicator="a.part"),)
    assert [[term.indicator for term in side] for side in rule.right] == [["a.whole", "a.rest"], ["a.other"]]


def test_each_ratio_of_the_catalogue_is_a_rule_once():
    rates = [rule.left[0][0].indicator for rule in CATALOGUE.rules if rule.kind == "rate"]
    ratios = {one.id for one in CATALOGUE.indicators.values() if one.aggregation == "ratio"}
    assert ratios <= set(rates) and len(rates) == len(set(rates))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("x,equals,staff.total,staff.total +,,,", "rule_malformed"),
        ("x,more_than,staff.total,staff.civil_servants,,,", "rule_malformed"),
        ("x,rate,it_staff.dedicated.rate,staff.total,,,", "rule_malformed"),
        ("x,equals,staff.totl,staff.total,,,", "indicator_unknown"),
        ("x,equals,staff.total,entries(9Z.9),,,", "rule_list_unknown"),
        ("x,equals,staff.total,total(3A.2: n_lost),,,", "rule_list_unknown"),
        ("x,at_most,staff.civil_servants,staff.total,tq2091,,", "rule_form_unknown"),
        ("x,at_most,staff.civil_servants,staff.total,,town,", "rule_level_unknown"),
        ("x,jump,staff.total,1 | 10,,,", "rule_malformed"),
        ("x,jump,staff.total,10,,,", "rule_malformed"),
        ("jump,at_most,staff.civil_servants,staff.total,,,", "id_twice"),
    ],
)
def test_a_line_that_cannot_be_a_rule_is_named(tmp_path: Path, line: str, code: str):
    folder = Path(shutil.copytree(default_folder(), tmp_path / "mappings"))
    path = folder / "rules.csv"
    before = path.read_text(encoding="utf-8-sig")
    path.write_text(before + line + "\n", encoding="utf-8-sig")
    (fault,) = check_mappings(folder)
    assert (fault.file, fault.line, fault.code) == ("rules.csv", before.count("\n") + 1, code)
    assert code in CATALOGUE.messages
    assert load_catalogue(folder).rules
