# ruff: noqa: E501  (a line of markup is kept as a page would have it)
"""Whole pages around one piece of content, as sites of several decades frame theirs.

A chrome takes the document's title, the content of the main column and the boxes beside it.
"""

from collections.abc import Callable

SITE = "Ban Quản lý Khu kinh tế tỉnh Kon Tum"
MENU = "".join(
    f'<li><a href="/{path}">{text}</a></li>'
    for path, text in (
        ("", "Trang chủ"),
        ("gioi-thieu", "Giới thiệu"),
        ("tin-tuc", "Tin tức - Sự kiện"),
        ("van-ban", "Văn bản pháp quy"),
        ("thu-tuc", "Thủ tục hành chính"),
        ("hoi-dap", "Hỏi đáp"),
        ("lien-he", "Liên hệ"),
    )
)
FOOT = (
    f"<p>Bản quyền thuộc về {SITE}</p><p>Địa chỉ: 404 Duy Tân, thành phố Kon Tum, tỉnh Kon Tum</p>"
    "<p>Điện thoại: 0260.3913.404 - Fax: 0260.3500 500</p><p>Mọi ý kiến đóng góp và thông báo lỗi xin"
    " gửi về địa chỉ bql@kontum.gov.vn</p><p>Tổng lượt truy cập: 1.404.500</p>"
)
TEASERS = "".join(
    f'<div><h4><a href="/tin-so-{n}.p-{n}00.html">Khánh thành công trình nước sạch số {n}</a></h4><p>Sáng'
    f" ngày {n}/5, địa phương tổ chức lễ khánh thành công trình nước sạch số {n} với sự tham dự của"
    " đông đảo bà con trong vùng và đại diện các đơn vị tài trợ.</p></div>"
    for n in (3, 4, 5, 6)
)

Chrome = Callable[[str, str, str], str]
SIDES = {
    "nothing": "",
    "weather": "<div><b>Thời tiết</b><p>Đang cập nhật</p></div>",
    "poll": "<div><h3>Thăm dò ý kiến</h3><p>Bạn đánh giá giao diện của trang thế nào?</p><p>Không có dữ liệu</p></div>",
    "papers": "<div><h3>Văn bản mới</h3><p>Không tìm thấy văn bản</p></div>",
    "comments": "<div><h4>Bình luận</h4><p>Chưa có bình luận</p><p>Bạn cần đăng nhập để bình luận</p></div>",
    "login": '<div><h3>Đăng nhập</h3><label>Tên</label><input name="u"><input type="password" name="p"><a href="/quen">Quên mật khẩu?</a></div>',
    "captcha": '<div><p>Ý kiến của bạn</p><textarea name="t"></textarea><p>Mã xác nhận</p><div class="g-recaptcha"></div></div>',
    "works": "<marquee>Trang này đang được nâng cấp, mong quý vị thông cảm</marquee>",
    "works-line": "<p>Trang thông tin đang được nâng cấp, có thể gặp lỗi khi truy cập</p>",
    "counters": "<div><p>Đang trực tuyến: 404</p><p>Hôm nay: 500</p><p>Tổng lượt truy cập: 1,482,404</p></div>",
    "teasers": f"<div>{TEASERS}</div>",
    "film": "<div><p>Trình duyệt của bạn không hỗ trợ video, vui lòng bật JavaScript</p></div>",
    "notice": "<div><h3>Lịch tiếp công dân của lãnh đạo đơn vị</h3><p>Lãnh đạo đơn vị tiếp công dân tại trụ sở cơ quan vào ngày 15 hằng tháng, trừ ngày nghỉ.</p></div>",
    "search": "<form><p>Tìm kiếm</p><input name=q><p>Không có kết quả</p></form>",
    "loading": "<div>Đang tải dữ liệu...</div>",
}


def _page(title: str, body: str, head: str = "") -> str:
    return (
        f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        f"<body>{body}</body></html>"
    )


def semantic(title: str, main: str, beside: str) -> str:
    return _page(
        title,
        f'<header class="site-header"><a href="/"><img src="/logo.png" alt="{SITE}"></a></header><nav><ul>'
        f'{MENU}</ul></nav><div class="container"><aside class="sidebar">{beside}</aside><main>{main}</main>'
        f"<aside>{beside}</aside></div><footer>{FOOT}</footer>",
    )


def banner_heading(title: str, main: str, beside: str) -> str:
    return _page(
        title,
        f'<div id="top"><h1>{SITE}</h1></div><div id="m"><ul>{MENU}</ul></div><div id="left">{beside}</div>'
        f'<div id="center">{main}</div><div id="right">{beside}</div><div id="f">{FOOT}</div>',
    )


def tables(title: str, main: str, beside: str) -> str:
    cells = MENU.replace("<li>", "<td>").replace("</li>", "</td>")
    return _page(
        title,
        f'<table width="1000"><tr><td><img src="/banner.jpg"></td></tr><tr><td><table><tr>{cells}</tr></table>'
        f'</td></tr><tr><td><table><tr><td width="200">{beside}</td><td width="600">{main}</td>'
        f"<td>{beside}</td></tr></table></td></tr><tr><td>{FOOT}</td></tr></table>",
    )


def web_form(title: str, main: str, beside: str) -> str:
    return _page(
        title,
        '<form method="post" action="./Default.aspx" id="aspnetForm"><input type="hidden" name="__VIEWSTATE"'
        f' value="/wEPDwUKLTI2"><div class="col-12"><ul>{MENU}</ul></div><div class="row"><div'
        f' class="col-md-9">{main}</div><div class="col-md-3">{beside}</div></div><div>{FOOT}</div></form>',
    )


def panels(title: str, main: str, beside: str) -> str:
    return _page(
        title,
        f'<div class="navbar"><ul>{MENU}</ul></div><div class="row"><div class="col-sm-3"><div class="panel'
        f' panel-default">{beside}</div></div><div class="col-sm-9"><ol class="breadcrumb"><li><a href="/">Trang'
        f' chủ</a></li><li><a href="/tin">Tin tức</a></li></ol>{main}</div></div><div class="footer">{FOOT}</div>',
        f'<meta property="og:site_name" content="{SITE}">',
    )


def bare(title: str, main: str, beside: str) -> str:
    return _page(title, f"<ul>{MENU}</ul><hr>{beside}<hr>{main}<hr>{beside}{FOOT}")


CHROMES: tuple[Chrome, ...] = (semantic, banner_heading, tables, web_form, panels, bare)
