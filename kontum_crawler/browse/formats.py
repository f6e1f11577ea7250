"""The same page for machines: JSON, CSV and Atom."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
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
    )


def csv_answer(rows: Iterable[Mapping[str, Any]]) -> Response:
    """The columns of a list of articles (RFC 4180)."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([row.get(name) for name in COLUMNS] for row in rows)
    return Response(sheet.getvalue(), content_type="text/csv; charset=utf-8")


def atom_answer(
    request: Request, title: str, rows: Iterable[Mapping[str, Any]], here: str
) -> Response:
    """A feed of articles, newest first. Source: RFC 4287.

    here: the path of the list on this server.
    """
    root = f"{request.scheme}://{request.host}"
    ElementTree.register_namespace("", ATOM)
    feed = ElementTree.Element(f"{{{ATOM}}}feed")
    entries = list(rows)
    _put(feed, "id", root + here)
    _put(feed, "title", title)
    _put(feed, "updated", max((_moment(row) for row in entries), default="1970-01-01T00:00:00Z"))
    ElementTree.SubElement(feed, f"{{{ATOM}}}link", href=root + here, rel="alternate")
    for row in entries:
        entry = ElementTree.SubElement(feed, f"{{{ATOM}}}entry")
        _put(entry, "id", root + row["href"])
        _put(entry, "title", _legal(row["title"]))
        _put(entry, "updated", _moment(row))
        ElementTree.SubElement(entry, f"{{{ATOM}}}link", href=root + row["href"])
        author = ElementTree.SubElement(entry, f"{{{ATOM}}}author")
        _put(author, "name", _legal(row["byline"] or row["portal"]))
        if row["lead"]:
            _put(entry, "summary", _legal(row["lead"]))
    body = ElementTree.tostring(feed, encoding="unicode", xml_declaration=False)
    text = f'<?xml version="1.0" encoding="utf-8"?>\n{body}'
    return Response(text, content_type="application/atom+xml; charset=utf-8")


def _moment(row: Mapping[str, Any]) -> str:
    at = row["published_at"] or row["first_seen_at"] or "1970-01-01"
    return at if "T" in at else f"{at}T00:00:00+07:00"


def _put(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, f"{{{ATOM}}}{name}").text = text


def _legal(text: str) -> str:
    """The text without the characters that XML 1.0 has no way to write."""
    return "".join(c for c in text if c in "\t\n\r" or " " <= c <= "\ud7ff" or c >= "\ue000")
