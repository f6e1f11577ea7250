"""From records on disk to rows: the one way of ingest, rebuild and recovery.

A file lies in the archive's `warc/` already; each of its captures that the database lacks is
recorded as a crawl would have recorded it.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kontum_crawler.errors import ArchiveError
from kontum_crawler.items import Capture
from kontum_crawler.store.bounds import Bounds, bounds_of
from kontum_crawler.store.intake import listed, warcfiles, withholding
from kontum_crawler.store.intake.answering import Answerer, Outcome
from kontum_crawler.store.intake.held import base_of, job_at, job_of
from kontum_crawler.store.intake.notes import Provenance, read_note
from kontum_crawler.store.intake.originals import ORPHANS, PLACES, original_id, repeating
from kontum_crawler.store.intake.stretches import Item, Readers, Reading
from kontum_crawler.store.intake.tally import Refused, Tally
from kontum_crawler.store.intake.waiting import (
    Waiting,
    Whose,
    capture_of,
    copied_fields,
    digests_of,
)
from kontum_crawler.store.runs import Run
from kontum_crawler.warc.capture import Captured, captured
from kontum_crawler.warc.check import wrong_digests
from kontum_crawler.warc.compose import parse_warc_fields
from kontum_crawler.warc.digests import canonical
from kontum_crawler.warc.reader import read_at, records
from kontum_crawler.warc.records import Fault, Record
from kontum_crawler.warc.writer import Writer

if TYPE_CHECKING:
    from kontum_crawler.extract.answer import Answer
    from kontum_crawler.store.archive import Archive, Recorded

BATCH = 100
BATCH_BYTES = 32_000_000
ELSEWHERE = "FROM captures WHERE url = ? AND fetched_at = ? AND id <= ? AND warc_file <> ?"
KNOWN_ELSEWHERE = f"SELECT 1 {ELSEWHERE} AND payload_digest = ? LIMIT 1"
REVISITS_ELSEWHERE = f"""
SELECT warc_file, warc_offset {ELSEWHERE} AND (revisit_of IS NOT NULL OR payload_digest IS NULL)
"""
PLACE = f"{PLACES} WHERE id = ?"
SAYS = """
UPDATE captures SET payload_digest = ?, status = ?, media_type = ?
WHERE warc_file = ? AND warc_offset = ?
"""
LOST = "the revisit's original is not held"
TOLD = "SELECT message FROM problems WHERE stage = 'ingest' AND instr(message, ?)"


class Intake:
    """Takes the captures of files into one open archive, under one run."""

    def __init__(
        self,
        archive: "Archive",
        run: Run,
        answerer: Answerer,
        writer: Writer,
        *,
        recorded: "Callable[[Capture, Answer | None], None] | None" = None,
        doubting: bool = False,
    ) -> None:
        """For use under the write lock.

        writer: takes copies of records that no place of their file names alone, because the whole
        file is one gzip member. recorded: called inside the transaction for each capture.
        doubting: edits and removals wait until the run decides, as those of a crawl do.
        """
        self.archive = archive
        self.run = run
        self.answerer = answerer
        self.writer = writer
        self.recorded = recorded
        self.doubting = doubting
        self.tally = Tally()
        self.provenances: dict[str, tuple[Provenance, int]] = {}
        self.readers: Readers | None = None
        self._orphans: dict[tuple[str, int], str] = {}
        self._loose: set[int] = set()
        self._moved = False

    def take(
        self, name: str, start: int = 0, progress: Callable[[int], None] | None = None
    ) -> None:
        """Take in one file, from a byte at which a record begins; its faults become problems.

        name: relative to the archive. progress: called with the bytes of the file that are done.
        Raises OSError, and what Archive.record raises.
        """
        newest = self.archive.db.execute("SELECT coalesce(max(id), 0) FROM captures").fetchone()[0]
        provenance, run_id = self.provenances.get(name, (None, self.run.id))
        whose = Whose(run_id, None, provenance)
        batch: list[Waiting] = []
        size = 0
        path = self.archive.folder / name
        for item in self._items(name, start, whose):
            if isinstance(item, Fault):
                self.refuse(item)
                continue
            record = item if isinstance(item, Record) else item.record
            if isinstance(item, Record):
                self._heed(item, whose)
            waiting = self._waiting(item, name, whose, newest)
            if waiting is not None:
                batch.append(waiting)
                size += waiting.weight
            if len(batch) >= BATCH or size > BATCH_BYTES:
                done = record.offset + record.length if record.alone else None
                self._commit(batch, name, done)
                batch, size = [], 0
                if progress is not None:
                    progress(record.offset + record.length)
        self._commit(batch, name, None)
        with self.archive.transaction():
            warcfiles.note(self.archive.db, name, path.stat().st_size, provenance)

    def finish(self) -> int:
        """Join revisits to originals that came later, also those of earlier runs.

        Those that find none become problems, once. Returns how many are left.
        """
        lost = 0
        told = (
            {row[0] for row in self.archive.db.execute(TOLD, (LOST,))} if self._orphans else set()
        )
        for row in self.archive.db.execute(ORPHANS).fetchall() if self._moved else ():
            place = (row["warc_file"], row["warc_offset"])
            if self._adopted(row) or place not in self._orphans:
                continue
            lost += 1
            fault = Fault(*place, f"{LOST}; ingest the file that has it", kind="no-original")
            if str(fault) not in told:
                self.refuse(fault, self._orphans[place])
        self._orphans.clear()
        for capture_id in sorted(self._loose):
            self._adopted(self.archive.db.execute(PLACE, (capture_id,)).fetchone())
        self._loose.clear()
        return lost

    def _adopted(self, row: sqlite3.Row) -> bool:
        """Whether a revisit could be joined to an original, or to another one than it is."""
        with contextlib.suppress(ArchiveError, ValueError, OSError):
            record = read_at(self.archive.folder / row["warc_file"], row["warc_offset"])
            seen = captured(record)
            found = None if seen is None or seen.repeats is None else self._original(seen)
            if seen is None or found in (None, row["revisit_of"]):
                return False
            capture = capture_of(record, seen, row["warc_file"], Whose(row["run_id"]))
            capture.origin = row["origin"]
            live = row["key"] if row["origin"] == "live" else None
            run_key = live or capture.fetched_at[:10]
            waiting = Waiting(capture, seen, run_key, digests_of(seen), None)
            with self.archive.transaction():
                self.archive.db.execute(
                    "UPDATE captures SET revisit_of = NULL WHERE id = ?", (row["id"],)
                )
                outcome = self._repeated(waiting, found)
                self.tally.count_article(self._record(waiting, outcome))
                self.archive.db.executemany(
                    "INSERT OR IGNORE INTO capture_digests (digest, capture_id) VALUES (?, ?)",
                    [(digest, row["id"]) for digest in waiting.digests],
                )
            return True
        return False

    def refuse(self, fault: Fault, url: str | None = None, stage: str = "ingest") -> None:
        """Note what cannot be read, or gives less than it should, as a problem of this run."""
        address = fault.url or url or None
        where = fault.offset if fault.offset >= 0 else None
        if stage == "ingest" or fault.kind == "broken":
            self.tally.refuse(Refused(fault.kind, fault.file, where, address, fault.message))
        else:
            self.tally.problem(fault.kind)
        message = str(fault) if stage == "ingest" and where is not None else fault.message
        self.archive.problem(address, stage, message, self.run.id)

    def _items(self, name: str, start: int, whose: Whose) -> Iterator[Item]:
        """What a file holds from `start` on: from the readers ahead, where there are any."""
        if self.readers is None:
            yield from self._records(name, start)
            return
        path = self.archive.folder / name
        whose.base = base_of(path)
        if start:
            yield from self._first(path, name)
        before = self.readers.records
        for item in self.readers.items(name, lambda: whose.base):
            if isinstance(item, int):
                yield from self._records(name, item)
                break
            yield item
        self.tally.records += self.readers.records - before

    def _records(self, name: str, start: int) -> Iterator[Record | Fault]:
        """From `start` on, with the file's own `warcinfo` before, so that its run is known."""
        path = self.archive.folder / name
        if start:
            yield from self._first(path, name)
        for item in records(path, start=start, name=name):
            self.tally.records += isinstance(item, Record)
            yield item

    def _first(self, path: Path, name: str) -> Iterator[Record]:
        first = next(records(path, name=name), None)
        if isinstance(first, Record) and first.type == "warcinfo":
            yield first

    def _heed(self, record: Record, whose: Whose) -> None:
        """Learn from records that are no captures: whose file it is, what was withdrawn."""
        if record.type == "warcinfo":
            said = dict(parse_warc_fields(record.block))
            whose.key = said.get("kontum-run")
            whose.base = said.get("kontum-base-url", "")
            if whose.key and whose.provenance is None:
                started_at = said.get("kontum-started", record.get("WARC-Date"))
                command = said.get("kontum-command", "crawl")
                run = self.archive.restore_run(whose.key, command, started_at, outcome="restored")
                whose.run_id = run.id
            return
        if record.get(listed.FIELD):
            listed.take_list(self.archive, record)
            return
        note = read_note(record)
        if isinstance(note, Provenance):
            self.provenances[note.name] = (note, whose.run_id)
        elif note is not None:
            self.archive.restore_tombstone(note)

    def _waiting(
        self, item: Record | Reading, name: str, whose: Whose, newest: int
    ) -> Waiting | None:
        """What a record leaves to be recorded; None for none, and for one that is known."""
        record = item if isinstance(item, Record) else item.record
        if self._is_known(name, record):
            self.tally.known += 1
            return None
        try:
            seen = captured(record) if isinstance(item, Record) else item.seen
        except ValueError as error:
            self.refuse(Fault(name, record.offset, str(error), record.url, kind="date"))
            return None
        if seen is None:
            return None
        capture = capture_of(record, seen, name, whose)
        foreign = not record.alone or whose.provenance is not None
        if foreign and self._is_known_elsewhere(capture, seen, newest, name):
            self.tally.known += 1
            return None
        if whose.provenance is not None:
            self._doubt(item, name, seen.url)
        if not record.alone:
            self._copy(record, seen, capture)
        run_key = whose.key if whose.key and seen.origin == "live" else capture.fetched_at[:10]
        if not seen.whole and seen.status == 200 and seen.media_type == "text/html":
            told = "broken: the body ended early"
            self.refuse(Fault(name, record.offset, told, seen.url, "broken"), stage="extract")
        if isinstance(item, Reading):
            return Waiting(capture, seen, run_key, item.digests, None, item.outcome)
        job = job_of(record, seen, seen.url, whose.base)
        return Waiting(capture, seen, run_key, digests_of(seen), job)

    def _doubt(self, item: Record | Reading, name: str, url: str) -> None:
        """Tell of a foreign record whose digests do not fit; it is taken in as it is."""
        record, wrong = (
            (item, wrong_digests(item)) if isinstance(item, Record) else (item.record, item.wrong)
        )
        if wrong:
            self.refuse(Fault(name, record.offset, wrong, url, "digest"))

    def _is_known_elsewhere(self, capture: Capture, seen: Captured, newest: int, name: str) -> bool:
        """Whether an earlier file has the same address, time and payload."""
        at = (capture.url, capture.fetched_at, newest, name)
        if seen.repeats is None:
            wanted = (*at, capture.payload_digest)
            return self.archive.db.execute(KNOWN_ELSEWHERE, wanted).fetchone() is not None
        for row in self.archive.db.execute(REVISITS_ELSEWHERE, at).fetchall():
            with contextlib.suppress(ArchiveError, ValueError, OSError):
                other = captured(
                    read_at(self.archive.folder / row["warc_file"], row["warc_offset"])
                )
                if other is not None and other.repeats and _repeat(other) == _repeat(seen):
                    return True
        return False

    def _copy(self, record: Record, seen: Captured, capture: Capture) -> None:
        """Write the record again as a member of its own; its row points there."""
        fields = copied_fields(record, seen, capture)
        place = self.writer.copy(fields, record.block).result()
        capture.warc_file = place.file
        capture.warc_offset, capture.warc_length = place.offset, place.length

    def _is_known(self, name: str, record: Record) -> bool:
        row = self.archive.db.execute(
            "SELECT revisit_of FROM captures WHERE warc_file = ? AND warc_offset = ?",
            (name, record.offset),
        ).fetchone()
        return row is not None and (record.type != "revisit" or row["revisit_of"] is not None)

    def _commit(self, batch: list[Waiting], name: str, scanned: int | None) -> None:
        """Read the answers of a batch and record all of it in one transaction.

        scanned: the byte up to which the file has its rows then; None where no byte says so.
        """
        if batch:
            self.writer.sync().result()
        outcomes = self.answerer.read(each.job for each in batch if each.job is not None)
        for waiting in batch:
            if waiting.job is not None:
                waiting.outcome, waiting.job = next(outcomes), None
        with self.archive.transaction():
            for waiting in batch:
                self._keep(waiting, name)
            if scanned is not None:
                warcfiles.note(self.archive.db, name, scanned)

    def _keep(self, waiting: Waiting, name: str) -> None:
        capture, outcome = waiting.capture, waiting.outcome
        if outcome is not None and outcome.problem:
            kind = outcome.problem.partition(":")[0]
            at = (capture.warc_file or name, capture.warc_offset or 0)
            self.refuse(Fault(*at, outcome.problem, capture.url, kind), stage="extract")
        if waiting.seen.repeats is not None:
            found = self._original(waiting.seen)
            if found is None:
                # Kept as it is, so that a run that is killed loses nothing; `finish` looks again.
                capture.payload_digest, waiting.digests = None, []
                self._orphans[capture.warc_file or name, capture.warc_offset or 0] = capture.url
            else:
                outcome = self._repeated(waiting, found)
        done = self._record(waiting, outcome)
        self.tally.count(done)
        if waiting.seen.repeats is None:
            self._loose.update(repeating(self.archive.db, done.capture_id))
        self._moved = True

    def _record(self, waiting: Waiting, outcome: Outcome | None) -> "Recorded":
        answer = outcome.answer if outcome is not None else None
        said = (waiting.capture, answer, waiting.run_key, waiting.digests)
        if self.doubting:
            done = withholding.record(self.archive, *said)
        else:
            done = self.archive.record(*said)
        if outcome is not None and outcome.document is not None:
            self.archive.attach(done.capture_id, outcome.document)
        if self.recorded is not None:
            self.recorded(waiting.capture, answer)
        return done

    def _original(self, seen: Captured) -> int | None:
        return original_id(self.archive.db, seen.repeats) if seen.repeats is not None else None

    def _repeated(self, waiting: Waiting, found: int) -> Outcome | None:
        """Join a revisit to its original; what another address said is read for this one.

        So is what the original's run did not ask for, and left out.
        """
        capture = waiting.capture
        row = self.archive.db.execute("SELECT * FROM captures WHERE id = ?", (found,)).fetchone()
        capture.revisit_of = found
        capture.payload_digest = capture.payload_digest or row["payload_digest"]
        if waiting.seen.from_index or not waiting.seen.head.fields:
            capture.status = capture.status or row["status"]
            capture.media_type = row["media_type"]
        self.archive.db.execute(
            SAYS,
            (
                capture.payload_digest,
                capture.status,
                capture.media_type,
                capture.warc_file,
                capture.warc_offset,
            ),
        )
        if row["url"] == capture.url and bounds_of(self.archive.db, row["run_id"]) == Bounds():
            return None
        job = job_at(self.archive.folder, row["warc_file"], row["warc_offset"], capture.url)
        return self.answerer.one(job) if job else None


def _repeat(seen: Captured) -> tuple[object, ...]:
    """What a revisit says that it repeats: a payload, or where none is named another capture."""
    return (seen.status, canonical(seen.claim)) if seen.claim else (seen.status, seen.repeats)
