"""Pictures of rows that wait for a person, cut out of the files of the inbox and kept beside the store.

What a run has cut can be published again without the inbox.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from consolidate.contacts import contacts_in
from consolidate.csvfile import replacing
from extract.cage import Limits
from extract.crops import Spot, row_pictures
from extract.guard import guarded
from extract.model import Box, Finding
from extract.source import list_files, open_file

FOLDER = "pictures"
VERSION = 1
"""To be raised when pictures come out otherwise."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A part of a page of a source: its path, content and format, the page, the box in points, read from a picture."""

    source_path: str
    sha256: str
    format: str
    page: int
    box: Box
    scanned: bool

    @property
    def name(self) -> str:
        """The name of the file that the picture is kept in."""
        told = repr((VERSION, self.sha256, self.page, self.box, self.scanned))
        return hashlib.blake2b(told.encode(), digest_size=16).hexdigest() + ".png"


Task = tuple[str, Path, tuple[Wanted, ...]]
"""A file of the inbox by its published name, its path, and what is wanted of it and of what is packed in it."""

Pictures = Callable[[Sequence[Wanted]], Mapping[Wanted, bytes]]
"""Gives the pictures that can be had, as PNG files."""


def no_pictures(wanted: Sequence[Wanted]) -> Mapping[Wanted, bytes]:
    """None of them."""
    return {}


def pictures_of(kept: Path, inbox: Path | None = None, limits: Limits | None = None) -> Pictures:
    """What gives pictures that are kept in a folder, and cuts the others out of an inbox if there is one.

    A part that holds a telephone number or a mail address is never shown.
    """

    def pictures(wanted: Sequence[Wanted]) -> Mapping[Wanted, bytes]:
        open_ones = [one for one in wanted if not (kept / one.name).is_file()]
        if open_ones and inbox is not None and inbox.exists():
            for one, picture in _cut_out(open_ones, inbox, limits):
                with replacing(kept / one.name) as temporary:
                    temporary.write_bytes(picture)
        found = {one: (kept / one.name).read_bytes() for one in wanted if (kept / one.name).is_file()}
        return {one: picture for one, picture in found.items() if picture}

    return pictures


def _cut_out(wanted: Sequence[Wanted], inbox: Path, limits: Limits | None) -> Iterator[tuple[Wanted, bytes]]:
    """The pictures as they are cut, in another process: a page may be made to do harm; b"" for one not to be shown."""
    files: dict[str, list[Wanted]] = {}
    for one in wanted:
        files.setdefault(one.source_path.split("!/")[0], []).append(one)
    paths = dict(list_files(inbox))
    tasks: list[Task] = [(name, paths[name], tuple(asked)) for name, asked in sorted(files.items()) if name in paths]
    for _, found in guarded(cut_rows, tasks, limits=limits):
        if not isinstance(found, Finding):
            one, picture, text = found
            yield one, b"" if contacts_in(text) else picture


def cut_rows(task: Task) -> Iterator[tuple[Wanted, bytes, str]]:
    """The pictures of one file with the text that stands there; none where the programs for it are missing."""
    name, path, wanted = task
    for source in open_file(path, name):
        asked = [one for one in wanted if (one.source_path, one.sha256) == (source.source_path, source.sha256)]
        if not asked:
            continue
        by_spot = {Spot(one.page, one.box, one.scanned): one for one in asked}
        try:
            for spot, picture, text in row_pictures(source.data, source.format, list(by_spot)):
                yield by_spot[spot], picture, text
        except ImportError:
            return
