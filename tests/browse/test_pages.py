"""Each page says what the database says, through Datasette's own client."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import quote

import lxml.html
import pytest

Rows = Callable[..., list[dict[str, Any]]]
PHRASE = "tháng hành động vì trẻ em"


def tree(answer: Any) -> lxml.html.HtmlElement:
    assert answer.status_code == 200, answer.text[:500]
    return lxml.html.document_fromstring(answer.text)


def text(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def titles(answer: Any) -> list[str]:
    return [text(link) for link in tree(answer).cssselect(".list .title")]


def href(portal: str, slug: str) -> str:
    return f"/a/{quote(portal, safe='')}/{quote(slug, safe='')}"


def folded(value: str | None) -> str:
    return " ".join((value or "").split())


def test_home_lists_what_was_published_last(get_page: Any, rows: Rows) -> None:
    wanted = rows(
        "SELECT title FROM articles WHERE published_at IS NOT NULL"
        " ORDER BY published_at DESC, id DESC LIMIT 20"
    )
    assert titles(get_page("/")) == [folded(row["title"]) for row in wanted]


def test_home_tells_of_portals_days_and_the_last_run(get_page: Any, rows: Rows) -> None:
    page = tree(get_page("/", headers={"accept-language": "en"}))
    articles = rows("SELECT count(*) n FROM articles")[0]["n"]
    assert text(page.cssselect("#portals + div td.n")[0]) == str(articles)
    run = rows("SELECT * FROM runs ORDER BY id DESC LIMIT 1")[0]
    assert run["command"] in text(page.xpath("//section[@aria-labelledby='run']")[0])
    year = rows("SELECT max(substr(published_at, 1, 4)) y FROM articles")[0]["y"]
    days = rows(
        "SELECT DISTINCT substr(published_at, 1, 10) d FROM articles WHERE published_at LIKE ?",
        f"{year}%",
    )
    linked = {a.get("href") for a in page.cssselect("svg.year a")}
    assert linked == {f"/day/{row['d']}" for row in days}


def test_an_article_reads_as_stored(get_page: Any, rows: Rows) -> None:
    for row in rows("SELECT * FROM articles ORDER BY id"):
        page = tree(get_page(href(row["portal"], row["slug"])))
        assert text(page.cssselect("h1")[0]) == folded(row["title"])
        shown = text(page.cssselect("article .text")[0])
        wanted = " ".join(filter(None, (row["lead"], row["body"], row["byline"])))
        # Lists are shown with bullets, not with the hyphens that they are stored with.
        assert re.sub(r"[\s-]", "", shown) == re.sub(r"[\s-]", "", wanted)


def test_an_article_names_its_captures_with_digest_and_record(get_page: Any, rows: Rows) -> None:
    row = rows("SELECT * FROM articles WHERE version > 1")[0]
    page = tree(get_page(href(row["portal"], row["slug"])))
    captures = rows(
        "SELECT * FROM captures WHERE article_id = ? ORDER BY fetched_at DESC, id DESC", row["id"]
    )
    shown = [a.get("href") for a in page.xpath("//section[@aria-labelledby='from']//td/a")]
    assert shown == [f"/capture/{capture['id']}" for capture in captures]
    lines = [text(line) for line in page.xpath("//section[@aria-labelledby='from']//tbody/tr")]
    for line, capture in zip(lines, captures, strict=True):
        assert capture["payload_digest"][:20] in line
        assert f"{capture['warc_file']}:{capture['warc_offset']}" in line


def test_the_neighbours_of_an_article_are_its_portals_own(get_page: Any, rows: Rows) -> None:
    order = rows(
        "SELECT portal, slug FROM articles ORDER BY coalesce(published_at, first_seen_at), id"
    )
    links = tree(get_page(href(**order[5]))).cssselect(".pager a")
    assert [a.get("href") for a in links] == [href(**order[4]), href(**order[6])]
    assert len(tree(get_page(href(**order[0]))).cssselect(".pager a")) == 1


def test_a_citation_to_copy_names_the_capture_that_backs_it(get_page: Any, rows: Rows) -> None:
    row = rows(
        "SELECT a.portal, a.slug, a.title, c.payload_digest, c.fetched_at FROM articles a"
        " JOIN article_versions v ON v.article_id = a.id AND v.version = a.version"
        " JOIN captures c ON c.id = v.capture_id LIMIT 1"
    )[0]
    cited = text(tree(get_page(href(row["portal"], row["slug"]))).cssselect("p.cite")[0])
    assert [folded(row[name]) in cited for name in ("title", "payload_digest", "fetched_at")] == [
        True
    ] * 3


def test_documents_lead_to_all_articles_that_cite_them(get_page: Any, rows: Rows) -> None:
    row = rows(
        "SELECT a.portal, a.slug, c.number FROM citations c JOIN articles a ON a.id = c.article_id"
        " WHERE c.number LIKE '%/%' GROUP BY c.number ORDER BY count(DISTINCT a.id) DESC LIMIT 1"
    )[0]
    page = tree(get_page(href(row["portal"], row["slug"])))
    target = f"/document/{quote(row['number'], safe='~')}"
    assert target in [a.get("href") for a in page.xpath("//section[@aria-labelledby='cited']//a")]
    wanted = rows(
        "SELECT DISTINCT a.title FROM articles a JOIN citations c ON c.article_id = a.id"
        " WHERE c.number = ?",
        row["number"],
    )
    assert {folded(found["title"]) for found in wanted} <= set(titles(get_page(target)))


@pytest.mark.parametrize(
    ("kind", "names", "having"),
    [
        ("author", "SELECT DISTINCT value FROM articles, json_each(authors)",
         "EXISTS (SELECT 1 FROM json_each(authors) WHERE value = ?)"),
        ("unit", "SELECT DISTINCT unit AS value FROM articles WHERE unit IS NOT NULL", "unit = ?"),
        ("portal", "SELECT key AS value FROM portals", "portal = ?"),
        ("day", "SELECT DISTINCT substr(coalesce(published_at, first_seen_at), 1, 10) AS value"
         " FROM articles", "substr(coalesce(published_at, first_seen_at), 1, 10) = ?"),
        ("month", "SELECT DISTINCT substr(coalesce(published_at, first_seen_at), 1, 7) AS value"
         " FROM articles", "substr(coalesce(published_at, first_seen_at), 1, 7) = ?"),
    ],
    ids=["author", "unit", "portal", "day", "month"],
)  # fmt: skip
def test_a_list_has_exactly_its_articles(
    get_page: Any, rows: Rows, kind: str, names: str, having: str
) -> None:
    for row in rows(f"{names} LIMIT 12"):
        wanted = rows(f"SELECT slug FROM articles WHERE {having}", row["value"])
        found = get_page(f"/{kind}/{quote(row['value'], safe='')}.json").json()["articles"]
        assert {a["slug"] for a in found} == {a["slug"] for a in wanted}, row["value"]


def test_names_are_found_without_accents_and_in_any_case(get_page: Any, rows: Rows) -> None:
    name = rows("SELECT unit FROM articles WHERE unit LIKE 'Phòng%'")[0]["unit"]
    assert titles(get_page(f"/unit/{quote(name.upper())}")) == titles(
        get_page(f"/unit/{quote(name)}")
    )


def test_search_finds_marks_and_counts(get_page: Any, rows: Rows) -> None:
    for query in (PHRASE, "thang hanh dong vi tre em"):
        answer = get_page(f"/search?q={quote(query)}")
        page = tree(answer)
        found = get_page(f"/search.json?q={quote(query)}").json()
        assert titles(answer) == [folded(a["title"]) for a in found["articles"][:20]]
        assert {text(mark).lower() for mark in page.cssselect(".list mark")} & {"trẻ", "em"}
        assert str(found["total"]) in text(page)


def test_facets_narrow_to_as_many_as_they_say(get_page: Any) -> None:
    page = tree(get_page("/search?q=kinh+t%E1%BA%BF"))
    links = page.cssselect(".facet li")
    assert len(links) > 3
    for line in links[:12]:
        target = line.cssselect("a")[0].get("href")
        count = int(text(line.cssselect("span")[0]))
        narrowed = get_page(target.replace("/search?", "/search.json?")).json()
        assert narrowed["total"] == count, target


def test_without_a_query_filters_alone_list_articles(get_page: Any, rows: Rows) -> None:
    category = rows(
        "SELECT category, count(*) n FROM articles WHERE category IS NOT NULL GROUP BY 1"
        " ORDER BY n DESC"
    )
    for row in category[:2]:
        found = get_page(f"/search.json?category={quote(row['category'])}").json()
        assert found["total"] == row["n"]


def test_pages_of_a_list_do_not_overlap(get_page: Any, rows: Rows) -> None:
    first = get_page("/portal/kkt")
    older = tree(first).cssselect("a[rel=next]")[0].get("href")
    both = titles(first) + titles(get_page(older))
    assert len(both) == rows("SELECT count(*) n FROM articles")[0]["n"]


def test_versions_are_compared_word_by_word(get_page: Any, rows: Rows) -> None:
    for row in rows("SELECT * FROM articles WHERE version > 1"):
        page = tree(get_page(f"{href(row['portal'], row['slug'])}/compare?from=1&to=2"))
        old, new = rows(
            "SELECT title, lead, body, byline FROM article_versions WHERE article_id = ?"
            " AND version <= 2 ORDER BY version",
            row["id"],
        )
        cells = page.cssselect(".sides > div")[2:]
        for side, version in ((0, old), (1, new)):
            shown = "".join(text(cell) for cell in cells[side::2])
            assert shown.replace(" ", "") == "".join(folded(v) for v in version.values()).replace(
                " ", ""
            )
        assert page.cssselect("del, ins")


def test_an_older_slug_redirects_to_the_article(get_page: Any, rows: Rows) -> None:
    moved = rows(
        "SELECT DISTINCT o.portal, o.slug, a.slug AS now FROM observations o JOIN articles a"
        " ON a.id = o.article_id WHERE o.slug <> a.slug AND o.kind = 'article'"
        " AND NOT EXISTS (SELECT 1 FROM articles b WHERE b.slug = o.slug)"
    )
    assert moved, "the sample moves an article on its second day"
    for row in moved:
        answer = get_page(href(row["portal"], row["slug"]))
        assert (answer.status_code, answer.headers["location"]) == (
            301,
            href(row["portal"], row["now"]),
        )


def test_curly_quotes_work_percent_encoded(get_page: Any, rows: Rows) -> None:
    row = rows("SELECT portal, slug, title FROM articles WHERE slug LIKE '%“%'")[0]
    assert "%E2%80%9C" in href(row["portal"], row["slug"])
    page = tree(get_page(href(row["portal"], row["slug"])))
    assert text(page.cssselect("h1")[0]) == folded(row["title"])


def test_the_interface_speaks_the_readers_language(get_page: Any) -> None:
    for asked, word in (("en-GB", "Search"), ("vi", "Tìm kiếm"), ("de", "Tìm kiếm")):
        answer = get_page("/", headers={"accept-language": asked})
        assert f"<button>{word}</button>" in answer.text
        assert "accept-language" in answer.headers["vary"]
    switched = get_page("/?lang=en")
    assert "kontum_lang=en" in switched.headers["set-cookie"]
    assert "httponly" in switched.headers["set-cookie"].lower()
    kept = get_page("/", headers={"cookie": "kontum_lang=en", "accept-language": "vi"})
    assert "<button>Search</button>" in kept.text


def test_runs_and_problems_are_those_of_the_database(get_page: Any, rows: Rows) -> None:
    page = tree(get_page("/runs"))
    runs = rows("SELECT id, command, outcome FROM runs ORDER BY id DESC")
    lines = page.xpath("//section[@aria-labelledby='runs']//tbody/tr")
    assert [text(line[0]) for line in lines] == [str(run["id"]) for run in runs]
    for run in runs:
        known = get_page(f"/runs/{run['id']}.json").json()
        wanted = rows("SELECT url, message FROM problems WHERE run_id = ?", run["id"])
        assert len(known["problems"]) == len(wanted)


def test_text_of_a_portal_is_never_markup(get_page: Any, rows: Rows) -> None:
    row = rows("SELECT * FROM articles WHERE title LIKE '<script>%'")[0]
    own = href(row["portal"], row["slug"])
    capture = rows("SELECT id FROM captures WHERE article_id = ? LIMIT 1", row["id"])[0]["id"]
    for path in (
        own,
        f"{own}/compare",
        "/search?q=canh+giac",
        f"/capture/{capture}",
        "/day/2024-05-09",
    ):
        answer = get_page(path)
        page = tree(answer)
        scripts = page.xpath("//script")
        assert [script.get("src", "")[:20] for script in scripts] == ["/-/static-plugins/ko"]
        assert (
            page.xpath("//@*[starts-with(name(), 'on')] | //img | //base | //meta[@http-equiv]")
            == []
        )
        assert "window.ran=1" in unescape(answer.text) or path.startswith("/capture")
