"""What was withdrawn, when and why; a tombstone outlives reextract and rebuild.

A tombstone names addresses, not rows, so it holds whatever slug the article has later, and when an
older twin takes that slug. Files and pictures that only withdrawn articles name go with them.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from kontum_crawler import urls
from kontum_crawler.store.identity import observations
from kontum_crawler.store.identity.facts import GOOD, Account

NAMED_BY_WITHDRAWN = """
SELECT DISTINCT extract_id FROM observations
WHERE tombstone_id IS NOT NULL AND extract_id IS NOT NULL
"""
OF_ADDRESS = "SELECT id FROM captures WHERE url IN (?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """One article that was withdrawn; `pages` are the page keys of all its addresses."""

    portal: str
    slug: str
    url: str
    reason: str
    at: str
    pages: tuple[str, ...] = ()


def place(db: sqlite3.Connection, tombstone: Tombstone) -> int:
    """Keep a tombstone; the same one twice is one. Returns its id."""
    row = db.execute(
        "SELECT id FROM tombstones WHERE portal = ? AND slug = ? AND at = ?",
        (tombstone.portal, tombstone.slug, tombstone.at),
    ).fetchone()
    if row is None:
        row = db.execute(
            "INSERT INTO tombstones (portal, slug, url, reason, at) VALUES (?, ?, ?, ?, ?)"
            " RETURNING id",
            (tombstone.portal, tombstone.slug, tombstone.url, tombstone.reason, tombstone.at),
        ).fetchone()
    db.executemany(
        "INSERT OR IGNORE INTO tombstone_pages (portal, page_key, tombstone_id) VALUES (?, ?, ?)",
        [(tombstone.portal, page, row[0]) for page in tombstone.pages],
    )
    found: int = row[0]
    return found


def covering(db: sqlite3.Connection, accounts: Sequence[Account]) -> dict[int, int]:
    """Which of these accounts are withdrawn: their number in the list, and the tombstone's id."""
    if db.execute("SELECT 1 FROM tombstone_pages LIMIT 1").fetchone() is None:
        return {}
    found: dict[int, int] = {}
    for number, account in enumerate(accounts):
        for portal, page in sorted(
            {(seen.portal, seen.page_key) for seen in account.members if seen.kind == GOOD}
        ):
            row = db.execute(
                "SELECT min(tombstone_id) FROM tombstone_pages WHERE portal = ? AND page_key = ?",
                (portal, page),
            ).fetchone()
            if row[0] is not None:
                found[number] = min(row[0], found.get(number, row[0]))
    return found


def every(db: sqlite3.Connection) -> list[Tombstone]:
    """Every tombstone, the oldest first."""
    return [
        Tombstone(
            row["portal"],
            row["slug"],
            row["url"],
            row["reason"],
            row["at"],
            tuple(
                page[0]
                for page in db.execute(
                    "SELECT page_key FROM tombstone_pages WHERE tombstone_id = ? ORDER BY page_key",
                    (row["id"],),
                )
            ),
        )
        for row in db.execute("SELECT * FROM tombstones ORDER BY at, id").fetchall()
    ]


def hides(db: sqlite3.Connection, capture_id: int) -> bool:
    """Whether a capture shows a withdrawn article, or a file that no other article names."""
    row = db.execute(
        "SELECT tombstone_id, article_id FROM observations WHERE capture_id = ?", (capture_id,)
    ).fetchone()
    if row is not None and (row[0] is not None or row[1] is not None):
        return row[0] is not None
    return capture_id in captures_of_files(db)


def captures_of_files(db: sqlite3.Connection) -> set[int]:
    """The captures of attachments and pictures that only withdrawn articles name."""
    found: set[int] = set()
    for (extract_id,) in db.execute(NAMED_BY_WITHDRAWN).fetchall():
        said = observations.read_extract(db, extract_id)
        for each in (*said.get("attachments", ()), *said.get("images", ())):
            if not _is_named(db, each["url"]):
                rest = each["url"].partition("://")[2]
                addresses = (each["url"], f"http://{rest}", f"https://{rest}")
                found.update(row[0] for row in db.execute(OF_ADDRESS, addresses))
    return found


def _is_named(db: sqlite3.Connection, url: str) -> bool:
    """Whether an article that is there names a file."""
    try:
        key = urls.key(url)
    except ValueError:
        key = url
    return (
        db.execute("SELECT 1 FROM file_links WHERE url_key = ? LIMIT 1", (key,)).fetchone()
        is not None
    )
