# ruff: noqa: E501  (a line of markup is kept as a page would have it)
"""On hosts that no file names the page says whether it is an article; three systems, then none."""

import pytest
from extract.chromes import CHROMES, SITE, Chrome

from kontum_crawler.extract.answer import read_answer
from kontum_crawler.portals import Registry

HOST = "http://donvi.example.vn"
PORTAL = Registry().generic("donvi.example.vn")
PROSE = (
    "Sáng ngày 12/01, đơn vị tổ chức hội nghị cán bộ, công chức, viên chức và người lao động năm 2024."
    " Hội nghị đã nghe báo cáo kết quả công tác năm 2023 và phương hướng nhiệm vụ năm 2024."
)
TEXT = f"<p>{PROSE}</p><p>{PROSE.replace('2023', '2022')}</p>"
ABOUT = (
    "<p>Sở là cơ quan chuyên môn thuộc Ủy ban nhân dân tỉnh, tham mưu, giúp Ủy ban nhân dân tỉnh quản lý"
    " nhà nước về đất đai, tài nguyên nước, khoáng sản và môi trường trên địa bàn.</p>"
)
TITLE = "Hội nghị cán bộ, công chức năm 2024"
STAMP = "<p>Thứ sáu, 12/01/2024 08:30</p>"


def _teasers(way: str) -> str:
    return "".join(
        f'<article class="post"><h2><a href="{way.format(n)}">Ra mắt mô hình camera an ninh số {n} tại thôn</a></h2>'
        f"<p>12/0{n}/2024</p><p>Mô hình camera an ninh số {n} do Hội Phụ nữ chủ trì vừa ra mắt, với sự tham gia của"
        " đông đảo bà con trong thôn và các đơn vị đứng chân trên địa bàn xã.</p></article>"
        for n in range(1, 7)
    )


def _page(names: str, title: str, main: str, head: str = "") -> str:
    return (
        f'<!DOCTYPE html><html lang="vi"><head><title>{title} - {SITE}</title><meta property="og:type"'
        f' content="article">{head}</head><body class="{names}"><header><a href="/">{SITE}</a></header><nav><ul><li>'
        '<a href="/">Trang chủ</a></li><li><a href="/gioi-thieu/">Giới thiệu</a></li></ul></nav>'
        f'<main id="content"><h1 class="title">{title}</h1>{main}</main><footer>© {SITE}</footer></body></html>'
    )


def _data(*kinds: str) -> str:
    graph = ",".join(f'{{"@type":"{kind}","headline":"{TITLE}"}}' for kind in kinds)
    return (
        '<script type="application/ld+json">{"@context":"https://schema.org","@graph":['
        f"{graph}]}}</script>"
    )


WORDPRESS = "/hoi-nghi-so-{}-cua-don-vi/"
PAGES = [
    # path, body class, title, content, head, is it an article
    ("/hoi-nghi/", "single single-post postid-12", TITLE, TEXT, _data("WebPage", "Article"), True),
    ("/2024/01/hoi-nghi/", "single single-post", TITLE, STAMP + TEXT, "", True),
    ("/?p=12", "post-template-default single", TITLE, TEXT, "", True),
    ("/hoi-nghi-can-bo-cong-chuc/", "", TITLE, TEXT, "", True),
    (
        "/category/tin-tuc-su-kien-noi-bat/",
        "archive category",
        "Tin tức sự kiện nổi bật",
        _teasers(WORDPRESS),
        "",
        False,
    ),
    (
        "/category/tin-tuc-su-kien-noi-bat/",
        "",
        "Tin tức sự kiện nổi bật",
        _teasers(WORDPRESS),
        "",
        False,
    ),
    ("/category/covid-19/", "", "Covid-19", _teasers(WORDPRESS), "", False),
    ("/tin-tuc-su-kien-noi-bat/", "", "Tin tức sự kiện nổi bật", _teasers(WORDPRESS), "", False),
    (
        "/tin-tuc-su-kien-noi-bat/",
        "",
        "Tin tức sự kiện nổi bật",
        _teasers(WORDPRESS),
        _data("CollectionPage"),
        False,
    ),
    (
        "/tag/cai-cach-hanh-chinh/",
        "archive tag",
        "cải cách hành chính",
        _teasers(WORDPRESS),
        "",
        False,
    ),
    ("/tag/cai-cach-hanh-chinh/", "", "cải cách hành chính", _teasers(WORDPRESS), "", False),
    ("/page/2/", "blog paged", "Tin mới", _teasers(WORDPRESS), "", False),
    ("/tin-tuc/page/12/", "", "Tin mới", _teasers(WORDPRESS), "", False),
    ("/tin-tuc/page-12/", "", "Tin mới", _teasers(WORDPRESS), "", False),
    ("/author/quantri/", "archive author", "quantri", _teasers(WORDPRESS), "", False),
    (
        "/about/",
        "page-template-default page page-id-2",
        "Giới thiệu về đơn vị",
        ABOUT,
        _data("WebPage"),
        False,
    ),
    ("/gioi-thieu/", "", "Giới thiệu", ABOUT, "", False),
    ("/gioi-thieu/chuc-nang-nhiem-vu.html", "", "Chức năng, nhiệm vụ", ABOUT, "", False),
    ("/gioi-thieu/ve-nguon-tai-di-tich-123.html", "", TITLE, ABOUT, "", True),
    ("/lien-he.html", "", "Liên hệ", ABOUT, "", False),
    (
        "/index.php?option=com_content&view=article&id=12:hoi-nghi&catid=3",
        "site com_content view-article",
        TITLE,
        TEXT,
        "",
        True,
    ),
    (
        "/index.php?option=com_content&view=category&id=3",
        "site com_content view-category layout-blog",
        "Tin tức",
        _teasers("/index.php/tin-tuc/{}-hoi-nghi"),
        "",
        False,
    ),
    ("/index.php/tin-tuc/12-hoi-nghi-can-bo-cong-chuc", "", TITLE, TEXT, "", True),
    (
        "/tin-tuc-trong-tinh-moi-nhat",
        "site view-category",
        "Tin tức trong tỉnh",
        _teasers("/tin/{}-hoi"),
        "",
        False,
    ),
    ("/node/12", "path-node page-node-type-article", TITLE, STAMP + TEXT, "", True),
    ("/node/12", "", TITLE, TEXT, "", True),
    ("/node/7", "path-node page-node-type-page", "Giới thiệu về đơn vị", ABOUT, "", True),
    ("/taxonomy/term/3", "path-taxonomy", "Thông báo", _teasers("/node/{}"), "", False),
    ("/taxonomy/term/3", "", "Thông báo", _teasers("/node/{}"), "", False),
    ("/", "home", SITE, TEXT, "", False),
    ("/thong-bao/", "", "Thông báo", _teasers("/node/{}"), "", False),
    ("/thong-bao/nghi-le", "", "Thông báo nghỉ lễ", STAMP + ABOUT, "", True),
]


def _kind(path: str, source: str) -> str:
    return read_answer(
        url=HOST + path,
        status=200,
        headers=[("Content-Type", "text/html; charset=utf-8")],
        body=source.encode(),
        portal=PORTAL,
    ).kind


@pytest.mark.parametrize(("path", "names", "title", "main", "head", "wanted"), PAGES)
def test_the_page_tells_what_it_is(
    path: str, names: str, title: str, main: str, head: str, wanted: bool
) -> None:
    found = _kind(path, _page(names, title, main, head))
    assert found == ("article" if wanted else "listing")


@pytest.mark.parametrize("chrome", CHROMES, ids=lambda chrome: chrome.__name__)
@pytest.mark.parametrize("path", ["/tin-tuc-su-kien-noi-bat/", "/su-kien/", "/su-kien/trong-tinh"])
def test_a_list_of_teasers_is_none_in_any_chrome(chrome: Chrome, path: str) -> None:
    main = f"<h1>Tin tức sự kiện nổi bật</h1>{_teasers('/tin-{}.html')}"
    assert _kind(path, chrome(f"Tin tức sự kiện nổi bật - {SITE}", main, "")) == "listing"


@pytest.mark.parametrize("chrome", CHROMES, ids=lambda chrome: chrome.__name__)
@pytest.mark.parametrize(
    "path", ["/tin/hoi-nghi-so-ket-1404.html", "/hoi-nghi-so-ket-nam-nay", "/a/b"]
)
def test_a_short_article_above_its_neighbours_is_one_in_any_chrome(
    chrome: Chrome, path: str
) -> None:
    others = "".join(
        f'<li><a href="/tin-{n}.html">Tổ chức hội nghị sơ kết phong trào thi đua số {n}</a></li>'
        for n in range(8)
    )
    main = f"<h1>{TITLE}</h1>{STAMP}<p>{PROSE}</p><p><b>Tin liên quan</b></p><ul>{others}</ul>"
    assert _kind(path, chrome(f"{TITLE} - {SITE}", main, "")) == "article"


@pytest.mark.parametrize("path", ["/hoi-nghi-can-bo-cong-chuc/", "/tin/hoi-nghi-1404.html"])
def test_a_soft_404_above_recent_posts_is_no_list(path: str) -> None:
    main = f"<p>Bài viết bạn tìm không còn tồn tại.</p><h2>Tin mới</h2>{_teasers(WORDPRESS)}"
    assert _kind(path, _page("error404", "Không tìm thấy trang", main)) == "soft-gone"


def test_a_page_of_too_many_blocks_is_a_problem_and_no_fault() -> None:
    assert _kind("/su-kien/x", "<p>Một đoạn</p><h3>Một tiêu đề</h3>" * 14_000) == "none"
