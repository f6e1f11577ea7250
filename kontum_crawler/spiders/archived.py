"""What the spiders of other archives share: list, plan, fetch what is missing, keep it as if live.

A subclass knows how its archive lists captures and how it serves one. What is held already is not
fetched: the list's word for it becomes a revisit that says so.
"""

import asyncio
import logging
from abc import abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from kontum_crawler import clock
from kontum_crawler.archives import services
from kontum_crawler.archives.lists import Listed, Page, read_page, unpacked
from kontum_crawler.archives.replay import Copy, Refused
from kontum_crawler.errors import ArchiveError
from kontum_crawler.items import Article
from kontum_crawler.middlewares.refusals import Stopped
from kontum_crawler.pipelines.session import Options, Session
from kontum_crawler.portals import Portal
from kontum_crawler.spiders.copying import Copying
from kontum_crawler.spiders.manners import Manners
from kontum_crawler.store.archive import Recorded
from kontum_crawler.store.intake.answering import Answerer
from kontum_crawler.store.intake.listed import mark
from kontum_crawler.store.known import held, is_known
from kontum_crawler.store.plan import Entry, Plan, Scope
from kontum_crawler.warc.http import parse_head, payload_of
from kontum_crawler.warc.records import Exchange, Original
from kontum_crawler.warc.surt import surt

log = logging.getLogger(__name__)
KEPT = "what was listed before is kept, and the next run asks for the rest"
LIST_LIMITS = {"download_timeout": 900.0, "read_timeout": 60.0, "download_maxsize": 512_000_000}
CAPTURE_LIMITS = {"download_timeout": 900.0, "read_timeout": 60.0, "download_maxsize": 256_000_000}
SETTINGS: dict[str, Any] = {
    "SCHEDULER": "scrapy.core.scheduler.Scheduler",
    "DOWNLOADER_MIDDLEWARES": {"kontum_crawler.middlewares.service.ServiceMiddleware": 550},
    "CONCURRENT_REQUESTS": 8,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of a service: its body decoded as far as it came; whole: False where it broke off.

    error: why there is none.
    """

    status: int
    body: bytes = b""
    whole: bool = True
    error: str | None = None


class ArchivedSpider(Copying, Spider):
    """Fill the archive of one portal from another archive."""

    custom_settings = SETTINGS

    def __init__(self, session: Session, portal: Portal, manners: Manners) -> None:
        super().__init__()
        options = session.options
        self.session, self.portal, self.manners = session, portal, manners
        self.cdx_url = service_of(options)
        self.scope = scope_of(options)
        self.span = f"{self.scope.first}-{self.scope.last}"
        self.plan = Plan(session.archive.db, portal, self.origin, self.cdx_url)
        self.answerer = Answerer(session.archive.folder, workers=1)
        self.commits: dict[int, asyncio.Future[Any]] = {}
        self._flying: dict[tuple[str, str] | int, asyncio.Event] = {}
        self._articles_flying = 0
        self._landed = asyncio.Event()
        self._revisits: list[asyncio.Future[Recorded | None]] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> "ArchivedSpider":
        """Make the spider for a session that is open."""
        spider = cls(kwargs["session"], kwargs["portal"], kwargs["manners"])
        spider._set_crawler(crawler)
        crawler.settings.set("USER_AGENT", spider.session.user_agent, "spider")
        named = [host for host in spider.session.options.named_hosts if host]
        crawler.settings.set("KONTUM_NAMED_HOSTS", named, "spider")
        return spider

    def hosts(self) -> list[str]:
        """The portal's hosts, those once that lists do not tell apart, as with and without www."""
        found: dict[str, str] = {}
        for host in self.portal.hosts:
            found.setdefault(surt(f"http://{host}/"), host)
        return list(found.values())

    @abstractmethod
    async def lists(self) -> None:
        """Bring the plan up to date with what the service lists."""

    @abstractmethod
    def wanted(self, entry: Entry) -> Request:
        """The request for one capture. Raises Refused for one that cannot be asked for."""

    @abstractmethod
    def read(self, entry: Entry, exchange: Exchange, url: str) -> Copy | Original:
        """What an answer holds: the capture, or what it repeats. Raises Refused."""

    async def start(self) -> AsyncIterator[Any]:
        """List, then ask for one capture after the other."""
        try:
            await self.lists()
            if self.session.options.dry_run:
                return
            async for request in self._requests():
                yield request
            await self._settled(0)
        except Exception as error:
            # Scrapy would log it, and end the run as if all was done.
            log.error("the filling of %s broke", self.portal.key, exc_info=error)
            self.session.fail(error)

    async def _requests(self) -> AsyncIterator[Request]:
        for number, entry in enumerate(self.plan.due(self.scope, self.session.run.id)):
            if number % 100 == 0:
                await asyncio.sleep(0)
            if await self._full(entry) or self._over_budget():
                return
            if not self.manners.may_ask(self.asks(entry)):
                return
            if self.passes_over(entry) or await self._is_held(entry):
                continue
            try:
                request = self.wanted(entry)
            except Refused as refused:
                await self._refuse(entry, refused)
                continue
            await self._room(self.asks(entry))
            self._flying[entry.same or entry.id] = asyncio.Event()
            self._articles_flying += entry.kind == "article"
            yield request

    def passes_over(self, entry: Entry) -> bool:
        """Whether asking for a capture is of no use in this run."""
        return False

    def asks(self, entry: Entry) -> str:
        """The address whose service is asked for captures."""
        return self.cdx_url

    async def _is_held(self, entry: Entry) -> bool:
        """Whether nothing need be asked; a repeat of what is held is kept on the list's word."""
        while (event := self._flying.get(entry.same or entry.id)) is not None:
            await event.wait()
        db = self.session.archive.db
        if is_known(db, entry, self.origin):
            self._settle(entry, "done")
            return True
        found = held(db, entry)
        if found is None:
            return False
        await self._repeat(entry, found)
        return True

    async def _room(self, url: str) -> None:
        """Wait until another request may be in flight."""
        while len(self._flying) >= self.manners.service(url).rates.in_flight:
            self._landed.clear()
            await self._landed.wait()

    async def _full(self, entry: Entry) -> bool:
        """Whether the run has as many articles as were asked for."""
        limit = self.session.options.limit
        if limit is None:
            return False
        counts = self.session.counts
        while (had := len(counts.articles) - counts.number("gone")) < limit:
            if had + self._articles_flying < limit or entry.kind != "article":
                return False
            self._landed.clear()
            await self._landed.wait()
        return True

    def _over_budget(self) -> bool:
        """Whether the run has used up what `kontum.toml` allows for the portal."""
        limits, counts = self.session.config.limits_of(self.portal.key), self.session.counts
        return (limits.requests is not None and counts.requests >= limits.requests) or (
            limits.bytes is not None and counts.bytes >= limits.bytes
        )

    async def ask(self, url: str, **meta: Any) -> Reply:
        """Ask for a page of a list; its answer is captured. Never raises for what may be sent."""
        seen: dict[str, Exchange] = {}
        whose = mark(self.origin, self.cdx_url, self.portal.key)
        about = {"what": "list", "kept": whose, "seen": seen, "tries": 1, "verbatim_url": True}
        request = Request(
            url,
            headers={"Accept": "*/*", "Accept-Encoding": "gzip"},
            meta={**about, **LIST_LIMITS, **meta},
            dont_filter=True,
        )
        try:
            response = await self.crawler.engine.download_async(request)
        except ArchiveError as error:
            self.session.fail(error)
            return Reply(0, error=str(error))
        except Exception as error:
            told = str(error) or type(error).__name__
            if "exchange" not in seen:
                return Reply(0, error=told)
            exchange = seen["exchange"]
            body = unpacked(payload_of(parse_head(exchange.head), exchange.body))
            return Reply(0, body, whole=False, error=told)
        return Reply(response.status, response.body)

    def planned(self, body: bytes) -> Page:
        """Read a page of a list; its good lines are in the plan then."""
        return read_page(body, self.add_lines)

    def add_lines(self, lines: list[Listed]) -> None:
        """Put lines of a list into the plan."""
        with self.session.archive.transaction():
            self.plan.add(lines)

    def note(self, page: Page, query: str, key: str | None, *, complete: bool) -> None:
        """Keep how far a list was read, and tell of lines that could not be."""
        with self.session.archive.transaction():
            self.plan.note(query, self.span, key, complete, clock.utc(clock.now()))
        if page.bad:
            told = f"{page.bad:,} lines of the list cannot be read, as «{page.example}»"
            self.session.problem(self.cdx_url, "list", f"{query}: {told}; they were passed over")

    def parse_request(self, entry: Entry, url: str, **meta: Any) -> dict[str, Any]:
        """What every request for a capture has."""
        return {
            "url": url,
            "callback": self.parse,
            "errback": self.failed,
            "dont_filter": True,
            "meta": {
                "what": "capture",
                "entry": entry,
                "verbatim_url": True,
                "tries": 1 if entry.again else 3,
                **CAPTURE_LIMITS,
                **meta,
            },
        }

    async def parse(self, response: Response) -> AsyncIterator[Article]:
        """Keep the capture that an answer holds, and give its article."""
        request = response.request
        assert request is not None
        async for article in self._landing(request, None):
            yield article

    async def failed(self, failure: Failure) -> None:
        """Note why a capture cannot be had; an answer that only the handler refused is read."""
        request: Request = failure.request  # type: ignore[attr-defined]
        async for _ in self._landing(request, failure.value):
            pass

    async def _landing(
        self, request: Request, error: BaseException | None
    ) -> AsyncIterator[Article]:
        entry: Entry = request.meta["entry"]
        try:
            if isinstance(error, Stopped) or self.session.failure is not None:
                return
            try:
                copied = self._read(entry, request, error)
            except Refused as refused:
                await self._refuse(entry, refused)
                return
            if isinstance(copied, Original):
                await self._refer(entry, copied)
                return
            kept, article = await self._keep(entry, copied)
            if article is not None:
                self.commits[id(article)] = kept
                yield article
                self.commits.pop(id(article), None)
            await kept
        except ArchiveError as failure:
            self.session.fail(failure)
        finally:
            self._articles_flying -= entry.kind == "article"
            self._flying.pop(entry.same or entry.id).set()
            self._landed.set()

    def _read(self, entry: Entry, request: Request, error: BaseException | None) -> Copy | Original:
        exchange = request.meta.pop("exchange", None)
        if exchange is None:
            passing = not isinstance(error, IgnoreRequest)
            raise Refused(str(error) or type(error).__name__, passing=passing)
        return self.read(entry, exchange, request.url)

    async def committed(self, article: Article) -> None:
        """Return when the article that the spider gave is committed."""
        if future := self.commits.get(id(article)):
            await future


def service_of(options: Options) -> str:
    """The list that a run asks for: the one that was named, or that of the public service."""
    public = services.WAYBACK if options.origin == "wayback" else services.COMMON_CRAWL
    return options.cdx_url or public


def scope_of(options: Options) -> Scope:
    """What a run wants of the plan."""
    first, last = services.span(options.since, options.until)
    return Scope(first, last, options.choose, options.requisites)
