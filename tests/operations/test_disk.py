"""A disk that is full, fails or is read-only ends a crawl cleanly, and a later run completes it.

Full: a small tmpfs (ENOSPC). Read-only: the same, remounted. Failing: a limit of the size of files
(RLIMIT_FSIZE), at which the system call fails with EFBIG; SQLite and the writer of records treat
that as they treat EIO, every error of a write that is none of space. A device that returns EIO
itself was not tried: that needs a device mapper.
"""

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from operations.stage import rows, run

from kontum_crawler.errors import ArchiveFull
from kontum_crawler.reports import aftermath
from kontum_crawler.sample import Sample
from kontum_crawler.store import runs

pytestmark = pytest.mark.slow

mounting = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("mount") is None,
    reason="mounting a small disk needs root, and mount",
)


def kontum(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kontum_crawler", *words],
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def disk(place: Path, size: str) -> Iterator[Path]:
    """A disk of its own; named skip where this system mounts none."""
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {made.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


def remount(place: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(place)], check=True)


def crawl(sample: Sample, folder: Path) -> subprocess.CompletedProcess[str]:
    words = ["crawl", "kkt", "--json", "--base-url", sample.base, "--archive", str(folder)]
    return kontum(*words)


@mounting
@pytest.mark.parametrize("size", ["900k", "2500k"])
def test_a_full_disk_ends_the_run_and_room_lets_it_go_on(tmp_path: Path, size: str) -> None:
    with Sample() as sample, disk(tmp_path / "disk", size) as place:
        folder = place / "archive"
        ended = crawl(sample, folder)
        assert ended.returncode == 1
        assert str(folder) in ended.stderr and "Traceback" not in ended.stderr
        held = {name for (name,) in rows(folder, "SELECT slug FROM articles")}
        if held:
            told = kontum("status", "--json", "--archive", str(folder))
            assert json.loads(told.stdout)["articles"] == len(held), told.stderr
        remount(place, "size=64m")
        assert crawl(sample, folder).returncode == 3
        slugs = {name for (name,) in rows(folder, "SELECT slug FROM articles")}
        assert held <= slugs and len(slugs) == len(sample.truth()["days"]["1"]["articles"])
        checked = kontum("verify", "--archive", str(folder))
        assert checked.returncode == 0, checked.stdout


@mounting
def test_a_read_only_disk_can_be_read_and_a_crawl_ends_with_1(tmp_path: Path) -> None:
    with Sample() as sample, disk(tmp_path / "disk", "64m") as place:
        folder = place / "archive"
        crawl(sample, folder)
        remount(place, "ro")
        ended = crawl(sample, folder)
        assert ended.returncode == 1
        assert str(folder) in ended.stderr and "Traceback" not in ended.stderr
        for words in (["status"], ["search", "khu kinh tế"], ["verify"]):
            told = kontum(*words, "--archive", str(folder))
            assert told.returncode == 0, (words, told.stderr)


def limited(folder: Path, sample: Sample, size: int) -> subprocess.CompletedProcess[str]:
    """A crawl that may write no file larger than `size` bytes; each write beyond fails."""
    words = ["crawl", "kkt", "--json", "--base-url", sample.base, "--archive", str(folder)]
    return subprocess.run(
        [sys.executable, "-m", "kontum_crawler", *words],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )


@pytest.mark.parametrize("size", [150_000, 700_000, 1_400_000])
def test_a_device_that_fails_ends_the_run_and_a_later_one_completes_it(
    tmp_path: Path, size: int
) -> None:
    with Sample() as sample:
        ended = limited(tmp_path, sample, size)
        assert ended.returncode == 1, ended.stderr
        assert str(tmp_path) in ended.stderr and "Traceback" not in ended.stderr
        assert "fault of ours" not in ended.stderr
        assert crawl(sample, tmp_path).returncode == 3
        held = rows(tmp_path, "SELECT count(*) FROM articles")[0][0]
        assert held == len(sample.truth()["days"]["1"]["articles"])
        assert kontum("verify", "--archive", str(tmp_path)).returncode == 0


@mounting
def test_a_disk_that_is_full_when_only_the_report_is_left_is_told(tmp_path: Path) -> None:
    # Everything is stored; what takes no more bytes is the folder of the reports.
    with Sample(articles=20) as sample, disk(tmp_path / "reports-disk", "8k") as small:
        folder = tmp_path / "archive"
        folder.mkdir()
        (folder / "reports").symlink_to(small, target_is_directory=True)
        ended = crawl(sample, folder)
        assert ended.returncode == 1
        assert f"{folder / 'reports'}: No space left on device" in ended.stderr
        assert rows(folder, "SELECT outcome FROM runs") == [("problems",)]
        held = rows(folder, "SELECT count(*) FROM articles")[0][0]
        assert held == len(sample.truth()["days"]["1"]["articles"])


@pytest.mark.parametrize("step", ["end_run", "forget_old"])
def test_whatever_sqlite_says_at_the_end_names_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(
        *{"end_run": (runs, "end"), "forget_old": (aftermath, "forget_old")}[step], full
    )
    with Sample(articles=20) as sample, pytest.raises(ArchiveFull, match=str(tmp_path)):
        run(sample, tmp_path)
