"""Runs a crawl from Python: one spider a portal, all in one event loop, one run in the archive."""

import asyncio
import logging
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Any

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings
from scrapy.utils.log import configure_logging

from kontum_crawler import clock
from kontum_crawler import settings as project
from kontum_crawler.archives.services import rates_of
from kontum_crawler.errors import KontumError, UsageError
from kontum_crawler.pipelines.session import Options, Session
from kontum_crawler.portals import Portal, Registry
from kontum_crawler.reports.aftermath import conclude_run
from kontum_crawler.reports.outlook import Outlook, foresee
from kontum_crawler.spiders.archived import scope_of, service_of
from kontum_crawler.spiders.commoncrawl import CommonCrawlSpider
from kontum_crawler.spiders.manners import Manners
from kontum_crawler.spiders.pace import is_loopback
from kontum_crawler.spiders.portal import PortalSpider
from kontum_crawler.spiders.start import choose, log_to, seeds
from kontum_crawler.spiders.walk import Walk
from kontum_crawler.spiders.wayback import WaybackSpider
from kontum_crawler.store import Archive, database
from kontum_crawler.store.config import NAME, Config, read_config
from kontum_crawler.store.frontier import Frontier
from kontum_crawler.store.lock import WriteLock

log = logging.getLogger(__name__)
FINISH_WITHIN = 45.0  # seconds that what is in flight may take after a signal


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: its row in `runs`, its counts as `--json` prints them, the exit code."""

    run_id: int
    counts: dict[str, Any]
    exit_code: int


def crawl(
    folder: Path,
    portals: Sequence[Portal],
    options: Options,
    *,
    progress: Callable[[Any], None] | None = None,
    command: str = "crawl",
) -> Outcome:
    """Crawl portals into the archive of a folder, which is made if it is not there.

    progress: called with the spider after each answer. Raises ArchiveBusy where another command
    writes to the archive (then nothing was done), ArchiveFull and other errors that ended the run.
    """
    with WriteLock(folder, command):
        config, begun = read_config(folder), clock.now()
        _check_tables(folder, config)
        if config.log_file is not None:
            log_to(folder / config.log_file)
        told = command == "crawl" and not options.dry_run
        try:
            with (
                database.told(folder / database.NAME),
                asyncio.Runner(loop_factory=_loop_factory()) as runner,
            ):
                outcome = runner.run(_crawl(folder, portals, options, progress, command))
        except BaseException:
            if told:
                # What ended the run is told; that its report failed too is for the log.
                with _logged():
                    conclude_run(folder, config, begun)
            raise
        if told:
            conclude_run(folder, config, begun)
        return outcome


def _check_tables(folder: Path, config: Config) -> None:
    """Refuse a `[portal.KEY]` of a key that is none, whose limits would hold for nobody.

    A site that no portal file names has its host for a key. Raises UsageError.
    """
    keys = [key for key in config.portals if "." not in key and key != "localhost"]
    if not keys:
        return
    extra = folder / "portals"
    registry = Registry(extra if extra.is_dir() else None)
    for key in keys:
        try:
            registry.get(key)
        except UsageError as error:
            raise UsageError(f"{folder / NAME}: portal.{key}: {error}") from error


@contextmanager
def _logged() -> Iterator[None]:
    try:
        yield
    except (KontumError, OSError) as error:
        log.warning("the report of the run could not be kept: %s", error)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes the event loop: uvloop where it is installed."""
    if find_spec("uvloop") is None:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = import_module("uvloop").new_event_loop
    return factory


async def _crawl(
    folder: Path,
    portals: Sequence[Portal],
    options: Options,
    progress: Callable[[Any], None] | None,
    command: str,
) -> Outcome:
    session = Session.open(folder, [portal.key for portal in portals], options, command=command)
    signals: list[int] = []
    outcome = "failed"
    try:
        await _run_spiders(session, portals, progress, signals)
        await session.keeper.drain()
        session.conclude()
        outcome = _outcome(session, signals)
    finally:
        counts = session.close(outcome)
    code = {"done": 0, "problems": 3, "failed": 1}.get(outcome)
    return Outcome(session.run.id, counts, 128 + signals[0] if code is None else code)


def _outcome(session: Session, signals: Sequence[int]) -> str:
    if session.failure is not None:
        return "failed"
    if signals:
        return "stopped"
    return "problems" if session.counts.problems else "done"


async def _run_spiders(
    session: Session,
    portals: Sequence[Portal],
    progress: Callable[[Any], None] | None,
    signals: list[int],
) -> None:
    settings = _settings(progress)
    runner = AsyncCrawlerRunner(settings)
    crawls = _crawls(runner, settings, session, portals)
    stopper = asyncio.ensure_future(_stop_when_asked(session, runner, crawls))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, _note, number, signals, session)
    try:
        results = await asyncio.gather(*crawls, return_exceptions=True)
    finally:
        stopper.cancel()
    for portal, result in zip(portals, results, strict=True):
        if isinstance(result, KontumError):
            session.fail(result)
        elif isinstance(result, Exception):
            log.error("the crawl of %s broke", portal.key, exc_info=result)
            session.fail(result)


def _crawls(
    runner: AsyncCrawlerRunner, settings: Settings, session: Session, portals: Sequence[Portal]
) -> "list[asyncio.Task[None]]":
    """One task a portal: live ones side by side, those from another archive one after the other."""
    if session.options.origin == "live":
        return [runner.crawl(PortalSpider, session=session, portal=portal) for portal in portals]
    spider = WaybackSpider if session.options.origin == "wayback" else CommonCrawlSpider
    manners = Manners(session, settings.getfloat("KONTUM_LONGEST_PAUSE"))
    tasks: list[asyncio.Task[None]] = []

    async def fill(portal: Portal, before: "asyncio.Task[None] | None") -> None:
        if before is not None:
            await asyncio.wait({before})
        if not session.stopping.is_set():
            await runner.crawl(spider, session=session, portal=portal, manners=manners)

    for portal in portals:
        tasks.append(asyncio.ensure_future(fill(portal, tasks[-1] if tasks else None)))
    return tasks


def _note(number: int, signals: list[int], session: Session) -> None:
    signals.append(number)
    session.stopping.set()


async def _stop_when_asked(
    session: Session, runner: AsyncCrawlerRunner, crawls: Sequence["asyncio.Task[None]"]
) -> None:
    """Let what is in flight finish, within a limit, once the run shall end."""
    await session.stopping.wait()
    stop = asyncio.ensure_future(runner.stop())
    await asyncio.wait({stop}, timeout=FINISH_WITHIN)
    for task in crawls:
        task.cancel()


def _settings(progress: Callable[[Any], None] | None) -> Settings:
    settings = Settings()
    settings.setmodule(project, priority="project")
    settings.set("KONTUM_PROGRESS", progress, "cmdline")
    settings.set("LOG_LEVEL", "WARNING", "cmdline")
    settings.set("LOG_INSTALL_ROOT_HANDLER", not logging.getLogger().handlers, "cmdline")
    configure_logging(settings)
    return settings


def plan(folder: Path, portals: Sequence[Portal], options: Options) -> list[dict[str, str]]:
    """What a crawl would begin with now: url, portal and kind; nothing is fetched or written."""
    rows = []
    with ExitStack() as stack:
        frontier = None
        if (folder / database.NAME).is_file():
            frontier = stack.enter_context(Archive.open(folder)).frontier
        for portal in portals:
            found = _begin(frontier, portal, options)
            rows += [{"url": url, "portal": portal.key, "kind": found[url]} for url in found]
    return rows


def _begin(frontier: Frontier | None, portal: Portal, options: Options) -> dict[str, str]:
    """Addresses that a crawl of one portal would begin with, and their kinds, in order."""
    if frontier is None:
        links, _ = seeds(portal, Walk(portal, (), base_url=options.base_url), options)
        return {link.url: link.kind for link in links}
    walk = Walk(portal, frontier.urls(portal.key), base_url=options.base_url)
    links, due = seeds(portal, walk, options)
    begin = {link.url: link.kind for link in links} | frontier.kinds(due)
    if options.full:
        rows = frontier.urls(portal.key)
        return begin | {url: kind for url, kind, state, _ in rows if state != "excluded"}
    return begin | dict(frontier.waiting(clock.now(), portal.key))


def outlook(folder: Path, portals: Sequence[Portal], options: Options) -> Outlook:
    """What a crawl of another archive would fetch; its lists are asked for, no capture is.

    Nothing is written: the plan is made in a folder of its own and thrown away.
    """
    with TemporaryDirectory(prefix="kontum-plan-") as name:
        place = Path(name)
        own = folder / "portals"
        if own.is_dir():
            copytree(own, place / "portals")
        crawl(place, portals, replace(options, dry_run=True), command="plan")
        with ExitStack() as stack:
            planned = stack.enter_context(Archive.open(place))
            there = (folder / database.NAME).is_file()
            present = stack.enter_context(Archive.open(folder)) if there else None
            service = service_of(options)
            return foresee(
                planned.db,
                present.db if present else None,
                portals,
                options.origin,
                service,
                scope_of(options),
                rates_of(service, loopback=is_loopback(service)),
            )


def wants_contact(folder: Path, portals: Sequence[Portal], options: Options) -> bool:
    """Whether a crawl asks another machine, and nobody has said whom its keeper may write to."""
    asked = [options.base_url or f"http://{portal.hosts[0]}/" for portal in portals]
    if options.origin != "live":
        asked = [service_of(options)]
    return not all(map(is_loopback, asked)) and not read_config(folder).has_contact


def choose_portals(
    folder: Path, targets: Sequence[str], *, closed_too: bool = False
) -> tuple[list[Portal], tuple[str, ...]]:
    """The portals that keys and addresses name, each once, and the addresses that were named.

    Without targets: all that are live, or all. Raises UsageError for an unknown key.
    """
    extra = folder / "portals"
    registry = Registry(extra if extra.is_dir() else None)
    if not targets:
        return [portal for portal in registry.all() if portal.live or closed_too], ()
    portals: dict[str, Portal] = {}
    named: list[str] = []
    for target in targets:
        portal, start_urls = choose(registry, target)
        portals[portal.key] = portal
        named += start_urls
    return list(portals.values()), tuple(named)
