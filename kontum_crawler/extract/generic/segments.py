"""A page cut into blocks of text: one walk, one flat list, spans of it for each element.

A block is the text between two block-level borders (a double line break is one too). Since blocks
stand in document order, all that an element holds is a slice of the list, and sums over any
element come from two look-ups.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from kontum_crawler.extract.furniture import FIRM, LOOSE, name_kind

Element = Any
"""An lxml element; lxml has no types of its own."""

# Never text of an article, whatever they hold.
_SKIPPED = """
    script style noscript template iframe frame frameset svg canvas button select option input
    textarea object embed video audio map head dialog math applet link meta nav footer
"""
_INLINE = """
    a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp
    small span strike strong sub sup time tt u var wbr img nobr o:p st1:place st1:city
"""
SKIPPED = frozenset(_SKIPPED.split())
# Read when a page shows nearly nothing otherwise: an unclosed one swallows the rest of the page.
_LAST_RESORT = frozenset(["noscript", "nav", "footer", "button", "select", "option", "dialog"])
# The skipped ones that end a line of text.
_BORDERS = SKIPPED - frozenset(["script", "link", "meta", "noscript", "style", "input", "button"])
INLINE = frozenset(_INLINE.split())
_FURNITURE_TAGS = frozenset(["nav", "aside", "footer", "figcaption", "menu", "address"])
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_POPS_UP = re.compile(
    r"rollover|tooltip|popover|popup|hover-?card|sr-only|screen-reader|visually-?hidden|hidden-text",
    re.IGNORECASE,
)
_DEPTH = 400


@dataclass(slots=True)
class Block:
    """A run of text with its nearest block-level element.

    text has single blanks; link_chars of its characters are inside links; kind is the tag of the
    nearest element of meaning (p, li, td, h2 …); furniture says that an ancestor's name or tag
    is that of page furniture, with `flag` the span number of the outermost such ancestor.
    """

    owner: Element
    text: str
    link_chars: int
    tag: str
    flags: tuple[int, ...]
    in_list: bool
    after_break: bool

    @property
    def link_density(self) -> float:
        """Share of the characters that are inside links."""
        return self.link_chars / len(self.text)


@dataclass(slots=True)
class Span:
    """What an element holds: blocks[start:end]. kind is that of `name_kind`, -1 for furniture."""

    element: Element
    parent: int
    start: int
    end: int
    kind: int
    depth: int


@dataclass(slots=True)
class Segments:
    """Blocks and spans of one page, in document order; hidden elements have neither.

    weights: room for `container` to keep one weight a block.
    """

    blocks: list[Block] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    hidden: list[Element] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)


def segment(root: Element, *, hidden: bool = False) -> Segments:
    """Cut the tree below root into blocks; depth beyond 400 levels is read as inline text.

    hidden: read hidden elements too.
    """
    walk = _Walk(hidden)
    walk.run(root)
    return walk.found


class _Walk:
    """The state of one walk: text collected since the last border, open elements, flags."""

    def __init__(self, hidden: bool) -> None:
        self.show_hidden = hidden
        self.found = Segments()
        self.parts: list[str] = []
        self.links = 0
        self.in_link = 0
        self.breaks = 0
        self.after_break = False

    def run(self, root: Element) -> None:
        # An entry is (element, step): 0 enters it, 1 leaves it; an explicit stack survives depth.
        stack: list[tuple[Element, Any]] = [(root, None)]
        self.open: list[tuple[Element, int, tuple[int, ...], bool]] = [(root, -1, (), False)]
        pop, push = stack.pop, stack.append
        skipped = SKIPPED - _LAST_RESORT if self.show_hidden else SKIPPED
        while stack:
            element, leaving = pop()
            if leaving is not None:
                self._leave(element, leaving)
                continue
            tag = element.tag
            if tag in skipped or not isinstance(tag, str):
                if tag in _BORDERS:
                    self._border()
                self._text(element.tail)
                continue
            if tag == "br":
                self._break()
                self._text(element.tail)
                continue
            # One look-up in lxml in place of one for each name.
            attributes = dict(element.items())
            inline = tag in INLINE or len(self.open) > _DEPTH
            if attributes and not self.show_hidden and _hidden(tag, attributes):
                self.found.hidden.append(element)
                if not inline:
                    self._border()
                self._text(element.tail)
                continue
            if inline:
                self.in_link += tag == "a"
            else:
                self._enter(element, tag, attributes)
            self._text(element.text)
            if len(element):
                push((element, tag if inline else ""))
                stack.extend([(child, None) for child in reversed(element)])
            else:
                self._leave(element, tag if inline else "")

    def _enter(self, element: Element, tag: str, attributes: dict[str, str]) -> None:
        self._border()
        _, parent, flags, in_list = self.open[-1]
        kind = _kind(tag, attributes)
        number = len(self.found.spans)
        here = len(self.found.blocks)
        self.found.spans.append(Span(element, parent, here, here, kind, len(self.open)))
        if kind < 0:
            flags = (*flags, number)
        self.open.append((element, number, flags, in_list or tag in ("ul", "ol", "dl")))

    def _leave(self, element: Element, tag: str) -> None:
        if tag:
            self.in_link -= tag == "a"
        else:
            self._border()
            _, number, _, _ = self.open.pop()
            self.found.spans[number].end = len(self.found.blocks)
        self._text(element.tail)

    def _text(self, text: str | None) -> None:
        if not text:
            return
        self.parts.append(text)
        if self.breaks and not text.isspace():
            self.breaks = 0
        if self.in_link:
            self.links += len(text)

    def _break(self) -> None:
        self.breaks += 1
        if self.breaks > 1:
            self._border()
            self.after_break = True
        else:
            self.parts.append("\n")

    def _border(self) -> None:
        if self.parts:
            text = " ".join("".join(self.parts).split())
            if text:
                owner, _, flags, in_list = self.open[-1]
                self.found.blocks.append(
                    Block(
                        owner,
                        text,
                        min(self.links, len(text)),
                        owner.tag,
                        flags,
                        in_list,
                        self.after_break,
                    )
                )
            self.parts = []
        self.links = 0
        self.breaks = 0
        self.after_break = False


def _hidden(tag: str, attributes: dict[str, str]) -> bool:
    """Whether an element is not shown, or, in a line of text, on demand only."""
    if "hidden" in attributes:
        return True
    style = attributes.get("style")
    if style is not None and _HIDDEN.search(style) is not None:
        return True
    if tag != "span":
        return False
    names = attributes.get("class")
    return names is not None and _POPS_UP.search(names) is not None


def _kind(tag: str, attributes: dict[str, str]) -> int:
    if tag in ("html", "body"):
        return 0
    if tag in _FURNITURE_TAGS:
        return LOOSE if tag == "aside" else FIRM
    if not attributes:
        return 1 if tag in ("article", "main") else 0
    if attributes.get("itemprop") == "articleBody":
        return 2
    if attributes.get("role") in ("navigation", "complementary", "contentinfo", "search"):
        return LOOSE
    names = attributes.get("class", "") + " " + attributes.get("id", "")
    kind = name_kind(names) if names != " " else 0
    if tag in ("article", "main"):
        return LOOSE if kind <= FIRM else 1
    return kind


def parse(html: bytes | str) -> Element:
    """Parse a page without network, entities of its own or a limit of depth; None when empty.

    html: text, or its bytes in UTF-8; what is not UTF-8 in them is read as U+FFFD.
    """
    text = html.decode("utf-8", "replace") if isinstance(html, bytes) else html
    text = _without_scripts(text.replace("\x00", ""))
    if not text.strip():
        return None
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True
    )
    # Lone surrogates are no UTF-8.
    return etree.fromstring(text.encode("utf-8", "replace"), parser)


def _without_scripts(text: str) -> str:
    """The source without its inline scripts and styles: half of a page, and nothing to parse."""
    for tag in ("script", "style"):
        parts: list[str] = []
        done = 0
        while (start := text.find(f"<{tag}", done)) >= 0:
            end = text.find(f"</{tag}>", start)
            if end < 0:
                break
            parts.append(text[done:start])
            done = end + len(tag) + 3
        text = "".join(parts) + text[done:] if parts else text
    return text
