"""The plan of a backfill: every capture that other archives list, and what became of each.

It lives in the archive, so a list need not be asked for again after a crash or a week. Like the
frontier it is a queue, no truth: what is held is told by `captures` alone.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from kontum_crawler import urls
from kontum_crawler.archives.lists import EMPTY_DIGEST, Listed
from kontum_crawler.portals import Portal

TABLES = (
    """CREATE TABLE archive_plan (
  id INTEGER PRIMARY KEY,
  portal TEXT NOT NULL,
  origin TEXT NOT NULL,
  service TEXT NOT NULL,
  kind TEXT NOT NULL,
  priority INTEGER NOT NULL,
  url_key TEXT NOT NULL,
  url TEXT NOT NULL,
  stamp TEXT NOT NULL,
  status INTEGER,
  media_type TEXT,
  digest TEXT NOT NULL DEFAULT '',
  length INTEGER,
  filename TEXT NOT NULL DEFAULT '',
  "offset" INTEGER NOT NULL DEFAULT 0,
  truncated TEXT,
  state TEXT NOT NULL DEFAULT 'queued',
  run_id INTEGER,
  reason TEXT,
  UNIQUE (origin, service, url, stamp, digest, filename, "offset")
)""",
    """CREATE INDEX archive_plan_by_turn
  ON archive_plan(portal, origin, service, priority, stamp, id)""",
    "CREATE INDEX archive_plan_by_page ON archive_plan(portal, url_key, stamp)",
    # Lists that were read to their end, or how far they were read.
    """CREATE TABLE archive_lists (
  service TEXT NOT NULL,
  query TEXT NOT NULL,
  span TEXT NOT NULL,
  position TEXT,
  complete INTEGER NOT NULL DEFAULT 0,
  listed_at TEXT NOT NULL,
  PRIMARY KEY (service, query, span)
) WITHOUT ROWID""",
    # A service that asked for a pause is left alone until then, also by the next run.
    """CREATE TABLE archive_pauses (
  service TEXT PRIMARY KEY,
  until TEXT NOT NULL
) WITHOUT ROWID""",
)
"""Statements of the migration that brings these tables."""

PRIORITY = {"article": 0, "document": 1, "listing": 2, "other": 3, "requisite": 4}
OPEN = "('queued', 'refused')"
CHUNK = 500
REMEMBERED = 20_000
"""Addresses whose kind is remembered: the captures of one follow each other in most lists."""
COLUMNS = (
    "id, portal, kind, priority, url_key, url, stamp, status, media_type, digest, length, filename,"
    ' "offset", truncated, state, reason'
)
INSERT = """
INSERT OR IGNORE INTO archive_plan (portal, origin, service, kind, priority, url_key, url, stamp,
  status, media_type, digest, length, filename, "offset", truncated)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
DUE = f"""
SELECT {COLUMNS} FROM archive_plan p
WHERE portal = :portal AND origin = :origin AND service = :service AND state IN {OPEN}
  AND (run_id IS NULL OR run_id <> :run) AND stamp >= :first AND stamp <= :last
  AND (priority, stamp, id) > (:priority, :stamp, :id) AND (:all OR kind <> 'requisite') {{choice}}
ORDER BY priority, stamp, id LIMIT {CHUNK}
"""
AMONG = """
  (SELECT coalesce({pick}(CASE WHEN q.status = 200 OR q.status IS NULL THEN stamp END),
                   {pick}(stamp))
   FROM archive_plan q WHERE q.portal = p.portal AND q.origin = p.origin
   AND q.service = p.service AND q.url_key = p.url_key
   AND q.stamp >= :first AND q.stamp <= :last)
"""
CHOICES = {
    "versions": "",
    "first": f"AND stamp = {AMONG.format(pick='min')}",
    "last": f"AND stamp = {AMONG.format(pick='max')}",
}
Choice = Literal["versions", "first", "last"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One listed capture of the plan. again: it was refused in an earlier run."""

    id: int
    portal: str
    kind: str
    priority: int
    url_key: str
    listed: Listed
    again: bool = False

    @property
    def same(self) -> tuple[str, str] | None:
        """What captures of one answer have in common; None where nobody can tell."""
        digest = self.listed.digest
        return None if digest in (None, EMPTY_DIGEST) else (self.url_key, digest or "")

    @property
    def fetched_at(self) -> str:
        """The capture time as rows have it."""
        at = self.listed.stamp
        return f"{at[:4]}-{at[4:6]}-{at[6:8]}T{at[8:10]}:{at[10:12]}:{at[12:]}Z"


@dataclass(frozen=True, slots=True)
class Scope:
    """What of the plan a run wants: days as 14 digits, which captures of each page, which kinds."""

    first: str = ""
    last: str = ""
    choice: Choice = "versions"
    requisites: bool = True


class Plan:
    """The plan of one portal at one service. db: where it lies; changes want a transaction."""

    def __init__(self, db: sqlite3.Connection, portal: Portal, origin: str, service: str) -> None:
        self.db = db
        self.portal = portal
        self.origin = origin
        self.service = service
        self._read: dict[str, tuple[str, str] | None] = {}

    def add(self, lines: Iterable[Listed]) -> int:
        """Add what a list says of the portal's hosts; returns how many lines were new."""
        before = self.db.total_changes
        self.db.executemany(INSERT, self._rows(lines))
        return self.db.total_changes - before

    def due(self, scope: Scope, run_id: int) -> Iterator[Entry]:
        """What is to be got in this run, articles first, each once; the oldest capture first."""
        at: tuple[int, str, int] = (-1, "", 0)
        wanted = {
            "portal": self.portal.key,
            "origin": self.origin,
            "service": self.service,
            "run": run_id,
            "first": scope.first,
            "last": scope.last or "9",
            "all": scope.requisites,
        }
        query = DUE.format(choice=CHOICES[scope.choice])
        while True:
            place = {"priority": at[0], "stamp": at[1], "id": at[2]}
            rows = self.db.execute(query, wanted | place).fetchall()
            for row in rows:
                yield read_entry(row)
            if len(rows) < CHUNK:
                return
            at = (rows[-1]["priority"], rows[-1]["stamp"], rows[-1]["id"])

    def settle(self, entry: Entry, state: str, run_id: int, reason: str | None = None) -> None:
        """Note what became of an entry: `done`, `refused` (asked again by later runs) or `lost`."""
        self.db.execute(
            "UPDATE archive_plan SET state = ?, run_id = ?, reason = ? WHERE id = ?",
            (state, run_id, reason, entry.id),
        )

    def twins(self, entry: Entry) -> list[str]:
        """Digests of other captures of the same address, scheme aside, in the same second."""
        rows = self.db.execute(
            "SELECT digest FROM archive_plan WHERE portal = ? AND url_key = ? AND stamp = ?"
            " AND origin = ? AND service = ? AND digest NOT IN ('', ?, ?)",
            (
                *(self.portal.key, entry.url_key, entry.listed.stamp),
                *(self.origin, self.service, EMPTY_DIGEST, entry.listed.digest or ""),
            ),
        )
        return [row[0] for row in rows]

    def is_open(self, scope: Scope, run_id: int) -> bool:
        """Whether captures are left that no run has asked for yet."""
        return any(not entry.again for entry in self.due(scope, run_id))

    def position(self, query: str, span: str) -> tuple[str | None, bool, str | None]:
        """How far a list was read: where to go on, whether to its end, and when."""
        row = self.db.execute(
            "SELECT position, complete, listed_at FROM archive_lists"
            " WHERE service = ? AND query = ? AND span = ?",
            (self.service, query, span),
        ).fetchone()
        return (row[0], bool(row[1]), row[2]) if row else (None, False, None)

    def note(self, query: str, span: str, position: str | None, complete: bool, now: str) -> None:
        """Keep how far a list was read."""
        self.db.execute(
            "INSERT INTO archive_lists VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET position = excluded.position,"
            " complete = excluded.complete, listed_at = excluded.listed_at",
            (self.service, query, span, position, complete, now),
        )

    def _rows(self, lines: Iterable[Listed]) -> Iterator[tuple[object, ...]]:
        for line in lines:
            read = self._address(line.url)
            if read is None:
                continue
            kind, key = read
            yield (
                self.portal.key,
                self.origin,
                self.service,
                kind,
                PRIORITY[kind],
                key,
                line.url,
                line.stamp,
                line.status,
                line.media_type,
                line.digest or "",
                line.length,
                line.filename or "",
                line.offset or 0,
                line.truncated,
            )

    def _address(self, url: str) -> tuple[str, str] | None:
        """Kind and key of a listed address; None off the portal, and for what is no address."""
        if url not in self._read:
            if len(self._read) >= REMEMBERED:
                self._read.clear()
            try:
                kind = self.portal.kind(url)
                self._read[url] = (kind, urls.key(url)) if kind else None
            except ValueError:
                self._read[url] = None
        return self._read[url]


def read_entry(row: sqlite3.Row) -> Entry:
    """An entry from its row."""
    listed = Listed(
        key="",
        stamp=row["stamp"],
        url=row["url"],
        media_type=row["media_type"],
        status=row["status"],
        digest=row["digest"] or None,
        length=row["length"],
        filename=row["filename"] or None,
        offset=row["offset"] if row["filename"] else None,
        truncated=row["truncated"],
    )
    return Entry(
        id=row["id"],
        portal=row["portal"],
        kind=row["kind"],
        priority=row["priority"],
        url_key=row["url_key"],
        listed=listed,
        again=row["state"] == "refused",
    )
