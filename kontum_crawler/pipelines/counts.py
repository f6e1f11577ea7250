"""What a crawl did, counted as `kontum crawl --json` prints it."""

from dataclasses import dataclass, field
from typing import Any

WEIGHT = {"unchanged": 0, "gone": 1, "edited": 2, "new": 3}


@dataclass(slots=True)
class Counts:
    """Counts of one run; an article counts once, by the most telling thing that happened to it.

    requests: those on the wire, with robots.txt, redirects and retries; bytes: those received;
    pages: HTML responses, listings too.
    """

    portals: list[str] = field(default_factory=list)
    requests: int = 0
    bytes: int = 0
    pages: int = 0
    problems: int = 0
    articles: dict[int, str] = field(default_factory=dict)

    def article(self, article_id: int, change: str) -> None:
        """Note what became of an article: new, edited, unchanged, gone or moved."""
        told = "unchanged" if change == "moved" else change
        before = self.articles.get(article_id, "unchanged")
        self.articles[article_id] = max(told, before, key=lambda name: WEIGHT[name])

    def number(self, change: str) -> int:
        """How many articles count as `change`."""
        return sum(1 for told in self.articles.values() if told == change)

    def as_json(self, seconds: float) -> dict[str, Any]:
        """The object that `--json` prints."""
        return {
            "portals": self.portals,
            "requests": self.requests,
            "bytes": self.bytes,
            "pages": self.pages,
            **{f"articles_{name}": self.number(name) for name in ("new", "edited", "unchanged")},
            "articles_gone": self.number("gone"),
            "problems": self.problems,
            "seconds": round(seconds, 3),
        }
