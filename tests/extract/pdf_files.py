"""Small PDF files written by hand, so that a test says itself what stands on the page."""

from __future__ import annotations

from collections.abc import Sequence


def pdf(
    pages: Sequence[str], fonts: str = "/F1 5 0 R", extra: Sequence[str] = (), page_entries: str | Sequence[str] = ""
) -> bytes:
    """A file with one content stream a page; F1 is Helvetica in WinAnsiEncoding, ``extra`` objects are 6, 7 ...

    ``page_entries`` are further entries of the page dictionary, for all pages or for each.
    """
    entries = [page_entries] * len(pages) if isinstance(page_entries, str) else page_entries
    first = 6 + len(extra)
    kids = " ".join(f"{first + 2 * at} 0 R" for at in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} /MediaBox [0 0 595 842] >>",
        "<< >>",
        "<< >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        *extra,
    ]
    for at, content in enumerate(pages):
        stream = f"{first + 2 * at + 1} 0 R"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /Contents {stream} {entries[at]} /Resources << /Font << {fonts} >> "
            f"/XObject << {' '.join(f'/X{n} {n} 0 R' for n in range(6, first))} >> >> >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    return _file(objects)


def _file(objects: Sequence[str]) -> bytes:
    out = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    tail = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\n"
    return out + f"{tail}startxref\n{len(out)}\n%%EOF\n".encode("latin-1")


def text(x: float, y: float, words: str, size: float = 10, font: str = "F1") -> str:
    """Show a string with its baseline at ``y`` points above the foot of the page."""
    escaped = words.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /{font} {size} Tf {x} {y} Td ({escaped}) Tj ET\n"


def rules(xs: Sequence[float], ys: Sequence[float]) -> str:
    """Draw a full grid of lines."""
    across = "".join(f"{xs[0]} {y} m {xs[-1]} {y} l S\n" for y in ys)
    return across + "".join(f"{x} {ys[0]} m {x} {ys[-1]} l S\n" for x in xs)


def table(xs: Sequence[float], top: float, rows: Sequence[Sequence[str]], height: float = 20) -> str:
    """Draw a ruled table of one-line cells, from ``top`` points above the foot of the page downwards."""
    ys = [top - height * at for at in range(len(rows) + 1)]
    cells = (
        text(xs[column] + 3, ys[row + 1] + 6, words)
        for row, line in enumerate(rows)
        for column, words in enumerate(line)
        if words
    )
    return rules(xs, ys) + "".join(cells)
