"""What makes two texts comparable without reading both: runs of words, and bands of their minima.

Texts are taken as their runs of five words, accents and tone placement aside. MinHash makes 32
numbers (bands) of them; near doubles share one with near certainty. Bands are kept, with a queue of
articles whose bands are out of date, so that a run looks only at what it changed.
"""

import hashlib
import re
import sqlite3
from array import array
from collections.abc import Iterable
from functools import lru_cache

from kontum_crawler.text import plain

RUN = 5
"""Words of a run."""

SHORTEST = 20
"""Words below which a text is in no group: captions and notices repeat by nature."""

BANDS, ROWS = 32, 4
"""Of 128 minima; two texts at 0.6 share a band with a probability of 0.988, at 0.7 of 0.9998."""

TABLES = (
    """CREATE TABLE article_bands (
  band INTEGER NOT NULL,
  article_id INTEGER NOT NULL,
  PRIMARY KEY (band, article_id)
) WITHOUT ROWID""",
    # No references: the bands of an article that is gone are what tells whom it was grouped with.
    """CREATE TABLE article_signatures (
  article_id INTEGER PRIMARY KEY,
  bands BLOB NOT NULL
)""",
    "CREATE TABLE group_queue (article_id INTEGER PRIMARY KEY)",
)
"""Statements that make the tables of this module."""

_COMPARED = ("id", "title", "lead", "body", "portal", "slug", "first_seen_at")
_CHANGED = " OR ".join(f"old.{name} IS NOT new.{name}" for name in _COMPARED)
_QUEUE = "INSERT OR IGNORE INTO group_queue VALUES"

TRIGGERS = {
    "group_queue_ai": f"AFTER INSERT ON articles BEGIN {_QUEUE} (new.id); END",
    "group_queue_ad": f"AFTER DELETE ON articles BEGIN {_QUEUE} (old.id); END",
    "group_queue_au": f"AFTER UPDATE OF {', '.join(_COMPARED)} ON articles"
    f" WHEN {_CHANGED} BEGIN {_QUEUE} (old.id), (new.id); END",
}
"""What fills the queue, by name."""

_WORD = re.compile(r"[^\W_]+")


def watch_changes(db: sqlite3.Connection) -> None:
    """See to it that changed articles are queued; where that was not so, all of them are."""
    known = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    missing = [name for name in TRIGGERS if name not in known]
    for name in missing:
        db.execute(f"CREATE TRIGGER {name} {TRIGGERS[name]}")
    if missing:
        db.execute(
            "INSERT OR IGNORE INTO group_queue SELECT id FROM articles"
            " UNION SELECT article_id FROM article_signatures"
        )


def runs_of(text: str) -> frozenset[int]:
    """The runs of five words of a text, as 64-bit numbers; empty for a short text."""
    words = _WORD.findall(plain(text).lower())
    if len(words) < SHORTEST:
        return frozenset()
    return frozenset(
        int.from_bytes(
            hashlib.blake2b(" ".join(words[n : n + RUN]).encode(), digest_size=8).digest(), "big"
        )
        for n in range(len(words) - RUN + 1)
    )


def bands_of(runs: frozenset[int]) -> list[int]:
    """The bands of a text, 32-bit numbers; none for a short one."""
    if not runs:
        return []
    from datasketch import MinHash

    minima = MinHash(num_perm=BANDS * ROWS, seed=1, hashfunc=lambda run: run & 0xFFFFFFFF)
    minima.update_batch(runs)
    found = []
    for band in range(BANDS):
        part = minima.hashvalues[band * ROWS : (band + 1) * ROWS].tobytes() + bytes([band])
        digest = hashlib.blake2b(part, digest_size=4).digest()
        found.append(int.from_bytes(digest, "big", signed=True))
    return found


class Texts:
    """Runs of articles, read when needed; the last few hundred stay in memory."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.runs = lru_cache(maxsize=500)(self._read)

    def similarity(self, one: int, other: int) -> float:
        """Common runs of two articles divided by all runs of both (Jaccard), 0 to 1."""
        a, b = self.runs(one), self.runs(other)
        return len(a & b) / len(a | b) if a and b else 0.0

    def _read(self, article: int) -> frozenset[int]:
        row = self.db.execute(
            "SELECT title, lead, body FROM articles WHERE id = ?", (article,)
        ).fetchone()
        return runs_of("\n\n".join(part for part in row if part)) if row else frozenset()


def kept_bands(db: sqlite3.Connection, article: int) -> list[int]:
    """The bands that are kept of an article; none where it has none."""
    row = db.execute(
        "SELECT bands FROM article_signatures WHERE article_id = ?", (article,)
    ).fetchone()
    return list(array("i", row[0])) if row else []


def renew(db: sqlite3.Connection, texts: Texts, article: int) -> tuple[list[int], list[int]]:
    """Bring the kept bands of an article up to date; returns those before and those now."""
    before = kept_bands(db, article)
    now = sorted(set(bands_of(texts.runs(article))))
    if before != now:
        _forget(db, article, before)
        if now:
            db.execute(
                "INSERT INTO article_signatures VALUES (?, ?)", (article, array("i", now).tobytes())
            )
            db.executemany(
                "INSERT INTO article_bands VALUES (?, ?)", ((band, article) for band in now)
            )
    return before, now


def _forget(db: sqlite3.Connection, article: int, bands: Iterable[int]) -> None:
    db.execute("DELETE FROM article_signatures WHERE article_id = ?", (article,))
    db.executemany(
        "DELETE FROM article_bands WHERE band = ? AND article_id = ?",
        ((band, article) for band in bands),
    )
