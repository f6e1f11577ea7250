"""Text of files that are markup inside: Word, PowerPoint, OpenDocument, and HTML under their names.

Elements are told by their local names, so that transitional, strict and single-file («Word 2003
XML») forms are read alike. Paragraphs are lines; so are rows of tables, cells joined by a tab. What
was deleted under tracked changes is left out, what was inserted is text.
Source: ECMA-376 part 1 clause 17, OpenDocument 1.2 clause 6.1.
"""

import email
import email.policy
import re
import zipfile
from collections.abc import Iterable

from lxml import etree

from kontum_crawler.extract.blocks import render
from kontum_crawler.extract.page import Page

_LEAVE = """
    del moveFrom Fallback annotation tracked-changes sequence-decls pPr rPr tblPr tcPr sectPr
"""
_LEFT_OUT = frozenset(_LEAVE.split())
"""Deleted text, doubles for older programs, remarks, and settings."""
_OPEN = "opendocument"
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "line-break": "\n", "s": " "}
_PARAGRAPHS = frozenset(["p", "h"])
_TABLES = {"tbl": ("tr", "tc"), "table": ("table-row", "table-cell"), "Table": ("Row", "Cell")}
_NUMBER = re.compile(r"\d+")


def parse(payload: bytes) -> etree._Element:
    """The root of an XML file; entities stay as they are. Raises XMLSyntaxError."""
    return etree.fromstring(payload, etree.XMLParser(resolve_entities=False, no_network=True))


def office_lines(root: etree._Element) -> Iterable[str]:
    """Paragraphs and rows below an element, in order."""
    for child in root:
        yield from _lines_of(child)


def slides(archive: zipfile.ZipFile) -> Iterable[str]:
    """The lines of a presentation, slide after slide."""
    names = [name for name in archive.namelist() if re.fullmatch(r"ppt/slides/slide\d+\.xml", name)]
    for name in sorted(names, key=lambda one: int(_NUMBER.findall(one)[-1])):
        yield from office_lines(parse(archive.read(name)))
        yield ""


def html_text(payload: bytes, media_type: str | None = None) -> str:
    """What a browser shows of an HTML file, blocks divided by blank lines."""
    return render([Page(payload, "http://file.invalid/", media_type).tree])


def web_archive_text(payload: bytes) -> str:
    """The text of the page in a «single file web page» (MHTML), as Word saves it."""
    message = email.message_from_bytes(payload, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                return html_text(content, str(part.get("content-type") or "") or None)
    return ""


def _lines_of(element: etree._Element) -> Iterable[str]:
    name = _name(element)
    if name in _LEFT_OUT:
        return
    if name in _TABLES:
        yield from _rows(element, *_TABLES[name])
    elif name in _PARAGRAPHS:
        yield "".join(_pieces(element))
    else:
        yield from office_lines(element)


def _rows(table: etree._Element, row: str, cell: str) -> Iterable[str]:
    for child in table:
        name = _name(child)
        if name == row:
            cells = (" ".join(_cell(one)) for one in _cells(child, cell))
            yield "\t".join(" ".join(text.split()) for text in cells).rstrip("\t")
        elif name not in _LEFT_OUT:
            yield from _rows(child, row, cell)


def _cells(row: etree._Element, cell: str) -> Iterable[etree._Element]:
    for child in row:
        name = _name(child)
        if name == cell:
            yield child
        elif name not in _LEFT_OUT:
            yield from _cells(child, cell)


def _cell(cell: etree._Element) -> Iterable[str]:
    """The lines of a cell; nothing where it goes on with the cell above it."""
    settings = (e for child in cell if _name(child) == "tcPr" for e in child)
    merged = next((e for e in settings if _name(e) == "vMerge"), None)
    if merged is not None and "restart" not in merged.values():
        return
    if _name(cell) == "Cell":
        yield "".join(str(text) for text in cell.itertext())
    else:
        yield from office_lines(cell)


def _pieces(element: etree._Element) -> Iterable[str]:
    """The text of a paragraph; in OpenDocument it is the elements' own, in Office in `t` only."""
    own = _OPEN in str(element.tag)
    if own and element.text:
        yield element.text
    for child in element:
        name = _name(child)
        if name in _SIGNS:
            yield _SIGNS[name]
        elif name == "t":
            yield child.text or ""
        elif name in _PARAGRAPHS or name in _TABLES:
            yield "\n" + "\n".join(_lines_of(child))
        elif name not in _LEFT_OUT:
            yield from _pieces(child)
        if own and child.tail:
            yield child.tail


def _name(element: etree._Element) -> str:
    """The name without its space; that of a comment or an instruction is among what is left out."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else "annotation"
