"""An archive as Python objects, to read: articles, their versions, and the bytes behind them.

from kontum_crawler import Archive

with Archive.open(Path("data")) as archive:
    for hit in archive.search("kế hoạch trẻ em"):
        print(hit.article["title"])
    article = archive.article("ket-qua-to-chuc-cac-hoat-dong")
    print(article.versions[0].body, article.capture().html)
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kontum_crawler.errors import ArchiveError, UsageError
from kontum_crawler.store.detail import find
from kontum_crawler.store.search.facets import chosen
from kontum_crawler.store.search.filters import Filters
from kontum_crawler.store.search.finding import article_object

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class StoredCapture:
    """One answer of a server that the archive holds; `row` is its row of `captures`."""

    db: sqlite3.Connection
    folder: Path
    row: Mapping[str, Any]

    @cached_property
    def payload(self) -> bytes:
        """The exact bytes of the page, content coding undone; a revisit's are its original's.

        Raises ArchiveError where the record cannot be read or has no such bytes.
        """
        from kontum_crawler.warc.capture import captured
        from kontum_crawler.warc.http import decoded
        from kontum_crawler.warc.reader import read_at

        held = _original(self.db, self.row)
        where = f"{self.folder / str(held['warc_file'])} at byte {held['warc_offset']}"
        try:
            seen = captured(read_at(self.folder / held["warc_file"], held["warc_offset"]))
            if seen is None or seen.payload is None:
                raise ArchiveError(f"{where} holds no payload. `kontum verify` says more.")
            return decoded(seen.payload, seen.head)
        except (OSError, ValueError, TypeError) as error:
            raise ArchiveError(f"{where}: {error}. `kontum verify` says more.") from error

    @property
    def html(self) -> str:
        """The page as text, in the encoding it was really written in."""
        from kontum_crawler.extract.encoding import decode

        return decode(self.payload, self.row["media_type"])[0]


@dataclass(frozen=True)
class StoredArticle:
    """One article of an archive; columns of `articles` are attributes by their names in `row`."""

    db: sqlite3.Connection
    folder: Path
    row: Mapping[str, Any]

    def __getattr__(self, name: str) -> Any:
        # Without the first test, a copy that is still empty would ask itself for `row` for ever.
        if name == "row" or name not in self.row:
            raise AttributeError(f"an article has no {name!r}")
        return self.row[name]

    @property
    def versions(self) -> list["StoredVersion"]:
        """Every text that the article had, the oldest first."""
        found = _rows(
            self.db, "SELECT * FROM article_versions WHERE article_id = ? ORDER BY version", self.id
        )
        return [StoredVersion(**row) for row in found]

    @property
    def urls(self) -> list[str]:
        """Every address at which it was seen, the one seen first first."""
        sql = "SELECT url FROM article_urls WHERE article_id = ? ORDER BY first_seen_at, url"
        return [row["url"] for row in _rows(self.db, sql, self.id)]

    @property
    def citations(self) -> list[dict[str, Any]]:
        """The documents that it names, in the order of the text."""
        sql = "SELECT * FROM citations WHERE article_id = ? ORDER BY field, start"
        return _rows(self.db, sql, self.id)

    @property
    def attachments(self) -> list[dict[str, Any]]:
        """The files that it offers, with their text."""
        return _rows(self.db, "SELECT * FROM attachments WHERE article_id = ? ORDER BY id", self.id)

    @property
    def captures(self) -> list[StoredCapture]:
        """Every capture of the article, the oldest first."""
        sql = "SELECT * FROM captures WHERE article_id = ? ORDER BY fetched_at, id"
        found = _rows(self.db, sql, self.id)
        return [StoredCapture(self.db, self.folder, row) for row in found]

    def capture(self, version: int | None = None) -> StoredCapture:
        """The capture that first shows a version, by default today's.

        Raises UsageError for a version that there is not, ArchiveError where its record is gone.
        """
        number = self.row["version"] if version is None else version
        sql = (
            "SELECT v.version, c.* FROM article_versions v LEFT JOIN captures c"
            " ON c.id = v.capture_id WHERE v.article_id = ? AND v.version = ?"
        )
        found = _rows(self.db, sql, self.id, number)
        if not found:
            raise UsageError(f"«{self.slug}» has no version {number}; it has {self.version}.")
        if found[0]["id"] is None:
            raise ArchiveError(f"the capture of «{self.slug}», version {number}, is gone.")
        return StoredCapture(self.db, self.folder, found[0])


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """One text that an article had; a row of `article_versions`."""

    article_id: int
    version: int
    title: str | None
    lead: str | None
    body: str | None
    byline: str | None
    published_at: str | None
    content_hash: str
    capture_id: int | None
    seen_at: str


def read_article(
    db: sqlite3.Connection, folder: Path, slug: str, portal: str | None = None
) -> StoredArticle:
    """The article with that slug, one that it once had, or that address.

    Raises UsageError where there is none, or several portals have it and `portal` is not given;
    KontumError, with date and reason, where it was withdrawn.
    """
    cursor = db.cursor()
    cursor.row_factory = sqlite3.Row
    found = cursor.execute("SELECT * FROM articles WHERE id = ?", (find(db, slug, portal),))
    return StoredArticle(db, folder, article_object(found.fetchone()))


def to_pandas(
    db: sqlite3.Connection, query: str | None = None, filters: Filters | None = None
) -> "pandas.DataFrame":
    """The articles of a query (None: all) as a data frame, a row an article, lists as lists.

    `published_at` stays text, for dates without a time stand beside moments. Raises UsageError
    where pandas is not installed, or for an unknown portal.
    """
    try:
        import pandas
    except ImportError as error:
        raise UsageError("this needs pandas: pip install 'kontum-crawler[pandas]'.") from error
    from kontum_crawler.store.export.writing import COLUMNS, rows

    matches, _ = chosen(db, query, filters or Filters())
    found = [] if matches is None else list(rows(matches))
    return pandas.DataFrame(found, columns=list(COLUMNS))


def _original(db: sqlite3.Connection, row: Mapping[str, Any]) -> Mapping[str, Any]:
    seen: set[int] = set()
    while row["revisit_of"] is not None and row["id"] not in seen:
        seen.add(row["id"])
        found = _rows(db, "SELECT * FROM captures WHERE id = ?", row["revisit_of"])
        if not found:
            break
        row = found[0]
    return row


def _rows(db: sqlite3.Connection, sql: str, *values: Any) -> list[dict[str, Any]]:
    cursor = db.cursor()
    cursor.row_factory = sqlite3.Row
    return [dict(row) for row in cursor.execute(sql, values)]
