"""What services send that is no good list, no good capture, or none of ours; nothing may raise."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fills import EMPTY, HOST, article, fill, held, page, problems, rows
from history import write_history
from twins import Answer, CommonCrawl, Kept, Wayback

from kontum_crawler.store.intake.verify import verify
from kontum_crawler.store.plan import Plan

pytestmark = pytest.mark.slow

STAMP = "20220305100000"
KEY = "vn,gov,kontum,kkt)/tin"


@pytest.fixture
def sound() -> list[Kept]:
    return [article(n, f"2022030510{n:02}00") for n in range(1, 6)]


@pytest.fixture
def common(tmp_path: Path) -> Iterator[CommonCrawl]:
    with CommonCrawl(write_history(tmp_path / "history", 1)[:1], page_size=7) as server:
        yield server


def test_lines_in_any_order_give_the_same(tmp_path: Path, sound: Any) -> None:
    with Wayback(sound) as server:
        server.kept = [*reversed(server.kept)]
        outcome = fill(tmp_path, server)
    assert (outcome.exit_code, len(held(tmp_path))) == (0, 5)
    assert len(server.captures()) == 5


def test_lines_that_are_listed_twice_are_one_capture(tmp_path: Path, sound: Any) -> None:
    with Wayback([*sound, *sound]) as server:
        fill(tmp_path, server)
        assert len(server.captures()) == 5


ELSEWHERE = [
    f"vn,gov,kontum)/tin {STAMP} http://kontum.gov.vn/tin-1.html text/html 200 {EMPTY} 9",
    f"com,example)/ {STAMP} http://example.com/tin-so-1.p-1.html text/html 200 {EMPTY} 9",
    f"vn,gov,kontum,kkt)/ {STAMP} http://kkt.kontum.gov.vn.a.com/a.p-1.html text/html 200 - 9",
    f"x {STAMP} mailto:vanthu@kkt.kontum.gov.vn text/html 200 {EMPTY} 9",
    f"x {STAMP} ftp://kkt.kontum.gov.vn/tin-so-1.p-1.html text/html 200 {EMPTY} 9",
    f"x {STAMP} javascript:alert(1) text/html 200 {EMPTY} 9",
    f"x {STAMP} dns:kkt.kontum.gov.vn text/dns - {EMPTY} 9",
    f"x {STAMP} http://[::1/tin-so-1.p-1.html text/html 200 {EMPTY} 9",
    f"x {STAMP} http://kkt.kontum.gov.vn:99999/tin-so-1.p-1.html text/html 200 {EMPTY} 9",
    f"x {STAMP} // text/html 200 {EMPTY} 9",
]


@pytest.mark.parametrize("line", ELSEWHERE)
def test_what_is_none_of_the_portal_is_never_asked_for(
    tmp_path: Path, sound: Any, line: str
) -> None:
    with Wayback(sound) as server:
        server.lines = [line]
        assert fill(tmp_path, server).exit_code == 0
        assert len(server.captures()) == len(held(tmp_path)) == 5


def test_huge_lines_are_passed_over_or_read_and_never_printed_whole(
    tmp_path: Path, sound: Any
) -> None:
    long = "a" * 3_000_000
    with Wayback(sound) as server:
        server.lines = [
            long,
            f"{KEY} {STAMP} {HOST}/{long}.html text/html 200 {EMPTY} 9 {long}",
            f"{KEY} {long} {HOST}/x.p-1.html text/html 200 {EMPTY} 9",
            f"{KEY} {STAMP} {HOST}/tin-so-9.p-9.html {long} 200 {EMPTY} {'9' * 5000}",
        ]
        outcome = fill(tmp_path, server)
    assert outcome.exit_code == 3
    assert len(held(tmp_path)) == 5
    assert max(map(len, problems(tmp_path))) < 20_000


DASHES = {
    "all but time and address": dict.fromkeys(("mimetype", "statuscode", "digest", "length"), "-"),
    "digest": {"digest": "-"},
    "a digest that is none": {"digest": "HELLO"},
    "status that is none": {"statuscode": "abc"},
    "length below nothing": {"length": "-5"},
    "length 0": {"length": "0"},
    "revisit": {"mimetype": "warc/revisit", "statuscode": "-"},
}


@pytest.mark.parametrize("listed", DASHES.values(), ids=DASHES)
def test_fields_that_say_nothing_are_no_obstacle(tmp_path: Path, listed: dict[str, str]) -> None:
    with Wayback([article(1, STAMP, listed=listed)]) as server:
        assert fill(tmp_path, server).exit_code == 0
        fill(tmp_path, server)
        assert len(server.captures()) == 1
    assert held(tmp_path) == [("2022-03-05T10:00:00Z", 200)]
    assert rows(tmp_path, "SELECT count(*) FROM articles") == [(1,)]


MEMENTO = {"Memento-Datetime": "Sat, 05 Mar 2022 10:00:00 GMT", "Content-Type": "text/html"}
BUSY = b"<html><head><title>429 Too Many Requests</title></head><body>Slow down</body></html>"
OWN_PAGES = {
    "rate limit, said with 200": Answer(BUSY, 200),
    "archive is down, said with 200": Answer(b"<html>Internet Archive services are offline", 200),
    "nothing at all": Answer(b"", 200),
    "a redirect to its front page": Answer(b"", 302, {"Location": "/"}),
    "half an answer": Answer(page("Tin"), 200, MEMENTO, cut=40),
}


@pytest.mark.parametrize("reply", OWN_PAGES.values(), ids=OWN_PAGES)
def test_a_page_of_the_archive_itself_is_no_capture(tmp_path: Path, reply: Answer) -> None:
    with Wayback([article(1, STAMP, reply=reply), article(2, STAMP)]) as server:
        assert fill(tmp_path, server).exit_code == 3
    assert len(held(tmp_path)) == 1
    assert any("cannot be had" in told for told in problems(tmp_path))


CAPTURED = {
    "rate limit page": BUSY,
    "empty": b"",
    "no page": b"\x00\x01\x02",
    "login": "<html><title>Đăng nhập</title><form><input type=password></form></html>".encode(),
}


@pytest.mark.parametrize("body", CAPTURED.values(), ids=CAPTURED)
def test_what_the_portal_itself_answered_is_a_capture_and_no_article(
    tmp_path: Path, body: bytes
) -> None:
    with Wayback([article(1, STAMP, body)]) as server:
        fill(tmp_path, server)
    assert held(tmp_path) == [("2022-03-05T10:00:00Z", 200)]
    assert rows(tmp_path, "SELECT count(*) FROM articles") == [(0,)]
    assert verify(tmp_path).faults == []


def test_pages_beyond_the_end_are_no_fault(tmp_path: Path, common: CommonCrawl) -> None:
    def more(path: str, headers: dict[str, str]) -> Answer:
        if "showNumPages" in path:
            return Answer(json.dumps({"pages": 40, "pageSize": 1, "blocks": 40}).encode())
        return common._reply(path, headers)

    archive = tmp_path / "archive"
    lines = sum(map(len, common.lines.values()))
    common.answer = more
    fill(archive, common, "commoncrawl")
    assert len(held(archive)) == lines
    assert not any("invalid" in told for told in problems(archive))


def problems_of(folder: Path, stage: str) -> list[str]:
    query = f"SELECT message FROM problems WHERE stage = '{stage}' ORDER BY id"
    return [message for (message,) in rows(folder, query)]


FAULTS = {
    "page in place of a list": Answer(b"<html>504 Gateway Time-out</html>"),
    "message": Answer(b'{"message": "Index error"}', 500),
    "not found as a page": Answer(b"<html>404</html>", 404),
    "closed in the middle": Answer(b'{"urlkey": "vn,gov', 200, cut=9),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_an_index_page_that_never_comes_is_a_problem_and_read_by_the_next_run(
    tmp_path: Path, common: CommonCrawl, fault: Answer
) -> None:
    archive = tmp_path / "archive"
    lines = sum(map(len, common.lines.values()))

    def failing(path: str, headers: dict[str, str]) -> Answer:
        return fault if "page=1" in path and "kkt.kontum" in path else common._reply(path, headers)

    common.answer = failing
    assert fill(archive, common, "commoncrawl").exit_code == 3
    assert 0 < len(held(archive)) < lines
    told = problems_of(archive, "list")
    common.answer = common._reply
    fill(archive, common, "commoncrawl")
    assert len(held(archive)) == lines
    assert len(told) == 1 and problems_of(archive, "list") == told


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"<html>", b"null", b'[{"id": 1}]', b"[[1]]"])
def test_a_list_of_crawls_that_is_none_is_told(
    tmp_path: Path, common: CommonCrawl, body: bytes
) -> None:
    common.answer = lambda path, headers: Answer(body)
    outcome = fill(tmp_path / "archive", common, "commoncrawl")
    assert outcome.exit_code in (0, 3)
    assert common.paths(".warc.gz") == []
    if outcome.exit_code == 0:
        assert body.startswith(b"[")


def test_a_record_that_is_packed_twice_or_torn_is_refused(
    tmp_path: Path, common: CommonCrawl
) -> None:
    broken = iter([gzip.compress, lambda member: member[: len(member) // 2] + bytes(9)])

    def spoilt(path: str, headers: dict[str, str]) -> Answer:
        made = common._reply(path, headers)
        change = next(broken, None) if ".warc" in path else None
        if change is None:
            return made
        return Answer(change(made.body)[: len(made.body)], made.status, made.headers)

    archive = tmp_path / "archive"
    lines = sum(map(len, common.lines.values()))
    common.answer = spoilt
    assert fill(archive, common, "commoncrawl").exit_code == 3
    # What repeats one of the two cannot be had either.
    assert len(problems_of(archive, "fetch")) == lines - len(held(archive)) >= 2
    fill(archive, common, "commoncrawl")
    assert (len(held(archive)), verify(archive).faults) == (lines, [])


def test_what_breaks_the_reading_of_lists_fails_the_run(
    tmp_path: Path, sound: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr(Plan, "add", broken)
    with Wayback(sound) as server, pytest.raises(RuntimeError, match="planted"):
        fill(tmp_path, server)
    assert rows(tmp_path, "SELECT outcome FROM runs") == [("failed",)]
