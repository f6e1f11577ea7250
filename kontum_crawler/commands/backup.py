"""`kontum backup`: a consistent copy while a crawl runs."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from kontum_crawler.commands.options import archive_option, json_option, quiet_option
from kontum_crawler.commands.output import print_json, say


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--link", is_flag=True, help="Hard-link WARC files that no longer grow.")
@archive_option
@json_option
@quiet_option
def backup(target: Path, link: bool, archive: Path, as_json: bool, quiet: bool) -> None:
    """Copy the archive while a crawl runs.

    The folder TARGET must not exist; it has its name only when the copy is whole. To restore, use
    the copy as an archive, or copy it back: docs/operations.md.

    \b
    Examples:
      kontum backup /mnt/backup/kontum-2026-01-31
      kontum backup --link ../kontum-before-reextract
    """
    from kontum_crawler.store.backup import backup as copy

    with _progress(quiet or as_json) as told_of:
        copied = copy(archive, target, link=link, told_of=told_of)
    if as_json:
        print_json(
            {
                "folder": str(copied.folder),
                "files": copied.files,
                "linked": copied.linked,
                "bytes": copied.bytes,
            }
        )
    elif not quiet:
        say(f"{copied.folder}: {copied.files} files, {copied.bytes:,} bytes written")


@contextlib.contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[str], None]]:
    """Shows which file is being copied, on a terminal only."""
    if quiet or not sys.stderr.isatty():
        yield lambda name: None
        return
    from rich.console import Console

    with Console(stderr=True).status("kontum.db") as status:
        yield status.update
