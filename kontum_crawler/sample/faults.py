"""Ways in which the sample portal can fail on purpose, chosen by path.

A fault is a word, with a figure after a colon where it has one: `status:503`, `retry:120` (429
with Retry-After in seconds), `login`, `stall:SECONDS`, `reset` (the connection is closed without
an answer), `half` (the body ends early), `gzip` (a broken coding), `type` (a wrong media type),
`empty` (200 without a body).
"""

import asyncio
from contextlib import suppress

from aiohttp import web

from . import planted
from .answers import Answer, page

KINDS = ("status", "retry", "login", "stall", "reset", "half", "gzip", "type", "empty")


def chosen(wanted: dict[str, str], target: str) -> str | None:
    """The fault for a decoded target: of the longest path prefix; `*` is all but robots.txt."""
    prefixes = [prefix for prefix in wanted if prefix != "*" and target.startswith(prefix)]
    if prefixes:
        return wanted[max(prefixes, key=len)]
    return wanted.get("*") if target != "/robots.txt" else None


def check(fault: str) -> str:
    """The same fault. Raises ValueError with the known kinds if there is none of that name."""
    kind, _, figure = fault.partition(":")
    if kind not in KINDS or (kind in ("status", "retry", "stall") and not _is_number(figure)):
        raise ValueError(f"no fault {fault!r}; known: {', '.join(KINDS)}")
    return fault


def answer(fault: str) -> Answer | None:
    """The answer that takes the place of the portal's own; None where the wire is at fault."""
    kind, _, figure = fault.partition(":")
    if kind == "status":
        return Answer(int(figure), planted.ERROR.encode())
    if kind == "retry":
        return Answer(429, b"Too Many Requests", "text/plain", {"Retry-After": figure})
    if kind == "login":
        return page(
            f"<html><head><title>Đăng nhập</title></head><body>{planted.LOGIN}</body></html>"
        )
    return Answer() if kind == "empty" else None


async def spoil(fault: str, request: web.BaseRequest, response: web.Response) -> web.StreamResponse:
    """Send an answer that is broken on the wire."""
    kind, _, figure = fault.partition(":")
    if kind == "stall":
        await asyncio.sleep(float(figure))
    if kind == "type":
        response.headers["Content-Type"] = "image/png"
    if kind == "gzip":
        response.headers["Content-Encoding"] = "gzip"
        response.body = b"\x1f\x8b\x08\x00 this is no gzip"
    if kind == "reset" and request.transport:
        request.transport.abort()
    if kind == "half":
        await _half(request, response)
    return response


async def _half(request: web.BaseRequest, response: web.Response) -> None:
    body = response.body if isinstance(response.body, bytes) else b""
    cut = web.StreamResponse(status=response.status, headers=response.headers)
    cut.content_length = len(body)
    with suppress(ConnectionError):
        await cut.prepare(request)
        await cut.write(body[: len(body) // 2])
    if request.transport:
        request.transport.close()


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()
