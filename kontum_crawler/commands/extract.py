"""`kontum extract` and `kontum portals`: what is read from a page, and what is known of portals."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from kontum_crawler import urls
from kontum_crawler.commands.options import archive_option, json_option
from kontum_crawler.errors import KontumError, PortalFileError, UsageError
from kontum_crawler.extract import Seen, examine, opinions
from kontum_crawler.extract.encoding import decode
from kontum_crawler.extract.opinions import Opinion
from kontum_crawler.items import Article, as_row
from kontum_crawler.portals import Portal, Registry, check

MORE = ("attachments", "images", "citations", "tables", "marks", "rules")
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
    registry = Registry(archive / "portals")
    results = [_look(source, url, key, registry, save, asked) for source in sources]
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
    source: str,
    url: str | None,
    key: str | None,
    registry: Registry,
    save: Path | None,
    asked: bool,
) -> tuple[Seen, Opinion | None]:
    content_type: str | None = None
    if source.startswith(("http://", "https://")):
        url = urls.address(source)
        payload, content_type = _fetch(url)
    else:
        payload = _read(Path(source))
        url = url or _address_beside(Path(source))
    portal = _portal(registry, key, url)
    address = url or portal.base_url
    seen = examine(payload, url=address, portal=portal, content_type=content_type)
    if save is not None:
        _save(save / portal.key, source, payload, seen)
    return seen, _opinion(seen, payload, content_type) if asked else None


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


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise KontumError(f"{path}: cannot be read: {error.strerror}") from error


def _address_beside(path: Path) -> str | None:
    """The address that the golden article beside a page names."""
    golden = path.with_suffix(".json")
    if not golden.is_file() or golden == path:
        return None
    try:
        named = json.loads(golden.read_text("utf-8"))["url"]
    except (ValueError, KeyError, TypeError, OSError):
        return None
    return named if isinstance(named, str) else None


def _fetch(url: str) -> tuple[bytes, str | None]:
    """One page over the network; at most 8 MB, in 30 seconds, without following off its host."""
    from urllib.error import URLError
    from urllib.request import Request, urlopen

    request = Request(url, headers={"User-Agent": "kontum_crawler", "Accept": "text/html"})
    try:
        with urlopen(request, timeout=30) as answer:
            if urls.host(answer.url) != urls.host(url):
                raise KontumError(f"{url}: leads to another host, {answer.url}")
            return answer.read(8 * 1024 * 1024), answer.headers.get("Content-Type")
    except (URLError, OSError, ValueError) as error:
        raise KontumError(f"{url}: cannot be fetched: {error}") from error


def _save(folder: Path, source: str, payload: bytes, seen: Seen) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = Path(source.rstrip("/").rpartition("/")[2]).stem[:80] or "page"
    page = folder / f"{name}.html"
    page.write_bytes(payload)
    if seen.article:
        proposed = json.dumps(as_row(seen.article), ensure_ascii=False, indent=2)
        page.with_suffix(".json.new").write_text(proposed + "\n", "utf-8")
    click.echo(f"{page}: look at the .json.new beside it, then rename it to .json", err=True)


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
    for name, value in as_row(found).items():
        rule = found.rules.get(name)
        click.echo(f"  {name}{f'  [{rule}]' if rule else ''}:")
        click.echo("\n".join(f"    {line}" for line in _as_text(value).split("\n")))
    for name in ("attachments", "images", "citations"):
        for item in getattr(found, name):
            shown = {key: value for key, value in asdict(item).items() if value is not None}
            click.echo(f"  {name}: {json.dumps(shown, ensure_ascii=False)}")
    if found.marks:
        click.echo(f"  marks: {', '.join(found.marks)}")


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
    templates of its theme are, `recorded` that its pages were seen.

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
    for row in rows:
        hosts = ", ".join(row["hosts"])
        click.echo(
            f"{row['key']:<14} {row['family'] or '-':<10} {row['status']:<12}"
            f" {row['pages']:>3}  {hosts}  {row['name']}"
        )


def _row(portal: Portal, pages: Path) -> dict[str, Any]:
    return {
        "key": portal.key,
        "name": portal.name,
        "family": portal.family,
        "status": portal.status,
        "live": portal.live,
        "hosts": list(portal.hosts),
        "pages": len(list((pages / portal.key).glob("*.html"))),
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
