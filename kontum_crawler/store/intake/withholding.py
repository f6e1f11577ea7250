"""Edits and removals of known articles wait until their run can tell whether to believe them.

One article that loses its byline was edited; a hundred that lose it in one night were not, their
portal changed its looks. The same goes for articles that are gone while every page of the portal
is. Until the end of the run such an answer says nothing (its capture is kept); then it is recorded,
or withheld until the extractor reads it otherwise.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kontum_crawler import urls
from kontum_crawler.extract.answer import Answer
from kontum_crawler.items import Article, Capture
from kontum_crawler.store.archive import Recorded
from kontum_crawler.store.drift import ARTICLE, Finding, as_text
from kontum_crawler.store.identity.observations import read_extract
from kontum_crawler.store.intake.answering import Answerer
from kontum_crawler.store.intake.held import job_at

if TYPE_CHECKING:
    from kontum_crawler.store.archive import Archive

LOST = ("title", "lead", "body", "byline", "published_at")
SHRUNK = 0.3
"""A body below this share of what it was counts as lost."""
SWOLLEN = 3
MANY = 3
"""Articles; fewer are taken for edits whatever they lose."""
SHARE = 0.2
KNOWN = """
SELECT a.id, a.title, a.lead, a.body, a.byline, a.published_at, a.content_hash, a.gone_at
FROM article_urls u JOIN articles a ON a.id = u.article_id
WHERE u.url = ? AND a.portal = ?
"""
# What an address itself said last: a print copy or a mirror never had all that the article has.
SAID = """
SELECT o.content_hash, o.extract_id FROM captures c JOIN observations o ON o.capture_id = c.id
WHERE c.url = ? AND o.article_id = ? AND o.kind = 'article'
ORDER BY c.fetched_at DESC, c.id DESC LIMIT 1
"""
KEEP = """
INSERT OR REPLACE INTO withheld (capture_id, run_id, portal, url, kind, lost, changed)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""
CAPTURE = """
SELECT c.*, k.key FROM captures c LEFT JOIN run_keys k ON k.run_id = c.run_id WHERE c.id = ?
"""
PENDING = "SELECT * FROM withheld WHERE state = 'pending' ORDER BY capture_id"
# Articles that were known before and answered with themselves, in the runs that withheld something.
SEEN_AGAIN = """
SELECT count(DISTINCT o.article_id) FROM captures c
JOIN observations o ON o.capture_id = c.id AND o.kind = 'article'
JOIN articles a ON a.id = o.article_id
WHERE c.run_id = ? AND o.portal = ? AND c.status = 200 AND a.first_seen_at < c.fetched_at
"""
GOOD_ARTICLES = """
SELECT count(*) FROM captures c JOIN observations o ON o.capture_id = c.id
WHERE c.run_id = ? AND o.portal = ? AND o.kind = 'article'
"""
GOOD_LISTS = """
SELECT count(*) FROM captures c JOIN frontier f ON f.url = c.url
WHERE c.run_id = ? AND f.portal = ? AND f.kind IN ('listing', 'sitemap', 'feed')
  AND c.status IN (200, 304)
"""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What an answer would do to a known article. kind: article, gone or soft-gone."""

    article_id: int
    kind: str
    lost: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


@dataclass(slots=True)
class Decision:
    """What became of everything that waited.

    recorded: what edits and removals did. withheld: how many answers are not believed.
    """

    recorded: list[tuple[str, Recorded]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    withheld: int = 0


@dataclass(frozen=True, slots=True)
class _Fields:
    """Fields of one portal. alarmed: by this run; dropped: given up for good."""

    alarmed: set[str]
    dropped: frozenset[str]

    def doubts(self, changed: str) -> bool:
        return bool((self.alarmed - self.dropped) & set(json.loads(changed)))


def record(
    archive: "Archive",
    capture: Capture,
    answer: Answer | None,
    run_key: str,
    digests: Iterable[str] = (),
) -> Recorded:
    """`Archive.record`, but an edit or removal of a known article waits for `decide`."""
    doubt = doubt_of(archive, capture, answer)
    if doubt is None:
        return archive.record(capture, answer, run_key, digests)
    with archive.transaction():
        recorded = archive.record(capture, None, run_key, digests)
        if not recorded.known:
            portal = archive.portal_of(capture.url).key
            lost, changed = as_text(doubt.lost), as_text(doubt.changed)
            values = (capture.run_id, portal, capture.url, doubt.kind, lost, changed)
            archive.db.execute(KEEP, (recorded.capture_id, *values))
    return recorded


def doubt_of(archive: "Archive", capture: Capture, answer: Answer | None) -> Doubt | None:
    """What is to be doubted in a live answer; None where it changes nothing that is known."""
    if answer is None or capture.origin != "live":
        return None
    if answer.kind not in ("article", "gone", "soft-gone"):
        return None
    known = known_at(archive, capture.url)
    if known is None or known["gone_at"] is not None:
        return None
    if answer.kind != "article" or answer.article is None:
        return Doubt(known["id"], answer.kind)
    article = answer.article
    for before in (dict(known), said := _said(archive.db, capture.url, known)):
        if article.content_hash == before["content_hash"] and not (
            before["published_at"] and not article.published_at
        ):
            return None
    lost, changed = _compared(said, article)
    return Doubt(known["id"], "article", lost, changed)


def _compared(said: dict[str, Any], article: Article) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Fields that an article lost, and all that it changed."""
    changed = tuple(
        name for name in LOST if (getattr(article, name) or None) != (said[name] or None)
    )
    lost = tuple(name for name in changed if _is_lost(said[name], getattr(article, name), name))
    return lost, changed


def _said(db: sqlite3.Connection, url: str, known: sqlite3.Row) -> dict[str, Any]:
    """What an address said of its article the last time; what is held where it never did."""
    row = db.execute(SAID, (urls.address(url), known["id"])).fetchone()
    if row is None:
        return dict(known)
    said = read_extract(db, row["extract_id"])
    return {name: said.get(name) for name in LOST} | {"content_hash": row["content_hash"]}


def still_withheld(archive: "Archive", capture_id: int, url: str, answer: Answer | None) -> bool:
    """Whether a capture that was not believed reads as it did then; it is free otherwise.

    For a second reading by a better extractor or portal file, inside its transaction.
    """
    row = archive.db.execute(
        "SELECT kind, lost, changed FROM withheld WHERE capture_id = ? AND state = 'drift'",
        (capture_id,),
    ).fetchone()
    if row is None:
        return False
    if row["kind"] != "article":
        return True
    known = known_at(archive, url)
    if known is not None and answer is not None and answer.article is not None:
        lost, changed = _compared(_said(archive.db, url, known), answer.article)
        before = set(json.loads(row["lost"]))
        same = before & set(lost) if before else set(json.loads(row["changed"])) & set(changed)
        if same:
            return True
    archive.db.execute("DELETE FROM withheld WHERE capture_id = ?", (capture_id,))
    return False


def known_at(archive: "Archive", url: str) -> sqlite3.Row | None:
    """The article that is held for an address."""
    try:
        address = urls.address(url)
    except ValueError:
        return None
    portal = archive.portal_of(address).key
    row: sqlite3.Row | None = archive.db.execute(KNOWN, (address, portal)).fetchone()
    return row


def _is_lost(before: str | None, now: str | None, name: str) -> bool:
    if not before:
        return False
    if not now:
        # A first paragraph that is no longer set apart is in the body.
        return name != "lead"
    if name != "body":
        return False
    return len(now) < SHRUNK * len(before) or len(now) > SWOLLEN * len(before) + 1000


def decide(
    archive: "Archive",
    run_id: int,
    falling: Iterable[Finding],
    dropped: Callable[[str], Collection[str]] = lambda portal: (),
) -> Decision:
    """Record what is to be believed of everything that waits, also from a run that was killed.

    falling: fields that this run found less often than usual. dropped: fields that a portal has
    given up for good: their loss is believed, also what was withheld for it before. For use once
    all captures of the run are on disk and committed. Raises what `Archive.transaction` raises.
    """
    decision = Decision()
    alarmed: dict[str, set[str]] = {}
    for finding in falling:
        alarmed.setdefault(finding.portal, set()).add(finding.field)
    _release(archive, dropped)
    by_portal: dict[str, list[sqlite3.Row]] = {}
    for row in archive.db.execute(PENDING).fetchall():
        by_portal.setdefault(row["portal"], []).append(row)
    for portal, rows in by_portal.items():
        fields = _Fields(alarmed.get(portal, set()), frozenset(dropped(portal)))
        doubted = _doubted(archive.db, portal, rows, run_id, fields, decision)
        _settle(archive, rows, doubted, decision)
    return decision


def _release(archive: "Archive", dropped: Callable[[str], Collection[str]]) -> None:
    """Let what was withheld for fields that a portal has given up wait for a new decision."""
    rows = archive.db.execute("SELECT * FROM withheld WHERE state = 'drift'").fetchall()
    free = [
        (row["capture_id"],)
        for row in rows
        if (fields := set(dropped(row["portal"])))
        and fields & ({ARTICLE} if row["kind"] != "article" else set(json.loads(row["changed"])))
    ]
    with archive.transaction():
        archive.db.executemany("UPDATE withheld SET state = 'pending' WHERE capture_id = ?", free)


def _doubted(
    db: sqlite3.Connection,
    portal: str,
    rows: list[sqlite3.Row],
    run_id: int,
    fields: _Fields,
    decision: Decision,
) -> set[int]:
    """The captures that are not believed; the reasons become findings."""
    runs = {run_id, *(row["run_id"] for row in rows if row["run_id"] is not None)}
    edits = [row for row in rows if row["kind"] == "article"]
    again = _count(db, SEEN_AGAIN, runs, portal) + len(edits)
    doubted = {row["capture_id"] for row in edits if fields.doubts(row["changed"])}
    lost: Counter[str] = Counter()
    for row in edits:
        lost.update(set(json.loads(row["lost"])) - fields.dropped)
    for name, number in lost.most_common():
        if number < MANY or number < SHARE * again:
            continue
        with_it = [row for row in edits if name in json.loads(row["lost"])]
        doubted |= {row["capture_id"] for row in with_it}
        told = (
            f"{number} of {again} known articles came back without it or with little of it;"
            " what is held stays as it is"
        )
        decision.findings.append(Finding(portal, name, told, with_it[0]["url"]))
    for kind, good in _gone(db, portal, runs) if ARTICLE not in fields.dropped else ():
        gone = [row for row in rows if row["kind"] == kind]
        if len(gone) >= MANY and good * 10 <= len(gone):
            doubted |= {row["capture_id"] for row in gone}
            told = (
                f"{len(gone)} known articles are missing while {good or 'no'} pages are there;"
                " none is taken to be gone"
            )
            decision.findings.append(Finding(portal, ARTICLE, told, gone[0]["url"]))
    return doubted


def _gone(db: sqlite3.Connection, portal: str, runs: set[int]) -> list[tuple[str, int]]:
    """For each kind of absence, how many good answers speak against a portal that is broken."""
    articles = _count(db, GOOD_ARTICLES, runs, portal)
    lists = _count(db, GOOD_LISTS, runs, portal)
    # A portal that sends everything to its front page has a good front page.
    return [("gone", articles + lists), ("soft-gone", articles)]


def _count(db: sqlite3.Connection, query: str, runs: set[int], portal: str) -> int:
    return sum(db.execute(query, (run, portal)).fetchone()[0] for run in sorted(runs))


def _settle(
    archive: "Archive", rows: list[sqlite3.Row], doubted: set[int], decision: Decision
) -> None:
    believed = [row for row in rows if row["capture_id"] not in doubted]
    with archive.transaction():
        archive.db.executemany(
            "UPDATE withheld SET state = 'drift' WHERE capture_id = ?",
            [(capture_id,) for capture_id in doubted],
        )
        archive.frontier.distrust(row["url"] for row in rows if row["capture_id"] in doubted)
    decision.withheld += len(doubted)
    with Answerer(archive.folder, workers=1) as answerer:
        for row in believed:
            with archive.transaction():
                recorded = _believe(archive, answerer, row)
                archive.db.execute(
                    "DELETE FROM withheld WHERE capture_id = ?", (row["capture_id"],)
                )
            if recorded is not None:
                decision.recorded.append((row["url"], recorded))


def _believe(archive: "Archive", answerer: Answerer, waiting: sqlite3.Row) -> Recorded:
    """Record what a kept capture says; a page is read again from its record."""
    row = archive.db.execute(CAPTURE, (waiting["capture_id"],)).fetchone()
    values: dict[str, Any] = dict(row)
    run_key = values.pop("key") or row["fetched_at"][:10]
    if waiting["kind"] == "article":
        answer = _read(archive, answerer, row)
    else:
        answer = Answer(waiting["kind"])
    return archive.record(Capture(**values), answer, run_key)


def _read(archive: "Archive", answerer: Answerer, row: sqlite3.Row) -> Answer | None:
    """What a capture says; a repeat has the payload of its original."""
    name, offset = row["warc_file"], row["warc_offset"]
    if row["revisit_of"] is not None:
        name, offset = archive.db.execute(
            "SELECT warc_file, warc_offset FROM captures WHERE id = ?", (row["revisit_of"],)
        ).fetchone()
    job = job_at(archive.folder, name, offset, row["url"])
    return answerer.one(job).answer if job is not None else None
