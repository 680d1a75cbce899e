"""The arguments of the command line: commands, options, and what they may be."""

from __future__ import annotations

import argparse
import os
import re
from datetime import date
from pathlib import Path

from consolidate.storage import location

_PERIOD = re.compile(r"\d{4}(-(Q[1-4]|S[12]|(0[1-9]|1[0-2])(-\d{2})?))?(/P\d+[DMY])?")
_COUNTED = {r"(\d{4})()": 1, r"(\d{4})-S([12])": 2, r"(\d{4})-Q([1-4])": 4, r"(\d{4})-(0[1-9]|1[0-2])": 12}
"""The pattern of each kind of period that can be counted: year and part, and how many parts a year has."""


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    example = "example: python run_pipeline.py run inbox --out dataset"
    parser = argparse.ArgumentParser(
        prog="run_pipeline.py",
        description="Figures out of the e-government reports that Vietnamese agencies really send.",
        epilog=example,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_run(commands)
    learn = _command(
        commands, "learn", "take the decisions written into an audit file", "learn dataset/unmatched.csv --by Lan"
    )
    learn.add_argument(
        "audit", type=Path, metavar="AUDIT", help="unmatched.csv or unmatched.xlsx with decisions filled in"
    )
    learn.add_argument("--by", required=True, metavar="WHO", help="who decided")
    explain = _command(commands, "explain", "every table and row of one file, and why", "explain inbox/report.pdf")
    explain.add_argument("file", type=Path, metavar="FILE")
    diff = _command(
        commands, "diff", "what changed between two datasets, or two runs of one", "diff dataset-old dataset-new"
    )
    diff.add_argument("out_a", type=Path, metavar="OUT_A")
    diff.add_argument("out_b", type=Path, metavar="OUT_B", nargs="?", help="left out with --runs")
    diff.add_argument("--runs", type=int, nargs=2, metavar=("A", "B"), help="two runs of OUT_A by their numbers")
    publish = _command(
        commands, "publish", "write the dataset again from its store, without the inbox", "publish dataset"
    )
    publish.add_argument("out", type=Path, metavar="OUT")
    as_of = _command(
        commands, "as-of", "the dataset as it stood on a day", "as-of 2019-07-31 dataset --to dataset-of-july"
    )
    as_of.add_argument("day", type=_day, metavar="DAY")
    as_of.add_argument("out", type=Path, metavar="OUT")
    as_of.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="where to write that dataset")
    trace = _command(
        commands, "trace", "where a published figure comes from, run by run", "trace dataset 3f9a41c2d07be6518c44"
    )
    trace.add_argument("out", type=Path, metavar="OUT")
    trace.add_argument("observation_id", metavar="OBSERVATION_ID")
    _command(commands, "check-mappings", "find faults in the mappings, with file and line", "check-mappings --lang en")
    return parser


def _command(commands: argparse._SubParsersAction, name: str, purpose: str, example: str) -> argparse.ArgumentParser:  # type: ignore[type-arg]
    """A command with the options that all of them share."""
    epilog = f"example: python run_pipeline.py {example}"
    parser: argparse.ArgumentParser = commands.add_parser(name, help=purpose, description=purpose, epilog=epilog)
    parser.add_argument("--mappings", type=Path, metavar="DIR", help="a folder of mappings other than the packaged one")
    parser.add_argument("--lang", choices=("vi", "en"), default="vi", help="language of messages (default: vi)")
    return parser


def _add_run(commands: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    purpose = "read every report of an inbox into a dataset and an audit file"
    run = _command(commands, "run", purpose, "run inbox --out dataset --period 2019-Q2")
    where = "a folder (searched recursively), one file, or an address such as s3://bucket/inbox"
    run.add_argument("inbox", type=location, metavar="INBOX", help=where)
    run.add_argument("--out", type=location, required=True, metavar="OUT", help="the folder to write the tables to")
    run.add_argument(
        "--workers", type=_workers, default=os.cpu_count() or 1, metavar="N", help="processes (default: cores)"
    )
    run.add_argument(
        "--period",
        type=_period,
        action="extend",
        default=[],
        metavar="P",
        help="only this period, or all from one to another: 2019-Q1..2019-Q4 (repeatable)",
    )
    run.add_argument(
        "--timeout", type=_seconds, default=60.0, metavar="S", help="seconds a document may take (default: 60)"
    )
    run.add_argument(
        "--memory", type=_megabytes, default=3000, metavar="MB", help="memory of a worker, 0: no limit (default: 3000)"
    )
    run.add_argument("--as-of", type=_day, metavar="DAY", help="put agencies under the provinces of a day: 2025-07-01")
    run.add_argument(
        "--engine", choices=("processes", "dask"), default="processes", help="of this machine, or of a Dask cluster"
    )
    run.add_argument("--scheduler", default="", metavar="ADDRESS", help="of the Dask cluster: tcp://10.0.0.1:8786")
    run.add_argument("--force", action="store_true", help="read and match everything anew, whatever the store holds")
    run.add_argument("--keep-contacts", action="store_true", help="write personal contact details to contacts.csv")
    run.add_argument("--dry-run", action="store_true", help="list what would be done, read and write nothing")
    run.add_argument("--strict", action="store_true", help="exit with 3 when rows or documents wait for a person")
    run.add_argument("--quiet", action="store_true", help="no progress and no summary")


def _workers(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("a whole number of at least 1 is needed")
    return int(text)


def _megabytes(text: str) -> int:
    if not text.isascii() or not text.isdigit() or 0 < int(text) < 500:
        raise argparse.ArgumentTypeError("a whole number of at least 500, or 0, is needed")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError("a number of seconds from 1 to 86400 is needed")
    return seconds


def _period(text: str) -> tuple[str, ...]:
    """One period, or every period of a kind from one to another."""
    first, dots, last = text.partition("..")
    known = _PERIOD.fullmatch(first) and (not dots or _PERIOD.fullmatch(last))
    periods = _periods_between(first, last) if known and dots else (first,) if known else ()
    if not periods:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no period: write 2019-Q2, 2020-06, 2021-S1, 2018 or 2019-Q1..2019-Q4"
        )
    return periods


def _periods_between(first: str, last: str) -> tuple[str, ...]:
    """The years, half-years, quarters or months from one to another; none where the ends are of two kinds."""
    for pattern, parts in _COUNTED.items():
        ends = [re.fullmatch(pattern, text) for text in (first, last)]
        if ends[0] and ends[1]:
            start, end = (int(one[1]) * parts + int(one[2] or 1) - 1 for one in ends if one)
            shown = pattern.partition("-")[2][:1].replace("(", "")
            width = 2 if parts == 12 else 1
            return tuple(
                f"{at // parts}" + (f"-{shown}{at % parts + 1:0{width}}" if parts > 1 else "")
                for at in range(start, end + 1)
            )
    return ()


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day: write 2025-07-01") from None
