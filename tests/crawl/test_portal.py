"""Whole crawls of the sample portal over loopback, against its own truth."""

import json
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kontum_crawler.crawl import Outcome, crawl
from kontum_crawler.errors import ArchiveBusy
from kontum_crawler.pipelines.session import Options
from kontum_crawler.portals import get
from kontum_crawler.sample import Sample
from kontum_crawler.store.lock import WriteLock

COUNTS = ("articles_new", "articles_edited", "articles_unchanged", "articles_gone")


def run(sample: Sample, folder: Path, **options: Any) -> Outcome:
    return crawl(folder, [get("kkt")], Options(base_url=sample.base, **options))


def counts(outcome: Outcome) -> dict[str, int]:
    return {name: outcome.counts[name] for name in COUNTS}


def rows(folder: Path, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with sqlite3.connect(folder / "kontum.db") as db:
        return db.execute(query, values).fetchall()


@pytest.fixture(scope="module")
def sample() -> Iterator[Sample]:
    with Sample() as running:
        yield running


@pytest.fixture(scope="module")
def truth(sample: Sample) -> dict[str, Any]:
    return sample.truth()


@pytest.fixture(scope="module")
def first_day(
    sample: Sample, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Outcome, list[Any]]:
    """An archive of the first day: its folder, the run, and what the portal was asked."""
    folder = tmp_path_factory.mktemp("first-day")
    outcome = run(sample, folder)
    return folder, outcome, list(sample.requests)


@pytest.fixture
def archive(first_day: Any, tmp_path: Path) -> Path:
    """A copy of the archive of the first day."""
    return shutil.copytree(first_day[0], tmp_path / "archive")


@pytest.fixture(scope="module")
def two_days(
    sample: Sample, first_day: Any, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Outcome], dict[str, list[Any]]]:
    """An archive of both days: its folder, the four runs, and what the portal was asked in each."""
    folder = shutil.copytree(first_day[0], tmp_path_factory.mktemp("two-days") / "archive")
    runs: dict[str, Outcome] = {"day1": first_day[1]}
    logs: dict[str, list[Any]] = {"day1": first_day[2]}
    for name, day, full in (
        ("day1_again", 1, True),
        ("day2", 2, True),
        ("day2_again", 2, True),
    ):
        sample.day = day
        sample.forget()
        runs[name] = run(sample, folder, full=full)
        logs[name] = list(sample.requests)
    sample.day = 1
    return folder, runs, logs


@pytest.mark.parametrize("name", ["day1", "day1_again", "day2", "day2_again"])
def test_a_run_counts_what_the_truth_says(name: str, two_days: Any, truth: dict[str, Any]) -> None:
    _, runs, _ = two_days
    assert counts(runs[name]) == truth["expected"][name]


def test_a_run_ends_with_3_because_of_the_planted_problems(two_days: Any) -> None:
    _, runs, _ = two_days
    assert [outcome.exit_code for outcome in runs.values()] == [3, 3, 3, 3]


def test_requests_and_bytes_are_those_that_the_server_saw(two_days: Any) -> None:
    _, runs, logs = two_days
    told = {name: outcome.counts["requests"] for name, outcome in runs.items()}
    assert told == {name: len(log) for name, log in logs.items()}
    assert runs["day1"].counts["bytes"] > sum(row.bytes for row in logs["day1"])


def test_each_answer_is_a_capture(two_days: Any) -> None:
    folder, _, logs = two_days
    held = Counter(status for (status,) in rows(folder, "SELECT status FROM captures"))
    assert held == Counter(row.status for log in logs.values() for row in log)


def test_problems_are_the_planted_ones(two_days: Any, truth: dict[str, Any]) -> None:
    folder, runs, _ = two_days
    run_id = runs["day1"].run_id
    told = {url for (url,) in rows(folder, "SELECT url FROM problems WHERE run_id = ?", run_id)}
    wanted = {row["url"] for row in truth["planted"] if row["problem"]}
    allowed = [row["url"] for row in truth["planted"] if row["problem"] is not False]
    assert wanted <= told
    assert [url for url in told if not url.startswith(tuple(allowed))] == []


def test_nothing_is_asked_that_must_not_be(two_days: Any, truth: dict[str, Any]) -> None:
    _, _, logs = two_days
    asked = {f"http://{row.host}{row.path}" for log in logs.values() for row in log}
    assert asked & {row["url"] for row in truth["never_fetched"]} == set()


def test_never_more_than_four_requests_are_in_flight(two_days: Any) -> None:
    _, _, logs = two_days
    assert max(row.in_flight for log in logs.values() for row in log) <= 4


def test_an_article_that_a_link_names_on_a_mirror_has_that_address_too(
    two_days: Any, truth: dict[str, Any]
) -> None:
    folder, _, _ = two_days
    query = "SELECT u.url FROM article_urls u JOIN articles a ON a.id = u.article_id"
    held = {url for (url,) in rows(folder, query)}
    named = {url for each in truth["days"]["1"]["articles"] for url in each["mirror_urls"]}
    assert named and named <= held


def test_the_index_of_captures_is_up_to_date_when_a_crawl_ends(two_days: Any) -> None:
    folder, _, _ = two_days
    lines = (folder / "warc" / "index.cdxj").read_text("utf-8").splitlines()
    held = rows(folder, "SELECT warc_file, warc_offset FROM captures WHERE warc_file IS NOT NULL")
    told = [json.loads(line.split(" ", 2)[2]) for line in lines]
    assert lines == sorted(lines)
    places = {(f"warc/{each['filename']}", int(each["offset"])) for each in told}
    assert places == set(held) and len(lines) == len(held)


def test_a_slug_is_one_row_and_a_mirror_is_none(two_days: Any, truth: dict[str, Any]) -> None:
    folder, _, _ = two_days
    slugs = [slug for (slug,) in rows(folder, "SELECT slug FROM articles")]
    wanted = truth["days"]["2"]["articles"]
    assert len(slugs) == len(set(slugs)) == len(wanted)


def test_pictures_and_style_sheets_are_asked_for_once(two_days: Any) -> None:
    _, _, logs = two_days
    asked = Counter(row.path for row in logs["day1"] if row.path.endswith((".jpg", ".css", ".gif")))
    assert asked and set(asked.values()) == {1}


def test_a_second_run_asks_for_little(sample: Sample, archive: Path) -> None:
    sample.forget()
    again = run(sample, archive)
    assert again.counts["articles_new"] == again.counts["articles_edited"] == 0
    assert len(sample.requests) < 30


def test_a_new_article_is_found_without_looking_at_all(
    sample: Sample, truth: dict[str, Any], archive: Path
) -> None:
    sample.day = 2
    sample.forget()
    try:
        again = run(sample, archive)
    finally:
        sample.day = 1
    assert again.counts["articles_new"] == truth["expected"]["day2"]["articles_new"]
    assert len(sample.requests) < 60


def test_requisites_can_be_left_out(sample: Sample, tmp_path: Path) -> None:
    sample.forget()
    run(sample, tmp_path, requisites=False, limit=5)
    assert [row.path for row in sample.requests if row.path.endswith((".jpg", ".css"))] == []


def test_a_limit_counts_articles(sample: Sample, tmp_path: Path) -> None:
    outcome = run(sample, tmp_path, limit=7)
    assert outcome.counts["articles_new"] == 7
    assert run(sample, tmp_path, limit=7).counts["articles_new"] == 7


def test_days_bound_what_is_stored(sample: Sample, tmp_path: Path) -> None:
    run(sample, tmp_path, since="2024-09-01", until="2025-03-31")
    days = [day for (day,) in rows(tmp_path, "SELECT substr(published_at, 1, 10) FROM articles")]
    assert days and all("2024-09-01" <= day <= "2025-03-31" for day in days)


def test_a_second_writer_is_turned_away(sample: Sample, tmp_path: Path) -> None:
    with WriteLock(tmp_path, "crawl"), pytest.raises(ArchiveBusy):
        run(sample, tmp_path)
    assert not (tmp_path / "kontum.db").exists()


def test_robots_that_fail_close_the_portal(tmp_path: Path) -> None:
    with Sample(faults={"/robots.txt": "status:503"}) as broken:
        outcome = run(broken, tmp_path)
        asked = {row.path for row in broken.requests}
    assert (outcome.exit_code, asked) == (3, {"/robots.txt"})
    assert outcome.counts["problems"] == 1


def test_a_portal_that_wants_a_login_loses_nothing(sample: Sample, archive: Path) -> None:
    before = rows(archive, "SELECT slug, version, gone_at FROM articles ORDER BY slug")
    sample.options.login_for_all = True
    try:
        outcome = run(sample, archive, full=True)
    finally:
        sample.options.login_for_all = False
    assert outcome.exit_code == 3
    assert rows(archive, "SELECT slug, version, gone_at FROM articles ORDER BY slug") == before


def test_a_run_leaves_its_story(sample: Sample, tmp_path: Path) -> None:
    outcome = run(sample, tmp_path, limit=3)
    told = rows(tmp_path, "SELECT command, outcome, stats FROM runs")
    assert [(command, ended) for command, ended, _ in told] == [
        ("crawl kkt", "problems" if outcome.counts["problems"] else "done")
    ]
    assert json.loads(told[0][2]) == outcome.counts
