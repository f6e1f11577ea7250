"""All kept captures through today's extractor; nothing is fetched.

The rows are then what a fresh ingest of all captures would give, and the search index says what
they say. Answers are read over the cores,
and put in place in one transaction, after what got worse was shown.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from kontum_crawler.errors import ArchiveError
from kontum_crawler.store.bounds import Bounds, bounds_of
from kontum_crawler.store.identity.rereading import FieldChange
from kontum_crawler.store.intake.answering import Answerer, Job, Outcome
from kontum_crawler.store.intake.held import job_at
from kontum_crawler.store.intake.withholding import still_withheld
from kontum_crawler.store.search import fts

if TYPE_CHECKING:
    from kontum_crawler.extract.answer import Answer
    from kontum_crawler.store.archive import Archive

AT_ONCE = 400
SHORTER = 0.5
"""A body that shrinks below this share of what it was counts as lost."""
CAPTURES = """
SELECT c.id, c.url, c.status, c.media_type, c.warc_file, c.warc_offset, c.revisit_of,
  o.url AS original_url, o.run_id AS original_run, o.warc_file AS original_file,
  o.warc_offset AS original_offset
FROM captures c LEFT JOIN captures o ON o.id = c.revisit_of
WHERE c.warc_file IS NOT NULL AND (c.media_type IS NULL OR NOT (
  c.media_type LIKE 'image/%' OR c.media_type LIKE 'audio/%' OR c.media_type LIKE 'video/%'
  OR c.media_type LIKE 'font/%'
  OR c.media_type IN ('text/css', 'text/javascript', 'application/javascript')))
ORDER BY c.revisit_of IS NOT NULL, c.warc_file, c.warc_offset
"""


@dataclass(slots=True)
class Reextracted:
    """What reading again did, and which captures could not be read.

    captures: read; changed: say another thing than before. worse: changes that lose something.
    """

    captures: int = 0
    changed: int = 0
    changes: list[FieldChange] = field(default_factory=list)
    worse: list[FieldChange] = field(default_factory=list)
    unreadable: list[tuple[str, str]] = field(default_factory=list)

    def by_field(self) -> dict[str, dict[str, int]]:
        """How many fields changed: {portal: {field: number}}."""
        table: dict[str, Counter[str]] = {}
        for change in self.changes:
            table.setdefault(change.portal, Counter())[change.field] += 1
        return {portal: dict(sorted(found.items())) for portal, found in sorted(table.items())}


def reextract(
    archive: "Archive",
    answerer: Answerer,
    *,
    dry_run: bool = False,
    shown: Callable[[list[FieldChange]], None] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Reextracted:
    """Read everything again. For use under the write lock.

    shown: called with what got worse before it replaces anything; what it raises leaves all as it
    was. Raises what `Archive.transaction` raises.
    """
    done = Reextracted()
    with archive.transaction():
        result = archive.reread(_pairs(archive, answerer, done, progress), dry_run=dry_run)
        done.captures, done.changed = result.captures, result.changed
        done.changes = result.changes
        done.worse = [change for change in result.changes if is_worse(change)]
        if done.worse and shown is not None:
            shown(done.worse)
        if not dry_run and fts.check(archive.db):
            fts.create(archive.db)
    return done


def is_worse(change: FieldChange) -> bool:
    """Whether a change loses something: an article, a title, a byline or date, half of a body."""
    if change.field in ("article", "title", "published_at", "byline"):
        return bool(change.before) and not change.after
    if change.field == "body":
        return len(change.after or "") < SHORTER * len(change.before or "")
    return False


def _pairs(
    archive: "Archive",
    answerer: Answerer,
    done: Reextracted,
    progress: Callable[[str, int, int], None] | None,
) -> Iterator[tuple[int, "Answer | None"]]:
    """Each capture with what it says today; originals go before the revisits that repeat them."""
    rows = archive.db.execute(CAPTURES).fetchall()
    waiting = iter(rows)
    count = 0
    while batch := list(islice(waiting, AT_ONCE)):
        jobs = [_job(archive, row) for row in batch]
        outcomes = answerer.read(job for job in jobs if isinstance(job, Job))
        for row, job in zip(batch, jobs, strict=True):
            count += 1
            if isinstance(job, str):
                done.unreadable.append((row["url"], job))
                continue
            outcome = next(outcomes) if job is not None else Outcome()
            if outcome.document is not None:
                archive.attach(row["id"], outcome.document)
            told = outcome.answer
            if still_withheld(archive, row["id"], row["url"], told):
                told = None
            yield row["id"], told
        if progress is not None:
            progress("reading again", count, len(rows))


def _job(archive: "Archive", row: sqlite3.Row) -> Job | str | None:
    """How to read a capture, or why it cannot be read.

    None where it says what its original says, or where its body is not all of it.
    """
    name, offset = row["warc_file"], row["warc_offset"]
    if row["revisit_of"] is not None:
        same = row["original_url"] == row["url"]
        whole = same and bounds_of(archive.db, row["original_run"]) == Bounds()
        if whole or not row["original_file"]:
            return None
        name, offset = row["original_file"], row["original_offset"]
    try:
        return job_at(archive.folder, name, offset, row["url"])
    except (ArchiveError, ValueError, OSError) as error:
        return str(error)
