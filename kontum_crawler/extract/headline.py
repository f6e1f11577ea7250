"""The headline of the page's own article, with what stands below it: what makes a page an article.

A headline is a heading, bold line or title element that is no link elsewhere and has text, a
picture, a table or a file below it. It is sure where address or document title repeat it, or a date
stands beside it; a box in a sidebar may look like an unsure one.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from kontum_crawler import urls
from kontum_crawler.extract.block import Block
from kontum_crawler.extract.foot import is_machinery, is_stand
from kontum_crawler.extract.furniture import name_kind
from kontum_crawler.extract.messages import is_worded, kind_of
from kontum_crawler.extract.page import Page
from kontum_crawler.extract.region import foot_start
from kontum_crawler.extract.stamps import DATES, is_labelled
from kontum_crawler.extract.tags import Element
from kontum_crawler.portals.portal import DOCUMENT
from kontum_crawler.text import nfc, plain

SHORTEST, LONGEST = 6, 400
ENOUGH = 40
"""Characters of a block that is text of an article."""
LITTLE = 400
"""Characters of prose below which a page is held to be a message."""
MOST_BLOCKS = 2_000
"""Blocks of a page among which its headline is looked for."""
MOST_BELOW = 300
"""Blocks below a headline that are looked at."""
MOST_CANDIDATES = 40
STAMPED = 3
"""Blocks below a headline among which its date stands."""
SEPARATOR = re.compile(r"\s+(?:[|»›·•]|::|–|—|-)\s+")
"""What stands between a headline and the name of the site in a document's title."""
_TITLE_CLASS = re.compile(r"title|headline|heading|tieu-?de|ten-?bai|subject", re.I)
_BOXES = frozenset(("nav", "aside", "footer", "marquee"))
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|bmp|jfif)(?:\?|$)", re.I)
WALLS = ("soft-404", "login", "forbidden", "captcha", "outage")


@dataclass(frozen=True, slots=True)
class Headline:
    """A headline with the blocks of the article below it.

    named: the address says the same; sure: the address or the document's title does, or it is
    stamped: a date stands right below it.
    """

    text: str
    part: tuple[Block, ...]
    named: bool
    sure: bool
    stamped: bool


class Headlines:
    """The search for the headline of one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.path = letters(unquote(urls.path_and_query(page.url)))
        self._boxed: dict[Element, bool] = {}
        self.document = letters(page.title_tag)
        self.steps = frozenset(map(letters, SEPARATOR.split(page.title_tag)))
        self.stated = letters(page.meta("og:title") or "")

    @cached_property
    def own(self) -> Headline | None:
        """The page's headline, a sure one before one that may be a box's; None without one."""
        unsure: Headline | None = None
        for number, block in self._candidates():
            found = self._judged(number, block)
            if found and found.sure:
                return found
            unsure = unsure or found
        return unsure

    def _candidates(self) -> Iterator[tuple[int, Block]]:
        left = MOST_CANDIDATES
        for number, block in enumerate(self.page.blocks[:MOST_BLOCKS]):
            text = block.text.split("\n")[0]
            if not SHORTEST <= len(text) <= LONGEST:
                continue
            if not (self._is_set_off(block, text) or self._is_dated(number, text)):
                continue
            if is_stand(text) or is_machinery(text) or kind_of(text) or self.is_boxed(block):
                continue
            yield number, block
            left -= 1
            if not left:
                return

    def _is_set_off(self, block: Block, text: str) -> bool:
        if block.linked * 2 > len(block.text) and not self._links_here(block):
            return False
        if block.kind == "heading" or block.bold:
            return True
        return (
            block.kind == "text"
            and block.element is not None
            and bool(_TITLE_CLASS.search(names_of(block.element)))
        ) or (len(text) > 20 and self.repeats(text))

    def _is_dated(self, number: int, text: str) -> bool:
        """True for a line right above one that tells when it was published, as old sites have."""
        block, *below = self.page.blocks[number : number + 2]
        if block.kind != "text" or block.linked or len(text) <= 20:
            return False
        lines = [line for one in (block, *below) for line in one.text.split("\n")]
        return is_labelled("".join(lines[1:2]))

    def _links_here(self, block: Block) -> bool:
        return all(self.page.absolute(reference) == self.page.url for reference, _ in block.links)

    def repeats(self, text: str) -> bool:
        """True where the document's title begins with a line or names it, or Open Graph's does."""
        bare = letters(text)
        if len(bare) < 4 or self.is_site(text):
            return False
        heads = self.document.startswith(bare) or self.stated.startswith(bare)
        return heads or bare in self.steps

    def is_named(self, text: str) -> bool:
        """True where the address says the same as a line."""
        bare = letters(text)
        return len(bare) >= 20 and bare[:60] in self.path

    def _judged(self, number: int, block: Block) -> Headline | None:
        text = block.text.split("\n")[0]
        named = self.is_named(text)
        if not named and self.is_site(text):
            return None
        whole = self.page.blocks
        below = whole[number + 1 : number + 1 + MOST_BELOW]
        part = tuple(below[: foot_start(below, 0)])
        rest = block.text[len(text) :]
        stamped = bool(DATES.search(rest)) or _has_stamp(part)
        if not (named or stamped) and _is_menu(part):
            return None
        if self._is_a_message(part) or not (self._has_content(part) or len(rest) >= ENOUGH):
            return None
        sure = named or stamped or self.repeats(text)
        return Headline(text, part, named, sure, stamped) if sure or _is_long(text) else None

    def _is_a_message(self, part: tuple[Block, ...]) -> bool:
        """True where what stands first below a headline says that there is nothing to read."""
        for block in part:
            if self._is_content(block):
                return False
            if not block.text or _is_passed_over(block) or self.is_boxed(block):
                continue
            if kind_of(block.text.split("\n")[0]) not in WALLS:
                return False
            return sum(len(b.text) for b in part if self.is_text(b)) < LITTLE
        return False

    def _has_content(self, part: tuple[Block, ...]) -> bool:
        return any(self._is_content(block) for block in part)

    def _is_content(self, block: Block) -> bool:
        if self.is_boxed(block):
            return False
        if block.film or any(map(_is_shown, block.images)):
            return True
        if any(DOCUMENT.search(reference) for reference, _ in block.links):
            return True
        return self.is_text(block) or (block.kind == "table" and len(block.rows) > 1)

    def is_text(self, block: Block) -> bool:
        """True for a block that is text of an article, by its length, words and place."""
        if len(block.text) < ENOUGH or _is_passed_over(block) or is_stand(block.text):
            return False
        return not is_worded(block.text) and not self.is_boxed(block)

    def is_site(self, text: str) -> bool:
        """True where a line is the name of the site, as its foot or its head says."""
        bare = letters(text)
        if bare in self._site_names:
            return True
        return len(text) > 8 and any(bare in stand for stand in self._stands)

    @cached_property
    def _site_names(self) -> frozenset[str]:
        return frozenset({letters(self.page.meta("og:site_name") or ""), ""})

    @cached_property
    def _stands(self) -> list[str]:
        return [letters(b.text) for b in self.page.blocks if len(b.text) < 400 and is_stand(b.text)]

    def is_boxed(self, block: Block) -> bool:
        """True for a block in an element whose tag or name says that it stands beside the text.

        An element that holds most of the page is none, whatever it is called.
        """
        if block.element is None:
            return False
        most = len(self.page.blocks) // 2
        return self._stands_in_box(block.element, max(most, 1))

    def _stands_in_box(self, element: Element, most: int) -> bool:
        """Whether an element or one around it is a box of at most so many blocks."""
        path: list[Element] = []
        around: Element | None = element
        while around is not None and around not in self._boxed:
            path.append(around)
            around = around.getparent()
        boxed = around is not None and self._boxed[around]
        for inner in reversed(path):
            boxed = boxed or (_is_box(inner) and self._sizes[inner] <= most)
            self._boxed[inner] = boxed
        return boxed

    @cached_property
    def _sizes(self) -> Counter[Element]:
        """How many blocks each element around a block holds."""
        sizes: Counter[Element] = Counter()
        sizes.update(b.element for b in self.page.blocks if b.element is not None)
        for element in reversed(list(self.page.tree.iter())):
            parent = element.getparent()
            if parent is not None and element in sizes:
                sizes[parent] += sizes[element]
        return sizes


def letters(text: str) -> str:
    """A text in small letters without accents, blanks and signs."""
    return re.sub(r"[\W_]+", "", plain(nfc(text)).lower())


def names_of(element: Element) -> str:
    """Class and id of an element."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def is_stamp(block: Block) -> bool:
    """True for a short line with a date, as it stands between headline and text."""
    return len(block.text) < 90 and not block.linked and bool(DATES.search(block.text))


def _is_long(text: str) -> bool:
    """True for a line that says more than the name of a box."""
    return len(text) >= 12 and len(text.split()) > 3


def _has_stamp(part: tuple[Block, ...]) -> bool:
    """Whether a date stands right below a headline, before any link to another page."""
    for block in part[:STAMPED]:
        if is_stamp(block):
            return True
        if block.linked * 2 > len(block.text) > 15:
            return False
    return False


def _is_box(element: Element) -> bool:
    if element.tag in _BOXES:
        return True
    if element.tag in ("html", "body", "form", "main", "article", "h1", "h2"):
        return False
    names = names_of(element)
    return names != " " and name_kind(names) < 0


def _is_passed_over(block: Block) -> bool:
    linked = block.linked * 2 > len(block.text)
    return linked or is_stamp(block) or is_machinery(block.text)


def _is_menu(part: tuple[Block, ...]) -> bool:
    """True where links follow at once, as below the name of a site."""
    following = next((block for block in part if block.text), None)
    if following is None:
        return False
    return len(following.links) > 4 and following.linked * 10 >= 6 * len(following.text)


def _is_shown(image: Element) -> bool:
    """True for a picture that is no link to another page, as advertisements are."""
    for above in image.iterancestors("a"):
        return bool(_PICTURE.search(above.get("href") or ""))
    return True
