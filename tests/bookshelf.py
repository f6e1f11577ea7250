"""A small archive database for search tests: the real schema, rows as the store writes them."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from kontum_crawler.items import content_hash
from kontum_crawler.store import schema
from kontum_crawler.store.search import filters, fts, signatures
from kontum_crawler.text import clean


def database(docs: Iterable[Mapping[str, Any]] = (), path: str = ":memory:") -> sqlite3.Connection:
    """A database with these articles; `attachments` (texts) and `citations` (numbers) hang on."""
    db = sqlite3.connect(path, isolation_level=None)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA foreign_keys = ON")
    for statement in (
        *schema.CONTRACT,
        *schema.INTERNAL,
        *schema.INDEXES,
        *filters.INDEXES,
        *signatures.TABLES,
    ):
        db.execute(statement)
    signatures.watch_changes(db)
    fts.create(db)
    db.execute("BEGIN")
    for doc in docs:
        add(db, doc)
    db.execute("COMMIT")
    return db


def add(db: sqlite3.Connection, doc: Mapping[str, Any]) -> int:
    """Store one article; what `doc` leaves out gets a plain value."""
    texts = {
        name: clean(doc.get(name) or "") or None for name in ("title", "lead", "body", "byline")
    }
    number = doc.get("id") or 1 + (db.execute("SELECT max(id) FROM articles").fetchone()[0] or 0)
    portal = doc.get("portal", "kkt")
    seen = doc.get("first_seen_at", "2024-01-01T00:00:00Z")
    row = {
        "id": number,
        "portal": portal,
        "slug": doc.get("slug", f"bai-{number}"),
        "url": doc.get("url", f"http://{portal}.example/bai-{number}.p-{number}.html"),
        **texts,
        "authors": json.dumps(doc.get("authors", []), ensure_ascii=False),
        **{
            name: doc.get(name)
            for name in ("unit", "source", "category", "published_at", "gone_at")
        },
        "version": doc.get("version", 1),
        "content_hash": content_hash(*(texts[n] for n in ("title", "lead", "body", "byline"))),
        "first_seen_at": seen,
        "last_seen_at": doc.get("last_seen_at", seen),
    }
    db.execute("INSERT OR IGNORE INTO portals(key, name) VALUES (?, ?)", (portal, portal.upper()))
    names = ", ".join(row)
    marks = ", ".join(f":{name}" for name in row)
    db.execute(f"INSERT INTO articles({names}) VALUES ({marks})", row)
    db.execute("INSERT INTO article_urls VALUES (?, ?, ?, ?)", (number, row["url"], seen, seen))
    for text in doc.get("attachments", []):
        db.execute(
            "INSERT INTO attachments(article_id, url, filename, text) VALUES (?, ?, ?, ?)",
            (number, f"http://{portal}.example/{number}.pdf", f"{number}.pdf", clean(text)),
        )
    for cited in doc.get("citations", []):
        db.execute(
            'INSERT INTO citations(article_id, field, start, "end", quote, number, issued_on)'
            " VALUES (?, 'body', 0, 1, ?, ?, ?)",
            (number, cited, cited, doc.get("issued_on")),
        )
    return int(number)
