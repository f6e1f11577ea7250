"""The page of one article, and the comparison of two of its versions."""

import re
from typing import Any

from datasette.utils.asgi import NotFound, Request, Response

from kontum_crawler.browse import reading
from kontum_crawler.browse.comparing import side_by_side
from kontum_crawler.browse.formats import json_answer
from kontum_crawler.browse.host import page, part, read
from kontum_crawler.browse.wording import addresses


async def article(datasette: Any, request: Request) -> Response:
    """One article with its versions, captures and citations; an old slug redirects to it."""
    portal, slug = part(request, "portal"), part(request, "slug")
    to = addresses(datasette.urls.path)

    def question(connection: Any) -> dict[str, Any] | None:
        found = reading.article(connection, portal, slug)
        if found is None:
            return None
        sql = "SELECT name FROM portals WHERE key = :key"
        name = reading.one(connection, sql, {"key": portal}) or {}
        return {
            "a": found,
            "portal_name": name.get("name") or portal,
            "doubles": reading.doubles(connection, found["id"]),
            "neighbours": reading.neighbours(connection, found),
        }

    known = await read(datasette, request, question)
    if known is None:
        return await _elsewhere(datasette, request, portal, slug)
    found = known["a"]
    if request.url_vars.get("format") == "json":
        return json_answer({**found, "doubles": known["doubles"]})
    before, after = known["neighbours"]
    context = {
        **known,
        "before": before,
        "after": after,
        "blocks": [_block(text) for text in (found["body"] or "").split("\n\n") if text],
        "citations": _once(found["citations"]),
        "citation": _citation(found, known["portal_name"]),
        "json_href": to["article_href"](portal, slug) + ".json",
    }
    return await page(datasette, request, "article.html", context)


async def _elsewhere(datasette: Any, request: Request, portal: str, slug: str) -> Response:
    """A redirect from an old slug, else 404."""
    moved = await read(
        datasette, request, lambda db: reading.by_old_address(db, portal, slug) if slug else None
    )
    if moved is None or moved["slug"] == slug:
        raise NotFound(f"No article «{slug}» of {portal} in this archive")
    to = addresses(datasette.urls.path)
    return Response.redirect(to["article_href"](moved["portal"], moved["slug"]), status=301)


async def compare(datasette: Any, request: Request) -> Response:
    """Two versions of an article, word by word; the last two where none are named."""
    portal, slug = part(request, "portal"), part(request, "slug")
    found = await read(datasette, request, lambda db: reading.article(db, portal, slug))
    if found is None or not found["versions"]:
        raise NotFound(f"No article «{slug}» of {portal} in this archive")
    versions = {str(row["version"]): row for row in found["versions"]}
    numbers = list(versions)
    old = versions.get(request.args.get("from") or "", versions[numbers[max(0, len(numbers) - 2)]])
    new = versions.get(request.args.get("to") or "", versions[numbers[-1]])
    rows = side_by_side(_whole_text(old), _whole_text(new))
    if request.url_vars.get("format") == "json":
        return json_answer({"from": old, "to": new})
    context = {
        "a": found,
        "old": old,
        "new": new,
        "rows": rows,
        "changed": any(row.changed for row in rows),
    }
    return await page(datasette, request, "compare.html", context)


def _whole_text(version: dict[str, Any]) -> str:
    parts = (version["title"], version["lead"], version["body"], version["byline"])
    return "\n\n".join(text for text in parts if text)


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


def _citation(found: dict[str, Any], portal: str) -> str:
    """A reference to copy: who, when, what, where, and the capture that backs it."""
    names = ", ".join(found["authors"]) or found["unit"] or found["source"] or portal
    year = (found["published_at"] or "")[:10] or "s.d."
    capture = next((row for row in found["captures"] if row["status"] == 200), None)
    text = f"{names} ({year}). {found['title']}. {portal}. {found['url']}"
    if capture:
        text += f" [{capture['fetched_at']}, {capture['payload_digest']}]"
    return text
