"""Whether a page of a host that no portal file names is an article.

There the form of an address says little: a section may have a name of four words, and systems call
every page an article. What the page says of itself goes first (classes that systems give the body,
linked data), then its address, then its looks: a list of teasers, a date beside the headline.
"""

import json
import re
from collections.abc import Iterator
from itertools import islice, takewhile
from typing import Any

from kontum_crawler import urls
from kontum_crawler.extract.block import Block
from kontum_crawler.extract.gates import Gates
from kontum_crawler.extract.head import stated_date
from kontum_crawler.extract.headline import LITTLE, Headline
from kontum_crawler.extract.page import Page
from kontum_crawler.portals import Address, Portal

TEASERS = 4
"""Linked headlines of a page outside its boxes from which it is a list of them."""
_SINGLE = """
    single single-post single-format-standard view-article page-node-type-article node-type-article
    page-node-type-news node-type-news node-type-tin-tuc page-node-type-tin-tuc
"""
_SEVERAL = """
    archive category tag author date home blog paged search search-results error404 tax-post_tag
    view-category view-categories view-featured view-tag view-archive path-taxonomy path-frontpage
    page-taxonomy page-taxonomy-term post-type-archive
"""
_STORIES = """
    Article NewsArticle BlogPosting Report ReportageNewsArticle AnalysisNewsArticle
    SocialMediaPosting TechArticle
"""
_STANDS = "page-template page-node-type-page node-type-page"
_PAGES = "CollectionPage SearchResultsPage ProfilePage AboutPage ContactPage ItemList FAQPage"
_ONE = frozenset(_SINGLE.split())
_MANY = frozenset(_SEVERAL.split())
_STANDING = frozenset(_STANDS.split())
_ARTICLES = frozenset(_STORIES.split())
_LISTS = frozenset(_PAGES.split())
_ABOUT = re.compile(
    r"^/(?:[^/?]+/)*(?:about(?:-us)?|gioi-?thieu(?:-chung|-ve-[^/.]+)?|lien-?he|contact(?:-us)?"
    r"|so-do-(?:site|web|trang)[^/.]*|sitemap|privacy[^/.]*|terms[^/.]*|dieu-khoan[^/.]*"
    r"|chinh-sach-bao-mat|faqs?|hoi-dap|pages?)(?:/(?:[^/?]*[^/?\d])?)?(?:\.\w+)?/?$",
    re.I,
)
"""Addresses of pages that stand: about us, contact; an article there shows a date."""


def is_article(gates: Gates, portal: Portal) -> bool:
    """What the page, its address and its looks say, in this order."""
    page, address = gates.page, portal.address(gates.page.url)
    names = _body_names(page)
    types = _types(page)
    if names & _MANY or (types & _LISTS and not types & _ARTICLES):
        return False
    path = urls.path_and_query(page.url)
    named = address is not None and address.kind == "article"
    if (names & _STANDING or _ABOUT.match(path)) and not (named and _numbered(address)):
        # Systems state a date of every page; one that is printed is the editor's.
        return _is_stamped(gates)
    if names & _ONE:
        return True
    if _numbered(address):
        return True
    if _is_list(gates):
        return False
    if named or types & _ARTICLES:
        return True
    if _is_stamped(gates):
        return True
    states = (page.meta("og:type") or "").lower() == "article"
    return states and stated_date(page, portal.zone) is not None


def _numbered(address: Address | None) -> bool:
    """True for an address with a number or a date of its own, as lists do not have."""
    return address is not None and address.kind == "article" and address.native_id is not None


def _body_names(page: Page) -> set[str]:
    body = page.tree.find("body")
    return set((body.get("class") or "").lower().split()) if body is not None else set()


def _types(page: Page) -> set[str]:
    """Types of linked data and microdata that the page gives itself."""
    found: set[str] = set()
    for script in page.tree.iter("script"):
        if "ld+json" not in (script.get("type") or "") or not script.text:
            continue
        try:
            loaded = json.loads(script.text.strip().removesuffix(";"), strict=False)
        except (ValueError, RecursionError):
            continue
        found.update(_types_in(loaded))
    for element in islice(page.tree.iter("html", "body", "main", "article"), 8):
        found.add((element.get("itemtype") or "").rpartition("/")[2])
    return found


def _types_in(loaded: Any) -> Iterator[str]:
    for item in loaded if isinstance(loaded, list) else [loaded]:
        if not isinstance(item, dict):
            continue
        graph = item.get("@graph")
        if isinstance(graph, list):
            yield from _types_in(graph[:50])
        kinds = item.get("@type")
        for kind in kinds if isinstance(kinds, list) else [kinds]:
            if isinstance(kind, str):
                yield kind


def _is_stamped(gates: Gates) -> bool:
    """True where a date is printed beside the page's own headline."""
    own = gates.headlines.own
    return own is not None and own.sure and own.stamped


def _is_list(gates: Gates) -> bool:
    """True for a page of linked headlines without a text of its own among them."""
    if gates.prose >= LITTLE:
        return False
    own = gates.headlines.own
    if own and own.stamped:
        return False
    teasers = [block for block in gates.page.blocks if _is_teaser(block, gates)]
    if sum(len(block.links) for block in teasers) < TEASERS:
        return False
    return not (own and own.sure and _begins_with_text(own, gates))


def _is_teaser(block: Block, gates: Gates) -> bool:
    """True for a block that is the headline of another page, or a list of such."""
    if block.linked * 2 <= len(block.text) or gates.headlines.is_boxed(block):
        return False
    return any(len(text) > 24 for _, text in block.links)


def _begins_with_text(own: Headline, gates: Gates) -> bool:
    """True where text stands below a headline before the first teaser."""
    before = takewhile(lambda block: not _is_teaser(block, gates), own.part)
    return any(gates.headlines.is_text(block) for block in before)
