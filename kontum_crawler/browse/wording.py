"""What each template is given besides its own values: words, dates and addresses."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from kontum_crawler.browse.language import (
    words,
    written_date,
    written_month,
    written_number,
)

NAME = "/-/static-plugins"


def wording(datasette: Any, request: Any, language: str) -> dict[str, Any]:
    """The names that every template of ours may use."""
    other = "en" if language == "vi" else "vi"
    path = datasette.urls.path
    query = [pair for pair in parse_qsl(request.query_string) if pair[0] != "lang"]
    return {
        "lang": language,
        "other_lang": other,
        "other_lang_href": "?" + urlencode([*query, ("lang", other)]),
        "w": words(language),
        "date": lambda moment: written_date(moment, language),
        "month": lambda month: written_month(month, language),
        "number": lambda value: written_number(value, language),
        "host": lambda url: url.split("/")[2] if url and url.count("/") > 1 else url,
        "static_file": lambda name: path(f"{static_root(datasette)}/{name}"),
        **addresses(path),
    }


def addresses(path: Callable[[str], str]) -> dict[str, Callable[..., str]]:
    """How a template writes the address of each kind of page."""

    def to(pattern: str) -> Callable[..., str]:
        def address(*parts: Any, **query: Any) -> str:
            quoted = [quote(str(piece), safe="~") for piece in parts]
            chosen = {name: value for name, value in query.items() if value not in (None, "")}
            tail = "?" + urlencode(chosen, doseq=True) if chosen else ""
            return path(pattern.format(*quoted)) + tail

        return address

    return {
        "home_href": to("/"),
        "article_href": to("/a/{}/{}"),
        "compare_href": to("/a/{}/{}/compare"),
        "search_href": to("/search"),
        "author_href": to("/author/{}"),
        "unit_href": to("/unit/{}"),
        "portal_href": to("/portal/{}"),
        "document_href": to("/document/{}"),
        "day_href": to("/day/{}"),
        "month_href": to("/month/{}"),
        "calendar_href": to("/calendar/{}"),
        "runs_href": to("/runs"),
        "run_href": to("/runs/{}"),
        "capture_href": to("/capture/{}"),
        "captured_page_href": to("/capture/{}/page"),
        "captured_bytes_href": to("/capture/{}/bytes"),
    }


def static_root(datasette: Any) -> str:
    """Where Datasette serves our static files: under the name of the plugin or of its package."""
    from datasette.plugins import get_plugins

    for plugin in get_plugins():
        if plugin["static_path"] and "kontum_crawler" in plugin["static_path"]:
            return f"{NAME}/{plugin['name']}"
    return f"{NAME}/kontum-crawler"
