"""Whether the records of a file are what they claim to be.

Stricter than other checkers: a torn last gzip member is a fault, and payload digests count over
the payload. Digests of other tools are looked at with their habits in mind: some hashed the chunk
marks along, others the decoded body (docs/captures.md), so any of the three may fit.
"""

from collections.abc import Iterator
from pathlib import Path

from kontum_crawler.warc.capture import moment
from kontum_crawler.warc.digests import matches
from kontum_crawler.warc.http import CodingError, decoded, parse_head, payload_of, split
from kontum_crawler.warc.reader import records
from kontum_crawler.warc.records import Fault, Record

HTTP = "application/http"
NEEDED = ("WARC-Record-ID", "WARC-Type", "WARC-Date")


def checked(path: Path, *, name: str, ours: bool) -> Iterator[Record | Fault]:
    """Each record of a file, its faults right behind it, and those of the file.

    ours: written by this program, so that digests must stand and must cover what they should.
    """
    first, end = True, 0
    for item in records(path, name=name):
        yield item
        if isinstance(item, Fault):
            end = 0
            continue
        # A copy of a foreign record is written by us, but says what its tool said.
        for what in faults_of(item, ours=ours and not item.get("WARC-Previous-Record-ID")):
            yield Fault(name, item.offset, what, item.url)
        if ours and first and item.type != "warcinfo":
            yield Fault(name, item.offset, "the file does not begin with a warcinfo record")
        if ours and not item.alone:
            yield Fault(name, item.offset, "the record has no gzip member of its own", item.url)
        elif ours and not _begins_as_written(path, item.offset):
            yield Fault(name, item.offset, "the head of the gzip member is not ours", item.url)
        first, end = False, item.offset + item.length if item.alone else 0
    if first:
        empty = path.stat().st_size == 0
        told = "cut off before its first record" if empty else "no record can be read"
        yield Fault(name, 0, told)
    elif ours and end and end < path.stat().st_size:
        yield Fault(name, end, "no gzip member begins here, there are zeros")


def _begins_as_written(path: Path, offset: int) -> bool:
    """Whether a member has no flags and no time, as the writer makes it.

    No check sum covers these bytes. Source: RFC 1952, clause 2.3.
    """
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(8)[3:] == bytes(5)


def faults_of(record: Record, *, ours: bool) -> Iterator[str]:
    """What is wrong with one record, told from itself alone."""
    for name in NEEDED:
        if not record.get(name):
            yield f"{name} is missing"
    date = record.get("WARC-Date")
    try:
        moment(date)
    except (ValueError, OverflowError):
        if date:
            yield f"WARC-Date «{date}» is no time of a capture"
    yield from _digest_faults(record, ours=ours)
    if record.type == "revisit":
        yield from _revisit_faults(record, ours=ours)


def wrong_digests(record: Record) -> str:
    """Which digests of a record of another tool do not fit what it holds; empty for none."""
    return "; ".join(_digest_faults(record, ours=False))


def _digest_faults(record: Record, *, ours: bool) -> Iterator[str]:
    claim = record.get("WARC-Block-Digest")
    if claim and matches(claim, record.block) is False:
        yield f"the block does not match its digest {claim}"
    if record.type in ("response", "resource"):
        yield from _payload_faults(record, ours=ours)


def _payload_faults(record: Record, *, ours: bool) -> Iterator[str]:
    claim = record.get("WARC-Payload-Digest")
    own = record.get("Kontum-Payload-Digest")
    if ours and not (claim and own):
        yield "the payload digest is missing"
    if not claim:
        return
    # A name server's answer is a response too, and all of it payload.
    is_http = record.get("Content-Type", HTTP).lower().startswith(HTTP)
    in_http = record.type == "response" and is_http
    head_bytes, body = split(record.block) if in_http else (b"", record.block)
    payload = payload_of(head_bytes, body)
    fits = matches(claim, payload)
    if fits is False and not ours:
        fits = matches(claim, body) or _fits_decoded(claim, head_bytes, payload)
    if fits is False:
        yield f"the payload does not match its digest {claim}"
    if own and matches(own, payload) is not True:
        yield f"the payload does not match its digest {own}"


def _fits_decoded(claim: str, head: bytes, payload: bytes) -> bool:
    try:
        return matches(claim, decoded(payload, parse_head(head))) is True
    except CodingError:
        return False


def _revisit_faults(record: Record, *, ours: bool) -> Iterator[str]:
    if not record.get("WARC-Profile"):
        yield "the revisit names no profile"
    if not ours:
        return
    for name in ("WARC-Refers-To-Target-URI", "WARC-Refers-To-Date", "WARC-Payload-Digest"):
        if not record.get(name):
            yield f"the revisit has no {name}"
