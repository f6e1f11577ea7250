"""What is on the screen as a file: the rows of a list, or the captures behind it as WACZ."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from datasette.utils.asgi import AsgiStream, Request

from kontum_crawler import clock
from kontum_crawler.browse import reading
from kontum_crawler.browse.host import archive_database, file_of, may_see, require_schema
from kontum_crawler.browse.narrowing import filters_of, query_of
from kontum_crawler.browse.refusals import Refused
from kontum_crawler.errors import ArchiveError, UsageError
from kontum_crawler.store.export.writing import export
from kontum_crawler.store.search.facets import chosen
from kontum_crawler.store.search.filters import Filters
from kontum_crawler.warc.records import Place
from kontum_crawler.warc.wacz import PageEntry, write_wacz

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson; charset=utf-8",
    "wacz": "application/wacz",
    "bib": "application/x-bibtex; charset=utf-8",
    "csl": "application/vnd.citationstyles.csl+json; charset=utf-8",
}
NAMES = {"bib": "bibtex"}
MOST_PACKED = 2_000
"""Articles whose captures are packed for one reader; `kontum export` packs any number."""

CHUNK = 262_144
OWN_RECORDS = """
WITH own AS (SELECT id, revisit_of FROM captures WHERE id IN ({}))
SELECT DISTINCT warc_file, warc_offset, warc_length FROM captures
WHERE id IN (SELECT id FROM own UNION SELECT revisit_of FROM own) AND warc_file IS NOT NULL
ORDER BY warc_file, warc_offset
"""


async def selection(datasette: Any, request: Request) -> AsgiStream:
    """All articles of a query and filters as a file, as `kontum export` writes it."""
    fmt = request.url_vars["format"]
    return await articles(datasette, request, fmt, query_of(request), filters_of(request))


async def articles(
    datasette: Any, request: Request, fmt: str, query: str | None, filters: Filters
) -> AsgiStream:
    """All articles of a query (None: of the filters alone) in one of the formats of `MEDIA`.

    Raises UsageError for a query without a word and an unknown portal, Refused for too many.
    """

    def written(connection: Any, folder: Path) -> Path:
        if fmt == "wacz":
            _refuse_too_many(connection, query, filters)
        target = folder / f"articles.{fmt}"
        archive = file_of(connection).parent
        export(connection, archive, target, NAMES.get(fmt, fmt), query, filters)
        return target

    return await made(datasette, request, fmt, f"articles.{fmt}", written)


async def packed(
    datasette: Any, request: Request, name: str, captures: list[int], page: PageEntry
) -> AsgiStream:
    """Some captures, with the originals that revisits rest on, as WACZ."""

    def written(connection: Any, folder: Path) -> Path:
        sql = OWN_RECORDS.format(",".join(str(int(number)) for number in captures))
        places = [Place(*row.values()) for row in reading.rows(connection, sql)]
        target = folder / "captures.wacz"
        archive = file_of(connection).parent
        result = write_wacz(target, places, [page], archive, title=name, created=clock.now())
        if result.missing:
            raise ArchiveError(f"{result.missing[0]}. `kontum verify` says more.")
        return target

    return await made(datasette, request, "wacz", f"{name}.wacz", written)


async def made(
    datasette: Any,
    request: Request,
    fmt: str,
    name: str,
    write: Callable[[Any, Path], Path],
) -> AsgiStream:
    """A file written to disk first, then sent, so that a slow reader holds no database open."""
    database = await archive_database(datasette)
    await may_see(datasette, request.actor, database, ("articles", "captures"))
    folder = Path(tempfile.mkdtemp(prefix="kontum-export-"))

    def asked(connection: Any) -> Path:
        require_schema(connection)
        return write(connection, folder)

    try:
        target = await database.execute_fn(asked)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise

    async def send(writer: Any) -> None:
        try:
            with target.open("rb") as file:
                while chunk := file.read(CHUNK):
                    body = {"type": "http.response.body", "body": chunk, "more_body": True}
                    await writer.send(body)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "content-length": str(target.stat().st_size),
        "x-content-type-options": "nosniff",
        "x-robots-tag": "noindex",
    }
    return AsgiStream(send, headers=headers, content_type=MEDIA[fmt])


def _refuse_too_many(connection: Any, query: str | None, filters: Filters) -> None:
    matches, note = chosen(connection, query, filters)
    if matches is None:
        raise UsageError(note or "The query has no word to look for.")
    sql, values = matches.selection()
    count = connection.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM ({sql}) LIMIT {MOST_PACKED + 1})", values
    ).fetchone()[0]
    if count > MOST_PACKED:
        raise Refused("too_many", 413, count=MOST_PACKED)
