"""`kontum schedule`: the nightly crawl as a crontab line or as systemd units."""

import shutil
import sys
from datetime import time
from pathlib import Path

import click

from kontum_crawler.commands.options import archive_option
from kontum_crawler.reports.schedule import Plan, crontab, systemd_units


class TimeOfDay(click.ParamType[time]):
    """A time such as `02:15`."""

    name = "hh:mm"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> time:
        try:
            return value if isinstance(value, time) else time.fromisoformat(str(value).zfill(5))
        except ValueError:
            return self.fail(f"«{value}» is not a time of day; write it as 02:15", param, ctx)


@click.command()
@click.argument("portals", nargs=-1, metavar="[PORTAL]...")
@click.option("--cron", "kind", flag_value="cron", help="Print a crontab entry (the default).")
@click.option("--systemd", "kind", flag_value="systemd", help="Print a service and its timer.")
@click.option("--at", type=TimeOfDay(), default="02:15", show_default=True, help="When it runs.")
@click.option("--user", help="Who runs the units; for --systemd.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the units into this folder instead; for --systemd.",
)
@archive_option
def schedule(
    portals: tuple[str, ...],
    kind: str | None,
    at: time,
    user: str | None,
    output: Path | None,
    archive: Path,
) -> None:
    """Print a ready crontab line or timer unit.

    The run has low priority, a log of its own, and ends by itself when another one is still
    writing.

    \b
    Examples:
      (crontab -l; kontum schedule --cron --at 02:15) | crontab -
      kontum schedule --systemd --output ~/.config/systemd/user
    """
    plan = Plan(_program(), archive.resolve(), at, portals, user)
    if kind != "systemd":
        click.echo(crontab(plan), nl=False)
        return
    for name, text in systemd_units(plan).items():
        if output is None:
            click.echo(f"# {name}\n{text}")
        else:
            output.mkdir(parents=True, exist_ok=True)
            (output / name).write_text(text, "utf-8")
            click.echo(str(output / name))


def _program() -> Path:
    """The `kontum` beside this Python, else the one on the path."""
    beside = Path(sys.executable).with_name("kontum")
    return beside if beside.exists() else Path(shutil.which("kontum") or beside)
