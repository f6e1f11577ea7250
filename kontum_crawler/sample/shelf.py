"""The hand-written stories, read from `data/*.toml`, with what happens to each on day 2."""

import tomllib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from .days import ZONE, morning
from .story import Signature, Story, blocks_of, slug_of

DATA = files(__package__) / "data"
FILES = ("kkt.toml", "dated.toml")
KINDS = ("edited", "gone", "soft-gone", "moved", "markup", "retagged", "new")
PLAIN = ["category", "lead", "style", "form", "encoding", "second_id", "trait", "old", "unlisted"]
LISTS = ("tags", "also", "files")
FATES = {"gone": "404", "soft-gone": "front"}


@dataclass(frozen=True, slots=True)
class Planned:
    """A hand-written story, the day it appears, and its form from day 2 on."""

    story: Story
    born: int = 1
    kind: str | None = None
    fate: str | None = None
    later: Story | None = None

    def on(self, day: int) -> Story:
        """The story as it stands on a day."""
        return self.later if self.later and day >= 2 else self.story


def stories(wanted: int, changes: bool) -> dict[int, Planned]:
    """The first `wanted` stories of day 1, and with `changes` those that appear on day 2."""
    shelf = _shelf()
    first = [plan for plan in shelf if plan.born == 1][:wanted]
    if not changes:
        first = [Planned(plan.story) for plan in first]
    later = [plan for plan in shelf if plan.born > 1] if changes else []
    return {_key(plan.story): plan for plan in (*first, *later)}


def text(name: str) -> str:
    """A text file of the sample's data."""
    return (DATA / name).read_text("utf-8")


@cache
def categories() -> dict[str, tuple[str, int]]:
    """Category key to displayed name and number, in the order of the menu."""
    table = tomllib.loads(text("site.toml"))["categories"]
    return {key: (name, number) for key, (name, number) in table.items()}


@cache
def _shelf() -> tuple[Planned, ...]:
    entries = [entry for name in FILES for entry in tomllib.loads(text(name)).get("story", [])]
    return tuple(map(_planned, entries))


def _key(story: Story) -> int:
    return -story.id if story.old else story.id


def _planned(entry: dict[str, Any]) -> Planned:
    story = _story(entry)
    change = entry.get("day2")
    if change is None:
        return Planned(story)
    kind = change["kind"]
    if kind not in KINDS:
        raise ValueError(f"story {story.id}: unknown change {kind!r}")
    if kind == "new":
        return Planned(story, born=2, kind="new")
    fate = FATES.get(kind) and str(change.get("status", FATES[kind]))
    return Planned(story, kind=kind, fate=fate, later=None if fate else _later(entry, change))


def _later(entry: dict[str, Any], change: dict[str, Any]) -> Story:
    fields = {name: value for name, value in change.items() if name not in ("kind", "replace")}
    body = entry.get("body", "")
    for old, new in change.get("replace", []):
        if old not in body:
            raise ValueError(f"story {entry['id']}: the text has no {old!r} to replace")
        body = body.replace(old, new)
    slug = change.get("slug", _story(entry).slug)
    story = _story({**entry, "body": body, **fields, "slug": slug})
    return replace(story, modified=morning(2) - timedelta(minutes=35), revision=2)


def _story(entry: dict[str, Any]) -> Story:
    posted = datetime.fromisoformat(entry["posted"]).replace(tzinfo=ZONE)
    signature: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in entry["by"].items()
    }
    body = _body(entry).strip()
    fields: dict[str, Any] = {name: entry[name] for name in PLAIN if name in entry}
    fields |= {name: tuple(entry[name]) for name in LISTS if name in entry}
    return Story(
        id=entry["id"],
        slug=entry.get("slug") or slug_of(entry["title"]),
        title=entry["title"],
        blocks=blocks_of(body) if body else (),
        posted=posted,
        modified=posted + timedelta(minutes=4),
        dated=entry["id"] >= 4000 and not entry.get("old", False),
        signature=Signature(**signature),
        **fields,
    )


def _body(entry: dict[str, Any]) -> str:
    """The blocks as text: the entry's own, or those of the file it names, with citations marked."""
    if "seed" not in entry:
        return str(entry.get("body", ""))
    part = text(entry["seed"]).split("\nArticle\n", 1)[1]
    body = part[: part.index(entry["by"]["lines"][0])]
    for quote in entry["cites"]:
        body = body.replace(quote, "{{" + quote + "}}")
    return body
