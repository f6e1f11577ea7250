"""Words at which the article part of a page ends, and lines of the page's own machinery."""

import re

from kontum_crawler.extract.furniture import END_CUE, FURNITURE_LINE

_FOOT = re.compile(
    r"^\W{0,3}(?:top\s+page|từ\s+kh(?:óa|oá)\s*:|tags?\s*:|bài\s+viết\s+liên\s+quan\s*:"
    r"|chuyên\s+mục\s+khác\b.{0,40}$|email\s+của\s+bạn\s+sẽ"
    r"|(?:các\s+)?(?:tin|bài)(?:\s+(?:tức|bài|viết))?\s+(?:khác|đã\s+đưa|(?:cũ|mới)(?:\s+hơn)?"
    r"|cùng\s+chuyên\s+mục)\s*[:.…»>]*$"
    r"|link\s+nội\s+dung\s*:|tổng\s+số\s+điểm\s+của\s+bài\s+viết"
    r"|url\s+của\s+bản\s+tin|ý\s+kiến\s+bạn\s+đọc|bản\s+quyền\s+thuộc|cơ\s+quan\s+chủ\s+quản\s*:"
    r"|người\s+chịu\s+trách\s+nhiệm\b[^.]{0,60}:|giấy\s+phép\s+(?:số\b[^.;]{0,80}$|thiết\s+lập))",
    re.I,
)
_REPLY = re.compile(r"\W{0,3}trả\s+lời(?:\s+hủy)?\s*", re.I)
_COUNTER = re.compile(
    r"^\W{0,3}(?:(?:số\s+)?lượt\s+(?:xem|đọc|truy\s+cập)\s*[:\d]|đã\s+xem\s*:).{0,60}$", re.I
)
_OFFICE = re.compile(
    r"^\W{0,3}(?:[^.:;!?]{3,60}[.,–-]\s+(?=địa\s+chỉ))?(?:địa\s+chỉ|trụ\s+sở|điện\s+thoại|đt|tel|fax|hotline|e-?mail|website)\b.{0,3}[:.]",
    re.I,
)
_SITE = re.compile(
    r"^\W{0,3}(?:©|copyright|bản\s+quyền|(?:trang|cổng)\s+thông\s+tin\s+điện\s+tử|giấy\s+phép"
    r"|(?:người\s+)?chịu\s+trách\s+nhiệm|cơ\s+quan\s+chủ\s+quản|(?:trưởng\s+)?ban\s+biên\s+tập\s*:"
    r"|ghi\s+rõ\s+nguồn|thiết\s+kế\s+(?:bởi|web)|powered\s+by|designed\s+by)",
    re.I,
)
_MARKER = re.compile(
    r"^(?:article|anhminhhoa|banner|nội dung|chi tiết tin|mặc định\s+cỡ chữ.*)$", re.I
)

_BUTTONS = re.compile(r"\s+[|·•/]\s+")
"""What stands between the buttons of one line."""


def is_foot(line: str) -> bool:
    """True for a line of the foot that cuts off everything behind it."""
    return _FOOT.match(line) is not None


def heads_form(line: str) -> bool:
    """True for the heading of a form for comments; above a text it is that of an answer."""
    return _REPLY.fullmatch(line) is not None


def is_counter(line: str) -> bool:
    """True for a counter of views, which stands below the text, or between title and text."""
    return _COUNTER.match(line) is not None


def foot_of_site(lines: list[str]) -> int:
    """How many of the last lines are the stand of the site: its name, address, telephone, licence.

    An article may end with an address, too; so two lines must be such, one of them the site's own.
    """
    start = len(lines)
    while start and len(lines[start - 1]) < 250 and is_stand(lines[start - 1]):
        start -= 1
    stand = lines[start:]
    return len(stand) if (len(stand) > 1 or not start) and any(map(_SITE.match, stand)) else 0


def is_stand(line: str) -> bool:
    """True for a line of the foot of every page: an address, a licence, who is liable."""
    return bool(_OFFICE.match(line) or _SITE.match(line))


def begins_foot(text: str) -> bool:
    """True where a block begins the foot, or a box of links to other articles."""
    return is_foot(text) or END_CUE.match(text) is not None


def is_button(text: str) -> bool:
    """True for a word to click on: print, send, share."""
    return len(text) < 40 and bool(FURNITURE_LINE.match(text))


def is_machinery(text: str) -> bool:
    """True for a line that is no text wherever it stands: a counter, a button, a marker."""
    if _MARKER.match(text):
        return True
    return len(text) < 200 and all(map(FURNITURE_LINE.match, _BUTTONS.split(text)))
