"""The command line: arguments, exit codes, progress; nothing else.

Heavy modules are imported by the command that needs them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from consolidate.compare import Change
    from consolidate.messages import Messages
    from consolidate.model import Processed, RunResult

OK, USAGE, WAITING, MAPPINGS, NOT_FINISHED, STOPPED = 0, 2, 3, 4, 5, 130

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
    from consolidate.arguments import parser

    options = parser().parse_args(arguments)
    commands = {
        "run": _run,
        "learn": _learn,
        "explain": _explain,
        "diff": _diff,
        "publish": _publish,
        "as-of": _as_of,
        "trace": _trace,
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
        code = getattr(error, "code", "cli_not_finished")  # a store says itself why it cannot be used
        return _tell(options, code, NOT_FINISHED, path=path, error=error.strerror or error)


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
    from consolidate.storage import inbox_here, output_here

    wrong = _wrong_place(options)
    if wrong:
        return wrong
    count = _faults(options)
    if count:
        return _tell(options, "cli_mappings_invalid", MAPPINGS, count=count, folder=_folder(options))
    with inbox_here(options.inbox) as inbox, output_here(options.out) as out:
        return _run_here(options, inbox, out)


def _wrong_place(options: argparse.Namespace) -> int:
    """The exit code of wrong usage of places and engines, 0 where nothing is wrong."""
    import importlib.util

    from consolidate.pipeline import usage_finding
    from consolidate.storage import can_reach

    both = isinstance(options.inbox, Path) and isinstance(options.out, Path)
    wrong = usage_finding(options.inbox, options.out) if both else None
    if wrong:
        return _tell(options, wrong.code, USAGE, **dict(wrong.details))
    for place in (options.inbox, options.out):
        if not can_reach(place):
            return _tell(options, "cli_needs_cluster", USAGE, module="fsspec")
    if options.engine == "dask" and importlib.util.find_spec("distributed") is None:
        return _tell(options, "cli_needs_cluster", USAGE, module="distributed")
    if (options.engine == "dask") != bool(options.scheduler):
        return _tell(options, "cli_engine_and_scheduler", USAGE)
    return OK


def _run_here(options: argparse.Namespace, inbox: Path, out: Path) -> int:
    from consolidate.mappings import open_catalogue
    from consolidate.model import RunOptions
    from consolidate.pipeline import run

    catalogue = open_catalogue(_folder(options))
    what = RunOptions(
        inbox,
        out,
        _folder(options),
        options.workers,
        tuple(options.period),
        options.dry_run,
        options.timeout,
        options.memory,
        options.keep_contacts,
        options.as_of or "",
        options.force,
        options.engine,
        options.scheduler,
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
    print(say(messages, "cli_work", lang, **{name: result.work.get(name, 0) for name in ("read", "matched", "kept")}))
    if result.unchanged_since:
        print(say(messages, "cli_unchanged", lang, when=result.unchanged_since))
    elif result.changes:
        kinds = {name: result.changes.get(name, 0) for name in ("added", "removed", "changed")}
        print(say(messages, "cli_changes", lang, **kinds))
    print(say(messages, "cli_open", lang))
    names = ("report.html", "consolidated.xlsx", "observations.csv", "unmatched.xlsx", "findings.csv", "documents.csv")
    print("\n".join(f"  {_shown(options.out, path.name)}" for path in result.files if path.name in names))


def _shown(out: Path | str, name: str) -> str:
    return str(out / name) if isinstance(out, Path) else f"{out.rstrip('/')}/{name}"


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
    from consolidate.compare import diff

    if (options.out_b is None) == (options.runs is None):
        return _tell(options, "cli_diff_of_what", USAGE)
    folders = (options.out_a, options.out_b) if options.out_b else (options.out_a,)
    for folder in folders:
        if not (folder / "observations.csv").is_file():
            return _tell(options, "cli_no_dataset", USAGE, path=folder)
    if options.out_b:
        return _print_changes(diff(options.out_a, options.out_b), options)
    from consolidate.history import changes_of_runs
    from consolidate.store import open_store, runs

    with open_store(options.out_a) as store:
        known = {run.run: run for run in runs(store)}
        for number in options.runs:
            if number not in known:
                return _tell(options, "cli_no_run", USAGE, run=number, last=max(known, default=0))
        first, second = (known[number] for number in options.runs)
        return _print_changes(changes_of_runs(store, first, second), options)


def _print_changes(found: Iterable[Change], options: argparse.Namespace) -> int:
    from collections import Counter

    from consolidate.mappings import load_messages
    from consolidate.messages import say

    signs = {"added": "+", "removed": "-", "changed": "~"}
    messages = load_messages(_folder(options))
    kinds: Counter[str] = Counter()
    for change in found:
        kinds[change.kind] += 1
        key = f"{change.period}  {change.agency}  {change.form_id}  {change.indicator_id}"
        cause = say(messages, f"cause_{change.cause}", options.lang)
        print(f"{signs[change.kind]} {key}: {change.before} -> {change.after}  ({cause})")
    return _say(options, "cli_diff", **{kind: kinds[kind] for kind in signs})


def _publish(options: argparse.Namespace) -> int:
    from consolidate.republish import publish_again

    return _from_store(options, lambda: publish_again(options.out, options.out))


def _as_of(options: argparse.Namespace) -> int:
    from consolidate.republish import publish_again

    return _from_store(options, lambda: publish_again(options.out, options.to, options.day))


def _from_store(options: argparse.Namespace, action: Callable[[], str]) -> int:
    """Publish from the store of an output folder; say what was published."""
    from consolidate.store import has_store

    if not has_store(options.out):
        return _tell(options, "cli_no_store", USAGE, path=options.out)
    finished = action()
    if not finished:
        return _tell(options, "cli_no_run_yet", USAGE, path=options.out)
    return _say(options, "cli_published", when=finished)


def _trace(options: argparse.Namespace) -> int:
    from consolidate.mappings import load_messages
    from consolidate.store import has_store
    from consolidate.trace import trace

    if not has_store(options.out):
        return _tell(options, "cli_no_store", USAGE, path=options.out)
    lines = trace(options.out, options.observation_id, load_messages(_folder(options)), options.lang)
    if not lines:
        return _tell(options, "cli_no_observation", USAGE, id=options.observation_id)
    _print_lines(lines)
    return OK


def program() -> int:
    """Run the command of this process, which ends with it, and give its exit code."""
    code = main()
    gc.freeze()  # the system takes back at once what would be searched for garbage twice
    return code


if __name__ == "__main__":
    sys.exit(program())
