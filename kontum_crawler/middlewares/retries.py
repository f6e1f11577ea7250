"""What may pass is asked again: a few times, some seconds apart, or when the server says so."""

import asyncio
import logging
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Response

from kontum_crawler.middlewares import spider_of
from kontum_crawler.pipelines.session import Session
from kontum_crawler.spiders.breaker import host_of

PASSING = {408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524}
ERRORS = (
    DownloadTimeoutError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    ResponseDataLossError,
)
LONGEST_TOLD = 366 * 86_400.0  # seconds; whoever names more means the same
log = logging.getLogger(__name__)


class RetryMiddleware:
    """Asks again after a passing failure; the try that failed is captured and kept by itself."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        spider = spider_of(crawler)
        self.session, self.pace, self.breaker = spider.session, spider.pace, spider.breaker
        self.tries: int = settings.getint("KONTUM_TRIES")
        self.tries_after_timeout: int = settings.getint("KONTUM_TRIES_AFTER_TIMEOUT")
        delays = [float(delay) for delay in settings.getlist("KONTUM_RETRY_DELAYS")]
        # This machine itself needs no rest between two tries.
        self.delays = [delay / 20 for delay in delays] if self.pace.loopback else delays
        self.longest: float = settings.getfloat("KONTUM_LONGEST_PAUSE")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RetryMiddleware":
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response | Request:
        """Give back the answer, or the request for another try."""
        if response.status not in PASSING:
            return response
        told = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
        if told is not None and told > self.longest:
            reason = f"the server asks for a pause of {told:,.0f} seconds"
            self.breaker.give_up(host_of(request.url), reason, asked=told)
            return response
        if told is not None:
            self.pace.pause(told)
        again = await self._again(request, self.tries, told)
        return again or response

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """The request for another try, or None where the failure stands."""
        if not isinstance(exception, ERRORS):
            return None
        timeout = isinstance(exception, DownloadTimeoutError)
        return await self._again(request, self.tries_after_timeout if timeout else self.tries)

    async def _again(
        self, request: Request, tries: int, told: float | None = None
    ) -> Request | None:
        tried = request.meta.get("tried", 0) + 1
        if tried >= tries or self.session.stopping.is_set():
            return None
        capture = request.meta.pop("capture", None)
        if capture is not None:
            self.session.keeper.keep(capture, None)
        wait = told if told is not None else self.delays[min(tried, len(self.delays)) - 1]
        log.debug("trying %s again in %.1f s", request.url, wait)
        if await stopped_within(self.session, wait):
            # The lease is given back when the run ends.
            request.meta["capture"] = None
        return request.replace(meta={**request.meta, "tried": tried}, dont_filter=True)


def retry_after(header: bytes | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, in either of its forms; None for neither."""
    if not header:
        return None
    text = header.decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:12]), LONGEST_TOLD)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - now).total_seconds()), LONGEST_TOLD)


async def stopped_within(session: Session, seconds: float) -> bool:
    """Wait; True as soon as the run is being stopped."""
    try:
        await asyncio.wait_for(session.stopping.wait(), seconds)
    except TimeoutError:
        return False
    return True
