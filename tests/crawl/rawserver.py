"""A server that sends the bytes it is told to, and logs what it received and sent."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import cast

HOST = re.compile(rb"(?i)\r\nhost: *([^\r]+)")
Answer = bytes | Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class RawServer:
    """Answers a path with raw bytes; after an answer the connection closes, unless `keep`.

    A key may begin with the host that is asked for. log: (request bytes, answer bytes) in order of
    arrival; asked: the last request, for an answer that is a function.
    """

    def __init__(
        self, answers: dict[str, Answer], *, keep: bool = False, ssl: object = None
    ) -> None:
        self.answers = answers
        self.keep = keep
        self.ssl = ssl
        self.log: list[tuple[bytes, bytes]] = []
        self.asked = b""
        self.connections = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "RawServer":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.ssl)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def base(self) -> str:
        return f"{'https' if self.ssl else 'http'}://127.0.0.1:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._tasks.add(cast("asyncio.Task[None]", asyncio.current_task()))
        try:
            while True:
                asked = self.asked = await reader.readuntil(b"\r\n\r\n")
                path = asked.split(b" ", 2)[1].decode()
                host = HOST.search(asked)
                own = f"{host[1].decode()}{path}" if host else path
                answer = self.answers[own] if own in self.answers else self.answers[path]
                if callable(answer):
                    await answer(reader, writer)
                    break
                writer.write(answer)
                await writer.drain()
                self.log.append((asked, answer))
                if not self.keep:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
