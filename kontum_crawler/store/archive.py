"""An archive: a folder with `kontum.db`, `warc/` and, where wanted, `portals/` and `kontum.toml`.

`record` is the one entry of crawl, ingest and recovery: it takes a capture whose record is on disk,
and what its answer says, and brings every row that this touches to what all captures together show.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from kontum_crawler import clock
from kontum_crawler.errors import UsageError
from kontum_crawler.items import Attachment, Capture
from kontum_crawler.store import database, runs
from kontum_crawler.store.bounds import Bounds, bounds_of
from kontum_crawler.store.breakers import Breakers
from kontum_crawler.store.frontier import Frontier
from kontum_crawler.store.identity import captures, files, folding, tombstones
from kontum_crawler.store.identity.rereading import Reread, reread
from kontum_crawler.store.identity.tombstones import Tombstone
from kontum_crawler.store.mentions import Mentions
from kontum_crawler.store.runs import Run
from kontum_crawler.store.sources import Sources

if TYPE_CHECKING:
    import pandas

    from kontum_crawler.extract.answer import Answer
    from kontum_crawler.portals import Portal, Registry
    from kontum_crawler.store.reading import StoredArticle
    from kontum_crawler.store.search.filters import Filters
    from kontum_crawler.store.search.finding import Results

NOTHING_WITHDRAWN = "nothing was withdrawn"

Change = Literal["new", "edited", "unchanged", "gone", "moved"]


IN_DOUBT = """
SELECT max(o.url) FROM observations o JOIN articles a ON a.id = o.article_id
WHERE o.portal = ? AND o.kind = 'soft-gone' AND a.gone_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM observations good
    WHERE good.portal = o.portal AND good.page_key = o.page_key AND good.kind = 'article'
      AND (good.fetched_at, good.id) > (o.fetched_at, o.id))
GROUP BY o.page_key HAVING count(DISTINCT o.run_key) = 1
"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a capture did to the archive.

    known: the record was in the archive already, nothing was done. change is None where the capture
    says nothing about an article, or nothing new.
    """

    capture_id: int
    article_id: int | None = None
    change: Change | None = None
    known: bool = False


class Archive:
    """One open archive. Use it as a context manager, or `close` it.

    db: rows come as `sqlite3.Row`; it may be used from any one thread at a time.
    """

    def __init__(self, folder: Path, db: sqlite3.Connection) -> None:
        """For `open`, which see."""
        self.folder = folder
        self.path = folder / database.NAME
        self.db = db
        self.frontier = Frontier(db, self.transaction)
        self.breakers = Breakers(db, self.transaction)
        self.sources = Sources(db, self.transaction)
        self._mentions = Mentions(db)
        self._bounds: dict[int | None, Bounds] = {}

    @classmethod
    def open(cls, folder: Path, write: bool = False, create: bool = False) -> "Archive":
        """Open the archive in a folder, to read unless `write` is set.

        write: an older file is migrated, after a copy beside it. create: make a new one too.
        Raises ArchiveError (not there, damaged), OlderSchema, NewerSchema, ArchiveFull.
        """
        folder = Path(folder)
        path = folder / database.NAME
        if write or create:
            return cls(folder, database.open_to_write(path, create=create))
        return cls(folder, database.open_to_read(path))

    def close(self) -> None:
        """Let go of the file; what was not committed is lost."""
        self.db.close()

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def portals(self) -> "Registry":
        """The portals that are known here: the built-in ones and those of `portals/`."""
        # Loaded when first asked for: reading commands need none of the portal files.
        from kontum_crawler.portals import Registry

        extra = self.folder / "portals"
        return Registry(extra if extra.is_dir() else None)

    def portal_of(self, url: str) -> "Portal":
        """The portal that an address belongs to; a generic one of its host where none is known."""
        from kontum_crawler import urls

        return self.portals.for_url(url) or self.portals.generic(urls.host(url))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything in the block, or nothing; one inside another is part of it.

        Raises ArchiveFull, ArchiveBusy (another process writes for more than a minute).
        """
        try:
            with database.transaction(self.db, self.path):
                yield
        except BaseException:
            self._mentions.forget()
            raise

    def begin_run(self, command: str, args: str = "") -> Run:
        """Note that a run begins. Only under the write lock."""
        with self.transaction():
            return runs.begin(self.db, command, args)

    def restore_run(
        self, key: str, command: str, started_at: str, *, outcome: str | None = None
    ) -> Run:
        """The run with that key, made if it is not known (from `warcinfo`)."""
        with self.transaction():
            return runs.restore(self.db, key, command, started_at, outcome=outcome)

    def end_run(self, run: Run, outcome: str, stats: Mapping[str, Any] | None = None) -> None:
        """Note how a run ended: `done`, `problems`, `failed` or `stopped`."""
        with self.transaction():
            runs.end(self.db, run, outcome, stats)

    def problem(self, url: str | None, stage: str, message: str, run_id: int | None = None) -> None:
        """Note a page or file that failed, and why."""
        with self.transaction():
            runs.problem(self.db, url, stage, message, run_id)

    def search(self, query: str, filters: "Filters | None" = None, **options: Any) -> "Results":
        """Find articles by their words: `store.search.search` on this archive."""
        from kontum_crawler.store.search.finding import search

        return search(self.db, query, filters, **options)

    def article(self, slug: str, portal: str | None = None) -> "StoredArticle":
        """The article with that slug, one that it once had, or that address.

        Raises UsageError where there is none, or several portals have it; KontumError, with date
        and reason, where it was withdrawn.
        """
        from kontum_crawler.store.reading import read_article

        return read_article(self.db, self.folder, slug, portal)

    def to_pandas(
        self, query: str | None = None, filters: "Filters | None" = None
    ) -> "pandas.DataFrame":
        """The articles of a query (None: all) as a data frame; needs the extra `pandas`."""
        from kontum_crawler.store.reading import to_pandas

        return to_pandas(self.db, query, filters)

    def record(
        self,
        capture: Capture,
        answer: "Answer | None",
        run_key: str,
        digests: Iterable[str] = (),
    ) -> Recorded:
        """Keep a capture, and what its answer says about an article.

        answer: None for a capture that says nothing; for a 304 or a revisit (`capture.revisit_of`)
        of the same page None means what the original said. run_key: the key of the run, or the day
        of a foreign capture; two soft proofs of absence must differ in it. digests: further digests
        of the payload, to be found by.

        A record that is known (`warc_file` and `warc_offset`) is left as it is, but for an answer
        that it had not had yet.
        """
        with self.transaction():
            capture_id, known = captures.keep(self.db, capture, digests)
            if known and captures.has_said(self.db, capture_id):
                return Recorded(capture_id, captures.article_of(self.db, capture_id), known=True)
            portal = self._portal(capture.url)
            draft = None
            whose = (capture.origin, capture.run_id, capture.fetched_at)
            if answer is not None and not self._is_wanted(whose, answer):
                answer = None
            if portal is not None:
                named = (capture.url, *(answer.links if answer else ()))
                self._mentions.note(portal, named, capture.fetched_at)
                draft = captures.draft(self.db, portal, capture, answer, run_key)
            if draft is None or portal is None:
                if not known:
                    files.refresh(self.db, capture.url)
                return Recorded(capture_id, known=known)
            draft.capture_id = capture_id
            article_id, change = folding.add(self.db, portal, draft)
            return Recorded(capture_id, article_id, change)

    def in_doubt(self, portal: str) -> list[str]:
        """Addresses that one run found gone by a soft proof, which needs another run's: due again.

        One that two runs have seen so is not among them, whatever came of it.
        """
        return [row[0] for row in self.db.execute(IN_DOUBT, (portal,))]

    def attach(self, capture_id: int, document: Attachment) -> None:
        """Keep what a captured file holds; `document.url` is the address that articles name."""
        with self.transaction():
            files.keep_document(self.db, capture_id, document)

    def reread(self, pairs: Iterable[tuple[int, "Answer | None"]], dry_run: bool = False) -> Reread:
        """Put what captures say now in place of what they said, and bring the rows to it.

        pairs: capture id and answer; all of a page's captures or some, as one batch.
        dry_run: report only. Raises what `transaction` raises.
        """
        with self.transaction():
            return reread(self.db, self._portal, self._wanted(pairs), dry_run=dry_run)

    def forget(self, capture_ids: Iterable[int]) -> int:
        """Drop captures whose records are gone, bring the rows to what the others show.

        Returns how many were dropped. Their addresses are queued again where the frontier has them.
        """
        with self.transaction():
            return captures.forget(self.db, capture_ids)

    def withdraw(
        self,
        slug: str,
        reason: str,
        *,
        portal: str | None = None,
        at: str | None = None,
        keep: Callable[[Tombstone], None] | None = None,
    ) -> Tombstone:
        """Hide an article from every reader, with a tombstone.

        slug: as `article` takes it, the present one, an earlier one or an address.
        keep: called with the tombstone before the row is hidden, to write it where a rebuild finds
        it. Raises UsageError for an unknown or ambiguous slug; KontumError for an article that is
        withdrawn already.
        """
        from kontum_crawler.store import detail
        from kontum_crawler.store.search import groups

        with self.transaction():
            article_id = detail.find(self.db, slug, portal, unknown=NOTHING_WITHDRAWN)
            found = folding.tombstone_for(self.db, article_id, reason, at or clock.utc(clock.now()))
            if keep is not None:
                keep(found)
            folding.withdraw(self.db, found)
            groups.regroup(self.db)
        return found

    def restore_tombstone(self, tombstone: Tombstone) -> None:
        """Put a tombstone back that was read from a record; articles seen later are hidden too."""
        with self.transaction():
            folding.withdraw(self.db, tombstone)

    def tombstones(self) -> list[Tombstone]:
        """Everything that was withdrawn, the oldest first."""
        return tombstones.every(self.db)

    def is_withdrawn(self, capture_id: int) -> bool:
        """Whether a capture shows an article that was withdrawn, and is not to be shown either.

        So do files that no other article names.
        """
        return tombstones.hides(self.db, capture_id)

    def _wanted(
        self, pairs: Iterable[tuple[int, "Answer | None"]]
    ) -> Iterator[tuple[int, "Answer | None"]]:
        """The pairs, without the articles that their runs did not ask for."""
        for capture_id, answer in pairs:
            row = self.db.execute(
                "SELECT origin, run_id, fetched_at FROM captures WHERE id = ?", (capture_id,)
            ).fetchone()
            if answer is not None and row is not None and not self._is_wanted(tuple(row), answer):
                answer = None
            yield capture_id, answer

    def _is_wanted(self, whose: tuple[str, int | None, str], answer: "Answer") -> bool:
        """Whether an answer lies within the days of its run; whose: origin, run, capture time."""
        origin, run_id, fetched_at = whose
        if answer.article is None or origin != "live":
            return True
        if run_id not in self._bounds:
            self._bounds[run_id] = bounds_of(self.db, run_id)
        return self._bounds[run_id].hold(answer, fetched_at)

    def _portal(self, url: str) -> "Portal | None":
        try:
            return self.portal_of(url)
        except (ValueError, UsageError):
            return None
