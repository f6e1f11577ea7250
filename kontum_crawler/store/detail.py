"""One article with everything that hangs on it, as `show` prints it and Python reads it."""

import sqlite3
from typing import Any

from kontum_crawler.errors import KontumError, UsageError
from kontum_crawler.store.identity import observations
from kontum_crawler.store.search.finding import article_object

HANGING = {
    "urls": "SELECT url, first_seen_at, last_seen_at FROM article_urls WHERE article_id = ?"
    " ORDER BY first_seen_at, url",
    "versions": "SELECT version, title, lead, body, byline, published_at, content_hash, capture_id,"
    " seen_at FROM article_versions WHERE article_id = ? ORDER BY version",
    "captures": "SELECT id, url, run_id, fetched_at, retrieved_at, source_uri, status, media_type,"
    " payload_digest, origin, content_hash, warc_file, warc_offset, warc_length, revisit_of"
    " FROM captures WHERE article_id = ? ORDER BY fetched_at, id",
    "attachments": "SELECT url, filename, media_type, size, payload_digest, capture_id, text,"
    " text_status FROM attachments WHERE article_id = ? ORDER BY id",
    "images": "SELECT url, caption, credit, capture_id FROM images WHERE article_id = ?"
    " ORDER BY id",
    "citations": 'SELECT field, start, "end", quote, doc_type, number, issuer, issuer_code,'
    " issued_on FROM citations WHERE article_id = ? ORDER BY id",
}
"""What `show` adds to an article: columns as in the tables, the article's own id left out."""

SEARCH_FINDS = "`kontum search` finds articles by words"

BY_SLUG = """
SELECT id, portal, slug, url FROM articles
WHERE slug = :name AND (:portal IS NULL OR portal = :portal) ORDER BY portal
"""
BY_EARLIER_SLUG = """
SELECT DISTINCT a.id, a.portal, a.slug, a.url FROM observations o
JOIN articles a ON a.id = o.article_id
WHERE o.kind = 'article' AND o.slug_key = :base
  AND (o.slug = :name OR o.slug || '~' || o.native_id = :name)
  AND (:portal IS NULL OR o.portal = :portal) ORDER BY a.portal, a.slug
"""
BY_URL = """
SELECT DISTINCT a.id, a.portal, a.slug, a.url FROM article_urls u
JOIN articles a ON a.id = u.article_id WHERE u.url IN (:name, :written) ORDER BY a.portal
"""
WITHDRAWN = """
SELECT DISTINCT t.reason, t.at FROM tombstones t
LEFT JOIN observations o ON o.tombstone_id = t.id
WHERE (:name IN (t.slug, t.url, o.slug, o.url) OR :written IN (t.url, o.url))
  AND (:portal IS NULL OR t.portal = :portal)
"""


def find(
    db: sqlite3.Connection, name: str, portal: str | None = None, *, unknown: str = SEARCH_FINDS
) -> int:
    """The id of the article with that slug, now or in earlier times, or with that address.

    unknown: what is said of a name that nobody has.

    Raises UsageError for a name that several portals use, or nobody; KontumError, with date and
    reason, for an article that was withdrawn.
    """
    rows = _rows(db, name, portal)
    if len(rows) == 1:
        found: int = rows[0]["id"]
        return found
    if rows:
        listed = "\n".join(f"  {row['portal']}  {row['slug']}  {row['url']}" for row in rows)
        raise UsageError(
            f"«{name}» means {len(rows)} articles; say which with --portal, or by slug:\n{listed}"
        )
    keys = {"name": name, "written": _written(name), "portal": portal}
    row = db.execute(WITHDRAWN, keys).fetchone()
    if row is not None:
        raise KontumError(f"«{name}» was withdrawn on {row['at'][:10]}: {row['reason']}")
    where = f" of {portal}" if portal else ""
    raise UsageError(f"no article «{name}»{where} in this archive; {unknown}.")


def detail(db: sqlite3.Connection, article_id: int) -> dict[str, Any]:
    """An article object with `urls`, `versions`, `captures`, `attachments`, `images`, `citations`.

    Raises KeyError for an id that is not there.
    """
    row = db.execute("SELECT * FROM articles WHERE id = ?", (article_id,)).fetchone()
    if row is None:
        raise KeyError(article_id)
    article = article_object(row)
    for name, query in HANGING.items():
        article[name] = [dict(each) for each in db.execute(query, (article_id,))]
    return article


def tables(db: sqlite3.Connection, article_id: int, version: int | None = None) -> list[Any]:
    """The tables of an article's text as rows of cells; of its present text, or of a version."""
    if version is None:
        row = db.execute(
            "SELECT extract_id FROM article_states WHERE article_id = ?", (article_id,)
        ).fetchone()
    else:
        row = db.execute(
            "SELECT o.extract_id FROM article_versions v"
            " JOIN observations o ON o.capture_id = v.capture_id"
            " WHERE v.article_id = ? AND v.version = ?",
            (article_id, version),
        ).fetchone()
    found: list[Any] = observations.read_extract(db, row and row[0]).get("tables", [])
    return found


def place_of(
    db: sqlite3.Connection, article_id: int, version: int | None = None
) -> sqlite3.Row | None:
    """The row of `captures` whose record holds the bytes of the article's page.

    The capture itself, or the one that it repeats: `url`, `warc_file`, `warc_offset`. None where
    the record is known no longer.
    """
    if version is None:
        row = db.execute(
            "SELECT o.capture_id FROM article_states s"
            " JOIN observations n ON n.id = s.newest_id"
            " JOIN observations o ON o.article_id = s.article_id AND o.extract_id = s.extract_id"
            " WHERE s.article_id = ? ORDER BY o.fetched_at DESC LIMIT 1",
            (article_id,),
        ).fetchone()
    else:
        row = db.execute(
            "SELECT capture_id FROM article_versions WHERE article_id = ? AND version = ?",
            (article_id, version),
        ).fetchone()
    capture_id = row and row[0]
    for _ in range(10):
        capture = db.execute("SELECT * FROM captures WHERE id = ?", (capture_id,)).fetchone()
        if capture is None or capture["revisit_of"] is None:
            return capture if capture is not None and capture["warc_file"] else None
        capture_id = capture["revisit_of"]
    return None


def _rows(db: sqlite3.Connection, name: str, portal: str | None) -> list[sqlite3.Row]:
    if "://" in name:
        return db.execute(BY_URL, {"name": name, "written": _written(name)}).fetchall()
    keys = {"name": name, "base": name.partition("~")[0], "portal": portal}
    return db.execute(BY_SLUG, keys).fetchall() or db.execute(BY_EARLIER_SLUG, keys).fetchall()


def _written(name: str) -> str:
    """An address as the archive writes it; any other name as it is."""
    if "://" not in name:
        return name
    from kontum_crawler import urls

    try:
        return urls.address(name)
    except ValueError:
        return name
