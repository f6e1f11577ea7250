"""What the keeper of an archive sets in kontum.toml holds: hours, budgets, log file, contact."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from operations.stage import rows, run

from kontum_crawler import crawl as crawling
from kontum_crawler.crawl import wants_contact
from kontum_crawler.errors import UsageError
from kontum_crawler.pipelines.budget import Budgets
from kontum_crawler.pipelines.session import Options
from kontum_crawler.portals import get
from kontum_crawler.sample import Sample
from kontum_crawler.store.config import Config, Limits

HERE = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.fixture(scope="module")
def sample() -> Iterator[Sample]:
    with Sample(articles=20) as running:
        yield running


@pytest.fixture
def asked(sample: Sample) -> Sample:
    sample.forget()
    return sample


def written(folder: Path, text: str) -> Path:
    (folder / "kontum.toml").write_text(text, "utf-8")
    return folder


def hours(first: int, last: int) -> str:
    """A span around this moment in the portal's own time, in hours from now."""
    now = datetime.now(HERE)
    return "-".join(f"{now + timedelta(hours=shift):%H:%M}" for shift in (first, last))


def test_in_quiet_hours_of_the_portal_s_own_day_nothing_is_fetched(
    asked: Sample, tmp_path: Path
) -> None:
    text = f'[portal.kkt]\nquiet_hours = "{hours(-2, 2)}"\n'
    outcome = run(asked, written(tmp_path, text))
    assert (outcome.exit_code, asked.requests) == (0, [])


def test_quiet_hours_of_another_portal_or_time_of_day_stop_nothing(
    asked: Sample, tmp_path: Path
) -> None:
    text = f'[portal.kontum]\nquiet_hours = "{hours(-2, 2)}"\n'
    text += f'[portal.kkt]\nquiet_hours = "{hours(3, 6)}"\n'
    run(asked, written(tmp_path, text), limit=2)
    assert len(asked.requests) > 3


def test_limits_of_a_portal_that_is_none_are_refused(asked: Sample, tmp_path: Path) -> None:
    written(tmp_path, '[portal.kkt2]\nquiet_hours = "07:00-18:00"\n')
    with pytest.raises(UsageError, match=r"kontum\.toml: portal\.kkt2: .*Did you mean «kkt»"):
        run(asked, tmp_path)
    assert asked.requests == []
    run(asked, written(tmp_path, '[portal."tin.example.vn"]\ndelay = 1\n'), limit=1)


def test_a_budget_of_requests_holds_and_the_next_run_goes_on(asked: Sample, tmp_path: Path) -> None:
    written(tmp_path, "[limits]\nrequests = 12\n")
    run(asked, tmp_path)
    assert len(asked.requests) == 12
    before = {row.path for row in asked.requests}
    asked.forget()
    run(asked, tmp_path)
    assert len({row.path for row in asked.requests} - before) > 4


def test_a_portal_s_own_budget_is_not_spent_by_others() -> None:
    config = Config(limits=Limits(requests=2), portals={"kkt": Limits(bytes=5)})
    budgets = Budgets(config)
    budgets.of("kontum").asked, budgets.of("kkt").received = 2, 4
    assert (budgets.of("baokontum").is_spent, budgets.of("kkt").is_spent) == (True, False)
    budgets.of("kkt").received = 5
    assert budgets.of("kkt").is_spent


def test_a_budget_of_bytes_holds(asked: Sample, tmp_path: Path) -> None:
    outcome = run(asked, written(tmp_path, "[portal.kkt]\nbytes = 60000\n"))
    largest = max(row.bytes for row in asked.requests)
    assert 60_000 <= outcome.counts["bytes"] < 60_000 + 4 * (largest + 2_000)


def test_the_log_of_a_crawl_goes_where_the_file_says(
    asked: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KONTUM_LOG_FILE", raising=False)
    folder = written(tmp_path, 'log_file = "logs/crawl.log"\n')
    asked.options.faults["/"] = "gzip"
    try:
        run(asked, folder)
        crawling.log.warning("a word for the log")
    finally:
        asked.options.faults.clear()
    assert "a word for the log" in (folder / "logs" / "crawl.log").read_text("utf-8")


def test_whoever_asks_other_machines_is_told_to_name_a_contact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KONTUM_CONTACT", raising=False)
    local = Options(base_url="http://127.0.0.1:8080")
    assert wants_contact(tmp_path, [get("kkt")], Options())
    assert not wants_contact(tmp_path, [get("kkt")], local)
    written(tmp_path, 'contact = "truc@example.vn"\n')
    assert not wants_contact(tmp_path, [get("kkt")], Options())


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_server_that_stalls_keeps_no_signal_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, code: int
) -> None:
    monkeypatch.setattr(crawling, "FINISH_WITHIN", 1.0)
    with Sample(articles=20, faults={"*": "stall:25"}) as stalling:

        def interrupt() -> None:
            until = time.monotonic() + 60
            while not stalling.requests and time.monotonic() < until:
                time.sleep(0.01)
            os.kill(os.getpid(), number)

        threading.Thread(target=interrupt, daemon=True).start()
        outcome = run(stalling, tmp_path)
    # Well before the server would have answered, or the limit of a page been reached.
    assert outcome.counts["seconds"] < 20
    assert outcome.exit_code == code
    assert rows(tmp_path, "SELECT outcome FROM runs") == [("stopped",)]
    assert rows(tmp_path, "SELECT count(*) FROM frontier WHERE state = 'leased'") == [(0,)]
