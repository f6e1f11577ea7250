"""`kontum verify`: whether the archive is what it says."""

from dataclasses import asdict
from pathlib import Path

import click

from kontum_crawler.commands.options import archive_option, json_option, quiet_option
from kontum_crawler.commands.output import print_json, safe, say


@click.command()
@archive_option
@json_option
@quiet_option
def verify(archive: Path, as_json: bool, quiet: bool) -> int:
    """Check the database, every record, and their links.

    Each record must parse and match its digests, each row must point exactly at its record, each
    revisit must have its original, each article and version its capture, and the search index must
    be in step. Nothing is changed. Faults are listed with file, byte and address (exit 1).

    \b
    Examples:
      kontum verify --archive data
      kontum verify --json | jq .faults
    """
    from kontum_crawler.commands.progress import bar
    from kontum_crawler.store.intake.verify import verify as check

    with bar(quiet=quiet or as_json) as show:
        report = check(archive, show)
    if as_json:
        print_json(asdict(report))
    else:
        for fault in report.faults:
            click.echo(safe(str(fault)))
        for note in report.notes:
            say(safe(note))
        if not quiet:
            looked = f"{report.records:,} records in {report.files:,} files"
            rows = f"{report.captures:,} captures, {report.articles:,} articles"
            say(f"{looked}, {rows}: {len(report.faults) or 'no'} faults")
    return 1 if report.faults else 0
