"""Which moment an article says it was published.

Portals print the date of publication, the clock of the visit and dates of events in the same
words; only the first is wanted. A line is searched for stamps (a date, with a time beside it), and
what stands before and behind a stamp decides: a label, a byline or nothing in front makes it one of
publication, a bare weekday the page's clock, a running sentence a date in the text. When in doubt
the answer is None. Rules: docs/bylines-dates-citations.md, tested with tests/data/dates.json.
"""

import re
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from kontum_crawler.extract.stamps import SEPARATORS, WEEKDAY, YEARS, Stamp, stamps
from kontum_crawler.text import clean

LONGEST_LINE = 400

_LEAD = re.compile(
    rf"(?:(?<!\w)(?P<weekday>{WEEKDAY}))?(?:{SEPARATORS}(?:ngày|(?:vào\s+)?lúc|hồi|on|at|date)\b)*"
    rf"{SEPARATORS}\Z",
    re.I,
)
_POSTED = (
    r"(?:(?:ngày|thời\s+gian|thời\s+điểm|giờ)\s+)?(?:(?:đã|được)\s+)?"
    r"(?:đăng(?:\s+tải)?|xuất\s+bản|đưa(?:\s+tin|\s+lên)|gửi|viết|tạo|post(?:ed)?|publish(?:ed)?"
    r"|created)(?:\s+(?:bài|tin|bởi\s*:?(?:\s+[\w.]+){1,5}))*"
)
_UPDATED = r"(?:(?:ngày|lần|thời\s+gian)\s+)?(?:cập\s+nhật|last\s+updated|updated|chỉnh\s+sửa)"
_LABEL = re.compile(
    rf"(?:^|[|•·(\[;,–—-]\s*|\s(?=[A-ZĐ]))(?:(?P<posted>{_POSTED})|(?P<updated>{_UPDATED}))"
    r"(?:\s+(?:lần\s+cuối|cuối|mới\s+nhất|gần\s+nhất))?(?:\s+(?:vào|ngày|lúc))*\s*[:\-–]?\s*\Z",
    re.I,
)
_NO_LABEL = re.compile(
    r"ban\s+hành|hiệu\s+lực|hết\s+hạn|\bhạn\b|khai\s+mạc|diễn\s+ra|tổ\s+chức|\bsinh\b|\bmất\b"
    r"|sự\s+kiện|hôm\s+nay|bây\s+giờ|hiện\s+tại|truy\s+cập|\bin\s+(?:lúc|ngày)|ngày\s+in\b|họp"
    r"|thời\s+gian\s*:?\Z|bắt\s+đầu|kết\s+thúc|áp\s+dụng|ký\b|today|accessed|số\s+ký\s+hiệu"
    r"|\b(?:từ|đến|tới|trước|sau|tính)\b",
    re.I,
)
_PART_OF_DAY = re.compile(
    r"(?:vào|trong|từ|đến|tới|tính|hồi|khoảng|rạng|sáng|trưa|chiều|tối|đêm|hôm|nhân|đúng|trước"
    r"|sau|theo|tại|qua|dịp|cuối|đầu)\b",
    re.I,
)
_FOOT = re.compile(
    r"[\d.,]*\s*(?:lượt|views?\b|đã\s+xem|xem\b|bình\s+luận|comments?|phản\s+hồi|in\b|gửi\b|cỡ\s+chữ"
    r"|mặc\s+định|a[-+]|chia\s+sẻ|theo\s+dõi|đọc\b|nghe\b|google|facebook|like|print|giờ\b|phút\b"
    r"|(?:by|bởi)\s|\(|[\d.,]+\Z)",
    re.I,
)
_SIGNED = re.compile(
    r"(?:(?:được\s+)?(?:đăng|viết|gửi)\s+)?(?:bởi|by)\s*(?::\s*|\s)"
    r"|(?:tác\s+giả|người\s+(?:đăng|viết|gửi))\s*:\s*",
    re.I,
)
_EDGES = " \t\n-–—•·*»>|,:(["


_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/\d{4}\b.*[AP]M\Z", re.I | re.S)


def published_at(line: str, zone: ZoneInfo) -> str | None:
    """Read the publication date of one line as printed on a page.

    line: NFC; weekday, «Ngày», «Cập nhật» and separators may come in any order.
    zone: the portal's; its offset on that very day is written.

    Returns ISO 8601: `2021-11-17T18:22:00+07:00`, or `2021-11-17` where no time is printed.
    Returns None for a page clock, a year alone, relative times, a date inside a sentence, two
    different dates, or a day that does not exist; never a guess.
    """
    line = clean(line).strip()
    if len(line) > LONGEST_LINE:
        return None
    found_stamps = list(stamps(line))
    found: dict[str, list[str]] = {"posted": [], "plain": [], "updated": []}
    for number, stamp in enumerate(found_stamps):
        before = line[found_stamps[number - 1].end if number else 0 : stamp.start]
        after = line[
            stamp.end : found_stamps[number + 1].start if number + 1 < len(found_stamps) else None
        ]
        role = _role(stamp, before, after, first=number == 0, last=number + 1 == len(found_stamps))
        if role is None:
            return None
        found[role].append(stamp.written(zone))
    for values in found.values():
        if values:
            return _agreed(values)
    return None


def machine_date(text: str, zone: ZoneInfo) -> str | None:
    """Read a date written for programs: `meta`, JSON-LD, `time[datetime]`, RSS.

    ISO 8601 with or without time and offset, RFC 2822, and NukeViet's misshapen
    `2024-05-09+0708:30:00`. The moment is written with the portal's offset; without one in the
    text it is taken for the portal's. Returns None where the order of day and month is open.
    """
    text = clean(text).strip()
    if match := re.match(r"(\d{4}-\d\d-\d\d)([+-]\d\d)(?::?(\d\d))??(\d\d:\d\d(?::\d\d)?)\Z", text):
        text = f"{match[1]}T{match[4]}{match[2]}:{match[3] or '00'}"
    moment = _iso(text) or _rfc2822(text)
    if isinstance(moment, datetime):
        moment = moment.replace(microsecond=0)
        moment = moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)
    if moment is not None:
        return moment.isoformat() if moment.year in YEARS else None
    match = _AMERICAN.match(text)
    if match and int(match[1]) < 13 and int(match[2]) < 13 and match[1] != match[2]:
        return None
    return published_at(text, zone)


def _iso(text: str) -> datetime | date | None:
    try:
        if re.fullmatch(r"\d{4}-?\d\d-?\d\d", text):
            return date.fromisoformat(text)
        return datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None


def _rfc2822(text: str) -> datetime | None:
    if not re.match(r"(?:[A-Za-z]{3},\s*)?\d{1,2} [A-Za-z]{3} \d{4}", text):
        return None
    try:
        return parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None


def _agreed(values: list[str]) -> str | None:
    """The one moment that all values name; a value with a time is the fuller form of its date."""
    longest = max(values, key=len)
    return longest if all(longest.startswith(value) for value in values) else None


def _role(stamp: Stamp, before: str, after: str, *, first: bool, last: bool) -> str | None:
    """What the words around a stamp make of it: `posted`, `updated`, `plain`; None for no stamp."""
    lead = _LEAD.search(before)
    assert lead is not None  # it matches the empty end
    head = before[: lead.start()].strip(_EDGES)
    label = _LABEL.search(before[: lead.start()].rstrip())
    if last and not _may_follow(stamp, after, labelled=bool(label)):
        return None
    if label:
        return "posted" if label["posted"] else "updated"
    if lead["weekday"] and stamp.clock is None and not _is_blog_date(stamp, lead[0]):
        return None
    if not head:
        return "plain"
    return "plain" if first and _may_precede(stamp, head, before, lead[0]) else None


def _is_blog_date(stamp: Stamp, lead: str) -> bool:
    """«Chủ Nhật, 3 tháng 3, 2013»: the only form with a weekday alone that is no page clock."""
    words = stamp.words.lower()
    return "tháng" in words and not re.search(r"năm\s+\d", words) and "ngày" not in lead.lower()


def _may_precede(stamp: Stamp, head: str, before: str, lead: str) -> bool:
    """True where the words in front are a category, a byline, a label or a place, no sentence."""
    words = re.findall(r"[^\W\d_][\w'’.]*", head)
    if len(words) > 8 or _NO_LABEL.search(head) or re.search(r"\w{3}[.!?]\s", head):
        return False
    end = before[: len(before) - len(lead)].rstrip() + lead
    if re.search(r"[|•·]", lead) or (stamp.clock and re.search(r"\s[–—-]\s*\Z", end)):
        return True
    if _PART_OF_DAY.match(head):
        return False
    if ":" in lead and len(words) <= 5 and head[0].isupper():
        return True
    if signed := _SIGNED.match(head):
        return all(word[0].isupper() for word in words[len(signed[0].split()) :])
    if not all(word[0].isupper() for word in words):
        return False
    if "ngày" in lead.lower():
        return lead.lstrip().startswith(",") and len(words) <= 4
    return len(words) > 1 and not lead.lstrip().startswith(",")


def _may_follow(stamp: Stamp, after: str, *, labelled: bool) -> bool:
    """True where nothing behind the stamp reads like the rest of a sentence."""
    rest = after.strip(_EDGES + "'’)].;/")
    if not rest or _FOOT.match(rest):
        return True
    if after[0].isalnum():
        return stamp.clock is not None and after[0].isupper()
    words = rest.split()
    apart = re.match(r"\s*[|•·]|\s+[–—-]\s|\s*\(", after)
    if apart:
        return stamp.clock is not None or labelled or len(words) <= 6
    if not rest[0].isupper() or after.startswith(","):
        return False
    return (labelled or stamp.clock is not None) and len(words) <= 8
