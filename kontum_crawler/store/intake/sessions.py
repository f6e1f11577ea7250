"""One run of a command that writes, from the lock to its last row."""

import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from kontum_crawler import clock
from kontum_crawler.store.archive import Archive
from kontum_crawler.store.identity.rereading import FieldChange
from kontum_crawler.store.intake import warcfiles
from kontum_crawler.store.intake.answering import Answerer
from kontum_crawler.store.intake.ending import conclude
from kontum_crawler.store.intake.indexing import refresh_index
from kontum_crawler.store.intake.ingest import Ingest, Progress
from kontum_crawler.store.intake.reextract import Reextracted, reextract
from kontum_crawler.store.intake.takeover import repair, settle
from kontum_crawler.store.intake.taking import Intake
from kontum_crawler.store.intake.tally import Tally
from kontum_crawler.store.lock import WriteLock
from kontum_crawler.store.runs import Run
from kontum_crawler.warc.records import RunInfo
from kontum_crawler.warc.writer import Writer

NAMES = {
    "files": "files read",
    "records": "records read",
    "files_held": "files that the archive had already",
    "captures": "captures taken in",
    "captures_known": "captures that it had already",
    "articles_new": "articles new",
    "articles_edited": "articles edited",
    "articles_moved": "articles moved",
    "articles_gone": "articles gone",
    "articles_unchanged": "articles unchanged",
    "problems": "problems (`kontum status` lists them)",
}
SHOWN = 20
"""Refused records that are printed one by one."""


@dataclass(slots=True)
class Ingested:
    """What a run of ingest did, and how the command ends: 0, or 3 with problems."""

    tally: Tally
    seconds: float
    notes: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 where everything was read, 3 where `problems` has something."""
        return 3 if self.tally.problems else 0

    def sentences(self) -> list[str]:
        """The same for people; numbers that are 0 are left out."""
        numbers = self.tally.as_dict()
        lines = [f"{numbers[name]:,} {text}" for name, text in NAMES.items() if numbers[name]]
        lines.append(f"in {self.seconds:,.1f} seconds" if lines else "Nothing to take in.")
        refused = [f"refused: {each}" for each in self.tally.refused[:SHOWN]]
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in self.tally.kinds.most_common())
        if kinds:
            lines.append(f"problems by kind: {kinds}")
        return [*self.notes, *refused, *lines]


@contextlib.contextmanager
def writing(
    folder: Path, command: str, args: str = "", *, create: bool = False
) -> Iterator[tuple[Archive, Run]]:
    """Hold the lock, open the archive, begin a run; note how it ended if it fails or is stopped.

    Raises ArchiveBusy, ArchiveError; KeyboardInterrupt and SystemExit (143, on SIGTERM) pass.
    """
    with WriteLock(folder, command), Archive.open(folder, write=True, create=create) as archive:
        run = archive.begin_run(command, args)
        before = signal.signal(signal.SIGTERM, _stop)
        try:
            yield archive, run
        except (KeyboardInterrupt, SystemExit):
            archive.end_run(run, "stopped")
            raise
        except BaseException:
            with contextlib.suppress(Exception):
                # A full disk may refuse this too; the error that led here is what counts.
                archive.end_run(run, "failed")
            raise
        finally:
            signal.signal(signal.SIGTERM, before)


def ingest_files(
    folder: Path,
    paths: Iterable[Path],
    *,
    workers: int = 0,
    progress: Progress | None = None,
) -> Ingested:
    """Take files into the archive at `folder`, which is made where there is none.

    workers: processes that read; 0 means one a core, 1 means none but this one.
    Raises ArchiveBusy, ArchiveFull and other ArchiveErrors.
    """
    given = list(paths)
    before = time.monotonic()
    with writing(folder, "ingest", " ".join(path.name for path in given), create=True) as session:
        archive, run = session
        inside = [f"{warcfiles.FOLDER}/{path.name}" for path in given if _lies_in(path, folder)]
        begun = warcfiles.unfinished(archive.db, folder)
        repairs = repair(archive, run, leave=[*inside, *begun])
        info = RunInfo(run.key, run.command, clock.parse_utc(run.started_at))
        with Answerer(folder, workers) as answerer:
            writer = Writer(folder, worker=worker_name(), run=info)
            with writer:
                taking = Ingest(Intake(archive, run, answerer, writer), progress)
                tally = taking.run(given, begun)
            settle(archive, writer.files)
        refresh_index(archive)
        conclude(archive, run.id, merge=bool(tally.articles))
        seconds = round(time.monotonic() - before, 3)
        stats = {**tally.as_dict(), "seconds": seconds}
        archive.end_run(run, "problems" if tally.problems else "done", stats)
    return Ingested(tally, seconds, repairs.notes)


def reextract_archive(
    folder: Path,
    *,
    dry_run: bool = False,
    shown: Callable[[list[FieldChange]], None] | None = None,
    progress: Progress | None = None,
) -> Reextracted:
    """Read every kept capture of the archive at `folder` again; see `reextract`.

    Captures that cannot be read go to `problems` and stay as they were. Raises ArchiveErrors.
    """
    before = time.monotonic()
    with writing(folder, "reextract", "--dry-run" if dry_run else "") as session:
        archive, run = session
        repair(archive, run)
        with Answerer(folder) as answerer:
            done = reextract(archive, answerer, dry_run=dry_run, shown=shown, progress=progress)
        if not dry_run:
            conclude(archive, run.id, merge=bool(done.changed))
        for url, why in done.unreadable:
            archive.problem(url, "reextract", why, run.id)
        stats = {
            "captures": done.captures,
            "changed": done.changed,
            "fields": done.by_field(),
            "problems": len(done.unreadable),
            "seconds": round(time.monotonic() - before, 3),
        }
        archive.end_run(run, "problems" if done.unreadable else "done", stats)
        refresh_index(archive)
    return done


def worker_name() -> str:
    """A name for this process among all machines: host and process."""
    return f"{socket.gethostname().partition('.')[0]}-{os.getpid()}"


def _lies_in(path: Path, folder: Path) -> bool:
    return path.resolve().parent == (folder / warcfiles.FOLDER).resolve()


def _stop(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
