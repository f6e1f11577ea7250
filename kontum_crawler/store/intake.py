"""From records on disk to rows: the one way of ingest, rebuild and recovery.

A file lies in the archive's `warc/` already; each of its captures that the database lacks is
recorded as a crawl would have recorded it.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kontum_crawler import clock
from kontum_crawler.items import Capture
from kontum_crawler.store import warcfiles
from kontum_crawler.store.answering import Answerer, Job, outcome_of
from kontum_crawler.store.held import job_at, job_of
from kontum_crawler.store.notes import Provenance, read_note
from kontum_crawler.store.originals import original_id
from kontum_crawler.store.runs import Run
from kontum_crawler.store.tally import Tally
from kontum_crawler.warc.capture import Captured, captured
from kontum_crawler.warc.compose import new_id, parse_warc_fields
from kontum_crawler.warc.digests import sha1_base32, sha256_hex
from kontum_crawler.warc.http import CodingError, decoded
from kontum_crawler.warc.reader import records
from kontum_crawler.warc.records import Fault, Record
from kontum_crawler.warc.writer import Writer

if TYPE_CHECKING:
    from kontum_crawler.extract.answer import Answer
    from kontum_crawler.store.archive import Archive

BATCH = 100
BATCH_BYTES = 32_000_000
REPLACED = frozenset(
    ["warc-record-id", "warc-warcinfo-id", "warc-target-uri", "warc-source-uri", "content-length"]
)
KNOWN_ELSEWHERE = """
SELECT 1 FROM captures WHERE url = ? AND fetched_at = ? AND payload_digest = ?
  AND id <= ? AND warc_file <> ? LIMIT 1
"""


@dataclass(slots=True)
class Waiting:
    """A capture between its record and its row. original: the row that a revisit repeats."""

    capture: Capture
    seen: Captured
    run_key: str
    digests: list[str]
    job: Job | None
    original: int | None = None


@dataclass(slots=True)
class Whose:
    """Who wrote the records that are being read: the run of the last `warcinfo`, and whence."""

    run_id: int
    key: str | None = None
    provenance: Provenance | None = None


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
    ) -> None:
        """For use under the write lock.

        writer: takes copies of records that no place of their file names alone, because the whole
        file is one gzip member. recorded: called inside the transaction for each capture.
        """
        self.archive = archive
        self.run = run
        self.answerer = answerer
        self.writer = writer
        self.recorded = recorded
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
        """Join revisits to originals that came later; the others become problems. Returns those."""
        orphans, self._orphans = self._orphans, []
        self._commit(orphans)
        for waiting in self._orphans:
            where = f"{waiting.capture.warc_file}: byte {waiting.capture.warc_offset:,}"
            what = f"{where}: the revisit's original is not held; ingest the file that has it"
            self.problem(waiting.capture.url, what)
        return len(self._orphans)

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
        capture = _capture(record, seen, name, whose)
        if not record.alone or whose.provenance is not None:
            key = (capture.url, capture.fetched_at, capture.payload_digest, newest, name)
            if self.archive.db.execute(KNOWN_ELSEWHERE, key).fetchone():
                self.tally.known += 1
                return None
        if not record.alone:
            self._copy(record, seen, capture)
        live = capture.origin == "live" or (whose.provenance is not None and whose.key is not None)
        run_key = whose.key if live and whose.key else capture.fetched_at[:10]
        if not seen.whole and seen.status == 200 and seen.media_type == "text/html":
            self.problem(seen.url, "broken: the body ended early", "extract")
        return Waiting(capture, seen, run_key, _digests(seen), job_of(record, seen, seen.url))

    def _copy(self, record: Record, seen: Captured, capture: Capture) -> None:
        """Write the record again as a member of its own; its row points there."""
        fields = [pair for pair in record.fields if pair[0].lower() not in REPLACED]
        fields += [
            ("WARC-Target-URI", record.url),
            ("WARC-Record-ID", new_id()),
            ("WARC-Source-URI", capture.source_uri or capture.warc_file or ""),
            ("WARC-Creation-Date", capture.retrieved_at),
            ("Kontum-Origin", capture.origin),
        ]
        if record.id:
            fields.append(("WARC-Previous-Record-ID", record.id))
        if seen.payload_digest:
            fields.append(("Kontum-Payload-Digest", seen.payload_digest))
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
                answer = outcome.answer if outcome else None
                if outcome and outcome.problem:
                    self.problem(waiting.capture.url, outcome.problem, "extract")
                if waiting.seen.repeats is not None:
                    answer = self._repeated(waiting)
                self._record(waiting, answer)

    def _record(self, waiting: Waiting, answer: "Answer | None") -> None:
        done = self.archive.record(waiting.capture, answer, waiting.run_key, waiting.digests)
        self.tally.count(done)
        if self.recorded is not None:
            self.recorded(waiting.capture, answer)

    def _repeated(self, waiting: Waiting) -> "Answer | None":
        """Join a revisit to its original; what another address said is read for this one."""
        repeats, capture = waiting.seen.repeats, waiting.capture
        found = original_id(self.archive.db, repeats) if repeats is not None else None
        if found is None:
            self._orphans.append(waiting)
            return None
        row = self.archive.db.execute("SELECT * FROM captures WHERE id = ?", (found,)).fetchone()
        capture.revisit_of = found
        capture.payload_digest = capture.payload_digest or row["payload_digest"]
        if waiting.seen.from_index or not waiting.seen.head.fields:
            capture.status = capture.status or row["status"]
            capture.media_type = row["media_type"]
        if row["url"] == capture.url:
            return None
        job = job_at(self.archive, row["warc_file"], row["warc_offset"], capture.url)
        return outcome_of(str(self.archive.folder), job).answer if job else None


def _capture(record: Record, seen: Captured, name: str, whose: Whose) -> Capture:
    fetched_at = clock.utc(seen.fetched_at)
    foreign = whose.provenance
    retrieved_at = clock.utc(seen.retrieved_at) if seen.retrieved_at else fetched_at
    origin = seen.origin
    if foreign is not None:
        retrieved_at = foreign.taken_at
        origin = "warc" if origin == "live" else origin
    source = seen.source_uri or (foreign.source if foreign else None)
    return Capture(
        url=seen.url,
        fetched_at=fetched_at,
        retrieved_at=retrieved_at,
        status=seen.status,
        media_type=seen.media_type,
        payload_digest=seen.payload_digest or None,
        origin=origin,
        source_uri=source,
        warc_file=name,
        warc_offset=record.offset,
        warc_length=record.length,
        run_id=whose.run_id,
    )


def _digests(seen: Captured) -> list[str]:
    """By what else the payload may be found: SHA-1 as stored and decoded, and what others claim."""
    found = {seen.claim, seen.archive_digest or ""}
    if seen.payload is not None:
        found.add(sha1_base32(seen.payload))
        if seen.head.get("Content-Encoding"):
            with contextlib.suppress(CodingError):
                found.add(sha1_base32(decoded(seen.payload, seen.head)))
    return sorted(found - {"", sha256_hex(seen.payload or b"")})
