"""The first page: what is new, how much there is, and how the last run went."""

from typing import Any

from datasette.utils.asgi import Request, Response

from kontum_crawler.browse import figures, reading
from kontum_crawler.browse.formats import atom_answer, csv_answer, json_answer
from kontum_crawler.browse.host import NoArchive, archive_database, language_of, page, read
from kontum_crawler.browse.kept import kept
from kontum_crawler.browse.language import words, written_month
from kontum_crawler.browse.wording import addresses


async def home(datasette: Any, request: Request) -> Response:
    """The home page; where no database holds an archive, Datasette's own."""
    try:
        await archive_database(datasette)
    except NoArchive:
        from datasette.views.index import IndexView

        return await IndexView(datasette).dispatch_request(request)
    return await latest(datasette, request)


async def latest(datasette: Any, request: Request) -> Response:
    """The home page, also as `/home.json`, `/home.csv` and `/home.atom`."""
    machine = request.url_vars.get("format")
    articles = await read(datasette, request, reading.latest)
    to = addresses(datasette.urls.path)
    for row in articles:
        row["href"] = to["article_href"](row["portal"], row["slug"])
    if machine == "csv":
        return csv_answer(articles)
    if machine == "atom":
        title = words(language_of(request))["latest"]
        return atom_answer(request, title, articles, datasette.urls.path("/"))
    overview = await read(datasette, request, lambda db: kept(db, "home", _count))
    if machine == "json":
        return json_answer({"articles": articles, **overview})
    day_href = to["day_href"]("0000-00-00").replace("0000-00-00", "{day}")
    language = language_of(request)
    growth = [(written_month(month, language), count) for month, count in overview["growth"]]
    context = {
        **overview,
        "articles": articles,
        "heat": figures.heat_map(overview["days"], overview["year"], day_href, language),
        "days": sorted(overview["days"].items(), reverse=True),
        "growth_line": figures.line(growth),
        **{f"{name}_href": datasette.urls.path(f"/home.{name}") for name in MACHINE},
    }
    return await page(datasette, request, "home.html", context)


MACHINE = ("json", "csv", "atom")


def _count(connection: Any) -> dict[str, Any]:
    """Counts over the whole archive."""
    years = reading.years(connection)
    year = years[-1] if years else 1970
    runs = reading.runs(connection, 1)
    return {
        "portals": reading.portals(connection),
        "year": year,
        "days": reading.by_day(connection, year) if years else {},
        "growth": reading.growth(connection),
        "run": runs[0] if runs else None,
    }
