"""What goes over the wire is kept byte for byte, and what cannot be believed is refused."""

import asyncio
import gzip
import socket
import ssl
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import brotlicffi
import pytest
from aiohttp.abc import AbstractResolver
from crawl.rawserver import RawServer
from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import HtmlResponse, Response
from scrapy.settings import Settings

from kontum_crawler.handlers.addresses import is_public
from kontum_crawler.handlers.download import (
    AnswerRefused,
    ConnectionForbidden,
    WireDownloadHandler,
)
from kontum_crawler.handlers.wire import WireProtocol, record

HOST = "kkt.kontum.gov.vn"
TEXT = "<p>Khu kinh tế cửa khẩu</p>".encode()
OK = b"HTTP/1.1 200 OK\r\n"

BELIEVED: dict[str, tuple[bytes, bytes]] = {
    "case-order-repeats": (
        OK + b"x-a:  1 \r\nX-A:2\r\nSERVER:\tMicrosoft-IIS/6.0  \r\nContent-length: 5\r\n\r\nhello",
        b"hello",
    ),
    "no-reason": (b"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello", b"hello"),
    "odd-reason": ("HTTP/1.1 200 Được rồi!\r\nContent-Length: 5\r\n\r\nhello".encode(), b"hello"),
    "raw-latin-1": (OK + b"X: \xe1\xbb\xff\r\nContent-Length: 5\r\n\r\nhello", b"hello"),
    "long-policy": (
        OK + b"Content-Security-Policy: " + b"a" * 20_000 + b"\r\nContent-Length: 5\r\n\r\nhello",
        b"hello",
    ),
    "until-the-end": (b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\nhello", b"hello"),
    "bare-line-feeds": (b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", b"hello"),
    "gzip": (
        OK + b"Content-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(TEXT),
        TEXT,
    ),
    "brotli": (OK + b"Content-Encoding: br\r\n\r\n" + brotlicffi.compress(TEXT), TEXT),
    "deflate": (OK + b"Content-Encoding: deflate\r\n\r\n" + zlib.compress(TEXT), TEXT),
    "chunks-and-trailer": (
        OK + b"Transfer-Encoding: chunked\r\n\r\n"
        b"3;name=x\r\nhel\r\n02\r\nlo\r\n0\r\nX-Sum: 1\r\n\r\n",
        b"hello",
    ),
    "no-content": (b"HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n", b""),
    "not-modified": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 900\r\n\r\n", b""),
    "strange-status": (b"HTTP/1.1 999 Blocked\r\nContent-Length: 5\r\n\r\nhello", b"hello"),
    "not-found": (b"HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nhello", b"hello"),
}
REFUSED: dict[str, tuple[bytes, type[Exception], str]] = {
    "folded": (OK + b"X: a\r\n b\r\nContent-Length: 5\r\n\r\nhello", AnswerRefused, "unspecified"),
    "two-lengths": (
        OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        AnswerRefused,
        "unspecified",
    ),
    "longer-than-said": (OK + b"Content-Length: 3\r\n\r\nhello", AnswerRefused, "unspecified"),
    "cut-off": (OK + b"Content-Length: 9\r\n\r\nhello", ResponseDataLossError, "disconnect"),
    "cut-off-chunk": (
        OK + b"Transfer-Encoding: chunked\r\n\r\n9\r\nhello",
        ResponseDataLossError,
        "disconnect",
    ),
    "broken-chunks": (
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
        AnswerRefused,
        "unspecified",
    ),
    "flood-of-headers": (
        OK + b"".join(b"X-%d: 1\r\n" % n for n in range(400)) + b"Content-Length: 0\r\n\r\n",
        AnswerRefused,
        "unspecified",
    ),
    "said-gzip-sent-plain": (
        OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
        AnswerRefused,
        "unspecified",
    ),
    "huge-header": (
        OK + b"X: " + b"a" * 80_000 + b"\r\nContent-Length: 0\r\n\r\n",
        AnswerRefused,
        "unspecified",
    ),
}


class Fetched(SimpleNamespace):
    """What a download gave: response or error, and the request with its meta."""

    response: Response
    error: Exception | None
    request: Request


def fetch(server: RawServer, *paths: str, **options: Any) -> list[Fetched]:
    """Download paths of a portal one after the other from a raw server."""

    async def run() -> list[Fetched]:
        async with server:
            settings = {
                "KONTUM_CONNECT_TO": server.base,
                "DOWNLOAD_VERIFY_CERTIFICATES": True,
                **options.get("settings", {}),
            }
            return await _download([f"http://{HOST}{path}" for path in paths], settings, options)

    return asyncio.run(run())


async def _download(
    urls: list[str], settings: dict[str, Any], options: dict[str, Any]
) -> list[Fetched]:
    handler = WireDownloadHandler(SimpleNamespace(settings=Settings(settings)))  # type: ignore[arg-type]
    results = []
    for url in urls:
        request = Request(url, meta={"download_timeout": 5, **options.get("meta", {})})
        request.headers.update(options.get("headers", {}))
        try:
            response = await handler.download_request(request)
        except Exception as error:
            results.append(Fetched(response=None, error=error, request=request))
        else:
            results.append(Fetched(response=response, error=None, request=request))
    await handler.close()
    return results


@pytest.mark.parametrize("name", BELIEVED)
def test_an_odd_answer_is_kept_as_sent_and_read(name: str) -> None:
    sent, body = BELIEVED[name]
    server = RawServer({f"/{name}": sent})
    got = fetch(server, f"/{name}")[0]
    assert got.error is None
    exchange = got.request.meta["exchange"]
    assert exchange.head + exchange.body == server.log[0][1] == sent
    assert exchange.request == server.log[0][0]
    assert (got.response.body, exchange.truncated) == (body, None)


@pytest.mark.parametrize("name", REFUSED)
def test_an_answer_that_cannot_be_believed_is_kept_and_refused(name: str) -> None:
    sent, error, truncated = REFUSED[name]
    got = fetch(RawServer({f"/{name}": sent}), f"/{name}")[0]
    exchange = got.request.meta["exchange"]
    assert type(got.error) is error
    assert (exchange.head + exchange.body, exchange.truncated) == (sent, truncated)


def test_an_answer_without_a_head_leaves_no_exchange() -> None:
    got = fetch(RawServer({"/x": b"hello there\r\n\r\n"}), "/x")[0]
    assert isinstance(got.error, AnswerRefused)
    assert got.request.meta["exchange"] is None


def test_a_broken_coding_is_kept_whole_but_refused() -> None:
    body = gzip.compress(TEXT)[:-6]
    sent = OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    got = fetch(RawServer({"/x": sent}), "/x")[0]
    assert isinstance(got.error, AnswerRefused)
    assert got.request.meta["exchange"].body == body


def test_a_broken_chunk_that_comes_late_is_refused_at_once() -> None:
    begin = OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(begin)
        await asyncio.sleep(0.2)
        writer.write(b"zz\r\n")
        await writer.drain()
        await reader.read()

    got = fetch(RawServer({"/x": answer}), "/x")[0]
    exchange = got.request.meta["exchange"]
    assert type(got.error) is AnswerRefused
    assert (exchange.head + exchange.body, exchange.truncated) == (begin + b"zz\r\n", "unspecified")


def test_early_hints_are_no_part_of_the_answer() -> None:
    final = OK + b"Content-Length: 5\r\n\r\nhello"
    sent = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + final
    got = fetch(RawServer({"/x": sent}), "/x")[0]
    exchange = got.request.meta["exchange"]
    assert exchange.head + exchange.body == final


def test_answers_on_one_connection_are_kept_apart() -> None:
    answers = {f"/{n}": OK + b"N: %d\r\nContent-Length: 2\r\n\r\n%02d" % (n, n) for n in range(9)}
    server = RawServer(dict(answers), keep=True)
    got = fetch(server, *answers)
    kept = [(one.request.meta["exchange"]) for one in got]
    assert server.connections == 1
    assert [(e.request, e.head + e.body) for e in kept] == server.log


def test_a_spider_sees_an_ordinary_response() -> None:
    head = OK + b"Content-Type: text/html\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n"
    sent = head + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(TEXT)
    got = fetch(RawServer({"/x": sent}), "/x")[0]
    assert isinstance(got.response, HtmlResponse)
    assert got.response.css("p::text").get() == "Khu kinh tế cửa khẩu"
    assert got.response.headers.getlist("Set-Cookie") == [b"a=1", b"b=2"]
    assert (got.response.flags, str(got.response.ip_address)) == (["decoded"], "127.0.0.1")
    assert got.request.meta["download_latency"] > 0
    assert got.request.meta["exchange"].ip == "127.0.0.1"


def test_the_host_stays_the_portal_s_when_another_place_is_connected_to() -> None:
    server = RawServer({"/a%20b?q=%C4%91": OK + b"Content-Length: 0\r\n\r\n"})
    got = fetch(server, "/a%20b?q=%C4%91")[0]
    assert got.error is None
    assert server.log[0][0].startswith(
        b"GET /a%20b?q=%C4%91 HTTP/1.1\r\nHost: kkt.kontum.gov.vn\r\n"
    )


def test_a_body_larger_than_allowed_is_cut_and_marked() -> None:
    sent = OK + b"Content-Length: 300000\r\n\r\n" + b"x" * 300_000
    got = fetch(RawServer({"/x": sent}), "/x", meta={"download_maxsize": 1000})[0]
    exchange = got.request.meta["exchange"]
    assert isinstance(got.error, DownloadCancelledError)
    assert exchange.truncated == "length"
    assert len(exchange.body) < 300_000


def test_a_bomb_is_not_unpacked() -> None:
    body = gzip.compress(b"\0" * 30_000_000)
    sent = OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    got = fetch(RawServer({"/x": sent}), "/x", meta={"download_maxsize": 1_000_000})[0]
    assert isinstance(got.error, DownloadCancelledError)
    assert got.request.meta["exchange"].body == body


def dripping(head: bytes) -> Callable[..., Awaitable[None]]:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    return drip


def test_a_body_that_drips_ends_at_the_limit_of_time() -> None:
    server = RawServer({"/x": dripping(OK + b"Content-Length: 9999\r\n\r\n")})
    got = fetch(server, "/x", meta={"download_timeout": 0.4})[0]
    assert isinstance(got.error, DownloadTimeoutError)
    assert got.request.meta["exchange"].truncated == "time"


def test_a_head_that_drips_ends_at_the_limit_of_time() -> None:
    got = fetch(
        RawServer({"/x": dripping(b"HTTP/1.1 200 ")}), "/x", meta={"download_timeout": 0.4}
    )[0]
    assert isinstance(got.error, DownloadTimeoutError)
    assert got.request.meta["exchange"] is None


def test_a_server_that_hangs_up_is_a_passing_failure_and_asked_once() -> None:
    asked = []

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(1)

    fine = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    got = fetch(RawServer({"/fine": fine, "/x": hang_up}, keep=True), "/fine", "/x")[1]
    assert type(got.error) is DownloadFailedError
    assert len(asked) == 1


def test_a_closed_port_is_a_passing_failure() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{unused.getsockname()[1]}"
        got = asyncio.run(_download([f"http://{HOST}/"], {"KONTUM_CONNECT_TO": base}, {}))[0]
    assert type(got.error) is DownloadConnectionRefusedError


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9/", "http://localhost:9/", "http://[::1]:9/", "http://169.254.169.254/"],
)
def test_a_private_address_is_refused(url: str) -> None:
    got = asyncio.run(_download([url], {}, {}))[0]
    assert isinstance(got.error, ConnectionForbidden)
    assert not got.request.meta["sent"]


def test_a_private_address_that_the_command_line_names_is_allowed() -> None:
    async def run() -> Fetched:
        async with RawServer({"/": OK + b"Content-Length: 0\r\n\r\n"}) as server:
            url = f"http://localhost:{server.port}/"
            return (await _download([url], {"KONTUM_NAMED_HOSTS": ["localhost"]}, {}))[0]

    assert asyncio.run(run()).error is None


class Rebinding(AbstractResolver):
    """Names a public address the first time, the machine itself from then on."""

    def __init__(self) -> None:
        self.answers = ["198.51.100.7", "127.0.0.1"]

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> Any:
        address = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        entry = {"hostname": host, "host": address, "port": port, "proto": 0, "flags": 0}
        return [{**entry, "family": socket.AF_INET}]

    async def close(self) -> None:
        return


def test_a_name_that_turns_private_is_refused() -> None:
    settings = {"KONTUM_RESOLVER": Rebinding}

    async def run() -> list[Fetched]:
        handler = WireDownloadHandler(SimpleNamespace(settings=Settings(settings)))  # type: ignore[arg-type]
        await handler.policy.resolve("portal.example", 80)
        request = Request("http://portal.example/", meta={"download_timeout": 5})
        with pytest.raises(ConnectionForbidden):
            await handler.download_request(request)
        await handler.close()
        return []

    asyncio.run(run())


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("203.162.0.1", True),
        ("2405:4800::1", True),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_an_unknown_name_is_told() -> None:
    got = asyncio.run(_download(["http://portal.invalid/"], {}, {}))[0]
    assert type(got.error) is CannotResolveHostError


def test_a_proxy_is_asked_for_the_whole_address() -> None:
    async def run() -> tuple[Fetched, bytes]:
        url = f"http://{HOST}/x"
        async with RawServer({url: OK + b"Content-Length: 0\r\n\r\n"}) as proxy:
            got = (await _download([url], {}, {"meta": {"proxy": proxy.base}}))[0]
            return got, proxy.log[0][0]

    got, asked = asyncio.run(run())
    assert got.error is None
    assert asked.startswith(f"GET http://{HOST}/x HTTP/1.1\r\n".encode())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate and key for 127.0.0.1 that nobody vouches for."""
    import datetime
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(alternative, critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "pair.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def secured(certificate: Path) -> RawServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return RawServer({"/x": OK + b"Content-Length: 5\r\n\r\nhello"}, ssl=context)


def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: Path) -> None:
    got = fetch(secured(certificate), "/x")[0]
    assert isinstance(got.error, ConnectionForbidden)


def test_bytes_behind_tls_are_kept_in_the_clear(certificate: Path) -> None:
    server = secured(certificate)
    got = fetch(server, "/x", settings={"KONTUM_UNVERIFIED_HOSTS": ["127.0.0.1"]})[0]
    exchange = got.request.meta["exchange"]
    assert (exchange.request, exchange.head + exchange.body) == server.log[0]
    assert got.response.certificate


def test_the_private_hook_of_aiohttp_is_still_there() -> None:
    async def run() -> type:
        connector = aiohttp.TCPConnector()
        record(connector)
        made = connector._factory()
        await connector.close()
        return type(made)

    assert asyncio.run(run()) is WireProtocol
