"""What an answer says and where it leads, in one value; runs in a thread, off the event loop."""

from dataclasses import dataclass

from kontum_crawler.extract.answer import Answer, read_answer
from kontum_crawler.portals import Portal
from kontum_crawler.spiders.discovery import Lead, feed_leads, sitemap_leads, source_kind


@dataclass(frozen=True, slots=True)
class Received:
    """An answer as it came, its content coding undone."""

    url: str
    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the answer about an article, the kind of page, the addresses that it names."""

    answer: Answer | None
    kind: str
    leads: tuple[Lead, ...]


def read(received: Received, kind: str, portal: Portal) -> Reading:
    """Read an answer. kind: what its address was queued as; a source is told by its content."""
    if received.status == 200 and kind != "document":
        source = source_kind(received.body)
        if source == "sitemap":
            return Reading(None, "sitemap", tuple(sitemap_leads(received.body)))
        if source == "feed":
            return Reading(None, "feed", tuple(feed_leads(received.body)))
    answer = read_answer(
        url=received.url,
        status=received.status,
        headers=received.headers,
        body=received.body,
        portal=portal,
    )
    told = answer.kind if answer.kind in ("article", "listing", "document") else kind
    return Reading(answer, told, tuple(Lead(link) for link in answer.links))
