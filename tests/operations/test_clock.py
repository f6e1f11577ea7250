"""A clock that jumps, in a run or between two, loses nothing, doubles nothing, and asks no more."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from operations.stage import rows, run

from kontum_crawler import clock
from kontum_crawler.sample import Sample
from kontum_crawler.store.intake.verify import verify

pytestmark = pytest.mark.slow

REAL = clock.now


def jumping(after: int, hours: float) -> Callable[[], datetime]:
    """A clock that jumps once it was looked at so often."""
    looks = 0

    def now() -> datetime:
        nonlocal looks
        looks += 1
        return REAL() + timedelta(hours=hours if looks > after else 0)

    return now


@pytest.mark.parametrize(("hours", "after"), [(-26, 20), (-1, 90), (1, 20), (26, 90)])
def test_a_jump_in_a_run_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int, after: int
) -> None:
    with Sample(articles=15) as sample:
        monkeypatch.setattr(clock, "now", jumping(after, hours))
        run(sample, tmp_path)
        monkeypatch.undo()
        wanted = len(sample.truth()["days"]["1"]["articles"])
        asked = Counter(row.host + row.path for row in sample.requests if row.status == 200)
    assert rows(tmp_path, "SELECT count(*), max(version) FROM articles") == [(wanted, 1)]
    assert rows(tmp_path, "SELECT count(*) FROM frontier WHERE state = 'leased'") == [(0,)]
    assert set(asked.values()) == {1}
    assert verify(tmp_path).faults == []


@pytest.mark.parametrize("hours", [-26, 26])
def test_a_jump_between_two_runs_finds_what_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    with Sample(articles=15) as sample:
        monkeypatch.setattr(clock, "now", jumping(0, hours))
        run(sample, tmp_path)
        monkeypatch.undo()
        sample.day = 2
        again = run(sample, tmp_path)
        new = sample.truth()["expected"]["day2"]["articles_new"]
    assert again.counts["articles_new"] == new
    slugs = rows(tmp_path, "SELECT count(*), count(DISTINCT slug) FROM articles")[0]
    assert slugs[0] == slugs[1]
    assert verify(tmp_path).faults == []
