"""Kept captures through another extractor: rows follow, losses are told first, twice is once."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from cabinet import answer, members, record
from click.testing import CliRunner

from kontum_crawler.commands.ingest import reextract as command
from kontum_crawler.store.identity.rereading import FieldChange
from kontum_crawler.store.intake.sessions import ingest_files, reextract_archive
from kontum_crawler.store.intake.verify import verify

HOST = "http://kkt.kontum.gov.vn"
TEXT = "Sáng nay, Ban Quản lý Khu kinh tế tỉnh tổ chức họp báo về kế hoạch năm mới tại thành phố"
ROWS = (
    "SELECT slug, url, title, lead, body, version, content_hash, first_seen_at, last_seen_at"
    " FROM articles ORDER BY slug"
)


def article(serial: int, date: str = "2024-05-09T08:30:00Z", more: str = "") -> bytes:
    title = f"Họp báo số {serial}"
    said = f"<p>{TEXT}, lần thứ {serial}.{more}</p><p>{TEXT}, thêm một lần.</p>"
    page = f"<html><head><title>Trang tin: {title}</title></head><body>"
    page += (
        f"<h1>{title}</h1><div id='all'>{said}</div><div id='short'>Tin vắn.</div></body></html>"
    )
    url = f"{HOST}/hop-bao-so-{serial}.p-{serial}.html"
    return record(url=url, block=answer(page.encode()), date=date)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    source = tmp_path / "a.warc.gz"
    edited = article(1, "2024-06-01T00:00:00Z", " Đã sửa.")
    source.write_bytes(members(article(1), article(2), article(3), edited))
    ingest_files(tmp_path / "archive", [source])
    return tmp_path / "archive"


def rows(folder: Path, query: str = ROWS) -> list[tuple[Any, ...]]:
    with sqlite3.connect(folder / "kontum.db") as db:
        return db.execute(query).fetchall()


def older(folder: Path, change: str) -> None:
    """As if another extractor had read the pages: each saying is changed, and the rows with it."""
    portals = folder / "portals"
    portals.mkdir(exist_ok=True)
    (portals / "kkt.toml").write_text(change, "utf-8")


OTHER_TITLE = """
key = "kkt"
name = "Ban Quản lý Khu kinh tế"
family = "kkt"
hosts = ["kkt.kontum.gov.vn"]
[[layout]]
title = ["title"]
body = ["#all"]
"""


def test_reading_again_with_the_same_extractor_changes_nothing(archive: Path) -> None:
    before = rows(archive)
    done = reextract_archive(archive)
    assert (done.changed, done.changes, rows(archive)) == (0, [], before)


def test_rows_follow_the_extractor_and_are_those_of_a_fresh_ingest(
    archive: Path, tmp_path: Path
) -> None:
    older(archive, OTHER_TITLE)
    done = reextract_archive(archive)
    fresh = tmp_path / "fresh"
    older_copy = fresh / "portals"
    older_copy.mkdir(parents=True)
    (older_copy / "kkt.toml").write_text(OTHER_TITLE, "utf-8")
    ingest_files(fresh, [tmp_path / "a.warc.gz"])
    assert done.changed == 4
    assert rows(archive) == rows(fresh)
    assert verify(archive).faults == []


def test_a_second_run_changes_nothing(archive: Path) -> None:
    older(archive, OTHER_TITLE)
    reextract_archive(archive)
    assert reextract_archive(archive).changed == 0


def test_a_dry_run_tells_the_same_and_changes_nothing(archive: Path) -> None:
    before = rows(archive)
    older(archive, OTHER_TITLE)
    tried = reextract_archive(archive, dry_run=True)
    assert rows(archive) == before
    assert tried.by_field() == reextract_archive(archive).by_field()


def test_a_lost_body_is_shown_before_it_replaces_anything(archive: Path) -> None:
    before = rows(archive)
    older(archive, OTHER_TITLE.replace("#all", "#short"))
    seen: list[tuple[list[FieldChange], list[tuple[Any, ...]]]] = []
    reextract_archive(archive, shown=lambda worse: seen.append((worse, rows(archive))))
    ((worse, then),) = seen
    assert then == before
    assert {change.field for change in worse} == {"body"}
    assert len(worse) == 3


def test_a_capture_that_cannot_be_read_stays_and_is_a_problem(archive: Path) -> None:
    path = archive / "warc" / "a.warc.gz"
    data = bytearray(path.read_bytes())
    data[150] ^= 0xFF
    path.write_bytes(bytes(data))
    before = rows(archive)
    done = reextract_archive(archive)
    assert (len(done.unreadable), rows(archive)) == (1, before)
    assert rows(archive, "SELECT stage FROM problems") == [("reextract",)]


def test_the_command_prints_fields_by_portal(archive: Path) -> None:
    older(archive, OTHER_TITLE)
    arguments = ["--archive", str(archive), "--json", "--diff", "--dry-run"]
    done = CliRunner().invoke(command, arguments, standalone_mode=False)
    said = json.loads(done.stdout)
    assert said["dry_run"] and said["changed"] == 4
    assert set(said["fields"]) == {"kkt"}
    assert sum(said["fields"]["kkt"].values()) == len(said["changes"])
