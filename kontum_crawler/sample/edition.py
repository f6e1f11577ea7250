"""The stock of articles of the sample portal on one day, made only when asked for.

Hand-written stories come first, generated ones fill up to the number wanted. An article is known
by its key: its native id, or the negative of it for the older generation, which counts apart.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from . import press, shelf
from .days import ZONE, morning
from .options import Options
from .story import Story

UNDATED = range(3610, 3980)
DATED = 5000
UNDATED_SPAN = (datetime(2024, 3, 4, 8, 5, tzinfo=ZONE), datetime(2024, 6, 28, 16, 0, tzinfo=ZONE))
DATED_SPAN = (datetime(2024, 8, 1, 7, 45, tzinfo=ZONE), datetime(2025, 6, 20, 16, 30, tzinfo=ZONE))
SPARE = 20
EDITED_BEFORE = timedelta(minutes=40)


class Edition:
    """All articles of one day; cheap to make, also with a hundred thousand articles."""

    def __init__(self, options: Options, day: int) -> None:
        self.day = day
        self.planned = shelf.stories(options.articles, options.planned)
        on_shelf = sum(1 for plan in self.planned.values() if plan.born == 1)
        generated = max(0, options.articles - on_shelf)
        undated = min(generated // 2, len(UNDATED))
        self.undated = UNDATED[:undated]
        self.dated = range(DATED, DATED + generated - undated)
        self.born: dict[int, int] = {}
        self.edits: dict[int, int] = {}
        self.gone: dict[int, tuple[int, str]] = {}
        self._plan(options.planned)
        for later in range(2, day + 1):
            self._churn(options, later)
        self.story = lru_cache(maxsize=2048)(self._story)
        self._second = {
            plan.story.second_id: key
            for key, plan in self.planned.items()
            if plan.story.second_id is not None
        }

    def key_of(self, native_id: int) -> int | None:
        """The article behind a number of the new generation, live or gone; None if there is none.

        A number under which the CMS keeps a second copy leads to the same article.
        """
        native_id = self._second.get(native_id, native_id)
        known = (
            native_id in self.planned
            or native_id in self.undated
            or native_id in self.dated
            or native_id in self.born
        )
        return native_id if known and self._born_on(native_id) <= self.day else None

    def fate(self, key: int) -> str:
        """What its address answers now: live, 404, 410 or front (sent to the front page)."""
        day, fate = self.gone.get(key, (self.day + 1, ""))
        return fate if day <= self.day else "live"

    def change(self, key: int) -> str:
        """What happened to the article on this very day, in one word."""
        if key in self.gone and self.gone[key][0] <= self.day:
            happened = "gone" if self.gone[key][0] == self.day else "long gone"
            return "soft-gone" if self.gone[key][1] == "front" else happened
        if self._born_on(key) == self.day:
            return "new"
        plan = self.planned.get(key)
        if plan and plan.kind and self.day == 2:
            return plan.kind
        return "edited" if self.edits.get(key) == self.day else "unchanged"

    def modified(self, key: int) -> datetime:
        """When the article was last changed, without making its text."""
        plan = self.planned.get(key)
        if plan:
            return plan.on(self.day).modified
        if key in self.edits and self.edits[key] <= self.day:
            return morning(self.edits[key]) - EDITED_BEFORE
        return self._posted(key) + press.PROOF

    def versions(self, key: int) -> int:
        """How many texts the article has had up to this day."""
        plan = self.planned.get(key)
        edited = bool(plan and plan.kind == "edited" and self.day >= 2)
        return 1 + edited + (self.edits.get(key, self.day + 1) <= self.day)

    def __iter__(self) -> Iterator[int]:
        """Every article that there is or was, gone ones too; what appeared last comes first."""
        return iter(self._all_keys())

    def live(self) -> Iterator[int]:
        """The articles that stand in listings, newest first."""
        return (key for key in self._all_keys() if key > 0 and self.fate(key) == "live")

    def category(self, key: int) -> str:
        """The key of the article's category, without making its text."""
        plan = self.planned.get(key)
        return plan.story.category if plan else press.category(self._place(key)[0])

    @lru_cache(maxsize=1)  # noqa: B019 - an edition lives as long as its portal shows that day
    def _all_keys(self) -> array[int]:
        ids = [key for key in self.planned if self._born_on(key) <= self.day]
        ids += [*self.undated, *self.dated]
        ids += [key for key, day in self.born.items() if day <= self.day]
        return array("q", sorted(ids, key=lambda key: (self._born_on(key), key), reverse=True))

    def _born_on(self, key: int) -> int:
        plan = self.planned.get(key)
        return plan.born if plan else self.born.get(key, 1)

    def _plan(self, wanted: bool) -> None:
        for key, plan in self.planned.items():
            if wanted and plan.fate:
                self.gone[key] = (2, plan.fate)

    def _churn(self, options: Options, day: int) -> None:
        pool = len(self.undated) + len(self.dated)
        if pool < SPARE:
            return
        first = self.dated.stop + len(self.born)
        self.born |= dict.fromkeys(range(first, first + options.churn.new), day)
        step = day * 101
        for wanted, mark in ((options.churn.edited, "edited"), (options.churn.gone, "404")):
            for _ in range(wanted):
                key, step = self._untouched(step, pool)
                if mark == "edited":
                    self.edits[key] = day
                else:
                    self.gone[key] = (day, mark)

    def _untouched(self, step: int, pool: int) -> tuple[int, int]:
        for _ in range(pool):
            step += 7919
            at = step % pool
            key = [*self.dated[at : at + 1], *self.undated[at - len(self.dated) :][:1]][0]
            if key not in self.edits and key not in self.gone:
                return key, step
        raise ValueError("more articles are to change than there are")

    def _story(self, key: int) -> Story:
        plan = self.planned.get(key)
        if plan:
            return plan.on(self.day)
        number, dated = self._place(key)
        story = press.story(key, number, dated, self._posted(key))
        if self.edits.get(key, self.day + 1) <= self.day:
            story = replace(press.edited(story), modified=self.modified(key), revision=2)
        return story

    def _place(self, key: int) -> tuple[int, bool]:
        """Which generated article this is: its running number, and whether it is dated."""
        if key in self.undated:
            return 2 * (key - UNDATED.start), False
        return 2 * (key - DATED) + 1, True

    def _posted(self, key: int) -> datetime:
        if key in self.born:
            return morning(self.born[key]) - timedelta(minutes=15 + 7 * (key % 13))
        ids, (start, end) = self.dated, DATED_SPAN
        if key in self.undated:
            ids, (start, end) = self.undated, UNDATED_SPAN
        share = (key - ids.start) / max(1, len(ids))
        return press.office_hours(start + (end - start) * share)
