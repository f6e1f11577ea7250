"""What addresses say: every pattern on addresses that were seen, and on some that must not fit."""

import pytest

from kontum_crawler import portals
from kontum_crawler.portals import Registry

ARTICLES = [
    # portal, address, slug, native id
    (
        "kkt",
        "https://kkt-kontum.gov.vn/tiep-tuc-dau-tu-sao-mai.p-1455.html",
        "tiep-tuc-dau-tu-sao-mai",
        "1455",
    ),
    ("kkt", "http://kkt.kontum.gov.vn/a-%E2%80%9Cb%E2%80%9D-c.p-3496.html", "a-“b”-c", "3496"),
    ("kkt", "http://kkt.kontum.gov.vn/a-“b”-c.p-3496.html", "a-“b”-c", "3496"),
    (
        "kkt",
        "http://kkt-kontum.gov.vn/Dai-hoi-2017-%E2%80%93-2022-/8467",
        "Dai-hoi-2017-–-2022-",
        "8467",
    ),
    (
        "kontum",
        "https://kontum.gov.vn/pages/detail/54939/Chi-dao-24-28022025.html",
        "Chi-dao-24-28022025",
        "54939",
    ),
    (
        "svhttdl",
        "https://svhttdl.kontum.gov.vn/tin-tuc,-su-kien/Dai-hoi-So-VH,-TTDL-5031",
        "Dai-hoi-So-VH,-TTDL",
        "5031",
    ),
    (
        "konplong",
        "https://konplong.kontum.gov.vn/x-y/Xuan-At-Ty-nam-2025-2022",
        "Xuan-At-Ty-nam-2025",
        "2022",
    ),
    ("vpubnd", "http://vpubnd.kontum.gov.vn/NewsDetail.aspx?id=3525", None, "3525"),
    (
        "stnmt",
        "https://stnmt.kontum.gov.vn/vi/news/tuyen-truyen/nhung-moc-3523.html",
        "nhung-moc",
        "3523",
    ),
    (
        "tuyengiao",
        "https://tuyengiaokontum.org.vn/Nhip-cau-tuyen-giao/tin-tuan-1374.html",
        "tin-tuan",
        "1374",
    ),
    (
        "baokontum",
        "http://m.baokontum.com.vn/thoi-su-chinh-tri/ke-hoach-914.html",
        "ke-hoach",
        "914",
    ),
    (
        "kontumtv",
        "https://kontumtv.vn/video-clip/thoi-su/dak-to-tang-cuong",
        "dak-to-tang-cuong",
        None,
    ),
    (
        "daibieudancu",
        "https://daibieudancukontum.gov.vn/KonTum/1363/Ket-qua-8,-XIV.aspx",
        "Ket-qua-8,-XIV",
        "1363",
    ),
    (
        "congan",
        "http://congan.kontum.gov.vn/trang-chu/gioi-thieu/lich-su/cong-an-2015-.html",
        "cong-an-2015-",
        None,
    ),
    (
        "kontumtourism",
        "http://kontumtourism.com.vn/tin-dia-phuong/hon-3100-ty.html",
        "hon-3100-ty",
        None,
    ),
]
OTHERS = [
    ("kkt", "http://kkt.kontum.gov.vn/tin-tuc.c-12.html", "listing"),
    ("kkt", "http://kkt.kontum.gov.vn/-CUA-KHAU/8487", "listing"),
    ("kontum", "https://www.kontum.gov.vn/", "listing"),
    ("skhcn", "https://skhcn.kontum.gov.vn/sam-ngoc-linh-kon-tum", "listing"),
    ("sgtvt", "https://sgtvt.kontum.gov.vn/Default.aspx?id=7447", "listing"),
    ("baokontum", "https://baokontum.com.vn/thoi-su-chinh-tri-21.html?page=426", "listing"),
    ("baokontum", "https://m.baokontum.com.vn/van-hoa-26.html?page=37", "listing"),
    ("kontumtv", "https://kontumtv.vn/tin-tuc/kinh-te", "listing"),
    ("kontumtv", "https://kontumtv.vn/wp-login.php", "other"),
    ("stnmt", "https://stnmt.kontum.gov.vn/tin-tuc/page-2/", "listing"),
    ("stnmt", "https://stnmt.kontum.gov.vn/a/b-12.html?download=1&id=0", "document"),
    ("stnmt", "https://stnmt.kontum.gov.vn/uploads/news/2022_05/04-05-2022-6.jpg", "requisite"),
    ("skhdt", "https://skhdt.kontum.gov.vn/uploads/ke-hoach.PDF", "document"),
    ("kkt", "http://kkt.kontum.gov.vn/tim-kiem?q=a", "other"),
    ("kkt", "http://elsewhere.example/x.p-1.html", None),
]
ALIASES = [
    ("sgtvt", "https://sgtvt.kontum.gov.vn/PrintNews.aspx?id=7447"),
    ("tuyengiao", "https://www.tuyengiaokontum.org.vn/savefile/tin-trong-tuan/tin-tuc-3666.html"),
    ("stnmt", "https://stnmt.kontum.gov.vn/vi/news/print/tin/tin-tuc-3666/"),
    ("kkt", "http://kkt.kontum.gov.vn/print/hoi-nghi.p-12.html"),
    ("kkt", "http://kkt.kontum.gov.vn/hoi-nghi.p-12.html?print=1"),
]


@pytest.mark.parametrize(("key", "url", "slug", "native_id"), ARTICLES)
def test_articles(key: str, url: str, slug: str | None, native_id: str | None) -> None:
    address = portals.get(key).address(url)
    assert address is not None
    assert (address.kind, address.slug, address.native_id) == ("article", slug, native_id)
    assert not address.alias


@pytest.mark.parametrize(("key", "url", "kind"), OTHERS)
def test_what_is_no_article(key: str, url: str, kind: str | None) -> None:
    assert portals.get(key).kind(url) == kind


@pytest.mark.parametrize(("key", "url"), ALIASES)
def test_copies_are_aliases(key: str, url: str) -> None:
    address = portals.get(key).address(url)
    assert address is not None
    assert (address.kind, address.alias) == ("article", True)


def test_a_print_copy_has_the_id_of_its_article() -> None:
    stnmt = portals.get("stnmt")
    copy = stnmt.address("https://stnmt.kontum.gov.vn/savefile/tin/tin-tuc-3666.html")
    article = stnmt.address("https://stnmt.kontum.gov.vn/tin/tin-tuc-3666.html")
    assert copy is not None
    assert article is not None
    assert (copy.native_id, copy.slug, copy.space) == ("3666", article.slug, article.space)


def test_the_generations_of_one_portal_have_ids_of_their_own() -> None:
    kkt = portals.get("kkt")
    old = kkt.address("http://kkt-kontum.gov.vn/Dai-hoi/8467")
    new = kkt.address("http://kkt-kontum.gov.vn/dai-hoi.p-8467.html")
    assert old is not None
    assert new is not None
    assert old.space != new.space


def test_mirrors_schemes_and_prefixes_have_one_key() -> None:
    kkt = portals.get("kkt")
    keys = {
        kkt.url_key(f"{scheme}://{host}/a-%e2%80%9cb.p-1.html")
        for scheme in ("http", "https")
        for host in ("kkt.kontum.gov.vn", "kkt-kontum.com", "www.kkt-kontum.com")
    }
    assert keys == {"kkt.kontum.gov.vn/a-“b.p-1.html"}


@pytest.mark.parametrize(
    ("url", "kind", "native_id"),
    [
        ("https://dakha.kontum.gov.vn/tin-tuc-su-kien/Hoi-nghi-so-ket-1404", "article", "1404"),
        ("https://dakha.kontum.gov.vn/NewsDetail.aspx?id=77", "article", "77"),
        ("https://dakha.kontum.gov.vn/pages/detail/20/Hoi-nghi.html", "article", "20"),
        ("https://dakha.kontum.gov.vn/tin-tuc/hoi-nghi-so-ket-3523.html", "article", "3523"),
        ("https://dakha.kontum.gov.vn/hoi-nghi-so-ket-nam-2025.html", "article", None),
        ("https://dakha.kontum.gov.vn/2024/05/09/hoi-nghi/", "article", None),
        ("https://dakha.kontum.gov.vn/", "listing", None),
        ("https://dakha.kontum.gov.vn/tin-tuc", "listing", None),
        ("https://dakha.kontum.gov.vn/tin-tuc?page=3", "listing", None),
        ("https://dakha.kontum.gov.vn/feed/", "listing", None),
    ],
)
def test_an_unknown_host_is_read_by_all_families(
    url: str, kind: str, native_id: str | None
) -> None:
    address = Registry().generic("dakha.kontum.gov.vn").address(url)
    assert address is not None
    assert (address.kind, address.native_id) == (kind, native_id)


def test_an_unknown_host_has_its_name_as_key() -> None:
    registry = Registry()
    assert registry.for_url("https://www.example.vn/x") is None
    assert registry.generic("www.example.vn").key == "example.vn"
    assert registry.generic("example.vn") is registry.generic("www.example.vn")
