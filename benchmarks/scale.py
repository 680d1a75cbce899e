"""What a cluster needs, by arithmetic from measured costs; writes ``docs/scale.md``: ``python -m benchmarks.scale``."""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.inbox import make_inbox
from benchmarks.performance import ROOT, timed

PAGE = ROOT / "docs" / "scale.md"
NATIONAL, QUARTERS = 60_000, 30
"""Reports of a quarter in the whole country, and the quarters of its history."""
WORKERS = (8, 32, 128)
NETWORK = 100e6
"""Bytes a second between coordinator and workers: a network of 1 Gbit/s, used well."""


def page(count: int, growth: Sequence[int]) -> Iterator[str]:
    """The lines of the page, from one run over ``count`` mixed reports, and one over each number in ``growth``."""
    with tempfile.TemporaryDirectory() as name:
        inbox, out = Path(name, "inbox"), Path(name, "out")
        files = make_inbox(inbox, count)
        size = sum(path.stat().st_size for path in files) / count
        command = [sys.executable, "run_pipeline.py", "run", str(inbox), "--out", str(out), "--quiet", "--workers", "2"]
        _, used, memory = timed(command)
        record = json.loads((out / "run.json").read_text(encoding="utf-8"))
        stored = sum(path.stat().st_size for path in (out / ".store").rglob("*") if path.is_file()) / count
        again, _, _ = timed(command)
    publish = record["seconds"]["publish"] / count
    yield from _measured(count, used / count - publish, publish, size, stored, memory, again / count)
    if growth:
        yield from _growth(growth)
    yield from _arithmetic(used / count - publish, publish, size)
    yield from _how()


def _growth(counts: Sequence[int]) -> Iterator[str]:
    """What one report costs among few and among many of the same mix."""
    yield from ("## From few to many", "")
    with tempfile.TemporaryDirectory() as name:
        files = make_inbox(Path(name, "all"), max(counts))
        files.sort(key=lambda path: (path.suffix, path.stem.split()[2:4], path.stat().st_size))
        runs = [(count, _sampled(files, count, Path(name))) for count in (1, *counts, *counts[-2::-1], 1)]
    taken = {count: _mean([run for one, run in runs if one == count]) for count in (1, *counts)}
    start = taken[1][1]
    yield (
        "Samples of one inbox, evenly over kinds and forms, so that all have the same mix; two workers. All but the"
        " longest were run twice, once before it and once after it, since the machine is not as fast at all times. A"
        f" run over one report takes {start:.1f} s of CPU, nearly all of it to start and to write the tables: what the"
        " others take beyond that is what a report costs."
    )
    yield ""
    yield "| reports | CPU seconds | a report | beyond the start | of the first | each more | MB | seconds |"
    yield "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    first, before = (taken[counts[0]][1] - start) / (counts[0] - 1), 1
    for count in counts:
        seconds, used, memory = taken[count]
        each, more = (used - start) / (count - 1), (used - taken[before][1]) / (count - before)
        row = (f"{count:,}", f"{used:.0f}", f"{used / count:.3f}", f"{each:.3f}", f"{each / first:.2f}", f"{more:.3f}")
        yield f"| {' | '.join(row)} | {memory} | {seconds:.0f} |"
        before = count
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1000
    yield ""
    yield (
        "Each more is what one report more than in the row before costs. MB is the most that the coordinator took. The"
        " tables are written by a process of its own, which holds what"
        f" all reports say: with {max(counts):,} it took {most:,} MB, and gave them back."
    )
    yield ""


def _mean(runs: Sequence[tuple[float, float, int]]) -> tuple[float, float, int]:
    """The mean seconds and CPU seconds of some runs, and the most memory."""
    return statistics.mean(run[0] for run in runs), statistics.mean(run[1] for run in runs), max(run[2] for run in runs)


def _sampled(files: Sequence[Path], count: int, folder: Path) -> tuple[float, float, int]:
    """Seconds, CPU seconds and peak memory (MB) of a run over some of the files, evenly over all."""
    inbox, out = folder / f"in-{count}", folder / f"out-{count}"
    for path in files[:: len(files) // count][:count]:
        target = inbox / path.relative_to(folder / "all")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.hardlink_to(path)
    command = [sys.executable, "run_pipeline.py", "run", str(inbox), "--out", str(out), "--quiet", "--workers", "2"]
    told = timed(command)
    shutil.rmtree(out)
    shutil.rmtree(inbox)
    return told


def _measured(
    count: int, work: float, publish: float, size: float, stored: float, memory: int, again: float
) -> Iterator[str]:
    yield from ("# Many reports", "", "<!-- written by benchmarks/scale.py -->", "")
    yield (
        f"Measured on {os.cpu_count()} cores over {count} mixed reports without scans (`benchmarks/inbox.py`: .docx,"
        " .xlsx, .pdf with healthy and with broken fonts, .doc), two workers, the extra `ocr` installed:"
    )
    yield from ("", "| cost | a report |", "| --- | ---: |")
    yield f"| reading and matching, CPU | {work:.2f} s |"
    yield f"| publishing, in the coordinator alone | {1000 * publish:.0f} ms |"
    yield f"| a run with nothing new | {1000 * again:.1f} ms |"
    yield f"| bytes sent to a worker | {size / 1000:.0f} kB |"
    yield f"| bytes in the store | {stored / 1000:.0f} kB |"
    yield f"| memory of the coordinator, for all | {memory} MB |"
    yield ""


def _arithmetic(work: float, publish: float, size: float) -> Iterator[str]:
    """Hours for a quarter of the country and for its history, by the number of cores."""
    yield from ("## What a cluster needs", "")
    yield (
        f"A quarter of the whole country is {NATIONAL:,} reports, its history {QUARTERS} quarters. The time is the"
        " longer one of reading and matching over all cores and of sending the bytes at 100 MB/s, and after that"
        " publishing, which one process does. Assumed: the mix above, cores like the measured ones, 10 % lost to"
        " waiting; scanned pages cost some 2.6 s of a core each on top (`docs/text-repair.md`)."
    )
    yield from (
        "",
        "| cores of the cluster | a quarter of the country, hours | 30 quarters, hours |",
        "| ---: | ---: | ---: |",
    )
    for cores in WORKERS:
        hours = [_hours(NATIONAL * quarters, cores, work, publish, size) for quarters in (1, QUARTERS)]
        yield f"| {cores} | {hours[0]:.1f} | {hours[1]:.1f} |"
    sending = NATIONAL * size / NETWORK
    reading = NATIONAL * work * 1.1
    enough = max(1, math.ceil(reading / max(sending, 1e-9)))
    yield ""
    yield (
        f"Of a quarter, reading and matching take {reading / 3600:.1f} core hours, sending {sending / 60:.1f} minutes,"
        f" publishing {NATIONAL * publish / 60:.0f} minutes. More than {enough} cores would wait for the network of the"
        " coordinator."
    )
    yield ""


def _hours(reports: int, cores: int, work: float, publish: float, size: float) -> float:
    return (max(reports * work * 1.1 / cores, reports * size / NETWORK) + reports * publish) / 3600


def _how() -> Iterator[str]:
    yield from ("## How", "")
    yield "    pip install 'tonghop[ocr,cluster]'                 # on every machine, the same version"
    yield "    dask scheduler                                     # on one of them: prints its address"
    yield "    dask worker tcp://10.0.0.1:8786 --nthreads 8       # on each of the others"
    yield "    python run_pipeline.py run INBOX --out OUT --engine dask --scheduler tcp://10.0.0.1:8786"
    yield ""
    yield (
        "The bytes of the reports and the mappings travel with the tasks, so workers need no access to the inbox and no"
        " settings. When a worker dies, the scheduler gives its batch to another one; the result has the same bytes as"
        " that of one machine (`tests/consolidate/test_cluster.py`). Only the coordinator writes the store. INBOX and"
        " OUT may be addresses that fsspec knows, such as `s3://bucket/inbox` (with s3fs): the inbox is copied to the"
        " coordinator for the run, and what changed in OUT is written back at the end, the store last."
    )
    yield ""
    yield (
        "Limits: one dataset is published by one process, whose memory grows with the reports in it: publish a country"
        " by provinces, or by `--period`. A sheet of Excel has 16,384 columns, so larger periods go on in further"
        " sheets. Connections to the scheduler are not encrypted unless Dask is set up for it: use a network of your"
        " own."
    )


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--growth", type=int, nargs="*", default=[100, 1000], help="the last one is the most")
    options = parser.parse_args()
    text = "\n".join(page(options.count, options.growth)) + "\n"
    PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
