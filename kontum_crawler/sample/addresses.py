"""Addresses of the sample portal: how it builds and how it reads them."""

import re
from urllib.parse import quote

from . import shelf
from .looks import Link
from .story import Story

ARTICLE = re.compile(r"/(?P<slug>[^/]+)\.p-(?P<id>\d{1,9})\.html")
OLD_ARTICLE = re.compile(r"/(?P<slug>[^/]+)/(?P<id>\d{1,9})")
PRINT = re.compile(r"/print/(?P<slug>[^/]+)\.p-(?P<id>\d{1,9})\.html")
LISTING = re.compile(r"/(?P<key>[a-z-]+)\.c-(?P<number>\d{1,4})\.html")
TAG = re.compile(r"/tag/(?P<tag>[a-z0-9-]+)\.html")
FEED = re.compile(r"/rss/(?P<key>[a-z-]+)\.rss")
SITEMAP = re.compile(r"/sitemap-(?P<number>\d{1,5})\.xml")
FILE = re.compile(r"/upload/(?:hinh|vanban)/(?P<name>[\w.-]+)")


def path_of(story: Story, native_id: int | None = None) -> str:
    """The path of an article, decoded."""
    if story.old:
        return f"/{story.slug}/{story.id}"
    return f"/{story.slug}.p-{native_id or story.id}.html"


def address(story: Story, native_id: int | None = None) -> str:
    """The path of an article, percent-encoded."""
    return quote(path_of(story, native_id))


def category_link(key: str) -> Link:
    """The link to a category's first page."""
    name, number = shelf.categories()[key]
    return Link(f"/{key}.c-{number}.html", name)


def lower_escapes(path: str) -> str:
    """The same percent-encoded path with its escapes in lower case."""
    return re.sub(r"%[0-9A-F]{2}", lambda m: m[0].lower(), path)
