"""Words at which the article part of a page ends, and lines of the page's own machinery."""

import re

from kontum_crawler.extract.furniture import END_CUE, FURNITURE_LINE

_FOOT = re.compile(
    r"^\W{0,3}(?:top\s+page|từ\s+kh(?:óa|oá)\s*:|tags?\s*:|(?:số\s+)?lượt\s+(?:xem|đọc|truy\s+cập)\s*[:\d]"
    r"|đã\s+xem\s*:|bài\s+viết\s+liên\s+quan\s*:|chuyên\s+mục\s+khác|trả\s+lời\s*$"
    r"|email\s+của\s+bạn\s+sẽ|các\s+tin\s+(?:khác|đã\s+đưa|cũ|mới)|link\s+nội\s+dung\s*:"
    r"|tin\s+(?:đã\s+đưa|cùng\s+chuyên\s+mục)|tổng\s+số\s+điểm\s+của\s+bài\s+viết"
    r"|url\s+của\s+bản\s+tin|ý\s+kiến\s+bạn\s+đọc|bản\s+quyền\s+thuộc|cơ\s+quan\s+chủ\s+quản\s*:"
    r"|người\s+chịu\s+trách\s+nhiệm|giấy\s+phép\s+(?:số|thiết\s+lập))",
    re.I,
)
_MARKER = re.compile(
    r"^(?:article|anhminhhoa|banner|nội dung|chi tiết tin|mặc định\s+cỡ chữ.*)$", re.I
)


def is_foot(line: str) -> bool:
    """True for a line of the foot that cuts off everything behind it."""
    return _FOOT.match(line) is not None


def begins_foot(text: str) -> bool:
    """True where a block begins the foot, or a box of links to other articles."""
    return is_foot(text) or END_CUE.match(text) is not None


def is_machinery(text: str) -> bool:
    """True for a line that is no text wherever it stands: a counter, a button, a marker."""
    return bool(_MARKER.match(text) or (len(text) < 200 and FURNITURE_LINE.match(text)))
