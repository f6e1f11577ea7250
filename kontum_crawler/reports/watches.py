"""What a run brought for the saved searches: news for its report, a mail or a webhook."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kontum_crawler.store.search import watches
from kontum_crawler.store.search.feeds import CHANGES, feed_path

if TYPE_CHECKING:
    from kontum_crawler.store import Archive

SHOWN = 20
"""Articles of one watch that a text names; the others are counted."""


@dataclass(frozen=True, slots=True)
class WatchNews:
    """What one run brought for one watch.

    entries: the latest first, each with change, version, at, portal, slug, url, title, lead,
    authors, published_at, gone_at. feed: path of its Atom file.
    """

    name: str
    query: str
    feed: str
    entries: list[dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """The news as an object."""
        return {"name": self.name, "query": self.query, "feed": self.feed, "entries": self.entries}

    def lines(self) -> list[str]:
        """The news as lines of text; text of portals is on one line each, unescaped."""
        told = [f"{self.name} ({self.query}): {len(self.entries)}"]
        for entry in self.entries[:SHOWN]:
            title = " ".join((entry["title"] or entry["slug"]).split())
            told.append(f"  {CHANGES[entry['change']]}{title} · {entry['url']}")
        if len(self.entries) > SHOWN:
            told.append(f"  and {len(self.entries) - SHOWN} more")
        return told


def news_of_watches(archive: "Archive", run_id: int) -> list[WatchNews]:
    """What a run brought, a watch each, by name; watches without news are left out.

    Right once the run has looked (`store.watches.look`), which it does before it ends.
    """
    found = []
    for watch in watches.every(archive.db):
        notes = watches.entries(archive.db, watch.name, run_id=run_id)
        entries = [
            {name: value for name, value in note.items() if name not in ("body", "article_id")}
            for note in notes
        ]
        if entries:
            feed = str(feed_path(archive, watch))
            found.append(WatchNews(watch.name, watch.query, feed, entries))
    return found
