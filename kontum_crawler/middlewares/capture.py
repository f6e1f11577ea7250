"""Each try becomes a capture, whatever comes of it: this middleware stands next to the wire."""

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from kontum_crawler.errors import ArchiveError
from kontum_crawler.items import Capture
from kontum_crawler.middlewares import spider_of
from kontum_crawler.pipelines.budget import Budget
from kontum_crawler.pipelines.session import Session


class CaptureMiddleware:
    """Writes the exchange to the WARC and leaves what it Captured in `request.meta["capture"]`.

    Whoever ends the way of the request hands it to the keeper: the spider, or a middleware that
    asks again.
    """

    def __init__(self, session: Session, budget: Budget) -> None:
        self.session = session
        self.budget = budget

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "CaptureMiddleware":
        spider = spider_of(crawler)
        return cls(spider.session, spider.session.budgets.of(spider.portal.key))

    async def process_response(self, request: Request, response: Response) -> Response:
        """Capture an answer."""
        await self._capture(request, response.body if "decoded" in response.flags else None)
        return response

    async def process_exception(self, request: Request, exception: Exception) -> None:
        """Capture what came before the failure."""
        await self._capture(request)

    async def _capture(self, request: Request, decoded: bytes | None = None) -> None:
        request.meta["capture"] = None
        counts = self.session.counts
        counts.requests += bool(request.meta.pop("sent", False))
        received = request.meta.pop("received", 0)
        counts.bytes += received
        self.budget.received += received
        exchange = request.meta.pop("exchange", None)
        if exchange is None:
            return
        try:
            original = request.meta.get("original")
            captured = await self.session.keeper.capture(exchange, original, decoded)
        except ArchiveError as error:
            self.session.fail(error)
            raise
        request.meta["capture"] = captured
        counts.pages += _is_page(captured.capture)


def _is_page(capture: Capture) -> bool:
    return capture.media_type in ("text/html", "application/xhtml+xml")
