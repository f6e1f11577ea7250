"""Which articles a page lists, the latest first."""

import sqlite3

from kontum_crawler.store.search.filters import Filters, prepare
from kontum_crawler.store.search.finding import check_portals
from kontum_crawler.store.search.fts import WHEN


def listed_ids(db: sqlite3.Connection, filters: Filters, limit: int, offset: int = 0) -> list[int]:
    """Ids of the articles that pass the filters, the latest first.

    Raises UsageError for a portal that the archive does not have.
    """
    check_portals(db, filters)
    prepare(db)
    condition, values = filters.sql("a")
    rows = db.execute(
        f"SELECT a.id FROM articles a {'WHERE ' + condition if condition else ''}"
        f" ORDER BY {WHEN} DESC, a.id DESC LIMIT ? OFFSET ?",
        (*values, limit, offset),
    )
    return [row[0] for row in rows]


def has_index(db: sqlite3.Connection) -> bool:
    """Whether the archive has its full-text index."""
    sql = "SELECT 1 FROM sqlite_master WHERE name = 'articles_fts'"
    return db.execute(sql).fetchone() is not None
