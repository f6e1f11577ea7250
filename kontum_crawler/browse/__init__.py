"""The Datasette plugin: the archive as a newspaper reader and a researcher expect it.

A route, a question, a template. Text of a portal is escaped by the template engine and never marked
safe; a captured page is served with a policy that lets nothing of it run (safety.py).
"""

from collections.abc import Callable
from typing import Any

from datasette import handle_exception as own_handler
from datasette import hookimpl
from datasette.utils.asgi import NotFound

from kontum_crawler.browse import (
    almanac,
    articles,
    captured,
    covering,
    finding,
    front,
    lists,
    packing,
    running,
)
from kontum_crawler.browse.refusals import answered, nothing_here
from kontum_crawler.browse.safety import guarded

ROUTES = (
    # Datasette asks its own first page for a format, so the route has one that never matches.
    (r"^/(?P<format>\b\B)?$", front.home),
    (r"^/home\.(?P<format>json|csv|atom)$", front.latest),
    (
        r"^/a/(?P<portal>[^/]+)/(?P<slug>[^/]+)/compare(?:\.(?P<format>json))?$",
        articles.compare,
    ),
    (
        r"^/a/(?P<portal>[^/]+)/(?P<slug>[^/]+?)(?:\.(?P<format>json|wacz))?$",
        articles.article,
    ),
    (r"^/search(?:\.(?P<format>json|csv|atom))?$", finding.search),
    (r"^/export\.(?P<format>csv|jsonl|wacz|bib|csl)$", packing.selection),
    (r"^/portal/(?P<name>[^/]+?)(?:\.(?P<format>json|csv|atom))?$", lists.portal),
    (r"^/author/(?P<name>[^/]+?)(?:\.(?P<format>json|csv|atom))?$", lists.author),
    (r"^/unit/(?P<name>[^/]+?)(?:\.(?P<format>json|csv|atom))?$", lists.unit),
    (r"^/document/(?P<name>.+?)(?:\.(?P<format>json|csv|atom))?$", lists.document),
    (r"^/day/(?P<name>[^/]+?)(?:\.(?P<format>json|csv|atom))?$", lists.day),
    (r"^/month/(?P<name>[^/]+?)(?:\.(?P<format>json|csv|atom))?$", lists.month),
    (r"^/calendar(?:/(?P<name>[0-9]{4})?)?(?:\.(?P<format>json|csv))?$", almanac.year),
    (r"^/coverage(?:\.(?P<format>json|csv))?$", covering.overview),
    (r"^/coverage/(?P<name>[^/]+)/missing\.(?P<format>json|csv)$", covering.missing),
    (r"^/coverage/(?P<name>[^/]+?)(?:\.(?P<format>json|csv))?$", covering.portal),
    (r"^/runs(?:\.(?P<format>json|csv|atom))?$", running.runs),
    (r"^/runs/(?P<name>[0-9]{1,9})(?:\.(?P<format>json|csv))?$", running.runs),
    (r"^/capture/(?P<name>[0-9]{1,15})(?:\.(?P<format>json|wacz))?$", captured.capture),
    (r"^/capture/(?P<name>[0-9]{1,15})/page$", captured.captured_page),
    (r"^/capture/(?P<name>[0-9]{1,15})/bytes$", captured.captured_bytes),
    (r"^/capture/(?P<name>[0-9]{1,15})/with$", captured.requisite),
    (r"^/capture/(?P<name>[0-9]{1,15})/go$", captured.linked),
)
"""The addresses of our pages; Datasette's own stay where they are, but for the first page."""


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Any]]]:
    """Our pages, each with a page of ours for what cannot be shown."""
    return [(path, answered(view)) for path, view in ROUTES]


@hookimpl
def asgi_wrapper() -> Callable[[Any], Any]:
    """A Content-Security-Policy on every page, Datasette's own included."""
    return guarded


@hookimpl
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Any:
    """A page of ours for an address that leads nowhere; all else is left to Datasette."""
    return nothing_here(datasette, request) if isinstance(exception, NotFound) else None


@hookimpl
def startup() -> None:
    """Keep Datasette from answering 500 where it means 404.

    Where `rich` is installed, which our command line brings along, Datasette (0.65.5, 1.0a41)
    prints a traceback with all local values for each 404, and fails over one without a traceback.
    """
    if hasattr(own_handler, "rich"):
        own_handler.rich = None
