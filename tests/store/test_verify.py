"""Each planted fault is named with file, offset or address; a sound archive has none."""

import gzip
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cabinet import answer, members, record
from click.testing import CliRunner
from sqlite_utils import Database

from kontum_crawler.commands.verify import verify as command
from kontum_crawler.items import Capture
from kontum_crawler.store import Archive
from kontum_crawler.store.intake.answering import Answerer, Job
from kontum_crawler.store.intake.originals import original_id
from kontum_crawler.store.intake.sessions import ingest_files, reextract_archive, writing
from kontum_crawler.store.intake.verify import verify
from kontum_crawler.store.search import fts
from kontum_crawler.warc.compose import encode, parse_warc_fields
from kontum_crawler.warc.member import compress
from kontum_crawler.warc.reader import records
from kontum_crawler.warc.records import Exchange, Record, RunInfo
from kontum_crawler.warc.writer import Writer

HOST = "http://kkt.kontum.gov.vn"
TEXT = "Sáng nay, Ban Quản lý Khu kinh tế tỉnh tổ chức họp báo về kế hoạch năm mới tại thành phố"


def page(serial: int) -> bytes:
    title = f"Họp báo số {serial}"
    said = f"<p>{TEXT}, lần thứ {serial}.</p><p>Căn cứ Kế hoạch số 1600/KH-UBND của tỉnh.</p>"
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{said}</body>".encode()


def crawled(folder: Path) -> None:
    """Three articles, the first one seen twice, as a crawl keeps them."""
    with writing(folder, "crawl", create=True) as (archive, run):
        info = RunInfo(run.key, run.command, datetime(2026, 1, 1, tzinfo=UTC))
        with Writer(folder, worker="a", run=info) as writer:
            for turn, serial in enumerate((1, 2, 3, 1)):
                url = f"{HOST}/hop-bao-so-{serial}.p-{serial}.html"
                head, _, body = answer(page(serial)).partition(b"\r\n\r\n")
                at = datetime(2026, 1, 1, 0, turn, tzinfo=UTC)
                exchange = Exchange(url, b"GET / HTTP/1.1\r\n\r\n", head + b"\r\n\r\n", body, at)
                made = writer.exchange(exchange).result()
                found = original_id(archive.db, made.repeats) if made.repeats else None
                capture = Capture(
                    url=url,
                    fetched_at=f"2026-01-01T00:0{turn}:00Z",
                    retrieved_at=f"2026-01-01T00:0{turn}:00Z",
                    status=made.status,
                    media_type=made.media_type,
                    payload_digest=made.payload_digest,
                    warc_file=made.place.file,
                    warc_offset=made.place.offset,
                    warc_length=made.place.length,
                    run_id=run.id,
                    revisit_of=found,
                )
                said = Answerer(folder, 1).one(Job(url, exchange.head, body)).answer
                archive.record(capture, said, run.key)
        archive.end_run(run, "done")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound") / "archive"
    crawled(folder)
    other = folder.parent / "other.warc.gz"
    block = answer(page(9))
    other.write_bytes(members(record(url=f"{HOST}/hop-bao-so-9.p-9.html", block=block)))
    ingest_files(folder, [other])
    return folder


@pytest.fixture
def archive(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "archive"))


def ours(folder: Path) -> Path:
    """The file of the crawl: the largest of ours."""
    found = (path for path in (folder / "warc").glob("kontum-*"))
    return max(found, key=lambda path: path.stat().st_size)


def sql(folder: Path, *statements: str) -> None:
    db = sqlite3.connect(folder / "kontum.db")
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()


def rewritten(
    folder: Path, change: Callable[[Record], tuple[list[tuple[str, str]], bytes]]
) -> None:
    """Write the crawl's file anew, its records changed, and let the rows follow."""
    path = ours(folder)
    parts: list[bytes] = []
    moves: list[tuple[int, int, int]] = []
    for item in list(records(path)):
        assert isinstance(item, Record)
        fields, block = change(item)
        kept = [pair for pair in fields if pair[0] != "Content-Length"]
        parts.append(compress(encode(kept, block)))
        moves.append((sum(map(len, parts[:-1])), len(parts[-1]), item.offset))
    path.write_bytes(b"".join(parts))
    with sqlite3.connect(folder / "kontum.db") as db:
        name = f"warc/{path.name}"
        db.executemany(
            "UPDATE captures SET warc_offset = -1 - ?, warc_length = ?"
            f" WHERE warc_offset = ? AND warc_file = '{name}'",
            moves,
        )
        db.execute("UPDATE captures SET warc_offset = -1 - warc_offset WHERE warc_offset < 0")


def test_a_sound_archive_has_no_fault(sound: Path) -> None:
    report = verify(sound)
    assert report.faults == []
    assert (report.captures, report.articles, report.files) == (5, 4, 3)


def torn_tail(folder: Path) -> None:
    path = ours(folder)
    path.write_bytes(path.read_bytes()[:-9])


def flipped_byte(folder: Path) -> None:
    path = ours(folder)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def file_gone(folder: Path) -> None:
    ours(folder).unlink()


def foreign_file_changed(folder: Path) -> None:
    path = folder / "warc" / "other.warc.gz"
    path.write_bytes(members(record(url=f"{HOST}/hop-bao-so-9.p-9.html", block=answer(page(8)))))


def foreign_field_changed(folder: Path) -> None:
    path = folder / "warc" / "other.warc.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), 1, mtime=7))


def block_changed(folder: Path) -> None:
    rewritten(
        folder, lambda one: (one.fields, one.block.replace("lần thứ 2".encode(), b"lan thu 22"))
    )


def payload_digest_wrong(folder: Path) -> None:
    def change(one: Record) -> tuple[list[tuple[str, str]], bytes]:
        wrong = [
            (name, "sha1:" + "A" * 32 if name == "WARC-Payload-Digest" else value)
            for name, value in one.fields
        ]
        return (wrong if one.type == "response" else one.fields), one.block

    rewritten(folder, change)


def revisit_without_reference(folder: Path) -> None:
    rewritten(
        folder,
        lambda one: (
            [pair for pair in one.fields if pair[0] != "WARC-Refers-To-Date"],
            one.block,
        ),
    )


def no_warcinfo(folder: Path) -> None:
    path = ours(folder)
    first = next(records(path))
    assert isinstance(first, Record)
    path.write_bytes(path.read_bytes()[first.length :])
    sql(folder, f"UPDATE captures SET warc_offset = warc_offset - {first.length}")


def zeros_behind(folder: Path) -> None:
    with ours(folder).open("ab") as file:
        file.write(bytes(20))


def last_records_cut(folder: Path) -> None:
    path = ours(folder)
    last = [one for one in records(path) if isinstance(one, Record)][-1]
    path.write_bytes(path.read_bytes()[: last.offset])


def gzip_time_flipped(folder: Path) -> None:
    path = ours(folder)
    data = bytearray(path.read_bytes())
    data[5] ^= 1
    path.write_bytes(data)


FAULTS: dict[Callable[[Path], None], str] = {
    torn_tail: "the gzip member is cut off",
    flipped_byte: "the gzip member is broken",
    file_gone: "the file is missing",
    foreign_file_changed: "payload_digest",
    foreign_field_changed: "not those that came in",
    block_changed: "the block does not match its digest",
    payload_digest_wrong: "the payload does not match its digest",
    revisit_without_reference: "the revisit has no WARC-Refers-To-Date",
    zeros_behind: "there are zeros",
    last_records_cut: "are missing at its end",
    gzip_time_flipped: "the head of the gzip member is not ours",
    no_warcinfo: "does not begin with a warcinfo record",
}
ROWS = {
    "UPDATE captures SET warc_offset = warc_offset + 1 WHERE id = 1": "no record begins where",
    "UPDATE captures SET warc_length = warc_length - 1 WHERE id = 1": "warc_length",
    "UPDATE captures SET url = url || 'x' WHERE id = 1": "the row says url",
    "UPDATE captures SET fetched_at = '2020-01-01T00:00:00Z' WHERE id = 1": "fetched_at",
    "UPDATE captures SET payload_digest = 'sha256:00' WHERE id = 2": "payload_digest",
    "UPDATE captures SET status = 404 WHERE id = 2": "the row says status",
    "UPDATE captures SET origin = 'wayback' WHERE id = 2": "the row says origin",
    "UPDATE captures SET retrieved_at = '2020-01-01T00:00:00Z' WHERE id = 2": "retrieved_at",
    "UPDATE captures SET source_uri = 'x' WHERE id = 2": "the row says source_uri",
    "UPDATE captures SET article_id = NULL WHERE revisit_of IS NOT NULL": "does not name the",
    "UPDATE captures SET revisit_of = NULL WHERE revisit_of IS NOT NULL": "names no original",
    "UPDATE captures SET revisit_of = 99 WHERE revisit_of IS NOT NULL": "not there",
    "UPDATE captures SET revisit_of = id WHERE revisit_of IS NOT NULL": "no capture with a payload",
    "UPDATE captures SET warc_file = NULL WHERE id = 2": "the capture has no record",
    "UPDATE captures SET article_id = NULL WHERE article_id = 2": "the article has no capture",
    "DELETE FROM article_versions WHERE article_id = 2": "the article has no version",
    "UPDATE article_versions SET capture_id = NULL WHERE article_id = 2": "version has no capture",
    "UPDATE article_versions SET version = 2 WHERE article_id = 2": "version",
    "DELETE FROM article_urls WHERE article_id = 2": "the article has no address",
    "UPDATE articles SET body = body || ' thêm' WHERE id = 2": "does not match its content_hash",
    "UPDATE citations SET start = start + 1 WHERE article_id = 2": "does not stand where",
    "DROP TRIGGER articles_fts_au": "articles_fts_au is missing",
    "INSERT INTO articles_fts(articles_fts) VALUES('delete-all')": "articles_fts",
    "DELETE FROM portals": "portal",
    "INSERT INTO images (article_id, url) VALUES (99, 'x')": "not there",
}


@pytest.mark.parametrize(
    ("plant", "word"), FAULTS.items(), ids=lambda one: getattr(one, "__name__", "")
)
def test_a_fault_in_a_file_is_named(
    plant: Callable[[Path], None], word: str, archive: Path
) -> None:
    plant(archive)
    lines = [str(fault) for fault in verify(archive).faults]
    assert [line for line in lines if word in line and line.startswith("warc/")], lines


@pytest.mark.parametrize(("statement", "word"), ROWS.items(), ids=lambda one: one[:50])
def test_a_fault_in_the_rows_is_named(statement: str, word: str, archive: Path) -> None:
    sql(archive, statement)
    lines = [str(fault) for fault in verify(archive).faults]
    assert [line for line in lines if word in line], lines


def page_of(folder: Path, table: str) -> int:
    with sqlite3.connect(folder / "kontum.db") as db:
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        return int(db.execute(query, (table,)).fetchone()[0])


def test_a_damaged_database_is_named(archive: Path) -> None:
    sql(archive, "PRAGMA wal_checkpoint(TRUNCATE)")
    with (archive / "kontum.db").open("r+b") as file:
        file.seek(page_of(archive, "articles") * 4096 - 4096)
        file.write(b"\xff" * 4096)
    assert "damaged" in str(verify(archive).faults[0])


def test_a_record_that_the_database_does_not_know_is_no_fault(archive: Path) -> None:
    with ours(archive).open("ab") as file:
        file.write(members(record(url=f"{HOST}/x", block=answer(), fields=DIGESTS)))
    assert [str(fault) for fault in verify(archive).faults if "row" in fault.what] == []


DIGESTS = (("WARC-Payload-Digest", ""), ("Kontum-Payload-Digest", ""))


def test_faults_that_a_foreign_file_came_with_are_notes(tmp_path: Path) -> None:
    torn = tmp_path / "torn.warc.gz"
    torn.write_bytes(members(record(block=answer(page(1))), record(block=answer(page(2))))[:-30])
    assert ingest_files(tmp_path / "archive", [torn]).exit_code == 3
    report = verify(tmp_path / "archive")
    assert (report.faults, len(report.notes)) == ([], 1)
    assert "kept as it came" in report.notes[0] and "cuts it back" not in report.notes[0]


@pytest.mark.parametrize("taken_in", [True, False])
def test_a_foreign_file_that_is_torn_is_never_said_to_be_cut_back(
    tmp_path: Path, archive: Path, taken_in: bool
) -> None:
    data = members(record(block=answer(page(1))), record(block=answer(page(2))))
    torn = tmp_path / "torn.warc.gz"
    torn.write_bytes(data)
    if taken_in:
        ingest_files(archive, [torn])
    (archive / "warc" / torn.name).write_bytes(data[:-30])
    (line,) = [str(fault) for fault in verify(archive).faults if "cut off" in fault.what]
    assert ("backup" in line, "kept as it came" in line) == (taken_in, not taken_in)
    ingest_files(archive, [archive / "warc"])
    assert (archive / "warc" / torn.name).read_bytes() == data[:-30]


def test_the_command_exits_1_and_says_file_offset_address_and_what_to_do(archive: Path) -> None:
    block_changed(archive)
    done = CliRunner().invoke(command, ["--archive", str(archive)], standalone_mode=False)
    (line,) = [line for line in done.stdout.splitlines() if "block" in line]
    assert done.return_value == 1
    assert f"warc/{ours(archive).name}: byte " in line
    assert f"{HOST}/hop-bao-so-2.p-2.html" in line and "backup" in line


@pytest.fixture
def read_only(archive: Path) -> Iterator[Path]:
    for path in sorted(archive.rglob("*"), reverse=True):
        path.chmod(path.stat().st_mode & ~0o222)
    archive.chmod(0o555)
    yield archive
    archive.chmod(0o755)
    (archive / "warc").chmod(0o755)


def test_nothing_is_changed_and_a_read_only_archive_will_do(read_only: Path) -> None:
    def state() -> dict[str, tuple[int, int]]:
        # SQLite's shared memory is no part of what is kept.
        kept = (path for path in read_only.rglob("*") if path.suffix != ".db-shm")
        found = ((path, path.stat()) for path in kept)
        return {str(path): (stat.S_IFMT(one.st_mode), one.st_mtime_ns) for path, one in found}

    before = state()
    assert verify(read_only).faults == []
    assert state() == before


def test_the_run_of_a_file_is_named_in_it(sound: Path) -> None:
    first = next(records(ours(sound)))
    assert isinstance(first, Record)
    with Archive.open(sound) as held:
        keys = {row[0] for row in held.db.execute("SELECT key FROM run_keys")}
    assert dict(parse_warc_fields(first.block))["kontum-run"] in keys
    assert ours(sound).name == first.get("WARC-Filename")


SEARCH_DAMAGE = (
    "DROP TRIGGER articles_fts_au",
    "DROP VIEW attachments_search",
    "DROP TABLE articles_fts",
    "DROP INDEX articles_by_date",
    "INSERT INTO articles_fts(articles_fts) VALUES('delete-all')",
    "DELETE FROM articles_fts WHERE rowid = 1",
    "UPDATE articles_fts_data SET block = x'00' WHERE id = 10",
)


@pytest.mark.parametrize("damage", SEARCH_DAMAGE)
def test_reading_all_again_makes_a_damaged_search_index_anew(archive: Path, damage: str) -> None:
    sql(archive, damage)
    reextract_archive(archive)
    assert verify(archive).faults == []
    with Archive.open(archive) as opened:
        assert opened.search("họp báo", sort="date").total == 4


def test_what_another_tool_takes_away_is_there_again_before_anything_is_written(
    archive: Path,
) -> None:
    tool = Database(archive / "kontum.db")
    tool.table("articles").transform(rename={})
    tool.conn.execute("UPDATE articles SET body = 'đổi ở ngoài' WHERE id = 1")
    tool.conn.commit()
    tool.close()
    with Archive.open(archive, write=True) as opened:
        assert fts.check(opened.db) == []
        assert opened.search("đổi ở ngoài").total == 1
