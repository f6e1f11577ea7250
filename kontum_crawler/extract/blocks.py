"""Markup to blocks: paragraphs, lists, tables and pictures, as a reader sees them.

A paragraph is a block; a list is one, with a line an item; a table is one, with a line a row, but a
layout table is none and gives the blocks of its cells. One `<br>` is a line break, two end the
block. Hidden text, scripts and form fields are no text. What a block *is* in an article (caption,
byline, foot of the page) is decided in `body.py`.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from kontum_crawler.extract.block import Block
from kontum_crawler.extract.tables import is_data_table, rows_of, spread
from kontum_crawler.extract.tags import (
    BREAKS,
    FILMS,
    HEADINGS,
    HIDDEN_CLASSES,
    PICTURES,
    SILENT,
    STYLED,
    Element,
)
from kontum_crawler.text import clean, fold_blanks

DEEPEST = 250
"""Levels that are walked one by one; text below is taken as it comes."""

LONGEST_STYLE = 2_000
"""Characters of a style attribute that are read; those of Word have a few hundred."""

LONGEST_CAPTION = 400
"""Characters that may stand below a picture."""

HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?:\D|$)"
    r"|(?:text-indent|left|top)\s*:\s*-\d{4,}",
    re.I,
)
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.I)
_NOT_BOLD = re.compile(r"font-weight\s*:\s*(?:normal|[1-5]00)", re.I)
_ITALIC = re.compile(r"font-style\s*:\s*(?:italic|oblique)", re.I)
_ALIGN = re.compile(r"text-align\s*:\s*(\w+)", re.I)
_SOURCE_BREAK = re.compile(r"(?<![ \t\f\r])[ \t\f\r]*\n\s*")


@dataclass(slots=True)
class _Style:
    bold: bool = False
    italic: bool = False
    align: str = ""
    preformatted: bool = False
    caption: bool = False
    heading: bool = False
    link: str | None = None


def render(elements: Iterable[Element], dropped: Collection[Element] = ()) -> str:
    """The text of elements: blocks divided by one blank line; pictures and captions left out."""
    found = blocks(elements, dropped)
    return join(block for block in found if block.kind not in ("picture", "caption"))


def join(parts: Iterable[Block]) -> str:
    """The texts of blocks, divided by one blank line."""
    return "\n\n".join(block.text for block in parts if block.text)


def blocks(elements: Iterable[Element], dropped: Collection[Element] = ()) -> list[Block]:
    """All blocks of the elements in document order, empty ones and `dropped` elements left out."""
    writer = _Writer(dropped)
    for element in elements:
        writer.walk(element, _Style(), 0)
        writer.flush()
    return writer.blocks


def is_hidden(element: Element) -> bool:
    """True where a browser shows nothing of the element: attribute, inline style, stock class."""
    attributes = element.attrib
    if "hidden" in attributes:
        return True
    style = attributes.get("style")
    if style and HIDDEN.search(style, 0, LONGEST_STYLE):
        return True
    names = attributes.get("class")
    return names is not None and not HIDDEN_CLASSES.isdisjoint(names.split())


class _Writer:
    """Collects pieces of text until something ends the block."""

    def __init__(self, dropped: Collection[Element] = ()) -> None:
        self.dropped = dropped
        self.blocks: list[Block] = []
        self._new()

    def _new(self) -> None:
        self.pieces: list[str] = []
        self.plain = self.bold = self.italic = self.linked = 0
        self.links: list[tuple[str, str]] = []
        self.images: list[Element] = []
        self.element: Element | None = None
        self.style = _Style()
        self.film = False

    def walk(self, element: Element, style: _Style, depth: int) -> None:
        tag = element.tag
        if not isinstance(tag, str) or tag in SILENT or is_hidden(element):
            self.film = self.film or tag in FILMS
            return
        if element in self.dropped:
            return
        if depth > DEEPEST:
            self.add(" ".join(str(text) for text in element.itertext()), style, element)
        elif tag == "br":
            self.line_break()
        elif tag in PICTURES:
            self.images.append(element)
        elif tag in ("ul", "ol", "menu", "dir"):
            self.flush()
            self._list(element, style, depth)
        elif tag == "table":
            self.flush()
            self._table(element, style, depth)
        else:
            self._element(element, tag, style, depth)

    def _element(self, element: Element, tag: str, style: _Style, depth: int) -> None:
        ends = tag in BREAKS
        if ends:
            self.flush()
        inner = _inner(element, tag, style)
        if element.text:
            self.add(element.text, inner, element)
        start = len(self.pieces)
        for child in element:
            self.walk(child, inner, depth + 1)
            if child.tail:
                self.add(child.tail, inner, element)
        if tag == "a" and (reference := element.get("href")):
            text = (element.text or "") + "".join(self.pieces[start:])
            self.links.append((reference, fold_blanks(clean(text))))
        if ends:
            self.flush()

    def add(self, text: str, style: _Style, element: Element) -> None:
        if "\n" in text and not style.preformatted:
            text = _SOURCE_BREAK.sub(" ", text)
        if not text.strip():
            self.pieces.append(text)
            return
        if self.element is None or self.plain == 0:
            self.element, self.style = element, style
        size = len(text.strip())
        self.plain += size
        self.bold += size if style.bold else 0
        self.italic += size if style.italic else 0
        self.linked += size if style.link else 0
        self.pieces.append(text)

    def line_break(self) -> None:
        blank = True
        for piece in reversed(self.pieces):
            if piece == "\n":
                break
            if clean(piece).strip():
                blank = False
                break
        else:
            blank = not self.plain
        if blank:
            self.flush()
        else:
            self.pieces.append("\n")

    def flush(self) -> None:
        if not (self.pieces or self.images or self.film):
            return
        raw = clean("".join(self.pieces))
        text = _lines(raw)
        if text or self.images or self.film:
            style = self.style
            kind = "heading" if style.heading else "caption" if style.caption else "text"
            self.blocks.append(
                Block(
                    text=text,
                    raw=raw.strip("\n"),
                    kind=kind if text else "picture",
                    bold=bool(text) and self.bold >= self.plain,
                    italic=bool(text) and self.italic >= self.plain,
                    align=style.align,
                    links=self.links,
                    linked=self.linked,
                    images=self.images,
                    element=self.element,
                    film=self.film,
                )
            )
        self._new()

    def _list(self, element: Element, style: _Style, depth: int) -> None:
        inner = _Writer(self.dropped)
        items: list[str] = []
        for child in element:
            part = _Writer(self.dropped)
            part.walk(child, _inner(element, "ul", style), depth + 1)
            if child.tail:
                part.add(child.tail, style, element)
            part.flush()
            items.extend(_items(part.blocks, nested=child.tag in ("ul", "ol", "menu", "dir")))
            inner.blocks += part.blocks
        found = inner.blocks
        if not items:
            self.blocks += [block for block in found if block.images or block.film]
            return
        self.blocks.append(
            Block(
                text="\n".join(items),
                raw="\n".join(items),
                kind="list",
                links=[link for block in found for link in block.links],
                linked=sum(block.linked for block in found),
                images=[image for block in found for image in block.images],
                element=element,
            )
        )

    def _table(self, element: Element, style: _Style, depth: int) -> None:
        rows = rows_of(element)
        grid: list[list[list[Block]]] = []
        for row in rows:
            cells = []
            for cell in row:
                part = _Writer(self.dropped)
                part.walk(cell, _inner(element, "table", style), depth + 3)
                part.flush()
                cells.append(part.blocks)
            grid.append(cells)
        for caption in element.iterchildren("caption"):
            self.walk(caption, style, depth + 1)
        if not is_data_table(grid):
            self.blocks += _layout_blocks([block for r in grid for cell in r for block in cell])
            return
        texts = [[_cell(cell) for cell in row] for row in grid]
        columns = _without_empty([row for row in spread(rows, texts) if any(row)])
        texts = _without_empty([row for row in texts if any(row)])
        found = [block for cells in grid for cell in cells for block in cell]
        text = "\n".join("\t".join(row) for row in texts)
        self.blocks.append(
            Block(
                text=text,
                raw=text,
                kind="table",
                rows=columns,
                links=[link for block in found for link in block.links],
                linked=sum(block.linked for block in found),
                images=[image for block in found for image in block.images],
                element=element,
            )
        )


def _cell(found: list[Block]) -> str:
    return " ".join(fold_blanks(block.text) for block in found if block.text)


def _layout_blocks(found: list[Block]) -> list[Block]:
    """The blocks of a layout table; a few words in a table with a picture are its caption."""
    words = [block for block in found if block.text]
    if any(block.images for block in found) and len(words) <= 2:
        for block in words:
            if len(block.text) <= LONGEST_CAPTION and block.kind == "text" and not block.images:
                block.kind = "caption"
    return found


def _without_empty(rows: list[list[str]]) -> list[list[str]]:
    """The rows without columns that are empty from top to bottom."""
    width = max((len(row) for row in rows), default=0)
    full = [n for n in range(width) if any(n < len(row) and row[n] for row in rows)]
    return [[row[n] for n in full if n < len(row)] for row in rows]


def _items(found: list[Block], *, nested: bool) -> list[str]:
    """The lines of one item: its text in front, the items of lists inside it after."""
    lines: list[str] = []
    words: list[str] = []
    for block in found:
        if block.kind == "list":
            if words:
                lines.append(_item(words))
                words = []
            lines += block.text.split("\n")
        elif block.text:
            words.append(fold_blanks(block.text))
    if words:
        lines.append(_item(words))
    return lines


def _item(words: list[str]) -> str:
    text = " ".join(words)
    return text if text.startswith("- ") else f"- {text}"


def _inner(element: Element, tag: str, style: _Style) -> _Style:
    """The style inside an element; the same object where the element changes nothing."""
    css = (element.get("style") or "")[:LONGEST_STYLE]
    align = element.get("align") or ""
    if not css and not align and tag not in STYLED:
        return style
    bold = style.bold or tag in ("b", "strong", "th") or tag in HEADINGS
    italic = style.italic or tag in ("i", "em", "cite")
    if css:
        bold = (bold or bool(_BOLD.search(css))) and not _NOT_BOLD.search(css)
        italic = italic or bool(_ITALIC.search(css))
        if match := _ALIGN.search(css):
            align = match[1]
    return _Style(
        bold=bold,
        italic=italic,
        align="center" if tag == "center" else align.lower() or style.align,
        preformatted=style.preformatted or tag == "pre",
        caption=style.caption or tag == "figcaption" or _is_caption_class(element),
        heading=style.heading or tag in HEADINGS,
        link=element.get("href") if tag == "a" else style.link,
    )


_CAPTION_CLASS = re.compile(
    r"(?:^|[\s_-])(?:wp-caption-text|gallery-caption|(?:img|image|photo|pic\w*)[\s_-]?(?:caption|cap|note)"
    r"|caption|cap|figcaption|chu-?thich\w*)(?:$|[\s_-])",
    re.I,
)


def _is_caption_class(element: Element) -> bool:
    names = element.get("class") or ""
    return bool(_CAPTION_CLASS.search(names)) and element.tag != "table"


def _lines(cleaned: str) -> str:
    """The lines of a cleaned text, blanks folded, none empty."""
    if "\n" not in cleaned:
        return " ".join(cleaned.split())
    lines = (" ".join(line.split()) for line in cleaned.split("\n"))
    return "\n".join(line for line in lines if line)
