"""The way through a portal: what is known, how deep it is, and where walking on is of no use.

It holds one run's memory of a portal and decides which of the links of a page become rows of the
frontier; it neither fetches nor stores. A link that is known costs one look into a table.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from kontum_crawler import urls
from kontum_crawler.portals import Portal
from kontum_crawler.spiders.discovery import Lead
from kontum_crawler.spiders.ledger import Ledger
from kontum_crawler.spiders.reliability import Reliability
from kontum_crawler.store.frontier import Link

PRIORITY = {
    "sitemap": 900,
    "feed": 890,
    "listing": 400,
    "article": 500,
    "document": 300,
    "other": 200,
    "requisite": 100,
}
FRESH = ((1, 60), (7, 50), (30, 40), (365, 20))
LONGEST_URL = 2000
REMEMBERED = 500_000  # links
REPEATED = re.compile(r"(/[^/]+)(?:/[^/]+)*?\1(?:/[^/]+)*?\1(?:/|$)")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a fetched page showed: its address, kind, depth, and the addresses that it links."""

    url: str
    kind: str
    depth: int
    links: tuple[Lead, ...]


@dataclass(slots=True)
class Found:
    """Links to queue, known addresses to look at again in this run, and a trap that was found.

    told: what a sitemap or feed says of when known addresses changed, where that is news. claims:
    those of `due` that the source says have changed. named: the known articles among the links.
    """

    links: list[Link] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)
    due: list[str] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    trap: str | None = None


@dataclass(slots=True)
class Shape:
    """Pages whose addresses differ in numbers only: how many in a row brought nothing new."""

    idle: int = 0
    linked: set[str] = field(default_factory=set)
    cut: bool = False


class Walk:
    """One portal's walk in one run.

    known: (url, kind, state, found_on) of each row of the frontier. complete: every listing is
    walked to its end, as in a first crawl and with --full. going_on: an earlier run was cut off, so
    listings that it had done are not begun again. patience: pages in a row without a new article at
    which a known listing is left. dead: hosts for which mirrors stand in.
    """

    def __init__(
        self,
        portal: Portal,
        known: Iterable[tuple[str, str, str, str | None]],
        *,
        complete: bool = False,
        going_on: bool = False,
        base_url: str | None = None,
        requisites: bool = True,
        max_depth: int = 30,
        trap_pages: int = 50,
        max_redirects: int = 10,
        told: Mapping[str, str] | None = None,
        reliability: Reliability | None = None,
        patience: int = 1,
    ) -> None:
        self.max_redirects = max_redirects
        self.reliability = reliability or Reliability(portal.key, {}, complete=complete)
        self.patience = patience
        self.dead: set[str] = set()
        self.gone: set[str] = set()
        self._named: set[int] = set()
        self._idle: dict[str, int] = {}
        self.told = dict(told or {})
        self._listening = False
        self.portal = portal
        self.complete = complete
        self.going_on = going_on
        self.requisites = requisites
        self.max_depth = max_depth
        self.trap_pages = trap_pages
        self.base = urlsplit(base_url).netloc.lower() if base_url else ""
        self._mirrors = tuple(f"{s}://{h}/" for h in portal.hosts[1:] for s in ("http", "https"))
        self.urls = Ledger(portal, known)
        self.visited: set[str] = set()
        self._depths: dict[str, int] = {}
        self._hops: dict[str, int] = {}
        self._redirects: dict[str, str] = {}
        self._links: dict[str, tuple[str, str, str] | None] = {}
        self._shapes: dict[str, Shape] = {}

    def start(self, url: str) -> None:
        """Note an address that the walk begins with."""
        self._depths[url] = 0

    def depth(self, url: str, found_on: str | None) -> int:
        """How many steps from a start an address is; 1 where that was not seen in this run."""
        if url in self._depths:
            return self._depths[url]
        return self._depths.get(found_on or "", 0) + (1 if found_on else 0)

    def address(self, url: str, page: str) -> str | None:
        """A link as the portal's own address; None for one that is not the portal's.

        A link that names the base address counts as one of the host of its page.
        """
        try:
            address = urls.address(url)
        except ValueError:
            return None
        parts = urlsplit(address)
        if self.base and parts.netloc == self.base:
            own = urlsplit(page)
            address = parts._replace(scheme=own.scheme, netloc=own.netloc).geturl()
        if self.dead and urls.host(address) in self.dead and urls.host(page) in self.portal.hosts:
            address = urlsplit(address)._replace(netloc=urlsplit(page).netloc).geturl()
        if len(address) > LONGEST_URL:
            return None
        return address

    def bury(self, host: str) -> None:
        """A host is dead: what the pages of a mirror say of it, they say of themselves."""
        if host not in self.dead:
            self.dead.add(host)
            self._links.clear()

    def follow(self, seen: Seen, now: datetime) -> Found:
        """What to do about the links of a page."""
        self.visited.add(seen.url)
        # A feed writes the same day otherwise than the sitemap, or means another one.
        self._listening = seen.kind == "sitemap"
        found = Found()
        articles: set[str] = set()
        fresh = 0
        listings: list[str] = []
        source = seen.kind in ("sitemap", "feed")
        believed = self._believed(seen, now) if source else False
        absurd = source and not believed and any(lead.changed for lead in seen.links)
        allowed = self.reliability.allows(seen.url) if source else None
        for lead in seen.links:
            read = self._read(lead.url, seen.url)
            if read is None or (read[1] == "requisite" and not self.requisites):
                continue
            url, kind, key = read
            if lead.index:
                kind = "sitemap"
            if kind == "article":
                articles.add(key)
                if self._names_mirror(url, seen.url):
                    key = url
            held = self._alive(self.urls.held(key, url), kind, url)
            if held is not None:
                if kind == "article":
                    found.named.add(held)
                trusted = believed and (allowed is None or len(found.claims) < allowed)
                self._known(held, kind, lead, trusted, listings, found, now)
            elif (link := self._new(url, kind, key, seen, lead, now)) is not None:
                fresh += kind == "article"
                found.links.append(link)
                self._hear(url, lead, found)
        for url in found.claims:
            self.reliability.claim(url, seen.url)
        if source:
            self.reliability.looked(seen.url, seen.kind, fresh=fresh, absurd=absurd)
        else:
            self.reliability.news += fresh
        if seen.kind in ("listing", "other", "article"):
            self._again(seen, fresh, listings, found)
            found.trap = self._trap(seen, articles)
        return found

    def missed(self, named: set[str], before: Sequence[str]) -> list[str]:
        """Articles that a list, feed or sitemap named before and no longer does.

        named: known articles that it names now; before: those that it was the first to name, as
        they stood there. What stands behind the last that is named was pushed off by news, and is
        not missed. A source that lost more than it kept tells nothing.
        """
        self._named.update(map(hash, named))
        kept = [number for number, url in enumerate(before) if url in named]
        if self.complete or not kept:
            return []
        lost = [url for url in before[: kept[-1]] if url not in named]
        if len(lost) > len(kept):
            return []
        return [url for url in lost if hash(url) not in self._named and url not in self.visited]

    def returned(self, named: set[str]) -> list[str]:
        """Articles that are gone and were missed, and are named again."""
        found = [url for url in sorted(named & self.gone) if url not in self.visited]
        self.gone.difference_update(found)
        return found

    def redirect(self, url: str, target: str) -> list[str]:
        """Note that an address leads to another one; returns the loop that this closes, if any.

        A chain longer than `max_redirects` counts as a loop.
        """
        self._redirects[url] = target
        self._depths.setdefault(target, self._depths.get(url, 0))
        self._hops[target] = max(self._hops.get(target, 0), self._hops.get(url, 0) + 1)
        chain = [url]
        while chain[-1] in self._redirects and len(chain) <= len(self._redirects):
            chain.append(self._redirects[chain[-1]])
            if chain[-1] == url:
                return chain[:-1]
        return [url] if self._hops[target] > self.max_redirects else []

    def queue(self, url: str, kind: str, found_on: str) -> Link:
        """A link to one address whatever is known of it."""
        key = self.portal.url_key(url)
        self.urls.add(key if self.urls.held(key, url) is None else url, url)
        return Link(url, self.portal.key, kind, PRIORITY[kind] + 5, found_on)

    def is_cut(self, url: str, kind: str) -> bool:
        """Whether an address has the shape of a trap."""
        shape = self._shapes.get(_shape(url))
        return shape is not None and shape.cut and kind in ("listing", "other")

    def _read(self, link: str, page: str) -> tuple[str, str, str] | None:
        """Address, kind and key of a link, None off the portal; pages repeat their links."""
        if link in self._links:
            return self._links[link]
        url = self.address(link, page)
        kind = self.portal.kind(url) if url else None
        read = (url, kind, self.portal.url_key(url)) if url and kind else None
        if not (self.base and self.base in link) and len(self._links) < REMEMBERED:
            self._links[link] = read
        return read

    def _names_mirror(self, url: str, page: str) -> bool:
        """Whether a link names another host of the portal than its page's, and that is a mirror.

        Then it is fetched though the canonical host has it, too: so the mirror is on record. The
        links of the mirror's own pages are no such links, so it is not walked.
        """
        return url.startswith(self._mirrors) and urls.host(url) != urls.host(page)

    def _known(
        self,
        held: str,
        kind: str,
        lead: Lead,
        believed: bool,
        listings: list[str],
        found: Found,
        now: datetime,
    ) -> None:
        if kind == "sitemap" or held in self.visited or not self.urls.is_done(held):
            if kind == "sitemap" and held not in self.visited:
                found.due.append(held)
                self.visited.add(held)
            return
        if kind == "listing":
            listings.append(held)
        elif lead.changed:
            before = self.told.get(held) if self._listening else None
            changed = lead.changed != before if before else _recent(lead.changed, now)
            self._hear(held, lead, found)
            if believed and changed:
                found.due.append(held)
                found.claims.append(held)
                self.visited.add(held)

    def _alive(self, held: str | None, kind: str, url: str) -> str | None:
        """What is known of a link; of what a dead host never gave, the mirror's address only."""
        if held is None or not self.dead or urls.host(held) not in self.dead:
            return held
        if kind == "article" and self.urls.is_done(held):
            return held
        return url if url in self.urls else None

    def _hear(self, url: str, lead: Lead, found: Found) -> None:
        """Remember when a source says that an address changed."""
        if self._listening and lead.changed and self.told.get(url) != lead.changed:
            self.told[url] = found.told[url] = lead.changed

    def _believed(self, seen: Seen, now: datetime) -> bool:
        """Whether the days of change in a source can be true.

        They cannot where most addresses changed since the last look, or where all changed today.
        """
        known = [
            (lead.changed, self.told[held])
            for lead in seen.links
            if lead.changed and (held := self._held(lead.url, seen.url)) in self.told
        ]
        if not self._listening:
            known = []
        if len(known) >= 3 and sum(1 for new, old in known if new != old) * 2 > len(known):
            return False
        return bool(known) or _believed(seen.links, now)

    def _held(self, link: str, page: str) -> str:
        read = self._read(link, page)
        return (self.urls.held(read[2], read[0]) or "") if read else ""

    def _new(
        self, url: str, kind: str, key: str, seen: Seen, lead: Lead, now: datetime
    ) -> Link | None:
        depth = seen.depth + (0 if self._same_listing(url, kind, seen) else 1)
        if depth > self.max_depth or self.is_cut(url, kind) or REPEATED.search(urlsplit(url).path):
            return None
        if kind == "requisite" and seen.kind not in ("article", "requisite"):
            return None
        if seen.kind == "requisite" and kind != "requisite":
            return None
        self.urls.add(key, url)
        self._depths[url] = depth
        priority = PRIORITY[kind] + _freshness(lead.changed, now)
        if kind in ("listing", "other"):
            priority -= depth
        return Link(url, self.portal.key, kind, priority, seen.url)

    def _same_listing(self, url: str, kind: str, seen: Seen) -> bool:
        lists = kind == "listing" and seen.kind in ("listing", "feed")
        return lists and _shape(url) == _shape(seen.url)

    def _again(self, seen: Seen, fresh: int, listings: list[str], found: Found) -> None:
        """Known listings to look at: all of a start page's, and others while there is news."""
        if self.complete or seen.kind == "article":
            return
        idle = 0 if fresh else self._idle.get(seen.url, 0) + 1
        if seen.depth == 0 and not self.going_on:
            idle = 0
        if idle >= self.patience:
            return
        for url in listings:
            if url in self.visited:
                continue
            self.visited.add(url)
            self._depths.setdefault(url, seen.depth + 1)
            self._idle[url] = idle
            found.due.append(url)

    def _trap(self, seen: Seen, articles: set[str]) -> str | None:
        """The shape of a trap, told once: pages of one shape that link nothing but what others do.

        A listing links other articles on each page, known or not, and is none.
        """
        if seen.kind == "article":
            return None
        name = _shape(seen.url)
        shape = self._shapes.setdefault(name, Shape())
        news = articles - shape.linked
        shape.linked |= articles
        shape.idle = 0 if news else shape.idle + 1
        if shape.idle < self.trap_pages or shape.cut or not re.search(r"\d", seen.url):
            return None
        shape.cut = True
        return name


def _shape(url: str) -> str:
    """An address with its numbers made one: pages of a calendar have one shape."""
    return re.sub(r"\d+", "0", urls.path_and_query(url))


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _freshness(changed: str | None, now: datetime) -> int:
    moment = _moment(changed) if changed else None
    if moment is None:
        return 0
    return next((bonus for days, bonus in FRESH if now - moment <= timedelta(days=days)), 0)


def _recent(changed: str, now: datetime) -> bool:
    moment = _moment(changed)
    return moment is not None and now - moment <= timedelta(days=3)


def _believed(leads: tuple[Lead, ...], now: datetime) -> bool:
    """Whether the days of change in a source can be true: not all of them are today's."""
    told = [moment for lead in leads if lead.changed and (moment := _moment(lead.changed))]
    today = sum(1 for moment in told if abs(now - moment) < timedelta(days=1))
    return bool(told) and (len(told) < 3 or today * 2 <= len(told))
