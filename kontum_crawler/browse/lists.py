"""Lists of articles: of a portal, a person, a unit, a document, a day, a month."""

import calendar
import re
import sqlite3
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from datasette.utils.asgi import Request, Response

from kontum_crawler.browse import packing, reading
from kontum_crawler.browse.formats import atom_answer, json_answer
from kontum_crawler.browse.host import language_of, page, part, read
from kontum_crawler.browse.language import (
    words,
    written_date,
    written_month,
    written_number,
)
from kontum_crawler.browse.refusals import Refused
from kontum_crawler.browse.selecting import select
from kontum_crawler.browse.wording import addresses
from kontum_crawler.store.search.filters import Filters

PAGE = 50
MACHINE = 500
FEED = 100
"""Articles on one page of a feed."""

COUNTED = 1_000
"""Articles of a list that are counted; above that the page says «more than»."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Which articles a page lists, under which heading, and what it says about them.

    path: of the page, names percent-encoded, without the prefix of the site. coverage_of: the key
    of the portal whose articles these are. document: the number of the one that they cite.
    """

    heading: str
    filters: Filters
    path: str
    about: tuple[str, ...] = ()
    about_href: str = ""
    coverage_of: str = ""
    document: str = ""


async def portal(datasette: Any, request: Request) -> Response:
    """All articles of one portal."""
    key = part(request, "name")
    row = await read(datasette, request, lambda db: reading.portal(db, key))
    if row is None:
        raise Refused("no_portal", name=key)
    language = language_of(request)
    about = [row["key"], *([row["family"]] if row["family"] else [])]
    if row["first"]:
        span = (written_date(row[name][:10], language) for name in ("first", "last"))
        about.append(" – ".join(span))
    path = addresses(str)["portal_href"](key)
    found = Listing(
        row["name"] or key, Filters(portal=(key,)), path, tuple(about), row["base_url"] or "", key
    )
    return await _answer(datasette, request, found)


async def author(datasette: Any, request: Request) -> Response:
    """All articles signed by one person."""
    return await _filtered(datasette, request, "author", "signed_by")


async def unit(datasette: Any, request: Request) -> Response:
    """All articles signed by one office."""
    return await _filtered(datasette, request, "unit", "of_unit")


async def document(datasette: Any, request: Request) -> Response:
    """All articles that cite one document, and how they name it."""
    return await _filtered(datasette, request, "document", "citing")


async def _filtered(datasette: Any, request: Request, name: str, heading: str) -> Response:
    """The articles that one filter of the search lets through; 404 where it lets none."""
    value = part(request, "name")
    title = words(language_of(request))[heading].replace("{name}", value)
    chosen: dict[str, Any] = {name: value}
    path = addresses(str)[f"{name}_href"](value)
    listing = Listing(title, Filters(**chosen), path, document=value if name == "document" else "")
    return await _answer(datasette, request, listing, wanted=value)


def _described(row: dict[str, Any], language: str) -> str:
    """A document as its citations name it: kind, issuer, date."""
    issued = written_date(row["issued_on"], language)
    parts = (row["doc_type"], row["number"], row["issuer"], issued)
    return f"{', '.join(text for text in parts if text)} ({written_number(row['n'], language)})"


async def day(datasette: Any, request: Request) -> Response:
    """The articles of one day."""
    name = part(request, "name")
    if not _is_day(name):
        raise Refused("no_day", name=name)
    path = addresses(str)["day_href"](name)
    written = written_date(name, language_of(request))
    return await _of_time(datasette, request, (name, name), path, written)


async def month(datasette: Any, request: Request) -> Response:
    """The articles of one month."""
    name = part(request, "name")
    if not re.fullmatch(r"\d{4}-\d\d", name, re.ASCII) or not _is_day(f"{name}-01"):
        raise Refused("no_month", name=name)
    last = calendar.monthrange(int(name[:4]), int(name[5:]))[1]
    written = written_month(name, language_of(request))
    path = addresses(str)["month_href"](name)
    return await _of_time(datasette, request, (f"{name}-01", f"{name}-{last}"), path, written)


async def _of_time(
    datasette: Any, request: Request, days: tuple[str, str], path: str, written: str
) -> Response:
    heading = words(language_of(request))["of_day"].replace("{name}", written)
    filters = Filters(since=days[0], until=days[1])
    return await _answer(datasette, request, Listing(heading, filters, path))


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


async def _answer(
    datasette: Any, request: Request, listing: Listing, wanted: str | None = None
) -> Response:
    """The list as a page or for machines; 404 where a name is `wanted` that nothing has."""
    machine = request.url_vars.get("format")
    if machine == "csv":
        return await packing.articles(datasette, request, "csv", None, listing.filters)
    offset = min(whole(request.args.get("offset")), 1_000_000)
    size = FEED if machine == "atom" else MACHINE if machine else PAGE

    found = await read(datasette, request, lambda db: _find(db, listing, size, offset))
    if wanted is not None and not found.count:
        raise Refused("no_articles", name=wanted)
    to = datasette.urls.path
    language = language_of(request)
    about = [*listing.about, *(_described(row, language) for row in found.named)]
    for row in found.articles:
        row["href"] = addresses(to)["article_href"](row["portal"], row["slug"])
    here = to(listing.path)
    older = _at(here, offset + size) if found.more else None
    if machine == "atom":
        following = _at(f"{here}.atom", offset + size) if older else None
        return atom_answer(request, listing.heading, found.articles, here, following)
    if machine == "json":
        more = _at(f"{here}.json", offset + size) if older else None
        return json_answer(
            {"heading": listing.heading, "about": about, "articles": found.articles, "next": more}
        )
    context = {
        "heading": listing.heading,
        "about": about,
        "about_href": listing.about_href,
        "coverage_of": listing.coverage_of,
        "articles": found.articles,
        "total_text": counted(found.count, found.count > COUNTED, language),
        "newer": _at(here, offset - PAGE) if offset else None,
        "older": older,
        **machine_links(datasette, here, listing.filters),
    }
    return await page(datasette, request, "listing.html", context)


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a list; count: of all its articles, up to one more than `COUNTED`."""

    articles: list[dict[str, Any]]
    count: int
    more: bool
    named: list[dict[str, Any]]


def _find(db: sqlite3.Connection, listing: Listing, size: int, offset: int) -> Found:
    chosen = select(db, listing.filters)
    ids = chosen.ids(size + 1, offset)
    named = reading.named(db, listing.document, chosen.chosen or ()) if listing.document else []
    rows = reading.listed(db, ids[:size])
    return Found(rows, chosen.count(COUNTED + 1), len(ids) > size, named)


def machine_links(datasette: Any, here: str, filters: Filters, query: str = "") -> dict[str, Any]:
    """Addresses of the same list for programs, and of all its articles as files."""
    asked = {"q": query, **asdict(filters)}
    tail = urlencode({name: value for name, value in asked.items() if value}, doseq=True)
    path, _, own = here.partition("?")
    files = {
        name: datasette.urls.path(f"/export.{name}") + (f"?{tail}" if tail else "")
        for name in ("csv", "jsonl", "bib", "csl", "wacz")
    }
    return {
        "json_href": f"{path}.json" + (f"?{own}" if own else ""),
        "atom_href": f"{path}.atom" + (f"?{own}" if own else ""),
        "csv_href": f"{path}.csv" + (f"?{own}" if own else ""),
        "files": files,
    }


def counted(count: int, more: bool, language: str) -> str:
    """How many articles there are, in words."""
    text = words(language)["more_than" if more else "results"]
    return text.replace("{count}", written_number(count - more, language))


def whole(text: str | None) -> int:
    """A number in an address; 0 for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else 0


def _at(here: str, offset: int) -> str:
    return f"{here}?offset={offset}" if offset > 0 else here
