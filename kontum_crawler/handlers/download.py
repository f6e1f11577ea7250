"""Scrapy's download handler over aiohttp that keeps the exact bytes of every exchange.

The bytes go into `request.meta["exchange"]` (warc.records.Exchange), also when the download then
fails, so that each try can be captured; it is None where no head arrived. The response behaves like
any of Scrapy's: its body is decoded, `Content-Encoding` is taken off, `flags` has `decoded`.
"""

import asyncio
import ipaddress
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError
from scrapy import Request
from scrapy.core.downloader.handlers._base_streaming import BaseStreamingDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.http import Headers, Response
from scrapy.utils._download_handlers import make_response
from scrapy.utils.misc import load_object
from scrapy.utils.ssl import _make_insecure_ssl_ctx, _make_ssl_context
from yarl import URL

from kontum_crawler.handlers.addresses import AddressPolicy, AddressRefused
from kontum_crawler.handlers.framing import coding_fault, head_fault, split_message
from kontum_crawler.handlers.wire import CURRENT, LONGEST_HEAD, Attempt, WireResponse, record
from kontum_crawler.warc.http import CodingError, decoded, parse_head, payload_of
from kontum_crawler.warc.records import Exchange

IN_LOOP = 262_144  # bytes that are decoded without asking a thread
CONNECT_TIMEOUT = 10.0
FRAMING = 8  # bytes on the wire for one of the body, where each is a chunk
LONGEST_LINE = 65_536  # bytes; some portals send long policies in one header line
CREDENTIALS = re.compile(rb"(?im)^(?:proxy-)?authorization:[^\r\n]*\r\n")


class AnswerRefused(Exception):
    """An answer that must not be believed: its head, its framing or its coding is broken.

    Asking again would not help, so it is none of Scrapy's errors that are tried again.
    """


class ConnectionForbidden(Exception):
    """A connection that must not be made: a private address, or a certificate that is not good."""


@dataclass(slots=True)
class Failure:
    """Why a download failed, and the WARC-Truncated of what came until then."""

    error: Exception
    truncated: str


class WireDownloadHandler:
    """Downloads http and https; see the module for what it leaves in `meta`.

    meta: `download_timeout` (seconds in all), `read_timeout` (seconds without a byte),
    `download_maxsize` (bytes, received and decoded), `maxsize_of_files` (the same for what turns
    out to be no page), `proxy`, `connect_to` (an address `http://host:port` that is connected to
    instead, by its scheme), `turn` (awaited right before the request goes out).
    """

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.maxsize: int = settings.getint("DOWNLOAD_MAXSIZE")
        self.connect_to: str = settings.get("KONTUM_CONNECT_TO") or ""
        self.unverified: set[str] = set(settings.getlist("KONTUM_UNVERIFIED_HOSTS"))
        self.context = _make_ssl_context(settings)
        self.insecure = _make_insecure_ssl_ctx()
        named = set(settings.getlist("KONTUM_NAMED_HOSTS"))
        if self.connect_to:
            named.add(urlsplit(self.connect_to).hostname or "")
        resolver = settings.get("KONTUM_RESOLVER")
        self.policy = AddressPolicy(named, load_object(resolver)() if resolver else None)
        connector = aiohttp.TCPConnector(
            limit=settings.getint("CONCURRENT_REQUESTS"),
            resolver=self.policy,
            socket_factory=self.policy.make_socket,
            local_addr=_bind_address(settings.get("DOWNLOAD_BIND_ADDRESS")),
        )
        record(connector)
        self.session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            response_class=WireResponse,
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_LINE,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
        )
        # A second try that nobody counts, captures or keeps the delay for; private, see test_wire.
        self.session._retry_connection = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "WireDownloadHandler":
        return cls(crawler)

    async def close(self) -> None:
        """Close all connections."""
        await self.session.close()
        await self.policy.close()

    async def download_request(self, request: Request) -> Response:
        """Fetch one request.

        Raises Scrapy's own errors for what may pass, AnswerRefused and ConnectionForbidden for
        what will not; `meta["exchange"]` is set in any case.
        """
        request.meta["exchange"] = None
        request.meta["sent"] = False
        if (turn := request.meta.get("turn")) is not None:
            await turn(request)
        attempt = Attempt()
        token = CURRENT.set(attempt)
        started = time.monotonic()
        try:
            failure = await self._fetch(request, attempt, started)
        finally:
            CURRENT.reset(token)
        exchange, fault = _exchange(request.url, attempt, failure)
        request.meta["exchange"] = exchange
        request.meta["sent"] = bool(attempt.tape and attempt.tape.sent)
        request.meta["received"] = len(attempt.tape.received) if attempt.tape else 0
        if fault:
            raise AnswerRefused(f"the answer was refused: {fault}")
        if failure is not None:
            raise failure.error
        if exchange is None:
            raise AnswerRefused("the answer was refused: it has no head")
        return await self._response(request, attempt, exchange)

    async def _fetch(self, request: Request, attempt: Attempt, started: float) -> Failure | None:
        limit = request.meta.get("download_maxsize", self.maxsize)
        try:
            async with self._send(request) as response:
                request.meta["download_latency"] = time.monotonic() - started
                if limit and not _is_page(response.content_type):
                    limit = max(limit, request.meta.get("maxsize_of_files", 0))
                if attempt.tape is not None:
                    attempt.tape.limit = FRAMING * (limit or self.maxsize) + LONGEST_HEAD
                received = 0
                async for chunk in response.content.iter_any():
                    received += len(chunk)
                    if limit and received > limit:
                        response.close()
                        message = f"the body has more than {limit:,} bytes"
                        return Failure(DownloadCancelledError(message), "length")
        except Exception as error:
            return _failure(error, request, attempt)
        return None

    def _send(self, request: Request) -> Any:
        proxy, authorization = BaseStreamingDownloadHandler._extract_proxy(request)
        headers = request.headers.copy()
        headers.pop(b"Proxy-Authorization", None)
        if proxy:
            self.policy.name(urlsplit(proxy).hostname or "")
        url, host = self._address(request)
        pairs = headers.to_tuple_list()
        if host and "host" not in headers:
            pairs.insert(0, ("Host", host))
        insecure = (url.host or "") in self.unverified
        return self.session.request(
            request.method,
            url,
            data=request.body or None,
            headers=pairs,
            timeout=aiohttp.ClientTimeout(
                total=request.meta.get("download_timeout"),
                sock_read=request.meta.get("read_timeout"),
                sock_connect=CONNECT_TIMEOUT,
            ),
            ssl=self.insecure if insecure else self.context,
            allow_redirects=False,
            proxy=proxy,
            proxy_headers={"Proxy-Authorization": authorization} if authorization else None,
        )

    def _address(self, request: Request) -> tuple[URL, str]:
        """Where to connect, and the Host to say when that is another place than the address."""
        base = request.meta.get("connect_to", self.connect_to)
        if not base:
            return URL(request.url, encoded=True), ""
        parts, target = urlsplit(request.url), urlsplit(base)
        moved = parts._replace(scheme=target.scheme, netloc=target.netloc, fragment="")
        return URL(moved.geturl(), encoded=True), parts.netloc

    async def _response(self, request: Request, attempt: Attempt, exchange: Exchange) -> Response:
        head = parse_head(exchange.head)
        limit = request.meta.get("download_maxsize", self.maxsize) or (1 << 40)
        if not _is_page(head.media_type or "text/"):
            limit = max(limit, request.meta.get("maxsize_of_files", 0))
        payload = payload_of(head, exchange.body)
        flags: list[str] = []
        headers = _headers(exchange.head)
        if "Content-Encoding" in headers and payload:
            try:
                payload = await _decode(payload, exchange.head, limit)
            except CodingError as error:
                if "more than" in str(error):
                    raise DownloadCancelledError(str(error)) from error
                raise AnswerRefused(f"the answer was refused: {error}") from error
            del headers["Content-Encoding"]
            flags.append("decoded")
        tape = attempt.tape
        response: Response = make_response(
            url=request.url,
            status=head.status or 0,
            headers=headers,
            body=payload,
            flags=flags,
            certificate=tape.certificate if tape else None,
            ip_address=ipaddress.ip_address(exchange.ip.split("%")[0]) if exchange.ip else None,
            protocol=exchange.head[:8].decode("latin-1"),
        )
        return response


def _is_page(media_type: str) -> bool:
    return media_type.startswith("text/") or "html" in media_type


async def _decode(payload: bytes, head: bytes, limit: int) -> bytes:
    if len(payload) <= IN_LOOP:
        return decoded(payload, head, limit)
    return await asyncio.to_thread(decoded, payload, head, limit)


def _headers(head: bytes) -> Headers:
    """The header lines for spiders and middlewares: in order, repeats kept."""
    pairs = []
    for line in head.split(b"\n")[1:]:
        name, colon, value = line.partition(b":")
        if colon and name.strip():
            pairs.append((name.strip(), value.strip()))
    headers = Headers()
    for name, value in pairs:
        headers.appendlist(name, value)
    return headers


def _exchange(
    url: str, attempt: Attempt, failure: Failure | None
) -> tuple[Exchange | None, str | None]:
    """The exchange as it went over the wire, and why it must not be believed.

    There is none where no head came. Bytes behind the end of the body are kept: they are what was
    sent, and show which length was wrong.
    """
    tape = attempt.tape
    if tape is None or not tape.received:
        return None, None
    head, body, surplus = split_message(bytes(tape.received))
    if not head.startswith(b"HTTP/"):
        return None, None
    truncated = failure.truncated if failure else None
    fault = head_fault(head)
    if not fault and surplus.strip(b"\r\n"):
        fault = "its body is longer than the head says"
        body += surplus
    if not fault and failure is None:
        fault = coding_fault(head, payload_of(head, body))
    if fault:
        truncated = "unspecified"
    exchange = Exchange(
        url=url,
        request=CREDENTIALS.sub(b"", bytes(tape.sent)),
        head=head,
        body=body,
        fetched_at=(tape.answered_at or datetime.now(UTC)).replace(microsecond=0),
        ip=tape.ip,
        truncated=truncated,
    )
    return exchange, fault


def _failure(error: Exception, request: Request, attempt: Attempt) -> Failure:
    """The error in Scrapy's words, or in ours where another try would be of no use."""
    refused = _cause(error, AddressRefused)
    answered = bool(attempt.tape and attempt.tape.received)
    if attempt.tape is not None and attempt.tape.flooded:
        return Failure(
            AnswerRefused("the answer was refused: it is more frame than body"), "length"
        )
    if refused is not None:
        return Failure(ConnectionForbidden(str(refused.strerror)), "unspecified")
    if isinstance(error, TimeoutError):
        limit = request.meta.get("download_timeout")
        message = f"no complete answer within {limit} seconds"
        return Failure(DownloadTimeoutError(message), "time")
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        message = f"the certificate is refused: {error.certificate_error}"
        return Failure(ConnectionForbidden(message), "unspecified")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Failure(CannotResolveHostError(f"the name {error.host} is not known"), "unspecified")
    if isinstance(error, aiohttp.ClientConnectorError):
        reason = error.os_error.strerror or error.os_error
        message = f"cannot connect to {error.host}:{error.port}: {reason}"
        return Failure(DownloadConnectionRefusedError(message), "unspecified")
    if isinstance(error, aiohttp.InvalidURL | ValueError):
        return Failure(UnsupportedURLSchemeError(str(error)), "unspecified")
    if isinstance(error, aiohttp.ClientResponseError | HttpProcessingError):
        return Failure(AnswerRefused(_reason(error)), "unspecified")
    if isinstance(error, aiohttp.ClientPayloadError) and _framing_broken(error):
        return Failure(AnswerRefused(f"the body is broken: {error}"), "unspecified")
    if isinstance(error, aiohttp.ClientError | OSError):
        kind = ResponseDataLossError if answered else DownloadFailedError
        message = "the body ended early" if answered else f"the connection broke: {error}"
        return Failure(kind(message), "disconnect")
    return Failure(error, "unspecified")


def _reason(error: aiohttp.ClientResponseError | HttpProcessingError) -> str:
    lines = [line.strip() for line in error.message.splitlines()]
    first = next((line.rstrip(":") for line in lines if line), "no parser accepts its head")
    return f"the answer was refused: {first}"


def _framing_broken(error: Exception) -> bool:
    return _cause(error, aiohttp.http_exceptions.TransferEncodingError) is not None and (
        "Not enough data" not in str(error)
    )


def _cause(error: BaseException | None, kind: type[BaseException]) -> Any:
    """The first of an error and its causes that is of a kind."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, kind):
            return error
        seen.add(id(error))
        inner = None
        with suppress(AttributeError):
            inner = error.os_error  # type: ignore[attr-defined]
        error = inner or error.__cause__ or error.__context__
    return None


def _bind_address(value: Any) -> tuple[str, int] | None:
    return (value, 0) if isinstance(value, str) else value
