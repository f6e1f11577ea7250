"""Our index lines are those of cdxj-indexer, and stay sorted as they grow."""

import subprocess
import sys
from pathlib import Path

import pytest
from cabinet import answer, members, page, record

from kontum_crawler.warc import cdxj
from kontum_crawler.warc.reader import records
from kontum_crawler.warc.records import Record

FILES = [
    page(0),
    record(
        kind="resource", url="http://kkt.kontum.gov.vn/a.css", block=b"x", media_type="text/css"
    ),
    record(url="http://www.kkt.kontum.gov.vn/B/?b=2&a=1", block=answer(status="HTTP/1.1 404 No")),
    record(
        kind="revisit",
        url="http://kkt.kontum.gov.vn/“Tháng”.html",
        block=answer(b""),
        fields=(
            ("WARC-Payload-Digest", "sha1:" + "A" * 32),
            ("WARC-Refers-To-Date", "2024-01-01T00:00:00Z"),
        ),
    ),
    record(
        url="http://kkt.kontum.gov.vn/moved",
        block=b"HTTP/1.1 302 Found\r\nLocation: /a\r\nContent-Length: 0\r\n\r\n",
    ),
    record(
        url="http://kkt.kontum.gov.vn/upper",
        block=b"HTTP/1.1 200 OK\r\nContent-Type: Text/HTML ;charset=x\r\n\r\nx",
    ),
    record(kind="metadata", block=b"a: b\r\n", media_type="application/warc-fields"),
    record(kind="request", block=b"GET / HTTP/1.1\r\n\r\n"),
]


def lines_of(path: Path) -> list[str]:
    found = (cdxj.entry(item, path.name) for item in records(path) if isinstance(item, Record))
    return sorted(entry.line() for entry in found if entry)


def theirs(path: Path) -> list[str]:
    pytest.importorskip("cdxj_indexer", reason="the oracle is in the development extra")
    tool = str(Path(sys.executable).parent / "cdxj-indexer")
    done = subprocess.run([tool, "-s", str(path)], capture_output=True, text=True, check=True)
    return done.stdout.splitlines(keepends=True)


def test_lines_are_those_of_cdxj_indexer(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(members(*FILES))
    assert lines_of(path) == theirs(path)


def test_lines_of_a_crawl_by_wget_are_those_of_cdxj_indexer(evaluation_sets: Path) -> None:
    path = evaluation_sets / "cms" / "nukeviet" / "first.warc.gz"
    assert lines_of(path) == [line for line in theirs(path) if not line.startswith("org,gnu)")]


def test_an_index_that_grows_stays_sorted_and_has_each_line_once(tmp_path: Path) -> None:
    entries = [
        cdxj.Entry(f"http://a.vn/{n}", "20240101000000", "text/html", 200, "sha1:A", 1, n, "f")
        for n in (5, 3, 9, 1)
    ]
    index = tmp_path / "index.cdxj"
    cdxj.write(index, entries[:2])
    cdxj.write(index, entries, keep=True)
    lines = index.read_text().splitlines(keepends=True)
    assert lines == sorted(entry.line() for entry in entries)
