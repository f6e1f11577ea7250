"""The spider: one for all portals. What a page *is*, the portal file and the extractor say."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from kontum_crawler import clock
from kontum_crawler.items import Article, Attachment
from kontum_crawler.middlewares.refusals import HostClosed, RobotsForbids, Stopped
from kontum_crawler.pipelines.keeper import Captured, Verdict
from kontum_crawler.pipelines.session import Session
from kontum_crawler.portals import Portal
from kontum_crawler.spiders.breaker import Breaker, ending_run
from kontum_crawler.spiders.mirrors import mirror_starts
from kontum_crawler.spiders.outcome import Outcome, hold_to_claim, judge, later
from kontum_crawler.spiders.pace import Pace, asks_itself
from kontum_crawler.spiders.readers import Readers
from kontum_crawler.spiders.reading import received_of
from kontum_crawler.spiders.reliability import Reliability
from kontum_crawler.spiders.start import open_session, seeds
from kontum_crawler.spiders.walk import Walk
from kontum_crawler.store.bounds import left_out
from kontum_crawler.store.frontier import Link, Visit
from kontum_crawler.store.intake.documents import read_document

SOURCES = ("sitemap", "feed")


class PortalSpider(Spider):
    """Walk one portal: sources and listings lead to articles and documents, articles are items.

    Arguments of `scrapy crawl portal -a …`: portal (a key or an address), archive (a folder),
    base_url, full, limit, delay, requisites, since, until; see docs/crawling.md.
    """

    name = "portal"

    def __init__(self, session: Session, portal: Portal) -> None:
        super().__init__()
        self.session = session
        self.portal = portal
        self.commits: dict[int, asyncio.Future[Any]] = {}
        self.in_hand: set[str] = set()
        self.parked: list[str] = []
        self.readers = Readers(portal, session.options.workers)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> "PortalSpider":
        """Make the spider; without a session given, open one that ends with the crawl."""
        session, portal = kwargs.pop("session", None), kwargs.pop("portal", None)
        if session is None:
            session, portal = open_session(crawler, portal, kwargs)
        spider = cls(session, portal)
        spider._set_crawler(crawler)
        spider.prepare(crawler)
        return spider

    def prepare(self, crawler: Crawler) -> None:
        """Lay out the walk and the pace before the first request."""
        settings, options = crawler.settings, self.session.options
        archive = self.session.archive
        frontier = archive.frontier
        self.left_out = set(left_out(archive.db, options.bounds))
        most = settings.getint("KONTUM_FAILURES_IN_A_ROW")
        self.breaker = Breaker(
            self.session, self.portal, most=most, loopback=asks_itself(self.session, self.portal)
        )
        self.pace = Pace(crawler, self.portal, self.session, self.breaker, self._home())
        complete = options.full or not frontier.has_done(self.portal.key)
        self.walk = Walk(
            self.portal,
            frontier.urls(self.portal.key),
            complete=complete,
            going_on=frontier.unfinished(clock.now(), self.portal.key),
            base_url=options.base_url,
            requisites=options.requisites,
            max_depth=settings.getint("KONTUM_MAX_DEPTH"),
            trap_pages=settings.getint("KONTUM_TRAP_PAGES"),
            max_redirects=settings.getint("KONTUM_MAX_REDIRECTS"),
            told=frontier.told(self.portal.key),
            reliability=Reliability(
                self.portal.key, archive.sources.of(self.portal.key), complete=complete
            ),
            patience=self.pace.patience(),
        )
        for host in self.breaker.dead:
            self.walk.bury(host)
        # A request counts as in flight until its record is written, so a kill repeats no more.
        settings.set("CONCURRENT_REQUESTS", self.pace.concurrency, "spider")
        settings.set("DOWNLOAD_SLOTS", {self.portal.key: self.pace.slot()}, "spider")
        settings.set("KONTUM_CONNECT_TO", options.base_url, "spider")
        settings.set("KONTUM_NAMED_HOSTS", list(options.named_hosts), "spider")
        settings.set("KONTUM_UNVERIFIED_HOSTS", list(self.portal.unchecked_certificates), "spider")
        settings.set("USER_AGENT", self.session.user_agent, "spider")
        settings.set("DOWNLOAD_DELAY", self.pace.slot()["delay"], "spider")
        settings.set("AUTOTHROTTLE_ENABLED", not self.pace.loopback, "spider")
        if options.full:
            frontier.revisit(self.portal.key)

    async def start(self) -> AsyncIterator[Any]:
        """Put sources and start pages into the frontier; the scheduler does the rest."""
        frontier = self.session.archive.frontier
        try:
            links, due = seeds(self.portal, self.walk, self.session.options)
            self.walk.gone = frontier.missed_and_gone(self.portal.key)
            with self.session.archive.transaction():
                frontier.offer(links, clock.now())
                frontier.due([*due, *self._left_out_by_others()])
                frontier.due(self.session.archive.in_doubt(self.portal.key))
                # What robots.txt says of them is asked each night.
                frontier.readmit(due)
        except Exception as error:
            # Scrapy would log it and end as if all were well.
            self.session.fail(error)
            raise
        # Scrapy wants an iterator; the requests come from the frontier.
        nothing: tuple[Request, ...] = ()
        for request in nothing:
            yield request

    def request(self, visit: Visit) -> Request | None:
        """The request of a leased address; None for one that is not to be fetched after all."""
        if self.walk.is_cut(visit.url, visit.kind) or self.portal.kind(visit.url) is None:
            self.session.archive.frontier.exclude(visit.url)
            return None
        original = None
        if (visit.etag or visit.last_modified) and visit.url not in self.left_out:
            original = self.session.keeper.original(visit.url)
        headers = {}
        if original is not None:
            headers = {
                name: value
                for name, value in (
                    ("If-None-Match", visit.etag),
                    ("If-Modified-Since", visit.last_modified),
                )
                if value
            }
        meta = {
            "visit": visit,
            "kind": visit.kind,
            "depth": self.walk.depth(visit.url, visit.found_on),
            "download_slot": self.portal.key,
            "verbatim_url": True,
            "original": original if headers else None,
            **self.limits(visit.kind),
        }
        self.pace.in_flight += 1
        self.in_hand.add(visit.url)
        return Request(
            visit.url,
            callback=self.parse,
            errback=self.failed,
            headers=headers,
            meta=meta,
            dont_filter=True,
        )

    def limits(self, kind: str) -> dict[str, Any]:
        """What the download handler holds a request of one kind of address to, its turn too."""
        table = self.crawler.settings.getdict("KONTUM_LIMITS")
        text = kind in (*SOURCES, "text", "requisite")
        name = "document" if kind == "document" else "text" if text else "page"
        total, silence, size = table[name]
        others = table["document"]
        return {
            "download_timeout": total,
            "read_timeout": silence,
            "download_maxsize": size,
            "maxsize_of_files": others[2] if name == "page" else size,
            "download_slot": self.portal.key,
            "turn": self.pace.turn,
        }

    async def parse(self, response: Response) -> AsyncIterator[Article]:
        """Read an answer in a thread, keep it, and give the article that it holds."""
        visit: Visit = response.meta["visit"]
        try:
            outcome = await self._outcome(response, visit)
            kept = self._keep(response.meta["capture"], outcome)
            article = outcome.answer.article if outcome.answer else None
            if article is not None:
                self.commits[id(article)] = kept
                yield article
            await kept
        finally:
            self.pace.in_flight -= 1
            self.in_hand.discard(visit.url)

    async def _outcome(self, response: Response, visit: Visit) -> Outcome:
        try:
            received = received_of(response, self.walk)
            reading = await self.readers.read(received, visit.kind)
            outcome = judge(self, visit, response, reading)
            hold_to_claim(self, visit, response, outcome.answer)
            if reading.answer and reading.answer.kind == "document" and response.status == 200:
                outcome.document = await self._document(response, received.headers)
            return outcome
        except Exception as error:
            # Whatever a page does to the reader, the others go on.
            self.logger.exception("reading %s", response.url)
            message = f"a fault of ours: {type(error).__name__}: {error}"
            self.session.problem(visit.url, "extract", message)
            return Outcome(None, Verdict(visit.url, "failed", later(visit)))

    async def failed(self, failure: Failure) -> None:
        """Note why an address gave no answer, and when it is worth another try."""
        request: Request = failure.request  # type: ignore[attr-defined]
        error = failure.value
        visit: Visit = request.meta["visit"]
        try:
            capture = request.meta.get("capture")
            if isinstance(error, Stopped | HostClosed) or self.session.failure is not None:
                if capture is not None:
                    self.session.keeper.keep(capture, None)
                with ending_run(self.session):
                    self._step_back(visit, error)
                return
            if isinstance(error, RobotsForbids):
                verdict = Verdict(visit.url, "excluded", clock.now())
                if visit.kind == "listing" and not visit.found_on:
                    message = f"{error}; what it leads to is not found"
                    self.session.problem(visit.url, "robots", message)
            else:
                passing = not isinstance(error, IgnoreRequest)
                verdict = Verdict(visit.url, "failed", later(visit) if passing else None)
                self.session.problem(visit.url, "fetch", str(error) or type(error).__name__)
            await self._keep(capture, Outcome(None, verdict))
        finally:
            self.pace.in_flight -= 1
            self.in_hand.discard(visit.url)

    async def committed(self, article: Article) -> bool:
        """Whether the article that the spider gave is held, once that is known."""
        future = self.commits.pop(id(article), None)
        return future is not None and await future is not None

    def obey(
        self, delay: float, sitemaps: list[str], origin: str, allows: Callable[[str], bool]
    ) -> None:
        """Apply what robots.txt says: its delay, its sitemaps, and what it allows again."""
        self.pace.slow_down(delay)
        self._readmit(origin, allows)
        links, due = [], []
        for url in sitemaps:
            address = self.walk.address(url, f"{origin}/")
            if address is None or self.portal.kind(address) is None:
                continue
            if address not in self.walk.urls:
                links.append(self.walk.queue(address, "sitemap", f"{origin}/robots.txt"))
            elif address not in self.walk.visited and self.walk.reliability.asks(address):
                due.append(address)
            self.walk.visited.add(address)
        with ending_run(self.session):
            self._offer(links, due)

    def _readmit(self, origin: str, allows: Callable[[str], bool]) -> None:
        frontier = self.session.archive.frontier
        with ending_run(self.session):
            own = (
                url for url in frontier.forbidden(self.portal.key) if url.startswith(f"{origin}/")
            )
            frontier.readmit([url for url in own if self.portal.kind(url) and allows(url)])

    def closed(self, reason: str) -> None:
        """Let the readers go, and keep what a run that went to its end has learnt."""
        self.readers.close()
        session, archive = self.session, self.session.archive
        if session.failure is not None:
            return
        with ending_run(session):
            archive.frontier.release(self.parked)
            if not session.stopping.is_set():
                self.breaker.end()
            if reason == "finished" and not session.stopping.is_set() and not self.pace.ending:
                deep = self.walk.complete or self.walk.patience > 1
                now = clock.utc(clock.now())
                archive.sources.keep(
                    self.portal.key, self.walk.reliability.end(), deep=deep, now=now
                )

    def _left_out_by_others(self) -> list[str]:
        """Articles that were fetched by runs for other days than this one's, and not stored."""
        return [url for url in self.left_out if self.portal.kind(url) == "article"]

    def _home(self) -> str:
        """Host, and port where it has one, of the place where the walk begins."""
        starts = self.session.options.start_urls
        if self.portal.generic and starts:
            return urlsplit(starts[0]).netloc
        return self.portal.hosts[0]

    def _offer(self, links: list[Link], due: list[str]) -> None:
        with self.session.archive.transaction():
            self.session.archive.frontier.offer(links, clock.now())
            self.session.archive.frontier.due(due)

    def _turn_to_mirrors(self) -> bool:
        """Walk the mirrors where the canonical host is dead; False where none is left."""
        dead, closed = self.breaker.dead, self.breaker.closed
        if self.portal.hosts[0] not in dead:
            return False
        mirrors = [host for host in self.portal.hosts[1:] if host not in closed]
        self._offer(*mirror_starts(self.portal, self.walk, mirrors))
        return bool(mirrors)

    async def _document(
        self, response: Response, headers: list[tuple[str, str]]
    ) -> Attachment | None:
        """The text of a file, read by a process of its own; that of a repeat is held already."""
        captured: Captured = response.meta["capture"]
        if captured.repeats is not None:
            return None
        digest = captured.capture.payload_digest or ""
        return await asyncio.to_thread(read_document, response.url, headers, response.body, digest)

    def _keep(self, captured: Captured | None, outcome: Outcome) -> "asyncio.Future[Any]":
        keeper = self.session.keeper
        return keeper.keep(captured, outcome.answer, outcome.verdict, outcome.document)

    def _step_back(self, visit: Visit, error: BaseException | None) -> None:
        """Leave an address in the queue; a host that is closed is not asked again in this run."""
        frontier = self.session.archive.frontier
        if isinstance(error, HostClosed):
            host = urlsplit(visit.url).netloc
            if host in self.breaker.dead:
                self.walk.bury(host)
            if host == self._home() and not self._turn_to_mirrors():
                self.pace.ending = True
            if not self.pace.ending:
                # Its lease keeps it out of this run; `closed` gives it back.
                self.parked.append(visit.url)
                return
        if self.session.failure is None:
            frontier.release([visit.url])
