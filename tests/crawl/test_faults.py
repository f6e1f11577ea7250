"""A server that misbehaves gets the documented outcome, and the rest of the crawl goes on."""

import asyncio
import gzip
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from crawl.rawserver import Answer, RawServer
from crawl.test_portal import rows

from kontum_crawler.crawl import Outcome, crawl
from kontum_crawler.errors import ArchiveFull
from kontum_crawler.pipelines.session import Options
from kontum_crawler.portals import Registry, get
from kontum_crawler.store.intake.sessions import ingest_files, reextract_archive
from kontum_crawler.warc.digests import sha1_base32
from kontum_crawler.warc.writer import Writer

HOST = "http://kkt.kontum.gov.vn"
ROBOTS = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def page(body: str, head: str = "") -> bytes:
    text = body.encode()
    lines = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n{head}"
    return f"{lines}Content-Length: {len(text)}\r\n\r\n".encode() + text


def article(title: str) -> bytes:
    paragraph = f"{title}: " + "ban quản lý khu kinh tế đã họp bàn về công việc của quý. " * 6
    return page(
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1>"
        f"<div class='noi-dung'><p>{paragraph}</p><p>{paragraph}</p></div></body></html>"
    )


def front(*links: str) -> bytes:
    return page("<html><body>" + "".join(f'<a href="{link}">x</a> ' for link in links) + "</body>")


@contextmanager
def serving(answers: dict[str, Answer]) -> Iterator[RawServer]:
    """A raw server on a thread of its own."""
    server = RawServer({"/robots.txt": ROBOTS, "/sitemap.xml": ROBOTS, **answers})
    loop = asyncio.new_event_loop()
    ready, end = threading.Event(), asyncio.Event()

    async def run() -> None:
        async with server:
            ready.set()
            await end.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()), daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(10)


def run(server: RawServer, folder: Path, **options: Any) -> Outcome:
    return crawl(folder, [get("kkt")], Options(base_url=server.base, **options))


def problems(folder: Path) -> dict[str, str]:
    return {
        url.removeprefix(HOST): message
        for url, message in rows(folder, "SELECT url, message FROM problems")
    }


def test_each_fault_is_told_and_the_good_page_is_stored(tmp_path: Path) -> None:
    packed = gzip.compress(b"<p>x</p>")[:-5]
    broken_gzip = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n"
    bomb = gzip.compress(b" " * 20_000_000)
    answers: dict[str, Answer] = {
        "/half.p-1.html": b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n<p>half",
        "/two.p-2.html": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "/gzip.p-3.html": broken_gzip + b"Content-Length: %d\r\n\r\n" % len(packed) + packed,
        "/bomb.p-4.html": broken_gzip + b"Content-Length: %d\r\n\r\n" % len(bomb) + bomb,
        "/nothing.p-5.html": b"what?\r\n\r\n",
        "/metadata.p-6.html": b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\n"
        b"Content-Length: 0\r\n\r\n",
        "/file.p-7.html": b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n"
        b"Content-Length: 0\r\n\r\n",
        "/good.p-8.html": article("Hội nghị cán bộ năm 2024"),
    }
    with serving({"/": front(*answers), **answers}) as server:
        outcome = run(server, tmp_path)
    told = problems(tmp_path)
    assert outcome.exit_code == 3
    assert set(told) == set(answers) - {"/good.p-8.html"}
    assert rows(tmp_path, "SELECT slug FROM articles") == [("good",)]


def test_what_ended_early_is_tried_again_and_kept_each_time(tmp_path: Path) -> None:
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n<p>half"
    with serving({"/": front("/half.p-1.html"), "/half.p-1.html": half}) as server:
        run(server, tmp_path)
        asked = [sent for sent, _ in server.log if sent.startswith(b"GET /half")]
    held = rows(tmp_path, "SELECT count(*) FROM captures WHERE url LIKE '%half%'")
    assert (len(asked), held) == (3, [(3,)])


def test_a_redirect_that_changes_only_the_scheme_is_a_loop_behind_a_base_url(
    tmp_path: Path,
) -> None:
    moved = (
        b"HTTP/1.1 301 Moved Permanently\r\nLocation: https://kkt.kontum.gov.vn/a.p-1.html\r\n"
        b"Content-Length: 0\r\n\r\n"
    )
    with serving({"/": front("/a.p-1.html"), "/a.p-1.html": moved}) as server:
        run(server, tmp_path)
        asked = [sent for sent, _ in server.log if sent.startswith(b"GET /a.p-1")]
    assert len(asked) == 1
    assert "circles" in problems(tmp_path)["/a.p-1.html"]


def test_an_endless_chain_of_redirects_ends(tmp_path: Path) -> None:
    chain: dict[str, Answer] = {
        f"/a.p-{number}.html": (
            f"HTTP/1.1 302 Found\r\nLocation: /a.p-{number + 1}.html\r\nContent-Length: 0\r\n\r\n"
        ).encode()
        for number in range(1, 60)
    }
    with serving({"/": front("/a.p-1.html"), **chain}) as server:
        outcome = run(server, tmp_path)
        asked = [sent for sent, _ in server.log if sent.startswith(b"GET /a.p-")]
    assert len(asked) == 11
    assert outcome.exit_code == 3


def test_links_that_name_the_base_address_are_the_portal_s(tmp_path: Path) -> None:
    answers: dict[str, Answer] = {"/tin.p-1.html": article("Tin trong ngày của khu kinh tế")}
    with serving(answers) as server:
        server.answers["/"] = front(f"{server.base}/tin.p-1.html")
        run(server, tmp_path)
    assert rows(tmp_path, "SELECT url FROM articles") == [(f"{HOST}/tin.p-1.html",)]


def test_a_busy_server_is_asked_again_when_it_says(tmp_path: Path) -> None:
    busy = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"
    good = article("Thông báo lịch tiếp công dân")
    moments: list[float] = []

    async def second_time(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        moments.append(asyncio.get_running_loop().time())
        writer.write(busy if len(moments) == 1 else good)
        await writer.drain()

    with serving({"/": front("/tin.p-1.html"), "/tin.p-1.html": second_time}) as server:
        outcome = run(server, tmp_path)
    assert outcome.exit_code == 0
    assert outcome.counts["articles_new"] == 1
    assert moments[1] - moments[0] >= 1


def test_a_night_in_which_robots_forbid_everything_is_told_and_ends(tmp_path: Path) -> None:
    closed = b"HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\nUser-agent: *\nDisallow: /"
    held = "SELECT count(*) FROM articles"
    with serving({"/": front("/x.p-1.html"), "/x.p-1.html": article("Hội nghị")}) as server:
        run(server, tmp_path)
        server.answers["/robots.txt"] = closed
        forbidden = run(server, tmp_path, full=True)
        told = problems(tmp_path)
        server.answers["/robots.txt"] = ROBOTS
        server.answers["/"] = front("/x.p-1.html", "/y.p-2.html")
        server.answers["/y.p-2.html"] = article("Tin mới")
        after = run(server, tmp_path)
    assert (forbidden.exit_code, forbidden.counts["requests"]) == (3, 1)
    assert told["/"].startswith("robots.txt does not allow it")
    assert (after.exit_code, after.counts["articles_unchanged"]) == (0, 1)
    assert rows(tmp_path, held) == [(2,)]


def test_what_robots_allow_later_is_fetched_then(tmp_path: Path) -> None:
    part = b"HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\nUser-agent: *\nDisallow: /x"
    with serving({"/": front("/x.p-1.html"), "/x.p-1.html": article("Hội nghị")}) as server:
        server.answers["/robots.txt"] = part
        assert run(server, tmp_path).exit_code == 0
        server.answers["/robots.txt"] = ROBOTS
        run(server, tmp_path)
    assert rows(tmp_path, "SELECT slug FROM articles") == [("x",)]


def test_what_waits_for_its_delay_waits_for_a_rest_too(tmp_path: Path) -> None:
    arrived: list[tuple[float, bool]] = []
    busy = b"HTTP/1.1 503 Busy\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n"
    links = [f"/x{number}.p-{number}.html" for number in range(6)]

    async def busy_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_busy = len(arrived) == 1
        arrived.append((time.monotonic(), is_busy))
        # Slower than the delay, so that others are on their way when the answer comes.
        await asyncio.sleep(0.25)
        writer.write(busy if is_busy else article("Hội nghị cán bộ năm 2024"))

    with serving({"/": front(*links), **dict.fromkeys(links, busy_once)}) as server:
        run(server, tmp_path, delay=0.1)
    (told,) = [at + 0.25 for at, is_busy in arrived if is_busy]
    assert not [at for at, _ in arrived if told + 0.05 < at < told + 2]
    assert len(arrived) == 7


def test_a_page_that_comes_back_with_its_old_validators_is_there_again(tmp_path: Path) -> None:
    text = article("Hội nghị cán bộ năm 2024").replace(b"\r\n", b'\r\nETag: "1"\r\n', 1)
    unchanged = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'

    async def with_validators(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(unchanged if b'"1"' in server.asked else text)

    away = page("<html><title>Không tìm thấy trang</title><h1>Không tìm thấy trang</h1></html>")
    with serving({"/": front("/x.p-1.html"), "/x.p-1.html": with_validators}) as server:
        run(server, tmp_path)
        server.answers["/x.p-1.html"] = away
        run(server, tmp_path, full=True)
        run(server, tmp_path, full=True)
        gone = rows(tmp_path, "SELECT gone_at IS NOT NULL FROM articles")
        server.answers["/x.p-1.html"] = with_validators
        run(server, tmp_path, full=True)
    assert (gone, rows(tmp_path, "SELECT gone_at FROM articles")) == ([(1,)], [(None,)])


@pytest.mark.parametrize(
    "bad", [b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n<p>half", page("<h1>Bảo trì</h1>")]
)
def test_what_is_not_believed_has_no_validators(tmp_path: Path, bad: bytes) -> None:
    text = article("Hội nghị cán bộ năm 2024").replace(b"\r\n", b'\r\nETag: "1"\r\n', 1)
    with serving({"/": front("/x.p-1.html"), "/x.p-1.html": text}) as server:
        run(server, tmp_path)
        server.answers["/x.p-1.html"] = bad.replace(b"\r\n", b'\r\nETag: "2"\r\n', 1)
        run(server, tmp_path, full=True)
    held = rows(tmp_path, "SELECT etag FROM frontier WHERE kind = 'article'")
    assert held == [(None,)]


def test_a_host_that_only_fails_is_left_alone(tmp_path: Path) -> None:
    failing = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
    links = [f"/a.p-{number}.html" for number in range(60)]
    with serving({"/": front(*links), **dict.fromkeys(links, failing)}) as server:
        run(server, tmp_path)
        asked = {sent.split()[1] for sent, _ in server.log if b"/a.p-" in sent.split()[1]}
    assert len(asked) < 30
    assert "in a row failed" in problems(tmp_path)["/"]


def test_a_disk_that_takes_no_more_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: dict[str, Answer] = {
        f"/tin.p-{number}.html": article(f"Tin số {number} của khu kinh tế") for number in range(20)
    }
    write = Writer._write
    written: list[int] = []

    def full_after_a_while(writer: Writer, data: bytes) -> None:
        written.append(len(data))
        if len(written) > 8:
            raise OSError(28, "No space left on device")
        write(writer, data)

    with serving({"/": front(*answers), **answers}) as server:
        monkeypatch.setattr(Writer, "_write", full_after_a_while)
        with pytest.raises(ArchiveFull, match=str(tmp_path)):
            run(server, tmp_path)
        monkeypatch.undo()
        outcome = run(server, tmp_path)
    assert outcome.exit_code == 0
    assert rows(tmp_path, "SELECT count(*) FROM articles") == [(20,)]


def test_reading_again_what_a_crawl_kept_changes_nothing(tmp_path: Path) -> None:
    gone = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    answers = {"/": front("/a.p-1.html", "/b.p-2.html"), "/a.p-1.html": article("Thông báo họp")}
    with serving({**answers, "/b.p-2.html": gone}) as server:
        run(server, tmp_path)
    again = reextract_archive(tmp_path)
    assert (again.changed, again.changes) == (0, [])


def test_an_answer_cut_off_is_no_original_of_a_whole_one(tmp_path: Path) -> None:
    whole = article("Thông báo họp")
    half = whole.replace(b"Content-Length: ", b"Content-Length: 9")
    for answer in (half, whole, whole):
        with serving({"/": front("/a.p-1.html"), "/a.p-1.html": answer}) as server:
            run(server, tmp_path, full=True)
    page = "FROM captures WHERE url LIKE '%p-1.html' ORDER BY id DESC LIMIT 2"
    (again,), (first,) = rows(tmp_path, f"SELECT revisit_of IS NOT NULL {page}")
    articles = "SELECT title, body, first_seen_at, last_seen_at, content_hash FROM articles"
    held = rows(tmp_path, articles)
    (tmp_path / "kontum.db").unlink()
    ingest_files(tmp_path, sorted((tmp_path / "warc").glob("*.gz")))
    assert (first, again, len(held)) == (0, 1, 1)
    assert rows(tmp_path, articles) == held


def test_a_304_carries_the_sha1_of_what_it_repeats(tmp_path: Path) -> None:
    whole = article("Thông báo họp").replace(b"\r\n\r\n", b'\r\nETag: "a"\r\n\r\n', 1)
    for answer in (whole, b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'):
        with serving({"/": front("/a.p-1.html"), "/a.p-1.html": answer}) as server:
            run(server, tmp_path, full=True)
    lines = (tmp_path / "warc" / "index.cdxj").read_text().splitlines()
    digests = {json.loads(line.split(" ", 2)[2])["digest"] for line in lines if "p-1" in line}
    assert digests == {sha1_base32(whole.split(b"\r\n\r\n", 1)[1])}


def test_what_a_style_sheet_names_is_kept_too_and_nothing_else(tmp_path: Path) -> None:
    def sheet(text: bytes) -> bytes:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/css\r\nContent-Length: %d\r\n\r\n"
        return head % len(text) + text

    styled = (
        article("Thông báo họp").decode().replace("<title>", "<link rel=stylesheet href=/a.css>")
    )
    body = styled.partition("\r\n\r\n")[2]
    named = b'@import "in/b.css"; p{background:url( "bg.png?v=1" )} i{background:url(data:x)}'
    answers = {
        "/": front("/a.p-1.html"),
        "/a.p-1.html": page(body),
        "/a.css": sheet(named + b"a{src:url(/tin-tuc)} b{background:url(http://other.vn/x.png)}"),
        "/in/b.css": sheet(b"p{background:url('c.png')} @import url(../a.css);"),
        "/bg.png?v=1": sheet(b"1"),
        "/in/c.png": sheet(b"2"),
    }
    with serving(answers) as server:
        run(server, tmp_path)
        asked = [sent.split(b" ")[1].decode() for sent, _ in server.log]
    assert sorted(path for path in asked if path in answers) == sorted(answers)
    assert "/tin-tuc" not in asked


def test_guessed_sources_that_an_unknown_host_refuses_are_no_problem(tmp_path: Path) -> None:
    portal = Registry().generic("so.test")
    path = "/tin/hop-ban-ve-cong-viec-cua-quy-123.html"
    answers: dict[str, Answer] = dict.fromkeys(
        (*portal.sitemaps, *portal.feeds, *portal.apis),
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
    )
    answers |= {"/": front(path), path: article("Họp bàn về công việc của quý")}
    options = Options(start_urls=("http://so.test/",), named_hosts=("so.test",))
    with serving(answers) as server:
        outcome = crawl(tmp_path, [portal], replace(options, base_url=server.base))
    assert (outcome.exit_code, rows(tmp_path, "SELECT url FROM problems")) == (0, [])
    assert rows(tmp_path, "SELECT title FROM articles") == [("Họp bàn về công việc của quý",)]
