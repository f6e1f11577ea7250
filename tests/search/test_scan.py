"""The index finds exactly what reading every text finds."""

import random
import runpy
import sqlite3
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from bookshelf import database
from fullscan import Lines, Scan, lines_of

from kontum_crawler.store.search.filters import Filters
from kontum_crawler.store.search.matches import Matches
from kontum_crawler.store.search.query import read_query
from kontum_crawler.store.search.vocabulary import Vocabulary

BENCHMARKS = Path(__file__).parent.parent.parent / "benchmarks"
ARTICLES = 250
FIELDS = ("title", "lead", "body", "byline")


@cache
def newsroom() -> dict[str, Any]:
    return runpy.run_path(str(BENCHMARKS / "newsroom.py"))


@cache
def shelf() -> tuple[sqlite3.Connection, dict[bool, list[Lines]]]:
    articles = newsroom()["Newsroom"](3).articles()
    docs = [next(articles) for _ in range(ARTICLES)]
    texts = [{name: doc[name] or "" for name in FIELDS} for doc in docs]
    return database(docs), {a: [lines_of(text, a) for text in texts] for a in (True, False)}


def asked() -> list[str]:
    room = newsroom()["Newsroom"](4)
    return list(newsroom()["queries"](random.Random(5), room, 140))


@pytest.mark.parametrize("number", range(14))
def test_recall_and_precision_against_a_scan_are_one(number: int) -> None:
    db, lines = shelf()
    for query in asked()[number::14]:
        read = read_query(query)
        assert read.node is not None
        reading = Scan(read.node, read.accented)
        truth = {n for n, line in enumerate(lines[read.accented], 1) if reading.fits(line)}
        for vocabulary in (None, Vocabulary(db)):
            matches = Matches(db, read.node, read.accented, Filters(), vocabulary)
            found = {row[0] for row in db.execute(*matches.selection())}
            assert found == truth, query
