"""What a crawl of the sample portal must find: told from the stories, never from their HTML."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import files, planted, shelf
from .addresses import address
from .edition import Edition
from .portal import Portal
from .story import Story, words

COUNTED = {"new": "new", "edited": "edited", "gone": "gone"}


def truth(portal: Portal, base: str, days: int = 2) -> dict[str, Any]:
    """Articles of each day, expected counts, planted problems and changes, as one object.

    `days[d]["articles"]` holds every article that there is or was by day d, with `state` live,
    gone (404 or 410 from the day `gone_on`) or soft-gone (sent to the front page). A field whose
    value hangs on the order of the crawl has its possible values in `alternatives`.
    """
    return {
        **_head(portal, base, days),
        "days": {
            str(day): {"articles": list(articles(portal, day)), "changes": changes(portal, day)}
            for day in range(1, days + 1)
        },
    }


def write(portal: Portal, base: str, path: Path, days: int = 2) -> None:
    """Write the truth file, one article at a time, so that its size needs no memory."""
    with path.open("w", encoding="utf-8") as file:
        head = json.dumps(_head(portal, base, days), ensure_ascii=False, indent=1)
        file.write(head[: head.rindex("}")].rstrip() + ',\n "days": {')
        for day in range(1, days + 1):
            changed = json.dumps(changes(portal, day), ensure_ascii=False)
            file.write(f'{"," if day > 1 else ""}\n"{day}": {{"changes": {changed}, "articles": [')
            for n, article in enumerate(articles(portal, day)):
                file.write(("," if n else "") + "\n" + json.dumps(article, ensure_ascii=False))
            file.write("\n]}")
        file.write("\n}}\n")


def articles(portal: Portal, day: int) -> Iterator[dict[str, Any]]:
    """Every article that there is or was on a day, newest number first."""
    edition = portal.edition_of(day)
    twins = _twins(edition)
    for key in edition:
        yield _article(portal, edition, key, twins)


def changes(portal: Portal, day: int) -> list[dict[str, Any]]:
    """What happened on a day, planned and by churn; empty for day 1."""
    edition = portal.edition_of(day)
    rows: list[dict[str, Any]] = []
    for key in edition if day > 1 else ():
        change = edition.change(key)
        if change not in ("unchanged", "long gone"):
            story = edition.story(key)
            rows.append({"native_id": str(story.id), "slug": story.slug, "change": change})
    return rows


def expected(portal: Portal, day: int) -> dict[str, int]:
    """The counts of a `--full` crawl of this day, after one of every day before it.

    An article sent to the front page is counted nowhere on the first day of that, and as gone on
    the second. One that only moved, or changed its markup, date or tags, is unchanged.
    """
    edition = portal.edition_of(day)
    counts: Counter[str] = Counter()
    for key in edition:
        change = "new" if day == 1 else edition.change(key)
        if change == "soft-gone":
            change = {0: "", 1: "gone"}.get(day - edition.gone[key][0], "long gone")
        if change not in ("", "long gone"):
            counts[COUNTED.get(change, "unchanged")] += 1
    return {f"articles_{name}": counts[name] for name in ("new", "edited", "unchanged", "gone")}


def _head(portal: Portal, base: str, days: int) -> dict[str, Any]:
    return {
        "portal": "kkt",
        "base": base,
        "host": planted.HOST.removeprefix("http://"),
        "mirrors": list(planted.MIRRORS),
        "articles": portal.options.articles,
        "expected": _expectations(portal, days),
        "planted": [
            {
                "url": planted.HOST + at.path,
                "kind": at.kind,
                "status": at.status,
                "problem": at.problem,
                "target": at.target,
            }
            for at in planted.PLANTED
        ],
        "never_fetched": [
            {"url": url if url.startswith("http") else planted.HOST + url, "why": why}
            for url, why in planted.NEVER
        ],
    }


def _expectations(portal: Portal, days: int) -> dict[str, dict[str, int]]:
    rows = {}
    for day in range(1, days + 1):
        rows[f"day{day}"] = counts = expected(portal, day)
        again = _again(portal, day)
        rows[f"day{day}_again"] = {
            "articles_new": 0,
            "articles_edited": 0,
            "articles_unchanged": sum(counts.values()) - counts["articles_gone"],
            "articles_gone": again,
        }
    return rows


def _again(portal: Portal, day: int) -> int:
    """Articles that a second `--full` run on the same day finds gone: soft answers seen twice."""
    edition = portal.edition_of(day)
    return sum(1 for at, fate in edition.gone.values() if fate == "front" and at == day)


def _twins(edition: Edition) -> dict[int, list[str]]:
    """The possible slugs of hand-written articles that share one; by key."""
    planned = edition.planned
    slugs = {key: edition.story(key).slug for key in edition if key in planned}
    counted = Counter(slugs.values())
    return {
        key: [slug, f"{slug}~{abs(key)}"][planned[key].born - 1 :]
        for key, slug in slugs.items()
        if counted[slug] > 1
    }


def _article(
    portal: Portal, edition: Edition, key: int, twins: dict[int, list[str]]
) -> dict[str, Any]:
    story = edition.story(key)
    fate = edition.fate(key)
    second = [_url(story, story.second_id)] if story.second_id else []
    return {
        "slug": twins.get(key, [story.slug])[0],
        "native_id": str(story.id),
        "url": _url(story),
        "urls": [_url(story), *second],
        "mirror_urls": [_url(story, host=planted.MIRRORS[0])] if key in portal.mirrored() else [],
        "moved_from": _moved_from(edition, key),
        **_said(story),
        "listed_under": [shelf.categories()[c][0] for c in (story.category, *story.also)],
        "attachments": [_attachment(name) for name in story.files],
        "images": [
            {
                "url": f"{_host(story)}/upload/hinh/{p.file}",
                "caption": p.caption,
                "credit": p.credit,
            }
            for p in story.pictures
        ],
        "citations": story.citations,
        "citations_count": len(story.citations),
        "versions": edition.versions(key),
        "state": {"live": "live", "front": "soft-gone"}.get(fate, "gone"),
        "gone_on": edition.gone[key][0] if fate != "live" else None,
        "change": "new" if edition.day == 1 else edition.change(key),
        "trait": story.trait,
        "style": story.style,
        "encoding": story.encoding,
        "alternatives": _alternatives(story, twins.get(key)),
    }


def _said(story: Story) -> dict[str, Any]:
    """The fields that the page itself states."""
    by, dated = story.signature, story.dated
    return {
        "title": story.title,
        "lead": words(story.lead) if dated and story.lead else None,
        "body": story.body,
        "byline": by.line,
        "authors": list(by.authors),
        "unit": by.unit,
        "source": by.source,
        "photo_by": list(by.photo_by),
        "category": shelf.categories()[story.category][0] if dated else None,
        "tags": list(story.tags) if dated else [],
        "published_at": story.posted.isoformat() if dated else None,
    }


def _alternatives(story: Story, slugs: list[str] | None) -> dict[str, list[Any]]:
    """Fields for which more than one value is right, with all their values."""
    found: dict[str, list[Any]] = {"slug": slugs} if slugs and len(slugs) > 1 else {}
    by = story.signature
    if story.second_id:
        names = [shelf.categories()[key][0] for key in (story.category, *story.also[:1])]
        found["native_id"] = [str(story.id), str(story.second_id)]
        found["category"] = list(names) if story.dated else [None]
        found["url"] = [_url(story), _url(story, story.second_id)]
    if story.old:
        found["title"] = [story.title, f"* {story.title}"]
    if story.trait == "hostile":
        found["images"] = [[], [{"url": "http://ngoai-mang.example.net/dem.gif"}]]
    if len(by.lines) > 1:
        found["byline"] = [joint.join(by.lines) for joint in ("\n", "\n\n", " ")]
    elif by.lines and not (by.authors or by.unit):
        found["byline"] = [by.line, None]
    return found


def _host(story: Story) -> str:
    return f"http://{planted.OLD_HOST}" if story.old else planted.HOST


def _url(story: Story, native_id: int | None = None, host: str | None = None) -> str:
    return (f"http://{host}" if host else _host(story)) + address(story, native_id)


def _moved_from(edition: Edition, key: int) -> str | None:
    plan = edition.planned.get(key)
    if plan is None or plan.kind != "moved" or edition.day < 2:
        return None
    return _url(plan.story)


def _attachment(name: str) -> dict[str, Any]:
    held = files.get(name)
    if held is None:
        raise ValueError(f"the sample has no file {name!r}")
    return {
        "url": f"{planted.HOST}/upload/vanban/{name}",
        "filename": name,
        "media_type": files.media_type(name),
        "size": len(held[0]),
        "payload_digest": f"sha256:{hashlib.sha256(held[0]).hexdigest()}",
        "text": files.text(name) or None,
    }
