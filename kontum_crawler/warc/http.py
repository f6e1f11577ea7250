"""HTTP messages as they stand in WARC records: head, wire body, payload, decoded payload.

Head and body are kept apart from what they mean: nothing here changes bytes that are stored.
Heads of other tools come with lower-case names, `HTTP/2 200`, bare line feeds and NUL bytes.
"""

import re
import zlib
from dataclasses import dataclass, field

STATUS = re.compile(rb"^\s*HTTP/\d+(?:\.\d+)?[ \t]+(\d{3})(?!\d)[ \t]*([^\r\n]*)", re.I)
END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
ZSTD_STEP = 1024
CHUNK_SIZE = re.compile(rb"\s*([0-9a-fA-F]{1,16})[ \t]*(?:;[^\r\n]*)?\r?\n")


class CodingError(ValueError):
    """A body that its coding does not fit: broken, cut off, unknown, or larger than allowed."""


@dataclass(frozen=True, slots=True)
class Head:
    """Status and header fields of an answer; values without the blanks around them.

    status: None where the first line is no status line.
    """

    status: int | None
    reason: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)

    def get(self, name: str, default: str = "") -> str:
        """The first value of a field, whatever its case."""
        wanted = name.lower()
        return next((value for known, value in self.fields if known.lower() == wanted), default)

    def all(self, name: str) -> list[str]:
        """Each value of a field, in order; lists with commas are not split."""
        wanted = name.lower()
        return [value for known, value in self.fields if known.lower() == wanted]

    @property
    def media_type(self) -> str | None:
        """`text/html`: the type without its parameters, lower case; None where none is said."""
        said = self.get("Content-Type").split(";")[0].strip().lower()
        return said or None


def parse_head(head: bytes) -> Head:
    """Read a head, however odd; lines without a colon are passed over, folded lines joined."""
    match = STATUS.match(head)
    lines = re.split(rb"\r?\n", head)[1:] if match or not head else re.split(rb"\r?\n", head)
    fields: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and fields and line.strip():
            name, value = fields[-1]
            fields[-1] = (name, f"{value} {_text(line)}".strip())
            continue
        known, colon, said = line.partition(b":")
        if colon and known.strip():
            fields.append((_text(known), _text(said)))
    if match is None:
        return Head(None, "", fields)
    return Head(int(match[1]), _text(match[2]), fields)


def split(block: bytes) -> tuple[bytes, bytes]:
    """Head (with the blank line that ends it) and body of a message.

    A block without a blank line is all head.
    """
    match = END_OF_HEAD.search(block)
    return (block[: match.end()], block[match.end() :]) if match else (block, b"")


def payload_of(head: bytes | Head, wire_body: bytes) -> bytes:
    """The body with its transfer coding undone, its content coding kept: the WARC payload.

    A body that is not chunked although the head says so is returned as it is: many tools store it
    so. Of a chunked body that breaks off, what came is returned. Source: WARC/1.1 clause 6.3.2.
    """
    known = head if isinstance(head, Head) else parse_head(head)
    codings = ",".join(known.all("Transfer-Encoding")).lower()
    if "chunked" not in codings:
        return wire_body
    return _without_chunks(wire_body)[0]


def ends_early(head: Head, wire_body: bytes) -> bool:
    """Whether the body is shorter than its head says, or its last chunk is missing."""
    if "chunked" in ",".join(head.all("Transfer-Encoding")).lower():
        return not _without_chunks(wire_body)[1]
    said = head.get("Content-Length")
    if head.status in (204, 304) or not said.isascii() or not said.isdigit():
        return False
    return len(wire_body) < int(said)


def decoded(payload: bytes, head: bytes | Head, limit: int = 64_000_000) -> bytes:
    """The payload with its content codings undone (gzip, deflate, br, zstd), in reverse order.

    A body that is plain although the head names a coding is returned as it is. limit: bytes that
    may come out. Raises CodingError for a broken or unknown coding, or more bytes than that.
    """
    known = head if isinstance(head, Head) else parse_head(head)
    names = [
        name.strip().lower()
        for value in known.all("Content-Encoding")
        for name in value.split(",")
        if name.strip()
    ]
    for name in reversed(names):
        payload = _undo(name, payload, limit)
    if names and payload[:2] == b"\x1f\x8b" and (known.media_type or "").startswith("text/"):
        # Compressed twice, said once: servers whose pages come out of a compressed cache.
        payload = _gunzip(payload, limit)
    return payload


def _text(raw: bytes) -> str:
    """Header text: UTF-8 where it is that, Latin-1 otherwise; NUL bytes and edges gone."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return text.replace("\0", "").strip()


def _without_chunks(body: bytes) -> tuple[bytes, bool]:
    """The joined chunks, and whether the last one (of size 0) was there."""
    parts: list[bytes] = []
    at = 0
    while match := CHUNK_SIZE.match(body, at):
        size = int(match[1], 16)
        if size == 0:
            return b"".join(parts), True
        part = body[match.end() : match.end() + size]
        parts.append(part)
        at = match.end() + size
        if len(part) < size:
            return b"".join(parts), False
        if body[at : at + 2] == b"\r\n":
            at += 2
        elif body[at : at + 1] == b"\n":
            at += 1
        elif at < len(body):
            break
    if at >= len(body) and parts:
        return b"".join(parts), False
    # Not framed at all (or not to its end): the tool that stored it had undone the framing.
    return body, True


def _undo(name: str, payload: bytes, limit: int) -> bytes:
    if name in ("identity", "none", "utf-8") or not payload:
        return payload
    if name in ("gzip", "x-gzip"):
        return _gunzip(payload, limit) if payload[:2] == b"\x1f\x8b" else payload
    if name == "deflate":
        return _inflate(payload, limit)
    if name == "br":
        return _unbrotli(payload, limit)
    if name == "zstd":
        return _unzstd(payload, limit)
    raise CodingError(f"unknown content coding «{name}»")


def _gunzip(data: bytes, limit: int) -> bytes:
    """All members; what follows the last one and is none (padding) is passed over."""
    parts: list[bytes] = []
    size = 0
    while data[:2] == b"\x1f\x8b":
        undo = zlib.decompressobj(31)
        part = _bounded(undo, data, limit - size)
        if not undo.eof:
            raise CodingError("the gzip coding is cut off")
        parts.append(part)
        size += len(part)
        data = undo.unused_data
    return b"".join(parts)


def _inflate(data: bytes, limit: int) -> bytes:
    """RFC 1950, or the bare RFC 1951 that some servers send under the same name."""
    for bits in (15, -15):
        undo = zlib.decompressobj(bits)
        try:
            part = _bounded(undo, data, limit)
        except CodingError as error:
            if "more than" in str(error) or bits < 0:
                raise
            continue
        if undo.eof:
            return part
    raise CodingError("the deflate coding is cut off")


def _bounded(undo: "zlib._Decompress", data: bytes, limit: int) -> bytes:
    try:
        part = undo.decompress(data, limit + 1)
    except zlib.error as error:
        raise CodingError(f"the coding is broken: {error}") from error
    if len(part) > limit:
        raise CodingError(f"the body decodes to more than {limit:,} bytes")
    return part


def _unbrotli(data: bytes, limit: int) -> bytes:
    import brotlicffi

    undo = brotlicffi.Decompressor()
    parts: list[bytes] = []
    size = 0
    try:
        part = undo.process(data, output_buffer_limit=1 << 20)
        while True:
            parts.append(part)
            size += len(part)
            if size > limit:
                raise CodingError(f"the body decodes to more than {limit:,} bytes")
            if undo.is_finished() or (not part and undo.can_accept_more_data()):
                break
            part = undo.process(b"", output_buffer_limit=1 << 20)
    except brotlicffi.error as error:
        raise CodingError(f"the br coding is broken: {error}") from error
    if not undo.is_finished():
        raise CodingError("the br coding is cut off")
    return b"".join(parts)


def _unzstd(data: bytes, limit: int) -> bytes:
    import zstandard

    parts: list[bytes] = []
    size = 0
    unpacker = zstandard.ZstdDecompressor(max_window_size=1 << 27)
    undo = unpacker.decompressobj()
    try:
        for at in range(0, len(data), ZSTD_STEP):
            step = data[at : at + ZSTD_STEP]
            while step:
                if undo.eof:
                    undo = unpacker.decompressobj()
                parts.append(undo.decompress(step))
                size += len(parts[-1])
                if size > limit:
                    raise CodingError(f"the body decodes to more than {limit:,} bytes")
                step = undo.unused_data if undo.eof else b""
    except zstandard.ZstdError as error:
        raise CodingError(f"the zstd coding is broken: {error}") from error
    if not undo.eof:
        raise CodingError("the zstd coding is cut off")
    return b"".join(parts)
