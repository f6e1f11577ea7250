"""`kontum export`: articles as files for other tools, with their provenance."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kontum_crawler.commands.options import HyphenCommand, archive_option, article_filters
from kontum_crawler.commands.output import say

if TYPE_CHECKING:
    from kontum_crawler.store.search.finding import Filters

FORMATS = ("csv", "jsonl", "parquet", "wacz", "txt", "bibtex", "csl")


@click.command(cls=HyphenCommand)
@click.argument("query", required=False)
@archive_option
@article_filters
@click.option("--format", "fmt", type=click.Choice(FORMATS), default="csv", show_default=True)
@click.option(
    "--output", type=click.Path(path_type=Path), required=True, help="File (txt: folder) to write."
)
@click.option("--force", is_flag=True, help="Replace what stands there.")
@click.option("--bom", is_flag=True, help="Begin CSV with a byte order mark, for Excel.")
def export(
    query: str | None,
    archive: Path,
    filters: "Filters",
    fmt: str,
    output: Path,
    force: bool,
    bom: bool,
) -> None:
    """Write articles to a file, with their provenance.

    Without a query all articles. Beside the file stand a manifest (query, state of the archive,
    SHA-256) and a dictionary of its columns; each article comes with the capture that proves it.

    \b
    Examples:
      kontum export --format parquet --output articles.parquet
      kontum export 'sâm "Ngọc Linh"' --since 2020 --format wacz --output ginseng.wacz
    """
    from kontum_crawler.store import Archive
    from kontum_crawler.store.export.writing import export as write

    with Archive.open(archive) as opened:
        done = write(opened.db, archive, output, fmt, query, filters, force=force, bom=bom)
    if done.note:
        say(done.note)
    articles = "1 article" if done.articles == 1 else f"{done.articles:,} articles"
    say(f"{articles} in {done.path}; its manifest says how they were chosen.")
