"""Sentences for people, out of the codes and details that the stages hand on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from extract.model import Finding, Place

Messages = Mapping[str, tuple[str, str]]
"""Code to its sentence in Vietnamese and in English, as the catalogue gives it."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def say(messages: Messages, code: str, lang: str = "vi", **details: object) -> str:
    """The sentence of a code with its ``{name}`` placeholders filled; a code without a sentence is shown as it is.

    Text of details is put in as it stands: braces in a file name mean nothing.
    """
    if code not in messages:
        return " ".join([code, *(f"{name}={value}" for name, value in details.items())])
    sentence = messages[code][0 if lang == "vi" else 1]
    return _PLACEHOLDER.sub(lambda found: str(details.get(found[1], "?")), sentence)


def say_place(messages: Messages, place: Place, lang: str = "vi") -> str:
    """Where something stands, in words: page or sheet, table, row, column, as far as known; "" if nothing is."""
    parts = [("page", place.page), ("sheet", place.sheet), ("table", place.table), ("row", place.row)]
    parts.append(("column", place.column))
    return ", ".join(say(messages, f"place_{name}", lang, **{name: value}) for name, value in parts if value)


def say_finding(messages: Messages, finding: Finding, lang: str = "vi") -> str:
    """A finding as a sentence, with its place in brackets after it where one is known."""
    sentence = say(messages, finding.code, lang, **dict(finding.details))
    place = say_place(messages, finding.place, lang)
    return f"{sentence} ({place})" if place else sentence


def say_findings(messages: Messages, findings: Iterable[Finding], lang: str = "vi") -> str:
    """Findings as one text: the first of each code, and how many more of it there are."""
    by_code: dict[str, list[Finding]] = {}
    for finding in findings:
        by_code.setdefault(finding.code, []).append(finding)
    sentences = []
    for same in by_code.values():
        more = " " + say(messages, "and_more", lang, count=len(same) - 1) if len(same) > 1 else ""
        sentences.append(say_finding(messages, same[0], lang) + more)
    return " ".join(sentences)
