"""The captures as WARC files, one a year, as an archive's crawler writes them."""

import base64
import gzip
import hashlib
import json
import uuid
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from .rounds import Capture, captures
from .truth import truth

REASONS = {200: "OK", 301: "Moved Permanently", 302: "Found", 404: "Not Found", 410: "Gone"}
IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"


def write_history(folder: Path, articles: int = 60) -> list[Path]:
    """Write the files of the three years and their truth; returns the paths of the WARCs."""
    folder.mkdir(parents=True, exist_ok=True)
    seen = list(captures(articles))
    years: dict[int, list[bytes]] = defaultdict(list)
    for number, capture in enumerate(seen):
        years[capture.at.year] += [
            gzip.compress(part, mtime=0) for part in _records(capture, number)
        ]
    paths = []
    for serial, year in enumerate(sorted(years), 1):
        path = folder / f"year{serial}.warc.gz"
        path.write_bytes(gzip.compress(_warcinfo(path.name, year), mtime=0) + b"".join(years[year]))
        paths.append(path)
    told = truth(seen, articles)
    (folder / "truth.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
    return paths


def wire(capture: Capture, number: int) -> tuple[bytes, bytes, bytes]:
    """Head, body as sent, and payload of a capture: plain, gzip or chunked by its number."""
    payload = capture.body
    lines = [("Server", "Microsoft-IIS/8.5"), ("Content-Type", capture.media_type)]
    if capture.location:
        lines.append(("Location", capture.location))
    coded = capture.media_type.startswith("text/") and len(payload) > 400
    if coded and number % 3 == 0:
        payload = gzip.compress(payload, 6, mtime=0)
        lines.append(("Content-Encoding", "gzip"))
    body = payload
    if coded and number % 3 == 1:
        body = b"".join(
            b"%x\r\n%s\r\n" % (len(part), part)
            for part in (payload[at : at + 4000] for at in range(0, len(payload), 4000))
        )
        body += b"0\r\n\r\n"
        lines.append(("Transfer-Encoding", "chunked"))
    else:
        lines.append(("Content-Length", str(len(body))))
    text = "".join(f"{name}: {value}\r\n" for name, value in lines)
    status = f"HTTP/1.1 {capture.status} {REASONS.get(capture.status, 'Error')}\r\n"
    return f"{status}{text}\r\n".encode(), body, payload


def sha1(data: bytes) -> str:
    """A digest as archives print it."""
    return "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode()


_PAYLOADS: dict[tuple[str, datetime], tuple[bytes, bytes]] = {}


def _records(capture: Capture, number: int) -> Iterator[bytes]:
    head, body, payload = wire(capture, number)
    fields = [
        (
            "WARC-Record-ID",
            f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{capture.url}{capture.at}')}>",
        ),
        ("WARC-Target-URI", capture.url),
        ("WARC-Date", capture.at.strftime("%Y-%m-%dT%H:%M:%SZ")),
        ("Content-Type", "application/http; msgtype=response"),
    ]
    if capture.repeats is not None:
        # The digest is that of the capture that it repeats, however that one was coded.
        payload, head = _PAYLOADS[capture.url, capture.repeats]
        fields += [
            ("WARC-Profile", IDENTICAL),
            ("WARC-Refers-To-Target-URI", capture.url),
            ("WARC-Refers-To-Date", capture.repeats.strftime("%Y-%m-%dT%H:%M:%SZ")),
        ]
        yield _record("revisit", [*fields, ("WARC-Payload-Digest", sha1(payload))], head)
        return
    _PAYLOADS[capture.url, capture.at] = payload, head
    yield _record("response", [*fields, ("WARC-Payload-Digest", sha1(payload))], head + body)


def _warcinfo(name: str, year: int) -> bytes:
    block = f"software: history\r\nformat: WARC File Format 1.1\r\nisPartOf: {year}\r\n".encode()
    fields = [
        ("WARC-Record-ID", f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}>"),
        ("WARC-Filename", name),
        ("WARC-Date", f"{year}-01-01T00:00:00Z"),
        ("Content-Type", "application/warc-fields"),
    ]
    return _record("warcinfo", fields, block)


def _record(kind: str, fields: list[tuple[str, str]], block: bytes) -> bytes:
    lines = [("WARC-Type", kind), *fields, ("Content-Length", str(len(block)))]
    head = "".join(f"{name}: {value}\r\n" for name, value in lines)
    return f"WARC/1.1\r\n{head}\r\n".encode() + block + b"\r\n\r\n"
