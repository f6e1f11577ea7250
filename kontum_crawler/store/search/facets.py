"""Who, what and when: the articles of a query counted by one of their properties."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kontum_crawler.store.search.filters import Filters, number_alike, spelt_alike
from kontum_crawler.store.search.finding import check_portals, matching
from kontum_crawler.store.search.fts import WHEN
from kontum_crawler.store.search.matches import Matches
from kontum_crawler.store.search.query import read_query

FACETS = {
    "author": "SELECT value, a.id FROM chosen c JOIN articles a ON a.id = c.id,"
    " json_each(a.authors)",
    "unit": "SELECT unit, a.id FROM chosen c JOIN articles a ON a.id = c.id",
    "source": "SELECT source, a.id FROM chosen c JOIN articles a ON a.id = c.id",
    "category": "SELECT category, a.id FROM chosen c JOIN articles a ON a.id = c.id",
    "portal": "SELECT portal, a.id FROM chosen c JOIN articles a ON a.id = c.id",
    "tag": "SELECT value, a.id FROM chosen c JOIN articles a ON a.id = c.id, json_each(a.tags)",
    "month": f"SELECT substr({WHEN}, 1, 7), a.id FROM chosen c JOIN articles a ON a.id = c.id",
    "year": f"SELECT substr({WHEN}, 1, 4), a.id FROM chosen c JOIN articles a ON a.id = c.id",
    "document": "SELECT number, article_id FROM chosen c JOIN citations ON article_id = c.id",
}
"""What can be counted, and the SQL that gives (value, article) pairs."""

IN_TIME = ("month", "year")
SEVERAL = ("author", "tag", "document")
"""Facets of which one article may have several values."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many articles have each value, the most frequent first, months and years in time.

    total: articles counted, also those without a value. undated: of these, how many state no date
    and are counted by the day they were first seen. note: how the query was read.
    """

    rows: list[tuple[str, int]]
    total: int
    undated: int
    note: str | None = None


def count_by(
    db: sqlite3.Connection, facet: str, query: str | None = None, filters: Filters | None = None
) -> Counts:
    """Count the articles of a query (None: all) by a facet; an article counts once for a value.

    Names that differ in case or in the place of a tone are one value, under its most frequent
    spelling; so are numbers that differ in zeros in front. Raises UsageError for a portal that the
    archive does not have.
    """
    matches, note = chosen(db, query, filters or Filters())
    if matches is None:
        return Counts([], 0, 0, note)
    selection, values = matches.selection()
    pairs = db.execute(
        f"WITH chosen AS ({selection}), pairs(value, id) AS ({FACETS[facet]})"
        " SELECT value, count(DISTINCT id) FROM pairs WHERE value IS NOT NULL GROUP BY value",
        values,
    ).fetchall()
    total, undated = db.execute(
        f"WITH chosen AS ({selection}) SELECT count(*), count(*) - count(published_at)"
        " FROM chosen c JOIN articles a ON a.id = c.id",
        values,
    ).fetchone()
    spelt = spellings_of(facet, [(value, count) for value, count in pairs])
    rows = [(names[0][0], sum(count for _, count in names)) for names in spelt]
    if facet in SEVERAL:
        once = _counted_once(db, facet, matches, [names for names in spelt if len(names) > 1])
        rows = [(name, once.get(name, count)) for name, count in rows]
    by_count = sorted(rows, key=lambda row: (-row[1], row[0]))
    return Counts(sorted(rows) if facet in IN_TIME else by_count, total, undated, note)


def key_of(facet: str, value: str) -> tuple[str, ...]:
    """What the spellings of one value share."""
    alike = number_alike if facet == "document" else spelt_alike
    return alike(value) or (value,)


def spellings_of(facet: str, pairs: Iterable[tuple[str, int]]) -> list[list[tuple[str, int]]]:
    """The values of a facet with their counts, spellings of one together, the usual one first."""
    together: dict[tuple[str, ...], list[tuple[str, int]]] = {}
    for value, count in sorted(pairs, key=lambda pair: (-pair[1], pair[0])):
        together.setdefault(key_of(facet, value), []).append((value, count))
    return list(together.values())


def timeline(
    db: sqlite3.Connection, query: str | None = None, filters: Filters | None = None
) -> Counts:
    """Count the articles of a query by month; months without any stand between with 0."""
    counts = count_by(db, "month", query, filters)
    known = dict(counts.rows)
    months = list(_months(min(known), max(known))) if known else []
    rows = [(month, known.get(month, 0)) for month in months]
    return Counts(rows, counts.total, counts.undated, counts.note)


def chosen(
    db: sqlite3.Connection, query: str | None, filters: Filters
) -> tuple[Matches | None, str | None]:
    """What a query (None: everything) and filters select; None for a query without a word."""
    check_portals(db, filters)
    if query is None:
        return Matches(db, None, False, filters), None
    read = read_query(query)
    if read.node is None:
        return None, read.hint
    return matching(db, read, filters)


def _counted_once(
    db: sqlite3.Connection, facet: str, matches: Matches, alike: list[list[tuple[str, int]]]
) -> dict[str, int]:
    """Of values with several spellings: articles, also where one spells it in two ways."""
    if not alike:
        return {}
    selection, values = matches.selection()
    found: dict[str, set[int]] = {}
    for value, id_ in db.execute(
        f"WITH chosen AS ({selection}), pairs(value, id) AS ({FACETS[facet]})"
        " SELECT value, id FROM pairs WHERE value IN (SELECT e.value FROM json_each(?) e)",
        (*values, json.dumps([value for names in alike for value, _ in names])),
    ):
        found.setdefault(value, set()).add(id_)
    return {names[0][0]: len(set().union(*(found[value] for value, _ in names))) for names in alike}


def _months(first: str, last: str) -> Iterator[str]:
    year, month = int(first[:4]), int(first[5:7])
    while (text := f"{year:04}-{month:02}") <= last:
        yield text
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
