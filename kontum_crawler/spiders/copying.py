"""How a capture that another archive kept becomes a record and a row, as if it were live.

What is held is not stored twice: the list's word for it becomes a revisit that says so.
"""

import asyncio
from abc import ABC, abstractmethod
from typing import ClassVar

from kontum_crawler import clock, urls
from kontum_crawler.archives.replay import Copy, Refused
from kontum_crawler.extract.answer import Answer
from kontum_crawler.items import Article
from kontum_crawler.pipelines.keeper import Captured
from kontum_crawler.pipelines.session import Session
from kontum_crawler.store.archive import Recorded
from kontum_crawler.store.intake.answering import Answerer, Job, Outcome
from kontum_crawler.store.intake.held import job_at
from kontum_crawler.store.intake.originals import original_id
from kontum_crawler.store.known import Held, held_at
from kontum_crawler.store.plan import Entry, Plan
from kontum_crawler.warc.capture import is_whole
from kontum_crawler.warc.http import CodingError, decoded, parse_head
from kontum_crawler.warc.records import Exchange, Original

AT_ONCE = 200  # revisits that may wait for their commit


class Copying(ABC):
    """The keeping half of a spider of other archives; see `ArchivedSpider`."""

    origin: ClassVar[str]
    session: Session
    plan: Plan
    answerer: Answerer
    _revisits: "list[asyncio.Future[Recorded | None]]"

    @abstractmethod
    def source_uri(self, entry: Entry) -> str:
        """The address of a capture at the service."""

    async def _keep(
        self, entry: Entry, copy: Copy
    ) -> tuple["asyncio.Future[Recorded | None]", Article | None]:
        exchange = copy.exchange
        outcome = Outcome()
        whole = not exchange.truncated and is_whole(parse_head(exchange.head), exchange.body)
        if whole:
            job = Job(exchange.url, exchange.head, copy.payload)
            outcome = await asyncio.to_thread(self.answerer.one, job)
        if outcome.problem:
            self.session.problem(exchange.url, "extract", outcome.problem)
        captured = await self.session.keeper.capture(exchange, decoded=_decoded(copy))
        if not whole and (captured.capture.status, entry.kind) == (200, "article"):
            self.session.problem(exchange.url, "extract", "broken: the body ended early")
        self.session.counts.pages += captured.capture.media_type == "text/html"
        document = outcome.document if captured.repeats is None else None
        kept = self.session.keeper.keep(
            captured,
            outcome.answer,
            document=document,
            after=lambda _: self._note(entry, "done"),
        )
        return kept, outcome.answer.article if outcome.answer else None

    async def _repeat(self, entry: Entry, found: Held) -> None:
        """Keep a capture whose answer is held on the word of the list."""
        answer = await self._answer_of(entry, found)
        exchange = Exchange(
            url=entry.listed.url,
            request=b"",
            head=b"",
            body=b"",
            fetched_at=clock.parse_utc(entry.fetched_at),
            origin=self.origin,
            source_uri=self.source_uri(entry),
            retrieved_at=clock.now(),
            archive_digest=entry.listed.digest,
        )
        captured: Captured = await self.session.keeper.capture(exchange, found.original)
        captured.capture.revisit_of = found.id
        captured.capture.status = found.status
        captured.capture.media_type = found.media_type
        kept = self.session.keeper.keep(
            captured,
            answer,
            after=lambda _: self._note(entry, "done"),
        )
        self._revisits.append(kept)
        await self._settled(AT_ONCE)

    async def _refer(self, entry: Entry, original: Original) -> None:
        """Keep a record that itself only refers to another one, if that one is held."""
        archive = self.session.archive
        found_id = original_id(archive.db, original)
        found = None if found_id is None else held_at(archive.db, found_id)
        if found is None:
            told = f"it refers to {original.url} of {clock.utc(original.fetched_at)}"
            await self._refuse(entry, Refused(f"{told}, which is not held"))
            return
        await self._repeat(entry, found)

    async def _answer_of(self, entry: Entry, found: Held) -> Answer | None:
        """What a payload says that another address brought here; None for the address's own."""
        if urls.key(found.original.url) == entry.url_key:
            return None
        archive = self.session.archive
        place = archive.db.execute(
            "SELECT warc_file, warc_offset FROM captures WHERE id = ?", (found.id,)
        ).fetchone()
        job = job_at(archive.folder, place["warc_file"], place["warc_offset"], entry.listed.url)
        outcome = await asyncio.to_thread(self.answerer.one, job) if job else Outcome()
        return outcome.answer

    async def _refuse(self, entry: Entry, refused: Refused) -> None:
        """Note that a capture cannot be had, and whether later runs shall ask for it again."""
        listed = entry.listed
        message = (
            f"{self.source_uri(entry)}: the capture of {listed.stamp} cannot be had: {refused}"
        )
        self.session.problem(listed.url, "fetch", message)
        self._settle(entry, "lost" if refused.final else "refused", str(refused))

    def _settle(self, entry: Entry, state: str, reason: str | None = None) -> None:
        with self.session.archive.transaction():
            self._note(entry, state, reason)

    def _note(self, entry: Entry, state: str, reason: str | None = None) -> None:
        self.plan.settle(entry, state, self.session.run.id, reason)

    async def _settled(self, allowed: int) -> None:
        """Wait until at most so many revisits are not committed yet."""
        if len(self._revisits) > allowed:
            waiting, self._revisits = self._revisits, []
            await asyncio.gather(*waiting)


def _decoded(copy: Copy) -> bytes | None:
    """The payload without its content coding; None where it has none, or a broken one."""
    head = parse_head(copy.exchange.head)
    if not head.get("Content-Encoding"):
        return None
    try:
        return decoded(copy.payload, head)
    except CodingError:
        return None
