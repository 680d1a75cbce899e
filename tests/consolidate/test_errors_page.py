from __future__ import annotations

from pathlib import Path

from consolidate.errors_page import PAGE, errors_page, is_reason
from consolidate.mappings import load_messages, packaged_folder

ROOT = Path(__file__).resolve().parents[2]
MESSAGES = load_messages(packaged_folder())


def test_the_page_is_up_to_date() -> None:
    found = (ROOT / PAGE).read_text(encoding="utf-8")
    assert found == errors_page(MESSAGES), "run: python -m consolidate.errors_page"


def test_each_reason_has_its_heading_and_both_sentences() -> None:
    page = errors_page(MESSAGES)
    codes = [line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")]
    assert {"encrypted", "too_slow", "page_without_text", "no_candidate", "mail_body"} <= set(codes)
    assert codes == sorted(set(codes)) and len(codes) > 50
    assert MESSAGES["encrypted"][0] in page and MESSAGES["encrypted"][1] in page


def test_words_of_the_interface_are_no_reasons() -> None:
    assert not any(map(is_reason, ("cli_open", "column_period", "explain_file", "place_page", "and_more")))
