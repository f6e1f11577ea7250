"""A portal: its hosts, the grammar of its addresses, and the layouts of its pages.

Nothing here reads a page or a file; a Portal is what `loading.py` makes of a TOML file, or
`Registry.generic` of a host that no file names. What the keys mean: docs/adding-a-portal.md.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal, cast
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from kontum_crawler import urls

Kind = Literal["article", "listing", "document", "requisite", "other"]
FIELDS = ("title", "lead", "body", "byline", "source", "published_at", "category", "tags")
"""Fields of a layout that are found by selectors, in the order in which they are tried."""

LONGEST_COUNT = 4
"""Digits of a number that headlines have: a year, a count; native ids of that length are few."""

DOCUMENT = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|odt|ods|rtf|zip|rar|7z)(?:\?|$)|\?(?:.*&)?download=1(?:&|$)", re.I
)
REQUISITE = re.compile(
    r"\.(?:css|js|mjs|map|png|jpe?g|jfif|gif|webp|svg|ico|bmp|tiff?|avif|woff2?|ttf|eot|mp[34]|m4[av]"
    r"|webm|ogg|wav|avi|flv|wmv|swf|m3u8)(?:\?|$)",
    re.I,
)
APART = re.compile(
    r"(?:^|/)(?:login|logon|signin|sign-in|register|logout|dang-nhap|dang-ky|dang-xuat|users?|admin"
    r"|administrator|wp-admin|wp-login|wp-json|search|tim-kiem|seek|cart|captcha|sendmail|cgi-bin)"
    r"(?:[/.?]|$)|[?&](?:replytocom|share|s|q|keyword|print|format)=",
    re.I,
)
"""Addresses that are neither article nor listing on any portal; patterns of a file go first."""
COPY = re.compile(r"\?(?:print|in|amp|mobile|view|mode|tmpl|outputtype|share|from|ref|src)=[^&]*$")
COPY_PATH = re.compile(r"^/(?:print|savefile|ban-in|in-bai|amp|mobile)(?=/)|/amp/?$")
"""Ways in which systems name the print, saved or mobile copy of an article."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One form of address, matched against the decoded path and query in NFC.

    hosts: only on these, where the form means another thing elsewhere. space: the set of numbers
    that native ids are unique in. alias: a print or saved copy of an article.
    """

    regex: re.Pattern[str]
    hosts: tuple[str, ...] = ()
    space: str = "main"
    alias: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """How a page of one time and kind is built: selectors for each field, texts to drop.

    `drop` are words that a block to be left out begins with (a source tag in brackets is cut from
    its block instead); `cut` are words at which the article part ends; `remove` are selectors.
    """

    name: str
    since: date | None = None
    until: date | None = None
    fits: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    lead: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    byline: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    published_at: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()

    def holds(self, day: date) -> bool:
        """True where the layout was in use on that day."""
        return (self.since is None or self.since <= day) and (
            self.until is None or day <= self.until
        )


@dataclass(frozen=True, slots=True)
class Address:
    """What an address says by itself; `slug` is decoded, NFC, without native id and extension."""

    kind: Kind
    slug: str | None = None
    native_id: str | None = None
    space: str = "main"
    category: str | None = None
    alias: bool = False


@dataclass(frozen=True)
class Portal:
    """One portal; `hosts[0]` is canonical, the others are mirrors.

    status: `recorded` (markup read in captures), `template` (the theme's templates are public, a
    capture of this host was not seen) or `unconfirmed` (only addresses and text are known).
    own_layouts: names of the layouts that its file states. delay: seconds between two requests.
    live: False for a portal that is closed.
    """

    key: str
    name: str
    hosts: tuple[str, ...]
    family: str | None = None
    status: str = "unconfirmed"
    base_url: str = ""
    start_urls: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    apis: tuple[str, ...] = ()
    patterns: dict[str, tuple[Pattern, ...]] = field(default_factory=dict)
    layouts: tuple[Layout, ...] = ()
    own_layouts: frozenset[str] = frozenset()
    timezone: str = "Asia/Ho_Chi_Minh"
    delay: float = 1.0
    concurrency: int = 2
    live: bool = True
    lang: str = "vi"
    unchecked_certificates: tuple[str, ...] = ()
    generic: bool = False

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of the dates that the portal prints."""
        return ZoneInfo(self.timezone)

    @property
    def other_lang(self) -> str | None:
        """The language of texts that state none, on a portal that is not Vietnamese."""
        return self.lang if self.lang != "vi" else None

    def has_host(self, host: str) -> bool:
        """True for a host of this portal, `www.` and `m.` aside."""
        return folded(host) in self._hosts

    @cached_property
    def _hosts(self) -> frozenset[str]:
        return frozenset(folded(own) for own in self.hosts)

    def kind(self, url: str) -> Kind | None:
        """What an address is by its form; None off the portal's hosts."""
        found = self.address(url)
        return found.kind if found else None

    def address(self, url: str) -> Address | None:
        """Read an address; None off the portal's hosts.

        A page that no pattern knows is a `listing` where the file names no listings (nobody can
        tell them yet) and `other` where it does.
        """
        host = urls.host(url)
        if not self.has_host(host):
            return None
        path = urls.path_and_query(_without_tracking(url))
        for candidate in (path, COPY.sub("", path), COPY_PATH.sub("", path)):
            found = self._matched(candidate, folded(host), copy=candidate != path)
            if found and (candidate == path or found.kind == "article"):
                return self._apart(found)
        return Address(self._unmatched(path))

    def _apart(self, found: Address) -> Address:
        """An article's address on an unknown site, where a short number may be none of the system.

        It may be a year or the end of a headline («…-nam-2023», «…-lan-thu-14»), which others have
        too: such a number tells articles apart only together with the slug.
        """
        if not (self.generic and found.slug and found.native_id):
            return found
        if len(found.native_id) > LONGEST_COUNT:
            return found
        return replace(found, space=f"{found.space}/{found.slug}")

    def _matched(self, path: str, host: str, *, copy: bool) -> Address | None:
        for kind in ("document", "requisite", "other", "article", "listing"):
            for pattern in self.patterns.get(kind, ()):
                if pattern.hosts and host not in pattern.hosts:
                    continue
                if match := pattern.regex.search(path):
                    return _address(kind, match, pattern, copy)
            if kind == "document" and DOCUMENT.search(path):
                return Address("document")
            if kind == "requisite" and REQUISITE.search(path):
                return Address("requisite")
        return None

    def _unmatched(self, path: str) -> Kind:
        if APART.search(path):
            return "other"
        return "other" if self.patterns.get("listing") else "listing"

    def url_key(self, url: str) -> str:
        """What all spellings of an address have in common: see `urls.key`; mirrors are one host.

        Raises ValueError for what is no http address.
        """
        return urls.key(self.canonical(url))

    def canonical(self, url: str) -> str:
        """The address on the canonical host; scheme, path and query stay.

        A port stands there where the front page has one, and of an unknown site as it is.
        """
        parts = urlsplit(urls.address(url))
        if not self.has_host(parts.hostname or ""):
            return parts.geturl()
        port = f":{parts.port}" if self.generic and parts.port else self._port
        return parts._replace(netloc=f"{self.hosts[0]}{port}").geturl()

    @cached_property
    def _port(self) -> str:
        """The port of the front page, with its colon; empty for the usual one."""
        front = urlsplit(urls.address(self.base_url)) if self.base_url else urlsplit("")
        own = bool(front.port) and folded(front.hostname or "") == folded(self.hosts[0])
        return f":{front.port}" if own else ""

    def absolute(self, reference: str) -> str:
        """A reference of the portal file as an address."""
        return urljoin(self.base_url, reference)

    def layouts_without_page(self, pages: Iterable[tuple[Path, str]]) -> list[str]:
        """Names of the layouts that no page proves; `generic` for a portal without layouts.

        A portal needs a page, and each layout of its own one; those of its family are proved by
        any portal's.

        pages: each recorded or reconstructed page of any portal with the name of the layout that
        was used on it; the folder's name is the portal's key.
        """
        used = list(pages)
        proved = {layout for page, layout in used if page.parent.name == self.key}
        wanted = [layout.name for layout in self.layouts] or ["generic"]
        if self.status == "unconfirmed" and proved:
            return []
        if proved:
            proved |= {layout for _, layout in used if layout not in self.own_layouts}
        return [name for name in wanted if name not in proved]


def folded(host: str) -> str:
    """A host in lower case without `www.` or `m.` in front."""
    return re.sub(r"^(?:www|m)\.(?=[^.]+\.)", "", host.lower())


def _without_tracking(url: str) -> str:
    """An address as it is fetched live; one that others captured may bear what tracks readers."""
    if "?" not in url and ";" not in url:
        return url
    try:
        return urls.address(url)
    except ValueError:
        return url


def _address(kind: str, match: re.Match[str], pattern: Pattern, copy: bool) -> Address:
    named = match.groupdict()
    slug = named.get("slug")
    return Address(
        kind=cast(Kind, kind),
        slug=slug or None,
        native_id=named.get("id"),
        space=pattern.space,
        category=named.get("category"),
        alias=pattern.alias or copy,
    )
