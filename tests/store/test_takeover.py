"""After a crash, disk and database are brought together before anything else is written."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cabinet import answer, members, record

from kontum_crawler import clock
from kontum_crawler.store import Archive
from kontum_crawler.store.frontier import Link
from kontum_crawler.store.intake.sessions import ingest_files, writing
from kontum_crawler.store.intake.takeover import Repairs, repair, settle
from kontum_crawler.store.intake.verify import verify
from kontum_crawler.warc.records import Exchange, RunInfo
from kontum_crawler.warc.writer import Writer

HOST = "http://kkt.kontum.gov.vn"
TEXT = "Sáng nay, Ban Quản lý Khu kinh tế tỉnh tổ chức họp báo về kế hoạch năm mới tại thành phố"


def address(serial: int) -> str:
    return f"{HOST}/hop-bao-so-{serial}.p-{serial}.html"


def page(serial: int) -> bytes:
    title = f"Họp báo số {serial}"
    said = f"<p>{TEXT}, lần thứ {serial}.</p><p>{TEXT}, thêm một lần.</p>"
    link = f"<a href='{address(serial + 100)}'>Tin khác</a>"
    return (
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{said}{link}</body></html>"
    ).encode()


def killed(folder: Path, serials: range) -> Path:
    """A crawl that wrote its records and died before the database heard of them."""
    with writing(folder, "crawl", create=True) as (archive, run):
        links = [Link(address(serial), "kkt") for serial in serials]
        archive.frontier.offer(links, clock.now())
        info = RunInfo(run.key, run.command, datetime(2026, 1, 1, tzinfo=UTC), ("kkt",))
        with Writer(folder, worker="a", run=info) as writer:
            for serial in serials:
                head, _, body = answer(page(serial)).partition(b"\r\n\r\n")
                at = datetime(2026, 1, 1, 0, serial, tzinfo=UTC)
                made = Exchange(address(serial), b"GET /", head + b"\r\n\r\n", body, at)
                writer.exchange(made).result()
        return folder / writer.files[0]


def repaired(folder: Path) -> Repairs:
    with writing(folder, "crawl") as (archive, run):
        return repair(archive, run)


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with Archive.open(folder) as archive:
        return [tuple(row) for row in archive.db.execute(query)]


def test_captures_that_the_database_lacks_are_taken_over_under_their_own_run(
    tmp_path: Path,
) -> None:
    killed(tmp_path, range(1, 4))
    assert repaired(tmp_path).taken == 3
    found = rows(tmp_path, "SELECT url, run_id, origin, retrieved_at FROM captures ORDER BY id")
    assert found[0] == (address(1), 1, "live", "2026-01-01T00:01:00Z")
    assert rows(tmp_path, "SELECT count(*) FROM articles") == [(3,)]
    assert verify(tmp_path).faults == []


def test_what_was_taken_over_is_not_fetched_again_and_its_links_are_queued(tmp_path: Path) -> None:
    killed(tmp_path, range(1, 3))
    repaired(tmp_path)
    states = dict(rows(tmp_path, "SELECT url, state FROM frontier"))
    assert (states[address(1)], states[address(101)]) == ("done", "queued")


def test_a_second_look_finds_nothing_to_do(tmp_path: Path) -> None:
    killed(tmp_path, range(1, 3))
    repaired(tmp_path)
    assert repaired(tmp_path) == Repairs()


@pytest.mark.parametrize("cut", [1, 9, 200, 700])
def test_a_torn_tail_is_cut_back_and_told(cut: int, tmp_path: Path) -> None:
    path = killed(tmp_path, range(1, 4))
    path.write_bytes(path.read_bytes()[:-cut])
    assert [fault for fault in verify(tmp_path).faults if "cut off" in fault.what]
    found = repaired(tmp_path)
    assert found.cut > 0 and found.taken in (2, 3)
    assert verify(tmp_path).faults == []
    told = rows(tmp_path, "SELECT message FROM problems WHERE stage = 'recovery'")
    assert any("were cut off" in message and path.name in message for (message,) in told)


def test_a_file_in_which_nothing_is_complete_is_removed(tmp_path: Path) -> None:
    path = killed(tmp_path, range(1, 2))
    path.write_bytes(path.read_bytes()[:20])
    repaired(tmp_path)
    assert not path.exists()
    assert verify(tmp_path).faults == []


def test_rows_past_the_end_are_dropped_and_their_addresses_queued_again(tmp_path: Path) -> None:
    path = killed(tmp_path, range(1, 4))
    repaired(tmp_path)
    last = rows(tmp_path, "SELECT max(warc_offset) FROM captures")[0][0]
    path.write_bytes(path.read_bytes()[: last + 50])
    found = repaired(tmp_path)
    assert found.dropped == 1
    assert dict(rows(tmp_path, "SELECT url, state FROM frontier"))[address(3)] == "queued"
    assert rows(tmp_path, "SELECT count(*) FROM articles") == [(2,)]
    assert verify(tmp_path).faults == []


def test_a_settled_file_is_not_read_again(tmp_path: Path) -> None:
    path = killed(tmp_path, range(1, 3))
    with Archive.open(tmp_path, write=True) as archive:
        settle(archive, [f"warc/{path.name}"])
    assert repaired(tmp_path).taken == 0


def test_a_foreign_file_is_never_cut(tmp_path: Path) -> None:
    torn = members(record(block=answer(page(1))), record(block=answer(page(2))))[:-30]
    source = tmp_path / "torn.warc.gz"
    source.write_bytes(torn)
    ingest_files(tmp_path / "archive", [source])
    repaired(tmp_path / "archive")
    assert (tmp_path / "archive" / "warc" / "torn.warc.gz").read_bytes() == torn


def test_the_half_of_a_copy_is_cleared_away(tmp_path: Path) -> None:
    killed(tmp_path, range(1, 2))
    half = tmp_path / "warc" / "other.warc.gz.partial"
    half.write_bytes(b"half")
    repaired(tmp_path)
    assert not half.exists()


def test_a_file_that_a_kill_left_empty_is_removed(tmp_path: Path) -> None:
    held = killed(tmp_path, range(1, 3))
    repaired(tmp_path)
    empty = held.with_name("kontum-20260101000000000-00001-a-000000.warc.gz")
    empty.touch()
    (fault,) = verify(tmp_path).faults
    assert "cut off" in fault.what and "crawl" in fault.remedy
    assert repaired(tmp_path) == Repairs()
    assert not empty.exists()
    assert verify(tmp_path).faults == []


def test_captures_of_a_file_that_a_power_cut_emptied_are_queued_again(tmp_path: Path) -> None:
    held = killed(tmp_path, range(1, 3))
    repaired(tmp_path)
    held.write_bytes(b"")
    assert repaired(tmp_path).dropped == 2
    assert dict(rows(tmp_path, "SELECT url, state FROM frontier"))[address(1)] == "queued"
    assert verify(tmp_path).faults == []
