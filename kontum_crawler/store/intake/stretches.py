"""Files of records read in stretches, over the cores, and given back in the order of the files.

A process that reads a stretch looks for its first record by itself, so it may take one inside
another record for it. What it read counts only where the stretch before ends at that byte;
otherwise it is read again from there. So the result is that of reading from the first byte on.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future
from dataclasses import dataclass, field, replace
from pathlib import Path

from kontum_crawler.errors import ArchiveError
from kontum_crawler.store.intake.answering import Answerer, Outcome, Portals, outcome_of
from kontum_crawler.store.intake.held import base_of, job_of
from kontum_crawler.store.intake.listed import FIELD
from kontum_crawler.store.intake.waiting import digests_of
from kontum_crawler.warc.capture import Captured, captured
from kontum_crawler.warc.check import wrong_digests
from kontum_crawler.warc.compose import parse_warc_fields
from kontum_crawler.warc.reader import next_record, records
from kontum_crawler.warc.records import Fault, Record

STRETCH = 1 << 20
"""Bytes of a file that one process reads at a time."""
WORTH_IT = 2 * STRETCH
"""Bytes below which starting processes costs more than it saves."""
BEGIN = -1
MANY = 4000
HEAVY = 64_000_000
"""Records, and bytes of their blocks, after which a stretch ends early: results wait in memory."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A capture as far as it can be read without the database.

    record: its place and header. seen: without its payload. outcome: None where there is no answer
    to read. wrong: which of its digests do not fit.
    """

    record: Record
    seen: Captured
    digests: list[str]
    outcome: Outcome | None
    wrong: str


Item = Fault | Record | Reading


@dataclass(frozen=True, slots=True)
class Task:
    """The part of a file to be read: from `start`, until a record begins at or behind `end`.

    exact: a record begins at `start`. base: the address that the run connected to, or empty.
    """

    path: Path
    name: str
    start: int
    end: int
    base: str = ""
    exact: bool = False


@dataclass(slots=True)
class Stretch:
    """What a part of a file holds.

    first: where its first record begins. after: where the next one does; None at the end of the
    file. shared: one gzip member holds several records, so no place in the file is one's own.
    """

    first: int | None
    after: int | None = None
    shared: bool = False
    records: int = 0
    items: list[Item] = field(default_factory=list)


def read_stretch(portals: Portals, task: Task) -> Stretch:
    """Read one part of a file; done in a process of its own. Raises OSError."""
    exact = task.exact or task.start == 0
    start = task.start if exact else next_record(task.path, task.start, task.end)
    found = Stretch(start)
    if start is None:
        return found
    base, weight = task.base, 0
    for item in records(task.path, start=start, name=task.name):
        if isinstance(item, Record):
            if not item.alone:
                return Stretch(start, shared=True)
            full = weight > HEAVY or len(found.items) >= MANY
            if item.offset >= task.end or (full and item.offset > start):
                found.after = item.offset
                _without(found.items, item)
                return found
            base = base_in(item, base)
            found.records += 1
            weight += len(item.block)
        read = item if isinstance(item, Fault) else _read(portals, task.name, item, base)
        if read is not None:
            found.items.append(read)
    return found


def base_in(record: Record, base: str) -> str:
    """The base address that holds from a record on: what a `warcinfo` says, else as before."""
    if record.type != "warcinfo":
        return base
    return dict(parse_warc_fields(record.block)).get("kontum-base-url", "")


def _without(items: list[Item], record: Record) -> None:
    """Leave what is wrong with a record to the stretch that has it."""
    while items and isinstance(items[-1], Fault) and items[-1].offset == record.offset:
        items.pop()


def _read(portals: Portals, name: str, record: Record, base: str) -> Item | None:
    noted = record.block.startswith(b"kontum-") or record.get(FIELD)
    if noted or record.type == "warcinfo":
        return record
    try:
        seen = captured(record)
    except ValueError as error:
        return Fault(name, record.offset, str(error), record.url, kind="date")
    if seen is None:
        return None
    job = job_of(record, seen, seen.url, base)
    outcome = outcome_of(portals, job) if job is not None else None
    light = replace(record, block=b"")
    said = digests_of(seen)
    return Reading(light, replace(seen, payload=None), said, outcome, wrong_digests(record))


@dataclass(slots=True)
class _Asked:
    """A stretch in work."""

    task: Task
    made: "Future[Stretch]"

    def result(self) -> Stretch:
        """What it holds, once it is read. Raises ArchiveError where its process ended early."""
        try:
            return self.made.result()
        except BrokenExecutor as error:
            told = "the process that read it ended, maybe for want of memory"
            raise ArchiveError(f"{self.task.path}: {told}; try again with --workers 1") from error


class Readers:
    """Reads files ahead, in the processes of an `Answerer`."""

    def __init__(self, folder: Path, answerer: Answerer) -> None:
        """folder: of the archive, in whose `warc/` the files lie."""
        self.records = 0
        self._folder = folder
        self._answerer = answerer
        self._asked: deque[_Asked] = deque()
        self._named: deque[tuple[str, int]] = deque()
        self._tasks: Iterator[Task] = iter(())
        self._left: set[str] = set()

    def through(self, files: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
        """The files (name, and the byte to begin at) as given, while the next are read already."""
        self._tasks = self._cut(files)
        while True:
            self._go_on()
            if not self._named:
                return
            yield self._named.popleft()

    def items(self, name: str, base: Callable[[], str]) -> Iterator[Item | int]:
        """What a file of `through` holds, in its order; call it for each of them in turn.

        base: the base address in force, as the records given so far have it. An int as last item:
        the byte from which on records share a member, so that stretches cannot be told apart.
        Raises OSError.
        """
        at: int | None = BEGIN
        for asked in self._of(name):
            task, stretch = asked.task, asked.result()
            at = task.start if at == BEGIN else at
            if at is None or at >= task.end:
                continue
            if stretch.first != at or task.base != base():
                stretch = self._from(task, at, base())
            while True:
                if stretch.shared:
                    self._left.add(name)
                    yield at
                    return
                self.records += stretch.records
                yield from stretch.items
                at = stretch.after
                if at is None or at >= task.end:
                    break
                stretch = self._from(task, at, base())

    def _from(self, task: Task, at: int, base: str) -> Stretch:
        """The same part of a file, but from that byte on."""
        return read_stretch(self._answerer.portals, replace(task, start=at, base=base, exact=True))

    def _of(self, name: str) -> Iterator[_Asked]:
        while True:
            self._go_on()
            if not self._asked or self._asked[0].task.name != name:
                return
            yield self._asked.popleft()

    def _go_on(self) -> None:
        """Keep as many stretches in work as there are processes, and some for the next."""
        self._asked = deque(one for one in self._asked if one.task.name not in self._left)
        while len(self._asked) < 2 * self._answerer.workers + 1:
            task = next(self._tasks, None)
            if task is None:
                return
            self._asked.append(_Asked(task, self._answerer.submit(read_stretch, task)))

    def _cut(self, files: Iterable[tuple[str, int]]) -> Iterator[Task]:
        for name, start in files:
            self._named.append((name, start))
            path = self._folder / name
            base = base_of(path)
            size = path.stat().st_size
            for at in range(start, size, STRETCH):
                if name in self._left:
                    break
                yield Task(path, name, at, min(at + STRETCH, size), base, exact=at == start)


def worth_processes(paths: Iterable[Path], answerer: Answerer) -> bool:
    """Whether files are so large that reading them in several processes pays."""
    if answerer.workers < 2:
        return False
    total = 0
    for path in paths:
        total += path.stat().st_size if path.is_file() else 0
        if total >= WORTH_IT:
            return True
    return False
