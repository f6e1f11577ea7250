"""What the portal answers, before it goes on the wire."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime


@dataclass(slots=True)
class Answer:
    """Status, body and what a cache may know of it.

    `stamp` identifies the content that a reader sees, counters and clocks aside; None: the answer
    has no validators.
    """

    status: int = 200
    body: bytes = b""
    media_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    stamp: str | None = None
    modified: datetime | None = None

    @property
    def etag(self) -> str | None:
        """A weak validator: the bytes differ by a counter while the content is the same."""
        if self.stamp is None:
            return None
        return f'W/"{hashlib.sha256(self.stamp.encode()).hexdigest()[:16]}"'

    @property
    def last_modified(self) -> str | None:
        """The moment of the last change as an HTTP date."""
        return (
            format_datetime(self.modified.astimezone(UTC), usegmt=True) if self.modified else None
        )

    def known_to(self, headers: "dict[str, str]") -> bool:
        """Whether a conditional request already holds this content (RFC 9110 13.2.2)."""
        if self.status != 200 or not self.stamp:
            return False
        asked = headers.get("if-none-match")
        if asked is not None:
            tags = {tag.strip().removeprefix("W/") for tag in asked.split(",")}
            return "*" in tags or (self.etag or "").removeprefix("W/") in tags
        since = headers.get("if-modified-since")
        return bool(since and self.modified and _not_after(self.modified, since))


def page(html: str, stamp: str | None = None, modified: datetime | None = None) -> Answer:
    """An HTML page in UTF-8."""
    return Answer(body=html.encode(), stamp=stamp, modified=modified)


def redirect(target: str, status: int = 302) -> Answer:
    """A redirect with the short body that such servers send."""
    body = (
        "<html><head><title>Object moved</title></head><body>"
        f'<h2>Object moved to <a href="{target}">here</a>.</h2></body></html>'
    )
    return Answer(status, body.encode(), headers={"Location": target})


def _not_after(moment: datetime, http_date: str) -> bool:
    try:
        return moment.replace(microsecond=0) <= parsedate_to_datetime(http_date)
    except (TypeError, ValueError):
        return False
