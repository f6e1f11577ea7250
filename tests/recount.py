"""Compares an archive with the truth of `tests.history`, field by field; says what differs."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from kontum_crawler.items import content_hash


def differences(folder: Path, truth: dict[str, Any]) -> list[str]:
    """What an archive holds otherwise than the truth; empty where nothing does."""
    db = sqlite3.connect(f"file:{folder / 'kontum.db'}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    with db:
        rows = db.execute("SELECT * FROM articles WHERE portal = 'kkt'").fetchall()
        found = list(_compared(db, rows, truth["articles"]))
    db.close()
    return found


def _compared(
    db: sqlite3.Connection, rows: Sequence[sqlite3.Row], articles: list[dict[str, Any]]
) -> Iterator[str]:
    by_urls = {frozenset(_urls(db, row["id"])): row for row in rows}
    if len(rows) != len(articles):
        yield f"{len(rows)} articles, {len(articles)} are true"
    for told in articles:
        row = by_urls.get(frozenset(told["urls"]))
        if row is None:
            yield f"{told['slug']}: no article has exactly {told['urls']}"
            continue
        slugs = told["alternatives"].get("slug", [told["slug"]])
        if row["slug"] not in slugs:
            yield f"{told['slug']}: slug is {row['slug']}"
        for name in ("first_seen_at", "last_seen_at", "gone_at"):
            if row[name] != told[name]:
                yield f"{told['slug']}: {name} is {row[name]}, true is {told[name]}"
        yield from _versions(db, row, told)


def _versions(db: sqlite3.Connection, row: sqlite3.Row, told: dict[str, Any]) -> Iterator[str]:
    versions = db.execute(
        "SELECT v.*, c.fetched_at, c.origin FROM article_versions v JOIN captures c"
        " ON c.id = v.capture_id WHERE v.article_id = ? ORDER BY version",
        (row["id"],),
    ).fetchall()
    seen = [version["seen_at"] for version in versions]
    if seen != [version["seen_at"] for version in told["versions"]]:
        yield f"{told['slug']}: versions of {seen}, true are {told['versions']}"
        return
    for version, true in zip(versions, told["versions"], strict=True):
        if version["fetched_at"] != true["seen_at"]:
            yield f"{told['slug']}: version {version['version']} names another capture"
        # Where the lead ends and the body begins is no part of the truth here.
        text = content_hash(None, version["lead"], version["body"], None)
        if told["trait"] is None and true["body"].split("\n\n")[-1] not in (version["body"] or ""):
            yield f"{told['slug']}: version {version['version']} has another text ({text})"


def _urls(db: sqlite3.Connection, article_id: int) -> list[str]:
    """Addresses without scheme, as the truth spells them."""
    rows = db.execute("SELECT url FROM article_urls WHERE article_id = ?", (article_id,))
    return [plain(row["url"]) for row in rows]


def plain(url: str) -> str:
    """An address without scheme, query and encoding."""
    parts = urlsplit(url)
    return f"{parts.netloc}{unquote(parts.path)}"
