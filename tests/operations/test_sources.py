"""Nights in which sitemaps and feeds keep, or break, what they promise; and how deep walks go."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from crawl.rawserver import RawServer
from crawl.test_faults import HOST, front, page, serving
from operations.nights import sleep
from operations.stage import rows

from kontum_crawler import clock
from kontum_crawler.crawl import crawl
from kontum_crawler.pipelines.session import Options
from kontum_crawler.portals import Registry

pytestmark = pytest.mark.slow

PORTAL = """key = "kkt"
name = "Ban Quản lý Khu kinh tế tỉnh Kon Tum"
family = "kkt"
hosts = ["kkt.kontum.gov.vn"]
base_url = "http://kkt.kontum.gov.vn/"
start_urls = ["/"]
sitemaps = ["/sitemap.xml"]
feeds = ["/tin.rss"]
"""
PUBLISHED = '<meta property="article:published_time" content="2020-01-01T08:00:00+07:00">'
STATE = "SELECT news, fruitless, skipped, true_days, false_days FROM sources WHERE url = ?"


class Paper:
    """A portal whose pages and sources a test writes anew each night."""

    def __init__(self, server: RawServer, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.texts: dict[str, str] = {}
        (folder / "portals").mkdir(parents=True)
        (folder / "portals" / "kkt.toml").write_text(PORTAL, "utf-8")
        self.server.answers["/"] = front()

    def write(self, *numbers: int, text: str = "Ban quản lý đã họp bàn về công việc") -> None:
        """Publish articles, or edit them."""
        for number in numbers:
            words = f"{text} của quý, lần thứ {number}. " * 9
            title = f"Tin số {number} của khu kinh tế"
            self.server.answers[path(number)] = page(
                f"<html><head><title>{title}</title>{PUBLISHED}</head><body><h1>{title}</h1>"
                f"<div class='noi-dung'><p>{words}</p><p>{words}</p></div></body></html>"
            )

    def sitemap(self, days: dict[int, str]) -> None:
        """What the sitemap says of when articles changed."""
        rows = "".join(
            f"<url><loc>{HOST}{path(number)}</loc><lastmod>{day}</lastmod></url>"
            for number, day in days.items()
        )
        head = '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        self.server.answers["/sitemap.xml"] = page(f"{head}{rows}</urlset>")

    def feed(self, *numbers: int) -> None:
        """What the feed names."""
        items = "".join(f"<item><link>{HOST}{path(number)}</link></item>" for number in numbers)
        self.server.answers["/tin.rss"] = page(
            f'<rss version="2.0"><channel>{items}</channel></rss>'
        )

    def night(self, **options: Any) -> list[str]:
        """One run, a day after the last one; what the portal was asked for."""
        if (self.folder / "kontum.db").exists():
            sleep(self.folder, hours=24)
        del self.server.log[:]
        portal = Registry(self.folder / "portals").get("kkt")
        crawl(self.folder, [portal], Options(base_url=self.server.base, **options))
        return [asked.split()[1].decode() for asked, _ in self.server.log]

    def source(self, name: str) -> tuple[int, ...]:
        """What is kept of a source: see STATE."""
        return tuple(rows(self.folder, STATE, HOST + name)[0])


def path(number: int) -> str:
    return f"/tin-so-{number}.p-{number}.html"


def days_ago(days: int) -> str:
    return clock.utc(clock.now() - timedelta(days=days))[:10]


def of_articles(asked: list[str]) -> list[str]:
    return [name for name in asked if ".p-" in name]


@pytest.fixture
def paper(tmp_path: Path) -> Iterator[Paper]:
    with serving({}) as server:
        written = Paper(server, tmp_path / "archive")
        written.write(*range(40))
        written.sitemap({number: days_ago(400) for number in range(40)})
        written.feed(0, 1, 2)
        written.night()
        yield written


def test_a_sitemap_whose_changes_are_none_is_not_believed_until_they_are(paper: Paper) -> None:
    days = {number: days_ago(400) for number in range(40)}
    first = range(10)
    paper.sitemap(days | {number: days_ago(2) for number in first})
    assert len(of_articles(paper.night())) == 10
    assert paper.source("/sitemap.xml")[3:] == (0, 10)
    told = status(paper.folder)
    assert told["/sitemap.xml"] == "days of change not believed: 10 of 10 were false"
    paper.sitemap(days | {number: days_ago(1) for number in first})
    assert len(of_articles(paper.night())) == 2
    # From here on what it says is true; two articles a night show it.
    for edition in range(3):
        paper.write(*first, text=f"Bản tin được sửa lần {edition}, nói về việc khác hẳn")
        paper.sitemap(days | dict.fromkeys(first, f"2026-01-0{edition + 1}"))
        paper.night()
    paper.write(*first, text="Bản tin cuối cùng")
    paper.sitemap(days | dict.fromkeys(first, "2026-02-01"))
    assert len(of_articles(paper.night())) == 10
    assert status(paper.folder)["/sitemap.xml"] == ""


def test_a_sitemap_that_always_says_today_is_not_believed(paper: Paper) -> None:
    for night in range(3):
        paper.sitemap({number: days_ago(-night) for number in range(40)})
        assert of_articles(paper.night()) == []
    assert paper.source("/sitemap.xml")[3:] == (0, 9)
    # Nor is it where, one night, it says so of a few.
    days = {number: days_ago(-2) for number in range(40)}
    paper.sitemap(days | {number: days_ago(-3) for number in range(9)})
    assert len(of_articles(paper.night())) == 2


def test_a_feed_that_never_brings_anything_new_is_asked_less(paper: Paper) -> None:
    days = {number: days_ago(400) for number in range(40)}
    asked = []
    for night in range(12):
        number = 100 + night
        paper.write(number)
        days[number] = days_ago(1)
        paper.sitemap(days)
        asked.append("/tin.rss" in paper.night())
    assert asked == [True] * 4 + [False, True] * 2 + [False, False, False, True]
    assert status(paper.folder)["/tin.rss"].startswith("asked every 4 runs: nothing new in ")
    assert "/tin.rss" in paper.night(full=True)
    # The first news makes it a source like any other.
    paper.write(300)
    paper.feed(300)
    while "/tin.rss" not in paper.night():
        pass
    assert paper.source("/tin.rss")[:2] == (1, 0)


def test_a_night_without_any_news_is_no_source_s_fault(paper: Paper) -> None:
    for _ in range(3):
        paper.night()
    assert paper.source("/tin.rss")[1] == 0


def test_known_listings_are_walked_deeper_every_so_many_runs(paper: Paper) -> None:
    (paper.folder / "kontum.toml").write_text(
        "[portal.kkt]\ndeeper_every = 3\ndeeper_pages = 2\n", "utf-8"
    )
    answers = paper.server.answers
    answers["/"] = front("/tin.c-1.html")
    for number in range(1, 7):
        listed = path(number)
        answers[f"/tin.c-{number}.html"] = front(listed, f"/tin.c-{number + 1}.html")
    answers["/tin.c-7.html"] = front(path(7))
    paper.night(full=True)
    deep = [[name for name in paper.night() if ".c-" in name] for _ in range(7)]
    first = ["/tin.c-1.html"]
    deeper = [*first, "/tin.c-2.html", "/tin.c-3.html"]
    assert deep == [first, first, deeper, first, first, deeper, first]


def status(folder: Path) -> dict[str, str]:
    """What `kontum status` tells of each source."""
    words = ["status", "--json", "--archive", str(folder)]
    command = [sys.executable, "-m", "kontum_crawler", *words]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    (portal,) = json.loads(told.stdout)["portals"]
    return {each["url"].removeprefix(HOST): each["told"] for each in portal["sources"]}
