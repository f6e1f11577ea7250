"""The original as captured, replayed from its WARC record, with its provenance."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from datasette.utils.asgi import AsgiStream, Forbidden, Request, Response

from kontum_crawler import clock
from kontum_crawler.browse import packing, passes, reading
from kontum_crawler.browse.formats import json_answer
from kontum_crawler.browse.host import (
    archive_database,
    language_of,
    may_see,
    page,
    part,
    read,
)
from kontum_crawler.browse.language import words
from kontum_crawler.browse.payloads import Missing, payload_of
from kontum_crawler.browse.refusals import Refused
from kontum_crawler.browse.replay import safe_drawing, safe_page, safe_style
from kontum_crawler.browse.safety import CAPTURED
from kontum_crawler.browse.wording import addresses
from kontum_crawler.extract.encoding import decode
from kontum_crawler.store.identity import tombstones
from kontum_crawler.urls import address
from kontum_crawler.warc.wacz import PageEntry

HTML = ("text/html", "application/xhtml+xml")
DRAWING = "image/svg+xml"
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/x-icon",
            "image/vnd.microsoft.icon", "image/bmp", DRAWING)  # fmt: skip
TABLES = ("captures",)
LONGEST_ADDRESS = 4_000
QUIET = {
    "content-security-policy": CAPTURED,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "private, max-age=600",
}


async def capture(datasette: Any, request: Request) -> Response | AsgiStream:
    """A capture with its banner, its facts, and a frame that shows the page."""
    database, row = await _row(datasette, request)
    machine = request.url_vars.get("format")
    if machine == "json":
        return json_answer(row)
    if machine == "wacz":
        entry = PageEntry(row["url"], row["fetched_at"], row["url"])
        pictures = await database.execute_fn(lambda db: _pictures(db, row))
        name = f"capture-{row['id']}"
        return await packing.packed(datasette, request, name, [row["id"], *pictures], entry)
    fault, media_type = None, ""
    try:
        _, media_type = await database.execute_fn(lambda db: payload_of(db, row))
    except Missing as missing:
        fault = missing.sentence.told(language_of(request))
    sql = "SELECT portal, slug, title FROM articles WHERE id = :id"
    article = await database.execute_fn(
        lambda db: reading.one(db, sql, {"id": row["article_id"]}) if row["article_id"] else None
    )
    own = addresses(datasette.urls.path)["capture_href"](row["id"])
    context = {
        "c": row,
        "fault": fault,
        "viewable": media_type in (*HTML, *PICTURES),
        "facts": _facts(row, words(language_of(request))),
        "article": article,
        "json_href": f"{own}.json",
        "wacz_href": None if fault else f"{own}.wacz",
    }
    return await page(datasette, request, "capture.html", context)


def _facts(row: dict[str, Any], text: Mapping[str, str]) -> list[tuple[str, str]]:
    """Where a capture comes from, as lines of a table."""
    record = f"{row['warc_file']} @ {row['warc_offset']} + {row['warc_length']}"
    return [
        ("URL", row["url"]),
        (text["digest"], row["payload_digest"] or ""),
        (text["record"], record),
        (text["origin"], _origin(row, text)),
        (text["retrieved_at"], row["retrieved_at"]),
        (text["status"], str(row["status"] or "")),
        ("Content-Type", row["media_type"] or ""),
        (text["repeats"], str(row["revisit_of"] or "")),
    ]


def _origin(row: dict[str, Any], text: Mapping[str, str]) -> str:
    origin = text.get(f"origin_{row['origin']}", row["origin"] or "")
    return ": ".join(filter(None, (origin, row["source_uri"])))


def _pictures(connection: Any, row: dict[str, Any]) -> list[int]:
    """The captures of the pictures of a capture's article."""
    sql = "SELECT capture_id FROM images WHERE article_id = :id AND capture_id IS NOT NULL"
    return [
        found["capture_id"] for found in reading.rows(connection, sql, {"id": row["article_id"]})
    ]


async def captured_page(datasette: Any, request: Request) -> Response:
    """What the frame shows: the page made safe, or a picture."""
    database, row = await _row(datasette, request)
    payload, media_type = await _read(database, row)
    leading = await _leading_to_requisites(datasette, database, row["id"])
    to_links = _leading(addresses(datasette.urls.path)["capture_href"](row["id"]), "go")
    if media_type == DRAWING:
        return _served(safe_drawing(payload, row["url"], leading, to_links), media_type)
    if media_type in PICTURES:
        return _served(payload, media_type)
    if media_type not in HTML:
        raise Refused("no_view")
    text, _ = decode(payload, media_type)
    html = safe_page(text, row["url"], leading, to_links)
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
    """A picture or style sheet as it was nearest in time to a capture; a pass opens it too."""
    number, url = int(part(request, "name")), request.args.get("url") or ""
    token = request.args.get("pass") or ""
    passed = bool(token) and passes.valid(datasette, token, number, url, clock.now())
    database, row = await _row(datasette, request, () if passed else TABLES)
    found = await _nearest(datasette, database, request, row)
    payload, media_type = await _read(database, found)
    leading = await _leading_to_requisites(datasette, database, found["id"])
    if media_type == "text/css":
        text, _ = decode(payload, media_type)
        css = safe_style(text, found["url"], leading)
        return _served(css.encode("utf-8", "replace"), "text/css; charset=utf-8")
    if media_type == DRAWING:
        return _served(safe_drawing(payload, found["url"], leading, leading), media_type)
    if media_type not in PICTURES:
        raise Refused("no_view")
    return _served(payload, media_type)


async def linked(datasette: Any, request: Request) -> Response:
    """Where a link of a captured page leads: to the capture of its target nearest in time."""
    database, row = await _row(datasette, request)
    found = await _nearest(datasette, database, request, row)
    to = addresses(datasette.urls.path)
    return Response.redirect(to["capture_href"](found["id"]))


async def _nearest(
    datasette: Any, database: Any, request: Request, row: dict[str, Any]
) -> dict[str, Any]:
    """The capture of the address in `url` nearest in time to another; what answered goes first."""
    try:
        url = address((request.args.get("url") or "")[:LONGEST_ADDRESS])
    except ValueError:
        raise Refused("not_captured") from None
    scheme, _, rest = url.partition("://")
    other = f"{'http' if scheme == 'https' else 'https'}://{rest}"
    sql = (
        "SELECT * FROM captures WHERE url IN (:url, :other) AND status BETWEEN 200 AND 399 ORDER BY"
        " status >= 300, abs(julianday(fetched_at) - julianday(:at)), id LIMIT 1"
    )
    values = {"url": url, "other": other, "at": row["fetched_at"]}
    found = await database.execute_fn(lambda db: reading.one(db, sql, values))
    if found is None:
        raise Refused("not_captured", href=url)
    await _not_withdrawn(database, found["id"])
    return found  # type: ignore[no-any-return]


def _leading(capture_href: str, way: str) -> Callable[[str], str]:
    return lambda url: f"{capture_href}/{way}?url={quote(url, safe='')}"


async def _leading_to_requisites(
    datasette: Any, database: Any, number: int
) -> Callable[[str], str]:
    """Where the requisites of a capture are served, with a pass where not everybody may read."""
    leading = _leading(addresses(datasette.urls.path)["capture_href"](number), "with")
    try:
        await may_see(datasette, None, database, TABLES)
    except Forbidden:
        now = clock.now()
        return lambda url: f"{leading(url)}&pass={passes.written(datasette, number, url, now)}"
    return leading


def _served(body: bytes, media_type: str) -> Response:
    return Response(body, headers=dict(QUIET), content_type=media_type)


async def _row(
    datasette: Any, request: Request, tables: Sequence[str] = TABLES
) -> tuple[Any, dict[str, Any]]:
    """The capture of the address, and its database. Raises Refused for one that was withdrawn."""
    number = int(part(request, "name"))
    sql = "SELECT * FROM captures WHERE id = :id"
    row = await read(datasette, request, lambda db: reading.one(db, sql, {"id": number}), tables)
    if row is None:
        raise Refused("no_capture", name=number)
    database = await archive_database(datasette)
    await _not_withdrawn(database, number)
    return database, row


async def _not_withdrawn(database: Any, number: int) -> None:
    if await database.execute_fn(lambda db: tombstones.hides(db, number)):
        raise Refused("withdrawn_capture", 410, name=number)


async def _read(database: Any, row: dict[str, Any]) -> tuple[bytes, str]:
    try:
        return await database.execute_fn(lambda db: payload_of(db, row))  # type: ignore[no-any-return]
    except Missing as missing:
        raise Refused("unreadable", reason=missing.sentence) from None
