"""How far sitemaps and feeds can be relied on, as their runs have shown, and how deep a walk went.

A source is held to two things: whether it names articles that are new, and whether what it says of
changes is true.
"""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import astuple, dataclass

TABLES = (
    """CREATE TABLE sources (
  url TEXT PRIMARY KEY,
  portal TEXT NOT NULL,
  kind TEXT NOT NULL,
  looks INTEGER NOT NULL,
  news INTEGER NOT NULL,
  fruitless INTEGER NOT NULL,
  skipped INTEGER NOT NULL,
  true_days INTEGER NOT NULL,
  false_days INTEGER NOT NULL,
  looked_at TEXT
) WITHOUT ROWID""",
    """CREATE TABLE walks (
  portal TEXT PRIMARY KEY,
  runs INTEGER NOT NULL,
  deep_at TEXT
) WITHOUT ROWID""",
)
PATIENCE = 4
"""Looks in a row that may bring nothing while others bring something."""
RAREST = 8
"""Runs, of which a source that never brings anything is asked in one."""
DOUBT = 8
"""Days of change that must have been false before a source is not believed."""
MEMORY = 40
"""Days of change that are remembered; with more, old ones count half."""


@dataclass(slots=True)
class Source:
    """One sitemap or feed.

    looks: how often it was read; news: articles that it was the first to name, and true changes;
    fruitless: looks in a row without any, in runs that found news elsewhere; skipped: runs in a row
    that did not ask it; true_days, false_days: whether articles had changed that it said so of.
    """

    url: str
    portal: str
    kind: str
    looks: int = 0
    news: int = 0
    fruitless: int = 0
    skipped: int = 0
    true_days: int = 0
    false_days: int = 0
    looked_at: str | None = None

    @property
    def every(self) -> int:
        """It is asked in one of so many runs: 1, 2, 4 or 8."""
        if self.fruitless < PATIENCE:
            return 1
        return int(min(2 ** ((self.fruitless - PATIENCE) // 2 + 1), RAREST))

    @property
    def believed(self) -> bool:
        """Whether an article is looked at because this source says that it changed."""
        return self.false_days < DOUBT or self.true_days * 4 >= self.false_days

    def judge(self, *, true: int = 0, false: int = 0) -> None:
        """Count days of change that proved true or false."""
        self.true_days += true
        self.false_days += false
        if self.true_days + self.false_days > MEMORY:
            self.true_days, self.false_days = self.true_days // 2, self.false_days // 2

    def told(self) -> str:
        """What is to be known of it, for a person; empty where nothing is."""
        said = []
        if self.every > 1:
            said.append(f"asked every {self.every} runs: nothing new in {self.fruitless} looks")
        if not self.believed:
            known = self.true_days + self.false_days
            said.append(f"days of change not believed: {self.false_days} of {known} were false")
        return "; ".join(said)


class Sources:
    """The tables `sources` and `walks` of one open archive."""

    def __init__(
        self, db: sqlite3.Connection, transaction: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self.db = db
        self._transaction = transaction

    def of(self, portal: str) -> dict[str, Source]:
        """The sources of a portal, by address."""
        rows = self.db.execute("SELECT * FROM sources WHERE portal = ? ORDER BY url", (portal,))
        return {row[0]: Source(*row) for row in rows}

    def runs_since_deep(self, portal: str) -> int:
        """How many runs walked the listings of a portal no further than where news ends."""
        row = self.db.execute("SELECT runs FROM walks WHERE portal = ?", (portal,)).fetchone()
        return row[0] if row else 0

    def keep(self, portal: str, sources: Iterable[Source], *, deep: bool, now: str) -> None:
        """Keep what a run that went to its end has learnt. deep: it walked deeper; now: UTC."""
        runs = 0 if deep else self.runs_since_deep(portal) + 1
        with self._transaction():
            self.db.executemany(
                "INSERT OR REPLACE INTO sources VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [astuple(source) for source in sources],
            )
            self.db.execute(
                "INSERT INTO walks VALUES (:portal, :runs, :deep_at) ON CONFLICT DO UPDATE SET"
                " runs = excluded.runs, deep_at = coalesce(excluded.deep_at, deep_at)",
                {"portal": portal, "runs": runs, "deep_at": now if deep else None},
            )
