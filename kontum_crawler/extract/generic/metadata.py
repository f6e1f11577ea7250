"""Title, lead, date, author and picture as an unknown page states them.

Machine statements (microdata, OpenGraph, JSON-LD) and visible lines are kept apart: machine dates
and authors are often those of the system's account, so the caller decides which one counts.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from kontum_crawler import urls
from kontum_crawler.extract.generic.segments import Element, Segments, Span

_BLANKS = re.compile(r"\s+")
_DATE_NAMES = re.compile(r"date|time|ngay|publish|posted|thoigian|thoi-gian", re.IGNORECASE)
_AUTHOR_NAMES = re.compile(r"author|byline|tacgia|tac-gia|but-danh|butdanh", re.IGNORECASE)
_LEAD_NAMES = re.compile(
    r"sapo|hometext|(?:^|[\s_-])(?:lead|standfirst|trich-?dan|tom-?tat|mo-?ta)(?:$|[\s_-])"
    r"|(?:article|news|post)[_-]?(?:lead|intro|summary|desc)",
    re.IGNORECASE,
)
_DATE_LINE = re.compile(
    r"\b\d{1,2}\s*[/.-]\s*\d{1,2}\s*[/.-]\s*\d{4}\b|\b\d{4}-\d{2}-\d{2}\b"
    r"|ngày\s+\d{1,2}\s+tháng\s+\d{1,2}\s+năm\s+\d{4}"
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d{1,2},?\s+\d{4}"
    r"|\b\d{1,2}\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,?\s+\d{4}",
    re.IGNORECASE,
)
_TYPES = "Article NewsArticle BlogPosting Report ReportageNewsArticle TechArticle WebPage"
_ARTICLE_TYPES = frozenset(_TYPES.split())
_NEAR = 12


@dataclass(slots=True)
class Stated:
    """What a page states about its article; None where it states nothing."""

    title: str | None = None
    lead: str | None = None
    published_at_text: str | None = None
    machine_date: str | None = None
    author: str | None = None
    image: str | None = None
    article_body: str | None = None


def stated(root: Element, found: Segments, span: Span, url: str) -> Stated:
    """Read the statements of a page whose main content is `span`."""
    data = linked_data(root)
    metas = _metas(root)
    result = Stated()
    result.title = _title(root, found, span, metas, data)
    result.lead = _named_text(found, span, _LEAD_NAMES, 1500)
    result.machine_date = (
        _itemprop(root, "datePublished")
        or _string(data.get("datePublished"))
        or metas.get("article:published_time")
        or metas.get("pubdate")
        or metas.get("dc.date.issued")
        or _first(root, "//time[@datetime]/@datetime")
    )
    result.published_at_text = _date_line(found, span)
    result.author = (
        _itemprop(root, "author")
        or _author_of(data)
        or _named_text(found, span, _AUTHOR_NAMES, 120)
        or metas.get("author")
    )
    image = metas.get("og:image") or _string(data.get("image"))
    result.image = urls.joined(url, image) if image else None
    result.article_body = _string(data.get("articleBody"))
    return result


def linked_data(root: Element) -> dict[str, Any]:
    """The first JSON-LD object of an article on the page; empty where there is none."""
    for script in root.iter("script"):
        if "ld+json" not in (script.get("type") or "") or not script.text:
            continue
        try:
            loaded = json.loads(script.text.strip().removesuffix(";"), strict=False)
        except (ValueError, RecursionError):
            continue
        for item in _objects(loaded):
            kinds = item.get("@type")
            names = kinds if isinstance(kinds, list) else [kinds]
            if any(isinstance(name, str) and name in _ARTICLE_TYPES for name in names):
                return item
    return {}


def _objects(loaded: Any) -> list[dict[str, Any]]:
    items = loaded if isinstance(loaded, list) else [loaded]
    result: list[dict[str, Any]] = []
    for item in items[:50]:
        if isinstance(item, dict):
            graph = item.get("@graph")
            inside = graph if isinstance(graph, list) else [item]
            result.extend(one for one in inside if isinstance(one, dict))
    return result


def _metas(root: Element) -> dict[str, str]:
    metas: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = meta.get("property") or meta.get("name")
        content = meta.get("content")
        if name and content and content.strip():
            metas.setdefault(name.lower(), _fold(content))
    return metas


def _title(
    root: Element, found: Segments, span: Span, metas: dict[str, str], data: dict[str, Any]
) -> str | None:
    document = _first(root, "string(//title)")
    headlines = [
        (abs(number - span.start), block.text)
        for number, block in enumerate(found.blocks)
        if block.tag == "h1" and number < span.end
    ]
    if headlines:
        return min(headlines)[1]
    stated_title = _itemprop(root, "headline") or metas.get("og:title")
    if stated_title:
        return stated_title
    for block in reversed(found.blocks[max(0, span.start - _NEAR) : span.start + 2]):
        if document and len(block.text) > 12 and block.text.lower() in document.lower():
            return block.text
    return _string(data.get("headline")) or document


def _date_line(found: Segments, span: Span) -> str | None:
    """The first line with a date close above the body, else one whose name says date."""
    near = found.blocks[max(0, span.start - _NEAR) : min(span.end, span.start + 6)]
    for block in near:
        if len(block.text) < 90 and _DATE_LINE.search(block.text):
            return block.text
    for block in found.blocks[max(0, span.start - 40) : span.end + 3]:
        names = (block.owner.get("class") or "") + (block.owner.get("id") or "")
        if len(block.text) < 90 and _DATE_NAMES.search(names) and _DATE_LINE.search(block.text):
            return block.text
    return None


def _named_text(found: Segments, span: Span, names: re.Pattern[str], most: int) -> str | None:
    for block in found.blocks[max(0, span.start - _NEAR) : span.end + 3]:
        for element in (block.owner, block.owner.getparent()):
            if element is None:
                continue
            named = f"{element.get('class') or ''} {element.get('id') or ''}"
            if len(block.text) <= most and names.search(named):
                return block.text
    return None


def _itemprop(root: Element, name: str) -> str | None:
    for element in root.xpath("//*[@itemprop=$name]", name=name):
        text = element.get("content") or element.get("datetime")
        if not text:
            text = " ".join(str(part) for part in element.itertext())
        text = _fold(text)
        if text and len(text) < 300:
            return text
    return None


def _author_of(data: dict[str, Any]) -> str | None:
    author = data.get("author")
    people = author if isinstance(author, list) else [author]
    names = [one.get("name") if isinstance(one, dict) else one for one in people]
    return ", ".join(name for name in names if isinstance(name, str) and name.strip()) or None


def _string(value: Any) -> str | None:
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        value = value.get("url") or value.get("@value")
    return _fold(value) or None if isinstance(value, str) else None


def _first(root: Element, path: str) -> str | None:
    answer = root.xpath(path, smart_strings=False)
    if isinstance(answer, list):
        answer = answer[0] if answer else ""
    return _fold(answer) or None


def _fold(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()
