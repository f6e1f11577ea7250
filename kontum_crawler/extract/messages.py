"""Lines that are messages of a site and no text: not found, please log in, under works.

A form is looked for anywhere in a line, but a line is a message for certain only where nearly all
its words are words of messages: «Không tìm thấy trang bạn yêu cầu» is one, «Không tìm thấy thông
tin về hai người mất tích» is news.
"""

import re

from kontum_crawler.text import nfc, plain

_THING = (
    r"(?:trang(?:\s+web)?|noi dung|bai viet|bai|tin(?:\s+(?:tuc|bai))?|duong dan|dia chi|lien ket"
    r"|du lieu|ban tin|ban ghi|chuyen muc|link|url)"
)
NOT_FOUND = re.compile(
    r"^\W*404\W*$|^\W*404\s*[-–—|:!]|[-–—|]\s*404\W*$"
    r"|\b(?:loi|error|trang|page|http|status|code|ma)\W*404(?![\d.,]*\d)"
    r"|(?<![\d.,])404\W+(?:not|error|page|trang|loi|khong|oops|sorry|rat tiec|xin loi)\b"
    rf"|(?:khong|chua)\s+(?:tim\s+thay|tim\s+duoc|co|ton tai)\s+(?:{_THING}|thong tin|ket qua"
    r"|tai lieu|muc)\b"
    rf"|{_THING}\b.{{0,60}}\b(?:khong\s+(?:con\s+)?ton tai|khong\s+(?:duoc\s+|the\s+)?tim\s+thay"
    r"|khong\s+(?:co\s+san|hop\s+le|dung|truy\s+cap\s+duoc|hien\s+thi|kha\s+dung)"
    r"|da\s+(?:bi\s+)?(?:xoa|go\s*(?:bo)?|huy|an|het\s+han)\b|da\s+duoc\s+(?:go|xoa|di\s+chuyen)"
    r"|khong\s+con\b|chua\s+(?:duoc\s+)?xuat\s+ban|ngung\s+hoat\s+dong|bi\s+hong)"
    rf"|(?:truy\s+cap|yeu\s+cau)\b.{{0,20}}\b{_THING}?\s*khong\s+ton\s+tai"
    r"|(?:page|file|article|resource|content|document|object|item|post|url|link)\b.{0,60}\b"
    r"(?:does(?:\s?n.t|\s+not)\s+exist|no\s+longer\s+(?:exists?|available)"
    r"|has\s+been\s+(?:removed|deleted)"
    r"|can(?:\s?not|.t)\s+be\s+(?:found|displayed)|could(?:\s?n.t|\s+not)\s+be\s+found"
    r"|is\s+not\s+available"
    r"|(?:is\s+)?unavailable)"
    r"|^\W*(?:rat tiec|xin loi)?\W*khong\s+(?:tim\s+thay|ton\s+tai)\W*$"
    r"|\bnot\s+found\b|\boops\b|nothing\s+(?:was\s+)?found|can.?t\s+(?:find|seem\s+to\s+find)\b",
    re.I,
)
_OF_A_BOX = re.compile(
    r"^\W*(?:khong|chua)\s+(?:tim\s+thay|co)\s+(?:du lieu|ket qua|van ban|tai lieu|thong tin"
    r"|ban ghi|tin(?:\s+(?:nao|moi|bai))?|muc nao|binh luan|san pham)\b",
    re.I,
)
"""What an empty list or box says, on a good page too."""
LOGIN = re.compile(
    r"^\W*(?:(?:trang\s+|form\s+)?dang nhap|log\s?-?in|sign\s?-?in|xac thuc|authentication"
    r"|members? login|ban (?:can|phai|chua) dang nhap|vui long dang nhap|yeu cau dang nhap"
    r"|please (?:log|sign) in)",
    re.I,
)
ASKED = re.compile(
    r"(?:can|phai|chua|vui long|yeu cau|please)\s+(?:dang nhap|log\s?in|sign\s?in)", re.I
)
CAPTCHA = re.compile(
    r"captcha|ma xac (?:nhan|thuc|minh)|khong phai la (?:robot|nguoi may|may)"
    r"|are (?:you )?(?:a )?human|not a robot|verify(?:ing)? you|just a moment|attention required"
    r"|checking your browser|ddos|access denied|truy cap bi (?:tu choi|chan)|cloudflare"
    r"|security check|kiem tra (?:trinh duyet|bao mat)|unusual traffic|truy cap bat thuong",
    re.I,
)
OUTAGE = re.compile(
    r"^\W*(?:server error in|runtime error|fatal error|parse error|warning\s*:|error establishing"
    r"|internal server error|service (?:temporarily )?unavailable|bad gateway|gateway time-?out"
    r"|(?:http|status|error|loi|ma loi)\W+(?:status |error |code )?5\d\d\b"
    r"|5\d\d\b(?=\W*(?:internal|service|server|bad|gateway|error|loi))"
    r"|index of /"
    r"|account (?:has been )?suspended|database error|sqlstate|it works!|welcome to nginx"
    r"|apache2? .*default"
    r"|iis windows|test page|under (?:construction|maintenance)|(?:he thong|website|trang web"
    r"|trang|cong thong tin)"
    r"\b.{0,60}\bdang\s+(?:duoc\s+)?(?:bao tri|nang cap|xay dung|tam dung)|(?:he thong"
    r"|may chu)\b.{0,30}\b"
    r"(?:gap su co|qua tai|ban)\b|co loi xay ra|da xay ra loi|loi (?:he thong|may chu|ket noi"
    r"|truy van)"
    r"|khong the ket noi"
    r"|(?:(?:this|the|your|buy) )?(?:web )?domain\b.*\b(?:for sale|expired|parked)"
    r"|(?:[a-z0-9-]+\.)+[a-z]{2,} (?:is|may be) (?:for sale|parked)"
    r"|ten mien .*(?:het han|dang rao ban))",
    re.I,
)
FORBIDDEN = re.compile(
    r"\b403\b\W+(?:forbidden|loi|cam|tu choi)|\bforbidden\b|permission denied|khong (?:co|du) quyen"
    r"|khong duoc phep truy cap|you (?:are not authori[sz]ed|don.t have permission)"
    r"|request(?:ed url)? (?:was )?rejected"
    r"|chi danh cho thanh vien",
    re.I,
)
SCRIPTED = re.compile(
    r"(?:bat|kich hoat|enable|requires?|turn on|need|ho tro|without)\b.{0,30}\bjava\s?script"
    r"|java\s?script\b.{0,40}\b(?:disabled|bi tat|enabled|chua (?:duoc )?bat)",
    re.I,
)
HOLLOW = re.compile(
    r"^\W*(?:(?:noi dung|du lieu|thong tin|bai viet|trang)\b.{0,20})?\bdang (?:duoc )?(?:tai"
    r"|cap nhat"
    r"|hoan thien|xay dung)\b.{0,30}$|^\W*(?:loading|please wait|vui long (?:cho|doi))\b.{0,30}$",
    re.I,
)
FORMS = {
    "soft-404": NOT_FOUND,
    "captcha": CAPTCHA,
    "outage": OUTAGE,
    "forbidden": FORBIDDEN,
    "login": re.compile(f"{LOGIN.pattern}|{ASKED.pattern}", re.I),
    "script-only": SCRIPTED,
    "empty": HOLLOW,
}
_WORDING = """
    400 401 403 404 500 501 502 503 504
    a about access account address administrator all an and any application are as asp at
    authentication authorized available back bad banned be been before below blocked bookmark
    browser busy but by can cannot captcha changed check click close code connection
    construction consult contact could date deleted denied directory does doesn domain don down
    enable
    error exist exists expired fatal
    file find for forbidden form found from gateway go gone had has have here home homepage http
    human if in index internal invalid is it its javascript just later like link links located
    location log login longer looking looks maintenance may maybe might moment moved name named
    need no not nothing object of on one oops or out owner page park parked parse password
    permission please
    rejected removed request requested required resource return robot runtime s sale search security
    seem
    server service sign site sorry status suspended t temporarily that the this time to try turn
    typed unable unavailable under url use visit wait warning was we web website were what with
    wrong you your bài bạn bảo báo bật bị bỏ bởi các cài cảm cần cấm cấp cập cầu chạy cho chối
    chờ chỉ chủ chúng chưa chuyển con còn có cơ của cùng dành dẫn dịch di dụng duyệt dung dữ đã
    đang đăng đặt để địa đó đổi đợi được đường gặp gỡ giao gây ghi giây hãy hạn hệ hết hiện hiển
    hoàn hoặc hoạt hợp hỗ huỷ hủy hữu kết khả khẩu không khoản kích kiểm kiếm ký kỹ là lại lần
    lập lệ lên liên liệu lòng lỗi lúc mã máy mật minh mong mới muốn mục này nâng nào nếu ngày
    ngừng người nguồn nhầm nhập nhật nhé nhưng nội nối ơi phải phạm phép phiên phục quá quay
    quản quý quyền ra rằng rất rồi sai sang sau sẵn sẽ số sở sự tải tại tạm tài tập tên thao
    thay thành thấy thể theo thị thiện thiếu thông thời thống thử thực tiếc tiếp tiện tìm tin
    toàn tôi tồn tra trang tránh trên trì trình trong trợ trở truy trước từ tục tuổi tư vào và
    về vi viên viết vị với vui vẫn xác xảy xây xem xin xoá xóa xuất xử yêu đến động dựng thuật
    trạng tức đúng bất thường hoạ hòm thư khác kỳ nhấn ở đây
"""
_WORDS = frozenset(_WORDING.split())
_BARE_WORDS = frozenset(plain(word) for word in _WORDS)
_ASIDE = re.compile(r"[“\"«][^”\"»]*[”\"»]|https?://\S+|/\S+\.\w{2,5}\b")
SHARE = 0.8
"""Share of a line's words that must be words of messages."""


def is_worded(line: str) -> bool:
    """True where a line is made of the words of messages alone, quoted text and addresses aside."""
    words = re.findall(r"[^\W_]+", _ASIDE.sub(" ", nfc(line)).lower())
    # An old page may print its messages without accents.
    known = _BARE_WORDS if line.isascii() else _WORDS
    return bool(words) and sum(word in known for word in words) >= SHARE * len(words)


def kind_of(line: str) -> str | None:
    """What kind of message a line is for certain, as `problems` names it; None for text."""
    if len(line) > 240 or not is_worded(line):
        return None
    bare = plain(line)
    return next((kind for kind, form in FORMS.items() if form.search(bare)), None)


def is_of_the_page(line: str) -> bool:
    """True where a line says of the whole page that it is not there, and of no box in it."""
    bare = plain(line)
    return bool(NOT_FOUND.search(bare)) and not _OF_A_BOX.search(bare) and is_worded(line)
