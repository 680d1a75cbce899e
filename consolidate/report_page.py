"""report.html: the dataset at a glance on one page that needs no network, in Vietnamese with English a switch away.

The page says nothing that depends on the day it was made: the same documents and mappings give the same bytes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from consolidate.coverage import Coverage
from consolidate.csvfile import replacing
from consolidate.dataset import Record
from consolidate.documents import document_record
from consolidate.findings import FINDING_CODES
from consolidate.messages import Messages, say, say_findings
from consolidate.model import Processed, by_agency, outcome_counts, total_counts
from consolidate.report_charts import heat_map, trend_charts
from consolidate.report_html import SCRIPT, STYLE, bar, both, more, number, pair, section, table, text
from consolidate.report_rows import Waiting, rows_section, waiting_labels
from consolidate.row_pictures import Pictures, no_pictures
from consolidate.trends import find_trends
from normalize.catalogue import Catalogue

MOST_LINES = 300
"""How many lines a table of the page has at most."""

_COLOURS = {
    "extracted": "#4d9a5b",
    "superseded": "#7fb3e6",
    "duplicate": "#b9c6d6",
    "no_data": "#e7d18a",
    "rejected": "#e08a7a",
    "failed": "#b23a3a",
}
"""The colour of each status of a document, in the order in which they are shown."""
_PARTS = ("incoming", "coverage", "matching", "findings", "rows", "trends")
_SECURITY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


@dataclass(frozen=True, slots=True)
class Told:
    """All that the page speaks of."""

    processed: Sequence[Processed]
    findings: Sequence[Record]
    coverage: Coverage
    waiting: Sequence[Waiting]
    catalogue: Catalogue

    @property
    def messages(self) -> Messages:
        """The sentences."""
        return self.catalogue.messages


def write_report(
    out: Path,
    processed: Sequence[Processed],
    findings: Sequence[Record],
    coverage: Coverage,
    catalogue: Catalogue,
    pictures: Pictures = no_pictures,
) -> Path:
    """Write ``report.html``; give its path. Raises OSError."""
    told = Told(processed, findings, coverage, waiting_labels(processed, catalogue.messages), catalogue)
    with replacing(out / "report.html") as temporary:
        temporary.write_text(report_page(told, pictures), encoding="utf-8")
    return out / "report.html"


def report_page(told: Told, pictures: Pictures = no_pictures) -> str:
    """The page as HTML."""
    messages = told.messages
    bodies = {
        "incoming": _incoming(told),
        "coverage": heat_map(told.coverage, messages),
        "matching": _matching(told),
        "findings": _findings(told),
        "rows": rows_section(told.waiting, pictures, messages),
        "trends": trend_charts(find_trends(told.processed, told.catalogue.indicators), messages),
    }
    sections = "".join(
        section(name, both(messages, f"page_{name}"), both(messages, f"page_{name}_lead"), bodies[name])
        for name in _PARTS
    )
    links = "".join(f'<a href="#{name}">{both(messages, f"page_{name}")}</a>' for name in _PARTS)
    titles = [text(say(messages, "page_title", lang)) for lang in ("vi", "en")]
    return (
        f'<!DOCTYPE html>\n<html lang="vi" data-vi="{titles[0]}" data-en="{titles[1]}">\n<head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_SECURITY}">\n'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">\n<title>{titles[0]}</title>\n'
        f"<style>{STYLE}</style></head>\n<body>\n{_switch()}{_header(told)}<nav>{links}</nav>\n"
        f"<main>{_tiles(told)}{sections}</main>\n<footer>{both(messages, 'page_footer')}</footer>\n"
        f"<script>{SCRIPT}</script></body></html>\n"
    )


def _switch() -> str:
    """The choice of the language, which works without any script."""
    return (
        '<input class="pick" type="radio" name="lang" id="lang-vi" checked aria-label="Vietnamese">'
        '<input class="pick" type="radio" name="lang" id="lang-en" aria-label="English">\n'
    )


def _header(told: Told) -> str:
    messages = told.messages
    periods = sorted({item.report.period for item in told.processed if item.report and item.report.period})
    agencies = {(one["agency_id"], one["agency"]) for one in told.coverage if one["status"] != "missing"}
    about = both(messages, "page_about", first=periods[0], last=periods[-1], count=len(agencies)) if periods else ""
    return (
        '<header><div class="switch"><label class="v" for="lang-vi" lang="vi">VI</label>'
        f'<label class="e" for="lang-en" lang="en">EN</label></div><h1>{both(messages, "page_title")}</h1>'
        f"<p>{about}</p></header>\n"
    )


def _tiles(told: Told) -> str:
    """The figures at the top, each a link to what it is about."""
    counts = total_counts(tuple(told.processed))
    unread = counts["rejected"] + counts["failed"]
    missing = sum(record["status"] == "missing" for record in told.coverage)
    tiles = (
        ("documents", counts["documents"], "incoming", ""),
        ("unread", unread, "incoming", "bad" if unread else "good"),
        ("figures", counts["observations"], "matching", "good"),
        ("unmatched", counts["unmatched"], "rows", "warn" if counts["unmatched"] else "good"),
        ("contradictions", len(told.findings), "findings", "warn" if told.findings else "good"),
        ("missing", missing, "coverage", "bad" if missing else "good"),
    )
    return (
        '<div class="tiles">'
        + "".join(
            f'<a class="tile {kind}" href="#{target}"><b>{number(count)}</b>'
            f"<span>{both(told.messages, f'page_tile_{name}')}</span></a>"
            for name, count, target, kind in tiles
        )
        + "</div>\n"
    )


# What came in


def _incoming(told: Told) -> str:
    messages = told.messages
    counts = Counter(item.status for item in told.processed)
    whole = max(1, counts.total())
    stack = "".join(
        f'<i style="width:{100 * counts[status] / whole:.2f}%;background:{colour}"></i>'
        for status, colour in _COLOURS.items()
        if counts[status]
    )
    key = "".join(
        f'<li><i style="background:{colour}"></i>{both(messages, f"page_status_{status}")}: '
        f"{number(counts[status])}</li>"
        for status, colour in _COLOURS.items()
        if counts[status]
    )
    return f'<div class="stack" aria-hidden="true">{stack}</div><ul class="key">{key}</ul>' + _not_taken(told)


def _not_taken(told: Told) -> str:
    """The documents that gave no figures, those that could not be read first, each with its reason."""
    messages = told.messages
    order = [status for status in reversed(_COLOURS) if status != "extracted"]
    found = sorted(
        (item for item in told.processed if item.status in order),
        key=lambda item: (order.index(item.status), item.source_path),
    )
    if not found:
        return f'<p class="none">{both(messages, "page_all_taken")}</p>'
    heads = [both(messages, f"page_{name}") for name in ("document", "status", "reason")]
    rows = ([text(one.source_path), _status(one, messages), _why(one, messages)] for one in found[:MOST_LINES])
    left = more(messages, len(found) - MOST_LINES, "documents.csv")
    return f"<h3>{both(messages, 'page_not_taken')}</h3>" + table("incoming-h", heads, rows) + left


def _status(item: Processed, messages: Messages) -> str:
    return f'<span class="nowrap">{both(messages, f"page_status_{item.status}")}</span>'


def _why(item: Processed, messages: Messages) -> str:
    findings = (*item.findings, *(item.report.findings if item.report is not None else ()))
    told = [finding for finding in findings if finding.code not in FINDING_CODES]
    if not told:
        return text(document_record(item, messages)["reason_vi"])
    return pair(*(text(say_findings(messages, told, lang)) for lang in ("vi", "en")))


# Matching


def _matching(told: Told) -> str:
    """Documents and rows by agency and form, the lowest rates first."""
    messages = told.messages
    documents: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    kinds: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    by_form: dict[str, Counter[str]] = defaultdict(Counter)
    for item in told.processed:
        if item.report is None or item.status != "extracted":
            continue
        by_form[item.report.form_id].update(outcome_counts(item.report))
        for agency, outcomes in by_agency(item.report):
            given = [outcome.kind for outcome in outcomes if outcome.kind in ("observation", "unmatched")]
            if given:
                key = (agency.name or item.source_path, agency.province, item.report.form_id)
                kinds[key].update(given)
                documents[key].add(item.source_path)
    ordered = sorted(kinds, key=lambda key: (_rate(kinds[key]), key))
    names = ("agency", "form", "documents", "taken", "waiting", "rate")
    heads = [both(messages, f"page_{name}") for name in names]
    rows = (
        [_agency(key), text(key[2]), number(len(documents[key])), *_rates(kinds[key])] for key in ordered[:MOST_LINES]
    )
    per_form = ([text(form) or "–", *_rates(by_form[form])] for form in sorted(by_form))
    return (
        f"<h3>{both(messages, 'page_by_form')}</h3>"
        + table("matching-h", [heads[1], *heads[3:]], per_form, (1, 2))
        + f"<h3>{both(messages, 'page_by_agency')}</h3>"
        + table("matching-h", heads, rows, (2, 3, 4))
        + more(messages, len(ordered) - MOST_LINES, "documents.csv")
    )


def _agency(key: tuple[str, str, str]) -> str:
    return f'{text(key[0])}<br><small class="path">{text(key[1])}</small>' if key[1] else text(key[0])


def _rate(kinds: Counter[str]) -> float:
    known = kinds["observation"] + kinds["unmatched"]
    return kinds["observation"] / known if known else 1.0


def _rates(kinds: Counter[str]) -> list[str]:
    rate = _rate(kinds)
    return [number(kinds["observation"]), number(kinds["unmatched"]), f"{bar(rate)}{number(round(100 * rate, 1))}%"]


# Findings


def _findings(told: Told) -> str:
    messages = told.messages
    if not told.findings:
        return f'<p class="none">{both(messages, "page_findings_none")}</p>'
    heads = [both(messages, f"page_{name}") for name in ("period", "agency", "finding", "document")]
    rows = (
        [
            text(one["period"]),
            text(one["agency"]),
            pair(text(one["message_vi"]), text(one["message_en"])),
            f'<span class="path">{text(one["source_path"])}</span>',
        ]
        for one in told.findings[:MOST_LINES]
    )
    return table("findings-h", heads, rows) + more(messages, len(told.findings) - MOST_LINES, "findings.csv")
