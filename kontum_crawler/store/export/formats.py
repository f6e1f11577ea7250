"""The file formats of an export: each takes rows one by one, so memory stays flat."""

import csv
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from kontum_crawler.errors import UsageError
from kontum_crawler.store.export.citation import bibtex, csl_line

Row = dict[str, Any]

BATCH = 1_000
"""Rows of a Parquet row group."""

NUMBERS = ("id", "version", "warc_offset", "capture_id")
LISTS = ("authors", "photo_by", "tags")

REFUSED = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
"""What a name of a file may not hold on one of the usual systems."""

LONGEST_NAME = 180
"""Bytes of a file's name, before a digest and the ending."""


def write_csv(target: Path, rows: Iterable[Row], columns: list[str], *, bom: bool = False) -> int:
    """CSV of RFC 4180 in UTF-8; lists as JSON, NULL as an empty cell. Returns the rows written."""
    count = 0
    with target.open("w", encoding="utf-8-sig" if bom else "utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_cell(row[name]) for name in columns])
            count += 1
    return count


def write_jsonl(target: Path, rows: Iterable[Row]) -> int:
    """One JSON object a line. Returns the rows written."""
    return _lines(target, (json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def write_bibtex(target: Path, rows: Iterable[Row]) -> int:
    """One BibTeX entry an article. Returns the entries written."""
    return _lines(target, (bibtex(row) + "\n" for row in rows))


def write_csl(target: Path, rows: Iterable[Row]) -> int:
    """One JSON array of CSL items, one a line. Returns the items written."""
    count = 0
    with target.open("w", encoding="utf-8", newline="") as file:
        file.write("[")
        for count, row in enumerate(rows, 1):
            file.write(("\n" if count == 1 else ",\n") + csl_line(row))
        file.write("\n]\n")
    return count


def write_parquet(target: Path, rows: Iterable[Row], columns: list[str]) -> int:
    """Parquet with typed columns. Returns the rows written. Raises UsageError without pyarrow."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise UsageError(
            "Parquet needs pyarrow: pip install 'kontum-crawler[parquet]'. CSV and JSON lines"
            " need nothing."
        ) from error
    schema = pa.schema([(name, _arrow(pa, name)) for name in columns])
    count, waiting = 0, iter(rows)
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        while batch := list(islice(waiting, BATCH)):
            writer.write_table(pa.Table.from_pylist(batch, schema=schema))
            count += len(batch)
    return count


def write_texts(folder: Path, rows: Iterable[Row], columns: list[str]) -> int:
    """A folder with one text file an article and `metadata.csv`, for corpus tools.

    A file holds title, lead and body, blank lines between. columns: those of `metadata.csv`, among
    them `file` and `sha256`. Returns the articles written.
    """
    folder.mkdir()
    return write_csv(folder / "metadata.csv", _texts(folder, rows), columns)


def _texts(folder: Path, rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        path = folder / _file_name(row)
        if path.exists():  # Small and capital letters are the same to some file systems.
            path = path.with_stem(f"{path.stem}-{row['id']}")
        parts = [row[field] for field in ("title", "lead", "body") if row[field]]
        data = ("\n\n".join(parts) + "\n").encode()
        path.write_bytes(data)
        yield {"file": path.name, "sha256": hashlib.sha256(data).hexdigest(), **row}


def _file_name(row: Row) -> str:
    """`<portal>--<slug>.txt`; where a file system would refuse that, cut and with a digest."""
    name = f"{row['portal']}--{row['slug']}"
    safe = REFUSED.sub("_", name).encode()[:LONGEST_NAME].decode(errors="ignore")
    if safe != name:
        safe += f"-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return f"{safe}.txt"


def _lines(target: Path, lines: Iterable[str]) -> int:
    count = 0
    with target.open("w", encoding="utf-8", newline="") as file:
        for line in lines:
            file.write(line)
            count += 1
    return count


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value


def _arrow(pa: Any, name: str) -> Any:
    if name in NUMBERS:
        return pa.int64()
    return pa.list_(pa.string()) if name in LISTS else pa.string()
