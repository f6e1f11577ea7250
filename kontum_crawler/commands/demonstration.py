"""What `kontum demo` does: the sample portal over loopback, a crawl of it, and one search."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kontum_crawler.commands.output import safe, say
from kontum_crawler.errors import KontumError

if TYPE_CHECKING:
    from kontum_crawler.crawl import Outcome
    from kontum_crawler.store.search.highlights import Span

QUERY = "thang hanh dong vi tre em"


def serve_sample(port: int, day: int, articles: int, truth: Path | None) -> int:
    """Serve the sample portal until interrupted; its address is the first line on stdout.

    Raises KontumError where the port is taken.
    """
    from kontum_crawler.sample import serve

    def ready(base: str) -> None:
        click.echo(base)
        say(f"Day {day} of the sample portal. Crawl it: kontum crawl kkt --base-url {base}")

    try:
        asyncio.run(serve(port, day, articles, truth_file=truth, ready=ready))
    except OSError as error:
        raise KontumError(f"port {port} on 127.0.0.1: {error.strerror or error}") from error
    except KeyboardInterrupt:
        return 130
    return 0


def demonstrate(folder: Path, day: int, articles: int) -> int:
    """Crawl the sample portal into `folder` and search it.

    Returns 0 when only the sample's planted problems occurred, otherwise the crawl's exit code.
    """
    from kontum_crawler.crawl import crawl
    from kontum_crawler.pipelines.session import Options
    from kontum_crawler.portals import get
    from kontum_crawler.sample import Sample

    with Sample(articles=articles, day=day) as sample:
        say(f"The sample portal is at {sample.base}; its pages go to {folder}/.")
        options = Options(full=True, base_url=sample.base)
        outcome = crawl(folder, [get("kkt")], options)
        planted = [row["url"] for row in sample.truth()["planted"]]
    _tell(outcome)
    strange = _unplanned(folder, outcome.run_id, planted)
    for url, message in strange:
        say(f"unplanned problem: {url}: {message}")
    _search(folder)
    return outcome.exit_code if strange or outcome.exit_code not in (0, 3) else 0


def _tell(outcome: "Outcome") -> None:
    counts = outcome.counts
    told = ", ".join(
        f"{counts[f'articles_{name}']:,} {name}" for name in ("new", "edited", "unchanged", "gone")
    )
    say(
        f"{counts['requests']:,} requests, {counts['bytes']:,} bytes, {counts['pages']:,} pages in"
        f" {counts['seconds']:.1f} s. Articles: {told}. Problems: {counts['problems']:,}."
    )


def _unplanned(folder: Path, run_id: int, planted: list[str]) -> list[tuple[str, str]]:
    """The run's problems at other addresses than the planted ones."""
    from kontum_crawler.store import Archive

    with Archive.open(folder) as archive:
        rows = archive.db.execute(
            "SELECT url, message FROM problems WHERE run_id = ? ORDER BY id", (run_id,)
        )
        return [
            (str(url), message)
            for url, message in rows
            if not any(str(url).startswith(address) for address in planted)
        ]


def _search(folder: Path) -> None:
    from kontum_crawler.store import Archive
    from kontum_crawler.store.search.finding import search

    with Archive.open(folder) as archive:
        results = search(archive.db, QUERY, limit=3)
    click.echo(f'kontum search "{QUERY}" --archive {folder}\n')
    for hit in results:
        title = _marked(hit.article["title"] or hit.article["slug"], hit.marks["title"])
        click.echo(f"{title}\n    {_marked(hit.snippet, hit.marks['snippet'])}\n")


def _marked(text: str, marks: list["Span"]) -> str:
    """The text with its hits in colour on a terminal, between stars in a pipe."""
    parts, place = [], 0
    for start, end in marks:
        hit = safe(text[start:end])
        shown = click.style(hit, fg="yellow", bold=True) if sys.stdout.isatty() else f"*{hit}*"
        parts += [safe(text[place:start]), shown]
        place = end
    return "".join(parts) + safe(text[place:])
