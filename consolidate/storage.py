"""Folders on other storage, by the addresses that fsspec knows (``s3://bucket/inbox``): copied here, and back."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

Location = Path | str
"""A folder or file of this machine, or an address on other storage."""


def location(text: str) -> Location:
    """A path as it is typed, or an address, which has ``://`` in it."""
    return text if "://" in text else Path(text)


def can_reach(place: Location) -> bool:
    """Whether what reads and writes other storage is installed, where it is needed."""
    return isinstance(place, Path) or importlib.util.find_spec("fsspec") is not None


@contextmanager
def inbox_here(inbox: Location) -> Iterator[Path]:
    """The inbox as a folder of this machine: a copy, with the times of its files, where it lies elsewhere.

    Raises OSError when it cannot be read.
    """
    if isinstance(inbox, Path):
        yield inbox
        return
    with tempfile.TemporaryDirectory(prefix="tonghop-inbox-") as name:
        folder = Path(name, "inbox")
        folder.mkdir()
        files, root = _open(inbox)
        for path, about in sorted(files.find(root, detail=True).items()):
            target = folder / (_below(path, root) or path.rpartition("/")[2])
            target.parent.mkdir(parents=True, exist_ok=True)
            files.get_file(path, str(target))
            os.utime(target, (_modified(about), _modified(about)))
        if not any(folder.iterdir()) and not files.exists(root):
            raise FileNotFoundError(None, "no such folder", inbox)
        yield folder


@contextmanager
def output_here(out: Location) -> Iterator[Path]:
    """The output folder as one of this machine; where it lies elsewhere, what changed is written back at the end.

    The store is written last: a run that breaks off before leaves the one that was there. Two runs at the same time are
    refused on one machine alone. Raises OSError when it cannot be read or written.
    """
    if isinstance(out, Path):
        yield out
        return
    with tempfile.TemporaryDirectory(prefix="tonghop-out-") as name:
        folder = Path(name, "out")
        folder.mkdir()
        files, root = _open(out)
        before: dict[str, str] = {}
        for path in sorted(files.find(root)) if files.exists(root) else ():
            target = folder / _below(path, root)
            target.parent.mkdir(parents=True, exist_ok=True)
            files.get_file(path, str(target))
            before[_below(path, root)] = _hash(target)
        yield folder
        _write_back(files, root, folder, before)


def _write_back(files: Any, root: str, folder: Path, before: dict[str, str]) -> None:
    after = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    for name in sorted(after, key=_store_last):
        if before.get(name) != _hash(after[name]):
            target = f"{root}/{name}"
            files.makedirs(target.rpartition("/")[0], exist_ok=True)
            files.put_file(str(after[name]), target)
    for name in sorted(before.keys() - after.keys()):
        files.rm_file(f"{root}/{name}")


def _store_last(name: str) -> tuple[bool, str]:
    return name.startswith("."), name


def _open(address: str) -> tuple[Any, str]:
    """The file system of an address, and the path on it."""
    from fsspec.core import url_to_fs

    files, root = url_to_fs(address)
    return files, root.rstrip("/")


def _below(path: str, root: str) -> str:
    return path.removeprefix(root).lstrip("/")


def _modified(about: dict[str, Any]) -> float:
    """When a file was last written, by whichever name its storage gives that; 0 where it does not say."""
    for name in ("mtime", "LastModified", "last_modified", "updated", "created"):
        when = about.get(name)
        if isinstance(when, datetime):
            return when.timestamp()
        if isinstance(when, int | float):
            return float(when)
    return 0.0


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
