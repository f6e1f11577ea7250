"""Common Crawl's columnar index, small files of it, with either library that reads Parquet."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kontum_crawler.archives import columnar
from kontum_crawler.archives.lists import Listed
from kontum_crawler.errors import UsageError

pyarrow = pytest.importorskip("pyarrow")
pytest.importorskip("duckdb")
Read = Callable[[Path, Sequence[str]], Iterator[Listed]]
HOSTS = ("kkt.kontum.gov.vn",)
DIGEST = "OPRICKM2TEI4LALCN6SYBU7ML7BUGK4W"


@pytest.fixture(params=[columnar.by_duckdb, columnar.by_pyarrow], ids=["duckdb", "pyarrow"])
def read(request: pytest.FixtureRequest) -> Read:
    made: Read = request.param
    return made


def row(url: str, **more: Any) -> dict[str, Any]:
    said = {
        "url": url,
        "url_host_name": url.split("/")[2],
        "url_surtkey": "vn,gov,kontum,kkt)/a",
        "fetch_time": datetime(2022, 2, 5, 10, tzinfo=UTC),
        "fetch_status": 200,
        "content_digest": DIGEST,
        "content_mime_type": "text/html",
        "warc_filename": "crawl-data/CC-MAIN-2022-05/warc/a.warc.gz",
        "warc_record_offset": 4,
        "warc_record_length": 900,
        "content_truncated": None,
    }
    return said | more


def write(path: Path, rows: list[dict[str, Any]], without: Sequence[str] = ()) -> Path:
    from pyarrow import parquet

    path.parent.mkdir(parents=True, exist_ok=True)
    kept = [{name: value for name, value in one.items() if name not in without} for one in rows]
    parquet.write_table(pyarrow.Table.from_pylist(kept), path, row_group_size=2)
    return path


def test_rows_of_the_hosts_are_read_from_files_at_any_depth(tmp_path: Path, read: Read) -> None:
    ours = ["http://kkt.kontum.gov.vn/a", "https://www.kkt.kontum.gov.vn/b"]
    others = ["http://a.vn/kkt.kontum.gov.vn/", "http://kktxkontum.gov.vn/c"]
    write(tmp_path / "crawl=1" / "0.parquet", [row(url) for url in (*others, ours[0])])
    write(tmp_path / "crawl=2" / "1.parquet", [row(ours[1], content_truncated="length")])
    found = sorted(read(tmp_path, HOSTS), key=lambda line: line.url)
    assert [line.url for line in found] == ours
    first, second = found
    assert (first.stamp, first.status, first.length, first.offset) == (
        "20220205100000",
        200,
        900,
        4,
    )
    assert (first.digest, first.truncated, second.truncated) == (f"sha1:{DIGEST}", None, "length")


def test_old_files_without_later_columns_are_read(tmp_path: Path, read: Read) -> None:
    without = ("url_host_name", "content_truncated", "content_digest", "fetch_status")
    path = write(tmp_path / "0.parquet", [row("HTTP://KKT.kontum.gov.vn:80/a")], without)
    (line,) = read(path, HOSTS)
    assert (line.digest, line.status) == (None, None)


def test_what_is_no_such_index_is_wrong_usage(tmp_path: Path, read: Read) -> None:
    (tmp_path / "text.parquet").write_text("url,time")
    for path in (
        tmp_path / "text.parquet",
        tmp_path / "none.parquet",
        write(tmp_path / "other.parquet", [{"a": 1}]),
    ):
        with pytest.raises(UsageError):
            list(read(path, HOSTS))


def test_without_any_reader_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columnar, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="columnar"):
        columnar.read_columnar(tmp_path, HOSTS)
