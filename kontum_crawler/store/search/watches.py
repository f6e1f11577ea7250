"""Saved searches: what each run brought that is new for them.

A watch is looked at when a run ends. Whatever became known since its last look (`retrieved_at`, so
that a backfill shows) and matches its query as it is written becomes an entry, once; the entries
are the feed of the watch and the news of the run.
"""

import json
import re
import sqlite3
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from kontum_crawler import clock
from kontum_crawler.errors import UsageError
from kontum_crawler.store.changes import changes_of
from kontum_crawler.store.search.filters import Filters
from kontum_crawler.store.search.finding import check_portals
from kontum_crawler.store.search.matches import Matches
from kontum_crawler.store.search.query import read_query
from kontum_crawler.text import nfc

if TYPE_CHECKING:
    from kontum_crawler.store.archive import Archive

TABLES = (
    """CREATE TABLE watches (
  name TEXT PRIMARY KEY COLLATE NOCASE,
  query TEXT NOT NULL,
  filters TEXT NOT NULL DEFAULT '{}',
  created_at TEXT NOT NULL,
  looked_at TEXT NOT NULL
)""",
    """CREATE TABLE watch_entries (
  id INTEGER PRIMARY KEY,
  watch TEXT NOT NULL COLLATE NOCASE REFERENCES watches(name) ON DELETE CASCADE,
  article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
  change TEXT NOT NULL,
  version INTEGER NOT NULL,
  at TEXT NOT NULL,
  run_id INTEGER REFERENCES runs(id) ON DELETE SET NULL,
  UNIQUE (watch, article_id, change, at)
)""",
    "CREATE INDEX watch_entries_by_run ON watch_entries(run_id)",
    "CREATE INDEX watch_entries_by_article ON watch_entries(article_id)",
)
"""Statements that make the tables of this module."""

NAME = re.compile(r"[^\W_][\w.-]{0,59}")
"""What a watch may be called, for its feed is a file of that name."""

TOLD = ("new", "edited", "gone")
"""Changes that are news; a moved article says nothing new."""

BATCH = 500

Note = dict[str, Any]
"""One entry with its article: change, version, at, run_id, and the article's columns."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A saved search. looked_at: UTC; what became known later is still to be told."""

    name: str
    query: str
    filters: Filters
    created_at: str
    looked_at: str

    def as_dict(self) -> dict[str, Any]:
        """The watch as an object; filters that let everything through are left out."""
        return {
            "name": self.name,
            "query": self.query,
            "filters": _asked(self.filters),
            "created_at": self.created_at,
            "looked_at": self.looked_at,
        }


def add(archive: "Archive", name: str, query: str, filters: Filters | None = None) -> Watch:
    """Keep a search; what becomes known from now on is news for it.

    Raises UsageError for a name that is taken or cannot name a file, a query without a word to look
    for, and an unknown portal.
    """
    wanted = filters or Filters()
    name = nfc(name)
    if not NAME.fullmatch(name):
        raise UsageError(
            f"«{name}» cannot name a watch: letters, digits, «-», «_» and «.», at most 60,"
            " a letter or digit first."
        )
    read = read_query(query)
    if read.node is None:
        raise UsageError(read.hint or "The query has no word to look for.")
    check_portals(archive.db, wanted)
    now = clock.utc(clock.now())
    with archive.transaction():
        if any(name.casefold() == kept.name.casefold() for kept in every(archive.db)):
            raise UsageError(f"there is a watch «{name}» already; `kontum watch remove {name}`.")
        archive.db.execute(
            "INSERT INTO watches(name, query, filters, created_at, looked_at)"
            " VALUES (?, ?, ?, ?, ?)",
            (name, query, json.dumps(_asked(wanted), ensure_ascii=False), now, now),
        )
    return Watch(name, query, wanted, now, now)


def remove(archive: "Archive", name: str) -> Watch:
    """Forget a search and what was found for it. Raises UsageError for an unknown name."""
    with archive.transaction():
        gone = find(archive.db, name)
        archive.db.execute("DELETE FROM watches WHERE name = ?", (gone.name,))
    return gone


def every(db: sqlite3.Connection) -> list[Watch]:
    """All watches, by name."""
    rows = db.execute(
        "SELECT name, query, filters, created_at, looked_at FROM watches ORDER BY name"
    )
    return [_watch(row) for row in rows.fetchall()]


def find(db: sqlite3.Connection, name: str) -> Watch:
    """The watch of that name. Raises UsageError, with the known ones, where there is none."""
    for watch in every(db):
        if watch.name.casefold() == nfc(name).casefold():
            return watch
    known = ", ".join(watch.name for watch in every(db)) or "none yet"
    raise UsageError(f"no watch «{name}» in this archive; it has: {known}.")


def look(archive: "Archive", run_id: int | None) -> int:
    """Note what became known since each watch was last looked at; returns the new entries.

    Called when a run ends, under its lock; what a failed run brought is noted by the next one.
    """
    now = clock.utc(clock.now())
    found = 0
    with archive.transaction():
        for watch in every(archive.db):
            found += _note(archive.db, watch, run_id)
            archive.db.execute("UPDATE watches SET looked_at = ? WHERE name = ?", (now, watch.name))
    return found


def entries(
    db: sqlite3.Connection, watch: str, *, run_id: int | None = None, limit: int | None = None
) -> list[Note]:
    """What was found for a watch, the latest first; of one run only where `run_id` is given."""
    cursor = db.cursor()
    cursor.row_factory = sqlite3.Row
    rows = cursor.execute(
        "SELECT e.change, e.version, e.at, e.run_id, a.id AS article_id, a.portal, a.slug, a.url,"
        " a.title, a.lead, a.body, a.authors, a.published_at, a.first_seen_at, a.gone_at"
        " FROM watch_entries e JOIN articles a ON a.id = e.article_id"
        " WHERE e.watch = :watch AND (:run_id IS NULL OR e.run_id = :run_id)"
        " ORDER BY e.at DESC, a.portal, a.slug, e.change LIMIT :limit",
        {"watch": watch, "run_id": run_id, "limit": -1 if limit is None else limit},
    )
    return [dict(row) | {"authors": json.loads(row["authors"])} for row in rows]


def _note(db: sqlite3.Connection, watch: Watch, run_id: int | None) -> int:
    matches = Matches(db, *_reading(watch), watch.filters)
    before = db.total_changes
    seen = db.execute(
        "SELECT DISTINCT article_id FROM captures"
        " WHERE retrieved_at >= ? AND article_id IS NOT NULL",
        (watch.looked_at,),
    ).fetchall()
    ids = [row[0] for row in seen]
    for start in range(0, len(ids), BATCH):
        for id_ in sorted(matches.among(ids[start : start + BATCH])):
            row = db.execute("SELECT * FROM articles WHERE id = ?", (id_,)).fetchone()
            told = (c for c in changes_of(db, row, watch.looked_at) if c.change in TOLD)
            db.executemany(
                "INSERT OR IGNORE INTO watch_entries(watch, article_id, change, version, at,"
                " run_id) VALUES (?, ?, ?, ?, ?, ?)",
                [(watch.name, id_, c.change, c.version, c.at, run_id) for c in told],
            )
    return db.total_changes - before


def _reading(watch: Watch) -> tuple[Any, bool]:
    # As written: a query with accents that finds nothing today waits for the first that has them.
    read = read_query(watch.query)
    return read.node, read.accented


def _watch(row: sqlite3.Row) -> Watch:
    return Watch(row[0], row[1], _filters(json.loads(row[2])), row[3], row[4])


def _filters(asked: dict[str, Any]) -> Filters:
    return Filters(**{**asked, "portal": tuple(asked.get("portal", ()))})


def _asked(filters: Filters) -> dict[str, Any]:
    return {name: value for name, value in asdict(filters).items() if value}
