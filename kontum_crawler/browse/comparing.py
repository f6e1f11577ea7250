"""What changed between two texts, word by word, for people to read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

MOST = 4_000_000
"""Pairs of words, or of paragraphs, that are compared; beyond them a text is shown as replaced."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run of words that is in both texts (`same`), only the old (`gone`) or the new (`new`)."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One paragraph of the old text beside its counterpart of the new one; either may lack."""

    old: tuple[Run, ...]
    new: tuple[Run, ...]

    @property
    def changed(self) -> bool:
        """Whether the two sides differ."""
        return any(run.kind != "same" for run in (*self.old, *self.new))


def side_by_side(old: str, new: str) -> list[Row]:
    """The paragraphs of two texts in pairs, with the changed words marked on both sides."""
    before, after = _blocks(old), _blocks(new)
    rows: list[Row] = []
    left = MOST
    if len(before) * len(after) > MOST:
        return [_row(old, new, 0)]
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            rows += [Row((Run("same", b),), (Run("same", b),)) for b in before[i1:i2]]
        else:
            for a, b in zip_longest(before[i1:i2], after[j1:j2]):
                rows.append(_row(a, b, left))
                left -= _pairs(a, b)
    return rows


def _row(old: str | None, new: str | None, left: int) -> Row:
    if old is None or new is None:
        return Row(
            (Run("gone", old),) if old is not None else (),
            (Run("new", new),) if new is not None else (),
        )
    if _pairs(old, new) > left:
        return Row((Run("gone", old),), (Run("new", new),))
    runs = list(_words(old, new))
    return Row(
        tuple(run for run in runs if run.kind != "new"),
        tuple(run for run in runs if run.kind != "gone"),
    )


def _pairs(old: str | None, new: str | None) -> int:
    """How many pairs of words two paragraphs make; comparing them takes as long."""
    return len((old or "").split()) * len((new or "").split())


def _words(old: str, new: str) -> Iterator[Run]:
    before, after = re.findall(r"\s*\S+", old), re.findall(r"\s*\S+", new)
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Run("same", "".join(before[i1:i2]))
            continue
        if i2 > i1:
            yield Run("gone", "".join(before[i1:i2]))
        if j2 > j1:
            yield Run("new", "".join(after[j1:j2]))


def _blocks(text: str) -> list[str]:
    return [block for block in text.split("\n\n") if block.strip()]
