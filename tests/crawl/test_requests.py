"""What servers see of a crawl: how many requests at once, how far apart, and which never.

Delays are measured where requests are handed to the wire, so that a loaded machine, which reads
them late, changes nothing.
"""

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from crawl.test_faults import article, front, run, serving
from crawl.test_mirrors import CANONICAL, MIRROR, asked
from scrapy import Request

from kontum_crawler.handlers.download import WireDownloadHandler
from kontum_crawler.sample import Sample

DELAY = 0.15


@pytest.fixture
def moments(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[float, str]]]:
    """When each request was handed over, and its address."""
    seen: list[tuple[float, str]] = []
    download = WireDownloadHandler.download_request

    async def noted(handler: WireDownloadHandler, request: Request) -> Any:
        seen.append((time.monotonic(), request.url))
        return await download(handler, request)

    monkeypatch.setattr(WireDownloadHandler, "download_request", noted)
    yield seen


def gaps(moments: list[tuple[float, str]]) -> list[float]:
    times = [moment for moment, _ in moments]
    return [after - before for before, after in pairwise(times)]


def hosts(moments: list[tuple[float, str]]) -> set[str]:
    return {url.split("/")[2] for _, url in moments}


def two_hosts() -> dict[str, Any]:
    """A portal whose pages name its mirror."""
    numbers = range(1, 5)
    links = [f"http://{MIRROR}/tin-{n}.p-{n}.html" for n in numbers]
    links += [f"/tin-{n}.p-{n}.html" for n in numbers]
    pages = {f"/tin-{n}.p-{n}.html": article(f"Tin số {n} của khu kinh tế") for n in numbers}
    return {f"{CANONICAL}/": front(*links), "/": front(), **pages}


@pytest.mark.parametrize("said_by", ["option", "file", "robots"])
def test_the_delay_holds_between_any_two_requests_over_all_hosts(
    tmp_path: Path, moments: list[tuple[float, str]], said_by: str
) -> None:
    answers = two_hosts()
    options = {"delay": DELAY} if said_by == "option" else {}
    if said_by == "file":
        (tmp_path / "kontum.toml").write_text(f"[portal.kkt]\ndelay = {DELAY}\n", "utf-8")
    if said_by == "robots":
        rules = f"User-agent: *\nCrawl-delay: {DELAY}\n".encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(rules)}\r\n\r\n".encode()
        answers[f"{CANONICAL}/robots.txt"] = head + rules
    with serving(answers) as server:
        run(server, tmp_path, **options)
    # What robots.txt says holds from its answer on.
    apart = gaps(moments)[1 if said_by == "robots" else 0 :]
    assert hosts(moments) == {CANONICAL, MIRROR}
    assert len(apart) > 8 and min(apart) >= DELAY


@pytest.mark.parametrize("limit", [1, 2, 4])
def test_never_more_requests_are_in_flight_than_allowed_over_all_hosts(
    tmp_path: Path, limit: int
) -> None:
    (tmp_path / "kontum.toml").write_text(f"[limits]\nconcurrency = {limit}\n", "utf-8")
    with Sample(articles=20, latency=0.01) as sample:
        run(sample, tmp_path)  # type: ignore[arg-type]
        assert max(row.in_flight for row in sample.requests) <= limit
        assert len({row.host for row in sample.requests}) > 1


def test_each_host_s_own_robots_txt_is_obeyed_and_asked_for_first(tmp_path: Path) -> None:
    rules = b"User-agent: *\nDisallow: /tin-2\nDisallow: /tin-3\n"
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(rules) + rules
    with serving({**two_hosts(), f"{MIRROR}/robots.txt": answer}) as server:
        run(server, tmp_path)
        on_mirror, on_host = asked(server, MIRROR), asked(server, CANONICAL)
    assert on_mirror[0] == on_host[0] == "/robots.txt"
    assert not [path for path in on_mirror if path.startswith(("/tin-2", "/tin-3"))]
    assert [path for path in on_mirror if path.startswith("/tin-1")]
    assert [path for path in on_host if path.startswith("/tin-2")]


def test_rules_for_us_by_name_go_before_those_for_all(tmp_path: Path) -> None:
    rules = b"User-agent: kontum_crawler\nDisallow: /tin-1\n\nUser-agent: *\nDisallow: /\n"
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(rules) + rules
    with serving({**two_hosts(), f"{CANONICAL}/robots.txt": answer}) as server:
        run(server, tmp_path)
        paths = asked(server, CANONICAL)
    assert not [path for path in paths if path.startswith("/tin-1")]
    assert [path for path in paths if path.startswith("/tin-2")]
