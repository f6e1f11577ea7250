"""`kontum crawl`, `kontum demo` and Scrapy's own command, as processes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kontum_crawler.sample import Sample

ROOT = Path(__file__).parents[2]


def call(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def sample() -> Iterator[Sample]:
    with Sample() as running:
        yield running


def test_an_unknown_portal_is_wrong_usage(tmp_path: Path) -> None:
    done = call("kontum_crawler", "crawl", "nosuch", "--archive", str(tmp_path / "new"))
    assert (done.returncode, (tmp_path / "new").exists()) == (2, False)
    assert "«nosuch»" in done.stderr


def test_a_base_address_with_a_path_is_wrong_usage(tmp_path: Path) -> None:
    base = ("--base-url", "http://127.0.0.1:1/x")
    done = call("kontum_crawler", "crawl", "kkt", *base, "--archive", str(tmp_path))
    assert done.returncode == 2


def test_a_dry_run_fetches_and_writes_nothing(sample: Sample, tmp_path: Path) -> None:
    sample.forget()
    folder = tmp_path / "new"
    options = ("--base-url", sample.base, "--archive", str(folder), "--dry-run", "--json")
    done = call("kontum_crawler", "crawl", "kkt", *options)
    told = json.loads(done.stdout)
    assert (done.returncode, sample.requests, folder.exists()) == (0, [], False)
    assert "http://kkt.kontum.gov.vn/" in [row["url"] for row in told["urls"]]


def test_json_is_one_object_and_nothing_else(sample: Sample, tmp_path: Path) -> None:
    options = ("--base-url", sample.base, "--archive", str(tmp_path), "--limit", "3", "--json")
    done = call("kontum_crawler", "crawl", "kkt", *options)
    assert list(json.loads(done.stdout)) == [
        "portals",
        "requests",
        "bytes",
        "pages",
        "articles_new",
        "articles_edited",
        "articles_unchanged",
        "articles_gone",
        "problems",
        "seconds",
    ]


def test_without_a_terminal_nothing_is_said(sample: Sample, tmp_path: Path) -> None:
    options = ("--base-url", sample.base, "--archive", str(tmp_path), "--limit", "3")
    done = call("kontum_crawler", "crawl", "kkt", *options)
    assert (done.stdout, done.stderr) == ("", "")


def test_the_demo_shows_a_search_and_finds_nothing_new_again(tmp_path: Path) -> None:
    first, second = (call("kontum_crawler", "demo", cwd=tmp_path) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "*" in first.stdout and "thang hanh dong vi tre em" in first.stdout
    assert "Articles: 0 new, 0 edited" in second.stderr


def test_a_feed_holds_the_articles(sample: Sample, tmp_path: Path) -> None:
    feed = tmp_path / "out.jsonl"
    arguments = (f"base_url={sample.base}", f"archive={tmp_path / 'a'}", "limit=4", "portal=kkt")
    named = [part for argument in arguments for part in ("-a", argument)]
    done = call("scrapy", "crawl", "portal", *named, "-O", str(feed))
    items = [json.loads(line) for line in feed.read_text("utf-8").splitlines()]
    assert (done.returncode, len(items)) == (0, 4), done.stderr
    assert all(item["title"] and item["slug"] and "byline" in item for item in items)


@pytest.mark.parametrize(
    "arguments", [(), ("-a", "portal=nosuch"), ("-a", "portal=kkt", "-a", "x=1")]
)
def test_the_spider_needs_a_portal_that_is_known(arguments: tuple[str, ...]) -> None:
    done = call("scrapy", "crawl", "portal", *arguments)
    assert done.returncode != 0
    assert "UsageError" in done.stderr


@pytest.mark.parametrize("command", ["list", "check"])
def test_scrapy_knows_the_project(command: str) -> None:
    assert call("scrapy", command).returncode == 0
