"""Captures of the Wayback Machine, and of any archive that speaks its protocol or pywb's.

Lists are asked for host by host and in pages by resumption key; captures are read as stored.
"""

import json
from collections import Counter
from functools import cached_property
from typing import ClassVar
from urllib.parse import urlencode, urljoin, urlsplit

from scrapy import Request

from kontum_crawler.archives import services
from kontum_crawler.archives.lists import Page, message_of
from kontum_crawler.archives.replay import NOT_SHOWN, Copy, Refused, read_replay, says_blocked
from kontum_crawler.clock import now, parse_utc
from kontum_crawler.spiders.archived import KEPT, ArchivedSpider, Reply
from kontum_crawler.store.plan import Entry
from kontum_crawler.warc.digests import matches
from kontum_crawler.warc.records import Exchange, Original

LIMIT = 10_000
TRIES = 3
STALE = 7 * 24 * 3600.0
BLOCKED_AFTER = 5


class WaybackSpider(ArchivedSpider):
    """Fill the archive of a portal from a Wayback or pywb archive."""

    name = "wayback"
    origin: ClassVar[str] = "wayback"

    @cached_property
    def _blocked(self) -> Counter[str]:
        """Answers in a row, by host, that say that a host is blocked."""
        return Counter()

    async def lists(self) -> None:
        """Ask for the captures of each host, unless an earlier run left captures to be fetched."""
        open_plan = self.plan.is_open(self.scope, self.session.run.id)
        listed = 0
        asked = False
        for host in self.hosts():
            query = f"{host}/*"
            position, complete, when = self.plan.position(query, self.span)
            fresh = when is not None and (now() - parse_utc(when)).total_seconds() < STALE
            if open_plan and fresh and complete:
                continue
            asked = True
            listed += await self._host(query, position if open_plan and fresh else None)
        if asked and not listed and self.manners.may_ask(self.cdx_url):
            await self._check_collection()

    async def _host(self, query: str, key: str | None) -> int:
        """Read the list of one host to its end; returns how many lines it has."""
        seen: set[str] = set()
        listed = 0
        while self.manners.may_ask(self.cdx_url):
            page = await self._page(query, key)
            if page is None:
                return listed
            if not page.count and page.key is None and not listed and key is None:
                # An empty answer cannot be told from a broken one.
                page = await self._page(query, key) or page
            listed += page.count
            going_on = page.key or self._cut_short(page)
            complete = going_on is None
            if not complete and not await self._border(query, page):
                return listed
            self.note(page, query, going_on, complete=complete)
            if complete:
                return listed
            if going_on in seen:
                self._problem(query, "its resumption keys go round in circles; the list was left")
                return listed
            seen.add(str(going_on))
            key = going_on
        return listed

    async def _page(self, query: str, key: str | None) -> Page | None:
        """One page of a list; None, with a problem, where it cannot be had."""
        return await self._list(query, self._address(query, key))

    async def _list(self, query: str, address: str) -> Page | None:
        fault = ""
        for tried in range(TRIES):
            await self.manners.before_again(self.cdx_url, tried)
            if not self.manners.may_ask(self.cdx_url):
                return None
            reply = await self.ask(address)
            page, fault = self._read_list(reply)
            # What came of a broken one is good, and planned; the rest is asked for again.
            if not fault:
                return page
            if says_blocked(reply.body):
                fault = NOT_SHOWN
                break
        self._problem(query, f"{fault}; {KEPT}")
        return None

    def _read_list(self, reply: Reply) -> tuple[Page, str]:
        """A page of a list, its lines planned already, and what is wrong with it."""
        told = message_of(reply.body)
        if reply.status == 404 and told:
            return Page(), ""
        if reply.status not in (0, 200):
            return Page(), f"the server answered {reply.status}{f' ({told})' if told else ''}"
        if told:
            return Page(), f"the server answered with a message in place of a list ({told})"
        page = self.planned(reply.body)
        if not reply.whole:
            # The last line may be half a one.
            page.bad = 0
            return page, reply.error or "the list breaks off"
        if reply.error:
            return page, reply.error
        return page, page.fault or ""

    def _address(self, query: str, key: str | None) -> str:
        said = {"url": query, "limit": str(LIMIT), "showResumeKey": "true"}
        if self.scope.first:
            said["from"] = self.scope.first
        if self.scope.last:
            said["to"] = self.scope.last
        if key == WHOLE:
            del said["limit"], said["showResumeKey"]
        elif key:
            said["resumeKey"] = key
        return f"{self.cdx_url}?{urlencode(said)}"

    def _cut_short(self, page: Page) -> str | None:
        """Where to go on after a page that is full but names no key.

        pywb has no keys and gives all lines when no limit is asked for.
        """
        if page.count + page.bad < LIMIT or page.last is None:
            return None
        if page.dialect == "cdxj":
            return WHOLE
        return urlencode({"": f"{page.last.key} {page.last.stamp}"})[1:]

    async def _border(self, query: str, page: Page) -> bool:
        """List the second in which a page ends: a key passes over the rest of it.

        False where that cannot be had; the page is to be asked for again then.
        """
        if page.last is None or page.dialect != "wayback":
            return True
        second = {"from": page.last.stamp, "to": page.last.stamp}
        said = {"url": page.last.url, "limit": str(LIMIT), **second}
        return await self._list(query, f"{self.cdx_url}?{urlencode(said)}") is not None

    async def _check_collection(self) -> None:
        """Tell a collection that is not there from one that holds nothing; pywb does not."""
        if self.cdx_url.endswith(services.CDX_PATH):
            return
        name = urlsplit(self.cdx_url).path.strip("/").split("/")[0]
        reply = await self.ask(urljoin(self.cdx_url, "/collinfo.json"))
        try:
            told = json.loads(reply.body)
            names = [*told["fixed"], *told["dynamic"]]
        except (ValueError, KeyError, TypeError):
            return
        if name not in names:
            known = ", ".join(map(str, names)) or "none"
            self._problem(name, f"the archive has no such collection (it has {known})")

    def _problem(self, query: str, message: str) -> None:
        self.session.problem(self.cdx_url, "list", f"{query}: {message}")

    def wanted(self, entry: Entry) -> Request:
        # With gzip allowed, pywb hands out stored gzip bytes as they are.
        made = self.parse_request(entry, self.source_uri(entry))
        return Request(headers={"Accept": "*/*", "Accept-Encoding": "gzip"}, **made)

    def source_uri(self, entry: Entry) -> str:
        listed = entry.listed
        return services.replay_url(services.replay_base(self.cdx_url), listed.stamp, listed.url)

    def read(self, entry: Entry, exchange: Exchange, url: str) -> Copy | Original:
        try:
            copy = read_replay(entry.listed, exchange, self.source_uri(entry))
            self._check_twins(entry, copy)
        except Refused as refused:
            self._note_block(entry, blocked=refused.blocked)
            raise
        self._note_block(entry, blocked=False)
        return copy

    def _check_twins(self, entry: Entry, copy: Copy) -> None:
        """Raise Refused for an answer that is another capture of that second.

        An address of a replay names no more than the second.
        """
        if any(matches(digest, copy.payload) for digest in self.plan.twins(entry)):
            raise Refused("the archive answered with its other capture of that second", final=True)

    def passes_over(self, entry: Entry) -> bool:
        """Whether the archive was seen to show nothing of the entry's host; it stays planned."""
        return self._blocked[_host(entry)] >= BLOCKED_AFTER

    def _note_block(self, entry: Entry, *, blocked: bool) -> None:
        host = _host(entry)
        if self._blocked[host] >= BLOCKED_AFTER:
            return
        self._blocked[host] = self._blocked[host] + 1 if blocked else 0
        if self._blocked[host] == BLOCKED_AFTER:
            told = "the archive shows nothing of this host (blocked or excluded)"
            self._problem(host, f"{told}; the rest of its captures was not asked for")


def _host(entry: Entry) -> str:
    return entry.url_key.partition("/")[0]


WHOLE = "*"
"""Stands for a list without pages where a resumption key would stand."""
