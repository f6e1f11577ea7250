"""Options that several commands share, so that each is spelt, checked and explained once."""

import functools
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


class HyphenCommand(click.Command):
    """A command whose argument may begin with a hyphen: «-cháy» is a word that must not occur.

    Slugs of the older KKT pages begin so too.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put such an argument where click takes it for no option."""
        if "--" in args:
            return super().parse_args(ctx, args)
        options = [each for each in self.get_params(ctx) if isinstance(each, click.Option)]
        names = {name for each in options for name in each.opts}
        wanting = {
            name for each in options if not each.is_flag and not each.count for name in each.opts
        }
        words: list[str] = []
        others: list[str] = []
        for before, arg in zip(["", *args], args, strict=False):
            is_word = arg[:1] == "-" and arg[1:2] not in ("", "-") and arg not in names
            (words if is_word and before not in wanting else others).append(arg)
        return super().parse_args(ctx, [*others, "--", *words] if words else args)


class Day(click.ParamType[str]):
    """A day as `2024-05-09`; `2024-05` and `2024` mean their first day, for an end their last."""

    name = "date"

    def __init__(self, end: bool = False) -> None:
        self.end = end

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        day = str(value).strip()
        if re.fullmatch(r"\d{4}-\d\d-\d\d", day) and _exists(day):
            return day
        match = re.fullmatch(r"(\d{4})(?:-(\d\d))?", day)
        if match is None or not 1 <= int(match[1]) <= 9998:
            self.fail(f"«{day}» is not a day; write it as 2024-05-09", param, ctx)
        year, month = int(match[1]), int(match[2] or (12 if self.end else 1))
        if not 1 <= month <= 12:
            self.fail(f"«{day}» is not a month; write it as 2024-05", param, ctx)
        if not self.end:
            return date(year, month, 1).isoformat()
        following = date(year + month // 12, month % 12 + 1, 1)
        return date.fromordinal(following.toordinal() - 1).isoformat()


def _exists(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def archive_option(command: Command) -> Command:
    """Adds `archive: Path`, the folder of the archive."""
    return click.option(
        "--archive",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="KONTUM_ARCHIVE",
        default=Path("data"),
        show_default="data, or $KONTUM_ARCHIVE",
        help="Folder of the archive.",
    )(command)


def json_option(command: Command) -> Command:
    """Adds `as_json: bool`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")(
        command
    )


def quiet_option(command: Command) -> Command:
    """Adds `quiet: bool`."""
    return click.option("--quiet", is_flag=True, help="Print nothing but errors.")(command)


def format_option(*formats: str) -> Callable[[Command], Command]:
    """Adds `fmt: str`, one of `formats`; the first is the default."""
    return click.option(
        "--format",
        "fmt",
        type=click.Choice(list(formats)),
        default=formats[0],
        show_default=True,
        help="How results are printed.",
    )


FILTERS = (
    click.option("--portal", multiple=True, metavar="KEY", help="Only this portal; repeatable."),
    click.option("--author", help="Only articles signed by this person."),
    click.option("--unit", help="Only articles signed by this office."),
    click.option("--source", help="Only articles that quote this outlet."),
    click.option("--category", help="Only this category, as displayed."),
    click.option("--document", metavar="NUMBER", help="Only articles that cite this document."),
    click.option("--since", type=Day(), metavar="DATE", help="Published on this day or later."),
    click.option(
        "--until", type=Day(end=True), metavar="DATE", help="Published on this day or earlier."
    ),
    click.option("--gone", is_flag=True, help="Only articles that vanished from their portal."),
    click.option("--edited", is_flag=True, help="Only articles that were edited."),
)
FILTER_NAMES = [
    "portal",
    "author",
    "unit",
    "source",
    "category",
    "document",
    "since",
    "until",
    "gone",
    "edited",
]


def article_filters(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `filters: Filters`, made of the ten options that narrow a set of articles.

    A range that ends before it begins is refused as wrong usage.
    """

    @functools.wraps(command)
    def with_filters(**options: Any) -> Any:
        from kontum_crawler.store.search.finding import Filters

        chosen = {name: options.pop(name) for name in FILTER_NAMES}
        if chosen["since"] and chosen["until"] and chosen["since"] > chosen["until"]:
            raise click.UsageError(
                f"--since {chosen['since']} is after --until {chosen['until']}: no day is in both."
            )
        return command(filters=Filters(**chosen), **options)

    decorated: Callable[..., Any] = with_filters
    for option in reversed(FILTERS):
        decorated = option(decorated)
    return decorated
