"""Every key of a portal file changes what a user sees: two values in, two behaviours out."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from scrapy.crawler import Crawler
from scrapy.settings import Settings

from kontum_crawler.commands.extract import portals as list_portals
from kontum_crawler.errors import NotArticle
from kontum_crawler.extract import extract
from kontum_crawler.pipelines.session import Options, Session
from kontum_crawler.portals import Portal, load
from kontum_crawler.spiders.portal import PortalSpider
from kontum_crawler.spiders.start import seeds
from kontum_crawler.spiders.walk import Walk

DOC = Path(__file__).parents[2] / "docs" / "adding-a-portal.md"
URL = "http://a.example.vn/tin/hoi-nghi-12"
BASE = {
    "key": '"a"',
    "name": '"A"',
    "status": '"recorded"',
    "hosts": '["a.example.vn", "b.example.vn"]',
}
URLS = {"article": r"['^/tin/(?P<slug>[^/?]+)-(?P<id>\d+)']"}
LAYOUT = {"title": '["h1"]', "body": '[".text"]'}
SENTENCE = (
    "Đơn vị tổ chức hội nghị cán bộ, công chức tại trụ sở cơ quan vào sáng nay, có đủ đại biểu."
)
PAGE = f"""<!DOCTYPE html><html><head><title>Site</title></head><body><h1>Hội nghị lần một</h1>
<h2 class="kicker">Hội nghị lần hai</h2><div class="lead">Lời dẫn của bài viết này.</div>
<p class="date">08:30 12/01/2024</p><p class="date2">13/01/2024</p><p class="who">Y Hoa</p>
<p class="from">Báo Kon Tum</p><p class="section">Thời sự</p><p class="words"><a>cà phê</a></p>
<div class="text"><p>{SENTENCE}</p><p class="ad">Quảng cáo của nhà tài trợ cho bài viết.</p>
<p>Mời xem: chuyên đề khác của trang.</p><p>Hết bài. {SENTENCE}</p><p>A Bình</p></div>
<div class="other"><p>Một bài khác: {SENTENCE}</p></div>
<div class="files"><a href="/tep/cong-van.pdf">Công văn</a></div>
<div class="shot"><img src="/anh/a.jpg"></div></body></html>"""

FOREIGN = b"<h1>Tolang Jrai tring anai</h1><div class=text>" + b"Hrei anai ming gah ia drai. " * 9


def written(folder: Path, **parts: dict[str, str] | list[dict[str, str]]) -> Portal:
    """A portal file of these keys, loaded."""
    lines = [f"{key} = {value}" for key, value in dict(parts["top"]).items()]
    lines += ["[urls]", *(f"{key} = {value}" for key, value in dict(parts["urls"]).items())]
    for layout in parts["layouts"]:
        lines += ["[[layout]]", *(f"{key} = {value}" for key, value in dict(layout).items())]
    path = folder / "portals" / "a.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines), "utf-8")
    return load(path)


def article(portal: Portal, folder: Path) -> Any:
    """The article of the page, or why it has none."""
    try:
        return extract(PAGE.encode(), url=URL, portal=portal)
    except NotArticle as reason:
        return reason.kind


def field(name: str) -> Callable[[Portal, Path], Any]:
    """What one field of the article is."""
    return lambda portal, folder: getattr(article(portal, folder), name)


def listed(portal: Portal, folder: Path) -> Any:
    """What `kontum portals` says of it."""
    run = CliRunner().invoke(list_portals, ["--json", "--archive", str(folder)])
    return next(row for row in json.loads(run.output) if "a.example.vn" in row["hosts"])


def begun(portal: Portal, folder: Path) -> Any:
    """Where a crawl begins."""
    return [(link.url, link.kind) for link in seeds(portal, Walk(portal, ()), Options())[0]]


def crawled(portal: Portal, folder: Path) -> Any:
    """The pace and the checks of a crawl."""
    settings = Settings()
    settings.setmodule("kontum_crawler.settings")
    session = Session.open(folder, [portal.key], Options())
    try:
        crawler = Crawler(PortalSpider, settings)
        spider = PortalSpider.from_crawler(crawler, session=session, portal=portal)
        unchecked = crawler.settings.getlist("KONTUM_UNVERIFIED_HOSTS")
        return spider.pace.slot(), unchecked
    finally:
        session.archive.close()


def addressed(path: str, host: str = "a.example.vn") -> Callable[[Portal, Path], Any]:
    """What an address is."""
    return lambda portal, folder: portal.address(f"http://{host}{path}")


TOP: dict[str, tuple[str, Callable[[Portal, Path], Any]]] = {
    "key": ('"other"', field("portal")),
    "name": ('"B"', listed),
    "hosts": ('["a.example.vn", "c.example.vn"]', addressed("/tin/x-1", "c.example.vn")),
    "family": ('"wordpress"', begun),
    "status": ('"template"', listed),
    "base_url": ('"http://b.example.vn/"', begun),
    "start_urls": ('["/tin-tuc"]', begun),
    "sitemaps": ('["/so-do.xml"]', begun),
    "feeds": ('["/nguon.xml"]', begun),
    "apis": ('["/wp-json/wp/v2/posts"]', begun),
    "timezone": ('"Asia/Tokyo"', field("published_at")),
    "lang": ('"jra"', lambda portal, folder: extract(FOREIGN, url=URL, portal=portal).lang),
    "delay": ("7.5", crawled),
    "concurrency": ("4", crawled),
    "live": ("false", listed),
    "unchecked_certificates": ('["b.example.vn"]', crawled),
}
ADDRESSES = {
    "article": (r"['^/tin/(?P<slug>[^/?]+)', '^/bai/(?P<id>\d+)']", addressed("/bai/3")),
    "listing": ("['^/muc/']", addressed("/khac/x")),
    "document": ("['^/tai/']", addressed("/tai/3")),
    "requisite": ("['^/anh/']", addressed("/anh/3")),
    "other": ("['^/tin/rieng-']", addressed("/tin/rieng-1")),
    "hosts": (
        r"[{ pattern = '^/tin/(?P<slug>[^/]+)-(?P<id>\d+)', hosts = ['b.example.vn'] }]",
        addressed("/tin/x-1"),
    ),
    "space": (
        r"[{ pattern = '^/tin/(?P<slug>[^/]+)-(?P<id>\d+)', space = 'old' }]",
        addressed("/tin/x-1"),
    ),
    "alias": (
        r"[{ pattern = '^/tin/(?P<slug>[^/]+)-(?P<id>\d+)', alias = true }]",
        addressed("/tin/x-1"),
    ),
    "category": (r"['^/(?P<category>tin)/(?P<slug>[^/]+)-(?P<id>\d+)']", addressed("/tin/x-1")),
}
LAYOUTS: dict[str, tuple[str, Callable[[Portal, Path], Any]]] = {
    "name": ('"renamed"', lambda portal, folder: article(portal, folder).rules["layout"]),
    "fits": ('["#none"]', lambda portal, folder: article(portal, folder).rules["layout"]),
    "title": ('["h2.kicker"]', field("title")),
    "lead": ('[".lead"]', field("lead")),
    "body": ('[".other"]', field("body")),
    "byline": ('[".who", "last-line"]', field("byline")),
    "source": ('[".from"]', field("source")),
    "published_at": ('[".date2"]', field("published_at")),
    "category": ('[".section"]', field("category")),
    "tags": ('[".words a"]', field("tags")),
    "attachments": ('[".files"]', field("attachments")),
    "images": ('[".shot"]', field("images")),
    "remove": ('[".ad"]', field("body")),
    "drop": ('["Mời xem"]', field("body")),
    "cut": ('["Hết bài"]', field("body")),
}


@pytest.mark.parametrize("key", TOP)
def test_a_key_of_the_portal(key: str, tmp_path: Path) -> None:
    value, seen = TOP[key]
    layout = LAYOUT | {"published_at": '["meta.none"]'} if key != "timezone" else dict(LAYOUT)
    before = seen(written(tmp_path, top=BASE, urls=URLS, layouts=[layout]), tmp_path)
    after = seen(written(tmp_path, top=BASE | {key: value}, urls=URLS, layouts=[layout]), tmp_path)
    assert before != after


@pytest.mark.parametrize("key", ADDRESSES)
def test_a_key_of_the_addresses(key: str, tmp_path: Path) -> None:
    value, seen = ADDRESSES[key]
    name = key if key in ("article", "listing", "document", "requisite", "other") else "article"
    before = seen(written(tmp_path, top=BASE, urls=URLS, layouts=[LAYOUT]), tmp_path)
    after = seen(written(tmp_path, top=BASE, urls=URLS | {name: value}, layouts=[LAYOUT]), tmp_path)
    assert before != after


@pytest.mark.parametrize("key", LAYOUTS)
def test_a_key_of_a_layout(key: str, tmp_path: Path) -> None:
    value, seen = LAYOUTS[key]
    before = seen(written(tmp_path, top=BASE, urls=URLS, layouts=[LAYOUT]), tmp_path)
    after = seen(written(tmp_path, top=BASE, urls=URLS, layouts=[LAYOUT | {key: value}]), tmp_path)
    assert before != after


@pytest.mark.parametrize(
    ("until", "since", "title"),
    [
        ("2023-12-31", "2024-01-01", "Hội nghị lần hai"),
        ("2024-01-12", "2024-01-13", "Hội nghị lần một"),
        ("2020-12-31", "2025-01-01", "Hội nghị lần một"),
    ],
)
def test_of_two_layouts_that_fit_the_days_decide(
    until: str, since: str, title: str, tmp_path: Path
) -> None:
    """The page says 12/01/2024; where neither holds it, the one listed first is used."""
    dated = {"published_at": '[".date"]'}
    old = LAYOUT | dated | {"until": until}
    new = LAYOUT | dated | {"title": '["h2.kicker"]', "since": since}
    portal = written(tmp_path, top=BASE, urls=URLS, layouts=[old, new])
    assert article(portal, tmp_path).title == title


def test_a_layout_that_fits_better_goes_before_one_whose_days_hold(tmp_path: Path) -> None:
    """An old article on a page of the new looks."""
    old = LAYOUT | {"body": '["#gone"]', "until": "2024-12-31"}
    new = LAYOUT | {"title": '["h2.kicker"]', "since": "2025-01-01"}
    portal = written(tmp_path, top=BASE, urls=URLS, layouts=[old, new])
    assert article(portal, tmp_path).title == "Hội nghị lần hai"


def test_a_label_gives_a_date_and_a_byline(tmp_path: Path) -> None:
    page = PAGE.replace('<p class="date">', "<p>Đăng lúc: ").replace(
        '<p class="who">', "<p>Người gửi: "
    )
    rules = {"published_at": '["label: Đăng lúc"]', "byline": '["label: Người gửi"]'}
    portal = written(tmp_path, top=BASE, urls=URLS, layouts=[LAYOUT | rules])
    found = extract(page.encode(), url=URL, portal=portal)
    assert (found.published_at, found.byline) == ("2024-01-12T08:30:00+07:00", "Y Hoa")


def test_each_documented_key_has_a_case() -> None:
    rows = re.findall(r"^\| (`[^|]+) \|", DOC.read_text("utf-8"), re.M)
    keys = {key for row in rows for key in re.findall(r"`([a-z_]+)`", row)}
    tried = {*TOP, *ADDRESSES, *LAYOUTS, "since", "until"}
    assert keys - tried == set()
    assert {"since", "cut", "unchecked_certificates"} <= keys
