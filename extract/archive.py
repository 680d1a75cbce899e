"""Archives: the members of a .zip, .7z, .rar or .tar.gz file, one at a time, within what one file may unpack to."""

from __future__ import annotations

import io
import lzma
import stat
import tarfile
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from extract.ooxml import DAMAGE, MAX_RATIO, RATIO_COUNTS_FROM
from extract.syllables import count_words

MAX_MEMBER = 200_000_000
MAX_MEMBERS = 10_000
MAX_TOTAL = 1_000_000_000
MAX_DEPTH = 8
"""A forwarded mail with an archive that holds another mail with an archive is still read."""

_LONGEST_NAME = 255
_UTF8_NAME = 0x800
_UNICODE_PATH = b"\x75\x70"
_MARK = "!"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a mail says of itself: when it was received (ISO 8601, UTC), its subject, its sender; each "" if unknown."""

    received: str = ""
    subject: str = ""
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside a container. ``name`` is what the container calls it, which may be anything.

    ``reason`` is "" or the code for why it is passed over or not read; ``format`` is given where the content alone
    would not tell; ``envelope`` is that of the mail around it, ``None`` outside mails; ``within`` names the mails
    between the container and this one, outermost first.
    """

    name: str
    data: bytes
    reason: str = ""
    format: str = ""
    envelope: Envelope | None = None
    within: tuple[str, ...] = ()


@dataclass(slots=True)
class Allowance:
    """What one file of the inbox may still unpack, over all depths; ``fault`` is the code of the limit it ran into."""

    members: int = MAX_MEMBERS
    bytes: int = MAX_TOTAL
    fault: str = ""

    def admits(self, size: int) -> bool:
        """Count one more member of this size; False, and ``fault`` set, when it is too much."""
        if not self.fault:
            self.members -= 1
            self.bytes -= size
            self.fault = "too_many_members" if self.members < 0 else "archive_too_large" if self.bytes < 0 else ""
        return not self.fault


class RefusedError(Exception):
    """A container that must not be unpacked; its text is the message code."""


def zip_members(data: bytes, allowance: Allowance) -> Iterator[Member]:
    """Members of a .zip file in the order of its directory, folders left out. Raises RefusedError or a ``DAMAGE``."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if sum(info.compress_size for info in infos) > len(data):  # members that share their bytes
            raise RefusedError("archive_too_large")
        for info in infos:
            reason = _zip_fault(info)
            if not allowance.admits(0 if reason else info.file_size):
                return
            yield _zip_member(archive, info, reason)


def library_members(data: bytes, allowance: Allowance) -> Iterator[Member]:
    """Members of a .7z, .rar or .cab file. Raises ImportError without the library, its own errors for damaged bytes."""
    import libarchive

    with libarchive.memory_reader(data) as archive:
        for entry in archive:
            if entry.isdir:
                continue
            name = entry.pathname or ""
            if not entry.isreg:
                yield Member(name, b"", "not_a_file")
                continue
            pieces, size = [], 0
            for piece in entry.get_blocks():
                size += len(piece)
                if size > min(MAX_MEMBER, allowance.bytes):
                    break
                pieces.append(piece)
            if not allowance.admits(size):
                return
            yield Member(name, b"".join(pieces)) if size <= MAX_MEMBER else Member(name, b"", "too_large")


def tar_members(data: bytes, allowance: Allowance) -> Iterator[Member]:
    """Members of a .tar file, folders left out. Raises TarError for damaged bytes."""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for info in archive:
            if info.isdir():
                continue
            if not info.isreg():
                yield Member(info.name, b"", "not_a_file")
            elif info.size > MAX_MEMBER or info.issparse():
                yield Member(info.name, b"", "too_large")
            elif not allowance.admits(info.size):
                return
            else:
                stream = archive.extractfile(info)
                yield Member(info.name, b"" if stream is None else stream.read())


def packed_member(data: bytes, allowance: Allowance) -> Iterator[Member]:
    """The one file in a .gz, .bz2 or .xz file, which may be an archive. Raises a ``DAMAGE`` for damaged bytes."""
    import bz2
    import gzip

    openers: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZ": bz2.open, b"\xfd7": lzma.open}
    with openers[data[:2]](io.BytesIO(data)) as stream:
        content = stream.read(MAX_MEMBER + 1)
    if not allowance.admits(len(content)):
        return
    yield Member("", content) if len(content) <= MAX_MEMBER else Member("", b"", "too_large")


def clean_label(name: str) -> str:
    """A member's name as it is shown: parts joined by "/", without steps upwards, drive letters and control letters.

    Nothing is ever opened or written under this name. "" where nothing is left.
    """
    shown = "".join(letter for letter in unicodedata.normalize("NFC", name) if unicodedata.category(letter)[0] != "C")
    parts = [_clean_part(part) for part in shown.replace("\\", "/").split("/")]
    if parts and len(parts[0]) == 2 and parts[0][1] == ":":
        parts = parts[1:]
    return "/".join(part for part in parts if part not in ("", ".", ".."))


def name_of_bytes(raw: bytes) -> str:
    """A file name out of bytes of an unknown encoding: UTF-8, else cp1258 if it makes better Vietnamese, else cp437.

    >>> name_of_bytes("Báo cáo.docx".encode())
    'Báo cáo.docx'
    """
    try:
        return unicodedata.normalize("NFC", raw.decode("utf-8"))
    except UnicodeDecodeError:
        fallback = raw.decode("cp437")
    try:
        vietnamese = unicodedata.normalize("NFC", raw.decode("cp1258"))
    except UnicodeDecodeError:
        return fallback
    return vietnamese if _likeness(vietnamese) > _likeness(fallback) else fallback


def _clean_part(part: str) -> str:
    part = part.strip()[:_LONGEST_NAME]
    return part.rstrip(_MARK) + "_" if part.endswith(_MARK) else part  # "!/" stands before members


def _likeness(name: str) -> int:
    good, bad = count_words(name.replace("_", " ").replace("-", " ").replace(".", " "))
    return good - bad


def _zip_fault(info: zipfile.ZipInfo) -> str:
    """Why a member is not unpacked, by what the directory says of it."""
    if stat.S_ISLNK(info.external_attr >> 16):
        return "not_a_file"
    if info.flag_bits & 1:
        return "encrypted"
    if info.file_size > RATIO_COUNTS_FROM and info.file_size > MAX_RATIO * info.compress_size:
        return "archive_too_large"
    return "too_large" if info.file_size > MAX_MEMBER else ""


def _zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, reason: str) -> Member:
    name = _zip_name(info)
    if reason:
        return Member(name, b"", reason)
    try:
        return Member(name, archive.read(info))
    except NotImplementedError:
        return Member(name, b"", "archive_not_read")
    except DAMAGE:
        return Member(name, b"", "unreadable")


def _zip_name(info: zipfile.ZipInfo) -> str:
    """The name as its writer meant it: many set no flag and write UTF-8, or the code page of their own system."""
    if info.flag_bits & _UTF8_NAME:
        return info.orig_filename
    told = _unicode_path(info.extra)
    try:
        return told or name_of_bytes(info.orig_filename.encode("cp437"))
    except UnicodeEncodeError:
        return info.orig_filename


def _unicode_path(extra: bytes) -> str:
    """The name that the extra field "Info-ZIP Unicode Path" holds, or ""."""
    while len(extra) >= 4:
        size = int.from_bytes(extra[2:4], "little")
        if extra[:2] in (_UNICODE_PATH, _UNICODE_PATH[::-1]) and size > 5:
            return extra[9 : 4 + size].decode("utf-8", "replace")
        extra = extra[4 + size :]
    return ""
