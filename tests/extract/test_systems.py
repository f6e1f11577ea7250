"""Pages of systems that no file of ours describes, written for the purpose, field by field.

Each is a whole page (menu, boxes, counters, related news, foot) of one kind of content management
system of Vietnamese offices and newspapers, with its truth.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from kontum_crawler.extract import extract
from kontum_crawler.items import Article
from kontum_crawler.portals import Registry

LINES = (Path(__file__).parents[1] / "data" / "systems.jsonl").read_text("utf-8").splitlines()
PAGES = [json.loads(line) for line in LINES]


@pytest.mark.parametrize("page", PAGES, ids=[page["name"] for page in PAGES])
def test_each_field_is_as_the_page_says(page: dict[str, Any]) -> None:
    portals = Registry()
    portal = portals.for_url(page["url"]) or portals.generic(page["url"].split("/")[2])
    article = extract(page["html"].encode(), url=page["url"], portal=portal)
    found = {name: read(article, name) for name in page["truth"]}
    assert found == page["truth"]


def read(article: Article, name: str) -> Any:
    """A field in the form that the truth has it in."""
    value = getattr(article, name)
    if name == "images":
        return [[one.url.rpartition("/")[2], one.caption, one.credit] for one in value]
    if name == "attachments":
        return [one.url.rpartition("/")[2] for one in value]
    if name == "citations":
        return [one.number for one in value]
    return len(value) if name == "tables" else value


@pytest.mark.parametrize(
    ("path", "slug"),
    [("/thong-bao-2/", "thong-bao-2"), ("/Thong-bao.html", "Thong-bao"), ("/xem/", "thong-bao")],
)
def test_a_short_address_gives_the_slug_where_the_title_made_it(path: str, slug: str) -> None:
    text = "<p>Huyện thông báo lịch tiếp công dân tháng này tại trụ sở Ủy ban nhân dân.</p>" * 3
    page = f"<html><head><title>Thông báo</title></head><body><h1>Thông báo</h1>{text}</body>"
    portal = Registry().generic("a.vn")
    assert extract(page.encode(), url=f"http://a.vn{path}", portal=portal).slug == slug


TABLE = "<table><tr><th>Ngày</th><th>Việc</th></tr><tr><td>15/5</td><td>Giao ban</td></tr></table>"
ITEMS = "<ul><li>Máy tính</li><li>Bàn ghế</li></ul>"
TEXT = (
    "<p>Liên đoàn Lao động tỉnh thông báo kế hoạch công tác tuần 20 của các đồng chí lãnh đạo.</p>"
)


@pytest.mark.parametrize("around", [("", TABLE), (TABLE, ""), ("", ITEMS), ("", ITEMS + TABLE)])
def test_tables_and_lists_beside_the_only_paragraph_are_text(around: tuple[str, str]) -> None:
    head = "<title>Kế hoạch công tác tuần 20</title>"
    body = (
        f"<h1>Kế hoạch công tác tuần 20</h1><p>12/5/2023</p><div>{around[0]}{TEXT}{around[1]}</div>"
    )
    page = f"<html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>"
    article = extract(page.encode(), url="http://a.vn/x", portal=Registry().generic("a.vn"))
    assert ("15/5\tGiao ban" in article.body) == (TABLE in "".join(around))
    assert ("- Máy tính\n- Bàn ghế" in article.body) == (ITEMS in "".join(around))
    assert "Liên đoàn Lao động tỉnh" in article.body


DATED = [
    ("<div class=date>Thứ hai, 15/05/2023</div>", "2023-05-15"),
    ("<p>Thứ Hai, ngày 15/05/2023</p>", "2023-05-15"),
    ("<time>Thứ hai ngày 15 tháng 5 năm 2023</time>", "2023-05-15"),
    ("<p>Thứ ba, 24/11/2026</p>", None),
    ("<div><a href='/x'>Văn bản</a></div><p>Thứ hai, 15/05/2023</p>", None),
]


@pytest.mark.parametrize(("line", "date"), DATED)
def test_a_weekday_with_a_date_is_a_clock_but_right_below_the_headline(
    line: str, date: str | None
) -> None:
    clock = "<div class=date>Thứ ba, 24/11/2026</div>"
    title = "Họp báo quý hai năm nay"
    body = f"{clock}<h1>{title}</h1>{line}<div class=text>{TEXT * 3}</div>"
    page = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
    article = extract(page.encode(), url="http://a.vn/x", portal=Registry().generic("a.vn"))
    assert article.published_at == date
