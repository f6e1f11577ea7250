"""Lists of articles: of a portal, a person, a unit, a document, a day, a month."""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from datasette.utils.asgi import NotFound, Request, Response

from kontum_crawler.browse import figures, reading
from kontum_crawler.browse.formats import atom_answer, csv_answer, json_answer
from kontum_crawler.browse.host import language_of, page, part, read
from kontum_crawler.browse.language import words, written_date, written_month
from kontum_crawler.browse.wording import addresses
from kontum_crawler.store.filters import Filters
from kontum_crawler.store.matches import Matches

PAGE = 50
MACHINE = 500


@dataclass(frozen=True, slots=True)
class Listing:
    """Which articles a page lists, under which heading, and what it says about them."""

    heading: str
    filters: Filters
    about: tuple[str, ...] = ()
    about_href: str = ""


async def portal(datasette: Any, request: Request) -> Response:
    """All articles of one portal."""
    key = part(request, "name")
    sql = "SELECT key, name, family, base_url FROM portals WHERE key = :key"
    row = await read(datasette, request, lambda db: reading.one(db, sql, {"key": key}))
    if row is None:
        raise NotFound(f"No portal «{key}» in this archive")
    about = tuple(text for text in (row["key"], row["family"]) if text)
    found = Listing(row["name"] or key, Filters(portal=(key,)), about, row["base_url"] or "")
    return await _answer(datasette, request, found)


async def author(datasette: Any, request: Request) -> Response:
    """All articles signed by one person."""
    return await _filtered(datasette, request, "author", "signed_by")


async def unit(datasette: Any, request: Request) -> Response:
    """All articles signed by one office."""
    return await _filtered(datasette, request, "unit", "of_unit")


async def document(datasette: Any, request: Request) -> Response:
    """All articles that cite one document."""
    return await _filtered(datasette, request, "document", "citing")


async def _filtered(datasette: Any, request: Request, name: str, heading: str) -> Response:
    """The articles that one filter of the search lets through."""
    value = part(request, "name")
    title = words(language_of(request))[heading].replace("{name}", value)
    chosen: dict[str, Any] = {name: value}
    return await _answer(datasette, request, Listing(title, Filters(**chosen)))


async def day(datasette: Any, request: Request) -> Response:
    """The articles of one day."""
    name = part(request, "name")
    if not _is_day(name):
        raise NotFound(f"«{name}» is not a day")
    return await _of_time(datasette, request, name, name, written_date(name, language_of(request)))


async def month(datasette: Any, request: Request) -> Response:
    """The articles of one month."""
    name = part(request, "name")
    if not re.fullmatch(r"\d{4}-\d\d", name) or not _is_day(f"{name}-01"):
        raise NotFound(f"«{name}» is not a month")
    last = calendar.monthrange(int(name[:4]), int(name[5:]))[1]
    written = written_month(name, language_of(request))
    return await _of_time(datasette, request, f"{name}-01", f"{name}-{last}", written)


async def _of_time(
    datasette: Any, request: Request, first: str, last: str, written: str
) -> Response:
    heading = words(language_of(request))["of_day"].replace("{name}", written)
    return await _answer(datasette, request, Listing(heading, Filters(since=first, until=last)))


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


async def calendar_page(datasette: Any, request: Request) -> Response:
    """A year of days, and its months."""
    asked = part(request, "name")

    def question(connection: Any) -> tuple[list[tuple[str, int]], int, dict[str, int]]:
        months = reading.by_month(connection)
        newest = int(months[-1][0][:4]) if months else date.today().year  # noqa: DTZ011
        year = int(asked) if asked else newest
        return months, year, reading.by_day(connection, year)

    months, year, days = await read(datasette, request, question)
    if not 1900 <= year <= 2200:
        raise NotFound(f"«{year}» is not a year of this archive")
    if request.url_vars.get("format") == "json":
        return json_answer({"year": year, "days": days})
    href = addresses(datasette.urls.path)["day_href"]("0000-00-00").replace("0000-00-00", "{day}")
    context = {
        "year": year,
        "years": sorted({int(name[:4]) for name, _ in months} | {year}),
        "heat": figures.heat_map(days, year, href),
        "months": [
            {
                "month": f"{year:04}-{number:02}",
                "articles": sum(count for _, count in _days_of(days, year, number)),
                "days": _days_of(days, year, number),
            }
            for number in range(1, 13)
            if _days_of(days, year, number)
        ],
        "json_href": f"{addresses(datasette.urls.path)['calendar_href'](year)}.json",
    }
    return await page(datasette, request, "calendar.html", context)


def _days_of(days: dict[str, int], year: int, month: int) -> list[tuple[str, int]]:
    length = calendar.monthrange(year, month)[1]
    names = (f"{year:04}-{month:02}-{number:02}" for number in range(1, length + 1))
    return [(name, days[name]) for name in names if name in days]


async def _answer(datasette: Any, request: Request, listing: Listing) -> Response:
    machine = request.url_vars.get("format")
    offset = min(_whole(request.args.get("offset")), 1_000_000)
    limit = MACHINE if machine else PAGE

    def question(connection: Any) -> list[dict[str, Any]]:
        ids = Matches(connection, None, False, listing.filters).by_date()
        return reading.listed(connection, list(islice(ids, offset, offset + limit + 1)))

    found = await read(datasette, request, question)
    to = addresses(datasette.urls.path)
    for row in found:
        row["href"] = to["article_href"](row["portal"], row["slug"])
    here = request.path.removesuffix(f".{machine}") if machine else request.path
    if machine:
        return machine_answer(request, machine, listing.heading, found[:limit], here)
    context = {
        "heading": listing.heading,
        "about": listing.about,
        "about_href": listing.about_href,
        "articles": found[:limit],
        "months": [],
        "newer": _at(here, request, offset - PAGE) if offset else None,
        "older": _at(here, request, offset + PAGE) if len(found) > limit else None,
        **{f"{name}_href": f"{here}.{name}" for name in ("json", "csv", "atom")},
    }
    return await page(datasette, request, "listing.html", context)


def machine_answer(
    request: Request, machine: str, heading: str, found: list[dict[str, Any]], here: str
) -> Response:
    """A list of articles (each with its `href`) as JSON, CSV or Atom."""
    if machine == "csv":
        return csv_answer(found)
    if machine == "atom":
        return atom_answer(request, heading, found[:100], here)
    return json_answer({"heading": heading, "articles": found})


def _at(here: str, request: Request, offset: int) -> str:
    query = {"offset": offset} if offset > 0 else {}
    return here + ("?" + urlencode(query) if query else "")


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else 0
