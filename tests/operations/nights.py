"""Nights that follow one another: the clock is not turned, the archive's times are moved back."""

import sqlite3
from datetime import timedelta
from pathlib import Path

from kontum_crawler import clock

TIMES = {
    "frontier": ("next_visit_at",),
    "host_breakers": ("opened_at", "rests_until"),
}


def sleep(folder: Path, **span: float) -> None:
    """Let a span pass (hours=6) for what waits in an archive."""
    with sqlite3.connect(folder / "kontum.db") as db:
        for table, columns in TIMES.items():
            for column in columns:
                query = f"SELECT rowid, {column} FROM {table} WHERE {column} IS NOT NULL"
                if table == "host_breakers":
                    query = query.replace("rowid", "host")
                key = "host" if table == "host_breakers" else "rowid"
                for row, moment in db.execute(query).fetchall():
                    earlier = clock.utc(clock.parse_utc(moment) - timedelta(**span))
                    db.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (earlier, row))
