"""Generated articles: as many as wanted, each the same whenever it is asked for.

The phrases are in `data/templates.toml`. A slot `<name>` is filled from the list of that name, a
slot `<name:12-80>` with a number (that of a document, without thousands points, if the name begins
with `so_`); a second `<name>` of one article repeats the first.
"""

import random
import re
import tomllib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from . import shelf
from .story import Paragraph, Signature, Story, blocks_of, slug_of

SLOT = re.compile(r"<([a-zđ_]+\d*)(?::(\d+)-(\d+))?>")
DAY_SLOT = re.compile(r"<ngay(?:-(\d+))?>")
PROOF = timedelta(minutes=6)
STYLES = ("p", "p", "div", "br", "word", "cell")


@dataclass(frozen=True, slots=True)
class _Phrases:
    lists: dict[str, list[str]]
    templates: list[dict[str, Any]]
    extras: list[str]


def category(number: int) -> str:
    """The category key of the generated article with this running number."""
    return str(_template(number)["category"])


def story(key: int, number: int, dated: bool, posted: datetime) -> Story:
    """The generated article with this running number, posted at that moment."""
    template = _template(number)
    pen = _Pen(key, posted)
    pen.taken["xa"], title_tail = _place(number // len(_phrases().templates))
    title = pen.write(template["title"]) + title_tail
    lead = pen.write(pen.rng.choice(template["lead"]))
    parts = [pen.write(pen.rng.choice(choices)) for choices in template["body"]]
    parts.insert(len(parts) - 1, pen.write(pen.rng.choice(_phrases().extras)))
    if not dated:
        parts.insert(0, lead)
    return Story(
        id=key,
        slug=slug_of(title),
        title=title,
        blocks=blocks_of("\n\n".join(parts)),
        category=template["category"],
        posted=posted,
        modified=posted + PROOF,
        dated=dated,
        lead=lead if dated else None,
        signature=_signature(pen.rng),
        tags=tuple(template["tags"]) if dated else (),
        style=pen.rng.choice(STYLES),
    )


def edited(before: Story) -> Story:
    """The same article after its editor corrected it: one sentence more at its end."""
    last = Paragraph(
        "Thông tin cập nhật: Ban Biên tập đã chỉnh sửa, bổ sung số liệu của bài viết theo báo cáo"
        f" mới nhất của đơn vị, tính đến ngày {before.posted.day}/{before.posted.month}."
    )
    return replace(before, blocks=(*before.blocks, last))


def office_hours(moment: datetime) -> datetime:
    """The same day at an hour at which an office posts news, full minutes."""
    return moment.replace(hour=7 + moment.hour * 10 // 24, second=0, microsecond=0)


class _Pen:
    """Fills the slots of one article; what a slot was filled with once, it keeps."""

    def __init__(self, key: int, posted: datetime) -> None:
        self.rng = random.Random(key)
        self.posted = posted
        self.taken: dict[str, str] = {}

    def write(self, text: str) -> str:
        return SLOT.sub(self._fill, DAY_SLOT.sub(self._day, text))

    def _day(self, slot: re.Match[str]) -> str:
        day = self.posted - timedelta(days=int(slot[1] or 1))
        return f"{day.day:02}/{day.month}/{day.year}"

    def _fill(self, slot: re.Match[str]) -> str:
        name, low, high = slot[1], slot[2], slot[3]
        if name not in self.taken:
            if low:
                drawn = self.rng.randint(int(low), int(high))
                plain = name.startswith("so_")
                self.taken[name] = str(drawn) if plain else f"{drawn:,}".replace(",", ".")
            else:
                self.taken[name] = self._choice(name)
        return self.taken[name]

    def _choice(self, name: str) -> str:
        choices = _phrases().lists[name.rstrip("0123456789")]
        free = [choice for choice in choices if choice not in self.taken.values()]
        return self.rng.choice(free or choices)


def _place(turn: int) -> tuple[str, str]:
    """The commune of an article's title, and what makes a later title of it another one."""
    communes = _phrases().lists["xa"]
    later, at = divmod(turn, len(communes))
    return communes[at], f" (đợt {later + 1})" if later else ""


def _template(number: int) -> dict[str, Any]:
    templates = _phrases().templates
    return templates[number % len(templates)]


def _signature(rng: random.Random) -> Signature:
    lists = _phrases().lists
    one, two = rng.sample(lists["but_danh"], 2)
    unit = rng.choice(lists["phong_ban"])
    forms = (
        Signature((f"{one} ({unit})",), (one,), unit),
        Signature((f"{one} – {two}",), (one, two)),
        Signature((f"Tin, ảnh: {one}",), (one,), photo_by=(one,)),
        Signature((unit,), (), unit),
        Signature((one,), (one,)),
        Signature((one,), (one,), place="glued"),
        Signature(),
    )
    return rng.choice(forms)


@cache
def _phrases() -> _Phrases:
    table = tomllib.loads(shelf.text("templates.toml"))
    return _Phrases(table["lists"], table["template"], table["extras"])
