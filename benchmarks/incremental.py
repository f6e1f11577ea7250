"""What a nightly run of an unchanged and of a little changed portal costs, beside plain Scrapy.

`python benchmarks/incremental.py [--articles 5000]` serves the sample portal on loopback and
crawls it with kontum_crawler, with plain Scrapy (LinkExtractor), and with plain Scrapy and its
HTTPCACHE of policy RFC2616: once whole, once unchanged, once with 10 new and 3 edited articles.
Requests and bytes are those that the server saw.
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from kontum_crawler.sample import Churn, Sample

PLAIN = """
import sys
from scrapy import Spider, Request
from scrapy.crawler import CrawlerProcess
from scrapy.linkextractors import LinkExtractor
from scrapy.settings import Settings

base, cache = sys.argv[1:3]


class Plain(Spider):
    name = "plain"
    start_urls = [base + "/"]
    links = LinkExtractor(deny=(r"lich-cong-tac", r"\\\\?.*(thang|month|ngay)="))

    def parse(self, response):
        if not hasattr(response, "text"):
            return
        for link in self.links.extract_links(response):
            if link.url.startswith(base):
                yield Request(link.url)


settings = {
    "LOG_LEVEL": "ERROR",
    "ROBOTSTXT_OBEY": True,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 4,
    "DEPTH_LIMIT": 400,
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


def kontum(sample: Sample, folder: Path) -> list[str]:
    words = [sys.executable, "-m", "kontum_crawler", "crawl", "kkt", "--json", "--no-requisites"]
    return [*words, "--base-url", sample.base, "--archive", str(folder / "archive")]


def plain(sample: Sample, folder: Path, *, cached: bool) -> list[str]:
    script = folder / "plain.py"
    script.write_text(PLAIN, "utf-8")
    return [sys.executable, str(script), sample.base, str(folder / "cache") if cached else "-"]


def measure(sample: Sample, words: list[str]) -> dict[str, float]:
    """Run a command; requests and bytes of bodies as the server counted them."""
    sample.forget()
    before = time.monotonic()
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    if ended.returncode not in (0, 3):
        raise SystemExit(f"{words}: {ended.returncode}\n{ended.stderr[-2000:]}")
    told = {
        "requests": len(sample.requests),
        "bytes": sum(row.bytes for row in sample.requests),
        "seconds": round(time.monotonic() - before, 1),
    }
    if ended.stdout.startswith("{"):
        counts = json.loads(ended.stdout)
        told |= {name: counts[f"articles_{name}"] for name in ("new", "edited", "gone")}
    return told


def main() -> None:
    """Run the three crawlers in turn, each on a portal of its own, and print a table."""
    options = argparse.ArgumentParser()
    options.add_argument("--articles", type=int, default=5000)
    options.add_argument("--only", choices=["kontum", "plain", "cached"])
    chosen = options.parse_args()
    print(
        f"benchmarks/incremental.py, {chosen.articles:,} articles, Python"
        f" {platform.python_version()}, Scrapy {version('scrapy')}, one run"
    )
    for name in ("kontum", "plain", "cached"):
        if chosen.only in (None, name):
            rounds(name, chosen.articles)


def rounds(name: str, articles: int) -> None:
    """The three nights of one crawler."""
    churn = Churn(new=10, edited=3, gone=0)
    with (
        tempfile.TemporaryDirectory() as place,
        Sample(articles=articles, planned=False, churn=churn) as sample,
    ):
        folder = Path(place)
        words = (
            kontum(sample, folder)
            if name == "kontum"
            else plain(sample, folder, cached=name == "cached")
        )
        first = measure(sample, words)
        for night, day in (("first", 1), ("unchanged", 1), ("10 new, 3 edited", 2)):
            sample.day = day
            told = first if night == "first" else measure(sample, words)
            shares = (
                f"{told['requests'] / first['requests']:8.2%} {told['bytes'] / first['bytes']:8.2%}"
            )
            print(f"{name:8} {night:18} {json.dumps(told):95} {shares}", flush=True)


if __name__ == "__main__":
    main()
