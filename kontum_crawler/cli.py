"""The `kontum` command.

Commands are loaded when they are called, so that `kontum search` need not wait for Scrapy, and this
is the one place where an error becomes an exit code.
"""

import importlib
import logging
import os
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from kontum_crawler import __version__
from kontum_crawler.errors import KontumError

COMMANDS = {
    "demo": ("crawl", "Crawl the embedded sample portal, then search it."),
    "crawl": ("crawl", "Crawl portals into the archive."),
    "ingest": ("ingest", "Read WARC and WACZ files into the archive."),
    "reextract": ("ingest", "Run today's extractor over all kept captures."),
    "extract": ("extract", "Print what the extractor sees in a page."),
    "portals": ("extract", "List the portals that are known."),
    "search": ("search", "Find articles by their words."),
    "timeline": ("search", "Count the articles of a query by month."),
    "concordance": ("search", "Show each hit of a query in its context."),
    "cites": ("search", "Find the articles that cite a document."),
    "export": ("export", "Write articles to a file, with their provenance."),
    "watch": ("watch", "Keep searches and see what is new for them."),
    "show": ("show", "Show one article and where it came from."),
    "diff": ("show", "Compare two versions of an article."),
    "changes": ("show", "List what is new, edited, moved or gone."),
    "withdraw": ("show", "Hide an article, with a tombstone."),
    "status": ("status", "Tell what the last runs did."),
    "coverage": ("coverage", "Tell what is held of a portal, and what is missing."),
    "backup": ("backup", "Copy the archive while a crawl runs."),
    "schedule": ("schedule", "Print a ready crontab line or timer unit."),
    "serve": ("serve", "Browse the archive in a web browser."),
    "verify": ("verify", "Check the database, every record, and their links."),
}


class Commands(click.Group):
    """The commands of the table above, each imported only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in COMMANDS if _exists(name)]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS or not _exists(name):
            return None
        module = importlib.import_module(f"kontum_crawler.commands.{COMMANDS[name][0]}")
        command: click.Command = getattr(module, name)
        for option in EVERYWHERE:
            if option.name not in {parameter.name for parameter in command.params}:
                command.params.append(option)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, COMMANDS[name][1]) for name in self.list_commands(ctx)]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)


def _exists(name: str) -> bool:
    return (Path(__file__).parent / "commands" / f"{COMMANDS[name][0]}.py").is_file()


def _log_to(ctx: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    if path is not None:
        try:
            logging.basicConfig(
                filename=path,
                level=logging.INFO,
                format="%(asctime)s %(levelname)s %(name)s: %(message)s",
                force=True,
            )
        except OSError as error:
            raise click.BadParameter(f"{path}: {error.strerror}") from error
        os.environ["KONTUM_LOG_FILE"] = str(path)
    return path


EVERYWHERE = [
    click.Option(
        ["--log-file"],
        type=click.Path(path_type=Path, dir_okay=False),
        callback=_log_to,
        expose_value=False,
        help="Write the log to this file.",
    ),
    click.Option(["--debug"], is_flag=True, expose_value=False, help="Show tracebacks."),
    click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=lambda ctx, _, asked: _print_version(ctx) if asked else None,
        help="Show the version and exit.",
    ),
]


def _print_version(ctx: click.Context) -> None:
    click.echo(f"kontum, version {__version__}")
    ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kontum")
def cli() -> None:
    """Archive the portals of a province, and search what they said.

    \b
    Examples:
      kontum demo
      kontum crawl kkt --archive data
      kontum search "tháng hành động vì trẻ em"
    """


def help_pages() -> str:
    """The page docs/cli.md: the `--help` of every command, as a reader of the docs sees it."""
    pages = [HEAD]
    root = cli.make_context("kontum", ["portals"], max_content_width=90)
    for name in cli.list_commands(root):
        command = cli.get_command(root, name)
        if command is not None:
            context = click.Context(command, parent=root, info_name=name)
            text = command.get_help(context)
            pages.append(f"## {name}\n\n```text\n{text.rstrip()}\n```\n")
    return "\n".join(pages)


HEAD = """# The command line

The output of `kontum COMMAND --help`, written by `python -m kontum_crawler.cli > docs/cli.md`; a
test compares the two. Exit codes: [exit-codes.md](exit-codes.md).
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit with its code (docs/exit-codes.md)."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str]) -> int:
    try:
        result: Any = cli.main(args=list(arguments), prog_name="kontum", standalone_mode=False)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except KontumError as error:
        _tell(error, arguments)
        return error.exit_code
    except BrokenPipeError:
        # The reader of our output (`| head`) has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (KeyboardInterrupt, click.Abort):
        return 130
    except OSError as error:
        _tell(KontumError(f"{error.filename or 'a file'}: {error.strerror or error}"), arguments)
        return 1
    except sqlite3.OperationalError as error:
        # What SQLite itself says of a disk; the layers above name the path where they can.
        _tell(KontumError(f"the archive's database: {error}; nothing committed is lost"), arguments)
        return 1
    except Exception as error:
        if "--debug" in arguments:
            raise
        what = f"{type(error).__name__}: {error}"
        click.echo(f"kontum: {what}. This is a fault of ours; --debug shows where.", err=True)
        return 1
    return result if isinstance(result, int) else 0


def _tell(error: KontumError, arguments: Sequence[str]) -> None:
    if "--debug" in arguments:
        logging.getLogger("kontum").error("", exc_info=error)
    click.echo(f"kontum: {error}", err=True)


if __name__ == "__main__":
    click.echo(help_pages(), nl=False)
