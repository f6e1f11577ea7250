"""No harm to a small server: pauses that it asks for, budgets, and an end to hopeless attempts."""

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from kontum_crawler.middlewares import spider_of
from kontum_crawler.middlewares.refusals import OffSite, Stopped
from kontum_crawler.middlewares.retries import stopped_within


class PolitenessMiddleware:
    """Holds requests back while the portal rests, and refuses those that lead off it."""

    def __init__(self, crawler: Crawler) -> None:
        spider = spider_of(crawler)
        self.pace, self.session, self.portal = spider.pace, spider.session, spider.portal
        self.most_failures: int = crawler.settings.getint("KONTUM_FAILURES_IN_A_ROW")
        self.failures = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "PolitenessMiddleware":
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let the request pass, after the portal's rest. Raises OffSite or Stopped."""
        if self.portal.kind(request.url) is None:
            raise OffSite(f"{request.url} is not on the portal's hosts")
        while (rest := self.pace.rest()) > 0:
            if self.pace.ending or await stopped_within(self.session, rest):
                break
        if self.session.stopping.is_set() or self.pace.ending:
            raise Stopped("the run is ending")

    def process_response(self, request: Request, response: Response) -> Response:
        """Count failures in a row; a host that only fails is given up for this run."""
        self._count(failed=response.status >= 500 or response.status == 429)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Count a failure; a refusal of ours is none."""
        if not isinstance(exception, IgnoreRequest):
            self._count(failed=True)

    def _count(self, *, failed: bool) -> None:
        self.failures = self.failures + 1 if failed else 0
        if self.failures == self.most_failures:
            self.pace.give_up(f"{self.failures} requests in a row failed")
