"""One writer an archive, held by a live process only."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kontum_crawler import clock
from kontum_crawler.errors import ArchiveBusy, ArchiveError
from kontum_crawler.store.lock import NAME, WriteLock, holder

HOLD = """
import sys
from pathlib import Path
from kontum_crawler.store.lock import WriteLock
lock = WriteLock(Path(sys.argv[1]), "crawl")
print("held", flush=True)
sys.stdin.read()
"""


def held_by_another(folder: Path) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None and process.stdout.readline() == b"held\n"
    return process


def test_a_second_writer_is_told_who_holds_it_since_when(tmp_path: Path) -> None:
    with held_by_another(tmp_path) as process, pytest.raises(ArchiveBusy) as refused:
        try:
            WriteLock(tmp_path, "ingest")
        finally:
            process.kill()
    message = str(refused.value)
    assert message.startswith(f"{tmp_path}/ is in use by another crawl (process {process.pid}, ")
    assert message.endswith("Nothing was done; try again when it ends.")
    assert refused.value.exit_code == 75


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    with held_by_another(tmp_path) as process:
        process.send_signal(signal.SIGKILL)
    with WriteLock(tmp_path, "crawl"):
        assert holder(tmp_path) is not None


def test_it_is_free_again_after_its_block_and_twice_given_back_is_once(tmp_path: Path) -> None:
    with WriteLock(tmp_path / "new", "crawl") as lock:
        pass
    lock.release()
    with WriteLock(tmp_path / "new", "crawl"):
        pass


def test_workers_that_share_it_hold_it_after_the_command_died(tmp_path: Path) -> None:
    lock = WriteLock(tmp_path, "crawl")
    worker = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"],
        stdin=subprocess.PIPE,
        pass_fds=[lock.share()],
    )
    os.close(lock.share())
    with pytest.raises(ArchiveBusy):
        WriteLock(tmp_path, "ingest")
    worker.communicate()
    with WriteLock(tmp_path, "ingest"):
        pass


def test_who_writes_can_be_asked_without_taking_the_lock(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    with WriteLock(tmp_path, "ingest"):
        told = holder(tmp_path)
        assert told is not None and (told["command"], told["pid"]) == ("ingest", os.getpid())
        assert clock.parse_utc(told["since"])
    assert holder(tmp_path) is None
    (tmp_path / NAME).write_text('{"command": "crawl", "pid": 4194304000, "since": "x"}')
    assert holder(tmp_path) is None


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ArchiveError, match="file"):
        WriteLock(tmp_path / "file", "crawl")
