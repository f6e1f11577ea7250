"""Archives on loopback: a real pywb in a process of its own, and a server like Common Crawl's.

pywb is GPL and only ever runs as a separate program; both are made from the same WARC files.
"""

import base64
import gzip
import hashlib
import json
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote_plus, unquote, unquote_plus, urlsplit

from kontum_crawler.warc.surt import surt

CONFIG = """collections_root: collections
framed_replay: false
enable_memento: true
redirect_to_exact: {exact}
"""
BIN = Path(sys.executable).parent


@contextmanager
def pywb(folder: Path, warcs: list[Path], *, exact: bool = True) -> Iterator[str]:
    """A pywb with one collection `kkt`; gives the address of its CDX API."""
    folder.mkdir(parents=True, exist_ok=True)
    run = [str(BIN / "wb-manager")]
    subprocess.run([*run, "init", "kkt"], cwd=folder, check=True, capture_output=True)
    subprocess.run(
        [*run, "add", "kkt", *map(str, warcs)], cwd=folder, check=True, capture_output=True
    )
    (folder / "config.yaml").write_text(CONFIG.format(exact=str(exact).lower()))
    port = free_port()
    with (folder / "log").open("wb") as log:
        command = [str(BIN / "wayback"), "-b", "127.0.0.1", "-p", str(port)]
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            _wait(f"http://127.0.0.1:{port}/collinfo.json", server)
            yield f"http://127.0.0.1:{port}/kkt/cdx"
        finally:
            server.terminate()
            server.wait(10)


def _wait(url: str, server: "subprocess.Popen[bytes]") -> None:
    """Return once the server answers; it takes some three seconds to start."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if b"kkt" in answer.read():
                    return
        except OSError:
            pass
        if server.poll() is not None:
            break
        threading.Event().wait(0.1)
    raise RuntimeError("pywb did not start; its log is in its folder")


def free_port() -> int:
    """A port that nobody holds now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Asked:
    """One request that a twin saw, by its own clock."""

    at: float
    path: str
    headers: dict[str, str]


@dataclass
class Answer:
    """What a twin answers; cut: bytes of the body after which it hangs up."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None


class Twin:
    """A server whose answers a function makes; `asked` is the log."""

    def __init__(self, answer: Callable[[str, dict[str, str]], Answer]) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self.base = ""

    def __enter__(self) -> "Twin":
        twin = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                twin.asked.append(Asked(time.monotonic(), self.path, headers))
                made = twin.answer(self.path, headers)
                self.send_response_only(made.status)
                for name, value in made.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(made.body)))
                self.end_headers()
                self.wfile.write(made.body[: made.cut])
                if made.cut is not None:
                    self.close_connection = True

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.base = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def paths(self, part: str = "") -> list[str]:
        """The paths that were asked for, those with some text in them."""
        return [seen.path for seen in self.asked if part in seen.path]


class CommonCrawl(Twin):
    """Index API with pages and WARC ranges, one index for each file given.

    Each capture is a gzip member of its own; the index is made by cdxj-indexer.
    """

    def __init__(self, warcs: list[Path], page_size: int = 20) -> None:
        super().__init__(self._reply)
        self.page_size = page_size
        self.files = {f"crawl-data/CC-MAIN-{path.stem}/warc/{path.name}": path for path in warcs}
        self.lines = {name: _indexed(path, name) for name, path in self.files.items()}

    @property
    def collinfo(self) -> str:
        """The address that `--cdx-url` wants."""
        return f"{self.base}/collinfo.json"

    def _reply(self, target: str, headers: dict[str, str]) -> Answer:
        parts = urlsplit(target)
        path = unquote(parts.path).lstrip("/")
        if path == "collinfo.json":
            return _json([self._index(name) for name in self.files])
        if path in self.files:
            return self._range(self.files[path], headers)
        for name in self.files:
            if path == f"{_crawl(name)}-index":
                return self._list(
                    name, {key: values[0] for key, values in parse_qs(parts.query).items()}
                )
        return Answer(b"<html>404</html>", 404)

    def _index(self, name: str) -> dict[str, str]:
        crawl = _crawl(name)
        return {"id": crawl, "name": crawl, "cdx-api": f"{self.base}/{crawl}-index"}

    def _list(self, name: str, said: dict[str, str]) -> Answer:
        if "url" not in said:
            return _json({"message": "url= is required"}, 400)
        host = said["url"].removesuffix("/*").split("/")[0]
        prefix = ",".join(reversed(host.split("."))) + ")"
        found = [
            line
            for line in self.lines[name]
            if line["urlkey"].startswith(prefix)
            and said.get("from", "") <= line["timestamp"] <= said.get("to", "9")
        ]
        pages = -(-len(found) // self.page_size)
        if "showNumPages" in said:
            if not found:
                return _json({"message": f"No Captures found for: {said['url']}"}, 404)
            return _json({"pages": pages, "pageSize": 1, "blocks": pages})
        page = int(said.get("page", 0))
        if page >= max(pages, 1):
            return _json({"message": f"Page {page} invalid"}, 400)
        rows = found[page * self.page_size : (page + 1) * self.page_size]
        body = "".join(json.dumps(row) + "\n" for row in rows)
        return Answer(body.encode(), headers={"Content-Type": "text/x-ndjson"})

    def _range(self, path: Path, headers: dict[str, str]) -> Answer:
        data = path.read_bytes()
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", headers.get("range", ""))
        if match is None:
            return Answer(data)
        first, last = int(match[1]), int(match[2])
        told = {"Content-Range": f"bytes {first}-{last}/{len(data)}"}
        return Answer(data[first : last + 1], 206, told)


def _indexed(path: Path, name: str) -> list[dict[str, str]]:
    done = subprocess.run(
        [str(BIN / "cdxj-indexer"), "-s", str(path)], check=True, capture_output=True, text=True
    )
    rows = []
    for line in done.stdout.splitlines():
        key, stamp, rest = line.split(" ", 2)
        row = {"urlkey": key, "timestamp": stamp, **json.loads(rest), "filename": name}
        row["digest"] = row.get("digest", "").removeprefix("sha1:")
        rows.append({key: str(value) for key, value in row.items()})
    return rows


def _crawl(name: str) -> str:
    return name.split("/")[1].removesuffix(".warc")


def _json(value: Any, status: int = 200) -> Answer:
    return Answer(json.dumps(value).encode(), status, {"Content-Type": "application/json"})


def members(path: Path) -> list[bytes]:
    """The gzip members of a file, decompressed: its records."""
    with gzip.open(path) as file:
        return re.split(rb"(?=WARC/1\.1\r\n)", file.read())[1:]


@dataclass
class Kept:
    """One capture that a Wayback twin lists and serves.

    listed: fields of its line that lie, or are missing. reply: what is answered in its place.
    """

    url: str
    stamp: str
    body: bytes = b"<html><body><p>x</p></body></html>"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    listed: dict[str, str] = field(default_factory=dict)
    reply: Answer | None = None


class Wayback(Twin):
    """The protocol of the Wayback Machine: lists with resumption keys, captures as stored.

    dialect: `text` or `json`. page_size: lines of one answer at most. faults: what is answered to
    the n-th question about a list in place of it; lines: what is put into the list as it is.
    """

    def __init__(self, kept: list[Kept], *, dialect: str = "text", page_size: int = 1000) -> None:
        super().__init__(self._reply)
        self.kept = sorted(kept, key=lambda one: (surt(one.url), one.stamp))
        self.dialect = dialect
        self.page_size = page_size
        self.faults: dict[int, Answer] = {}
        self.lines: list[str] = []
        self.listed = 0

    @property
    def cdx(self) -> str:
        """The address that `--cdx-url` wants."""
        return f"{self.base}/cdx/search/cdx"

    def captures(self) -> list[str]:
        """The captures that were asked for."""
        return self.paths("id_/")

    def _reply(self, target: str, headers: dict[str, str]) -> Answer:
        parts = urlsplit(target)
        if parts.path == "/cdx/search/cdx":
            self.listed += 1
            fault = self.faults.get(self.listed)
            return fault or self._list({key: one[0] for key, one in parse_qs(parts.query).items()})
        match = re.match(r"/web/(\d{14})id_/(.+)$", target)
        found = [one for one in self.kept if match and (one.stamp, one.url) == match.groups()]
        if not found:
            return Answer(b"<html>Wayback Machine: not archived</html>", 404)
        return found[0].reply or self._replay(found[0])

    def _replay(self, one: Kept) -> Answer:
        moment = time.strptime(one.stamp, "%Y%m%d%H%M%S")
        told = {
            "Memento-Datetime": time.strftime("%a, %d %b %Y %H:%M:%S GMT", moment),
            "Link": f'<{one.url}>; rel="original", <{self.base}/web/{one.url}>; rel="timegate"',
            "x-archive-src": "crawl/file.warc.gz",
            "Content-Type": one.headers.get("Content-Type", "text/html; charset=utf-8"),
        }
        for name, value in one.headers.items():
            if name == "Location":
                told[name] = f"{self.base}/web/{one.stamp}id_/{value}"
            elif name != "Content-Type":
                told[f"x-archive-orig-{name.lower()}"] = value
        return Answer(one.body, one.status, told)

    def _list(self, said: dict[str, str]) -> Answer:
        address = said["url"].removesuffix("*")
        wanted = surt(address if "://" in address else f"http://{address}")
        prefix = said["url"].endswith("*")
        key = unquote_plus(said.get("resumeKey", ""))
        found = [
            (surt(one.url), one)
            for one in self.kept
            if (surt(one.url).startswith(wanted.rstrip("/")) if prefix else surt(one.url) == wanted)
            and said.get("from", "") <= one.stamp <= said.get("to", "9")
            and f"{surt(one.url)} {one.stamp}" >= key
        ]
        size = min(int(said.get("limit", 10**9)), self.page_size)
        rows = [self._row(key, one) for key, one in found[:size]]
        after = ""
        if len(found) > size and said.get("showResumeKey"):
            last_key, last = found[size - 1]
            after = quote_plus(f"{last_key} {last.stamp[:-1]}{chr(ord(last.stamp[-1]) + 1)}")
        if self.dialect == "json":
            head = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
            table = [head, *rows, *([[], [after]] if after else [])] if rows else []
            return Answer(json.dumps(table).encode(), headers={"Content-Type": "application/json"})
        lines = [*self.lines, *(" ".join(row) for row in rows), *(["", after] if after else [])]
        return Answer("".join(f"{line}\n" for line in lines).encode())

    def _row(self, key: str, one: Kept) -> list[str]:
        line = {
            "urlkey": key,
            "timestamp": one.stamp,
            "original": one.url,
            "mimetype": one.headers.get("Content-Type", "text/html"),
            "statuscode": str(one.status),
            "digest": base64.b32encode(hashlib.sha1(one.body).digest()).decode(),
            "length": str(len(one.body) + 300),
        }
        return [*(line | one.listed).values()]
