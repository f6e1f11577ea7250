"""Captures of Common Crawl: one index a crawl, pages of it by number, records by range of bytes.

The list may come from local files of the columnar index instead.
"""

import json
import re
from itertools import islice
from typing import Any, ClassVar
from urllib.parse import urlencode

from scrapy import Request

from kontum_crawler.archives import services
from kontum_crawler.archives.lists import AT_ONCE, Page, message_of
from kontum_crawler.archives.ranges import byte_range, read_range
from kontum_crawler.archives.replay import Copy
from kontum_crawler.spiders.archived import CAPTURE_LIMITS, KEPT, ArchivedSpider, Reply
from kontum_crawler.store.plan import Entry
from kontum_crawler.warc.records import Exchange, Original

TRIES = 3
SLACK = 65_536  # bytes that an answer may be longer than the record, before it is cut off
PAGES = re.compile(rb"\s*(\d+)\s*")


class CommonCrawlSpider(ArchivedSpider):
    """Fill the archive of a portal from Common Crawl."""

    name = "commoncrawl"
    origin: ClassVar[str] = "commoncrawl"

    async def lists(self) -> None:
        """Ask each crawl's index for each host; finished crawls of the public service only once."""
        open_plan = self.plan.is_open(self.scope, self.session.run.id)
        if self.session.options.columnar is not None:
            self._columnar()
            return
        for index in await self._indexes():
            for host in self.hosts():
                query = f"{index['id']} {host}/*"
                position, complete, _ = self.plan.position(query, self.span)
                lasting = not self.manners.service(self.cdx_url).loopback
                if complete and (open_plan or lasting):
                    continue
                start = int(position) if open_plan and position else 0
                await self._host(query, str(index["cdx-api"]), host, start)

    async def _indexes(self) -> list[dict[str, Any]]:
        """The crawls whose captures may lie in the days asked for, the newest first as listed."""
        good = await self._good(self.cdx_url, "collinfo.json")
        if good is None:
            return []
        try:
            told = json.loads(good[0].body)
            found = [one for one in told if isinstance(one, dict) and one.get("cdx-api")]
            if not isinstance(told, list):
                raise ValueError("no list")
        except (ValueError, TypeError):
            self._problem("collinfo.json", "the answer is no list of crawls")
            return []
        return [{"id": one["cdx-api"], **one} for one in found if self._overlaps(one)]

    def _overlaps(self, index: dict[str, Any]) -> bool:
        first, last = (re.sub(r"\D", "", str(index.get(name) or "")) for name in ("from", "to"))
        return not (
            (self.scope.first and last and last < self.scope.first[: len(last)])
            or (self.scope.last and first and first > self.scope.last[: len(first)])
        )

    async def _host(self, query: str, api: str, host: str, start: int) -> None:
        """Read one crawl's list of one host, page by page."""
        said = {"url": f"{host}/*", "output": "json"}
        if self.scope.first:
            said["from"] = self.scope.first
        if self.scope.last:
            said["to"] = self.scope.last
        joint = "&" if "?" in api else "?"
        base = f"{api}{joint}{urlencode(said)}"
        good = await self._good(f"{base}&showNumPages=true", query)
        if good is None:
            return
        pages = _pages(good[0].body)
        if pages is None:
            # A server without pages gives the list itself.
            self.note(self.planned(good[0].body), query, None, complete=True)
            return
        for number in range(start, pages):
            good = await self._good(f"{base}&page={number}", query)
            if good is None:
                return
            last = number + 1 == pages
            self.note(good[1], query, None if last else str(number + 1), complete=last)
        if start >= pages:
            self.note(Page(), query, None, complete=True)

    async def _good(self, url: str, query: str) -> tuple[Reply, Page] | None:
        """The answer to a question about lists; None, with a problem, where there is no good one.

        The lines of a page are planned then. 404 with a message means that nothing is listed.
        """
        fault = ""
        for tried in range(TRIES):
            await self.manners.before_again(url, tried)
            if not self.manners.may_ask(url):
                return None
            reply = await self.ask(url, walled=True)
            told = message_of(reply.body)
            if reply.status == 404 and told:
                return Reply(404, b""), Page()
            if reply.status == 200 and reply.whole:
                page = self.planned(reply.body) if "&page=" in url else Page()
                if not page.fault and not reply.body.lstrip().startswith(b"<"):
                    return reply, page
                fault = page.fault or "the answer is a page, not a list"
            elif reply.status == 400 and "&page=" in url:
                return Reply(404, b""), Page()
            else:
                fault = reply.error or f"the server answered {reply.status}{_in_brackets(told)}"
        if self.manners.may_ask(url):
            self._problem(query, f"{fault}; {KEPT}")
        return None

    def _columnar(self) -> None:
        """Take the list from Parquet files at hand."""
        from kontum_crawler.archives.columnar import read_columnar

        path = self.session.options.columnar
        assert path is not None
        rows = read_columnar(path, self.portal.hosts)
        while lines := list(islice(rows, AT_ONCE)):
            self.add_lines(lines)
        self.note(Page(), f"columnar {path}", None, complete=True)

    def _problem(self, query: str, message: str) -> None:
        self.session.problem(self.cdx_url, "list", f"{query}: {message}")

    def wanted(self, entry: Entry) -> Request:
        first, last = byte_range(entry.listed)
        limits = {"download_maxsize": last - first + 1 + SLACK, "walled": True}
        made = self.parse_request(entry, self.source_uri(entry), **CAPTURE_LIMITS | limits)
        headers = {"Accept": "*/*", "Range": f"bytes={first}-{last}"}
        return Request(headers=headers | {"Accept-Encoding": "identity"}, **made)

    def asks(self, entry: Entry) -> str:
        return self.source_uri(entry)

    def source_uri(self, entry: Entry) -> str:
        return services.data_url(self.cdx_url, entry.listed.filename or "")

    def read(self, entry: Entry, exchange: Exchange, url: str) -> Copy | Original:
        return read_range(entry.listed, exchange, self.source_uri(entry))


def _pages(body: bytes) -> int | None:
    """How many pages a list has; None where the answer is the list itself."""
    if match := PAGES.fullmatch(body):
        return int(match[1])
    try:
        told = json.loads(body) if body.strip() else {"pages": 0}
    except ValueError:
        return None
    pages = told.get("pages") if isinstance(told, dict) else None
    return pages if isinstance(pages, int) else None


def _in_brackets(text: str | None) -> str:
    return f" ({text})" if text else ""
