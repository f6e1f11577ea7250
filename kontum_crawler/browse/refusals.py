"""What a reader is told when a page cannot be shown; programs get the same as JSON."""

import hashlib
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

from datasette.utils.asgi import Request, Response

from kontum_crawler.browse.formats import json_answer
from kontum_crawler.browse.host import VARY, NoArchive, archive_database, language_of, page
from kontum_crawler.browse.language import words
from kontum_crawler.browse.telling import Sentence, known
from kontum_crawler.errors import KontumError, UsageError

FORMATS = ("json", "csv", "atom", "wacz", "jsonl", "bib", "csl")
View = Callable[[Any, Request], Awaitable[Response]]


class Refused(Exception):
    """A page that is not shown.

    sentence: its name in words.toml; values: what stands in its braces. href: where else to look.
    """

    def __init__(
        self, sentence: str, status: int = 404, href: str | None = None, **values: object
    ) -> None:
        super().__init__(sentence)
        self.sentence = Sentence(sentence, values)
        self.status = status
        self.href = href


def answered(view: View) -> View:
    """The view with our own page for what is not there, was asked wrongly or cannot be read."""

    async def answer(datasette: Any, request: Request) -> Response:
        try:
            response = await view(datasette, request)
            if request.url_vars.get("format"):  # Headings, errors and feeds are in words too.
                response.headers.setdefault("vary", VARY)
            return unchanged(request, response)
        except Refused as error:
            return await _refusal(datasette, request, error.sentence, error.status, error.href)
        except NoArchive as error:
            name = "no_archive_named" if error.configured else "no_archive"
            sentence = Sentence(name, {"name": error.configured})
            return await _refusal(datasette, request, sentence, 404)
        except UsageError as error:
            return await _refusal(datasette, request, known(str(error)), 400)
        except KontumError as error:
            return await _refusal(datasette, request, known(str(error)), 503)
        except sqlite3.DatabaseError as error:
            slow = "interrupted" in str(error)
            sentence = Sentence("too_slow") if slow else known(str(error))
            return await _refusal(datasette, request, sentence, 503)

    return answer


def unchanged(request: Request, response: Response) -> Response:
    """The answer with its mark, or 304 without a body where the reader has just that already."""
    body = getattr(response, "body", None)
    if response.status != 200 or not body:
        return response
    content = body if isinstance(body, bytes) else str(body).encode("utf-8", "surrogatepass")
    mark = f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'
    response.headers["etag"] = mark
    known = (part.strip() for part in (request.headers.get("if-none-match") or "").split(","))
    if mark in known:
        response.body, response.status = b"", 304
    return response


async def nothing_here(datasette: Any, request: Request) -> Response | None:
    """What an address that no page has is told; None where Datasette has no archive to show."""
    try:
        await archive_database(datasette)
    except (NoArchive, sqlite3.DatabaseError):
        return None
    return await _refusal(datasette, request, Sentence("no_page", {"name": request.path}), 404)


async def _refusal(
    datasette: Any, request: Request, sentence: Sentence, status: int, href: str | None = None
) -> Response:
    message = sentence.told(language_of(request))
    named = request.url_vars.get("format") or request.path.rpartition(".")[2]
    if named in FORMATS:
        return json_answer({"ok": False, "status": status, "error": message}, status)
    heading = words(language_of(request))["not_found" if status == 404 else "not_shown"]
    context = {"heading": heading, "message": message, "href": href}
    return await page(datasette, request, "not_found.html", context, status=status)
