"""One parse of one page, which serves links and extraction alike.

lxml reads the page; where it loses most of the text (an unclosed comment, script or title swallows
the rest), BeautifulSoup's forgiving parser reads it a second time.
"""

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, ParserRejectedMarkup
from lxml import etree
from parsel.csstranslator import HTMLTranslator

from kontum_crawler import urls
from kontum_crawler.errors import NotArticle
from kontum_crawler.extract.block import Block
from kontum_crawler.extract.blocks import blocks
from kontum_crawler.extract.encoding import decode
from kontum_crawler.extract.tags import UNSEEN, VOID, Element
from kontum_crawler.text import clean, fold_blanks

LARGEST = 4 * 1024 * 1024
"""Characters of a page at most; a longer one is no article of any portal."""
DEEPEST = 1_000
"""Levels of elements at most; pages of people stay under 60."""
MOST_TAGS = 60_000
"""Tags of a page at most, start and end tags; a table of a thousand rows has some 30,000."""
MOST_OPEN = 1_000
"""Tags of a page without an end, beyond which it is no text of people."""
MOST_REFERENCES = 100_000
"""Character references at most in a page that is read a second time."""
MOST_ATTRIBUTES = 500
"""Attributes of an element at most; libxml2 compares each with all others."""
MOST_BLOCKS = 10_000
"""Blocks of a page at most; the longest law has some 4,000 paragraphs, a table is one block."""
MOST_TEXT = 2_000_000
"""Characters of shown text at most; the longest law has a quarter of that."""
LONGEST_TITLE = 2_000
"""Characters of a title that are read; one that is never closed swallows the page."""
LONGEST_LABEL = 80
LABEL_TAGS = ("strong", "b", "span", "label", "em", "i", "p", "div", "td", "th", "li", "font")
BROKEN = re.compile(r"<!--|<(?:script|style|title|textarea|xmp|plaintext|noscript|select)\b", re.I)
_OPENING = re.compile(r"<(?:(script|style|!--)|[^<>]*>)", re.I)
_CLOSING = {
    "script": re.compile(r"</script\s*>", re.I),
    "style": re.compile(r"</style\s*>", re.I),
    "!--": re.compile("-->"),
}


class Page:
    """A page: `tree` (lxml), `text` (decoded source), `marks` (repairs that decoding made).

    Raises NotArticle `too-big` over 4 MB of text, `broken` for markup nested a thousand levels
    deep, `empty` where there is nothing to parse.
    """

    def __init__(self, payload: bytes, url: str, content_type: str | None = None) -> None:
        self.url = url
        self._addresses: dict[str, str | None] = {}
        if len(payload) > 2 * LARGEST:
            raise NotArticle("too-big", f"the page has {len(payload):,} bytes")
        self.text, marks = decode(payload, content_type)
        self.marks: list[str] = list(marks)
        if len(self.text) > LARGEST:
            raise NotArticle("too-big", f"the page has {len(self.text):,} characters")
        if not self.text.strip():
            raise NotArticle("empty", "the answer has no content")
        self.tree: Element = _tree(self.text)
        base = self.tree.find(".//base[@href]")
        stated = (base.get("href") or "").strip() if base is not None else ""
        self.base = urls.joined(url, stated) or url

    def links(self) -> list[str]:
        """Addresses of all links in document order, absolute, each once; only http and https."""
        seen: dict[str, None] = {}
        for element in self.tree.iter("a", "area", "link", "iframe", "frame"):
            if element.tag == "link" and not (
                _leads_on(element.get("rel")) or _is_feed(element, self)
            ):
                continue
            reference = element.get("src" if element.tag in ("iframe", "frame") else "href")
            if reference and (address := self.absolute(reference)):
                seen[address] = None
        return list(seen)

    def absolute(self, reference: str) -> str | None:
        """A reference of the page as an http address without fragment; None for anything else."""
        if reference not in self._addresses:
            self._addresses[reference] = self._address(reference)
        return self._addresses[reference]

    def _address(self, reference: str) -> str | None:
        reference = re.sub(r"[\t\n\r]", "", reference.strip())
        if not reference or reference[0] == "#" or _SCHEME.match(reference):
            return None
        address = urls.joined(self.base, reference.partition("#")[0]) or ""
        return address if address.startswith(("http://", "https://")) else None

    def select(self, selector: str) -> list[Any]:
        """What a CSS selector of a portal file finds: elements, or texts (`::attr`, `::text`)."""
        found = _xpath(selector)(self.tree)
        return found if isinstance(found, list) else [found]

    def texts(self, selector: str) -> Iterator[str]:
        """The texts that a selector finds, blanks folded, none empty."""
        for found in self.select(selector):
            text = found if isinstance(found, str) else self.text_of(found)
            if text := fold_blanks(clean(text)):
                yield text

    @staticmethod
    def text_of(element: Element, most: int = LARGEST) -> str:
        """The text of an element, `<br>` as a newline, scripts left out; blanks not folded.

        most: reading stops behind so many characters.
        """
        pieces: list[str] = []
        size = 0
        for piece in _pieces(element):
            pieces.append(piece)
            size += len(piece)
            if size > most:
                break
        return "".join(pieces)[:most]

    def meta(self, *names: str) -> str | None:
        """The first non-empty `content` of the `meta` elements with these names or properties."""
        if not hasattr(self, "_metas"):
            self._metas: dict[str, str] = {}
            for element in self.tree.iter("meta"):
                name = element.get("property") or element.get("name") or element.get("itemprop")
                content = fold_blanks(clean(element.get("content") or ""))
                if name and content:
                    self._metas.setdefault(name.strip().lower(), content)
        return next((self._metas[name] for name in names if name in self._metas), None)

    @cached_property
    def labels(self) -> list[tuple[Element, str]]:
        """Elements whose own text begins with a few words and a colon, with that text."""
        found = []
        for element in self.tree.iter(*LABEL_TAGS):
            text = element.text
            if text and ":" in text[:LONGEST_LABEL]:
                found.append((element, clean(text).lstrip()))
        return found

    @cached_property
    def blocks(self) -> list[Block]:
        """All blocks of the page; they are shared, so whoever changes one copies it first.

        Raises NotArticle `too-big` for more blocks or text than any article has.
        """
        body = self.tree.find("body")
        found = blocks([self.tree if body is None else body])
        if len(found) > MOST_BLOCKS:
            raise NotArticle("too-big", f"the page has {len(found):,} blocks of text")
        if (size := sum(len(block.text) for block in found)) > MOST_TEXT:
            raise NotArticle("too-big", f"the page shows {size:,} characters")
        return found

    @cached_property
    def title_tag(self) -> str:
        """The text of the `title` element; empty where there is none."""
        element = self.tree.find(".//title")
        return (
            fold_blanks(clean(self.text_of(element, LONGEST_TITLE))) if element is not None else ""
        )


_SCHEME = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*:", re.I)


def parse(text: str) -> Element:
    """A piece of markup as a tree whose root is `html`. Raises NotArticle as Page does."""
    return _tree(text)


@lru_cache(maxsize=512)
def _xpath(selector: str) -> etree.XPath:
    path = HTMLTranslator().css_to_xpath(selector)
    return etree.XPath(path, smart_strings=False)


def _leads_on(rel: str | None) -> bool:
    return bool({"next", "prev", "canonical", "amphtml"} & set((rel or "").lower().split()))


def _is_feed(link: Element, page: Page) -> bool:
    """True for a feed of articles that a page announces; one of comments is of no use."""
    kind, rel = (link.get("type") or "").lower(), (link.get("rel") or "").lower()
    if "alternate" not in rel or not re.search(r"(?:rss|atom)\+xml", kind):
        return False
    address = page.absolute(link.get("href") or "") or ""
    own = page.url.rstrip("/") + "/" if urlsplit(page.url).path.strip("/") else None
    return not re.search(r"comment|binh-?luan", address, re.I) and not (
        own and address.startswith(own)
    )


def _tree(text: str) -> Element:
    if _depth(text) > DEEPEST:
        raise NotArticle("broken", f"elements are nested more than {DEEPEST:,} levels deep")
    if text.count("<") > MOST_TAGS:
        raise NotArticle("too-big", f"the page has more than {MOST_TAGS:,} tags")
    # Values are no attributes: a drawing's path and a text kept in one have thousands of words.
    giants = (_VALUE.sub("=''", tag) for tag in _LONG_TAG.findall(text))
    if any(len(_ATTRIBUTE.findall(tag)) > MOST_ATTRIBUTES for tag in giants):
        raise NotArticle("broken", f"an element has more than {MOST_ATTRIBUTES:,} attributes")
    tree = _by_lxml(text)
    if tree is None or (BROKEN.search(text) and _loses_text(tree, text)):
        second = _by_lxml(_forgiven(_with_whole_tags(_without_open_comments(text))))
        if second is not None and (tree is None or _length(second) > 2 * _length(tree)):
            tree = second
    if tree is None:
        raise NotArticle("empty", "the page has no element")
    return tree


ENDS = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)


def _by_lxml(text: str) -> Element | None:
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True
    )
    # libxml2 stops reading at `</html>`; old sites go on behind it, as browsers do.
    payload = ENDS.sub("", text.replace("\x00", "")).encode("utf-8", "replace")
    try:
        return etree.fromstring(payload, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _without_open_comments(text: str) -> str:
    """The source with comments that are never closed as text, which is how they are shown."""
    last = text.rfind("-->") + 1
    return text[:last] + text[last:].replace("<!--", "&lt;!--")


def _with_whole_tags(text: str) -> str:
    """The source with tags that end: one with an open quote loses its attributes, `<![` its sign.

    The forgiving parser looks for the end of such a tag through the whole page, for each anew, and
    refuses sections of XML that it does not know.
    """
    return _TAG.sub(_whole, _SECTION.sub("", text))


def _whole(match: re.Match[str]) -> str:
    tag = match[0]
    if not tag.endswith(">"):
        return "&lt;" + tag[1:]
    if tag.count('"') % 2 or tag.count("'") % 2:
        return f"<{match[1]}>"
    return tag


def _forgiven(text: str) -> str:
    """The source as the forgiving parser reads and writes it; the source itself if it refuses."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)
        try:
            return str(BeautifulSoup(text, "html.parser"))
        except ParserRejectedMarkup:
            return text


def _length(tree: Element) -> int:
    body = tree.find("body")
    root = tree if body is None else body
    return sum(
        len(element.text or "") + len(element.tail or "")
        for element in root.iter()
        if element.tag not in UNSEEN
    )


def _loses_text(tree: Element, text: str) -> bool:
    """True where a crude reading of the source shows several times the text of the tree."""
    have = _length(tree)
    if have * 5 > len(text):
        return False
    if text.count("<") - text.count(">") > MOST_OPEN or text.count("&") > MOST_REFERENCES:
        # What the forgiving parser does with a flood of open ends takes quadratic time.
        return False
    crude = _crude_length(text)
    return crude > 500 and have * 4 < crude


def _crude_length(text: str) -> int:
    """Characters of a source outside of tags, closed scripts and closed comments."""
    size = at = 0
    closing = dict(_CLOSING)
    while match := _OPENING.search(text, at):
        size += match.start() - at
        at = match.end()
        if (kind := (match[1] or "").lower()) in closing:
            if end := closing[kind].search(text, at):
                at = end.end()
            else:
                # None is closed from here on; to look again each time would take quadratic time.
                del closing[kind]
    return size + len(text) - at


_TAG = re.compile(r"<(/?[a-zA-Z][^\s<>\"'/=]*)[^<>]*>?")
_SECTION = re.compile(r"<!(?!--|doctype\b)[^<>]*>?", re.IGNORECASE)
_VALUE = re.compile(r"=\s*(?:\"[^\"]*\"|'[^']*')")
_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{4000,}")
_ATTRIBUTE = re.compile(r"[\s\"'/][\w:.-]+\s*=|\s[\w:.-]+(?=\s)")
_DEPTH = re.compile(
    r"<(/?)(?!br|p\b|li|td|tr|th|dt|dd|opt|hr|img|inp|meta|link)([a-z][a-z0-9]*)", re.I
)


def _depth(text: str) -> int:
    """How deep the tags of a source are nested at most, roughly, before it is parsed at all."""
    still_open: dict[str, int] = {}
    depth = deepest = 0
    for match in _DEPTH.finditer(text):
        tag = match[2].lower()
        if not match[1]:
            if tag not in VOID:
                still_open[tag] = still_open.get(tag, 0) + 1
                depth += 1
                deepest = max(deepest, depth)
        elif still_open.get(tag):
            still_open[tag] -= 1
            depth -= 1
    return deepest


def _pieces(element: Element) -> Iterator[str]:
    """Texts in document order without recursion."""
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            if node.tag == "br":
                yield "\n"
            elif node.text and node.tag not in UNSEEN - {"title"}:
                yield node.text
        elif node is not element and node.tail:
            yield node.tail
