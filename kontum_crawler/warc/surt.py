"""The key by which web archives sort and compare addresses.

`http://www.kkt.kontum.gov.vn/Tin/?b=2&a=1` gives `vn,gov,kontum,kkt)/tin?a=1&b=2`: the host turned
round, without `www.`, all in lower case, arguments sorted, session ids gone. What counts is that
other tools arrive at the same key; tests/warc/test_surt.py compares with theirs.
"""

import contextlib
import re
from urllib.parse import quote_from_bytes, unquote_to_bytes

UNESCAPED = "!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"
PARTS = re.compile(
    rb"^(?P<scheme>[a-z][a-z0-9+.\-]*):/*(?P<site>[^/?#]*)(?P<rest>.*)$", re.I | re.S
)
WWW = re.compile(rb"^www\d*\.")
PORTS = {b"http": b"80", b"https": b"443"}
PATH_SESSIONS = (
    re.compile(rb"^(.*/)\((?:[a-z]\([0-9a-z]{24}\))+\)/([^?]+\.aspx.*)$", re.I),
    re.compile(rb"^(.*/)\([0-9a-z]{24}\)/([^?]+\.aspx.*)$", re.I),
)
QUERY_SESSIONS = tuple(
    re.compile(rb"^(.*)" + name + rb"(?:&(.*))?$", re.I)
    for name in (
        rb"jsessionid=[0-9a-z]{32}",
        rb"phpsessid=[0-9a-z]{32}",
        rb"sid=[0-9a-z]{32}",
        rb"aspsessionid[a-z]{8}=[a-z]{24}",
        rb"cfid=[^&]+&cftoken=[^&]+",
    )
)


def surt(url: str) -> str:
    """The key of an http or https address; any other address is its own key."""
    match = PARTS.match(re.sub(rb"[\r\n\t]", b"", url.strip().encode()))
    if match is None or match["scheme"].lower() not in PORTS:
        return url
    path, _, query = match["rest"].split(b"#")[0].partition(b"?")
    key = f"{_host(match['site'], match['scheme'].lower())}){_path(path)}"
    sorted_query = _query(query)
    return f"{key}?{sorted_query}" if sorted_query else key


def _host(site: bytes, scheme: bytes) -> str:
    host, _, port = site.rpartition(b"@")[2].partition(b":")
    host = _unescaped(host)
    if not host.isascii():
        with contextlib.suppress(UnicodeError):
            host = host.decode("utf-8", "ignore").encode("idna")
    host = host.replace(b"..", b".").strip(b".").lower()
    labels = WWW.sub(b"", _escaped(host).encode()).split(b".")
    turned = b",".join(reversed(labels)).decode()
    return turned if not port or port == PORTS[scheme] else f"{turned}:{port.decode()}"


def _path(path: bytes) -> str:
    kept: list[bytes] = []
    pieces = _unescaped(path).split(b"/")[1:]
    for piece in pieces:
        if piece == b".." and kept:
            kept.pop()
        elif piece != b".":
            kept.append(piece)
    kept = [piece for at, piece in enumerate(kept) if piece or at == len(kept) - 1]
    lower = _escaped(b"/" + b"/".join(kept)).lower().encode()
    for session in PATH_SESSIONS:
        lower = session.sub(rb"\1\2", lower)
    return (lower[:-1] if lower.endswith(b"/") and len(lower) > 1 else lower).decode()


def _query(query: bytes) -> str:
    text = _escaped(_unescaped(query)).encode()
    for session in QUERY_SESSIONS:
        text = session.sub(lambda match: match[1] + (match[2] or b""), text)
    pairs = sorted(pair.split(b"=", 1) for pair in text.lower().split(b"&"))
    return b"&".join(b"=".join(pair) for pair in pairs).decode()


def _unescaped(text: bytes) -> bytes:
    """Percent-decoded until nothing is left to decode."""
    while (plain := unquote_to_bytes(text)) != text:
        text = plain
    return text


def _escaped(text: bytes) -> str:
    return quote_from_bytes(text, safe=UNESCAPED)
