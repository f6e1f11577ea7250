"""What an ingest took in and refused, counted as `kontum ingest --json` prints it."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kontum_crawler.store.archive import Recorded

ORDER = ("new", "edited", "moved", "gone", "unchanged")
NAMED = 1000
"""Refused records that are named; more are only counted, `problems` has all."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A record, or a file, that gave less than it should, and why.

    kind: that of a `Fault`, or `no-warc`, `unreadable`, `no-original`, `broken` (an answer that is
    not all there, or in a coding that cannot be undone). offset: byte of the file, None where all
    of it is meant.
    """

    kind: str
    file: str
    offset: int | None
    url: str | None
    message: str

    def __str__(self) -> str:
        at = f": byte {self.offset:,}" if self.offset is not None else ""
        where = f"{self.file}{at}"
        what = self.message.removeprefix(f"{where}: ").removeprefix(f"{self.kind}: ")
        url = f": {self.url}" if self.url and not what.startswith(self.url) else ""
        return f"{self.kind}: {where}{url}: {what}"


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
    records: int = 0
    articles: dict[int, str] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)

    def count(self, recorded: "Recorded") -> None:
        """Count what one capture did."""
        if recorded.known:
            self.known += 1
        else:
            self.captures += 1
        self.count_article(recorded)

    def count_article(self, recorded: "Recorded") -> None:
        """Count what a capture did to its article, if it did anything."""
        if recorded.article_id is not None and recorded.change is not None:
            before = self.articles.get(recorded.article_id, "unchanged")
            self.articles[recorded.article_id] = min(before, recorded.change, key=ORDER.index)

    def problem(self, kind: str) -> None:
        """Count a problem, such as an answer that is a login page."""
        self.problems += 1
        self.kinds[kind] += 1

    def refuse(self, refused: Refused) -> None:
        """Count what was refused, and name it as long as there are not too many."""
        self.problem(refused.kind)
        if len(self.refused) < NAMED:
            self.refused.append(refused)

    def as_dict(self) -> dict[str, int]:
        """The numbers by name; articles count once each."""
        found = Counter(self.articles.values())
        numbers = {
            "files": self.files,
            "files_held": self.held,
            "records": self.records,
            "captures": self.captures,
            "captures_known": self.known,
        }
        return {
            **numbers,
            **{f"articles_{change}": found[change] for change in ORDER},
            "problems": self.problems,
        }

    def report(self) -> dict[str, Any]:
        """The same with problems by kind, and the first records that were refused by name."""
        return {
            **self.as_dict(),
            "problems_by_kind": dict(sorted(self.kinds.items())),
            "refused": [asdict(each) for each in self.refused],
        }
