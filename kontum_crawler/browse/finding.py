"""The search page: the query language of `kontum search`, with facets, sorting and pages."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from datasette.utils.asgi import Request, Response

from kontum_crawler.browse import figures, packing, reading
from kontum_crawler.browse.formats import atom_answer, json_answer
from kontum_crawler.browse.host import language_of, page, read
from kontum_crawler.browse.language import words, written_month
from kontum_crawler.browse.lists import FEED, MACHINE, counted, machine_links, whole
from kontum_crawler.browse.narrowing import (
    FACETS,
    MOST_VALUES,
    Facets,
    all_facets,
    asked_of,
    facets_of,
    filters_of,
    query_of,
)
from kontum_crawler.browse.refusals import Refused
from kontum_crawler.browse.selecting import has_index, listed_ids
from kontum_crawler.browse.telling import translated
from kontum_crawler.browse.wording import addresses
from kontum_crawler.store.search.facets import chosen
from kontum_crawler.store.search.filters import Filters
from kontum_crawler.store.search.finding import Hit, Sort
from kontum_crawler.store.search.finding import search as ask
from kontum_crawler.store.search.matches import CAP

PAGE = 20


@dataclass(slots=True)
class Found:
    """One page of answers; `counted` of the matching articles stand in the facets."""

    articles: list[dict[str, Any]] = field(default_factory=list)
    total: int | None = 0
    note: str | None = None
    suggestion: str | None = None
    facets: Facets = field(default_factory=dict)
    counted: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for."""

    query: str | None
    filters: Filters
    sort: Sort
    offset: int
    limit: int
    every: bool
    facets: bool


async def search(datasette: Any, request: Request) -> Response:
    """Articles that answer a query, as a page, JSON, CSV or Atom."""
    machine = request.url_vars.get("format")
    asked = _asked(request, machine)
    if machine == "csv":
        return await packing.articles(datasette, request, "csv", asked.query, asked.filters)
    found = await read(datasette, request, lambda db: _find(db, asked))
    to = addresses(datasette.urls.path)
    for row in found.articles:
        row["href"] = to["article_href"](row["portal"], row["slug"])
    here = _address(datasette, request, asked)
    if machine == "atom":
        title = words(language_of(request))["search"] + (f": {asked.query}" if asked.query else "")
        following = _next(_in_form(here, "atom"), asked, found)
        return atom_answer(request, title, found.articles, here, following)
    if machine == "json":
        return json_answer(_as_json(asked, found, here))
    return await page(
        datasette, request, "search.html", _context(datasette, request, asked, found, here)
    )


def _asked(request: Request, machine: str | None) -> Asked:
    by_date = request.args.get("sort") == "date" or machine == "atom"
    return Asked(
        query=query_of(request),
        filters=filters_of(request),
        sort="date" if by_date else "relevance",
        offset=min(whole(request.args.get("offset")), 1_000_000),
        limit=FEED if machine == "atom" else MACHINE if machine else PAGE,
        every=request.args.get("counts") == "all",
        facets=machine != "atom",
    )


def _find(db: sqlite3.Connection, asked: Asked) -> Found:
    if asked.query is None:
        return _listed(db, asked)
    if not has_index(db):
        raise Refused("no_index", 503)
    results = ask(
        db, asked.query, asked.filters, sort=asked.sort, limit=asked.limit, offset=asked.offset
    )
    found = Found(
        articles=[_entry(hit) for hit in results.hits],
        total=results.total,
        note=results.note,
        suggestion=results.suggestion,
    )
    if asked.facets and results.hits:
        if asked.every:
            found.facets = all_facets(db, asked.query, asked.filters)
        else:
            ids = _some(db, asked)
            found.facets = facets_of(db, ids)
            found.counted = len(ids) if results.total is None else None
    return found


def _listed(db: sqlite3.Connection, asked: Asked) -> Found:
    """Without a query: what the filters let through, the latest first."""
    ids = listed_ids(db, asked.filters, asked.offset + CAP + 1)
    more = len(ids) > CAP
    page_of = ids[asked.offset : asked.offset + asked.limit]
    found = Found(reading.listed(db, page_of), None if more else len(ids))
    if asked.facets and ids:
        if asked.every:
            found.facets = all_facets(db, None, asked.filters)
        else:
            found.facets = facets_of(db, ids[:CAP])
            found.counted = CAP if more else None
    return found


def _some(db: sqlite3.Connection, asked: Asked) -> list[int]:
    """The ids of all matching articles; of more than `CAP`, those stored last."""
    matches, _ = chosen(db, asked.query, asked.filters)
    if matches is None:
        return []
    return list(dict.fromkeys([*matches.newest[:CAP], *matches.by_attachment[:CAP]]))[:CAP]


def _entry(hit: Hit) -> dict[str, Any]:
    """A hit with its title and snippet in runs that are hits or not."""
    row = hit.as_dict()
    row["title_runs"] = _runs(row["title"] or row["slug"], hit.marks.get("title", []))
    row["marked"] = _runs(hit.snippet, hit.marks.get("snippet", []))
    return row


def _runs(text: str, spans: Sequence[Sequence[int]]) -> list[dict[str, Any]]:
    runs, at = [], 0
    for start, end in spans:
        runs += [{"text": text[at:start], "hit": False}, {"text": text[start:end], "hit": True}]
        at = end
    return [run for run in (*runs, {"text": text[at:], "hit": False}) if run["text"]]


def _as_json(asked: Asked, found: Found, here: str) -> dict[str, Any]:
    plain = [
        {name: value for name, value in row.items() if name not in ("title_runs", "marked")}
        for row in found.articles
    ]
    return {
        "query": asked.query or "",
        "total": found.total,
        "more_than": CAP if found.total is None else None,
        "note": found.note,
        "suggestion": found.suggestion,
        "facets": {
            name: [{"value": value, "count": count} for value, count in rows]
            for name, rows in found.facets.items()
        },
        "facets_counted": found.counted,
        "articles": plain,
        "next": _next(_in_form(here, "json"), asked, found),
    }


def _address(datasette: Any, request: Request, asked: Asked, **change: str | None) -> str:
    """The address of this search, some of its parts changed or (None) left out."""
    kept: dict[str, Any] = {"q": asked.query, **asked_of(request)}
    if asked.sort == "date":
        kept["sort"] = "date"
    kept |= change
    query = urlencode({name: value for name, value in kept.items() if value is not None})
    return str(datasette.urls.path("/search")) + (f"?{query}" if query else "")


def _in_form(here: str, form: str) -> str:
    path, mark, query = here.partition("?")
    return f"{path}.{form}{mark}{query}"


def _context(
    datasette: Any, request: Request, asked: Asked, found: Found, here: str
) -> dict[str, Any]:
    language = language_of(request)
    text = words(language)
    narrowed = asked_of(request)
    months = found.facets.get("month", [])
    more = found.total is None
    total = CAP + 1 if found.total is None else found.total
    return {
        "q": asked.query or "",
        "filters": asked.filters,
        "sort": asked.sort,
        "kept": sorted(
            (name, value) for name, value in narrowed.items() if name not in ("since", "until")
        ),
        "total_text": counted(total, more, language),
        "note": translated(found.note, language),
        "suggestion": found.suggestion,
        "articles": found.articles,
        "months": months,
        "undated": max(0, (found.counted or found.total or 0) - sum(n for _, n in months)),
        "months_bars": figures.bars([(written_month(m, language), n) for m, n in _filled(months)]),
        "facets": [
            {
                "label": text[name],
                "rows": [
                    (value, count, _address(datasette, request, asked, **{name: value}))
                    for value, count in found.facets[name][:MOST_VALUES]
                ],
            }
            for name in FACETS
            if name not in narrowed and len(found.facets.get(name, ())) > 1
        ],
        "counted": found.counted,
        "every_href": _address(datasette, request, asked, counts="all"),
        "chosen": [
            (*_label(text, name, value), _address(datasette, request, asked, **{name: None}))
            for name, value in narrowed.items()
        ],
        "newer": _at(here, asked.offset - PAGE) if asked.offset else None,
        "older": _next(here, asked, found),
        **machine_links(datasette, here, asked.filters, asked.query or ""),
    }


def _label(text: Mapping[str, str], name: str, value: str) -> tuple[str, str]:
    """How a chosen filter is shown: its name and its value; a flag has no value."""
    flag = text.get(f"flag_{name}")
    return (flag, "") if flag else (text[name], value)


def _filled(months: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """The months with those between them that have no hit."""
    if not months:
        return []
    counts = dict(months)
    first, last = (int(m[:4]) * 12 + int(m[5:7]) - 1 for m in (months[0][0], months[-1][0]))
    names = (f"{n // 12:04}-{n % 12 + 1:02}" for n in range(first, last + 1))
    return [(name, counts.get(name, 0)) for name in names]


def _next(here: str, asked: Asked, found: Found) -> str | None:
    more = found.total is None or asked.offset + asked.limit < found.total
    return _at(here, asked.offset + asked.limit) if more and found.articles else None


def _at(here: str, offset: int) -> str:
    return f"{here}{'&' if '?' in here else '?'}offset={offset}" if offset > 0 else here
