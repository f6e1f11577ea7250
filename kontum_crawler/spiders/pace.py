"""How fast a portal is asked, and when no more is asked of it in this run."""

import asyncio
import ipaddress
import time
from datetime import datetime
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.extensions.throttle import AutoThrottle

from kontum_crawler.middlewares.refusals import HostClosed, Stopped
from kontum_crawler.middlewares.retries import stopped_within
from kontum_crawler.pipelines.session import Session
from kontum_crawler.portals import Portal
from kontum_crawler.spiders.breaker import Breaker

DEEPER_EVERY = 7  # runs
DEEPER_PAGES = 5
MARGIN = 0.01  # seconds; so that gaps seen by the server are never shorter than the delay


class Pace:
    """Delay, pauses, budget and end of one portal's crawl; all its hosts share one slot.

    home: the host where the walk begins. ending: nothing more is asked in this run; what is queued
    stays so.
    """

    def __init__(
        self, crawler: Crawler, portal: Portal, session: Session, breaker: Breaker, home: str
    ) -> None:
        self.crawler = crawler
        self.portal = portal
        self.session = session
        self.breaker = breaker
        self.home = home
        self.limits = session.config.limits_of(portal.key)
        self.budget = session.budgets.of(portal.key)
        self.loopback = asks_itself(session, portal)
        self.delay = self._own_delay()
        self.ending = False
        self.in_flight = 0
        self._until = 0.0
        self._sent_at = 0.0
        self._turns = asyncio.Lock()

    def _own_delay(self) -> float:
        if self.session.options.delay is not None:
            return self.session.options.delay
        if self.limits.delay is not None:
            return self.limits.delay
        return 0.0 if self.loopback else self.portal.delay

    @property
    def concurrency(self) -> int:
        """Requests in flight at most, over all hosts of the portal."""
        return min(4, self.limits.concurrency or (4 if self.loopback else self.portal.concurrency))

    def slot(self) -> dict[str, float]:
        """The portal's download slot, as DOWNLOAD_SLOTS has it."""
        delay = self.delay + MARGIN if self.delay else 0.0
        return {"concurrency": self.concurrency, "delay": delay, "jitter": 0.0}

    def slow_down(self, delay: float) -> None:
        """Wait at least so many seconds between two requests, from now on."""
        if delay <= self.delay:
            return
        self.delay = delay
        downloader = self.crawler.engine.downloader
        downloader.per_slot_settings[self.portal.key] = self.slot()
        if slot := downloader.slots.get(self.portal.key):
            slot.delay = max(slot.delay, delay + MARGIN)
        if throttle := self.crawler.get_extension(AutoThrottle):
            throttle.mindelay = max(throttle.mindelay, delay + MARGIN)

    def pause(self, seconds: float) -> None:
        """Ask nothing for a while, since the portal said so."""
        self._until = max(self._until, time.monotonic() + seconds)

    async def turn(self, request: Request) -> None:
        """Return when a request may go out, as the last thing before it does.

        It may have waited for its delay while another answer asked for a rest, closed the host or
        spent the budget. Raises Stopped or HostClosed.
        """
        async with self._turns:
            while (wait := self._wait()) > 0:
                if self.ending or await stopped_within(self.session, wait):
                    break
            if self.ending or self.session.stopping.is_set():
                raise Stopped("the run is ending")
            reason = self.breaker.why_closed(request.url)
            if reason is not None and not request.meta.get("robots"):
                raise HostClosed(reason)
            if self.budget.is_spent:
                raise Stopped("the budget of the run is spent")
            self.budget.asked += 1
            self._sent_at = time.monotonic()

    def _wait(self) -> float:
        return max(self.rest(), self._sent_at + self.slot()["delay"] - time.monotonic())

    def patience(self) -> int:
        """Pages without news after which a listing is left; more of them every so many runs."""
        every = self.limits.deeper_every or DEEPER_EVERY
        runs = self.session.archive.sources.runs_since_deep(self.portal.key)
        return 1 + (self.limits.deeper_pages or DEEPER_PAGES) if runs + 1 >= every else 1

    def rest(self) -> float:
        """Seconds for which nothing may be asked."""
        return max(0.0, self._until - time.monotonic())

    def may_ask(self) -> bool:
        """Whether another request may be sent now."""
        if self.ending or self.session.stopping.is_set() or self.rest() > 0:
            return False
        if self.in_flight > 0 and self.breaker.asks_alone(self.home):
            return False
        return not self.budget.is_spent and not self._quiet() and not self._enough()

    def waits(self) -> bool:
        """Whether it may be possible later in this run."""
        if self.ending or self.session.stopping.is_set():
            return False
        busy = self._enough() or self.breaker.asks_alone(self.home)
        return self.rest() > 0 or (self.in_flight > 0 and busy)

    def _enough(self) -> bool:
        limit = self.session.options.limit
        if limit is None:
            return False
        held = len(self.session.counts.articles) - self.session.counts.number("gone")
        return held + self.in_flight >= limit

    def _quiet(self) -> bool:
        hours = self.limits.quiet_hours
        return hours is not None and hours.hold(datetime.now(self.portal.zone).time())


def asks_itself(session: Session, portal: Portal) -> bool:
    """Whether a run asks this machine, and no portal."""
    return is_loopback(session.options.base_url or f"http://{portal.hosts[0]}/")


def is_loopback(url: str) -> bool:
    """Whether an address names this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
