from __future__ import annotations

import base64
from email.message import EmailMessage
from pathlib import Path

import pytest

from extract.mail import decoded, holds_figures
from extract.source import Source, open_sources
from tests.extract.compound_files import attachment, compound_file, message

DOCX = b"%PDF-1.4\nstands for a report"
FIGURES = "<table><tr><td>Tổng số máy tính<td>58</tr><tr><td>Máy chủ<td>1.234</tr></table>"
LOGO = b"\x89PNG\r\n\x1a\n" + bytes(500)


def opened(folder: Path, name: str, data: bytes) -> dict[str, Source]:
    (folder / name).write_bytes(data)
    found = list(open_sources(folder))
    assert len({source.source_path for source in found}) == len(found)
    return {source.source_path: source for source in found}


def reasons(found: dict[str, Source]) -> dict[str, str]:
    return {path.partition("!/")[2]: source.reason for path, source in found.items()}


def mail(subject: str = "Báo cáo quý II", text: str = "Kính gửi") -> EmailMessage:
    made = EmailMessage()
    made["From"] = "Phòng Tổng hợp <tonghop@example.vn>"
    made["Subject"] = subject
    made["Date"] = "Fri, 05 Jul 2019 09:00:00 +0700"
    made.set_content(text)
    return made


def attach(made: EmailMessage, data: bytes, kind: str = "application/octet-stream", **more: str) -> None:
    main, sub = kind.split("/")
    made.add_attachment(data, maintype=main, subtype=sub, **more)


def test_an_attachment_is_a_source_with_what_the_mail_says(tmp_path: Path) -> None:
    made = mail()
    attach(made, DOCX, filename="Báo cáo ứng dụng CNTT.docx")
    found = opened(tmp_path, "thu.eml", made.as_bytes())
    source = found["thu.eml!/Báo cáo ứng dụng CNTT.docx"]
    assert (source.data, source.format, source.reason) == (DOCX, "pdf", "")
    assert source.received == "2019-07-05T02:00:00+00:00"
    assert (source.subject, source.sender) == ("Báo cáo quý II", "Phòng Tổng hợp <tonghop@example.vn>")
    assert (found["thu.eml"].reason, found["thu.eml!/body.txt"].reason) == ("container", "mail_body")


def test_when_a_mail_arrived_goes_before_when_it_says_it_was_sent(tmp_path: Path) -> None:
    data = b"Received: from a by b; Mon, 08 Jul 2019 00:00:00 +0000\r\n" + mail().as_bytes()
    assert opened(tmp_path, "a.eml", data)["a.eml!/body.txt"].received == "2019-07-08T00:00:00+00:00"


NAME = "Báo cáo quý II.docx"


@pytest.mark.parametrize(
    "header",
    [
        b'filename="=?utf-8?B?' + base64.b64encode(NAME.encode()) + b'?="',
        b"filename==?utf-8?Q?B=C3=A1o_c=C3=A1o_qu=C3=BD_II=2Edocx?=",
        b"filename*=utf-8''B%C3%A1o%20c%C3%A1o%20qu%C3%BD%20II.docx",
        b"filename*0*=utf-8''B%C3%A1o%20c%C3%A1o;\r\n filename*1*=%20qu%C3%BD%20II.docx",
        b'filename="' + NAME.encode() + b'"',
        b'filename="B\xe1o c\xe1o quy\xec II.docx"',
    ],
)
def test_names_are_read_however_they_are_encoded(tmp_path: Path, header: bytes) -> None:
    data = b"From: a@example.vn\r\nSubject: x\r\nContent-Type: application/octet-stream\r\n"
    data += b"Content-Disposition: attachment; " + header + b"\r\n\r\n" + DOCX
    assert opened(tmp_path, "a.eml", data)[f"a.eml!/{NAME}"].data == DOCX


def test_a_forwarded_mail_is_opened_and_keeps_its_own_date(tmp_path: Path) -> None:
    inner = mail("Báo cáo gốc")
    attach(inner, DOCX, filename="goc.docx")
    outer = EmailMessage()
    outer["From"], outer["Subject"], outer["Date"] = "b@example.vn", "Fwd", "Mon, 08 Jul 2019 00:00:00 +0000"
    outer.set_content("xem")
    outer.add_attachment(inner)
    source = opened(tmp_path, "a.eml", outer.as_bytes())["a.eml!/forwarded.eml!/goc.docx"]
    assert (source.data, source.subject, source.received) == (DOCX, "Báo cáo gốc", "2019-07-05T02:00:00+00:00")


def test_what_is_no_report_is_passed_over_with_its_reason(tmp_path: Path) -> None:
    made = mail()
    made.add_alternative('<p>Kính gửi</p><img src="cid:logo">', subtype="html")
    attach(made, LOGO, "image/png", filename="logo.png", cid="<logo>", disposition="inline")
    attach(made, LOGO, "image/png", filename="scan.png")
    attach(made, LOGO + bytes(200_000), "image/png", filename="trang.png", cid="<page>", disposition="inline")
    attach(made, b"BEGIN:VCALENDAR", "text/calendar", filename="hop.ics")
    attach(made, b"BEGIN:VCARD", "application/octet-stream", filename="A.VCF")
    attach(made, b"x", "application/ms-tnef", filename="winmail.dat")
    attach(made, b"x", "application/pkcs7-signature", filename="smime.p7s")
    found = reasons(opened(tmp_path, "a.eml", made.as_bytes()))
    told = {name: reason for name, reason in found.items() if name not in ("scan.png", "trang.png")}
    assert told == {
        "": "container",
        "body.txt": "mail_body",
        "body.html": "mail_body",
        "logo.png": "mail_inline_image",
        "hop.ics": "mail_calendar",
        "A.VCF": "mail_vcard",
        "winmail.dat": "tnef_not_read",
        "smime.p7s": "mail_signature",
    }
    assert not {found["scan.png"], found["trang.png"]} & {"mail_inline_image"}


def test_a_mail_whose_text_is_a_table_of_figures_is_a_document(tmp_path: Path) -> None:
    made = mail()
    made.add_alternative(FIGURES, subtype="html", charset="utf-8", cte="quoted-printable")
    source = opened(tmp_path, "a.eml", made.as_bytes())["a.eml!/body.html"]
    assert (source.format, source.reason != "mail_body") == ("html", True)
    assert "Tổng số máy tính" in source.data.decode("utf-8-sig")


@pytest.mark.parametrize(
    "html",
    [
        "<p>58</p>",
        "<table><tr><td><b>Nguyễn A</b></td></tr><tr><td>0207 3822 456</td></tr><tr><td>Hà Nội</td></tr></table>",
        "<table><tr><td><table><tr><td>58</td></tr></table></td></tr></table>",
        "<table",
    ],
)
def test_a_table_for_the_layout_alone_is_no_document(html: str) -> None:
    assert not holds_figures(html)


def test_one_name_twice_gives_two_sources(tmp_path: Path) -> None:
    made = mail()
    for data in (b"%PDF-1 a", b"%PDF-1 b"):
        attach(made, data, filename="x.pdf")
    assert {"x.pdf", "x (2).pdf"} <= reasons(opened(tmp_path, "a.eml", made.as_bytes())).keys()


def test_parts_nested_a_thousandfold_are_no_danger(tmp_path: Path) -> None:
    data = b"From: a\nSubject: b\n"
    for depth in range(1000):
        data += b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (depth, depth)
    found = opened(tmp_path, "a.eml", data)
    assert found["a.eml"].reason in ("container", "container_empty", "unreadable")


def test_an_mbox_gives_each_of_its_mails(tmp_path: Path) -> None:
    data = b""
    for number in range(3):
        made = mail(f"thư {number}", "dòng\n\nFrom here on it is text\n")
        attach(made, DOCX + b"%d" % number, filename="x.pdf")
        body = made.as_bytes().replace(b"\nFrom ", b"\n>From ")
        data += b"From a@example.vn Fri Jul  5 09:00:00 2019\n" + body + b"\n\n"
    found = opened(tmp_path, "box", data)
    subjects = [found[f"box!/000{number}.eml!/x.pdf"].subject for number in (1, 2, 3)]
    assert subjects == ["thư 0", "thư 1", "thư 2"]
    assert len(found) == 3 * 3 + 1


def test_the_mails_of_a_maildir_are_read_and_half_delivered_ones_are_not(tmp_path: Path) -> None:
    for folder in ("cur", "new", "tmp"):
        (tmp_path / folder).mkdir()
        made = mail(folder)
        attach(made, DOCX, filename="x.pdf")
        (tmp_path / folder / "1562292000.M1P2.host:2,S").write_bytes(made.as_bytes())
    paths = [source.source_path for source in open_sources(tmp_path)]
    assert [path.split("/")[0] for path in paths if path.endswith("x.pdf")] == ["cur", "new"]


def test_an_outlook_mail_is_opened_with_mails_in_it(tmp_path: Path) -> None:
    delivered = {0x0E060040: 132_069_024_000_000_000}  # 2019-07-06 16:00 UTC
    about = {"0037": "Báo cáo quý", "0C1A": "Phòng Tổng hợp", "5D01": "tonghop@example.vn", "1000": "Kính gửi"}
    inner = message({"0037": "thư gốc"}, header=24, __at_0=attachment("bảng.xlsx", b"%PDF-1 inner"))
    tree = message(
        about,
        delivered,
        __at_0=attachment("Báo cáo.docx", DOCX + bytes(6000)),
        __at_1=attachment("logo.png", LOGO, {0x37140003: 4}, t3712="logo"),
        __at_2=attachment("chuyển tiếp", inner),
        __at_3=attachment("họp.ics", b"BEGIN:VCALENDAR"),
    )
    found = opened(tmp_path, "a.msg", compound_file(tree))
    source = found["a.msg!/Báo cáo.docx"]
    assert (source.format, source.received) == ("pdf", "2019-07-06T16:00:00+00:00")
    assert (source.subject, source.sender) == ("Báo cáo quý", "Phòng Tổng hợp <tonghop@example.vn>")
    assert source.data == DOCX + bytes(6000)
    assert found["a.msg!/chuyển tiếp.msg!/bảng.xlsx"].subject == "thư gốc"
    told = reasons(found)
    assert [told[name] for name in ("body.txt", "logo.png", "họp.ics", "chuyển tiếp.msg", "")] == [
        "mail_body",
        "mail_inline_image",
        "mail_calendar",
        "container",
        "container",
    ]


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_an_outlook_mail_cut_short_has_a_row(tmp_path: Path, share: float) -> None:
    data = compound_file(message({"0037": "x"}, __at_0=attachment("x.pdf", DOCX + bytes(9000))))
    found = opened(tmp_path, "a.msg", data[: int(len(data) * share)])
    assert found["a.msg"].reason


def test_an_unknown_charset_does_no_harm() -> None:
    assert decoded("=?x-none?B?QsOhbw==?=") == "Báo"
    assert decoded("=?utf-8?B?!!!?=") == "=?utf-8?B?!!!?="
