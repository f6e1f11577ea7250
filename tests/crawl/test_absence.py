"""What a source no longer names is looked at; what is half proved gone, in the next run again."""

from pathlib import Path
from typing import Any

import pytest
from crawl.rawserver import Answer, RawServer
from crawl.test_faults import ROBOTS, article, front, page, run, serving
from crawl.test_portal import rows
from hypothesis import given
from hypothesis import strategies as st

from kontum_crawler.portals import get
from kontum_crawler.spiders.reliability import Reliability
from kontum_crawler.spiders.walk import Walk

LAST = 6
LINKS = [f"/tin-{n}.p-{n}.html" for n in range(LAST, 0, -1)]
PAGES: dict[str, Answer] = {
    link: article(f"Tin số {LAST - place} của khu kinh tế") for place, link in enumerate(LINKS)
}
SOFT = page("<html><head><title>Không tìm thấy trang</title></head><h1>Không tìm thấy trang</h1>")
HOME = b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"
THIRD = "/tin-3.p-3.html"
OLD = b"<html><head><meta name='pubdate' content='2015-01-01'>"


def aged(answer: Answer) -> Answer:
    """The article under a date of long ago, so that its age makes it due in half a year."""
    assert isinstance(answer, bytes)
    head, _, body = answer.partition(b"\r\n\r\n")
    body = body.replace(b"<html><head>", OLD)
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body), b"", body])


OLD_PAGES = {link: aged(answer) for link, answer in PAGES.items()}


def gone(folder: Path) -> list[str]:
    return [slug for (slug,) in rows(folder, "SELECT slug FROM articles WHERE gone_at IS NOT NULL")]


def asked(server: RawServer, path: str) -> int:
    return sum(sent.split()[1] == path.encode() for sent, _ in server.log)


def sitemap(*links: str) -> bytes:
    urls = "".join(f"<url><loc>http://kkt.kontum.gov.vn{link}</loc></url>" for link in links)
    text = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n"
    return head % len(text) + text


@pytest.mark.parametrize("source", ["/", "/sitemap.xml"])
def test_an_old_article_that_a_source_drops_is_gone_the_same_night_and_comes_back(
    tmp_path: Path, source: str
) -> None:
    listed: Any = sitemap if source == "/sitemap.xml" else front
    start: dict[str, Answer] = {"/": front("/"), source: listed(*LINKS)}
    with serving({**OLD_PAGES, **start}) as server:
        assert run(server, tmp_path).counts["articles_new"] == LAST
        server.answers |= {source: listed(*(link for link in LINKS if link != THIRD))}
        server.answers[THIRD] = ROBOTS
        assert run(server, tmp_path).counts["articles_gone"] == 1
        assert gone(tmp_path) == ["tin-3"]
        before = asked(server, THIRD)
        run(server, tmp_path)
        assert asked(server, THIRD) == before
        server.answers |= {source: listed(*LINKS), THIRD: OLD_PAGES[THIRD]}
        run(server, tmp_path)
    assert gone(tmp_path) == []


@pytest.mark.parametrize("proof", [SOFT, HOME])
def test_a_soft_proof_is_looked_at_again_in_the_next_run_and_then_left(
    tmp_path: Path, proof: bytes
) -> None:
    with serving({**OLD_PAGES, "/": front(*LINKS)}) as server:
        run(server, tmp_path)
        server.answers |= {"/": front(*(link for link in LINKS if link != THIRD)), THIRD: proof}
        run(server, tmp_path)
        assert gone(tmp_path) == []
        run(server, tmp_path)
        assert gone(tmp_path) == ["tin-3"]
        before = asked(server, THIRD)
        run(server, tmp_path)
        assert asked(server, THIRD) == before


def test_news_that_pushes_articles_off_a_list_makes_none_of_them_due(tmp_path: Path) -> None:
    with serving({**OLD_PAGES, "/": front(*LINKS)}) as server:
        run(server, tmp_path)
        news = {"/tin-7.p-7.html": article("Tin số 7 của khu kinh tế")}
        server.answers |= {**news, "/": front(*news, *LINKS[:-1])}
        before = asked(server, LINKS[-1])
        assert run(server, tmp_path).counts["articles_new"] == 1
        assert asked(server, LINKS[-1]) == before


def walk() -> Walk:
    return Walk(get("kkt"), [], reliability=Reliability("kkt", {}))


def test_a_list_that_changed_whole_tells_nothing() -> None:
    assert walk().missed({"f"}, list("abcdef")) == []
    assert walk().missed(set(), list("abcdef")) == []
    assert walk().missed(set("abdef"), list("abcdef")) == ["c"]


def test_what_another_source_named_in_this_run_is_not_missed() -> None:
    one = walk()
    assert one.missed({"c"}, []) == []
    assert one.missed(set("abdef"), list("abcdef")) == []


@given(st.sets(st.sampled_from("abcdefgh")))
def test_what_is_missed_stood_before_what_is_still_named(named: set[str]) -> None:
    missed = walk().missed(named, list("abcdefgh"))
    assert set(missed) <= set("abcdefgh") - named
    assert len(missed) <= len(named)
    assert not missed or max(missed) < max(named)
