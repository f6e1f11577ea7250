"""Scrapy's scheduler over the archive's frontier: no queue of its own that a crash could lose.

Requests made by middlewares (another try) wait in memory, their lease in the frontier.
"""

from collections import deque
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import Crawler

from kontum_crawler import clock
from kontum_crawler.errors import KontumError
from kontum_crawler.store.frontier import Visit

AHEAD = 8


class FrontierScheduler:
    """Leases what is due, a few at a time, and gives back what was not used."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.lease_seconds: int = crawler.settings.getint("KONTUM_LEASE_SECONDS")
        self._again: deque[Request] = deque()
        self._leased: deque[Visit] = deque()
        self._empty: tuple[int, str] | None = None
        self._spider: Any = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "FrontierScheduler":
        return cls(crawler)

    def open(self, spider: Spider) -> None:
        """Begin with the frontier of the spider's archive."""
        self._spider = spider
        self.frontier = self._spider.session.archive.frontier

    def close(self, reason: str) -> None:
        """Give back the leases that were not used."""
        if self._spider is not None and self._spider.session.failure is None:
            unused = [visit.url for visit in self._leased]
            unused += [request.meta["visit"].url for request in self._again]
            self.frontier.release(unused)

    def enqueue_request(self, request: Request) -> bool:
        """Take a request for another try; addresses go through the frontier instead."""
        if "visit" not in request.meta:
            return False
        self._again.append(request)
        return True

    def has_pending_requests(self) -> bool:
        """Whether anything may still be fetched in this run."""
        if self._again:
            return True
        if not self._spider.pace.may_ask():
            return bool(self._spider.pace.waits())
        return bool(self._leased) or self._fill()

    def next_request(self) -> Request | None:
        """The most urgent request that may be sent now."""
        if self._again:
            return self._again.popleft()
        while self._spider.pace.may_ask() and (self._leased or self._fill()):
            request = self._request(self._leased.popleft())
            if request is not None:
                return request
        return None

    def _request(self, visit: Visit) -> Request | None:
        try:
            request: Request | None = self._spider.request(visit)
        except KontumError as error:
            # The event loop would only log it, and the run would wait for ever.
            self._spider.session.fail(error)
            return None
        return request

    def _fill(self) -> bool:
        now = clock.now()
        asked = (self.frontier.stirred, clock.utc(now))
        if asked == self._empty:
            return False
        portal = self._spider.portal.key
        try:
            found = self.frontier.lease_many(now, self.lease_seconds, AHEAD, portal)
        except KontumError as error:
            self._spider.session.fail(error)
            return False
        # A clock that jumps ahead ends leases early, also those of what is in flight here.
        held = {visit.url for visit in self._leased} | self._spider.in_hand
        fresh = [visit for visit in found if visit.url not in held]
        self._leased.extend(fresh)
        self._empty = None if found else asked
        return bool(fresh)
