"""Two versions of an article side by side: lines as diff writes them, or marked words."""

import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher, unified_diff
from typing import Any

FIELDS = ("title", "lead", "body", "byline", "published_at")
LONGEST = 20_000
"""Words beyond which a text is compared by lines only: the time grows with their square."""


def lines(
    one: Mapping[str, Any], other: Mapping[str, Any], older: int, newer: int, *, words: bool
) -> Iterator[str]:
    """The difference between two versions, a line at a time; nothing where they are equal.

    one, other: objects with the fields of a version. words: one text with [-gone-] and {+new+}.
    """
    before, after = _lines(one), _lines(other)
    if before == after:
        return
    if words:
        yield _marked("\n".join(before), "\n".join(after))
        return
    names = (f"version {older}", f"version {newer}")
    yield from unified_diff(before, after, *names, lineterm="", n=2)


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


def _lines(version: Mapping[str, Any]) -> list[str]:
    """Title, lead, body, byline and date as a reader sees them, blocks apart."""
    parts = [version[name] for name in FIELDS if version[name]]
    return "\n\n".join(parts).split("\n")


def _marked(before: str, after: str) -> str:
    old, new = (re.findall(r"\s+|\w+|[^\w\s]", text) for text in (before, after))
    if max(len(old), len(new)) > LONGEST:
        return "\n".join(unified_diff(before.split("\n"), after.split("\n"), lineterm="", n=2))
    marked = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            marked += old[i1:i2]
            continue
        gone, come = "".join(old[i1:i2]), "".join(new[j1:j2])
        marked.append(f"[-{gone}-]" if gone else "")
        marked.append(f"{{+{come}+}}" if come else "")
    return "".join(marked)
