"""What captured answers say, worked out over the cores; the same for ingest and reextract."""

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit, urlunsplit

from kontum_crawler import urls
from kontum_crawler.errors import KontumError
from kontum_crawler.items import Attachment
from kontum_crawler.portals import Registry
from kontum_crawler.warc.digests import sha256_hex
from kontum_crawler.warc.http import CodingError, Head, decoded, parse_head

if TYPE_CHECKING:
    from kontum_crawler.extract.answer import Answer

T = TypeVar("T")
R = TypeVar("R")
WORTH_A_POOL = 150
"""Jobs below which starting processes costs more than they save."""
CHUNK = 8


@dataclass(frozen=True, slots=True)
class Job:
    """One answer to read. payload: content coding kept, as WARC has it.

    base: where the run connected to instead; a redirect that names it is the portal's own.
    """

    url: str
    head: bytes
    payload: bytes
    base: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an answer says; None with a problem where its body cannot be read.

    document: what it holds, where it is an attached file.
    """

    answer: "Answer | None" = None
    problem: str | None = None
    document: Attachment | None = None


@dataclass(frozen=True, slots=True)
class Portals:
    """The portal files of an archive as they are now; another state is another registry."""

    folder: str
    state: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, folder: Path) -> "Portals":
        files = sorted((folder / "portals").glob("*.toml"))
        state = tuple((file.name, file.stat().st_mtime_ns) for file in files)
        return cls(str(folder / "portals"), state)


class Answerer:
    """Reads answers with the portals of one archive, in processes of their own where it pays.

    workers: how many; 0 means one a core, 1 means none but this one.
    """

    def __init__(self, folder: Path, workers: int = 0) -> None:
        self.workers = workers or os.cpu_count() or 1
        self.portals = Portals.of(folder)
        self._work = partial(outcome_of, self.portals)
        self._pool: ProcessPoolExecutor | None = None
        self._seen = 0

    def __enter__(self) -> "Answerer":
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def one(self, job: Job) -> Outcome:
        """The outcome of one job, in this process."""
        return self._work(job)

    def read(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """The outcome of each job, in order."""
        waiting = iter(jobs)
        if self.workers > 1 and self._pool is None:
            first = list(islice(waiting, max(1, WORTH_A_POOL - self._seen)))
            self._seen += len(first)
            following = list(islice(waiting, 1))
            if not following:
                yield from map(self._work, first)
                return
            self._pool = _pool(self.workers)
            waiting = chain(first, following, waiting)
        if self._pool is None:
            yield from map(self._work, waiting)
            return
        while batch := list(islice(waiting, CHUNK * self.workers * 4)):
            yield from self._pool.map(self._work, batch, chunksize=CHUNK)

    def submit(self, work: Callable[[Portals, T], R], what: T) -> Future[R]:
        """Have something done with the portals of the archive in another process."""
        if self._pool is None:
            self._pool = _pool(self.workers)
        return self._pool.submit(work, self.portals, what)


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_follow)


def _follow() -> None:
    """Leave signals of the terminal to the parent, and end with it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What libraries remark about single pages is no message for whoever runs the command.
    logging.getLogger().addHandler(logging.NullHandler())
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        # A parent that was killed never says that nothing more is to be done.
        os._exit(1)


def outcome_of(portals: Portals, job: Job) -> Outcome:
    """Read one answer; a page that breaks the extractor is a problem, not a crash."""
    # Loaded where they are used: most processes that import this module read nothing themselves.
    from kontum_crawler.extract.answer import read_answer
    from kontum_crawler.store.intake.documents import read_document

    registry = _registry(portals)
    head = parse_head(job.head)
    try:
        body = decoded(job.payload, head)
        portal = registry.for_url(job.url) or registry.generic(urls.host(job.url))
    except (CodingError, ValueError, KontumError) as error:
        return Outcome(None, f"broken: {error}")
    fields = _fields(job, head)
    document = None
    try:
        answer = read_answer(
            url=job.url,
            status=head.status or 0,
            headers=fields,
            body=body,
            portal=portal,
        )
    except Exception as error:
        return Outcome(None, f"broken: the extractor failed ({type(error).__name__}: {error})")
    if answer.kind == "document" and head.status == 200:
        document = read_document(job.url, fields, body, sha256_hex(job.payload))
    return Outcome(answer, answer.problem, document)


def _fields(job: Job, head: Head) -> list[tuple[str, str]]:
    """The header fields, a Location at the base address turned into one of the portal."""
    if not job.base:
        return head.fields
    own, base = urlsplit(job.url), urlsplit(job.base)

    def turned(value: str) -> str:
        target = urlsplit(value)
        if target.netloc != base.netloc or not target.netloc:
            return value
        return urlunsplit(target._replace(scheme=own.scheme, netloc=own.netloc))

    return [
        (name, turned(value) if name.lower() == "location" else value)
        for name, value in head.fields
    ]


@lru_cache(maxsize=4)
def _registry(portals: Portals) -> Registry:
    return Registry(Path(portals.folder) if portals.state else None)
