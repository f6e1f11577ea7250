"""Ingest killed at any moment: run again, it gives the rows of one that was not."""

import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from cabinet import answer, members, record

from kontum_crawler.store.intake.sessions import ingest_files
from kontum_crawler.store.intake.verify import verify

TEXT = "Sáng nay, Ban Quản lý Khu kinh tế tỉnh tổ chức họp báo về kế hoạch năm mới tại thành phố"
ROWS = (
    "SELECT a.slug, a.body, a.version, a.last_seen_at, c.warc_file, c.warc_offset FROM articles a"
    " JOIN captures c ON c.article_id = a.id ORDER BY c.warc_file, c.warc_offset"
)


def capture(serial: int) -> bytes:
    number = serial % 150
    title = f"Họp báo số {number}"
    said = f"<p>{TEXT}, lần thứ {serial}.</p><p>{TEXT}, thêm một lần.</p>"
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{said}</body></html>"
    url = f"http://kkt.kontum.gov.vn/hop-bao-so-{number}.p-{number}.html"
    date = f"2024-{1 + serial // 150:02}-09T08:30:00Z"
    return record(url=url, block=answer(page.encode()), date=date)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "crawl.warc.gz"
    path.write_bytes(members(*(capture(serial) for serial in range(450))))
    return path


@pytest.fixture(scope="module")
def wanted(source: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Any], float]:
    folder = tmp_path_factory.mktemp("wanted")
    before = time.monotonic()
    ingest_files(folder, [source])
    return rows(folder), time.monotonic() - before


def rows(folder: Path) -> list[Any]:
    with sqlite3.connect(folder / "kontum.db") as db:
        return db.execute(ROWS).fetchall()


def killed(folder: Path, source: Path, seconds: float) -> None:
    command = [sys.executable, "-m", "kontum_crawler", "ingest", str(source), "--archive"]
    process = subprocess.Popen([*command, str(folder), "--quiet"], stderr=subprocess.DEVNULL)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()


@pytest.mark.long
@pytest.mark.parametrize("seed", range(12))
def test_a_killed_ingest_run_again_gives_the_same_rows(
    seed: int, source: Path, wanted: tuple[list[Any], float], tmp_path: Path
) -> None:
    dice = random.Random(seed)
    for _ in range(3):
        killed(tmp_path, source, dice.uniform(0.3, 1 + wanted[1]))
    ingest_files(tmp_path, [source])
    assert verify(tmp_path).faults == []
    assert rows(tmp_path) == wanted[0]
