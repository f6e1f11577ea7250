"""`kontum extract` and `kontum portals`: what is read from a page, and what is known of portals."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from kontum_crawler import urls
from kontum_crawler.commands import looking
from kontum_crawler.commands.options import archive_option, json_option
from kontum_crawler.commands.output import print_table, safe
from kontum_crawler.errors import PortalFileError, UsageError
from kontum_crawler.extract import Seen, examine, opinions
from kontum_crawler.extract.encoding import decode
from kontum_crawler.extract.opinions import Opinion
from kontum_crawler.items import Article, as_row
from kontum_crawler.portals import Portal, Registry, check

MORE = ("attachments", "images", "citations", "tables", "marks", "rules")
COLUMNS = ("key", "family", "status", "pages", "hosts", "name")
PAGES = Path(__file__).parents[2] / "tests" / "pages"


NOWHERE = "localhost"


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="URL|FILE...")
@click.option("--portal", "key", metavar="KEY", help="Read the page as one of this portal.")
@click.option("--url", metavar="URL", help="Address of a file's page.")
@click.option(
    "--save",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the page here, beside a proposed golden article (.json.new).",
)
@click.option(
    "--opinions",
    "asked",
    is_flag=True,
    help="Ask the other extractors that are installed whether they agree on the text.",
)
@json_option
@archive_option
def extract(
    sources: tuple[str, ...],
    key: str | None,
    url: str | None,
    save: Path | None,
    asked: bool,
    as_json: bool,
    archive: Path,
) -> int:
    """Print what the extractor sees in a page.

    Each field is printed with the rule that found it. A file needs --url, so that slug and id are
    read from its address; without --portal the portal is the one that has the host. With --opinions
    (extra `opinions`) the others' view is printed beside ours; it never changes what is read.

    \b
    Examples:
      kontum extract tests/pages/kkt/reference.html --portal kkt --opinions
      kontum extract https://kontum.gov.vn/pages/detail/54939/Chi-dao.html --json
    """
    if url and len(sources) > 1:
        raise UsageError("--url is the address of one file; there are several.")
    if asked and not opinions.available():
        raise UsageError("no other extractor is installed: pip install 'kontum-crawler[opinions]'.")
    results = [_look(source, url, key, archive, save, asked) for source in sources]
    for source, (seen, other) in zip(sources, results, strict=True):
        if as_json:
            row = {"file": source} if len(sources) > 1 else {}
            row |= _as_object(seen) | ({"opinion": asdict(other)} if other else {})
            click.echo(json.dumps(row, ensure_ascii=False))
        else:
            _print(source, seen)
            if other:
                _print_opinion(other)
    return 0 if all(seen.article for seen, _ in results) else 3


def _look(
    source: str, url: str | None, key: str | None, archive: Path, to: Path | None, asked: bool
) -> tuple[Seen, Opinion | None]:
    registry = Registry(archive / "portals")
    if source.startswith(("http://", "https://")):
        address = urls.address(source)
        page = looking.fetch(address, _portal(registry, key, address), archive)
        url = page.url
    else:
        page = looking.read(Path(source))
        url = url or page.url
    portal = _portal(registry, key, url)
    seen = examine(
        page.payload,
        url=url or portal.base_url,
        portal=portal,
        content_type=page.content_type,
    )
    if to is not None:
        looking.save(to, source, page.payload, seen, portal)
    return seen, _opinion(seen, page.payload, page.content_type) if asked else None


def _opinion(seen: Seen, payload: bytes, content_type: str | None) -> Opinion:
    found = seen.article
    own = f"{found.lead or ''}\n{found.body}".strip() if found else ""
    return opinions.second(own, decode(payload, content_type)[0])


def _portal(registry: Registry, key: str | None, url: str | None) -> Portal:
    if key:
        return registry.get(key)
    if not url:
        # A file alone does not say whose page it is: what any page says can still be read.
        return registry.generic(NOWHERE)
    if not (host := urls.host(url)):
        raise UsageError(f"«{url}» is no http address.")
    return registry.for_host(host) or registry.generic(host)


def _as_object(seen: Seen) -> dict[str, Any]:
    """Column names of `articles` and the rest; all null where there is no article."""
    article = seen.article
    row = as_row(article) if article else dict.fromkeys(_columns())
    row["url"] = seen.url
    more = asdict(article) if article else dict.fromkeys(MORE)
    return {
        **row,
        **{name: more[name] for name in MORE},
        "family": seen.family,
        "layout": seen.layout,
        "problem": seen.problem,
    }


def _columns() -> list[str]:
    return list(as_row(Article(portal="", slug="", url="", title="")))


def _print(source: str, seen: Seen) -> None:
    found = seen.article
    click.echo(f"{source}\n  family: {seen.family or 'none known'}")
    if found is None:
        click.echo(f"  no article: {seen.problem}")
        return
    rows = [(name, found.rules.get(name), _as_text(value)) for name, value in as_row(found).items()]
    for name in ("attachments", "images", "citations"):
        for item in getattr(found, name):
            shown = {key: value for key, value in asdict(item).items() if value is not None}
            rows.append((name, None, json.dumps(shown, ensure_ascii=False)))
    if found.marks:
        rows.append(("marks", None, ", ".join(found.marks)))
    if sys.stdout.isatty():
        _print_table(rows)
        return
    for field, rule, text in rows:
        click.echo(f"  {field}{f'  [{rule}]' if rule else ''}:")
        click.echo("\n".join(f"    {line}" for line in text.split("\n")))


def _print_table(rows: list[tuple[str, str | None, str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("field", "value", "rule", show_lines=True)
    for field, rule, text in rows:
        table.add_row(field, Text(safe(text)), Text(safe(rule or "")))
    Console().print(table)


def _print_opinion(other: Opinion) -> None:
    likeness = "nobody was asked" if other.agreement is None else f"likeness {other.agreement:.2f}"
    if other.by == opinions.OWN:
        click.echo(f"  opinion: ours stands, {likeness}")
        return
    click.echo(f"  opinion: {other.by} has another text, {likeness}:")
    click.echo("\n".join(f"    {line}" for line in other.text.split("\n")))


def _as_text(value: Any) -> str:
    if value is None:
        return "-"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else str(value)


@click.group(invoke_without_command=True)
@click.option(
    "--pages",
    type=click.Path(path_type=Path, file_okay=False),
    default=PAGES,
    show_default="tests/pages of the checkout",
    help="Folder with recorded pages, to count them.",
)
@json_option
@archive_option
@click.pass_context
def portals(ctx: click.Context, pages: Path, as_json: bool, archive: Path) -> None:
    """List the portals that are known.

    `unconfirmed` means that only addresses and text of the portal are known, `template` that the
    templates of its theme are, `recorded` that its pages were seen. Pages are those kept in a
    checkout as proof, recorded or reconstructed; an installed package has none.

    \b
    Examples:
      kontum portals --json
      kontum portals check data/portals/my-portal.toml
    """
    if ctx.invoked_subcommand is not None:
        return
    rows = [_row(portal, pages) for portal in Registry(archive / "portals").all()]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    print_table(
        [[", ".join(row[c]) if c == "hosts" else row[c] for c in COLUMNS] for row in rows], COLUMNS
    )


def _row(portal: Portal, pages: Path) -> dict[str, Any]:
    return {
        "key": portal.key,
        "name": portal.name,
        "family": portal.family,
        "status": portal.status,
        "live": portal.live,
        "hosts": list(portal.hosts),
        "pages": len(list((pages / portal.key).glob("*.html"))) if pages.is_dir() else None,
    }


@portals.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def check_files(files: tuple[Path, ...]) -> None:
    """Check portal files: faults are told with file, line or key, and reason.

    \b
    Example:
      kontum portals check data/portals/my-portal.toml
    """
    if faults := [fault for path in files for fault in check(path)]:
        raise PortalFileError("\n".join(faults))
    for path in files:
        click.echo(f"{path}: good")
