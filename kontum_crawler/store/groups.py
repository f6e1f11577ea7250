"""Near doubles: wire copies, re-posts and the same article in two generations of a portal.

Texts are compared by their runs of five words, accents and tone placement aside. MinHash finds the
candidates, the exact share of common runs decides, so a group never rests on chance. Reports that
share only a form («Dự báo thời tiết ngày …») differ in every fifth word and stay apart.
"""

import hashlib
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

from kontum_crawler.text import plain

RUN = 5
"""Words of a run."""

SHORTEST = 20
"""Words below which a text is in no group: captions and notices repeat by nature."""

SIMILAR = 0.6
"""Common runs divided by all runs of both texts (Jaccard), from which two are near doubles."""

BANDS, ROWS = 32, 4
"""Of 128 minima; two texts at 0.6 share a band with a probability of 0.988, at 0.7 of 0.9998."""

CROWD = 50
"""Members of a band that a text is compared with, the first seen ones."""

TABLES = ()

_WORD = re.compile(r"[^\W_]+")


def regroup(db: sqlite3.Connection) -> int:
    """Find all groups anew and write `article_groups`; returns how many articles are in one.

    The member first seen leads: its id is the group's, its similarity 1, the others' is that with
    it. The same articles give the same groups in whatever order they came. About 2 ms an article.
    """
    order = _first_seen(db)
    parent: dict[int, int] = {}
    texts = _Texts(db)
    for one, other in _candidates(db, order):
        if _root(parent, one) != _root(parent, other) and texts.similarity(one, other) >= SIMILAR:
            first, second = sorted(
                (_root(parent, one), _root(parent, other)), key=order.__getitem__
            )
            parent[second] = first
    members = defaultdict(list)
    for article in parent:
        members[_root(parent, article)].append(article)
    db.execute("DELETE FROM article_groups")
    for leader, others in members.items():
        rows = [(leader, leader, 1.0)]
        rows += [(leader, id_, round(texts.similarity(leader, id_), 4)) for id_ in sorted(others)]
        db.executemany("INSERT INTO article_groups VALUES (?, ?, ?)", rows)
    return sum(len(others) + 1 for others in members.values())


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


class _Texts:
    """Runs of articles, read when needed; the last few hundred stay in memory."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.runs = lru_cache(maxsize=500)(self._read)

    def similarity(self, one: int, other: int) -> float:
        """Jaccard similarity of two articles, 0 to 1."""
        a, b = self.runs(one), self.runs(other)
        return len(a & b) / len(a | b) if a and b else 0.0

    def _read(self, article: int) -> frozenset[int]:
        row = self.db.execute(
            "SELECT title, lead, body FROM articles WHERE id = ?", (article,)
        ).fetchone()
        return runs_of(_joined(row))


def _joined(parts: Iterable[str | None]) -> str:
    return "\n\n".join(part for part in parts if part)


def _first_seen(db: sqlite3.Connection) -> dict[int, int]:
    """The rank of each article by the time it was first seen; ties by portal and slug."""
    rows = db.execute("SELECT id FROM articles ORDER BY first_seen_at, portal, slug")
    return {row[0]: rank for rank, row in enumerate(rows)}


def _candidates(db: sqlite3.Connection, order: dict[int, int]) -> Iterator[tuple[int, int]]:
    """Pairs that share a band. Bands lie in a temporary table, so memory stays flat."""
    db.execute("CREATE TEMP TABLE IF NOT EXISTS bands (band INTEGER, place INTEGER, id INTEGER)")
    db.execute("DELETE FROM temp.bands")
    for row in db.execute("SELECT id, title, lead, body FROM articles"):
        if runs := runs_of(_joined(tuple(row)[1:])):
            rows = [(band, order[row[0]], row[0]) for band in _bands(runs)]
            db.executemany("INSERT INTO temp.bands VALUES (?, ?, ?)", rows)
    db.execute("CREATE INDEX temp.bands_by_band ON bands(band, place)")
    band: int | None = None
    crowd: list[int] = []
    for key, _, article in db.execute(
        "SELECT band, place, id FROM temp.bands ORDER BY band, place"
    ):
        if key != band:
            band, crowd = key, []
        yield from ((earlier, article) for earlier in crowd)
        if len(crowd) < CROWD:
            crowd.append(article)
    db.execute("DROP TABLE temp.bands")


def _bands(runs: frozenset[int]) -> Iterator[int]:
    from datasketch import MinHash

    minima = MinHash(num_perm=BANDS * ROWS, seed=1, hashfunc=lambda run: run & 0xFFFFFFFF)
    minima.update_batch(runs)
    for band in range(BANDS):
        part = minima.hashvalues[band * ROWS : (band + 1) * ROWS].tobytes() + bytes([band])
        yield int.from_bytes(hashlib.blake2b(part, digest_size=8).digest(), "big", signed=True)


def _root(parent: dict[int, int], article: int) -> int:
    while (above := parent.get(article, article)) != article:
        article = above
    return article
