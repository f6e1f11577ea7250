"""A host that failed last night is asked one thing, and left alone for longer each time."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from operations.nights import sleep
from operations.stage import rows, run

from kontum_crawler.sample import Sample
from kontum_crawler.store import Archive

pytestmark = pytest.mark.slow

HOST = "kkt.kontum.gov.vn"
OPEN = "SELECT runs, reason, dead FROM host_breakers WHERE host = ?"


@pytest.fixture(scope="module")
def sample() -> Iterator[Sample]:
    with Sample(articles=20) as running:
        yield running


@pytest.fixture(scope="module")
def first_day(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("breaker") / "archive"
    run(sample, folder)
    return folder


@pytest.fixture
def archive(first_day: Path, sample: Sample, tmp_path: Path) -> Iterator[Path]:
    folder = shutil.copytree(first_day, tmp_path / "archive")
    (folder / "kontum.toml").write_text("[limits]\nrests = [0, 6, 24]\n", "utf-8")
    yield folder
    sample.options.faults.clear()


def night(sample: Sample, folder: Path, fault: str | None = None, **options: Any) -> list[str]:
    """One run; the addresses that the portal was asked for, in order."""
    sample.options.faults.clear()
    if fault:
        sample.options.faults["*"] = fault
    sample.forget()
    run(sample, folder, **options)
    return [row.path for row in sample.requests]


def status(folder: Path) -> dict[str, Any]:
    words = ["status", "--json", "--archive", str(folder)]
    command = [sys.executable, "-m", "kontum_crawler", *words]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    (portal,) = json.loads(told.stdout)["portals"]
    return dict(portal)


def test_the_rest_of_a_host_that_fails_grows_until_it_answers(
    sample: Sample, archive: Path
) -> None:
    full = night(sample, archive, "status:503", full=True)
    assert rows(archive, OPEN, HOST) == [(1, "12 requests in a row failed", 0)]
    assert len({path for path in full if path != "/robots.txt"}) < 20
    # The next night begins with one question, tried three times, and ends with it.
    asked = night(sample, archive, "status:503")
    assert len(set(asked) - {"/robots.txt"}) == 1 and len(asked) == 4
    assert rows(archive, OPEN, HOST) == [(2, "it failed again", 0)]
    # Before the rest is over nothing is asked, not even for robots.txt.
    assert night(sample, archive, "status:503") == []
    told = status(archive)["left_alone"]
    assert {each["host"]: each["runs"] for each in told}[HOST] == 2
    message = rows(archive, "SELECT message FROM problems ORDER BY id DESC LIMIT 1")[0][0]
    assert message.startswith(f"{HOST}: left alone until ")
    # Then one question is answered, and the night is like any other.
    sleep(archive, hours=7)
    assert len(night(sample, archive)) > 3
    assert rows(archive, OPEN, HOST) == []
    assert HOST not in {each["host"] for each in status(archive)["left_alone"]}


def test_one_thing_is_asked_at_a_time_until_a_host_has_answered(
    sample: Sample, archive: Path
) -> None:
    night(sample, archive, "status:500", full=True)
    sample.options.latency = 0.02
    try:
        night(sample, archive, full=True)
    finally:
        sample.options.latency = 0.0
    # robots.txt, then the question; from its answer on, as many as are allowed.
    flights = [row.in_flight for row in sorted(sample.requests, key=lambda row: row.at)]
    assert flights[:2] == [1, 1] and max(flights) > 1


def test_what_is_asked_by_name_or_in_full_does_not_wait(sample: Sample, archive: Path) -> None:
    for _ in range(2):
        night(sample, archive, "reset", full=True)
    assert night(sample, archive) == []
    assert len(night(sample, archive, full=True)) > 20
    assert rows(archive, OPEN, HOST) == []


def test_a_night_in_which_each_of_a_few_requests_fails_counts_too(
    sample: Sample, archive: Path
) -> None:
    night(sample, archive, "status:500")
    assert rows(archive, OPEN, HOST) == [(1, "each request failed", 0)]


def test_a_wall_of_403_is_a_host_that_shuts_us_out(sample: Sample, archive: Path) -> None:
    night(sample, archive, "status:403", full=True)
    assert rows(archive, OPEN, HOST)[0][0] == 1


def test_a_pause_that_the_server_asks_for_is_kept_over_runs(sample: Sample, archive: Path) -> None:
    asked = night(sample, archive, "retry:7200", full=True)
    assert len(set(asked)) <= 6
    assert night(sample, archive) == []
    sleep(archive, hours=2.1)
    assert len(night(sample, archive)) > 3


def test_robots_that_fail_are_the_question_of_the_next_night(sample: Sample, archive: Path) -> None:
    for _ in range(2):
        sample.options.faults = {"/robots.txt": "status:503"}
        sample.forget()
        run(sample, archive)
        assert {row.path for row in sample.requests} == {"/robots.txt"}
    assert rows(archive, OPEN, HOST)[0][0] == 2
    assert night(sample, archive) == []
    sleep(archive, hours=7)
    assert len(night(sample, archive)) > 3


def test_a_clock_that_was_set_back_keeps_nobody_waiting(sample: Sample, archive: Path) -> None:
    for _ in range(3):
        night(sample, archive, "status:503", full=True)
    sleep(archive, hours=-48)  # what was noted lies two days ahead now
    assert len(night(sample, archive)) > 3


def test_each_run_in_a_row_makes_the_rest_longer(tmp_path: Path) -> None:
    from kontum_crawler import clock

    now = clock.parse_utc("2026-01-10T02:00:00Z")
    with Archive.open(tmp_path, write=True, create=True) as opened:
        told = [opened.breakers.open("a.vn", "a", "fails", now) for _ in range(6)]
    hours = [(clock.parse_utc(each.rests_until) - now).total_seconds() / 3600 for each in told]
    assert hours == [0, 6, 24, 72, 168, 168]
