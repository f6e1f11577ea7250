"""`kontum watch`: saved searches, and what was found for them."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kontum_crawler.commands.options import (
    HyphenCommand,
    archive_option,
    article_filters,
    format_option,
    json_option,
)
from kontum_crawler.commands.output import print_csv, print_json, print_jsonl, print_table, say

if TYPE_CHECKING:
    from kontum_crawler.store.search.finding import Filters

COLUMNS = ("change", "at", "portal", "slug", "title", "url", "version", "published_at", "gone_at")


@click.group()
def watch() -> None:
    """Keep searches and see what is new for them.

    Each crawl and each ingest looks at every watch when it ends: what is new, edited or gone since
    then and matches is listed by `show`, in the report of the run, and in the Atom file
    watches/NAME.atom of the archive.

    \b
    Examples:
      kontum watch add ginseng 'sâm "Ngọc Linh"'
      kontum watch show ginseng
    """


@watch.command(cls=HyphenCommand)
@click.argument("name")
@click.argument("query")
@archive_option
@article_filters
def add(name: str, query: str, archive: Path, filters: "Filters") -> None:
    """Keep a search under a name.

    What becomes known from now on is news for it. A crawl may run meanwhile.

    \b
    Examples:
      kontum watch add ginseng 'sâm "Ngọc Linh"'
      kontum watch add withdrawn-notices "thông báo" --portal kkt --gone
    """
    from kontum_crawler.store import Archive
    from kontum_crawler.store.search import feeds, watches

    with Archive.open(archive, write=True) as opened:
        kept = watches.add(opened, name, query, filters)
        feeds.write_feeds(opened)
        say(f"«{kept.name}» is kept; its feed is {feeds.feed_path(opened, kept)}.")


@watch.command("list")
@archive_option
@json_option
def list_watches(archive: Path, as_json: bool) -> None:
    """List the searches that are kept.

    \b
    Example:
      kontum watch list --json
    """
    from kontum_crawler.store import Archive
    from kontum_crawler.store.search import watches

    with Archive.open(archive) as opened:
        kept = [
            each.as_dict() | {"entries": len(watches.entries(opened.db, each.name))}
            for each in watches.every(opened.db)
        ]
    if as_json:
        print_json(kept)
        return
    shown = ("name", "query", "filters", "entries", "looked_at")
    print_table(([row[name] for name in shown] for row in kept), shown)


@watch.command()
@click.argument("name")
@archive_option
def remove(name: str, archive: Path) -> None:
    """Forget a search, and its feed.

    \b
    Example:
      kontum watch remove ginseng
    """
    from kontum_crawler.store import Archive
    from kontum_crawler.store.search import feeds, watches

    with Archive.open(archive, write=True) as opened:
        gone = watches.remove(opened, name)
        feeds.remove_feed(opened, gone)
    say(f"«{gone.name}» is forgotten.")


@watch.command()
@click.argument("name")
@archive_option
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@format_option("table", "json", "jsonl", "csv")
def show(name: str, archive: Path, limit: int, fmt: str) -> None:
    """Show what was found for a search, the latest first.

    \b
    Example:
      kontum watch show ginseng --format csv > ginseng.csv
    """
    from kontum_crawler.store import Archive
    from kontum_crawler.store.search import watches

    with Archive.open(archive) as opened:
        kept = watches.find(opened.db, name)
        notes = watches.entries(opened.db, kept.name, limit=limit)
    rows = [{column: note[column] for column in COLUMNS} for note in notes]
    if fmt == "json":
        print_json(rows)
    elif fmt == "jsonl":
        print_jsonl(rows)
    elif fmt == "csv":
        print_csv(rows, COLUMNS)
    else:
        shown = ("change", "at", "portal", "title", "slug")
        print_table(([row[column] for column in shown] for row in rows), shown)
        say(f"«{kept.query}», looked at {kept.looked_at}.")
