"""The interface in Vietnamese and English, and dates as its readers write them."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files

LANGUAGES = ("vi", "en")
COOKIE = "kontum_lang"
WEEKDAYS = {
    "vi": ["Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật"],
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
}
MONTHS = "January February March April May June July August September October November December"


@cache
def words(language: str) -> Mapping[str, str]:
    """The sentences of the interface in one language, by their name in `words.toml`."""
    table = tomllib.loads((files(__package__) / "words.toml").read_text("utf-8"))
    return {name: texts[language] for name, texts in table.items()}


def choose(asked: str | None, cookie: str | None, accepted: str | None) -> str:
    """The language of a reader: what was asked for, else the cookie, else the browser's list.

    accepted: the header Accept-Language. Vietnamese where nothing says otherwise.
    """
    for choice in (asked, cookie):
        if choice in LANGUAGES:
            return choice
    ranked: list[tuple[float, int, str]] = []
    for part in (accepted or "").split(",")[:20]:
        match = re.fullmatch(r"\s*([A-Za-z]{1,8})(?:-[\w-]+)?\s*(?:;\s*q=([01](?:\.\d+)?))?", part)
        if match and match[1].lower() in LANGUAGES and float(match[2] or 1) > 0:
            ranked.append((-float(match[2] or 1), len(ranked), match[1].lower()))
    return min(ranked)[2] if ranked else "vi"


def written_date(moment: str | None, language: str) -> str:
    """A date or time of the archive as readers of that language write it.

    moment: `2024-05-09`, `2024-05-09T08:30:00+07:00` or UTC with a `Z`, which is said.
    """
    if not moment:
        return ""
    try:
        day = date.fromisoformat(moment[:10])
        time = datetime.fromisoformat(moment).strftime("%H:%M") if "T" in moment else ""
    except ValueError:
        return moment
    zone = " UTC" if moment.endswith("Z") else ""
    if language == "vi":
        written = f"{WEEKDAYS['vi'][day.weekday()]}, {day.day:02}/{day.month:02}/{day.year}"
        return f"{written} {time}{zone}".strip()
    written = f"{WEEKDAYS['en'][day.weekday()]}, {day.day} {MONTHS.split()[day.month - 1]}"
    return f"{written} {day.year}{', ' + time if time else ''}{zone}"


def written_short(moment: str | None, language: str) -> str:
    """The same without the day of the week, for tables."""
    written = written_date(moment, language)
    return written.partition(", ")[2] or written


def written_month(month: str, language: str) -> str:
    """`2024-05` as `tháng 5/2024` or `May 2024`."""
    year, number = month[:4], int(month[5:7])
    return f"tháng {number}/{year}" if language == "vi" else f"{MONTHS.split()[number - 1]} {year}"


def written_number(value: int | None, language: str) -> str:
    """A count with the thousands mark of the language."""
    if value is None:
        return ""
    text = f"{value:,}"
    return text.replace(",", ".") if language == "vi" else text
