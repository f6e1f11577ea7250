"""Dates and times as a line prints them: the grammar, without a thought of what they mean.

Day stands before month, as everywhere in Vietnam, unless the day would be no month; words for
months are Vietnamese or English; a time joins the date that it stands right beside.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

YEARS = range(1990, 2101)
"""No portal is older, and a later year is a misprint."""

_MONTH_WORDS = {
    word: number
    for number, words in enumerate(
        (
            "một giêng january jan",
            "hai february feb",
            "ba march mar",
            "tư bốn april apr",
            "năm may",
            "sáu june jun",
            "bảy bẩy july jul",
            "tám august aug",
            "chín september sep sept",
            "mười october oct",
            "mười-một november nov",
            "mười-hai chạp december dec",
        ),
        start=1,
    )
    for word in words.split()
}
_MONTH_NAME = "mười[ ]+một|mười[ ]+hai|một|giêng|hai|ba|tư|bốn|năm|sáu|bảy|bẩy|tám|chín|mười|chạp"
_ENGLISH = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_MONTH = rf"(?:tháng\s*(?:{_MONTH_NAME}|\d{{1,2}})|th\s?\d{{1,2}}|{_ENGLISH})\b"
DATES = re.compile(
    rf"""(?<![\d/.:-])(?:
      (?P<y1>\d{{4}})\s?(?P<s1>[-/.])\s?(?P<m1>\d{{1,2}})\s?(?P=s1)\s?(?P<d1>\d{{1,2}})(?!\d)
    | (?P<d2>\d{{1,2}})\s?(?P<s2>[-/.])\s?(?P<m2>\d{{1,2}})\s?(?P=s2)\s?(?P<y2>\d{{4}}|\d\d)
      (?![\d/]|-\d)
    | (?P<d3>\d{{1,2}})[\s,-]{{1,3}}(?P<m3>{_MONTH})\.?[\s,/-]{{0,3}}(?:năm\s+)?
      (?P<y3>\d{{4}})(?!\d)
    | (?P<m4>{_MONTH})\.?\s+(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?:năm\s+)?(?P<y4>\d{{4}})(?!\d)
    )""",
    re.I | re.X,
)
LABELLED = re.compile(r"đăng|cập\s+nhật|xuất\s+bản|đưa\s+tin|posted|published|updated", re.I)
"""Words of a line that says itself that it tells when something was published."""
_NEXT_LABEL = re.compile(
    r"\s+(?=(?:tác\s+giả|người\s+(?:viết|đăng|gửi)|danh\s+mục|chuyên\s+mục|thể\s+loại|nguồn(?:\s+tin)?"
    r"|(?:số\s+)?lượt\s+(?:xem|đọc)|ngày\s+đăng|đăng\s+(?:lúc|ngày)|cập\s+nhật|author|category|posted)"
    r"\s*:)",
    re.I,
)
_TIMES = re.compile(
    r"""(?:(?<=\d)T|(?<![\d:/.]))(?P<h>\d{1,2})
    (?:\s?:\s?(?P<m>\d\d)(?:\s?:\s?(?P<s>\d\d)(?:\.\d+)?)?(?!\d|:\d)
      |\s?(?:h|g|giờ)\s?(?P<m2>\d\d)?(?:['’′]|\s?(?:phút|ph|p)\b)?(?![\d\w]))
    ['’′]?
    (?:\s?(?P<half>a\.?m\.?|p\.?m\.?|sa|ch)(?![^\W\d_]))?
    (?:\s?\(?(?:(?P<utc>Z)\b|(?:GMT|UTC)\s?(?P<gmt>[+-]\s?\d{1,2}(?::?\d\d)?)?|
       (?P<offset>[+-]\d\d:?\d\d)(?!\d))\)?)?""",
    re.I | re.X,
)
WEEKDAY = (
    r"(?:thứ\s*(?:hai|ba|tư|năm|sáu|bảy|bẩy|[2-7])|chủ\s*nhật|chúa\s*nhật|T[2-7]|CN"
    r"|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|satur|sat|sun)(?:day)?)\b\.?"
)
SEPARATORS = r"[\s,;:|()\[\]•·*»>–—-]*"
_JOINED = re.compile(
    rf"{SEPARATORS}(?:{WEEKDAY}{SEPARATORS})?(?:(?:vào\s+)?(?:lúc|hồi)|at|on|ngày)?{SEPARATORS}",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A date as printed, with the time that stands beside it; `start` and `end` in characters."""

    start: int
    end: int
    day: date
    clock: time | None
    offset: timezone | None
    words: str

    def written(self, zone: ZoneInfo) -> str:
        """ISO 8601 in the portal's zone, or the date alone."""
        if self.clock is None:
            return self.day.isoformat()
        moment = datetime.combine(self.day, self.clock, self.offset or zone)
        return moment.astimezone(zone).isoformat() if self.offset else moment.isoformat()


def is_labelled(line: str) -> bool:
    """True for a short line with a date and a word that says that it is one of publication."""
    return len(line) < 100 and bool(LABELLED.search(line) and DATES.search(line))


def labelled_pieces(line: str) -> list[str]:
    """The parts of a line of several labels («12/6/2022 Tác giả: … Danh mục: …»), labels kept."""
    pieces = re.split(r"\s*[|\n]\s*", line)
    return [part for piece in pieces for part in _NEXT_LABEL.split(piece) if part]


def stamps(line: str) -> Iterator[Stamp]:
    """Each date of the line that exists, joined with the time right before or behind it."""
    times = [match for match in _TIMES.finditer(line) if _clock(match) is not None]
    dates = [(match, day) for match in DATES.finditer(line) if (day := day_of(match)) is not None]
    spans = [match.span() for match in DATES.finditer(line)]
    times = [t for t in times if not any(a < t.end() and t.start() < b for a, b in spans)]
    used: set[int] = set()
    for match, day in dates:
        start, end = match.span()
        beside = next((t for t in times if t.start() >= end), None)
        if beside is None or not _JOINED.fullmatch(line, end, beside.start()):
            beside = next((t for t in reversed(times) if t.end() <= start), None)
            if beside and (
                beside.start() in used or not _JOINED.fullmatch(line, beside.end(), start)
            ):
                beside = None
        if beside is None:
            yield Stamp(start, end, day, None, None, match[0])
            continue
        used.add(beside.start())
        span = min(start, beside.start()), max(end, beside.end())
        yield Stamp(*span, day, _clock(beside), _offset(beside), line[slice(*span)])


def _clock(match: re.Match[str]) -> time | None:
    hour, half = int(match["h"]), (match["half"] or "").lower().replace(".", "")
    if half in ("pm", "ch") and hour < 12:
        hour += 12
    elif half in ("am", "sa") and hour == 12:
        hour = 0
    try:
        return time(hour, int(match["m"] or match["m2"] or 0), int(match["s"] or 0))
    except ValueError:
        return None


def _offset(match: re.Match[str]) -> timezone | None:
    if match["utc"]:
        return UTC
    text = (match["gmt"] or match["offset"] or "").replace(" ", "").replace(":", "")
    if not text:
        return None
    hours, minutes = int(text[1:3]), int(text[3:5] or 0)
    shift = timedelta(hours=hours, minutes=minutes)
    return timezone(shift if text[0] == "+" else -shift) if shift < timedelta(hours=24) else None


def day_of(match: re.Match[str]) -> date | None:
    """The day that a match names, day before month unless that is impossible."""
    if match["y1"]:
        return _exists(int(match["y1"]), int(match["m1"]), int(match["d1"]))
    if match["d2"]:
        day, month, year = int(match["d2"]), int(match["m2"]), int(match["y2"])
        if len(match["y2"]) == 2:
            return _short_year(day, month, year)
        return _exists(year, month, day) if month < 13 else _exists(year, day, month)
    form = "3" if match["d3"] else "4"
    return _exists(int(match["y" + form]), _month(match["m" + form]), int(match["d" + form]))


def _month(words: str) -> int:
    if number := re.search(r"\d+", words):
        return int(number[0])
    name = re.sub(r"tháng\s*", "", words.lower())
    return _MONTH_WORDS[re.sub(r"\s+", "-", name)]


def _short_year(first: int, second: int, third: int) -> date | None:
    """A date with a year of two digits, if only one order of day, month and year makes sense."""
    orders = {(third, second, first), (third, first, second), (first, second, third)}
    days = {_exists(_century(year), month, day) for year, month, day in orders} - {None}
    return days.pop() if len(days) == 1 else None


def _century(year: int) -> int:
    return year + (1900 if year >= YEARS.start - 1900 else 2000)


def _exists(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year in YEARS else None
    except ValueError:
        return None
