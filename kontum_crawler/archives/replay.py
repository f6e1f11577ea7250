"""What a replay of a capture says: the capture that was asked for, or why it is not.

A reply is a capture only if its `Memento-Datetime` is the time asked for; everything else is the
archive speaking for itself. The archive hands out stored bytes, but may undo or redo their coding
and rename their header lines, so the digest of its list decides which bytes were the stored ones.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from kontum_crawler import urls
from kontum_crawler.archives.lists import Listed
from kontum_crawler.clock import stamp14
from kontum_crawler.warc.digests import matches
from kontum_crawler.warc.http import CodingError, Head, decoded, parse_head, payload_of
from kontum_crawler.warc.records import Exchange

LARGEST = 256_000_000
GZIP = b"\x1f\x8b"
ORIGINAL = "x-archive-orig-"
OWN = re.compile(
    r"^(?:memento-datetime|link|content-location|x-archive-.*|x-app-server|x-ts|x-tr|x-location"
    r"|x-cache-key|x-rl|x-na|x-page-cache|x-nid|x-rid|server-timing|content-security-policy"
    r"|preference-applied|vary|permissions-policy|content-encoding|content-length"
    r"|transfer-encoding|connection|keep-alive|date|via)$",
    re.I,
)
"""Header lines that the archive adds, or that describe its own sending."""
CODINGS = ("content-encoding", "transfer-encoding", "content-length")
SERVED = re.compile(r"(?:https?:)?(?://[^/]+)?/(?:[^/?#]+/)*?\d{14}[a-z]{0,2}_?/(?=[a-z]+:)", re.I)
RELATION = re.compile(r'<([^>]*)>\s*;\s*rel="?original"?', re.I)
BLOCKED = re.compile(rb"AccessControlException|has been excluded|Blocked Site Error", re.I)
NOT_SHOWN = "the archive does not show this site (blocked or excluded)"


@dataclass(frozen=True, slots=True)
class Copy:
    """A capture as it is to be kept. payload: its content coding kept, as the record has it."""

    exchange: Exchange
    payload: bytes


class Refused(Exception):
    """The archive does not show the capture.

    passing: asking again may help, soon. final: asking again never helps. blocked: the archive
    shows nothing of this site.
    """

    def __init__(
        self, reason: str, *, passing: bool = False, final: bool = False, blocked: bool = False
    ) -> None:
        super().__init__(reason)
        self.passing = passing
        self.final = final
        self.blocked = blocked


def read_replay(listed: Listed, reply: Exchange, source: str) -> Copy:
    """The capture that a reply holds. source: the address that was asked. Raises Refused."""
    head = parse_head(reply.head)
    moment = memento_time(head)
    if moment is None:
        raise _no_capture(listed, head, reply.body)
    if stamp14(moment) != listed.stamp:
        told = f"the archive answered with its capture of {stamp14(moment)} instead"
        raise Refused(told, final=_is_redirect(listed))
    _check_same(listed, head)
    payload, matched, packed = stored_payload(listed.digest, head, reply.body)
    if packed is None:
        raise Refused("the archive's answer does not fit its content coding", passing=True)
    # What the digest proves is whole, whatever the archive's own head says of it.
    if reply.truncated and matched == "no":
        raise Refused("the archive's answer ended early", passing=True)
    exchange = Exchange(
        url=listed.url,
        request=b"",
        head=original_head(head, source, len(payload), packed=packed),
        body=payload,
        fetched_at=moment,
        truncated=listed.truncated or ("unspecified" if _was_cut(head, payload) else None),
        origin="wayback",
        source_uri=source,
        retrieved_at=reply.fetched_at,
        archive_digest=listed.digest,
        extra=tuple(_marks(head, matched)),
    )
    return Copy(exchange, payload)


def says_blocked(body: bytes) -> bool:
    """Whether an answer that is neither list nor capture says that a site is not shown."""
    return BLOCKED.search(body[:20_000]) is not None


def memento_time(head: Head) -> datetime | None:
    """When the capture that a reply holds was made; None where it holds none."""
    try:
        moment = parsedate_to_datetime(head.get("Memento-Datetime"))
    except (TypeError, ValueError):
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def stored_payload(claim: str | None, head: Head, body: bytes) -> tuple[bytes, str, bool | None]:
    """The bytes that the archive stored, how they match its claim, whether they are gzip still.

    The match is `encoded`, `decoded` or `no`; gzip is None for a body that its coding does not fit.
    """
    received = payload_of(head, body)
    layers = [received]
    with suppress(CodingError):
        layers.extend(_layers(received, head))
    broken = len(layers) == 1 and bool(head.get("Content-Encoding")) and bool(received)
    coded = bool(head.get("Content-Encoding") or head.get(f"{ORIGINAL}content-encoding"))
    for depth, layer in enumerate(layers):
        if claim and matches(claim, layer):
            packed = coded and layer.startswith(GZIP) and depth + 1 < len(layers)
            return layer, "encoded" if packed else "decoded", packed
    if broken:
        return received, "no", None
    return layers[-1], "no", False


def _layers(received: bytes, head: Head) -> Iterator[bytes]:
    """The payload with one coding after the other undone: the reply's own, then stored ones."""
    payload = received
    named = [("Content-Encoding", value) for value in head.all("Content-Encoding") if value.strip()]
    if named and payload:
        outer = decoded(payload, Head(head.status, "", named), LARGEST)
        if outer != payload:
            yield outer
            payload = outer
    page = (head.media_type or "").startswith("text/")
    for _ in range(2):
        if not payload.startswith(GZIP) or not (page or head.get(f"{ORIGINAL}content-encoding")):
            return
        payload = decoded(payload, Head(200, "", [("Content-Encoding", "gzip")]), LARGEST)
        yield payload


def _was_cut(head: Head, payload: bytes) -> bool:
    """Whether the archive itself holds less than the portal said that it would send."""
    if head.status != 200 or any(head.get(f"{ORIGINAL}{name}") for name in CODINGS[:2]):
        return False
    said = head.get(f"{ORIGINAL}content-length")
    return said.isascii() and said.isdigit() and int(said) > len(payload)


def original_head(head: Head, source: str, length: int, *, packed: bool) -> bytes:
    """Status line and header lines as the portal sent them, as far as the archive tells.

    Prefixed names win over bare ones; codings that were undone stay under their prefix; Location
    leads to the portal again.
    """
    prefixed = {
        name.lower().removeprefix(ORIGINAL)
        for name, _ in head.fields
        if name.lower().startswith(ORIGINAL)
    }
    lines = [f"HTTP/1.1 {head.status} {head.reason}".rstrip()]
    for name, value in head.fields:
        lower = name.lower()
        if lower.startswith(ORIGINAL):
            plain = name[len(ORIGINAL) :]
            if plain.lower() in CODINGS:
                lines.append(f"X-Archive-Orig-{plain}: {value}")
            elif plain.lower() != "location" or "location" not in _bare(head):
                lines.append(
                    f"{plain}: {unserved(value, source) if lower.endswith('-location') else value}"
                )
        elif lower == "location":
            lines.append(f"{name}: {unserved(value, source)}")
        elif not OWN.match(lower) and lower not in prefixed:
            lines.append(f"{name}: {value}")
    if packed:
        lines.append("Content-Encoding: gzip")
    lines.append(f"Content-Length: {length}")
    text = "".join(f"{line}\r\n" for line in lines)
    return f"{text}\r\n".encode("utf-8", "replace")


def unserved(location: str, source: str) -> str:
    """The target of an archived redirect without the archive's own address in front."""
    whole = (urls.joined(source, location) or "") if location.startswith("/") else location
    match = SERVED.match(whole)
    if match is not None and whole[: match.end()].startswith(("http", "//")):
        return whole[match.end() :]
    return location


def _bare(head: Head) -> set[str]:
    return {name.lower() for name, _ in head.fields}


def _marks(head: Head, matched: str) -> Iterator[tuple[str, str]]:
    """What the record says of the archive that served it, beside the standard's fields."""
    yield "Kontum-Archive-Digest-Match", matched
    for name, value in head.fields:
        if OWN.match(name) and not name.lower().startswith(ORIGINAL):
            yield "Kontum-Archive-Header", f"{name}: {value}"


def _check_same(listed: Listed, head: Head) -> None:
    """Raise Refused where another capture of the same second was served."""
    for value in head.all("Link"):
        found = RELATION.search(value)
        if found and not _same_address(found[1], listed.url):
            raise Refused(f"the archive answered with a capture of {found[1]}", final=True)
    if listed.status is not None and head.status != listed.status:
        told = (
            f"the list says {listed.status}, the archive answered with a capture of {head.status}"
        )
        raise Refused(told, final=_is_redirect(listed))


def _same_address(url: str, other: str) -> bool:
    try:
        return urls.key(url) == urls.key(other)
    except ValueError:
        return url == other


def _is_redirect(listed: Listed) -> bool:
    """A redirect to the same address by another scheme is never replayed: pywb passes over it."""
    return listed.status is not None and 300 <= listed.status < 400


def _no_capture(listed: Listed, head: Head, body: bytes) -> Refused:
    """Why a reply that is no capture came."""
    status = head.status or 0
    error = head.get("X-Archive-Wayback-Runtime-Error")
    if says_blocked(body) or "AccessControl" in error:
        return Refused(NOT_SHOWN, blocked=True)
    reason = head.get("X-Archive-Redirect-Reason")
    if 300 <= status < 400:
        told = f" ({reason})" if reason else ""
        message = f"the archive has no such capture and leads to another one{told}"
        return Refused(message, final=_is_redirect(listed))
    if status == 200:
        return Refused("the archive answered with a page of its own, which is no capture")
    if status == 404:
        return Refused("the archive says that it has no such capture")
    message = f"the archive answered {status}{f' ({error})' if error else ''}"
    unresolved = b"revisit record could not be loaded" in body
    return Refused(message, passing=status in (413, 421, 429) or (status >= 500 and not unresolved))
