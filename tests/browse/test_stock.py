"""Datasette without our plugin on the same file, with the settings that we ship."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from browse_client import asker
from datasette.plugins import pm

from kontum_crawler.browse.stock import settings_for

Rows = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def stock(archive: Path) -> Iterator[Callable[..., Any]]:
    """Ask a Datasette that does not know us."""
    plugin = pm.get_plugin("kontum")
    pm.unregister(plugin)
    yield asker([archive / "kontum.db"], **settings_for("kontum"))
    pm.register(plugin, name="kontum")


def test_our_pages_are_not_there(stock: Any) -> None:
    assert stock("/search?q=kinh").status_code == 404
    assert "Portal archive" in stock("/").text


def test_the_table_page_searches_with_and_without_accents(stock: Any, rows: Rows) -> None:
    assert 'name="_search"' in stock("/kontum/articles").text
    for query, like in (("trẻ em", "%trẻ em%"), ("tre em", "%trẻ em%"), ("duong", "%đường%")):
        found = stock(f"/kontum/articles.json?_shape=array&_size=max&_search={quote(query)}").json()
        wanted = rows(
            "SELECT id FROM articles WHERE lower(title || coalesce(lead, '') || body) LIKE ?", like
        )
        assert wanted
        assert {row["id"] for row in wanted} <= {row["id"] for row in found}, query
    accented = stock(
        "/kontum/articles.json?_shape=array&_size=max&_search=" + quote("dương")
    ).json()
    assert len(accented) < len(found)


def test_the_table_page_has_facets_and_labels(stock: Any, rows: Rows) -> None:
    page = stock("/kontum/articles").text
    (portal,) = rows(
        "SELECT p.name, count(*) n FROM articles a JOIN portals p ON p.key = a.portal GROUP BY 1"
    )
    assert re.search(rf"{portal['name']}</a>\s*(?:<[^>]*>)?{portal['n']}\b", page)
    for name in ("unit", "category", "authors"):
        assert f'data-column="{name}"' in page
    title = rows("SELECT a.title FROM captures c JOIN articles a ON a.id = c.article_id")[0][
        "title"
    ]
    assert title[:30] in stock("/kontum/captures?_size=max").text


@pytest.mark.parametrize("name", sorted(settings_for("x")["metadata"]["databases"]["x"]["queries"]))
def test_each_canned_query_answers(stock: Any, rows: Rows, name: str) -> None:
    slug = rows("SELECT slug FROM articles LIMIT 1")[0]["slug"]
    asked = f"words=tre+em&number=%25KH-UBND&slug={quote(slug)}"
    answer = stock(f"/kontum/{name}.json?_shape=array&{asked}")
    assert answer.status_code == 200
    assert len(answer.json()) > 0


@pytest.mark.parametrize("words", ["", "%22", "(((", "*"])
def test_a_canned_query_without_a_word_to_look_for_is_no_error(stock: Any, words: str) -> None:
    settings = settings_for("x")["metadata"]["databases"]["x"]["queries"]
    for name in (name for name, query in settings.items() if ":words" in query["sql"]):
        answer = stock(f"/kontum/{name}?words={words}")
        assert answer.status_code == 200, name
        assert "fts5" not in answer.text
