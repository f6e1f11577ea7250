"""One writer at a time: crawl, ingest and reextract exclude each other.

The lock is the operating system's (`flock`), so a process that died never holds it; what the file
says is only for people. Readers and short writes take no lock.
"""

import contextlib
import fcntl
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from kontum_crawler import clock
from kontum_crawler.errors import ArchiveBusy, ArchiveError

NAME = "kontum.lock"


class WriteLock:
    """The right to write to one archive, held until `release` or the end of the process.

    Worker processes that inherit the descriptor `share()` hold it as well, so it is free only when
    the last of them has ended.
    """

    def __init__(self, folder: Path, command: str) -> None:
        """Take the lock of an archive's folder, which is made if it is not there.

        Raises ArchiveBusy when another process has it, ArchiveError where none can be had.
        """
        self.path = folder / NAME
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise ArchiveError(f"{self.path} cannot be written: {error.strerror}") from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = _holder(self._fd)
            os.close(self._fd)
            raise ArchiveBusy(
                f"{folder}/ is in use by {holder}. Nothing was done; try again when it ends."
            ) from error
        note = {"command": command, "pid": os.getpid(), "since": clock.utc(clock.now())}
        # A full disk costs the note, not the lock.
        with contextlib.suppress(OSError):
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, json.dumps(note).encode(), 0)

    def share(self) -> int:
        """The descriptor to hand to a worker process (`pass_fds`), which then holds the lock too.

        The worker keeps it open; it need not do anything with it.
        """
        os.set_inheritable(self._fd, True)
        return self._fd

    def release(self) -> None:
        """Give the lock back; a second call does nothing."""
        if self._fd >= 0:
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> "WriteLock":
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def holder(folder: Path) -> dict[str, Any] | None:
    """Who writes to an archive now: command, pid, since (UTC); None where nobody does.

    By the note in the file and whether that process lives: taking the lock to look would make a
    crawl fail that begins in this moment.
    """
    try:
        note = json.loads((folder / NAME).read_bytes())
        os.kill(note["pid"], 0)
    except PermissionError:
        return dict(note)
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return None
    return dict(note)


def _holder(fd: int) -> str:
    """Who holds the lock, by the note in the file: «another crawl (process 4312, since …)»."""
    try:
        note = json.loads(os.pread(fd, 4096, 0))
        since = clock.parse_utc(note["since"]).astimezone()
        today = since.date() == datetime.now(tz=since.tzinfo).date()
        moment = since.strftime("%H:%M:%S" if today else "%Y-%m-%d %H:%M:%S")
        return f"another {note['command']} (process {note['pid']}, since {moment})"
    except (ValueError, KeyError, TypeError, OSError):
        return "another command"
