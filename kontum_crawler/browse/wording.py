"""What each template is given besides its own values: words, dates and addresses."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from kontum_crawler import __version__
from kontum_crawler.browse.language import (
    words,
    written_date,
    written_month,
    written_number,
    written_short,
)

FORMAT = re.compile(r"\.(json|csv|atom|wacz)$")
PAGES = {
    "home_href": "/",
    "article_href": "/a/{}/{}",
    "compare_href": "/a/{}/{}/compare",
    "search_href": "/search",
    "author_href": "/author/{}",
    "unit_href": "/unit/{}",
    "portal_href": "/portal/{}",
    "document_href": "/document/{}",
    "day_href": "/day/{}",
    "month_href": "/month/{}",
    "calendar_href": "/calendar/{}",
    "coverages_href": "/coverage",
    "coverage_href": "/coverage/{}",
    "missing_href": "/coverage/{}/missing",
    "runs_href": "/runs",
    "run_href": "/runs/{}",
    "capture_href": "/capture/{}",
    "captured_page_href": "/capture/{}/page",
    "captured_bytes_href": "/capture/{}/bytes",
}


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
        "short": lambda moment: written_short(moment, language),
        "month": lambda month: written_month(month, language),
        "figure": lambda name: words(language).get(f"stat_{name}", name),
        "origin": lambda name: words(language).get(f"origin_{name}", name or ""),
        "file_text": lambda name: words(language).get(f"file_{name}", name),
        "web": lambda url: (url or "").lower().startswith(("http://", "https://")),
        "outcome": lambda name: words(language).get(f"outcome_{name}", name or "…"),
        "number": lambda value: written_number(value, language),
        "static_file": lambda name: path(f"{_static_root()}/{name}?{__version__}"),
        **addresses(path),
    }


def addresses(path: Callable[[str], Any]) -> dict[str, Callable[..., str]]:
    """How the address of each kind of page is written.

    path: puts the prefix of the site before a path (`datasette.urls.path`); `str` for none.
    """

    def to(pattern: str) -> Callable[..., str]:
        def address(*parts: Any, **query: Any) -> str:
            quoted = [_segment(str(piece)) for piece in parts]
            chosen = {name: value for name, value in query.items() if value not in (None, "")}
            tail = "?" + urlencode(chosen, doseq=True) if chosen else ""
            return str(path(pattern.format(*quoted))) + tail

        return address

    return {name: to(pattern) for name, pattern in PAGES.items()}


def _segment(name: str) -> str:
    """A name as a part of a path; a last dot of its own does not ask for a format."""
    return FORMAT.sub(r"%2E\1", quote(name, safe="~"))


@cache
def _static_root() -> str:
    """Where Datasette serves our static files: under the name of the plugin or of its package."""
    from datasette.plugins import get_plugins

    for plugin in get_plugins():
        if plugin["static_path"] and "kontum_crawler" in plugin["static_path"]:
            return f"/-/static-plugins/{plugin['name']}"
    return "/-/static-plugins/kontum-crawler"
