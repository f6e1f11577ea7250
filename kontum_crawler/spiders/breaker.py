"""Hosts that only fail are given up, remembered over runs, and asked again with one question.

A host is given up when a dozen answers in a row are failures, when its robots.txt cannot be had, or
when it asks for a long pause. It then rests, longer each time. The first run after its rest asks
one thing at a time until the host has answered once; one failure more, and it rests again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)

from kontum_crawler import clock
from kontum_crawler.errors import KontumError
from kontum_crawler.pipelines.session import Session
from kontum_crawler.portals import Portal
from kontum_crawler.store.breakers import RESTS

DEAD = (CannotResolveHostError, DownloadFailedError, DownloadTimeoutError)


class Breaker:
    """The hosts of one portal in one run.

    closed: hosts that are not asked in this run, and why. dead: those of them to which there is no
    connection, so that a mirror may stand in. most: failures in a row that close a host.
    """

    def __init__(self, session: Session, portal: Portal, *, most: int, loopback: bool) -> None:
        self.session = session
        self.portal = portal
        self.most = most
        rests = session.config.limits_of(portal.key).rests
        self.rests = rests if rests is not None else ((0.0,) if loopback else RESTS)
        self.closed: dict[str, str] = {}
        self.dead: set[str] = set()
        self._failures: dict[str, int] = {}
        self._connected: set[str] = set()
        self._good: set[str] = set()
        opened = session.archive.breakers.every(portal.key)
        self._half_open = {each.host for each in opened}
        # Whoever names an address, or asks for everything, wants an answer now.
        insists = session.options.full or bool(session.options.start_urls)
        for each in opened:
            if each.rests(clock.now()) and not insists:
                self.closed[each.host] = each.reason
                self.dead |= {each.host} if each.dead else set()
                runs = f"in {each.runs} runs in a row" if each.runs > 1 else "in the last run"
                self._tell(each.host, f"left alone until {each.rests_until}; {runs} {each.reason}")

    def why_closed(self, url: str) -> str | None:
        """Why the host of an address is not asked in this run; None where it is."""
        return self.closed.get(host_of(url))

    def is_dead_by(self, error: Exception) -> bool:
        """Whether a failure means that nobody is there, rather than that an answer broke off.

        With a base address, which stands for all hosts, a refused connection tells nothing of one.
        """
        if isinstance(error, DownloadConnectionRefusedError):
            return not self.session.options.base_url
        return isinstance(error, DEAD)

    def asks_alone(self, host: str) -> bool:
        """Whether a host is to be asked one thing at a time, since it has not answered yet."""
        return host in self._half_open and host not in self.closed

    def count(self, request: Request, *, failed: bool, connected: bool) -> None:
        """Count what came of a request; robots.txt is judged by whoever asked for it."""
        host = host_of(request.url)
        if request.meta.get("robots"):
            return
        if connected:
            self._connected.add(host)
        if failed:
            number = self._failures[host] = self._failures.get(host, 0) + 1
            if number >= (1 if host in self._half_open else self.most):
                reason = f"{number} requests in a row failed" if number > 1 else "it failed again"
                self.give_up(host, reason, dead=host not in self._connected)
            return
        self._failures[host] = 0
        self._good.add(host)
        if self.asks_alone(host):
            self._half_open.discard(host)
            with ending_run(self.session):
                self.session.archive.breakers.close(host)

    def end(self) -> None:
        """Give up the hosts that answered nothing in the whole run, however little was asked."""
        for host, number in self._failures.items():
            if number and host not in self._good:
                reason = "each request failed" if number > 1 else "the one request failed"
                self.give_up(host, reason, dead=host not in self._connected)

    def give_up(
        self,
        host: str,
        reason: str,
        *,
        dead: bool = False,
        asked: float = 0.0,
        quiet: bool = False,
    ) -> None:
        """Ask a host nothing more in this run. asked: seconds of rest that it named itself.

        quiet: the problem is told by the caller.
        """
        if host in self.closed:
            return
        self.closed[host] = reason
        if dead:
            self.dead.add(host)
        with ending_run(self.session):
            now = clock.now()
            opened = self.session.archive.breakers.open(
                host, self.portal.key, reason, now, dead=dead, rests=self.rests, asked=asked
            )
            if not quiet:
                rests = f", not before {opened.rests_until}" if opened.rests(now) else ""
                self._tell(host, f"{reason}; the rest waits for the next run{rests}")

    def _tell(self, host: str, message: str) -> None:
        self.session.problem(f"http://{host}/", "fetch", f"{host}: {message}")


@contextmanager
def ending_run(session: Session) -> Iterator[None]:
    """Scrapy only logs what its parts raise; an archive that takes no more ends the run."""
    try:
        yield
    except KontumError as error:
        session.fail(error)
        raise


def host_of(url: str) -> str:
    """The host of an address, with a port where it has one."""
    return urlsplit(url).netloc.lower()
