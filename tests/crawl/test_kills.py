"""kill -9 at any moment of a crawl loses no address and doubles no article.

Short rounds always; 100 kills over 5,000 articles that change meanwhile with `--long`.
"""

import json
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from kontum_crawler.sample import Churn, Sample, truth

ROOT = Path(__file__).parents[2]
IN_FLIGHT = 4
SOURCES = ("/robots.txt", "/sitemap.xml", "/rss.xml", "gov.vn/", ".com/")
NATIVE_ID = re.compile(r"\.p-(\d+)\.html$")


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


def ended_within(process: subprocess.Popen[str], seconds: float) -> bool:
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    return process.returncode is not None


def wait_for_requests(sample: Sample, number: int, process: subprocess.Popen[str]) -> None:
    """Return once the portal was asked so often, or the process has ended."""
    until = time.monotonic() + 300
    while len(sample.requests) < number and not ended_within(process, 0.002):
        assert time.monotonic() < until


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(folder / "kontum.db") as db:
        return db.execute(query).fetchall()


class Round:
    """Crawls of one archive that are killed at random moments, and what the portal was meanwhile.

    stride: requests between two kills, on average.
    """

    def __init__(self, sample: Sample, folder: Path, *, stride: int, seed: int) -> None:
        self.sample = sample
        self.folder = folder
        self.stride = stride
        self.moments = random.Random(seed)
        self.mornings = [(0.0, sample.day)]
        self.kills = 0

    def kill(self) -> None:
        """Begin a crawl and kill it after some requests, or while it starts."""
        before = len(self.sample.requests)
        with started(command(self.sample, self.folder)) as process:
            if self.moments.random() < 0.1:
                ended_within(process, self.moments.uniform(0.0, 2.0))
            else:
                number = before + self.moments.randint(1, 2 * self.stride)
                wait_for_requests(self.sample, number, process)
                ended_within(process, self.moments.uniform(0.0, 0.1))
            process.send_signal(signal.SIGKILL)
        self.kills += 1

    def change(self) -> None:
        """Let the next day of the portal begin."""
        self.sample.day += 1
        self.mornings.append((time.monotonic(), self.sample.day))

    def finish(self) -> dict[str, Any]:
        """Crawl to the end; returns the counts."""
        done = subprocess.run(
            command(self.sample, self.folder),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in (0, 3), done.stderr
        counts: dict[str, Any] = json.loads(done.stdout)
        return counts

    def repeated(self) -> int:
        """How often what had not changed since was answered with 200 again, sources aside.

        Listings change whenever an article appears, so they count only where none did.
        """
        edits = self.sample.portal.edition.edits
        good: Counter[tuple[str, bool]] = Counter()
        for row in self.sample.requests:
            address = f"{row.host}{row.path}"
            if row.status != 200 or address.endswith(SOURCES):
                continue
            day = max(day for at, day in self.mornings if at <= row.at)
            found = NATIVE_ID.search(row.path)
            if found or row.path.startswith("/upload/") or len(self.mornings) == 1:
                edited_on = edits.get(int(found[1])) if found else None
                good[address, edited_on is not None and edited_on <= day] += 1
        return sum(number - 1 for number in good.values())

    def check(self) -> None:
        """Nothing is lost, nothing doubled, everything as the portal shows it now."""
        held = {
            slug: (body, version)
            for slug, body, version in rows(self.folder, "SELECT slug, body, version FROM articles")
        }
        shown = list(truth.articles(self.sample.portal, self.sample.day))
        names = [each["alternatives"].get("slug", [each["slug"]]) for each in shown]
        assert held.keys() <= {name for each in names for name in each}
        assert rows(self.folder, "SELECT count(*) FROM articles") == [(len(shown),)]
        edits = self.sample.portal.edition.edits
        for each, slugs in zip(shown, names, strict=True):
            body, version = next(held[slug] for slug in slugs if slug in held)
            assert 1 <= version <= each["versions"], slugs
            assert int(each["native_id"]) not in edits or body == each["body"], slugs
        # What failed and is worth another try is queued for a later hour.
        left = "state = 'leased' OR (state = 'queued' AND next_visit_at IS NULL)"
        assert rows(self.folder, f"SELECT url FROM frontier WHERE {left}") == []
        assert rows(self.folder, "SELECT count(*) FROM withheld") == [(0,)]
        verify = [sys.executable, "-m", "kontum_crawler", "verify", "--archive", str(self.folder)]
        checked = subprocess.run(verify, cwd=ROOT, capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr
        assert self.repeated() <= self.kills * IN_FLIGHT


def test_a_crawl_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    with Sample() as sample:
        crawl = Round(sample, tmp_path, stride=30, seed=7)
        for _ in range(3):
            crawl.kill()
        crawl.finish()
        crawl.check()


@pytest.mark.slow
def test_kills_while_the_portal_changes(tmp_path: Path) -> None:
    with Sample(planned=False, churn=Churn(new=2, edited=2, gone=0)) as sample:
        crawl = Round(sample, tmp_path, stride=60, seed=1)
        crawl.kill()
        crawl.change()
        crawl.kill()
        crawl.finish()
        crawl.change()
        assert crawl.finish()["articles_edited"] == 2
        crawl.check()


@pytest.mark.long
def test_a_hundred_kills_over_five_thousand_articles(tmp_path: Path) -> None:
    churn = Churn(new=5, edited=5, gone=0)
    with Sample(articles=5000, planned=False, churn=churn) as sample:
        crawl = Round(sample, tmp_path, stride=60, seed=9)
        for number in range(100):
            if number % 10 == 5:
                crawl.change()
            crawl.kill()
        crawl.finish()
        crawl.finish()
        sys.stderr.write(f"{crawl.kills} kills, {crawl.repeated()} requests repeated\n")
        crawl.check()


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
