"""A disk that is full or read-only ends a crawl cleanly, and a later run completes it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from operations.stage import rows

from kontum_crawler.sample import Sample

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root"),
    pytest.mark.skipif(shutil.which("mount") is None, reason="mount is missing"),
]


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


@pytest.mark.parametrize("size", ["900k", pytest.param("2500k", marks=pytest.mark.long)])
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
