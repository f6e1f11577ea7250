"""Lists of captures as web archives print them, in whichever dialect they come.

The dialect is told from the answer: `[` is the Wayback server's JSON, `{` one JSON object a line,
`<` a page in place of a list; otherwise lines of CDX (seven or eleven fields) or CDXJ (a key, a
time and an object). A line that cannot be read is counted and passed over. Sources: the README of
the Wayback CDX server; the manual of pywb's CDXJ API; https://commoncrawl.org/cdxj-index
"""

import io
import json
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from kontum_crawler.warc.digests import canonical, parse
from kontum_crawler.warc.surt import surt

NAMES = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
EMPTY_DIGEST = "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"
"""SHA-1 of nothing: typical of redirects; two of them are not the same answer."""
ROW = re.compile(r'\[\s*"(?:[^"\\]|\\.)*"(?:\s*,\s*"(?:[^"\\]|\\.)*")*\s*\]')
DEFAULT_PORT = re.compile(r"^(http)://([^/?#]+):80(?=[/?#]|$)|^(https)://([^/?#]+):443(?=[/?#]|$)")
KEY = re.compile(r"^[^{\s]\S*(?: \S+)?$")
"""A resumption key on its line: opaque; some servers print its blank unencoded."""
SHA1 = re.compile(r"[A-Z2-7]{32}")
STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)", re.A)
NUMBER = re.compile(r"\d{1,18}", re.A)
LARGEST_NUMBER = 10**18
REVISIT = "warc/revisit"
FAILED = re.compile(r"(?:[a-z]\w*\.)+\w*(?:Exception|Error)\b")
"""How a line begins that a Java server prints where it fails, in the middle of a list too."""
GZIP = b"\x1f\x8b"
LARGEST = 512_000_000
"""Bytes of a list at most, unpacked."""
AT_ONCE = 1000
"""Lines that are handed on together."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A capture that an archive says it has.

    stamp: 14 digits, UTC. status: None where the list does not know it, as for revisits. digest: in
    our spelling; None without one. length: bytes of the record in the archive's own file, None
    where unknown. filename, offset: where that record lies, where the list says so.
    """

    key: str
    stamp: str
    url: str
    media_type: str | None = None
    status: int | None = None
    digest: str | None = None
    length: int | None = None
    filename: str | None = None
    offset: int | None = None
    truncated: str | None = None

    @property
    def is_revisit(self) -> bool:
        """Whether the record only refers to another one."""
        return self.media_type == REVISIT


@dataclass(slots=True)
class Page:
    """One page of a list as read.

    key: where the next page begins, as printed, for lists that say so. dialect: `wayback`, `cdxj`
    or `none` (nothing was listed). bad: lines that could not be read, the first one in `example`.
    fault: why this is no list at all, or breaks off. count, last: how many lines it has, and the
    last of them; `lines` has them all only where nobody took them while they were read.
    """

    lines: list[Listed] = field(default_factory=list)
    count: int = 0
    last: Listed | None = None
    taker: "Taker | None" = field(default=None, repr=False)
    key: str | None = None
    dialect: str = "none"
    bad: int = 0
    example: str = ""
    fault: str | None = None
    _words: dict[str, str] = field(default_factory=dict, repr=False)

    def once(self, word: str) -> str:
        """The same text as one object: addresses and types recur on every other line."""
        return self._words.setdefault(word, word)

    def add(self, line: Listed) -> None:
        """Put in a line; hand on those that there are, where somebody takes them and it is time."""
        self.count += 1
        self.last = line
        self.lines.append(line)
        if self.taker is not None and len(self.lines) >= AT_ONCE:
            self.hand_on()

    def hand_on(self) -> None:
        """Give what was read since the last time to whoever takes it."""
        if self.taker is not None and self.lines:
            self.taker(self.lines)
            self.lines = []
            self._words.clear()

    def pass_over(self, line: str) -> None:
        """Count a line that cannot be read."""
        self.bad += 1
        self.example = self.example or line[:200]


Taker = Callable[[list[Listed]], None]


def read_page(body: bytes, taker: Taker | None = None) -> Page:
    """Read one page of a list; never raises for what a server may send.

    taker: is given the lines while they are read, some at a time, so that a long list is never in
    memory as a whole.
    """
    start = body[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    page = Page(taker=taker)
    if start == b"<":
        page.fault = "the answer is a page, not a list"
    elif start == b"[":
        _read_arrays(body.decode("utf-8-sig", "replace"), page)
    elif start:
        _read_lines(body, page)
    if page.bad and not page.count and page.fault is None:
        page.fault = f"the answer is no list («{page.example}»)"
    page.hand_on()
    return page


def unpacked(payload: bytes) -> bytes:
    """A list as it was sent, its gzip undone as far as it came; empty where nothing can be read."""
    if not payload.startswith(GZIP):
        return payload
    try:
        return zlib.decompressobj(31).decompress(payload, LARGEST)
    except zlib.error:
        return b""


def message_of(body: bytes) -> str | None:
    """What a server says in place of a list, as `{"message": …}` or `{"error": …}`."""
    try:
        said = json.loads(body)
    except ValueError:
        return None
    if not isinstance(said, dict) or "timestamp" in said:
        return None
    told = said.get("message") or said.get("error")
    return str(told) if told else None


def plain_url(url: str) -> str:
    """An address as listed, without the default port that old lists print."""
    return DEFAULT_PORT.sub(lambda found: f"{found[1] or found[3]}://{found[2] or found[4]}", url)


def _read_arrays(text: str, page: Page) -> None:
    """Rows as arrays, the first one naming the columns; a broken end leaves the rows before it."""
    page.dialect = "wayback"
    try:
        rows = json.loads(text)
        if not isinstance(rows, list):
            raise ValueError("no array")
    except ValueError:
        page.fault = "the list breaks off"
        rows = [json.loads(found[0]) for found in ROW.finditer(text.lstrip()[1:])]
    names: list[str] = list(NAMES)
    for row in rows:
        if not isinstance(row, list):
            page.pass_over(str(row))
        elif "timestamp" in row and ("original" in row or "url" in row):
            names = [str(name) for name in row]
        elif len(row) == 1:
            page.key = str(row[0])
        elif row:
            _add(page, dict(zip(names, row, strict=False)), " ".join(map(str, row)))


def _read_lines(body: bytes, page: Page) -> None:
    blank = False
    # Line by line, so that a long list is not in memory three times.
    for raw in io.BytesIO(body):
        line = raw.decode("utf-8-sig", "replace").rstrip("\r\n")
        if not line.strip():
            blank = True
            continue
        if line.startswith((" CDX", "!")):
            continue
        if FAILED.match(line):
            page.fault = f"the list breaks off («{line[:200]}»)"
            return
        if page.key is not None:
            # Nothing follows a key.
            page.pass_over(page.key)
            page.key = None
        if blank and KEY.match(line):
            page.key = line
            continue
        blank = False
        values, dialect = _values(line)
        if values is None:
            page.pass_over(line)
        else:
            page.dialect = dialect
            _add(page, values, line)


def _values(line: str) -> tuple[dict[str, Any] | None, str]:
    """The fields of one line and its dialect; None for a line that is neither CDX nor CDXJ."""
    if line.startswith("{"):
        return _object(line), "cdxj"
    key, _, rest = line.partition(" ")
    stamp, _, rest = rest.partition(" ")
    if rest.startswith("{"):
        values = _object(rest)
        return (None if values is None else {"urlkey": key, "timestamp": stamp} | values), "cdxj"
    parts = line.split(" ")
    if len(parts) < len(NAMES):
        return None, "wayback"
    values = dict(zip(NAMES, parts, strict=False))
    if len(parts) >= 11:
        values |= {"length": parts[8], "offset": parts[9], "filename": parts[10]}
    return values, "wayback"


def _object(text: str) -> dict[str, Any] | None:
    try:
        values = json.loads(text)
    except ValueError:
        return None
    return values if isinstance(values, dict) else None


def _add(page: Page, values: dict[str, Any], line: str) -> None:
    listed = _listed(values, page.once)
    if listed is None:
        page.pass_over(line)
    else:
        page.add(listed)


def _listed(values: dict[str, Any], once: Callable[[str], str]) -> Listed | None:
    """A line by the names of either dialect; None without a time or an address."""
    url = str(values.get("original") or values.get("url") or "")
    stamp = str(values.get("timestamp") or "")
    if not url or not _is_time(stamp):
        return None
    return Listed(
        key=once(str(values.get("urlkey") or "") or surt(url)),
        stamp=stamp,
        url=once(plain_url(url)),
        media_type=once(_word(values.get("mimetype") or values.get("mime")) or "") or None,
        status=_number(values.get("statuscode") or values.get("status")),
        digest=digest_of(values.get("digest")),
        length=_number(values.get("length")),
        filename=once(_word(values.get("filename")) or "") or None,
        offset=_number(values.get("offset")),
        truncated=_word(values.get("truncated")),
    )


def digest_of(claim: Any) -> str | None:
    """A digest as listed in our spelling; None where the list has none, or one nobody can read."""
    if isinstance(claim, str) and SHA1.fullmatch(claim):
        return f"sha1:{claim}"
    return canonical(str(claim)) if claim and parse(str(claim)) is not None else None


def _is_time(stamp: str) -> bool:
    match = STAMP.fullmatch(stamp)
    if match is None:
        return False
    try:
        datetime(*map(int, match.groups()), tzinfo=UTC)  # type: ignore[misc, arg-type]
    except ValueError:
        return False
    return True


def _word(value: Any) -> str | None:
    return None if value in (None, "", "-") else str(value)


def _number(value: Any) -> int | None:
    """A number that a list says; None for any other text, and for what no file can have."""
    if isinstance(value, int):
        return value if 0 <= value < LARGEST_NUMBER else None
    text = str(value)
    return int(text) if NUMBER.fullmatch(text) else None
