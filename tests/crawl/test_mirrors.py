"""Where the canonical host is dead, its articles are found through a mirror, and are no others."""

from pathlib import Path
from typing import Any

from crawl.rawserver import Answer
from crawl.test_fault_server import reset
from crawl.test_faults import HOST, ROBOTS, article, front, run, serving
from crawl.test_portal import rows

MIRROR = "kkt-kontum.com"
CANONICAL = "kkt.kontum.gov.vn"
DEAD: dict[str, Answer] = {
    f"{CANONICAL}{path}": reset for path in ("/robots.txt", "/", "/sitemap.xml")
}


def pages(*numbers: int) -> dict[str, Answer]:
    return {f"/tin-{n}.p-{n}.html": article(f"Tin số {n} của khu kinh tế") for n in numbers}


def asked(server: Any, host: str) -> list[str]:
    told = f"Host: {host}\r\n".encode()
    return [sent.split()[1].decode() for sent, _ in server.log if told in sent]


def test_a_mirror_stands_in_for_a_dead_host_and_its_articles_are_the_same(tmp_path: Path) -> None:
    known = pages(1, 2, 3)
    absolute = [f"{HOST}/tin-{number}.p-{number}.html" for number in (2, 3)]
    start = {"/": front("/tin-1.p-1.html", *absolute), **known}
    with serving({**start, **DEAD}) as server:
        outcome = run(server, tmp_path)
        # The dead host alone stays silent: robots.txt is tried three times, nothing else is.
        assert outcome.exit_code == 3
        assert outcome.counts["articles_new"] == 3
        urls = {url for (url,) in rows(tmp_path, "SELECT url FROM captures WHERE status = 200")}
        assert urls and not [url for url in urls if url.startswith(f"{HOST}/")]
        for name in DEAD:
            del server.answers[name]
        again = run(server, tmp_path, full=True)
    assert again.counts["articles_new"] == 0
    held = rows(tmp_path, "SELECT slug, version FROM articles ORDER BY slug")
    assert held == [("tin-1", 1), ("tin-2", 1), ("tin-3", 1)]
    told = rows(tmp_path, "SELECT url FROM articles")
    assert all(url.startswith(HOST) for (url,) in told)


def test_what_was_queued_of_a_host_that_died_is_found_through_the_mirror(tmp_path: Path) -> None:
    links = [f"/tin-{number}.p-{number}.html" for number in range(1, 6)]
    with serving({"/": front(*links), **pages(1, 2, 3, 4, 5)}) as server:
        run(server, tmp_path, limit=2)
        assert rows(tmp_path, "SELECT count(*) FROM articles") == [(2,)]
        server.answers.update(DEAD)
        run(server, tmp_path)
    assert rows(tmp_path, "SELECT count(*), count(DISTINCT slug) FROM articles") == [(5, 5)]


def test_a_second_night_without_the_host_finds_what_is_new_on_the_mirror(tmp_path: Path) -> None:
    with serving({"/": front("/tin-1.p-1.html"), **pages(1, 2), **DEAD}) as server:
        run(server, tmp_path)
        server.answers["/"] = front("/tin-1.p-1.html", "/tin-2.p-2.html")
        again = run(server, tmp_path)
    assert again.counts["articles_new"] == 1


def test_a_host_that_answers_503_is_not_dead(tmp_path: Path) -> None:
    failing = b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"
    with serving({"/": front(), f"{CANONICAL}/robots.txt": failing}) as server:
        run(server, tmp_path)
        assert asked(server, MIRROR) == []


def test_mirrors_are_left_alone_while_the_host_lives(tmp_path: Path) -> None:
    with serving({"/": front("/tin-1.p-1.html"), "/robots.txt": ROBOTS, **pages(1)}) as server:
        run(server, tmp_path)
        assert asked(server, MIRROR) == []
