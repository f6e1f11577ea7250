"""What an ingest took in, counted as `kontum ingest --json` prints it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kontum_crawler.store.archive import Recorded

ORDER = ("new", "edited", "moved", "gone", "unchanged")


@dataclass(slots=True)
class Tally:
    """Captures, problems, and articles by the most telling change that each had.

    captures: rows that were made; known: captures that had one. files: read; held: files that
    the archive had already, and that were not read again.
    """

    captures: int = 0
    known: int = 0
    problems: int = 0
    files: int = 0
    held: int = 0
    articles: dict[int, str] = field(default_factory=dict)

    def count(self, recorded: "Recorded") -> None:
        """Count what one capture did."""
        if recorded.known:
            self.known += 1
        else:
            self.captures += 1
        if recorded.article_id is not None and recorded.change is not None:
            before = self.articles.get(recorded.article_id, "unchanged")
            self.articles[recorded.article_id] = min(before, recorded.change, key=ORDER.index)

    def as_dict(self) -> dict[str, int]:
        """The numbers by name; articles count once each."""
        found = Counter(self.articles.values())
        numbers = {
            "files": self.files,
            "files_held": self.held,
            "captures": self.captures,
            "captures_known": self.known,
        }
        return {
            **numbers,
            **{f"articles_{change}": found[change] for change in ORDER},
            "problems": self.problems,
        }
