"""`kontum search`, `timeline`, `concordance` and `cites`: questions to the archive's text."""

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kontum_crawler.commands.options import (
    HyphenCommand,
    archive_option,
    article_filters,
    format_option,
)
from kontum_crawler.commands.output import print_csv, print_json, print_jsonl, print_table, say
from kontum_crawler.store.search.facets import FACETS

if TYPE_CHECKING:
    from kontum_crawler.store.search.facets import Counts
    from kontum_crawler.store.search.finding import Filters

FORMATS = ("table", "json", "jsonl", "csv")


@click.command(cls=HyphenCommand)
@click.argument("query", required=False)
@archive_option
@article_filters
@click.option("--facet", type=click.Choice(list(FACETS)), help="Count the articles by this.")
@click.option("--fold", is_flag=True, help="One line for a group of near doubles.")
@click.option("--sort", type=click.Choice(["relevance", "date"]), default="relevance")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
@click.option("--offset", type=click.IntRange(min=0), default=0, help="Skip so many.")
@format_option(*FORMATS)
def search(
    query: str | None,
    archive: Path,
    filters: "Filters",
    facet: str | None,
    fold: bool,
    sort: Any,
    limit: int,
    offset: int,
    fmt: str,
) -> None:
    """Find articles by their words; accents may be left out.

    Words are joined with AND; "quotes" ask for a phrase, word* for a beginning. Also OR, NOT,
    -word, NEAR(a b, 5), title: lead: body: byline: file: (docs/search.md). With an accent
    anywhere, every word counts as written.

    \b
    Examples:
      kontum search "khu kinh tế" --portal kkt --since 2024-01-01
      kontum search 'ke hoach tre em' --format jsonl
      kontum search 'sâm "Ngọc Linh"' --facet author
    """
    from kontum_crawler.commands.hits import print_hits
    from kontum_crawler.store import Archive

    db = Archive.open(archive).db
    if facet is not None:
        from kontum_crawler.store.search.facets import count_by

        counts = count_by(db, facet, query, filters)
        _print_counts(counts, facet, fmt, limit)
        return
    if query is None:
        raise click.UsageError("Missing argument «QUERY»; only --facet counts without one.")
    from kontum_crawler.store.search.finding import search as find

    results = find(db, query, filters, sort=sort, limit=limit, offset=offset, fold=fold)
    print_hits(results, fmt, offset)


@click.command(cls=HyphenCommand)
@click.argument("query", required=False)
@archive_option
@article_filters
@format_option(*FORMATS)
def timeline(query: str | None, archive: Path, filters: "Filters", fmt: str) -> None:
    """Count the articles of a query by month.

    Without a query all articles count. An article that states no date counts in the month in which
    it was first seen.

    \b
    Examples:
      kontum timeline "chuyển đổi số"
      kontum timeline 'chi thi 28-CT/TW' --format csv > months.csv
    """
    from kontum_crawler.store import Archive
    from kontum_crawler.store.search.facets import timeline as by_month

    _print_counts(by_month(Archive.open(archive).db, query, filters), "month", fmt, None)


@click.command(cls=HyphenCommand)
@click.argument("query")
@archive_option
@article_filters
@click.option("--width", type=click.IntRange(1, 1_000), default=40, show_default=True)
@click.option("--sort", type=click.Choice(["relevance", "date", "left", "right"]), default="date")
@click.option("--limit", type=click.IntRange(min=1), default=100, help="Lines.", show_default=True)
@format_option(*FORMATS)
def concordance(
    query: str, archive: Path, filters: "Filters", width: int, sort: str, limit: int, fmt: str
) -> None:
    """Show each hit of a query in its context.

    One line a hit, aligned at the hit. left and right sort the shown lines by the words beside it.

    \b
    Examples:
      kontum concordance '"đồng bào"' --width 60
      kontum concordance 'kinh tế cửa khẩu' --format csv > lines.csv
    """
    from kontum_crawler.commands.hits import print_lines
    from kontum_crawler.store import Archive
    from kontum_crawler.store.search.concordance import concordance as lines_of

    db = Archive.open(archive).db
    found = lines_of(db, query, filters, width=width, by_date=sort != "relevance")
    lines = list(islice(found, limit))
    if sort == "left":
        lines.sort(key=lambda line: line.left[::-1].lower())
    elif sort == "right":
        lines.sort(key=lambda line: line.right.lower())
    print_lines(lines, fmt, width)


@click.command(cls=HyphenCommand)
@click.argument("number")
@archive_option
@article_filters
@format_option(*FORMATS)
def cites(number: str, archive: Path, filters: "Filters", fmt: str) -> None:
    """Find the articles that cite a document.

    A leading zero and accents of the number may be left out; a part of it finds all that have it.

    \b
    Examples:
      kontum cites 1600/KH-UBND
      kontum cites KH-UBND --since 2024-01-01 --format csv
    """
    from kontum_crawler.store import Archive
    from kontum_crawler.store.search.concordance import citing

    rows = citing(Archive.open(archive).db, number, filters)
    if not rows:
        say(f"No article cites «{number}».")
    shown = ("date", "portal", "slug", "quote", "issued_on")
    columns = tuple(rows[0]) if rows else shown
    _print_rows(rows, columns if fmt == "csv" else shown, fmt)


def _print_counts(counts: "Counts", name: str, fmt: str, limit: int | None) -> None:
    from kontum_crawler.commands.hits import print_chart

    if counts.note:
        say(counts.note)
    if counts.undated and name in ("month", "year"):
        say(f"{counts.undated} of {counts.total} articles state no date: first seen counts.")
    rows = counts.rows if name in ("month", "year") else counts.rows[:limit]
    if fmt == "table":
        print_chart(rows, name)
        return
    _print_rows([{name: value, "count": count} for value, count in rows], (name, "count"), fmt)


def _print_rows(rows: list[dict[str, Any]], columns: tuple[str, ...], fmt: str) -> None:
    if fmt == "json":
        print_json(rows)
    elif fmt == "jsonl":
        print_jsonl(rows)
    elif fmt == "csv":
        print_csv(rows, columns)
    else:
        print_table(([row[name] for name in columns] for row in rows), columns)
