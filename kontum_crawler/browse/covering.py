"""What is known of each portal's articles, what of that is held, and what is missing."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from datasette.utils.asgi import Request, Response

from kontum_crawler.browse import figures, reading
from kontum_crawler.browse.formats import csv_answer, json_answer
from kontum_crawler.browse.host import file_of, page, part, read
from kontum_crawler.browse.kept import kept
from kontum_crawler.browse.refusals import Refused
from kontum_crawler.browse.wording import addresses
from kontum_crawler.portals import Registry
from kontum_crawler.reports.coverage import Coverage, coverage, portal_of

TABLES = ("articles", "captures", "frontier")
NEEDED = {"named_urls", "archive_plan", "observations", "frontier"}
COLUMNS = ("portal", "host", "year", "known", "held", "missing")
OF_PORTALS = ("portal", "name", "known", "held", "missing")
LONGEST = 120_000
"""Milliseconds that a count may take: it is made once after each time that something is written."""

SHOWN = 100
"""Missing addresses that stand on the page; the files have all of them."""


async def overview(datasette: Any, request: Request) -> Response:
    """Every portal: how many addresses of articles are known, and how many of them held."""

    def question(db: sqlite3.Connection) -> tuple[list[dict[str, Any]], list[tuple[int, int, int]]]:
        rows = [_sums(db, row) for row in reading.portals(db)]
        years = [_of_portal(db, row["portal"]).by_year() for row in rows]
        return rows, _added(years)

    portals, years = await read(datasette, request, question, TABLES, LONGEST)
    match request.url_vars.get("format"):
        case "json":
            return json_answer({"portals": portals, "years": _as_rows(years)})
        case "csv":
            return csv_answer(portals, OF_PORTALS)
    here = addresses(datasette.urls.path)["coverages_href"]()
    context = {
        "portals": portals,
        **_plotted(years),
        "json_href": f"{here}.json",
        "csv_href": f"{here}.csv",
    }
    return await page(datasette, request, "coverages.html", context)


async def portal(datasette: Any, request: Request) -> Response:
    """One portal by host and year, and the addresses that are missing."""
    key = part(request, "name")

    def question(db: sqlite3.Connection) -> tuple[dict[str, Any], Coverage] | None:
        row = reading.portal(db, key)
        return (row, _of_portal(db, key)) if row is not None else None

    known = await read(datasette, request, question, TABLES, LONGEST)
    if known is None:
        raise Refused("no_portal", name=key)
    row, found = known
    rows = [{"portal": key, **line.as_dict()} for line in found.rows]
    match request.url_vars.get("format"):
        case "json":
            return json_answer(found.as_dict())
        case "csv":
            return csv_answer(rows, COLUMNS)
    to = addresses(datasette.urls.path)
    here, missing = to["coverage_href"](key), to["missing_href"](key)
    context = {
        "p": row,
        "rows": rows,
        "total": {name: sum(line[name] for line in rows) for name in COLUMNS[3:]},
        **_plotted([(year, *counts) for year, counts in found.by_year().items()]),
        "missing": found.missing[:SHOWN],
        "left": max(0, len(found.missing) - SHOWN),
        "missing_json": f"{missing}.json",
        "missing_csv": f"{missing}.csv",
        "json_href": f"{here}.json",
        "csv_href": f"{here}.csv",
    }
    return await page(datasette, request, "coverage.html", context)


async def missing(datasette: Any, request: Request) -> Response:
    """The addresses of one portal that are known and not held, all of them."""
    key = part(request, "name")

    def question(db: sqlite3.Connection) -> list[str] | None:
        return _of_portal(db, key).missing if reading.portal(db, key) else None

    found = await read(datasette, request, question, TABLES, LONGEST)
    if found is None:
        raise Refused("no_portal", name=key)
    if request.url_vars.get("format") == "csv":
        return csv_answer([{"url": url} for url in found], ("url",))
    return json_answer({"portal": key, "missing": found})


def _of_portal(db: sqlite3.Connection, key: str) -> Coverage:
    """The coverage of a portal of this archive, counted once as long as nothing is written."""

    def counted(connection: sqlite3.Connection) -> Coverage:
        sql = "SELECT name FROM sqlite_master WHERE type = 'table'"
        if not {row[0] for row in connection.execute(sql)} >= NEEDED:
            raise Refused("no_coverage")
        known = Registry(file_of(connection).parent / "portals")
        return coverage(connection, portal_of(connection, known, key))

    return kept(db, f"coverage of {key}", counted)


def _sums(db: sqlite3.Connection, row: Mapping[str, Any]) -> dict[str, Any]:
    found = _of_portal(db, row["key"])
    known, held = (sum(getattr(line, name) for line in found.rows) for name in ("known", "held"))
    return {
        "portal": row["key"],
        "name": row["name"],
        "known": known,
        "held": held,
        "missing": known - held,
    }


def _added(portals: list[dict[int, tuple[int, int]]]) -> list[tuple[int, int, int]]:
    """Year, known and held over all portals, the oldest year first."""
    sums: dict[int, tuple[int, int]] = {}
    for years in portals:
        for year, (known, held) in years.items():
            before = sums.get(year, (0, 0))
            sums[year] = (before[0] + known, before[1] + held)
    return [(year, *sums[year]) for year in sorted(sums)]


def _as_rows(years: list[tuple[int, int, int]]) -> list[dict[str, int]]:
    return [
        {"year": year, "known": known, "held": held, "missing": known - held}
        for year, known, held in years
    ]


def _plotted(years: list[tuple[int, int, int]]) -> dict[str, Any]:
    """The plot, years without any address included, and the rows of its table."""
    counts = {year: (known, held) for year, known, held in years}
    span = range(min(counts, default=0), max(counts, default=-1) + 1)
    columns = [(str(year), *counts.get(year, (0, 0))) for year in span]
    return {"plot": figures.shares(columns), "years": _as_rows(years)}
