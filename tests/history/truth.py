"""What an archive filled from the three years must hold: from stories and captures alone."""

import html
import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from kontum_crawler.sample import Options, Portal, planted
from kontum_crawler.sample import truth as sample
from kontum_crawler.sample.addresses import ARTICLE, OLD_ARTICLE

from .rounds import ROUNDS, Capture

LINK = re.compile(rb"""<a\b[^>]*?\shref=["']([^"'#]+)""", re.I)
NAMED = re.compile(rb"<(?:loc|link|guid[^>]*)>\s*(http[^<\s]+)\s*<")
HOSTS = ("kkt.kontum.gov.vn", *planted.MIRRORS)


def truth(seen: Sequence[Capture], articles: int) -> dict[str, Any]:
    """Articles with their versions, times and addresses; coverage; what was captured."""
    portal = Portal(Options(articles=articles))
    portal.options.day = ROUNDS[-1].day
    return {
        "portal": "kkt",
        "articles": list(_articles(portal, seen)),
        "coverage": coverage(seen),
        "captures": len(seen),
        "redirects_to_https": sum(capture.status == 301 and _to_https(capture) for capture in seen),
    }


def _articles(portal: Portal, seen: Sequence[Capture]) -> list[dict[str, Any]]:
    by_key: dict[int, list[Capture]] = defaultdict(list)
    for capture in seen:
        if capture.key is not None and not _to_https(capture):
            by_key[capture.key].append(capture)
    last = ROUNDS[-1].day
    edition = portal.edition_of(last)
    found = []
    for told, key in zip(sample.articles(portal, last), edition, strict=True):
        good = [capture for capture in by_key[key] if capture.shows]
        found.append(
            {
                **{name: told[name] for name in ("slug", "alternatives", "title", "trait")},
                "urls": sorted({_plain(capture.url) for capture in good}),
                "first_seen_at": _time(good[0].at),
                "last_seen_at": _time(good[-1].at),
                "versions": _versions(portal, key, good),
                "gone_at": _gone(portal, key, by_key[key]),
                "moved_from": told["moved_from"],
            }
        )
    return found


def _versions(portal: Portal, key: int, good: list[Capture]) -> list[dict[str, str | None]]:
    """The texts in the order of time, each with the oldest capture that shows it."""
    found: list[dict[str, str | None]] = []
    for capture in good:
        story = portal.edition_of(capture.day).story(key)
        byline = story.signature.line
        text = {"title": story.title, "body": story.body, "byline": byline}
        if not found or {name: found[-1][name] for name in text} != text:
            found.append(text | {"seen_at": _time(capture.at)})
    return found


def _gone(portal: Portal, key: int, seen: list[Capture]) -> str | None:
    """When the proof was complete that every own address is gone; None while it is not."""
    own = {_plain(capture.url) for capture in seen if capture.shows}
    since: dict[str, datetime] = {}
    soft: dict[str, str] = {}
    for capture in seen:
        url = _plain(capture.url)
        if url not in own:
            continue
        if capture.shows:
            since.pop(url, None)
            soft.pop(url, None)
        elif capture.status in (404, 410):
            since.setdefault(url, capture.at)
        elif capture.location == "/":
            if url in soft and soft[url] != _time(capture.at)[:10]:
                since.setdefault(url, capture.at)
            soft.setdefault(url, _time(capture.at)[:10])
    return _time(max(since.values())) if since and set(since) == own else None


def coverage(seen: Sequence[Capture]) -> dict[str, Any]:
    """Article addresses by host and the year in which they were first named; which are held."""
    first: dict[str, int] = {}
    spelt: dict[str, str] = {}
    held: set[str] = set()
    for capture in seen:
        named = [capture.url]
        if capture.status == 200 and capture.media_type.startswith(("text/", "application/")):
            named += _links(capture)
        for url in named:
            if _is_article(url):
                key = _plain(url)
                spelt.setdefault(key, url)
                first[key] = min(first.get(key, 9999), capture.at.year)
        if capture.shows:
            held.add(_plain(capture.url))
    rows: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
    for key, year in first.items():
        row = rows[urlsplit(spelt[key]).netloc, year]
        row[0] += 1
        row[1] += key in held
    return {
        "rows": [
            {"host": host, "year": year, "known": known, "held": good, "missing": known - good}
            for (host, year), (known, good) in sorted(rows.items())
        ],
        "missing": sorted(key for key in first if key not in held),
    }


def _links(capture: Capture) -> list[str]:
    found = [*LINK.findall(capture.body), *NAMED.findall(capture.body)]
    return [urljoin(capture.url, html.unescape(link.decode("utf-8", "replace"))) for link in found]


def _is_article(url: str) -> bool:
    parts = urlsplit(url)
    path = unquote(parts.path)
    if parts.netloc not in HOSTS:
        return False
    if [name for name, _ in parse_qsl(parts.query) if not name.startswith("utm_")]:
        return False
    old = parts.netloc == planted.OLD_HOST and OLD_ARTICLE.fullmatch(path)
    return bool(ARTICLE.fullmatch(path) or old)


def _plain(url: str) -> str:
    """An address without scheme, query and encoding, to be compared."""
    parts = urlsplit(url)
    return f"{parts.netloc}{unquote(parts.path)}"


def _to_https(capture: Capture) -> bool:
    return bool(capture.location and capture.location.startswith("https://"))


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
