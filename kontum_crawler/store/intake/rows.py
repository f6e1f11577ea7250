"""Faults of the database alone: damage, rows that hang in the air, an index out of step."""

import sqlite3
from collections.abc import Iterator

from kontum_crawler.items import content_hash
from kontum_crawler.store.search import fts

IN_MEMORY = 1_000_000_000
"""Bytes up to which the copy that is looked at is kept in memory; larger ones go to a file."""

CHECKS = (
    (
        "captures",
        "the revisit's original is no capture with a payload",
        "SELECT c.url FROM captures c LEFT JOIN captures o ON o.id = c.revisit_of"
        " WHERE c.revisit_of IS NOT NULL AND (o.id IS NULL OR o.revisit_of IS NOT NULL"
        " OR o.warc_file IS NULL)",
    ),
    (
        "captures",
        "the payload of the revisit is not that of its original",
        "SELECT c.url FROM captures c JOIN captures o ON o.id = c.revisit_of"
        " WHERE c.payload_digest <> o.payload_digest",
    ),
    (
        "captures",
        "the capture has no record",
        "SELECT url FROM captures WHERE warc_file IS NULL OR warc_offset IS NULL"
        " OR warc_length IS NULL",
    ),
    (
        "captures",
        "the capture does not name the article that was read in it",
        "SELECT c.url FROM observations o JOIN captures c ON c.id = o.capture_id"
        " WHERE o.kind = 'article' AND o.tombstone_id IS NULL"
        " AND coalesce(c.article_id, 0) <> coalesce(o.article_id, c.article_id, -1)",
    ),
    (
        "articles",
        "the article has no capture",
        "SELECT url FROM articles a"
        " WHERE NOT EXISTS (SELECT 1 FROM captures WHERE article_id = a.id)",
    ),
    (
        "articles",
        "the article has no version, or its number is not that of the newest",
        "SELECT url FROM articles a WHERE version IS NOT"
        " (SELECT max(version) FROM article_versions WHERE article_id = a.id)",
    ),
    (
        "articles",
        "the article has no address",
        "SELECT url FROM articles a"
        " WHERE NOT EXISTS (SELECT 1 FROM article_urls WHERE article_id = a.id)",
    ),
    (
        "articles",
        "the portal of the article is not known",
        "SELECT url FROM articles WHERE portal NOT IN (SELECT key FROM portals)",
    ),
    (
        "article_versions",
        "the version has no capture",
        "SELECT a.url FROM article_versions v JOIN articles a ON a.id = v.article_id"
        " LEFT JOIN captures c ON c.id = v.capture_id WHERE c.id IS NULL",
    ),
    (
        "article_versions",
        "the version's text is not that of its capture",
        "SELECT a.url FROM article_versions v JOIN articles a ON a.id = v.article_id"
        " JOIN captures c ON c.id = v.capture_id WHERE c.content_hash IS NOT v.content_hash",
    ),
    (
        "article_versions",
        "the numbers of the versions have a gap",
        "SELECT a.url FROM articles a JOIN article_versions v ON v.article_id = a.id"
        " GROUP BY a.id HAVING count(*) <> max(v.version) OR min(v.version) <> 1",
    ),
)
HASHED = (
    ("articles", "SELECT url, title, lead, body, byline, content_hash FROM articles"),
    (
        "article_versions",
        "SELECT a.url, v.title, v.lead, v.body, v.byline, v.content_hash"
        " FROM article_versions v JOIN articles a ON a.id = v.article_id",
    ),
)
TEXTS = """
SELECT a.url, c.quote, c.start, c."end",
  CASE c.field WHEN 'title' THEN a.title WHEN 'lead' THEN a.lead ELSE a.body END AS text
FROM citations c JOIN articles a ON a.id = c.article_id
"""


def damage(db: sqlite3.Connection) -> list[str]:
    """What SQLite itself finds wrong with the file; empty where it is sound."""
    try:
        found = [row[0] for row in db.execute("PRAGMA integrity_check(20)")]
    except sqlite3.DatabaseError as error:
        return [f"the file is damaged: {error}"]
    return [] if found == ["ok"] else [f"the file is damaged: {what}" for what in found]


def copy(source: sqlite3.Connection) -> sqlite3.Connection:
    """A copy that may be written, which the checks of the full-text index need."""
    pages = source.execute("PRAGMA page_count").fetchone()[0]
    size = pages * source.execute("PRAGMA page_size").fetchone()[0]
    # An empty name is a file that SQLite deletes when it is closed.
    db = sqlite3.connect(":memory:" if size <= IN_MEMORY else "")
    db.row_factory = sqlite3.Row
    source.backup(db)
    return db


def faults(db: sqlite3.Connection) -> Iterator[tuple[str, str, str]]:
    """Table, address and what is wrong, for each row that is not as it should be."""
    for row in db.execute("PRAGMA foreign_key_check"):
        yield row[0], "", f"row {row[1]} names a row of {row[2]} that is not there"
    for table, what, query in CHECKS:
        for row in db.execute(query):
            yield table, row[0] or "", what
    for table, query in HASHED:
        for url, title, lead, body, byline, said in db.execute(query):
            if content_hash(title, lead, body, byline) != said:
                yield table, url, "the text does not match its content_hash"
    for url, quote, start, end, text in db.execute(TEXTS):
        if (text or "")[start:end] != quote:
            yield "citations", url, f"«{quote}» does not stand where its row says"
    for fault in fts.check(db):
        table, _, what = fault.partition(": ")
        yield table, "", what
