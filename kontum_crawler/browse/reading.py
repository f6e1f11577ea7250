"""The questions that pages ask the archive: SQL, and rows as dictionaries.

Each takes a plain SQLite connection, reads only the contract's tables (docs/schema.md), and is
bounded in the number of rows that it returns.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

Row = dict[str, Any]
SHOWN = "id, portal, slug, title, lead, byline, published_at, first_seen_at, gone_at, version"


def rows(connection: sqlite3.Connection, sql: str, values: Mapping[str, Any] = {}) -> list[Row]:
    """The rows of a question as dictionaries."""
    cursor = connection.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def one(connection: sqlite3.Connection, sql: str, values: Mapping[str, Any] = {}) -> Row | None:
    """The first row, or None."""
    found = rows(connection, sql, values)
    return found[0] if found else None


def latest(connection: sqlite3.Connection, limit: int = 20) -> list[Row]:
    """The articles published last; those without a date count from their first capture."""
    return rows(
        connection,
        f"SELECT {SHOWN} FROM articles ORDER BY published_at IS NULL, published_at DESC, id DESC"
        " LIMIT :limit",
        {"limit": limit},
    )


def portals(connection: sqlite3.Connection) -> list[Row]:
    """Each portal with its number of articles and its last capture of one."""
    return rows(
        connection,
        """
        SELECT p.key, p.name, p.base_url, count(a.id) AS articles,
               sum(a.gone_at IS NOT NULL) AS gone, max(a.last_seen_at) AS last_seen_at,
               max(a.published_at) AS published_at
        FROM portals AS p LEFT JOIN articles AS a ON a.portal = p.key
        GROUP BY p.key ORDER BY articles DESC, p.key
        """,
    )


def by_day(connection: sqlite3.Connection, year: int) -> dict[str, int]:
    """ISO day to number of articles published on it, in one year."""
    sql = """
        SELECT substr(published_at, 1, 10) AS day, count(*) AS articles FROM articles
        WHERE published_at >= :first AND published_at < :next GROUP BY day
    """
    bounds = {"first": f"{year:04}-", "next": f"{year + 1:04}-"}
    return {row["day"]: row["articles"] for row in rows(connection, sql, bounds)}


def by_month(connection: sqlite3.Connection) -> list[tuple[str, int]]:
    """(month, number of articles published in it), oldest first."""
    sql = """
        SELECT substr(published_at, 1, 7) AS month, count(*) AS articles FROM articles
        WHERE published_at IS NOT NULL GROUP BY month ORDER BY month
    """
    return [(row["month"], row["articles"]) for row in rows(connection, sql)]


def growth(connection: sqlite3.Connection) -> list[tuple[str, int]]:
    """(month, number of articles first captured up to its end), oldest first."""
    sql = """
        SELECT month, sum(articles) OVER (ORDER BY month) AS articles FROM (
            SELECT substr(first_seen_at, 1, 7) AS month, count(*) AS articles FROM articles
            WHERE first_seen_at IS NOT NULL GROUP BY month)
        ORDER BY month
    """
    return [(row["month"], row["articles"]) for row in rows(connection, sql)]


def runs(connection: sqlite3.Connection, limit: int = 50) -> list[Row]:
    """The last runs with their figures and the number of their problems, newest first."""
    found = rows(
        connection,
        """
        SELECT r.id, r.command, r.started_at, r.finished_at, r.outcome, r.stats,
               (SELECT count(*) FROM problems AS p WHERE p.run_id = r.id) AS problems
        FROM runs AS r ORDER BY r.id DESC LIMIT :limit
        """,
        {"limit": limit},
    )
    return [{**row, "stats": _json(row["stats"], {})} for row in found]


def problems(connection: sqlite3.Connection, run: int | None, limit: int = 200) -> list[Row]:
    """The last problems, of one run or of all, newest first."""
    where = "WHERE run_id = :run" if run is not None else ""
    return rows(
        connection,
        f"SELECT id, run_id, url, stage, message, at FROM problems {where} ORDER BY id DESC"
        " LIMIT :limit",
        {"run": run, "limit": limit},
    )


def article(connection: sqlite3.Connection, portal: str, slug: str) -> Row | None:
    """One article with all that hangs on it, or None."""
    sql = "SELECT * FROM articles WHERE portal = :portal AND slug = :slug"
    found = one(connection, sql, {"portal": portal, "slug": slug})
    if found is None:
        return None
    for name in ("authors", "photo_by", "tags"):
        found[name] = _json(found[name], [])
    return {**found, **{name: _hanging(connection, name, found["id"]) for name in HANGING}}


HANGING = {
    "urls": "SELECT url, first_seen_at, last_seen_at FROM article_urls WHERE article_id = :id"
    " ORDER BY first_seen_at, url",
    "versions": "SELECT version, title, lead, body, byline, published_at, content_hash, capture_id,"
    " seen_at FROM article_versions WHERE article_id = :id ORDER BY version",
    "captures": "SELECT id, url, fetched_at, retrieved_at, source_uri, status, media_type,"
    " payload_digest, origin, warc_file, warc_offset, warc_length, revisit_of FROM captures"
    " WHERE article_id = :id ORDER BY fetched_at DESC, id DESC LIMIT 500",
    "attachments": "SELECT url, filename, media_type, size, payload_digest, capture_id, text_status"
    " FROM attachments WHERE article_id = :id ORDER BY id",
    "images": "SELECT url, caption, credit, capture_id FROM images WHERE article_id = :id"
    " ORDER BY id",
    "citations": 'SELECT field, start, "end", quote, doc_type, number, issuer, issuer_code,'
    " issued_on FROM citations WHERE article_id = :id ORDER BY id",
}


def _hanging(connection: sqlite3.Connection, name: str, article_id: int) -> list[Row]:
    return rows(connection, HANGING[name], {"id": article_id})


def doubles(connection: sqlite3.Connection, article_id: int) -> list[Row]:
    """The near doubles of an article, first seen first."""
    return rows(
        connection,
        """
        SELECT a.id, a.portal, a.slug, a.title, a.published_at, a.first_seen_at, g.similarity
        FROM article_groups AS mine
        JOIN article_groups AS g ON g.group_id = mine.group_id AND g.article_id != mine.article_id
        JOIN articles AS a ON a.id = g.article_id
        WHERE mine.article_id = :id ORDER BY a.first_seen_at, a.id LIMIT 50
        """,
        {"id": article_id},
    )


def neighbours(connection: sqlite3.Connection, found: Row) -> tuple[Row | None, Row | None]:
    """The articles of the same portal just before and just after this one, by date, else by id."""
    if found["published_at"]:
        here, order = (
            "(published_at, id) {} (:at, :id) AND published_at IS NOT NULL",
            "published_at",
        )
    else:
        here, order = "id {} :id AND published_at IS NULL", "id"
    values = {"portal": found["portal"], "at": found["published_at"], "id": found["id"]}
    sql = "SELECT portal, slug, title FROM articles WHERE portal = :portal AND {} ORDER BY {}"
    before = sql.format(here.format("<"), f"{order} DESC, id DESC LIMIT 1")
    after = sql.format(here.format(">"), f"{order}, id LIMIT 1")
    return one(connection, before, values), one(connection, after, values)


def by_old_address(connection: sqlite3.Connection, portal: str, slug: str) -> Row | None:
    """The article that once had this slug in one of its addresses, or None."""
    sql = """
        SELECT a.portal, a.slug FROM article_urls AS u JOIN articles AS a ON a.id = u.article_id
        WHERE a.portal = :portal AND instr(u.url, :part) > 0 ORDER BY u.last_seen_at DESC LIMIT 1
    """
    from urllib.parse import quote

    part = "/" + quote(slug, safe="!$&'()*,:@~")
    return one(connection, sql, {"portal": portal, "part": part})


def _json(text: str | None, default: Any) -> Any:
    try:
        return json.loads(text) if text else default
    except json.JSONDecodeError:
        return default


def listed(connection: sqlite3.Connection, ids: Sequence[int]) -> list[Row]:
    """The articles of these ids, in their order."""
    numbers = ",".join(str(int(number)) for number in ids)
    found = rows(connection, f"SELECT {SHOWN} FROM articles WHERE id IN ({numbers})")
    by_id = {row["id"]: row for row in found}
    return [by_id[number] for number in ids if number in by_id]
