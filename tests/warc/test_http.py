"""Heads, chunks and codings as servers and tools really write them."""

import gzip
import zlib

import brotlicffi
import pytest
import zstandard
from cabinet import PAGE, answer, chunked
from hypothesis import given
from hypothesis import strategies as st

from kontum_crawler.warc.http import (
    CodingError,
    decoded,
    ends_early,
    parse_head,
    payload_of,
    split,
)

TEXT = PAGE.encode() * 20


def head_with(coding: str) -> bytes:
    return (
        f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: {coding}\r\n\r\n".encode()
    )


@pytest.mark.parametrize(
    ("line", "status", "reason"),
    [
        ("HTTP/1.1 200 OK", 200, "OK"),
        ("HTTP/1.1 200", 200, ""),
        ("HTTP/1.1 404 Không tìm thấy", 404, "Không tìm thấy"),
        ("HTTP/2 200", 200, ""),
        ("http/1.0 301 Moved", 301, "Moved"),
        ("HTTP/1.1 2000 Odd", None, ""),
        ("ICY 200 OK", None, ""),
    ],
)
def test_status_lines_are_read(line: str, status: int | None, reason: str) -> None:
    head = parse_head(f"{line}\r\nServer: x\r\n\r\n".encode())
    assert (head.status, head.reason) == (status, reason)


def test_names_repeats_and_order_of_fields_are_kept() -> None:
    head = parse_head(b"HTTP/2 200\r\nset-cookie: a=1\r\nX:  b \r\nSet-Cookie: c=2\r\n\r\n")
    assert head.fields == [("set-cookie", "a=1"), ("X", "b"), ("Set-Cookie", "c=2")]
    assert head.all("SET-COOKIE") == ["a=1", "c=2"]


def test_nul_bytes_and_folded_lines_of_a_head_are_read() -> None:
    head = parse_head(b"HTTP/1.1 200 OK\r\nX: a\0b\r\n folded\r\nno colon\r\n\r\n")
    assert head.fields == [("X", "ab folded")]


@given(st.binary(max_size=400), st.integers(1, 50))
def test_chunks_are_joined_to_the_payload(body: bytes, size: int) -> None:
    head = parse_head(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert payload_of(head, chunked(body, size)) == body
    assert not ends_early(head, chunked(body, size))


def test_a_body_that_is_not_chunked_although_the_head_says_so_is_the_payload() -> None:
    head = parse_head(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert payload_of(head, TEXT) == TEXT
    assert not ends_early(head, TEXT)


def test_chunks_that_break_off_give_what_came_and_say_so() -> None:
    head = parse_head(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    torn = chunked(TEXT, 100)[:250]
    assert TEXT.startswith(payload_of(head, torn))
    assert ends_early(head, torn)


def test_a_body_shorter_than_its_head_says_ends_early() -> None:
    head, body = split(answer(length=5000))
    assert ends_early(parse_head(head), body)


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("x-gzip", gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:])),
        ("gzip, gzip", gzip.compress(gzip.compress(TEXT, mtime=0))),
        ("gzip", gzip.compress(gzip.compress(TEXT, mtime=0))),
        ("gzip", gzip.compress(TEXT, mtime=0) + bytes(8)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", zlib.compress(TEXT)[2:-4]),
        ("br", brotlicffi.compress(TEXT)),
        ("zstd", zstandard.compress(TEXT)),
        ("identity", TEXT),
        ("gzip", TEXT),
        ("br, gzip", gzip.compress(brotlicffi.compress(TEXT))),
    ],
)
def test_codings_are_undone(coding: str, packed: bytes) -> None:
    assert decoded(packed, head_with(coding)) == TEXT


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0)[:-20]),
        ("deflate", zlib.compress(TEXT)[:-20]),
        ("br", brotlicffi.compress(TEXT)[:-5]),
        ("br", b"not brotli at all"),
        ("zstd", zstandard.compress(TEXT)[:-5]),
        ("zstd", b"not zstd at all"),
        ("compress", TEXT),
    ],
)
def test_a_broken_coding_is_refused(coding: str, packed: bytes) -> None:
    with pytest.raises(CodingError):
        decoded(packed, head_with(coding))


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", brotlicffi.compress),
        ("zstd", zstandard.compress),
    ],
)
def test_a_body_that_grows_over_the_limit_is_refused(coding: str, pack: object) -> None:
    packed = pack(bytes(3_000_000))  # type: ignore[operator]
    with pytest.raises(CodingError, match="more than 1,000,000 bytes"):
        decoded(packed, head_with(coding), limit=1_000_000)
