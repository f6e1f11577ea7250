"""`scrapy crawl portal` leaves what `kontum crawl` leaves, and the settings say what is so."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from operations.stage import rows

from kontum_crawler.sample import Sample

ROOT = Path(__file__).parents[2]
LOOP = """
import asyncio, json, sys
from pathlib import Path
from kontum_crawler import crawl
from kontum_crawler.pipelines.session import Options
from kontum_crawler.portals import get
kinds = []
options = Options(base_url=sys.argv[1], limit=2)
look = lambda spider: kinds.append(type(asyncio.get_running_loop()).__module__.split('.')[0])
crawl.crawl(Path(sys.argv[2]), [get('kkt')], options, progress=look)
print(json.dumps([sorted(set(kinds)), 'twisted.internet.reactor' in sys.modules]))
"""


@pytest.fixture(scope="module")
def sample() -> Iterator[Sample]:
    with Sample(articles=20) as running:
        yield running


def called(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_both_commands_leave_the_same_rows_reports_and_log(sample: Sample, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for folder in (ours, theirs):
        folder.mkdir()
        (folder / "kontum.toml").write_text(
            'log_file = "crawl.log"\nmetrics_file = "kontum.prom"\n', "utf-8"
        )
    words = ["crawl", "kkt", "--base-url", sample.base, "--archive", str(ours)]
    assert called("-m", "kontum_crawler", *words).returncode == 3
    named = [f"base_url={sample.base}", f"archive={theirs}", "portal=kkt"]
    arguments = [part for each in named for part in ("-a", each)]
    done = called("-m", "scrapy", "crawl", "portal", *arguments)
    assert done.returncode == 0, done.stderr
    query = "SELECT command, outcome FROM runs"
    assert rows(ours, query) == rows(theirs, query) == [("crawl kkt", "problems")]
    kinds = [sorted(path.suffix for path in (a / "reports").iterdir()) for a in (ours, theirs)]
    assert kinds == [[".html", ".md", ".txt"]] * 2
    for name in ("crawl.log", "kontum.prom"):
        assert (ours / name).exists() and (theirs / name).exists()
    told = [next((a / "reports").glob("*.txt")).read_text("utf-8") for a in (ours, theirs)]
    assert told[0].splitlines()[0] == told[1].splitlines()[0]
    # Of two articles with one slug the one that was fetched first has it plain.
    articles = (
        "SELECT replace(slug, '~' || native_id, ''), content_hash FROM articles ORDER BY 1, 2"
    )
    assert rows(ours, articles) == rows(theirs, articles)


def test_no_reactor_is_loaded_and_the_loop_is_uvloop_s_where_it_is_installed(
    sample: Sample, tmp_path: Path
) -> None:
    done = called("-c", LOOP, sample.base, str(tmp_path))
    loops, reactor = json.loads(done.stdout.splitlines()[-1])
    installed = called("-c", "import uvloop").returncode == 0
    assert loops == (["uvloop"] if installed else ["asyncio"])
    assert not reactor
