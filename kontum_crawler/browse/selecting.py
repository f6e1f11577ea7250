"""Which articles a page lists, the latest first, found through the indexes.

The filters of the search compare names as people write them, which takes a look at every row. Here
the full-text index names the candidates first, so a page of an archive of 100,000 articles looks
at some dozens.
"""

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import replace

from kontum_crawler.store.filters import Filters, cites, prepare, same
from kontum_crawler.store.fts import WHEN
from kontum_crawler.store.phrases import words_of
from kontum_crawler.store.search import check_portals
from kontum_crawler.text import clean, plain

MOST_ZEROS = 4
"""Leading zeros of a document number that an index lookup allows for."""


def listed_ids(db: sqlite3.Connection, filters: Filters, limit: int, offset: int = 0) -> list[int]:
    """Ids of the articles that pass the filters, the latest first.

    Raises UsageError for a portal that the archive does not have.
    """
    check_portals(db, filters)
    prepare(db)
    parts: list[str] = []
    values: list[str | int] = []
    if filters.document is not None:
        marks = _marks(numbers := numbers_like(db, filters.document))
        parts.append(f"a.id IN (SELECT article_id FROM citations WHERE number IN ({marks}))")
        values += numbers
    if filters.category is not None:
        marks = _marks(names := _spellings(db, filters.category))
        parts.append(f"a.category IN ({marks})")
        values += names
    for name in (filters.author, filters.unit):
        if name is not None and has_index(db):
            # The plus keeps the index of dates in charge of the order, so that few rows are read.
            found = "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?"
            parts.append(f"+a.id IN ({found})")
            values.append(_in_byline(name))
    rest, more = replace(filters, document=None, category=None).sql("a")
    where = " AND ".join(filter(None, (*parts, rest)))
    rows = db.execute(
        f"SELECT a.id FROM articles a {'WHERE ' + where if where else ''}"
        f" ORDER BY {WHEN} DESC, a.id DESC LIMIT ? OFFSET ?",
        (*values, *more, limit, offset),
    )
    return [row[0] for row in rows]


def has_index(db: sqlite3.Connection) -> bool:
    """Whether the archive has its full-text index."""
    sql = "SELECT 1 FROM sqlite_master WHERE name = 'articles_fts'"
    return db.execute(sql).fetchone() is not None


def numbers_like(db: sqlite3.Connection, wanted: str) -> list[str]:
    """The spellings of a document's number that the archive has."""
    figures = re.match(r"0*(\d{1,9})(?!\d)", clean(wanted).strip())
    if figures is None:
        sql = "SELECT DISTINCT number FROM citations WHERE number IS NOT NULL"
        return _fitting(db.execute(sql), wanted)
    found: list[str] = []
    for zeros in range(MOST_ZEROS):
        first = "0" * zeros + figures[1]
        sql = "SELECT DISTINCT number FROM citations WHERE number >= ? AND number < ?"
        found += _fitting(db.execute(sql, (first, first + "\U0010ffff")), wanted)
    return found


def _in_byline(name: str) -> str:
    """The FTS expression for a name in the byline, accents and the place of a tone left out."""
    words = [plain(word.text) for word in words_of(clean(name))]
    phrase = " ".join(words).replace('"', "")
    return f'byline_plain : "{phrase}"' if phrase else 'byline_plain : ""'


def _fitting(rows: Iterable[tuple[str]], wanted: str) -> list[str]:
    return [row[0] for row in rows if cites(row[0], wanted)]


def _spellings(db: sqlite3.Connection, wanted: str) -> list[str]:
    """The spellings of a category that the archive has."""
    sql = "SELECT DISTINCT category FROM articles WHERE category IS NOT NULL"
    return [row[0] for row in db.execute(sql) if same(row[0], wanted)]


def _marks(values: list[str]) -> str:
    return ", ".join("?" * len(values))
