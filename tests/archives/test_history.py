"""Three simulated years, filled from a real pywb and from a server like Common Crawl's."""

import gzip
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from history import write_history
from history.write import sha1
from recount import differences, plain
from twins import CommonCrawl, pywb
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader

from kontum_crawler.crawl import Outcome, crawl
from kontum_crawler.pipelines.session import Options
from kontum_crawler.portals import Layout, get
from kontum_crawler.reports.coverage import coverage
from kontum_crawler.reports.layouts import layouts_by_year
from kontum_crawler.sample import Sample
from kontum_crawler.store import Archive
from kontum_crawler.store.intake.sessions import ingest_files
from kontum_crawler.store.intake.verify import verify
from kontum_crawler.store.known import is_known
from kontum_crawler.store.plan import Plan, Scope, read_entry

ROOT = Path(__file__).parents[2]
ARTICLES = 16
COPIES = "SELECT count(*) FROM captures WHERE origin <> 'live'"


def fill(folder: Path, origin: str, cdx_url: str, **options: Any) -> Outcome:
    """Fill an archive of the portal from another one."""
    named = ("127.0.0.1",)
    wanted = Options(origin=origin, cdx_url=cdx_url, named_hosts=named, **options)
    return crawl(folder, [get("kkt")], wanted)


def rows(folder: Path, query: str, *values: Any) -> list[Any]:
    with sqlite3.connect(folder / "kontum.db") as db:
        return db.execute(query, values).fetchall()


def faults_of(folder: Path) -> list[str]:
    return [str(fault) for fault in verify(folder).faults]


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], dict[str, Any]]:
    """The WARC files of the three years, and the truth about them."""
    folder = tmp_path_factory.mktemp("history")
    warcs = write_history(folder, ARTICLES)
    return warcs, json.loads((folder / "truth.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def collection(
    years: tuple[list[Path], dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A real pywb that holds them; the address of its CDX API."""
    with pywb(tmp_path_factory.mktemp("pywb"), years[0]) as cdx:
        yield cdx


@pytest.fixture(scope="module")
def common(years: tuple[list[Path], dict[str, Any]]) -> Iterator[CommonCrawl]:
    with CommonCrawl(years[0]) as server:
        yield server


@pytest.fixture(scope="module")
def from_pywb(collection: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("from-pywb")
    fill(folder, "wayback", collection)
    return folder


@pytest.fixture(scope="module")
def from_common(common: CommonCrawl, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("from-common")
    fill(folder, "commoncrawl", common.collinfo)
    return folder


@pytest.fixture(params=["from_pywb", "from_common"])
def filled(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.getfixturevalue(request.param)
    return folder


def test_articles_versions_times_and_gone_intervals_are_those_of_the_truth(
    filled: Path, years: Any
) -> None:
    assert differences(filled, years[1]) == []


def test_every_record_is_sound(filled: Path) -> None:
    assert faults_of(filled) == []


def test_coverage_is_that_of_the_truth(filled: Path, years: Any) -> None:
    with Archive.open(filled) as archive:
        found = coverage(archive.db, get("kkt")).as_dict()
    assert found["rows"] == years[1]["coverage"]["rows"]
    assert [plain(url) for url in found["missing"]] == years[1]["coverage"]["missing"]


def payloads(warcs: list[Path]) -> set[str]:
    """Digests of the payloads in files as another reader finds them, coded and decoded."""
    found: set[str] = set()
    for path in warcs:
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                if record.rec_type != "response" or record.http_headers is None:
                    continue
                coded = record.http_headers.get_header("Content-Encoding")
                chunked = record.http_headers.get_header("Transfer-Encoding")
                stream = ChunkedDataReader(record.raw_stream) if chunked else record.raw_stream
                payload = stream.read()
                found.add(sha1(payload))
                if coded == "gzip":
                    found.add(sha1(gzip.decompress(payload)))
    return found


def claimed(warcs: list[Path]) -> set[str]:
    """Digests of the payloads in files, as their own writer says; that of nothing left out."""
    found: set[str] = set()
    for path in warcs:
        text = gzip.decompress(path.read_bytes())
        found |= {match.decode() for match in re.findall(rb"WARC-Payload-Digest: (\S+)", text)}
    return found - {sha1(b"")}


def test_bytes_are_those_of_the_source_digest_by_digest(filled: Path, years: Any) -> None:
    assert claimed(years[0]) <= payloads(sorted((filled / "warc").glob("*.warc.gz")))


def test_an_empty_answer_is_the_only_one_that_pywb_passes_over(from_pywb: Path, years: Any) -> None:
    lost = rows(from_pywb, "SELECT status, digest FROM archive_plan WHERE state <> 'done'")
    assert set(lost) == {(301, sha1(b""))}
    assert len(lost) == years[1]["redirects_to_https"]


def test_provenance_stands_in_rows_and_records(from_common: Path, common: CommonCrawl) -> None:
    sources = rows(from_common, "SELECT DISTINCT source_uri FROM captures WHERE origin <> 'live'")
    assert {source for (source,) in sources} == {f"{common.base}/{name}" for name in common.files}
    late = rows(from_common, f"{COPIES} AND (fetched_at > '2025' OR retrieved_at < '2025')")
    assert late == [(0,)]


def test_a_look_that_no_rule_fits_is_named_with_examples(from_common: Path) -> None:
    with Archive.open(from_common) as archive:
        unknown = replace(get("kkt"), layouts=())
        found = layouts_by_year(archive.db, archive.folder, unknown)
        known = Layout("first", body=("div.nd_pr",), title=("div.td_ct",))
        ruled = layouts_by_year(archive.db, archive.folder, replace(unknown, layouts=(known,)))
    first = {fit.year for fit in found if "div.wr" in fit.layout}
    second = {fit.year for fit in found if "header" in fit.layout and "footer" in fit.layout}
    assert (first, second) == ({2022}, {2023, 2024})
    assert all(fit.examples and not fit.fits for fit in found)
    assert [fit.year for fit in ruled if fit.fits] == [2022]


def test_a_second_run_fetches_nothing(from_common: Path, common: CommonCrawl) -> None:
    before, held = len(common.paths(".warc.gz")), rows(from_common, COPIES)
    outcome = fill(from_common, "commoncrawl", common.collinfo)
    assert len(common.paths(".warc.gz")) == before
    assert rows(from_common, COPIES) == held
    assert outcome.exit_code == 0


def test_a_second_run_on_pywb_fetches_nothing(from_pywb: Path, collection: str) -> None:
    held = rows(from_pywb, COPIES)
    outcome = fill(from_pywb, "wayback", collection)
    assert (rows(from_pywb, COPIES), outcome.counts["pages"]) == (held, 0)


def test_a_dry_run_fetches_no_capture_and_writes_nothing(
    common: CommonCrawl, from_common: Path, tmp_path: Path
) -> None:
    from kontum_crawler.crawl import outlook

    before = len(common.paths(".warc.gz"))
    options = Options(origin="commoncrawl", cdx_url=common.collinfo, named_hosts=("127.0.0.1",))
    fresh = outlook(tmp_path / "none", [get("kkt")], options).as_dict()
    known = outlook(from_common, [get("kkt")], options).as_dict()
    assert (len(common.paths(".warc.gz")), (tmp_path / "none").exists()) == (before, False)
    assert fresh["captures"] > 0 and fresh["bytes"] > 0 and fresh["repeats"] > 0
    assert (known["captures"], known["repeats"]) == (0, 0)
    assert known["held"] == fresh["captures"] + fresh["repeats"] == rows(from_common, COPIES)[0][0]


def test_both_archives_and_a_live_crawl_double_no_article(
    from_pywb: Path, common: CommonCrawl, years: Any, tmp_path: Path
) -> None:
    folder = shutil.copytree(from_pywb, tmp_path / "mixed")
    asked = len(common.paths(".warc.gz"))
    fill(folder, "commoncrawl", common.collinfo)
    assert differences(folder, years[1]) == []
    # Only redirects are not held yet: pywb cannot show some, and bodies do not tell them apart.
    redirects = rows(
        folder,
        "SELECT count(*) FROM archive_plan WHERE origin = 'commoncrawl' AND status / 100 = 3",
    )
    assert len(common.paths(".warc.gz")) - asked <= redirects[0][0]
    with Sample(articles=ARTICLES, day=3) as sample:
        crawl(folder, [get("kkt")], Options(base_url=sample.base))
    slugs = [slug for (slug,) in rows(folder, "SELECT slug FROM articles")]
    assert len(slugs) == len(set(slugs)) == len(years[1]["articles"])
    origins = rows(
        folder,
        "SELECT DISTINCT c.origin, c.fetched_at < '2025' FROM article_versions v"
        " JOIN captures c ON c.id = v.capture_id",
    )
    assert ("wayback", 1) in origins and not {("live", 1), ("wayback", 0)} & set(origins)
    assert faults_of(folder) == []


def test_a_rebuild_from_the_records_gives_the_same_rows(
    filled: Path, years: Any, tmp_path: Path
) -> None:
    folder = shutil.copytree(filled, tmp_path / "rebuilt")
    for path in folder.glob("kontum.db*"):
        path.unlink()
    ingest_files(folder, [folder / "warc"])
    assert differences(folder, years[1]) == []
    query = (
        "SELECT url, fetched_at, retrieved_at, source_uri, status, media_type, payload_digest,"
        " origin, content_hash, warc_file, warc_offset FROM captures"
        " ORDER BY warc_file, warc_offset"
    )
    assert rows(folder, query) == rows(filled, query)
    assert not_known(filled, folder) == []


def not_known(planned: Path, present: Path) -> list[Any]:
    """Entries of a plan that were done and that another archive would ask for again."""
    with Archive.open(planned) as plan, Archive.open(present) as archive:
        origin, service = plan.db.execute("SELECT origin, service FROM archive_plan").fetchone()
        made = Plan(plan.db, get("kkt"), origin, service)
        done = plan.db.execute("SELECT * FROM archive_plan WHERE state = 'done'")
        entries = [read_entry(row) for row in done]
        assert entries and not made.is_open(Scope(), 0)
        return [entry for entry in entries if not is_known(archive.db, entry, origin)]


@pytest.mark.long
def test_a_pywb_that_answers_with_the_nearest_capture_gives_the_same(
    years: Any, tmp_path: Path
) -> None:
    with pywb(tmp_path / "pywb", years[0], exact=False) as cdx:
        fill(tmp_path / "archive", "wayback", cdx)
    assert differences(tmp_path / "archive", years[1]) == []


def command(folder: Path, origin: str, cdx_url: str) -> list[str]:
    base = [sys.executable, "-m", "kontum_crawler", "crawl", "kkt", "--quiet"]
    return [*base, "--from", origin, "--cdx-url", cdx_url, "--archive", str(folder)]


def kill_when(arguments: list[str], due: Callable[[], bool]) -> None:
    """Start a command and kill it as soon as it is due."""
    process = subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 300
    while not due() and process.poll() is None:
        assert time.monotonic() < until
        os.sched_yield()
    process.send_signal(signal.SIGKILL)
    process.wait()


def kill_after(server: CommonCrawl, folder: Path, requests: int) -> None:
    """Start a fill and kill it once the server was asked so many times more."""
    before = len(server.asked)
    kill_when(
        command(folder, "commoncrawl", server.collinfo),
        lambda: len(server.asked) >= before + requests,
    )


def landed(folder: Path) -> int:
    """How many captures another archive gave so far."""
    try:
        return int(rows(folder, COPIES)[0][0])
    except sqlite3.Error:
        return 0


def reached(folder: Path, number: int) -> bool:
    return landed(folder) >= number


@pytest.mark.slow
@pytest.mark.parametrize(
    "kills", [1, pytest.param(12, marks=pytest.mark.long)], ids=["once", "often"]
)
def test_a_fill_that_was_killed_goes_on_where_it_was(
    years: Any, from_common: Path, tmp_path: Path, kills: int
) -> None:
    folder, moments = tmp_path / "killed", random.Random(kills)
    with CommonCrawl(years[0]) as server:
        for _ in range(kills):
            kill_after(server, folder, 30 if kills == 1 else moments.randint(1, 60))
        fill(folder, "commoncrawl", server.collinfo)
        ranges = [
            seen.headers["range"] + seen.path for seen in server.asked if ".warc" in seen.path
        ]
    assert differences(folder, years[1]) == []
    assert rows(folder, COPIES) == rows(from_common, COPIES)
    assert faults_of(folder) == []
    # At most what was in flight at each kill is asked for twice.
    assert len(ranges) - len(set(ranges)) <= 30 * kills


@pytest.mark.slow
@pytest.mark.parametrize(
    "kills", [2, pytest.param(12, marks=pytest.mark.long)], ids=["twice", "often"]
)
def test_a_fill_from_pywb_that_was_killed_goes_on_and_the_other_sources_join_it(
    collection: str, common: CommonCrawl, from_pywb: Path, years: Any, tmp_path: Path, kills: int
) -> None:
    folder, moments = tmp_path / "killed", random.Random(kills)
    for _ in range(kills):
        wanted = landed(folder) + moments.randint(1, max(2, landed(from_pywb) // kills))
        kill_when(command(folder, "wayback", collection), partial(reached, folder, wanted))
    assert landed(folder) < landed(from_pywb)
    fill(folder, "wayback", collection)
    assert differences(folder, years[1]) == []
    assert rows(folder, COPIES) == rows(from_pywb, COPIES)
    assert faults_of(folder) == []
    fill(folder, "commoncrawl", common.collinfo)
    assert differences(folder, years[1]) == []
    with Sample(articles=ARTICLES, day=3) as sample:
        crawl(folder, [get("kkt")], Options(base_url=sample.base))
    slugs = [slug for (slug,) in rows(folder, "SELECT slug FROM articles")]
    assert len(slugs) == len(set(slugs)) == len(years[1]["articles"])
    assert faults_of(folder) == []
