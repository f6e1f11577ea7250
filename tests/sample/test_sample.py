"""The sample portal keeps its word: what its truth says stands in the pages that it serves."""

import gzip
import html
import io
import json
import re
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pypdfium2
import pytest
from docx import Document
from lxml import etree
from lxml import html as markup

from kontum_crawler.sample import Churn, Options, Portal, Sample
from kontum_crawler.sample import truth as truths
from kontum_crawler.sample.story import block_text, slug_of

HOST = "kkt.kontum.gov.vn"


class Got(NamedTuple):
    """An answer as a test sees it, its body undone from gzip."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        """The body as NFC text, in its own encoding."""
        charset = "windows-1258" if b"charset=windows-1258" in self.body else "utf-8"
        return unicodedata.normalize("NFC", self.body.decode(charset))


def get(sample: Sample, url: str, method: str = "GET", **headers: str) -> Got:
    parts = urlsplit(url)
    connection = HTTPConnection(urlsplit(sample.base).netloc, timeout=20)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    sent = {"Host": parts.netloc or HOST} | {k.replace("_", "-"): v for k, v in headers.items()}
    connection.request(method, target, headers=sent)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.headers.get("Content-Encoding") == "gzip" and body:
        body = gzip.decompress(body)
    return Got(answer.status, answer.headers, body)


def seen(page: str) -> str:
    """The words of a page as a reader sees them, without scripts, blanks folded."""
    tree = markup.fromstring(page.encode(), parser=markup.HTMLParser(encoding="utf-8"))
    for element in tree.xpath("//script|//style|//*[contains(@style,'display:none')]"):
        element.drop_tree()
    for element in tree.xpath("//td|//li|//p|//div|//br"):
        element.tail = " " + (element.tail or "")
    text = re.sub("[\u00ad\u200b]", "", tree.text_content())
    return re.sub(r"\s+", " ", text)


def folded(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\n- ", " ")).removeprefix("- ").strip()


@pytest.fixture(scope="module")
def sample() -> Iterator[Sample]:
    with Sample() as running:
        yield running


@pytest.fixture(scope="module")
def told(sample: Sample) -> dict[str, Any]:
    return sample.truth()


@pytest.mark.parametrize("day", [1, 2])
def test_what_the_truth_says_stands_in_the_page(
    sample: Sample, told: dict[str, Any], day: int
) -> None:
    sample.day = day
    wrong = [
        (article["url"], said[:60])
        for article in told["days"][str(day)]["articles"]
        if article["state"] == "live"
        for page in [seen(get(sample, article["url"]).text)]
        for said in _texts_of(article)
        if folded(said) not in page
    ]
    sample.day = 1
    assert wrong == []


def _texts_of(article: dict[str, Any]) -> list[str]:
    by = [*(article["byline"] or "").split("\n"), article["unit"], article["source"]]
    names = [*article["authors"], *article["tags"], *article["photo_by"], article["category"]]
    said = [article["title"], article["lead"], *by, *names, *article["body"].split("\n\n")]
    captions = [picture["caption"] for picture in article["images"]]
    return [text for text in (*said, *captions, *article["citations"]) if text]


def test_the_reference_article_has_the_words_of_its_source(
    told: dict[str, Any], evaluation_sets: Path
) -> None:
    lines = (evaluation_sets / "seed" / "article-p-3496.txt").read_text("utf-8").split("\n\n")
    article = next(a for a in told["days"]["1"]["articles"] if a["native_id"] == "3496")
    assert article["body"].split("\n\n") == [line.strip() for line in lines[4:10]]
    assert article["title"] == lines[1]
    assert article["slug"] == lines[0]


def test_each_day_has_the_counts_that_its_articles_make(told: dict[str, Any]) -> None:
    first, second = (told["days"][day]["articles"] for day in "12")
    changed = [article["change"] for article in second]
    assert told["expected"]["day1"]["articles_new"] == len(first) == 60
    assert told["expected"]["day2"] == {
        "articles_new": changed.count("new"),
        "articles_edited": changed.count("edited"),
        "articles_unchanged": sum(
            changed.count(c) for c in ["unchanged", "moved", "markup", "retagged"]
        ),
        "articles_gone": changed.count("gone"),
    }


@pytest.mark.parametrize(
    "kind", ["new", "edited", "gone", "soft-gone", "moved", "markup", "retagged"]
)
def test_each_kind_of_change_happens_on_day_two(told: dict[str, Any], kind: str) -> None:
    assert kind in {row["change"] for row in told["days"]["2"]["changes"]}


@pytest.mark.parametrize(
    "trait",
    [
        "reference",
        "nfd",
        "windows-1258",
        "twin",
        "two-categories",
        "two-numbers",
        "table",
        "images-only",
        "pdf-only",
        "hostile",
        "near-double",
        "attachment",
        "byline-glued",
        "byline-two-lines",
        "word",
        "two-generations",
    ],
)
def test_each_kind_of_article_is_there(told: dict[str, Any], trait: str) -> None:
    assert trait in {article["trait"] for article in told["days"]["1"]["articles"]}


def test_planted_addresses_answer_as_the_truth_says(sample: Sample, told: dict[str, Any]) -> None:
    answered = {at["url"]: get(sample, at["url"]).status for at in told["planted"]}
    assert answered == {at["url"]: at["status"] for at in told["planted"]}


def test_gone_articles_answer_404_410_or_the_front_page(
    sample: Sample, told: dict[str, Any]
) -> None:
    sample.day = 2
    gone = [a for a in told["days"]["2"]["articles"] if a["state"] != "live"]
    answers = {get(sample, article["url"]).status for article in gone}
    sample.day = 1
    assert answers == {404, 410, 302}


def test_a_changed_slug_redirects_for_good(sample: Sample, told: dict[str, Any]) -> None:
    sample.day = 2
    moved = next(a for a in told["days"]["2"]["articles"] if a["moved_from"])
    answer = get(sample, moved["moved_from"])
    sample.day = 1
    assert answer.status == 301
    assert moved["url"].endswith(answer.headers["Location"])


def test_a_repeat_with_validators_is_answered_304_though_the_counter_runs(sample: Sample) -> None:
    url = f"http://{HOST}/{_slug_of_reference(sample)}"
    first, second = get(sample, url), get(sample, url)
    assert first.body != second.body
    assert first.headers["ETag"] == second.headers["ETag"]
    assert get(sample, url, If_None_Match=first.headers["ETag"]).status == 304
    assert get(sample, url, If_Modified_Since=first.headers["Last-Modified"]).status == 304
    assert get(sample, url, If_None_Match='"another"').status == 200


def _slug_of_reference(sample: Sample) -> str:
    return get(sample, "/x.p-3496.html").headers["Location"].removeprefix("/")


def test_an_edit_changes_the_validators(sample: Sample) -> None:
    url = get(sample, "/x.p-3488.html").headers["Location"]
    before = get(sample, url).headers["ETag"]
    sample.day = 2
    after = get(sample, url, If_None_Match=before)
    sample.day = 1
    assert after.status == 200


def test_head_has_the_length_of_get_and_no_body(sample: Sample) -> None:
    head = get(sample, "/upload/hinh/banner.png", method="HEAD")
    full = get(sample, "/upload/hinh/banner.png")
    assert head.body == b""
    assert int(head.headers["Content-Length"]) == len(full.body)


def test_gzip_is_spoken_where_it_is_asked_for(sample: Sample) -> None:
    answer = get(sample, "/gioi-thieu.html", Accept_Encoding="gzip")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Giới thiệu chung" in answer.text
    assert "Content-Encoding" not in get(sample, "/gioi-thieu.html").headers


def test_robots_names_the_sitemap_and_the_closed_parts(sample: Sample) -> None:
    text = get(sample, "/robots.txt").text
    sample.options.crawl_delay = 2.5
    delayed = get(sample, "/robots.txt").text
    sample.options.crawl_delay = None
    assert "Disallow: /quan-tri/" in text
    assert "Crawl-delay" not in text
    assert "Crawl-delay: 2.5" in delayed
    assert f"Sitemap: http://{HOST}/sitemap.xml" in text


def test_listings_feeds_and_sitemap_together_name_every_article(
    sample: Sample, told: dict[str, Any]
) -> None:
    pages = [
        f"/{key}.c-{number}.html?page={page}"
        for key, number in _categories(sample)
        for page in (1, 2, 3)
    ]
    text = "".join(get(sample, page).text for page in (*pages, "/trang-cu.html"))
    numbers = set(re.findall(r"\.p-(\d+)\.html", text)) | set(re.findall(r'/(\d+)"', text))
    assert {a["native_id"] for a in told["days"]["1"]["articles"]} <= numbers


def _categories(sample: Sample) -> list[tuple[str, str]]:
    return re.findall(r'href="/([a-z-]+)\.c-(\d+)\.html"', get(sample, "/gioi-thieu.html").text)


def test_sitemap_and_feed_are_well_formed(sample: Sample, told: dict[str, Any]) -> None:
    sitemap = etree.fromstring(get(sample, "/sitemap.xml").body)
    feed = etree.fromstring(get(sample, "/rss.xml").body)
    dates = feed.findall("channel/item/pubDate")
    assert len(sitemap.findall(".//{*}lastmod")) >= 58
    assert 0 < len(dates) <= len(feed.findall("channel/item")) == 20


def test_mirrors_serve_the_same_article_and_one_alone_the_older_generation(
    sample: Sample, told: dict[str, Any]
) -> None:
    mirrored = next(a for a in told["days"]["1"]["articles"] if a["mirror_urls"])
    old = next(a for a in told["days"]["1"]["articles"] if a["native_id"] == "8512")
    assert mirrored["title"] in html.unescape(get(sample, mirrored["mirror_urls"][0]).text)
    assert get(sample, old["url"]).status == 200
    assert get(sample, old["url"].replace("kkt-kontum.gov.vn", HOST)).status == 404


def test_links_spell_curly_quotes_raw_and_percent_encoded(sample: Sample) -> None:
    pages = get(sample, "/").text + get(sample, "/dang-doan-the.c-17.html").text
    assert "“thang-hanh-dong" in pages
    assert "%E2%80%9Cthang-hanh-dong" in pages or "%e2%80%9cthang-hanh-dong" in pages


def test_one_page_is_in_nfd_and_one_in_windows_1258_with_combining_tones(
    sample: Sample, told: dict[str, Any]
) -> None:
    by_trait = {a["trait"]: a["url"] for a in told["days"]["1"]["articles"]}
    nfd = get(sample, by_trait["nfd"]).body.decode()
    old = get(sample, by_trait["windows-1258"])
    assert nfd == unicodedata.normalize("NFD", nfd) != unicodedata.normalize("NFC", nfd)
    assert old.headers["Content-Type"] == "text/html"
    assert "\u0323" in old.body.decode("windows-1258")


def test_documents_hold_their_text(sample: Sample, told: dict[str, Any]) -> None:
    files = {f["filename"]: f for a in told["days"]["1"]["articles"] for f in a["attachments"]}
    read = {
        name: _document_text(get(sample, file["url"]).body, name) for name, file in files.items()
    }
    assert {name: folded(file["text"] or "") for name, file in files.items()} == read
    assert read["lich-tiep-cong-dan.pdf"] == ""


def _document_text(data: bytes, name: str) -> str:
    if name.endswith(".docx"):
        return folded("\n".join(p.text for p in Document(io.BytesIO(data)).paragraphs))
    with pypdfium2.PdfDocument(data) as document:
        return folded(" ".join(page.get_textpage().get_text_range() for page in document))


def test_pictures_are_pictures(sample: Sample) -> None:
    assert get(sample, "/upload/hinh/hoi-nghi.png").body.startswith(b"\x89PNG\r\n\x1a\n")
    assert get(sample, "/upload/hinh/cua-khau.jpg").body[:3] == b"\xff\xd8\xff"


def test_a_renamed_field_keeps_its_words_and_a_dropped_one_does_not(sample: Sample) -> None:
    url = get(sample, "/x.p-4003.html").headers["Location"]
    sample.options.rename = frozenset({"title"})
    renamed = get(sample, url).text
    sample.options.rename, sample.options.drop = frozenset(), frozenset({"published_at"})
    dropped = get(sample, url).text
    sample.options.drop = frozenset()
    assert 'class="td_ct"' not in renamed
    assert "phê duyệt điều chỉnh quy hoạch" in renamed
    assert "Ngày đăng" not in dropped


def test_login_for_all_spares_robots_and_answers_200(sample: Sample) -> None:
    sample.options.login_for_all = True
    page, robots = get(sample, "/x.p-3496.html"), get(sample, "/robots.txt")
    sample.options.login_for_all = False
    assert page.status == 200
    assert "Bạn phải đăng nhập" in page.text
    assert "Disallow" in robots.text


def test_the_second_layout_says_the_same(sample: Sample, told: dict[str, Any]) -> None:
    sample.options.layout = 2
    article = next(a for a in told["days"]["1"]["articles"] if a["native_id"] == "4003")
    page = seen(get(sample, article["url"]).text)
    sample.options.layout = 1
    assert [said for said in _texts_of(article) if folded(said) not in page] == []


@pytest.mark.parametrize(
    ("fault", "status"), [("status:503", 503), ("retry:7", 429), ("empty", 200)]
)
def test_faults_by_path(sample: Sample, fault: str, status: int) -> None:
    sample.options.faults["/gioi-thieu"] = fault
    answer = get(sample, "/gioi-thieu.html")
    sample.options.faults.clear()
    assert answer.status == status
    assert answer.headers.get("Retry-After") == ("7" if status == 429 else None)


def test_a_cut_body_and_a_reset_are_felt(sample: Sample) -> None:
    sample.options.faults |= {"/gioi-thieu": "half", "/trang-cu": "reset"}
    with pytest.raises(Exception, match="IncompleteRead"):
        get(sample, "/gioi-thieu.html")
    with pytest.raises(ConnectionError):
        get(sample, "/trang-cu.html")
    sample.options.faults.clear()


def test_requests_are_logged(sample: Sample) -> None:
    sample.forget()
    get(sample, "/robots.txt", User_Agent="thử".encode().decode("latin-1"))
    (row,) = sample.requests
    assert (row.method, row.host, row.path, row.status) == ("GET", HOST, "/robots.txt", 200)
    assert row.bytes > 50
    assert row.in_flight == 1


def test_the_port_being_taken_is_an_error(sample: Sample) -> None:
    with pytest.raises(OSError, match="address already in use"):
        Sample(port=int(sample.base.rpartition(":")[2])).start()


def test_five_thousand_articles_are_ready_at_once_and_all_different() -> None:
    start = time.process_time()
    with Sample(5000) as large:
        index = etree.fromstring(get(large, "/sitemap.xml").body)
        assert time.process_time() - start < 2
        parts = [get(large, loc.text) for loc in index.findall(".//{*}loc")]
    named = [loc for part in parts for loc in re.findall(r"<loc>([^<]+\.html)</loc>", part.text)]
    slugs = [re.sub(r"\.p-\d+\.html", "", url) for url in named if ".p-" in url]
    assert len(parts) == 5
    assert len(set(named)) == len(named)
    assert len(slugs) - len(set(slugs)) == 2  # the planned twins, and the text under two numbers


def test_a_week_of_churn_adds_up() -> None:
    portal = Portal(Options(articles=200, churn=Churn(3, 2, 1)))
    counts = [truths.expected(portal, day) for day in range(1, 8)]
    last = list(truths.articles(portal, 7))
    assert sum(day["articles_new"] for day in counts) == len(last)
    gone = [a for a in last if a["state"] != "live"]
    assert sum(day["articles_gone"] for day in counts) == len(gone)
    edits = sum(article["versions"] - 1 for article in last)
    assert sum(day["articles_edited"] for day in counts) == edits


def test_the_same_portal_is_made_every_time() -> None:
    tell = [json.dumps(truths.truth(Portal(Options(articles=80)), "http://x")) for _ in "12"]
    assert tell[0] == tell[1]


def test_the_command_serves_and_writes_truth_and_log(tmp_path: Path) -> None:
    files = ["--truth", str(tmp_path / "truth.json"), "--log", str(tmp_path / "log.jsonl")]
    command = [sys.executable, "-m", "kontum_crawler.sample", "--articles", "40", *files]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        base = server.stdout.readline().strip()
        connection = HTTPConnection(urlsplit(base).netloc, timeout=20)
        connection.request("GET", "/robots.txt")
        assert connection.getresponse().status == 200
        connection.close()
        server.terminate()
    told = json.loads((tmp_path / "truth.json").read_text("utf-8"))
    (row,) = (json.loads(line) for line in (tmp_path / "log.jsonl").open())
    assert told["base"] == base
    assert len(told["days"]["1"]["articles"]) == 40
    assert row["path"] == "/robots.txt"


def test_slugs_are_made_as_the_portal_makes_them(told: dict[str, Any]) -> None:
    article = next(a for a in told["days"]["1"]["articles"] if a["native_id"] == "3496")
    assert slug_of(article["title"]) == article["slug"]


def test_no_text_is_left_with_a_slot_or_a_mark() -> None:
    portal = Portal(Options(articles=400))
    stories = [portal.edition.story(key) for key in portal.edition]
    texts = [text for s in stories for text in (s.title, *map(block_text, s.blocks))]
    assert [text for text in texts if re.search(r"[<>{}*^]|\[\[", text)] == []


def test_what_is_known_without_the_text_agrees_with_the_story() -> None:
    edition = Portal(Options(articles=120, day=3)).edition
    stories = [(key, edition.story(key)) for key in edition]
    assert {key: edition.modified(key) for key, _ in stories} == {k: s.modified for k, s in stories}
    assert {key: edition.category(key) for key, _ in stories} == {k: s.category for k, s in stories}
