"""kill -9 at any moment of a crawl loses no address and doubles no article.

A few rounds always; the full hundred with `--long`.
"""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kontum_crawler.sample import Sample

ROOT = Path(__file__).parents[2]
IN_FLIGHT = 4


def command(sample: Sample, folder: Path, *options: str) -> list[str]:
    base = [sys.executable, "-m", "kontum_crawler", "crawl", "kkt", "--json"]
    return [*base, "--archive", str(folder), "--base-url", sample.base, *options]


@contextmanager
def started(arguments: list[str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for_requests(sample: Sample, number: int, process: subprocess.Popen[str]) -> None:
    """Return once the portal was asked so often, or the process has ended."""
    until = time.monotonic() + 60
    while len(sample.requests) < number and process.poll() is None:
        assert time.monotonic() < until
        os.sched_yield()


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(folder / "kontum.db") as db:
        return db.execute(query).fetchall()


def kill_and_finish(sample: Sample, folder: Path, kills: int, seed: int) -> dict[str, Any]:
    """Crawl with so many kills at random moments, then to the end; returns the last counts."""
    moments = random.Random(seed)
    for _ in range(kills):
        before = len(sample.requests)
        with started(command(sample, folder)) as process:
            wait_for_requests(sample, before + moments.randint(1, 60), process)
            process.send_signal(signal.SIGKILL)
    done = subprocess.run(
        command(sample, folder), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 3), done.stderr
    counts: dict[str, Any] = json.loads(done.stdout)
    return counts


def check_whole(sample: Sample, folder: Path, kills: int) -> None:
    truth = sample.truth()
    slugs = [slug for (slug,) in rows(folder, "SELECT slug FROM articles")]
    assert len(slugs) == len(set(slugs)) == len(truth["days"]["1"]["articles"])
    assert rows(folder, "SELECT count(*) FROM articles WHERE version > 1") == [(0,)]
    assert rows(folder, "SELECT count(*) FROM frontier WHERE state = 'leased'") == [(0,)]
    good = Counter(f"{row.host}{row.path}" for row in sample.requests if row.status == 200)
    sources = ("/robots.txt", "/sitemap.xml", "/rss.xml")
    repeated = sum(
        number - 1
        for address, number in good.items()
        if number > 1 and not address.endswith((*sources, "gov.vn/", ".com/"))
    )
    assert repeated <= kills * IN_FLIGHT
    verify = [sys.executable, "-m", "kontum_crawler", "verify", "--archive", str(folder)]
    checked = subprocess.run(verify, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_crawl_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    with Sample() as sample:
        kill_and_finish(sample, tmp_path, kills=3, seed=7)
        check_whole(sample, tmp_path, kills=3)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
def test_many_kills_change_nothing(tmp_path: Path, seed: int) -> None:
    with Sample(articles=400) as sample:
        kill_and_finish(sample, tmp_path, kills=20, seed=seed)
        check_whole(sample, tmp_path, kills=20)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_crawl_after_what_is_in_flight(
    tmp_path: Path, number: int, code: int
) -> None:
    with Sample(latency=0.02) as sample:
        with started(command(sample, tmp_path)) as process:
            wait_for_requests(sample, 30, process)
            process.send_signal(number)
            out, err = process.communicate(timeout=60)
        assert process.returncode == code, err
        assert json.loads(out)["requests"] == len(sample.requests)
        assert rows(tmp_path, "SELECT outcome FROM runs") == [("stopped",)]
        assert rows(tmp_path, "SELECT count(*) FROM frontier WHERE state = 'leased'") == [(0,)]
        held = rows(tmp_path, "SELECT count(*) FROM captures")[0][0]
        assert held == len(sample.requests)


def test_an_overlapping_crawl_ends_with_75(tmp_path: Path) -> None:
    with (
        Sample(latency=0.05) as sample,
        started(command(sample, tmp_path)) as first,
    ):
        wait_for_requests(sample, 3, first)
        second = subprocess.run(
            command(sample, tmp_path), cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert second.returncode == 75
        assert rows(tmp_path, "SELECT count(*) FROM runs") == [(1,)]
