"""`kontum crawl` and `kontum demo`."""

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kontum_crawler.commands.options import Day, archive_option, json_option, quiet_option
from kontum_crawler.commands.output import print_json, print_table, say

if TYPE_CHECKING:
    from kontum_crawler.crawl import Outcome
    from kontum_crawler.pipelines.session import Options
    from kontum_crawler.portals import Portal

NO_CONTACT = "Nobody is named whom the keeper of a portal could write to"
NAMES = {
    "requests": "requests",
    "bytes": "bytes received",
    "pages": "pages",
    "articles_new": "articles new",
    "articles_edited": "articles edited",
    "articles_unchanged": "articles unchanged",
    "articles_gone": "articles gone",
    "problems": "problems",
    "seconds": "seconds",
}


@click.command()
@click.argument("targets", nargs=-1, metavar="[PORTAL|URL]...")
@archive_option
@click.option("--full", is_flag=True, help="Look again at everything that is known.")
@click.option("--since", type=Day(), metavar="DATE", help="Only articles of this day or later.")
@click.option("--until", type=Day(end=True), metavar="DATE", help="Only articles until this day.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most N articles.")
@click.option("--base-url", metavar="URL", help="Connect to this address instead.")
@click.option("--delay", type=click.FloatRange(min=0), metavar="SECONDS", help="Between requests.")
@click.option(
    "--from",
    "origin",
    type=click.Choice(["live", "wayback", "commoncrawl"]),
    default="live",
    show_default=True,
    help="Where the pages come from.",
)
@click.option("--cdx-url", metavar="URL", help="Address of the archive's list of captures.")
@click.option(
    "--columnar",
    type=click.Path(path_type=Path, exists=True),
    metavar="PATH",
    help="With commoncrawl: Parquet files of its columnar index, in place of asking for lists.",
)
@click.option(
    "--choose",
    type=click.Choice(["versions", "first", "last"]),
    default="versions",
    show_default=True,
    help="Which captures of a page another archive shall give.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 32),
    default=1,
    metavar="N",
    help="Read pages in N processes.",
)
@click.option("--no-requisites", is_flag=True, help="Leave out pictures and style sheets.")
@click.option("--dry-run", is_flag=True, help="Print what would be fetched; fetch nothing.")
@json_option
@quiet_option
def crawl(targets: tuple[str, ...], archive: Path, **chosen: Any) -> int:
    """Crawl portals into the archive; without a name, all live ones.

    Only what is new or due is fetched; robots.txt is obeyed. Exit code 3: finished, with
    problems, which `kontum status` lists.

    \b
    Examples:
      kontum crawl kkt
      kontum crawl kkt --full --json
      kontum crawl https://example.gov.vn/ --limit 50 --archive /srv/kontum
    """
    from kontum_crawler.crawl import choose_portals

    since, until = chosen["since"], chosen["until"]
    if since and until and since > until:
        raise click.UsageError(f"--since {since} is after --until {until}: no day is in both.")
    if chosen["cdx_url"] and chosen["origin"] == "live":
        raise click.UsageError("--cdx-url goes with --from wayback or --from commoncrawl.")
    if chosen["columnar"] and chosen["origin"] != "commoncrawl":
        raise click.UsageError("--columnar goes with --from commoncrawl.")
    closed_too = chosen["origin"] != "live"
    portals, start_urls = choose_portals(archive, targets, closed_too=closed_too)
    options = _options(chosen, start_urls)
    if chosen["dry_run"] and closed_too:
        from kontum_crawler.commands.backfill import print_plan

        return print_plan(archive, portals, options, as_json=chosen["as_json"])
    if chosen["dry_run"]:
        return _dry_run(archive, portals, options, as_json=chosen["as_json"])
    outcome = _run(archive, portals, options, quiet=chosen["quiet"] or chosen["as_json"])
    if chosen["as_json"]:
        print_json(outcome.counts)
    elif not chosen["quiet"] and sys.stderr.isatty():
        _summary(outcome)
    return outcome.exit_code


@click.command()
@click.option("--serve", is_flag=True, help="Only serve the sample portal, until interrupted.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port to serve on.")
@click.option("--day", type=click.IntRange(min=1), default=1, help="Day of the sample's life.")
@click.option("--articles", type=click.IntRange(min=1), default=60, help="Number of articles.")
@click.option("--truth", type=click.Path(path_type=Path, dir_okay=False), help="Write the truth.")
@click.option(
    "--archive",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("data") / "demo",
    show_default="data/demo",
    help="Folder of the archive.",
)
def demo(serve: bool, port: int, day: int, articles: int, truth: Path | None, archive: Path) -> int:
    """Crawl the embedded sample portal, then search it.

    The archive is data/demo/ in the working directory, whatever $KONTUM_ARCHIVE says; nothing but
    this machine is asked. A second run finds nothing new.

    \b
    Examples:
      kontum demo
      kontum demo --serve --port 8080 --day 2
    """
    from kontum_crawler.commands.demonstration import demonstrate, serve_sample

    if serve:
        return serve_sample(port, day, articles, truth)
    return demonstrate(archive, day, articles)


def _options(chosen: dict[str, Any], start_urls: tuple[str, ...]) -> "Options":
    from kontum_crawler import urls
    from kontum_crawler.archives.services import checked_service
    from kontum_crawler.pipelines.session import Options
    from kontum_crawler.spiders.start import checked_base

    return Options(
        full=chosen["full"],
        since=chosen["since"],
        until=chosen["until"],
        limit=chosen["limit"],
        base_url=checked_base(chosen["base_url"]),
        delay=chosen["delay"],
        requisites=not chosen["no_requisites"],
        workers=chosen["workers"],
        start_urls=start_urls,
        named_hosts=tuple(urls.host(url) for url in (*start_urls, chosen["cdx_url"] or "")),
        origin=chosen["origin"],
        cdx_url=checked_service(chosen["origin"], chosen["cdx_url"]),
        columnar=chosen["columnar"],
        choose=chosen["choose"],
        dry_run=chosen["dry_run"],
    )


def _run(archive: Path, portals: "list[Portal]", options: "Options", *, quiet: bool) -> "Outcome":
    from kontum_crawler.crawl import crawl as run
    from kontum_crawler.crawl import wants_contact

    if quiet or not sys.stderr.isatty():
        return run(archive, portals, options)
    if wants_contact(archive, portals, options):
        say(f"{NO_CONTACT}; set `contact` in {archive / 'kontum.toml'}, or $KONTUM_CONTACT.")
    from rich.console import Console

    logging.getLogger("scrapy").setLevel(logging.ERROR)
    with Console(stderr=True).status("starting …") as status:

        def tell(spider: Any) -> None:
            counts = spider.session.counts
            status.update(
                f"{spider.portal.key}: {counts.requests:,} requests, {counts.bytes:,} bytes,"
                f" {len(counts.articles):,} articles, {counts.problems:,} problems"
            )

        return run(archive, portals, options, progress=tell)


def _summary(outcome: "Outcome") -> None:
    for name, told in NAMES.items():
        value = outcome.counts[name]
        say(f"{told:>20}  {value:,}" if isinstance(value, int) else f"{told:>20}  {value:,.1f}")


def _dry_run(archive: Path, portals: "list[Portal]", options: "Options", *, as_json: bool) -> int:
    from kontum_crawler.crawl import plan

    rows = plan(archive, portals, options)
    if as_json:
        print_json({"portals": [portal.key for portal in portals], "urls": rows})
    else:
        columns = ("portal", "kind", "url")
        print_table([[row[name] for name in columns] for row in rows], columns)
    return 0
