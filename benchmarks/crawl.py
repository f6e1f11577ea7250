"""What a page costs in processor time, fetched, read, searchable and kept, beside bare Scrapy.

    python benchmarks/crawl.py [--articles 1000] [--only kontum|scrapy] [--statements]

The sample portal is served on loopback by a process of its own. kontum_crawler crawls it into an
archive; bare Scrapy follows the same links (LinkExtractor), takes the title of each page with a CSS
selector, and writes it as a JSON line. CPU seconds are user and system time of the crawling process
and its children, start-up included; pages are the answers of 200 that the server gave.

--statements counts what kontum_crawler asks of SQLite, by the text of the statement.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

BARE = """
import sys
from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.linkextractors import LinkExtractor

base, feed = sys.argv[1:3]


class Bare(Spider):
    name = "bare"
    allowed_domains = ["127.0.0.1"]
    start_urls = [base + "/"]
    links = LinkExtractor(deny=(r"lich-cong-tac",))

    def parse(self, response):
        if not hasattr(response, "text"):
            return
        yield {"url": response.url, "title": response.css("title::text").get()}
        for link in self.links.extract_links(response):
            yield Request(link.url)


process = CrawlerProcess({
    "LOG_LEVEL": "CRITICAL",
    "ROBOTSTXT_OBEY": True,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 4,
    "TELNETCONSOLE_ENABLED": False,
    "DOWNLOAD_DELAY": 0,
    "FEEDS": {feed: {"format": "jsonlines"}},
})
process.crawl(Bare)
process.start()
"""
COUNTED = """
import atexit, collections, json, re, sqlite3, sys

VALUE = re.compile(r"x?'(?:[^']|'')*'|(?<![\\w.])-?[0-9]+(?:[.][0-9]+)?(?![\\w.])")
counts = collections.Counter()
connect = sqlite3.connect


def counting(*args, **options):
    db = connect(*args, **options)
    db.set_trace_callback(lambda text: counts.update([" ".join(VALUE.sub("?", text).split())]))
    return db


sqlite3.connect = counting
target = sys.argv.pop(1)
atexit.register(lambda: open(target, "w").write(json.dumps(counts)))
from kontum_crawler.cli import main

sys.exit(main())
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One crawl: CPU seconds, answers of 200 and all requests as the server saw them, memory."""

    seconds: float
    pages: int
    requests: int
    memory: int


@contextmanager
def served(articles: int, folder: Path) -> Iterator[tuple[str, Path]]:
    """The sample portal in a process of its own: its address, and the log of requests."""
    log = folder / "requests.jsonl"
    words = [sys.executable, "-m", "kontum_crawler.sample", "--articles", str(articles)]
    with subprocess.Popen(
        [*words, "--no-planned", "--log", str(log)], stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip(), log
        finally:
            server.terminate()


def measure(words: list[str], log: Path) -> Run:
    """Run a command and wait for it; its own children count once it has waited for them."""
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3):
        raise SystemExit(f"{words}: ended with {process.returncode}")
    seen = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    good = sum(1 for row in seen if row["status"] == 200)
    return Run(usage.ru_utime + usage.ru_stime, good, len(seen), usage.ru_maxrss * 1024)


def crawl(name: str, articles: int, *, statements: bool) -> Run:
    """Crawl a fresh portal into a fresh folder."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with served(articles, folder) as (base, log):
            if name == "scrapy":
                script = folder / "bare.py"
                script.write_text(BARE, "utf-8")
                words = [sys.executable, str(script), base, str(folder / "out.jsonl")]
                return measure(words, log)
            start, counted = ["-m", "kontum_crawler"], folder / "statements.json"
            if statements:
                start = ["-c", COUNTED, str(counted)]
            words = [sys.executable, *start, "crawl", "kkt", "--json", "--no-requisites"]
            words += ["--base-url", base, "--archive", str(folder / "archive")]
            run = measure(words, log)
            if statements:
                print_statements(json.loads(counted.read_text("utf-8")), run)
            return run


def print_statements(counts: dict[str, int], run: Run) -> None:
    """What was asked of SQLite for each request, the most frequent first."""
    print(f"{sum(counts.values()) / run.requests:.1f} statements a request")
    for text, number in sorted(counts.items(), key=lambda each: -each[1]):
        if number * 50 >= run.requests:
            print(f"{number / run.requests:7.2f}  {text[:110]}")


def main() -> None:
    """Run the crawlers in turn and print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--articles", type=int, default=1000)
    options.add_argument("--only", choices=["kontum", "scrapy"])
    options.add_argument("--statements", action="store_true")
    chosen = options.parse_args()
    print(
        f"benchmarks/crawl.py, {chosen.articles:,} articles, Python {platform.python_version()},"
        f" Scrapy {version('scrapy')}, one run\n\n"
        "| crawler | pages | CPU s | CPU s for 1,000 pages | memory |\n|---|---|---|---|---|",
        flush=True,
    )
    for name in ("kontum", "scrapy"):
        if chosen.only not in (None, name):
            continue
        run = crawl(name, chosen.articles, statements=chosen.statements)
        each = run.seconds / run.pages * 1000
        row = f"| {name:7} | {run.pages:5,} | {run.seconds:5.1f} | {each:5.2f}"
        print(f"{row} | {run.memory / 1e6:4.0f} MB |", flush=True)


if __name__ == "__main__":
    main()
