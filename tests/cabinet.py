"""A cabinet of WARC files, sound and broken, made in code so that each says what is wrong."""

import gzip
import hashlib
import uuid
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATE = "2024-05-09T08:30:00Z"
PAGE = "<html><head><title>Họp báo</title></head><body><p>Sáng nay, tỉnh họp báo.</p></body></html>"


def record(
    kind: str = "response",
    url: str = "http://kkt.kontum.gov.vn/tin.html",
    block: bytes = b"",
    *,
    date: str = DATE,
    version: str = "1.1",
    fields: tuple[tuple[str, str], ...] = (),
    length: int | str | None = None,
    media_type: str = "application/http; msgtype=response",
    end: bytes = b"\r\n\r\n",
) -> bytes:
    """One record as bytes, not compressed; `length` may lie."""
    pairs = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, url + date + kind)}>"),
        ("WARC-Target-URI", url),
        ("WARC-Date", date),
        *fields,
        ("Content-Type", media_type),
        ("Content-Length", str(len(block) if length is None else length)),
    ]
    head = "".join(f"{name}: {value}\r\n" for name, value in pairs)
    return f"WARC/{version}\r\n{head}\r\n".encode() + block + end


def answer(
    body: bytes = PAGE.encode(),
    *,
    status: str = "HTTP/1.1 200 OK",
    fields: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"),),
    length: int | None = None,
) -> bytes:
    """An HTTP answer; with a Content-Length unless its coding is chunked."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    if "chunked" not in lines:
        lines += f"Content-Length: {len(body) if length is None else length}\r\n"
    return f"{status}\r\n{lines}\r\n".encode() + body


def chunked(body: bytes, size: int = 10) -> bytes:
    """The body in chunks, with the last one."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def page(serial: int, body: str = PAGE) -> bytes:
    """A response record of its own address and text."""
    block = answer(f"{body}<!-- {serial} -->".encode())
    return record(url=f"http://kkt.kontum.gov.vn/tin-{serial}.html", block=block)


def members(*records: bytes) -> bytes:
    """Each record as a gzip member of its own."""
    return b"".join(gzip.compress(one, mtime=0) for one in records)


@dataclass(frozen=True)
class Case:
    """A file, how many records of it can be read, and a word that each fault must hold."""

    name: str
    data: Callable[[], bytes]
    readable: int
    faults: tuple[str, ...] = ()


def _long_line() -> bytes:
    return record(fields=(("X", "a" * 2_000_000),), block=answer())


def _torn(data: bytes, keep: int) -> bytes:
    return data[: len(data) - keep]


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def _bad_middle() -> bytes:
    first, second, third = (gzip.compress(page(n), mtime=0) for n in range(3))
    return first + _flipped(second, len(second) // 2) + third


def _bad_check() -> bytes:
    first, second, third = (gzip.compress(page(n), mtime=0) for n in range(3))
    return first + _flipped(second, len(second) - 6) + third


def _blocks_of_records() -> bytes:
    """Members that know nothing of records, as bgzip makes them."""
    plain = b"".join(page(n) for n in range(6))
    return b"".join(
        gzip.compress(plain[at : at + 300], mtime=0) for at in range(0, len(plain), 300)
    )


def _lies(length: int | str) -> bytes:
    return record(block=answer(), length=length)


def _with(**what: Any) -> bytes:
    return members(record(block=answer(), **what))


def _zip_bomb() -> bytes:
    """A record of 300 MB of zeros in 300 kB."""
    head = record(block=b"", length=300_000_000, end=b"")
    pack = zlib.compressobj(1, zlib.DEFLATED, 31)
    parts = [pack.compress(head)]
    parts += [pack.compress(bytes(1_000_000)) for _ in range(300)]
    return b"".join((*parts, pack.compress(b"\r\n\r\n"), pack.flush()))


SOUND = (
    Case("one member a record", lambda: members(page(0), page(1), page(2)), 3),
    Case("plain", lambda: page(0) + page(1) + page(2), 3),
    Case("one member for all", lambda: gzip.compress(page(0) + page(1) + page(2)), 3),
    Case("several records a member", lambda: members(page(0) + page(1), page(2)), 3),
    Case("members inside records", _blocks_of_records, 6),
    Case("version 0.18", lambda: _with(version="0.18"), 1),
    Case("version 1.0 in brackets", lambda: _with(url="<http://a.vn/>", version="1.0"), 1),
    Case("bare line feeds", lambda: record(block=b"x").replace(b"\r\n", b"\n") + page(1), 2),
    Case("zeros behind the last member", lambda: members(page(0)) + bytes(5000), 1),
    Case("blank lines between", lambda: page(0) + b"\r\n\r\n\r\n" + page(1), 2),
    Case("a record in a page", lambda: page(0, "x\r\n\r\nWARC/1.1\r\n\r\n") + page(1), 2),
    Case("folded field", lambda: _with(fields=(("X-Long", "a\r\n b"),)), 1),
)

BROKEN = (
    Case("last member cut off", lambda: _torn(members(page(0), page(1)), 20), 1, ("cut off",)),
    Case("plain file cut off", lambda: _torn(page(0) + page(1), 20), 1, ("cut off",)),
    Case("cut off in a header", lambda: page(0) + page(1)[:40], 1, ("without an end",)),
    Case(
        "big member cut off", lambda: _torn(gzip.compress(page(0) + page(1)), 30), 1, ("cut off",)
    ),
    Case("damage in the middle", _bad_middle, 2, ("broken",)),
    Case("checksum of a member is wrong", _bad_check, 2, ("broken",)),
    Case("length too long", lambda: _lies(5000) + page(1), 2, ("5,000",)),
    Case("length too short", lambda: _lies(50) + page(1), 2, ("says 50",)),
    Case(
        "length too long, zipped",
        lambda: members(_lies(5000), page(1)),
        2,
        ("5,000",),
    ),
    Case(
        "length too short, zipped",
        lambda: members(_lies(50), page(1)),
        2,
        ("says 50",),
    ),
    Case(
        "length is no number",
        lambda: members(_lies("many"), page(1)),
        2,
        ("no number",),
    ),
    Case("junk between", lambda: page(0) + b"junk\r\n\r\n" + page(1), 2, ("no WARC record",)),
    Case(
        "junk between members",
        lambda: members(page(0)) + b"junk" + members(page(1)),
        2,
        ("no gzip member",),
    ),
    Case(
        "a text in a member",
        lambda: members(page(0), b"just text", page(1)),
        2,
        ("no WARC record",),
    ),
    Case("endless header", lambda: members(_long_line(), page(1)), 1, ("without an end",)),
    Case(
        "zip bomb", lambda: members(page(0)) + _zip_bomb() + members(page(1)), 2, ("300,000,000",)
    ),
    Case("NUL bytes in a header", lambda: _with(url="http://a.vn/\0x"), 1),
)


def write(folder: Path, case: Case) -> Path:
    """The file of a case."""
    data = case.data()
    name = hashlib.sha1(case.name.encode()).hexdigest()[:8]
    path = folder / (f"{name}.warc.gz" if data[:2] == b"\x1f\x8b" else f"{name}.warc")
    path.write_bytes(data)
    return path
