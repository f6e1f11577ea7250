"""What happens after a crawl has ended: its report is kept, figures and messages go out, old
reports and problems are dropped, and the database gives back what its log holds.
"""

import contextlib
import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from kontum_crawler import clock
from kontum_crawler.errors import KontumError
from kontum_crawler.reports.metrics import as_metrics
from kontum_crawler.reports.notification import notify
from kontum_crawler.reports.run import Report, as_html, as_markdown, as_text, report_of
from kontum_crawler.store import Archive
from kontum_crawler.store.config import Config
from kontum_crawler.store.runs import forget_old

FOLDER = "reports"
LAST_RUN = "SELECT id FROM runs WHERE started_at >= ? ORDER BY id DESC LIMIT 1"
log = logging.getLogger(__name__)


def conclude_run(folder: Path, config: Config, since: datetime) -> None:
    """Report the run that began at `since` (UTC) or later and has ended. Under its lock.

    Never raises for a disk that is full or a server that does not answer: the crawl is over, and
    how it went stands in `runs`. What failed is logged, and is a problem without a run.
    """
    failed: list[str] = []
    try:
        with Archive.open(folder, write=True) as archive:
            row = archive.db.execute(LAST_RUN, (clock.utc(since),)).fetchone()
            if row is None:
                return
            report = report_of(archive, row[0], clock.now())
            with _noted(failed, folder / FOLDER):
                keep_report(folder / FOLDER, report, config.keep_runs)
            if config.metrics_file is not None:
                path = folder / config.metrics_file
                with _noted(failed, path):
                    replace_file(path, as_metrics(report))
            failed += notify(report, config.notify)
            for told in failed:
                log.warning("%s", told)
                archive.problem(None, "notify", told)
            forget_old(archive.db, config.keep_runs, config.keep_problems)
            archive.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except (KontumError, OSError) as error:
        log.warning("the report of the run could not be kept: %s", error)


def keep_report(folder: Path, report: Report, keep: int) -> None:
    """Write a report in its three forms, and drop all but the newest `keep` runs' reports."""
    folder.mkdir(exist_ok=True)
    name = report_name(clock.parse_utc(report.run["started_at"]), report.run["id"])
    forms = {"txt": as_text, "md": as_markdown, "html": as_html}
    for ending, form in forms.items():
        replace_file(folder / f"{name}.{ending}", form(report))
    for ending in forms:
        for old in sorted(folder.glob(f"run-*.{ending}"))[:-keep]:
            old.unlink()


def report_name(started_at: datetime, run_id: int) -> str:
    """The name of a run's report, without ending; names sort by time."""
    return f"run-{clock.stamp14(started_at)}-{run_id}"


def replace_file(path: Path, text: str) -> None:
    """Write a file that readers see whole or not at all."""
    half = path.with_name(f".{path.name}.part")
    try:
        half.write_text(text, "utf-8")
        half.replace(path)
    except OSError:
        half.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _noted(failed: list[str], path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        failed.append(f"{path}: {error.strerror or error}")
