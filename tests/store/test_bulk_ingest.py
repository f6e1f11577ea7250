"""A folder of files comes in whole: in any order, over any number of processes, after a kill."""

import gzip
import json
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from cabinet import answer, members, record

from kontum_crawler import cli
from kontum_crawler.store.intake import stretches
from kontum_crawler.store.intake.sessions import ingest_files
from kontum_crawler.store.intake.verify import verify
from kontum_crawler.warc.digests import sha1_base32

pytestmark = pytest.mark.slow

HOST = "http://kkt.kontum.gov.vn"
TEXT = "Sáng nay, Ban Quản lý Khu kinh tế tỉnh tổ chức họp báo về kế hoạch năm mới tại thành phố"
VARY = (
    "retrieved_at",
    "taken_at",
    "started_at",
    "finished_at",
    "at",
    "stats",
    "key",
    "indexed",
    "command",
)


def html(number: int, turn: int) -> bytes:
    said = f"<p>{TEXT}, lần thứ {turn}.</p><p>{TEXT}, thêm một lần.</p>"
    title = f"Họp báo số {number}"
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{said}</body></html>"
    return page.encode()


def capture(number: int, turn: int = 0, **more: Any) -> bytes:
    url = f"{HOST}/hop-bao-so-{number}.p-{number}.html"
    date = f"20{16 + turn:02}-05-09T08:30:{number % 60:02}Z"
    return record(url=url, block=answer(html(number, turn)), date=date, **more)


def revisit(number: int, turn: int, of: int) -> bytes:
    payload = html(number, of)
    fields = (
        ("WARC-Refers-To-Target-URI", f"{HOST}/hop-bao-so-{number}.p-{number}.html"),
        ("WARC-Refers-To-Date", f"20{16 + of:02}-05-09T08:30:{number % 60:02}Z"),
        ("WARC-Payload-Digest", sha1_base32(payload)),
        ("WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"),
    )
    url = f"{HOST}/hop-bao-so-{number}.p-{number}.html"
    date = f"20{16 + turn:02}-05-09T08:30:{number % 60:02}Z"
    head = answer(b"", length=len(payload))
    return record(kind="revisit", url=url, block=head, date=date, fields=fields)


def stored(data: bytes) -> bytes:
    """A gzip member whose bytes stand in it as they are, as those of files that are packed."""
    pack = zlib.compressobj(0, zlib.DEFLATED, 31)
    return pack.compress(data) + pack.flush()


def a_warc_in_a_warc() -> bytes:
    """The answer of a server that hands out a WARC file: its records are none of ours."""
    inner = members(*(capture(900 + n) for n in range(30)))
    fields = (("Content-Type", "application/octet-stream"),)
    block = answer(inner, fields=fields)
    return stored(record(url=f"{HOST}/upload/luu-tru.warc.gz", block=block))


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files as a library hands them over: sound ones, damaged ones, and things that are none."""
    folder = tmp_path_factory.mktemp("collection")
    (folder / "2020" / "deep").mkdir(parents=True)
    (folder / "2021").mkdir()
    files = {
        "2020/b.warc.gz": members(*(capture(n) for n in range(30))),
        "2020/deep/a.warc.gz": members(*(revisit(n, 3, 2) for n in range(10)), capture(3)),
        "2021/c.warc.gz": members(*(capture(n, 2) for n in range(0, 20, 2)))
        + a_warc_in_a_warc()
        + members(*(capture(n, 2) for n in range(1, 20, 2))),
        "2021/b.warc.gz": members(*(capture(n) for n in range(20, 40))),
        "2021/one.warc.gz": gzip.compress(b"".join(capture(n, 4) for n in range(12))),
        "2021/plain.warc": b"".join(capture(n, 5) for n in range(25)),
        "2021/same-as-b.warc.gz": members(*(capture(n) for n in range(30))),
        "cut.warc.gz": members(*(capture(n, 6) for n in range(8)))[:-40],
        "lost.warc.gz": members(revisit(77, 7, 6)),
    }
    broken = bytearray(members(*(capture(n, 7) for n in range(20))))
    broken[len(members(*(capture(n, 7) for n in range(9)))) + 100] ^= 0xFF
    files["2021/broken.warc.gz"] = bytes(broken)
    files["2021/dates.warc.gz"] = members(record(url=HOST, block=answer(), date="hôm qua"))
    files["page.warc.gz"] = b"<html>404</html>"
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / "readme.txt").write_text("x")
    return folder


def contents(folder: Path) -> dict[str, list[Any]]:
    """Every row of every table, without what the clock and chance decide."""
    db = sqlite3.connect(folder / "kontum.db")
    db.row_factory = sqlite3.Row
    names = [
        name
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if not re.search(r"_fts|^sqlite_|^run_keys$|^_", name)
    ]
    found = {}
    for name in names:
        rows = [dict(row) for row in db.execute(f'SELECT * FROM "{name}"')]
        found[name] = sorted(json.dumps(_plain(row), default=str) for row in rows)
    db.close()
    found["problems"] = sorted(re.sub(r'"id": \d+, ', "", row) for row in found["problems"])
    return found


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    ours = any(str(row.get(key)).startswith("warc/kontum-") for key in ("warc_file", "name"))
    # Where a copy lies in a file of ours is a matter of what was written there between.
    loose = (*VARY, "warc_offset", "warc_length", "scanned") if ours else VARY
    kept = {name: value for name, value in row.items() if name not in loose}
    return {
        name: re.sub(r"kontum-\d[\w.-]*", "ours", value) if isinstance(value, str) else value
        for name, value in kept.items()
    }


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretches of a few records each, and processes for every file."""
    monkeypatch.setattr(stretches, "STRETCH", 4_000)
    monkeypatch.setattr(stretches, "WORTH_IT", 1)


@pytest.fixture(scope="module")
def wanted(collection: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive that one process makes of it."""
    folder = tmp_path_factory.mktemp("wanted")
    done = ingest_files(folder, [collection], workers=1)
    assert done.exit_code == 3
    return folder


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("seed", [0, 1])
def test_any_order_and_any_number_of_processes_give_the_same_archive(
    seed: int, collection: Path, wanted: Path, tmp_path: Path
) -> None:
    given = [path for path in collection.rglob("*") if "warc" in path.name]
    random.Random(seed).shuffle(given)
    alone = ingest_files(tmp_path / "one", given, workers=1)
    spread = ingest_files(tmp_path / "four", given, workers=4)
    assert contents(tmp_path / "one") == contents(wanted)
    assert contents(tmp_path / "four") == contents(wanted)
    assert spread.tally.as_dict() == alone.tally.as_dict()
    assert verify(tmp_path / "four").faults == []


def test_records_of_a_file_that_was_captured_are_none_of_ours(wanted: Path) -> None:
    with sqlite3.connect(wanted / "kontum.db") as db:
        assert db.execute("SELECT 1 FROM captures WHERE url LIKE '%so-9__.p-%'").fetchall() == []
        assert db.execute("SELECT 1 FROM captures WHERE url LIKE '%luu-tru%'").fetchall() == [(1,)]


def test_what_is_refused_is_named_with_kind_file_and_byte(
    collection: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path / "archive")
    assert cli._run(["ingest", str(collection), "--archive", folder, "--json"]) == 3
    told = json.loads(capsys.readouterr().out)
    kinds = {(one["kind"], Path(one["file"]).name) for one in told["refused"]}
    assert kinds == {
        ("cut-off", "cut.warc.gz"),
        ("damaged", "broken.warc.gz"),
        ("date", "dates.warc.gz"),
        ("no-original", "lost.warc.gz"),
        ("no-warc", "page.warc.gz"),
    }
    assert sum(told["problems_by_kind"].values()) == told["problems"] == len(told["refused"])
    assert all(one["offset"] is not None and one["message"] for one in told["refused"])
    assert (told["files"], told["files_held"]) == (10, 1)
    assert told["articles_new"] + told["articles_edited"] == 40
    assert told["records"] > told["captures"] > 0
    assert "seconds" in told


def test_a_second_run_reads_no_file_again(collection: Path, wanted: Path, tmp_path: Path) -> None:
    before = contents(wanted)
    again = ingest_files(wanted, [collection], workers=1)
    after = contents(wanted)
    assert (again.tally.files, again.tally.records, again.tally.held) == (0, 0, 11)
    told = ("runs", "problems", "warc_files")
    assert {n: rows for n, rows in after.items() if n not in told} == {
        n: rows for n, rows in before.items() if n not in told
    }


def test_it_is_silent_where_nobody_watches(collection: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kontum_crawler", "ingest", str(collection)]
    command += ["--archive", str(tmp_path), "--quiet"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (3, b"", b"")


def started(folder: Path, source: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "kontum_crawler", "ingest", str(source), "--archive"]
    return subprocess.Popen([*command, str(folder), "--quiet"], stderr=subprocess.DEVNULL)


def count(folder: Path, query: str) -> int:
    try:
        with sqlite3.connect(f"file:{folder}/kontum.db?mode=ro", uri=True) as db:
            return int(db.execute(query).fetchone()[0])
    except sqlite3.Error:
        return 0


@pytest.mark.parametrize(
    "kills", [1, pytest.param(8, marks=pytest.mark.long)], ids=["once", "often"]
)
def test_a_run_that_was_killed_is_gone_on_with_and_no_file_is_read_twice(
    kills: int, collection: Path, wanted: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "archive"
    finished = "SELECT count(*) FROM warc_files WHERE sha256 IS NOT NULL AND scanned > 0"
    for kill in range(kills):
        process = started(folder, collection)
        until = time.monotonic() + 120
        while count(folder, finished) <= kill and process.poll() is None:
            assert time.monotonic() < until
        process.send_signal(signal.SIGKILL)
        process.wait()
    read = count(folder, finished)
    last = ingest_files(folder, [collection], workers=2)
    # What was cut off in the middle is gone on with; what was done is not read again.
    assert last.tally.files <= 10 - read + 1
    names = ("articles", "article_urls", "article_versions", "named_urls", "capture_digests")
    mine, theirs = contents(folder), contents(wanted)
    query = "SELECT url, fetched_at, payload_digest, status, origin FROM captures ORDER BY 1, 2, 3"
    with sqlite3.connect(folder / "kontum.db") as one, sqlite3.connect(wanted / "kontum.db") as two:
        assert one.execute(query).fetchall() == two.execute(query).fetchall()
    assert [len(mine[name]) for name in names] == [len(theirs[name]) for name in names]
    assert _texts(mine) == _texts(theirs)
    assert verify(folder).faults == []


def _texts(found: dict[str, list[Any]]) -> list[str]:
    rows = [json.loads(row) for row in found["articles"]]
    names = ("slug", "body", "version", "first_seen_at", "last_seen_at", "gone_at", "url")
    return sorted(json.dumps([row[name] for name in names]) for row in rows)
