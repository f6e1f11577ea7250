"""From records on disk to rows: the one way of ingest, rebuild and recovery.

A file lies in the archive's `warc/` already; each of its captures that the database lacks is
recorded as a crawl would have recorded it.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from kontum_crawler.errors import ArchiveError
from kontum_crawler.items import Capture
from kontum_crawler.store.bounds import Bounds, bounds_of
from kontum_crawler.store.intake import warcfiles, withholding
from kontum_crawler.store.intake.answering import Answerer, Outcome
from kontum_crawler.store.intake.held import job_at, job_of
from kontum_crawler.store.intake.notes import Provenance, read_note
from kontum_crawler.store.intake.originals import ORPHANS, original_id
from kontum_crawler.store.intake.tally import Tally
from kontum_crawler.store.intake.waiting import (
    Waiting,
    Whose,
    capture_of,
    copied_fields,
    digests_of,
)
from kontum_crawler.store.runs import Run
from kontum_crawler.warc.capture import Captured, captured
from kontum_crawler.warc.compose import parse_warc_fields
from kontum_crawler.warc.reader import read_at, records
from kontum_crawler.warc.records import Fault, Record
from kontum_crawler.warc.writer import Writer

if TYPE_CHECKING:
    from kontum_crawler.extract.answer import Answer
    from kontum_crawler.store.archive import Archive

BATCH = 100
BATCH_BYTES = 32_000_000
KNOWN_ELSEWHERE = """
SELECT 1 FROM captures WHERE url = ? AND fetched_at = ? AND payload_digest = ?
  AND id <= ? AND warc_file <> ? LIMIT 1
"""


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
        self._orphans: list[Waiting] = []

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
        for item in self._records(name, start):
            if isinstance(item, Fault):
                self.problem(item.url or None, str(item))
                continue
            self._heed(item, whose)
            waiting = self._waiting(item, name, whose, newest)
            if waiting is not None:
                batch.append(waiting)
                size += len(waiting.job.payload) if waiting.job else 0
            if len(batch) >= BATCH or size > BATCH_BYTES:
                self._commit(batch)
                batch, size = [], 0
                if progress is not None:
                    progress(item.offset + item.length)
        self._commit(batch)
        with self.archive.transaction():
            warcfiles.note(self.archive.db, name, path.stat().st_size, provenance)

    def finish(self) -> int:
        """Join revisits to originals that came later, also those of earlier runs.

        Those that find none become problems, each in the run that took it in. Returns how many.
        """
        orphans, self._orphans = self._orphans, []
        self._commit([waiting for waiting in orphans if self._original(waiting) is not None])
        lost = [waiting for waiting in orphans if waiting.capture.revisit_of is None]
        for waiting in lost:
            waiting.capture.payload_digest, waiting.digests = None, []
            with self.archive.transaction():
                self._record(waiting, None)
            where = f"{waiting.capture.warc_file}: byte {waiting.capture.warc_offset:,}"
            what = f"{where}: the revisit's original is not held; ingest the file that has it"
            self.problem(waiting.capture.url, what)
        self._adopt()
        return len(lost)

    def _adopt(self) -> None:
        """Rows of earlier runs whose original has come since."""
        for row in self.archive.db.execute(ORPHANS).fetchall():
            with contextlib.suppress(ArchiveError, ValueError, OSError):
                record = read_at(self.archive.folder / row["warc_file"], row["warc_offset"])
                seen = captured(record)
                if seen is None or seen.repeats is None:
                    continue
                capture = capture_of(record, seen, row["warc_file"], Whose(self.run.id))
                waiting = Waiting(capture, seen, capture.fetched_at[:10], [], None)
                if self._original(waiting) is not None:
                    self._commit([waiting])

    def problem(self, url: str | None, message: str, stage: str = "ingest") -> None:
        """Note a problem of this run."""
        self.tally.problems += 1
        self.archive.problem(url, stage, message, self.run.id)

    def _records(self, name: str, start: int) -> Iterator[Record | Fault]:
        """From `start` on, with the file's own `warcinfo` before, so that its run is known."""
        path = self.archive.folder / name
        if start:
            first = next(records(path, name=name), None)
            if isinstance(first, Record) and first.type == "warcinfo":
                yield first
        yield from records(path, start=start, name=name)

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
        note = read_note(record)
        if isinstance(note, Provenance):
            self.provenances[note.name] = (note, whose.run_id)
        elif note is not None:
            self.archive.restore_tombstone(note)

    def _waiting(self, record: Record, name: str, whose: Whose, newest: int) -> Waiting | None:
        """What a record leaves to be recorded; None for none, and for one that is known."""
        if self._is_known(name, record):
            self.tally.known += 1
            return None
        try:
            seen = captured(record)
        except ValueError as error:
            self.problem(record.url, str(Fault(name, record.offset, str(error))))
            return None
        if seen is None:
            return None
        capture = capture_of(record, seen, name, whose)
        if not record.alone or whose.provenance is not None:
            key = (capture.url, capture.fetched_at, capture.payload_digest, newest, name)
            if self.archive.db.execute(KNOWN_ELSEWHERE, key).fetchone():
                self.tally.known += 1
                return None
        if not record.alone:
            self._copy(record, seen, capture)
        run_key = whose.key if whose.key and seen.origin == "live" else capture.fetched_at[:10]
        if not seen.whole and seen.status == 200 and seen.media_type == "text/html":
            self.problem(seen.url, "broken: the body ended early", "extract")
        return Waiting(
            capture, seen, run_key, digests_of(seen), job_of(record, seen, seen.url, whose.base)
        )

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

    def _commit(self, batch: list[Waiting]) -> None:
        """Read the answers of a batch and record all of it in one transaction."""
        if batch:
            self.writer.sync().result()
        jobs = [waiting.job for waiting in batch if waiting.job is not None]
        outcomes = self.answerer.read(jobs)
        read = [next(outcomes) if waiting.job is not None else None for waiting in batch]
        with self.archive.transaction():
            for waiting, outcome in zip(batch, read, strict=True):
                if outcome is not None and outcome.problem:
                    self.problem(waiting.capture.url, outcome.problem, "extract")
                if waiting.seen.repeats is not None:
                    found = self._original(waiting)
                    if found is None:
                        self._orphans.append(waiting)
                        continue
                    outcome = self._repeated(waiting, found)
                self._record(waiting, outcome)

    def _record(self, waiting: Waiting, outcome: Outcome | None) -> None:
        answer = outcome.answer if outcome is not None else None
        said = (waiting.capture, answer, waiting.run_key, waiting.digests)
        if self.doubting:
            done = withholding.record(self.archive, *said)
        else:
            done = self.archive.record(*said)
        self.tally.count(done)
        if outcome is not None and outcome.document is not None:
            self.archive.attach(done.capture_id, outcome.document)
        if self.recorded is not None:
            self.recorded(waiting.capture, answer)

    def _original(self, waiting: Waiting) -> int | None:
        repeats = waiting.seen.repeats
        return original_id(self.archive.db, repeats) if repeats is not None else None

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
            "UPDATE captures SET payload_digest = ? WHERE warc_file = ? AND warc_offset = ?",
            (capture.payload_digest, capture.warc_file, capture.warc_offset),
        )
        if row["url"] == capture.url and bounds_of(self.archive.db, row["run_id"]) == Bounds():
            return None
        job = job_at(self.archive.folder, row["warc_file"], row["warc_offset"], capture.url)
        return self.answerer.one(job) if job else None
