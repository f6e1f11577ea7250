"""A selection as WACZ: the captures of its articles, and nothing of the others."""

import json
import tracemalloc
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bookshelf import add
from cabinet import answer

from kontum_crawler.errors import ArchiveError
from kontum_crawler.store import Archive
from kontum_crawler.store.export.requisites import Numbers
from kontum_crawler.store.export.writing import export
from kontum_crawler.warc import cdxj
from kontum_crawler.warc.records import Exchange, RunInfo
from kontum_crawler.warc.writer import Writer

MOMENT = datetime(2026, 1, 31, 2, 3, 4, tzinfo=UTC)
TITLES = ("Đường mới", "Cầu treo")


def page(title: str) -> bytes:
    return f"<html><body><h1>{title}</h1></body></html>".encode()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two articles with a capture each, in one WARC file."""
    folder = tmp_path / "archive"
    folder.mkdir()
    with (
        Archive.open(folder, create=True) as opened,
        opened.transaction(),
        Writer(folder, worker="a", run=RunInfo("crawl-1", "crawl", MOMENT)) as out,
    ):
        for title in TITLES:
            number = add(opened.db, {"title": title})
            url = f"http://kkt.example/bai-{number}.p-{number}.html"
            head, _, body = answer(page(title)).partition(b"\r\n\r\n")
            sent = Exchange(url, b"GET / HTTP/1.1\r\n\r\n", head + b"\r\n\r\n", body, MOMENT)
            place = out.exchange(sent).result().place
            capture = opened.db.execute(
                "INSERT INTO captures(url, article_id, fetched_at, retrieved_at, status,"
                " media_type, warc_file, warc_offset, warc_length) VALUES"
                " (?, ?, '2026-01-31T02:03:04Z', '2026-01-31T02:03:04Z', 200, 'text/html',"
                " ?, ?, ?) RETURNING id",
                (url, number, place.file, place.offset, place.length),
            ).fetchone()[0]
            opened.db.execute(
                "INSERT INTO article_versions(article_id, version, title, content_hash,"
                " capture_id, seen_at) VALUES (?, 1, ?, '', ?, '2026-01-31T02:03:04Z')",
                (number, title, capture),
            )
    return folder


def test_a_package_holds_the_captures_of_what_was_selected(archive: Path, tmp_path: Path) -> None:
    with Archive.open(archive) as opened:
        done = export(opened.db, archive, tmp_path / "a.wacz", "wacz", "duong")
    assert done.articles == 1
    with zipfile.ZipFile(done.path) as package:
        pages = package.read("pages/pages.jsonl").decode().splitlines()
        described = json.loads(package.read("datapackage.json"))
    assert [json.loads(line)["title"] for line in pages[1:]] == ["Đường mới"]
    assert "archive/data-00001.warc.gz" in {entry["path"] for entry in described["resources"]}


def test_the_bytes_behind_an_article_are_read_from_python(archive: Path) -> None:
    with Archive.open(archive) as opened:
        article = opened.article("bai-2")
        assert article.versions[0].title == article.title == "Cầu treo"
        assert article.capture().payload == page("Cầu treo")
        assert "<h1>Cầu treo</h1>" in article.capture().html
        assert opened.article(article.url).id == article.id


def test_a_lost_record_is_said_and_leaves_no_package(archive: Path, tmp_path: Path) -> None:
    for path in (archive / "warc").iterdir():
        path.unlink()
    with Archive.open(archive) as opened:
        with pytest.raises(ArchiveError):
            export(opened.db, archive, tmp_path / "a.wacz", "wacz")
        with pytest.raises(ArchiveError):
            opened.article("bai-1").capture().payload  # noqa: B018
    assert not (tmp_path / "a.wacz").exists()


def test_an_index_is_sorted_in_little_memory(tmp_path: Path) -> None:
    lines = [f"vn,gov,kontum)/{n * 7_919 % 20_000:06} {'x' * 300}\n" for n in range(20_000)]
    index = cdxj.Sorter(tmp_path, most=500)
    tracemalloc.start()
    try:
        for line in (*lines, *lines[:700]):
            index.add(line)
        # Half a line of every run and its buffer; all lines are 6 MB.
        count = sum(line == wanted for line, wanted in zip(index, sorted(lines), strict=True))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == len(lines)
    assert peak < 3_000_000


def test_the_captures_of_a_selection_are_a_bit_each() -> None:
    numbers = Numbers()
    assert [numbers.add(n) for n in (9, 1, 9, 1_000_000, 8, 16)] == [1, 1, 0, 1, 1, 1]
    assert list(numbers) == [1, 8, 9, 16, 1_000_000]
    assert (7 in numbers, 16 in numbers, 99_999_999 in numbers) == (False, True, False)
    assert len(numbers.bits) == 125_001
