"""A consistent copy of an archive while a crawl writes to it.

The database is copied first, by SQLite's own backup; every record that its rows name was on disk
before they were committed, so the WARC files copied afterwards hold them all. What a file gained
since, cut in the middle of a record, is brought back to its last complete record in the copy.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kontum_crawler.errors import ArchiveError, ArchiveFull, UsageError
from kontum_crawler.store.database import NAME, open_to_read, told
from kontum_crawler.store.intake import warcfiles
from kontum_crawler.warc.recover import cut_back, torn_tail

LEFT_OUT = {NAME, f"{NAME}-wal", f"{NAME}-shm"}


@dataclass(frozen=True, slots=True)
class Copied:
    """What a backup holds: where it is, its files, and how many bytes were written."""

    folder: Path
    files: int
    linked: int
    bytes: int


def backup(
    archive: Path, target: Path, *, link: bool = False, told_of: Callable[[str], None] | None = None
) -> Copied:
    """Copy an archive into a new folder, which has its name only when the copy is whole.

    told_of: called with the name of each file. link: hard-link WARC files that no longer grow,
    where the disk allows it. Raises UsageError for a target that exists or lies inside the
    archive, ArchiveError for what cannot be read, ArchiveFull for a disk without space; then
    nothing stands under the target's name.
    """
    target = target.absolute()
    if target.exists():
        raise UsageError(f"{target}: exists already; a backup never overwrites, name a new folder")
    if target.resolve().is_relative_to(archive.resolve()):
        raise UsageError(f"{target}: lies inside the archive; name a folder outside of it")
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        _copy_database(archive / NAME, partial / NAME)
        copied = _copy_files(archive, partial, link, told_of or (lambda name: None))
        partial.rename(target)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        message = f"{error.filename or target}: {error.strerror}; no backup was made"
        raise ArchiveFull(message) from error
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return Copied(target, *copied)


def _copy_database(path: Path, target: Path) -> None:
    source = open_to_read(path)
    try:
        with told(target):
            copy = sqlite3.connect(target)
            try:
                source.backup(copy, pages=4096)
                # The copy stands alone, so that it can be read from a disk without write access.
                copy.execute("PRAGMA journal_mode = DELETE")
                fault = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
            finally:
                copy.close()
    finally:
        source.close()
    if fault != "ok":
        raise ArchiveError(f"{path}: the copy is damaged ({fault}); run `kontum verify`")


def _copy_files(
    archive: Path, partial: Path, link: bool, told_of: Callable[[str], None]
) -> tuple[int, int, int]:
    files = linked = written = 0
    ours = [path for path in (archive / "warc").glob("*.warc.gz") if warcfiles.is_ours(path.name)]
    newest = max(ours, key=_changed, default=None)
    for source in sorted(path for path in archive.rglob("*") if path.is_file()):
        name = source.relative_to(archive)
        if name.name in LEFT_OUT or name.suffix == ".lock" or name.parts[0].startswith("."):
            continue
        target = partial / name
        target.parent.mkdir(parents=True, exist_ok=True)
        told_of(str(name))
        files += 1
        if link and name.suffix == ".gz" and source != newest and _linked(source, target):
            linked += 1
            continue
        shutil.copy2(source, target)
        if source == newest and (tail := torn_tail(target)):
            cut_back(target, tail)
        written += target.stat().st_size if target.exists() else 0
    return files + 1, linked, written + (partial / NAME).stat().st_size


def _changed(path: Path) -> float:
    return path.stat().st_mtime


def _linked(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
    except OSError:
        return False
    return True
