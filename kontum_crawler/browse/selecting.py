"""Which articles a page lists, the latest first."""

import json
import sqlite3
from dataclasses import asdict, dataclass

from kontum_crawler.store.search.filters import Filters, prepare
from kontum_crawler.store.search.finding import check_portals
from kontum_crawler.store.search.fts import WHEN

ROW = 20
"""How many entries of the index of dates are passed in the time that reading one article takes."""

NAMED = ("author", "unit", "source", "category", "document")


@dataclass(frozen=True, slots=True)
class Selection:
    """The articles that pass some filters.

    chosen: their ids, where one filter by name gives them; None where they are looked up by date.
    """

    db: sqlite3.Connection
    condition: str
    values: tuple[str, ...]
    chosen: list[int] | None

    def ids(self, limit: int, offset: int = 0) -> list[int]:
        """Some of their ids, the latest first."""
        where, values, order = self.condition, self.values, WHEN
        if self.chosen is not None:
            where, values = "+a.id IN (SELECT value FROM json_each(?))", (json.dumps(self.chosen),)
            if self._are_few(limit + offset):
                # Read those articles and sort them, instead of walking through the index of dates.
                where, order = where.removeprefix("+"), f"+{WHEN}"
        rows = self.db.execute(
            f"SELECT a.id FROM articles a {'WHERE ' + where if where else ''}"
            f" ORDER BY {order} DESC, a.id DESC LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )
        return [row[0] for row in rows]

    def count(self, most: int) -> int:
        """How many there are, counted up to `most`."""
        if self.chosen is not None:
            return min(len(self.chosen), most)
        where = f"WHERE {self.condition}" if self.condition else ""
        sql = f"SELECT count(*) FROM (SELECT 1 FROM articles a {where} LIMIT ?)"
        found: int = self.db.execute(sql, (*self.values, most)).fetchone()[0]
        return found

    def _are_few(self, wanted: int) -> bool:
        newest = self.db.execute("SELECT max(id) FROM articles").fetchone()[0] or 0
        chosen = len(self.chosen or ())
        return chosen * ROW < newest * min(1.0, wanted / max(chosen, 1))


def select(db: sqlite3.Connection, filters: Filters) -> Selection:
    """The articles that pass the filters.

    Raises UsageError for a portal that the archive does not have.
    """
    check_portals(db, filters)
    prepare(db)
    condition, values = filters.sql("a")
    given = [name for name, value in asdict(filters).items() if value]
    chosen = None
    if len(given) == 1 and given[0] in NAMED:
        # Its index gives the ids without a look at the articles, but in no order of time.
        sql = f"SELECT a.id FROM articles a WHERE {condition}"
        chosen = [row[0] for row in db.execute(sql, values)]
    return Selection(db, condition, values, chosen)


def listed_ids(db: sqlite3.Connection, filters: Filters, limit: int, offset: int = 0) -> list[int]:
    """Ids of the articles that pass the filters, the latest first.

    Raises UsageError for a portal that the archive does not have.
    """
    return select(db, filters).ids(limit, offset)


def has_index(db: sqlite3.Connection) -> bool:
    """Whether the archive has its full-text index."""
    sql = "SELECT 1 FROM sqlite_master WHERE name = 'articles_fts'"
    return db.execute(sql).fetchone() is not None
