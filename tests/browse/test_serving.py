"""How an archive is served: live beside a writer, immutable, and what `kontum serve` refuses."""

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from browse_client import asker
from click.testing import CliRunner
from scene import Scene

from kontum_crawler.commands.serve import serve
from kontum_crawler.errors import ArchiveError, NewerSchema
from kontum_crawler.store import Archive
from kontum_crawler.store.backup import backup

URL = "http://kkt.kontum.gov.vn/tin-moi.p-77001.html"


@pytest.fixture
def copy(archive: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(archive, tmp_path / "copy"))


def test_pages_are_read_while_a_command_writes_and_show_what_it_committed(copy: Path) -> None:
    ask = asker([copy / "kontum.db"])
    before = ask("/home.json").json()["portals"][0]["articles"]
    with Archive.open(copy, write=True) as opened:
        with opened.transaction():
            Scene(opened).show(URL, "2026-11-01T00:00:00Z", "Tin mới.", title="Tin mới nhất")
            assert ask("/home.json").json()["portals"][0]["articles"] == before
            assert ask("/search?q=kinh").status_code == 200
        assert ask("/home.json").json()["portals"][0]["articles"] == before + 1
        assert ask("/a/kkt/tin-moi").status_code == 200


def test_an_immutable_copy_is_served(archive: Path, tmp_path: Path, rows: Any) -> None:
    with Archive.open(archive) as opened:
        backup(opened.folder, tmp_path / "copy")
    (held,) = (tmp_path / "copy").rglob("kontum.db")
    ask = asker([], immutables=[str(held)])
    wanted = rows("SELECT count(*) n FROM articles")[0]["n"]
    assert ask("/home.json").json()["portals"][0]["articles"] == wanted
    for path in ("/", "/search?q=kinh", "/runs", "/kontum/articles"):
        assert ask(path).status_code == 200


def test_serve_refuses_what_is_no_archive_or_a_newer_one(copy: Path, tmp_path: Path) -> None:
    none = CliRunner().invoke(serve, ["--archive", str(tmp_path)])
    assert isinstance(none.exception, ArchiveError)
    assert str(tmp_path) in str(none.exception)
    with sqlite3.connect(copy / "kontum.db") as db:
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('kontum', 'm999_future', '2030-01-01')"
        )
    newer = CliRunner().invoke(serve, ["--archive", str(copy)])
    assert isinstance(newer.exception, NewerSchema)
    assert str(copy) in str(newer.exception)


def test_a_busy_port_is_named(archive: Path, site: str) -> None:
    port = site.rpartition(":")[2]
    command = [sys.executable, "-m", "kontum_crawler", "serve", "--port", port]
    done = subprocess.run([*command, "--archive", str(archive)], capture_output=True, text=True)
    assert done.returncode == 1
    assert f"127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr
