"""What answers say about an address: articles, tombstones, walls, and what is neither."""

import pytest

from kontum_crawler import portals
from kontum_crawler.extract.answer import Answer, read_answer

URL = "http://kkt.kontum.gov.vn/hoi-nghi-can-bo-cong-chuc-nam-2024.p-12.html"
TITLE = "Hội nghị cán bộ, công chức năm 2024"
PROSE = (
    "Sáng ngày 12/01, Ban Quản lý Khu kinh tế tỉnh tổ chức Hội nghị cán bộ, công chức, viên chức và"
    " người lao động năm 2024. Hội nghị đã nghe báo cáo kết quả công tác năm 2023."
)
ARTICLE = f"<title>{TITLE}</title><h1>{TITLE}</h1>" + f"<p>{PROSE}</p>" * 3
LOGIN_BOX = "<form><b>Đăng nhập</b> <input name=u><input type=password name=p></form>"


def answer(body: str | bytes = b"", status: int | None = 200, **headers: str) -> Answer:
    payload = body.encode() if isinstance(body, str) else body
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    if status == 200 and "Content_Type" not in headers:
        pairs.append(("Content-Type", "text/html; charset=utf-8"))
    return read_answer(
        url=URL, status=status, headers=pairs, body=payload, portal=portals.get("kkt")
    )


def test_an_article_is_read() -> None:
    found = answer(ARTICLE)
    assert found.kind == "article"
    assert found.article is not None
    assert (found.article.title, found.article.native_id) == (TITLE, "12")


@pytest.mark.parametrize("status", [404, 410])
def test_gone_is_an_answer_and_no_problem(status: int) -> None:
    assert answer("", status) == Answer("gone")


@pytest.mark.parametrize("status", [400, 403, 429, 500, 503])
def test_errors_say_nothing_about_the_article(status: int) -> None:
    found = answer("x", status)
    assert (found.kind, found.problem) == ("none", f"http: the server answered {status}")


def test_not_modified_says_nothing_and_is_no_problem() -> None:
    assert answer("", 304) == Answer("none")


@pytest.mark.parametrize(
    ("body", "kind", "problem"),
    [
        ("<title>Lỗi</title><h1>Không tìm thấy trang</h1>", "soft-gone", "soft-404"),
        ("<title>404 - Trang không tồn tại</title><p>Quay lại</p>", "soft-gone", "soft-404"),
        ("<p>Bài viết bạn yêu cầu không tồn tại hoặc đã bị xóa.</p>", "soft-gone", "soft-404"),
        ("<title>Page Not Found</title><p>Sorry</p>", "soft-gone", "soft-404"),
        (f"<title>Đăng nhập</title>{LOGIN_BOX}", "none", "login"),
        ("<title>Just a moment...</title><p>Checking your browser</p>", "none", "captcha"),
        ("<p>Vui lòng nhập mã xác nhận để tiếp tục</p><input>", "none", "captcha"),
        ("<html><body></body></html>", "none", "empty"),
        ("   ", "none", "empty"),
        ("<html><body><script>render()</script></body></html>", "none", "script-only"),
        (
            "<frameset cols='20%,*'><frame src=a.html></frameset>",
            "none",
            "frames",
        ),
        ("<div>" * 200_000 + "x", "none", "broken"),
        ("<p>" + "x" * (4 * 1024 * 1024 + 1), "none", "too-big"),
    ],
)
def test_pages_that_are_no_article_are_named(body: str, kind: str, problem: str) -> None:
    found = answer(body)
    assert (found.kind, (found.problem or "").partition(":")[0]) == (kind, problem)
    assert found.article is None


def test_a_login_form_beside_an_article_is_no_login_page() -> None:
    assert answer(LOGIN_BOX + ARTICLE).kind == "article"


def test_an_article_about_a_search_is_no_soft_404() -> None:
    title = "Không tìm thấy thông tin về hai người mất tích tại xã Đăk Ui"
    assert answer(ARTICLE.replace(TITLE, title)).kind == "article"


def test_a_file_at_an_articles_address_is_a_document() -> None:
    assert answer(b"%PDF-1.4 ...", Content_Type="application/pdf").kind == "document"
    assert answer(b"%PDF-1.4 ...").kind == "document"


def test_a_picture_at_an_articles_address_is_a_problem() -> None:
    found = answer(b"\x89PNG", Content_Type="image/png")
    assert (found.kind, found.problem) == ("none", "not-html: image/png")


def test_html_under_a_foreign_type_is_still_read() -> None:
    page = f"<!DOCTYPE html><html><body>{ARTICLE}</body></html>"
    assert answer(page, Content_Type="text/x-delimtext").kind == "article"


@pytest.mark.parametrize(
    ("status", "location", "kind", "permanent"),
    [
        (301, "/hoi-nghi-can-bo.p-12.html", "redirect", True),
        (308, "https://kkt-kontum.com/hoi-nghi.p-12.html", "redirect", True),
        (302, "/hoi-nghi-can-bo.p-12.html", "redirect", False),
        (301, "/", "soft-gone", True),
        (302, "/trang-chu", "soft-gone", False),
        (302, "/index.html", "soft-gone", False),
        (302, "/khong-tim-thay.html", "soft-gone", False),
        (302, "http://elsewhere.example/", "none", False),
        (302, "/dang-nhap?returnUrl=%2Fx", "none", False),
        (302, "javascript:alert(1)", "none", False),
    ],
)
def test_redirects(status: int, location: str, kind: str, permanent: bool) -> None:
    found = answer("", status, Location=location)
    assert (found.kind, found.permanent) == (kind, permanent)
    assert (found.target is None) == (kind == "none")


def test_a_meta_refresh_leads_on() -> None:
    found = answer("<meta http-equiv=refresh content='0; url=/moi.p-12.html'>")
    assert (found.kind, found.target) == ("redirect", "http://kkt.kontum.gov.vn/moi.p-12.html")
    assert (found.problem or "").startswith("refresh:")


def test_a_page_that_reloads_itself_is_an_article() -> None:
    assert answer("<meta http-equiv=refresh content=300>" + ARTICLE).kind == "article"


def test_a_feed_is_a_listing() -> None:
    assert answer('<?xml version="1.0"?><rss><channel/></rss>', Content_Type="text/xml").kind == (
        "listing"
    )


@pytest.mark.parametrize(
    "body",
    [
        b"\x00" * 5000,
        b"<" * 50_000,
        b"\xff\xfe\x00<",
        b"<a href='http://['>x</a>",
        b"&#x110000;" * 99,
    ],
)
def test_rubbish_never_raises(body: bytes) -> None:
    assert answer(body).kind in ("none", "soft-gone", "article", "document")
