"""`kontum ingest` and `kontum reextract`: from kept bytes to rows, nothing fetched."""

from pathlib import Path

import click

from kontum_crawler.commands.options import archive_option, json_option, quiet_option
from kontum_crawler.commands.output import print_json, say


@click.command()
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, exists=True),
    metavar="FILE...",
)
@archive_option
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes that read; one a core by default.",
)
@json_option
@quiet_option
def ingest(
    files: tuple[Path, ...], archive: Path, workers: int | None, as_json: bool, quiet: bool
) -> int:
    """Read WARC, WARC.gz and WACZ files into the archive.

    Files of other tools are copied unchanged into its warc/ folder; folders are searched for them,
    at any depth. Run again after a crash, it goes on where it was. A database that is lost is made
    again from the files in warc/. What cannot be read is listed with its kind, file and byte, and
    the rest is taken in (exit 3).

    \b
    Examples:
      kontum ingest crawl.warc.gz site.wacz --archive data
      kontum ingest /media/collection --archive data --json
      kontum ingest data/warc/* --archive data
    """
    from kontum_crawler.commands.progress import bar
    from kontum_crawler.store.intake.sessions import ingest_files

    with bar(quiet=quiet or as_json) as show:
        done = ingest_files(archive, files, workers=workers or 0, progress=show)
    if as_json:
        print_json({**done.tally.report(), "seconds": done.seconds})
        return done.exit_code
    if not quiet:
        for line in done.sentences():
            say(line)
    return done.exit_code


@click.command()
@archive_option
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
@click.option("--diff", is_flag=True, help="Print each changed field, before and after.")
@json_option
@quiet_option
def reextract(archive: Path, dry_run: bool, diff: bool, as_json: bool, quiet: bool) -> int:
    """Run today's extractor over all kept captures.

    Nothing is fetched. What would get worse (an article, title, byline or date lost, a body halved)
    is listed before it replaces anything. A second run changes nothing.

    \b
    Examples:
      kontum reextract --dry-run --diff
      kontum reextract --archive data --json
    """
    from kontum_crawler.commands.differences import as_object, diff_lines, summary, tell_worse
    from kontum_crawler.commands.progress import bar
    from kontum_crawler.store.intake.sessions import reextract_archive

    with bar(quiet=quiet or as_json) as show:
        done = reextract_archive(
            archive,
            dry_run=dry_run,
            shown=tell_worse,
            progress=show,
        )
    if as_json:
        print_json(as_object(done, dry_run=dry_run, diff=diff))
    else:
        for line in diff_lines(done.changes) if diff else ():
            click.echo(line)
        for line in () if quiet else summary(done, dry_run=dry_run):
            say(line)
    return 3 if done.unreadable else 0
