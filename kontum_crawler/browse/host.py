"""What differs between Datasette 0.65 and 1.0, and which database is the archive."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import unquote

from datasette.utils.asgi import Forbidden, NotFound, Request, Response

from kontum_crawler.browse.language import COOKIE, choose
from kontum_crawler.browse.safety import HEADERS

Value = TypeVar("Value")
NEEDED = {"articles", "article_versions", "captures"}


async def archive_database(datasette: Any) -> Any:
    """The configured database, else the first that holds an archive.

    Raises NotFound where there is none. Setting: `plugins: kontum: database:`.
    """
    configured = (datasette.plugin_config("kontum") or {}).get("database")
    for name, database in datasette.databases.items():
        if name.startswith("_") or (configured and name != configured):
            continue
        if set(await database.table_names()) >= NEEDED:
            return database
    raise NotFound("No database here holds an archive. Serve its kontum.db.")


async def may_see(datasette: Any, request: Request, database: Any) -> None:
    """Raises Forbidden unless the reader may see the table of articles."""
    if hasattr(datasette, "ensure_permissions"):
        table = (database.name, "articles")
        await datasette.ensure_permissions(
            request.actor,
            [("view-table", table), ("view-database", database.name), "view-instance"],
        )
        return
    from datasette.resources import TableResource

    resource = TableResource(database=database.name, table="articles")
    if not await datasette.allowed(action="view-table", resource=resource, actor=request.actor):
        raise Forbidden("view-table")


async def read(datasette: Any, request: Request, question: Callable[[Any], Value]) -> Value:
    """Ask the archive a question that takes a connection, if the reader may see it."""
    database = await archive_database(datasette)
    await may_see(datasette, request, database)
    answer: Value = await database.execute_fn(question)
    return answer


def part(request: Request, name: str) -> str:
    """A named part of the path, percent-decoded; empty where the route has none."""
    return unquote(request.url_vars.get(name) or "")


def language_of(request: Request) -> str:
    """The language of the interface for this reader."""
    asked = request.args.get("lang")
    return choose(asked, request.cookies.get(COOKIE), request.headers.get("accept-language"))


async def page(
    datasette: Any,
    request: Request,
    template: str,
    context: dict[str, Any],
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    """A page of ours from its template, with the reader's language and our policy."""
    from kontum_crawler.browse.wording import wording

    language = language_of(request)
    everywhere = wording(datasette, request, language)
    html = await datasette.render_template(f"kontum/{template}", {**everywhere, **context}, request)
    response = Response.html(html, status=status, headers={**HEADERS, **(headers or {})})
    response.headers["vary"] = "accept-language, cookie"
    if request.args.get("lang") == language:
        response.set_cookie(COOKIE, language, path="/", samesite="lax", httponly=True)
    return response
