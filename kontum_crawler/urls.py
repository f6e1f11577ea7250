"""The one place where addresses are cleaned, compared and kept apart.

`address` is what is fetched and stored; `key` is what two addresses of one page have in common.
"""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

from w3lib.url import safe_url_string

TRACKING = re.compile(
    r"^(?:utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|igshid|mc_[ce]id|_ga|_gl|zarsrc"
    r"|zalo_\w+|ref_src|spm)$",
    re.I,
)
SESSION = re.compile(
    r"^(?:phpsessid|jsessionid|aspsessionid\w*|asp\.net_sessionid|sessionid|session_id|sid|cfid"
    r"|cftoken)$",
    re.I,
)
PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#;]*", re.I)
ASP_SESSION = re.compile(r"/\([sS]\([0-9a-z]{24}\)\)(?=/)")
DEFAULT_PORT = {"http": 80, "https": 443}
CLEAN = re.compile(r"https?://(?:[a-z0-9-]+\.)+[a-z0-9-]+(?:/[\w-][\w.~-]*)+/?", re.A)
"""Addresses that `address` leaves as they are, most of a portal's; told sooner than taken apart."""
PLAIN_HOST = re.compile(r"https?://([a-z0-9.-]+)/")


@lru_cache(maxsize=20_000)  # the pages of a portal share their links
def address(url: str) -> str:
    """The address in the form that is fetched and stored: ASCII, percent-encoded as UTF-8.

    Scheme and host are lower case, the default port, the fragment, tracking parameters and session
    ids are gone, `.` and `..` are resolved. The path keeps its case and its normal form, since the
    server may tell them apart. Raises ValueError for an address without a host or with another
    scheme than http and https.
    """
    if CLEAN.fullmatch(url):
        return url
    parts = urlsplit(safe_url_string(url.strip(), encoding="utf-8"))
    scheme = parts.scheme.lower()
    host = _ascii_host(parts.hostname or "")
    if scheme not in DEFAULT_PORT or not host:
        raise ValueError(f"not an http address: {url!r}")
    if parts.port and parts.port != DEFAULT_PORT[scheme]:
        host = f"{host}:{parts.port}"
    path = ASP_SESSION.sub("", PATH_SESSION.sub("", parts.path))
    return urlunsplit((scheme, host, _encode(_without_dots(path)) or "/", _query(parts.query), ""))


def key(url: str) -> str:
    """What two spellings of one address have in common; never fetched.

    Host (without `www.` and `m.`), decoded NFC path and sorted query; http and https are one.
    Raises ValueError as `address` does.
    """
    parts = urlsplit(address(url))
    host = re.sub(r"^(?:www|m)\.(?=[^.]+\.)", "", parts.netloc)
    query = "&".join(sorted(unquote(pair) for pair in parts.query.split("&") if pair))
    text = f"{host}{_decoded(parts.path)}" + (f"?{query}" if query else "")
    return unicodedata.normalize("NFC", text)


def host(url: str) -> str:
    """The host of an address in lower case, without port; empty where there is none."""
    if plain := PLAIN_HOST.match(url):
        return plain[1].rstrip(".")
    try:
        return _ascii_host(urlsplit(url).hostname or "")
    except ValueError:
        return ""


def joined(base: str, reference: str) -> str | None:
    """A reference made absolute; None where it is no address at all (`http://[banner]/`)."""
    try:
        return urljoin(base, reference)
    except ValueError:
        return None


def path_and_query(url: str) -> str:
    """Path and query percent-decoded and in NFC: what the patterns of a portal file match."""
    parts = urlsplit(url)
    text = _decoded(parts.path) + (f"?{unquote(parts.query)}" if parts.query else "")
    return unicodedata.normalize("NFC", text)


def _ascii_host(name: str) -> str:
    name = name.lower().rstrip(".")
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError(f"not a host name: {name!r}") from error


def _encode(path: str) -> str:
    """One spelling for each percent-encoding: unreserved bytes bare, the others upper case."""
    return "".join(
        quote(unquote(piece), safe="!$&'()*,:@~") if "%" in piece and _decodes(piece) else piece
        for piece in re.split(r"(/|;|=|\+)", path)
    )


def _decoded(path: str) -> str:
    """The path decoded, but for an encoded slash, which is part of a name and divides nothing."""
    return "%2F".join(unquote(piece) for piece in re.split("%2f", path, flags=re.IGNORECASE))


def _decodes(piece: str) -> bool:
    return "�" not in unquote(piece) and "%2f" not in piece.lower()


def _without_dots(path: str) -> str:
    if "/." not in path:
        return path
    kept: list[str] = []
    for piece in path.split("/"):
        if piece == "..":
            if len(kept) > 1:
                kept.pop()
        elif piece != ".":
            kept.append(piece)
    if path.endswith(("/.", "/..")):
        kept.append("")
    return "/".join(kept)


def _query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [pair for pair in pairs if not TRACKING.match(pair[0]) and not SESSION.match(pair[0])]
    return query if len(kept) == len(pairs) else urlencode(kept)
