"""What a command that writes does first: bring disk and database together after a crash.

A file of ours that was cut inside a record is cut back to its last complete one, rows that point
past the end of their file are dropped and their URLs queued again, and complete records that the
database lacks are taken over, not fetched again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from kontum_crawler import clock, urls
from kontum_crawler.items import Capture
from kontum_crawler.store.frontier import Link
from kontum_crawler.store.intake import warcfiles
from kontum_crawler.store.intake.answering import Answerer
from kontum_crawler.store.intake.ingest import Ingest
from kontum_crawler.store.intake.taking import Intake
from kontum_crawler.store.intake.warcfiles import WarcFile
from kontum_crawler.store.runs import Run
from kontum_crawler.warc.records import RunInfo
from kontum_crawler.warc.recover import cut_back, torn_tail
from kontum_crawler.warc.writer import Writer

if TYPE_CHECKING:
    from kontum_crawler.extract.answer import Answer
    from kontum_crawler.store.archive import Archive

PAST_THE_END = "SELECT id FROM captures WHERE warc_file = ? AND warc_offset + warc_length > ?"
RUN_OF_FILE = "SELECT run_id FROM captures WHERE warc_file = ? AND run_id IS NOT NULL LIMIT 1"
KINDS = ("article", "document", "listing", "other")
AGAIN = timedelta(days=1)


@dataclass(slots=True)
class Repairs:
    """What was brought back in order; `notes` are sentences for the user.

    cut: bytes cut off. dropped: rows whose record is gone. taken: captures taken over.
    """

    cut: int = 0
    dropped: int = 0
    taken: int = 0
    notes: list[str] = field(default_factory=list)


def repair(archive: "Archive", run: Run, *, leave: Iterable[str] = ()) -> Repairs:
    """Bring disk and database together. For use under the write lock, right after `begin_run`.

    leave: files (`warc/…`) that the caller reads itself afterwards. What was done is noted among
    the problems of the run that was cut off, so that `kontum status` tells it.
    Raises ArchiveFull, and OSError where a file cannot be read.
    """
    found = Repairs()
    for leftover in (archive.folder / warcfiles.FOLDER).glob("*.partial"):
        leftover.unlink()
    known = warcfiles.known(archive.db)
    there = warcfiles.on_disk(archive.folder)
    unsettled = [name for name in there if not _settled(archive, known, name)]
    if unsettled:
        info = RunInfo(run.key, run.command, clock.parse_utc(run.started_at))
        with (
            Writer(archive.folder, worker="takeover", run=info) as writer,
            Answerer(archive.folder) as answerer,
        ):
            told = _Frontier(archive).seen
            intake = Intake(archive, run, answerer, writer, recorded=told, doubting=True)
            ingest = Ingest(intake)
            ingest.learn(there)
            foreign = {*intake.provenances, *(name for name in known if known[name].sha256)}
            unsettled = [
                name
                for name in unsettled
                if _mend(archive, known.get(name), name, found, whole=name in foreign)
            ]
            for name in sorted(set(unsettled) - set(leave), key=ingest.turn):
                before = intake.tally.captures
                ingest.register(name)
                _note_taken(archive, name, intake.tally.captures - before, found)
            intake.finish()
        settle(archive, writer.files)
    return found


def settle(archive: "Archive", files: Iterable[str]) -> None:
    """Keep that every capture of these files has its row, so that no later command scans them.

    files: as `Writer.files` has them, once it is closed and all is committed.
    """
    with archive.transaction():
        for name in files:
            path = archive.folder / name
            if path.is_file():
                warcfiles.note(archive.db, name, path.stat().st_size)


def _settled(archive: "Archive", known: dict[str, WarcFile], name: str) -> bool:
    size = (archive.folder / name).stat().st_size
    return name in known and known[name].scanned == size


def _mend(
    archive: "Archive", held: WarcFile | None, name: str, found: Repairs, *, whole: bool
) -> bool:
    """Cut the file back and drop rows past its end; False where nothing of it is left.

    whole: a foreign file, which is kept as it came.
    """
    path = archive.folder / name
    scanned = held.scanned if held else 0
    start = scanned if scanned <= path.stat().st_size else 0
    tail = None
    if warcfiles.is_ours(name) and not whole:
        tail = torn_tail(path, start)
    if tail is not None:
        cut_back(path, tail)
        found.cut += tail.torn
        # A file that a kill left empty lost nothing that anybody had been told of.
        if tail.torn:
            what = f"{tail.torn:,} bytes behind the last complete record were cut off"
            _tell(archive, name, f"{what} ({tail.fault})", found)
    size = path.stat().st_size if path.exists() else 0
    lost = [row["id"] for row in archive.db.execute(PAST_THE_END, (name, size)).fetchall()]
    if lost:
        found.dropped += archive.forget(lost)
        what = f"{len(lost)} captures pointed past its end; they were dropped, their URLs queued"
        _tell(archive, name, what, found)
    if scanned > size:
        with archive.transaction():
            archive.db.execute(
                "UPDATE warc_files SET scanned = 0, indexed = 0 WHERE name = ?", (name,)
            )
    return size > 0


def _note_taken(archive: "Archive", name: str, taken: int, found: Repairs) -> None:
    if taken:
        found.taken += taken
        _tell(archive, name, f"{taken} captures that the database lacked were taken over", found)


def _tell(archive: "Archive", name: str, what: str, found: Repairs) -> None:
    row = archive.db.execute(RUN_OF_FILE, (name,)).fetchone()
    archive.problem(None, "recovery", f"{name}: {what}", row["run_id"] if row else None)
    found.notes.append(f"{archive.folder / name}: {what}")


class _Frontier:
    """Tells the frontier of captures that were taken over, as the crawl would have done."""

    def __init__(self, archive: "Archive") -> None:
        self.archive = archive

    def seen(self, capture: Capture, answer: "Answer | None") -> None:
        frontier = self.archive.frontier
        if capture.origin != "live" or answer is None or not frontier.knows(capture.url):
            return
        portal = self.archive.portal_of(capture.url)
        # A source (sitemap, feed) reads as a listing without links: it is fetched again.
        listing = answer.kind == "listing" and bool(answer.links)
        if answer.kind not in ("article", "document") and not listing:
            return
        found = []
        for link in map(_address, answer.links):
            kind = portal.kind(link) if link else None
            if link and kind in KINDS:
                found.append(Link(link, portal.key, kind, found_on=capture.url))
        moment = clock.now()
        frontier.offer(found, moment)
        frontier.done(capture.url, None if listing else moment + AGAIN)


def _address(link: str) -> str | None:
    try:
        return urls.address(link)
    except ValueError:
        return None
