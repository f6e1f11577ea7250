"""Runs and problems, for whoever operates the crawl."""

from typing import Any

from datasette.utils.asgi import NotFound, Request, Response

from kontum_crawler.browse import reading
from kontum_crawler.browse.formats import json_answer
from kontum_crawler.browse.host import page, part, read


async def runs(datasette: Any, request: Request) -> Response:
    """The last runs and problems, or one run and its problems."""
    name = part(request, "name")
    number = int(name) if name else None

    def question(connection: Any) -> dict[str, Any]:
        found = reading.runs(connection, 50 if number is None else 100_000)
        return {
            "runs": [row for row in found if number in (None, row["id"])],
            "problems": reading.problems(connection, number),
        }

    known = await read(datasette, request, question)
    if number is not None and not known["runs"]:
        raise NotFound(f"No run {number} in this archive")
    if request.url_vars.get("format") == "json":
        return json_answer(known)
    context = {**known, "json_href": f"{request.path}.json"}
    return await page(datasette, request, "runs.html", context)
