"""The same for programs: JSON, CSV, Atom, and files of what is on screen."""

import csv
import io
import json
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from browse_client import asker

Rows = Callable[..., list[dict[str, Any]]]
ATOM = "{http://www.w3.org/2005/Atom}"
csv.field_size_limit(10_000_000)


def sheet(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_an_article_as_json_has_its_columns_and_what_hangs_on_it(get_page: Any, rows: Rows) -> None:
    row = rows("SELECT * FROM articles WHERE version > 1 LIMIT 1")[0]
    found = get_page(f"/a/{row['portal']}/{quote(row['slug'])}.json").json()
    lists = {name: json.loads(row[name]) for name in ("authors", "photo_by", "tags")}
    assert {name: found[name] for name in row} == {**row, **lists}
    for name in ("urls", "versions", "captures", "attachments", "images", "citations"):
        table = {"urls": "article_urls", "versions": "article_versions"}.get(name, name)
        known = rows(f"SELECT count(*) n FROM {table} WHERE article_id = ?", row["id"])[0]["n"]
        assert len(found[name]) == known, name


def test_a_search_as_csv_has_every_hit_and_all_columns(get_page: Any, rows: Rows) -> None:
    found = sheet(get_page("/search.csv?q=kinh+t%E1%BA%BF"))
    hits = get_page("/search.json?q=kinh+t%E1%BA%BF").json()
    assert len(found) == hits["total"] == len(hits["articles"])
    for line in found:
        (row,) = rows("SELECT * FROM articles WHERE id = ?", line["id"])
        assert line["body"] == (row["body"] or "")
        assert line["title"] == (row["title"] or "")


@pytest.mark.parametrize("path", ["/portal/kkt", "/month/2024-07", "/unit/V%C4%83n%20ph%C3%B2ng"])
def test_lists_say_the_same_in_each_form(get_page: Any, path: str) -> None:
    listed = [a["slug"] for a in get_page(f"{path}.json").json()["articles"]]
    assert listed
    assert {line["slug"] for line in sheet(get_page(f"{path}.csv"))} == set(listed)
    feed = ElementTree.fromstring(get_page(f"{path}.atom").text)
    links = [link.get("href", "") for link in feed.findall(f"{ATOM}entry/{ATOM}link")]
    assert [link.rpartition("/")[2] for link in links] == [
        quote(slug, safe="~") for slug in listed[:100]
    ]
    assert all(link.startswith("http://localhost/a/kkt/") for link in links)


def test_a_feed_has_what_the_standard_asks_for(get_page: Any, rows: Rows) -> None:
    for path in ("/home.atom", "/search.atom?q=kon+tum", "/runs.atom"):
        feed = ElementTree.fromstring(get_page(path).text)
        for parent in (feed, *feed.findall(f"{ATOM}entry")):
            assert all(parent.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))
        ids = [entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")]
        assert len(ids) == len(set(ids)) > 0
        assert {link.get("rel") for link in feed.findall(f"{ATOM}link")} == {"self", "alternate"}


ARTICLE = (
    "INSERT INTO articles (portal, slug, url, title, body, authors, photo_by, tags, version,"
    " content_hash, first_seen_at, last_seen_at) VALUES ('thu', :slug, 'http://thu.vn/' || :slug,"
    " 'Tin ' || :slug, 'Tin', '[\"Y Hoa\"]', '[]', '[]', 1, :slug, '2024-05-09T08:30:00Z',"
    " '2024-05-09T08:30:00Z')"
)


def fill(folder: Path, slugs: list[str]) -> None:
    db = sqlite3.connect(folder / "kontum.db")
    with db:
        db.execute("INSERT INTO portals VALUES ('thu', 'Cổng thử', 'x', 'http://thu.vn/')")
        db.executemany(ARTICLE, [{"slug": slug} for slug in slugs])
    db.close()


@pytest.mark.parametrize(
    "path", ["/portal/thu.atom", "/search.atom?q=tin", "/search.atom?q=tin&portal=thu"]
)
def test_a_long_feed_leads_to_its_next_page(small: Path, path: str) -> None:
    slugs = [f"bai-{number}" for number in range(230)]
    fill(small, slugs)
    ask = asker([small / "kontum.db"], settings={"base_url": "/search/"})
    found: list[str] = []
    following: str | None = path
    for _ in range(3):
        assert following is not None
        feed = ElementTree.fromstring(ask(following.removeprefix("http://localhost/search")).text)
        found += [entry.findtext(f"{ATOM}id") or "" for entry in feed.findall(f"{ATOM}entry")]
        links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
        following = links.get("next")
    assert following is None
    assert sorted(found) == sorted(f"http://localhost/search/a/thu/{slug}" for slug in slugs)


def test_a_name_that_ends_like_a_format_has_an_address(small: Path) -> None:
    slugs = ["tep.json", "tep.wacz", "tep"]
    fill(small, slugs)
    ask = asker([small / "kontum.db"])
    for row in ask("/portal/thu.json").json()["articles"]:
        assert f"<h1>Tin {row['slug']}</h1>" in ask(row["href"]).text
        assert ask(f"{row['href']}.json").json()["slug"] == row["slug"]


def test_home_calendar_and_runs_are_also_tables(get_page: Any, rows: Rows) -> None:
    days = {line["day"]: int(line["articles"]) for line in sheet(get_page("/calendar/2024.csv"))}
    wanted = rows(
        "SELECT substr(published_at, 1, 10) d, count(*) n FROM articles"
        " WHERE published_at LIKE '2024%' GROUP BY 1"
    )
    assert days == {row["d"]: row["n"] for row in wanted}
    assert get_page("/calendar/2024.json").json()["days"] == days
    assert len(sheet(get_page("/home.csv"))) == 20
    assert len(sheet(get_page("/runs.csv"))) == rows("SELECT count(*) n FROM runs")[0]["n"]
    assert len(sheet(get_page("/runs/1.csv"))) > 0


def test_links_of_a_search_carry_its_query(get_page: Any, rows: Rows) -> None:
    page = get_page("/search?q=kinh+t%E1%BA%BF&portal=kkt&since=2024-01-01").text
    for name in ("csv", "jsonl", "bib", "csl", "wacz"):
        assert f"/export.{name}?q=kinh+t%E1%BA%BF&amp;portal=kkt&amp;since=2024-01-01" in page
    wanted = get_page("/search.json?q=kinh+t%E1%BA%BF&portal=kkt&since=2024-01-01").json()["total"]
    query = "?q=kinh+t%E1%BA%BF&portal=kkt&since=2024-01-01"
    assert len(get_page(f"/export.jsonl{query}").text.splitlines()) == wanted
    assert len(get_page(f"/export.csl{query}").json()) == wanted
    assert get_page(f"/export.bib{query}").text.count("@online{") == wanted


def test_what_is_on_screen_is_had_as_wacz(get_page: Any, rows: Rows) -> None:
    row = rows("SELECT * FROM articles WHERE version > 1 LIMIT 1")[0]
    own = f"/a/{row['portal']}/{quote(row['slug'])}"
    capture = rows("SELECT id FROM captures WHERE article_id = ? LIMIT 1", row["id"])[0]["id"]
    for path in (f"{own}.wacz", f"/capture/{capture}.wacz", "/export.wacz?q=tr%E1%BA%BB+em"):
        answer = get_page(path)
        assert answer.headers["content-type"] == "application/wacz", path
        with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
            assert package.testzip() is None
            assert "datapackage.json" in package.namelist()
            pages = package.read("pages/pages.jsonl").decode().splitlines()[1:]
        assert len(pages) >= 1
    assert f'href="{own}.wacz"' in get_page(own).text


def test_an_older_slug_redirects_in_the_same_form(get_page: Any, rows: Rows) -> None:
    moved = rows(
        "SELECT DISTINCT o.portal, o.slug, a.slug AS now FROM observations o JOIN articles a"
        " ON a.id = o.article_id WHERE o.slug <> a.slug AND o.kind = 'article'"
        " AND NOT EXISTS (SELECT 1 FROM articles b WHERE b.slug = o.slug)"
    )[0]
    answer = get_page(f"/a/{moved['portal']}/{quote(moved['slug'])}.json")
    assert answer.headers["location"] == f"/a/{moved['portal']}/{quote(moved['now'])}.json"


def test_what_is_not_there_is_said_in_the_form_that_was_asked_for(get_page: Any) -> None:
    for path in ("/a/kkt/khong-co.json", "/capture/99999999.json", "/author/khong%20ai.json"):
        answer = get_page(path)
        assert answer.status_code == 404
        assert answer.json()["status"] == 404
    assert get_page("/author/khong%20ai").status_code == 404
