"""Mails that Outlook saved (.msg): attachments, mails within mails, and the text, out of a compound file."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from extract.archive import Envelope, Member, name_of_bytes
from extract.mail import LOGO, body_member, passed_over
from extract.ole import open_ole

_SUBJECT, _SENDER_NAME, _SENDER_MAIL, _SENDER_SMTP = "0037", "0C1A", "0C1F", "5D01"
_BODY, _HTML = "1000", "1013"
_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME, _MIME, _CONTENT_ID = "3707", "3704", "3001", "370E", "3712"
_DATA, _METHOD, _FLAGS, _HIDDEN = "3701", 0x37050003, 0x37140003, 0x7FFE000B
_DELIVERED, _SENT = 0x0E060040, 0x00390040
_EMBEDDED, _OLE_OBJECT = 5, 6
_SHOWN_IN_TEXT = 4
_ROOT_HEADER, _MAIL_HEADER, _PART_HEADER = 32, 24, 8
_FILETIME_START = datetime(1601, 1, 1, tzinfo=UTC)

Path = tuple[str, ...]


def msg_members(data: bytes, depth: int) -> Iterator[Member]:
    """The text and the attachments of a mail, and those of mails within it down to ``depth`` ("inner.msg!/x.docx").

    Raises whatever the reader of compound files raises about broken ones.
    """
    with open_ole(data) as file:
        yield from _mail(file, (), (), _ROOT_HEADER, depth)


def _mail(file: Any, at: Path, within: Path, header: int, depth: int) -> Iterator[Member]:
    envelope = _envelope(file, at, header)
    html, plain = _binary(file, at, _HTML), _text(file, at, _BODY)
    if html or plain:
        body = body_member(name_of_bytes(html) if html else "", plain.encode("utf-8", "replace"), envelope)
        yield replace(body, within=within)
    for part in _attachments(file, at):
        yield from _attachment(file, (*at, part), within, envelope, depth)


def _attachment(file: Any, at: Path, within: Path, envelope: Envelope, depth: int) -> Iterator[Member]:
    name = _text(file, at, _LONG_NAME) or _text(file, at, _SHORT_NAME) or _text(file, at, _DISPLAY_NAME)
    fixed = _fixed(file, at, _PART_HEADER)
    method = fixed.get(_METHOD, 0) & 0xFFFFFFFF
    inner = (*at, f"__substg1.0_{_DATA}000D")
    if method == _EMBEDDED and file.exists([*inner, "__properties_version1.0"]):
        label = (name or "forwarded") + ".msg"
        if depth <= 1:
            yield Member(label, b"", "nested_too_deep", "msg", envelope, within)
            return
        yield Member(label, b"", "container", "msg", envelope, within)
        yield from _mail(file, inner, (*within, label), _MAIL_HEADER, depth - 1)
        return
    data = _binary(file, at, _DATA)
    reason = "object_not_read" if method == _OLE_OBJECT else passed_over(name, _text(file, at, _MIME))
    if not reason and len(data) < LOGO and _is_shown(file, at, fixed):
        reason = "mail_inline_image"
    yield Member(name, data, reason, envelope=envelope, within=within)


def _is_shown(file: Any, at: Path, fixed: dict[int, int]) -> bool:
    """Whether a picture is part of the text: hidden from the list of attachments, or marked so."""
    in_text = fixed.get(_HIDDEN, 0) & 1 or fixed.get(_FLAGS, 0) & _SHOWN_IN_TEXT
    return bool(in_text) and bool(_text(file, at, _CONTENT_ID))


def _attachments(file: Any, at: Path) -> list[str]:
    """The storages of the attachments in their order."""
    depth = len(at)
    found = {
        entry[depth]
        for entry in file.listdir(streams=True, storages=True)
        if tuple(entry[:depth]) == at and len(entry) > depth and entry[depth].lower().startswith("__attach_version1.0_")
    }
    return sorted(found)


def _envelope(file: Any, at: Path, header: int) -> Envelope:
    fixed = _fixed(file, at, header)
    address = _text(file, at, _SENDER_SMTP) or _text(file, at, _SENDER_MAIL)
    name = _text(file, at, _SENDER_NAME)
    sender = f"{name} <{address}>" if address and address != name else name
    received = _date(fixed.get(_DELIVERED, 0) or fixed.get(_SENT, 0))
    return Envelope(received, " ".join(_text(file, at, _SUBJECT).split()), " ".join(sender.split()))


def _date(ticks: int) -> str:
    """A count of 100 ns since 1601 as ISO 8601; "" for none and for what no calendar holds."""
    try:
        return (_FILETIME_START + timedelta(seconds=ticks // 10_000_000)).isoformat() if ticks else ""
    except OverflowError:
        return ""


def _fixed(file: Any, at: Path, header: int) -> dict[int, int]:
    """The properties of fixed length by their tag, each as a whole number."""
    data = _stream(file, (*at, "__properties_version1.0"))
    count = max(0, len(data) - header) // 16
    entries = (struct.unpack_from("<IIQ", data, header + 16 * index) for index in range(count))
    return {tag: value for tag, _, value in entries}


def _text(file: Any, at: Path, tag: str) -> str:
    wide = _stream(file, (*at, f"__substg1.0_{tag}001F"))
    if wide:
        return wide.decode("utf-16-le", "replace").rstrip("\0")
    return name_of_bytes(_stream(file, (*at, f"__substg1.0_{tag}001E"))).rstrip("\0")


def _binary(file: Any, at: Path, tag: str) -> bytes:
    return _stream(file, (*at, f"__substg1.0_{tag}0102"))


def _stream(file: Any, path: Path) -> bytes:
    """The bytes of a stream; none where it is absent."""
    if not file.exists(list(path)) or file.get_type(list(path)) != 2:
        return b""
    with file.openstream(list(path)) as stream:
        data: bytes = stream.read()
    return data
