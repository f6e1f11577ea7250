"""The self-check of a portal's rules: which layout each held page has, year by year.

A page that no layout of the portal fits was read by the finder for unknown pages; where that
happens for a whole year, the portal has changed its looks and its file wants another layout.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kontum_crawler.errors import ArchiveError, NotArticle
from kontum_crawler.extract.layout import fitting
from kontum_crawler.extract.page import Page
from kontum_crawler.portals import Portal
from kontum_crawler.store.held import job_at
from kontum_crawler.warc.http import CodingError, decoded, parse_head

PAGES = """
SELECT c.url, c.fetched_at, c.warc_file, c.warc_offset FROM observations o
JOIN captures c ON c.id = o.capture_id
WHERE o.portal = ? AND o.kind = 'article' AND c.revisit_of IS NULL AND NOT o.alias
ORDER BY c.fetched_at, c.id
"""
NONE = "none fits"
EXAMPLES = 3


@dataclass(slots=True)
class Fit:
    """The pages of one year that one layout fits, with the first few as examples."""

    year: int
    layout: str
    pages: int = 0
    examples: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The object that `kontum coverage --layouts --json` prints of it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def layouts_by_year(db: sqlite3.Connection, folder: Path, portal: Portal) -> list[Fit]:
    """Read every held page of an article again and tell which layout fits it.

    A portal whose file names no layouts has nothing to check: every page counts as `none fits`.
    """
    found: dict[tuple[int, str], Fit] = {}
    for url, fetched_at, page in _pages(db, folder, portal):
        layout = fitting(page, portal.layouts)
        name = layout.name if layout else NONE
        fit = found.setdefault((int(fetched_at[:4]), name), Fit(int(fetched_at[:4]), name))
        fit.pages += 1
        if len(fit.examples) < EXAMPLES:
            fit.examples.append(url)
    return [found[key] for key in sorted(found)]


def _pages(db: sqlite3.Connection, folder: Path, portal: Portal) -> Iterator[tuple[str, str, Page]]:
    for row in db.execute(PAGES, (portal.key,)):
        try:
            job = job_at(folder, row["warc_file"], row["warc_offset"], row["url"])
            if job is None:
                continue
            head = parse_head(job.head)
            body = decoded(job.payload, head)
            page = Page(body, row["url"], head.get("Content-Type") or None)
        except (ArchiveError, CodingError, NotArticle, OSError, ValueError):
            # `kontum verify` tells of these.
            continue
        yield row["url"], row["fetched_at"], page
