"""An archive of two days of the sample portal and of hostile pages, served by Datasette."""

import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

pytest.importorskip("datasette", reason="Datasette is not installed")

import browse_hostile as hostile
from browse_chromium import browser
from browse_client import Get, asker

from kontum_crawler.crawl import crawl
from kontum_crawler.pipelines.session import Options
from kontum_crawler.portals import get
from kontum_crawler.sample import Sample
from kontum_crawler.store import Archive
from kontum_crawler.store.intake.sessions import ingest_files


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder; nobody may write to it."""
    folder = tmp_path_factory.mktemp("browse")
    with Sample(articles=60, day=1) as sample:
        for day in (1, 2):
            sample.day = day
            crawl(folder / "demo", [get("kkt")], Options(base_url=sample.base, full=day > 1))
    hostile.write(folder / "hostile.warc.gz")
    ingest_files(folder / "demo", [folder / "hostile.warc.gz"])
    return folder / "demo"


@pytest.fixture(scope="session")
def rows(archive: Path) -> Iterator[Callable[..., list[dict[str, Any]]]]:
    """Ask the database itself: `rows(sql, *values)`."""
    db = sqlite3.connect(archive / "kontum.db")
    db.row_factory = sqlite3.Row
    yield lambda sql, *values: [dict(row) for row in db.execute(sql, values)]
    db.close()


@pytest.fixture(scope="session")
def get_page(archive: Path) -> Get:
    """Ask a page of the archive: `get_page("/search?q=…")`, as Datasette's own client does."""
    return asker([archive / "kontum.db"])


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """An archive without any article."""
    with Archive.open(tmp_path / "small", write=True, create=True):
        pass
    return tmp_path / "small"


@pytest.fixture(scope="session")
def paths(rows: Callable[..., list[dict[str, Any]]]) -> list[str]:
    """An address of each page type: first one of each template, then their variants."""
    row = rows(
        "SELECT a.portal, a.slug, a.unit, v.capture_id FROM articles a JOIN article_versions v"
        " ON v.article_id = a.id WHERE a.version > 1 AND a.unit IS NOT NULL LIMIT 1"
    )[0]
    rich = rows(
        "SELECT a.portal, a.slug FROM articles a JOIN citations c ON c.article_id = a.id"
        " WHERE EXISTS (SELECT 1 FROM attachments t WHERE t.article_id = a.id) LIMIT 1"
    )[0]
    number = rows("SELECT number FROM citations WHERE number LIKE '%/%' LIMIT 1")[0]["number"]
    author = rows("SELECT value FROM articles, json_each(authors) LIMIT 1")[0]["value"]
    gone = rows("SELECT portal, slug FROM articles WHERE gone_at IS NOT NULL LIMIT 1")[0]
    own = [f"/a/{r['portal']}/{quote(r['slug'])}" for r in (row, rich, gone)]
    return [
        "/", own[1], f"{own[0]}/compare", "/search?q=kinh", "/portal/kkt", "/calendar/2024",
        "/runs", f"/capture/{row['capture_id']}", "/a/kkt/khong-co", "/coverage", "/coverage/kkt",
        # From here on variants of the same templates.
        own[0], own[2], "/search", "/search?q=khongcogi", "/search?q=kinh&portal=kkt",
        f"/author/{quote(author)}", f"/unit/{quote(row['unit'])}",
        f"/document/{quote(number, safe='')}", "/day/2024-07-24", "/month/2024-07", "/runs/1",
    ]  # fmt: skip


@pytest.fixture(scope="session")
def site(archive: Path) -> Iterator[str]:
    """The address of the archive as `kontum serve` serves it, without a final slash."""
    command = [sys.executable, "-m", "kontum_crawler", "serve", "--port", "0"]
    with subprocess.Popen(
        [*command, "--archive", str(archive)], stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stderr is not None
        found = None
        for line in server.stderr:
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found:
                break
        assert found, "kontum serve told no address"
        yield found[0]
        server.terminate()


@pytest.fixture(scope="module")
def chromium(site: str) -> Iterator[Any]:
    """A running browser; no longer than a module, for meanwhile no other event loop can run."""
    with browser() as running:
        yield running
