"""What an answer means for the frontier: done, to be asked again, and the links to follow."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from scrapy.http import Response

from kontum_crawler import clock
from kontum_crawler.extract.answer import Answer
from kontum_crawler.items import Attachment
from kontum_crawler.pipelines.keeper import Verdict
from kontum_crawler.pipelines.revisits import DOCUMENT, GONE
from kontum_crawler.pipelines.session import Session
from kontum_crawler.portals import Portal
from kontum_crawler.spiders.reading import Reading
from kontum_crawler.spiders.walk import Seen, Walk
from kontum_crawler.store.frontier import Visit

HELD = """
SELECT a.content_hash FROM articles a JOIN article_urls u ON u.article_id = a.id WHERE u.url = ?
"""
MAX_ATTEMPTS = 6
CLOSED = (400, 401, 403, 405, 501)
MISSING = timedelta(days=30)


class Walker(Protocol):
    """Whose answers are judged: a spider with its run, its portal and its way through it."""

    session: Session
    portal: Portal
    walk: Walk


@dataclass(slots=True)
class Outcome:
    """What is kept of an answer, and what becomes of its address."""

    answer: Answer | None
    verdict: Verdict
    document: Attachment | None = None


def judge(spider: Walker, visit: Visit, response: Response, reading: Reading) -> Outcome:
    """Decide what follows from an answer; problems are noted on the way."""
    answer = reading.answer
    verdict = Verdict(visit.url)
    if response.status == 304:
        verdict.next_visit_at = _next_look(visit, reading)
        spider.walk.reliability.unchanged(visit.url, visit.kind)
        return Outcome(None, verdict)
    if _is_closed(spider.portal, visit, response.status):
        verdict.next_visit_at = clock.now() + GONE
        spider.walk.reliability.missing(visit.url, visit.kind)
        return Outcome(answer, verdict)
    if answer is not None and answer.problem:
        spider.session.problem(visit.url, "extract", answer.problem)
    if answer is not None and answer.kind == "redirect":
        _redirect(spider, visit, answer, verdict)
        return Outcome(answer, verdict)
    if answer is not None and answer.kind in ("gone", "soft-gone"):
        verdict.next_visit_at = clock.now() + GONE
        spider.walk.reliability.missing(visit.url, visit.kind)
        return Outcome(answer, verdict)
    if response.status >= 400:
        if answer is None or not answer.problem:
            message = f"the server answered {response.status}"
            spider.session.problem(visit.url, "fetch", message)
        verdict.state, verdict.next_visit_at = "failed", later(visit)
        return Outcome(answer, verdict)
    _follow(spider, visit, reading, verdict)
    verdict.next_visit_at = _next_look(visit, reading)
    if answer is None or not answer.problem:
        verdict.validators = (_header(response, "ETag"), _header(response, "Last-Modified"))
    fetched_at = response.meta["capture"].capture.fetched_at
    return Outcome(_wanted(spider, answer, fetched_at), verdict)


def _is_closed(portal: Portal, visit: Visit, status: int) -> bool:
    """True where a sitemap, feed or list that was only guessed is refused, which is no fault."""
    guessed = portal.generic and not visit.found_on and visit.kind in ("sitemap", "feed")
    return status in CLOSED and (guessed or "/wp-json/" in visit.url)


def hold_to_claim(spider: Walker, visit: Visit, response: Response, answer: Answer | None) -> None:
    """Hold an article against the source that said that it changed."""
    reliability = spider.walk.reliability
    if not reliability.is_claimed(visit.url):
        return
    if response.status == 304 or response.meta["capture"].repeats is not None:
        reliability.check(visit.url, changed=False)
    elif answer is not None and answer.article is not None:
        held = spider.session.archive.db.execute(HELD, (visit.url,)).fetchone()
        changed = held is None or held[0] != answer.article.content_hash
        reliability.check(visit.url, changed=changed)
    elif response.status < 500:
        reliability.check(visit.url, changed=True)


def later(visit: Visit) -> datetime | None:
    """When a failed address is worth another try; None after too many."""
    if visit.attempts >= MAX_ATTEMPTS:
        return None
    return clock.now() + timedelta(hours=2 ** max(visit.attempts - 1, 0))


def _follow(spider: Walker, visit: Visit, reading: Reading, verdict: Verdict) -> None:
    depth = spider.walk.depth(visit.url, visit.found_on)
    seen = Seen(visit.url, reading.kind, depth, reading.leads)
    found = spider.walk.follow(seen, clock.now())
    verdict.links, verdict.due, verdict.told = found.links, found.due, found.told
    if reading.kind in ("sitemap", "feed", "listing"):
        before = spider.session.archive.frontier.named_by(visit.url)
        verdict.missed = spider.walk.missed(found.named, before)
        verdict.returned = spider.walk.returned(found.named)
        spider.walk.visited.update((*verdict.missed, *verdict.returned))
    if found.trap:
        message = f"trap: addresses like {found.trap} bring nothing new; no more are fetched"
        spider.session.problem(visit.url, "discover", message)


def _redirect(spider: Walker, visit: Visit, answer: Answer, verdict: Verdict) -> None:
    """Queue the target, once; one that leads astray or round in circles is a problem."""
    verdict.next_visit_at = clock.now() + MISSING
    target = spider.walk.address(answer.target or "", visit.url)
    if target is None or spider.portal.kind(target) is None:
        message = f"redirect: leads off the portal, to {answer.target}; not followed"
        spider.session.problem(visit.url, "fetch", message)
        return
    loop = spider.walk.redirect(visit.url, target)
    if not loop and _differs_by_scheme_only(spider, visit.url, target):
        loop = [visit.url]
    if loop:
        verdict.state = "failed"
        for url in loop:
            way = " → ".join([*loop, loop[0]])
            message = f"redirect: goes round in circles, {way}"
            spider.session.problem(url, "fetch", message)
        return
    if target not in spider.walk.urls:
        kind = spider.portal.kind(target) or "other"
        verdict.links = [spider.walk.queue(target, kind, visit.url)]
    elif target not in spider.walk.visited and spider.walk.urls.is_done(target):
        verdict.due = [target]


def _differs_by_scheme_only(spider: Walker, url: str, target: str) -> bool:
    """With a base address the scheme is that address's own, so such a redirect leads nowhere."""
    if not spider.session.options.base_url:
        return False
    return urlsplit(url)._replace(scheme="") == urlsplit(target)._replace(scheme="")


def _wanted(spider: Walker, answer: Answer | None, fetched_at: str) -> Answer | None:
    """The answer, unless its article lies outside the days that were asked for."""
    if answer is None or spider.session.options.bounds.hold(answer, fetched_at):
        return answer
    return None


def _next_look(visit: Visit, reading: Reading) -> datetime | None:
    if visit.kind == "document":
        return clock.now() + DOCUMENT
    if reading.kind == "article":
        return clock.now() + timedelta(days=1)
    return None


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
