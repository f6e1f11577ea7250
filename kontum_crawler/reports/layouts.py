"""The self-check of a portal's rules: which layout each held page has, year by year.

A page that no layout of the portal fits was read by the finder for unknown pages. Such pages are
told apart by the frame around their content, so that each look that the file lacks is one group.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kontum_crawler.errors import ArchiveError, NotArticle
from kontum_crawler.extract.looks import fitting
from kontum_crawler.extract.page import Page
from kontum_crawler.portals import Portal
from kontum_crawler.store.intake.held import job_at
from kontum_crawler.warc.http import CodingError, decoded, parse_head

PAGES = """
SELECT c.url, c.fetched_at, c.warc_file, c.warc_offset FROM observations o
JOIN captures c ON c.id = o.capture_id
WHERE o.portal = ? AND o.kind = 'article' AND c.revisit_of IS NULL AND NOT o.alias
ORDER BY c.fetched_at, c.id
"""
EXAMPLES = 3
LONGEST = 120
FRAME = frozenset(
    ["div", "section", "main", "header", "nav", "footer", "aside", "table", "form", "center"]
)


@dataclass(slots=True)
class Fit:
    """Pages of one year that are built alike, with the first few as examples.

    layout: its name in the portal's file; for a look that no layout fits, what frames the page.
    fits: False for such a look.
    """

    year: int
    layout: str
    fits: bool = True
    pages: int = 0
    examples: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The object that `kontum coverage --layouts --json` prints of it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def layouts_by_year(db: sqlite3.Connection, folder: Path, portal: Portal) -> list[Fit]:
    """Read every held page of an article again and tell which layout fits it."""
    found: dict[tuple[int, str], Fit] = {}
    for url, fetched_at, page in _pages(db, folder, portal):
        layout = fitting(page, portal.layouts, portal.zone)
        name, year = layout.name if layout else frame(page), int(fetched_at[:4])
        fit = found.setdefault((year, name), Fit(year, name, fits=layout is not None))
        fit.pages += 1
        if len(fit.examples) < EXAMPLES:
            fit.examples.append(url)
    return [found[key] for key in sorted(found)]


def frame(page: Page) -> str:
    """What frames a page: the containers of its two upper levels, each once, as selectors."""
    marks: dict[str, None] = {}
    for element in page.select("body > *, body > * > *"):
        if isinstance(element, str) or element.tag not in FRAME:
            continue
        name = element.get("id") or ""
        classes = (element.get("class") or "").split()
        mark = f"#{name}" if name else "".join(f".{each}" for each in classes[:1])
        marks[f"{element.tag}{mark}"] = None
    return " ".join(marks)[:LONGEST] or "no frame"


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
