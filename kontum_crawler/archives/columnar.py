"""Common Crawl's columnar index, where a user has Parquet files of it at hand.

Columns are those of https://github.com/commoncrawl/cc-index-table; later ones may be missing. Read
with DuckDB (extra `columnar`) or pyarrow (extra `parquet`), whichever is installed; rows come one
group after the other, so that files of any size need little memory.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from kontum_crawler.archives.lists import Listed, digest_of, plain_url
from kontum_crawler.clock import stamp14
from kontum_crawler.errors import UsageError

NEEDED = ("url", "fetch_time", "warc_filename", "warc_record_offset", "warc_record_length")
OPTIONAL = ("url_surtkey", "fetch_status", "content_digest", "content_mime_type")
LATER = "content_truncated"
ROWS = 10_000


def read_columnar(path: Path, hosts: Sequence[str]) -> Iterator[Listed]:
    """The captures of some hosts. path: a Parquet file, or a folder of them at any depth.

    Raises UsageError without DuckDB and pyarrow, and for files that are no such index.
    """
    if find_spec("duckdb") is not None:
        return by_duckdb(path, hosts)
    if find_spec("pyarrow") is not None:
        return by_pyarrow(path, hosts)
    raise UsageError("--columnar needs DuckDB or pyarrow: pip install 'kontum-crawler[columnar]'")


def by_duckdb(path: Path, hosts: Sequence[str]) -> Iterator[Listed]:
    """The same with DuckDB."""
    import duckdb

    source = str(path / "**" / "*.parquet") if path.is_dir() else str(path)
    try:
        with duckdb.connect() as db:
            known = _columns(db, source)
            names = [name for name in (*NEEDED, *OPTIONAL, LATER) if name in known]
            found = db.execute(_query(names, known), [source, *_wanted(hosts, known)])
            while rows := found.fetchmany(ROWS):
                for row in rows:
                    yield _listed(dict(zip(names, row, strict=True)))
    except duckdb.Error as error:
        raise UsageError(f"--columnar {path}: {error}") from error


def by_pyarrow(path: Path, hosts: Sequence[str]) -> Iterator[Listed]:
    """The same with pyarrow; files are read in the order of their names."""
    import pyarrow
    from pyarrow import parquet

    files = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
    if not files:
        raise UsageError(f"--columnar {path}: there is no Parquet file in it")
    wanted = re.compile(_pattern(hosts))
    for each in files:
        try:
            with parquet.ParquetFile(each) as file:
                known = set(file.schema_arrow.names)
                _check(known, str(each))
                names = [name for name in (*NEEDED, *OPTIONAL, LATER) if name in known]
                for batch in file.iter_batches(batch_size=ROWS, columns=names):
                    for row in batch.to_pylist():
                        if wanted.match(str(row["url"]).lower()):
                            yield _listed(row)
        except (pyarrow.ArrowException, OSError) as error:
            raise UsageError(f"--columnar {each}: {error}") from error


def _check(known: set[str], source: str) -> None:
    if missing := [name for name in NEEDED if name not in known]:
        raise UsageError(f"--columnar {source}: there is no column {', '.join(missing)}")


def _columns(db: Any, source: str) -> set[str]:
    described = db.execute("DESCRIBE SELECT * FROM read_parquet(?, union_by_name=true)", [source])
    known = {row[0] for row in described.fetchall()}
    _check(known, source)
    return known


def _query(names: Sequence[str], known: set[str]) -> str:
    """The rows of the hosts asked for; by the host column where there is one."""
    where = (
        "list_contains(?, url_host_name)"
        if "url_host_name" in known
        else "regexp_matches(lower(url), ?)"
    )
    columns = ", ".join(names)
    return f"SELECT {columns} FROM read_parquet(?, union_by_name=true) WHERE {where}"


def _wanted(hosts: Sequence[str], known: set[str]) -> list[Any]:
    return [_names(hosts)] if "url_host_name" in known else [_pattern(hosts)]


def _names(hosts: Sequence[str]) -> list[str]:
    return [name for host in hosts for name in (host, f"www.{host}")]


def _pattern(hosts: Sequence[str]) -> str:
    """Addresses of some hosts, in lower case."""
    names = "|".join(name.replace(".", r"\.") for name in _names(hosts))
    return rf"^https?://({names})(:\d+)?(/|$)"


def _listed(row: dict[str, Any]) -> Listed:
    moment = row["fetch_time"]
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return Listed(
        key=str(row.get("url_surtkey") or ""),
        stamp=stamp14(moment),
        url=plain_url(str(row["url"])),
        media_type=row.get("content_mime_type"),
        status=row.get("fetch_status"),
        digest=digest_of(row.get("content_digest")),
        length=row["warc_record_length"],
        filename=row["warc_filename"],
        offset=row["warc_record_offset"],
        truncated=row.get(LATER) or None,
    )
