"""`kontum coverage`."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kontum_crawler.commands.options import archive_option, json_option
from kontum_crawler.commands.output import print_json, print_table, say
from kontum_crawler.errors import KontumError

if TYPE_CHECKING:
    from kontum_crawler.portals import Portal
    from kontum_crawler.reports.coverage import Coverage
    from kontum_crawler.store import Archive

COLUMNS = ("host", "year", "known", "held", "missing")
FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("name", metavar="PORTAL")
@archive_option
@click.option("--missing", type=FILE, metavar="FILE", help="Write the missing addresses as CSV.")
@click.option("--picture", type=FILE, metavar="FILE", help="Write a bar a year as SVG.")
@click.option("--layouts", is_flag=True, help="Which layout fits the held pages, year by year.")
@json_option
def coverage(
    name: str,
    archive: Path,
    missing: Path | None,
    picture: Path | None,
    layouts: bool,
    as_json: bool,
) -> int:
    """Tell what is held of a portal, and what is missing.

    Counts addresses of articles by host and by the year in which an archive's list, a capture or
    a captured page first named them; held are those of which a capture gave the article.

    \b
    Examples:
      kontum coverage kkt
      kontum coverage kkt --missing missing.csv --picture kkt.svg
      kontum coverage kkt --layouts
    """
    from kontum_crawler.reports import coverage as report
    from kontum_crawler.store import Archive

    with Archive.open(archive) as opened:
        portal = report.portal_of(opened.db, opened.portals, name)
        if layouts:
            return _layouts(opened, portal, as_json=as_json)
        found = report.coverage(opened.db, portal)
    if missing is not None:
        _write_missing(found, missing)
    if picture is not None:
        _write(picture, report.picture(found))
    if as_json:
        print_json(found.as_dict())
        return 0
    rows = [row.as_dict() for row in found.rows]
    print_table([[row[column] for column in COLUMNS] for row in rows], COLUMNS)
    known = sum(row.known for row in found.rows)
    say(f"{known - len(found.missing):,} of {known:,} known article addresses are held.")
    return 0


def _layouts(opened: "Archive", portal: "Portal", *, as_json: bool) -> int:
    from kontum_crawler.reports.layouts import layouts_by_year

    fits = layouts_by_year(opened.db, opened.folder, portal)
    if as_json:
        print_json({"portal": portal.key, "rows": [fit.as_dict() for fit in fits]})
        return 0
    rows = [[fit.year, "yes" if fit.fits else "no", fit.pages, fit.layout] for fit in fits]
    print_table(rows, ("year", "fits", "pages", "layout"))
    for fit in fits:
        if not fit.fits:
            say(f"{fit.year}: no layout of «{portal.key}» fits {fit.pages:,} pages like these:")
            for url in fit.examples:
                say(f"  {url}")
    return 0


def _write_missing(found: "Coverage", path: Path) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["url"])
            writer.writerows([url] for url in found.missing)
    except OSError as error:
        raise KontumError(f"{path} cannot be written: {error.strerror or error}") from error
    say(f"{len(found.missing):,} missing addresses are in {path}.")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise KontumError(f"{path} cannot be written: {error.strerror or error}") from error
