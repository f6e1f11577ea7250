"""Which links become rows of the frontier, and where walking on is of no use."""

import gzip
import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kontum_crawler.middlewares.retries import LONGEST_TOLD, retry_after
from kontum_crawler.pipelines.revisits import next_visit
from kontum_crawler.portals import get
from kontum_crawler.spiders.discovery import (
    Lead,
    feed_leads,
    is_list_of_posts,
    post_leads,
    sitemap_leads,
    source_kind,
)
from kontum_crawler.spiders.walk import Seen, Walk

HOST = "http://kkt.kontum.gov.vn"
NOW = datetime(2025, 6, 1, tzinfo=UTC)
URLSET = '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'


def seen(path: str, *links: str, kind: str = "listing", depth: int = 0) -> Seen:
    return Seen(HOST + path, kind, depth, tuple(Lead(HOST + link) for link in links))


def test_one_address_in_two_spellings_is_offered_once() -> None:
    walk = Walk(get("kkt"), [])
    links = ("/a-“b”.p-1.html", "/a-%E2%80%9Cb%E2%80%9D.p-1.html?utm_source=x", "/a-“b”.p-1.html#c")
    found = walk.follow(seen("/", *links), NOW)
    assert len(found.links) == 1


MIRROR = "http://kkt-kontum.com"


def test_a_mirror_s_article_is_fetched_once_where_a_link_names_it() -> None:
    walk = Walk(get("kkt"), [(f"{HOST}/a.p-1.html", "article", "done", None)])
    page = Seen(f"{HOST}/", "listing", 0, (Lead(f"{MIRROR}/a.p-1.html"),))
    assert [link.url for link in walk.follow(page, NOW).links] == [f"{MIRROR}/a.p-1.html"]
    assert walk.follow(page, NOW).links == []


def test_the_pages_of_a_mirror_lead_to_no_page_that_is_known() -> None:
    walk = Walk(get("kkt"), [(f"{HOST}/a.p-1.html", "article", "done", None)])
    links = (Lead(f"{MIRROR}/a.p-1.html"), Lead(f"{MIRROR}/b.p-2.html"))
    page = Seen(f"{MIRROR}/c.p-3.html", "article", 0, links)
    assert [link.url for link in walk.follow(page, NOW).links] == [f"{MIRROR}/b.p-2.html"]


def test_a_mirror_s_listing_is_not_walked() -> None:
    walk = Walk(get("kkt"), [(f"{HOST}/tin", "listing", "done", None)])
    page = Seen(f"{HOST}/", "listing", 0, (Lead(f"{MIRROR}/tin"),))
    assert walk.follow(page, NOW).links == []


def test_a_scheme_makes_no_other_address() -> None:
    walk = Walk(get("kkt"), [(f"{HOST}/a.p-1.html", "article", "done", None)])
    page = Seen(f"{HOST}/", "listing", 0, (Lead("https://kkt.kontum.gov.vn/a.p-1.html"),))
    assert walk.follow(page, NOW).links == []


def test_links_off_the_portal_are_left_out() -> None:
    walk = Walk(get("kkt"), [])
    strange = ("http://example.com/", "javascript:alert(1)", "file:///etc/passwd", "http://[")
    page = Seen(f"{HOST}/", "listing", 0, tuple(Lead(link) for link in strange))
    assert walk.follow(page, NOW).links == []


def test_an_endless_calendar_is_cut() -> None:
    walk = Walk(get("kkt"), [], max_depth=1000)
    traps = [
        walk.follow(seen(f"/lich?thang={n}", f"/lich?thang={n + 1}", "/a.p-1.html", depth=n), NOW)
        for n in range(60)
    ]
    assert [n for n, found in enumerate(traps) if found.trap] == [50]
    assert walk.is_cut(f"{HOST}/lich?thang=99", "listing")


def test_a_listing_of_known_articles_is_no_trap() -> None:
    known = [(f"{HOST}/a.p-{n}.html", "article", "done", None) for n in range(100)]
    walk = Walk(get("kkt"), known, complete=True)
    found = [
        walk.follow(seen(f"/tin?page={n}", f"/a.p-{n}.html", f"/tin?page={n + 1}"), NOW)
        for n in range(80)
    ]
    assert [one.trap for one in found if one.trap] == []


def test_the_pages_of_one_listing_are_one_level() -> None:
    walk = Walk(get("kkt"), [], max_depth=3)
    for n in range(1, 200):
        url = f"{HOST}/tin?page={n}"
        page = seen(f"/tin?page={n}", f"/tin?page={n + 1}", f"/a.p-{n}.html")
        depth = walk.depth(url, None)
        found = walk.follow(Seen(page.url, "listing", depth, page.links), NOW)
        assert len(found.links) == 2


def test_a_chain_deeper_than_allowed_ends() -> None:
    walk = Walk(get("kkt"), [], max_depth=3)
    assert walk.follow(seen("/x", "/a.p-9.html", depth=3), NOW).links == []


def test_a_loop_of_redirects_names_its_members() -> None:
    walk = Walk(get("kkt"), [])
    assert walk.redirect("a", "b") == []
    assert walk.redirect("b", "c") == []
    assert walk.redirect("c", "a") == ["c", "a", "b"]


def test_a_sitemap_gives_its_addresses_packed_or_not() -> None:
    text = f"{URLSET}<url><loc>{HOST}/a</loc><lastmod>2025-05-31</lastmod></url></urlset>".encode()
    wanted = [Lead(f"{HOST}/a", "2025-05-31")]
    assert list(sitemap_leads(text)) == list(sitemap_leads(gzip.compress(text))) == wanted
    assert source_kind(gzip.compress(text)) == "sitemap"


def test_a_sitemap_that_breaks_off_gives_what_came() -> None:
    text = f"{URLSET}<url><loc>{HOST}/a</loc></url><url><loc>{HOST}/b</lo".encode()
    assert Lead(f"{HOST}/a") in list(sitemap_leads(text))


def test_an_entity_in_a_sitemap_opens_no_file() -> None:
    text = (
        '<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
        f"<urlset><url><loc>{HOST}/&x;</loc></url></urlset>"
    ).encode()
    assert all(
        "\n" not in lead.url and lead.url in (f"{HOST}/", "") for lead in sitemap_leads(text)
    )


def test_a_feed_gives_its_entries() -> None:
    text = (
        f'<rss version="2.0"><channel><item><link>{HOST}/a</link>'
        "<pubDate>Sat, 31 May 2025 08:00:00 +0700</pubDate></item></channel></rss>"
    ).encode()
    assert list(feed_leads(text)) == [Lead(f"{HOST}/a", "2025-05-31T01:00:00Z")]


def test_the_list_of_posts_of_wordpress_gives_them_and_its_next_page() -> None:
    url = "https://a.vn/wp-json/wp/v2/posts?per_page=100&_fields=link,modified_gmt&page=1"
    body = b'[{"link": "https://a.vn/bai-mot/", "modified_gmt": "2024-05-09T01:30:00"}, {"id": 3}]'
    assert is_list_of_posts(body) and is_list_of_posts(b" []")
    assert not is_list_of_posts(b"<html>") and not is_list_of_posts(b'{"code": "rest_no_route"}')
    first, second = post_leads(body, url, "2")
    assert (first.url, first.changed) == ("https://a.vn/bai-mot/", "2024-05-09T01:30:00Z")
    assert second.url == url.replace("&page=1", "&page=2")
    assert [lead.url for lead in post_leads(body, url, "1")] == ["https://a.vn/bai-mot/"]
    assert [lead.url for lead in post_leads(body, url, None)] == ["https://a.vn/bai-mot/"]
    assert list(post_leads(b"[{", url, "2")) == []


def test_a_packed_sitemap_gives_what_came_before_it_breaks() -> None:
    # Addresses without a pattern, so that they stay long when packed.
    names = [f"{number}-{hash_of(number)}" for number in range(2_000)]
    text = URLSET + "".join(f"<url><loc>{HOST}/{name}.p-1.html</loc></url>" for name in names)
    packed = gzip.compress(text.encode())
    broken = packed[: len(packed) // 2] + b"\xff" * 64 + packed[len(packed) // 2 + 64 :]
    assert source_kind(broken) == "sitemap"
    leads = [lead.url for lead in sitemap_leads(broken)]
    assert leads[:2] == [f"{HOST}/{name}.p-1.html" for name in names[:2]]
    assert source_kind(b"\x1f\x8b\x00\x00") is None


def hash_of(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


@given(st.binary(max_size=400))
@example(b"\x1f\x8b\x00\x00")
def test_no_bytes_break_the_reading_of_sources(body: bytes) -> None:
    source_kind(body)
    list(sitemap_leads(b"<urlset>" + body))


@pytest.mark.parametrize(
    ("published", "days"),
    [("2025-05-31T12:00:00+07:00", 0.25), ("2025-05-28", 1), ("2025-05-10", 7), ("2024-09-01", 30),
     ("2015-01-01", 180), (None, 0.25), ("nonsense", 0.25)],
)  # fmt: skip
def test_an_older_article_is_looked_at_less_often(published: str | None, days: float) -> None:
    due = next_visit(NOW, published, 0, edited=False)
    assert (due - NOW).total_seconds() == days * 86_400


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        (b"120", 120.0),
        (b"Sat, 31 May 2025 12:01:00 GMT", 60.0),
        (b"Sat, 31 May 2025 11:00:00 GMT", 0.0),
        (b"\xb2", None),
        (b"soon", None),
        (b"-5", None),
        (b"9" * 400, LONGEST_TOLD),
    ],
)
def test_a_retry_after_is_read_whatever_it_says(told: bytes, seconds: float | None) -> None:
    assert retry_after(told, datetime(2025, 5, 31, 12, tzinfo=UTC)) == seconds
