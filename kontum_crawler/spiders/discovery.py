"""Addresses in sitemaps, feeds and lists of a CMS, with the day on which they say a page changed.

Pure: bytes in, leads out. A sitemap of 50,000 addresses is read as a stream, packed or not; one
that breaks off gives what came before. Sources: sitemaps.org protocol 0.9; RFC 4287; RSS 2.0;
WordPress REST API handbook, posts.
"""

import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import feedparser
from lxml import etree

UNPACKED = 64_000_000
PIECE = 16_384
"""Bytes of a broken gzip file that are unpacked at a time; the piece that breaks gives nothing."""
SITEMAP = re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)[\s>]")
FEED = re.compile(rb"<(?:rss|feed|rdf:RDF)[\s>]", re.I)
PAGE = re.compile(r"[?&]page=(\d{1,6})(?=&|$)")
ADDRESS = re.compile(rb"https?://\S+\s*$")


@dataclass(frozen=True, slots=True)
class Lead:
    """An address that a source names; index: it is another sitemap. changed: as the source says."""

    url: str
    changed: str | None = None
    index: bool = False


def source_kind(body: bytes) -> str | None:
    """`sitemap`, `feed`, or None for another kind of page, by how it begins."""
    head = unpacked(body, 4096)[:4096]
    if SITEMAP.search(head):
        return "sitemap"
    if FEED.search(head):
        return "feed"
    first = head.lstrip(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    return "sitemap" if ADDRESS.match(first) else None


def sitemap_leads(body: bytes) -> Iterator[Lead]:
    """The addresses of a sitemap, a sitemap index or a list of lines, in their order."""
    text = unpacked(body, UNPACKED)
    if ADDRESS.match(text.lstrip(b"\xef\xbb\xbf").split(b"\n", 1)[0]):
        for line in text.decode("utf-8-sig", "replace").split():
            yield Lead(line)
        return
    yield from _elements(text)


def feed_leads(body: bytes) -> Iterator[Lead]:
    """The entries of an RSS or Atom feed, in their order."""
    for entry in feedparser.parse(io.BytesIO(body)).entries:
        # Asked through the entry itself, a missing `updated` is made up, with a warning.
        moment = dict.get(entry, "updated_parsed") or dict.get(entry, "published_parsed")
        changed = (
            f"{moment.tm_year:04}-{moment.tm_mon:02}-{moment.tm_mday:02}"
            f"T{moment.tm_hour:02}:{moment.tm_min:02}:{moment.tm_sec:02}Z"
            if moment
            else None
        )
        if link := entry.get("link"):
            yield Lead(str(link), changed)


def is_list_of_posts(body: bytes) -> bool:
    """True for an answer of the REST API of WordPress: a JSON list."""
    return body[:20].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"[{", b"[]"))


def post_leads(body: bytes, url: str, pages: str | None) -> Iterator[Lead]:
    """The posts of a list, and the address of its next page. pages: how many the server says."""
    try:
        posts = json.loads(body)
    except (ValueError, RecursionError):
        return
    for post in posts:
        if isinstance(post, dict) and isinstance(link := post.get("link"), str):
            moment = post.get("modified_gmt")
            yield Lead(link, f"{moment}Z" if isinstance(moment, str) and moment else None)
    page = PAGE.search(url)
    if page and posts and pages and pages.isdecimal() and int(page[1]) < int(pages):
        yield Lead(f"{url[: page.start(1)]}{int(page[1]) + 1}{url[page.end(1) :]}")


def unpacked(body: bytes, limit: int) -> bytes:
    """The body, unpacked where it is gzip (`sitemap.xml.gz`); at most `limit` bytes come out."""
    if body[:2] != b"\x1f\x8b":
        return body
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
            return packed.read(limit)
    except (OSError, EOFError, zlib.error):
        return _unpacked_in_part(body, limit)


def _unpacked_in_part(body: bytes, limit: int) -> bytes:
    """What a broken gzip file gives before it breaks."""
    unpacker = zlib.decompressobj(31)
    text = b""
    for start in range(0, len(body), PIECE):
        if len(text) >= limit:
            break
        try:
            text += unpacker.decompress(body[start : start + PIECE], limit - len(text))
        except zlib.error:
            break
    return text


def _elements(text: bytes) -> Iterator[Lead]:
    events = etree.iterparse(
        io.BytesIO(text), events=("end",), recover=True, resolve_entities=False, no_network=True
    )
    address, changed = "", None
    try:
        for _, element in events:
            # Not QName, which refuses names that the recovering parser let pass.
            name = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
            if name == "loc" and element.getparent() is not None and not address:
                address = (element.text or "").strip()
            elif name == "lastmod":
                changed = (element.text or "").strip() or None
            elif name in ("url", "sitemap"):
                if address:
                    yield Lead(address, changed, index=name == "sitemap")
                address, changed = "", None
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    except etree.XMLSyntaxError:
        return
