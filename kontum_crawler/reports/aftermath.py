"""What happens after a crawl has ended: its report is kept, figures and messages go out, old
reports and problems are dropped, and the database gives back what its log holds.
"""

import errno
import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from kontum_crawler import clock
from kontum_crawler.errors import ArchiveFull
from kontum_crawler.reports.metrics import as_metrics
from kontum_crawler.reports.notification import notify
from kontum_crawler.reports.run import Report, as_html, as_markdown, as_text, report_of
from kontum_crawler.store import Archive, database
from kontum_crawler.store.config import Config
from kontum_crawler.store.runs import forget_old

FOLDER = "reports"
LAST_RUN = "SELECT id FROM runs WHERE started_at >= ? ORDER BY id DESC LIMIT 1"
DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)
"""What a disk says that takes no more bytes, or fails."""
log = logging.getLogger(__name__)


def conclude_run(folder: Path, config: Config, since: datetime) -> None:
    """Report the run that began at `since` (UTC) or later and has ended. Under its lock.

    A folder that may not be written to, or a server that does not answer, is logged and is a
    problem without a run. Raises ArchiveFull where the disk takes no more, once whoever is to be
    told has been told: what the run stored is committed.
    """
    with Archive.open(folder, write=True) as archive, database.told(archive.path):
        row = archive.db.execute(LAST_RUN, (clock.utc(since),)).fetchone()
        if row is None:
            return
        report = report_of(archive, row[0], clock.now())
        failed = notify(report, config.notify)
        reports = folder / FOLDER
        failed += _written(reports, lambda: keep_report(reports, report, config.keep_runs))
        if config.metrics_file is not None:
            figures = folder / config.metrics_file
            failed += _written(figures, lambda: replace_file(figures, as_metrics(report)))
        with archive.transaction():
            for told in failed:
                log.warning("%s", told)
                archive.problem(None, "notify", told)
            forget_old(archive.db, config.keep_runs, config.keep_problems)
        archive.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


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


def _written(path: Path, write: Callable[[], None]) -> list[str]:
    """Write, and return why that failed, if it did. Raises ArchiveFull."""
    try:
        write()
    except OSError as error:
        if error.errno in DISK:
            raise ArchiveFull(
                f"{path}: {error.strerror}. What the run stored is kept; make room for its report."
            ) from error
        return [f"{path}: {error.strerror or error}"]
    return []
