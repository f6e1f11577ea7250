"""Runs and problems: what each command did, and every page or file that failed in it."""

import json
import re
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kontum_crawler import clock

LONGEST = 2000
"""Characters of a problem's message that are kept."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command. `key` names it for ever, in `warcinfo` too; `id` only in this file."""

    id: int
    key: str
    command: str
    started_at: str


def begin(db: sqlite3.Connection, command: str, args: str = "") -> Run:
    """Note that a run begins; one that never ended was killed, and is said to be.

    Only whoever holds the write lock may call this.
    """
    db.execute("UPDATE runs SET outcome = 'killed' WHERE outcome IS NULL")
    started_at = clock.utc(clock.now())
    digits = re.sub(r"\D", "", started_at)
    key = f"{command}-{digits}-{secrets.token_hex(4)}"
    return restore(db, key, f"{command} {args}".strip(), started_at)


def restore(
    db: sqlite3.Connection,
    key: str,
    command: str,
    started_at: str,
    *,
    outcome: str | None = None,
) -> Run:
    """The run of that key, made if it is not known, as when an archive is built from its WARCs."""
    row = db.execute(
        "SELECT id, command, started_at FROM runs"
        " WHERE id = (SELECT run_id FROM run_keys WHERE key = ?)",
        (key,),
    ).fetchone()
    if row:
        return Run(row[0], key, row[1], row[2])
    run_id = db.execute(
        "INSERT INTO runs (command, started_at, outcome) VALUES (?, ?, ?) RETURNING id",
        (command, started_at, outcome),
    ).fetchone()[0]
    db.execute("INSERT INTO run_keys (key, run_id) VALUES (?, ?)", (key, run_id))
    return Run(run_id, key, command, started_at)


def end(
    db: sqlite3.Connection, run: Run, outcome: str, stats: Mapping[str, Any] | None = None
) -> None:
    """Note how a run ended: `done`, `problems`, `failed` or `stopped`."""
    db.execute(
        "UPDATE runs SET finished_at = :at, outcome = :outcome, stats = :stats WHERE id = :id",
        {
            "at": clock.utc(clock.now()),
            "outcome": outcome,
            "stats": json.dumps(stats, ensure_ascii=False) if stats is not None else None,
            "id": run.id,
        },
    )


def problem(
    db: sqlite3.Connection, url: str | None, stage: str, message: str, run_id: int | None
) -> None:
    """Add a row to `problems`; stage is where it happened: fetch, extract, ingest, store …."""
    if len(message) > LONGEST:
        message = message[: LONGEST - 1] + "…"
    db.execute(
        "INSERT INTO problems (run_id, url, stage, message, at) VALUES (?, ?, ?, ?, ?)",
        (run_id, url, stage, message, clock.utc(clock.now())),
    )


def forget_old(db: sqlite3.Connection, keep_runs: int, keep_problems: int) -> None:
    """Drop the problems of all but the newest runs, and old runs that left no capture.

    A run that captures name stays, so that each capture tells where it came from.
    """
    db.execute(
        "DELETE FROM problems WHERE run_id <="
        " (SELECT id FROM runs ORDER BY id DESC LIMIT 1 OFFSET ?)",
        (keep_problems,),
    )
    db.execute(
        "DELETE FROM runs WHERE id <= (SELECT id FROM runs ORDER BY id DESC LIMIT 1 OFFSET ?)"
        " AND id NOT IN (SELECT run_id FROM captures WHERE run_id IS NOT NULL)",
        (keep_runs,),
    )
