"""Exports: what other tools read is what the search selects, and nothing half is left behind."""

import csv
import hashlib
import json
import sqlite3
from pathlib import Path

import pytest
from bookshelf import database

from kontum_crawler.errors import ArchiveFull, UsageError
from kontum_crawler.store import export as exporting
from kontum_crawler.store.export import export
from kontum_crawler.store.filters import Filters
from kontum_crawler.store.search import search

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
    texts = [(folder / row["file"]).read_text("utf-8") for row in rows]
    assert len(texts) == 30
    assert texts[0].startswith("Bài 1\n\nNội dung")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert set(manifest["files"]) == {path.name for path in folder.iterdir()} - {
        "manifest.json",
        "dictionary.csv",
    }


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
