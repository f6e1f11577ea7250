"""What a record looks like: header fields and block of each kind that we write.

Source: WARC/1.1 clauses 5 and 6; the field list of the IIPC for WARC-Source-URI and
WARC-Creation-Date.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime

from kontum_crawler import __version__
from kontum_crawler.clock import utc
from kontum_crawler.warc.digests import sha1_base32
from kontum_crawler.warc.records import IDENTICAL, NOT_MODIFIED, Exchange, Original, RunInfo

CONFORMS_TO = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
RESPONSE_TYPE = "application/http; msgtype=response"
REQUEST_TYPE = "application/http; msgtype=request"
FIELDS_TYPE = "application/warc-fields"

Fields = list[tuple[str, str]]


def new_id() -> str:
    """A record id that no other record has."""
    return f"<urn:uuid:{uuid.uuid4()}>"


def encode(fields: Iterable[tuple[str, str]], block: bytes) -> bytes:
    """The bytes of one record: version line, fields, Content-Length, block and two line ends."""
    lines = "".join(f"{name}: {_one_line(value)}\r\n" for name, value in fields)
    head = f"WARC/1.1\r\n{lines}Content-Length: {len(block)}\r\n\r\n".encode()
    return b"".join((head, block, b"\r\n\r\n"))


def warcinfo(name: str, worker: str, run: RunInfo, now: datetime, record_id: str) -> bytes:
    """The record that heads a file: who wrote it, with what, in which run, under which rules."""
    said: Fields = [
        ("software", f"kontum_crawler/{__version__}"),
        ("format", "WARC File Format 1.1"),
        ("conformsTo", CONFORMS_TO),
        ("robots", run.robots),
        ("hostname", worker),
        ("kontum-run", run.key),
        ("kontum-command", run.command),
        ("kontum-started", utc(run.started_at)),
        ("kontum-worker", worker),
        *(("kontum-portal", portal) for portal in run.portals),
    ]
    optional = (
        ("kontum-base-url", run.base_url),
        ("http-header-user-agent", run.user_agent),
        ("operator", run.operator),
        ("description", run.description),
    )
    said += [(name, value) for name, value in optional if value]
    return encode(
        [
            ("WARC-Type", "warcinfo"),
            ("WARC-Record-ID", record_id),
            ("WARC-Date", utc(now)),
            ("WARC-Filename", name),
            *_content(FIELDS_TYPE, block := warc_fields(said)),
        ],
        block,
    )


def response(
    exchange: Exchange, ids: tuple[str, str, str], payload_digests: tuple[str, str]
) -> bytes:
    """The answer as received. ids: this record, its request (or empty), the warcinfo."""
    block = exchange.head + exchange.body
    return encode(
        [
            ("WARC-Type", "response"),
            *_common(exchange, ids),
            *_payload(payload_digests),
            *_provenance(exchange),
            *_content(RESPONSE_TYPE, block),
        ],
        block,
    )


def revisit(
    exchange: Exchange,
    ids: tuple[str, str, str],
    payload_digests: tuple[str, str],
    original: Original,
) -> bytes:
    """An answer whose payload is held already, or 304: its head, and where the payload stands.

    Without a head it is a capture known from an archive's list alone, and says so.
    """
    not_modified = exchange.head[:16].split(b" ")[1:2] == [b"304"]
    fields: Fields = [
        ("WARC-Type", "revisit"),
        *_common(exchange, ids),
        ("WARC-Profile", NOT_MODIFIED if not_modified else IDENTICAL),
        ("WARC-Refers-To-Target-URI", original.url),
        ("WARC-Refers-To-Date", utc(original.fetched_at)),
        *_payload(payload_digests),
        *_provenance(exchange),
    ]
    if not exchange.head:
        fields.append(("Kontum-Rests-On", "index"))
    return encode([*fields, *_content(RESPONSE_TYPE, exchange.head)], exchange.head)


def request(exchange: Exchange, ids: tuple[str, str, str]) -> bytes:
    """The request as sent. ids: this record, its response, the warcinfo."""
    fields: Fields = [("WARC-Type", "request"), *_common(exchange, ids)]
    return encode([*fields, *_content(REQUEST_TYPE, exchange.request)], exchange.request)


def metadata(target: str, said: Fields, now: datetime, ids: tuple[str, str, str]) -> bytes:
    """A record about a target (an address, or a file). ids: this one, what it is on, warcinfo."""
    record_id, refers_to, warcinfo_id = ids
    fields: Fields = [
        ("WARC-Type", "metadata"),
        ("WARC-Record-ID", record_id),
        ("WARC-Warcinfo-ID", warcinfo_id),
        ("WARC-Target-URI", target),
        ("WARC-Date", utc(now)),
    ]
    if refers_to:
        fields.append(("WARC-Refers-To", refers_to))
    return encode([*fields, *_content(FIELDS_TYPE, block := warc_fields(said))], block)


def warc_fields(said: Iterable[tuple[str, str]]) -> bytes:
    """A block of `application/warc-fields`: one `name: value` a line."""
    return "".join(f"{name}: {_one_line(value)}\r\n" for name, value in said).encode()


def parse_warc_fields(block: bytes) -> Fields:
    """Read such a block; a line that begins with a blank goes on with the one before it."""
    said: Fields = []
    for line in block.decode("utf-8", "replace").splitlines():
        if line[:1] in (" ", "\t") and said:
            said[-1] = (said[-1][0], f"{said[-1][1]} {line.strip()}")
            continue
        name, colon, value = line.partition(":")
        if colon and name.strip():
            said.append((name.strip(), value.strip()))
    return said


def _common(exchange: Exchange, ids: tuple[str, str, str]) -> Fields:
    record_id, partner_id, warcinfo_id = ids
    fields: Fields = [
        ("WARC-Record-ID", record_id),
        ("WARC-Warcinfo-ID", warcinfo_id),
        ("WARC-Target-URI", exchange.url),
        ("WARC-Date", utc(exchange.fetched_at)),
    ]
    if partner_id:
        fields.append(("WARC-Concurrent-To", partner_id))
    if exchange.ip:
        fields.append(("WARC-IP-Address", exchange.ip))
    return fields


def _payload(digests: tuple[str, str]) -> Fields:
    sha1, sha256 = digests
    return [("WARC-Payload-Digest", sha1), ("Kontum-Payload-Digest", sha256)]


def _provenance(exchange: Exchange) -> Fields:
    fields: Fields = [("Kontum-Origin", exchange.origin)]
    if exchange.truncated:
        fields.append(("WARC-Truncated", exchange.truncated))
    if exchange.source_uri:
        fields.append(("WARC-Source-URI", exchange.source_uri))
    if exchange.retrieved_at:
        fields.append(("WARC-Creation-Date", utc(exchange.retrieved_at)))
    if exchange.archive_digest:
        fields.append(("Kontum-Archive-Digest", exchange.archive_digest))
    return [*fields, *exchange.extra]


def _content(media_type: str, block: bytes) -> Fields:
    return [("WARC-Block-Digest", sha1_base32(block)), ("Content-Type", media_type)]


def _one_line(value: str) -> str:
    return " ".join(value.split()) if "\n" in value or "\r" in value else value
