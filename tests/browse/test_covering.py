"""Coverage in the browser says what `kontum coverage` says, and is counted once."""

import csv
import io
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from browse_client import Get, asker
from scene import Scene

from kontum_crawler.browse.kept import kept
from kontum_crawler.extract.answer import Answer
from kontum_crawler.portals import get
from kontum_crawler.reports.coverage import coverage
from kontum_crawler.store import Archive

Rows = Callable[..., list[dict[str, Any]]]
BASE = "http://kkt.kontum.gov.vn"
HOST = {"host": "kkt.kontum.gov.vn"}
MIRROR = {"host": "kkt-kontum.com"}


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One article held, three that only links and an error name, one portal without a file."""
    folder = tmp_path_factory.mktemp("known")
    with Archive.open(folder, write=True, create=True) as archive, archive.transaction():
        scene = Scene(archive)
        scene.show(f"{BASE}/tin-mot.p-1.html", "2022-03-05T10:00:00Z")
        scene.gone(f"{BASE}/tin-hai.p-2.html", "2023-03-05T10:00:00Z")
        links = [f"{BASE}/tin-ba.p-3.html", "http://kkt-kontum.com/%22%3E%3Cb%3Ex.p-4.html"]
        listing = Answer(kind="listing", links=links)
        scene.record(f"{BASE}/tin.c-1.html", "2025-05-05T10:00:00Z", listing)
        scene.show("http://la.example/tin-la.p-12.html", "2024-03-05T10:00:00Z")
    return folder


@pytest.fixture(scope="module")
def ask(known: Path) -> Get:
    return asker([known / "kontum.db"])


def cells(page: lxml.html.HtmlElement, section: str) -> list[list[str]]:
    rows = page.xpath(f"//section[@aria-labelledby='{section}']//tbody/tr")
    return [[" ".join(cell.text_content().split()) for cell in row] for row in rows]


def test_a_portal_by_host_and_year_with_what_is_missing(ask: Get) -> None:
    page = lxml.html.document_fromstring(ask("/coverage/kkt").text)
    assert cells(page, "hosts") == [
        ["kkt-kontum.com", "2025", "1", "0", "1"],
        ["kkt.kontum.gov.vn", "2022", "1", "1", "0"],
        ["kkt.kontum.gov.vn", "2023", "1", "0", "1"],
        ["kkt.kontum.gov.vn", "2025", "1", "0", "1"],
    ]
    assert cells(page, "years") == [
        ["2022", "1", "1", "0"],
        ["2023", "1", "0", "1"],
        ["2025", "2", "0", "2"],
    ]
    titles = [title.text for title in page.cssselect("svg.plot rect.whole title")]
    assert titles == ["2022: 1 / 1", "2023: 0 / 1", "2024: 0 / 0", "2025: 0 / 2"]
    missing = page.xpath("//section[@aria-labelledby='missing']//li/a/@href")
    assert missing == [
        "http://kkt-kontum.com/%22%3E%3Cb%3Ex.p-4.html",
        f"{BASE}/tin-ba.p-3.html",
        f"{BASE}/tin-hai.p-2.html",
    ]


def test_the_forms_for_programs_are_those_of_the_command(ask: Get, known: Path) -> None:
    with Archive.open(known) as archive:
        wanted = coverage(archive.db, get("kkt")).as_dict()
    assert ask("/coverage/kkt.json").json() == wanted
    rows = list(csv.DictReader(io.StringIO(ask("/coverage/kkt.csv").text)))
    assert [{**row, "portal": "kkt"} for row in wanted["rows"]] == [
        {**row, **{name: int(row[name]) for name in ("year", "known", "held", "missing")}}
        for row in rows
    ]
    assert ask("/coverage/kkt/missing.json").json() == {
        "portal": "kkt",
        "missing": wanted["missing"],
    }
    lines = list(csv.DictReader(io.StringIO(ask("/coverage/kkt/missing.csv").text)))
    assert [line["url"] for line in lines] == wanted["missing"]


def test_the_overview_adds_all_portals(ask: Get) -> None:
    found = ask("/coverage.json").json()
    known = {row["portal"]: (row["known"], row["held"], row["missing"]) for row in found["portals"]}
    assert known == {"kkt": (4, 1, 3), "la.example": (1, 1, 0)}
    years = [(row["year"], row["known"], row["held"]) for row in found["years"]]
    assert years == [(2022, 1, 1), (2023, 1, 0), (2024, 1, 1), (2025, 2, 0)]
    lines = list(csv.DictReader(io.StringIO(ask("/coverage.csv").text)))
    assert [line["portal"] for line in lines] == [row["portal"] for row in found["portals"]]
    page = lxml.html.document_fromstring(ask("/coverage").text)
    links = page.xpath("//section[@aria-labelledby='portals']//a/@href")
    assert sorted(links) == ["/coverage/kkt", "/coverage/la.example"]
    assert ask("/coverage/la.example").status_code == 200


def test_it_is_reached_from_the_first_page_and_from_the_portal(get_page: Any) -> None:
    assert 'href="/coverage"' in get_page("/").text
    assert 'href="/coverage/kkt"' in get_page("/portal/kkt").text
    assert 'href="/coverage/' not in get_page("/month/2024-07").text


def test_what_is_held_of_the_sample_are_its_own_addresses(get_page: Any, rows: Rows) -> None:
    held = rows("SELECT DISTINCT url_key FROM observations WHERE kind = 'article' AND NOT alias")
    found = get_page("/coverage/kkt.json").json()
    assert sum(row["held"] for row in found["rows"]) == len(held)
    assert sum(row["missing"] for row in found["rows"]) == len(found["missing"])


def test_an_unknown_portal_and_a_copy_without_the_tables_are_told(
    ask: Get, known: Path, tmp_path: Path
) -> None:
    for path in ("/coverage/khong-co", "/coverage/khong-co.json", "/coverage/x/missing.csv"):
        assert ask(path).status_code == 404
    copy = tmp_path / "kontum.db"
    with sqlite3.connect(known / "kontum.db") as source, sqlite3.connect(copy) as target:
        source.backup(target)
        for table in ("named_urls", "archive_plan", "_sqlite_migrations"):
            target.execute(f"DROP TABLE {table}")
    answer = asker([copy])("/coverage/kkt", headers={"accept-language": "en"})
    assert answer.status_code == 404
    assert "lacks the tables" in answer.text


def test_figures_are_counted_once_until_something_is_written(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE t (n)")
    reader = sqlite3.connect(path)
    asked: list[int] = []

    def count(connection: sqlite3.Connection) -> int:
        asked.append(connection.execute("SELECT count(*) FROM t").fetchone()[0])
        return asked[-1]

    assert [kept(reader, "one", count) for _ in range(3)] == [0, 0, 0]
    assert kept(reader, "two", count) == 0
    assert len(asked) == 2
    with sqlite3.connect(path) as writer:
        writer.execute("INSERT INTO t VALUES (1)")
    assert [kept(reader, name, count) for name in ("one", "two", "one")] == [1, 1, 1]
    assert len(asked) == 4
