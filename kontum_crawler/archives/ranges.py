"""One record out of a WARC file of another archive, fetched by its range of bytes.

Common Crawl stores payloads decoded, their codings under `X-Crawler-…` names, and cuts long ones;
the block is kept byte for byte under a header of our own. Sources: https://commoncrawl.org/
cdxj-index; https://github.com/commoncrawl/cc-notebooks/tree/main/warc-truncation
"""

from datetime import UTC, datetime

from kontum_crawler import urls
from kontum_crawler.archives.lists import Listed
from kontum_crawler.archives.replay import Copy, Refused
from kontum_crawler.clock import stamp14
from kontum_crawler.warc.capture import Captured, captured
from kontum_crawler.warc.digests import matches
from kontum_crawler.warc.http import parse_head, payload_of, split
from kontum_crawler.warc.reader import records_in
from kontum_crawler.warc.records import Exchange, Original, Record

UNMARKED_CUT = 1_048_576  # bytes; payloads cut at this length were not marked before mid 2019
MARKED_SINCE = datetime(2019, 7, 1, tzinfo=UTC)
KEPT = ("WARC-Protocol", "WARC-Cipher-Suite", "WARC-Identified-Payload-Type")


def byte_range(listed: Listed) -> tuple[int, int]:
    """First and last byte of the record. Raises Refused where the list does not say them."""
    if not listed.filename or listed.offset is None or not listed.length:
        raise Refused("the list does not say where the record lies", final=True)
    return listed.offset, listed.offset + listed.length - 1


def read_range(listed: Listed, reply: Exchange, source: str) -> Copy | Original:
    """The capture in the answer to a range request, or what it repeats. Raises Refused."""
    head = parse_head(reply.head)
    if head.status != 206:
        passing = head.status is None or head.status in (429,) or head.status >= 500
        told = f"the archive answered {head.status} instead of the bytes of the record"
        raise Refused(told, passing=passing)
    member = payload_of(head, reply.body)
    if reply.truncated or len(member) != listed.length:
        told = f"the archive sent {len(member):,} bytes of the record's {listed.length:,}"
        raise Refused(told, passing=True)
    record = _record(member)
    try:
        seen = captured(record)
    except ValueError as error:
        raise Refused(f"the record is broken: {error}") from error
    _check(listed, record, seen)
    assert seen is not None
    if seen.repeats is not None:
        return seen.repeats
    return _copy(listed, record, seen, reply, source)


def _record(member: bytes) -> Record:
    found = list(records_in(member))
    if len(found) != 1 or not isinstance(found[0], Record):
        told = next((str(item) for item in found if not isinstance(item, Record)), "").lstrip(": ")
        raise Refused(f"the bytes are not one whole WARC record{f': {told}' if told else ''}")
    return found[0]


def _check(listed: Listed, record: Record, seen: Captured | None) -> None:
    """Raise Refused where the record is not the capture that was listed, or is damaged."""
    if seen is None:
        raise Refused(f"the bytes hold a {record.type or 'nameless'} record, which is no capture")
    if stamp14(seen.fetched_at) != listed.stamp or not _same(seen.url, listed.url):
        told = f"the bytes hold the capture of {seen.url} of {stamp14(seen.fetched_at)}"
        raise Refused(f"{told} instead")
    claim = record.get("WARC-Block-Digest")
    if claim and matches(claim, record.block) is False:
        raise Refused("the record does not fit its own block digest")
    claim = record.get("WARC-Payload-Digest")
    if not claim or seen.payload is None or not seen.whole:
        return
    # Some writers hashed the chunk marks too.
    hashed = (seen.payload, split(record.block)[1])
    if all(matches(claim, data) is False for data in hashed):
        raise Refused("the record does not fit its own payload digest")


def _same(url: str, other: str) -> bool:
    try:
        return urls.key(url) == urls.key(other)
    except ValueError:
        return url == other


def _copy(listed: Listed, record: Record, seen: Captured, reply: Exchange, source: str) -> Copy:
    head, body = split(record.block)
    first, last = byte_range(listed)
    extra = [("WARC-Source-Range", f"bytes={first}-{last}")]
    if record.id:
        extra.append(("WARC-Previous-Record-ID", record.id))
    extra += [pair for pair in record.fields if pair[0] in KEPT]
    payload = seen.payload or b""
    cut = record.get("WARC-Truncated") or listed.truncated
    if not cut and len(payload) == UNMARKED_CUT and seen.fetched_at < MARKED_SINCE:
        cut = "length"
    exchange = Exchange(
        url=listed.url,
        request=b"",
        head=head,
        body=body,
        fetched_at=seen.fetched_at,
        ip=record.get("WARC-IP-Address") or None,
        truncated=cut or None,
        origin="commoncrawl",
        source_uri=source,
        retrieved_at=reply.fetched_at,
        archive_digest=listed.digest,
        extra=tuple(extra),
    )
    return Copy(exchange, payload)
