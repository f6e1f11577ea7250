"""Runs and problems, for whoever operates the crawl."""

import json
from typing import Any

from datasette.utils.asgi import Request, Response

from kontum_crawler.browse import reading
from kontum_crawler.browse.formats import csv_answer, feed_answer, json_answer
from kontum_crawler.browse.host import language_of, page, part, read
from kontum_crawler.browse.language import words
from kontum_crawler.browse.refusals import Refused
from kontum_crawler.browse.wording import addresses

TABLES = ("runs", "problems")
COLUMNS = ("id", "command", "started_at", "finished_at", "outcome", "problems", "stats")
OF_PROBLEMS = ("id", "run_id", "url", "stage", "message", "at")
MOST = 5_000
"""Problems that are given to programs at once."""


async def runs(datasette: Any, request: Request) -> Response:
    """The last runs and problems, or one run and its problems."""
    name = part(request, "name")
    number = int(name) if name else None
    machine = request.url_vars.get("format")

    def question(connection: Any) -> dict[str, Any]:
        return {
            "runs": reading.runs(connection, MOST if machine else 50, number),
            "problems": reading.problems(connection, number, MOST if machine else 200),
        }

    known = await read(datasette, request, question, TABLES)
    if number is not None and not known["runs"]:
        raise Refused("no_run", name=number)
    to = addresses(datasette.urls.path)
    here = to["run_href"](number) if number is not None else to["runs_href"]()
    match machine:
        case "json":
            return json_answer(known)
        case "csv" if number is not None:
            return csv_answer(known["problems"], OF_PROBLEMS)
        case "csv":
            rows = [
                {**row, "stats": json.dumps(row["stats"], ensure_ascii=False)}
                for row in known["runs"]
            ]
            return csv_answer(rows, COLUMNS)
        case "atom":
            title = words(language_of(request))["runs"]
            entries = [_entry(row, to["run_href"](row["id"])) for row in known["runs"][:100]]
            return feed_answer(request, title, entries, here)
    formats = ("json", "csv") if number is not None else ("json", "csv", "atom")
    context = {**known, **{f"{f}_href": f"{here}.{f}" for f in formats}}
    return await page(datasette, request, "runs.html", context)


def _entry(run: dict[str, Any], href: str) -> dict[str, str]:
    """A run as an entry of a feed."""
    return {
        "href": href,
        "title": f"{run['command']}: {run['outcome'] or '…'}",
        "updated": run["finished_at"] or run["started_at"],
        "author": "kontum",
        "summary": json.dumps(run["stats"], ensure_ascii=False),
    }
