"""Measures speed and memory and writes ``docs/performance.md``: ``python -m benchmarks.performance`` (``make bench``).

All in one run, each against the script that anyone would write first (``benchmarks/obvious.py``) and, for reading PDF,
against other engines where they are installed; as ratios, because machines are noisy.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import obvious
from benchmarks.inbox import bases_for, make_inbox
from benchmarks.top_costs import top_costs
from consolidate.mappings import open_catalogue, packaged_folder
from extract.cage import collect_seldom
from extract.read import read_document
from extract.source import make_source
from normalize.catalogue import Catalogue, known_texts
from normalize.document import read_report
from normalize.model import Evidence

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "performance.md"
A_KIND = 20
"""How many files of each kind the stages are measured on."""

_LOOP = "texts = {}\nfor number in range(12_000_000): texts[number % 100_000] = str(number)"

Measure = Callable[[Path], object]


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds that ours and the obvious script take for the same files, and how much these hold."""

    files: int
    pages: int
    ours: float
    obvious: float

    def __add__(self, other: Cost) -> Cost:
        """What two stages take for the same files."""
        return Cost(self.files, self.pages, self.ours + other.ours, self.obvious + other.obvious)

    @property
    def ratio(self) -> float:
        """How many times faster ours is."""
        return self.obvious / self.ours


def cpu(action: Measure, path: Path) -> float:
    """CPU seconds of an action on a file, those of programs it starts included."""
    before = _cpu()
    action(path)
    return _cpu() - before


def _cpu() -> float:
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def pages_of(path: Path) -> int:
    """How many pages a PDF has; 1 for other files."""
    if path.suffix != ".pdf":
        return 1
    import pdfplumber

    with pdfplumber.open(path) as pdf:
        return len(pdf.pages)


def by_kind(files: Sequence[Path]) -> dict[str, list[Path]]:
    """The files of each kind; PDF files whose fonts lost their letters apart."""
    found: dict[str, list[Path]] = {}
    for path in files:
        kind = path.suffix[1:]
        if kind == "pdf":
            document = read_document(make_source(path.name, path.read_bytes(), 0.0))
            kind = "pdf, healthy fonts" if document.encoding == "unicode" else "pdf, broken fonts"
        found.setdefault(kind, []).append(path)
    return {kind: paths[:A_KIND] for kind, paths in sorted(found.items())}


# Stages


def reading(files: Sequence[Path], catalogue: Catalogue) -> Cost:
    """Reading alone, file by file, ours and the obvious script in turn."""
    texts = known_texts(catalogue)

    def ours(path: Path) -> object:
        return read_document(make_source(path.name, path.read_bytes(), 0.0), texts)

    return _in_turn(files, ours, obvious.read)


def matching(files: Sequence[Path], catalogue: Catalogue) -> Cost:
    """Matching alone, on what each has read."""
    documents = {path: read_document(make_source(path.name, path.read_bytes(), 0.0)) for path in files}
    rows, known = {path: obvious.read(path) for path in files}, obvious.labels(packaged_folder())

    def ours(path: Path) -> object:
        return read_report(documents[path], Evidence(path.name), catalogue)

    return _in_turn(files, ours, lambda path: obvious.match(rows[path], known))


def _in_turn(files: Sequence[Path], ours: Measure, theirs: Measure) -> Cost:
    collect_seldom()  # as in the processes that read, for both
    ours(files[0])
    theirs(files[0])
    pairs = [(cpu(ours, path), cpu(theirs, path)) for path in files]
    return Cost(len(files), sum(map(pages_of, files)), sum(a for a, _ in pairs), sum(b for _, b in pairs))


def engines() -> Iterator[tuple[str, Measure]]:
    """Other engines that read tables of PDF files, those that are installed."""
    if importlib.util.find_spec("camelot"):
        import camelot

        yield "camelot (lattice)", lambda path: camelot.read_pdf(str(path), pages="all", flavor="lattice")
    if importlib.util.find_spec("tabula") and shutil.which("java"):
        import tabula

        yield "tabula", lambda path: tabula.read_pdf(str(path), pages="all", lattice=True, silent=True)
    if importlib.util.find_spec("viparse"):
        import viparse

        yield "viparse", lambda path: list(viparse.load(str(path)))


# Whole runs


def whole(inbox: Path, folder: Path, workers: int) -> tuple[float, float, int, dict[str, object]]:
    """Seconds, CPU seconds and peak memory (MB) of a run from nothing, and what ``run.json`` says."""
    out = folder / f"out-{workers}-{inbox.name}"
    command = [sys.executable, "run_pipeline.py", "run", str(inbox), "--out", str(out), "--workers", str(workers)]
    seconds, used, memory = timed([*command, "--quiet"])
    return seconds, used, memory, json.loads((out / "run.json").read_text(encoding="utf-8"))


def obvious_run(inbox: Path, folder: Path) -> tuple[float, float, int]:
    """The same of the obvious script."""
    code = (
        "import sys; from pathlib import Path; from benchmarks import obvious\n"
        "files = sorted(path for path in Path(sys.argv[1]).rglob('*') if path.is_file())\n"
        "obvious.run(files, Path(sys.argv[2]), Path(sys.argv[3]))"
    )
    return timed([sys.executable, "-c", code, str(inbox), str(packaged_folder()), str(folder / "obvious.csv")])


def ceiling() -> float:
    """How many times as fast as one process two are that share nothing, at this moment on this machine."""
    command = [sys.executable, "-c", _LOOP]
    alone = timed(command)[0]
    started = time.perf_counter()
    both = [subprocess.Popen(command) for _ in range(2)]
    for process in both:
        process.wait()
    return 2 * alone / (time.perf_counter() - started)


def timed(command: Sequence[str]) -> tuple[float, float, int]:
    """Wall seconds, CPU seconds of it and all it started, and the peak memory in MB of the process itself."""
    started = time.perf_counter()
    silent = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=ROOT, stdout=silent, stderr=silent, env=_as_a_user())
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = 0
    while process.poll() is None:
        peak = max(peak, _peak(process.pid))
        time.sleep(0.02)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - started, used, peak


def _as_a_user() -> dict[str, str]:
    """The environment without what developers set: a user's Python keeps its modules compiled."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _peak(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1000 for line in lines if line.startswith("VmHWM:")), 0)


def start_times(one: Path, folder: Path) -> tuple[float, float]:
    """Seconds of ``--help``, and of a run over one small file, each the median of five; one more is not counted."""
    program = [sys.executable, "run_pipeline.py"]
    timed([*program, "run", str(one), "--out", str(folder / "one"), "--quiet"])
    helps = [timed([*program, "--help"])[0] for _ in range(5)]
    runs = []
    for number in range(5):
        out = folder / f"one-{number}"
        runs.append(timed([*program, "run", str(one), "--out", str(out), "--quiet"])[0])
    return statistics.median(helps), statistics.median(runs)


# The page


def page(count: int, quarter: int) -> Iterator[str]:
    """The lines of the page."""
    catalogue = open_catalogue(packaged_folder())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = make_inbox(folder / "inbox", count)
        many = make_inbox(folder / "quarter", quarter) if quarter else files
        yield from _head(max(count, quarter))
        kinds = by_kind(many)
        read = {kind: reading(paths, catalogue) for kind, paths in kinds.items()}
        yield from _stage("Reading alone", read)
        yield from _engines(kinds)
        matched = {kind: matching(paths, catalogue) for kind, paths in kinds.items()}
        yield from _stage("Matching alone", matched)
        yield from _stage("Reading and matching", {kind: read[kind] + matched[kind] for kind in kinds})
        yield from _whole(folder / "inbox", folder, count)
        if quarter:
            yield from _whole(folder / "quarter", folder, quarter)
        yield from _start(min(kinds["docx"], key=lambda path: path.stat().st_size), folder)
        yield from _profile([path for paths in kinds.values() for path in paths[:6]], catalogue)


def _head(most: int) -> Iterator[str]:
    yield "# Speed and memory"
    yield ""
    yield "<!-- written by benchmarks/performance.py -->"
    yield ""
    yield (
        f"Measured on {os.cpu_count()} cores over made-up mixed reports (`benchmarks/inbox.py`): .docx, .xlsx,"
        " .pdf with healthy fonts, .pdf whose fonts lost their letters, .doc. The obvious script is pdfplumber's"
        " `extract_tables`, python-docx, openpyxl, LibreOffice for .doc, and `extractOne(WRatio)` row by row over the"
        " labels of all forms; it repairs, normalises and checks nothing. CPU seconds, both in the same run; a ratio"
        f" above 1 means that Tonghop is faster. The reports are copies of {bases_for(most)} of each kind, on all five"
        " forms, with other agencies in them."
    )


def _stage(title: str, costs: dict[str, Cost]) -> Iterator[str]:
    yield from ("", f"## {title}", "")
    yield "| kind | files | pages | Tonghop s/file | obvious s/file | pages/s | times faster |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for kind, cost in costs.items():
        rate = cost.pages / cost.ours
        yield (
            f"| {kind} | {cost.files} | {cost.pages} | {cost.ours / cost.files:.3f} | {cost.obvious / cost.files:.3f} |"
            f" {rate:.1f} | {cost.ratio:.1f} |"
        )


def _engines(kinds: dict[str, list[Path]]) -> Iterator[str]:
    files = kinds.get("pdf, healthy fonts", [])[:8]
    found = [(name, read) for name, read in engines()]
    if not files or not found:
        return
    yield from ("", "Other engines on PDF files with healthy fonts, reading alone:", "")
    yield "| engine | CPU s a page | Tonghop is times faster |"
    yield "| --- | ---: | ---: |"
    pages = sum(map(pages_of, files))
    ours = sum(cpu(lambda path: read_document(make_source(path.name, path.read_bytes(), 0.0)), path) for path in files)
    for name, read in found:
        read(files[0])
        theirs = sum(cpu(read, path) for path in files)
        yield f"| {name} | {theirs / pages:.3f} | {theirs / ours:.1f} |"


def _whole(inbox: Path, folder: Path, count: int) -> Iterator[str]:
    highest = [ceiling()]
    one, two = ([whole(inbox, folder / "before", workers)] for workers in (1, 2))
    theirs, their_cpu, _ = obvious_run(inbox, folder)
    two += [whole(inbox, folder, 2)]  # once more in turn, since the machine is not as fast at all times
    one += [whole(inbox, folder, 1)]
    highest += [ceiling()]
    seconds, used, faster = (statistics.mean(run[at] for run in runs) for runs, at in ((one, 0), (one, 1), (two, 0)))
    *_, memory, record = one[1]
    again = timed(
        [sys.executable, "run_pipeline.py", "run", str(inbox), "--out", str(folder / f"out-1-{inbox.name}"), "--quiet"]
    )[0]
    yield from ("", f"## The whole pipeline, {count} reports", "")
    yield "| run | seconds | files/s | times faster |"
    yield "| --- | ---: | ---: | ---: |"
    yield f"| obvious script, one process | {theirs:.1f} | {count / theirs:.1f} | |"
    yield f"| Tonghop, one worker | {seconds:.1f} | {count / seconds:.1f} | {theirs / seconds:.1f} than the script |"
    yield f"| Tonghop, two workers | {faster:.1f} | {count / faster:.1f} | {seconds / faster:.2f} than one worker |"
    yield f"| Tonghop, nothing changed | {again:.1f} | {count / again:.1f} | {seconds / again:.0f} than the first run |"
    yield ""
    stages = record["seconds"]
    assert isinstance(stages, dict)
    told = ", ".join(f"{name} {float(value):.1f} s" for name, value in stages.items())
    yield (
        f"Stages with one worker: {told}. CPU {used:.0f} s, the script {their_cpu:.0f} s,"
        f" {their_cpu / used:.1f} times as much. Parent memory {memory} MB. Two processes that share"
        f" nothing were {statistics.mean(highest):.2f} times as fast as one on this machine, before and after these"
        " runs."
    )


def _start(one: Path, folder: Path) -> Iterator[str]:
    helped, ran = start_times(one, folder)
    yield from ("", "## Start", "")
    yield f"`run_pipeline.py --help`: {helped:.2f} s. A run over one small .docx: {ran:.2f} s (medians of five)."


def _profile(files: Sequence[Path], catalogue: Catalogue) -> Iterator[str]:
    yield from ("", "## Where the time goes", "")
    yield "| function | share of a mixed run without scans | spent on |"
    yield "| --- | ---: | --- |"
    for name, share, why in top_costs(files, catalogue):
        yield f"| `{name}` | {100 * share:.1f} % | {why} |"


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--quarter", type=int, default=300, help="reports of a province's quarter, 0 for none")
    parser.add_argument("--show", action="store_true", help="print the page instead of writing it")
    options = parser.parse_args()
    lines = []
    for line in page(options.count, options.quarter):
        print(line, flush=True)
        lines.append(line)
    if not options.show:
        PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
