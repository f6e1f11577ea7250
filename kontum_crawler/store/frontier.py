"""The queue of an archive: what is still to fetch, and when to look again.

It knows SQL and time, and nothing of Scrapy. A URL is offered once, leased by one worker at a time,
and done only when that worker says so; a lease that ran out is due again, so a killed crawl loses
nothing. Time is a parameter. Each call is one short transaction of its own, or part of the
caller's.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from kontum_crawler.clock import utc

OFFER = """
INSERT INTO frontier (url, portal, kind, state, priority, next_visit_at, discovered_at, found_on)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (url) DO NOTHING
"""
FALL_DUE = """
UPDATE frontier SET state = 'queued', lease_until = NULL
WHERE (state = 'done' AND next_visit_at <= :now) OR (state = 'leased' AND lease_until <= :now)
"""
LEASE = """
UPDATE frontier SET state = 'leased', lease_until = :until, attempts = attempts + 1
WHERE url IN (
  SELECT url FROM frontier
  WHERE {portal} state = 'queued' AND (next_visit_at IS NULL OR next_visit_at <= :now)
  ORDER BY priority DESC, discovered_at LIMIT :limit
)
RETURNING url, portal, kind, priority, attempts, etag, last_modified, discovered_at, found_on
"""
# Apart, since no index serves «this portal, or any».
LEASE_ANY, LEASE_OF_PORTAL = LEASE.format(portal=""), LEASE.format(portal="portal = :portal AND")
DONE = """
UPDATE frontier SET state = 'done', lease_until = NULL, attempts = 0, next_visit_at = :next
WHERE url = :url
"""
DONE_ANEW = """
UPDATE frontier SET state = 'done', lease_until = NULL, attempts = 0, next_visit_at = :next,
  etag = :etag, last_modified = :last_modified
WHERE url = :url
"""
DISTRUST = "UPDATE frontier SET etag = NULL, last_modified = NULL WHERE url = ?"
FAIL = """
UPDATE frontier SET lease_until = NULL, next_visit_at = :retry,
  state = CASE WHEN :retry IS NULL THEN 'failed' ELSE 'queued' END
WHERE url = :url
"""
RELEASE = """
UPDATE frontier SET state = 'queued', lease_until = NULL, attempts = max(attempts - 1, 0)
WHERE url = ? AND state = 'leased'
"""
RECLAIM = """
UPDATE frontier SET state = 'queued', lease_until = NULL
WHERE state = 'leased' AND (:portal IS NULL OR portal = :portal)
"""
DUE = """
UPDATE frontier SET state = 'queued', next_visit_at = NULL, attempts = 0
WHERE url = ? AND state IN ('done', 'failed')
"""
# Without a time it is a trap, or no longer the portal's; those are lists and pages without a kind.
FORBIDDEN = """
SELECT url FROM frontier WHERE portal = ? AND state = 'excluded'
  AND (next_visit_at IS NOT NULL OR kind NOT IN ('listing', 'other'))
"""
READMIT = """
UPDATE frontier SET state = 'queued', next_visit_at = NULL, attempts = 0
WHERE url = ? AND state = 'excluded'
"""
# In the order in which a list has them: what came later stands above what was there.
NAMED_BY = """
SELECT url FROM frontier
WHERE found_on = ? AND kind = 'article' AND state = 'done' ORDER BY discovered_at DESC, rowid
"""
MISS = "UPDATE frontier SET found_on = NULL WHERE url = ?"
MISSED = """
SELECT f.url FROM articles a JOIN article_urls u ON u.article_id = a.id
  JOIN frontier f ON f.url = u.url
WHERE a.portal = ? AND a.gone_at IS NOT NULL AND f.state = 'done' AND f.found_on IS NULL
"""
NAME = "UPDATE frontier SET found_on = ? WHERE url = ? AND found_on IS NULL"
REVISIT = """
UPDATE frontier SET state = 'queued', next_visit_at = NULL, attempts = 0
WHERE portal = :portal AND state IN ('done', 'failed', 'queued')
  AND (:kind IS NULL OR kind = :kind)
"""


@dataclass(frozen=True, slots=True)
class Link:
    """A URL that was found. `next_visit_at` (UTC text) keeps it from being fetched before."""

    url: str
    portal: str
    kind: str = "article"
    priority: int = 0
    found_on: str | None = None
    state: str = "queued"
    next_visit_at: str | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """A URL that a worker has leased; attempts counts this one."""

    url: str
    portal: str
    kind: str
    priority: int
    attempts: int
    etag: str | None
    last_modified: str | None
    discovered_at: str
    found_on: str | None


class Frontier:
    """The `frontier` table of one open archive.

    stirred: grows with whatever may have made a URL due; who was told that nothing is due need not
    ask again until it, or the clock, has moved on.
    """

    def __init__(
        self, db: sqlite3.Connection, transaction: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self.db = db
        self.stirred = 0
        self._transaction = transaction

    def offer(self, links: Iterable[Link], now: datetime) -> int:
        """Queue the URLs that are not known yet; returns how many those were."""
        at = utc(now)
        rows = [
            (
                link.url,
                link.portal,
                link.kind,
                link.state,
                link.priority,
                link.next_visit_at,
                at,
                link.found_on,
            )
            for link in links
        ]
        if not rows:
            return 0
        self.stirred += 1
        with self._transaction():
            return self.db.executemany(OFFER, rows).rowcount

    def lease(self, now: datetime, seconds: int, portal: str | None = None) -> Visit | None:
        """Take the most urgent URL that is due; until `now + seconds` nobody else gets it.

        A lease that ran out is due again, so a killed crawl loses nothing. None: nothing is due.
        """
        visits = self.lease_many(now, seconds, 1, portal)
        return visits[0] if visits else None

    def lease_many(
        self, now: datetime, seconds: int, limit: int, portal: str | None = None
    ) -> list[Visit]:
        """Take up to `limit` URLs that are due, the most urgent first."""
        until = now + timedelta(seconds=seconds)
        with self._transaction():
            self.db.execute(FALL_DUE, {"now": utc(now)})
            found = self.db.execute(
                LEASE_ANY if portal is None else LEASE_OF_PORTAL,
                {"now": utc(now), "until": utc(until), "portal": portal, "limit": limit},
            ).fetchall()
        visits = [Visit(*row) for row in found]
        # RETURNING gives rows in the order of the table.
        return sorted(visits, key=lambda visit: (-visit.priority, visit.discovered_at))

    def done(
        self,
        url: str,
        next_visit_at: datetime | None = None,
        *,
        validators: tuple[str | None, str | None] | None = None,
    ) -> None:
        """Its capture and article are committed, or about to be in the same transaction.

        next_visit_at: when to look again; None: never, unless `revisit` asks for it.
        validators: ETag and Last-Modified of the answer; None keeps those known (a 304).
        """
        values = {"url": url, "next": _text(next_visit_at)}
        with self._transaction():
            if validators is None:
                self.db.execute(DONE, values)
            else:
                told = {"etag": validators[0], "last_modified": validators[1]}
                self.db.execute(DONE_ANEW, {**values, **told})

    def distrust(self, urls: Iterable[str]) -> None:
        """Forget the validators of answers that are not believed: a 304 would repeat them."""
        with self._transaction():
            self.db.executemany(DISTRUST, [(url,) for url in urls])

    def fail(self, url: str, retry_at: datetime | None = None) -> None:
        """It could not be fetched: queued for another time, or failed for good."""
        self.stirred += 1
        with self._transaction():
            self.db.execute(FAIL, {"url": url, "retry": _text(retry_at)})

    def release(self, urls: Iterable[str]) -> None:
        """Give leases back that were not used, as when a run is stopped; no attempt is counted."""
        self.stirred += 1
        with self._transaction():
            self.db.executemany(RELEASE, [(url,) for url in urls])

    def exclude(self, url: str, forbidden_at: datetime | None = None) -> None:
        """It may not be fetched: a trap, or the portal file.

        forbidden_at: robots.txt said so then, and may say otherwise another night.
        """
        with self._transaction():
            self.db.execute(
                "UPDATE frontier SET state = 'excluded', lease_until = NULL, next_visit_at = ?"
                " WHERE url = ?",
                (_text(forbidden_at), url),
            )

    def forbidden(self, portal: str) -> list[str]:
        """The URLs of a portal that robots.txt did not allow when they were last to be fetched."""
        return [row[0] for row in self.db.execute(FORBIDDEN, (portal,))]

    def readmit(self, urls: Iterable[str]) -> int:
        """Queue those of these URLs that were excluded; returns how many."""
        rows = [(url,) for url in urls]
        if not rows:
            return 0
        self.stirred += 1
        with self._transaction():
            return self.db.executemany(READMIT, rows).rowcount

    def reclaim(self, portal: str | None = None) -> int:
        """Take every lease back; only for who just took the write lock, when no worker lives.

        So URLs of a killed run need not wait for their leases, nor for a clock that was set back.
        """
        self.stirred += 1
        with self._transaction():
            return self.db.execute(RECLAIM, {"portal": portal}).rowcount

    def revisit(self, portal: str, kind: str | None = None) -> int:
        """Make everything known of a portal due again, validators kept; returns how many."""
        self.stirred += 1
        with self._transaction():
            return self.db.execute(REVISIT, {"portal": portal, "kind": kind}).rowcount

    def due(self, urls: Iterable[str]) -> int:
        """Make these URLs due now, where they are known and done or failed; returns how many."""
        rows = [(url,) for url in urls]
        if not rows:
            return 0
        self.stirred += 1
        with self._transaction():
            return self.db.executemany(DUE, rows).rowcount

    def named_by(self, source: str) -> list[str]:
        """The articles that a list, feed or sitemap was the first to name; only those done."""
        return [row[0] for row in self.db.execute(NAMED_BY, (source,))]

    def miss(self, urls: Iterable[str]) -> int:
        """Make articles due that their source no longer names; it is asked for them no more.

        Returns how many.
        """
        missed = list(urls)
        with self._transaction():
            self.db.executemany(MISS, [(url,) for url in missed])
            return self.due(missed)

    def missed_and_gone(self, portal: str) -> set[str]:
        """Addresses of articles that are gone, and that no list, feed or sitemap named since."""
        return {row[0] for row in self.db.execute(MISSED, (portal,))}

    def name(self, urls: Iterable[str], source: str) -> int:
        """Make articles due that a source names again; returns how many."""
        named = list(urls)
        with self._transaction():
            self.db.executemany(NAME, [(source, url) for url in named])
            return self.due(named)

    def urls(self, portal: str | None = None) -> Iterator[tuple[str, str, str, str | None]]:
        """Every known URL with its kind, state and the page that named it."""
        rows = self.db.execute(
            "SELECT url, kind, state, found_on FROM frontier"
            " WHERE :portal IS NULL OR portal = :portal",
            {"portal": portal},
        )
        for row in rows:
            yield row[0], row[1], row[2], row[3]

    def waiting(self, now: datetime, portal: str) -> Iterator[tuple[str, str]]:
        """URLs of a portal that a run would fetch now, with their kind, the most urgent first."""
        rows = self.db.execute(
            "SELECT url, kind FROM frontier WHERE portal = :portal AND (state = 'leased'"
            " OR (state = 'queued' AND coalesce(next_visit_at, '') <= :now)"
            " OR (state = 'done' AND next_visit_at <= :now)) ORDER BY priority DESC, discovered_at",
            {"portal": portal, "now": utc(now)},
        )
        for row in rows:
            yield row[0], row[1]

    def unfinished(self, now: datetime, portal: str) -> bool:
        """Whether a run left URLs of a portal behind that it would have fetched."""
        row = self.db.execute(
            "SELECT 1 FROM frontier WHERE portal = :portal AND (state = 'leased'"
            " OR (state = 'queued' AND coalesce(next_visit_at, '') <= :now)) LIMIT 1",
            {"portal": portal, "now": utc(now)},
        ).fetchone()
        return row is not None

    def kinds(self, urls: Iterable[str]) -> dict[str, str]:
        """The kinds of those of these URLs that are known, in their order."""
        query = "SELECT kind FROM frontier WHERE url = ?"
        found = {url: self.db.execute(query, (url,)).fetchone() for url in urls}
        return {url: row[0] for url, row in found.items() if row is not None}

    def has_done(self, portal: str) -> bool:
        """Whether anything of a portal was ever done, so that this is not its first crawl."""
        row = self.db.execute(
            "SELECT 1 FROM frontier WHERE portal = ? AND state = 'done' LIMIT 1", (portal,)
        ).fetchone()
        return row is not None

    def knows(self, url: str) -> bool:
        """Whether a URL was offered before, in whatever state it is."""
        found = self.db.execute("SELECT 1 FROM frontier WHERE url = ?", (url,)).fetchone()
        return found is not None

    def hear(self, told: Mapping[str, str]) -> None:
        """Keep what a sitemap or feed says of when addresses changed, as it writes it."""
        with self._transaction():
            self.db.executemany("INSERT OR REPLACE INTO told_changes VALUES (?, ?)", told.items())

    def told(self, portal: str) -> dict[str, str]:
        """What was heard last of the addresses of a portal."""
        rows = self.db.execute(
            "SELECT t.url, t.told FROM told_changes t JOIN frontier f ON f.url = t.url"
            " WHERE f.portal = ?",
            (portal,),
        )
        return dict(rows.fetchall())

    def counts(self) -> dict[str, dict[str, int]]:
        """How many URLs each portal has in each state: {portal: {state: number}}."""
        table: dict[str, dict[str, int]] = {}
        for portal, state, number in self.db.execute(
            "SELECT portal, state, count(*) FROM frontier GROUP BY portal, state"
        ):
            table.setdefault(portal, {})[state] = number
        return table


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else utc(moment)
