"""The calendar: a year of days as a heat map, and its months."""

import calendar
from typing import Any

from datasette.utils.asgi import Request, Response

from kontum_crawler import clock
from kontum_crawler.browse import figures, reading
from kontum_crawler.browse.formats import csv_answer, json_answer
from kontum_crawler.browse.host import language_of, page, part, read
from kontum_crawler.browse.refusals import Refused
from kontum_crawler.browse.wording import addresses


async def year(datasette: Any, request: Request) -> Response:
    """The days of one year with the number of articles published on each; else the newest year."""
    asked = part(request, "name")

    def question(connection: Any) -> tuple[list[int], int, dict[str, int]]:
        known = reading.years(connection)
        wanted = int(asked) if asked else max(known, default=clock.now().year)
        return known, wanted, reading.by_day(connection, wanted)

    years, wanted, days = await read(datasette, request, question)
    if not 1900 <= wanted <= 2200:
        raise Refused("no_year", name=wanted)
    match request.url_vars.get("format"):
        case "json":
            return json_answer({"year": wanted, "days": days})
        case "csv":
            rows = [{"day": day, "articles": count} for day, count in sorted(days.items())]
            return csv_answer(rows, ("day", "articles"))
    to = addresses(datasette.urls.path)
    href = to["day_href"]("0000-00-00").replace("0000-00-00", "{day}")
    context = {
        "year": wanted,
        "years": sorted({*years, wanted}),
        "heat": figures.heat_map(days, wanted, href, language_of(request)),
        "months": _months(days, wanted),
        "json_href": f"{to['calendar_href'](wanted)}.json",
        "csv_href": f"{to['calendar_href'](wanted)}.csv",
    }
    return await page(datasette, request, "calendar.html", context)


def _months(days: dict[str, int], year: int) -> list[dict[str, Any]]:
    """The months that have articles, each with its days."""
    found = []
    for number in range(1, 13):
        length = calendar.monthrange(year, number)[1]
        names = (f"{year:04}-{number:02}-{day:02}" for day in range(1, length + 1))
        of_month = [(name, days[name]) for name in names if name in days]
        if of_month:
            total = sum(count for _, count in of_month)
            found.append({"month": of_month[0][0][:7], "articles": total, "days": of_month})
    return found
