"""robots.txt: obeyed on each host, its Crawl-delay applied to the whole portal.

Source: RFC 9309. An answer of 4xx allows everything; one of 5xx, or none at all, forbids
everything: then the portal is left alone in this run, and that is a problem.
"""

import asyncio
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from kontum_crawler import urls
from kontum_crawler.middlewares import spider_of
from kontum_crawler.middlewares.refusals import HostClosed, RobotsForbids, Stopped
from kontum_crawler.spiders.breaker import host_of

LARGEST = 512_000
REDIRECTS = 5


class RobotsMiddleware:
    """Asks each host for its rules once a run, before anything else is asked of it."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.spider = spider_of(crawler)
        self.session = self.spider.session
        self.agent: str = crawler.settings["USER_AGENT"]
        self._rules: dict[str, asyncio.Task[Protego | None]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RobotsMiddleware":
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let the request pass. Raises RobotsForbids or HostClosed."""
        if request.meta.get("robots"):
            return
        if (reason := self.spider.breaker.why_closed(request.url)) is not None:
            raise HostClosed(reason)
        origin = urlsplit(request.url)._replace(path="", query="", fragment="").geturl()
        if origin not in self._rules:
            self._rules[origin] = asyncio.ensure_future(self._read(origin))
        rules = await asyncio.shield(self._rules[origin])
        if rules is None:
            raise HostClosed(f"{origin}/robots.txt could not be read, so nothing is fetched there")
        if not rules.can_fetch(request.url, self.agent):
            raise RobotsForbids("robots.txt does not allow it")

    async def _read(self, origin: str) -> Protego | None:
        try:
            response = await self._fetch(f"{origin}/robots.txt")
        except Stopped:
            raise
        except Exception as error:
            dead = self.spider.breaker.is_dead_by(error)
            self._closed(origin, str(error) or type(error).__name__, dead=dead)
            return None
        if response is None or (400 <= response.status < 500 and response.status != 429):
            return self._obeyed(Protego.parse(""), origin)
        if response.status >= 400:
            self._closed(origin, f"the server answered {response.status}")
            return None
        text = response.body[:LARGEST].decode("utf-8", "replace")
        return self._obeyed(Protego.parse(text), origin)

    def _obeyed(self, rules: Protego, origin: str) -> Protego:
        self.spider.obey(
            _delay(rules, self.agent),
            list(rules.sitemaps),
            origin,
            lambda url: bool(rules.can_fetch(url, self.agent)),
        )
        return rules

    async def _fetch(self, url: str) -> Response | None:
        """The file, through redirects on the portal's hosts; None where they lead astray."""
        for _ in range(REDIRECTS + 1):
            request = Request(
                url, callback=NO_CALLBACK, dont_filter=True, meta={"robots": True, "kind": "text"}
            )
            request.meta.update(self.spider.limits("text"))
            response = await self.crawler.engine.download_async(request)
            final = response.request or request
            capture = final.meta.get("capture")
            if capture is not None:
                self.session.keeper.keep(capture, None)
            location = response.headers.get("Location")
            if not 300 <= response.status < 400 or not location:
                return response
            target = urls.joined(url, location.decode("latin-1"))
            if target is None or self.spider.portal.kind(target) is None or target == url:
                return None
            url = target
        return None

    def _closed(self, origin: str, reason: str, *, dead: bool = False) -> None:
        breaker = self.spider.breaker
        breaker.give_up(host_of(origin), f"robots.txt: {reason}", dead=dead, quiet=True)
        message = f"robots.txt: {reason}; nothing was fetched from this host"
        self.session.problem(f"{origin}/robots.txt", "robots", message)


def _delay(rules: Protego, agent: str) -> float:
    """Seconds between two requests that the rules ask for, in either of their words."""
    delay = rules.crawl_delay(agent) or 0.0
    rate = rules.request_rate(agent)
    return max(float(delay), rate.seconds / rate.requests if rate and rate.requests else 0.0)
