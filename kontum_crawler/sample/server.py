"""The sample portal on 127.0.0.1: HTTP around `Portal`, with a request log and faults."""

import asyncio
import gzip
import json
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self, TextIO
from urllib.parse import unquote

from aiohttp import web

from . import faults, truth
from .answers import Answer
from .options import Options
from .portal import Portal

ADDRESS = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as the server saw it.

    `at` and `until` are seconds on the server's monotonic clock; `path` is the target as sent;
    `bytes` those of the body on the wire; `in_flight` counts requests open at its start, itself
    included.
    """

    at: float
    until: float
    method: str
    host: str
    path: str
    status: int
    bytes: int
    in_flight: int
    headers: dict[str, str]


class Site:
    """Answers the requests of one listening socket, and keeps what was asked."""

    def __init__(self, portal: Portal, log: TextIO | None = None) -> None:
        self.portal = portal
        self.requests: list[Request] = []
        self._log = log
        self._open = 0
        self._seen = 0

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request, after the faults that were chosen."""
        self._open += 1
        in_flight, start = self._open, time.monotonic()
        status, size = 0, 0
        try:
            if self.portal.options.latency:
                await asyncio.sleep(self.portal.options.latency)
            answer, fault = self._answer(request)
            response = self._response(request, answer)
            status, size = response.status, len(_bytes(response))
            return await faults.spoil(fault, request, response) if fault else response
        finally:
            self._open -= 1
            self._keep(request, (start, status, size, in_flight))

    def _answer(self, request: web.BaseRequest) -> tuple[Answer, str | None]:
        target = request.raw_path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        host = (request.headers.get("Host") or "").split(":")[0].lower()
        fault = faults.chosen(self.portal.options.faults, unquote(target))
        answer = faults.answer(fault) if fault else None
        return answer or self.portal.answer(host, target), fault

    def _response(self, request: web.BaseRequest, answer: Answer) -> web.Response:
        headers = {"Server": "Microsoft-IIS/8.5", "X-Powered-By": "ASP.NET", **answer.headers}
        if answer.stamp and answer.etag and self.portal.options.validators:
            headers |= {"ETag": answer.etag, "Cache-Control": "private, must-revalidate"}
            if answer.last_modified:
                headers["Last-Modified"] = answer.last_modified
            asked = {name.lower(): value for name, value in request.headers.items()}
            if answer.known_to(asked):
                return web.Response(status=304, headers=headers)
        html = answer.media_type.startswith("text/html")
        if html and answer.status == 200 and "Cookie" not in request.headers:
            self._seen += 1
            headers["Set-Cookie"] = f"ASP.NET_SessionId=kt{self._seen:022x}; path=/; HttpOnly"
        body = answer.body
        if answer.media_type.startswith(("text/", "application/rss")):
            headers["Vary"] = "Accept-Encoding"
            if len(body) > 400 and "gzip" in request.headers.get("Accept-Encoding", ""):
                body = gzip.compress(body, 6, mtime=0)
                headers["Content-Encoding"] = "gzip"
        headers["Content-Type"] = answer.media_type
        return web.Response(status=answer.status, body=body, headers=headers)

    def _keep(self, request: web.BaseRequest, seen: tuple[float, int, int, int]) -> None:
        start, status, size, in_flight = seen
        sent = 0 if request.method == "HEAD" else size
        row = Request(
            start,
            time.monotonic(),
            request.method,
            request.headers.get("Host", ""),
            request.raw_path,
            status,
            sent,
            in_flight,
            dict(request.headers.items()),
        )
        self.requests.append(row)
        if self._log:
            self._log.write(json.dumps(asdict(row), ensure_ascii=True) + "\n")
            self._log.flush()


async def serve(
    port: int = 0,
    day: int = 1,
    articles: int = 60,
    *,
    options: Options | None = None,
    truth_file: Path | None = None,
    log_file: Path | None = None,
    ready: Callable[[str], Any] | None = None,
) -> None:
    """Serve the sample portal until this task is cancelled.

    port: 0 takes a free one. `options` outweigh day and articles. The truth file is written before
    the first request is answered. `ready` is called with the base address once the server listens.

    Raises OSError when the port is taken.
    """
    portal = Portal(options or Options(articles=articles, day=day))
    log = log_file.open("a", encoding="utf-8") if log_file else None
    runner, _ = await _listen(portal, port, log)
    try:
        base = base_of(runner)
        if truth_file:
            truth.write(portal, base, truth_file, days=max(2, portal.options.day))
        if ready:
            ready(base)
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
        if log:
            log.close()


class Sample:
    """The sample portal on a thread of its own, for tests: `with Sample() as sample: sample.base`.

    Its options may be changed while it runs (`sample.options.day = 2`); `requests` is the log.
    """

    def __init__(self, articles: int = 60, day: int = 1, *, port: int = 0, **more: Any) -> None:
        self.options = Options(articles=articles, day=day, **more)
        self.portal = Portal(self.options)
        self.site: Site | None = None
        self.base = ""
        self._port = port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stop: asyncio.Event | None = None

    @property
    def day(self) -> int:
        """The day that the portal shows."""
        return self.options.day

    @day.setter
    def day(self, day: int) -> None:
        self.options.day = day

    @property
    def requests(self) -> list[Request]:
        """All requests since the start, or since `forget`."""
        return self.site.requests if self.site else []

    def forget(self) -> None:
        """Empty the request log."""
        self.requests.clear()

    def truth(self, days: int = 2) -> dict[str, Any]:
        """The truth of the first days, see `truth.truth`."""
        return truth.truth(Portal(self.options), self.base, days)

    def start(self) -> Self:
        """Listen; returns once requests are answered. Raises OSError when the port is taken."""
        started = threading.Event()
        failed: list[OSError] = []

        async def run() -> None:
            self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
            try:
                runner, self.site = await _listen(self.portal, self._port, None)
            except OSError as error:
                failed.append(error)
                started.set()
                return
            self.base = base_of(runner)
            started.set()
            await self._stop.wait()
            await runner.cleanup()

        self._thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
        self._thread.start()
        started.wait()
        if failed:
            raise failed[0]
        return self

    def stop(self) -> None:
        """Close the socket and end the thread."""
        if self._loop and self._stop and self._thread and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def base_of(runner: web.ServerRunner) -> str:
    """The address at which a runner listens."""
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}"


async def _listen(portal: Portal, port: int, log: TextIO | None) -> tuple[web.ServerRunner, Site]:
    site = Site(portal, log)
    runner = web.ServerRunner(web.Server(site.handle, access_log=None), shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, ADDRESS, port).start()
    except OSError:
        await runner.cleanup()
        raise
    return runner, site


def _bytes(response: web.Response) -> bytes:
    return response.body if isinstance(response.body, bytes) else b""
