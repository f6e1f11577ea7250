"""The Datasette plugin: the archive as a newspaper reader and a researcher expect it.

A route, a question, a template. Text of a portal is escaped by the template engine and never marked
safe; a captured page is served with a policy that lets nothing of it run (safety.py).
"""

from collections.abc import Callable
from typing import Any

from datasette import hookimpl

from kontum_crawler.browse import articles, captured, finding, front, lists, running
from kontum_crawler.browse.safety import guarded

FORMAT = r"(?:\.(?P<format>json))?"
FORMATS = r"(?:\.(?P<format>json|csv|atom))?"


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Any]]]:
    """The addresses of our pages; Datasette's own stay where they are, but for the first page."""
    return [
        (r"^/$", front.home),
        (r"^/home\.(?P<format>json|atom)$", front.home),
        (rf"^/a/(?P<portal>[^/]+)/(?P<slug>[^/]+)/compare{FORMAT}$", articles.compare),
        (rf"^/a/(?P<portal>[^/]+)/(?P<slug>[^/]+?){FORMAT}$", articles.article),
        (rf"^/search{FORMATS}$", finding.search),
        (rf"^/portal/(?P<name>[^/]+?){FORMATS}$", lists.portal),
        (rf"^/author/(?P<name>[^/]+?){FORMATS}$", lists.author),
        (rf"^/unit/(?P<name>[^/]+?){FORMATS}$", lists.unit),
        (rf"^/document/(?P<name>.+?){FORMATS}$", lists.document),
        (rf"^/day/(?P<name>[^/]+?){FORMATS}$", lists.day),
        (rf"^/month/(?P<name>[^/]+?){FORMATS}$", lists.month),
        (rf"^/calendar/(?P<name>\d{{4}})?{FORMAT}$", lists.calendar_page),
        (rf"^/runs{FORMAT}$", running.runs),
        (rf"^/runs/(?P<name>\d{{1,9}}){FORMAT}$", running.runs),
        (rf"^/capture/(?P<name>\d{{1,15}}){FORMAT}$", captured.capture),
        (r"^/capture/(?P<name>\d{1,15})/page$", captured.captured_page),
        (r"^/capture/(?P<name>\d{1,15})/bytes$", captured.captured_bytes),
        (r"^/capture/(?P<name>\d{1,15})/with$", captured.requisite),
    ]


@hookimpl
def asgi_wrapper() -> Callable[[Any], Any]:
    """A Content-Security-Policy on every page, Datasette's own included."""
    return guarded
