"""What changed between two texts, word by word, for people to read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

LONG = 4000


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
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            rows += [Row((Run("same", b),), (Run("same", b),)) for b in before[i1:i2]]
        else:
            rows += [_row(a, b) for a, b in zip_longest(before[i1:i2], after[j1:j2])]
    return rows


def _row(old: str | None, new: str | None) -> Row:
    if old is None or new is None:
        return Row(
            (Run("gone", old),) if old is not None else (),
            (Run("new", new),) if new is not None else (),
        )
    pairs = list(_words(old, new))
    return Row(
        tuple(run for run in pairs if run.kind != "new"),
        tuple(run for run in pairs if run.kind != "gone"),
    )


def _words(old: str, new: str) -> Iterator[Run]:
    before, after = re.findall(r"\s+|\S+", old), re.findall(r"\s+|\S+", new)
    if len(before) + len(after) > LONG:
        # Comparing words is quadratic; a paragraph this long is shown as replaced.
        yield Run("gone", old)
        yield Run("new", new)
        return
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
