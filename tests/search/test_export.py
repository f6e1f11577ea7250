"""Exports: what other tools read is what the search selects, and nothing half is left behind."""

import csv
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from bookshelf import add, database

from kontum_crawler.errors import ArchiveFull, UsageError
from kontum_crawler.store import Archive
from kontum_crawler.store.export import writing as exporting
from kontum_crawler.store.export.writing import export
from kontum_crawler.store.search.filters import Filters
from kontum_crawler.store.search.finding import search

DOCS = [
    {"title": f"Bài {n}", "body": f'Nội dung "số" {n},\n\ndòng hai; đường', "authors": ["Lê Hòa"]}
    for n in range(1, 30)
] + [{"title": "Khác", "body": "không có chữ kia", "portal": "syt"}]


@pytest.fixture(scope="module")
def db() -> sqlite3.Connection:
    return database(DOCS)


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("bom", [False, True])
def test_csv_holds_what_the_search_selects(
    db: sqlite3.Connection, tmp_path: Path, bom: bool
) -> None:
    done = export(db, tmp_path, tmp_path / "a.csv", "csv", "duong", bom=bom)
    rows = read_csv(done.path)
    selected = {hit.article["id"]: hit.article["body"] for hit in search(db, "duong", limit=None)}
    assert {int(row["id"]): row["body"] for row in rows} == selected
    assert done.path.read_bytes().startswith(b"\xef\xbb\xbf") is bom
    assert done.path.read_bytes().count(b"\r\n") == len(rows) + 1
    assert json.loads(rows[0]["authors"]) == ["Lê Hòa"]


def test_the_manifest_says_what_was_asked_and_proves_the_file(
    db: sqlite3.Connection, tmp_path: Path
) -> None:
    done = export(db, tmp_path, tmp_path / "a.jsonl", "jsonl", None, Filters(portal=("syt",)))
    manifest = json.loads((tmp_path / "a.jsonl.manifest.json").read_text("utf-8"))
    assert manifest["filters"] == {"portal": ["syt"]}
    assert manifest["articles"] == done.articles == 1
    assert manifest["sha256"] == hashlib.sha256(done.path.read_bytes()).hexdigest()
    columns = {row["column"] for row in read_csv(tmp_path / "a.jsonl.dictionary.csv")}
    assert columns == set(json.loads(done.path.read_text("utf-8")))


def test_parquet_gives_the_same_rows_to_duckdb_and_pandas(
    db: sqlite3.Connection, tmp_path: Path
) -> None:
    duckdb, pandas = pytest.importorskip("duckdb"), pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    path = export(db, tmp_path, tmp_path / "a.parquet", "parquet").path
    counted = duckdb.sql(f"SELECT count(*), sum(len(authors)) FROM '{path}'").fetchall()
    assert counted == [(30, 29)]
    assert list(pandas.read_parquet(path)["title"]) == [doc["title"] for doc in DOCS]


def test_a_folder_of_texts_has_one_file_an_article(db: sqlite3.Connection, tmp_path: Path) -> None:
    folder = export(db, tmp_path, tmp_path / "texts", "txt").path
    rows = read_csv(folder / "metadata.csv")
    texts = [(folder / row["file"]).read_bytes() for row in rows]
    assert len(texts) == 30
    assert texts[0].decode().startswith("Bài 1\n\nNội dung")
    assert [row["sha256"] for row in rows] == [hashlib.sha256(text).hexdigest() for text in texts]
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    digest = hashlib.sha256((folder / "metadata.csv").read_bytes()).hexdigest()
    assert manifest["files"] == {"metadata.csv": digest}
    assert {row["column"] for row in read_csv(folder / "dictionary.csv")} == set(rows[0])
    names = {path.name for path in folder.iterdir()} - {row["file"] for row in rows}
    assert names == {"metadata.csv", "manifest.json", "dictionary.csv"}


def test_a_text_is_named_so_that_every_system_takes_it(tmp_path: Path) -> None:
    slugs = [
        "a/b",
        "a_b",
        "a?b",
        "con:trỏ",
        "x" * 300,
        "x" * 301,
        "../../etc",
        "đ" * 200,
        "nul\x01",
    ]
    base = database([{"slug": slug, "body": slug} for slug in slugs])
    folder = export(base, tmp_path, tmp_path / "texts", "txt").path
    rows = read_csv(folder / "metadata.csv")
    assert [row["slug"] for row in rows] == slugs
    assert len({row["file"].lower() for row in rows}) == len(slugs)
    for row in rows:
        assert row["slug"] in (folder / row["file"]).read_text("utf-8") or row["slug"] == "nul\x01"
        assert len(row["file"].encode()) < 200
        assert not set(row["file"]) & set('<>:"/\\|?*\x01')


def test_citations_have_a_key_each(db: sqlite3.Connection, tmp_path: Path) -> None:
    entries = export(db, tmp_path, tmp_path / "a.bib", "bibtex").path.read_text("utf-8")
    items = json.loads(export(db, tmp_path, tmp_path / "a.json", "csl").path.read_text("utf-8"))
    assert entries.count("@online{") == len({item["id"] for item in items}) == 30
    assert items[0]["author"] == [{"literal": "Lê Hòa"}]


@pytest.mark.parametrize("fmt", ["csv", "txt"])
def test_what_stands_there_is_only_replaced_with_force(
    db: sqlite3.Connection, tmp_path: Path, fmt: str
) -> None:
    export(db, tmp_path, tmp_path / "out", fmt)
    with pytest.raises(UsageError, match="--force"):
        export(db, tmp_path, tmp_path / "out", fmt)
    assert export(db, tmp_path, tmp_path / "out", fmt, force=True).articles == 30


def test_force_never_replaces_a_folder_that_is_not_ours(
    db: sqlite3.Connection, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(UsageError, match="no export wrote"):
        export(db, tmp_path, tmp_path / "mine", "txt", force=True)


@pytest.mark.parametrize(
    "name", ["kontum.db", "kontum.db-wal", "warc/a.warc.gz", "kontum.toml", ""]
)
def test_force_never_replaces_a_part_of_the_archive(
    db: sqlite3.Connection, tmp_path: Path, name: str
) -> None:
    place = tmp_path / name
    place.parent.mkdir(exist_ok=True)
    if name:
        place.write_bytes(b"kept")
    with pytest.raises(UsageError, match="part of the archive"):
        export(db, tmp_path, place, "csv", force=True)
    assert not name or place.read_bytes() == b"kept"


def test_force_never_replaces_a_folder_with_a_manifest_of_another(
    db: sqlite3.Connection, tmp_path: Path
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "manifest.json").write_text('{"name": "a site"}')
    with pytest.raises(UsageError, match="no export wrote"):
        export(db, tmp_path, tmp_path / "site", "txt", force=True)


def test_a_pipe_or_device_is_no_place_for_an_export(db: sqlite3.Connection, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for target in (tmp_path / "pipe", Path("-")):
        with pytest.raises(UsageError, match="file"):
            export(db, tmp_path / "archive", target, "csv", force=True)
    assert (tmp_path / "pipe").is_fifo()


def test_the_manifest_says_that_accents_were_left_out(
    db: sqlite3.Connection, tmp_path: Path
) -> None:
    export(db, tmp_path, tmp_path / "a.csv", "csv", "nôi dùng")
    about = json.loads((tmp_path / "a.csv.manifest.json").read_text("utf-8"))
    assert about["articles"] == 29
    assert "without accents" in about["note"]


def test_what_is_written_meanwhile_is_not_half_in_an_export(tmp_path: Path) -> None:
    with closing(database(DOCS, str(tmp_path / "kontum.db"))) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        with closing(sqlite3.connect(tmp_path / "kontum.db")) as reader:
            reader.set_trace_callback(lambda _: add(writer, {"body": "đến sau"}) and None)
            done = export(reader, tmp_path, tmp_path / "a.jsonl", "jsonl")
        assert writer.execute("SELECT count(*) FROM articles").fetchone()[0] > 30
    about = json.loads((tmp_path / "a.jsonl.manifest.json").read_text("utf-8"))
    assert done.articles == about["archive"]["articles"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_leaves_nothing_behind(
    db: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open

    def full(path: Path, *args: object, **options: object) -> object:
        chosen = Path("/dev/full") if path.name.endswith(".partial") else path
        return real(chosen, *args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(exporting.Path, "open", full)
    with pytest.raises(ArchiveFull, match=r"a\.csv"):
        export(db, tmp_path, tmp_path / "a.csv", "csv")
    assert list(tmp_path.iterdir()) == []


def test_csv_is_read_by_sqlite_utils(db: sqlite3.Connection, tmp_path: Path) -> None:
    for bom in (False, True):
        path = export(db, tmp_path, tmp_path / f"{bom}.csv", "csv", "duong", bom=bom).path
        base = tmp_path / f"{bom}.db"
        command = ["insert", str(base), "articles", str(path), "--csv"]
        encoding = ["--encoding", "utf-8-sig"] if bom else []
        done = subprocess.run(
            [sys.executable, "-m", "sqlite_utils", *command, *encoding], capture_output=True
        )
        assert done.returncode == 0, done.stderr
        with closing(sqlite3.connect(base)) as read:
            rows = read.execute("SELECT id, body FROM articles").fetchall()
        hits = search(db, "duong", limit=None)
        wanted = {str(hit.article["id"]): hit.article["body"] for hit in hits}
        assert {str(row[0]): row[1] for row in rows} == wanted


PEAKS = """
import json, os, re, sqlite3, sys
from pathlib import Path
from kontum_crawler.store.export.writing import export
os.fsync = lambda file: None  # only memory is looked at, and thousands of files take their time
folder, peaks = Path(sys.argv[1]), {}
db = sqlite3.connect(folder / "kontum.db")
db.row_factory = sqlite3.Row
for name in sys.argv[2:]:
    fmt, _, query = name.partition(":")
    done = export(db, folder, folder / f"a.{name}", fmt, query or None)
    held = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
    peaks[name] = (done.articles, held)
print(json.dumps(peaks))
"""
FEW, MANY = 1_000, 6_000


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_memory_stays_flat(tmp_path: Path) -> None:
    """Six times as many articles; 5,000 rows that are held somewhere are 25 MB."""
    pytest.importorskip("pyarrow")
    asked = ["csv", "csv:duong", "jsonl", "bibtex", "csl", "txt", "parquet"]
    peaks = []
    for count in (FEW, MANY):
        folder = tmp_path / str(count)
        folder.mkdir()
        base = database(path=str(folder / "kontum.db"))
        base.execute("INSERT INTO portals(key, name) VALUES ('kkt', 'KKT')")
        base.execute(
            "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?)"
            " INSERT INTO articles(portal, slug, url, body, version, content_hash, first_seen_at,"
            " last_seen_at) SELECT 'kkt', n, n, replace(hex(zeroblob(300)), '00', 'đường '),"
            " 1, '', '', '' FROM n",
            (count,),
        )
        base.close()
        command = [sys.executable, "-c", PEAKS, str(folder), *asked]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        peaks.append(json.loads(done.stdout))
    for name in asked:
        (few, low), (many, high) = peaks[0][name], peaks[1][name]
        assert (few, many) == (FEW, MANY)
        # Parquet gathers a thousand rows, and pyarrow gives memory back when it likes.
        bound = 20_000 if name == "parquet" else 10_000
        assert high - low < bound, f"{name}: {low} kB, then {high} kB"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
@pytest.mark.parametrize("fmt", exporting.FORMATS)
def test_a_disk_that_fills_leaves_no_half_file(
    db: sqlite3.Connection, tmp_path: Path, fmt: str
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"mount: {mounted.stderr.decode().strip()}")
    try:
        (disk / "full").write_bytes(b"x" * 12_288)
        with pytest.raises((ArchiveFull, UsageError), match=r"out"):
            export(db, tmp_path, disk / "out", fmt)
        assert [path.name for path in disk.iterdir()] == ["full"]
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
from kontum_crawler.cli import main
main(sys.argv[1:])
"""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of which no format takes less than 40,000 bytes."""
    folder = tmp_path_factory.mktemp("large")
    with Archive.open(folder, create=True) as archive, archive.transaction():
        for n in range(250):
            noise = hashlib.sha512(str(n).encode()).hexdigest() * 2
            add(archive.db, {"title": noise, "body": noise})
    return folder


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits of POSIX")
@pytest.mark.parametrize("fmt", [fmt for fmt in exporting.FORMATS if fmt != "wacz"])
def test_the_command_says_what_it_could_not_write(large: Path, tmp_path: Path, fmt: str) -> None:
    """A file may grow to 40,000 bytes here, as on a disk that fills; no right of root is needed."""
    if fmt == "parquet":
        pytest.importorskip("pyarrow")
    target = tmp_path / "out"
    asked = ["export", "--archive", str(large), "--format", fmt, "--output", str(target)]
    command = [sys.executable, "-c", LIMITED, *asked]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == ArchiveFull.exit_code
    assert str(target) in done.stderr and "Nothing was left" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
