"""What one run learns about the sitemaps and feeds of a portal, and which of them it asks.

A source that never names anything new, while others do, is asked in fewer runs. Where it says that
known articles changed, the answers show whether they did; one that mostly says so falsely is not
believed, but for two articles a run, by which it can win back its name.
"""

from collections.abc import Mapping

from kontum_crawler import clock
from kontum_crawler.store.sources import Source

SAMPLE = 2
"""Articles that are looked at in a run though their source is not believed."""
ABSURD = 3
"""False days that a look counts as, at which most addresses are said to have changed."""


class Reliability:
    """The sources of one portal in one run. complete: all are asked, as with --full."""

    def __init__(self, portal: str, known: Mapping[str, Source], *, complete: bool = False) -> None:
        self.portal = portal
        self.sources = dict(known)
        self.complete = complete
        self.news = 0
        self._looked: dict[str, int] = {}
        self._left_out: set[str] = set()
        self._missing: set[str] = set()
        self._claims: dict[str, str] = {}

    def asks(self, url: str) -> bool:
        """Whether a source is asked in this run."""
        source = self.sources.get(url)
        if self.complete or source is None or source.skipped + 1 >= source.every:
            return True
        self._left_out.add(url)
        return False

    def allows(self, url: str) -> int | None:
        """How many articles may be looked at because a source says so; None for all."""
        source = self.sources.get(url)
        return None if source is None or source.believed else SAMPLE

    def looked(self, url: str, kind: str, *, fresh: int, absurd: bool) -> None:
        """Note that a source was read. fresh: articles it named first; absurd: its days of change
        cannot be true.
        """
        again = url in self.sources
        source = self.sources.setdefault(url, Source(url, self.portal, kind))
        source.looks += 1
        source.looked_at = clock.utc(clock.now())
        self._looked[url] = self._looked.get(url, 0) + fresh
        self.news += fresh
        if absurd and again:
            source.judge(false=ABSURD)

    def unchanged(self, url: str, kind: str) -> None:
        """Note that a source is the same as at the last look (304)."""
        if kind in ("sitemap", "feed"):
            self.looked(url, kind, fresh=0, absurd=False)

    def missing(self, url: str, kind: str) -> None:
        """Note that there is no source at an address that was only guessed, or once was one."""
        if kind in ("sitemap", "feed"):
            self.looked(url, kind, fresh=0, absurd=False)
            self._missing.add(url)

    def claim(self, article: str, source: str) -> None:
        """Note that an article is looked at because a source says that it changed."""
        self._claims[article] = source

    def is_claimed(self, article: str) -> bool:
        """Whether a source said that an article changed."""
        return article in self._claims

    def check(self, article: str, *, changed: bool) -> None:
        """Note whether an article had changed of which a source said so."""
        url = self._claims.pop(article, None)
        source = self.sources.get(url or "")
        if source is None:
            return
        source.judge(true=int(changed), false=int(not changed))
        if changed:
            self._looked[source.url] = self._looked.get(source.url, 0) + 1

    def end(self) -> list[Source]:
        """The sources as this run leaves them.

        Nobody is blamed where there was no news at all, nor in a first run, where all is new.
        """
        for url, brought in self._looked.items():
            source = self.sources[url]
            source.news += brought
            source.skipped = 0
            if brought:
                source.fruitless = 0
            elif (self.news and not self.complete) or url in self._missing:
                source.fruitless += 1
        for url in self._left_out - self._looked.keys():
            self.sources[url].skipped += 1
        return list(self.sources.values())
