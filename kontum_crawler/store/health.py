"""How an archive is doing: its last runs, its portals, its queue, its size."""

import json
import shutil
import sqlite3
import statistics
from dataclasses import asdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from kontum_crawler import clock
from kontum_crawler.store.archive import Archive
from kontum_crawler.store.database import NAME
from kontum_crawler.store.lock import holder
from kontum_crawler.store.sources import Source

PORTALS = """
SELECT p.key, p.name, count(a.id) AS articles, coalesce(sum(a.version > 1), 0) AS edited,
  coalesce(sum(a.gone_at IS NOT NULL), 0) AS gone, max(a.last_seen_at) AS last_seen_at,
  max(a.published_at) AS last_published_at
FROM portals p LEFT JOIN articles a ON a.portal = p.key
GROUP BY p.key ORDER BY p.key
"""
DAYS = """
SELECT DISTINCT substr(coalesce(published_at, first_seen_at), 1, 10) FROM articles
WHERE portal = ? ORDER BY 1 DESC LIMIT 60
"""
NEW_DAYS = """
SELECT DISTINCT substr(first_seen_at, 1, 10) FROM articles
WHERE portal = ? ORDER BY 1 DESC LIMIT 60
"""
GROWTH = """
SELECT coalesce(sum(warc_length), 0) AS bytes, min(retrieved_at) AS since FROM captures
WHERE retrieved_at >= ?
"""
NEWS = """
SELECT coalesce(sum(first_seen_at >= :since), 0) AS new,
  coalesce(sum(first_seen_at < :since AND (SELECT max(seen_at) FROM article_versions v
    WHERE v.article_id = a.id AND v.version > 1) >= :since), 0) AS edited,
  coalesce(sum(gone_at >= :since), 0) AS gone
FROM articles a WHERE portal = :portal AND last_seen_at >= :since OR portal = :portal
  AND gone_at >= :since
"""
DRIFT = """
SELECT field, alarm, example AS url, run_id FROM run_fields
WHERE portal = :portal AND alarm IS NOT NULL
  AND run_id = (SELECT max(run_id) FROM run_fields WHERE portal = :portal)
ORDER BY field
"""
HABIT = 5
"""Gaps between days with news that make a habit."""
MONTH = timedelta(days=30)
RUNS = """
SELECT r.id, r.command, r.started_at, r.finished_at, r.outcome, r.stats,
  (SELECT count(*) FROM problems p WHERE p.run_id = r.id) AS problems
FROM runs r ORDER BY r.id DESC LIMIT ?
"""
PROBLEMS = """
SELECT url, stage, message, at FROM problems
WHERE run_id = (SELECT max(run_id) FROM problems) ORDER BY id DESC LIMIT ?
"""


def health(archive: Archive, now: datetime, *, runs: int = 5, problems: int = 10) -> dict[str, Any]:
    """What `kontum status` tells, as one object.

    now: UTC. Portals carry how many days ago their newest article was published (or first seen),
    and the usual gap between two such days, its hosts that are left alone, and how far its sitemaps
    and feeds can be relied on. `writing` is who writes at this moment, or None.
    """
    db = archive.db
    queue = archive.frontier.counts()
    return {
        "archive": str(archive.folder),
        "size": _size(archive.folder, db),
        "disk": _disk(archive.folder, db, now),
        "articles": _count(db, "articles"),
        "captures": _count(db, "captures"),
        "withdrawn": _count(db, "tombstones"),
        "writing": holder(archive.folder),
        "portals": [
            {
                **_portal(db, row, queue.pop(row["key"], {}), now.date(), _last_started(db)),
                "left_alone": [asdict(each) for each in archive.breakers.every(row["key"])],
                "sources": [_source(each) for each in archive.sources.of(row["key"]).values()],
            }
            for row in db.execute(PORTALS).fetchall()
        ],
        "waiting": queue,
        "runs": [_run(row) for row in db.execute(RUNS, (runs,))],
        "problems": [dict(row) for row in db.execute(PROBLEMS, (problems,))],
    }


def _source(source: Source) -> dict[str, Any]:
    """A sitemap or feed, with what it showed itself to be."""
    return {
        **asdict(source),
        "every": source.every,
        "believed": source.believed,
        "told": source.told(),
    }


def _portal(
    db: sqlite3.Connection, row: sqlite3.Row, queue: dict[str, int], today: date, since: str
) -> dict[str, Any]:
    days = _days(db, DAYS, row["key"], today)
    gaps = [(later - earlier).days for later, earlier in pairwise(days)]
    last_run = db.execute(NEWS, {"portal": row["key"], "since": since}).fetchone()
    return {
        **dict(row),
        "last_run": dict(last_run),
        "silent": _is_silent(_days(db, NEW_DAYS, row["key"], today), today),
        "drift": [dict(found) for found in db.execute(DRIFT, {"portal": row["key"]})],
        "days_since_new": (today - days[0]).days if days else None,
        "usual_gap_days": statistics.median(gaps) if gaps else None,
        "queue": queue,
    }


def _days(db: sqlite3.Connection, query: str, portal: str, today: date) -> list[date]:
    days = (_day(text[0]) for text in db.execute(query, (portal,)))
    return [day for day in days if day <= today]


def _is_silent(days: list[date], today: date) -> bool:
    """Whether a portal has brought nothing new for far longer than it ever did lately.

    days: those on which we found something new, the latest first.
    """
    gaps = [(later - earlier).days for later, earlier in pairwise(days)]
    return len(gaps) >= HABIT and (today - days[0]).days > max(7, 2 * max(gaps))


def _last_started(db: sqlite3.Connection) -> str:
    row = db.execute(
        "SELECT started_at FROM runs WHERE command LIKE 'crawl%' ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return str(row[0]) if row else "9999"


def _disk(folder: Path, db: sqlite3.Connection, now: datetime) -> dict[str, Any]:
    """Bytes free, what a day adds, and for how many days that is enough; None where unknown."""
    row = db.execute(GROWTH, (clock.utc(now - MONTH),)).fetchone()
    span = (now - clock.parse_utc(row["since"])).days if row["since"] else 0
    # The first crawl brings everything at once and tells nothing of the days to come.
    per_day = row["bytes"] // span if span >= 7 else None
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return {"free": None, "per_day": per_day, "days_left": None}
    return {"free": free, "per_day": per_day, "days_left": free // per_day if per_day else None}


def _run(row: sqlite3.Row) -> dict[str, Any]:
    run = dict(row)
    run["stats"] = json.loads(run["stats"]) if run["stats"] else None
    return run


def _size(folder: Path, db: sqlite3.Connection) -> dict[str, int]:
    """Bytes of the database and of the WARC files, and how many of these there are."""
    warcs = [path for path in (folder / "warc").glob("*") if path.is_file()]
    files = [folder / f"{NAME}{ending}" for ending in ("", "-wal")]
    return {
        "database": sum(path.stat().st_size for path in files if path.exists()),
        "warc": sum(path.stat().st_size for path in warcs),
        "warc_files": len(warcs),
    }


def _count(db: sqlite3.Connection, table: str) -> int:
    found: int = db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.max


def age(moment: str | None, now: datetime) -> str:
    """How long ago a UTC text is, for people: `3 days`, `5 hours`; empty for None."""
    if moment is None:
        return ""
    seconds = max(0, int((now - clock.parse_utc(moment)).total_seconds()))
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            number = seconds // length
            return f"{number} {unit}{'s' if number > 1 else ''}"
    return "just now"
