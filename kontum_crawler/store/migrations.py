"""How a file of an earlier version becomes one of this version.

One numbered migration a change, never edited once released. Each runs in a transaction together
with the note that it ran, so a crash leaves the file at one version or the next.
"""

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kontum_crawler.errors import ArchiveError, NewerSchema, OlderSchema
from kontum_crawler.store import breakers, drift, mentions, plan, schema, sources
from kontum_crawler.store.search import filters, fts, signatures, watches

if TYPE_CHECKING:
    from sqlite_utils import Database

SET = "kontum"
# A disk that was full when an archive was to be made leaves the list of migrations, empty.
FOREIGN = "SELECT 1 FROM sqlite_master WHERE tbl_name <> '_sqlite_migrations' LIMIT 1"


def m001_archive(db: "Database") -> None:
    """The tables of the contract, and those that identity is folded from."""
    for statement in (*schema.CONTRACT, *schema.INTERNAL, *schema.INDEXES):
        db.conn.execute(statement)


def m002_search(db: "Database") -> None:
    """The full-text indexes over articles and attachments."""
    fts.create(db.conn)


def m003_archives(db: "Database") -> None:
    """The plan of what other archives hold, and the addresses that captures name."""
    for statement in (*plan.TABLES, *mentions.TABLES):
        db.conn.execute(statement)


def m004_watches(db: "Database") -> None:
    """Saved searches, and what was found for them."""
    for statement in watches.TABLES:
        db.conn.execute(statement)


def m005_at_size(db: "Database") -> None:
    """Names and near doubles are found without reading every article."""
    for statement in (*filters.INDEXES, *signatures.TABLES):
        db.conn.execute(statement)
    signatures.watch_changes(db.conn)


def m006_drift(db: "Database") -> None:
    """How often each field was found in each run, and answers that are not believed yet."""
    for statement in drift.TABLES:
        db.conn.execute(statement)


def m007_told_changes(db: "Database") -> None:
    """When an address changed, as the sitemap or feed said that was read last."""
    db.conn.execute(
        "CREATE TABLE told_changes (url TEXT PRIMARY KEY, told TEXT NOT NULL) WITHOUT ROWID"
    )


def m008_manners(db: "Database") -> None:
    """Hosts that are left alone for a while, and how far sitemaps and feeds can be relied on."""
    for statement in (*breakers.TABLES, *sources.TABLES):
        db.conn.execute(statement)


def m009_turns(db: "Database") -> None:
    """The next URL of one portal is found without passing those of the others."""
    db.conn.execute("DROP INDEX frontier_by_priority")
    db.conn.execute(
        "CREATE INDEX frontier_by_turn ON frontier(portal, state, priority DESC, discovered_at)"
    )


def m010_absence(db: "Database") -> None:
    """What a source no longer names, and what is half proved gone, is found without a long look."""
    for statement in (
        "CREATE INDEX frontier_by_source ON frontier(found_on)"
        " WHERE kind = 'article' AND found_on IS NOT NULL",
        "CREATE INDEX observations_in_doubt ON observations(portal, page_key)"
        " WHERE kind = 'soft-gone'",
    ):
        db.conn.execute(statement)


MIGRATIONS = (
    m001_archive,
    m002_search,
    m003_archives,
    m004_watches,
    m005_at_size,
    m006_drift,
    m007_told_changes,
    m008_manners,
    m009_turns,
    m010_absence,
)
"""Every migration in order; a test opens a file of each earlier version."""


def names() -> list[str]:
    """The migrations that this version knows, in order."""
    return [migration.__name__ for migration in MIGRATIONS]


def applied(db: sqlite3.Connection) -> list[str]:
    """The migrations that a file has had, in order; empty for a new or a foreign file."""
    known = db.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '_sqlite_migrations'"
    ).fetchone()
    if not known:
        return []
    rows = db.execute(
        "SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY id", (SET,)
    )
    return [row[0] for row in rows]


def check(db: sqlite3.Connection, path: Path) -> list[str]:
    """Names of the migrations that a file still needs.

    Raises NewerSchema, naming the first migration that we do not know; ArchiveError for a database
    that is none of ours.
    """
    known, had = names(), applied(db)
    for name in had:
        if name not in known:
            raise NewerSchema(
                f"{path} was written by a newer kontum_crawler (it has {name}, this one ends at"
                f" {known[-1].partition('_')[0]}). Nothing was changed."
                " Install a newer kontum_crawler to open it."
            )
    if not had and db.execute(FOREIGN).fetchone():
        raise ArchiveError(
            f"{path} is a database, but none of an archive. Nothing was changed."
            " Name another folder with --archive."
        )
    return [name for name in known if name not in had]


def require_current(db: sqlite3.Connection, path: Path) -> None:
    """For a command that only reads. Raises OlderSchema, or what `check` raises."""
    missing = check(db, path)
    if missing:
        raise OlderSchema(
            f"{path} was written by an older kontum_crawler (it lacks {missing[0]}). Nothing was"
            " changed. `kontum crawl`, `kontum ingest` and `kontum reextract` bring it up to date,"
            " after a copy beside it."
        )


def migrate(db: sqlite3.Connection, path: Path) -> None:
    """Bring a file up to date; one that holds anything is first copied beside itself.

    The copy is `kontum.db.before-<migration>`. Raises what `check` raises.
    """
    missing = check(db, path)
    if not missing:
        return
    if applied(db):
        _copy_beside(db, path.with_name(f"{path.name}.before-{missing[0]}"))
    with _unloaded("pandas", "numpy"):
        from sqlite_utils import Database
        from sqlite_utils.migrations import Migrations

    migrations = Migrations(SET)
    for migration in MIGRATIONS:
        migrations()(migration)
    migrations.apply(Database(db, execute_plugins=False))


@contextmanager
def _unloaded(*names: str) -> Iterator[None]:
    """Keep modules from being loaded by others meanwhile.

    sqlite_utils loads pandas wherever it is installed: 75 MB and half of a short run's start, for
    nothing that is used here.
    """
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


def _copy_beside(db: sqlite3.Connection, target: Path) -> None:
    half = target.with_name(f"{target.name}.part")
    half.unlink(missing_ok=True)
    try:
        with sqlite3.connect(half) as copy:
            db.backup(copy)
        copy.close()
        with half.open("rb") as file:
            os.fsync(file.fileno())
        half.replace(target)
    except (OSError, sqlite3.Error):
        half.unlink(missing_ok=True)
        raise
