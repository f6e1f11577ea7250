"""One page for `kontum extract`: fetched or read, and kept with a proposed golden article."""

import json
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import click

from kontum_crawler import urls
from kontum_crawler.errors import KontumError
from kontum_crawler.extract import Seen
from kontum_crawler.items import as_row
from kontum_crawler.portals import Portal
from kontum_crawler.store.config import read_config

LARGEST = 8 * 1024 * 1024
"""Bytes of a page at most."""
SECONDS = 30


@dataclass(frozen=True, slots=True)
class Looked:
    """A page as it was had. url: its address after redirects, None for a file that names none."""

    payload: bytes
    url: str | None
    content_type: str | None = None


def fetch(url: str, portal: Portal, archive: Path) -> Looked:
    """Fetch one page; redirects are followed within the portal's hosts only, as in a crawl.

    The host that was named may resolve to any address, another one of the portal to a public one.
    Raises KontumError where that is not so, and for what cannot be fetched.
    """
    from urllib.error import HTTPError, URLError
    from urllib.request import HTTPRedirectHandler, Request, build_opener

    from kontum_crawler.pipelines.session import user_agent

    class Within(HTTPRedirectHandler):
        def redirect_request(
            self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
        ) -> Request | None:
            if not portal.has_host(urls.host(newurl)):
                raise KontumError(f"{url}: leads to another host, {newurl}; it was not followed.")
            if urls.host(newurl) != urls.host(url):
                _check_public(newurl)
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    agent = user_agent(read_config(archive))
    request = Request(url, headers={"User-Agent": agent, "Accept": "text/html"})
    try:
        with build_opener(Within).open(request, timeout=SECONDS) as answer:
            payload = answer.read(LARGEST)
            return Looked(payload, answer.url, answer.headers.get("Content-Type"))
    except HTTPError as error:
        raise KontumError(f"{url}: the server answered {error.code} {error.reason}.") from error
    except (URLError, OSError, ValueError) as error:
        raise KontumError(f"{url}: cannot be fetched: {error}") from error


def _check_public(url: str) -> None:
    from kontum_crawler.handlers.addresses import is_public

    parts = urlsplit(url)
    found = socket.getaddrinfo(parts.hostname, parts.port or 80, type=socket.SOCK_STREAM)
    for *_, address in found:
        if not is_public(str(address[0])):
            reason = f"{address[0]} is a private address; name it on the command line to allow it."
            raise KontumError(f"{url}: {reason}")


def read(path: Path) -> Looked:
    """A file, with the address that the golden article beside it names."""
    try:
        payload = path.read_bytes()
    except OSError as error:
        raise KontumError(f"{path}: cannot be read: {error.strerror}") from error
    return Looked(payload, _address_beside(path))


def _address_beside(path: Path) -> str | None:
    golden = path.with_suffix(".json")
    if not golden.is_file() or golden == path:
        return None
    try:
        named = json.loads(golden.read_text("utf-8"))["url"]
    except (ValueError, KeyError, TypeError, OSError):
        return None
    return named if isinstance(named, str) else None


def save(folder: Path, source: str, payload: bytes, seen: Seen, portal: Portal) -> None:
    """Keep a page below the key of its portal, beside the article that is proposed for it."""
    key = proposed_key(portal)
    home = folder / key
    home.mkdir(parents=True, exist_ok=True)
    name = Path(urlsplit(source).path.rstrip("/").rpartition("/")[2]).stem[:80] or "page"
    page = home / f"{name}.html"
    page.write_bytes(payload)
    if portal.generic:
        click.echo(f"no portal file names {portal.key}: its key is proposed as «{key}»", err=True)
    if seen.article is None:
        click.echo(f"{page}: there is no article in it to propose", err=True)
        return
    proposed = json.dumps(as_row(seen.article) | {"portal": key}, ensure_ascii=False, indent=2)
    page.with_suffix(".json.new").write_text(proposed + "\n", "utf-8")
    click.echo(f"{page}: look at the .json.new beside it, then rename it to .json", err=True)


def proposed_key(portal: Portal) -> str:
    """The key of a portal; of a host that no file names, what tells it from its neighbours."""
    if not portal.generic or portal.key.replace(".", "").isdigit():
        return portal.key
    return portal.key.partition(".")[0]
