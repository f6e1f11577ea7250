"""The CDXJ of an archive, `warc/index.cdxj`: brought up to date at the end of a run."""

from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from kontum_crawler.errors import ArchiveFull
from kontum_crawler.store.intake import warcfiles
from kontum_crawler.warc import cdxj
from kontum_crawler.warc.reader import records
from kontum_crawler.warc.records import Record

if TYPE_CHECKING:
    from kontum_crawler.store.archive import Archive

NAME = "index.cdxj"
AT_ONCE = 50_000
"""Lines that are sorted in memory at a time."""
ADVANCE = "UPDATE warc_files SET indexed = scanned WHERE name = ?"


def refresh_index(archive: "Archive") -> int:
    """Add what was captured since the last time; the whole index anew where it is gone or too long.

    Returns how many lines were added. Raises ArchiveFull where it cannot be written.
    """
    path = archive.folder / warcfiles.FOLDER / NAME
    files = warcfiles.known(archive.db).values()
    keep = path.is_file() and all(each.indexed <= each.scanned for each in files)
    behind = [each for each in files if not keep or each.indexed < each.scanned]
    if not behind:
        return 0
    if not keep:
        # So that a run that is cut off in the middle leaves none out.
        with archive.transaction():
            archive.db.execute("UPDATE warc_files SET indexed = 0")
    found = chain.from_iterable(
        _entries(archive, each.name, each.indexed if keep else 0) for each in behind
    )
    count = 0
    while lines := list(islice(found, AT_ONCE)):
        count += _written(path, lines, keep=keep or count > 0)
    if not keep and not count:
        _written(path, [], keep=False)
    with archive.transaction():
        archive.db.executemany(ADVANCE, [(each.name,) for each in behind])
    return count


def _written(path: Path, lines: list[cdxj.Entry], *, keep: bool) -> int:
    try:
        return cdxj.write(path, lines, keep=keep)
    except OSError as error:
        raise ArchiveFull(f"{path}: {error.strerror or error}.") from error


def _entries(archive: "Archive", name: str, start: int) -> Iterator[cdxj.Entry]:
    path = archive.folder / name
    if not path.is_file():
        return
    for item in records(path, start=start, name=name):
        if not isinstance(item, Record) or not item.alone:
            continue
        try:
            entry = cdxj.entry(item, path.name)
        except ValueError:
            # A record without a time has no place in the index; verify tells of it.
            continue
        if entry is not None:
            yield entry
