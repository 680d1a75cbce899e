"""Word files that are one XML text, of Word 2003 or as a flat package: turned into a .docx and read as such."""

from __future__ import annotations

import base64
import io
import zipfile
from dataclasses import replace

from lxml import etree

from extract.model import Document
from extract.ooxml import parse_xml
from extract.word import read_docx
from extract.word_numbering import W

_OLD = "{http://schemas.microsoft.com/office/word/2003/wordml}"
_HINT = "{http://schemas.microsoft.com/office/word/2003/auxHint}"
_NOTE = "{http://schemas.microsoft.com/aml/2001/core}"
_FLAT = "{http://schemas.microsoft.com/office/2006/xmlPackage}"
_RENAMED = {"vmerge": "vMerge", "hmerge": "hMerge", "hlink": "hyperlink"}
_ATTRIBUTES = {"h-ansi": "hAnsi", "fareast": "eastAsia"}
_PAGES = {"even": "even", "first": "first"}
_DELETIONS = frozenset({"Word.Deletion", "Word.Comment", "Word.Formatting", "Word.Numbering"})
_HOLDERS = frozenset(W + name for name in ("body", "p", "tbl", "tc", "tr", "smartTag"))
_HELD = frozenset(_OLD + name for name in ("p", "r", "tbl", "tc", "tr"))
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def read_word_xml(data: bytes, sha256: str) -> Document:
    """Read the bytes of a Word XML text into a Document as ``read_docx`` does.

    Numbers of lists are those that Word wrote beside each paragraph. Raises what the XML parser raises about a damaged
    file, KeyError without a body.
    """
    root = parse_xml(data)
    parts = _flat_parts(root) if root.tag.startswith(_FLAT) else _old_parts(root)
    return replace(read_docx(_packed(parts), sha256), format="word-xml")


def _packed(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return buffer.getvalue()


def _flat_parts(root: etree._Element) -> dict[str, bytes]:
    """The parts of a package that was written as one text."""
    parts = {}
    for part in root.iterchildren(_FLAT + "part"):
        name = part.get(_FLAT + "name", "").lstrip("/")
        for content in part.iterchildren(_FLAT + "xmlData", _FLAT + "binaryData"):
            inner = next(content.iterchildren("*"), None)
            parts[name] = base64.b64decode(content.text or "") if inner is None else etree.tostring(inner)
    return parts


def _old_parts(root: etree._Element) -> dict[str, bytes]:
    """The parts that the one text of Word 2003 would have in a package."""
    _leave_out_deletions(root)
    _write_labels(root)
    _rename(root)
    parts: dict[str, bytes] = {}
    relations = []
    for number, margin in enumerate(list(root.iter(W + "hdr", W + "ftr")), 1):
        kind = "header" if margin.tag == W + "hdr" else "footer"
        shown = _PAGES.get(margin.get(W + "type", ""), "default")
        reference = etree.Element(f"{W}{kind}Reference", {_LINK: f"r{number}", W + "type": shown})
        relations.append((f"r{number}", kind, f"{kind}{number}.xml"))
        holder = margin.getparent()
        if holder is not None:
            holder.replace(margin, reference)
        parts[f"word/{kind}{number}.xml"] = etree.tostring(margin, with_tail=False)
    styles = root.find(W + "styles")
    if styles is not None:
        relations.append(("s", "styles", "styles.xml"))
        parts["word/styles.xml"] = etree.tostring(styles, with_tail=False)
    notes = _notes(root)
    if notes is not None:
        relations.append(("n", "footnotes", "footnotes.xml"))
        parts["word/footnotes.xml"] = etree.tostring(notes)
    parts["word/document.xml"] = etree.tostring(root)
    parts["word/_rels/document.xml.rels"] = _relationships(relations)
    parts["_rels/.rels"] = _relationships([("d", "officeDocument", "word/document.xml")])
    return parts


def _leave_out_deletions(root: etree._Element) -> None:
    """Take out what tracked changes deleted, and open the wrappers around what they inserted."""
    for change in list(root.iter(_NOTE + "annotation")):
        holder = change.getparent()
        if holder is None:
            continue
        kept = [] if change.get(_OLD + "type") in _DELETIONS else _inserted(change)
        place = holder.index(change)
        holder[place : place + 1] = kept


def _inserted(change: etree._Element) -> list[etree._Element]:
    return [item for content in change.iterchildren(_NOTE + "content") for item in content]


def _write_labels(root: etree._Element) -> None:
    """Put the number or bullet of a list, which is noted beside its paragraph, in front of the text."""
    for paragraph in root.iter(_OLD + "p"):
        label = paragraph.find(f"{_OLD}pPr/{_OLD}listPr/{_HINT}t")
        text = "" if label is None else label.get(_HINT + "val", "")
        if not text:
            continue
        run = etree.Element(_OLD + "r")
        etree.SubElement(run, _OLD + "t").text = text + " "
        paragraph.insert(1, run)


def _rename(root: etree._Element) -> None:
    """Give elements and attributes the names that they have had since 2007; open what only groups others."""
    for element in list(root.iter("*")):
        if element.tag.startswith(_OLD):
            name = element.tag.removeprefix(_OLD)
            element.tag = W + _RENAMED.get(name, name)
        elif not element.tag.startswith(_NOTE) and _wraps_text(element):
            element.tag = W + "smartTag"
        for name in [str(name) for name in element.attrib if str(name).startswith(_OLD)]:
            short = name.removeprefix(_OLD)
            element.set(W + _ATTRIBUTES.get(short, short), element.get(name, ""))


def _wraps_text(element: etree._Element) -> bool:
    """Whether an element of a foreign name space stands around paragraphs, rows or runs: a section, a smart tag."""
    holder = element.getparent()
    if holder is None or holder.tag not in _HOLDERS:
        return False
    return any(child.tag in _HELD or _is_foreign(child) for child in element.iterchildren("*"))


def _is_foreign(element: etree._Element) -> bool:
    return not element.tag.startswith((_OLD, W))


def _notes(root: etree._Element) -> etree._Element | None:
    """Footnotes and endnotes stand in the midst of the text; give them apart, or None without any."""
    found = list(root.iter(W + "footnote", W + "endnote"))
    if not found:
        return None
    notes = etree.Element(W + "footnotes")
    for note in found:
        note.tail = None
        note.set(W + "type", "normal")
        notes.append(note)
    return notes


def _relationships(relations: list[tuple[str, str, str]]) -> bytes:
    root = etree.Element(f"{{{_RELATIONSHIPS}}}Relationships")
    for name, kind, target in relations:
        attributes = {"Id": name, "Type": _TYPES + kind, "Target": target}
        etree.SubElement(root, f"{{{_RELATIONSHIPS}}}Relationship", attributes)
    return etree.tostring(root)
