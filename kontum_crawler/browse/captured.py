"""The original as captured, replayed from its WARC record, with its provenance."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from datasette.utils.asgi import NotFound, Request, Response

from kontum_crawler.browse import reading
from kontum_crawler.browse.formats import json_answer
from kontum_crawler.browse.host import archive_database, language_of, may_see, page, part
from kontum_crawler.browse.language import words
from kontum_crawler.browse.replay import safe_page, safe_style
from kontum_crawler.browse.safety import CAPTURED
from kontum_crawler.browse.wording import addresses
from kontum_crawler.errors import KontumError
from kontum_crawler.extract.encoding import decode
from kontum_crawler.urls import address
from kontum_crawler.warc.capture import captured
from kontum_crawler.warc.http import CodingError, decoded
from kontum_crawler.warc.reader import read_at

HTML = ("text/html", "application/xhtml+xml")
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/x-icon",
            "image/vnd.microsoft.icon", "image/bmp", "image/svg+xml")  # fmt: skip
LIMIT = 32_000_000
QUIET = {
    "content-security-policy": CAPTURED,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "private, max-age=600",
}


class Missing(Exception):
    """The record of a capture cannot be read; the message says which file and why."""


async def capture(datasette: Any, request: Request) -> Response:
    """A capture with its banner, its facts, and a frame that shows the page."""
    database, row = await _row(datasette, request)
    if request.url_vars.get("format") == "json":
        return json_answer(row)
    fault = None
    try:
        await database.execute_fn(lambda db: _payload(db, row))
    except Missing as missing:
        fault = str(missing)
    sql = "SELECT portal, slug, title FROM articles WHERE id = :id"
    article = await database.execute_fn(
        lambda db: reading.one(db, sql, {"id": row["article_id"]}) if row["article_id"] else None
    )
    text = words(language_of(request))
    facts = [
        ("URL", row["url"]),
        (text["digest"], row["payload_digest"] or ""),
        (text["record"], f"{row['warc_file']} @ {row['warc_offset']} + {row['warc_length']}"),
        (text["origin"], row["source_uri"] or row["origin"]),
        (text["status"], row["status"] or ""),
        ("Content-Type", row["media_type"] or ""),
    ]
    viewable = (row["media_type"] or "").lower() in (*HTML, *PICTURES)
    context = {"c": row, "fault": fault, "viewable": viewable, "facts": facts, "article": article}
    return await page(datasette, request, "capture.html", context)


async def captured_page(datasette: Any, request: Request) -> Response:
    """What the frame shows: the page made safe, or a picture."""
    database, row = await _row(datasette, request)
    payload, media_type = await _read(database, row)
    if media_type in PICTURES:
        return _served(payload, media_type)
    if media_type not in HTML:
        raise NotFound("This capture is no page")
    here = addresses(datasette.urls.path)["capture_href"](row["id"])
    text, _ = decode(payload, media_type)
    html = safe_page(text, row["url"], _with(here), _with(here))
    return _served(html.encode("utf-8", "replace"), "text/html; charset=utf-8")


async def captured_bytes(datasette: Any, request: Request) -> Response:
    """The payload as a file to save, content coding undone."""
    database, row = await _row(datasette, request)
    payload, _ = await _read(database, row)
    name = quote(Path(row["url"].partition("?")[0]).name or "capture", safe="")
    return Response(
        payload,
        headers={**QUIET, "content-disposition": f"attachment; filename*=UTF-8''{name}"},
        content_type="application/octet-stream",
    )


async def requisite(datasette: Any, request: Request) -> Response:
    """A picture or style sheet as it was nearest to a capture, or the capture of a linked page."""
    database, row = await _row(datasette, request)
    try:
        url = address(request.args.get("url") or "")
    except ValueError:
        raise NotFound("No capture of this address") from None
    sql = (
        "SELECT * FROM captures WHERE url = :url AND status BETWEEN 200 AND 399"
        " ORDER BY abs(julianday(fetched_at) - julianday(:at)), id LIMIT 1"
    )
    found = await database.execute_fn(
        lambda db: reading.one(db, sql, {"url": url, "at": row["fetched_at"]})
    )
    if found is None:
        raise NotFound(f"No capture of {url} in this archive")
    to = addresses(datasette.urls.path)
    if (found["media_type"] or "").lower() in HTML:
        return Response.redirect(to["captured_page_href"](found["id"]))
    payload, media_type = await _read(database, found)
    if media_type == "text/css":
        text, _ = decode(payload, media_type)
        css = safe_style(text, found["url"], _with(to["capture_href"](found["id"])))
        return _served(css.encode("utf-8", "replace"), "text/css; charset=utf-8")
    if media_type not in PICTURES:
        raise NotFound("This capture is neither picture nor style sheet")
    return _served(payload, media_type)


def _with(capture_href: str) -> Any:
    return lambda url: f"{capture_href}/with?url={quote(url, safe='')}"


def _served(body: bytes, media_type: str) -> Response:
    return Response(body, headers=dict(QUIET), content_type=media_type)


async def _row(datasette: Any, request: Request) -> tuple[Any, dict[str, Any]]:
    database = await archive_database(datasette)
    await may_see(datasette, request, database)
    number = int(part(request, "name"))
    sql = "SELECT * FROM captures WHERE id = :id"
    row = await database.execute_fn(lambda db: reading.one(db, sql, {"id": number}))
    if row is None:
        raise NotFound(f"No capture {number} in this archive")
    return database, row


async def _read(database: Any, row: dict[str, Any]) -> tuple[bytes, str]:
    try:
        return await database.execute_fn(lambda db: _payload(db, row))  # type: ignore[no-any-return]
    except Missing as missing:
        raise NotFound(str(missing)) from None


def _payload(connection: Any, row: dict[str, Any]) -> tuple[bytes, str]:
    """The decoded payload of a capture and its media type; a revisit is followed once."""
    media_type = (row["media_type"] or "").lower()
    if row["revisit_of"]:
        sql = "SELECT * FROM captures WHERE id = :id"
        original = reading.one(connection, sql, {"id": row["revisit_of"]})
        if original is None:
            raise Missing(f"capture {row['revisit_of']}, which this one repeats, is not here")
        row = original
    folder = Path(connection.execute("PRAGMA database_list").fetchone()[2]).parent
    if not row["warc_file"]:
        raise Missing("this capture names no file")
    path = (folder / row["warc_file"]).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise Missing(f"{row['warc_file']}: lies outside the archive")
    try:
        answer = captured(read_at(path, row["warc_offset"]))
        if answer is None or answer.payload is None:
            raise Missing(f"{row['warc_file']}: no answer of a server at byte {row['warc_offset']}")
        return decoded(answer.payload, answer.head, LIMIT), media_type
    except FileNotFoundError:
        raise Missing(f"{row['warc_file']}: the file is missing") from None
    except (OSError, KontumError, CodingError, ValueError) as error:
        raise Missing(f"{row['warc_file']}: {error}") from None
