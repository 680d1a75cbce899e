"""PDF files as agencies make them: printed by LibreOffice, and with fonts that forget what their letters are."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pikepdf

SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>vi</value></prop>
</item></oor:items>
"""
"""Numbers are shown the Vietnamese way, as on the computers of the offices."""

RANGE = re.compile(r"<(\w+)>\s*<(\w+)>\s*<(\w+)>")
PAIR = re.compile(r"<(\w+)>\s*<(\w+)>")
BLOCK = re.compile(r"\d+\s+begin(bfchar|bfrange)(.*?)end\1\s*", re.DOTALL)


def pdf_of(source: Path, target: Path) -> None:
    """Print an office file to PDF with LibreOffice and remove the date; ``RuntimeError`` when it makes none."""
    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder, "profile", "user")
        profile.mkdir(parents=True)
        (profile / "registrymodifications.xcu").write_text(SETTINGS, encoding="utf-8")
        copy = shutil.copy(source, Path(folder, "report" + source.suffix))
        command = ["soffice", f"-env:UserInstallation={profile.parent.as_uri()}", "--headless", "--convert-to", "pdf"]
        done = subprocess.run(
            [*command, "--outdir", folder, str(copy)], capture_output=True, text=True, timeout=300, check=False
        )
        printed = Path(folder, "report.pdf")
        if not printed.exists():
            raise RuntimeError(f"{source.name} was not printed: {done.stderr.strip()}")
        with pikepdf.open(printed) as pdf:
            _save(pdf, target)


def break_tounicode(source: Path, target: Path) -> int:
    """Keep in each font's ToUnicode map only letters up to U+00FF; returns the number of codes made mute.

    The page still looks right, as the glyphs stay; the text layer loses or confuses the other letters.
    """
    mute = 0
    with pikepdf.open(source) as pdf:
        for font in _fonts(pdf):
            if "/ToUnicode" in font:
                text = font.ToUnicode.read_bytes().decode("latin-1")
                known = dict(_entries(text))
                kept = {code: letters for code, letters in known.items() if _latin1(letters)}
                mute += len(known) - len(kept)
                font.ToUnicode = pdf.make_stream(_map_of(text, kept).encode("latin-1"))
        _save(pdf, target)
    return mute


def _save(pdf: pikepdf.Pdf, target: Path) -> None:
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        metadata.clear()
    for key in ("/CreationDate", "/ModDate", "/Title"):
        if key in pdf.docinfo:
            del pdf.docinfo[key]
    for key in ("/DocChecksum", "/ID"):
        if key in pdf.trailer:
            del pdf.trailer[key]
    pdf.save(target, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def _fonts(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    for item in pdf.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font":
            yield item


def _entries(text: str) -> Iterator[tuple[str, str]]:
    """Yield (code, letters) of a character map, both as hex digits, ranges written out."""
    for kind, body in BLOCK.findall(text):
        if kind == "bfchar":
            yield from PAIR.findall(body)
            continue
        for first, last, letters in RANGE.findall(body):
            for step in range(int(last, 16) - int(first, 16) + 1):
                yield f"{int(first, 16) + step:0{len(first)}X}", f"{int(letters, 16) + step:0{len(letters)}X}"


def _latin1(letters: str) -> bool:
    return all(ord(letter) <= 0xFF for letter in bytes.fromhex(letters).decode("utf-16-be"))


def _map_of(text: str, entries: dict[str, str]) -> str:
    lines = [f"<{code}> <{letters}>" for code, letters in entries.items()]
    blocks = [lines[start : start + 100] for start in range(0, len(lines), 100)]
    body = "".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar\n" for block in blocks)
    start = BLOCK.search(text)
    assert start, "a character map without entries"
    return text[: start.start()] + body + BLOCK.sub("", text[start.start() :])
