"""What one answer of a server says about the address that was asked.

Pure, and the same for a crawl, an ingested file and a second reading of the archive, so that the
three give the same rows.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal
from urllib.parse import urljoin, urlsplit
from zlib import crc32

from kontum_crawler import urls
from kontum_crawler.errors import NotArticle
from kontum_crawler.extract import generic
from kontum_crawler.extract.article import read
from kontum_crawler.extract.gates import Gates
from kontum_crawler.extract.headline import LITTLE
from kontum_crawler.extract.opinions import agreement
from kontum_crawler.extract.page import Page
from kontum_crawler.extract.unknown import is_article
from kontum_crawler.items import Article
from kontum_crawler.portals import Portal
from kontum_crawler.portals.loading import of_family

Kind = Literal["article", "gone", "soft-gone", "redirect", "listing", "document", "none"]
PERMANENT = (301, 308)
COMPARED = 4
"""One address in so many is read by the finder for unknown pages too; it takes a seventh longer."""
REDIRECTS = (*PERMANENT, 302, 303, 307)

_FRONT = re.compile(
    r"^/?(?:(?:index|default|home|trang-?chu|vi|main)(?:\.\w{2,5})?/?)?(?:\?.*)?$", re.I
)
_ERROR = re.compile(r"(?:^|[/._-])(?:404|error|loi|not-?found|khong-?tim-?thay|page-?not)", re.I)
_LOGIN = re.compile(r"(?:^|[/?=_-])(?:log-?in|sign-?in|dang-?nhap|sso|account/log)", re.I)
_DOCUMENT = re.compile(
    r"application/(?:pdf|msword|vnd\.|zip|x-zip|rtf|x-rar|vnd\.rar|x-7z|octet-stream)|text/rtf",
    re.I,
)
_MAGIC = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{\\rtf", b"Rar!", b"7z\xbc\xaf")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|title|frameset|table|div|p)\b", re.I)
_XML = re.compile(rb"<\?xml\b|<(?:rss|feed|urlset|sitemapindex|rdf:rdf)\b", re.I)
_LEADS = re.compile(
    rb"<(?:\w+:)?(?:loc|link)>\s*(?:<!\[CDATA\[)?\s*([^<\s\]]+)"
    rb"|<(?:\w+:)?link\b[^>]*?\shref=[\"']([^\"'>]+)",
    re.I,
)
_FEED = re.compile(rb"<(?:rss|feed|urlset|sitemapindex|rdf:rdf)\b", re.I)


@dataclass(slots=True)
class Answer:
    """What an answer is; `problem` is its text for `problems`, where one is due.

    `gone`: 404 or 410. `soft-gone`: a page that only says so, or a redirect to a front page or a
    listing. `redirect`: `target` is absolute, `permanent` tells 301 and 308 from the others.
    `none` says nothing about the article: an error, a login page, a broken one. agreement: how much
    of the text that a portal's rules give the finder for unknown pages gives too (0 to 1), on the
    pages on which that is asked.
    """

    kind: Kind
    article: Article | None = None
    target: str | None = None
    permanent: bool = False
    problem: str | None = None
    links: list[str] = field(default_factory=list)
    agreement: float | None = None


def read_answer(
    *, url: str, status: int | None, headers: Sequence[tuple[str, str]], body: bytes, portal: Portal
) -> Answer:
    """Read an answer. body: content-decoded. Never raises for what a server may send."""
    if status in (404, 410):
        return Answer("gone")
    if status in REDIRECTS and (location := _header(headers, "location")):
        return _redirect(url, location, portal, permanent=status in PERMANENT)
    if status == 304:
        return Answer("none")
    if status not in (200, 203):
        return Answer("none", problem=f"http: the server answered {status}" if status else None)
    return _content(url, _header(headers, "content-type"), body, portal)


def _header(headers: Sequence[tuple[str, str]], name: str) -> str | None:
    return next((value.strip() for key, value in headers if key.lower() == name), None)


def _redirect(url: str, location: str, portal: Portal, *, permanent: bool) -> Answer:
    try:
        target = urls.address(urljoin(url, location))
    except ValueError:
        return Answer("none", problem=f"redirect: to «{location}», which is no http address")
    if portal.kind(target) is None:
        return Answer("none", problem=f"off-site: redirects to {target}")
    if portal.kind(url) == "article":
        if _LOGIN.search(_path(target)) and not _LOGIN.search(_path(url)):
            return Answer("none", problem=f"login: redirects to {target}")
        if _leads_away(target, portal):
            problem = f"soft-404: redirects to {target}"
            return Answer("soft-gone", target=target, permanent=permanent, problem=problem)
    return Answer("redirect", target=target, permanent=permanent)


def _path(url: str) -> str:
    return urls.path_and_query(url)


def _leads_away(target: str, portal: Portal) -> bool:
    """True for a front page, a listing or a page that reports an error."""
    path = _path(target)
    if portal.kind(target) == "article":
        return False
    if _FRONT.match(path) or _ERROR.search(path):
        return True
    if portal.kind(target) != "listing":
        return False
    return (
        bool(portal.patterns.get("listing"))
        or _any_site(urls.host(target)).kind(target) == "listing"
    )


@lru_cache(maxsize=256)
def _any_site(host: str) -> Portal:
    return of_family("generic", host)


def _content(url: str, content_type: str | None, body: bytes, portal: Portal) -> Answer:
    kind = portal.kind(url)
    head = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(_MAGIC) or (_DOCUMENT.match(content_type or "") and not _HTML.search(head)):
        return Answer("document")
    if _XML.match(head) and _FEED.search(head):
        return Answer("listing", links=_named(url, body))
    if not body.strip():
        return Answer("none", problem="empty: the answer has no content")
    if not _is_html(content_type, head):
        if kind == "document":
            return Answer("document")
        problem = f"not-html: {content_type or 'no Content-Type'}" if kind == "article" else None
        return Answer("none", problem=problem)
    try:
        page = Page(body, url, content_type)
    except NotArticle as reason:
        return Answer("none", problem=f"{reason.kind}: {reason}")
    return _page(Gates(page), portal)


def _named(url: str, body: bytes) -> list[str]:
    """The addresses that a sitemap or a feed names, each once."""
    found = [first or second for first, second in _LEADS.findall(body)]
    texts = [html.unescape(each.decode("utf-8", "replace")).strip() for each in found]
    addresses = (urls.joined(url, text) for text in texts if text)
    return list(dict.fromkeys(address for address in addresses if address))


def _is_html(content_type: str | None, head: bytes) -> bool:
    said = (content_type or "").partition(";")[0].strip().lower()
    if said in ("text/html", "application/xhtml+xml", ""):
        return True
    if said.startswith(("image/", "audio/", "video/", "font/")) or said in (
        "text/css",
        "application/javascript",
        "text/javascript",
        "application/json",
    ):
        return False
    return bool(_HTML.search(head))


def _may_be_article(gates: Gates, portal: Portal) -> bool:
    """An article by its address; on a host that no file names by what the page says."""
    url = gates.page.url
    named = portal.kind(url) == "article"
    if not portal.generic or (named and gates.absent()):
        return named
    return (named or not _FRONT.match(_path(url))) and is_article(gates, portal)


def _page(gates: Gates, portal: Portal) -> Answer:
    page, links = gates.page, gates.page.links()
    try:
        article = _may_be_article(gates, portal)
        if (target := gates.refresh()) and gates.is_little:
            return _refresh(page, target, portal, links, article=article)
        if article:
            gates.check()
            if _shows_front_page(page):
                raise NotArticle("soft-404", "the page shows the front page")
            found = read(page, portal)
            return Answer("article", found, links=links, agreement=_agreement(page, found))
        if said := gates.wall():
            return Answer("none", problem=f"{said[0]}: {said[1]}", links=links)
    except NotArticle as reason:
        kind: Kind = "soft-gone" if reason.kind == "soft-404" else "none"
        return Answer(kind, problem=f"{reason.kind}: {reason}", links=links)
    return Answer("listing", links=links)


def _agreement(page: Page, article: Article) -> float | None:
    """A second opinion on a text that a rule found, for one address in COMPARED."""
    text = f"{article.lead or ''}\n{article.body}".strip()
    if not article.rules.get("body", "").startswith("layout.") or len(text) < LITTLE:
        return None
    if crc32(page.url.encode()) % COMPARED:
        return None
    main = generic.find(page, page.url)
    return round(agreement(text, main.text if main else ""), 3)


def _refresh(page: Page, target: str, portal: Portal, links: list[str], *, article: bool) -> Answer:
    problem = f"refresh: the page leads on to {target}"
    if portal.kind(target) is None:
        return Answer("none", problem=f"off-site: {problem}", links=links)
    if article and _leads_away(target, portal):
        return Answer("soft-gone", target=target, problem=problem, links=links)
    return Answer("redirect", target=target, problem=problem, links=links)


def _shows_front_page(page: Page) -> bool:
    """True where the page names the front page as its own address, and is asked by another."""
    if _FRONT.match(_path(page.url)):
        return False
    named = [link for link in page.select("link[rel=canonical]::attr(href)") if link.strip()]
    target = page.absolute(named[0]) if named else None
    return bool(target and urlsplit(target).query == "" and _FRONT.match(_path(target)))
