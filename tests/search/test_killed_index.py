"""The search index after changes, rebuilds and VACUUM, each killed in its middle."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from bookshelf import add

from kontum_crawler.store import Archive
from kontum_crawler.store.intake.verify import verify
from kontum_crawler.store.search import fts
from kontum_crawler.store.search.finding import search

WORK = """
import os, signal, sys
from pathlib import Path
from kontum_crawler.store import Archive
from kontum_crawler.store.search import fts, groups
archive = Archive.open(Path(sys.argv[1]), write=True)
db, what, last = archive.db, sys.argv[2], int(sys.argv[3])
steps = 0

def step():
    global steps
    steps += 1
    if steps == last:
        os.kill(os.getpid(), signal.SIGKILL)

def work():
    if what == "vacuum":
        db.execute("VACUUM")
        return
    if what == "check":
        assert fts.check(db) == []
        return
    with archive.transaction():
        if what == "update":
            db.execute("UPDATE articles SET body = body || ' sửa'")
        elif what == "delete":
            db.execute("DELETE FROM articles WHERE id % 7 = 3")
        elif what == "insert":
            db.execute(
                "INSERT INTO articles(portal, slug, url, title, body, version, content_hash,"
                " first_seen_at, last_seen_at) SELECT 'kkt', 'n' || value, '', 'Mới',"
                " 'đường mới', 1, '', '2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z'"
                " FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n"
                " WHERE value < 100) SELECT value FROM n)")
        elif what == "regroup":
            db.execute("UPDATE articles SET body = body || ' thêm' WHERE id % 3 = 0")
            groups.regroup(db)
        else:
            getattr(fts, what)(db)

db.set_progress_handler(step, 10)
work()
print(steps)
"""
"""Kills itself amid its work, after so many steps of SQLite's machine; with 0 it counts them."""

WORKS = ("insert", "update", "delete", "rebuild", "optimize", "check", "vacuum", "regroup")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("original")
    with Archive.open(folder, create=True) as archive, archive.transaction():
        for n in range(150):
            add(archive.db, {"title": f"Bài {n}", "body": f"Con đường số {n} của xã. " * 20})
    return folder


def worker(original: Path, folder: Path, what: str, last: int) -> subprocess.CompletedProcess[str]:
    shutil.copytree(original, folder)
    command = [sys.executable, "-c", WORK, str(folder), what, str(last)]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture(scope="module")
def steps(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], int]:
    """How many steps a work takes from beginning to end."""

    @cache
    def counted(what: str) -> int:
        done = worker(original, tmp_path_factory.mktemp("whole") / "archive", what, 0)
        assert done.returncode == 0, done.stderr
        return int(done.stdout)

    return counted


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
@pytest.mark.parametrize("share", [0.3, 0.9])
@pytest.mark.parametrize("what", WORKS)
def test_a_kill_leaves_the_index_as_the_text_is(
    original: Path, tmp_path: Path, steps: Callable[[str], int], what: str, share: float
) -> None:
    folder = tmp_path / "archive"
    assert steps(what) > 3
    done = worker(original, folder, what, max(1, int(steps(what) * share)))
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr
    with Archive.open(folder, write=True) as archive:
        assert fts.check(archive.db) == []
        assert archive.db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        rows = archive.db.execute("SELECT id FROM articles WHERE body LIKE '%đường%'").fetchall()
        hits = search(archive.db, "đường", limit=None)
        assert {hit.article["id"] for hit in hits} == {row["id"] for row in rows}
    assert index_faults(folder) == []


def test_verify_says_that_the_index_differs_from_the_text(original: Path, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    shutil.copytree(original, folder)
    with Archive.open(folder, write=True) as archive:
        archive.db.execute("DROP TRIGGER articles_fts_au")
        archive.db.execute("UPDATE articles SET body = 'khác' WHERE id = 3")
    assert index_faults(folder)


def index_faults(folder: Path) -> list[str]:
    """What `kontum verify` says of the index; that these articles have no captures is left out."""
    return [line for line in map(str, verify(folder).faults) if "_fts" in line]
