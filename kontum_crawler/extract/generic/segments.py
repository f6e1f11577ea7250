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
_PARTS_OF_LINES = """
    a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp
    small span strike strong sub sup time tt u var wbr img nobr o:p st1:place st1:city
"""
SKIPPED = frozenset(_SKIPPED.split())
# Read when a page shows nearly nothing otherwise: an unclosed one swallows the rest of the page.
LAST_RESORT = frozenset(["noscript", "nav", "footer", "button", "select", "option", "dialog"])
# The skipped ones that end a line of text.
_BORDERS = SKIPPED - frozenset(["script", "link", "meta", "noscript", "style", "input", "button"])
INLINE = frozenset(_PARTS_OF_LINES.split())
_FURNITURE_TAGS = frozenset(["nav", "aside", "footer", "figcaption", "menu", "address"])
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_POPS_UP = re.compile(
    r"rollover|tooltip|popover|popup|hover-?card|sr-only|screen-reader|visually-?hidden|hidden-text",
    re.IGNORECASE,
)
_DEPTH = 400
# What to do with an element; those below _INLINE are passed by.
_SKIP, _BORDER, _BREAK, _INLINE, _LINK, _BLOCK = range(6)
_STEPS = (
    dict.fromkeys(SKIPPED, _SKIP)
    | dict.fromkeys(_BORDERS, _BORDER)
    | dict.fromkeys(INLINE, _INLINE)
    | {"br": _BREAK, "a": _LINK}
)
_LAST_STEPS = {tag: step for tag, step in _STEPS.items() if tag not in LAST_RESORT}
_NAMED = _FURNITURE_TAGS | {"article", "main"}
_ROLES = ("navigation", "complementary", "contentinfo", "search")


@dataclass(slots=True)
class Block:
    """A run of text with its nearest block-level element.

    text has single blanks; link_chars of its characters are inside links; tag is the owner's (p,
    li, td, h2 …); flags are the numbers of the spans around it whose name or tag is that of page
    furniture, outermost first.
    """

    owner: Element
    text: str
    link_chars: int
    tag: str
    flags: tuple[int, ...]

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


@dataclass(slots=True)
class Segments:
    """Blocks and spans of one page, in document order; hidden and empty elements have neither.

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
    """The state of one walk: text collected since the last border, open elements, spans, flags.

    made: the spans of the outermost open elements, with the flags inside each. The others get
    theirs with their first block: half of all elements hold no text, and nobody asks for them.
    """

    def __init__(self, hidden: bool) -> None:
        self.show_hidden = hidden
        self.found = Segments()
        self.open: list[Element] = []
        self.made: list[tuple[int, tuple[int, ...]]] = []
        self.parts: list[str] = []
        self.links = 0
        self.in_link = 0
        self.breaks = 0

    def run(self, root: Element) -> None:
        # lxml walks twice as fast as a stack of children of our own.
        walker = etree.iterwalk(root, events=("start", "end"))
        steps = _LAST_STEPS if self.show_hidden else _STEPS
        hiding, hidden = not self.show_hidden, self.found.hidden
        begun: list[int] = []
        parts = self.parts
        self.open.append(root)
        self.made.append((-1, ()))
        for event, element in walker:
            if event == "start":
                tag = element.tag
                step = steps.get(tag, _BLOCK)
                if step >= _INLINE:
                    if hiding and _is_hidden(tag, element, step):
                        hidden.append(element)
                        step = _BORDER if step == _BLOCK else _SKIP
                    elif step == _BLOCK and len(self.open) > _DEPTH:
                        step = _INLINE
                begun.append(step)
                if step < _INLINE:
                    walker.skip_subtree()
                    self._pass(step)
                    continue
                if step == _BLOCK:
                    if parts:
                        self._border()
                    self.breaks = 0
                    self.open.append(element)
                elif step == _LINK:
                    self.in_link += 1
                text = element.text
            else:
                step = begun.pop()
                if step == _BLOCK:
                    self._leave()
                elif step == _LINK:
                    self.in_link -= 1
                text = element.tail
            if not text:
                continue
            if not text.isspace():
                parts.append(text)
                self.breaks = 0
                if self.in_link:
                    self.links += len(text)
            elif parts:
                # Blanks at a border are nothing, and most blanks stand at one.
                parts.append(" ")

    def _pass(self, step: int) -> None:
        if step == _BREAK:
            self._break()
        elif step == _BORDER:
            self.breaks = 0
            if self.parts:
                self._border()

    def _leave(self) -> None:
        if self.parts:
            self._border()
        self.breaks = 0
        self.open.pop()
        if len(self.made) > len(self.open):
            number, _ = self.made.pop()
            self.found.spans[number].end = len(self.found.blocks)

    def _break(self) -> None:
        if self.breaks:
            self.breaks = 0
            self._border()
        else:
            self.breaks = 1
            self.parts.append("\n")

    def _border(self) -> None:
        text = " ".join("".join(self.parts).split())
        if text:
            if len(self.made) < len(self.open):
                self._make_spans()
            owner = self.open[-1]
            links = min(self.links, len(text))
            self.found.blocks.append(Block(owner, text, links, owner.tag, self.made[-1][1]))
        self.parts.clear()
        self.links = 0

    def _make_spans(self) -> None:
        spans, here = self.found.spans, len(self.found.blocks)
        parent, flags = self.made[-1]
        for element in self.open[len(self.made) :]:
            kind = _kind(element)
            number = len(spans)
            spans.append(Span(element, parent, here, here, kind))
            if kind < 0:
                flags = (*flags, number)
            self.made.append((number, flags))
            parent = number


def _is_hidden(tag: str, element: Element, step: int) -> bool:
    """Whether an element is not shown, or a part of a line on demand only."""
    style = element.get("style")
    if style is not None and _HIDDEN.search(style) is not None:
        return True
    if step == _BLOCK:
        return element.get("hidden") is not None
    if tag != "span":
        return False
    names = element.get("class")
    return names is not None and _POPS_UP.search(names) is not None


def _kind(element: Element) -> int:
    """What a block-level element's tag and attributes say of it."""
    tag = element.tag
    names = identity = ""
    role = 0
    for name, value in element.items():
        if name == "class":
            names = value
        elif name == "id":
            identity = value
        elif name == "itemprop" and value == "articleBody":
            role = 2
        elif name == "role" and value in _ROLES:
            role = LOOSE
    if tag in _NAMED:
        if tag == "aside":
            return LOOSE
        if tag in _FURNITURE_TAGS:
            return FIRM
        if role:
            return role
        return LOOSE if name_kind(f"{names} {identity}") <= FIRM else 1
    if role:
        return role
    named = (names or identity) and tag not in ("html", "body")
    return name_kind(f"{names} {identity}") if named else 0


def parse(html: bytes | str) -> Element:
    """Parse a page without network, entities of its own or a limit of depth; None when empty.

    html: text, or its bytes in UTF-8; what is not UTF-8 in them is read as U+FFFD.
    """
    text = html.decode("utf-8", "replace") if isinstance(html, bytes) else html
    if "\x00" in text:
        text = text.replace("\x00", "")
    # Half of a page is scripts, styles and drawings, with nothing in them to parse.
    text = _SCRIPT.sub(_unless_open, text)
    if not text or text.isspace():
        return None
    parser = etree.HTMLParser(
        encoding="utf-8",
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
        no_network=True,
        collect_ids=False,
    )
    # Lone surrogates are no UTF-8.
    return etree.fromstring(text.encode("utf-8", "replace"), parser)


# One that is never closed is matched to the end, so that no byte is read twice.
_SCRIPT = re.compile(
    r"<[sS](?:(?i:cript)\b[^<]*+(?:<(?!/(?i:script)\b)[^<]*+)*+(</(?i:script)[^>]*>)?"
    r"|(?i:tyle)\b[^<]*+(?:<(?!/(?i:style)\b)[^<]*+)*+(</(?i:style)[^>]*>)?"
    r"|(?i:vg)\b[^<]*+(?:<(?!/(?i:svg)\b)[^<]*+)*+(</(?i:svg)[^>]*>)?)",
    re.ASCII,
)


def _unless_open(match: re.Match[str]) -> str:
    """Nothing in place of what is closed; an open one is left to the parser.

    A drawing leaves its element: it ends a line of text.
    """
    if not match.lastindex:
        return match[0]
    return "<svg></svg>" if match.lastindex == 3 else ""
