"""The cases of search-cases.json through the command line and through the browser's route."""

import importlib
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from bookshelf import add

from kontum_crawler.cli import main
from kontum_crawler.store import Archive

CASES = json.loads((Path(__file__).parent.parent / "data" / "search-cases.json").read_text("utf-8"))
QUERIES = CASES["queries"]
NAMES = [f"{n}-{case['q'][:30]}".replace("\x00", "") for n, case in enumerate(QUERIES)]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cases")
    with Archive.open(folder, create=True) as opened, opened.transaction():
        for doc in CASES["docs"]:
            add(opened.db, doc)
    return folder


def fits(case: dict[str, Any], found: list[int]) -> None:
    assert set(case["must"]) <= set(found)
    assert not set(case["must_not"]) & set(found)
    first = case.get("first", [])
    assert set(found[: len(first)]) == set(first)


@pytest.mark.parametrize("case", QUERIES, ids=NAMES)
def test_the_command_finds_what_it_must(
    case: Any, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as leaving:
        common = ["--archive", str(archive), "--format", "json", "--limit", "1000"]
        main(["search", case["q"], *common])
    assert leaving.value.code in (0, None)
    fits(case, [article["id"] for article in json.loads(capsys.readouterr().out)])


@cache
def asker(archive: Path) -> Callable[..., Any]:
    pytest.importorskip("datasette", reason="Datasette is not installed")
    ask: Callable[..., Any] = importlib.import_module("browse_client").asker(
        [archive / "kontum.db"]
    )
    return ask


@pytest.mark.parametrize("case", QUERIES, ids=NAMES)
def test_the_browser_finds_what_it_must(case: Any, archive: Path) -> None:
    answer = asker(archive)("/search.json?" + urlencode({"q": case["q"]}))
    assert answer.status_code == 200
    fits(case, [article["id"] for article in answer.json()["articles"]])


def test_an_empty_query_is_not_the_same_as_none(archive: Path) -> None:
    everything = asker(archive)("/search.json").json()["total"]
    assert everything == len(CASES["docs"])
    beside_filters = asker(archive)("/search.json?q=&since=2000-01-01").json()["total"]
    assert beside_filters == everything
    for query in ("", "%20", "%22"):
        empty = asker(archive)(f"/search.json?q={query}").json()
        assert (empty["total"], empty["articles"]) == (0, [])
        assert empty["note"] == "The query has no word to look for."
        assert "no word" in asker(archive)(f"/search?q={query}&lang=en").text
        assert asker(archive)(f"/search.csv?q={query}").status_code == 400
