"""One run of the crawler: its archive, its options, its counts, the keeper of what it fetched."""

import asyncio
import logging
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kontum_crawler import clock
from kontum_crawler.errors import ArchiveError
from kontum_crawler.pipelines.budget import Budgets
from kontum_crawler.pipelines.counts import Counts
from kontum_crawler.pipelines.keeper import Keeper
from kontum_crawler.store import Archive
from kontum_crawler.store.bounds import Bounds
from kontum_crawler.store.config import Config, read_config
from kontum_crawler.store.intake.ending import conclude, conclude_drift
from kontum_crawler.store.intake.indexing import refresh_index
from kontum_crawler.store.intake.originals import Originals
from kontum_crawler.store.intake.sessions import worker_name
from kontum_crawler.store.intake.takeover import repair, settle
from kontum_crawler.store.plan import Choice
from kontum_crawler.store.runs import Run
from kontum_crawler.warc.records import RunInfo
from kontum_crawler.warc.writer import Writer

MANY = 500  # changed articles
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks of a crawl.

    since, until: days (`2024-05-09`) that bound `published_at`; limit: articles; base_url: where to
    connect instead of the portal; delay: seconds, None for what portal and archive say;
    workers: processes that read pages. origin: `live`, `wayback` or `commoncrawl`; then since and
    until bound the time of capture, cdx_url is the archive's list, columnar a folder of Parquet
    files in its place, and choose says which captures of a page are wanted. dry_run: only plan.
    """

    full: bool = False
    since: str | None = None
    until: str | None = None
    limit: int | None = None
    base_url: str | None = None
    delay: float | None = None
    requisites: bool = True
    workers: int = 1
    start_urls: tuple[str, ...] = ()
    named_hosts: tuple[str, ...] = ()
    origin: str = "live"
    cdx_url: str | None = None
    columnar: Path | None = None
    choose: Choice = "versions"
    dry_run: bool = False

    @property
    def bounds(self) -> Bounds:
        """The days that are asked for."""
        return Bounds(self.since, self.until)


@dataclass(slots=True)
class Session:
    """What the parts of one run share; `open` makes it, `close` ends the run.

    stopping: set when the run shall end early; `failure`: what ended it, if an error did.
    """

    archive: Archive
    run: Run
    options: Options
    config: Config
    keeper: Keeper
    counts: Counts
    budgets: Budgets
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    failure: BaseException | None = None
    ending: Any = None
    started: float = field(default_factory=time.monotonic)

    @classmethod
    def open(
        cls, folder: Path, portals: list[str], options: Options, *, command: str = "crawl"
    ) -> "Session":
        """Open an archive for writing, made if it is not there, and begin a run in it.

        Raises ArchiveBusy and the other errors of the archive; then nothing was done.
        """
        config = read_config(folder)
        archive = Archive.open(folder, write=True, create=True)
        try:
            return cls._begin(archive, config, portals, options, command)
        except BaseException:
            archive.close()
            raise

    @classmethod
    def _begin(
        cls, archive: Archive, config: Config, portals: list[str], options: Options, command: str
    ) -> "Session":
        bounds = options.bounds.arguments() if options.origin == "live" else ""
        arguments = " ".join([*portals, bounds]).strip()
        run = archive.begin_run(command, arguments)
        archive.frontier.reclaim()
        repairs = repair(archive, run)
        for note in repairs.notes:
            log.warning("%s", note)
        info = RunInfo(
            key=run.key,
            command=f"{command} {arguments}".strip(),
            started_at=clock.parse_utc(run.started_at),
            portals=tuple(portals),
            base_url=options.base_url,
            user_agent=user_agent(config),
        )
        folder = archive.folder
        writer = Writer(folder, worker=worker_name(), run=info, originals=Originals(folder))
        counts = Counts(portals=portals)
        keeper = Keeper(archive, writer, run, counts)
        session = cls(archive, run, options, config, keeper, counts, Budgets(config))
        keeper.failed = session.fail
        return session

    @property
    def user_agent(self) -> str:
        """How this run names itself to servers."""
        return user_agent(self.config)

    def problem(self, url: str | None, stage: str, message: str) -> None:
        """Note something that a person should know; it is committed with the next batch."""
        self.keeper.problem(url, stage, message)

    def fail(self, error: BaseException) -> None:
        """End the run because of an error; the first one is kept."""
        self.failure = self.failure or error
        self.stopping.set()

    def conclude(self) -> None:
        """Decide about edits and removals that waited, and tell which portals have changed.

        For use once everything is committed. A run that was stopped or failed leaves it to the
        next one, which may see more.
        """
        if self.failure is not None or self.stopping.is_set() or self.options.origin != "live":
            return
        told = conclude_drift(self.archive, self.run.id, self.keeper.rates)
        self.counts.problems += told.problems
        self.keeper.look_again(told.recorded)

    def close(self, outcome: str) -> dict[str, Any]:
        """End the run and release the archive; returns the counts.

        Raises ArchiveFull where its end cannot be noted, unless that is why it ends.
        """
        try:
            if self.keeper.close():
                settle(self.archive, self.keeper.writer.files)
                refresh_index(self.archive)
            if self.failure is None:
                # What was cut off when the time to stop ran out goes back into the queue.
                self.archive.frontier.reclaim()
            self._tidy()
            stats = self.counts.as_json(time.monotonic() - self.started)
            self.archive.end_run(self.run, outcome, stats)
        except ArchiveError as error:
            self.fail(error)
        finally:
            self.archive.close()
        if self.failure is not None:
            raise self.failure
        return stats

    def _tidy(self) -> None:
        """Near doubles, saved searches and, after many changes, the search index."""
        changed = self.counts.number("new") + self.counts.number("edited")
        if self.failure is None:
            conclude(self.archive, self.run.id, merge=changed >= MANY)


def _described(options: Options) -> str | None:
    """What `warcinfo` says of a run that copies what another archive kept."""
    if options.origin == "live":
        return None
    listed = f", as listed by {options.cdx_url}" if options.cdx_url else ""
    return f"copies of captures from {options.origin}{listed}"


def user_agent(config: Config) -> str:
    """How the crawler names itself, with a way to reach whoever runs it."""
    from kontum_crawler import __version__

    contact = config.user_agent_contact
    link = f"+{contact}" if contact.startswith("http") else contact
    return f"kontum_crawler/{__version__} ({link})"
