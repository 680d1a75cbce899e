"""The winmail.dat files that Outlook sends in the place of attachments."""

from __future__ import annotations

import random
import struct
from email.message import EmailMessage
from pathlib import Path

from extract.source import open_sources

REPORT = b"%PDF-1.4\nstands for a report"


def attribute(tag: int, data: bytes) -> bytes:
    return struct.pack("<BHHI", 2, tag, 6, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def padded(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data + bytes(-len(data) % 4)


def properties(name: str, inner: bytes = b"") -> bytes:
    found = [
        struct.pack("<HHI", 0x03, 0x3705, 1),  # a number
        struct.pack("<HH", 0x1003, 0x1234) + struct.pack("<III", 2, 7, 8),  # numbers
        struct.pack("<HH", 0x1F, 0x8001) + bytes(16) + struct.pack("<I", 1) + padded("tên".encode("utf-16-le"))
        + struct.pack("<I", 1) + padded("x\0".encode("utf-16-le")),
        struct.pack("<HHI", 0x1F, 0x3707, 1) + padded((name + "\0").encode("utf-16-le")),
    ]  # fmt: skip
    if inner:
        found.append(struct.pack("<HHI", 0x0D, 0x3701, 1) + padded(bytes(16) + inner))
    return struct.pack("<I", len(found)) + b"".join(found)


def winmail(*attachments: bytes) -> bytes:
    begins = attribute(0x9002, bytes(14))
    return b"\x78\x9f\x3e\x22\1\0" + attribute(0x9006, bytes(4)) + b"".join(begins + one for one in attachments)


def report(name: str = "Báo cáo quý II.pdf") -> bytes:
    return attribute(0x8010, b"BAOCAO~1.PDF\0") + attribute(0x800F, REPORT) + attribute(0x9005, properties(name))


def opened(folder: Path, data: bytes) -> dict[str, str]:
    (folder / "winmail.dat").write_bytes(data)
    return {source.source_path: source.reason for source in open_sources(folder)}


def test_attachments_come_out_of_a_winmail_file_with_their_long_names(tmp_path: Path) -> None:
    inner = attribute(0x9005, properties("Chuyển tiếp", winmail(report("trong.pdf"))))
    assert opened(tmp_path, winmail(report(), attribute(0x8010, b"a.pdf\0") + attribute(0x800F, REPORT), inner)) == {
        "winmail.dat!/Báo cáo quý II.pdf": "",
        "winmail.dat!/a.pdf": "",
        "winmail.dat!/Chuyển tiếp!/trong.pdf": "",
        "winmail.dat!/Chuyển tiếp": "container",
        "winmail.dat": "container",
    }


def test_a_winmail_file_in_a_mail_is_opened_and_one_that_is_cut_short_is_named(tmp_path: Path) -> None:
    made = EmailMessage()
    made["From"], made["Subject"] = "a@example.vn", "Báo cáo"
    made.set_content("Kính gửi")
    whole = winmail(report())
    made.add_attachment(whole, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    made.add_attachment(whole[:-9], maintype="application", subtype="ms-tnef", filename="winmail2.dat")
    (tmp_path / "a.eml").write_bytes(made.as_bytes())
    found = {source.source_path: source.reason for source in open_sources(tmp_path)}
    assert found["a.eml!/winmail.dat!/Báo cáo quý II.pdf"] == ""
    assert (found["a.eml!/winmail.dat"], found["a.eml!/winmail2.dat"]) == ("container", "tnef_not_read")


def test_whatever_is_broken_in_a_winmail_file_it_has_its_reason(tmp_path: Path) -> None:
    chance = random.Random(1)
    for _ in range(200):
        data = bytearray(winmail(report(), report("b.pdf")))
        for _ in range(chance.choice((1, 3, 20))):
            data[chance.randrange(6, len(data))] = chance.randrange(256)
        assert opened(tmp_path, bytes(data))["winmail.dat"] in ("container", "container_empty", "tnef_not_read")
