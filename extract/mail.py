"""Mails: the attachments, forwarded mails and bodies of an .eml file, and the mails of an mbox file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime

from extract.archive import Envelope, Member, name_of_bytes
from extract.tnef import SIGNATURE

LOGO = 150_000
"""A picture shown within the text and smaller than this is a logo; a larger one may be a scanned page."""

_NEXT_MAIL = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\r\n\r\n))From [^\r\n]*\r?\n(?=[A-Za-z][A-Za-z0-9-]*:|>From )")
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
_SHOWN = re.compile(rb"""["'(]cid:([^"')\s>]+)""", re.IGNORECASE)
_SURROGATE = re.compile("[\udc80-\udcff]")
_FIGURE = re.compile(r"[-+]?\d{1,3}(?:[.,\s]?\d{1,3}){0,4}\s?%?")
_TYPES = {
    "text/calendar": "mail_calendar",
    "text/vcard": "mail_vcard",
    "text/x-vcard": "mail_vcard",
    "text/directory": "mail_vcard",
    "application/ms-tnef": "tnef_not_read",
    "application/vnd.ms-tnef": "tnef_not_read",
    "application/pkcs7-signature": "mail_signature",
    "application/x-pkcs7-signature": "mail_signature",
    "application/pgp-signature": "mail_signature",
    "application/pgp-encrypted": "encrypted",
    "application/pkcs7-mime": "encrypted",
    "application/x-pkcs7-mime": "encrypted",
    "text/rfc822-headers": "mail_body",
}
_ENDINGS = {
    ".ics": "mail_calendar",
    ".vcf": "mail_vcard",
    ".p7s": "mail_signature",
    ".p7m": "encrypted",
    "winmail.dat": "tnef_not_read",
}


def eml_members(data: bytes) -> Iterator[Member]:
    """Every part of a mail in its order: attachments, forwarded mails, and what is passed over, with its reason.

    Raises whatever the parser raises about a broken mail.
    """
    message = message_from_bytes(data)
    leaves = list(_leaves(message))
    envelope = envelope_of(message)
    shown = {
        name.decode("latin-1")
        for part in leaves
        if part.get_content_type() == "text/html"
        for name in _SHOWN.findall(_content(part))
    }
    for part in leaves:
        yield _member(part, shown, envelope)


def mbox_members(data: bytes) -> Iterator[Member]:
    """Each mail of an mbox file as a member named by its number."""
    starts = list(_NEXT_MAIL.finditer(data))
    ends = [found.start() for found in starts[1:]] + [len(data)]
    for number, (start, end) in enumerate(zip(starts, ends, strict=True), 1):
        yield Member(f"{number:04d}.eml", _ESCAPED.sub(rb"\1", data[start.end() : end]), format="eml")


def envelope_of(message: Message) -> Envelope:
    """When a mail was received (else sent), what it is about and who sent it, as far as its header tells."""
    headers: dict[str, str] = {}
    for name, value in message.raw_items():
        headers.setdefault(name.lower(), decoded(str(value)))
    received = _date(headers.get("received", "").rpartition(";")[2]) or _date(headers.get("date", ""))
    return Envelope(received, _line(headers.get("subject", "")), _line(headers.get("from", "")))


def decoded(text: str) -> str:
    """A header's text with its encoded words read, and with letters out of bytes whose encoding is not told.

    >>> decoded("=?utf-8?B?QsOhbyBjw6Fv?=")
    'Báo cáo'
    """
    if _SURROGATE.search(text):
        return name_of_bytes(text.encode("utf-8", "surrogateescape"))
    if "=?" not in text:
        return text
    try:
        pieces = decode_header(text.replace('"=?', "=?").replace('?="', "?="))
    except (ValueError, LookupError):
        return text
    found = "".join(piece if isinstance(piece, str) else read_text(piece, charset) for piece, charset in pieces)
    return found or text


def read_text(data: bytes, charset: str | None) -> str:
    """Bytes as text in the encoding they are said to be in, else in UTF-8; what cannot be read is U+FFFD."""
    try:
        return data.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")


def holds_figures(html: str) -> bool:
    """Whether a mail's text shows a table with figures: two lines or more with a short number alone in a cell."""
    from lxml import etree
    from lxml import html as reader

    if "<t" not in html.lower():
        return False
    try:
        root = reader.fromstring(html.encode("utf-8"), parser=reader.HTMLParser(encoding="utf-8"))
    except (etree.LxmlError, ValueError):
        return False
    rows = (row for row in root.iter("tr") if not any(True for _ in row.iterdescendants("table")))
    return (
        sum(
            any(_is_figure("".join(map(str, cell.itertext()))) for cell in row.iterchildren("td", "th")) for row in rows
        )
        >= 2
    )


def body_member(html: str, plain: bytes, envelope: Envelope) -> Member:
    """A mail's own text: a document when it shows a table with figures, else passed over."""
    if holds_figures(html):
        return Member("body.html", html.encode("utf-8-sig"), format="html", envelope=envelope)
    if html:
        return Member("body.html", html.encode("utf-8"), "mail_body", "html", envelope)
    return Member("body.txt", plain, "mail_body", "txt", envelope)


def passed_over(name: str, kind: str) -> str:
    """The code for a part that is no document by its type or name, or ""."""
    named = next((code for ending, code in _ENDINGS.items() if name.lower().endswith(ending)), "")
    return _TYPES.get(kind.lower(), "") or named


def _is_figure(text: str) -> bool:
    text = text.strip()
    return bool(_FIGURE.fullmatch(text)) and sum(map(str.isdigit, text)) <= 9


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that hold content, forwarded mails unopened; a stack, since parts may be nested to any depth."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        _settle(part)
        inner = part.get_payload()
        if isinstance(inner, list) and part.get_content_maintype() != "message":
            waiting += [one for one in reversed(inner) if isinstance(one, Message)]
        else:
            yield part


def _settle(part: Message) -> None:
    """Give headers written in bare bytes the letters they stand for, so that names can be taken out of them."""
    headers = [(name, str(value)) for name, value in part.raw_items()]
    if not any(_SURROGATE.search(value) for _, value in headers):
        return
    for name, _ in headers:
        del part[name]
    for name, value in headers:
        part.set_raw(name, decoded(value) if _SURROGATE.search(value) else value)


def _member(part: Message, shown: set[str], envelope: Envelope) -> Member:
    kind = part.get_content_type()
    name = _file_name(part)
    if kind == "message/rfc822":
        return Member(name or "forwarded.eml", _forwarded(part), format="eml", envelope=envelope)
    data = _content(part)
    reason = "mail_body" if kind.startswith("message/") else passed_over(name, kind)
    if reason == "tnef_not_read" and data.startswith(SIGNATURE):
        reason = ""
    if not reason and not name and kind.startswith("text/") and part.get_content_disposition() != "attachment":
        return body_member(read_text(data, part.get_content_charset()) if kind == "text/html" else "", data, envelope)
    if not reason and kind.startswith("image/") and len(data) < LOGO and _is_shown(part, shown):
        reason = "mail_inline_image"
    return Member(name, data, reason, envelope=envelope)


def _is_shown(part: Message, shown: set[str]) -> bool:
    """Whether a picture is part of the text and not attached to the mail."""
    cid = str(part.get("Content-ID", "")).strip().strip("<>")
    return bool(cid) and (cid in shown or part.get_content_disposition() == "inline")


def _file_name(part: Message) -> str:
    try:
        return decoded(part.get_filename() or "")
    except (ValueError, LookupError, TypeError):  # parameters that contradict each other
        return ""


def _content(part: Message) -> bytes:
    if isinstance(part.get_payload(), list):
        return b"".join(one.as_bytes() for one in part.get_payload() if isinstance(one, Message))
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _forwarded(part: Message) -> bytes:
    """The bytes of a mail within a mail; some programs encode it as if it were a file."""
    inner = part.get_payload()
    first = inner[0] if isinstance(inner, list) and inner else None
    if not isinstance(first, Message):
        return _content(part)
    if not first.keys() and str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":
        first["Content-Transfer-Encoding"] = "base64"
        return _content(first)
    return first.as_bytes()


def _date(text: str) -> str:
    """A date of a header as ISO 8601 in UTC, so that dates compare as text; "" when it is none."""
    try:
        when = parsedate_to_datetime(" ".join(text.split()))
        return (when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def _line(text: str) -> str:
    return " ".join(text.split())
