"""A real NukeViet site with its stock theme, against the truth that its pages were made from."""

import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from kontum_crawler.extract import extract
from kontum_crawler.extract.answer import read_answer
from kontum_crawler.items import Article
from kontum_crawler.portals import Registry, load

EVAL = (
    Path(os.environ.get("KONTUM_EVAL", Path(__file__).parents[3] / "shared")) / "cms" / "nukeviet"
)
PORTAL = """
key    = "stnmt-demo"
name   = "A department's site"
family = "nukeviet"
hosts  = ["stnmt-demo.kontum.test"]
"""
EXACT = ("title", "published_at", "slug", "native_id", "authors", "source")

pytestmark = pytest.mark.skipif(
    not EVAL.is_dir(), reason="the evaluation set cms/nukeviet is not there; set KONTUM_EVAL"
)


@pytest.fixture(scope="module", params=["first", "second"])
def pairs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """Each live article of one state of the site with what was read from its page."""
    file = tmp_path_factory.mktemp("portals") / "stnmt-demo.toml"
    file.write_text(PORTAL, "utf-8")
    portal = load(file)
    pages = _pages(EVAL / f"{request.param}.warc.gz")
    truth = "truth.jsonl" if request.param == "first" else "truth-second.jsonl"
    wanted = [json.loads(line) for line in (EVAL / truth).read_text("utf-8").splitlines()]
    return [
        (row, extract(pages[row["url"]], url=row["url"], portal=portal))
        for row in wanted
        if row.get("change") != "deleted"
    ]


def _pages(warc: Path) -> dict[str, bytes]:
    pages: dict[str, bytes] = {}
    with warc.open("rb") as stream:
        for record in ArchiveIterator(stream):
            if record.rec_type == "response" and record.http_headers.get_statuscode() == "200":
                url = record.rec_headers.get_header("WARC-Target-URI").strip("<>")
                pages[url] = record.content_stream().read()
    return pages


def _words(text: str | None) -> Counter[str]:
    return Counter(re.findall(r"\w+", text or ""))


def _f1(found: str, wanted: str) -> float:
    one, two = _words(found), _words(wanted)
    if not one and not two:
        return 1.0
    common = sum((one & two).values())
    return 2 * common / (one.total() + two.total())


def test_bodies_are_nearly_exact(pairs: list[tuple[dict[str, Any], Article]]) -> None:
    scores = [_f1(article.body, row["body"]) for row, article in pairs]
    assert sum(scores) / len(scores) >= 0.995


def test_bodies_have_the_same_blocks(pairs: list[tuple[dict[str, Any], Article]]) -> None:
    """But for the lead that one body repeats, which ours leaves out."""
    other = [row["url"] for row, article in pairs if article.body != row["body"]]
    assert len(other) <= 0.02 * len(pairs), other


@pytest.mark.parametrize("name", EXACT)
def test_fields_are_exact(pairs: list[tuple[dict[str, Any], Article]], name: str) -> None:
    wrong = [
        (row["url"], getattr(article, name), row[name])
        for row, article in pairs
        if getattr(article, name) != row[name]
    ]
    assert len(wrong) <= 0.02 * len(pairs), wrong


def test_bylines_are_as_printed(pairs: list[tuple[dict[str, Any], Article]]) -> None:
    wrong = [
        (row["url"], article.byline, row["byline"])
        for row, article in pairs
        if article.byline not in (row["byline"], row["byline_printed"])
    ]
    assert len(wrong) <= 0.02 * len(pairs), wrong


def test_attachments_are_found_by_name(pairs: list[tuple[dict[str, Any], Article]]) -> None:
    wrong = [
        row["url"]
        for row, article in pairs
        if [(file.url, file.filename) for file in article.attachments]
        != [(file["url"], file["filename"]) for file in row["attachments"]]
    ]
    assert wrong == []


def test_nothing_that_is_no_body_is_in_it(pairs: list[tuple[dict[str, Any], Article]]) -> None:
    wrong = [
        (row["url"], words)
        for row, article in pairs
        for words in row["not_in_body"]
        if words in article.body.split("\n\n")
    ]
    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("state", ["first", "second"])
def test_on_an_unknown_host_its_articles_are_articles_and_nothing_else(state: str) -> None:
    """Categories, tags and about pages say of themselves that they are articles."""
    unknown = Registry().generic("stnmt-demo.kontum.test")
    truth = "truth.jsonl" if state == "first" else "truth-second.jsonl"
    rows = [json.loads(line) for line in (EVAL / truth).read_text("utf-8").splitlines()]
    live = [row for row in rows if row.get("change") != "deleted"]
    wanted = {url for row in live for url in (*row["urls"], *(row["alt_urls"] or ()))}
    html = [("Content-Type", "text/html; charset=utf-8")]
    found = {
        url
        for url, page in _pages(EVAL / f"{state}.warc.gz").items()
        if read_answer(url=url, status=200, headers=html, body=page, portal=unknown).kind
        == "article"
    }
    assert (wanted - found, found - wanted) == (set(), set())
