"""Each fault of a server ends as documented, within its limits, and another portal's crawl goes on.

docs/crawling.md has the table of outcomes. Limits of time are made short for the tests; memory is
measured on a process of its own.
"""

import asyncio
import os
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from crawl.rawserver import Answer, RawServer
from crawl.test_faults import ROBOTS, article, front, serving
from crawl.test_portal import rows

from kontum_crawler import settings
from kontum_crawler.crawl import Outcome, crawl
from kontum_crawler.pipelines.session import Options
from kontum_crawler.portals import Registry

BAD, GOOD = "loi.kontum.test", "tot.kontum.test"
PORTAL = """key = "{key}"
name = "{key}"
family = "kkt"
hosts = ["{host}"]
base_url = "http://{host}/"
start_urls = ["/"]
"""
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
PATH = "/tin.p-1.html"
SHORT = {name: (2.0, 1.0, size) for name, (_, _, size) in settings.KONTUM_LIMITS.items()}


def sending(chunks: Callable[[], AsyncIterator[bytes]]) -> Answer:
    """An answer that is sent piece by piece until the client has had enough."""

    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async for chunk in chunks():
            if writer.is_closing():
                return
            writer.write(chunk)
            await writer.drain()

    return send


def repeated(head: bytes, piece: bytes, pause: float = 0.0) -> Answer:
    async def chunks() -> AsyncIterator[bytes]:
        yield head
        while True:
            yield piece
            await asyncio.sleep(pause)

    return sending(chunks)


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(8)


def moved(target: str) -> bytes:
    return f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()


def zeros(times: int) -> bytes:
    """A gzip answer that unpacks to so many times 10 MB of zeros."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(bytes(10_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    body = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + piece * times
    return OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body


CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
TWO_LENGTHS = OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"
TOO_LONG = OK + b"Content-Length: 3\r\n\r\nabcdefgh"
CUT = b"900\r\n" + b"x" * 50
FAULTS: dict[str, tuple[Answer, str, str | None]] = {
    # fault: what is sent, what the problem says, WARC-Truncated of what is kept (None: nothing is).
    # A loaded machine may reach the limit of time of the hints before that of their size.
    "reset": (reset, "the connection broke", None),
    "stall": (stall, "no complete answer within", None),
    "one byte a second": (
        repeated(OK + b"Content-Length: 9999\r\n\r\n", b"x", 0.2),
        "within",
        "time",
    ),
    "half a body": (OK + b"Content-Length: 900\r\n\r\n<p>half", "ended early", "disconnect"),
    "half a chunk": (CHUNKED + CUT, "ended early", "disconnect"),
    "two lengths": (TWO_LENGTHS, "refused", "unspecified"),
    "more than announced": (TOO_LONG, "longer than the head says", "unspecified"),
    "no head": (b"what?\r\n\r\n", "refused", None),
    "503": (b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", "answered 503", ""),
    "private redirect": (moved("http://169.254.169.254/latest/"), "169.254.169.254", ""),
    "file redirect": (moved("file:///etc/passwd"), "file:///etc/passwd", ""),
    "redirect loop": (moved(PATH), "circles", ""),
    "endless chunks": (
        repeated(CHUNKED, b"4000\r\n" + b"x" * 16384 + b"\r\n"),
        "more than",
        "length",
    ),
    "endless head": (repeated(OK + b"X-Long: ", b"y" * 65536), "refused", None),
    "flood of headers": (repeated(OK, b"X-Many: 1\r\n" * 1000), "refused", None),
    "endless hints": (repeated(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 500), "answer", None),
    "chunks of nothing": (repeated(CHUNKED, b"1;" + b"z" * 9000 + b"\r\nx\r\n"), "re", "length"),
    "a bomb": (zeros(20), "more than", ""),
}


def portals(folder: Path) -> Registry:
    (folder / "portals").mkdir(parents=True)
    for key, host in (("loi", BAD), ("tot", GOOD)):
        text = PORTAL.format(key=key, host=host)
        (folder / "portals" / f"{key}.toml").write_text(text, "utf-8")
    return Registry(folder / "portals")


def answers(fault: Answer) -> dict[str, Answer]:
    """A portal with one bad page among good ones, and one where all is well."""
    good = [f"/tin-{number}.p-{number}.html" for number in range(2, 8)]
    pages: dict[str, Answer] = {name: article(f"Tin {name[1:6]} của tỉnh") for name in good}
    return {"/robots.txt": ROBOTS, "/": front(PATH, *good), f"{BAD}{PATH}": fault, **pages} | {
        f"{GOOD}{PATH}": article("Tin thứ nhất của tỉnh")
    }


def run(server: RawServer, folder: Path) -> Outcome:
    registry = portals(folder)
    chosen = [registry.get("loi"), registry.get("tot")]
    return crawl(folder, chosen, Options(base_url=server.base))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_has_its_outcome_and_costs_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(settings, "KONTUM_LIMITS", SHORT)
    monkeypatch.setattr(settings, "KONTUM_RETRY_DELAYS", [0.2])
    sent, told, truncated = FAULTS[fault]
    with serving(answers(sent)) as server:
        outcome = run(server, tmp_path)
    query = "SELECT message FROM problems WHERE url = ?"
    messages = [message for (message,) in rows(tmp_path, query, f"http://{BAD}{PATH}")]
    assert outcome.exit_code == 3
    assert messages and told in messages[-1], messages
    held = dict(rows(tmp_path, "SELECT portal, count(*) FROM articles GROUP BY portal"))
    assert held == {"loi": 6, "tot": 7}
    kept = rows(
        tmp_path,
        "SELECT warc_file, warc_offset FROM captures WHERE url = ?",
        f"http://{BAD}{PATH}",
    )
    assert bool(kept) is (truncated is not None)
    assert {cut_of(tmp_path, *place) for place in kept} == ({truncated} if kept else set())


def cut_of(folder: Path, name: str, offset: int) -> str:
    """What a record says of how its body was cut."""
    from kontum_crawler.warc.reader import read_at

    return read_at(folder / name, offset).get("WARC-Truncated") or ""


def test_robots_that_answer_5xx_close_one_portal_only(tmp_path: Path) -> None:
    failing = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
    pages = answers(article("Tin"))
    with serving({**pages, f"{BAD}/robots.txt": failing}) as server:
        outcome = run(server, tmp_path)
        asked = {sent.split()[1] for sent, _ in server.log if BAD.encode() in sent}
    assert (outcome.exit_code, asked) == (3, {b"/robots.txt"})
    assert rows(tmp_path, "SELECT DISTINCT portal FROM articles") == [("tot",)]


@pytest.mark.slow
def test_a_private_address_behind_a_name_is_refused_and_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "KONTUM_RESOLVER", "crawl.test_fault_server.Names")
    with serving(answers(article("Tin"))) as server:
        registry = portals(tmp_path)
        port = server.port
        for key, host in (("loi", BAD), ("tot", GOOD)):
            file = tmp_path / "portals" / f"{key}.toml"
            file.write_text(file.read_text().replace(f"http://{host}/", f"http://{host}:{port}/"))
        registry = Registry(tmp_path / "portals")
        starts = (f"http://{GOOD}:{port}/", f"http://{BAD}:{port}/")
        options = Options(start_urls=starts, named_hosts=("127.0.0.1",))
        outcome = crawl(tmp_path, [registry.get("loi"), registry.get("tot")], options)
    told = [message for (message,) in rows(tmp_path, "SELECT message FROM problems")]
    assert outcome.exit_code == 3
    assert any("10.0.0.1 is a private address" in message for message in told)
    assert rows(tmp_path, "SELECT DISTINCT portal FROM articles") == [("tot",)]


class Names:
    """A resolver: one name is this machine, the other one an address of a private network."""

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[dict[str, Any]]:
        import socket

        address = "127.0.0.1" if host == GOOD else "10.0.0.1"
        entry = {"hostname": host, "host": address, "port": port, "proto": 0, "flags": 0}
        return [{**entry, "family": socket.AF_INET}]

    async def close(self) -> None:
        return


@pytest.mark.slow
def test_floods_and_bombs_cost_no_memory(tmp_path: Path) -> None:
    """10 GB of zeros and answers without end, in a process whose memory is measured."""
    floods = ("endless chunks", "endless head", "flood of headers", "endless hints")
    bad: dict[str, Answer] = {"/bomb.p-90.html": zeros(1000), "/bomb.p-91.html": zeros(1000)}
    bad |= {f"/lu.p-{n}.html": FAULTS[name][0] for n, name in enumerate(floods, 80)}
    good = "/tin.p-1.html"
    pages: dict[str, Answer] = {"/robots.txt": ROBOTS, good: article("Tin trong ngày")}
    used = {}
    for name, links in (("quiet", {}), ("floods", bad)):
        folder = tmp_path / name
        with serving({**pages, **links, "/": front(good, *links)}) as server:
            portals(folder)
            words = ["crawl", "loi", "--base-url", server.base, "--archive", str(folder)]
            process = subprocess.Popen([sys.executable, "-m", "kontum_crawler", *words])
            _, code, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(code)
        used[name] = usage.ru_maxrss
        assert rows(folder, "SELECT slug FROM articles") == [("tin",)]
    told = {url for (url,) in rows(tmp_path / "floods", "SELECT url FROM problems")}
    assert {url.removeprefix(f"http://{BAD}") for url in told} >= set(bad)
    assert used["floods"] - used["quiet"] < 150_000, used  # kB
