"""Answers for a form: those of the public report where there is one, or made-up ones that agree with each other.

Made-up figures follow ``forms/<form_id>.rules.csv``: parts sum to totals, rates are numerator over denominator, list
tables have as many lines and filings as the figures say. The same integer gives the same figures on every machine.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from random import Random

from samples.form import FORMS, Answer, Entry, Fill, Head, Json, lists_of_form, load_form, rows_of_form, rules_of

Number = float | int
URL = "http://dichvucong.example.vn/"


def vi_number(number: Number, decimals: int | None = None) -> str:
    """Write a number as Vietnamese offices do: 342.628 and 51,7; a whole number has no decimals."""
    places = 0 if isinstance(number, int) or number == int(number) else (decimals or 1)
    return f"{number:,.{places}f}".translate(str.maketrans(",.", ".,"))


def number_of(printed: str) -> Number | None:
    """Return the number that a printed figure means; ``None`` where the text is none."""
    if not re.fullmatch(r"\d{1,3}(\.\d{3})*(,\d+)?|\d+(,\d+)?", printed):
        return None
    plain = printed.replace(".", "").replace(",", ".")
    return float(plain) if "." in plain else int(plain)


def seed_fill(form: Json, head: Head) -> Fill:
    """Return the answers, notes and list entries that the public report of this form holds."""
    rules, answers, notes = rules_of(form["form_id"]), {}, {}
    for row in rows_of_form(form):
        use = rules.get(row["row"], ("",))[0]
        if row["seed_value"] is not None:
            answers[row["row"]] = _seed_answer(row, use if use in ("agency", "period", "contact") else "")
        if row.get("seed_note"):
            notes[row["row"]] = row["seed_note"]
    entries = {
        block["id"]: tuple(Entry("".join(block["section_rows"][:1]), tuple(cells)) for cells in block["seed_rows"])
        for block in lists_of_form(form)
    }
    return Fill(head, answers, notes, entries)


def _seed_answer(row: Json, use: str) -> Answer:
    printed: str = row["seed_value"]
    if row["role"] == "text":
        return Answer(printed, None, printed, use or "text")
    return Answer(printed, number_of(printed), "", use or "figure")


def made_up(form_id: str, head: Head, seed: int) -> Fill:
    """Fill any form with consistent figures, the same for the same ``seed``; rows without a rule stay blank."""
    form, numbers = load_form(form_id), dict[str, Number]()
    answers, entries = dict[str, Answer](), dict[str, tuple[Entry, ...]]()
    lists = {block["id"]: block for block in lists_of_form(form)}
    suffixes = {row["row"]: row.get("suffix") or "" for row in rows_of_form(form)}
    for row, rule in rules_of(form_id).items():
        rng = Random(f"{form_id} {row} {seed}")
        if row in lists:
            entries[row] = list_entries(rng, lists[row], rule, numbers)
            continue
        answer = _answer(rng, rule, numbers, head, Random(f"{form_id} {rule[1:2]} {seed}"))
        if answer.number is not None:
            numbers[row] = answer.number
        if not row.startswith("~"):
            answers[row] = _with_suffix(answer, suffixes[row])
    return Fill(head, answers, {}, entries)


def _with_suffix(answer: Answer, suffix: str) -> Answer:
    return Answer(answer.printed + "%", answer.number, answer.text, answer.use) if suffix == "%" else answer


def _answer(rng: Random, rule: tuple[str, ...], numbers: dict[str, Number], head: Head, group: Random) -> Answer:
    kind, *arguments = rule
    if kind in ("agency", "period", "contact", "text"):
        text = {"agency": head.agency, "period": _quarter(head.period)}.get(kind, " ".join(arguments))
        return Answer(text, None, text, kind)
    if kind == "installed":
        return Answer("Đã triển khai", 1)
    if kind == "one":
        return _figure(int(group.randint(1, int(arguments[2])) == int(arguments[1])))
    if kind == "counted":
        number = rng.randint(int(arguments[0]), int(arguments[1]))
        return Answer(f"{vi_number(number)} {' '.join(arguments[2:])}", number)
    decimals = int(arguments[2]) if kind in ("rate", "quotient") else 1
    return _figure(_number(rng, kind, arguments, numbers), decimals)


def _figure(number: Number, decimals: int = 1) -> Answer:
    whole = int(number) if number == int(number) else number
    return Answer(vi_number(whole, decimals), whole)


def _number(rng: Random, kind: str, arguments: list[str], numbers: dict[str, Number]) -> Number:
    if kind in ("sum", "diff", "same", "complement", "rate", "quotient", "part"):
        return _derived(rng, kind, arguments, numbers)
    if kind == "bool":
        return int(rng.randint(1, 100) <= int(arguments[0]))
    if kind == "choice":
        return int(rng.choice(arguments))
    low, high = int(arguments[0]), int(arguments[1])
    if kind in ("percent", "decimal"):
        return rng.choice([rng.randint(low, high), rng.randint(low * 10, high * 10) / 10])
    if kind == "count":
        return rng.randint(low, high)
    raise ValueError(f"unknown rule {kind!r}")


def _derived(rng: Random, kind: str, arguments: list[str], numbers: dict[str, Number]) -> Number:
    if kind in ("sum", "diff"):
        first, *others = (numbers[name] for name in arguments)
        return first + sum(others) if kind == "sum" else first - sum(others)
    whole = numbers[arguments[0]]
    if kind == "same":
        return whole
    if kind == "complement":
        return round(100 - whole, 1)
    if kind == "part":
        return round(whole * rng.randint(int(arguments[1]), int(arguments[2])) / 100)
    below = numbers[arguments[1]]
    return round(whole / below * (100 if kind == "rate" else 1), int(arguments[2])) if below else 0


def _quarter(period: str) -> str:
    found = re.fullmatch(r"(\d{4})-Q([1-4])", period)
    return f"Quý {('I', 'II', 'III', 'IV')[int(found[2]) - 1]}/{found[1]}" if found else period


def list_entries(rng: Random, block: Json, rule: tuple[str, ...], numbers: dict[str, Number]) -> tuple[Entry, ...]:
    """Make the lines of a list table agree with the figures named in its rule (see ``forms/README.md``)."""
    sections = block["section_rows"]
    if rule[0] == "applications":
        rows = rng.sample(_applications(), rng.randint(int(rule[1]), int(rule[2])))
        return tuple(Entry("", (str(n), *row)) for n, row in enumerate(rows, 1))
    options = dict(part.split("=") for part in rule[1:] if "=" in part)
    levels = [part.split(":") for part in rule[1:] if "=" not in part]
    pool = rng.sample(_services(), sum(int(numbers[names.split("/")[0]]) for _, names in levels))
    services = list[dict[str, str]]()
    for number, (level, names) in enumerate(levels):
        counts = [int(numbers[name]) for name in names.split("/")]
        fields = _filings(rng, level, counts, pool[len(services) :][: counts[0]])
        services += _placed(fields, sections[number : number + 1] if len(levels) > 1 else sections)
    _options(rng, services, options, numbers)
    return _numbered(services, block["columns"])


def _filings(rng: Random, level: str, counts: list[int], pool: list[tuple[str, str]]) -> list[dict[str, str]]:
    total, active, online, offline = counts
    rows = [
        {"group": group, "service_name": name, "level": level, "url": URL, "mobile_sign": "0"} for group, name in pool
    ]
    used = sorted(rng.sample(range(total), active))
    for index, on, off in zip(used, _split(rng, online, active), _split(rng, offline, active), strict=True):
        figures = {"n_online": on, "n_offline": off, "n_total": on + off}
        rows[index] |= {name: vi_number(value) for name, value in figures.items()}
    return rows


def _split(rng: Random, total: int, parts: int) -> list[int]:
    cuts = sorted(rng.sample(range(1, total), parts - 1)) if total > parts else [min(n, total) for n in range(1, parts)]
    return [end - start for start, end in zip([0, *cuts], [*cuts, total], strict=True)]


def _placed(services: list[dict[str, str]], sections: list[str]) -> list[dict[str, str]]:
    shares = max(len(sections), 1)
    return [
        row | {"section": "".join(sections[n * shares // len(services) : n * shares // len(services) + 1])}
        for n, row in enumerate(services)
    ]


def _options(rng: Random, services: list[dict[str, str]], options: dict[str, str], numbers: dict[str, Number]) -> None:
    for row in rng.sample(services, int(numbers.get(options.get("sign", ""), 0))):
        row["mobile_sign"] = "1"
    top_level = [row for row in services if row["level"] == "4"]
    for row in rng.sample(top_level, int(numbers.get(options.get("pay", ""), 0))):
        row["payment"] = rng.choice(["Chuyển khoản", "Thẻ", "Chuyển khoản, thẻ"])
    for row in rng.sample(services, len(services) // 6):
        row["by_ministry"] = "x"
    for letter, units in zip("BC", options.get("units", "").split(":"), strict=False):
        for row in services:
            if units and row["section"].startswith(letter + " "):
                n_units = rng.randint(int(units) // 2, int(units))
                row |= {"n_units": str(n_units), "rate_units": _figure(round(n_units / int(units) * 100, 1)).printed}


def _numbered(services: list[dict[str, str]], columns: list[str]) -> tuple[Entry, ...]:
    entries, seen = list[Entry](), dict[str, int]()
    for row in services:
        seen[row["section"]] = number = seen.get(row["section"], 0) + 1
        entries.append(Entry(row["section"], tuple((row | {"tt": str(number)}).get(name, "") for name in columns)))
    return tuple(entries)


@cache
def _services() -> list[tuple[str, str]]:
    with (FORMS / "services.csv").open(encoding="utf-8", newline="") as file:
        return [(line["group"], line["name"]) for line in csv.DictReader(file)]


@cache
def _applications() -> list[tuple[str, ...]]:
    table = next(block for block in lists_of_form(load_form("tq2019")) if block["id"] == "3A.1")
    return [tuple(row[1:]) for row in table["seed_rows"]]
