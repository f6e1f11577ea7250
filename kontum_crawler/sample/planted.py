"""Addresses planted into the portal that a crawler must survive, and what each is for."""

from dataclasses import dataclass

HOST = "http://kkt.kontum.gov.vn"
MIRRORS = ("kkt-kontum.com", "kkt-kontum.gov.vn")
OLD_HOST = "kkt-kontum.gov.vn"
TRAP = "/lich-cong-tac.html"


@dataclass(frozen=True, slots=True)
class Planted:
    """One planted address: what it does, and whether a crawl must list it under its problems.

    `problem` None: either is right.
    """

    path: str
    kind: str
    status: int
    problem: bool | None
    target: str | None = None
    words: str = ""


PLANTED = (
    Planted(
        "/lich-tiep-cong-dan-quy-ii-nam-2024.p-3991.html",
        "404", 404, False, words="Lịch tiếp công dân quý II năm 2024",
    ),
    Planted(
        "/ket-qua-giai-ngan-von-dau-tu-cong-6-thang-dau-nam.p-3993.html",
        "500", 500, True, words="Kết quả giải ngân vốn đầu tư công 6 tháng đầu năm",
    ),
    Planted(
        "/moi-tham-gia-hoi-nghi-xuc-tien-dau-tu.p-3994.html",
        "soft-404", 200, True, words="Mời tham gia hội nghị xúc tiến đầu tư",
    ),
    Planted(
        "/chuong-trinh-lam-viec-cua-chinh-phu.p-3995.html",
        "off-site-redirect", 302, True, "http://www.chinhphu.example.vn/chuong-trinh",
        "Chương trình làm việc của Chính phủ",
    ),
    Planted(
        "/huong-dan-nop-ho-so-truc-tuyen.p-3996.html",
        "redirect-loop", 302, True, "/huong-dan-nop-ho-so-qua-mang.p-3997.html",
        "Hướng dẫn nộp hồ sơ trực tuyến",
    ),
    Planted(
        "/huong-dan-nop-ho-so-qua-mang.p-3997.html",
        "redirect-loop", 302, None, "/huong-dan-nop-ho-so-truc-tuyen.p-3996.html",
    ),
    Planted(
        "/tai-lieu-hop-giao-ban-noi-bo.p-3998.html",
        "login", 200, True, words="Tài liệu họp giao ban nội bộ",
    ),
    Planted("/tin-noi-bat.html", "redirect", 302, False, "/", "Tin nổi bật"),
    Planted(TRAP, "trap", 200, None, words="Lịch công tác"),
)  # fmt: skip
BY_PATH = {planted.path: planted for planted in PLANTED}

NEVER = (
    ("/quan-tri/dang-nhap.html", "robots.txt"),
    ("/tim-kiem.html", "robots.txt"),
    ("http://www.chinhphu.example.vn/", "off-site link"),
    ("http://www.chinhphu.example.vn/chuong-trinh", "off-site redirect"),
    ("http://ngoai-mang.example.net/", "off-site picture, frame, form and script"),
)

SOFT_404 = """<div class="tb"><b>Không tìm thấy trang</b></div>
<p>Trang bạn yêu cầu không tồn tại hoặc đã bị xóa. Vui lòng quay lại <a href="/">trang chủ</a>.</p>
"""
LOGIN = """<div class="tb"><b>Đăng nhập hệ thống</b></div>
<form action="/quan-tri/dang-nhap.html" method="post">
<p>Bạn phải đăng nhập để xem nội dung này.</p>
<p>Tên đăng nhập: <input type="text" name="tai_khoan" /></p>
<p>Mật khẩu: <input type="password" name="mat_khau" /></p>
<p><input type="submit" value="Đăng nhập" /></p>
</form>
"""
ERROR = (
    "<html><head><title>Server Error</title></head>"
    "<body><h1>Server Error in '/' Application.</h1></body></html>"
)
NOT_FOUND = (
    "<html><head><title>404</title></head><body><h1>HTTP Error 404.0 - Not Found</h1></body></html>"
)


def robots(host: str, crawl_delay: float | None, print_allowed: bool) -> str:
    """The portal's robots.txt."""
    lines = ["User-agent: *", "Disallow: /quan-tri/", "Disallow: /tim-kiem"]
    if not print_allowed:
        lines.append("Disallow: /print/")
    if crawl_delay is not None:
        lines.append(f"Crawl-delay: {crawl_delay:g}")
    return "\n".join([*lines, "", f"Sitemap: http://{host}/sitemap.xml", ""])


def calendar(query: dict[str, str]) -> str:
    """A page of the endless calendar: each month links to the next and the one before it."""
    month = _number(query.get("thang"), 6)
    year = _number(query.get("nam"), 2025)
    before = (12, year - 1) if month <= 1 else (month - 1, year)
    after = (1, year + 1) if month >= 12 else (month + 1, year)
    cells = "".join(
        f'<td><a href="{TRAP}?thang={month}&amp;nam={year}&amp;ngay={day}">{day}</a></td>'
        for day in range(1, 29)
    )
    turn = " ".join(
        f'<a href="{TRAP}?thang={m}&amp;nam={y}">Tháng {m}/{y}</a>' for m, y in (before, after)
    )
    head = f"<div><b>Lịch công tác tháng {month}/{year}</b></div><p>{turn}</p>"
    return f"{head}<table><tr>{cells}</tr></table>"


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 6 else default
