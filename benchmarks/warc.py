"""How fast captures are written, beside warcio at its default; and what each level would give.

    python benchmarks/warc.py [--captures 10000] [--pages FILE.warc.gz] [--levels]

Input are the HTML answers of a WARC, each made unlike the others by a number at its end, so that
none becomes a revisit. Both write a request and a response a capture, block and payload digests
included. CPU seconds of the whole process count, so a thread hides nothing.
"""

import argparse
import hashlib
import io
import re
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from kontum_crawler.warc import member, writer
from kontum_crawler.warc.http import parse_head, payload_of, split
from kontum_crawler.warc.reader import records
from kontum_crawler.warc.records import Exchange, Record, RunInfo

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT.parent / "shared" / "cms" / "nukeviet" / "first.warc.gz"
Compress = Callable[[bytes], bytes]
Work = Callable[[Path, list[Exchange]], int]
MOMENT = datetime(2026, 1, 31, 2, 3, 4, tzinfo=UTC)


def exchanges(path: Path, count: int) -> list[Exchange]:
    """`count` different captures made of the HTML answers of a file."""
    pages = [
        (record.url, *split(record.block))
        for record in records(path)
        if isinstance(record, Record) and record.type == "response"
    ]
    pages = [page for page in pages if parse_head(page[1]).media_type == "text/html"]
    made = []
    for serial in range(count):
        url, head, body = pages[serial % len(pages)]
        request = f"GET {url} HTTP/1.1\r\nHost: a.test\r\nAccept: */*\r\n\r\n".encode()
        body = payload_of(head, body) + f"<!-- {serial} -->".encode()
        head = re.sub(rb"(?i)\r\nTransfer-Encoding:[^\r]*", b"", head)
        made.append(Exchange(url, request, head, body, MOMENT, "127.0.0.1"))
    return made


def with_ours(compress: Compress, folder: Path, made: list[Exchange]) -> int:
    """Write all captures with our writer; returns the bytes on disk."""
    writer.compress = compress
    run = RunInfo("benchmark", "benchmark", MOMENT)
    with writer.Writer(folder, worker="benchmark", run=run) as out:
        done = [out.exchange(exchange) for exchange in made]
        out.sync().result()
        for future in done:
            future.result()
        return sum((folder / name).stat().st_size for name in out.files)


def with_warcio(folder: Path, made: list[Exchange]) -> int:
    """The same captures with warcio at its default; returns the bytes on disk."""
    from warcio.statusandheaders import StatusAndHeadersParser
    from warcio.warcwriter import WARCWriter

    path = folder / "warcio.warc.gz"
    with path.open("wb") as file:
        out = WARCWriter(file, gzip=True, warc_version="1.1")
        for exchange in made:
            head = StatusAndHeadersParser(["HTTP/1.1"]).parse(io.BytesIO(exchange.head))
            response = out.create_warc_record(
                exchange.url, "response", payload=io.BytesIO(exchange.body), http_headers=head
            )
            asked = StatusAndHeadersParser(["GET"]).parse(io.BytesIO(exchange.request))
            request = out.create_warc_record(exchange.url, "request", http_headers=asked)
            out.write_request_response_pair(request, response)
    return path.stat().st_size


def measured(work: Work, made: list[Exchange]) -> tuple[float, int]:
    """CPU seconds and bytes on disk."""
    with tempfile.TemporaryDirectory() as folder:
        before = time.process_time()
        size = work(Path(folder), made)
        return time.process_time() - before, size


def peers() -> Iterator[tuple[str, Work]]:
    """What is compared, the named peer first."""
    yield f"warcio {version('warcio')}, its default", with_warcio
    yield f"kontum_crawler, zlib {member.ZLIB_LEVEL}", partial(with_ours, member.with_zlib)
    if member.ENGINE == "isal":
        yield f"kontum_crawler, isal {member.ISAL_LEVEL}", partial(with_ours, member.compress)


def levels(made: list[Exchange]) -> None:
    """Print what each engine and level costs and saves on the response blocks alone."""
    blocks = [exchange.head + exchange.body for exchange in made[:1000]]
    total = sum(map(len, blocks))
    tries: list[tuple[str, int, Callable[[bytes, int], bytes]]]
    tries = [("zlib", level, zlib.compress) for level in range(1, 10)]
    if member.ENGINE == "isal":
        from isal import isal_zlib

        tries += [("isal", level, isal_zlib.compress) for level in range(4)]
    for name, level, compress in tries:
        before = time.process_time()
        size = sum(len(compress(block, level)) for block in blocks)
        speed = total / (time.process_time() - before) / 1e6
        print(f"  {name} {level}  {speed:7.1f} MB/s  {100 * size / total:5.1f} % of the size")


def main() -> None:
    """Run and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--captures", type=int, default=10_000)
    options.add_argument("--pages", type=Path, default=PAGES)
    options.add_argument("--levels", action="store_true")
    chosen = options.parse_args()
    if not chosen.pages.is_file():
        sys.exit(f"{chosen.pages} is not there; name a WARC with HTML pages by --pages")
    digest = hashlib.sha256(chosen.pages.read_bytes()).hexdigest()
    made = exchanges(chosen.pages, chosen.captures)
    total = sum(len(exchange.head) + len(exchange.body) for exchange in made)
    print(f"benchmarks/warc.py: {len(made):,} captures, {total / 1e6:.0f} MB of answers")
    print(f"  pages of {chosen.pages.name}, sha256 {digest[:12]}…, CPU seconds of one process")
    if chosen.levels:
        levels(made)
    first = 0.0
    for name, work in peers():
        seconds, size = measured(work, made)
        first = first or seconds
        rate, speed = 2 * len(made) / seconds, total / seconds / 1e6
        print(
            f"  {name:<30} {seconds:7.2f} s  {rate:7.0f} records/s  {speed:6.1f} MB/s"
            f"  {size / 1e6:6.1f} MB on disk  ratio {first / seconds:.2f}"
        )


if __name__ == "__main__":
    main()
