"""What readers and broken archives may do to the pages: each is told, none is a crash."""

import shutil
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

import datasette
import pytest
from browse_client import asker

from kontum_crawler.store import Archive

HOSTILE = (
    "<script>alert(1)</script>",
    "'; DROP TABLE articles; --",
    "' OR 1=1 --",
    "../../../../etc/passwd",
    "..%2f..%2fkontum.db",
    "%00",
    "a\x00b",
    "{{7*7}}",
    '"unclosed',
    "NEAR(",
    "*",
    "title:",
    "-" * 500,
    "(" * 3000,
    "đ" * 10_000,
    "x y " * 2_500,
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "%ff%fe",
)
PATHS = (
    "/a/kkt/{}", "/a/{}/x", "/a/kkt/{}/compare", "/search?q={}", "/search?q=a&portal={}",
    "/search?author={}", "/search?unit={}", "/search?document={}", "/search?category={}",
    "/search?q=kon&source={}", "/search?since={}", "/search?q=a&offset={}", "/search?q=a&sort={}",
    "/portal/{}", "/author/{}", "/unit/{}", "/document/{}", "/day/{}", "/month/{}",
    "/calendar/{}", "/capture/{}", "/capture/5/with?url={}", "/capture/5/go?url={}", "/runs/{}",
    "/export.csv?author={}", "/?lang={}",
)  # fmt: skip


@pytest.fixture
def copy(archive: Path, tmp_path: Path) -> Path:
    """A copy of the archive that a test may break."""
    return Path(shutil.copytree(archive, tmp_path / "copy"))


@pytest.mark.parametrize("path", PATHS)
def test_no_address_crashes_a_page_or_gets_its_markup_in(get_page: Any, path: str) -> None:
    for value in HOSTILE:
        asked = path.format(quote(value, safe="%" if "%" in value else ""))
        answer = get_page(asked)
        assert answer.status_code in (200, 302, 400, 404), (asked[:200], answer.text[-300:])
        assert "<script>alert" not in answer.text
        assert "content-security-policy" in answer.headers or answer.status_code == 302 or (
            not answer.headers.get("content-type", "").startswith("text/html")
        )  # fmt: skip


def test_odd_cookies_and_languages_are_no_matter(get_page: Any) -> None:
    for headers in (
        {"cookie": "kontum_lang=<script>; a=b; =;;"},
        {"cookie": "kontum_lang=\x22; [bad]=1"},
        {"accept-language": ",;q=x,*" * 200},
    ):
        assert get_page("/", headers=headers).status_code == 200


def test_an_empty_archive_has_all_its_pages(small: Path) -> None:
    ask = asker([small / "kontum.db"])
    for path in ("/", "/home.json", "/home.atom", "/search", "/search?q=a", "/calendar/", "/runs",
                 "/coverage", "/coverage.json", "/coverage.csv"):  # fmt: skip
        assert ask(path).status_code == 200, path
    assert ask("/portal/kkt").status_code == 404


def test_without_the_search_index_articles_can_still_be_read(copy: Path) -> None:
    with Archive.open(copy, write=True) as opened, opened.transaction():
        names = [row[0] for row in opened.db.execute("SELECT name FROM sqlite_master")]
        for name in names:
            if name.startswith("articles_fts") and name.endswith(("_ai", "_ad", "_au")):
                opened.db.execute(f"DROP TRIGGER {name}")
        opened.db.execute("DROP TABLE articles_fts")
        author = opened.db.execute("SELECT value FROM articles, json_each(authors)").fetchone()[0]
    ask = asker([copy / "kontum.db"])
    for path in (
        "/",
        "/portal/kkt",
        f"/author/{quote(author)}",
        "/calendar/",
        "/search?portal=kkt",
    ):
        assert ask(path).status_code == 200, path
    answer = ask("/search?q=kinh")
    assert answer.status_code == 503
    assert "thiếu chỉ mục" in answer.text


def test_a_newer_schema_is_refused_by_name(copy: Path) -> None:
    with sqlite3.connect(copy / "kontum.db") as db:
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('kontum', 'm999_future', '2030-01-01')"
        )
    answer = asker([copy / "kontum.db"])("/")
    assert answer.status_code == 503
    assert "m999_future" in answer.text
    assert "kontum_crawler mới hơn" in answer.text


def test_without_its_warc_file_an_article_reads_and_the_capture_says_what_is_missing(
    copy: Path, rows: Any
) -> None:
    row = rows(
        "SELECT a.portal, a.slug, c.id, c.warc_file FROM articles a JOIN captures c"
        " ON c.article_id = a.id LIMIT 1"
    )[0]
    shutil.rmtree(copy / "warc")
    ask = asker([copy / "kontum.db"])
    assert ask(f"/a/{row['portal']}/{quote(row['slug'])}").status_code == 200
    page = ask(f"/capture/{row['id']}")
    assert page.status_code == 200
    assert f"{row['warc_file']}: thiếu tệp này" in page.text
    english = ask(f"/capture/{row['id']}", headers={"accept-language": "en"})
    assert f"{row['warc_file']}: the file is missing" in english.text
    assert "<iframe" not in page.text
    assert ask(f"/capture/{row['id']}/page").status_code == 404
    assert ask(f"/capture/{row['id']}.wacz").status_code == 503


def test_a_torn_warc_file_is_told(copy: Path, rows: Any) -> None:
    row = rows("SELECT * FROM captures WHERE status = 200 ORDER BY warc_offset DESC LIMIT 1")[0]
    path = copy / row["warc_file"]
    path.write_bytes(path.read_bytes()[: row["warc_offset"] + row["warc_length"] // 2])
    ask = asker([copy / "kontum.db"])
    page = ask(f"/capture/{row['id']}")
    assert page.status_code == 200
    assert f"{row['warc_file']}: bản ghi hỏng hoặc bị cắt" in page.text
    for end in ("/page", "/bytes"):
        assert ask(f"/capture/{row['id']}{end}").status_code == 404
    assert ask(f"/capture/{row['id']}.wacz").status_code == 503


def test_a_repeat_of_a_capture_that_is_not_there_is_told(copy: Path, rows: Any) -> None:
    number = rows("SELECT id FROM captures WHERE revisit_of IS NOT NULL LIMIT 1")[0]["id"]
    with sqlite3.connect(copy / "kontum.db") as db:
        db.execute("UPDATE captures SET revisit_of = 987654 WHERE id = ?", (number,))
    answer = asker([copy / "kontum.db"])(f"/capture/{number}")
    assert answer.status_code == 200
    assert "kho không có bản chụp 987654" in answer.text


def test_a_damaged_database_is_told(copy: Path) -> None:
    path = copy / "kontum.db"
    db = sqlite3.connect(path)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    size = db.execute("PRAGMA page_size").fetchone()[0]
    sql = "SELECT rootpage FROM sqlite_master WHERE name = 'articles'"
    root = db.execute(sql).fetchone()[0]
    db.close()
    with path.open("r+b") as file:
        file.seek(size * (root - 1))
        file.write(b"\xff" * size)
    ask = asker([path])
    for found in (ask("/"), ask("/search?q=kinh"), ask("/portal/kkt")):
        assert found.status_code == 503
        assert "Chi tiết kỹ thuật: database disk image is malformed" in found.text


def test_a_page_whose_server_named_no_type_is_shown_as_browsers_would(
    copy: Path, rows: Any
) -> None:
    capture = rows("SELECT min(capture_id) id FROM article_versions")[0]["id"]
    db = sqlite3.connect(copy / "kontum.db")
    with db:
        db.execute("UPDATE captures SET media_type = NULL WHERE id = ?", (capture,))
    db.close()
    ask = asker([copy / "kontum.db"])
    assert "<iframe" in ask(f"/capture/{capture}").text
    page = ask(f"/capture/{capture}/page")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "sandbox" in page.headers["content-security-policy"]


def test_a_record_outside_the_archive_is_not_read(copy: Path, rows: Any) -> None:
    number = rows("SELECT id FROM captures WHERE status = 200 LIMIT 1")[0]["id"]
    with sqlite3.connect(copy / "kontum.db") as db:
        db.execute(
            "UPDATE captures SET warc_file = '../../../etc/passwd', warc_offset = 0 WHERE id = ?",
            (number,),
        )
    answer = asker([copy / "kontum.db"])(f"/capture/{number}?lang=en")
    assert "lies outside the archive" in answer.text


def test_only_addresses_of_the_web_are_links(copy: Path, rows: Any) -> None:
    row = rows("SELECT id, portal, slug FROM articles LIMIT 1")[0]
    capture = rows("SELECT id FROM captures WHERE article_id = ? LIMIT 1", row["id"])[0]["id"]
    db = sqlite3.connect(copy / "kontum.db")
    with db:
        db.execute("UPDATE portals SET base_url = 'javascript:run()'")
        db.execute("UPDATE captures SET url = 'javascript:run()' WHERE id = ?", (capture,))
        db.execute(
            "UPDATE article_urls SET url = 'javascript:run()' WHERE article_id = ?", (row["id"],)
        )
    db.close()
    ask = asker([copy / "kontum.db"])
    own = f"/a/{row['portal']}/{quote(row['slug'])}"
    for path in (own, f"/portal/{row['portal']}", f"/capture/{capture}"):
        text = ask(path).text
        assert "javascript:run()" in text
        assert 'href="javascript' not in text


def test_an_article_without_a_title_is_linked_by_its_slug(copy: Path, rows: Any) -> None:
    one, other = rows("SELECT id, portal, slug FROM articles ORDER BY id LIMIT 2")
    capture = rows("SELECT id FROM captures WHERE article_id = ? LIMIT 1", one["id"])[0]["id"]
    db = sqlite3.connect(copy / "kontum.db")
    with db:
        db.execute("UPDATE articles SET title = NULL WHERE id = ?", (one["id"],))
        db.execute("DELETE FROM article_groups")
        db.executemany(
            "INSERT INTO article_groups VALUES (?, ?, 0.9)",
            [(one["id"], one["id"]), (one["id"], other["id"])],
        )
    db.close()
    ask = asker([copy / "kontum.db"])
    for path in (f"/a/{other['portal']}/{quote(other['slug'])}", f"/capture/{capture}"):
        assert f">{one['slug']}</a>" in ask(path).text


def test_a_withdrawn_article_and_its_captures_are_hidden(copy: Path, rows: Any) -> None:
    row = rows("SELECT * FROM articles WHERE version > 1 LIMIT 1")[0]
    captures = rows("SELECT id FROM captures WHERE article_id = ?", row["id"])
    with Archive.open(copy, write=True) as opened:
        opened.withdraw(row["slug"], "asked for by the person named", portal=row["portal"])
    ask = asker([copy / "kontum.db"])
    own = f"/a/{row['portal']}/{quote(row['slug'])}"
    for path in (own, f"{own}.json"):
        answer = ask(path)
        assert answer.status_code == 410
        assert "asked for by the person named" in answer.text
    for capture in captures:
        for path in (
            "",
            ".json",
            ".wacz",
            "/page",
            "/bytes",
            "/with?url=http://kkt.kontum.gov.vn/",
        ):
            assert ask(f"/capture/{capture['id']}{path}").status_code == 410, path
    other = rows("SELECT id FROM captures WHERE article_id <> ? LIMIT 1", row["id"])[0]["id"]
    assert ask(f"/capture/{other}/go?url={quote(row['url'], safe='')}").status_code == 410
    found = ask(f"/search.json?q={quote(row['title'])}").json()["articles"]
    assert row["slug"] not in [article["slug"] for article in found]


def test_of_several_databases_the_first_archive_or_the_configured_one_is_shown(
    copy: Path, small: Path, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "other.db") as db:
        db.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY)")
    (tmp_path / "second.db").write_bytes((small / "kontum.db").read_bytes())
    files = [tmp_path / "other.db", copy / "kontum.db", tmp_path / "second.db"]
    assert len(asker(files)("/home.json").json()["articles"]) == 20
    settings = {"plugins": {"kontum-crawler": {"database": "second"}}}
    name = "config" if datasette.__version__.startswith("1") else "metadata"
    assert asker(files, **{name: settings})("/home.json").json()["articles"] == []
    wrong = {"plugins": {"kontum-crawler": {"database": "other"}}}
    assert asker(files, **{name: wrong})("/search").status_code == 404


def test_without_an_archive_datasettes_own_first_page_stands(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as db:
        db.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY)")
    answer = asker([tmp_path / "other.db"])("/")
    assert answer.status_code == 200
    assert "other" in answer.text
    assert "content-security-policy" in answer.headers


def test_every_page_of_datasette_has_a_policy_too(get_page: Any) -> None:
    for path in ("/kontum", "/kontum/articles", "/kontum/articles/1", "/-/databases", "/-/plugins",
                 "/khong-co", "/kontum/khong-co", "/kontum?sql=select+nix", "/-/nix"):  # fmt: skip
        answer = get_page(path)
        if answer.headers["content-type"].startswith("text/html"):
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy, path
            assert answer.headers["x-content-type-options"] == "nosniff"


def test_pages_work_behind_a_prefix(archive: Path, rows: Any) -> None:
    ask = asker([archive / "kontum.db"], settings={"base_url": "/kho/"})
    row = rows("SELECT portal, slug FROM articles WHERE version > 1 LIMIT 1")[0]
    own = f"/a/{row['portal']}/{quote(row['slug'])}"
    for path in (
        "/",
        own,
        f"{own}/compare",
        "/search?q=kinh",
        "/portal/kkt",
        "/runs",
        "/calendar/",
        "/coverage",
        "/coverage/kkt",
        "/khong/co/trang/nay",
    ):
        answer = ask(path)
        assert answer.status_code == (404 if "khong" in path else 200), path
        links = [part.split('"')[0] for part in answer.text.split('href="')[1:]]
        ours = [link for link in links if link.startswith("/")]
        assert ours
        assert [link for link in ours if not link.startswith("/kho/")] == []
    listed = ask("/portal/kkt.json").json()
    assert listed["articles"][0]["href"].startswith("/kho/a/")
    assert ask("/portal/kkt.json").json()["next"] is None


def test_who_may_not_see_articles_sees_no_page_of_ours(archive: Path) -> None:
    name = "config" if datasette.__version__.startswith("1") else "metadata"
    rule = {"databases": {"kontum": {"tables": {"articles": {"allow": {"id": "root"}}}}}}
    ask = asker([archive / "kontum.db"], **{name: rule})
    for path in ("/", "/search?q=kinh", "/a/kkt/x", "/portal/kkt", "/export.csv", "/home.json"):
        assert ask(path).status_code == 403, path


def test_an_address_that_leads_nowhere_is_told_in_the_readers_language(get_page: Any) -> None:
    for path in ("/a/b/c/d/e/f", "/runs/x/y", "/calendar/20245", "/capture/abc", "/khong-co"):
        answer = get_page(path)
        assert answer.status_code == 404, path
        assert f"Không có trang nào ở địa chỉ {path}." in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    answer = get_page("/a/b/c/d/e.json", headers={"accept-language": "en"})
    assert answer.json()["error"] == "There is no page at /a/b/c/d/e.json."


def test_what_a_reader_has_already_is_not_sent_again(get_page: Any, paths: list[str]) -> None:
    for path in (*paths, "/home.atom", "/search.json?q=kinh", "/coverage/kkt.csv"):
        first = get_page(path)
        if first.status_code != 200:
            assert "etag" not in first.headers
            continue
        mark = first.headers["etag"]
        assert "accept-language" in first.headers["vary"], path
        again = get_page(path, headers={"if-none-match": f'"x", {mark}'})
        assert (again.status_code, again.content) == (304, b""), path
        english = get_page(path, headers={"if-none-match": mark, "accept-language": "en"})
        if "text/html" in first.headers["content-type"]:
            assert '<html lang="en">' in english.text
        assert get_page(path, headers={"if-none-match": '"x"'}).text == first.text
