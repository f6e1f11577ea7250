"""What differs between Datasette 0.65 and 1.0, and which database is the archive."""

import sqlite3
from collections.abc import Callable, Sequence
from http.cookies import CookieError
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote
from weakref import WeakSet

from datasette.utils import sqlite_timelimit
from datasette.utils.asgi import Forbidden, Request, Response

from kontum_crawler.browse.language import COOKIE, choose
from kontum_crawler.browse.safety import HEADERS
from kontum_crawler.store import migrations

Value = TypeVar("Value")
NEEDED = {"articles", "article_versions", "captures"}
VARY = "accept-language, cookie"
LONGEST = 10_000
"""Milliseconds that one question may take before it is given up."""


class NoArchive(Exception):
    """No database here holds an archive; configured: the one that the settings name, if any."""

    def __init__(self, configured: str | None) -> None:
        super().__init__(configured or "no archive")
        self.configured = configured


# Databases that were seen to hold an archive: asking each time costs more than most questions.
_archives: WeakSet[Any] = WeakSet()


async def archive_database(datasette: Any) -> Any:
    """The configured database, else the first that holds an archive.

    Raises NoArchive where there is none. Setting: `plugins: kontum-crawler: database:`.
    """
    configured = (datasette.plugin_config("kontum-crawler") or {}).get("database")
    for name, database in datasette.databases.items():
        if name.startswith("_") or (configured and name != configured):
            continue
        if database in _archives or set(await database.table_names()) >= NEEDED:
            _archives.add(database)
            return database
    raise NoArchive(configured)


async def may_see(
    datasette: Any, actor: Any, database: Any, tables: Sequence[str] = ("articles",)
) -> None:
    """Raises Forbidden unless that reader (None: anybody) may see these tables."""
    for table in tables:
        if hasattr(datasette, "ensure_permissions"):
            await datasette.ensure_permissions(
                actor,
                [
                    ("view-table", (database.name, table)),
                    ("view-database", database.name),
                    "view-instance",
                ],
            )
            continue
        from datasette.resources import TableResource

        resource = TableResource(database=database.name, table=table)
        if not await datasette.allowed(action="view-table", resource=resource, actor=actor):
            raise Forbidden("view-table")


async def read(
    datasette: Any,
    request: Request,
    question: Callable[[Any], Value],
    tables: Sequence[str] = ("articles",),
    longest: int = LONGEST,
) -> Value:
    """Ask the archive a question that takes a connection, if the reader may see these tables.

    Raises Forbidden, NewerSchema, OlderSchema, and sqlite3.OperationalError where it takes longer
    than `longest` milliseconds.
    """
    database = await archive_database(datasette)
    await may_see(datasette, request.actor, database, tables)

    def asked(connection: Any) -> Value:
        require_schema(connection)
        with sqlite_timelimit(connection, longest):
            return question(connection)

    answer: Value = await database.execute_fn(asked)
    return answer


def require_schema(connection: Any) -> None:
    """Raises NewerSchema or OlderSchema; a copy without a note of its migrations is let through."""
    if not migrations.applied(connection):
        return
    migrations.require_current(connection, file_of(connection))


def file_of(connection: Any) -> Path:
    """The file behind a connection; the archive is the folder around it."""
    return Path(connection.execute("PRAGMA database_list").fetchone()[2])


def part(request: Request, name: str) -> str:
    """A named part of the path, percent-decoded; empty where the route has none."""
    return unquote(request.url_vars.get(name) or "")


def language_of(request: Request) -> str:
    """The language of the interface for this reader."""
    try:
        cookie = request.cookies.get(COOKIE)
    except CookieError:
        cookie = None
    return choose(request.args.get("lang"), cookie, request.headers.get("accept-language"))


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
    try:
        name = (await archive_database(datasette)).name
        everywhere["tables_href"] = datasette.urls.database(name)
    except (NoArchive, sqlite3.DatabaseError):
        everywhere["tables_href"] = datasette.urls.path("/-/databases")
    html = await datasette.render_template(f"kontum/{template}", {**everywhere, **context}, request)
    response = Response.html(html, status=status, headers={**HEADERS, **(headers or {})})
    response.headers["vary"] = VARY
    if request.args.get("lang") == language:
        response.set_cookie(
            COOKIE,
            language,
            path=datasette.urls.path("/"),
            max_age=31_536_000,
            samesite="lax",
            httponly=True,
            secure=request.scheme == "https",
        )
    return response
