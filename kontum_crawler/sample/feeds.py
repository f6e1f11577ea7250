"""RSS feeds and sitemaps of the sample portal."""

from email.utils import format_datetime
from typing import Protocol
from urllib.parse import quote
from xml.sax.saxutils import escape

from . import looks, planted, shelf
from .answers import Answer
from .days import lastmod, morning
from .edition import Edition
from .looks import Link
from .options import Options
from .story import words

PART = 1000


class Newsroom(Protocol):
    """What feeds and sitemaps ask of the portal."""

    options: Options

    @property
    def edition(self) -> Edition:
        """The articles of the day."""

    def link(self, key: int) -> Link:
        """The link to an article."""

    def listed(self, category: str) -> list[int]:
        """The articles of a category, newest first; of all without one."""


def rss(portal: Newsroom, keys: list[int], category: str) -> Answer:
    """The newest articles as RSS 2.0; days of publication only where the page shows them."""
    items = []
    for key in keys:
        story = portal.edition.story(key)
        link = escape(planted.HOST + portal.link(key).href)
        date = f"<pubDate>{format_datetime(story.posted)}</pubDate>" if story.dated else ""
        lead = f"<description>{escape(words(story.lead))}</description>" if story.lead else ""
        items.append(f"<item><title>{escape(story.title)}</title><link>{link}</link>"
                     f'<guid isPermaLink="true">{link}</guid>{date}{lead}</item>')  # fmt: skip
    name = shelf.categories()[category][0] if category else looks.SITE
    body = (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>'
        f"<title>{escape(name)}</title><link>{planted.HOST}/</link>"
        f"<description>{escape(looks.SITE)}</description>\n"
        + "\n".join(items)
        + "\n</channel></rss>\n"
    )
    return _xml(body, "application/rss+xml; charset=utf-8", portal)


def sitemap(portal: Newsroom) -> Answer:
    """The sitemap, or with many articles an index of several."""
    keys = _in_sitemap(portal)
    if len(keys) <= PART:
        return _xml(_urlset(portal, keys, first=True), "text/xml", portal)
    parts = [
        f"<sitemap><loc>{planted.HOST}/sitemap-{number + 1}.xml</loc>"
        f"<lastmod>{_newest(portal, keys[at : at + PART])}</lastmod></sitemap>"
        for number, at in enumerate(range(0, len(keys), PART))
    ]
    body = (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        + "\n".join(parts)
        + "\n</sitemapindex>\n"
    )
    return _xml(body, "text/xml", portal)


def sitemap_part(portal: Newsroom, number: int) -> Answer | None:
    """One sitemap of the index; None if the index has none of that number."""
    keys = _in_sitemap(portal)[(number - 1) * PART : number * PART] if number else []
    return _xml(_urlset(portal, keys, number == 1), "text/xml", portal) if keys else None


def _in_sitemap(portal: Newsroom) -> list[int]:
    planned = portal.edition.planned
    return [k for k in portal.listed("") if k not in planned or not planned[k].story.unlisted]


def _newest(portal: Newsroom, keys: list[int]) -> str:
    return lastmod(max(map(portal.edition.modified, keys)))


def _urlset(portal: Newsroom, keys: list[int], first: bool) -> str:
    rows = []
    if first:
        pages = ["/", *(f"/{key}.c-{n}.html" for key, (_, n) in shelf.categories().items())]
        rows = [f"<url><loc>{planted.HOST}{page}</loc></url>" for page in pages]
    for key in keys:
        story = portal.edition.story(key)
        for native_id in filter(None, (story.id, story.second_id)):
            loc = planted.HOST + quote(f"/{story.slug}.p-{native_id}.html")
            rows.append(f"<url><loc>{loc}</loc><lastmod>{lastmod(story.modified)}</lastmod></url>")
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        + "\n".join(rows)
        + "\n</urlset>\n"
    )


def _xml(body: str, media_type: str, portal: Newsroom) -> Answer:
    return Answer(
        body=body.encode(), media_type=media_type, stamp=body, modified=morning(portal.options.day)
    )
