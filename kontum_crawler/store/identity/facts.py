"""What identity is folded from, and what it is folded into.

An observation is what one capture says about an article; an account is what all of them together
say: one row of `articles` with everything that hangs on it.
"""

from dataclasses import dataclass, field
from typing import Any

GOOD = "article"
GONE = "gone"
SOFT_GONE = "soft-gone"
REDIRECT = "redirect"
KINDS = (GONE, SOFT_GONE, REDIRECT, GOOD)
"""Kinds of observations; copies of one second and one address are taken in this order."""


@dataclass(slots=True)
class Observation:
    """What one capture said about an article.

    kind: one of `KINDS`. run_key: the run, or the day of a foreign capture. url_key tells hosts
    apart, page_key folds mirrors. slug: of the URL, or made from the title (`from_title`).
    target_page: page_key of a redirect's target on the same portal. alias: a print or saved copy.
    extract: digest of what the page said. warc_file, warc_offset: of the capture's record; live: we
    fetched it, so the records stand in the order of fetching. said: what the page said, where it
    was just read; `extract_id` names it anyway.
    """

    portal: str
    kind: str
    fetched_at: str
    run_key: str
    url: str
    url_key: str
    page_key: str
    canonical_url: str
    slug: str | None = None
    from_title: bool = False
    native_id: str | None = None
    space: str | None = None
    alias: bool = False
    target_page: str | None = None
    permanent: bool = False
    content_hash: str | None = None
    category: str | None = None
    extract: str | None = None
    extract_id: int | None = None
    warc_file: str | None = None
    warc_offset: int | None = None
    live: bool = False
    id: int = 0
    capture_id: int = 0
    article_id: int | None = None
    tombstone_id: int | None = None
    said: dict[str, Any] | None = field(default=None, repr=False, compare=False)

    @property
    def native_key(self) -> tuple[str, str] | None:
        """Id space and native id; None without one."""
        return None if self.native_id is None else (self.space or "", self.native_id)

    @property
    def owns(self) -> bool:
        """Whether the address answered with the article itself, not with a copy for the printer."""
        return self.kind == GOOD and not self.alias


@dataclass(frozen=True, slots=True)
class SeenUrl:
    """An address of an article, and between which captures it was seen there."""

    url: str
    first_seen_at: str
    last_seen_at: str


@dataclass(frozen=True, slots=True)
class Version:
    """One state of an article's text; `shown` is the oldest observation of it."""

    number: int
    shown: Observation


@dataclass(slots=True)
class Account:
    """One article as its observations show it; texts are those of the extracts named here.

    newest: gives native id, category and address. current: gives text, date, tags and the rest.
    members: every observation that belongs to it, redirects and proofs of absence too.
    """

    slug: str
    newest: Observation
    current: Observation
    versions: list[Version]
    urls: list[SeenUrl]
    first_seen_at: str
    last_seen_at: str
    gone_at: str | None
    members: list[Observation] = field(default_factory=list)


def order(seen: Observation) -> tuple[object, ...]:
    """Where an observation stands in time.

    Of one second, the smaller native id goes first, then the smaller address; what we fetched there
    ourselves goes in the order of fetching, behind copies, whose order nobody knows.
    """
    at = (seen.fetched_at, number_order(seen.native_id), seen.url, seen.live)
    said = (
        KINDS.index(seen.kind),
        seen.content_hash or "",
        seen.extract or "",
        seen.target_page or "",
        seen.run_key,
    )
    record = (seen.warc_file or "", seen.warc_offset or 0)
    return (*at, *record, *said) if seen.live else (*at, *said, *record)


def number_order(native_id: str | None) -> tuple[int, int, str]:
    """Native ids as numbers, then those that are none, then no id at all."""
    if native_id is None:
        return (2, 0, "")
    if native_id.isascii() and native_id.isdigit():
        digits = native_id.lstrip("0")
        return (0, len(digits), digits)
    return (1, 0, native_id)


def slug_key(slug: str) -> str:
    """What a slug and the names of its twins (`<slug>~<id>`) have in common."""
    return slug.partition("~")[0]
