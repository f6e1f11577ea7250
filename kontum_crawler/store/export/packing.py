"""Which captures and pages a WACZ of some articles, or of the whole archive, holds."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from kontum_crawler import clock
from kontum_crawler.errors import ArchiveError, ArchiveFull
from kontum_crawler.store.export.requisites import with_requisites
from kontum_crawler.store.identity import tombstones
from kontum_crawler.store.search.matches import Matches
from kontum_crawler.warc.records import Place
from kontum_crawler.warc.wacz import PageEntry, write_wacz

PLACES = """
    SELECT c.id, warc_file, warc_offset, warc_length FROM captures c
    WHERE warc_file IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM observations WHERE capture_id = c.id AND tombstone_id IS NOT NULL)
"""
"""Where captures lie; nothing of a withdrawn article is packed."""

OF_ARTICLES = """
    SELECT c.id FROM captures c JOIN chosen ON c.article_id = chosen.id
    UNION SELECT t.capture_id FROM attachments t JOIN chosen ON t.article_id = chosen.id
    UNION SELECT i.capture_id FROM images i JOIN chosen ON i.article_id = chosen.id
"""
"""Captures of the chosen articles, their files and their pictures."""


def pack(
    target: Path, matches: Matches, articles: Iterable[Mapping[str, Any]], folder: Path, name: str
) -> int:
    """Write the WACZ of a selection; everything but withdrawn articles where nothing is selected.

    articles: the rows of the selection. name: what errors call the target. Returns the number of
    pages. Raises ArchiveFull, and ArchiveError for a record that cannot be read.
    """
    try:
        packed = write_wacz(
            target,
            _places(matches, folder),
            _pages(articles),
            folder,
            title=Path(name).stem,
            created=clock.now(),
        )
    except ArchiveFull as error:
        raise ArchiveFull(str(error).replace(str(target), name)) from error
    if packed.missing:
        raise ArchiveError(f"{packed.missing[0]}. Nothing was exported; `kontum verify` says more.")
    return packed.pages


def _places(matches: Matches, folder: Path) -> Iterator[Place]:
    db = matches.db
    hidden = tombstones.captures_of_files(db)
    if matches.node is None and not matches.condition:
        for number, *place in db.execute(f"{PLACES} ORDER BY warc_file, warc_offset"):
            if number not in hidden:
                yield Place(*place)
        return
    selection, values = matches.selection()
    own = db.execute(f"WITH chosen AS ({selection}) {OF_ARTICLES}", values)
    for number in with_requisites(db, folder, (row[0] for row in own if row[0] is not None)):
        if number not in hidden:
            for _, *place in db.execute(f"{PLACES} AND c.id = ?", (number,)):
                yield Place(*place)


def _pages(articles: Iterable[Mapping[str, Any]]) -> Iterator[PageEntry]:
    for row in articles:
        if row["captured_at"] is not None:
            text = "\n\n".join(part for part in (row["lead"], row["body"], row["byline"]) if part)
            yield PageEntry(row["url"], row["captured_at"], row["title"] or row["slug"], text)
