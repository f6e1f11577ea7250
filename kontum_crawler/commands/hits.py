"""How hits, lines of context and counts look on a terminal, in a pipe and as data."""

import sys
from typing import TYPE_CHECKING

import click

from kontum_crawler.commands.output import (
    print_csv,
    print_json,
    print_jsonl,
    print_table,
    safe,
    say,
)

if TYPE_CHECKING:
    from rich.text import Text

    from kontum_crawler.store.search.concordance import Line
    from kontum_crawler.store.search.finding import Hit, Results
    from kontum_crawler.store.search.highlights import Span

HIT = "bold yellow"
BAR = 40
"""Characters of the longest bar of a chart."""


def print_hits(results: "Results", fmt: str, offset: int) -> None:
    """Print one page of results; what the user should know goes to stderr."""
    rows = [hit.as_dict() for hit in results]
    if fmt == "json":
        print_json(rows)
    elif fmt == "jsonl":
        print_jsonl(rows)
    elif fmt == "csv":
        print_csv(rows, [name for name in (rows[0] if rows else _COLUMNS) if name != "marks"])
    elif sys.stdout.isatty():
        _show(results)
    elif rows:
        print_table((_cells(hit) for hit in results), _COLUMNS)
    _say_about(results, offset)


def print_lines(lines: "list[Line]", fmt: str, width: int) -> None:
    """Print a concordance, aligned at the hit."""
    rows = [line.as_dict() for line in lines]
    if fmt == "json":
        print_json(rows)
    elif fmt == "jsonl":
        print_jsonl(rows)
    elif fmt == "csv":
        print_csv(rows, list(rows[0]) if rows else ["portal", "slug", "left", "hit", "right"])
    else:
        longest = max((len(line.hit) for line in lines), default=0)
        for line in lines:
            text = f"{line.date} {line.left:>{width}}[{line.hit}]{line.right:<{width}}"
            pad = " " * (longest - len(line.hit))
            click.echo(safe(f"{text}{pad} {line.portal}/{line.slug}"))
    if not lines:
        say("Nothing found.")


def print_chart(rows: list[tuple[str, int]], name: str) -> None:
    """Counts as a table; on a terminal with a bar each."""
    if not sys.stdout.isatty():
        print_table(rows, (name, "count"))
        return
    most = max((count for _, count in rows), default=0)
    print_table(
        ((value, count, "█" * round(count / most * BAR) or "▏"[:count]) for value, count in rows),
        (name, "count", ""),
    )


_COLUMNS = ("date", "portal", "slug", "title", "snippet")


def _cells(hit: "Hit") -> tuple[str, ...]:
    article = hit.article
    return (_date(hit), article["portal"], article["slug"], article["title"] or "", hit.snippet)


def _date(hit: "Hit") -> str:
    return str(hit.article["published_at"] or hit.article["first_seen_at"])[:10]


def _show(results: "Results") -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console()
    for hit in results:
        article = hit.article
        console.print(_marked(article["title"] or article["slug"], hit.marks["title"], "bold"))
        copies = f" · and {len(hit.copies)} near doubles" if hit.copies else ""
        gone = " · gone" if article["gone_at"] else ""
        where = f"{_date(hit)} · {article['portal']} · {article['slug']}{gone}{copies}"
        console.print(Text(safe(where), style="dim"))
        if hit.attachment:
            name = hit.attachment["filename"] or hit.attachment["url"]
            console.print(Text(safe(f"in the file {name}"), style="dim"))
        console.print(_marked(hit.snippet, hit.marks["snippet"]))
        console.print()


def _marked(text: str, marks: "list[Span]", style: str = "") -> "Text":
    from rich.text import Text

    shown = Text()
    place = 0
    for start, end in marks:
        shown.append(safe(text[place:start]), style)
        shown.append(safe(text[start:end]), HIT)
        place = end
    shown.append(safe(text[place:]), style)
    return shown


def _say_about(results: "Results", offset: int) -> None:
    if results.note:
        say(results.note)
    if results.suggestion:
        say(f"Did you mean: {safe(results.suggestion)}")
    if results.total == 0:
        say("Nothing found. Fewer words, or words without accents, find more.")
        return
    total = f"more than {results.more_than:,}" if results.total is None else f"{results.total:,}"
    if results.total is None or offset + len(results) < results.total or offset:
        shown = f"{offset + 1} to {offset + len(results)}" if results.hits else "None"
        say(f"{shown} of {total}; --limit and --offset show others.")
