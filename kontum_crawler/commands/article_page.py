"""How one article looks on a terminal, and where its bytes and its tombstone lie."""

import secrets
import textwrap
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from kontum_crawler import clock
from kontum_crawler.errors import ArchiveError

if TYPE_CHECKING:
    from kontum_crawler.store import Archive
    from kontum_crawler.store.identity.tombstones import Tombstone

WIDTH = 88
LISTED = 10
"""Captures that are listed one by one; the newest of more."""


def plain_text(article: dict[str, Any]) -> str:
    """Title, lead, body and byline, blocks apart."""
    parts = (article["title"], article["lead"], article["body"], article["byline"])
    return "\n\n".join(part for part in parts if part)


def page(article: dict[str, Any], *, present: bool) -> str:
    """The whole article: text first, then where it came from."""
    blocks = [part for part in (article["title"], article["lead"]) if part]
    blocks += (article["body"] or "").split("\n\n")
    blocks.append(article["byline"] or "")
    text = "\n\n".join(_wrapped(block) for block in blocks if block)
    return "\n".join([text, "", *_facts(article, present), *_provenance(article)])


def stored_bytes(archive: "Archive", article_id: int, number: int | None) -> bytes:
    """The page's payload as it was captured, content coding undone.

    Raises ArchiveError when its record is not there.
    """
    from kontum_crawler.store.detail import place_of
    from kontum_crawler.store.intake.held import job_at
    from kontum_crawler.warc.http import decoded

    place = place_of(archive.db, article_id, number)
    if place is None:
        raise ArchiveError(f"{archive.folder}: no record of this page is known")
    path = archive.folder / place["warc_file"]
    try:
        job = job_at(archive.folder, place["warc_file"], place["warc_offset"], place["url"])
    except (OSError, ValueError) as error:
        raise ArchiveError(f"{path}: byte {place['warc_offset']:,}: {error}") from error
    if job is None:
        raise ArchiveError(f"{path}: byte {place['warc_offset']:,}: the record has no whole page")
    return decoded(job.payload, job.head)


def tombstone_writer(archive: "Archive") -> "Callable[[Tombstone], None]":
    """What writes a tombstone into a WARC of the archive, where a rebuild finds it."""

    def write(tombstone: "Tombstone") -> None:
        from kontum_crawler.store.intake.notes import write_tombstone
        from kontum_crawler.warc.records import RunInfo

        at = clock.parse_utc(tombstone.at)
        key = f"withdraw-{clock.stamp14(at)}-{secrets.token_hex(4)}"
        write_tombstone(archive.folder, tombstone, RunInfo(key, "withdraw", at), "withdraw")
        archive.restore_run(key, "withdraw", tombstone.at, outcome="done")

    return write


def _wrapped(block: str) -> str:
    """One block for a terminal; rows of tables and items of lists stay lines of their own."""
    lines = []
    for line in block.split("\n"):
        indent = "  " if line.startswith("- ") else ""
        lines += textwrap.wrap(line, WIDTH, subsequent_indent=indent, tabsize=4) or [""]
    return "\n".join(lines)


def _facts(article: dict[str, Any], present: bool) -> Iterator[str]:
    facts = {
        "portal": article["portal"],
        "slug": article["slug"],
        "url": article["url"],
        "published": article["published_at"],
        "category": article["category"],
        "authors": ", ".join(article["authors"]),
        "unit": article["unit"],
        "source": article["source"],
        "photo": ", ".join(article["photo_by"]),
        "tags": ", ".join(article["tags"]),
        "version": f"{article['version']} of {len(article['versions'])}",
        "seen": f"{article['first_seen_at']} to {article['last_seen_at']}",
        "gone": article["gone_at"] if present else None,
    }
    for name, value in facts.items():
        if value:
            yield f"{name:<10} {value}"


def _provenance(article: dict[str, Any]) -> Iterator[str]:
    for url in article["urls"]:
        yield f"{'address':<10} {url['url']}  ({url['last_seen_at'][:10]})"
    for each in article["attachments"]:
        status = f"  ({each['text_status']})" if each["text_status"] else ""
        yield f"{'file':<10} {each['filename'] or each['url']}{status}"
    for each in article["images"]:
        yield f"{'picture':<10} {each['caption'] or each['url']}"
    for each in article["citations"]:
        yield f"{'cites':<10} {each['number'] or each['quote']}  ({each['field']})"
    captures = article["captures"]
    if len(captures) > LISTED:
        yield f"{'captures':<10} {len(captures)}, the newest {LISTED}:"
    for each in captures[-LISTED:]:
        place = f"{each['warc_file']}:{each['warc_offset']}"
        yield f"{'capture':<10} {each['fetched_at']}  {each['status']}  {each['origin']}  {place}"
