"""Broken files by the thousand: each must end in a row of its own, without an exception, a hang, a death or a leak.

    python benchmarks/fuzz.py --minutes 5 --seed 1 --keep /tmp/fuzz

Seeds are the sample reports and the files of the tests, also packed into a mail and an archive. A mutant is made of a
seed and its number alone, so a finding can be made again. Exit code 1 when something was found; the mutants that did it
are kept in the folder of ``--keep``.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import re
import resource
import sys
import tempfile
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from consolidate.mappings import open_catalogue, packaged_folder  # noqa: E402
from consolidate.model import Processed  # noqa: E402
from consolidate.reading import process  # noqa: E402
from extract.cage import Limits  # noqa: E402
from extract.guard import guarded  # noqa: E402
from extract.model import Document, Finding  # noqa: E402
from extract.read import read_document  # noqa: E402
from extract.source import open_file  # noqa: E402
from normalize.catalogue import Catalogue, known_texts  # noqa: E402

SEEDS = ("samples/inbox", "tests/data/formats", "tests/data/pdf")
LARGEST_SEED = 400_000
STREAM, END_OF_STREAM = b"stream", b"endstream"
SPECIAL = (b"\0", b"\xff", b"\x7f", b"\xff\xff\xff\xff", b"\0\0\0\x80", b"-1", b"99999999999", b"<", b"&", b">>", b"(")


@dataclass(frozen=True)
class Mutant:
    """The bytes made of one seed, and how to make them again."""

    name: str
    number: int
    data: bytes


def flip(data: bytearray, chance: random.Random) -> None:
    """Change single bytes, often near one another."""
    start = chance.randrange(len(data))
    for _ in range(chance.choice((1, 1, 2, 5, 20, 100))):
        at = start if chance.random() < 0.5 else chance.randrange(len(data))
        data[min(at + chance.randrange(16), len(data) - 1)] = chance.randrange(256)


def cut(data: bytearray, chance: random.Random) -> None:
    """Lose the end, or a piece of the middle."""
    at = chance.randrange(len(data))
    del data[at : len(data) if chance.random() < 0.5 else at + chance.randrange(1, 5000)]


def repeat(data: bytearray, chance: random.Random) -> None:
    """Put a piece in once more, somewhere, once or a hundred times."""
    start = chance.randrange(len(data))
    piece = data[start : start + chance.choice((4, 50, 1000))]
    at = chance.randrange(len(data))
    data[at:at] = piece * chance.choice((1, 1, 100))


def put(data: bytearray, chance: random.Random) -> None:
    """Write something that parsers stumble over, in place or between."""
    at, piece = chance.randrange(len(data)), chance.choice(SPECIAL)
    data[at : at + chance.choice((0, len(piece)))] = piece


def swap(data: bytearray, chance: random.Random) -> None:
    """Exchange two pieces."""
    size = chance.randrange(1, max(2, len(data) // 4))
    a, b = sorted(chance.randrange(max(1, len(data) - size)) for _ in range(2))
    if a + size <= b:
        data[a : a + size], data[b : b + size] = data[b : b + size], data[a : a + size]


CHANGES: tuple[Callable[[bytearray, random.Random], None], ...] = (flip, flip, cut, repeat, put, put, swap)


def changed(data: bytes, chance: random.Random) -> bytes:
    """The bytes after one to three changes."""
    found = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 3))):
        if found:
            chance.choice(CHANGES)(found, chance)
    return bytes(found)


def restructured(data: bytes, chance: random.Random) -> bytes:
    """The text of a part after one or two changes to its numbers and elements, which leave it well formed mostly."""
    found = bytearray(data)
    for _ in range(chance.choice((1, 1, 2))):
        chance.choice(STRUCTURE)(found, chance)
    return bytes(found)


def changed_package(data: bytes, chance: random.Random) -> bytes:
    """A package whose parts are changed, exchanged or left out before they are packed again."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    names = [name for name in parts if parts[name]]
    for _ in range(chance.choice((1, 1, 2))):
        name, other = chance.choice(names), chance.choice(names)
        if (what := chance.random()) < 0.4:
            parts[name] = changed(parts[name], chance)
        elif what < 0.8:
            parts[name] = restructured(parts[name], chance)
        elif what < 0.9:
            parts[name], parts[other] = parts[other], parts[name]
        else:
            parts[name] = b""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name, part in parts.items():
            new.writestr(name, part)
    return buffer.getvalue()


NUMBER = re.compile(rb"""(?<==["'])-?\d+(?=["'])|(?<=\\[a-z])-?\d+(?=[\\ {}])""")
ELEMENT = re.compile(rb"<([A-Za-z][\w:.-]*)[^<>]*>")
EXTREME = (b"0", b"-1", b"1", b"1000000", b"2147483647", b"4294967296", b"99999999999999999999", b"1e400", b"", b"x")


def extreme_numbers(data: bytearray, chance: random.Random) -> None:
    """Put numbers at their limits: spans, repetitions, positions, sizes, references to other parts."""
    found = list(NUMBER.finditer(data))
    for one in sorted(chance.sample(found, min(len(found), chance.choice((1, 3, 20)))), key=lambda one: -one.start()):
        data[one.start() : one.end()] = chance.choice((*EXTREME, chance.choice(found).group()))


def nested_elements(data: bytearray, chance: random.Random) -> None:
    """Put an element into itself, many times over, or leave one half of it out."""
    found = list(ELEMENT.finditer(data))
    if not found:
        return
    one = chance.choice(found)
    end = data.find(b"</" + one[1] + b">", one.end())
    if end < 0 or one.group().endswith(b"/>"):
        return
    close = b"</" + one[1] + b">"
    depth = chance.choice((1, 5, 300, 5000))
    what = chance.random()
    if what < 0.6:
        data[one.start() : end + len(close)] = one.group() * depth + data[one.end() : end] + close * depth
    elif what < 0.8:
        data[one.start() : end + len(close)] = data[one.start() : end + len(close)] * min(depth, 300)
    else:
        del data[one.start() : one.end() if chance.random() < 0.5 else end + len(close)]


STRUCTURE = (extreme_numbers, extreme_numbers, nested_elements)


def changed_stream(data: bytes, chance: random.Random) -> bytes:
    """A PDF one of whose packed streams is changed; the place of what follows it is left wrong, as it often is."""
    if chance.random() < 0.4:
        return renumbered(data, chance)
    starts = [at for at in range(len(data)) if data.startswith((b"stream\r\n", b"stream\n"), at)]
    at = data.index(b"\n", chance.choice(starts)) + 1 if starts else 0
    end = data.find(END_OF_STREAM, at)
    try:
        inner = zlib.decompress(data[at:end])
    except zlib.error:
        return changed(data, chance)
    return data[:at] + zlib.compress(changed(inner, chance)) + data[end:]


def renumbered(data: bytes, chance: random.Random) -> bytes:
    """A PDF some of whose dictionaries have other numbers: references in a circle, sizes at their limits."""
    found = bytearray(data)
    numbers = list(re.finditer(rb"(?<=[ \[/\w])-?\d+(?= \d+ R)|(?<=[a-zA-Z\]] )-?\d+", data))
    for one in sorted(chance.sample(numbers, min(len(numbers), 5)), key=lambda one: -one.start()):
        found[one.start() : one.end()] = chance.choice((*EXTREME[:-2], chance.choice(numbers).group()))
    return bytes(found)


def mutant(name: str, data: bytes, number: int, seed: int) -> Mutant:
    """The mutant of a number: always the same for the same seed."""
    chance = random.Random(f"{seed}/{name}/{number}")
    inside = chance.random() < 0.6
    if inside and data.startswith(b"PK"):
        return Mutant(name, number, changed_package(data, chance))
    if inside and data.startswith(b"%PDF"):
        return Mutant(name, number, changed_stream(data, chance))
    if inside and data.lstrip(b"\xef\xbb\xbf")[:1] in (b"<", b"{"):
        return Mutant(name, number, restructured(data, chance))
    return Mutant(name, number, changed(data, chance))


def without_helpers() -> None:
    """Leave LibreOffice and OCR out, which take a hundred times as long as the readers that are to be tried."""
    import extract.ocr_engines

    os.environ["PATH"] = ""
    extract.ocr_engines.missing = lambda: "ocr"


def seeds(more: Path | None = None) -> dict[str, bytes]:
    """Valid files by name, and the smallest of them in a mail and in an archive."""
    folders = [*(ROOT / folder for folder in SEEDS), *([more] if more else [])]
    paths = sorted(path for folder in folders for path in folder.rglob("*.[!m]*") if path.is_file())
    found = {path.name: path.read_bytes() for path in paths if path.stat().st_size <= LARGEST_SEED}
    mail, buffer = EmailMessage(), io.BytesIO()
    mail["From"], mail["Subject"], mail["Date"] = "a@example.vn", "Báo cáo", "Fri, 05 Jul 2019 09:00:00 +0700"
    mail.set_content("text")
    mail.add_alternative("<table><tr><td>x<td>1</tr><tr><td>y<td>2</tr></table>", subtype="html")
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(found.items(), key=lambda item: len(item[1]))[:4]:
            archive.writestr(f"báo cáo/{name}", data)
            mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return found | {"mail.eml": mail.as_bytes(), "packed.zip": buffer.getvalue()}


def read(made: Mutant, catalogue: Catalogue, whole: bool) -> Iterator[tuple[str, str]]:
    """Read a mutant as a file of an inbox, in a worker; give the status and the codes of each source in it.

    Unless ``whole``, rows are not matched: that takes most of the time and finds little.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes(made.data)
        for source in open_file(path, made.name):
            done: Processed | Document
            if whole:
                done = process(source, catalogue)
                status = done.status
            else:
                done = read_document(source, known_texts(catalogue))
                status = "read" if done.tables else "not read"
            codes = dict.fromkeys(f"{one.code} {dict(one.details).get('error', '')}".strip() for one in done.findings)
            yield status, ";".join(codes)


def mutants(stop: float, seed: int, more: Path | None = None) -> Iterator[Mutant]:
    """Mutants of all seeds in turn until the time is up."""
    found = seeds(more)
    number = 0
    while time.monotonic() < stop:
        for name, data in found.items():
            if time.monotonic() < stop:
                yield mutant(name, data, number, seed)
        number += 1


def main() -> int:
    """Make mutants until the time is up; tell what became of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--whole", action="store_true", help="match the rows too")
    parser.add_argument("--plain", action="store_true", help="without LibreOffice and OCR: many times as many files")
    parser.add_argument("--seeds", type=Path, help="a folder with more valid files")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "fuzz")
    options = parser.parse_args()
    if options.plain:
        without_helpers()
    catalogue = open_catalogue(packaged_folder())
    statuses: Counter[str] = Counter()
    read_as: Counter[str] = Counter()
    faults = 0
    seen: set[int] = set()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    made = mutants(time.monotonic() + 60 * options.minutes, options.seed, options.seeds)
    limits = Limits(seconds=20, memory=2000)
    for one, said in guarded(read, made, (catalogue, options.whole), options.workers, limits):
        seen.add(hash((one.name, one.number)))
        status, codes = (said.code, str(dict(said.details))) if isinstance(said, Finding) else said
        statuses[status] += 1
        read_as[codes] += 1
        if isinstance(said, Finding) or status == "failed":
            faults += 1
            options.keep.mkdir(parents=True, exist_ok=True)
            (options.keep / f"{one.number}-{one.name}").write_bytes(one.data)
            print(f"{one.name} {one.number}: {status} {codes}", flush=True)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    print(f"{len(seen)} mutants, {faults} faults, parent grew by {grown} MB")
    print("\n".join(f"{count:7d} {name}" for name, count in [*statuses.most_common(), *read_as.most_common(25)]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
