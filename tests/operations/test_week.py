"""A week of nights: edits, removals, a day offline, a kill; the archive then is the portal's truth.

The clock is not turned: the times of the queue are moved back by a day each night instead.
"""

import signal
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from operations.stage import drift_of, own_portal, rows, run

from kontum_crawler import clock
from kontum_crawler.sample import Churn, Sample

pytestmark = pytest.mark.long
DUE = "SELECT url, next_visit_at FROM frontier WHERE next_visit_at IS NOT NULL"


def sleep_a_day(folder: Path) -> None:
    with sqlite3.connect(folder / "kontum.db") as db:
        for url, moment in db.execute(DUE).fetchall():
            earlier = clock.utc(clock.parse_utc(moment) - timedelta(days=1))
            db.execute("UPDATE frontier SET next_visit_at = ? WHERE url = ?", (earlier, url))


def killed_night(sample: Sample, folder: Path) -> None:
    sample.forget()
    words = ["crawl", "kkt", "--base-url", sample.base, "--archive", str(folder)]
    process = subprocess.Popen([sys.executable, "-m", "kontum_crawler", *words])
    until = time.monotonic() + 60
    while len(sample.requests) < 9 and process.poll() is None and time.monotonic() < until:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_a_week_ends_with_the_truth(tmp_path: Path) -> None:
    own_portal(tmp_path)
    with Sample(articles=60, planned=False, churn=Churn(new=2, edited=1, gone=1)) as sample:
        run(sample, tmp_path)
        alarms = []
        for day in range(2, 8):
            sample.day = day
            sleep_a_day(tmp_path)
            sample.options.faults = {"*": "status:503"} if day == 4 else {}
            if day == 5:
                killed_night(sample, tmp_path)
            outcome = run(sample, tmp_path, full=day == 7)
            alarms += drift_of(tmp_path, outcome)
        truth = sample.truth(days=7)["days"]["7"]["articles"]
        wanted = sorted((row["slug"], row["state"] == "live") for row in truth)
        # A twin is held under the slug of both with its own number.
        query = "SELECT slug, gone_at IS NULL FROM articles"
        held = sorted((slug.partition("~")[0], bool(live)) for slug, live in rows(tmp_path, query))
        # An article that appeared and was edited while the portal was not looked at has one text.
        edited = rows(tmp_path, "SELECT count(*) FROM articles WHERE version = 2")[0][0]
        assert held == wanted
        assert edited == 6
        assert alarms == []
        assert rows(tmp_path, "SELECT count(*) FROM withheld") == [(0,)]
