"""How changes of fields are told: what `reextract` did, or would do."""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kontum_crawler.commands.output import safe, say

if TYPE_CHECKING:
    from kontum_crawler.store.identity.rereading import FieldChange
    from kontum_crawler.store.intake.reextract import Reextracted

LONGEST = 100


def tell_worse(worse: "list[FieldChange]") -> None:
    """List, on stderr, what got worse, before it replaces anything."""
    say(f"{len(worse)} fields get worse:")
    for change in worse:
        say(f"  {safe(_one_line(change))}")


def summary(done: "Reextracted", *, dry_run: bool) -> Iterator[str]:
    """What reading again did, by portal and field."""
    would = "would say" if dry_run else "say"
    yield f"{done.captures:,} captures read again; {done.changed:,} {would} another thing"
    for portal, fields in done.by_field().items():
        yield f"  {portal}: " + ", ".join(f"{name} {number:,}" for name, number in fields.items())
    for url, why in done.unreadable:
        yield safe(f"  {url}: {why}")


def diff_lines(changes: "Iterable[FieldChange]") -> Iterator[str]:
    """Each change as a unified difference, headed by portal, slug and field."""
    for change in changes:
        name = f"{change.portal}/{change.slug} {change.field}"
        before, after = (str(value or "").split("\n") for value in (change.before, change.after))
        yield from (
            safe(line.rstrip("\n"))
            for line in difflib.unified_diff(before, after, name, name, lineterm="", n=1)
        )


def as_object(done: "Reextracted", *, dry_run: bool, diff: bool) -> dict[str, Any]:
    """The same as one JSON object; `changes` only where they are asked for."""
    said: dict[str, Any] = {
        "dry_run": dry_run,
        "captures": done.captures,
        "changed": done.changed,
        "fields": done.by_field(),
        "worse": [asdict(change) for change in done.worse],
        "problems": len(done.unreadable),
    }
    if diff:
        said["changes"] = [asdict(change) for change in done.changes]
    return said


def _one_line(change: "FieldChange") -> str:
    before, after = (
        text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters)"
        for text in (str(change.before or "nothing"), str(change.after or "nothing"))
    )
    return f"{change.portal}/{change.slug}: {change.field}: «{before}» becomes «{after}»"
