"""The file: its schema, older and newer ones, full and read-only disks, and stock tools."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from scene import Scene, opened
from sqlite_utils import Database

from kontum_crawler.errors import ArchiveError, ArchiveFull, NewerSchema, OlderSchema
from kontum_crawler.store import Archive, database, migrations

ROOT = Path(__file__).resolve().parent.parent.parent
TIN = "http://kkt.kontum.gov.vn/tin.p-5.html"
CONTRACT = {
    "portals": "key, name, family, base_url",
    "articles": "id, portal, slug, native_id, url, title, lead, body, byline, authors, unit,"
    " source, photo_by, category, tags, published_at, lang, version, content_hash, first_seen_at,"
    " last_seen_at, gone_at",
    "article_urls": "article_id, url, first_seen_at, last_seen_at",
    "article_versions": "article_id, version, title, lead, body, byline, published_at,"
    " content_hash, capture_id, seen_at",
    "captures": "id, url, article_id, run_id, fetched_at, retrieved_at, source_uri, status,"
    " media_type, payload_digest, origin, content_hash, warc_file, warc_offset, warc_length,"
    " revisit_of",
    "attachments": "id, article_id, url, filename, media_type, size, payload_digest, capture_id,"
    " text, text_status",
    "images": "id, article_id, url, caption, credit, capture_id",
    "citations": "id, article_id, field, start, end, quote, doc_type, number, issuer, issuer_code,"
    " issued_on",
    "article_groups": "group_id, article_id, similarity",
    "frontier": "url, portal, kind, state, priority, attempts, lease_until, next_visit_at, etag,"
    " last_modified, discovered_at, found_on",
    "runs": "id, command, started_at, finished_at, outcome, stats",
    "problems": "id, run_id, url, stage, message, at",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An archive with one article, closed."""
    with opened(tmp_path / "archive") as archive:
        Scene(archive).show(TIN, "1", "Sâm Ngọc Linh.")
    return tmp_path / "archive"


@pytest.mark.parametrize("table", CONTRACT)
def test_a_table_has_the_columns_of_the_contract_in_order(folder: Path, table: str) -> None:
    db = sqlite3.connect(folder / "kontum.db")
    columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    assert columns == CONTRACT[table].split(", ")


@pytest.mark.parametrize("table", CONTRACT)
def test_the_page_on_the_schema_lists_each_column_in_order(table: str) -> None:
    page = (ROOT / "docs" / "schema.md").read_text("utf-8")
    section = re.split(r"^### ", page.split(f"### `{table}`")[1], maxsplit=1, flags=re.M)[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.M) == CONTRACT[table].split(", ")


def test_portal_and_slug_are_unique(folder: Path) -> None:
    db = sqlite3.connect(folder / "kontum.db")
    with pytest.raises(sqlite3.IntegrityError):
        db.execute(
            "INSERT INTO articles (portal, slug, url, version, content_hash, first_seen_at,"
            " last_seen_at) VALUES ('kkt', 'tin', 'x', 1, 'x', 'x', 'x')"
        )


def test_stock_sqlite_utils_reads_and_searches_it(folder: Path) -> None:
    db = Database(folder / "kontum.db")
    assert [row["slug"] for row in db["articles"].rows] == ["tin"]
    assert [row["slug"] for row in db["articles"].search("sam ngoc linh")] == ["tin"]
    assert db["article_urls"].foreign_keys[0].other_table == "articles"


def test_no_row_points_nowhere(folder: Path) -> None:
    db = sqlite3.connect(folder / "kontum.db")
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


class TestMigrations:
    @pytest.mark.parametrize("had", range(len(migrations.MIGRATIONS)))
    def test_a_file_of_each_earlier_version_is_brought_up_to_date(
        self, tmp_path: Path, had: int
    ) -> None:
        path = stored(tmp_path, had)
        with Archive.open(tmp_path, write=True, create=True) as archive:
            assert migrations.applied(archive.db) == migrations.names()
            Scene(archive).show(TIN, "1")
        copies = list(tmp_path.glob("kontum.db.before-*"))
        assert len(copies) == (1 if had else 0)
        if had:
            missing = migrations.names()[had]
            assert copies[0].name == f"{path.name}.before-{missing}"
            copy = sqlite3.connect(copies[0])
            assert migrations.applied(copy) == migrations.names()[:had]

    def test_a_command_that_reads_refuses_an_older_file_and_says_which_do(
        self, tmp_path: Path
    ) -> None:
        path = stored(tmp_path, 1)
        before = path.read_bytes()
        with pytest.raises(OlderSchema, match="kontum ingest"):
            Archive.open(tmp_path)
        assert path.read_bytes() == before

    @pytest.mark.parametrize("write", [True, False])
    def test_a_newer_file_is_refused_by_everyone_and_left_alone(
        self, folder: Path, write: bool
    ) -> None:
        path = folder / "kontum.db"
        db = sqlite3.connect(path)
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('kontum', 'm999_sources', 'later')"
        )
        db.commit()
        db.close()
        before = path.read_bytes()
        with pytest.raises(NewerSchema) as refused:
            Archive.open(folder, write=write)
        last = migrations.names()[-1].partition("_")[0]
        assert str(refused.value) == (
            f"{path} was written by a newer kontum_crawler (it has m999_sources, this one ends at"
            f" {last}). Nothing was changed. Install a newer kontum_crawler to open it."
        )
        assert path.read_bytes() == before

    def test_another_program_s_database_is_refused(self, tmp_path: Path) -> None:
        db = sqlite3.connect(tmp_path / "kontum.db")
        db.execute("CREATE TABLE recipes (name)")
        db.close()
        with pytest.raises(ArchiveError, match="none of an archive"):
            Archive.open(tmp_path, write=True)


class TestBadInput:
    def test_a_folder_without_an_archive_is_named(self, tmp_path: Path) -> None:
        for write in (True, False):
            with pytest.raises(ArchiveError, match=str(tmp_path)):
                Archive.open(tmp_path, write=write)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("write", [True, False])
    def test_a_file_that_is_no_database_is_named(self, tmp_path: Path, write: bool) -> None:
        (tmp_path / "kontum.db").write_bytes(b"not a database at all, and long enough" * 40)
        with pytest.raises(ArchiveError, match=r"kontum\.db cannot be read"):
            Archive.open(tmp_path, write=write)

    def test_a_torn_file_is_named(self, folder: Path) -> None:
        path = folder / "kontum.db"
        data = path.read_bytes()
        path.write_bytes(data[:100] + b"\xff" * 4000 + data[4100:])
        with pytest.raises(ArchiveError, match=r"kontum\.db"):
            Archive.open(folder)

    def test_a_full_disk_undoes_the_transaction_and_nothing_else(self, folder: Path) -> None:
        with Archive.open(folder, write=True) as archive:
            pages = archive.db.execute("PRAGMA page_count").fetchone()[0]
            archive.db.execute(f"PRAGMA max_page_count = {pages}")
            scene = Scene(archive)
            scene.place = 1
            with pytest.raises(ArchiveFull, match=r"kontum\.db"), archive.transaction():
                for number in range(100):
                    scene.show(f"http://kkt.kontum.gov.vn/x.p-{100 + number}.html", "2", "x" * 9999)
        with Archive.open(folder) as archive:
            assert Scene(archive).slugs() == ["tin"]


class TestReading:
    def test_reading_goes_on_while_another_process_writes(self, folder: Path) -> None:
        with Archive.open(folder, write=True) as writer, Archive.open(folder) as reader:
            scene = Scene(writer)
            scene.place = 1
            with writer.transaction():
                scene.show("http://kkt.kontum.gov.vn/hai.p-6.html", "1", "Hai.")
                assert Scene(reader).slugs() == ["tin"]
            assert Scene(reader).slugs() == ["hai", "tin"]

    def test_a_reader_cannot_write(self, folder: Path) -> None:
        with (
            Archive.open(folder) as archive,
            pytest.raises(ArchiveError, match="cannot be written"),
            archive.transaction(),
        ):
            archive.db.execute("DELETE FROM articles")

    def test_an_archive_on_a_read_only_disk_is_read(self, folder: Path, tmp_path: Path) -> None:
        with read_only(shutil.copytree(folder, tmp_path / "disk")) as disk:
            with Archive.open(disk) as archive:
                assert Scene(archive).slugs() == ["tin"]
            with pytest.raises(ArchiveError, match="disk"):
                Archive.open(disk, write=True)

    def test_what_a_killed_writer_committed_is_read_there_too(
        self, folder: Path, tmp_path: Path
    ) -> None:
        disk = tmp_path / "disk"
        with Archive.open(folder, write=True) as archive:
            scene = Scene(archive)
            scene.place = 1
            scene.show("http://kkt.kontum.gov.vn/hai.p-6.html", "2", "Hai.")
            shutil.copytree(folder, disk)
        (disk / "kontum.db-shm").unlink()
        assert (disk / "kontum.db-wal").stat().st_size
        with read_only(disk), Archive.open(disk) as archive:
            assert Scene(archive).slugs() == ["hai", "tin"]

    @pytest.mark.skipif(
        os.geteuid() == 0 and shutil.which("setpriv") is None,
        reason="root needs setpriv (util-linux) to be held to the modes of folders",
    )
    def test_an_archive_in_a_folder_of_somebody_else_is_read(self, folder: Path) -> None:
        script = (
            "import sys\n"
            "from pathlib import Path\n"
            "from kontum_crawler.store import Archive\n"
            "folder = Path(sys.argv[1])\n"
            "with Archive.open(folder) as archive:\n"
            "    print(archive.db.execute('SELECT slug FROM articles').fetchall()[0][0])\n"
            "folder.joinpath('new').touch()\n"
        )
        held = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]
        command = [*(held if os.geteuid() == 0 else ()), sys.executable, "-c", script, str(folder)]
        folder.chmod(0o555)
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        finally:
            folder.chmod(0o755)
        assert (done.stdout, "PermissionError" in done.stderr) == ("tin\n", True)


def test_a_killed_writer_leaves_what_was_committed(folder: Path) -> None:
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from kontum_crawler.store import Archive\n"
        "archive = Archive.open(Path(sys.argv[1]), write=True)\n"
        "archive.problem('http://kkt.kontum.gov.vn/a', 'fetch', 'committed')\n"
        "archive.db.execute('BEGIN IMMEDIATE')\n"
        "archive.problem('http://kkt.kontum.gov.vn/b', 'fetch', 'not committed')\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(folder)], check=False)
    with Archive.open(folder) as archive:
        messages = [row[0] for row in archive.db.execute("SELECT message FROM problems")]
    assert messages == ["committed"]


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """The folder as a disk that takes no writes; needs root and a machine that mounts."""
    try:
        subprocess.run(["mount", "--bind", folder, folder], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a read-only disk can be made by root alone, where mounting is allowed")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def stored(folder: Path, had: int) -> Path:
    """A database as the version with the first `had` migrations left it."""
    path = folder / "kontum.db"
    db = sqlite3.connect(path, isolation_level=None)
    db.row_factory = sqlite3.Row
    from sqlite_utils.migrations import Migrations

    known = Migrations(migrations.SET)
    for migration in migrations.MIGRATIONS[:had]:
        known()(migration)
    if had:
        known.apply(Database(db))
    db.close()
    return path


def test_a_connection_waits_for_another_one_to_commit(folder: Path) -> None:
    with Archive.open(folder, write=True) as archive:
        (wait,) = archive.db.execute("PRAGMA busy_timeout").fetchone()
    assert wait == database.WAIT * 1000


def test_making_an_archive_loads_no_pandas(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from kontum_crawler.store import Archive\n"
        "with Archive.open(Path(sys.argv[1]), write=True, create=True): pass\n"
        "sys.exit('pandas' in sys.modules)"
    )
    made = subprocess.run([sys.executable, "-c", script, str(tmp_path / "data")], check=False)
    assert made.returncode == 0
