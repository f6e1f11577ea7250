"""The days of the sample portal: which moment it is on day 1, and on the days after it."""

from datetime import datetime, timedelta, timezone

ZONE = timezone(timedelta(hours=7))
DAY_ONE = datetime(2025, 6, 23, 7, 30, tzinfo=ZONE)
WEEKDAYS = ("hai", "ba", "tư", "năm", "sáu", "bảy")


def morning(day: int) -> datetime:
    """The moment at which a day of the portal begins, Vietnamese time."""
    return DAY_ONE + timedelta(days=day - 1)


def weekday(moment: datetime) -> str:
    """The name of the day of the week."""
    return "Chủ nhật" if moment.weekday() == 6 else f"Thứ {WEEKDAYS[moment.weekday()]}"


def clock(moment: datetime) -> str:
    """The clock in the banner, which is never the date of an article."""
    return f"{weekday(moment)}, ngày {moment.day} tháng {moment.month} năm {moment.year}"


def printed(moment: datetime) -> str:
    """The date of publication as the page prints it: two blanks before the time."""
    return f"{moment:%d/%m/%Y}  {moment:%H:%M}"


def lastmod(moment: datetime) -> str:
    """ISO 8601 with offset, to the second."""
    return moment.isoformat(timespec="seconds")
