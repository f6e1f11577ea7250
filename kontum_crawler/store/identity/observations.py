"""The observations of an archive: written once a capture, found by what they share.

What a page said is kept once for each distinct saying (`extracts`), so that rows can be folded anew
without opening a WARC.
"""

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from kontum_crawler.items import Article
from kontum_crawler.store.identity.facts import GOOD, REDIRECT, Observation

COLUMNS = [
    "capture_id",
    "portal",
    "kind",
    "fetched_at",
    "run_key",
    "url",
    "url_key",
    "page_key",
    "canonical_url",
    "slug",
    "slug_key",
    "from_title",
    "native_id",
    "space",
    "alias",
    "target_page",
    "permanent",
    "content_hash",
    "category",
    "extract_id",
]
INSERT = (
    f"INSERT INTO observations ({', '.join(COLUMNS)})"
    f" VALUES ({', '.join(f':{name}' for name in COLUMNS)}) RETURNING id"
)
SELECT = (
    "SELECT o.id, o.capture_id, o.article_id, o.tombstone_id, o.portal, o.kind, o.fetched_at,"
    " o.run_key, o.url, o.url_key, o.page_key, o.canonical_url, o.slug, o.from_title, o.native_id,"
    " o.space, o.alias, o.target_page, o.permanent, o.content_hash, o.category, o.extract_id,"
    " e.digest AS extract, c.warc_file, c.warc_offset, c.origin = 'live' AS live"
    " FROM observations o JOIN captures c ON c.id = o.capture_id"
    " LEFT JOIN extracts e ON e.id = o.extract_id"
)
BY_CAPTURE = f"{SELECT} WHERE o.capture_id = ?"
NEWEST_OF_PAGE = (
    f"{SELECT} WHERE o.portal = ? AND o.page_key = ? ORDER BY o.fetched_at DESC, o.id DESC LIMIT 1"
)
AMONG = "(SELECT value FROM json_each(:keys))"
BY_IDS = f"{SELECT} WHERE o.id IN {AMONG}"
LINKED = "SELECT id FROM observations WHERE portal = :portal AND"
LINKS = {
    "page": f"{LINKED} page_key IN {AMONG}",
    "slug": f"{LINKED} slug_key IN {AMONG}",
    # Pairs of columns go by their index only when the pairs come first.
    "id": "SELECT o.id FROM json_each(:keys) k CROSS JOIN observations o"
    " WHERE o.portal = :portal AND o.space = k.value ->> 0 AND o.native_id = k.value ->> 1",
    "article": f"SELECT id FROM observations WHERE article_id IN {AMONG}",
    "target": f"{LINKED} target_page IN {AMONG}",
}
"""How observations find one another; each query takes the keys of its kind, as a JSON array."""

Key = tuple[str, str | int, str]


def insert(db: sqlite3.Connection, seen: Observation, slug_key: str | None) -> int:
    """Add an observation; returns its id."""
    values: dict[str, Any] = {
        name: getattr(seen, name) for name in COLUMNS if name not in ("slug_key", "space")
    }
    values["slug_key"] = slug_key
    values["space"] = seen.space or ""
    found: int = db.execute(INSERT, values).fetchone()[0]
    return found


def of_capture(db: sqlite3.Connection, capture_id: int) -> Observation | None:
    """The observation that a capture left, if it left one."""
    row = db.execute(BY_CAPTURE, (capture_id,)).fetchone()
    return None if row is None else _observation(row)


def newest_of_page(db: sqlite3.Connection, portal: str, page_key: str) -> Observation | None:
    """The newest observation of a page, whatever it said."""
    row = db.execute(NEWEST_OF_PAGE, (portal, page_key)).fetchone()
    return None if row is None else _observation(row)


def cluster(db: sqlite3.Connection, portal: str, keys: Iterable[Key]) -> list[Observation]:
    """All observations that share a key with these, directly or through one another."""
    found: dict[int, Observation] = {}
    asked: set[Key] = set()
    waiting = set(keys)
    while waiting:
        asked |= waiting
        ids = {id_ for kind in LINKS for id_ in _linked(db, portal, kind, waiting)}
        rows = db.execute(BY_IDS, {"keys": json.dumps(list(ids - found.keys()))}).fetchall()
        found.update((row["id"], _observation(row)) for row in rows)
        waiting = {key for row in rows for key in keys_of(found[row["id"]])} - asked
    return list(found.values())


def _linked(db: sqlite3.Connection, portal: str, kind: str, keys: Iterable[Key]) -> list[int]:
    """Ids of the observations with one of these keys of one kind."""
    wanted = [key[1:] if kind == "id" else key[1] for key in keys if key[0] == kind]
    if not wanted:
        return []
    rows = db.execute(LINKS[kind], {"portal": portal, "keys": json.dumps(wanted)})
    return [row[0] for row in rows]


def keys_of(seen: Observation) -> list[Key]:
    """What an observation can share with others.

    Who redirects to a page matters only where the page showed an article or leads on to one, so a
    page that everything is sent to (a login, a notice) binds nothing together.
    """
    keys: list[Key] = [("page", seen.page_key, "")]
    if seen.article_id is not None:
        keys.append(("article", seen.article_id, ""))
    if seen.kind in (GOOD, REDIRECT):
        keys.append(("target", seen.page_key, ""))
    if seen.target_page is not None:
        keys.append(("page", seen.target_page, ""))
    if seen.kind == GOOD:
        if seen.slug is not None:
            keys.append(("slug", seen.slug.partition("~")[0], ""))
        if seen.native_id is not None:
            keys.append(("id", seen.space or "", seen.native_id))
    return keys


def keep_extract(db: sqlite3.Connection, said: dict[str, Any]) -> tuple[int, str]:
    """Keep what was said, once; returns its id and digest."""
    content = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    digest = hashlib.sha256(content).hexdigest()
    row = db.execute("SELECT id FROM extracts WHERE digest = ?", (digest,)).fetchone()
    if row is None:
        row = db.execute(
            "INSERT INTO extracts (digest, content) VALUES (?, ?) RETURNING id",
            (digest, zlib.compress(content, 6)),
        ).fetchone()
    return row[0], digest


def read_extract(db: sqlite3.Connection, extract_id: int | None) -> dict[str, Any]:
    """What was said, as it was kept; empty for None."""
    if extract_id is None:
        return {}
    row = db.execute("SELECT content FROM extracts WHERE id = ?", (extract_id,)).fetchone()
    said: dict[str, Any] = json.loads(zlib.decompress(row[0]))
    return said


def said_by(db: sqlite3.Connection, seen: Observation) -> dict[str, Any]:
    """What the page of an observation said; that of one just made is at hand."""
    return seen.said if seen.said is not None else read_extract(db, seen.extract_id)


def drop_unused(db: sqlite3.Connection, extract_ids: Iterable[int]) -> None:
    """Forget those of these extracts that no observation and no document says any longer."""
    db.execute(
        f"DELETE FROM extracts WHERE id IN {AMONG}"
        " AND NOT EXISTS (SELECT 1 FROM observations o WHERE o.extract_id = extracts.id)"
        " AND NOT EXISTS (SELECT 1 FROM documents d WHERE d.extract_id = extracts.id)",
        {"keys": json.dumps(list(extract_ids))},
    )


ADDRESS = frozenset({"portal", "slug", "url", "native_id", "rules"})
"""Fields of an article that belong to its address, or to nobody's memory."""


def saying(article: Article) -> dict[str, Any]:
    """What a page said, apart from where it stood."""
    said = asdict(article)
    return {name: value for name, value in said.items() if name not in ADDRESS}


def _observation(row: sqlite3.Row) -> Observation:
    fields = dict(row)
    for name in ("from_title", "alias", "permanent", "live"):
        fields[name] = bool(fields[name])
    return Observation(**fields)
