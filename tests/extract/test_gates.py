# ruff: noqa: E501  (a line of markup is kept as a page would have it)
"""Short articles among boxes that speak of errors, and errors among the same boxes.

Every article and every wall stands in every chrome beside every box; an article that is taken for a
wall is lost, so none may be.
"""

from dataclasses import dataclass

import pytest
from extract.chromes import CHROMES, SIDES, SITE, Chrome

from kontum_crawler import portals
from kontum_crawler.errors import NotArticle
from kontum_crawler.extract.gates import Gates
from kontum_crawler.extract.page import Page

URL = "http://kkt.kontum.gov.vn/hoi-nghi-can-bo-cong-chuc-nam-2024.p-12.html"
PORTAL = portals.get("kkt")
HEADLINES = (
    "Gia hạn thời gian đăng ký tham dự hội nghị",
    "Lỗi 404 là gì và cách khắc phục",
    "Hệ thống cấp nước xã Đăk Ui gặp sự cố",
    "Không tìm thấy nạn nhân trong vụ sạt lở đất",
    "Không tìm thấy thông tin về hai người mất tích",
    "Đăng nhập một lần cho dịch vụ công trực tuyến",
    "Xác thực điện tử mức độ 2 cho công dân",
    "Thông báo tạm dừng Cổng dịch vụ công để nâng cấp",
    "Bài viết về anh hùng A Tranh không còn bản gốc",
    "Kiểm tra bảo mật tại trung tâm dữ liệu tỉnh",
)
SENTENCE = "Đơn vị nào chưa gửi danh sách thì gửi trước 16 giờ ngày 12/3."
BODIES = {
    "sentence": f"<p>{SENTENCE}</p>",
    "paragraph": "<p>Để thay đường ống chính, từ 8 giờ đến 16 giờ ngày 12/3, Công ty tạm ngừng cung cấp"
    " nước cho các tổ dân phố 3, 4 và 5; mong bà con chủ động tích trữ nước.</p>",
    "works": "<p>Hệ thống đang bảo trì từ 22 giờ ngày 3/4 nên người dân chưa nộp được hồ sơ qua mạng.</p>",
    "unsplit": f"{SENTENCE}<br>Số điện thoại liên hệ là 0260.3862.404, gặp ông A Bình.",
    "picture": '<p><img src="/anh/hoi-nghi.jpg"></p>',
    "file": '<p><a href="/tep/cong-van-404.pdf">Công văn 404.pdf</a></p>',
    "table": "<table border=1><tr><th>Tên xã</th><th>Số hộ</th></tr><tr><td>Đăk Ui</td><td>404</td></tr>"
    "<tr><td>Đăk Mar</td><td>500</td></tr></table>",
}
HEADS = {
    "h1": "<h1>{0}</h1>",
    "h2, stamp": '<h2 class="title">{0}</h2><p>Thứ ba, 12/03/2024 08:30</p>',
    "div": '<div class="tieude">{0}</div><div>Ngày đăng: 12-3-2024</div>',
    "bold": "<p><b>{0}</b></p>",
}


@dataclass(frozen=True)
class Wall:
    """kind: as in `problems`; title: of the document, None for the site's name."""

    kind: str
    title: str | None
    main: str


BACK = '<p><a href="/">Quay lại trang chủ</a></p>'
HELP = (
    "<p>Trang bạn đang tìm kiếm có thể đã bị xóa, đổi tên hoặc tạm thời không truy cập được. Vui lòng"
    " kiểm tra lại đường dẫn hoặc quay về trang chủ để tiếp tục.</p>"
)
WALLS = (
    Wall("soft-404", None, "<p>Bài viết này hiện không còn trên hệ thống.</p>"),
    Wall("soft-404", "Thông báo", "<p>Nội dung bạn tìm kiếm không có sẵn hoặc đã bị gỡ bỏ.</p>"),
    Wall("soft-404", None, f"<h2>Trang bạn yêu cầu không tồn tại</h2>{BACK}"),
    Wall("soft-404", "404 - Không tìm thấy trang", f"<h1>404</h1><h2>Oops!</h2>{HELP}{BACK}"),
    Wall("soft-404", f"Không tìm thấy trang - {SITE}", f"<h1>Không tìm thấy trang</h1>{HELP}"),
    Wall("soft-404", f"Lỗi 404 | {SITE}", f'<h1>Lỗi 404</h1><p><img src="/404.png"></p>{HELP}'),
    Wall("soft-404", None, f"<h3>Thông báo lỗi</h3><p>Bài viết không tồn tại.</p>{BACK}"),
    Wall("soft-404", None, "<p>Không tìm thấy bài viết yêu cầu</p>"),
    Wall("soft-404", None, f"<p>Xin lỗi, chúng tôi không tìm thấy nội dung bạn cần.</p>{HELP}"),
    Wall("soft-404", "Error 404", "<p>The page you requested could not be found.</p>"),
    Wall(
        "soft-404",
        f"Page not found – {SITE}",
        "<h1>Oops! That page can’t be found.</h1><p>It looks like nothing was found at this location."
        " Maybe try one of the links below or a search?</p><form><input name=s></form>",
    ),
    Wall(
        "soft-404",
        "404 - File or directory not found.",
        "<h2>404 - File or directory not found.</h2><h3>The resource you are looking for might have been"
        " removed, had its name changed, or is temporarily unavailable.</h3>",
    ),
    Wall("soft-404", None, "<h1>Rất tiếc!</h1><p>Trang này không tồn tại.</p>"),
    Wall("outage", None, "<h2>Hệ thống đang bảo trì</h2><p>Vui lòng quay lại sau.</p>"),
    Wall("outage", "Server Error", "<h1>Server Error in '/' Application.</h1><p>Runtime Error</p>"),
    Wall(
        "outage", None, "<h3>Có lỗi xảy ra trong quá trình xử lý</h3><p>Vui lòng thử lại sau.</p>"
    ),
    Wall("forbidden", None, "<h2>Bạn không có quyền truy cập trang này</h2>"),
    Wall("login", f"Đăng nhập - {SITE}", "<h2>Đăng nhập hệ thống</h2><input><input type=password>"),
    Wall(
        "login",
        None,
        "<h3>Đăng nhập</h3><p>Vui lòng đăng nhập để tiếp tục</p><input type=password>",
    ),
    Wall(
        "captcha",
        "Xác minh",
        "<h2>Xác minh bạn không phải là robot</h2><div class=g-recaptcha></div>",
    ),
)
NAMED = "Hội nghị cán bộ, công chức năm 2024"


def _kind(source: str) -> str:
    """What the gates say of a page: `article`, or the kind of wall."""
    try:
        Gates(Page(source.encode(), URL, "text/html; charset=utf-8")).check()
    except NotArticle as reason:
        return reason.kind
    return "article"


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("chrome", CHROMES, ids=lambda chrome: chrome.__name__)
def test_a_short_article_stays_one_in_any_company(chrome: Chrome, head: str) -> None:
    lost = []
    bodies, turn = list(BODIES), 0
    for headline in (*HEADLINES, NAMED):
        titles = [headline, f"{headline} - {SITE}"]
        if "2024" in HEADS[head] or headline == NAMED:
            titles.append(SITE)
        for side, beside in SIDES.items():
            turn += 1
            if (turn + len(head)) % 2:
                continue  # half of them: another head has the other half
            title, body = titles[turn % len(titles)], bodies[turn % len(bodies)]
            main = HEADS[head].format(headline) + BODIES[body]
            said = _kind(chrome(title, main, beside))
            if said != "article":
                lost.append((said, title, body, side))
    assert lost == []


@pytest.mark.parametrize("chrome", CHROMES, ids=lambda chrome: chrome.__name__)
@pytest.mark.parametrize("wall", WALLS, ids=lambda wall: f"{wall.kind}: {wall.title}")
def test_a_wall_stays_one_in_any_company(wall: Wall, chrome: Chrome) -> None:
    said = {
        side: _kind(chrome(wall.title or SITE, wall.main, beside)) for side, beside in SIDES.items()
    }
    assert [side for side, kind in said.items() if kind == "article"] == []
    # What a box beside it says never makes an outage or a login the removal of an article.
    absent = wall.kind == "soft-404"
    assert [side for side, kind in said.items() if absent != (kind == "soft-404")] == []
