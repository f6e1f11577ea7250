"""The questions that pages ask the archive: SQL, and rows as dictionaries.

Each takes a plain SQLite connection, reads the tables of docs/schema.md, and is bounded in the
number of rows that it returns.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from kontum_crawler.store.search.filters import prepare
from kontum_crawler.store.search.fts import WHEN

Row = dict[str, Any]
SHOWN = (
    "id, portal, slug, url, title, lead, byline, published_at, first_seen_at, last_seen_at,"
    " gone_at, version"
)
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
    """The articles published last; those that state no date only where there are too few others."""
    dated = rows(
        connection,
        f"SELECT {SHOWN} FROM articles WHERE published_at IS NOT NULL"
        " ORDER BY published_at DESC, id DESC LIMIT :limit",
        {"limit": limit},
    )
    if len(dated) == limit:
        return dated
    return dated + rows(
        connection,
        f"SELECT {SHOWN} FROM articles WHERE published_at IS NULL"
        " ORDER BY first_seen_at DESC, id DESC LIMIT :limit",
        {"limit": limit - len(dated)},
    )


def portals(connection: sqlite3.Connection) -> list[Row]:
    """Each portal with its number of articles, the largest first."""
    return rows(
        connection,
        """
        SELECT p.key, p.name, p.base_url, coalesce(n.articles, 0) AS articles
        FROM portals AS p LEFT JOIN (
          SELECT portal, count(*) AS articles FROM articles GROUP BY portal
        ) AS n ON n.portal = p.key
        ORDER BY articles DESC, p.key
        """,
    )


def portal(connection: sqlite3.Connection, key: str) -> Row | None:
    """One portal with the days of its first and last article, or None."""
    return one(
        connection,
        f"""
        SELECT key, name, family, base_url,
          (SELECT min({WHEN}) FROM articles WHERE portal = :key) AS first,
          (SELECT max({WHEN}) FROM articles WHERE portal = :key) AS last
        FROM portals WHERE key = :key
        """,
        {"key": key},
    )


def years(connection: sqlite3.Connection) -> list[int]:
    """The years in which articles were published, oldest first."""
    # One look into the index a year, instead of a scan.
    sql = """
        WITH RECURSIVE known(year) AS (
          SELECT substr(min(published_at), 1, 4) FROM articles
          UNION ALL
          SELECT (SELECT substr(min(published_at), 1, 4) FROM articles
                  WHERE published_at >= printf('%04d', known.year + 1))
          FROM known WHERE known.year IS NOT NULL LIMIT 300)
        SELECT year FROM known WHERE year IS NOT NULL
    """
    return [int(row["year"]) for row in rows(connection, sql) if row["year"].isdigit()]


def by_day(connection: sqlite3.Connection, year: int) -> dict[str, int]:
    """ISO day to number of articles published on it, in one year."""
    sql = """
        SELECT substr(published_at, 1, 10) AS day, count(*) AS articles FROM articles
        WHERE published_at >= :first AND published_at < :next GROUP BY day
    """
    bounds = {"first": f"{year:04}-", "next": f"{year + 1:04}-"}
    return {row["day"]: row["articles"] for row in rows(connection, sql, bounds)}


def growth(connection: sqlite3.Connection) -> list[tuple[str, int]]:
    """(month, number of articles first captured up to its end), oldest first."""
    sql = """
        SELECT month, sum(articles) OVER (ORDER BY month) AS articles FROM (
            SELECT substr(first_seen_at, 1, 7) AS month, count(*) AS articles FROM articles
            GROUP BY month)
        ORDER BY month
    """
    return [(row["month"], row["articles"]) for row in rows(connection, sql)]


def runs(connection: sqlite3.Connection, limit: int = 50, run: int | None = None) -> list[Row]:
    """The last runs, or one, with their figures and the number of their problems, newest first."""
    found = rows(
        connection,
        """
        SELECT r.id, r.command, r.started_at, r.finished_at, r.outcome, r.stats,
               (SELECT count(*) FROM problems AS p WHERE p.run_id = r.id) AS problems
        FROM runs AS r WHERE :run IS NULL OR r.id = :run ORDER BY r.id DESC LIMIT :limit
        """,
        {"limit": limit, "run": run},
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
    """One article with all that hangs on it, but for the text of its attachments; or None."""
    sql = (
        "SELECT a.*, p.name AS portal_name FROM articles a LEFT JOIN portals p ON p.key = a.portal"
        " WHERE a.portal = :portal AND a.slug = :slug"
    )
    found = one(connection, sql, {"portal": portal, "slug": slug})
    if found is None:
        return None
    for name in ("authors", "photo_by", "tags"):
        found[name] = _json(found[name], [])
    hanging = {name: rows(connection, sql, {"id": found["id"]}) for name, sql in HANGING.items()}
    return {**found, **hanging}


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
    """The articles of the same portal just before and just after this one in time."""
    values = {
        "portal": found["portal"],
        "at": found["published_at"] or found["first_seen_at"],
        "id": found["id"],
    }
    sql = (
        f"SELECT portal, slug, title FROM articles WHERE portal = :portal AND {WHEN} {{0}}= :at"
        f" AND ({WHEN} {{0}} :at OR id {{0}} :id) ORDER BY {WHEN} {{1}}, id {{1}} LIMIT 1"
    )
    before = one(connection, sql.format("<", "DESC"), values)
    return before, one(connection, sql.format(">", "ASC"), values)


def named(connection: sqlite3.Connection, number: str, ids: Sequence[int]) -> list[Row]:
    """How these articles name the document of that number: kind, issuer, date, and how many do."""
    prepare(connection)
    return rows(
        connection,
        "SELECT doc_type, number, issuer, issued_on, count(DISTINCT article_id) AS n FROM citations"
        " WHERE article_id IN (SELECT value FROM json_each(:ids)) AND kontum_cites(number, :number)"
        " GROUP BY 1, 2, 3, 4 ORDER BY n DESC LIMIT 12",
        {"number": number, "ids": json.dumps(ids)},
    )


def listed(connection: sqlite3.Connection, ids: Sequence[int]) -> list[Row]:
    """The articles of these ids, in their order."""
    numbers = ",".join(str(int(number)) for number in ids)
    found = rows(connection, f"SELECT {SHOWN} FROM articles WHERE id IN ({numbers})")
    by_id = {row["id"]: row for row in found}
    return [by_id[number] for number in ids if number in by_id]


def _json(text: str | None, default: Any) -> Any:
    try:
        return json.loads(text) if text else default
    except json.JSONDecodeError:
        return default
