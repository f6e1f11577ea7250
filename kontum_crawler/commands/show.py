"""`kontum show`, `diff`, `changes` and `withdraw`: one article, and what became of it."""

import sys
from pathlib import Path
from typing import Any

import click

from kontum_crawler.commands.options import (
    Day,
    HyphenCommand,
    archive_option,
    format_option,
    json_option,
)
from kontum_crawler.commands.output import (
    print_csv,
    print_json,
    print_jsonl,
    print_table,
    safe,
    say,
)
from kontum_crawler.errors import UsageError

COLUMNS = ("change", "at", "portal", "slug", "title", "url", "version", "published_at", "gone_at")


portal_option = click.option("--portal", metavar="KEY", help="The portal that the slug is of.")
version_option = click.option(
    "--version", type=click.IntRange(min=1), help="This version, not the present text."
)


@click.command(cls=HyphenCommand)
@click.argument("slug")
@archive_option
@portal_option
@version_option
@click.option("--text", "form", flag_value="text", help="Only the text, for a pipe.")
@click.option("--tables", "form", flag_value="tables", help="The tables of the text as CSV.")
@click.option("--html", "form", flag_value="html", help="The page's bytes as they were captured.")
@json_option
def show(
    slug: str,
    archive: Path,
    portal: str | None,
    version: int | None,
    form: str | None,
    as_json: bool,
) -> None:
    """Show one article and where it came from.

    SLUG may also be an earlier slug of the article, or one of its addresses.

    \b
    Examples:
      kontum show khai-mac-giai-the-thao --portal ngochoi
      kontum show khai-mac-giai-the-thao --version 1 --text
      kontum show ke-hoach-nam-2024 --tables > tables.csv
    """
    from kontum_crawler.commands import article_page
    from kontum_crawler.store import Archive
    from kontum_crawler.store.detail import detail, find, tables

    with Archive.open(archive) as opened:
        article_id = find(opened.db, slug, portal)
        article = detail(opened.db, article_id)
        text = _version(article, version)
        if form == "html":
            sys.stdout.buffer.write(article_page.stored_bytes(opened, article_id, version))
        elif form == "tables":
            _print_tables(tables(opened.db, article_id, version))
        elif as_json:
            print_json(text)
        elif form == "text":
            click.echo(safe(article_page.plain_text(text)))
        else:
            click.echo(safe(article_page.page(text, present=version is None)))


@click.command(cls=HyphenCommand)
@click.argument("slug")
@archive_option
@portal_option
@click.option("--from", "older", type=click.IntRange(min=1), help="Default: the last but one.")
@click.option("--to", "newer", type=click.IntRange(min=1), help="Default: the present version.")
@click.option("--words", is_flag=True, help="Mark words, not lines: [-gone-] {+new+}.")
@json_option
def diff(
    slug: str,
    archive: Path,
    portal: str | None,
    older: int | None,
    newer: int | None,
    words: bool,
    as_json: bool,
) -> None:
    """Compare two versions of an article.

    Title, lead, body and byline are compared line by line, as diff does.

    \b
    Examples:
      kontum diff khai-mac-giai-the-thao
      kontum diff khai-mac-giai-the-thao --from 1 --to 3 --words
    """
    from kontum_crawler.store import Archive, comparison
    from kontum_crawler.store.detail import detail, find

    with Archive.open(archive) as opened:
        article = detail(opened.db, find(opened.db, slug, portal))
    last = article["version"]
    newer = newer or last
    older = older or max(newer - 1, 1)
    one, other = _version(article, older), _version(article, newer)
    if as_json:
        print_json(comparison.as_object(one, other, older, newer))
        return
    if last == 1:
        say(f"«{article['slug']}» has one version; there is nothing to compare.")
    for line in comparison.lines(one, other, older, newer, words=words):
        click.echo(safe(line))


@click.command()
@archive_option
@click.option("--since", type=Day(), metavar="DATE", required=True, help="This day (UTC) or later.")
@click.option("--portal", multiple=True, metavar="KEY", help="Only this portal; repeatable.")
@format_option("table", "json", "jsonl", "csv")
def changes(archive: Path, since: str, portal: tuple[str, ...], fmt: str) -> None:
    """List what is new, edited, moved or gone.

    By the time at which it came into this archive, so that old captures read in today show.

    \b
    Examples:
      kontum changes --since 2026-01-31
      kontum changes --since 2026-01 --format csv > january.csv
    """
    from kontum_crawler.store import Archive
    from kontum_crawler.store.changes import changes as since_then

    with Archive.open(archive) as opened:
        found = [change.as_dict() for change in since_then(opened.db, since, portal)]
    if fmt == "json":
        print_json(found)
    elif fmt == "jsonl":
        print_jsonl(found)
    elif fmt == "csv":
        print_csv(found, COLUMNS)
    else:
        shown = ("change", "at", "portal", "title", "slug")
        print_table(([row[name] for name in shown] for row in found), shown)
        say(f"{len(found)} changes since {since}.")


@click.command(cls=HyphenCommand)
@click.argument("slug")
@archive_option
@portal_option
@click.option("--reason", required=True, help="Why; kept with the tombstone.")
def withdraw(slug: str, archive: Path, portal: str | None, reason: str) -> None:
    """Hide an article, with a tombstone.

    It is no longer searched, browsed or exported, and stays hidden when captures are read again or
    the archive is rebuilt. The captured bytes stay where they are: docs/rights.md.

    \b
    Example:
      kontum withdraw tin-ve-mot-nguoi --portal kkt --reason "Request of the person, 2026-01-31"
    """
    from kontum_crawler.commands import article_page
    from kontum_crawler.store import Archive
    from kontum_crawler.store.search import feeds

    if not reason.strip():
        raise click.BadParameter("say why", param_hint="--reason")
    with Archive.open(archive, write=True) as opened:
        tombstone = opened.withdraw(
            slug, reason.strip(), portal=portal, keep=article_page.tombstone_writer(opened)
        )
        feeds.write_feeds(opened)
    say(f"«{tombstone.slug}» of {tombstone.portal} is withdrawn.")


def _version(article: dict[str, Any], number: int | None) -> dict[str, Any]:
    """The article with the text of a version; the present one for None."""
    if number is None:
        return article
    for version in article["versions"]:
        if version["version"] == number:
            names = ("version", "title", "lead", "body", "byline", "published_at", "content_hash")
            return {**article, **{name: version[name] for name in names}}
    raise UsageError(
        f"«{article['slug']}» has no version {number}; it has {len(article['versions'])}."
    )


def _print_tables(found: list[list[list[str]]]) -> None:
    if not found:
        say("The text has no tables.")
    for number, rows in enumerate(found):
        if number:
            click.echo()
        width = max((len(row) for row in rows), default=0)
        names = [str(column) for column in range(width)]
        body = [dict(zip(names, row, strict=False)) for row in rows]
        print_csv(body, names, head=False)
