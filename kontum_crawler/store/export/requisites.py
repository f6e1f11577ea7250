"""What the pages of chosen articles show: pictures, style sheets and scripts that they name.

Only what these pages themselves name, so that nothing of a withdrawn article goes along.
"""

import html
import re
import sqlite3
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from urllib.parse import urljoin

from kontum_crawler import urls
from kontum_crawler.errors import ArchiveError
from kontum_crawler.store.intake.held import job_at
from kontum_crawler.warc.http import CodingError, decoded

NAMED = re.compile(
    r"""<(?:img|link|script|source|input|audio|video|embed)\b[^>]*?\s(?:src|href|data-src)"""
    r"""\s*=\s*["']?([^"'\s>]+)|url\(\s*["']?([^"')\s]+)|@import\s+["']([^"']+)""",
    re.I,
)
PAGES = ("text/html", "application/xhtml+xml", "text/css")
REMEMBERED = 4_096
"""Addresses whose captures are remembered: those that all pages of a portal name."""

COLUMNS = "id, url, media_type, revisit_of, warc_file, warc_offset"
ONE = f"SELECT {COLUMNS} FROM captures WHERE id = ? AND warc_file IS NOT NULL"
OF_URL = f"""
SELECT {COLUMNS} FROM captures
WHERE url = ? AND status = 200 AND article_id IS NULL AND warc_file IS NOT NULL
"""


class Numbers:
    """A set of row numbers that takes one bit for each row of the table."""

    def __init__(self) -> None:
        self.bits = bytearray()

    def add(self, number: int) -> bool:
        """Put a number in; True where it was not there."""
        if number in self:
            return False
        self.bits.extend(bytes(max(0, number // 8 + 1 - len(self.bits))))
        self.bits[number // 8] |= 1 << number % 8
        return True

    def __contains__(self, number: int) -> bool:
        return number // 8 < len(self.bits) and bool(self.bits[number // 8] >> number % 8 & 1)

    def __iter__(self) -> Iterator[int]:
        """The numbers, ascending."""
        for place, byte in enumerate(self.bits):
            if byte:
                yield from (place * 8 + bit for bit in range(8) if byte >> bit & 1)


def with_requisites(db: sqlite3.Connection, folder: Path, captures: Iterable[int]) -> Numbers:
    """These captures, the originals of revisits among them, and what all of them need to look so.

    captures: ids, read one by one. Style sheets are followed to what they name in turn.
    """
    taken = Numbers()

    @lru_cache(maxsize=REMEMBERED)
    def at(url: str) -> list[sqlite3.Row]:
        return db.execute(OF_URL, (url,)).fetchall()

    for each in captures:
        waiting = db.execute(ONE, (each,)).fetchall()
        while waiting:
            row = waiting.pop()
            if not taken.add(row["id"]):
                continue
            if row["revisit_of"] is not None:
                waiting += db.execute(ONE, (row["revisit_of"],)).fetchall()
            elif (row["media_type"] or "") in PAGES:
                for url in _named(folder, row):
                    waiting += at(url)
    return taken


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
