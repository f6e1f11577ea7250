"""What a page of results says: order, totals, filters, excerpts, notes and suggestions."""

import sqlite3
from functools import cache
from pathlib import Path

import pytest
from bookshelf import add, database

from kontum_crawler.errors import UsageError
from kontum_crawler.store.search import fts
from kontum_crawler.store.search.filters import Filters, cites, same
from kontum_crawler.store.search.finding import search

DOCS = [
    {"id": 1, "title": "Đường mới", "authors": ["Lê Hòa"], "unit": "Văn phòng",
     "category": "Tin tức", "published_at": "2024-05-09T23:30:00+07:00",
     "citations": ["1600/KH-UBND"]},
    {"id": 2, "title": "Đường cũ", "authors": ["LÊ HOÀ", "A Vượng"], "published_at": "2024-05-10",
     "portal": "syt", "version": 2, "citations": ["05/QĐ-UBND"], "source": "TTXVN"},
    {"id": 3, "title": "Con đường", "first_seen_at": "2023-01-01T00:00:00Z", "lead": "Sapo dài.",
     "gone_at": "2024-02-01T00:00:00Z", "category": "Kinh tế"},
    {"id": 4, "title": "Phụ lục", "attachments": ["Danh mục tuyến đường hư hỏng"]},
    {"id": 5, "title": "Khác", "body": "Không liên quan."},
]  # fmt: skip


@cache
def shelf() -> sqlite3.Connection:
    return database(DOCS)


@cache
def full_shelf() -> sqlite3.Connection:
    """1,300 articles with «tỉnh», ten of them in the title, dates against the order of ids."""
    docs = [
        {
            "id": n,
            "title": f"Tỉnh {n}" if n % 130 == 0 else f"Bài {n}",
            "body": f"Nội dung tỉnh lỵ số {n}",
            "published_at": f"{2024 - n // 300}-01-{1 + n % 28:02}",
            "portal": "kkt" if n % 2 else "syt",
        }
        for n in range(1, 1301)
    ]
    return database([*docs, {"title": "Tệp", "attachments": ["báo cáo của tỉnh"]}])


def ids(*arguments: object, **options: object) -> list[int]:
    return [hit.article["id"] for hit in search(*arguments, **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"portal": ("kkt",)}, {1, 3, 4}),
        ({"portal": ("kkt", "syt")}, {1, 2, 3, 4}),
        ({"author": "Lê Hòa"}, {1, 2}),
        ({"author": "le hoa"}, {1, 2}),
        ({"author": "Lê Hoa"}, set()),
        ({"author": "Hòa"}, set()),
        ({"unit": "văn phòng"}, {1}),
        ({"source": "ttxvn"}, {2}),
        ({"category": "tin tuc"}, {1}),
        ({"document": "1600/KH-UBND"}, {1}),
        ({"document": "5/QD-UBND"}, {2}),
        ({"document": "UBND"}, {1, 2}),
        ({"document": "16/KH-UBND"}, set()),
        ({"since": "2024-05-10"}, {2}),
        ({"until": "2024-05-09"}, {1, 3, 4}),
        ({"since": "2024-05-09", "until": "2024-05-09"}, {1}),
        ({"gone": True}, {3}),
        ({"edited": True}, {2}),
        ({"edited": True, "gone": True}, set()),
    ],
)
def test_filters_narrow_a_search(filters: dict[str, object], expected: set[int]) -> None:
    assert set(ids(shelf(), "đường", Filters(**filters))) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [{"since": "2024-02-31"}, {"until": "9"}, {"since": "2024-02-02", "until": "2024-02-01"}],
)
def test_an_impossible_range_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        Filters(**wrong)  # type: ignore[arg-type]


def test_an_unknown_portal_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="kkt, syt"):
        search(shelf(), "đường", Filters(portal=("nosuch",)))


def test_names_compare_as_people_write_them() -> None:
    assert same("T.Nga", "t. nga")
    assert same("SƠN CA", "Sơn Ca")
    assert not same("Sơn Cả", "Sơn Ca")
    assert not same(None, "Sơn Ca")
    assert not same("…", "…")
    assert cites("28-CT/TW", "28-ct/tw")
    assert not cites(None, "28-CT/TW")
    assert not cites("28-CT/TW", "")


def test_a_hit_shows_the_original_text_with_its_marks() -> None:
    for query in ("đường", "duong", "duong OR moi"):
        hit = next(h for h in search(shelf(), query) if h.article["id"] == 1)
        shown = [hit.article["title"][s:e] for s, e in hit.marks["title"]]
        assert shown[0] == "Đường"


def test_an_excerpt_is_cut_around_the_hit() -> None:
    body = "mở đầu " * 100 + "con đường mới\n\nkhánh thành " + "kết thúc " * 100
    hit = search(database([{"title": "T", "body": body}]), "duong khanh thanh").hits[0]
    assert [hit.snippet[s:e] for s, e in hit.marks["snippet"]] == ["đường", "khánh", "thành"]
    assert hit.snippet.startswith("… ")
    assert hit.snippet.endswith(" …")
    assert "\n" not in hit.snippet
    assert len(hit.snippet) < 300


def test_an_attachment_is_found_with_its_article() -> None:
    hit = search(shelf(), "duong hu hong").hits[0]
    assert hit.article["id"] == 4
    assert hit.attachment == {"url": "http://kkt.example/4.pdf", "filename": "4.pdf"}
    assert [hit.snippet[s:e] for s, e in hit.marks["snippet"]] == ["đường", "hư", "hỏng"]


def test_sort_by_date_goes_by_publication_else_by_first_sight() -> None:
    assert ids(shelf(), "đường", sort="date") == [2, 1, 4, 3]


def test_an_accented_query_without_hits_is_tried_without_accents_and_says_so() -> None:
    results = search(shelf(), "dướng cũ")
    assert [hit.article["id"] for hit in results] == [2]
    assert results.note is not None
    assert search(shelf(), "đường cũ").note is None


@pytest.mark.parametrize(
    ("query", "better"),
    [
        ("đườnk cũ", "đường cũ"),
        ("duongg", "duong"),
        ("dduwowngf", "đường"),
        ("conduong", "con duong"),
    ],
)
def test_a_query_without_hits_comes_with_one_that_has_some(query: str, better: str) -> None:
    results = search(shelf(), query)
    assert results.hits == []
    assert results.suggestion == better
    assert search(shelf(), better).total


def test_nothing_is_suggested_for_what_nothing_resembles() -> None:
    assert search(shelf(), "xyzzy qwerty").suggestion is None


def test_a_query_without_a_word_finds_nothing_and_says_why() -> None:
    for query in ("", "***", "-đường", "NOT (a b)"):
        results = search(shelf(), query)
        assert (results.hits, results.total) == ([], 0)
        assert results.note


@pytest.mark.parametrize("sort", ["relevance", "date"])
@pytest.mark.parametrize("portal", [(), ("kkt",)])
@pytest.mark.parametrize("query", ["tỉnh", '"ly so"', "Tỉnh NOT 7", "số OR tỉnh"])
def test_pages_follow_each_other_without_gap_or_repeat(
    query: str, sort: str, portal: tuple[str, ...]
) -> None:
    filters = Filters(portal=portal)
    whole = ids(full_shelf(), query, filters, sort=sort, limit=None)
    assert len(whole) == len(set(whole))
    for offset in (0, 97, 640):
        page = ids(full_shelf(), query, filters, sort=sort, limit=50, offset=offset)
        assert page == whole[offset : offset + 50]


def test_above_the_cap_titles_come_first_then_the_newest() -> None:
    results = search(full_shelf(), "tỉnh", limit=None)
    assert (results.total, results.more_than) == (None, 1000)
    found = [hit.article["id"] for hit in results]
    assert found[:11] == [*range(1300, 0, -130), 1299]
    assert found[-1] == 1301
    assert len(found) == 1301


def test_above_the_cap_a_sort_by_date_is_complete_and_in_order() -> None:
    results = search(full_shelf(), "tỉnh", sort="date", limit=None)
    days = [(h.article["published_at"] or h.article["first_seen_at"])[:10] for h in results]
    assert days == sorted(days, reverse=True)
    assert len(days) == 1301


def test_the_order_is_kept_when_filters_bring_a_frequent_word_below_the_cap() -> None:
    filters = Filters(portal=("syt",), until="2020-12-31")
    results = search(full_shelf(), "tỉnh", filters, limit=None)
    assert results.total == len(results.hits) == 51
    assert "Tỉnh" in str(results.hits[0].article["title"])


def test_a_read_only_file_is_searched_with_everything(tmp_path: Path) -> None:
    database(DOCS, str(tmp_path / "a.db")).close()
    db = sqlite3.connect(f"file:{tmp_path / 'a.db'}?mode=ro", uri=True)
    assert set(ids(db, "đường")) == {1, 2, 3, 4}
    assert search(db, "đườnk cũ").suggestion == "đường cũ"
    db.execute("PRAGMA query_only = 1")
    db = sqlite3.connect(f"file:{tmp_path / 'a.db'}?mode=ro", uri=True)
    db.execute("PRAGMA query_only = 1")
    assert set(ids(db, "đường")) == {1, 2, 3, 4}


def test_the_index_follows_every_change_and_says_when_it_does_not() -> None:
    db = database(DOCS)
    db.execute("UPDATE articles SET title = 'Cầu mới' WHERE id = 1")
    db.execute("DELETE FROM articles WHERE id = 2")
    add(db, {"id": 9, "title": "Đường tàu"})
    assert set(ids(db, "đường")) == {3, 4, 9}
    assert fts.check(db) == []
    db.execute("DROP TRIGGER articles_fts_au")
    db.execute("UPDATE articles SET title = 'Đường' WHERE id = 5")
    assert len(fts.check(db)) == 2
    fts.create(db)
    assert fts.check(db) == []
    assert 5 in ids(db, "đường")


def test_vacuum_rebuild_and_optimize_leave_search_right() -> None:
    db = database(DOCS)
    db.execute("DELETE FROM articles WHERE id = 2")
    for change in (lambda: db.execute("VACUUM"), lambda: fts.rebuild(db), lambda: fts.optimize(db)):
        change()
        assert fts.check(db) == []
        assert set(ids(db, "đường")) == {1, 3, 4}


@pytest.mark.parametrize("fault", ["INSERT INTO articles_fts(articles_fts) VALUES('delete-all')"])
def test_a_read_only_check_finds_rows_that_the_index_lacks(tmp_path: Path, fault: str) -> None:
    path = tmp_path / "a.db"
    writing = database(DOCS, str(path))
    writing.execute(fault)
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    assert fts.check(db) == ["articles_fts: 5 rows are not in the index"]


def test_private_letters_of_word_processors_are_no_part_of_a_word() -> None:
    db = database([{"title": "\uf0b7Đường", "body": "\uf02dxã"}])
    assert ids(db, "đường xã") == [1]


def test_stock_tools_find_the_index() -> None:
    sqlite_utils = pytest.importorskip("sqlite_utils")
    table = sqlite_utils.Database(database(DOCS))["articles"]
    assert table.detect_fts() == "articles_fts"
    assert {row["id"] for row in table.search("duong")} == {1, 2, 3}
