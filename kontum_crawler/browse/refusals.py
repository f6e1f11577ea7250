"""What a reader is told when a page cannot be shown; programs get the same as JSON."""

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

from datasette.utils.asgi import NotFound, Request, Response

from kontum_crawler.browse.formats import json_answer
from kontum_crawler.browse.host import language_of, page
from kontum_crawler.browse.language import words
from kontum_crawler.errors import KontumError, UsageError

LONGEST = 300
View = Callable[[Any, Request], Awaitable[Response]]


class Refused(Exception):
    """A page that is not shown.

    sentence: its name in words.toml; values: what stands in its braces. href: where else to look.
    """

    def __init__(
        self, sentence: str, status: int = 404, href: str | None = None, **values: object
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status
        self.href = href
        self.values = values

    def told(self, language: str) -> str:
        """The sentence in a reader's language, its values cut to a readable length."""
        text = words(language)[self.sentence]
        for name, value in self.values.items():
            text = text.replace(f"{{{name}}}", str(value)[:LONGEST])
        return text


def answered(view: View) -> View:
    """The view with our own page for what is not there, was asked wrongly or cannot be read."""

    async def answer(datasette: Any, request: Request) -> Response:
        try:
            return await view(datasette, request)
        except Refused as error:
            message = error.told(language_of(request))
            return await _refusal(datasette, request, message, error.status, error.href)
        except NotFound as error:
            return await _refusal(datasette, request, str(error), 404)
        except UsageError as error:
            return await _refusal(datasette, request, str(error), 400)
        except KontumError as error:
            return await _refusal(datasette, request, str(error), 503)
        except sqlite3.OperationalError as error:
            text = words(language_of(request))
            message = text["too_slow"] if "interrupted" in str(error) else str(error)
            return await _refusal(datasette, request, message, 503)

    return answer


async def _refusal(
    datasette: Any, request: Request, message: str, status: int, href: str | None = None
) -> Response:
    if request.url_vars.get("format") not in (None, "html"):
        return json_answer({"ok": False, "status": status, "error": message}, status)
    heading = words(language_of(request))["not_found" if status == 404 else "not_shown"]
    context = {"heading": heading, "message": message, "href": href}
    return await page(datasette, request, "not_found.html", context, status=status)
