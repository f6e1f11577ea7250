"""Addresses of articles that captures name: their own, and those that their pages link.

What coverage counts as known; an address counts from the oldest capture that names it.
"""

import sqlite3
from collections import OrderedDict
from collections.abc import Iterable

from kontum_crawler import urls
from kontum_crawler.portals import Portal

TABLES = (
    """CREATE TABLE named_urls (
  portal TEXT NOT NULL,
  url_key TEXT NOT NULL,
  url TEXT NOT NULL,
  first_named_at TEXT NOT NULL,
  PRIMARY KEY (portal, url_key)
) WITHOUT ROWID""",
    """INSERT INTO named_urls
SELECT portal, url_key, min(url), min(fetched_at) FROM observations
WHERE kind = 'article' AND NOT alias GROUP BY portal, url_key""",
)
"""Statements of the migration that brings the table, and fills it from what is held."""

NOTE = """
INSERT INTO named_urls VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET first_named_at = excluded.first_named_at
WHERE excluded.first_named_at < first_named_at
"""
REMEMBERED = 200_000


class Mentions:
    """Notes named addresses; pages repeat their links, so what was noted is remembered."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """For use inside transactions of that connection."""
        self._db = db
        self._keys: OrderedDict[tuple[str, str], str | None] = OrderedDict()
        self._noted: dict[tuple[str, str], str] = {}

    def note(self, portal: Portal, named: Iterable[str], at: str) -> None:
        """Keep that a capture made at that time names these addresses."""
        for url in named:
            known = self._key(portal, url)
            if known is None:
                continue
            place = (portal.key, known)
            if at >= self._noted.get(place, "~"):
                continue
            self._db.execute(NOTE, (*place, url, at))
            if len(self._noted) >= REMEMBERED:
                self._noted.clear()
            self._noted[place] = at

    def forget(self) -> None:
        """Trust the table alone again, after a transaction that was rolled back."""
        self._noted.clear()

    def _key(self, portal: Portal, url: str) -> str | None:
        """The key of an address of an article; None for any other, and for copies for printing."""
        place = (portal.key, url)
        if place not in self._keys:
            self._keys[place] = article_key(portal, url)
            if len(self._keys) > REMEMBERED:
                self._keys.popitem(last=False)
        return self._keys[place]


def article_key(portal: Portal, url: str) -> str | None:
    """What two spellings of an article's address have in common, http and https as one.

    None for an address that is none of an article of this portal.
    """
    try:
        plain = _plain(url)
        return urls.key(plain) if _names_article(portal, plain) else None
    except ValueError:
        return None


def is_article(portal: Portal, url: str) -> bool:
    """Whether `article_key` has a key for that address; told faster."""
    try:
        return _names_article(portal, _plain(url))
    except ValueError:
        return False


def _plain(url: str) -> str:
    # Cleaning an address costs more than reading it; most have nothing to clean away.
    return urls.address(url) if "?" in url or ";" in url else url


def _names_article(portal: Portal, url: str) -> bool:
    address = portal.address(url)
    return address is not None and address.kind == "article" and not address.alias
