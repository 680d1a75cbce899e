"""The command line: arguments, exit codes, progress; nothing else.

Heavy modules are imported by the command that needs them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from consolidate.messages import Messages
    from consolidate.model import Processed, RunResult

OK, USAGE, WAITING, MAPPINGS, NOT_FINISHED, STOPPED = 0, 2, 3, 4, 5, 130

_PERIOD = re.compile(r"\d{4}(-(Q[1-4]|S[12]|(0[1-9]|1[0-2])(-\d{2})?))?(/P\d+[DMY])?")
_STATUSES = ("extracted", "no_data", "duplicate", "superseded", "rejected", "failed")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code.

    0 done, 2 wrong usage, 3 something waits for a person (``--strict``), 4 mappings invalid, 5 could not finish,
    130 stopped by the user. A bug is raised, which Python ends with 1.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    # Before numpy is imported: workers fill the cores, and threads of the linear algebra would wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    options = _parser().parse_args(arguments)
    commands = {
        "run": _run,
        "learn": _learn,
        "explain": _explain,
        "diff": _diff,
        "check-mappings": _check_mappings,
    }
    try:
        return commands[options.command](options)
    except KeyboardInterrupt:
        return _tell(options, "cli_stopped", STOPPED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except OSError as error:
        path = error.filename2 or error.filename or ""
        return _tell(options, "cli_not_finished", NOT_FINISHED, path=path, error=error.strerror or error)


def _parser() -> argparse.ArgumentParser:
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
    diff = _command(commands, "diff", "what changed between two datasets", "diff dataset-old dataset-new")
    diff.add_argument("out_a", type=Path, metavar="OUT_A")
    diff.add_argument("out_b", type=Path, metavar="OUT_B")
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
    run.add_argument("inbox", type=Path, metavar="INBOX", help="a folder (searched recursively) or one file")
    run.add_argument("--out", type=Path, required=True, metavar="OUT", help="the folder to write the tables to")
    run.add_argument(
        "--workers", type=_workers, default=os.cpu_count() or 1, metavar="N", help="processes (default: cores)"
    )
    run.add_argument(
        "--period", type=_period, action="append", default=[], metavar="P", help="only this period (repeatable)"
    )
    run.add_argument(
        "--timeout", type=_seconds, default=60.0, metavar="S", help="seconds a document may take (default: 60)"
    )
    run.add_argument(
        "--memory", type=_megabytes, default=3000, metavar="MB", help="memory of a worker, 0: no limit (default: 3000)"
    )
    run.add_argument("--as-of", type=_day, metavar="DAY", help="put agencies under the provinces of a day: 2025-07-01")
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


def _period(text: str) -> str:
    if not _PERIOD.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no period: write 2019-Q2, 2020-06, 2021-S1 or 2018")
    return text


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day: write 2025-07-01") from None


def _folder(options: argparse.Namespace) -> Path:
    from consolidate.mappings import packaged_folder

    return options.mappings or packaged_folder()


def _tell(options: argparse.Namespace, code: str, exit_code: int, **details: object) -> int:
    """Say one sentence on the error stream and give the exit code back."""
    from consolidate.mappings import load_messages
    from consolidate.messages import say

    print(say(load_messages(_folder(options)), code, options.lang, **details), file=sys.stderr)
    return exit_code


def _faults(options: argparse.Namespace) -> int:
    """Print what is wrong with the mappings; give how many faults there are."""
    from consolidate.mappings import load_messages, mapping_faults
    from consolidate.messages import say_finding

    faults = mapping_faults(_folder(options))
    messages = load_messages(_folder(options)) if faults else {}
    for fault in faults:
        details = dict(fault.details)
        print(f"{details['file']}:{details['line']}: {say_finding(messages, fault, options.lang)}", file=sys.stderr)
    return len(faults)


def _check_mappings(options: argparse.Namespace) -> int:
    count = _faults(options)
    if count:
        return _tell(options, "cli_mappings_invalid", MAPPINGS, count=count, folder=_folder(options))
    return _say(options, "cli_mappings_valid", folder=_folder(options))


def _say(options: argparse.Namespace, code: str, **details: object) -> int:
    from consolidate.mappings import load_messages
    from consolidate.messages import say

    print(say(load_messages(_folder(options)), code, options.lang, **details))
    return OK


def _run(options: argparse.Namespace) -> int:
    from consolidate.mappings import open_catalogue
    from consolidate.model import RunOptions
    from consolidate.pipeline import run, usage_finding

    wrong = usage_finding(options.inbox, options.out)
    if wrong:
        return _tell(options, wrong.code, USAGE, **dict(wrong.details))
    count = _faults(options)
    if count:
        return _tell(options, "cli_mappings_invalid", MAPPINGS, count=count, folder=_folder(options))
    catalogue = open_catalogue(_folder(options))
    what = RunOptions(
        options.inbox,
        options.out,
        _folder(options),
        options.workers,
        tuple(options.period),
        options.dry_run,
        options.timeout,
        options.memory,
        options.keep_contacts,
        options.as_of or "",
    )
    result = run(what, catalogue, None if options.quiet else _progress)
    if options.dry_run:
        _print_plan(result, catalogue.messages, options.lang)
    elif not options.quiet:
        _print_summary(result, options, catalogue.messages)
    return WAITING if options.strict and result.waiting else OK


def _progress(done: int, total: int, item: Processed) -> None:
    """A bar on a terminal, a line a document elsewhere."""
    if not sys.stderr.isatty():
        print(f"{done}/{total} {item.source_path}: {item.status}", file=sys.stderr, flush=True)
        return
    filled = 30 * done // max(total, 1)
    name = item.source_path[-40:].ljust(40)
    end = "\n" if done == total else ""
    print(f"\r[{'#' * filled}{'.' * (30 - filled)}] {done}/{total} {name}", end=end, file=sys.stderr, flush=True)


def _print_plan(result: RunResult, messages: Messages, lang: str) -> None:
    from consolidate.messages import say, say_findings

    for item in result.processed:
        why = say_findings(messages, item.findings, lang) or say(messages, "cli_would_read", lang)
        print(f"{item.source_path}: {why}")


def _print_summary(result: RunResult, options: argparse.Namespace, messages: Messages) -> None:
    """What came in, what came out, what waits for a person, and where it all is."""
    from consolidate.messages import say, say_findings

    counts, lang = result.counts, options.lang
    print(say(messages, "cli_documents", lang, count=counts["documents"]))
    for status in _STATUSES:
        if counts[status]:
            print("  " + say(messages, f"status_{status}", lang, count=counts[status]))
    for item in result.processed:
        if item.status in ("rejected", "failed"):
            print(f"    {item.source_path}: {say_findings(messages, item.findings, lang)}")
    if result.other_periods:
        print("  " + say(messages, "cli_other_periods", lang, count=result.other_periods))
    for name in ("observations", "list_entries", "unmatched", "ignored"):
        if counts[name] or name == "observations":
            print(say(messages, f"cli_{name}", lang, count=counts[name]))
    print(say(messages, "cli_open", lang))
    names = ("observations.csv", "unmatched.xlsx", "documents.csv")
    print("\n".join(f"  {path}" for path in result.files if path.name in names))


def _learn(options: argparse.Namespace) -> int:
    from consolidate.learn import learn
    from consolidate.mappings import open_catalogue
    from consolidate.messages import say_finding

    count = _faults(options)
    if count:
        return _tell(options, "cli_mappings_invalid", MAPPINGS, count=count, folder=_folder(options))
    if not options.audit.is_file():
        return _tell(options, "cli_file_missing", USAGE, path=options.audit)
    catalogue = open_catalogue(_folder(options))
    try:
        learned = learn(options.audit, _folder(options), catalogue.indicators, options.by)
    except ValueError:
        return _tell(options, "cli_not_a_table", USAGE, path=options.audit)
    for fault in learned.faults:
        print(say_finding(catalogue.messages, fault, options.lang), file=sys.stderr)
    if learned.faults:
        return _tell(options, "cli_nothing_learned", USAGE, count=len(learned.faults))
    return _say(options, "cli_learned", added=learned.added, known=learned.known)


def _explain(options: argparse.Namespace) -> int:
    from consolidate.explain import explain
    from consolidate.mappings import open_catalogue

    count = _faults(options)
    if count:
        return _tell(options, "cli_mappings_invalid", MAPPINGS, count=count, folder=_folder(options))
    if not options.file.exists():
        return _tell(options, "cli_file_missing", USAGE, path=options.file)
    _print_lines(explain(options.file, open_catalogue(_folder(options)), options.lang))
    return OK


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def _diff(options: argparse.Namespace) -> int:
    from collections import Counter

    from consolidate.compare import diff

    for folder in (options.out_a, options.out_b):
        if not (folder / "observations.csv").is_file():
            return _tell(options, "cli_no_dataset", USAGE, path=folder)
    signs = {"added": "+", "removed": "-", "changed": "~"}
    kinds: Counter[str] = Counter()
    for change in diff(options.out_a, options.out_b):
        kinds[change.kind] += 1
        key = f"{change.period}  {change.agency}  {change.form_id}  {change.indicator_id}"
        print(f"{signs[change.kind]} {key}: {change.before} -> {change.after}")
    return _say(options, "cli_diff", **{kind: kinds[kind] for kind in signs})


if __name__ == "__main__":
    sys.exit(main())
