"""The nouns: what is read from a page, and what stands behind it.

Field names are column names of the database (see docs/schema.md), so an item can be stored,
exported and compared without a second vocabulary.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Byline:
    """Who signs an article, read from one line as printed.

    All four parts empty: the line is a byline by its label but names nobody.
    """

    line: str | None = None
    authors: list[str] = field(default_factory=list)
    unit: str | None = None
    source: str | None = None
    photo_by: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Citation:
    """A legal or party document named in an article: `field[start:end] == quote`, code points."""

    field: str
    start: int
    end: int
    quote: str
    doc_type: str | None = None
    number: str | None = None
    issuer: str | None = None
    issuer_code: str | None = None
    issued_on: str | None = None


@dataclass(slots=True)
class Attachment:
    """A file that an article offers; `text_status` is ok, empty, encrypted, failed or too-big."""

    url: str
    filename: str | None = None
    media_type: str | None = None
    size: int | None = None
    payload_digest: str | None = None
    text: str | None = None
    text_status: str | None = None


@dataclass(slots=True)
class Image:
    """A picture of the article part, with its caption and the credit inside the caption."""

    url: str
    caption: str | None = None
    credit: str | None = None


@dataclass(slots=True)
class Article:
    """What one page says. What it does not state is None (or an empty list), never a guess.

    `body` is NFC text, blocks separated by one blank line. `published_at` is ISO 8601 with the
    portal's offset, or a date. `tables` are rows of cells; `marks` name repairs that the text
    needed (`nfd`, `windows-1258`, `tcvn3`, …); `rules` name, for each field, what found it.
    """

    portal: str
    slug: str
    url: str
    title: str
    native_id: str | None = None
    lead: str | None = None
    body: str = ""
    byline: str | None = None
    authors: list[str] = field(default_factory=list)
    unit: str | None = None
    source: str | None = None
    photo_by: list[str] = field(default_factory=list)
    category: str | None = None
    tags: list[str] = field(default_factory=list)
    published_at: str | None = None
    lang: str | None = None
    attachments: list[Attachment] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    tables: list[list[list[str]]] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    rules: dict[str, str] = field(default_factory=dict)

    @property
    def content_hash(self) -> str:
        """SHA-256 (hex) of title, lead and body as one run of blocks, and of the byline."""
        return content_hash(self.title, self.lead, self.body, self.byline)


@dataclass(slots=True)
class Capture:
    """One answer of a server, and where its bytes lie; a row of `captures`.

    `fetched_at` is when the portal answered, `retrieved_at` when we got it, both UTC.
    `payload_digest` is `sha256:<hex>` of the payload after transfer decoding.
    """

    url: str
    fetched_at: str
    retrieved_at: str
    status: int | None
    media_type: str | None = None
    payload_digest: str | None = None
    origin: str = "live"
    source_uri: str | None = None
    warc_file: str | None = None
    warc_offset: int | None = None
    warc_length: int | None = None
    run_id: int | None = None
    article_id: int | None = None
    content_hash: str | None = None
    revisit_of: int | None = None
    id: int | None = None


def content_hash(title: str | None, lead: str | None, body: str | None, byline: str | None) -> str:
    """SHA-256 (hex) of what readers see as the text; blanks and normal form do not count.

    Nor does where the lead ends and the body begins: they are one run of blocks.
    """
    blocks = _folded("\n".join(part for part in (title, lead, body) if part))
    return hashlib.sha256(f"{blocks}\x1f{_folded(byline or '')}".encode()).hexdigest()


def as_row(article: Article) -> dict[str, Any]:
    """The article's own columns of `articles`, in schema order, lists still lists."""
    names = (
        "portal slug native_id url title lead body byline authors unit source photo_by category"
        " tags published_at lang"
    )
    return {name: getattr(article, name) for name in names.split()}


def _folded(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()
