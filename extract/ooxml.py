"""The zip package around .docx and .xlsx: is it safe to open, what are its parts, how do they refer to each other."""

from __future__ import annotations

import io
import lzma
import posixpath
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import IO

from lxml import etree

MAX_MEMBERS = 10_000
MAX_UNPACKED = 600_000_000
MAX_PART = 300_000_000
MAX_TREE = 100_000_000
"""A part that is held in memory as a tree takes some ten times its size."""
MAX_RATIO = 250
RATIO_COUNTS_FROM = 50_000_000
"""Repetitive sheets pack well: below this size a high ratio harms nobody."""

RELATIONSHIP = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, OSError, EOFError, RuntimeError, ValueError)
"""What zipfile raises about bytes that are no proper zip file."""

_STRICT = b"http://purl.oclc.org/ooxml/"
_TRANSITIONAL = b"http://schemas.openxmlformats.org/"
_STRICT_NAMES = (b"wordprocessingml/main", b"spreadsheetml/main", b"drawingml/main", b"officeDocument/relationships")


@dataclass(frozen=True, slots=True)
class Package:
    """An open package: the archive, and its members by lower-case part name without a leading slash."""

    archive: zipfile.ZipFile
    members: dict[str, zipfile.ZipInfo]
    relationships: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)
    """Those of the parts that were asked for, by name of the part."""


def open_package(data: bytes) -> Package:
    """Open the bytes of a package. Raises one of ``DAMAGE`` when they are no zip file."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    members = {info.filename.replace("\\", "/").lstrip("/").lower(): info for info in archive.infolist()}
    return Package(archive, members)


def package_fault(data: bytes) -> str:
    """Say why this package must not be parsed: archive_too_large, xml_doctype, encrypted, unreadable, or ""."""
    try:
        package = open_package(data)
        return _size_fault(package, len(data)) or _content_fault(package)
    except DAMAGE:
        return "unreadable"


def open_part(package: Package, name: str) -> IO[bytes]:
    """Open a part for reading; KeyError when the package has none of that name."""
    return package.archive.open(package.members[name.lower()])


def parse_part(package: Package, name: str) -> etree._Element:
    """Parse a part as ``parse_xml`` does. KeyError when absent."""
    return parse_xml(read_part(package, name))


def read_part(package: Package, name: str) -> bytes:
    """Give the bytes of a part, of one over ``MAX_TREE`` a byte more than that. KeyError when absent."""
    with open_part(package, name) as part:
        return part.read(MAX_TREE + 1)


def parse_xml(data: bytes) -> etree._Element:
    """Parse an XML text, strict namespaces changed to transitional ones. XMLSyntaxError when it is broken.

    One over ``MAX_TREE`` is a ValueError, and so is a document type declaration: parts may be named so that no check
    by name finds it.
    """
    if len(data) > MAX_TREE:
        raise ValueError("a part is too large to be read at once")
    if _STRICT in data[:8192]:
        for strict_name in _STRICT_NAMES:
            head, tail = strict_name.split(b"/")
            data = data.replace(_STRICT + strict_name, _TRANSITIONAL + head + b"/2006/" + tail)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, collect_ids=False)
    root = etree.fromstring(data, parser)
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("a document type declaration in an office part")
    return root


def related(package: Package, name: str) -> dict[str, tuple[str, str]]:
    """Relationships of a part ("" for the package): id -> (last word of the type, name of the part it points to)."""
    if name not in package.relationships:
        package.relationships[name] = _read_relationships(package, name)
    return package.relationships[name]


def _read_relationships(package: Package, name: str) -> dict[str, tuple[str, str]]:
    folder, base = posixpath.split(name)
    where = posixpath.join(folder, "_rels", base + ".rels")
    if where.lower() not in package.members:
        return {}
    found = {}
    for item in parse_part(package, where):
        if not isinstance(item.tag, str) or item.get("TargetMode") == "External":
            continue
        target = posixpath.normpath(posixpath.join("/", folder, item.get("Target", ""))).lstrip("/")
        found[item.get("Id", "")] = (item.get("Type", "").rsplit("/", 1)[-1], target)
    return found


def related_part(package: Package, name: str, kind: str) -> str:
    """Name of the first present part that ``name`` refers to as ``kind`` ("styles", "officeDocument" ...), or ""."""
    for found_kind, target in related(package, name).values():
        if found_kind == kind and target.lower() in package.members:
            return target
    return ""


def _size_fault(package: Package, packed: int) -> str:
    members = package.archive.infolist()
    unpacked = sum(info.file_size for info in members)
    largest = max((info.file_size for info in members), default=0)
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or largest > MAX_PART:
        return "archive_too_large"
    if unpacked > RATIO_COUNTS_FROM and unpacked > MAX_RATIO * packed:
        return "archive_too_large"
    if sum(info.compress_size for info in members) > packed:  # members that share their bytes
        return "archive_too_large"
    return "encrypted" if any(info.flag_bits & 1 for info in members) else ""


def _content_fault(package: Package) -> str:
    """Unpack the XML parts once, in pieces: zipfile never gives more than the size a member declares."""
    for name, info in package.members.items():
        if name.endswith((".xml", ".rels", ".vml")) and _has_doctype(package.archive, info):
            return "xml_doctype"
    return ""


def _has_doctype(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bool:
    with archive.open(info) as part:
        tail = b""
        while piece := part.read(1 << 20):
            # a zero byte stands between the letters of UTF-16, in either order
            if b"<!DOCTYPE" in (tail + piece).replace(b"\0", b""):
                return True
            tail = piece[-32:]
    return False
