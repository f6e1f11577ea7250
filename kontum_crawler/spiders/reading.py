"""What an answer says and where it leads, in one value; runs in a thread, off the event loop."""

import html
import re
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urljoin

from scrapy.http import Response

from kontum_crawler.extract.answer import Answer, read_answer
from kontum_crawler.portals import Portal
from kontum_crawler.spiders.discovery import (
    Lead,
    feed_leads,
    is_list_of_posts,
    post_leads,
    sitemap_leads,
    source_kind,
)
from kontum_crawler.spiders.walk import Walk

REQUISITES = re.compile(
    rb"""<(?P<tag>img|link|input)\b[^>]*?\s(?:src|href)\s*=\s*["']?(?P<url>[^"'\s>]+)[^>]*>""", re.I
)

IN_STYLE = re.compile(
    rb"""url\(\s*["']?(?!data:)([^"'()\s]+)["']?\s*\)|@import\s+["']([^"'\s]+)["']""", re.I
)


@dataclass(frozen=True, slots=True)
class Received:
    """An answer as it came, its content coding undone."""

    url: str
    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the answer about an article, the kind of page, the addresses that it names."""

    answer: Answer | None
    kind: str
    leads: tuple[Lead, ...]


def received_of(response: Response, walk: Walk) -> Received:
    """An answer as the extractor reads it; a Location at the base address is the portal's own."""
    headers = [
        (name.decode("latin-1"), value.decode("utf-8", "replace"))
        for name, values in response.headers.items()
        for value in values
    ]
    if walk.base:
        headers = [
            (name, walk.address(value, response.url) or value)
            if name.lower() == "location" and "://" in value
            else (name, value)
            for name, value in headers
        ]
    return Received(response.url, response.status, headers, response.body)


def read(received: Received, kind: str, portal: Portal) -> Reading:
    """Read an answer. kind: what its address was queued as; a source is told by its content."""
    if received.status == 200 and kind != "document":
        source = source_kind(received.body)
        if source == "sitemap":
            return Reading(None, "sitemap", tuple(sitemap_leads(received.body)))
        if source == "feed":
            return Reading(None, "feed", tuple(feed_leads(received.body)))
        if kind in ("feed", "listing") and is_list_of_posts(received.body):
            pages = {n.lower(): v for n, v in received.headers}.get("x-wp-totalpages")
            leads = tuple(post_leads(received.body, received.url, pages))
            return Reading(None, "feed", leads)
    answer = read_answer(
        url=received.url,
        status=received.status,
        headers=received.headers,
        body=received.body,
        portal=portal,
    )
    told = answer.kind if answer.kind in ("article", "listing", "document") else kind
    links = list(answer.links)
    if told == "article":
        links += requisites(received.body, received.url)
    elif told == "requisite":
        links = named_in_style(received)
    return Reading(answer, told, tuple(Lead(link) for link in links))


def named_in_style(received: Received) -> list[str]:
    """Addresses of what a style sheet names: pictures, fonts and other sheets; none of others."""
    types = [value for name, value in received.headers if name.lower() == "content-type"]
    if received.status != 200 or not any(value.lower().startswith("text/css") for value in types):
        return []
    found: dict[str, None] = {}
    for match in IN_STYLE.finditer(received.body):
        reference = next(group for group in match.groups() if group).decode("utf-8", "replace")
        with suppress(ValueError):
            found[urljoin(received.url, reference)] = None
    return list(found)


def requisites(body: bytes, url: str) -> list[str]:
    """Addresses of the pictures and style sheets that a page needs to look like itself."""
    found: dict[str, None] = {}
    for match in REQUISITES.finditer(body):
        reference = html.unescape(match["url"].decode("utf-8", "replace")).strip()
        if match["tag"].lower() == b"link" and b"stylesheet" not in match[0].lower():
            continue
        try:
            found[urljoin(url, reference)] = None
        except ValueError:
            continue
    return list(found)
