"""No text of a user raises, reaches FTS5's syntax, or keeps the archive busy for long."""

import sqlite3
import time
from functools import cache

import pytest
from bookshelf import database
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kontum_crawler.store.search.finding import search
from kontum_crawler.text import plain

PIECES = [
    '"', "“", "”", "(", ")", "^", "*", "-", ":", ",", "'", "’", "{", "}", "+", "\\", ";", "%", "_",
    "AND", "OR", "NOT", "NEAR(", "NEAR", "title:", "body:", "file:", "lead:", "x:",
    " ", "\n", "\x00",
    "\ud800", "\u0301", "\u00ad", "ʼ", "²", "đường", "Đắk", "Hà", "kontum", "ia", "h'drai",
    "9/5/2024",
    "05/QĐ-UBND", "tháng", "5", "năm", "2024", "1.600", "DROP TABLE articles", "--", "hoà", "ky*",
    "\uf0b7", "😀", "كتاب", "漢字", "\U0001e900", "a", "0", "99999999999999999999",
]  # fmt: skip


@cache
def shelf() -> sqlite3.Connection:
    return database(
        [
            {"title": "Đường về Đắk Hà", "body": "Ngày 9/5/2024, hoà giải ở Kontum; 1.600 hộ."},
            {"title": "Ia H'Drai", "body": "Quyết định 05/QĐ-UBND.", "attachments": ["đường xa"]},
        ]
    )


@settings(max_examples=120, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(max_size=60))
@example("(" * 3_000)
@example("a) " * 3_000)
@example("(a OR (b AND " * 500)
@example("- - -a NOT NOT b -(-c)")
@example('NEAR("a" NEAR(b, 99999999999)')
def test_any_text_gives_a_page_of_results(query: str) -> None:
    for sort in ("relevance", "date"):
        results = search(shelf(), query, sort=sort)  # type: ignore[arg-type]
        assert results.total == len(results.hits)
        for hit in results:
            assert all(0 <= s < e <= len(hit.snippet) for s, e in hit.marks["snippet"])


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.sampled_from([p for p in PIECES if "\ud800" not in p]), max_size=8).map(" ".join)
)
def test_without_accents_everything_is_found_that_accents_find(query: str) -> None:
    if "-" in query or "NOT" in query:
        return  # what a query forbids without accents is more, not less
    found = {hit.article["id"] for hit in search(shelf(), query)}
    assert found <= {hit.article["id"] for hit in search(shelf(), plain(query))}


@pytest.mark.parametrize(
    "query",
    [
        "hoà " * 2_500,
        '"' + "người của giá " * 700 + '"',
        " OR ".join(["Đắk Rơ Wa"] * 900),
        "NEAR(" + "Tu Mơ Rông Đắk Glei " * 500 + ", 5)",
        "a* " * 3_000,
        "((((" * 2_500,
        "x" * 10_000,
        '"' * 10_000,
        "title:" * 1_600,
        "NEAR(" * 2_000,
    ],
    ids=lambda query: query[:12],
)
def test_ten_thousand_characters_take_no_longer_than_a_blink(query: str) -> None:
    started = time.process_time()
    results = search(shelf(), query)
    # A guard against exponential work, not a measure of speed: good code needs a hundredth of it.
    assert time.process_time() - started < 5
    assert results.hits == [] or results.note or len(query) < 200


@pytest.mark.parametrize(
    ("query", "found", "told"),
    [
        ("đ* h* m*", [1, 2], True),
        ("đ* hà", [1], False),
        ('""* “”* *', [], False),
        ("ki* ia* qu* x*", [], True),
        (" ".join(f"hoà giải{'*' * (n < 12)}" for n in range(20)), [1], False),
        ("hoà NOT (a* b* c*)", [1], True),
        ('"đường v"* "hoà x"* "ngày z"*', [1], True),
    ],
)
def test_of_beginnings_that_read_the_whole_index_only_some_are_asked(
    query: str, found: list[int], told: bool
) -> None:
    results = search(shelf(), query)
    assert [hit.article["id"] for hit in results] == found
    assert ("short beginnings" in (results.note or "")) is told
