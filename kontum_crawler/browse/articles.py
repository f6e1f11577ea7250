"""The page of one article, and the comparison of two of its versions."""

import re
from typing import Any

from datasette.utils.asgi import AsgiStream, Request, Response

from kontum_crawler.browse import packing, reading
from kontum_crawler.browse.formats import json_answer
from kontum_crawler.browse.host import page, part, read
from kontum_crawler.browse.refusals import Refused
from kontum_crawler.browse.telling import known
from kontum_crawler.browse.wording import addresses
from kontum_crawler.errors import KontumError, UsageError
from kontum_crawler.store import detail
from kontum_crawler.store.comparison import READ, Row, side_by_side, whole_text
from kontum_crawler.store.export.citation import bibtex
from kontum_crawler.warc.wacz import PageEntry


async def article(datasette: Any, request: Request) -> Response | AsgiStream:
    """One article with its versions, captures and citations; an old slug redirects to it."""
    portal, slug = part(request, "portal"), part(request, "slug")
    machine = request.url_vars.get("format")

    def question(connection: Any) -> dict[str, Any] | None:
        found = reading.article(connection, portal, slug)
        if found is None:
            return None
        doubles = reading.doubles(connection, found["id"])
        if machine == "json":
            return {"a": {**detail.detail(connection, found["id"]), "doubles": doubles}}
        before, after = reading.neighbours(connection, found)
        return {"a": found, "doubles": doubles, "before": before, "after": after}

    shown = await read(datasette, request, question)
    if shown is None:
        return await _elsewhere(datasette, request, portal, slug)
    found = shown["a"]
    if machine == "json":
        return json_answer(found)
    if machine == "wacz":
        return await _packed(datasette, request, found)
    own = addresses(datasette.urls.path)["article_href"](portal, slug)
    context = {
        **shown,
        "blocks": [_block(text) for text in (found["body"] or "").split("\n\n") if text],
        "citations": _once(found["citations"]),
        "citation": _citation(found),
        "bibtex": bibtex(_cited(found)),
        "json_href": f"{own}.json",
        "wacz_href": f"{own}.wacz" if found["captures"] else None,
    }
    return await page(datasette, request, "article.html", context)


async def _elsewhere(datasette: Any, request: Request, portal: str, slug: str) -> Response:
    """A redirect from an old slug; 410 for an article that was withdrawn, else 404."""

    def question(connection: Any) -> dict[str, Any] | None:
        try:
            number = detail.find(connection, slug, portal)
        except UsageError:
            return None
        sql = "SELECT portal, slug FROM articles WHERE id = :id"
        return reading.one(connection, sql, {"id": number})

    try:
        moved = await read(datasette, request, question) if slug else None
    except KontumError as error:
        raise Refused("withdrawn", 410, reason=known(str(error))) from error
    if moved is None or (moved["portal"], moved["slug"]) == (portal, slug):
        raise Refused("no_article", slug=slug, portal=portal)
    to = addresses(datasette.urls.path)["article_href"](moved["portal"], moved["slug"])
    machine = request.url_vars.get("format")
    return Response.redirect(f"{to}.{machine}" if machine else to, status=301)


async def _packed(datasette: Any, request: Request, found: dict[str, Any]) -> AsgiStream:
    """The captures of an article, of its files and of its pictures as WACZ."""
    hanging = [*found["attachments"], *found["images"]]
    numbers = [row["id"] for row in found["captures"]]
    numbers += [row["capture_id"] for row in hanging if row["capture_id"] is not None]
    good = [row for row in found["captures"] if row["status"] == 200] or found["captures"]
    if not good:
        raise Refused("no_capture", name=found["slug"])
    entry = PageEntry(good[0]["url"], good[0]["fetched_at"], found["title"] or found["slug"])
    return await packing.packed(datasette, request, found["slug"][:80], numbers, entry)


async def compare(datasette: Any, request: Request) -> Response:
    """Two versions of an article, word by word; the last two where none are named."""
    portal, slug = part(request, "portal"), part(request, "slug")
    asked = [request.args.get(name) or "" for name in ("from", "to")]

    def question(connection: Any) -> tuple[Any, Any, Any, list[Row]] | None:
        found = reading.article(connection, portal, slug)
        if found is None or not found["versions"]:
            return None
        versions = {str(row["version"]): row for row in found["versions"]}
        last = list(versions.values())[-2:]
        old, new = versions.get(asked[0], last[0]), versions.get(asked[1], last[-1])
        return found, old, new, side_by_side(whole_text(old, READ), whole_text(new, READ))

    compared = await read(datasette, request, question)
    if compared is None:
        raise Refused("no_article", slug=slug, portal=portal)
    found, old, new, rows = compared
    if request.url_vars.get("format") == "json":
        return json_answer({"from": old, "to": new})
    own = addresses(datasette.urls.path)["compare_href"](portal, slug)
    context = {
        "a": found,
        "old": old,
        "new": new,
        "rows": rows,
        "changed": any(row.changed for row in rows),
        "json_href": f"{own}.json?from={old['version']}&to={new['version']}",
    }
    return await page(datasette, request, "compare.html", context)


def _block(text: str) -> dict[str, Any]:
    """A block of a body as a paragraph, a list or a table, told by how blocks are written."""
    lines = text.split("\n")
    if len(lines) > 1 and all(line.startswith("- ") for line in lines):
        return {"list_items": [line[2:] for line in lines]}
    if all("\t" in line for line in lines):
        return {"table": [line.split("\t") for line in lines]}
    return {"text": text}


def _once(citations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each document once, at its first citation."""
    kept: dict[str, dict[str, Any]] = {}
    for row in citations:
        kept.setdefault(re.sub(r"\W", "", row["number"] or row["quote"]).lower(), row)
    return list(kept.values())


def _citation(found: dict[str, Any]) -> str:
    """A reference to copy: who, when, what, where, and the capture that backs it."""
    portal = found["portal_name"] or found["portal"]
    names = ", ".join(found["authors"]) or found["unit"] or found["source"] or portal
    day = (found["published_at"] or "")[:10] or "s.d."
    text = f"{names} ({day}). {found['title'] or found['slug']}. {portal}. {found['url']}"
    cited = _cited(found)
    if cited["captured_at"]:
        text += f" [{', '.join(filter(None, (cited['captured_at'], cited['digest'])))}]"
    return text


def _cited(found: dict[str, Any]) -> dict[str, Any]:
    """The article with the capture that first showed its present version."""
    number = found["versions"][-1]["capture_id"] if found["versions"] else None
    capture: dict[str, Any] = next((row for row in found["captures"] if row["id"] == number), {})
    return {
        **found,
        "captured_at": capture.get("fetched_at"),
        "warc_file": capture.get("warc_file"),
        "warc_offset": capture.get("warc_offset"),
        "digest": capture.get("payload_digest"),
    }
