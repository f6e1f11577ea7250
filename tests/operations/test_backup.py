"""A backup that is made while a crawl writes is whole, and can be used as an archive."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from operations.stage import rows, run

from kontum_crawler.sample import Sample
from kontum_crawler.store.backup import backup
from kontum_crawler.store.intake.sessions import ingest_files
from kontum_crawler.store.intake.verify import verify

pytestmark = pytest.mark.slow

ARTICLES = "SELECT slug, version, content_hash FROM articles ORDER BY slug"


def waited(sample: Sample, number: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while len(sample.requests) < number and process.poll() is None:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_copies_made_in_the_middle_of_a_crawl_are_whole_and_go_on_by_themselves(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "archive"
    with Sample(articles=60, latency=0.01) as sample:
        words = ["crawl", "kkt", "--base-url", sample.base, "--archive", str(folder)]
        process = subprocess.Popen([sys.executable, "-m", "kontum_crawler", *words])
        copies = []
        try:
            for number in (25, 60):
                waited(sample, number, process)
                copies.append(tmp_path / f"copy-{number}")
                backup(folder, copies[-1])
        finally:
            process.wait(timeout=300)
        whole = rows(folder, ARTICLES)
        for copy in copies:
            assert verify(copy).faults == []
            held = rows(copy, ARTICLES)
            assert set(held) <= set(whole)
        # Restored, it goes on where the copy was made; made again from its files, it is the same.
        restored = shutil.copytree(copies[0], tmp_path / "restored")
        run(sample, restored)
        # Which of two twins has the plain slug, the order of their captures says.
        texts = [sorted(row[1:] for row in some) for some in (rows(restored, ARTICLES), whole)]
        assert texts[0] == texts[1]
        whole = rows(restored, ARTICLES)
        for name in restored.glob("kontum.db*"):
            name.unlink()
        ingest_files(restored, [restored / "warc"])
        assert rows(restored, ARTICLES) == whole
        assert verify(restored).faults == []


def test_edits_that_a_killed_run_held_back_are_decided_by_the_next_one(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    with Sample(articles=40) as sample:
        run(sample, folder)
        sample.day = 2
        sample.forget()
        sample.options.latency = 0.02
        words = ["crawl", "kkt", "--full", "--base-url", sample.base, "--archive", str(folder)]
        process = subprocess.Popen([sys.executable, "-m", "kontum_crawler", *words])
        until = time.monotonic() + 120
        held = 0
        while not held and process.poll() is None and time.monotonic() < until:
            held = rows(folder, "SELECT count(*) FROM withheld")[0][0]
        process.send_signal(signal.SIGKILL)
        process.wait()
        sample.options.latency = 0.0
        assert held, "the run was over before anything was held back"
        assert rows(folder, "SELECT count(*) FROM articles WHERE version > 1") == [(0,)]
        run(sample, folder, full=True)
        wanted = sample.truth()["expected"]
        edited = rows(folder, "SELECT count(*) FROM articles WHERE version > 1")[0][0]
        gone = rows(folder, "SELECT count(*) FROM articles WHERE gone_at IS NOT NULL")[0][0]
    assert edited == wanted["day2"]["articles_edited"]
    # A soft 404 that the killed run had seen as well is proven by the second one.
    first = wanted["day2"]["articles_gone"]
    assert first <= gone <= first + wanted["day2_again"]["articles_gone"]
    assert rows(folder, "SELECT count(*) FROM withheld") == [(0,)]
    assert verify(folder).faults == []
