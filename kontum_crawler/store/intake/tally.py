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

    kind: that of a `Fault`; `no-warc`, `unreadable`, `no-original`; or what the answer is
    (`broken`, `soft-404`, `login` …). offset: byte of the file, None where all of it is meant.
    """

    kind: str
    file: str
    offset: int | None
    url: str | None
    message: str

    def __str__(self) -> str:
        at = f": byte {self.offset:,}" if self.offset is not None else ""
        where = f"{self.file}{at}"
        what = self.message.removeprefix(f"{where}: ")
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

    def refuse(self, refused: Refused) -> None:
        """Count what was refused, and name it as long as there are not too many."""
        self.problems += 1
        self.kinds[refused.kind] += 1
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
        """The same with what was refused: how many of each kind, and the first of them by name."""
        return {
            **self.as_dict(),
            "refused_by_kind": dict(sorted(self.kinds.items())),
            "refused": [asdict(each) for each in self.refused],
        }
