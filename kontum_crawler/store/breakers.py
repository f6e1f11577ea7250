"""Hosts that failed or shut us out, kept over runs so that a new night begins with a question.

A host that a run gave up rests for a while; then the next run asks it one thing at a time until it
has answered once. Each run in a row that gives it up makes the rest longer.
"""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from kontum_crawler import clock

TABLES = (
    """CREATE TABLE host_breakers (
  host TEXT PRIMARY KEY,
  portal TEXT NOT NULL,
  runs INTEGER NOT NULL,
  reason TEXT NOT NULL,
  dead INTEGER NOT NULL DEFAULT 0,
  opened_at TEXT NOT NULL,
  rests_until TEXT NOT NULL
) WITHOUT ROWID""",
)
RESTS = (0.0, 6.0, 24.0, 72.0, 168.0)
"""Hours of rest after the first, second … run in a row that gave a host up."""
LONGEST = timedelta(days=7)
OPEN = """
INSERT INTO host_breakers VALUES (:host, :portal, :runs, :reason, :dead, :at, :until)
ON CONFLICT DO UPDATE SET portal = excluded.portal, runs = excluded.runs,
  reason = excluded.reason, dead = excluded.dead, opened_at = excluded.opened_at,
  rests_until = excluded.rests_until
"""


@dataclass(frozen=True, slots=True)
class OpenBreaker:
    """A host that is left alone. runs: in a row; dead: no connection at all; times: UTC texts."""

    host: str
    portal: str
    runs: int
    reason: str
    dead: bool
    opened_at: str
    rests_until: str

    def rests(self, now: datetime) -> bool:
        """Whether it is still to be left alone; a clock that was set back asks too soon."""
        return self.opened_at <= clock.utc(now) < self.rests_until


class Breakers:
    """The table `host_breakers` of one open archive."""

    def __init__(
        self, db: sqlite3.Connection, transaction: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self.db = db
        self._transaction = transaction

    def every(self, portal: str | None = None) -> list[OpenBreaker]:
        """Those of one portal, or all, by host."""
        rows = self.db.execute(
            "SELECT * FROM host_breakers WHERE :portal IS NULL OR portal = :portal ORDER BY host",
            {"portal": portal},
        )
        return [OpenBreaker(**{**dict(row), "dead": bool(row["dead"])}) for row in rows]

    def open(
        self,
        host: str,
        portal: str,
        reason: str,
        now: datetime,
        *,
        dead: bool = False,
        rests: Sequence[float] = RESTS,
        asked: float = 0.0,
    ) -> OpenBreaker:
        """Note that a run gave a host up. rests: hours; asked: seconds that the host asked for."""
        row = self.db.execute("SELECT runs FROM host_breakers WHERE host = ?", (host,)).fetchone()
        runs = (row[0] if row else 0) + 1
        rest = timedelta(hours=rests[min(runs, len(rests)) - 1]) if rests else timedelta()
        until = now + max(rest, min(timedelta(seconds=asked), LONGEST))
        opened = OpenBreaker(host, portal, runs, reason, dead, clock.utc(now), clock.utc(until))
        values = {
            "host": host,
            "portal": portal,
            "runs": runs,
            "reason": reason,
            "dead": dead,
            "at": opened.opened_at,
            "until": opened.rests_until,
        }
        with self._transaction():
            self.db.execute(OPEN, values)
        return opened

    def close(self, host: str) -> None:
        """Note that a host answers again."""
        with self._transaction():
            self.db.execute("DELETE FROM host_breakers WHERE host = ?", (host,))
