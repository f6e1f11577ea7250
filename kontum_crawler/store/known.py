"""Whether a capture that another archive lists is held: itself, or the answer that it repeats."""

import sqlite3
from dataclasses import dataclass

from kontum_crawler import urls
from kontum_crawler.clock import parse_utc
from kontum_crawler.store.plan import Entry
from kontum_crawler.warc.records import Original

HELD = """
SELECT c.id, c.url, c.fetched_at, c.payload_digest, c.status, c.media_type, c.revisit_of
FROM capture_digests d JOIN captures c ON c.id = d.capture_id
WHERE d.digest = ? AND c.warc_file IS NOT NULL AND c.payload_digest IS NOT NULL
ORDER BY c.fetched_at, c.id
"""
KNOWN = """
SELECT 1 FROM captures c WHERE c.url = ? AND c.fetched_at = ? AND c.origin = ?
  AND (? = '' OR EXISTS (SELECT 1 FROM capture_digests d
                         WHERE d.digest = ? AND d.capture_id = c.id)) LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Held:
    """A capture that holds the answer of a listed one: what a revisit of it refers to.

    id: of the row that holds the payload, which may be another address's.
    """

    id: int
    original: Original
    status: int | None
    media_type: str | None


def is_known(db: sqlite3.Connection, entry: Entry, origin: str) -> bool:
    """Whether a listed capture is in the archive already, from the same kind of source."""
    url, digest = entry.listed.url, entry.listed.digest or ""
    wanted = (url, entry.fetched_at, origin, digest, digest)
    return db.execute(KNOWN, wanted).fetchone() is not None


def held(db: sqlite3.Connection, entry: Entry) -> Held | None:
    """The capture of the same address, scheme aside, that holds the same answer; None for none.

    An empty answer is never the same, nor one of another status.
    """
    if entry.same is None:
        return None
    for row in db.execute(HELD, (entry.listed.digest,)):
        status = entry.listed.status
        if urls.key(row["url"]) != entry.url_key or status not in (None, row["status"]):
            continue
        found = _held(db, row)
        if found is not None and _says_the_same(row, found):
            return found
    return None


def held_at(db: sqlite3.Connection, capture_id: int) -> Held | None:
    """A capture as what a revisit refers to."""
    row = db.execute(
        "SELECT id, url, fetched_at, payload_digest, status, media_type, revisit_of FROM captures"
        " WHERE id = ? AND payload_digest IS NOT NULL",
        (capture_id,),
    ).fetchone()
    return None if row is None else _held(db, row)


def _says_the_same(row: sqlite3.Row, found: Held) -> bool:
    """Whether the capture that holds the payload, maybe of another address, has the answer too.

    Where a redirect leads stands in its head, which is the address's own.
    """
    if found.id == row["id"]:
        return True
    alike = row["status"] in (None, 304, found.status)
    return alike and not 300 <= (found.status or 0) < 400


def _held(db: sqlite3.Connection, row: sqlite3.Row) -> Held | None:
    if row["revisit_of"] is not None:
        return held_at(db, row["revisit_of"])
    original = Original(row["url"], parse_utc(row["fetched_at"]), row["payload_digest"])
    return Held(row["id"], original, row["status"], row["media_type"])
