from __future__ import annotations

import ast
import re
from pathlib import Path

from consolidate.csvfile import read_csv
from consolidate.messages import say, say_finding, say_findings, say_place
from extract.model import Finding, Place

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = {row["code"]: (row["vi"], row["en"]) for row in read_csv(ROOT / "mappings" / "messages.csv")}
COMMANDS = ROOT / "run_pipeline.py"
PLACEHOLDER = re.compile(r"\{\w+\}")


def test_details_fill_the_sentence_and_their_braces_mean_nothing() -> None:
    messages = {"duplicate": ("giống {original}", "same as {original}")}
    assert say(messages, "duplicate", "en", original="{x}.docx") == "same as {x}.docx"


def test_a_code_without_a_sentence_is_shown_with_its_details() -> None:
    assert say({}, "odd", "vi", count=3) == "odd count=3"


def test_a_place_is_told_as_far_as_it_is_known() -> None:
    assert say_place(WRITTEN, Place(page=2, table=3, row=4), "en") == "page 2, table 3, row 4"
    assert say_place(WRITTEN, Place(), "en") == ""


def test_findings_of_one_code_are_told_once_and_counted() -> None:
    findings = [Finding("no_candidate", Place(page=page)) for page in (1, 2, 3)]
    text = say_findings(WRITTEN, findings, "en")
    assert text.count("(page 1)") == 1
    assert text.endswith("(and 2 more of this kind)")
    assert say_finding(WRITTEN, findings[1], "en").endswith("(page 2)")


def test_both_languages_have_the_same_placeholders_and_no_sentence_is_empty() -> None:
    for code, (vi, en) in WRITTEN.items():
        assert vi and en, code
        assert sorted(PLACEHOLDER.findall(vi)) == sorted(PLACEHOLDER.findall(en)), code


def test_codes_are_unique() -> None:
    codes = [row["code"] for row in read_csv(ROOT / "mappings" / "messages.csv")]
    assert len(codes) == len(set(codes))


def test_every_fault_of_the_mappings_has_a_sentence() -> None:
    tree = ast.parse((ROOT / "normalize" / "faults.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Fault"]
    codes = {call.args[2].value for call in calls if isinstance(call.args[2], ast.Constant)}
    assert len(codes) > 10
    assert not codes - WRITTEN.keys()


def spoken_codes() -> set[str]:
    """Codes that the program names where a sentence is asked for or a finding made."""
    found: set[str] = set()
    speakers = ("Finding", "say", "_say", "_tell", "failed")
    for path in [*ROOT.glob("extract/*.py"), *ROOT.glob("normalize/*.py"), *ROOT.glob("consolidate/*.py"), COMMANDS]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in speakers:
                texts = [arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant)]
                found |= {text for text in texts if isinstance(text, str) and text}
    return found


def test_every_code_that_is_spoken_has_a_sentence() -> None:
    codes = spoken_codes()
    assert len(codes) > 30
    assert not codes - WRITTEN.keys()
