"""The search page: the query language of `kontum search`, with facets, sorting and pages."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from datasette.utils.asgi import Request, Response

from kontum_crawler.browse import figures
from kontum_crawler.browse.host import language_of, page, read
from kontum_crawler.browse.language import words, written_number
from kontum_crawler.browse.lists import MACHINE, machine_answer
from kontum_crawler.browse.wording import addresses
from kontum_crawler.store.facets import count_by, timeline
from kontum_crawler.store.filters import Filters
from kontum_crawler.store.search import Hit, Results, Sort
from kontum_crawler.store.search import search as ask

PAGE = 20
NARROWING = ("portal", "author", "unit", "source", "category", "document")
FACETS = ("portal", "author", "unit", "category", "document")


async def search(datasette: Any, request: Request) -> Response:
    """Articles that answer a query, as a page, JSON, CSV or Atom."""
    query = (request.args.get("q") or "")[:10_000]
    machine = request.url_vars.get("format")
    filters = _filters(request)
    sort: Sort = "date" if request.args.get("sort") == "date" else "relevance"
    offset = _offset(request)
    limit = MACHINE if machine else PAGE

    def question(connection: Any) -> tuple[Any, list[Any], list[Any]]:
        results = ask(connection, query, filters, sort=sort, limit=limit, offset=offset)
        if machine:
            return results, [], []
        if not results.hits:
            return results, [], []
        groups = [(name, count_by(connection, name, query, filters).rows[:10]) for name in FACETS]
        return results, groups, timeline(connection, query, filters).rows

    results, groups, months = await read(datasette, request, question)
    articles = [_entry(datasette, hit) for hit in results.hits]
    here = datasette.urls.path("/search")
    if machine:
        return machine_answer(request, machine, query, articles, f"{here}?{request.query_string}")
    text = words(language_of(request))
    asked = {name: value for name in NARROWING if (value := request.args.get(name))}
    kept = {**asked, "q": query, "since": filters.since, "until": filters.until, "sort": sort}
    kept = {name: value for name, value in kept.items() if value}
    formats = {name: f"{here}.{name}?{urlencode(kept)}" for name in ("json", "csv", "atom")}
    context = {
        "q": query,
        "filters": filters,
        "sort": sort,
        "kept": sorted(asked.items()),
        "total_text": _total(results, language_of(request)),
        "note": results.note,
        "suggestion": results.suggestion,
        "articles": articles,
        "months": months,
        "months_bars": figures.bars(months),
        "facets": [
            {
                "label": text[name],
                "values_list": [
                    (value, count, f"{here}?{urlencode({**kept, name: value})}")
                    for value, count in rows
                ],
            }
            for name, rows in groups
            if len(rows) > 1 and name not in asked
        ],
        "chosen": [
            (text[name], value, f"{here}?{urlencode({k: v for k, v in kept.items() if k != name})}")
            for name, value in asked.items()
        ],
        "export_links": [(name.upper(), href) for name, href in formats.items()],
        "newer": _at(here, kept, offset - PAGE) if offset else None,
        "older": _at(here, kept, offset + PAGE) if len(articles) == PAGE else None,
        **{f"{name}_href": href for name, href in formats.items()},
    }
    return await page(datasette, request, "search.html", context)


def _filters(request: Request) -> Filters:
    chosen: dict[str, Any] = {}
    for name in NARROWING:
        if value := request.args.get(name):
            chosen[name] = (value,) if name == "portal" else value
    for name in ("since", "until"):
        value = request.args.get(name) or ""
        if len(value) == 10 and value.replace("-", "").isdigit():
            chosen[name] = value
    return Filters(**chosen)


def _entry(datasette: Any, hit: Hit) -> dict[str, Any]:
    """A hit with its address, and its snippet in runs that are hits or not."""
    row = hit.as_dict()
    row["href"] = addresses(datasette.urls.path)["article_href"](row["portal"], row["slug"])
    row["marked"] = _runs(hit.snippet, hit.marks.get("snippet", []))
    return row


def _runs(text: str, spans: Sequence[Sequence[int]]) -> list[dict[str, Any]]:
    runs, at = [], 0
    for start, end in spans:
        runs += [{"text": text[at:start], "hit": False}, {"text": text[start:end], "hit": True}]
        at = end
    return [run for run in (*runs, {"text": text[at:], "hit": False}) if run["text"]]


def _total(results: Results, language: str) -> str:
    text = words(language)
    if results.total is None:
        return text["more_than"].replace("{count}", written_number(results.more_than, language))
    return text["results"].replace("{count}", written_number(results.total, language))


def _offset(request: Request) -> int:
    text = request.args.get("offset") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _at(here: str, kept: dict[str, Any], offset: int) -> str:
    query = {**kept, "offset": offset} if offset > 0 else kept
    return f"{here}?{urlencode(query)}"
