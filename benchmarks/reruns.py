"""Measures runs into the same folder and writes ``docs/reruns.md``: ``python -m benchmarks.reruns``.

A first run over many mixed reports, one over the same reports again, and one after an analyst moved one printed row of
a form, all in one go; and whether what changed is just what had to.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.inbox import make_inbox
from benchmarks.performance import ROOT, timed

PAGE = ROOT / "docs" / "reruns.md"
FORM, INDICATOR = "vp2020", "digital_signatures.issued"
"""Whose row of which form is moved to no indicator at all."""


def page(count: int, scans: int, workers: int) -> Iterator[str]:
    """The lines of the page."""
    with tempfile.TemporaryDirectory() as name:
        inbox, out, mappings = (Path(name, part) for part in ("inbox", "out", "mappings"))
        make_inbox(inbox, count, scans=scans)
        shutil.copytree(ROOT / "mappings", mappings)
        told = ("--mappings", str(mappings), "--workers", str(workers), "--quiet")
        command = [sys.executable, "run_pipeline.py", "run", str(inbox), "--out", str(out), *told]
        first = timed(command)
        before = _contents(out)
        warm = timed(command)
        same = _contents(out) == before
        wanted = {line["observation_id"] for line in _table(out / "observations.csv") if _is_moved(line)}
        _move(mappings / "forms" / f"{FORM}.csv")
        change = timed(command)
        gone = _table(out / "changes.csv")
        exact = len(gone) == len(wanted) and all(line["change"] == "removed" and _is_moved(line) for line in gone)
    yield from ("# Running again", "", "<!-- written by benchmarks/reruns.py -->", "")
    yield (
        f"Measured on {os.cpu_count()} cores with {workers} workers over {count} made-up mixed reports"
        f" (`benchmarks/inbox.py`: .docx, .xlsx, .pdf with healthy and with broken fonts, .doc), {scans} of them scans"
        " of two pages; all in one go."
    )
    yield from (
        "",
        "| run | seconds | times faster | CPU seconds | times less |",
        "| --- | ---: | ---: | ---: | ---: |",
    )
    yield f"| the first | {first[0]:.1f} | | {first[1]:.1f} | |"
    for title, run in (("nothing changed", warm), ("one row of a form means another thing", change)):
        yield f"| {title} | {run[0]:.1f} | {first[0] / run[0]:.0f} | {run[1]:.1f} | {first[1] / run[1]:.0f} |"
    yield ""
    yield f"Without a change {'no byte of any file is another one' if same else 'FILES CHANGED'}."
    yield (
        f"The row is that of `{INDICATOR}` on `{FORM}`, which {len(wanted)} reports give;"
        f" `changes.csv` lists {len(gone)} figures, {'just these' if exact else 'NOT JUST THESE'}."
    )


def _contents(out: Path) -> dict[str, bytes]:
    files = (path for path in sorted(out.rglob("*")) if path.is_file() and ".store" not in path.parts)
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _is_moved(line: dict[str, str]) -> bool:
    return (line["form_id"], line["indicator_id"]) == (FORM, INDICATOR)


def _move(form: Path) -> None:
    text = form.read_text(encoding="utf-8-sig")
    form.write_text(text.replace(f",{INDICATOR},", ",ignore,"), encoding="utf-8-sig")


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--scans", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    lines = list(page(options.count, options.scans, options.workers))
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
