"""Which captures make a package: those of chosen articles, what their pages show, and originals.

Only what the chosen pages themselves name goes along, so that nothing of a withdrawn article does.
"""

import html
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from kontum_crawler import urls
from kontum_crawler.errors import ArchiveError
from kontum_crawler.store.held import job_at
from kontum_crawler.warc.http import CodingError, decoded
from kontum_crawler.warc.records import Place

NAMED = re.compile(
    r"""<(?:img|link|script|source|input|audio|video|embed)\b[^>]*?\s(?:src|href|data-src)"""
    r"""\s*=\s*["']?([^"'\s>]+)|url\(\s*["']?([^"')\s]+)|@import\s+["']([^"']+)""",
    re.I,
)
PAGES = ("text/html", "application/xhtml+xml", "text/css")
OWN = """
WITH chosen AS ({selection})
SELECT c.id, c.url, c.media_type, c.revisit_of, c.warc_file, c.warc_offset, c.warc_length
FROM captures c WHERE c.warc_file IS NOT NULL AND (c.article_id IN (SELECT id FROM chosen)
  OR c.id IN (SELECT capture_id FROM attachments WHERE article_id IN (SELECT id FROM chosen))
  OR c.id IN (SELECT capture_id FROM images WHERE article_id IN (SELECT id FROM chosen)))
"""
COLUMNS = "id, url, media_type, revisit_of, warc_file, warc_offset, warc_length"
OF_URL = f"""
SELECT {COLUMNS} FROM captures
WHERE url = ? AND status = 200 AND article_id IS NULL AND warc_file IS NOT NULL
"""
ONE = f"SELECT {COLUMNS} FROM captures WHERE id = ?"


def places(
    db: sqlite3.Connection, folder: Path, selection: str, values: Mapping[str, Any] | Sequence[Any]
) -> list[Place]:
    """The records of a package, in the order in which they lie on disk.

    selection: a SELECT that gives the `id` of articles; values: its parameters.
    """
    taken: dict[int, sqlite3.Row] = {}
    waiting = db.execute(OWN.format(selection=selection), values).fetchall()
    asked: set[str] = set()
    while waiting:
        row = waiting.pop()
        if row["id"] in taken:
            continue
        taken[row["id"]] = row
        if row["revisit_of"] is not None:
            waiting += db.execute(ONE, (row["revisit_of"],)).fetchall()
        elif (row["media_type"] or "") in PAGES:
            for url in _named(folder, row):
                if url not in asked:
                    asked.add(url)
                    waiting += db.execute(OF_URL, (url,)).fetchall()
    found = {(row["warc_file"], row["warc_offset"], row["warc_length"]) for row in taken.values()}
    return [Place(*place) for place in sorted(found)]


def _named(folder: Path, row: sqlite3.Row) -> Iterator[str]:
    """Addresses of the pictures, styles and scripts that a page or a style sheet names."""
    try:
        job = job_at(folder, row["warc_file"], row["warc_offset"], row["url"])
        text = decoded(job.payload, job.head).decode("utf-8", "replace") if job else ""
    except (ArchiveError, CodingError, ValueError, OSError):
        # The record itself will be missed when it is packed, and told there.
        return
    for match in NAMED.finditer(text):
        reference = html.unescape(next(group for group in match.groups() if group))
        try:
            yield urls.address(urljoin(row["url"], reference))
        except ValueError:
            continue
