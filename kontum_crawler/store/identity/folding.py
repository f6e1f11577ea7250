"""Observations into rows: what a new one touches is folded anew, and the difference is written.

Most captures of a nightly crawl say what the newest one of that page said; they take a short way
that writes four rows and folds nothing.
"""

import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from kontum_crawler.store.identity import articles, observations, tombstones
from kontum_crawler.store.identity import fold as identity
from kontum_crawler.store.identity.articles import Settled
from kontum_crawler.store.identity.facts import GOOD, REDIRECT, Observation, slug_key
from kontum_crawler.store.identity.tombstones import Tombstone

if TYPE_CHECKING:
    from kontum_crawler.portals import Portal

Change = Literal["new", "edited", "unchanged", "gone", "moved"]
SAME = [
    "url",
    "page_key",
    "canonical_url",
    "kind",
    "slug",
    "native_id",
    "space",
    "alias",
    "extract_id",
]
REGISTER = """
INSERT INTO portals (key, name, family, base_url) VALUES (?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET name = excluded.name, family = excluded.family,
  base_url = excluded.base_url
WHERE (name, family, base_url) IS NOT (excluded.name, excluded.family, excluded.base_url)
"""


def add(
    db: sqlite3.Connection, portal: "Portal", seen: Observation
) -> tuple[int | None, Change | None]:
    """Add an observation; returns the article that it belongs to, and what it did to it."""
    if seen.kind == GOOD:
        article_id = _again(db, seen)
        if article_id is not None:
            return article_id, "unchanged"
        register(db, portal)
    seen.id = _insert(db, seen)
    for each in refold(db, seen.portal, observations.keys_of(seen)):
        if any(member.id == seen.id for member in each.account.members):
            return each.article_id, _change(seen, each)
    return None, None


def refold(db: sqlite3.Connection, portal: str, keys: Iterable[observations.Key]) -> list[Settled]:
    """Fold everything that shares a key with these, and write the rows that come of it."""
    keys = list(keys)
    cluster = observations.cluster(db, portal, keys)
    # An article whose last observation was taken away is found by its key alone.
    held = {int(one) for kind, one, _ in keys if kind == "article"}
    return articles.settle(db, cluster, identity.fold(cluster), held)


def register(db: sqlite3.Connection, portal: "Portal") -> None:
    """Have a row for a portal, as its file describes it now."""
    db.execute(REGISTER, (portal.key, portal.name, portal.family, portal.base_url or None))


def tombstone_for(db: sqlite3.Connection, article_id: int, reason: str, at: str) -> Tombstone:
    """The tombstone that would hide an article; see `withdraw`."""
    row = db.execute(
        "SELECT portal, slug, url FROM articles WHERE id = ?", (article_id,)
    ).fetchone()
    pages = db.execute(
        "SELECT DISTINCT page_key FROM observations WHERE article_id = ? AND kind = ?",
        (article_id, GOOD),
    )
    return Tombstone(
        row["portal"], row["slug"], row["url"], reason, at, tuple(sorted(page[0] for page in pages))
    )


def withdraw(db: sqlite3.Connection, tombstone: Tombstone) -> None:
    """Keep a tombstone and hide what it covers."""
    tombstones.place(db, tombstone)
    refold(db, tombstone.portal, [("page", page, "") for page in tombstone.pages])


def _again(db: sqlite3.Connection, seen: Observation) -> int | None:
    """The short way for a capture that says what the newest of its article said.

    Returns the article, or None where the long way must be taken.
    """
    before = observations.newest_of_page(db, seen.portal, seen.page_key)
    if (
        before is None
        or before.article_id is None
        or before.fetched_at >= seen.fetched_at
        or any(getattr(before, name) != getattr(seen, name) for name in SAME)
        or not _is_newest(db, before)
    ):
        return None
    seen.article_id = before.article_id
    seen.id = _insert(db, seen)
    at = {"id": before.article_id, "at": seen.fetched_at, "url": seen.url, "seen": seen.id}
    db.execute("UPDATE articles SET last_seen_at = :at WHERE id = :id", at)
    db.execute(
        "UPDATE article_urls SET last_seen_at = :at WHERE article_id = :id AND url = :url", at
    )
    db.execute(
        "UPDATE article_states SET newest_id = :seen, members = NULL WHERE article_id = :id", at
    )
    db.execute(
        "UPDATE captures SET article_id = ?, content_hash = ? WHERE id = ?",
        (before.article_id, seen.content_hash, seen.capture_id),
    )
    return before.article_id


def _is_newest(db: sqlite3.Connection, seen: Observation) -> bool:
    found = db.execute(
        "SELECT 1 FROM article_states s JOIN articles a ON a.id = s.article_id"
        " WHERE s.article_id = ? AND s.newest_id = ? AND a.gone_at IS NULL",
        (seen.article_id, seen.id),
    ).fetchone()
    return found is not None


def _insert(db: sqlite3.Connection, seen: Observation) -> int:
    key = slug_key(seen.slug) if seen.kind == GOOD and seen.slug is not None else None
    return observations.insert(db, seen, key)


def _change(seen: Observation, settled: Settled) -> Change | None:
    """What one observation did to its article."""
    account, before = settled.account, settled.before
    if settled.article_id is None:
        return None
    if before is None:
        return "new"
    if seen.kind != GOOD:
        if account.gone_at is not None and before["gone_at"] is None:
            return "gone"
        moved = seen.kind == REDIRECT and before["slug"] != account.slug
        return "moved" if moved else None
    if len(account.versions) > before["version"]:
        return "edited"
    others = [each for each in account.members if each.owns and each.id != seen.id]
    if seen.owns and all(each.page_key != seen.page_key for each in others):
        return "moved"
    return "unchanged"
