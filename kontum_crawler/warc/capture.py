"""What a record says as a capture: the answer of a server (or a copy of one) at a moment.

Only `response`, `revisit` and `resource` records of http and https addresses are captures.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kontum_crawler.clock import now, parse_utc
from kontum_crawler.warc.digests import parse, sha256_hex
from kontum_crawler.warc.http import Head, ends_early, parse_head, payload_of, split
from kontum_crawler.warc.records import Original, Record

FIRST_DAY = datetime(1991, 1, 1, tzinfo=UTC)
REDUCED = re.compile(r"(\d{4})(?:-(\d\d))?")
STAMPED = re.compile(r"/web/\d{14}(?:[a-z]{2}_)?/")


@dataclass(frozen=True, slots=True)
class Captured:
    """One capture read from a record.

    payload: transfer coding undone, content coding kept; None for a revisit, whose `repeats` says
    where it stands. payload_digest: `sha256:<hex>`, empty where a revisit does not say it.
    claim: WARC-Payload-Digest as written. whole: False where the body is not all of it, or where
    its head names two lengths.
    not_modified: a revisit of that profile. from_index: known from an archive's list alone.
    """

    url: str
    fetched_at: datetime
    head: Head
    payload: bytes | None
    payload_digest: str
    claim: str
    status: int | None
    media_type: str | None
    origin: str
    source_uri: str | None
    retrieved_at: datetime | None
    whole: bool
    repeats: Original | None = None
    not_modified: bool = False
    from_index: bool = False
    archive_digest: str | None = None


def captured(record: Record) -> Captured | None:
    """Read a record as a capture; None where it is none.

    Raises ValueError for a WARC-Date that is no time of the web, or a revisit that names nothing.
    """
    kind = record.type
    if kind not in ("response", "revisit", "resource") or not is_web(record.url):
        return None
    if kind == "response" and not record.get("Content-Type", "application/http").lower().startswith(
        "application/http"
    ):
        return None
    if kind == "resource":
        return _resource(record)
    head_bytes, body = split(record.block)
    head = parse_head(head_bytes)
    return _revisit(record, head) if kind == "revisit" else _response(record, head, body)


def is_web(url: str) -> bool:
    """Whether an address is http or https."""
    return url[:8].lower().startswith(("http://", "https://"))


def is_whole(head: Head, body: bytes) -> bool:
    """Whether a body is all of what its head says, and the head says one length only."""
    return len(set(head.all("Content-Length"))) < 2 and not ends_early(head, body)


def moment(text: str) -> datetime:
    """Read WARC-Date, also with less precision than seconds (clause 5.4 allows it).

    Raises ValueError for no date, and for one before the web or more than a day ahead of now.
    """
    if match := REDUCED.fullmatch(text):
        found = datetime(int(match[1]), int(match[2] or 1), 1, tzinfo=UTC)
    else:
        found = parse_utc(text)
    if not FIRST_DAY <= found <= now() + timedelta(days=1):
        raise ValueError(f"{text} is not a time at which the web was captured")
    return found


def origin_of(record: Record) -> str:
    """`live`, `wayback`, `commoncrawl` or `warc`: what the record says of itself."""
    if said := record.get("Kontum-Origin"):
        return said
    source = record.get("WARC-Source-URI")
    if "commoncrawl" in source:
        return "commoncrawl"
    return "wayback" if STAMPED.search(source) else "warc"


def _response(record: Record, head: Head, body: bytes) -> Captured:
    payload = payload_of(head, body)
    whole = not record.get("WARC-Truncated") and is_whole(head, body)
    return _made(record, head, payload, sha256_hex(payload), whole=whole)


def _resource(record: Record) -> Captured:
    media_type = record.get("Content-Type")
    head = Head(200, "", [("Content-Type", media_type)] if media_type else [])
    whole = not record.get("WARC-Truncated")
    return _made(record, head, record.block, sha256_hex(record.block), whole=whole)


def _revisit(record: Record, head: Head) -> Captured:
    claim = record.get("WARC-Payload-Digest")
    digest = record.get("Kontum-Payload-Digest")
    if not digest and (known := parse(claim)) and known[0] == "sha256":
        digest = f"sha256:{known[1].hex()}"
    date = record.get("WARC-Refers-To-Date")
    url = record.get("WARC-Refers-To-Target-URI").removeprefix("<").removesuffix(">")
    if not claim and not date:
        raise ValueError("the revisit names neither a payload digest nor what it refers to")
    repeats = Original(
        url or record.url, moment(date) if date else FIRST_DAY, digest, claim or None
    )
    return _made(record, head, None, digest, whole=True, repeats=repeats)


def _made(
    record: Record,
    head: Head,
    payload: bytes | None,
    digest: str,
    *,
    whole: bool,
    repeats: Original | None = None,
) -> Captured:
    date, created = record.get("WARC-Date"), record.get("WARC-Creation-Date")
    try:
        fetched_at = moment(date)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"WARC-Date «{date}» is no time of a capture: {error}") from error
    return Captured(
        url=record.url,
        fetched_at=fetched_at,
        head=head,
        payload=payload,
        payload_digest=digest,
        claim=record.get("WARC-Payload-Digest"),
        status=head.status,
        media_type=head.media_type,
        origin=origin_of(record),
        source_uri=record.get("WARC-Source-URI") or None,
        retrieved_at=moment(created) if created else None,
        whole=whole,
        repeats=repeats,
        not_modified="server-not-modified" in record.get("WARC-Profile"),
        from_index=record.get("Kontum-Rests-On") == "index",
        archive_digest=record.get("Kontum-Archive-Digest") or None,
    )
