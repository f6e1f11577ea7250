"""Facets, timeline, concordance and citations count and show what the search finds."""

import sqlite3
from functools import cache

import pytest
from bookshelf import database

from kontum_crawler.browse.narrowing import facets_of
from kontum_crawler.store.search.concordance import citing, concordance
from kontum_crawler.store.search.facets import FACETS, count_by, timeline
from kontum_crawler.store.search.filters import Filters
from kontum_crawler.store.search.finding import search

DOCS = [
    {"title": "Đường một", "authors": ["Lê Hòa", "A Vượng"], "published_at": "2024-01-05",
     "citations": ["1600/KH-UBND", "1600/KH-UBND"], "unit": "Văn phòng"},
    {"title": "Đường hai", "authors": ["LÊ HÒA"], "published_at": "2024-04-05T08:00:00+07:00",
     "citations": ["05/QĐ-UBND"], "issued_on": "2024-03-01"},
    {"title": "Đường ba", "authors": ["Lê Hòa"], "first_seen_at": "2024-02-01T00:00:00Z",
     "body": "Bên trái con đường là rừng, bên phải con đường là suối."},
    {"title": "Cầu", "authors": [], "published_at": "2020-01-01", "portal": "syt"},
]  # fmt: skip


@cache
def shelf() -> sqlite3.Connection:
    return database(DOCS)


def test_one_person_in_two_cases_is_one_author() -> None:
    counts = count_by(shelf(), "author", "duong")
    assert counts.rows == [("Lê Hòa", 3), ("A Vượng", 1)]
    assert counts.total == 3


def test_a_document_counts_once_for_an_article() -> None:
    assert count_by(shelf(), "document").rows == [("05/QĐ-UBND", 1), ("1600/KH-UBND", 1)]


def test_an_article_with_two_spellings_of_a_value_has_it_once() -> None:
    db = database(
        [
            {"authors": ["Lê Hòa", "Lê Hoà"], "citations": ["05/QĐ-UBND", "5/QĐ-UBND"]},
            {"authors": ["LÊ HÒA"], "citations": ["5/QĐ-UBND", "15/QĐ-UBND"]},
        ]
    )
    assert [count for _, count in count_by(db, "author").rows] == [2]
    assert count_by(db, "document").rows == [("5/QĐ-UBND", 2), ("15/QĐ-UBND", 1)]
    shown = facets_of(db, [1, 2])
    assert [count for _, count in shown["author"]] == [2]
    assert shown["document"] == [("5/QĐ-UBND", 2), ("15/QĐ-UBND", 1)]


@pytest.mark.parametrize("facet", FACETS)
def test_every_facet_counts_no_more_than_there_is(facet: str) -> None:
    counts = count_by(shelf(), facet, None)
    assert counts.total == 4
    assert all(0 < count <= 4 for _, count in counts.rows)


def test_months_without_articles_stand_in_the_timeline() -> None:
    counts = timeline(shelf(), "đường")
    assert counts.rows == [("2024-01", 1), ("2024-02", 1), ("2024-03", 0), ("2024-04", 1)]
    assert counts.undated == 1


def test_filters_and_words_that_are_none_count_nothing() -> None:
    assert count_by(shelf(), "portal", "đường", Filters(portal=("syt",))).rows == []
    assert timeline(shelf(), "***").rows == []
    assert timeline(shelf(), "***").note


def test_each_hit_is_a_line_of_the_concordance_with_its_place() -> None:
    lines = list(concordance(shelf(), "con duong"))
    assert [(line.left[-9:], line.hit, line.right[:3]) for line in lines[1::2]] == [
        ("Bên trái ", "con", " đư"),
        (" bên phải ", "con", " đư"),
    ] or [line.hit for line in lines] == ["Đường", "con", "đường", "con", "đường"]
    row = search(shelf(), "con duong").hits[0].article
    assert all(row[line.field][line.start : line.end] == line.hit for line in lines)


def test_width_is_the_context_on_each_side() -> None:
    line = next(iter(concordance(shelf(), '"là rừng"', width=5)))
    assert (line.left, line.hit, line.right) == ("ường ", "là rừng", ", bên")


def test_citations_of_a_document_come_in_time_with_their_quote() -> None:
    assert [row["slug"] for row in citing(shelf(), "1600/KH-UBND")] == ["bai-1", "bai-1"]
    assert citing(shelf(), "5/QD-UBND")[0]["issued_on"] == "2024-03-01"
    assert citing(shelf(), "UBND", Filters(since="2024-02-01"))[0]["date"] == "2024-04-05"
    assert citing(shelf(), "") == []
