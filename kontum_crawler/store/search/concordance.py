"""Each hit of a query in its context, one line a hit, and the citations of one document."""

import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from kontum_crawler.store.search.facets import chosen
from kontum_crawler.store.search.filters import Filters, prepare
from kontum_crawler.store.search.finding import check_portals
from kontum_crawler.store.search.fts import ARTICLES, WHEN
from kontum_crawler.store.search.highlights import spans
from kontum_crawler.store.search.matches import Matches

BATCH = 20
"""Articles that are read at a time; lines come as soon as they are wanted."""

FIELDS = ("title", "lead", "body", "byline")


@dataclass(frozen=True, slots=True)
class Line:
    """A hit between what stands left and right of it; `field[start:end] == hit` but for blanks."""

    portal: str
    slug: str
    date: str
    field: str
    start: int
    end: int
    left: str
    hit: str
    right: str

    def as_dict(self) -> dict[str, Any]:
        """The line as a row of a table."""
        return asdict(self)


def concordance(
    db: sqlite3.Connection,
    query: str,
    filters: Filters | None = None,
    *,
    width: int = 50,
    by_date: bool = False,
) -> Iterator[Line]:
    """Every hit of a query in the articles' own text, article by article, the best first.

    width: characters of context on each side. Lazy: take as many lines as are wanted.
    Raises UsageError for a portal that the archive does not have.
    """
    matches, _ = chosen(db, query, filters or Filters())
    if matches is None or matches.own is None:
        return
    ids = matches.by_date() if by_date else matches.by_relevance()
    while batch := list(islice(ids, BATCH)):
        yield from _lines(matches, matches.own, batch, width)


def _lines(matches: Matches, own: str, ids: list[int], width: int) -> Iterator[Line]:
    columns = f"portal, slug, {WHEN}, title, lead, body, byline"
    rows = {
        id_: matches.db.execute(f"SELECT {columns} FROM articles WHERE id = ?", (id_,)).fetchone()
        for id_ in ids
    }
    texts = {id_: dict(zip(FIELDS, tuple(row)[3:], strict=True)) for id_, row in rows.items()}
    found = spans(ARTICLES, own, matches.accented, texts)
    for id_ in ids:
        portal, slug, date = tuple(rows[id_])[:3]
        for field in FIELDS:
            for start, end in found[id_].get(field, []):
                context = _around(texts[id_][field] or "", start, end, width)
                yield Line(portal, slug, date[:10], field, start, end, *context)


def citing(
    db: sqlite3.Connection, number: str, filters: Filters | None = None
) -> list[dict[str, Any]]:
    """Every place where an article cites a document, the earliest first.

    number: as printed, a leading zero and accents aside, or neighbouring parts of it (`KH-UBND`).
    """
    wanted = filters or Filters()
    check_portals(db, wanted)
    prepare(db)
    condition, values = wanted.sql("a")
    cursor = db.cursor()
    cursor.row_factory = sqlite3.Row
    rows = cursor.execute(
        f"SELECT substr({WHEN}, 1, 10) AS date, a.portal, a.slug, a.title, c.quote, c.doc_type,"
        ' c.number, c.issuer, c.issuer_code, c.issued_on, c.field, c.start, c."end", a.url'
        " FROM citations c JOIN articles a ON a.id = c.article_id"
        f" WHERE kontum_cites(c.number, ?){' AND ' + condition if condition else ''}"
        " ORDER BY date, a.id, c.field, c.start",
        (number, *values),
    )
    return [dict(row) for row in rows]


def _around(text: str, start: int, end: int, width: int) -> tuple[str, str, str]:
    left = text[max(0, start - width) : start]
    right = text[end : end + width]
    return _line(left), _line(text[start:end]), _line(right)


def _line(text: str) -> str:
    return text.replace("\n", " ").replace("\t", " ")
