"""A portal that changes overnight is named with the field, and what is held of it stays."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from operations.stage import STATE, drift_of, own_portal, rows, run

from kontum_crawler.sample import Sample
from kontum_crawler.store.drift import chance, is_unlikely


@pytest.fixture(scope="module")
def sample() -> Iterator[Sample]:
    with Sample() as running:
        yield running


@pytest.fixture(scope="module")
def first_day(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drift") / "archive"
    own_portal(folder)
    run(sample, folder)
    return folder


@pytest.fixture
def archive(first_day: Path, sample: Sample, tmp_path: Path) -> Iterator[Path]:
    yield shutil.copytree(first_day, tmp_path / "archive")
    options = sample.options
    options.rename = options.drop = frozenset()
    options.login_for_all, options.layout, options.day = False, 1, 1
    options.faults.clear()


@pytest.mark.parametrize("field", ["title", "body", "published_at"])
def test_a_renamed_element_names_its_field_and_a_page(
    sample: Sample, archive: Path, field: str
) -> None:
    before = rows(archive, STATE)
    sample.options.rename = frozenset([field])
    outcome = run(sample, archive, full=True)
    told = drift_of(archive, outcome)
    assert outcome.exit_code == 3
    assert [message.split(": ")[:2] for message, _ in told] == [["kkt", field]]
    assert told[0][1].startswith("http://kkt.kontum.gov.vn/")
    assert rows(archive, STATE) == before


@pytest.mark.slow
@pytest.mark.parametrize("field", ["byline", "published_at"])
def test_a_field_that_all_articles_lose_is_no_edit(
    sample: Sample, archive: Path, field: str
) -> None:
    before = rows(archive, STATE)
    sample.options.drop = frozenset([field])
    outcome = run(sample, archive, full=True)
    assert (outcome.exit_code, outcome.counts["articles_edited"]) == (3, 0)
    assert {message.split(": ")[1] for message, _ in drift_of(archive, outcome)} == {field}
    assert rows(archive, STATE) == before
    held = rows(archive, "SELECT count(*) FROM withheld WHERE state = 'drift'")[0][0]
    assert held > 10
    status = subprocess.run(
        [sys.executable, "-m", "kontum_crawler", "status", "--json", "--archive", str(archive)],
        capture_output=True,
        text=True,
        check=True,
    )
    (portal,) = json.loads(status.stdout)["portals"]
    assert field in {found["field"] for found in portal["drift"]}


@pytest.mark.slow
def test_a_second_reading_believes_no_more_than_the_first(sample: Sample, archive: Path) -> None:
    before = rows(archive, STATE)
    sample.options.drop = frozenset(["byline"])
    run(sample, archive, full=True)
    again = [sys.executable, "-m", "kontum_crawler", "reextract", "--archive", str(archive)]
    subprocess.run(again, capture_output=True, check=True)
    assert rows(archive, STATE) == before


@pytest.mark.slow
@pytest.mark.parametrize("field", ["byline", "published_at"])
def test_a_field_that_the_portal_gave_up_is_believed_once_the_keeper_says_so(
    sample: Sample, archive: Path, field: str
) -> None:
    sample.options.drop = frozenset([field])
    run(sample, archive, full=True)
    held = rows(archive, "SELECT count(*) FROM withheld WHERE state = 'drift'")[0][0]
    (archive / "kontum.toml").write_text(f'[portal.kkt]\ndropped = ["{field}"]\n', "utf-8")
    outcome = run(sample, archive, full=True)
    assert drift_of(archive, outcome) == []
    assert rows(archive, "SELECT count(*) FROM withheld") == [(0,)]
    assert rows(archive, f"SELECT count(*) FROM articles WHERE {field} IS NULL")[0][0] >= held


@pytest.mark.slow
def test_articles_that_the_portal_removed_are_gone_once_the_keeper_says_so(
    sample: Sample, archive: Path
) -> None:
    sample.options.faults["*"] = "status:404"
    run(sample, archive, full=True)
    (archive / "kontum.toml").write_text('[portal.kkt]\ndropped = ["article"]\n', "utf-8")
    outcome = run(sample, archive, full=True)
    assert rows(archive, "SELECT count(*) FROM withheld") == [(0,)]
    gone = rows(archive, "SELECT count(*) FROM articles WHERE gone_at IS NOT NULL")[0][0]
    assert (gone, outcome.counts["articles_gone"] > 10) == (outcome.counts["articles_gone"], True)


def test_a_login_page_for_all_touches_nothing(sample: Sample, archive: Path) -> None:
    before = rows(archive, STATE)
    sample.options.login_for_all = True
    outcome = run(sample, archive)
    assert outcome.exit_code == 3
    (told,) = drift_of(archive, outcome)
    assert told[0].startswith("kkt: article: ") and "login" in told[0]
    assert rows(archive, STATE) == before


def test_a_good_night_is_not_blamed_for_the_bad_one_before(sample: Sample, archive: Path) -> None:
    sample.options.login_for_all = True
    assert run(sample, archive, full=True).exit_code == 3
    sample.options.login_for_all = False
    outcome = run(sample, archive, full=True)
    assert drift_of(archive, outcome) == []


def test_what_was_not_believed_is_told_again_the_next_night(sample: Sample, archive: Path) -> None:
    sample.options.drop = frozenset(["byline"])
    assert drift_of(archive, run(sample, archive, full=True))
    again = run(sample, archive, full=True)
    assert {message.split(": ")[1] for message, _ in drift_of(archive, again)} == {"byline"}


@pytest.mark.slow
@pytest.mark.parametrize("status", [404, 410])
def test_a_portal_that_answers_everything_alike_is_not_gone(
    sample: Sample, archive: Path, status: int
) -> None:
    before = rows(archive, STATE)
    sample.options.faults["*"] = f"status:{status}"
    outcome = run(sample, archive, full=True)
    assert (outcome.exit_code, outcome.counts["articles_gone"]) == (3, 0)
    assert rows(archive, STATE) == before


def test_edits_and_removals_of_a_usual_day_are_recorded(sample: Sample, archive: Path) -> None:
    sample.day = 2
    outcome = run(sample, archive, full=True)
    wanted = sample.truth()["expected"]["day2"]
    assert {name: outcome.counts[name] for name in wanted} == wanted
    assert drift_of(archive, outcome) == []
    assert rows(archive, "SELECT count(*) FROM withheld") == [(0,)]


def test_a_new_look_that_is_read_as_well_changes_nothing(sample: Sample, archive: Path) -> None:
    before = rows(archive, STATE)
    sample.options.layout = 2
    outcome = run(sample, archive, full=True)
    assert "body" in {message.split(": ")[1] for message, _ in drift_of(archive, outcome)}
    assert rows(archive, STATE) == before


def test_chance_is_that_of_fishers_exact_test() -> None:
    # A lady tasting tea: 4 of 4 right by chance, 1 in 70.
    assert chance(0, 4, 4, 4) == pytest.approx(1 / 70)
    assert chance(4, 4, 0, 4) == pytest.approx(1)


@pytest.mark.parametrize(
    ("found", "of", "before", "of_before", "alarm"),
    [
        (0, 3, 60, 60, True),
        (0, 2, 60, 60, False),
        (0, 3, 40, 60, False),
        (5, 9, 60, 60, False),
        (55, 60, 60, 60, False),
        (0, 0, 60, 60, False),
        (0, 9, 9, 9, False),
    ],
)
def test_an_alarm_needs_evidence(
    found: int, of: int, before: int, of_before: int, alarm: bool
) -> None:
    assert is_unlikely(found, of, before, of_before) is alarm
