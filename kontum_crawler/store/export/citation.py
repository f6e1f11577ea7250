"""How an article is cited: where it stood, when it was captured, and the record that proves it."""

import json
import re
from typing import Any

from kontum_crawler.text import plain

LANGUAGE = "vi"


def bibtex(article: dict[str, Any]) -> str:
    """A BibTeX entry of one exported article; letters stay as they are (use biber or UTF-8)."""
    fields = {
        "title": f"{{{_escaped(article['title'] or article['slug'])}}}",
        "author": " and ".join(f"{{{_escaped(name)}}}" for name in article["authors"]),
        "organization": _escaped(article["portal_name"] or article["portal"]),
        "date": (article["published_at"] or "")[:10],
        "year": (article["published_at"] or "")[:4],
        "url": article["url"],
        "urldate": (article["captured_at"] or "")[:10],
        "langid": "vietnamese" if article["lang"] in (None, LANGUAGE) else article["lang"],
        "note": _escaped(provenance(article)),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@online{{{key(article)},", *lines, "}"]) + "\n"


def csl(article: dict[str, Any]) -> dict[str, Any]:
    """A CSL-JSON item of one exported article (type `webpage`)."""
    item = {
        "id": key(article),
        "type": "webpage",
        "title": article["title"] or article["slug"],
        "author": [{"literal": name} for name in article["authors"]],
        "container-title": article["portal_name"] or article["portal"],
        "issued": _date(article["published_at"]),
        "accessed": _date(article["captured_at"]),
        "URL": article["url"],
        "language": article["lang"],
        "note": provenance(article),
    }
    return {name: value for name, value in item.items() if value}


def provenance(article: dict[str, Any]) -> str:
    """The capture behind an article, in words: time, WARC record, digest of the payload."""
    if article["captured_at"] is None:
        return ""
    parts = [f"captured {article['captured_at']}"]
    if article["warc_file"] is not None:
        parts.append(f"WARC record {article['warc_file']} at byte {article['warc_offset']}")
    if article["digest"] is not None:
        parts.append(str(article["digest"]))
    return ", ".join(parts)


def key(article: dict[str, Any]) -> str:
    """A key that is unique in the archive and safe in every tool."""
    words = re.findall(r"[a-z0-9]+", plain(article["slug"]).lower())
    return "-".join([re.sub(r"[^a-z0-9]+", "-", article["portal"]), str(article["id"]), *words[:6]])


def csl_line(article: dict[str, Any]) -> str:
    """One CSL-JSON item on one line."""
    return json.dumps(csl(article), ensure_ascii=False)


def _date(text: str | None) -> dict[str, Any] | None:
    return {"date-parts": [[int(part) for part in text[:10].split("-")]]} if text else None


def _escaped(text: str) -> str:
    return re.sub(r"([&%$#_{}])", r"\\\1", text.replace("\\", "/"))
