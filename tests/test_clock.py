"""Times of the archive: UTC, whole seconds, one spelling."""

from datetime import UTC, datetime

import pytest

from kontum_crawler import clock


@pytest.mark.parametrize(
    "spelling",
    ["2026-01-31T02:03:04Z", "2026-01-31T09:03:04+07:00", "2026-01-31T02:03:04.987Z"],
)
def test_spellings_of_one_moment_are_written_alike(spelling: str) -> None:
    assert clock.utc(clock.parse_utc(spelling)) == "2026-01-31T02:03:04Z"


def test_fourteen_digits_go_there_and_back() -> None:
    moment = datetime(2019, 2, 28, 23, 59, 1, tzinfo=UTC)
    assert clock.parse_stamp14(clock.stamp14(moment)) == moment


@pytest.mark.parametrize("digits", ["2019", "20190231000000", "2019022823590x", "²0190228235901"])
def test_digits_that_are_no_moment_are_refused(digits: str) -> None:
    with pytest.raises(ValueError, match=r"digits|day|match"):
        clock.parse_stamp14(digits)


def test_later_counts_seconds_over_midnight() -> None:
    assert clock.later("2025-12-31T23:59:59Z", 2) == "2026-01-01T00:00:01Z"
