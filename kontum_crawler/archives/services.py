"""The services that serve captures: their addresses, and how fast each may be asked.

The rates are what the services publish or what its clients were told to keep to (docs/
fill-the-archive.md has the sources); none holds on loopback.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from kontum_crawler.errors import UsageError

WAYBACK = "https://web.archive.org/cdx/search/cdx"
COMMON_CRAWL = "https://index.commoncrawl.org/collinfo.json"
COMMON_CRAWL_DATA = "https://data.commoncrawl.org/"
CDX_PATH = "/cdx/search/cdx"


@dataclass(frozen=True, slots=True)
class Rates:
    """Seconds between two requests: for lists, and for captures; captures in flight at most."""

    list_delay: float
    capture_delay: float
    in_flight: int


RATES = {
    "web.archive.org": Rates(2.5, 0.125, 4),
    "index.commoncrawl.org": Rates(1.5, 0.75, 1),
    "data.commoncrawl.org": Rates(1.5, 0.75, 1),
}
OTHERS = Rates(2.5, 0.5, 2)
LOOPBACK = Rates(0.0, 0.0, 4)


def rates_of(url: str, *, loopback: bool) -> Rates:
    """How fast the service at an address may be asked."""
    return LOOPBACK if loopback else RATES.get(urlsplit(url).hostname or "", OTHERS)


def replay_base(cdx_url: str) -> str:
    """Where the captures of a list are served. Raises UsageError for an address without `cdx`."""
    address = cdx_url.partition("?")[0].rstrip("/")
    if address.endswith(CDX_PATH):
        return address.removesuffix(CDX_PATH) + "/web/"
    if not address.endswith("cdx"):
        raise UsageError(
            f"--cdx-url {cdx_url}: must be the address of a CDX API, as {WAYBACK} or"
            " http://HOST/COLLECTION/cdx"
        )
    return address.removesuffix("cdx")


def replay_url(base: str, stamp: str, url: str) -> str:
    """The address at which one capture is served as it was stored."""
    return f"{base}{stamp}id_/{url}"


def data_url(cdx_url: str, filename: str) -> str:
    """The address of a WARC file that a Common Crawl index names; always one of the service."""
    root = COMMON_CRAWL_DATA if cdx_url == COMMON_CRAWL else urljoin(cdx_url, "/")
    return urljoin(root, "./" + quote(filename.lstrip("/"), safe="/%:@!$&'()*+,;=~-._"))


def checked_service(origin: str, cdx_url: str | None) -> str | None:
    """The address of a list as the command line gives it, None for the public one or for live.

    Raises UsageError for what cannot be one.
    """
    if origin == "live" or not cdx_url:
        return None
    try:
        parts = urlsplit(cdx_url)
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        good = False
    if not good:
        raise UsageError(f"--cdx-url {cdx_url}: must be an http address")
    if origin == "wayback":
        replay_base(cdx_url)
        return cdx_url.partition("?")[0].rstrip("/")
    return cdx_url


def span(since: str | None, until: str | None) -> tuple[str, str]:
    """Days (inclusive) as the 14 digits between which captures are wanted; empty for open ends."""
    digits = [re.sub(r"\D", "", day or "") for day in (since, until)]
    return (f"{digits[0]}000000" if since else "", f"{digits[1]}235959" if until else "")
