"""When an address is looked at again, by the age of what it holds and by how often that changed."""

from datetime import UTC, datetime, timedelta

STEPS = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 7 * 24, 30 * 24, 180 * 24))
AGES = (timedelta(days=1), timedelta(days=7), timedelta(days=30), timedelta(days=365))
GONE = timedelta(days=30)
DOCUMENT = timedelta(days=180)


def next_visit(now: datetime, published_at: str | None, edits: int, *, edited: bool) -> datetime:
    """The next look at an article.

    published_at: ISO 8601 moment or day; None counts as today. edits: versions after the first.
    edited: this look found an edit, so the next one comes sooner.
    """
    age = now - _moment(published_at, now)
    step = 1 + sum(1 for limit in AGES if age >= limit)
    if edited:
        step -= 1
    if edits >= 3:
        step -= 1
    return now + STEPS[max(step, 0)]


def _moment(text: str | None, now: datetime) -> datetime:
    if not text:
        return now
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return now
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
