"""`kontum status`: what the last runs did, and how the archive is doing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from kontum_crawler import clock
from kontum_crawler.commands.options import archive_option, json_option
from kontum_crawler.commands.output import print_json, print_table, safe

PORTAL_COLUMNS = (
    "portal",
    "articles",
    "edited",
    "gone",
    "seen",
    "days_since_new",
    "usual_gap",
    "queued",
    "failed",
    "last_run",
    "drift",
)


@click.command()
@archive_option
@click.option("--runs", type=click.IntRange(min=0), default=5, help="How many runs to list.")
@json_option
def status(archive: Path, runs: int, as_json: bool) -> None:
    """Tell what the last runs did.

    Also the portals with their articles and queue, how long ago each published something, the
    problems of the last run, and what `kontum.toml` sets.

    \b
    Examples:
      kontum status
      kontum status --json --archive data/demo
    """
    from kontum_crawler.store import Archive
    from kontum_crawler.store.config import read_config
    from kontum_crawler.store.health import health

    now = clock.now()
    with Archive.open(archive) as opened:
        told = health(opened, now, runs=runs)
    config = read_config(archive)
    told["config"] = {
        "contact": config.user_agent_contact,
        "contact_set": config.has_contact,
        "log_file": config.log_file,
        "metrics_file": config.metrics_file,
        "keep_runs": config.keep_runs,
        "keep_problems": config.keep_problems,
        # Addresses of webhooks often are secrets: only the ways are named.
        "notify": [
            name
            for name in ("email", "webhook", "ntfy")
            if getattr(config.notify, name) is not None
        ],
        "limits": {
            row["key"]: {
                name: value if isinstance(value, int | float) else str(value)
                for name, value in _limits(config.limits_of(row["key"])).items()
            }
            for row in told["portals"]
        },
    }
    if as_json:
        print_json(told)
        return
    for line in _head(told):
        click.echo(safe(line))
    _tables(told, now)


def _limits(limits: Any) -> dict[str, Any]:
    return {
        name: getattr(limits, name)
        for name in limits.__dataclass_fields__
        if getattr(limits, name) is not None
    }


def _head(told: dict[str, Any]) -> Iterator[str]:
    size = told["size"]
    yield (
        f"{told['archive']}: {told['articles']:,} articles, {told['captures']:,} captures;"
        f" database {_bytes(size['database'])}, {size['warc_files']} WARC files"
        f" {_bytes(size['warc'])}"
    )
    if told["withdrawn"]:
        yield f"{told['withdrawn']} articles are withdrawn"
    disk = told["disk"]
    if disk["free"] is not None:
        left = f", full in about {disk['days_left']:,} days" if disk["days_left"] else ""
        a_day = f"; {_bytes(disk['per_day'])} a day" if disk["per_day"] else ""
        yield f"disk: {_bytes(disk['free'])} free{a_day}{left}"
    if told["writing"]:
        writer = told["writing"]
        yield f"{writer['command']} is writing (process {writer['pid']}, since {writer['since']})"
    config = told["config"]
    own = "" if config["contact_set"] else " (not yours: set `contact` in kontum.toml)"
    yield f"contact: {config['contact']}{own}"
    for name in ("log_file", "metrics_file"):
        if config[name]:
            yield f"{name}: {config[name]}"
    if config["notify"]:
        yield f"tells of trouble by {', '.join(config['notify'])}"
    for portal, limits in config["limits"].items():
        if limits:
            said = ", ".join(f"{name} {value}" for name, value in limits.items())
            yield f"limits of {portal}: {said}"
    for row in told["portals"]:
        for found in row["drift"]:
            told_of = f"{row['key']}: {found['field']}: {found['alarm']}"
            yield f"DRIFT {told_of} {found['url'] or ''}".rstrip()
        for host in row["left_alone"]:
            runs = f"{host['runs']} runs in a row" if host["runs"] > 1 else "the last run"
            yield (
                f"CLOSED {host['host']}: {runs} gave it up ({host['reason']});"
                f" asked again from {host['rests_until']} on"
            )
        for source in row["sources"]:
            if source["told"]:
                yield f"{source['kind']} {source['url']}: {source['told']}"
        if row["silent"]:
            yield f"SILENT {row['key']}: nothing new for far longer than usual"


def _tables(told: dict[str, Any], now: Any) -> None:
    from kontum_crawler.store.health import age

    print_table(
        (
            (
                row["key"],
                row["articles"],
                row["edited"],
                row["gone"],
                age(row["last_seen_at"], now),
                row["days_since_new"],
                row["usual_gap_days"],
                row["queue"].get("queued", 0) + row["queue"].get("leased", 0),
                row["queue"].get("failed", 0),
                "/".join(str(row["last_run"][name]) for name in ("new", "edited", "gone")),
                ", ".join(found["field"] for found in row["drift"]),
            )
            for row in told["portals"]
        ),
        PORTAL_COLUMNS,
    )
    if told["runs"]:
        click.echo()
        print_table(
            (
                (
                    run["id"],
                    run["command"],
                    run["started_at"],
                    run["finished_at"],
                    run["outcome"] or "not ended",
                    run["problems"],
                )
                for run in told["runs"]
            ),
            ["run", "command", "started", "finished", "outcome", "problems"],
        )
    if told["problems"]:
        click.echo()
        print_table(
            ((row["stage"], row["url"], row["message"]) for row in told["problems"]),
            ["stage", "url", "problem"],
        )


def _bytes(number: int) -> str:
    size = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
