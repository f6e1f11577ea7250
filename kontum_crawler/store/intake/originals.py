"""Which capture holds a payload: what a revisit repeats, and what need not be stored again.

A revisit whose original is not held has neither `revisit_of` nor `payload_digest`, so that nothing
takes it for one that holds a payload.
"""

import sqlite3
import threading
from pathlib import Path

from kontum_crawler.clock import parse_utc, utc
from kontum_crawler.errors import ArchiveError
from kontum_crawler.store import database
from kontum_crawler.warc.capture import captured
from kontum_crawler.warc.digests import sha1_base32
from kontum_crawler.warc.reader import read_at
from kontum_crawler.warc.records import Original

BY_DIGEST = """
SELECT id FROM captures
WHERE payload_digest = ? AND revisit_of IS NULL AND warc_file IS NOT NULL
ORDER BY content_hash IS NULL, fetched_at, url, id LIMIT 1
"""
HOLDING = """
SELECT url, fetched_at, warc_file, warc_offset FROM captures
WHERE payload_digest = ? AND revisit_of IS NULL AND warc_file IS NOT NULL
ORDER BY fetched_at, id
"""
BY_TIME = """
SELECT id, payload_digest FROM captures
WHERE url = ? AND fetched_at = ? AND revisit_of IS NULL AND payload_digest IS NOT NULL
  AND warc_file IS NOT NULL ORDER BY content_hash IS NULL, id
"""
BY_CLAIM = """
SELECT c.id FROM capture_digests d JOIN captures c ON c.id = d.capture_id
WHERE d.digest = ? AND c.revisit_of IS NULL AND c.warc_file IS NOT NULL
ORDER BY c.content_hash IS NULL, c.fetched_at, c.url, c.id LIMIT 1
"""
REPEATING = """
SELECT c.id FROM captures c JOIN captures o ON o.id = c.revisit_of
WHERE c.id IN (SELECT id FROM captures WHERE payload_digest = :digest
    UNION SELECT capture_id FROM capture_digests
    WHERE digest IN (SELECT digest FROM capture_digests WHERE capture_id = :id))
  AND o.id <> :id AND (c.fetched_at >= :at OR o.fetched_at >= :at OR o.content_hash IS NULL)
"""
PLACES = """
SELECT id, warc_file, warc_offset, run_id, origin, revisit_of,
  (SELECT key FROM run_keys k WHERE k.run_id = c.run_id) AS key FROM captures c
"""
ORPHANS = f"""
{PLACES}
WHERE payload_digest IS NULL AND revisit_of IS NULL AND warc_file IS NOT NULL ORDER BY id
"""


class Originals:
    """Finds the capture that holds a payload; for `Writer(originals=…)`, in whatever thread.

    It reads beside the one connection that writes, so it sees what is committed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._local = threading.local()

    def __call__(self, digest: str) -> Original | None:
        """The oldest whole capture whose payload has this `sha256:<hex>`; None for none.

        Its record is looked at. An answer that was cut off, though these were all its bytes, never
        becomes an article, nor would what repeats it; and what cannot be read is stored anew.
        """
        if not hasattr(self._local, "db"):
            self._local.db = database.open_to_read(self._folder / database.NAME)
        for row in self._local.db.execute(HOLDING, (digest,)):
            sha1 = self._whole(row, digest)
            if sha1 is not None:
                return Original(row["url"], parse_utc(row["fetched_at"]), digest, sha1)
        return None

    def _whole(self, row: sqlite3.Row, digest: str) -> str | None:
        """SHA-1 of the payload of a row, if its record is there and holds all of it."""
        try:
            seen = captured(read_at(self._folder / row["warc_file"], row["warc_offset"]))
        except (ArchiveError, ValueError, OSError):
            return None
        if seen is None or seen.payload is None or not seen.whole or seen.payload_digest != digest:
            return None
        return sha1_base32(seen.payload)


def original_id(db: sqlite3.Connection, repeats: Original) -> int | None:
    """The row of the capture that a revisit refers to, by address and time, then by digest.

    Of several the one goes first that gave an article: another may have been cut off.
    """
    rows = db.execute(BY_TIME, (repeats.url, utc(repeats.fetched_at))).fetchall()
    for row in rows:
        if not repeats.payload_digest or row["payload_digest"] == repeats.payload_digest:
            return int(row["id"])
    found = None
    if repeats.payload_digest:
        found = db.execute(BY_DIGEST, (repeats.payload_digest,)).fetchone()
    if found is None and repeats.sha1:
        found = db.execute(BY_CLAIM, (repeats.sha1,)).fetchone()
    return None if found is None else int(found["id"])


def repeating(db: sqlite3.Connection, capture_id: int) -> list[int]:
    """Revisits that were joined to another capture, and may rather repeat this one.

    An original that is named, and came later, goes before one that has the same payload.
    """
    row = db.execute(
        "SELECT payload_digest, fetched_at FROM captures WHERE id = ?", (capture_id,)
    ).fetchone()
    wanted = {"id": capture_id, "digest": row["payload_digest"], "at": row["fetched_at"]}
    return [found[0] for found in db.execute(REPEATING, wanted)]
