"""The one place where times are read, written and compared.

Times of the archive are UTC with a `Z` and whole seconds, as WARC-Date is; only `published_at` has
the portal's own offset.
"""

from datetime import UTC, datetime, timedelta


def now() -> datetime:
    """The present moment in UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def utc(moment: datetime) -> str:
    """Write a moment as `2026-01-31T02:03:04Z`; a moment without a zone is taken for UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_utc(text: str) -> datetime:
    """Read `2026-01-31T02:03:04Z`, with or without a fraction or another offset.

    Raises ValueError for anything else. Source: WARC/1.1 clause 5.4, W3C-DTF.
    """
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def stamp14(moment: datetime) -> str:
    """Write a moment as the 14 digits of CDX lines and replay addresses."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def parse_stamp14(digits: str) -> datetime:
    """Read the 14 digits of a CDX line. Raises ValueError for a day that does not exist."""
    if len(digits) != 14 or not digits.isascii() or not digits.isdigit():
        raise ValueError(f"not 14 digits: {digits!r}")
    return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def later(moment: str, seconds: int) -> str:
    """The UTC text `seconds` after a UTC text."""
    return utc(parse_utc(moment) + timedelta(seconds=seconds))
