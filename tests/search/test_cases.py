"""Every hand-written case: what a query must find, must not find, and must show first."""

import json
import sqlite3
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from bookshelf import database

from kontum_crawler.store.search.finding import search

DATA = Path(__file__).parent.parent / "data"
FILES = ("search-cases.json", "search-own.json")


def cases() -> list[Any]:
    found = []
    for name in FILES:
        queries = json.loads((DATA / name).read_text("utf-8"))["queries"]
        found += [
            pytest.param(name, case, id=f"{name[7:-5]}-{n}-{case['q'][:40]}".replace("\x00", ""))
            for n, case in enumerate(queries)
        ]
    return found


@cache
def loaded(name: str) -> sqlite3.Connection:
    return database(json.loads((DATA / name).read_text("utf-8"))["docs"])


@pytest.mark.parametrize(("name", "case"), cases())
def test_a_query_finds_what_it_must_and_nothing_it_must_not(name: str, case: Any) -> None:
    found = [hit.article["id"] for hit in search(loaded(name), case["q"], limit=None)]
    assert set(case["must"]) <= set(found)
    assert not set(case["must_not"]) & set(found)
    first = case.get("first", [])
    assert set(found[: len(first)]) == set(first)
