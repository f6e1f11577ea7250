"""How services that serve captures are treated: one pace a service, and a pause when it asks.

A pause stops every request to the service, and is kept in the archive, so that a run that starts
again does not begin with a burst.
"""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from kontum_crawler import clock
from kontum_crawler.archives.services import Rates, rates_of
from kontum_crawler.middlewares.refusals import Stopped
from kontum_crawler.middlewares.retries import stopped_within
from kontum_crawler.pipelines.session import Session
from kontum_crawler.spiders.pace import is_loopback

KEEP = (
    "INSERT INTO archive_pauses VALUES (?, ?)"
    " ON CONFLICT DO UPDATE SET until = max(until, excluded.until)"
)
FAILURES = 12
HALVED_AT_MOST = 8.0
SOON = 5.0
SOON_ON_LOOPBACK = 0.1
"""Seconds before a second try, twice as many before a third."""
REST = 60.0
"""Seconds, doubled each time, for an overloaded service that names no pause of its own."""
REST_OF_LOOPBACK = 0.5
LONGEST_OF_LOOPBACK = 2.0


@dataclass(slots=True)
class Service:
    """One service, by host and port: its rates, until when it rests, how it has answered.

    rests: how often in a row it was overloaded.
    """

    name: str
    rates: Rates
    loopback: bool
    rests_until: float = 0.0
    slower: float = 1.0
    rests: int = 0
    failures: int = 0
    given_up: str | None = None
    next_at: dict[str, float] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def resting(self) -> bool:
        """Whether nothing may be asked now; what comes then was asked before, and is no news."""
        return self.rests_until > time.monotonic()


class Manners:
    """All services that one run asks. longest: seconds; a longer pause ends the run's asking."""

    def __init__(self, session: Session, longest: float) -> None:
        self.session = session
        self.longest = longest
        self._services: dict[str, Service] = {}

    def service(self, url: str) -> Service:
        """The service behind an address."""
        name = urlsplit(url).netloc.lower()
        if name not in self._services:
            loopback = is_loopback(url)
            service = Service(name, rates_of(url, loopback=loopback), loopback)
            self._services[name] = service
            self._remember(service)
        return self._services[name]

    def may_ask(self, url: str) -> bool:
        """Whether a service may be asked in this run."""
        return self.service(url).given_up is None and not self.session.stopping.is_set()

    async def turn(self, url: str, what: str) -> None:
        """Return when a request may go out. what: `list` or `capture`. Raises Stopped."""
        service = self.service(url)
        async with service.lock:
            while True:
                if service.given_up or self.session.stopping.is_set():
                    raise Stopped(service.given_up or "the run is ending")
                now = time.monotonic()
                wait = max(service.rests_until, service.next_at.get(what, 0.0)) - now
                if wait <= 0:
                    break
                await stopped_within(self.session, wait)
            service.next_at[what] = time.monotonic() + self._delay(service, what)

    async def before_again(self, url: str, tried: int) -> None:
        """Wait a little before what failed is asked for again. tried: how often it was."""
        soon = SOON_ON_LOOPBACK if self.service(url).loopback else SOON
        await stopped_within(self.session, soon * tried)

    def pause(self, url: str, seconds: float) -> None:
        """Ask the service nothing for a while; it asked for that, or is overloaded."""
        service = self.service(url)
        service.rests_until = max(service.rests_until, time.monotonic() + seconds)
        archive = self.session.archive
        until = clock.utc(clock.now() + timedelta(seconds=seconds))
        with archive.transaction():
            archive.db.execute(KEEP, (service.name, until))
        if seconds > self.longest:
            self.give_up(url, f"it asks for a pause of {seconds:,.0f} seconds")

    def overloaded(self, url: str, told: float | None) -> None:
        """Let a service rest that is asked too much, and ask half as often from then on.

        told: seconds that it named.
        """
        service = self.service(url)
        resting = service.resting
        if not resting:
            service.rests += 1
            service.slower = min(service.slower * 2, HALVED_AT_MOST)
        if told is not None:
            self.pause(url, told)
        elif not resting:
            self.pause(url, self._rest(service))

    def give_up(self, url: str, reason: str) -> None:
        """Ask the service nothing more in this run; a problem says why."""
        service = self.service(url)
        if service.given_up is None:
            service.given_up = f"{service.name}: {reason}"
            message = f"{service.given_up}; the rest of the plan waits for the next run"
            self.session.problem(url, "fetch", message)

    def count(self, url: str, *, failed: bool) -> None:
        """Count failures in a row; a service that only fails is given up for this run."""
        service = self.service(url)
        service.failures = service.failures + 1 if failed else 0
        service.rests = service.rests if failed else 0
        if service.failures >= FAILURES:
            self.give_up(url, f"{service.failures} requests in a row failed")

    def _rest(self, service: Service) -> float:
        if service.loopback:
            return min(REST_OF_LOOPBACK * 2.0 ** (service.rests - 1), LONGEST_OF_LOOPBACK)
        return REST * 2.0 ** (service.rests - 1)

    def _delay(self, service: Service, what: str) -> float:
        rates = service.rates
        own = rates.list_delay if what == "list" else rates.capture_delay
        return max(own * service.slower, self.session.options.delay or 0.0)

    def _remember(self, service: Service) -> None:
        """Take up a pause that an earlier run was asked for."""
        row = self.session.archive.db.execute(
            "SELECT until FROM archive_pauses WHERE service = ?", (service.name,)
        ).fetchone()
        if row is None:
            return
        left = (clock.parse_utc(row[0]) - clock.now()).total_seconds()
        if left > 0:
            service.rests_until = time.monotonic() + left
        if left > self.longest:
            reason = f"{service.name}: it asked for a pause until {row[0]}"
            service.given_up = reason
            message = f"{reason}; the plan waits for a later run"
            self.session.problem(None, "fetch", message)
