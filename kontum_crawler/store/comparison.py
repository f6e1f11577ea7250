"""What changed between two versions of an article: words for people, lines as diff writes them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff
from itertools import groupby, zip_longest
from operator import itemgetter
from typing import Any

READ = ("title", "lead", "body", "byline")
FIELDS = (*READ, "published_at")
MOST = 4_000_000
"""Pairs of words, or of paragraphs, that are compared; beyond them a text is shown as replaced: the
time grows with the square of the words."""

WORD = re.compile(r"\s*(?:\w+|[^\w\s])|\s+$")
"""A word or a mark, with the blanks in front of it."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run of words that is in both texts (`same`), only the old (`gone`) or the new (`new`)."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One paragraph of the old text and its counterpart of the new one, as runs in their order."""

    runs: tuple[Run, ...]

    @property
    def old(self) -> tuple[Run, ...]:
        """The paragraph as it was; empty where it is new."""
        return tuple(run for run in self.runs if run.kind != "new")

    @property
    def new(self) -> tuple[Run, ...]:
        """The paragraph as it is; empty where it is gone."""
        return tuple(run for run in self.runs if run.kind != "gone")

    @property
    def changed(self) -> bool:
        """Whether the two sides differ."""
        return any(run.kind != "same" for run in self.runs)


def side_by_side(old: str, new: str) -> list[Row]:
    """The paragraphs of two texts in pairs, with the changed words marked."""
    before, after = _blocks(old), _blocks(new)
    rows: list[Row] = []
    left = MOST
    if len(before) * len(after) > MOST:
        return [_row(old, new, 0)]
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            rows += [Row((Run("same", block),)) for block in before[i1:i2]]
        else:
            for a, b in zip_longest(before[i1:i2], after[j1:j2]):
                rows.append(_row(a, b, left))
                left -= _pairs(a, b)
    return rows


def lines(
    one: Mapping[str, Any], other: Mapping[str, Any], older: int, newer: int, *, words: bool
) -> Iterator[str]:
    """The difference between two versions, a line at a time; nothing where they are equal.

    one, other: objects with the fields of a version. words: one text with [-gone-] and {+new+}.
    """
    before, after = whole_text(one), whole_text(other)
    if before == after:
        return
    if words:
        yield "\n\n".join(_marked(row) for row in side_by_side(before, after))
        return
    names = (f"version {older}", f"version {newer}")
    yield from unified_diff(before.split("\n"), after.split("\n"), *names, lineterm="", n=2)


def as_object(
    one: Mapping[str, Any], other: Mapping[str, Any], older: int, newer: int
) -> dict[str, Any]:
    """The same for programs: the fields that differ, with both values, and the unified diff."""
    return {
        "portal": other["portal"],
        "slug": other["slug"],
        "from": older,
        "to": newer,
        "changed": {
            name: {"from": one[name], "to": other[name]}
            for name in FIELDS
            if one[name] != other[name]
        },
        "diff": "\n".join(lines(one, other, older, newer, words=False)),
    }


def whole_text(version: Mapping[str, Any], fields: Sequence[str] = FIELDS) -> str:
    """The fields of a version as a reader sees them one after the other, blocks apart."""
    return "\n\n".join(version[name] for name in fields if version[name])


def _marked(row: Row) -> str:
    marks = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
    return "".join(marks[run.kind].format(run.text) for run in row.runs)


def _row(old: str | None, new: str | None, left: int) -> Row:
    if old is None or new is None or _pairs(old, new) > left:
        both = (("gone", old), ("new", new))
        return Row(tuple(Run(kind, text) for kind, text in both if text is not None))
    return Row(tuple(_words(old, new)))


def _pairs(old: str | None, new: str | None) -> int:
    """How many pairs of words two paragraphs make; comparing them takes as long."""
    return len(WORD.findall(old or "")) * len(WORD.findall(new or ""))


def _words(old: str, new: str) -> Iterator[Run]:
    pieces = _pieces(WORD.findall(old), WORD.findall(new))
    for kind, texts in groupby(pieces, key=itemgetter(0)):
        if text := "".join(text for _, text in texts):
            yield Run(kind, text)


def _pieces(before: list[str], after: list[str]) -> Iterator[tuple[str, str]]:
    """Kind and text of what two lists of words share and do not share, blanks in front apart."""
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        gone, come = "".join(before[i1:i2]), "".join(after[j1:j2])
        if tag == "equal":
            yield "same", gone
            continue
        blank = gone[: len(gone) - len(gone.lstrip())]
        blank = blank if come.startswith(blank) else ""
        yield "same", blank
        yield "gone", gone[len(blank) :]
        yield "new", come[len(blank) :]


def _blocks(text: str) -> list[str]:
    return [block for block in text.split("\n\n") if block.strip()]
