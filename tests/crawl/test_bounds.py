"""A crawl for some days: the others are not stored, in no way of making the archive again."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from crawl.test_portal import rows, run

from kontum_crawler.sample import Sample
from kontum_crawler.store.intake.sessions import ingest_files, reextract_archive

pytestmark = pytest.mark.slow

DAYS = {"since": "2024-09-01", "until": "2025-03-31"}
HELD = "SELECT slug, version, published_at, content_hash FROM articles ORDER BY slug"


@pytest.fixture(scope="module")
def sample() -> Iterator[Sample]:
    with Sample() as running:
        yield running


@pytest.fixture(scope="module")
def bounded(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bounds") / "archive"
    run(sample, folder, requisites=False, **DAYS)
    return folder


@pytest.fixture
def archive(bounded: Path, tmp_path: Path) -> Path:
    return shutil.copytree(bounded, tmp_path / "archive")


def rebuilt(folder: Path) -> list[tuple[str, ...]]:
    """What the articles are once the database is made again from the WARC files."""
    for name in folder.glob("kontum.db*"):
        name.unlink()
    ingest_files(folder, [folder / "warc"])
    return rows(folder, HELD)


def test_a_second_reading_leaves_the_same_days_out(archive: Path) -> None:
    held = rows(archive, HELD)
    again = reextract_archive(archive)
    assert held and (again.changed, rows(archive, HELD)) == (0, held)


def test_a_rebuild_leaves_the_same_days_out(archive: Path) -> None:
    held = rows(archive, HELD)
    assert rebuilt(archive) == held


def test_the_same_days_again_ask_for_little(sample: Sample, archive: Path) -> None:
    sample.forget()
    run(sample, archive, requisites=False, **DAYS)
    assert len(sample.requests) < 30


def test_a_later_crawl_without_days_brings_what_was_left_out(sample: Sample, archive: Path) -> None:
    run(sample, archive, requisites=False)
    held = rows(archive, HELD)
    assert len(held) == len(sample.truth()["days"]["1"]["articles"])
    assert reextract_archive(archive).changed == 0
    assert rebuilt(archive) == held
