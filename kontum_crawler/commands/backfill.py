"""What `kontum crawl --from … --dry-run` prints."""

from pathlib import Path
from typing import TYPE_CHECKING

from kontum_crawler.commands.output import print_json, print_table, say

if TYPE_CHECKING:
    from kontum_crawler.pipelines.session import Options
    from kontum_crawler.portals import Portal

COLUMNS = ("portal", "host", "year", "captures", "repeats", "held", "bytes")


def print_plan(archive: Path, portals: "list[Portal]", options: "Options", *, as_json: bool) -> int:
    """List what another archive has and print what would be fetched of it; 0."""
    from kontum_crawler.crawl import outlook

    made = outlook(archive, portals, options)
    if as_json:
        print_json(made.as_dict())
        return 0
    rows = [share.as_dict() for _, share in sorted(made.shares.items())]
    print_table([[row[name] for name in COLUMNS] for row in rows], COLUMNS)
    say(
        f"{made.total('captures'):,} captures to fetch ({made.total('bytes'):,} bytes, at least"
        f" {_span(made.seconds)} at the rate of the service), {made.total('repeats'):,} repeats to"
        f" note, {made.total('held'):,} held already."
    )
    for problem in made.problems:
        say(f"problem: {problem}")
    return 0


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:,.0f} seconds"
    return f"{seconds / 60:,.0f} minutes" if seconds < 7200 else f"{seconds / 3600:,.1f} hours"
