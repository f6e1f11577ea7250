"""What a nightly run of an unchanged and of a little changed portal costs, beside plain Scrapy.

    python benchmarks/incremental.py [--articles 5000] [--only kontum|scrapy|httpcache]

The sample portal is served on loopback and crawled by kontum_crawler, by plain Scrapy (one spider
with LinkExtractor), and by that spider with Scrapy's HTTPCACHE of policy RFC2616: once whole, once
unchanged, once with 10 new and 3 edited articles. Requests are those that the server saw, bytes the
bodies that it sent, MB the peak of memory of the process that crawls. Ends with 1 where
kontum_crawler misses a goal.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from kontum_crawler.sample import Churn, Sample

PLAIN = """
import sys
from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.linkextractors import LinkExtractor

base, cache = sys.argv[1:3]


class Plain(Spider):
    name = "plain"
    allowed_domains = ["127.0.0.1"]
    start_urls = [base + "/"]
    links = LinkExtractor(deny=(r"lich-cong-tac",))

    def parse(self, response):
        if not hasattr(response, "text"):
            return
        for link in self.links.extract_links(response):
            yield Request(link.url)


settings = {
    "LOG_LEVEL": "CRITICAL",
    "ROBOTSTXT_OBEY": True,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 4,
    "TELNETCONSOLE_ENABLED": False,
    "DOWNLOAD_DELAY": 0,
}
if cache != "-":
    settings |= {
        "HTTPCACHE_ENABLED": True,
        "HTTPCACHE_DIR": cache,
        "HTTPCACHE_POLICY": "scrapy.extensions.httpcache.RFC2616Policy",
    }
process = CrawlerProcess(settings)
process.crawl(Plain)
process.start()
"""
NIGHTS = (("first", 1), ("unchanged", 1), ("10 new, 3 edited", 2))
SOURCES = ("robots.txt", "sitemap", "feed", "listing")


@dataclass(frozen=True, slots=True)
class Night:
    """One run: what the server saw of it, and what it told itself.

    kinds: requests by kind of address; memory: peak of the process in bytes.
    """

    requests: int
    bytes: int
    memory: int
    kinds: Counter[str]
    told: dict[str, int]


def kontum(sample: Sample, folder: Path) -> list[str]:
    """The command that crawls with kontum_crawler; pictures are left out, as Scrapy does."""
    words = [sys.executable, "-m", "kontum_crawler", "crawl", "kkt", "--json", "--no-requisites"]
    return [*words, "--base-url", sample.base, "--archive", str(folder / "archive")]


def scrapy(sample: Sample, folder: Path, *, cached: bool) -> list[str]:
    """The command that crawls with plain Scrapy."""
    script = folder / "plain.py"
    script.write_text(PLAIN, "utf-8")
    return [sys.executable, str(script), sample.base, str(folder / "cache") if cached else "-"]


def kind_of(path: str) -> str:
    """What an address of the sample portal is; a page that is no article is walked as a listing."""
    for kind, mark in (
        ("robots.txt", "/robots.txt"),
        ("sitemap", "/sitemap"),
        ("feed", "/rss"),
        ("file", "/upload/"),
        ("article", ".p-"),
    ):
        if mark in path:
            return kind
    return "listing"


def measure(sample: Sample, words: list[str]) -> Night:
    """Run a command and wait for it; requests and bytes are those that the server counted."""
    sample.forget()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(words, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 3):
            raise SystemExit(f"{words}: ended with {process.returncode}")
        out.seek(0)
        printed = out.read()
    return Night(
        len(sample.requests),
        sum(row.bytes for row in sample.requests),
        usage.ru_maxrss * 1024,
        Counter(kind_of(row.path) for row in sample.requests),
        json.loads(printed) if printed.startswith("{") else {},
    )


def nights(name: str, articles: int) -> list[Night]:
    """The three nights of one crawler, on a portal of its own."""
    churn = Churn(new=10, edited=3, gone=0)
    with (
        tempfile.TemporaryDirectory() as place,
        Sample(articles=articles, planned=False, churn=churn) as sample,
    ):
        folder = Path(place)
        if name == "kontum":
            words = kontum(sample, folder)
        else:
            words = scrapy(sample, folder, cached=name == "httpcache")
        seen = []
        for told, day in NIGHTS:
            sample.day = day
            seen.append(measure(sample, words))
            print(line(name, told, seen[-1], seen[0]), flush=True)
        return seen


def line(name: str, told: str, night: Night, first: Night) -> str:
    """One row of the table."""
    shares = f"{night.requests / first.requests:8.2%} | {night.bytes / first.bytes:8.2%}"
    row = f"| {name:9} | {told:16} | {night.requests:6,} | {night.bytes:12,} | {shares}"
    row += f" | {night.memory / 1e6:5.0f} MB |"
    found = {key[9:]: value for key, value in night.told.items() if key.startswith("articles_")}
    return f"{row} {dict(night.kinds)} {found or ''}".rstrip()


def misses(seen: list[Night]) -> Iterable[str]:
    """What kontum_crawler did not reach; nothing is due by age in a run right after the first."""
    first, unchanged, changed = seen
    others = {kind: n for kind, n in unchanged.kinds.items() if kind not in SOURCES}
    if others:
        yield f"an unchanged portal was asked for {others} beside {', '.join(SOURCES)}"
    if unchanged.bytes >= 0.01 * first.bytes:
        yield f"an unchanged portal cost {unchanged.bytes / first.bytes:.2%} of the bytes"
    if changed.requests >= 0.02 * first.requests:
        yield f"13 changes cost {changed.requests / first.requests:.2%} of the requests"
    found = (changed.told["articles_new"], changed.told["articles_edited"])
    if found != (10, 3):
        yield f"{found[0]} new and {found[1]} edited articles were found, not 10 and 3"


def main() -> int:
    """Run the crawlers in turn and print a table; 1 where a goal is missed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--articles", type=int, default=5000)
    options.add_argument("--only", choices=["kontum", "scrapy", "httpcache"])
    chosen = options.parse_args()
    print(
        f"benchmarks/incremental.py, {chosen.articles:,} articles, Python"
        f" {platform.python_version()}, Scrapy {version('scrapy')}, one run\n\n"
        "| crawler   | night            | requests | bytes of bodies | share | share | memory |\n"
        "|---|---|---|---|---|---|---|"
    )
    wrong: list[str] = []
    for name in ("kontum", "scrapy", "httpcache"):
        if chosen.only in (None, name):
            seen = nights(name, chosen.articles)
            wrong += misses(seen) if name == "kontum" else ()
    for each in wrong:
        print(f"missed: {each}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
