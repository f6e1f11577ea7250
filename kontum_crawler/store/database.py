"""The file `kontum.db`: opened, shared with readers, and its failures told in the user's words."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from kontum_crawler.errors import ArchiveBusy, ArchiveError, ArchiveFull, KontumError
from kontum_crawler.store import migrations
from kontum_crawler.store.search import fts

NAME = "kontum.db"
WAIT = 60.0
"""Seconds that a short write waits for another one to commit."""


def open_to_write(path: Path, *, create: bool) -> sqlite3.Connection:
    """Open the database for writing and bring it to this version's schema, search index included.

    WAL mode: readers go on while this connection writes. Transactions are begun explicitly.
    Raises ArchiveError where there is none and `create` is False, and what migrations raise.
    """
    if not create and not path.is_file():
        raise ArchiveError(_absent(path))
    with told(path):
        if create:
            path.parent.mkdir(parents=True, exist_ok=True)
        mode = "rwc" if create else "rw"
        db = _connect(f"{_uri(path)}?mode={mode}")
        try:
            migrations.check(db, path)
            db.execute("PRAGMA journal_mode = WAL")
            # Safe with WAL: a power cut may undo the last commits, whose captures lie in the WARC
            # and are taken over by the next command that writes.
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("PRAGMA cache_size = -65536")
            migrations.migrate(db, path)
            if not fts.is_whole(db):
                with transaction(db, path):
                    fts.create(db)
        except BaseException:
            db.close()
            raise
    return db


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open the database for reading only; it works on a read-only disk and beside a writer.

    Raises ArchiveError where there is none or it is damaged, OlderSchema and NewerSchema.
    """
    if not path.is_file():
        raise ArchiveError(_absent(path))
    with told(path):
        db = _readable(path)
        try:
            migrations.require_current(db, path)
        except BaseException:
            db.close()
            raise
    return db


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn failures of SQLite and of the disk into errors that name the path."""
    try:
        yield
    except sqlite3.Error as error:
        raise _error(path, error) from error


@contextlib.contextmanager
def transaction(db: sqlite3.Connection, path: Path) -> Iterator[None]:
    """All or nothing: commits at the end, rolls back on any exception; an inner one joins it.

    Raises ArchiveFull, ArchiveBusy (after a minute of waiting) or ArchiveError.
    """
    if db.in_transaction:
        yield
        return
    with told(path):
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise


def _readable(path: Path) -> sqlite3.Connection:
    try:
        return _probed(_connect(f"{_uri(path)}?mode=ro"))
    except sqlite3.OperationalError:
        # A folder that takes no -shm file, as on a read-only disk: nobody writes there either.
        wal = path.with_name(f"{path.name}-wal")
        if not wal.exists() or not wal.stat().st_size:
            return _probed(_connect(f"{_uri(path)}?mode=ro&immutable=1"))
        # A killed writer left commits in the -wal, which `immutable` would pass over; alone with
        # the file, SQLite keeps the index of the -wal in memory.
        db = _connect(f"{_uri(path)}?mode=ro&vfs=unix-none")
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        return _probed(db)


def _probed(db: sqlite3.Connection) -> sqlite3.Connection:
    """The connection, if the file can be read through it; closed otherwise."""
    try:
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        db.close()
        raise
    return db


def _connect(uri: str) -> sqlite3.Connection:
    db = sqlite3.connect(uri, uri=True, timeout=WAIT, isolation_level=None, check_same_thread=False)
    db.row_factory = sqlite3.Row
    return db


def _uri(path: Path) -> str:
    return f"file:{quote(str(path.absolute()))}"


def _absent(path: Path) -> str:
    return (
        f"{path} is not there, so {path.parent} is no archive yet."
        " `kontum crawl` or `kontum ingest` makes one; --archive names another folder."
    )


def _error(path: Path, error: sqlite3.Error) -> KontumError:
    text = str(error)
    if "full" in text or "disk I/O" in text:
        return ArchiveFull(
            f"{path}: {text}. What was committed before is intact; make room and start again."
        )
    if "locked" in text or "busy" in text:
        return ArchiveBusy(
            f"{path} is being written by another process. Nothing was done; try again later."
        )
    if "readonly" in text:
        return ArchiveError(f"{path} cannot be written: {text}. Nothing was changed.")
    if "not a database" in text or "malformed" in text or "unable to open" in text:
        return ArchiveError(
            f"{path} cannot be read: {text}. `kontum ingest` of the files in"
            f" {path.parent / 'warc'} makes it again once it is moved away."
        )
    return ArchiveError(f"{path}: {text}")
