"""Between an archive's spider and the wire: its turn, its pauses, its second tries, the counts.

The documented interfaces of archives are no pages to be crawled, so robots.txt is not asked; their
published rates hold instead.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadConnectionRefusedError, DownloadTimeoutError
from scrapy.http import Response

from kontum_crawler.handlers.download import AnswerRefused
from kontum_crawler.middlewares.refusals import Stopped
from kontum_crawler.middlewares.retries import ERRORS, PASSING, retry_after
from kontum_crawler.warc.records import Exchange

if TYPE_CHECKING:
    from kontum_crawler.spiders.archived import ArchivedSpider

TOO_MANY = 429
OVERLOADED = (TOO_MANY, 503)
FIREWALL = 3600.0  # seconds; a service that refuses connections has shut us out
BLOCKED = 24 * 3600.0
UNRESOLVED = b"revisit record could not be loaded"


class ServiceMiddleware:
    """Keeps the manners of one run towards the services that it asks.

    meta: `what` (list or capture), `tries` (how often it may be asked in all), `kept` (a field of a
    record's header: each answer is written to the WARC as a capture of its own with that field, as
    those of lists are, and left in `seen`).
    """

    def __init__(self, crawler: Crawler) -> None:
        spider = cast("ArchivedSpider", crawler.spider)
        self.session, self.manners = spider.session, spider.manners

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ServiceMiddleware":
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let the request pass when it is its turn. Raises Stopped."""
        await self.manners.turn(request.url, request.meta["what"])

    async def process_response(self, request: Request, response: Response) -> Response | Request:
        """Give back the answer, or the request for another try."""
        await self._count(request)
        is_capture = "Memento-Datetime" in response.headers
        failed = response.status in PASSING and not is_capture and UNRESOLVED not in response.body
        if response.status != TOO_MANY or not self.manners.service(request.url).resting:
            self.manners.count(request.url, failed=failed)
        if response.status == 403 and not is_capture and request.meta.get("walled"):
            self._shut_out(request.url, BLOCKED, "it answers 403, which means that it blocks us")
        if not failed:
            return response
        told = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
        return await self._again(request, response.status, told) or response

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """The request for another try; None where the failure stands."""
        await self._count(request)
        if isinstance(exception, AnswerRefused):
            return self._uncoded(request)
        if not isinstance(exception, ERRORS):
            return None
        self.manners.count(request.url, failed=True)
        if isinstance(exception, DownloadConnectionRefusedError):
            service = self.manners.service(request.url)
            if not service.loopback:
                self._shut_out(request.url, FIREWALL, "it refuses connections")
        tries = 2 if isinstance(exception, DownloadTimeoutError) else 3
        request.meta["tries"] = min(tries, request.meta.get("tries", 3))
        return await self._again(request, None, None)

    def _uncoded(self, request: Request) -> Request | None:
        """Ask once more without content coding, for archives that send what they do not declare."""
        if request.meta["what"] != "capture" or request.headers.get("Accept-Encoding") != b"gzip":
            return None
        headers = request.headers.copy()
        headers["Accept-Encoding"] = "identity"
        return request.replace(headers=headers, dont_filter=True)

    async def _again(
        self, request: Request, status: int | None, told: float | None
    ) -> Request | None:
        service = self.manners.service(request.url)
        # Too many requests is no word on this one.
        tried = request.meta.get("tried", 0) + (status != TOO_MANY)
        overloaded = status in OVERLOADED
        if overloaded:
            self.manners.overloaded(request.url, told)
        elif told is not None:
            self.manners.pause(request.url, told)
        if service.given_up:
            raise Stopped(service.given_up)
        if tried >= request.meta.get("tries", 3) or self.session.stopping.is_set():
            return None
        if told is None and not overloaded:
            await self.manners.before_again(request.url, tried)
        return request.replace(meta={**request.meta, "tried": tried}, dont_filter=True)

    def _shut_out(self, url: str, seconds: float, reason: str) -> None:
        if not self.manners.service(url).loopback:
            self.manners.pause(url, seconds)
        self.manners.give_up(url, reason)

    async def _count(self, request: Request) -> None:
        """Count what went over the wire, and keep the answers of lists."""
        counts = self.session.counts
        counts.requests += bool(request.meta.pop("sent", False))
        counts.bytes += request.meta.pop("received", 0)
        exchange: Exchange | None = request.meta.get("exchange")
        mark: tuple[str, str] | None = request.meta.get("kept")
        if exchange is not None and mark is not None:
            request.meta["seen"]["exchange"] = exchange
            exchange = replace(exchange, extra=(*exchange.extra, mark))
            captured = await self.session.keeper.capture(exchange)
            self.session.keeper.keep(captured, None)
