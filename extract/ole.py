"""The compound file around .doc, .xls and .msg: its streams, and which of them and of its storages stand at its top."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from olefile import OleFileIO

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENTRY = 128
_NONE = 0xFFFFFFFF
_LAST_SECTOR = 0xFFFFFFF9
_HEADER_FAT = 109
MAX_DIRECTORY = 1 << 22


def open_ole(data: bytes) -> OleFileIO:
    """Open a compound file; it is to be closed. Raises OSError for what is none.

    Streams end where they would be larger than the whole file, as damaged ones say: sectors that run in a circle would
    be gone round until memory is full.
    """
    import olefile

    found = olefile.OleFileIO(io.BytesIO(data))
    most = max(len(data), found.minisectorcutoff)  # a smaller stream would be looked for among the small ones
    for entry in found.direntries:
        if entry is not None and entry.size > most:
            entry.size = most
    return found


def top_names(data: bytes) -> frozenset[str]:
    """Names of the streams and storages at the top of a compound file; none when it is damaged.

    Names deeper down are left out: a text document with a workbook embedded is still a text document.
    """
    try:
        size = 1 << struct.unpack_from("<H", data, 30)[0]
        if size not in (512, 4096):
            return frozenset()
        directory = _directory(data, size)
        return frozenset(_names(directory)) if directory else frozenset()
    except (struct.error, IndexError):
        return frozenset()


def _directory(data: bytes, size: int) -> bytes:
    fat = _fat(data, size)
    sector = struct.unpack_from("<I", data, 48)[0]
    parts: list[bytes] = []
    while sector < len(fat) and len(parts) * size < MAX_DIRECTORY:
        parts.append(data[(sector + 1) * size : (sector + 2) * size])
        sector = fat[sector]
    return b"".join(parts)


def _fat(data: bytes, size: int) -> list[int]:
    sectors = list(struct.unpack_from(f"<{_HEADER_FAT}I", data, 76))
    more, per_sector = struct.unpack_from("<I", data, 68)[0], size // 4
    seen: set[int] = set()
    while more <= _LAST_SECTOR and more not in seen:
        seen.add(more)
        *listed, more = struct.unpack_from(f"<{per_sector}I", data, (more + 1) * size)
        sectors.extend(listed)
    fat: list[int] = []
    for sector in dict.fromkeys(sectors):
        if sector <= _LAST_SECTOR and (sector + 2) * size <= len(data) + size - 1:
            piece = data[(sector + 1) * size : (sector + 2) * size].ljust(size, b"\xff")
            fat.extend(struct.unpack(f"<{per_sector}I", piece))
    return fat


def _names(directory: bytes) -> list[str]:
    """Walk the tree of siblings below the root entry."""
    waiting, seen, names = [struct.unpack_from("<I", directory, 76)[0]], set(), []
    while waiting:
        index = waiting.pop()
        if index in seen or (index + 1) * _ENTRY > len(directory):
            continue
        seen.add(index)
        entry = directory[index * _ENTRY : (index + 1) * _ENTRY]
        length, left, right = struct.unpack_from("<H", entry, 64)[0], *struct.unpack_from("<II", entry, 68)
        names.append(entry[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace"))
        waiting += [left, right]
    return names
