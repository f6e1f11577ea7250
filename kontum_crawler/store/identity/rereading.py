"""Captures read again by today's extractor: what they say now replaces what they said."""

import json
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kontum_crawler.items import Capture
from kontum_crawler.store.identity import articles, captures, folding, observations
from kontum_crawler.store.identity.facts import GOOD, Observation, slug_key

if TYPE_CHECKING:
    from kontum_crawler.extract.answer import Answer
    from kontum_crawler.portals import Portal

COMPARED = [*articles.META_COLUMNS, *articles.TEXT_COLUMNS]
HANGING = {
    "attachments": "SELECT url, filename FROM attachments WHERE article_id = ? ORDER BY id",
    "images": "SELECT url, caption, credit FROM images WHERE article_id = ? ORDER BY id",
    "citations": (
        'SELECT field, start, "end", quote, doc_type, number, issuer, issuer_code, issued_on'
        " FROM citations WHERE article_id = ? ORDER BY id"
    ),
    "urls": "SELECT url FROM article_urls WHERE article_id = ? ORDER BY url",
}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of one article, before and after; lists are JSON texts.

    slug: before, where the article was there before. field: a column of `articles`, or
    `attachments`, `images`, `citations`, `urls`, or `article` for a row that came or went.
    """

    portal: str
    slug: str
    field: str
    before: Any
    after: Any


@dataclass(slots=True)
class Reread:
    """What reading again did. captures: how many were read; changed: how many say another thing."""

    captures: int = 0
    changed: int = 0
    changes: list[FieldChange] = field(default_factory=list)


def reread(
    db: sqlite3.Connection,
    portal_of: "Callable[[str], Portal | None]",
    pairs: "Iterable[tuple[int, Answer | None]]",
    *,
    dry_run: bool,
) -> Reread:
    """See `Archive.reread`; inside the caller's transaction."""
    result = Reread()
    db.execute("SAVEPOINT reread")
    try:
        touched: dict[str, list[list[observations.Key]]] = {}
        replaced: set[int] = set()
        for capture_id, answer in pairs:
            result.captures += 1
            before, after = _replace(db, portal_of, capture_id, answer)
            if before is not after:
                result.changed += 1
                if before is not None and before.extract_id is not None:
                    replaced.add(before.extract_id)
                for seen in (before, after):
                    if seen is not None:
                        touched.setdefault(seen.portal, []).append(observations.keys_of(seen))
        for portal, seeds in touched.items():
            result.changes += _refold(db, portal, seeds)
        observations.drop_unused(db, replaced)
    finally:
        if dry_run:
            db.execute("ROLLBACK TO reread")
        db.execute("RELEASE reread")
    return result


def _replace(
    db: sqlite3.Connection,
    portal_of: "Callable[[str], Portal | None]",
    capture_id: int,
    answer: "Answer | None",
) -> tuple[Observation | None, Observation | None]:
    """Put a new observation in place of the old; the very same object twice if nothing changed."""
    before = observations.of_capture(db, capture_id)
    row = db.execute("SELECT * FROM captures WHERE id = ?", (capture_id,)).fetchone()
    portal = portal_of(row["url"])
    after = None
    if portal is not None:
        run_key = before.run_key if before is not None else _run_key(db, row)
        after = captures.draft(db, portal, Capture(**dict(row)), answer, run_key)
    if before is None or after is None:
        if before is after:
            return None, None
    elif all(getattr(before, name) == getattr(after, name) for name in _OWN):
        return before, before
    if before is not None:
        db.execute("DELETE FROM observations WHERE id = ?", (before.id,))
    if after is not None:
        if portal is not None:
            folding.register(db, portal)
        after.capture_id = capture_id
        # Kept until the refold, so that the article goes on in its row.
        after.article_id = before.article_id if before is not None else None
        key = slug_key(after.slug) if after.kind == GOOD and after.slug is not None else None
        after.id = observations.insert(db, after, key)
        db.execute(
            "UPDATE observations SET article_id = ? WHERE id = ?", (after.article_id, after.id)
        )
    db.execute(
        "UPDATE captures SET content_hash = ? WHERE id = ?",
        (after.content_hash if after is not None else None, capture_id),
    )
    if after is None:
        db.execute("UPDATE captures SET article_id = NULL WHERE id = ?", (capture_id,))
    return before, after


_OWN = [name for name in observations.COLUMNS if name not in ("slug_key", "capture_id")]


def _run_key(db: sqlite3.Connection, row: sqlite3.Row) -> str:
    """The key of a capture's run; a foreign capture counts by its day."""
    found = None
    if row["origin"] == "live" and row["run_id"] is not None:
        found = db.execute("SELECT key FROM run_keys WHERE run_id = ?", (row["run_id"],)).fetchone()
    return str(found[0]) if found is not None else str(row["fetched_at"])[:10]


def _refold(
    db: sqlite3.Connection, portal: str, seeds: Iterable[list[observations.Key]]
) -> list[FieldChange]:
    """Fold what was touched, cluster by cluster, and compare the rows before and after."""
    changes: list[FieldChange] = []
    done: set[observations.Key] = set()
    for keys in seeds:
        if done.issuperset(keys):
            continue
        cluster = observations.cluster(db, portal, keys)
        done.update(keys, *(observations.keys_of(each) for each in cluster))
        held = {each.article_id for each in cluster if each.article_id is not None}
        held |= {int(one) for kind, one, _ in keys if kind == "article"}
        before = {article_id: _row(db, article_id) for article_id in held}
        for settled in folding.refold(db, portal, keys):
            if settled.article_id is not None:
                before.setdefault(settled.article_id, {})
        for article_id, row in sorted(before.items()):
            changes += _compare(portal, row, _row(db, article_id))
    return changes


def _row(db: sqlite3.Connection, article_id: int) -> dict[str, Any]:
    row = db.execute(
        f"SELECT {', '.join(COMPARED)} FROM articles WHERE id = ?", (article_id,)
    ).fetchone()
    if row is None:
        return {}
    hanging = {
        name: json.dumps(
            [list(each) for each in db.execute(query, (article_id,))], ensure_ascii=False
        )
        for name, query in HANGING.items()
    }
    return {**dict(row), **hanging}


def _compare(portal: str, before: dict[str, Any], after: dict[str, Any]) -> list[FieldChange]:
    if not before and not after:
        return []
    slug = (before or after)["slug"]
    if not before or not after:
        return [FieldChange(portal, slug, "article", before.get("title"), after.get("title"))]
    return [
        FieldChange(portal, slug, name, before[name], after[name])
        for name in before
        if before[name] != after[name]
    ]
