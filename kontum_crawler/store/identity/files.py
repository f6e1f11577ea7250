"""The files that an article names: attachments and pictures, and the captures that hold them.

The page may be seen before its files or after them; both ways lead to the same rows.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from kontum_crawler import urls
from kontum_crawler.items import Attachment
from kontum_crawler.store.identity import observations

ATTACHMENT_COLUMNS = (
    "url, filename, media_type, size, payload_digest, capture_id, text, text_status"
)
IMAGE_COLUMNS = "url, caption, credit, capture_id"
CITATION_COLUMNS = 'field, start, "end", quote, doc_type, number, issuer, issuer_code, issued_on'
HOLDS = """
SELECT id, media_type, payload_digest FROM captures
WHERE url IN (?, ?, ?) AND status = 200
ORDER BY fetched_at DESC, warc_file DESC, warc_offset DESC LIMIT 1
"""
KEEP_DOCUMENT = """
INSERT INTO documents (url_key, fetched_at, capture_id, media_type, size, payload_digest, filename,
  text_status, extract_id)
VALUES (:url_key, :fetched_at, :capture_id, :media_type, :size, :payload_digest, :filename,
  :text_status, :extract_id)
ON CONFLICT (url_key) DO UPDATE SET fetched_at = excluded.fetched_at,
  capture_id = excluded.capture_id, media_type = excluded.media_type, size = excluded.size,
  payload_digest = excluded.payload_digest, filename = excluded.filename,
  text_status = excluded.text_status, extract_id = excluded.extract_id
WHERE excluded.fetched_at >= documents.fetched_at
"""


def write(
    db: sqlite3.Connection, article_id: int, said: dict[str, Any], *, new: bool = False
) -> None:
    """Bring attachments, pictures and citations of an article to what its page says.

    new: the article has none of them yet.
    """
    named = [*said.get("attachments", []), *said.get("images", [])]
    if not new:
        db.execute("DELETE FROM file_links WHERE article_id = ?", (article_id,))
    db.executemany(
        "INSERT OR IGNORE INTO file_links (url_key, article_id) VALUES (?, ?)",
        [(_key(each["url"]), article_id) for each in named],
    )
    _write_attachments(db, article_id, said.get("attachments", []), new=new)
    _write_images(db, article_id, said.get("images", []), new=new)
    names = [name.strip().strip('"') for name in CITATION_COLUMNS.split(",")]
    rows = [tuple(each[name] for name in names) for each in said.get("citations", [])]
    _replace(db, "citations", CITATION_COLUMNS, article_id, rows, new=new)


def keep_document(db: sqlite3.Connection, capture_id: int, document: Attachment) -> None:
    """Keep what a captured file holds; the newest capture of an address counts."""
    fetched_at = db.execute(
        "SELECT fetched_at FROM captures WHERE id = ?", (capture_id,)
    ).fetchone()[0]
    extract_id = None
    if document.text is not None:
        extract_id, _ = observations.keep_extract(db, {"text": document.text})
    values = {
        "url_key": _key(document.url),
        "fetched_at": fetched_at,
        "capture_id": capture_id,
        "media_type": document.media_type,
        "size": document.size,
        "payload_digest": document.payload_digest,
        "filename": document.filename,
        "text_status": document.text_status,
        "extract_id": extract_id,
    }
    db.execute(KEEP_DOCUMENT, values)
    refresh(db, document.url)


def refresh(db: sqlite3.Connection, url: str) -> None:
    """A file was captured: tell the articles that name it."""
    rows = db.execute(
        "SELECT l.article_id, s.extract_id FROM file_links l"
        " JOIN article_states s ON s.article_id = l.article_id WHERE l.url_key = ?",
        (_key(url),),
    ).fetchall()
    for article_id, extract_id in rows:
        said = observations.read_extract(db, extract_id)
        _write_attachments(db, article_id, said.get("attachments", []))
        _write_images(db, article_id, said.get("images", []))


def _write_attachments(
    db: sqlite3.Connection, article_id: int, named: Sequence[dict[str, Any]], *, new: bool = False
) -> None:
    rows = []
    for each in named:
        held = _document(db, each["url"])
        rows.append(
            (
                each["url"],
                each["filename"] or held.get("filename"),
                held.get("media_type") or each["media_type"],
                held.get("size") or each["size"],
                held.get("payload_digest"),
                held.get("capture_id"),
                held.get("text"),
                held.get("text_status"),
            )
        )
    _replace(db, "attachments", ATTACHMENT_COLUMNS, article_id, rows, new=new)


def _write_images(
    db: sqlite3.Connection, article_id: int, named: Sequence[dict[str, Any]], *, new: bool = False
) -> None:
    rows = []
    for each in named:
        held = _capture(db, each["url"])
        capture_id = None if held is None else held["id"]
        rows.append((each["url"], each["caption"], each["credit"], capture_id))
    _replace(db, "images", IMAGE_COLUMNS, article_id, rows, new=new)


def _document(db: sqlite3.Connection, url: str) -> dict[str, Any]:
    """What is known of a file: its text where it was read, otherwise the capture alone."""
    row = db.execute("SELECT * FROM documents WHERE url_key = ?", (_key(url),)).fetchone()
    if row is not None:
        held = dict(row)
        held["text"] = observations.read_extract(db, row["extract_id"]).get("text")
        return held
    capture = _capture(db, url)
    if capture is None:
        return {}
    return {
        "capture_id": capture["id"],
        "media_type": capture["media_type"],
        "payload_digest": capture["payload_digest"],
    }


def _capture(db: sqlite3.Connection, url: str) -> sqlite3.Row | None:
    """The newest good capture of an address, http and https alike."""
    rest = url.partition("://")[2]
    row: sqlite3.Row | None = db.execute(
        HOLDS, (url, f"http://{rest}", f"https://{rest}")
    ).fetchone()
    return row


def _replace(
    db: sqlite3.Connection,
    table: str,
    columns: str,
    article_id: int,
    rows: Iterable[tuple[Any, ...]],
    *,
    new: bool,
) -> None:
    """Make the rows of an article these; what is as it should be is not touched."""
    wanted = list(rows)
    if not new:
        held = db.execute(
            f"SELECT {columns} FROM {table} WHERE article_id = ? ORDER BY id", (article_id,)
        ).fetchall()
        if [tuple(row) for row in held] == wanted:
            return
        db.execute(f"DELETE FROM {table} WHERE article_id = ?", (article_id,))
    if not wanted:
        return
    marks = ", ".join("?" * (columns.count(",") + 2))
    db.executemany(
        f"INSERT INTO {table} (article_id, {columns}) VALUES ({marks})",
        [(article_id, *row) for row in wanted],
    )


def _key(url: str) -> str:
    try:
        return urls.key(url)
    except ValueError:
        return url
