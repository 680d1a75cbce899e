"""The pictures of the report page: coverage as a heat map, and the way of a few indicators as small charts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from consolidate.coverage import STATUSES, Coverage
from consolidate.coverage_sheets import matrix_columns, matrix_rows
from consolidate.dataset import Record
from consolidate.messages import Messages
from consolidate.report_html import both, more, number, pair, plain_number, scroll, text
from consolidate.trends import Trend

MOST_AGENCIES, MOST_COLUMNS = 600, 36
_MARKS = {"missing": "✕", "late": "!", "partial": "◔", "resubmitted": "↻", "submitted": "✓"}
_WIDTH, _HEIGHT, _SIDE, _TOP, _FOOT = 320, 130, 26, 26, 24


def heat_map(coverage: Coverage, messages: Messages) -> str:
    """Agencies down, periods and forms across, newest last; agencies with something missing come first."""
    if not coverage:
        return f'<p class="none">{both(messages, "page_coverage_none")}</p>'
    every = matrix_columns(coverage)
    columns = every[-MOST_COLUMNS:]
    agencies = sorted(matrix_rows(coverage), key=_is_complete)
    counts = Counter(str(record["status"]) for record in coverage)
    head = "".join(f'<th scope="col">{text(period)}<br><small>{text(form)}</small></th>' for period, form in columns)
    body = "".join(_heat_row(records, columns, messages) for records in agencies[:MOST_AGENCIES])
    grid = (
        f'<table class="heat"><thead><tr><th scope="col">{both(messages, "page_agency")}</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )
    legend = "".join(
        f'<li><i class="{status}"></i>{_MARKS[status]} {both(messages, f"coverage_{status}")}: {number(counts[status])}'
        "</li>"
        for status in reversed(STATUSES)
    )
    left_out = max(0, len(agencies) - MOST_AGENCIES) + len(every) - len(columns)
    cut = more(messages, left_out, "coverage.csv")
    return f'<ul class="key">{legend}</ul>{scroll("coverage-h", grid)}{cut}'


def _is_complete(records: Sequence[Record]) -> bool:
    return all(record["status"] != "missing" for record in records)


def _heat_row(records: Sequence[Record], columns: Sequence[tuple[str, str]], messages: Messages) -> str:
    first = records[0]
    by_spot = {(str(record["period"]), str(record["form_id"])): record for record in records}
    name = f'{text(first["agency"])}<br><small class="path">{text(first["province"])}</small>'
    cells = "".join(_heat_cell(by_spot.get(spot), messages) for spot in columns)
    return f'<tr><th scope="row">{name}</th>{cells}</tr>\n'


def _heat_cell(record: Record | None, messages: Messages) -> str:
    if record is None:
        return '<td class="s"></td>'
    status = str(record["status"])
    figures = record["n_observations"]
    told = f"<small>{both(messages, 'page_figures', count=figures)}</small>" if figures else ""
    title = f' title="{text(record["source_paths"])}"' if record["source_paths"] else ""
    return f'<td class="s {status}"{title}>{_MARKS[status]} {both(messages, f"coverage_{status}")}{told}</td>'


# Trends


def trend_charts(trends: Sequence[Trend], messages: Messages) -> str:
    """A small chart for each trend."""
    if not trends:
        return f'<p class="none">{both(messages, "page_trends_none")}</p>'
    return f'<div class="charts">{"".join(_figure(trend, messages) for trend in trends)}</div>'


def _figure(trend: Trend, messages: Messages) -> str:
    one = trend.indicator
    unit = f" ({text(one.unit)})" if one.unit else ""
    of = both(messages, "page_trend_of", count=trend.n_agencies)
    caption = f"{pair(text(one.label_vi), text(one.label_en))}{unit}<small>{of}</small>"
    return f"<figure><figcaption>{caption}</figcaption>{_chart(trend)}</figure>"


def _chart(trend: Trend) -> str:
    """A line with a dot and a label for each period; the scale begins at zero, so that no change looks greater."""
    top = max((*trend.values, 0.0)) or 1.0
    bottom = min((*trend.values, 0.0))
    step = (_WIDTH - 2 * _SIDE) / max(1, len(trend.periods) - 1)
    points = [
        (_SIDE + at * step, _TOP + (_HEIGHT - _TOP - _FOOT) * (top - value) / (top - bottom))
        for at, value in enumerate(trend.values)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    base = _HEIGHT - _FOOT
    area = f"{_SIDE},{base} {line} {points[-1][0]:.1f},{base}"
    pairs = zip(trend.periods, trend.values, strict=True)
    told = "; ".join(f"{period}: {plain_number(round(value, 2), 'vi')}" for period, value in pairs)
    every, last = -(-len(points) // 5), len(points) - 1
    marks = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#8c1d2f"/>'
        + (_labels(trend, at, x, y) if (last - at) % every == 0 else "")
        for at, (x, y) in enumerate(points)
    )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{text(told)}"><line x1="{_SIDE}" y1="{base}" '
        f'x2="{_WIDTH - _SIDE}" y2="{base}" stroke="#d8dee6"/><polygon points="{area}" fill="#8c1d2f" opacity=".09"/>'
        f'<polyline points="{line}" fill="none" stroke="#8c1d2f" stroke-width="2"/>{marks}</svg>'
    )


def _labels(trend: Trend, at: int, x: float, y: float) -> str:
    """The value over a dot and the period under the line."""
    value = round(trend.values[at], 2 if abs(trend.values[at]) < 1000 else 0)
    whole = int(value) if value == int(value) else value
    told = {lang: plain_number(whole, lang) for lang in ("vi", "en")}
    side = "start" if at == 0 else "end" if at == len(trend.periods) - 1 else "middle"
    x += {"start": -8, "end": 8}.get(side, 0)
    values = "".join(
        f'<text class="v {lang}" x="{x:.1f}" y="{y - 8:.1f}" text-anchor="{side}">{printed}</text>'
        for lang, printed in told.items()
    )
    return f'{values}<text x="{x:.1f}" y="{_HEIGHT - 6}" text-anchor="{side}">{text(trend.periods[at])}</text>'
