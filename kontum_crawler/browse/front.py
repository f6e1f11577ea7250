"""The first page: what is new, how much there is, and how the last run went."""

from typing import Any

from datasette.utils.asgi import Request, Response

from kontum_crawler.browse import figures, reading
from kontum_crawler.browse.formats import atom_answer, json_answer
from kontum_crawler.browse.host import archive_database, language_of, may_see, page
from kontum_crawler.browse.language import words
from kontum_crawler.browse.wording import addresses


async def home(datasette: Any, request: Request) -> Response:
    """The home page, also as `/home.json` and `/home.atom`."""
    database = await archive_database(datasette)
    await may_see(datasette, request, database)
    machine = request.url_vars.get("format")
    articles = await database.execute_fn(reading.latest)
    to = addresses(datasette.urls.path)
    for row in articles:
        row["href"] = to["article_href"](row["portal"], row["slug"])
    if machine == "atom":
        title = words(language_of(request))["latest"]
        return atom_answer(request, title, articles, datasette.urls.path("/"))
    overview = await _overview(database)
    if machine == "json":
        return json_answer({"articles": articles, **overview})
    day_href = to["day_href"]("0000-00-00").replace("0000-00-00", "{day}")
    context = {
        **overview,
        "articles": articles,
        "heat": figures.heat_map(overview["days"], overview["year"], day_href),
        "days": sorted(overview["days"].items(), reverse=True),
        "growth_line": figures.line(overview["growth"]),
        "json_href": datasette.urls.path("/home.json"),
        "atom_href": datasette.urls.path("/home.atom"),
    }
    return await page(datasette, request, "home.html", context)


# The figures of the whole archive, kept until the file changes: (its state, the figures).
_kept: dict[str, tuple[Any, dict[str, Any]]] = {}


async def _overview(database: Any) -> dict[str, Any]:
    """Counts over the whole archive, asked again only when it was written to."""
    state = await database.execute_fn(_state)
    known = _kept.get(database.name)
    if known is None or known[0] != state:
        known = (state, await database.execute_fn(_count))
        _kept[database.name] = known
    return known[1]


def _state(connection: Any) -> tuple[Any, ...]:
    """What changes with every run, and costs nothing to ask."""
    newest = reading.one(
        connection,
        "SELECT (SELECT max(id) FROM articles) AS article, (SELECT max(id) FROM captures) AS"
        " capture, (SELECT max(id) FROM problems) AS problem, (SELECT max(id) FROM runs) AS run,"
        " (SELECT finished_at FROM runs ORDER BY id DESC LIMIT 1) AS finished",
    )
    file = connection.execute("PRAGMA database_list").fetchone()[2]
    return (file, *(newest or {}).values())


def _count(connection: Any) -> dict[str, Any]:
    months = reading.by_month(connection)
    year = int(months[-1][0][:4]) if months else 1970
    runs = reading.runs(connection, 1)
    return {
        "portals": reading.portals(connection),
        "year": year,
        "days": reading.by_day(connection, year) if months else {},
        "growth": reading.growth(connection),
        "run": runs[0] if runs else None,
    }
