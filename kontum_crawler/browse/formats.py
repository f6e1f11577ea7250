"""The same page for machines: JSON, CSV and Atom."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from datasette.utils.asgi import Request, Response

ATOM = "http://www.w3.org/2005/Atom"
COLUMNS = ("portal", "slug", "title", "lead", "byline", "published_at", "first_seen_at", "gone_at")


def json_answer(value: Any, status: int = 200) -> Response:
    """One JSON document."""
    return Response(
        json.dumps(value, ensure_ascii=False, indent=1),
        status=status,
        content_type="application/json; charset=utf-8",
        headers={"x-content-type-options": "nosniff"},
    )


def csv_answer(rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = COLUMNS) -> Response:
    """These columns of some rows (RFC 4180)."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([row.get(name) for name in columns] for row in rows)
    return Response(
        sheet.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"x-content-type-options": "nosniff"},
    )


def atom_answer(
    request: Request,
    title: str,
    rows: Iterable[Mapping[str, Any]],
    here: str,
    following: str | None = None,
) -> Response:
    """A feed of articles, each with its `href`.

    here: the path of the list on this server; following: that of the next page of the feed.
    """
    entries = [
        {
            "href": row["href"],
            "title": row["title"] or row["slug"],
            "updated": _moment(row),
            "author": row["byline"] or row["portal"],
            "summary": row["lead"] or "",
        }
        for row in rows
    ]
    return feed_answer(request, title, entries, here, following)


def feed_answer(
    request: Request,
    title: str,
    entries: Sequence[Mapping[str, str]],
    here: str,
    following: str | None = None,
) -> Response:
    """A feed of entries: href, title, updated, author and summary.

    Source: RFC 4287; RFC 5005 for the pages of a long one.
    """
    root = f"{request.scheme}://{request.host}"
    ElementTree.register_namespace("", ATOM)
    feed = ElementTree.Element(f"{{{ATOM}}}feed")
    own = request.full_path
    _put(feed, "id", root + here)
    _put(feed, "title", title)
    _put(feed, "updated", max((e["updated"] for e in entries), default="1970-01-01T00:00:00Z"))
    _link(feed, root + here, "alternate")
    _link(feed, root + own, "self")
    if following:
        _link(feed, root + following, "next")
    for given in entries:
        entry = ElementTree.SubElement(feed, f"{{{ATOM}}}entry")
        _put(entry, "id", root + given["href"])
        _put(entry, "title", given["title"])
        _put(entry, "updated", given["updated"])
        _link(entry, root + given["href"], "alternate")
        author = ElementTree.SubElement(entry, f"{{{ATOM}}}author")
        _put(author, "name", given["author"])
        if given["summary"]:
            _put(entry, "summary", given["summary"])
    body = ElementTree.tostring(feed, encoding="unicode", xml_declaration=False)
    text = f'<?xml version="1.0" encoding="utf-8"?>\n{body}'
    return Response(
        text,
        content_type="application/atom+xml; charset=utf-8",
        headers={"x-content-type-options": "nosniff"},
    )


def _moment(row: Mapping[str, Any]) -> str:
    at: str = row["published_at"] or row["first_seen_at"] or "1970-01-01"
    return at if "T" in at else f"{at}T00:00:00+07:00"


def _link(parent: ElementTree.Element, href: str, rel: str) -> None:
    ElementTree.SubElement(parent, f"{{{ATOM}}}link", href=_legal(href), rel=rel)


def _put(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, f"{{{ATOM}}}{name}").text = _legal(text)


def _legal(text: str) -> str:
    """The text without the characters that XML 1.0 has no way to write."""
    return "".join(
        c for c in text
        if c in "\t\n\r" or " " <= c <= "\ud7ff" or (c >= "\ue000" and c not in "\ufffe\uffff")
    )  # fmt: skip
