"""Articles as files: the same selection as a search, with what a reader needs to trust it.

Beside the data stand `<name>.manifest.json` (query, filters, state of the archive, counts, SHA-256)
and `<name>.dictionary.csv` (what each column means). Nothing stands under the final name until all
of it is on disk.
"""

import contextlib
import csv
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kontum_crawler import __version__, clock
from kontum_crawler.errors import ArchiveFull, UsageError
from kontum_crawler.store.export import formats
from kontum_crawler.store.search.facets import chosen
from kontum_crawler.store.search.filters import Filters
from kontum_crawler.store.search.finding import LISTS
from kontum_crawler.store.search.matches import Matches

FORMATS = ("csv", "jsonl", "parquet", "wacz", "txt", "bibtex", "csl")

OF_ARCHIVE = ("warc", "portals", "watches", "reports", "kontum.lock", "kontum.toml", "kontum.db")
"""What stands in an archive's folder and is never an export, `--force` or not."""

COLUMNS = {
    "id": "number of the article in this archive",
    "portal": "key of the portal",
    "slug": "name of the article in its address; unique with portal",
    "native_id": "the portal's own number of the article",
    "url": "address at the portal's canonical host",
    "title": "headline",
    "lead": "summary that the page sets apart",
    "body": "text; blocks separated by a blank line",
    "byline": "who signs, as printed",
    "authors": "names in the byline (list)",
    "unit": "office in the byline",
    "source": "outlet that the article quotes",
    "photo_by": "photographers (list)",
    "category": "section, as displayed",
    "tags": "keywords (list)",
    "published_at": "ISO 8601 with the portal's offset, or a date; empty where the page has none",
    "lang": "language code",
    "version": "number of versions seen; 1 is an article that was never edited",
    "content_hash": "SHA-256 of title, lead, body and byline",
    "first_seen_at": "time of the oldest capture, UTC",
    "last_seen_at": "time of the newest capture, UTC",
    "gone_at": "time of the capture that proved the article gone, UTC; empty while it stands",
    "portal_name": "name of the portal",
    "capture_id": "number of the capture that first shows this version",
    "captured_at": "time of that capture, UTC",
    "warc_file": "WARC file with its record, relative to the archive",
    "warc_offset": "byte at which the record begins",
    "digest": "SHA-256 of its payload",
}
"""Columns of an export and what they mean; the first 22 are those of `articles`."""

IN_METADATA = {
    "file": "name of the text file: title, lead and body",
    "sha256": "SHA-256 of that file",
} | {name: meaning for name, meaning in COLUMNS.items() if name not in ("lead", "body")}
"""Columns of the `metadata.csv` in a folder of texts."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: the output, its number of articles and its SHA-256 (None for a folder)."""

    path: Path
    articles: int
    sha256: str | None
    note: str | None = None


def export(
    db: sqlite3.Connection,
    folder: Path,
    target: Path,
    fmt: str,
    query: str | None = None,
    filters: Filters | None = None,
    *,
    force: bool = False,
    bom: bool = False,
) -> Exported:
    """Write all articles of a query (None: all) and filters to `target`; memory stays flat.

    folder: the archive's, for records. bom: begin a CSV file with a byte order mark, for Excel.
    All of it is one state of the archive, whatever a crawl writes meanwhile.

    Raises UsageError where `target` exists and `force` is not set, where it is part of the archive
    or no file at all (a device, a pipe), and for an unknown portal; ArchiveFull, naming the target,
    where the disk is full: nothing stands under that name then.
    """
    filters = filters or Filters()
    _check_target(target, fmt, force, folder)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        with _one_state(db):
            matches, note = chosen(db, query, filters)
            if matches is None:
                raise UsageError(note or "The query has no word to look for.")
            count = _write(partial, fmt, matches, folder, target.name, bom)
            _sync(partial)
            about = _manifest(db, fmt, query, filters, count, partial, note)
        _beside(partial if partial.is_dir() else target, target, about)
        if target.is_dir():
            shutil.rmtree(target)
        partial.replace(target)
    except OSError as error:
        where = f"{target}: {error.strerror or error}"
        raise ArchiveFull(f"{where}. Nothing was left under that name.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        partial.unlink(missing_ok=True)
    return Exported(target, count, about.get("sha256"), note)


@contextlib.contextmanager
def _one_state(db: sqlite3.Connection) -> Iterator[None]:
    """All that is read in the block is of one moment."""
    if db.in_transaction:
        yield
        return
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.rollback()


def rows(matches: Matches) -> Iterator[dict[str, Any]]:
    """The selected articles with name of the portal and capture, by id, one by one."""
    selection, values = matches.selection()
    cursor = matches.db.cursor()
    cursor.row_factory = sqlite3.Row
    found = cursor.execute(
        "SELECT a.*, p.name AS portal_name, c.id AS capture_id, c.fetched_at AS captured_at,"
        " c.warc_file, c.warc_offset, c.payload_digest AS digest"
        f" FROM articles a JOIN ({selection}) chosen ON chosen.id = a.id"
        " LEFT JOIN portals p ON p.key = a.portal"
        " LEFT JOIN article_versions v ON v.article_id = a.id AND v.version = a.version"
        " LEFT JOIN captures c ON c.id = v.capture_id ORDER BY a.id",
        values,
    )
    for row in found:
        article = {name: row[name] for name in COLUMNS}
        for name in LISTS:
            article[name] = json.loads(article[name] or "[]")
        yield article


def _write(partial: Path, fmt: str, matches: Matches, folder: Path, name: str, bom: bool) -> int:
    columns = list(COLUMNS)
    match fmt:
        case "csv":
            return formats.write_csv(partial, rows(matches), columns, bom=bom)
        case "jsonl":
            return formats.write_jsonl(partial, rows(matches))
        case "parquet":
            return formats.write_parquet(partial, rows(matches), columns)
        case "txt":
            return formats.write_texts(partial, rows(matches), list(IN_METADATA))
        case "bibtex":
            return formats.write_bibtex(partial, rows(matches))
        case "csl":
            return formats.write_csl(partial, rows(matches))
        case "wacz":
            from kontum_crawler.store.export.packing import pack

            return pack(partial, matches, rows(matches), folder, name)
    raise UsageError(f"no format «{fmt}»; there are: {', '.join(FORMATS)}.")


def _check_target(target: Path, fmt: str, force: bool, folder: Path) -> None:
    if str(target) == "-":
        raise UsageError("an export is a file with a manifest beside it: name a file.")
    if not target.parent.is_dir():
        raise UsageError(f"{target.parent} is no folder; make it first, or name another --output.")
    if _is_of_archive(target, folder):
        raise UsageError(f"{target} is part of the archive {folder}. Nothing was changed.")
    if not target.exists():
        return
    if not target.is_file() and not target.is_dir():
        raise UsageError(f"{target} is neither a file nor a folder. Nothing was changed.")
    if not force:
        raise UsageError(f"{target} is there already. Nothing was changed; --force replaces it.")
    if target.is_dir() != (fmt == "txt"):
        raise UsageError(f"{target} is not what --format {fmt} writes. Nothing was changed.")
    if target.is_dir() and not _is_export(target):
        raise UsageError(f"{target} is a folder that no export wrote. Nothing was changed.")


def _is_of_archive(target: Path, folder: Path) -> bool:
    place, archive = target.resolve(), folder.resolve()
    if place == archive or place in archive.parents:
        return True
    if archive not in place.parents:
        return False
    top = place.relative_to(archive).parts[0]
    # `kontum.db-wal` and copies before a migration too.
    return top in OF_ARCHIVE or top.startswith("kontum.db")


def _is_export(target: Path) -> bool:
    try:
        about = json.loads((target / "manifest.json").read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(about, dict) and str(about.get("made_by")).startswith("kontum_crawler ")


def _manifest(
    db: sqlite3.Connection,
    fmt: str,
    query: str | None,
    filters: Filters,
    count: int,
    partial: Path,
    note: str | None,
) -> dict[str, Any]:
    asked = {name: value for name, value in asdict(filters).items() if value}
    run = db.execute("SELECT max(started_at) FROM runs").fetchone()[0]
    tables = ("articles", "captures", "portals")
    state = {t: db.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in tables}
    about: dict[str, Any] = {
        "made_by": f"kontum_crawler {__version__}",
        "made_at": clock.utc(clock.now()),
        "format": fmt,
        "query": query,
        "filters": asked,
        "note": note,
        "articles": count,
        "archive": {**state, "last_run_started_at": run},
    }
    if partial.is_dir():
        # The digests of the texts stand in there, a row a file, so that memory stays flat.
        return about | {"files": {"metadata.csv": _sha256(partial / "metadata.csv")}}
    return about | {"sha256": _sha256(partial), "bytes": partial.stat().st_size}


def _beside(place: Path, target: Path, about: dict[str, Any]) -> None:
    """Manifest and dictionary: inside an exported folder, beside an exported file."""
    inside = place != target
    manifest = place / "manifest.json" if inside else Path(f"{target}.manifest.json")
    dictionary = place / "dictionary.csv" if inside else Path(f"{target}.dictionary.csv")
    meanings = IN_METADATA if inside else COLUMNS
    for path, text in (
        (manifest, json.dumps(about, ensure_ascii=False, indent=2) + "\n"),
        (dictionary, None),
    ):
        half = path.with_name(f".{path.name}.partial")
        try:
            with half.open("w", encoding="utf-8", newline="") as file:
                if text is not None:
                    file.write(text)
                else:
                    csv.writer(file).writerows([("column", "meaning"), *meanings.items()])
            half.replace(path)
        finally:
            half.unlink(missing_ok=True)


def _sync(partial: Path) -> None:
    with os.scandir(partial) if partial.is_dir() else contextlib.nullcontext([partial]) as paths:
        for path in map(Path, paths):
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
