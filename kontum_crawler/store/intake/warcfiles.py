"""The table `warc_files`: which files of `warc/` the database knows, and up to which byte."""

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from kontum_crawler.store.intake.notes import Provenance

FOLDER = "warc"
SUFFIXES = (".warc", ".warc.gz")
NOTE = """
INSERT INTO warc_files (name, sha256, source, taken_at, scanned)
VALUES (:name, :sha256, :source, :taken_at, :scanned)
ON CONFLICT (name) DO UPDATE SET scanned = excluded.scanned,
  sha256 = coalesce(excluded.sha256, sha256), source = coalesce(excluded.source, source),
  taken_at = coalesce(excluded.taken_at, taken_at)
"""


@dataclass(frozen=True, slots=True)
class WarcFile:
    """One file as the database knows it; sha256 is None for one of ours.

    scanned: bytes whose captures all have rows. indexed: bytes whose captures are in the CDXJ.
    """

    name: str
    sha256: str | None = None
    source: str | None = None
    taken_at: str | None = None
    scanned: int = 0
    indexed: int = 0


def on_disk(folder: Path) -> list[str]:
    """The WARC files of an archive, relative to its folder, sorted; ours sort by time."""
    found = (folder / FOLDER).iterdir() if (folder / FOLDER).is_dir() else ()
    names = (path.name for path in found if path.is_file())
    return sorted(f"{FOLDER}/{name}" for name in names if name.lower().endswith(SUFFIXES))


def is_ours(name: str) -> bool:
    """Whether a file has the name that our writer gives."""
    return Path(name).name.startswith("kontum-") and name.endswith(".warc.gz")


def known(db: sqlite3.Connection) -> dict[str, WarcFile]:
    """The files that the database knows, by name."""
    rows = db.execute("SELECT name, sha256, source, taken_at, scanned, indexed FROM warc_files")
    return {row["name"]: WarcFile(*row) for row in rows}


def unfinished(db: sqlite3.Connection, folder: Path) -> list[str]:
    """Foreign files that were brought in, and that no run has read to their end."""
    found = (each for each in known(db).values() if each.sha256 is not None)
    return [
        each.name
        for each in found
        if (path := folder / each.name).is_file() and each.scanned < path.stat().st_size
    ]


def note(
    db: sqlite3.Connection, name: str, scanned: int, provenance: Provenance | None = None
) -> None:
    """Keep that the captures of a file have their rows up to that byte."""
    values = {"name": name, "scanned": scanned, "sha256": None, "source": None, "taken_at": None}
    if provenance is not None:
        values["sha256"] = provenance.sha256
        values["source"] = provenance.source
        values["taken_at"] = provenance.taken_at
    db.execute(NOTE, values)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk itself."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
