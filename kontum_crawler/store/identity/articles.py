"""The rows of articles, brought to what their observations show, and nothing touched in vain.

`settle` takes all observations of a cluster with the accounts folded from them, and writes only
the difference. A withdrawn article has no row at all, so no reader can forget to hide it.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kontum_crawler.store.identity import files, observations, tombstones
from kontum_crawler.store.identity.facts import Account, Observation

TEXT_COLUMNS = [
    "title",
    "lead",
    "body",
    "byline",
    "authors",
    "unit",
    "source",
    "photo_by",
    "tags",
    "published_at",
    "lang",
]
META_COLUMNS = [
    "slug",
    "native_id",
    "url",
    "category",
    "version",
    "content_hash",
    "first_seen_at",
    "last_seen_at",
    "gone_at",
]
LISTS = frozenset({"authors", "photo_by", "tags"})
ALL = ["portal", *META_COLUMNS, *TEXT_COLUMNS]
INSERT = (
    f"INSERT INTO articles ({', '.join(ALL)}) VALUES ({', '.join(f':{name}' for name in ALL)})"
    " RETURNING id"
)
UPDATE_META = (
    f"UPDATE articles SET {', '.join(f'{name} = :{name}' for name in META_COLUMNS)} WHERE id = :id"
)
UPDATE_TEXT = (
    f"UPDATE articles SET {', '.join(f'{name} = :{name}' for name in TEXT_COLUMNS)} WHERE id = :id"
)
HELD = (
    f"SELECT a.id, {', '.join(f'a.{name}' for name in META_COLUMNS)}, s.newest_id, s.extract_id,"
    " s.versions, s.members FROM articles a JOIN article_states s ON s.article_id = a.id"
    " WHERE a.id IN (SELECT value FROM json_each(?))"
)
KEEP_STATE = """
INSERT INTO article_states (article_id, newest_id, extract_id, versions, members)
VALUES (:article_id, :newest_id, :extract_id, :versions, :members)
ON CONFLICT (article_id) DO UPDATE SET newest_id = excluded.newest_id,
  extract_id = excluded.extract_id, versions = excluded.versions, members = excluded.members
"""
INSERT_VERSION = """
INSERT INTO article_versions (article_id, version, title, lead, body, byline, published_at,
  content_hash, capture_id, seen_at)
VALUES (:article_id, :version, :title, :lead, :body, :byline, :published_at,
  :content_hash, :capture_id, :seen_at)
"""


@dataclass(frozen=True, slots=True)
class Settled:
    """One account with the row that it became; `before` is that row as it was, None if new.

    article_id is None for a withdrawn article.
    """

    account: Account
    article_id: int | None
    before: dict[str, Any] | None


def settle(
    db: sqlite3.Connection,
    seen: Sequence[Observation],
    accounts: Sequence[Account],
    held: Iterable[int] = (),
) -> list[Settled]:
    """Write the rows of these accounts; articles that no account shows any longer are deleted.

    seen: every observation of the cluster, with the article it belonged to until now. held: further
    articles that may have lost all of theirs.
    """
    held = {*held, *(each.article_id for each in seen if each.article_id is not None)}
    rows = {row["id"]: dict(row) for row in db.execute(HELD, (json.dumps(list(held)),)).fetchall()}
    withdrawn = tombstones.covering(db, accounts)
    places = _places(accounts, withdrawn, set(rows))
    for article_id in set(rows) - set(places.values()):
        db.execute("DELETE FROM articles WHERE id = ?", (article_id,))
    _make_way(db, accounts, places, rows)
    settled = []
    for number, account in enumerate(accounts):
        before = rows.get(places[number]) if number in places else None
        article_id = None
        if number not in withdrawn:
            article_id = _write(db, account, before)
        settled.append(Settled(account, article_id, before))
    _assign(db, seen, settled, withdrawn)
    return settled


def _places(
    accounts: Sequence[Account], withdrawn: dict[int, int], held: set[int]
) -> dict[int, int]:
    """Which row each account goes on in: that of its oldest observation that still has one."""
    places: dict[int, int] = {}
    free = set(held)
    for number, account in enumerate(accounts):
        if number in withdrawn:
            continue
        for seen in account.members:
            if seen.article_id in free:
                places[number] = seen.article_id
                free.discard(seen.article_id)
                break
    return places


def _make_way(
    db: sqlite3.Connection,
    accounts: Sequence[Account],
    places: dict[int, int],
    rows: dict[int, dict[str, Any]],
) -> None:
    """Free the slugs that change hands, as between twins when an older capture arrives."""
    for number, article_id in places.items():
        if rows[article_id]["slug"] != accounts[number].slug:
            db.execute("UPDATE articles SET slug = '~moving~' || id WHERE id = ?", (article_id,))


def _write(db: sqlite3.Connection, account: Account, before: dict[str, Any] | None) -> int:
    """Bring one row and what hangs on it to an account; returns its id."""
    members = _fingerprint(account)
    if before is not None and before["members"] == members:
        found: int = before["id"]
        return found
    article_id = _write_row(db, account, before)
    versions = ",".join(
        f"{each.shown.capture_id}:{each.shown.extract_id}" for each in account.versions
    )
    if before is None or before["versions"] != versions:
        _write_versions(db, article_id, account, new=before is None)
    _write_urls(db, article_id, account, new=before is None)
    state = {
        "article_id": article_id,
        "newest_id": account.newest.id,
        "extract_id": account.current.extract_id,
        "versions": versions,
        "members": members,
    }
    db.execute(KEEP_STATE, state)
    return article_id


def _fingerprint(account: Account) -> str:
    """What an account depends on beyond its observations, and which those are.

    An observation never changes, so equal fingerprints mean equal rows.
    """
    ids = ",".join(str(seen.id) for seen in account.members)
    return hashlib.sha256(f"{account.slug}\n{account.gone_at}\n{ids}".encode()).hexdigest()


def _write_row(db: sqlite3.Connection, account: Account, before: dict[str, Any] | None) -> int:
    newest, current = account.newest, account.current
    meta = {
        "slug": account.slug,
        "native_id": newest.native_id,
        "url": newest.canonical_url,
        "category": newest.category,
        "version": len(account.versions),
        "content_hash": current.content_hash,
        "first_seen_at": account.first_seen_at,
        "last_seen_at": account.last_seen_at,
        "gone_at": account.gone_at,
    }
    if before is None:
        said = observations.said_by(db, current)
        values = {"portal": newest.portal, **meta, **_texts(said)}
        article_id: int = db.execute(INSERT, values).fetchone()[0]
        files.write(db, article_id, said, new=True)
        return article_id
    article_id = before["id"]
    if any(before[name] != value for name, value in meta.items()):
        db.execute(UPDATE_META, {"id": article_id, **meta})
    if before["extract_id"] != current.extract_id:
        said = observations.said_by(db, current)
        db.execute(UPDATE_TEXT, {"id": article_id, **_texts(said)})
        files.write(db, article_id, said)
    return article_id


def _texts(said: dict[str, Any]) -> dict[str, Any]:
    return {
        name: json.dumps(said.get(name, []), ensure_ascii=False)
        if name in LISTS
        else said.get(name)
        for name in TEXT_COLUMNS
    }


def _write_versions(
    db: sqlite3.Connection, article_id: int, account: Account, *, new: bool
) -> None:
    if not new:
        db.execute("DELETE FROM article_versions WHERE article_id = ?", (article_id,))
    for version in account.versions:
        said = observations.said_by(db, version.shown)
        db.execute(
            INSERT_VERSION,
            {
                "article_id": article_id,
                "version": version.number,
                **{
                    name: said.get(name)
                    for name in ("title", "lead", "body", "byline", "published_at")
                },
                "content_hash": version.shown.content_hash,
                "capture_id": version.shown.capture_id,
                "seen_at": version.shown.fetched_at,
            },
        )


def _write_urls(db: sqlite3.Connection, article_id: int, account: Account, *, new: bool) -> None:
    wanted = {(each.url, each.first_seen_at, each.last_seen_at) for each in account.urls}
    held: set[tuple[str, str, str]] = set()
    if not new:
        rows = db.execute(
            "SELECT url, first_seen_at, last_seen_at FROM article_urls WHERE article_id = ?",
            (article_id,),
        )
        held = {(row[0], row[1], row[2]) for row in rows}
    db.executemany(
        "DELETE FROM article_urls WHERE article_id = ? AND url = ?",
        [(article_id, each[0]) for each in held - wanted],
    )
    db.executemany(
        "INSERT INTO article_urls (article_id, url, first_seen_at, last_seen_at)"
        " VALUES (?, ?, ?, ?)",
        [(article_id, *each) for each in sorted(wanted - held)],
    )


def _assign(
    db: sqlite3.Connection,
    seen: Iterable[Observation],
    settled: Sequence[Settled],
    withdrawn: dict[int, int],
) -> None:
    """Note for each observation and its capture which article it belongs to now."""
    owners: dict[int, tuple[int | None, int | None]] = {}
    for number, each in enumerate(settled):
        for member in each.account.members:
            owners[member.id] = (each.article_id, withdrawn.get(number))
    for each_seen in seen:
        owner = owners.get(each_seen.id, (None, None))
        if owner != (each_seen.article_id, each_seen.tombstone_id):
            db.execute(
                "UPDATE observations SET article_id = ?, tombstone_id = ? WHERE id = ?",
                (*owner, each_seen.id),
            )
            db.execute(
                "UPDATE captures SET article_id = ?, content_hash = ? WHERE id = ?",
                (owner[0], each_seen.content_hash, each_seen.capture_id),
            )
            each_seen.article_id, each_seen.tombstone_id = owner
