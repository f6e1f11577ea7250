"""Pages that answer 200 and are no article, in many wordings, with menu and foot around them."""

import pytest

from kontum_crawler import portals
from kontum_crawler.extract.answer import Answer, read_answer

URL = "http://kkt.kontum.gov.vn/hoi-nghi-can-bo-cong-chuc-nam-2024.p-12.html"
TITLE = "Hội nghị cán bộ, công chức năm 2024"
NAV = "".join(f"<li><a href=/x{n}.html>Mục {n} của trang tin</a></li>" for n in range(12))
FOOT = (
    "<div>Địa chỉ: 36 Duy Tân, Kon Tum</div><div>Bản quyền thuộc về Ban Quản lý Khu kinh tế"
    " tỉnh Kon"
    " Tum, ghi rõ nguồn khi phát hành lại thông tin từ trang này</div>"
)
WALLS = [
    ("soft-404", "Thông báo", "<p>Bài viết này hiện không còn trên hệ thống.</p>"),
    ("soft-404", "KKT", "<p>Nội dung bạn tìm kiếm không có sẵn hoặc đã bị gỡ bỏ.</p>"),
    ("soft-404", "KKT", "<h2>Trang bạn yêu cầu không tồn tại</h2>"),
    ("soft-404", "KKT", "<p>Không có dữ liệu</p>"),
    ("soft-404", "KKT", "<p>Bài viết chưa được xuất bản</p>"),
    ("soft-404", "Error 404", "<p>Sorry</p>"),
    ("soft-404", "KKT", "<p>The page you requested could not be found.</p>"),
    ("soft-404", "KKT", "<h1>HTTP Status 404</h1>"),
    ("soft-404", "KKT", "<p>The resource you are looking for has been removed.</p>"),
    ("soft-404", "KKT", "<p>Liên kết không tồn tại</p>"),
    ("soft-404", "KKT", "<p>Xin lỗi, chúng tôi không tìm thấy nội dung bạn cần.</p>"),
    ("soft-404", "KKT", "<p>Đường dẫn không đúng</p>"),
    ("soft-404", "KKT", "<h3>Không tìm thấy</h3>"),
    ("soft-404", "KKT", "<h1>Rất tiếc!</h1><p>Trang này không tồn tại.</p>"),
    ("soft-404", "KKT", "<p>Tin bài không tồn tại hoặc bạn không có quyền xem</p>"),
    ("outage", "Server Error", "<h1>Server Error in '/' Application.</h1><p>Runtime Error</p>"),
    ("outage", "KKT", "<p>Hệ thống đang bảo trì, vui lòng quay lại sau.</p>"),
    ("outage", "KKT", "Error establishing a database connection"),
    ("outage", "Index of /", "<a href=..>Parent Directory</a>"),
    ("outage", "KKT", "<p>Có lỗi xảy ra trong quá trình xử lý.</p>"),
    # What stands under the address of a portal whose name was given up.
    ("outage", "kkt.example is for sale", "<h1>This domain is for sale</h1><p>Buy it now.</p>"),
    ("outage", "kkt.example", "<h1>kkt.example</h1><p>This domain is parked free.</p>"),
    ("outage", "Domain expired", "<h2>This domain has expired.</h2><p>Are you the owner?</p>"),
    ("forbidden", "KKT", "<p>Bạn không có quyền truy cập trang này.</p>"),
    (
        "forbidden",
        "Request Rejected",
        "The requested URL was rejected. Please consult with your administrator.<br>Your support ID"
        " is: 1234567890",
    ),
    ("forbidden", "403 Forbidden", "<h1>403 Forbidden</h1>"),
    ("script-only", "KKT", "<p>Vui lòng bật JavaScript để tiếp tục</p>"),
    ("login", "KKT", "<p>Bạn cần đăng nhập để xem nội dung này.</p>"),
    ("login", "KKT", "<h3>Đăng nhập hệ thống</h3><input type=password>"),
    ("captcha", "KKT", "<p>Xác minh bạn không phải là robot</p>"),
    ("empty", "KKT", ""),
    ("empty", "KKT", "<p>Đang tải dữ liệu...</p><script>x()</script>"),
    ("empty", "KKT", "<p>Nội dung đang được cập nhật</p>"),
]
NOTICE = (
    "Để thay đường ống chính, từ 8 giờ đến 16 giờ ngày 12/3, Công ty tạm ngừng cung cấp nước"
    " cho các"
    " tổ dân phố 3, 4 và 5."
)


def _answer(title: str, content: str) -> Answer:
    page = (
        f"<html><head><title>{title}</title></head><body><ul>{NAV}</ul>"
        f"<div id=c>{content}</div>{FOOT}</body></html>"
    )
    return read_answer(
        url=URL,
        status=200,
        headers=[("Content-Type", "text/html; charset=utf-8")],
        body=page.encode(),
        portal=portals.get("kkt"),
    )


@pytest.mark.parametrize(("kind", "title", "content"), WALLS)
def test_a_wall_is_a_problem_with_its_kind(kind: str, title: str, content: str) -> None:
    found = _answer(title, content)
    assert (found.article, (found.problem or "").partition(":")[0]) == (None, kind)
    assert (found.kind == "soft-gone") == (kind == "soft-404")


@pytest.mark.parametrize(
    "beside",
    [
        "<h3>Đăng nhập</h3><input type=password>",
        "<form><label>Mã xác nhận</label><div class=g-recaptcha></div></form>",
        "<div>Thăm dò: không có dữ liệu</div>",
        "<div>Thời tiết: đang cập nhật</div>",
    ],
)
@pytest.mark.parametrize("text", [f"<p>{NOTICE}</p>", "<p><img src=/anh.jpg></p>"])
def test_a_short_article_beside_a_box_stays_an_article(beside: str, text: str) -> None:
    content = f"<div>{beside}</div><h1>{TITLE}</h1>{text}<div>Lượt xem: 5</div>"
    found = _answer(f"{TITLE} - KKT", content)
    assert found.article is not None
    assert found.article.body == (NOTICE if "<p>Để" in text else "")


@pytest.mark.parametrize(
    "number",
    [
        "Tổng lượt truy cập: 1,482,404",
        "Lượt truy cập: 404",
        "Hôm nay: 1.404",
        "Điện thoại: 0260.3862.404",
        "Địa chỉ: 404 Phan Đình Phùng",
        "503",
        "Đang trực tuyến: 500",
    ],
)
def test_a_number_beside_a_short_article_whose_title_changed_says_nothing(number: str) -> None:
    title = "Gia hạn thời gian đăng ký tham dự hội nghị"
    found = _answer(f"{title} - KKT", f"<h1>{title}</h1><p>{NOTICE}</p><div>{number}</div>")
    assert found.article is not None, found.problem
    assert (found.article.title, found.article.body) == (title, NOTICE)


@pytest.mark.parametrize(
    "giant",
    [
        f'<svg><path d="{"M0 77.875c.672-2.055 1.595-3.993 " * 900}"></path></svg>',
        f'<meta name="body" content="{"một bài dài để trong thẻ " * 600}">',
    ],
)
def test_a_giant_value_is_not_thousands_of_attributes(giant: str) -> None:
    assert _answer(f"{TITLE} - KKT", f"{giant}<h1>{TITLE}</h1><p>{NOTICE}</p>").kind == "article"
