"""Rows of `captures`: one for each answer that is on disk, and what it left for identity."""

import sqlite3
from collections.abc import Iterable
from dataclasses import fields
from typing import TYPE_CHECKING

from kontum_crawler import urls
from kontum_crawler.items import Article, Capture
from kontum_crawler.store.frontier import DISTRUST
from kontum_crawler.store.identity import files, folding, observations
from kontum_crawler.store.identity.facts import GONE, GOOD, REDIRECT, SOFT_GONE, Observation
from kontum_crawler.text import slugify

if TYPE_CHECKING:
    from kontum_crawler.extract.answer import Answer
    from kontum_crawler.portals import Address, Portal

COLUMNS = [each.name for each in fields(Capture) if each.name not in ("id", "article_id")]
INSERT = (
    f"INSERT INTO captures ({', '.join(COLUMNS)})"
    f" VALUES ({', '.join(f':{name}' for name in COLUMNS)})"
    " ON CONFLICT (warc_file, warc_offset) DO NOTHING RETURNING id"
)
HELD = "SELECT id, revisit_of FROM captures WHERE warc_file = ? AND warc_offset = ?"
FILES = ("document", "requisite")
ROBOTS = "/robots.txt"
QUEUE_AGAIN = """
UPDATE frontier SET state = 'queued', lease_until = NULL, next_visit_at = NULL
WHERE url = ? AND state <> 'excluded'
"""


def keep(db: sqlite3.Connection, capture: Capture, digests: Iterable[str]) -> tuple[int, bool]:
    """The row of a capture and whether it was there before; a record has one row."""
    added = db.execute(INSERT, {name: getattr(capture, name) for name in COLUMNS}).fetchone()
    if added is None:
        row = db.execute(HELD, (capture.warc_file, capture.warc_offset)).fetchone()
        if row["revisit_of"] is None and capture.revisit_of is not None:
            db.execute(
                "UPDATE captures SET revisit_of = ? WHERE id = ?", (capture.revisit_of, row["id"])
            )
        return row["id"], True
    capture_id: int = added[0]
    if capture.origin == "live" and capture.status == 200:
        # Validators are those of the newest live answer; whoever judges this one tells its own. A
        # soft 404 or a broken body has none: a 304 would say that it was right.
        db.execute(DISTRUST, (capture.url,))
    db.executemany(
        "INSERT OR IGNORE INTO capture_digests (digest, capture_id) VALUES (?, ?)",
        [(digest, capture_id) for digest in digests],
    )
    return capture_id, False


def has_said(db: sqlite3.Connection, capture_id: int) -> bool:
    """Whether a capture left an observation."""
    found = db.execute("SELECT 1 FROM observations WHERE capture_id = ?", (capture_id,)).fetchone()
    return found is not None


def article_of(db: sqlite3.Connection, capture_id: int) -> int | None:
    """The article that a capture belongs to."""
    row = db.execute("SELECT article_id FROM captures WHERE id = ?", (capture_id,)).fetchone()
    return None if row is None else row[0]


def draft(
    db: sqlite3.Connection,
    portal: "Portal",
    capture: Capture,
    answer: "Answer | None",
    run_key: str,
) -> Observation | None:
    """The observation that a capture leaves, not yet written; None for one that says nothing."""
    try:
        url = urls.address(capture.url)
        address = portal.address(url)
    except ValueError:
        return None
    if address is None:
        return None
    seen = _blank(portal, url, address, capture.fetched_at, run_key)
    if answer is None or (answer.kind == "none" and capture.status == 304):
        return _repeated(db, seen, capture.revisit_of)
    if answer.kind == GOOD and answer.article is not None:
        _say(db, seen, address, answer.article)
        return seen
    if address.kind in FILES or url.endswith(ROBOTS):
        return None
    if answer.kind in (GONE, SOFT_GONE):
        seen.kind = answer.kind
        return seen
    if answer.kind == REDIRECT and answer.target is not None:
        return _moved(portal, seen, answer.target, answer.permanent)
    return None


def forget(db: sqlite3.Connection, capture_ids: Iterable[int]) -> int:
    """Drop captures and bring their articles to what the others show; their URLs are due again."""
    dropped = 0
    for capture_id in capture_ids:
        row = db.execute("SELECT url FROM captures WHERE id = ?", (capture_id,)).fetchone()
        if row is None:
            continue
        seen = observations.of_capture(db, capture_id)
        db.execute("DELETE FROM observations WHERE capture_id = ?", (capture_id,))
        if seen is not None:
            folding.refold(db, seen.portal, observations.keys_of(seen))
            observations.drop_unused(db, [seen.extract_id] if seen.extract_id else [])
        db.execute("DELETE FROM captures WHERE id = ?", (capture_id,))
        files.refresh(db, row["url"])
        db.execute(QUEUE_AGAIN, (row["url"],))
        dropped += 1
    return dropped


def _blank(
    portal: "Portal", url: str, address: "Address", fetched_at: str, run_key: str
) -> Observation:
    canonical = _canonical(portal, url, address)
    url_key = urls.key(url)
    return Observation(
        portal=portal.key,
        kind=GONE,
        fetched_at=fetched_at,
        run_key=run_key,
        url=url,
        url_key=url_key,
        page_key=url_key if canonical == url else urls.key(canonical),
        canonical_url=canonical,
        slug=address.slug,
        native_id=address.native_id,
        space=address.space,
        alias=address.alias,
    )


def _canonical(portal: "Portal", url: str, address: "Address | None") -> str:
    """The address on the canonical host, unless only the mirror has addresses of that form."""
    canonical = portal.canonical(url)
    if canonical == url or portal.address(canonical) == address:
        return canonical
    return url


def _say(db: sqlite3.Connection, seen: Observation, address: "Address", article: Article) -> None:
    """Fill in what the page said."""
    seen.kind = GOOD
    if address.native_id is not None and article.native_id is None:
        # On an unknown site the title may say that the number of the address ends the slug.
        seen.slug, seen.native_id, seen.space = article.slug, None, "main"
    elif not address.slug:
        seen.from_title = True
        seen.slug = article.slug or slugify(article.title)
    seen.native_id = seen.native_id or article.native_id
    seen.slug = seen.slug or seen.native_id or "-"
    seen.content_hash = article.content_hash
    seen.category = article.category
    seen.said = observations.saying(article)
    seen.extract_id, seen.extract = observations.keep_extract(db, seen.said)


def _repeated(
    db: sqlite3.Connection, seen: Observation, original_id: int | None
) -> Observation | None:
    """A revisit says what the capture that it repeats said, if that is the same page."""
    original = None if original_id is None else observations.of_capture(db, original_id)
    if original is None or original.page_key != seen.page_key:
        return None
    for name in [
        "kind",
        "slug",
        "from_title",
        "native_id",
        "target_page",
        "permanent",
        "content_hash",
        "category",
        "extract_id",
        "extract",
    ]:
        setattr(seen, name, getattr(original, name))
    return seen


def _moved(portal: "Portal", seen: Observation, target: str, permanent: bool) -> Observation | None:
    """A redirect on the portal; one that leads off it says nothing about an article."""
    if not portal.has_host(urls.host(target)):
        return None
    try:
        target = urls.address(target)
        seen.target_page = urls.key(_canonical(portal, target, portal.address(target)))
    except ValueError:
        return None
    seen.kind, seen.permanent = REDIRECT, permanent
    return seen
