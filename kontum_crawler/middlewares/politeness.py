"""No harm to a small server: pauses that it asks for, budgets, and an end to hopeless attempts."""

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from kontum_crawler.middlewares import spider_of
from kontum_crawler.middlewares.refusals import HostClosed, OffSite, Stopped
from kontum_crawler.middlewares.retries import stopped_within

PAGES = ("listing", "article", "other", "sitemap", "feed")
"""Kinds of address that a host which lets us in does not forbid."""


class PolitenessMiddleware:
    """Holds requests back while the portal rests, and refuses those that lead off it."""

    def __init__(self, crawler: Crawler) -> None:
        spider = spider_of(crawler)
        self.pace, self.session, self.portal = spider.pace, spider.session, spider.portal
        self.breaker = spider.breaker

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "PolitenessMiddleware":
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let the request pass, after the portal's rest. Raises OffSite, HostClosed or Stopped."""
        if self.portal.kind(request.url) is None:
            raise OffSite(f"{request.url} is not on the portal's hosts")
        while (rest := self.pace.rest()) > 0:
            if self.pace.ending or await stopped_within(self.session, rest):
                break
        if self.session.stopping.is_set() or self.pace.ending:
            raise Stopped("the run is ending")
        if (reason := self.breaker.why_closed(request.url)) is not None:
            raise HostClosed(reason)

    def process_response(self, request: Request, response: Response) -> Response:
        """Count failures in a row; a host that only fails, or shuts us out, is given up."""
        shut_out = response.status in (401, 403) and request.meta.get("kind") in PAGES
        failed = response.status >= 500 or response.status == 429 or shut_out
        self.breaker.count(request, failed=failed, connected=True)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Count a failure; a refusal of ours is none."""
        if not isinstance(exception, IgnoreRequest):
            connected = not self.breaker.is_dead_by(exception)
            self.breaker.count(request, failed=True, connected=connected)
