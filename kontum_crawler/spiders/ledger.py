"""The addresses of a portal that the frontier has, looked up by any of their spellings.

A frontier may have hundreds of thousands; what earlier runs left there takes a hash of the plain
address each, as long as no page of this run needs more.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from kontum_crawler.portals import Portal

PLAIN = re.compile(r"https?://[a-z0-9.-]+(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?")
"""Addresses of which no other spelling exists but that of scheme and host."""


class Ledger:
    """Which addresses are known, and which of them are done.

    rows: (url, kind, state, found_on) of each row of the frontier. Two addresses would be taken for
    one if their hashes of 64 bits met: in one of ten million runs over a million addresses.
    """

    def __init__(self, portal: Portal, rows: Iterable[tuple[str, str, str, str | None]]) -> None:
        self._portal = portal
        self._plain: dict[int, bool] = {}
        self._others: dict[str, str] = {}
        self._done: set[str] = set()
        home = f"{portal.hosts[0]}/"
        for url, _, state, _ in rows:
            if url.partition("://")[2].startswith(home) and PLAIN.fullmatch(url):
                self._plain[hash(url)] = state == "done"
                continue
            self._others.setdefault(portal.url_key(url), url)
            self._others.setdefault(url, url)
            if state == "done":
                self._done.add(url)

    def __contains__(self, url: object) -> bool:
        """Whether that very address is known."""
        return url in self._others or hash(url) in self._plain

    def held(self, key: str, url: str) -> str | None:
        """The known address of that key (`Portal.url_key`), else that address; None for neither."""
        if (found := self._others.get(key)) is not None:
            return found
        if self._plain and (found := self._spelled(key, url)) is not None:
            self._others[key] = found
            return found
        return self._others.get(url) or (url if hash(url) in self._plain else None)

    def is_done(self, url: str) -> bool:
        """Whether a known address was done when the run began."""
        return url in self._done or self._plain.get(hash(url), False)

    def add(self, key: str, url: str) -> None:
        """Note an address that is new, or to be found by another key."""
        self._others[key] = self._others[url] = url

    def _spelled(self, key: str, url: str) -> str | None:
        """The plain address of a key, by the scheme of a link or the other one."""
        if key == url:  # An address that stands for itself alone, as one on a mirror.
            return None
        parts = urlsplit(self._portal.canonical(url))
        for scheme in (parts.scheme, "https" if parts.scheme == "http" else "http"):
            spelling = parts._replace(scheme=scheme).geturl()
            if hash(spelling) in self._plain:
                return spelling
        return None
