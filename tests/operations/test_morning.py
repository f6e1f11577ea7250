"""The morning after a portal changed: exit code, status and report, seen from outside."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from operations.stage import STATE, own_portal, rows, run

from kontum_crawler.sample import Sample

pytestmark = pytest.mark.slow

CHANGES: dict[str, tuple[str, dict[str, Any]]] = {
    # what happened: the field that is named, and the options of the sample portal
    "a login page for all": ("article", {"login_for_all": True}),
    "a field that is no longer printed": ("published_at", {"drop": frozenset(["published_at"])}),
    "a renamed element": ("body", {"rename": frozenset(["body"])}),
}


@pytest.fixture(scope="module")
def sample() -> Iterator[Sample]:
    with Sample() as running:
        yield running


@pytest.fixture(scope="module")
def first_days(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An archive whose portal file has selectors, and one whose pages are read without any."""
    made = {}
    for reading in ("selectors", "generic"):
        made[reading] = tmp_path_factory.mktemp("morning") / reading
        if reading == "selectors":
            own_portal(made[reading])
        run(sample, made[reading])
    return made


def called(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kontum_crawler", *words],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("reading", "change"),
    [
        ("selectors", "a login page for all"),
        ("generic", "a login page for all"),
        ("selectors", "a renamed element"),
        ("generic", "a field that is no longer printed"),
    ],
)
def test_exit_status_and_report_name_field_and_portal_and_nothing_is_touched(
    sample: Sample, first_days: dict[str, Path], tmp_path: Path, reading: str, change: str
) -> None:
    archive = shutil.copytree(first_days[reading], tmp_path / "archive")
    field, options = CHANGES[change]
    before = {name: getattr(sample.options, name) for name in options}
    try:
        for name, value in options.items():
            setattr(sample.options, name, value)
        words = ["crawl", "kkt", "--full", "--json", "--no-requisites", "--base-url", sample.base]
        done = called(*words, "--archive", str(archive))
    finally:
        for name, value in before.items():
            setattr(sample.options, name, value)
    assert done.returncode == 3, done.stderr
    counts = json.loads(done.stdout)
    assert (counts["articles_gone"], counts["articles_edited"]) == (0, 0)
    assert rows(archive, STATE) == rows(first_days[reading], STATE)
    status = called("status", "--archive", str(archive)).stdout
    assert f"DRIFT kkt: {field}: " in status
    (report,) = sorted((archive / "reports").glob("*.txt"))[-1:]
    urgent = report.read_text("utf-8").split("COUNTS")[0]
    assert "NEEDS A LOOK" in urgent and f"kkt: {field}: " in urgent
