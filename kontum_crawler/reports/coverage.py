"""What is known of a portal's articles, what of that is held, and what is missing.

Known is every address of an article that a list of another archive, a capture, a captured page or
the frontier names; it counts in the year of the oldest of these. Held is one of which a capture
gave the article. http and https of an address are one.
"""

import sqlite3
from dataclasses import dataclass, field
from html import escape
from typing import Any

from kontum_crawler import urls
from kontum_crawler.portals import Portal, Registry
from kontum_crawler.portals.portal import folded
from kontum_crawler.store.mentions import article_key, is_article

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
    first = _named(db, portal)
    held = {row[0] for row in db.execute(HELD, (portal.key,))}
    found = Coverage(portal.key)
    rows: dict[tuple[str, int], Row] = {}
    names = {folded(host): host for host in reversed(portal.hosts)}
    hosts: dict[str, str] = {}  # what stands between the second slash and the third
    for key, (stamp, url) in first.items():
        authority = url.split("/", 3)[2]
        host = hosts.get(authority)
        if host is None:
            plain = folded(urls.host(url))
            host = hosts[authority] = names.get(plain, plain)
        place = (host, int(stamp[:4]))
        row = rows.get(place)
        if row is None:
            row = rows[place] = Row(*place)
        row.known += 1
        if key in held:
            row.held += 1
        else:
            found.missing.append(urls.address(url))
    found.rows = [rows[place] for place in sorted(rows)]
    found.missing.sort()
    return found


def _named(db: sqlite3.Connection, portal: Portal) -> dict[str, tuple[str, str]]:
    """Key to address and time (comparable as text) of whatever first names an article."""
    first = {row[0]: (row[2], row[1]) for row in db.execute(NAMED, (portal.key,))}
    for key, url, stamp in db.execute(LISTED, (portal.key,)):
        named = (f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}", url)
        known = first.get(key)
        if named[0] < known[0] if known else is_article(portal, url):
            first[key] = named
    for url, found_at in db.execute(QUEUED, (portal.key,)):
        key = article_key(portal, url)
        if key is not None and (key not in first or found_at < first[key][0]):
            first[key] = (found_at, url)
    return first


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
