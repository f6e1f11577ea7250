"""The search index after changes, rebuilds and VACUUM, each killed in its middle."""

import contextlib
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from bookshelf import add

from kontum_crawler.store import Archive
from kontum_crawler.store.intake.verify import verify
from kontum_crawler.store.search import fts
from kontum_crawler.store.search.finding import search

WORK = """
import sys
from pathlib import Path
from kontum_crawler.store import Archive
from kontum_crawler.store.search import fts, groups
archive = Archive.open(Path(sys.argv[1]), write=True)
db, what, number = archive.db, sys.argv[2], 0
print("ready", flush=True)
while True:
    number += 1
    if what == "vacuum":
        db.execute("VACUUM")
        continue
    with archive.transaction():
        if what == "update":
            db.execute("UPDATE articles SET body = body || ' sửa' || ?", (number,))
        elif what == "delete":
            db.execute("DELETE FROM articles WHERE id % 7 = ?", (number % 7,))
            db.execute(
                "INSERT INTO articles(portal, slug, url, title, body, version, content_hash,"
                " first_seen_at, last_seen_at) SELECT 'kkt', 'n' || value || '-' || ?, '', 'Mới',"
                " 'đường mới', 1, '', '2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z'"
                " FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n"
                " WHERE value < 100) SELECT value FROM n)", (number,))
        elif what == "regroup":
            db.execute("UPDATE articles SET body = body || ' thêm' WHERE id % 3 = 0")
            groups.regroup(db)
        else:
            getattr(fts, what)(db)
"""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("original")
    with Archive.open(folder, create=True) as archive, archive.transaction():
        for n in range(400):
            add(archive.db, {"title": f"Bài {n}", "body": f"Con đường số {n} của xã. " * 20})
    return folder


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("what", ["update", "delete", "rebuild", "optimize", "vacuum", "regroup"])
def test_a_kill_leaves_the_index_as_the_text_is(
    original: Path, tmp_path: Path, what: str, seed: int
) -> None:
    folder = tmp_path / "archive"
    shutil.copytree(original, folder)
    command = [sys.executable, "-c", WORK, str(folder), what]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"ready\n"
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.wait(random.Random(seed).uniform(0.02, 0.4))
        worker.kill()
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
