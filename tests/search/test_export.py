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
from bookshelf import database

from kontum_crawler.errors import ArchiveFull, UsageError
from kontum_crawler.store.export import writing as exporting
from kontum_crawler.store.export.writing import export
from kontum_crawler.store.search import fts
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


PEAK = """
import re, sqlite3, sys
from pathlib import Path
from kontum_crawler.store.export.writing import export
folder = Path(sys.argv[1])
db = sqlite3.connect(folder / "kontum.db")
db.row_factory = sqlite3.Row
export(db, folder, folder / f"a.{sys.argv[2]}", sys.argv[2])
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
@pytest.mark.parametrize("fmt", ["csv", "jsonl", "parquet"])
def test_memory_stays_flat(tmp_path: Path, fmt: str) -> None:
    """20,000 articles are 100 MB of text here; an export never holds a third of them."""
    if fmt == "parquet":
        pytest.importorskip("pyarrow")
    base = database([{"body": "đường xã " * 450}], str(tmp_path / "kontum.db"))
    fts.drop_triggers(base)
    base.execute(
        "WITH RECURSIVE n(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < 20000)"
        " INSERT INTO articles(id, portal, slug, url, body, version, content_hash, first_seen_at,"
        " last_seen_at) SELECT n, portal, n, url, body, 1, '', '', '' FROM n, articles"
    )
    base.close()

    def peak(wanted: str) -> int:
        command = [sys.executable, "-c", PEAK, str(tmp_path), wanted]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    assert peak(fmt) < (110_000 if fmt != "parquet" else 200_000)


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
