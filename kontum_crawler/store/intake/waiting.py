"""A capture on its way from its record to its row."""

import contextlib
from dataclasses import dataclass

from kontum_crawler import clock
from kontum_crawler.items import Capture
from kontum_crawler.store.intake.answering import Job, Outcome
from kontum_crawler.store.intake.notes import Provenance
from kontum_crawler.warc.capture import Captured
from kontum_crawler.warc.compose import new_id
from kontum_crawler.warc.digests import canonical, sha1_base32
from kontum_crawler.warc.http import CodingError, decoded
from kontum_crawler.warc.records import Record

REPLACED = frozenset(
    ["warc-record-id", "warc-warcinfo-id", "warc-target-uri", "warc-source-uri", "content-length"]
)


@dataclass(slots=True)
class Waiting:
    """A capture between its record and its row.

    job: what is to be read yet; None where nothing is, or where `outcome` says it already.
    """

    capture: Capture
    seen: Captured
    run_key: str
    digests: list[str]
    job: Job | None
    outcome: Outcome | None = None

    @property
    def weight(self) -> int:
        """About how many bytes of memory it holds on to."""
        if self.job is not None:
            return len(self.job.payload)
        answer = self.outcome.answer if self.outcome is not None else None
        article = answer.article if answer is not None else None
        return 1000 + (4 * len(article.body) if article is not None else 0)


@dataclass(slots=True)
class Whose:
    """Who wrote the records that are being read: the run of the last `warcinfo`, and whence.

    base: the address that the run connected to instead of the portals.
    """

    run_id: int
    key: str | None = None
    provenance: Provenance | None = None
    base: str = ""


def capture_of(record: Record, seen: Captured, name: str, whose: Whose) -> Capture:
    """The row of a capture; of a foreign file the time of ingest is when we got it."""
    fetched_at = clock.utc(seen.fetched_at)
    foreign = whose.provenance
    retrieved_at = clock.utc(seen.retrieved_at) if seen.retrieved_at else fetched_at
    origin = seen.origin
    if foreign is not None:
        retrieved_at = foreign.taken_at
        origin = "warc" if origin == "live" else origin
    source = seen.source_uri or (foreign.source if foreign else None)
    return Capture(
        url=seen.url,
        fetched_at=fetched_at,
        retrieved_at=retrieved_at,
        status=seen.status,
        media_type=seen.media_type,
        payload_digest=seen.payload_digest or None,
        origin=origin,
        source_uri=source,
        warc_file=name,
        warc_offset=record.offset,
        warc_length=record.length,
        run_id=whose.run_id,
    )


def digests_of(seen: Captured) -> list[str]:
    """By what else the payload may be found: SHA-1 as stored and decoded, and what others claim."""
    found = {canonical(claim) for claim in (seen.claim, seen.archive_digest) if claim}
    if seen.payload is not None:
        found.add(sha1_base32(seen.payload))
        if seen.head.get("Content-Encoding"):
            with contextlib.suppress(CodingError):
                found.add(sha1_base32(decoded(seen.payload, seen.head)))
    return sorted(found - {seen.payload_digest})


def copied_fields(record: Record, seen: Captured, capture: Capture) -> list[tuple[str, str]]:
    """The header of a foreign record that is written again: what it said, and where it was."""
    fields = [pair for pair in record.fields if pair[0].lower() not in REPLACED]
    fields += [
        ("WARC-Record-ID", new_id()),
        ("WARC-Target-URI", record.url),
        ("WARC-Source-URI", capture.source_uri or capture.warc_file or ""),
        ("WARC-Creation-Date", capture.retrieved_at),
        ("Kontum-Origin", capture.origin),
    ]
    if record.id:
        fields.append(("WARC-Previous-Record-ID", record.id))
    if seen.payload is not None:
        fields.append(("Kontum-Payload-Digest", seen.payload_digest))
        if not seen.claim:
            fields.append(("WARC-Payload-Digest", sha1_base32(seen.payload)))
    return fields
