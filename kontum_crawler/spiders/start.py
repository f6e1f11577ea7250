"""Where a walk begins, and the session of a crawl that Scrapy's own command started."""

import logging
import os
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from scrapy import signals
from scrapy.crawler import Crawler

from kontum_crawler import clock, urls
from kontum_crawler.errors import ArchiveError, UsageError
from kontum_crawler.pipelines.session import Options, Session
from kontum_crawler.portals import Portal, Registry
from kontum_crawler.reports.aftermath import conclude_run
from kontum_crawler.spiders.walk import PRIORITY, Walk
from kontum_crawler.store.config import read_config
from kontum_crawler.store.frontier import Link
from kontum_crawler.store.lock import WriteLock

TRUE = ("1", "true", "yes", "on")


def seeds(portal: Portal, walk: Walk, options: Options) -> tuple[list[Link], list[str]]:
    """New links and known addresses that a run begins with: named ones, sources, start pages."""
    wanted: list[tuple[str, str, int]] = []
    for url in options.start_urls:
        if portal.kind(url) is not None:
            kind = str(portal.kind(url))
            wanted.append((url, "listing" if kind == "other" else kind, 1000))
    # Of an unknown site, scheme and port are those of the address that was named.
    named = options.start_urls if portal.generic else ()
    own = [url for url in named if portal.kind(url) is not None]
    base = own[0] if own else portal.base_url
    for reference in portal.sitemaps:
        wanted.append((urljoin(base, reference), "sitemap", PRIORITY["sitemap"]))
    for reference in (*portal.feeds, *portal.apis):
        wanted.append((urljoin(base, reference), "feed", PRIORITY["feed"]))
    for reference in portal.start_urls or ("/",):
        wanted.append((urljoin(base, reference), "listing", PRIORITY["feed"] - 10))
    links: dict[str, Link] = {}
    due: list[str] = []
    for url, kind, priority in wanted:
        address = urls.address(url)
        if kind in ("sitemap", "feed") and not walk.reliability.asks(address):
            continue
        if address in walk.urls:
            due.append(address)
        else:
            links[address] = Link(address, portal.key, kind, priority)
            walk.queue(address, kind, "")
        walk.visited.add(address)
        walk.start(address)
    return list(links.values()), due


def log_to(path: Path) -> None:
    """Append to the log file of `kontum.toml`, unless the command line names one.

    Raises ArchiveError where it cannot be written.
    """
    if os.environ.get("KONTUM_LOG_FILE"):
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(path, encoding="utf-8")
    except OSError as error:
        raise ArchiveError(f"{path}: the log cannot be written: {error.strerror}") from error
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)


def choose(registry: Registry, name: str) -> tuple[Portal, tuple[str, ...]]:
    """The portal of a key or an address, and the addresses that were named.

    Raises UsageError for an unknown key, and for what is neither.
    """
    if "://" not in name:
        return registry.get(name), ()
    try:
        address = urls.address(name)
    except ValueError as error:
        raise UsageError(f"«{name}» is neither a portal's key nor an http address.") from error
    return registry.for_url(address) or registry.generic(urls.host(address)), (address,)


def open_session(
    crawler: Crawler, name: str | None, arguments: dict[str, Any]
) -> tuple[Session, Portal]:
    """The session of `scrapy crawl portal -a portal=…`; it ends when the spider closes.

    Raises UsageError without a portal, with an unknown one, or with an unknown argument.
    """
    if not name:
        raise UsageError("name a portal: scrapy crawl portal -a portal=kkt (or an address)")
    folder = Path(
        arguments.pop("archive", None) or crawler.settings.get("KONTUM_ARCHIVE") or "data"
    )
    extra = folder / "portals"
    portal, start_urls = choose(Registry(extra if extra.is_dir() else None), name)
    options = _options(arguments, start_urls)
    lock, begun = WriteLock(folder, "crawl"), clock.now()
    try:
        config = read_config(folder)
        if config.log_file is not None:
            log_to(folder / config.log_file)
        session = Session.open(folder, [portal.key], options)
    except BaseException:
        lock.release()
        raise

    async def end(spider: Any, reason: str) -> None:
        await session.keeper.drain()
        session.conclude()
        done = "problems" if session.counts.problems else "done"
        outcome = done if reason == "finished" else "stopped"
        try:
            session.close("failed" if session.failure else outcome)
        finally:
            try:
                conclude_run(folder, config, begun)
            finally:
                lock.release()

    # Signals keep weak references only.
    session.ending = end
    crawler.signals.connect(end, signal=signals.spider_closed)
    return session, portal


def _options(arguments: dict[str, Any], start_urls: tuple[str, ...]) -> Options:
    known = {"base_url", "full", "limit", "delay", "requisites", "since", "until"}
    if unknown := set(arguments) - known:
        told = ", ".join(sorted(known | {"portal", "archive"}))
        raise UsageError(f"unknown argument: {', '.join(sorted(unknown))}; known are {told}")
    limit, delay = arguments.get("limit"), arguments.get("delay")
    return Options(
        full=str(arguments.get("full", "")).lower() in TRUE,
        since=arguments.get("since"),
        until=arguments.get("until"),
        limit=int(limit) if limit else None,
        base_url=checked_base(arguments.get("base_url")),
        delay=float(delay) if delay is not None else None,
        requisites=str(arguments.get("requisites", "1")).lower() in TRUE,
        start_urls=start_urls,
        named_hosts=tuple(urls.host(url) for url in start_urls),
    )


def checked_base(url: str | None) -> str | None:
    """A base address as `scheme://host[:port]`. Raises UsageError for anything else."""
    if not url:
        return None
    parts = urlsplit(url)
    try:
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        good = False
    if not good or parts.path.strip("/") or parts.query:
        raise UsageError(f"--base-url {url}: must be http://HOST[:PORT], without a path")
    return f"{parts.scheme}://{parts.netloc}"
