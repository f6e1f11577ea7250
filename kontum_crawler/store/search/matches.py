"""The articles that a query and filters select, in SQL and in order, without reading them.

Scoring visits every match, so it is done for at most a thousand. Above that, those with a hit in
the title come first, then the rest, each newest first; and a sort by date walks the index of dates
from its end instead of sorting what was found.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from kontum_crawler.store.search.expression import expression
from kontum_crawler.store.search.filters import Filters, Parameters, prepare
from kontum_crawler.store.search.fts import ARTICLES, ATTACHMENTS, WHEN, Index
from kontum_crawler.store.search.query import Both, Either, Node, Within
from kontum_crawler.store.search.vocabulary import Vocabulary

CAP = 1_000
"""Matches that are counted and scored exactly."""

BATCH = 300
LARGEST_BATCH = 9_600
"""Rows that are asked for in one question; SQLite takes 32,766 values."""


@dataclass
class Matches:
    """All articles of one reading of a query; `node` None means no query, only filters."""

    db: sqlite3.Connection
    node: Node | None
    accented: bool
    filters: Filters
    vocabulary: Vocabulary | None = None

    def __post_init__(self) -> None:
        prepare(self.db)
        self.condition, self.values = self.filters.sql("a")

    def expression(self, index: Index) -> str | None:
        """What this index is asked; None where nothing in it can match."""
        if self.node is None:
            return None
        knows = self.vocabulary.knows if self.vocabulary else None
        return expression(self.node, self.accented, index=index, knows=knows)

    @cached_property
    def own(self) -> str | None:
        """The expression over the articles' own text."""
        return self.expression(ARTICLES)

    @cached_property
    def attached(self) -> str | None:
        """The expression over the text of attachments; None also where there is none."""
        if not self.db.execute("SELECT 1 FROM attachments_fts_docsize LIMIT 1").fetchone():
            return None
        return self.expression(ATTACHMENTS)

    def selection(self) -> tuple[str, Parameters]:
        """A SELECT of the ids of all matching articles, each once, and its parameters."""
        if self.node is None:
            where = f" WHERE {self.condition}" if self.condition else ""
            return f"SELECT a.id FROM articles a{where}", self.values
        parts = [part for part in (self._own_sql(), self._attached_sql()) if part]
        if not parts:
            return "SELECT id FROM articles WHERE 0", ()
        return " UNION ".join(sql for sql, _ in parts), tuple(v for _, vs in parts for v in vs)

    @cached_property
    def newest(self) -> list[int]:
        """The ids last stored among the articles whose own text matches, at most CAP + 1."""
        if self.own is None:
            return []
        sql, values = self._newest(self.own)
        return [row[0] for row in self.db.execute(f"{sql} LIMIT {CAP + 1}", values).fetchall()]

    @cached_property
    def by_attachment(self) -> list[int]:
        """Ids whose attachments match, the best hit first, at most CAP + 1."""
        part = self._attached_sql(", min(rank) AS score")
        if part is None:
            return []
        sql, values = part
        rows = self.db.execute(
            f"{sql} GROUP BY a.id ORDER BY score, a.id DESC LIMIT {CAP + 1}", values
        )
        return [row[0] for row in rows]

    @property
    def is_empty(self) -> bool:
        """True where nothing matches."""
        return not self.newest and not self.by_attachment

    @property
    def total(self) -> int | None:
        """How many articles match; None where they are more than CAP."""
        if len(self.newest) > CAP or len(self.by_attachment) > CAP:
            return None
        count = len(set(self.newest) | set(self.by_attachment))
        return count if count <= CAP else None

    def by_relevance(self) -> Iterator[int]:
        """All ids, the best first; own text before attachments."""
        own = self._scored() if len(self.newest) <= CAP else self._title_first()
        yield from _once(chain(own, self.by_attachment))

    def by_date(self) -> Iterator[int]:
        """All ids, the latest `published_at` (else `first_seen_at`) first."""
        if self.total is not None:
            ids = set(self.newest) | set(self.by_attachment)
            yield from self._dated(ids)
            return
        attached = set(self.by_attachment)
        for batch in _walk_dates(self.db):
            fitting = {id_ for id_ in batch if id_ in attached} | set(self._among(batch))
            yield from (id_ for id_ in batch if id_ in fitting)

    def among(self, ids: list[int]) -> set[int]:
        """Which of some articles match; a few hundred at a time."""
        found = set(self._among(ids))
        if (part := self._attached_sql()) is not None:
            sql, values = part
            marks = ", ".join("?" * len(ids))
            found |= {
                row[0] for row in self.db.execute(f"{sql} AND a.id IN ({marks})", (*values, *ids))
            }
        return found

    def _newest(self, own: str) -> tuple[str, Parameters]:
        # Filters are tested row by row behind the index: a filtered set is never built first.
        sql, values = self._rows("articles_fts.rowid", own)
        return f"{sql} ORDER BY articles_fts.rowid DESC", values

    def _rows(self, columns: str, own: str) -> tuple[str, Parameters]:
        if not self.condition:
            return f"SELECT {columns} FROM articles_fts WHERE articles_fts MATCH ?", (own,)
        return (
            f"SELECT {columns} FROM articles_fts CROSS JOIN articles a ON a.id = articles_fts.rowid"
            f" WHERE articles_fts MATCH ? AND {self.condition}",
            (own, *self.values),
        )

    def _scored(self) -> list[int]:
        if self.own is None:
            return []
        sql, values = self._rows("articles_fts.rowid, articles_fts.rank", self.own)
        rows = self.db.execute(sql, values).fetchall()
        return [rowid for rowid, _ in sorted(rows, key=lambda row: (row[1], -row[0]))]

    def _title_first(self) -> Iterator[int]:
        assert self.own is not None, "more than CAP rows matched it"
        in_title = f"{{title title_plain}} : ({self.own})"
        if _forbids(self.node):  # what must not occur must not occur anywhere
            in_title = f"({in_title}) AND ({self.own})"
        for asked in (in_title, self.own):
            for row in self.db.execute(*self._newest(asked)):
                yield row[0]

    def _own_sql(self) -> tuple[str, Parameters] | None:
        return self._rows("articles_fts.rowid AS id", self.own) if self.own else None

    def _attached_sql(self, columns: str = "") -> tuple[str, Parameters] | None:
        if self.attached is None:
            return None
        condition = f" AND {self.condition}" if self.condition else ""
        return (
            f"SELECT a.id{columns} FROM attachments_fts"
            " CROSS JOIN attachments t ON t.id = attachments_fts.rowid"
            " CROSS JOIN articles a ON a.id = t.article_id"
            f" WHERE attachments_fts MATCH ?{condition}",
            (self.attached, *self.values),
        )

    def _dated(self, ids: set[int]) -> list[int]:
        dated: list[tuple[str, int]] = []
        for batch in _batches(sorted(ids)):
            marks = ", ".join("?" * len(batch))
            rows = self.db.execute(f"SELECT {WHEN}, id FROM articles WHERE id IN ({marks})", batch)
            dated += ((row[0], row[1]) for row in rows)
        return [id_ for _, id_ in sorted(dated, reverse=True)]

    def _among(self, batch: list[int]) -> Iterator[int]:
        if self.own is not None:
            sql, values = self._rows("articles_fts.rowid", self.own)
            marks = ", ".join("?" * len(batch))
            rows = self.db.execute(f"{sql} AND articles_fts.rowid IN ({marks})", (*values, *batch))
            yield from (row[0] for row in rows)


def _forbids(node: Node | None) -> bool:
    """True where a part of a query must not occur."""
    match node:
        case Both():
            return bool(node.unwanted) or any(_forbids(part) for part in node.wanted)
        case Either():
            return any(_forbids(part) for part in node.parts)
        case Within():
            return _forbids(node.part)
    return False


def _walk_dates(db: sqlite3.Connection) -> Iterator[list[int]]:
    """The ids of all articles, the latest first, in batches, each twice as large as the last."""
    after: tuple[str, int] | None = None
    size = BATCH
    while True:
        where = f"WHERE ({WHEN}, id) < (?, ?)" if after else ""
        rows = db.execute(
            f"SELECT {WHEN}, id FROM articles {where} ORDER BY {WHEN} DESC, id DESC LIMIT {size}",
            after or (),
        ).fetchall()
        if not rows:
            return
        after = (rows[-1][0], rows[-1][1])
        yield [row[1] for row in rows]
        # A question has its price, however few rows it is about: a beginning is read anew.
        size = min(2 * size, LARGEST_BATCH)


def _batches(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


def _once(ids: Iterator[int]) -> Iterator[int]:
    seen: set[int] = set()
    for id_ in ids:
        if id_ not in seen:
            seen.add(id_)
            yield id_
