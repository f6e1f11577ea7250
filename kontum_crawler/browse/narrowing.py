"""The filters of the search as they stand in an address, and facets that narrow further."""

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from typing import Any

from datasette.utils.asgi import Request

from kontum_crawler.store.search.facets import chosen, count_by, key_of, spellings_of
from kontum_crawler.store.search.filters import Filters

TEXTS = ("author", "unit", "source", "category", "document")
NARROWING = ("portal", *TEXTS)
DAYS = ("since", "until")
FLAGS = ("gone", "edited")
FACETS = ("portal", "author", "unit", "category", "document")
MOST_VALUES = 12
"""Values of a facet that are shown."""

FACTS = """
SELECT portal, unit, category, substr(published_at, 1, 7), authors
FROM articles WHERE id IN ({})
"""
LONGEST = 500
"""Characters of a name that is asked for."""

LONGEST_QUERY = 10_000
"""Characters of a query that are read."""

Facets = dict[str, list[tuple[str, int]]]


def filters_of(request: Request) -> Filters:
    """The filters in the query of an address. Raises UsageError for a day that does not exist."""
    asked = asked_of(request)
    chosen: dict[str, Any] = {name: asked[name] for name in (*TEXTS, *DAYS) if name in asked}
    if "portal" in asked:
        chosen["portal"] = (asked["portal"],)
    chosen |= {name: name in asked for name in FLAGS}
    return Filters(**chosen)


def query_of(request: Request) -> str | None:
    """The words that are asked for; None where only filters are asked, or nothing is.

    A form sends its empty field along, so an empty query beside filters is none; alone it stays
    the empty query, which finds nothing.
    """
    written = request.args.get("q")
    query = (written or "")[:LONGEST_QUERY].strip()
    return query if query or (written is not None and not asked_of(request)) else None


def asked_of(request: Request) -> dict[str, str]:
    """The same as they were written, to be written again into other addresses."""
    names = (*NARROWING, *DAYS, *FLAGS)
    found = {name: (request.args.get(name) or "").strip()[:LONGEST] for name in names}
    return {name: value for name, value in found.items() if value}


def facets_of(db: sqlite3.Connection, ids: Sequence[int]) -> Facets:
    """How often each value occurs among these articles, the most frequent first; and `month`s."""
    marks = ",".join(str(int(number)) for number in sorted(ids))
    counts: dict[str, Counter[str]] = {name: Counter() for name in (*FACETS, "month")}
    # One look at each row: to reach a column behind the body, SQLite walks through the body.
    for *values, authors in db.execute(FACTS.format(marks)):
        for name, value in zip(("portal", "unit", "category", "month"), values, strict=True):
            if value:
                counts[name][value] += 1
        names = {key_of("author", name): name for name in json.loads(authors or "[]")}
        counts["author"].update(names.values())
    cited = f"SELECT DISTINCT number, article_id FROM citations WHERE article_id IN ({marks})"
    numbers = {
        (key_of("document", number), article): number
        for number, article in db.execute(cited)
        if number
    }
    counts["document"].update(numbers.values())
    found = {name: _merged(name, counts[name]) for name in FACETS}
    return {**found, "month": sorted(counts["month"].items())}


def all_facets(db: sqlite3.Connection, query: str | None, filters: Filters) -> Facets:
    """The same over all articles of a query, however many."""
    found = {name: count_by(db, name, query, filters).rows for name in FACETS}
    matches, _ = chosen(db, query, filters)
    if matches is None:
        return found
    selection, values = matches.selection()
    months = db.execute(
        f"SELECT substr(published_at, 1, 7), count(*) FROM ({selection}) chosen JOIN articles a"
        " ON a.id = chosen.id WHERE published_at IS NOT NULL GROUP BY 1 ORDER BY 1",
        values,
    )
    return {**found, "month": [(row[0], row[1]) for row in months]}


def _merged(name: str, counts: Counter[str]) -> list[tuple[str, int]]:
    """Spellings of one value as one, under the most frequent."""
    rows = [
        (spelt[0][0], sum(count for _, count in spelt))
        for spelt in spellings_of(name, counts.items())
    ]
    return sorted(rows, key=lambda row: (-row[1], row[0]))
