"""Whether an archive is what it says: every record, every row, and the links between them.

Nothing is changed; the database is looked at in a copy, so a read-only disk will do. A complete
record that the database does not know yet is no fault. Faults that a foreign file came with, as its
digest proves, are notes: they were told when it was taken in.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from kontum_crawler.store import database
from kontum_crawler.store.intake import rows, warcfiles
from kontum_crawler.store.intake.notes import Provenance
from kontum_crawler.store.intake.waiting import Whose, capture_of
from kontum_crawler.warc.capture import Captured, captured
from kontum_crawler.warc.check import checked
from kontum_crawler.warc.records import Fault, Record

Progress = Callable[[str, int, int], None]
CAPTURES = "SELECT * FROM captures WHERE warc_file = ? ORDER BY warc_offset"
BACK_UP = "bring the file back from a backup"
INGEST = "`kontum ingest` of the file in warc/ makes the rows again"
REBUILD = "move kontum.db away and run `kontum ingest` of warc/*, which makes it again"
MEND = "`kontum reextract` makes the search index anew"
REPAIR = "the next command that writes (crawl, ingest, reextract) cuts it back"
ELSEWHERE = "ingest the file that has them"
SAID = (
    "url",
    "fetched_at",
    "retrieved_at",
    "source_uri",
    "warc_length",
    "payload_digest",
    "origin",
    "status",
    "media_type",
)
KEPT = "a foreign file is kept as it came; the records before this place are read"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: where (file or table), what, and what to do about it."""

    where: str
    what: str
    remedy: str
    url: str = ""
    offset: int | None = None

    def __str__(self) -> str:
        at = f": byte {self.offset:,}" if self.offset is not None else ""
        url = f": {self.url}" if self.url else ""
        return f"{self.where}{at}{url}: {self.what}; {self.remedy}"


@dataclass(slots=True)
class Report:
    """What was looked at, and what is wrong."""

    files: int = 0
    records: int = 0
    captures: int = 0
    articles: int = 0
    faults: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def verify(folder: Path, progress: Progress | None = None) -> Report:
    """Check the archive in a folder. Raises ArchiveError where its database cannot be opened."""
    report = Report()
    path = folder / database.NAME
    source = database.open_to_read(path)
    with database.told(path):
        try:
            broken = rows.damage(source)
            if broken:
                report.faults += [_of_row(database.NAME, what) for what in broken]
                return report
            db = rows.copy(source)
        finally:
            source.close()
    try:
        _check_files(folder, db, report, progress)
        report.faults += [
            _of_row(f"{database.NAME}: {table}", what, url) for table, url, what in rows.faults(db)
        ]
        report.captures, report.articles = (
            db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("captures", "articles")
        )
    finally:
        db.close()
    return report


def _of_row(where: str, what: str, url: str = "") -> Finding:
    return Finding(where, what, MEND if where.endswith("_fts") else REBUILD, url)


def _check_files(
    folder: Path, db: sqlite3.Connection, report: Report, progress: Progress | None
) -> None:
    known = warcfiles.known(db)
    there = warcfiles.on_disk(folder)
    named = [
        row[0]
        for row in db.execute(
            "SELECT DISTINCT warc_file FROM captures WHERE warc_file IS NOT NULL ORDER BY 1"
        )
    ]
    for name in sorted({*named, *known} - set(there)):
        if name in named or known[name].scanned:
            report.faults.append(Finding(name, "the file is missing", BACK_UP))
    for name in there:
        report.files += 1
        _check_file(folder, db, name, known.get(name), report, progress)


def _check_file(
    folder: Path,
    db: sqlite3.Connection,
    name: str,
    held: warcfiles.WarcFile | None,
    report: Report,
    progress: Progress | None,
) -> None:
    path = folder / name
    size = path.stat().st_size
    if held is not None and size < held.scanned:
        what = f"{held.scanned - size:,} bytes that it had are missing at its end"
        report.faults.append(Finding(name, what, BACK_UP, offset=size))
    expected = {row["warc_offset"]: row for row in db.execute(CAPTURES, (name,))}
    foreign = not warcfiles.is_ours(name) or (held is not None and held.sha256 is not None)
    found: list[Finding] = []
    waiting = 0
    for item in checked(path, name=name, ours=not foreign):
        if isinstance(item, Fault):
            torn = "cut off" in item.message or "no gzip member" in item.message
            remedy = REPAIR if torn and not foreign else BACK_UP
            found.append(Finding(name, item.message, remedy, item.url, item.offset))
            continue
        report.records += 1
        if progress is not None and report.records % 200 == 0:
            progress(path.name, item.offset, size)
        row = expected.pop(item.offset, None) if item.alone else None
        if row is not None:
            if foreign and _waits(item, row):
                waiting += 1
                continue
            report.faults += [
                Finding(name, what, INGEST, row["url"], item.offset)
                for what in _differences(item, row, _provenance(held))
            ]
    if waiting:
        report.notes.append(f"{name}: {waiting:,} revisits wait for their originals; {ELSEWHERE}")
    report.faults += [
        Finding(name, "no record begins where the row says", INGEST, row["url"], offset)
        for offset, row in expected.items()
    ]
    if path.stat().st_size > size:
        # A crawl is writing to it just now; what looked cut off was not written yet.
        found = [finding for finding in found if finding.remedy is not REPAIR]
    told = held.sha256 if held is not None else None
    same = told is None or told == _digest(path)
    if not same:
        report.faults.append(Finding(name, "its bytes are not those that came in", BACK_UP))
    if foreign and same:
        found = [replace(finding, remedy=KEPT) for finding in found]
    if told and same and found:
        report.notes.append(f"{name} came with {len(found)} faults, the first: {found[0]}")
        return
    report.faults += found


def _waits(record: Record, row: sqlite3.Row) -> bool:
    """Whether a revisit was taken in without its original, which was told then."""
    lone = row["revisit_of"] is None and row["payload_digest"] is None
    return record.type == "revisit" and lone


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _provenance(held: warcfiles.WarcFile | None) -> Provenance | None:
    """Where a foreign file came from; None for one of ours, and for what nobody knows of."""
    if held is None or held.sha256 is None:
        return None
    return Provenance(held.name, held.source or "", held.sha256, held.taken_at or "")


def _differences(record: Record, row: sqlite3.Row, provenance: Provenance | None) -> Iterator[str]:
    """How a row of `captures` differs from its record."""
    try:
        seen = captured(record)
    except ValueError as error:
        yield str(error)
        return
    if seen is None:
        yield f"the row points at a {record.type or 'nameless'} record"
        return
    orphan = record.type == "revisit" and row["revisit_of"] is None
    for name, there in _said(record, seen, provenance).items():
        unsaid = there is None and name != "source_uri"
        if not unsaid and row[name] != there and not (orphan and name == "payload_digest"):
            yield f"the row says {name} {row[name]!r}, the record {there!r}"
    if orphan:
        yield "it is a revisit, and the row names no original"


def _said(record: Record, seen: Captured, provenance: Provenance | None) -> dict[str, object]:
    """What the columns of a row must be; None where the record does not say."""
    whose = Whose(0, None, provenance)
    said = capture_of(record, seen, "", whose)
    return {name: getattr(said, name) for name in SAID}
