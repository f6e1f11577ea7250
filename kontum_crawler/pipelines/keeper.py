"""The keeper: what was fetched goes to the WARC first and to the database second, in batches.

A batch is synced to disk, then committed in one transaction with the frontier rows of its URLs. So
a URL is done exactly when its capture and its article are held, and a crash costs at most the
leases of one batch.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kontum_crawler import clock
from kontum_crawler.errors import KontumError
from kontum_crawler.extract.answer import Answer
from kontum_crawler.items import Attachment, Capture
from kontum_crawler.pipelines.counts import Counts
from kontum_crawler.pipelines.revisits import GONE, next_visit
from kontum_crawler.store import Archive
from kontum_crawler.store.archive import Recorded
from kontum_crawler.store.drift import FieldRates
from kontum_crawler.store.frontier import Link
from kontum_crawler.store.intake import withholding
from kontum_crawler.store.intake.originals import original_id
from kontum_crawler.store.runs import Run
from kontum_crawler.warc.digests import sha1_base32
from kontum_crawler.warc.records import Exchange, Original, Written
from kontum_crawler.warc.writer import Writer

GOOD_CAPTURE = """
SELECT o.url, o.fetched_at, o.payload_digest
FROM captures c JOIN captures o ON o.id = coalesce(c.revisit_of, c.id)
WHERE c.url = ? AND c.status = 200 AND c.origin = 'live' AND c.warc_file IS NOT NULL
ORDER BY c.fetched_at DESC, c.id DESC LIMIT 1
"""
BATCH = 24
WAIT = 0.05  # seconds that a batch waits for company
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Verdict:
    """What becomes of a URL in the frontier once its capture is held.

    state: `done`, `failed` or `excluded`. next_visit_at: when to look (again); for an article it is
    reckoned from its age instead, for what robots.txt forbids it is now. validators: ETag and
    Last-Modified; None keeps those known. links: URLs found. due: known URLs to look at now. told:
    when URLs changed, as a sitemap or feed says. missed: articles that this page no longer names.
    returned: those that are gone, and that it names again.
    """

    url: str
    state: str = "done"
    next_visit_at: datetime | None = None
    validators: tuple[str | None, str | None] | None = None
    links: list[Link] = field(default_factory=list)
    due: list[str] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Captured:
    """A capture whose record is written; repeats: the one that its record refers to."""

    capture: Capture
    digests: tuple[str, ...]
    repeats: Original | None


@dataclass(slots=True)
class Entry:
    """A capture with what was read from it, or a verdict alone; `kept` is done when committed.

    after: called in the same transaction with what became of the capture.
    """

    captured: Captured | None
    answer: Answer | None
    verdict: Verdict | None
    kept: "asyncio.Future[Recorded | None]"
    document: Attachment | None = None
    after: Callable[[Recorded | None], None] | None = None


class Keeper:
    """Owns the order of truth for one run; lives in one event loop.

    failed: called with the error when something could not be kept. From then on nothing is kept,
    and what was handed over counts as not kept (None).
    """

    failed: Callable[[BaseException], None] | None = None

    def __init__(self, archive: Archive, writer: Writer, run: Run, counts: Counts) -> None:
        self.archive = archive
        self.writer = writer
        self.run = run
        self.counts = counts
        self._entries: list[Entry] = []
        self._problems: list[tuple[str | None, str, str]] = []
        self.rates = FieldRates()
        self._due = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._orphans: list[Captured] = []
        self._written = 0
        self._kept = 0
        self._failure: BaseException | None = None

    def original(self, url: str) -> Original | None:
        """The good capture of an address whose validators may be sent; None where none is held."""
        row = self.archive.db.execute(GOOD_CAPTURE, (url,)).fetchone()
        if row is None:
            return None
        return Original(row["url"], clock.parse_utc(row["fetched_at"]), row["payload_digest"])

    async def capture(
        self,
        exchange: Exchange,
        repeats: Original | None = None,
        decoded: bytes | None = None,
    ) -> Captured:
        """Write an exchange to the WARC, off the loop, and tell what its row needs.

        repeats: for a 304, the capture that its validators came from. decoded: the payload without
        its content coding, where it had one. Raises ArchiveFull.
        """
        future = self.writer.exchange(exchange, repeats=repeats)
        written = await asyncio.wrap_future(future)
        self._written += 1
        digests = {written.sha1, exchange.archive_digest or written.sha1}
        if decoded is not None:
            digests.add(sha1_base32(decoded))
        capture = _capture(exchange, written, self.run.id)
        return Captured(capture, tuple(sorted(digests)), written.repeats)

    def keep(
        self,
        captured: Captured | None,
        answer: Answer | None,
        verdict: Verdict | None = None,
        document: Attachment | None = None,
        after: Callable[[Recorded | None], None] | None = None,
    ) -> "asyncio.Future[Recorded | None]":
        """Have a capture and its verdict committed with the next batch.

        document: what the captured file holds, where it is one. after: as of `Entry`.
        """
        kept: asyncio.Future[Recorded | None] = asyncio.get_running_loop().create_future()
        if self._failure is not None:
            kept.set_result(None)
            return kept
        self._entries.append(Entry(captured, answer, verdict, kept, document, after))
        self._wake()
        return kept

    def problem(self, url: str | None, stage: str, message: str) -> None:
        """Add a row to `problems` with the next batch."""
        self.counts.problems += 1
        self._problems.append((url, stage, message))

    def look_again(self, recorded: Iterable[tuple[str, Recorded]]) -> None:
        """Count articles that were recorded at the end of the run, and plan the next look."""
        now = clock.now()
        with self.archive.transaction():
            for url, each in recorded:
                if each.article_id is not None and each.change:
                    self.counts.article(each.article_id, each.change)
                if self.archive.frontier.knows(url):
                    self.archive.frontier.done(url, self._next_visit(each, now))

    async def drain(self) -> None:
        """Return when everything handed over so far is committed, or could not be."""
        while self._task is not None and not self._task.done():
            self._due.set()
            await asyncio.wait({self._task})
        if self._entries or self._problems:
            await self._flush()

    def close(self) -> bool:
        """Write what is left and close the WARC; tells whether each capture has its row."""
        try:
            self.writer.close()
        finally:
            if self._failure is None:
                self._commit([], self._problems)
                self._problems = []
        return self._failure is None and self._written == self._kept

    def _wake(self) -> None:
        if len(self._entries) >= BATCH:
            self._due.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        while self._entries:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._due.wait(), WAIT)
            self._due.clear()
            await self._flush()

    async def _flush(self) -> None:
        entries, self._entries = self._entries, []
        problems, self._problems = self._problems, []
        try:
            await asyncio.wrap_future(self.writer.sync())
            results = self._commit(entries, problems)
        except KontumError as error:
            self._fail(error, entries)
            return
        except Exception:
            log.exception("a batch could not be stored; its pages are stored one by one")
            results = [self._alone(entry) for entry in entries]
            self._commit([], problems)
        for entry, recorded in zip(entries, results, strict=True):
            if not entry.kept.done():
                entry.kept.set_result(recorded)

    def _fail(self, error: BaseException, entries: Sequence[Entry]) -> None:
        self._failure = error
        for entry in (*entries, *self._entries):
            if not entry.kept.done():
                entry.kept.set_result(None)
        self._entries.clear()
        if self.failed is not None:
            self.failed(error)

    def _commit(
        self, entries: Sequence[Entry], problems: Sequence[tuple[str | None, str, str]]
    ) -> list[Recorded | None]:
        if not (entries or problems or self._orphans):
            return []
        with self.archive.transaction():
            results = [self._store(entry) for entry in entries]
            self._adopt()
            for url, stage, message in problems:
                self.archive.problem(url, stage, message, self.run.id)
        for recorded in results:
            self._kept += recorded is not None
            if recorded and recorded.article_id is not None and recorded.change:
                self.counts.article(recorded.article_id, recorded.change)
        return results

    def _alone(self, entry: Entry) -> Recorded | None:
        """Store one entry; a fault of ours in it costs its article, never the run."""
        try:
            return self._commit([entry], [])[0]
        except KontumError:
            raise
        except Exception as error:
            url = entry.captured.capture.url if entry.captured else ""
            self.problem(url, "store", f"a fault of ours: {type(error).__name__}: {error}")
            if entry.verdict is not None:
                entry.verdict.state, entry.verdict.next_visit_at = "failed", None
            alone = Entry(entry.captured, None, entry.verdict, entry.kept)
            return self._commit([alone], [])[0]

    def _store(self, entry: Entry) -> Recorded | None:
        recorded = None
        if entry.captured is not None:
            recorded = self._record(entry.captured, entry.answer)
            if entry.document is not None:
                self.archive.attach(recorded.capture_id, entry.document)
        if entry.verdict is not None:
            self._judge(entry.verdict, recorded)
        if entry.after is not None:
            entry.after(recorded)
        return recorded

    def _record(self, captured: Captured, answer: Answer | None) -> Recorded:
        capture = captured.capture
        if captured.repeats is not None and capture.revisit_of is None:
            capture.revisit_of = original_id(self.archive.db, captured.repeats)
            if capture.revisit_of is None:
                self._orphans.append(captured)
        # A foreign capture was made in no run of ours: two proofs of one day are one.
        run_key = self.run.key if capture.origin == "live" else capture.fetched_at[:10]
        self._rate(capture, answer)
        return withholding.record(self.archive, capture, answer, run_key, captured.digests)

    def _rate(self, capture: Capture, answer: Answer | None) -> None:
        """Count what a live page gave, for the alarm that its portal has changed."""
        if answer is None or capture.origin != "live" or capture.status != 200:
            return
        if answer.kind not in ("article", "listing", "none"):
            return
        portal = self.archive.portal_of(capture.url)
        wanted = portal.kind(capture.url) == "article"
        fresh = withholding.known_at(self.archive, capture.url) is None
        self.rates.note(portal.key, capture.url, answer, wanted=wanted, fresh=fresh)

    def _adopt(self) -> None:
        """Name the originals that came to the database after what repeats them."""
        orphans, self._orphans = self._orphans, []
        for captured in orphans:
            self._record(captured, None)

    def _judge(self, verdict: Verdict, recorded: Recorded | None) -> None:
        frontier = self.archive.frontier
        now = clock.now()
        if recorded is not None and recorded.article_id is not None:
            verdict.next_visit_at = self._next_visit(recorded, now) or verdict.next_visit_at
        if verdict.links:
            frontier.offer(verdict.links, now)
        if verdict.due:
            frontier.due(verdict.due)
        if verdict.missed:
            frontier.miss(verdict.missed)
        if verdict.returned:
            frontier.name(verdict.returned, verdict.url)
        if verdict.told:
            frontier.hear(verdict.told)
        if verdict.state == "done":
            frontier.done(verdict.url, verdict.next_visit_at, validators=verdict.validators)
        elif verdict.state == "failed":
            frontier.fail(verdict.url, verdict.next_visit_at)
        else:
            frontier.exclude(verdict.url, verdict.next_visit_at)

    def _next_visit(self, recorded: Recorded, now: datetime) -> datetime | None:
        row = self.archive.db.execute(
            "SELECT coalesce(published_at, first_seen_at), version, gone_at FROM articles"
            " WHERE id = ?",
            (recorded.article_id,),
        ).fetchone()
        if row is None:
            return None
        if row[2] is not None:
            return now + GONE
        return next_visit(now, row[0], row[1] - 1, edited=recorded.change == "edited")


def _capture(exchange: Exchange, written: Written, run_id: int) -> Capture:
    return Capture(
        url=exchange.url,
        fetched_at=clock.utc(exchange.fetched_at),
        retrieved_at=clock.utc(exchange.retrieved_at or exchange.fetched_at),
        status=written.status,
        media_type=written.media_type,
        payload_digest=written.payload_digest,
        origin=exchange.origin,
        source_uri=exchange.source_uri,
        warc_file=written.place.file,
        warc_offset=written.place.offset,
        warc_length=written.place.length,
        run_id=run_id,
    )
