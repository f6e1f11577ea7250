"""What is known of a portal's articles, what of that is held, and what is missing.

Known is every address of an article that a list of another archive, a capture, a captured page or
the frontier names; it counts in the year of the oldest of these. Held is one of which a capture
gave the article. http and https of an address are one.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any

from kontum_crawler import urls
from kontum_crawler.portals import Portal, Registry
from kontum_crawler.portals.portal import folded
from kontum_crawler.store.mentions import article_key

NAMED = "SELECT url_key, url, first_named_at FROM named_urls WHERE portal = ?"
LISTED = """
SELECT url_key, url, min(stamp) FROM archive_plan
WHERE portal = ? AND kind = 'article' GROUP BY url_key
"""
QUEUED = "SELECT url, discovered_at FROM frontier WHERE portal = ? AND kind = 'article'"
HELD = "SELECT DISTINCT url_key FROM observations WHERE portal = ? AND kind = 'article'"


@dataclass(slots=True)
class Row:
    """One host in one year: addresses that were first named then, and how many are held."""

    host: str
    year: int
    known: int = 0
    held: int = 0

    @property
    def missing(self) -> int:
        """Addresses of which no capture gave the article."""
        return self.known - self.held

    def as_dict(self) -> dict[str, Any]:
        """The object that `kontum coverage --json` prints of it."""
        names = ("host", "year", "known", "held", "missing")
        return {name: getattr(self, name) for name in names}


@dataclass(slots=True)
class Coverage:
    """Rows by host and year, and the addresses that are missing, both sorted."""

    portal: str
    rows: list[Row] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The object that `kontum coverage --json` prints."""
        rows = [row.as_dict() for row in self.rows]
        return {"portal": self.portal, "rows": rows, "missing": self.missing}

    def by_year(self) -> dict[int, tuple[int, int]]:
        """Known and held over all hosts, the oldest year first."""
        years: dict[int, tuple[int, int]] = {}
        for row in sorted(self.rows, key=lambda row: row.year):
            known, held = years.get(row.year, (0, 0))
            years[row.year] = (known + row.known, held + row.held)
        return years


def portal_of(db: sqlite3.Connection, known: Registry, key: str) -> Portal:
    """The portal of a key; one that no file names is known by the host of its captures.

    Raises UsageError for a key that neither a file nor the archive has.
    """
    row = db.execute("SELECT 1 FROM portals WHERE key = ?", (key,)).fetchone()
    if row is not None and key not in {portal.key for portal in known.all()}:
        return known.generic(key)
    return known.get(key)


def coverage(db: sqlite3.Connection, portal: Portal) -> Coverage:
    """Count what an archive knows and holds of a portal."""
    first: dict[str, tuple[str, str]] = {}
    for key, url, stamp in _named(db, portal):
        if key not in first or stamp < first[key][0]:
            first[key] = (stamp, url)
    held = {row[0] for row in db.execute(HELD, (portal.key,))}
    found = Coverage(portal.key)
    rows: dict[tuple[str, int], Row] = {}
    names = {folded(host): host for host in reversed(portal.hosts)}
    missing: dict[str, list[str]] = defaultdict(list)
    for key, (stamp, url) in first.items():
        host = folded(urls.host(url))
        place = (names.get(host, host), int(stamp[:4]))
        row = rows.setdefault(place, Row(*place))
        row.known += 1
        row.held += key in held
        if key not in held:
            missing[place[0]].append(urls.address(url))
    found.rows = [rows[place] for place in sorted(rows)]
    found.missing = sorted(url for addresses in missing.values() for url in addresses)
    return found


def _named(db: sqlite3.Connection, portal: Portal) -> Iterator[tuple[str, str, str]]:
    """Key, address and time (comparable as text) of whatever names an article."""
    yield from ((row[0], row[1], row[2]) for row in db.execute(NAMED, (portal.key,)))
    for row in db.execute(LISTED, (portal.key,)):
        if article_key(portal, row[1]) is not None:
            stamp = row[2]
            yield row[0], row[1], f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}"
    for row in db.execute(QUEUED, (portal.key,)):
        if (key := article_key(portal, row[0])) is not None:
            yield key, row[0], row[1]


WIDTH, BAR, GAP, LEFT = 640, 22, 8, 60


def picture(found: Coverage) -> str:
    """A bar a year as SVG: how many addresses are known, and how many of them held."""
    years = found.by_year()
    most = max((known for known, _ in years.values()), default=1) or 1
    room = WIDTH - LEFT - 120
    parts = []
    for number, (year, (known, held)) in enumerate(years.items()):
        top = 40 + number * (BAR + GAP)
        wide, full = round(room * known / most), round(room * held / most)
        parts.append(
            f'<text x="{LEFT - 8}" y="{top + 16}" text-anchor="end">{year}</text>'
            f'<rect x="{LEFT}" y="{top}" width="{wide}" height="{BAR}" fill="#d8d8d8"/>'
            f'<rect x="{LEFT}" y="{top}" width="{full}" height="{BAR}" fill="#1f6f43"/>'
            f'<text x="{LEFT + wide + 6}" y="{top + 16}">{held:,} of {known:,}</text>'
        )
    height = 50 + len(years) * (BAR + GAP)
    title = escape(f"{found.portal}: articles held of those that are known, by year")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}"'
        f' font-family="sans-serif" font-size="13" role="img"><title>{title}</title>'
        f'<text x="8" y="22" font-weight="bold">{title}</text>{"".join(parts)}</svg>\n'
    )
