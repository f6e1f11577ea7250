"""Lists of captures as services send them: whole, in pages, cut off, wrong; over a Wayback twin."""

from pathlib import Path
from typing import Any

import pytest
from fills import EMPTY, HOST, article, fill, held, page, problems, rows
from twins import Answer, Wayback

from kontum_crawler.crawl import outlook
from kontum_crawler.pipelines.session import Options
from kontum_crawler.portals import get

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("dialect", ["text", "json"])
def test_lists_are_read_in_pages_by_their_keys(tmp_path: Path, sound: Any, dialect: str) -> None:
    with Wayback(sound, dialect=dialect, page_size=2) as server:
        outcome = fill(tmp_path, server)
    assert (outcome.exit_code, outcome.counts["articles_new"]) == (0, 5)
    assert len(server.captures()) == 5


def test_a_second_that_a_page_ends_in_is_listed_whole(tmp_path: Path) -> None:
    twins = [article(1, "20220305100000", scheme) for scheme in (page("A"), page("B"))]
    twins[1].url = twins[1].url.replace("http:", "https:")
    earlier = article(1, "20220304100000")
    with Wayback([earlier, *twins, article(2, "20220305100000")], page_size=2) as server:
        fill(tmp_path, server)
    assert len(rows(tmp_path, "SELECT 1 FROM archive_plan")) == 4


def test_a_page_whose_last_second_cannot_be_had_is_asked_for_again(
    tmp_path: Path, sound: Any
) -> None:
    with Wayback(sound, page_size=2) as server:
        server.faults = dict.fromkeys(range(2, 5), Answer(b"", 500))
        assert fill(tmp_path, server).exit_code == 3
        server.faults = {}
        assert fill(tmp_path, server).exit_code == 0
    assert len(held(tmp_path)) == 5


def test_a_key_with_a_blank_is_no_line_and_no_end(tmp_path: Path, sound: Any) -> None:
    line = f"vn,gov,kontum,kkt)/a 20220305100000 {HOST}/a.p-1.html text/html 200 {EMPTY} 5\n"
    with Wayback(sound) as server:
        server.faults = {1: Answer(f"{line}\nvn,gov,kontum,kkt)/a 20220305100001\n".encode())}
        fill(tmp_path, server)
    assert len(rows(tmp_path, "SELECT 1 FROM archive_plan")) == 6


def test_keys_that_go_round_in_circles_end_the_list_as_a_problem(
    tmp_path: Path, sound: Any
) -> None:
    line = f"vn,gov,kontum,kkt)/a 20220305100000 {HOST}/a.p-1.html text/html 200 {EMPTY} 5\n\nkey\n"
    with Wayback(sound) as server:
        server.faults = dict.fromkeys(range(1, 12), Answer(line.encode()))
        outcome = fill(tmp_path, server)
    assert outcome.exit_code == 3
    assert any("circles" in told for told in problems(tmp_path))


def test_a_list_that_breaks_off_is_asked_for_again(tmp_path: Path, sound: Any) -> None:
    with Wayback(sound) as server:
        whole = server._list({"url": "kkt.kontum.gov.vn/*"})
        server.faults = {1: Answer(whole.body, cut=len(whole.body) // 2)}
        outcome = fill(tmp_path, server)
    assert (outcome.exit_code, len(held(tmp_path))) == (0, 5)


@pytest.mark.parametrize(
    "fault",
    [
        Answer(b"<html>Wayback Machine is down</html>"),
        Answer(b'[["urlkey","timestamp"', headers={"Content-Type": "application/json"}),
        Answer(b"java.lang.IllegalArgumentException: fromKey > toKey", 500),
        Answer(b"org.archive.util.io.RuntimeIOException: java.net.ConnectTimeoutException"),
        Answer(b'{"error": "internal"}'),
        Answer(b"no captures could be looked up just now"),
    ],
    ids=["page", "json", "500", "exception", "message", "words"],
)
def test_a_list_that_never_comes_is_a_problem_and_no_end(
    tmp_path: Path, sound: Any, fault: Answer
) -> None:
    with Wayback(sound) as server:
        server.faults = dict.fromkeys(range(1, 20), fault)
        outcome = fill(tmp_path, server)
        assert (outcome.exit_code, held(tmp_path)) == (3, [])
        server.faults = {}
        assert fill(tmp_path, server).exit_code == 0
    assert len(held(tmp_path)) == 5


def test_a_list_in_which_the_server_fails_is_asked_for_again(tmp_path: Path, sound: Any) -> None:
    with Wayback(sound) as server:
        lines = server._list({"url": "kkt.kontum.gov.vn/*"}).body.splitlines(keepends=True)
        server.faults = {1: Answer(lines[0] + b"org.archive.util.io.RuntimeIOException: part-1")}
        assert fill(tmp_path, server).exit_code == 0
    assert len(held(tmp_path)) == 5


def test_a_host_that_the_list_does_not_show_is_asked_for_once_and_told(
    tmp_path: Path, sound: Any
) -> None:
    said = b"org.archive.wayback.exception.AdministrativeAccessControlException: Blocked Site Error"
    with Wayback(sound) as server:
        server.faults = {1: Answer(said, 403)}
        assert fill(tmp_path, server).exit_code == 3
        assert len(server.paths("kkt.kontum.gov.vn%2F")) == 1
    assert any("blocked or excluded" in told for told in problems(tmp_path))


def test_a_plan_of_a_list_that_never_came_says_which_service_failed(tmp_path: Path) -> None:
    with Wayback([]) as server:
        server.faults = dict.fromkeys(range(1, 20), Answer(b"", 500))
        options = Options(origin="wayback", cdx_url=server.cdx, named_hosts=("127.0.0.1",))
        told = outlook(tmp_path / "archive", [get("kkt")], options).problems
    assert [problem.partition(": ")[0] for problem in told] == [server.cdx] * 3


def test_lines_that_cannot_be_read_are_passed_over_and_told(tmp_path: Path, sound: Any) -> None:
    with Wayback(sound) as server:
        server.lines = [
            "vn,gov,kontum,kkt)/x 20220305100000",
            f"vn,gov,kontum,kkt)/x 20220005100000 {HOST}/x.p-9.html text/html 200 {EMPTY} 9",
            f"vn,gov,kontum,kkt)/x 20000800241623 {HOST}/x.p-9.html text/html 200 {EMPTY} 9",
            f"zz)/late 20220305100000 {HOST}/tin-so-1.p-1.html text/html 200 - -",
            "com,mailto)/ 20220305100000 http://mailto:x@y text/html 200 - 5",
        ]
        outcome = fill(tmp_path, server)
    assert outcome.exit_code == 3
    assert any("3 lines of the list cannot be read" in told for told in problems(tmp_path))
    assert len({url for (url,) in rows(tmp_path, "SELECT url FROM articles")}) == 5


def test_a_line_without_digest_and_length_is_fetched(tmp_path: Path) -> None:
    bare = article(1, "20220305100000", listed={"digest": "-", "length": "-", "statuscode": "-"})
    with Wayback([bare]) as server:
        fill(tmp_path, server)
        fill(tmp_path, server)
        assert len(server.captures()) == 1
    assert held(tmp_path) == [("2022-03-05T10:00:00Z", 200)]
