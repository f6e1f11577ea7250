"""The bytes of a request and of its answer, taken where they cross the connection.

aiohttp hands out parsed heads: blanks around values, chunk marks and trailers are gone by then. So
its protocol is given a tape. `BaseConnector._factory`, by which a connection gets its protocol, is
private; tests/crawl/test_wire.py fails when a version of aiohttp changes it.
"""

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http_exceptions import HttpProcessingError

LONGEST_HEAD = 2_000_000
"""Bytes that may come before a head is complete: early hints have no end of their own."""


@dataclass(slots=True)
class Tape:
    """What one exchange sent and received, and when the first byte of the answer came (UTC).

    limit: bytes after which the connection is cut, then `flooded` is set; first those of a head.
    """

    sent: bytearray = field(default_factory=bytearray)
    received: bytearray = field(default_factory=bytearray)
    answered_at: datetime | None = None
    ip: str | None = None
    certificate: bytes | None = None
    limit: int = LONGEST_HEAD
    flooded: bool = False


@dataclass(slots=True)
class Attempt:
    """Links a download to the tape of the connection that it was given."""

    tape: Tape | None = None


CURRENT: ContextVar[Attempt | None] = ContextVar("kontum_attempt", default=None)


class RecordingTransport:
    """A transport that notes what is written; everything else is the transport's own."""

    def __init__(self, transport: Any, protocol: "WireProtocol") -> None:
        self._transport = transport
        self._protocol = protocol

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        self._protocol.tape.sent += data
        self._transport.write(data)

    def writelines(self, parts: Iterable[bytes]) -> None:
        self.write(b"".join(parts))


class WireProtocol(ResponseHandler):
    """aiohttp's protocol with a tape; each request on a kept-alive connection gets a new one."""

    def __init__(self, loop: Any) -> None:
        super().__init__(loop=loop)
        self.tape = Tape()

    def connection_made(self, transport: Any) -> None:
        super().connection_made(RecordingTransport(transport, self))  # type: ignore[arg-type]

    def set_response_params(self, **params: Any) -> None:
        self.tape = Tape()
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        if self.tape.flooded:
            return
        if len(self.tape.received) + len(data) > self.tape.limit:
            self.tape.flooded = True
            if self.transport is not None:
                self.transport.abort()
            return
        if data:
            if self.tape.answered_at is None:
                self.tape.answered_at = datetime.now(UTC)
            self.tape.received += data
        super().data_received(data)
        self._tell_the_reader()

    def _tell_the_reader(self) -> None:
        """Have a fault of the framing raised where the body is read.

        aiohttp 3.14 tells it only to whoever waits for the next head: the reader of a body whose
        later chunk is broken would wait until its time is up.
        """
        error, payload = self.exception(), self._payload
        if isinstance(error, HttpProcessingError) and payload is not None and not payload.is_eof():
            payload.set_exception(error)


class WireResponse(aiohttp.ClientResponse):
    """A response that tells the attempt which tape it is on, before its head is parsed."""

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        protocol, attempt = connection.protocol, CURRENT.get()
        if attempt is not None and isinstance(protocol, WireProtocol):
            attempt.tape = protocol.tape
            transport = connection.transport
            peer = transport.get_extra_info("peername") if transport else None
            protocol.tape.ip = peer[0] if peer else None
            tls = transport.get_extra_info("ssl_object") if transport else None
            protocol.tape.certificate = tls.getpeercert(binary_form=True) if tls else None
        return await super().start(connection)


def record(connector: aiohttp.BaseConnector) -> None:
    """Have the connections that a connector opens from now on keep tapes."""
    factory: Any = partial(WireProtocol, loop=connector._loop)
    connector._factory = factory
