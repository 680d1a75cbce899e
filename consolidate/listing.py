"""What an inbox holds: every file and what is packed in it, told once for each content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from consolidate.packed import pack, unpack
from consolidate.store import Store, known_file, put_file, transaction
from extract.cage import Limits
from extract.guard import guarded
from extract.source import VERSION, Source, content_hash, list_files, open_file

_VERSION = str(VERSION)


@dataclass(frozen=True, slots=True)
class Listed:
    """One source of the inbox without its bytes, and the file that holds it, by its published name and its path."""

    source: Source
    name: str
    path: str


def list_inbox(
    inbox: Path, limits: Limits, store: Store | None = None, force: bool = False, workers: int = 1
) -> Iterator[Listed]:
    """Every source of an inbox; files whose content the store knows are not opened again, the others by ``workers``.

    Raises OSError when the inbox cannot be listed.
    """
    files = list_files(inbox)
    hashes = {name: content_hash(path) for name, path in files} if store is not None else {}
    unknown = []
    for name, path in files:
        known = known_file(store, hashes[name], _VERSION) if store is not None and hashes[name] and not force else None
        if known is None:
            unknown.append((name, path))
            continue
        modified = path.lstat().st_mtime
        for source in unpack(known, list[Source]):
            yield Listed(replace(source, source_path=name + source.source_path, modified=modified), name, str(path))
    yield from _opened(unknown, limits, store, hashes, workers)


def _opened(
    files: list[tuple[str, Path]], limits: Limits, store: Store | None, hashes: dict[str, str], workers: int
) -> Iterator[Listed]:
    """The sources of files that are opened now, in other processes; what each holds is kept once it is whole."""
    inside: dict[str, list[Source]] = defaultdict(list)
    for (name, path), found in guarded(_list_file, files, (), workers, limits):
        source = found if isinstance(found, Source) else Source(name, b"", "", "unknown", 0.0, found.code)
        inside[name].append(replace(source, source_path=source.source_path.removeprefix(name), modified=0.0))
        if source.source_path == name:  # a file comes after what is packed in it
            whole = inside.pop(name)
            if store is not None and source.sha256 and source.sha256 == hashes[name]:
                with transaction(store):
                    put_file(store, source.sha256, _VERSION, pack(whole))
        yield Listed(source, name, str(path))


def _list_file(listed: tuple[str, Path]) -> Iterator[Source]:
    """The sources of one file of the inbox without their bytes."""
    return (replace(source, data=b"") for source in open_file(listed[1], listed[0]))


def open_files(files: list[tuple[str, Path]], limits: Limits) -> Iterator[Source]:
    """Every source of some files of the inbox, with its bytes where it is to be read; opened in another process."""
    for (name, _), found in guarded(_open_file, files, limits=limits):
        yield found if isinstance(found, Source) else Source(name, b"", "", "unknown", 0.0, found.code)


def _open_file(listed: tuple[str, Path]) -> Iterator[Source]:
    found = open_file(listed[1], listed[0])
    return (replace(source, data=b"") if source.reason else source for source in found)
