"""What is new, edited, moved or gone since a day, by when it became known here.

`retrieved_at` counts, not the time of the capture, so that a backfill of old captures shows.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

CANDIDATES = """
SELECT DISTINCT c.article_id FROM captures c JOIN articles a ON a.id = c.article_id
WHERE c.retrieved_at >= ?
"""
SEEN = """
SELECT o.kind, o.alias, o.page_key, o.target_page, o.permanent, o.content_hash, o.fetched_at,
  c.retrieved_at
FROM observations o JOIN captures c ON c.id = o.capture_id
WHERE o.article_id = ? ORDER BY o.fetched_at, o.id
"""
VERSIONS = """
SELECT version, content_hash, seen_at FROM article_versions WHERE article_id = ? ORDER BY version
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened to one article; `at` is when we came to know it (UTC).

    change: `new`, `edited`, `moved` or `gone`. version: the one that an edit made, otherwise the
    present one. gone_at: of the article, when it vanished.
    """

    change: str
    at: str
    portal: str
    slug: str
    title: str | None
    url: str
    version: int
    published_at: str | None
    gone_at: str | None

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, in order."""
        return asdict(self)


def changes(db: sqlite3.Connection, since: str, portals: Iterable[str] = ()) -> list[Change]:
    """Everything that became known on a day (`2026-01-31`, UTC) or later, in that order.

    portals: only these, where any are named. A new article is new, whatever else befell it; one
    that vanished again is listed as gone too.
    """
    wanted = set(portals)
    found: list[Change] = []
    for (article_id,) in db.execute(CANDIDATES, (since,)).fetchall():
        row = db.execute("SELECT * FROM articles WHERE id = ?", (article_id,)).fetchone()
        if not wanted or row["portal"] in wanted:
            found += changes_of(db, row, since)
    return sorted(found, key=lambda each: (each.at, each.portal, each.slug, each.change))


def changes_of(db: sqlite3.Connection, row: sqlite3.Row, since: str) -> list[Change]:
    """What became known of one article (a row of `articles`) at a time (UTC) or later."""
    seen = db.execute(SEEN, (row["id"],)).fetchall()
    good = [each for each in seen if each["kind"] == "article"]
    events: list[tuple[str, str, int]] = []
    known_at = _first(good)
    if known_at is not None and known_at >= since:
        events.append(("new", known_at, row["version"]))
    else:
        versions = db.execute(VERSIONS, (row["id"],)).fetchall()
        events += [("edited", at, number) for number, at in _edits(good, versions) if at >= since]
        moved_at = _moved_at(seen)
        if moved_at is not None and moved_at >= since:
            events.append(("moved", moved_at, row["version"]))
    if row["gone_at"] is not None:
        proofs = [
            each for each in seen if each not in good and each["fetched_at"] == row["gone_at"]
        ]
        gone_at = _first(proofs)
        if gone_at is not None and gone_at >= since:
            events.append(("gone", gone_at, row["version"]))
    return [
        Change(
            change,
            at,
            row["portal"],
            row["slug"],
            row["title"],
            row["url"],
            number,
            row["published_at"],
            row["gone_at"],
        )
        for change, at, number in events
    ]


def _edits(good: list[sqlite3.Row], versions: list[sqlite3.Row]) -> Iterable[tuple[int, str]]:
    """Each version's number and when a capture of it was first retrieved."""
    ends = [version["seen_at"] for version in versions[1:]] + ["~"]
    for version, end in zip(versions, ends, strict=True):
        at = _first(
            each
            for each in good
            if each["content_hash"] == version["content_hash"]
            and version["seen_at"] <= each["fetched_at"] < end
        )
        if at is not None:
            yield version["version"], at


def _moved_at(seen: list[sqlite3.Row]) -> str | None:
    """When a page or redirect that came after the first page became known; the latest such."""
    own = [each for each in seen if each["kind"] == "article" and not each["alias"]]
    pages = {each["page_key"] for each in own}
    first_page = own[0]["page_key"] if own else None
    arrivals = [
        _first(each for each in own if each["page_key"] == page) for page in pages - {first_page}
    ]
    redirects = {
        (each["page_key"], each["target_page"])
        for each in seen
        if each["permanent"]
        and each["page_key"] in pages
        and each["target_page"] in pages - {each["page_key"]}
    }
    arrivals += [
        _first(each for each in seen if (each["page_key"], each["target_page"]) == redirect)
        for redirect in redirects
    ]
    return max((at for at in arrivals if at is not None), default=None)


def _first(rows: Iterable[sqlite3.Row]) -> str | None:
    return min((row["retrieved_at"] for row in rows), default=None)
