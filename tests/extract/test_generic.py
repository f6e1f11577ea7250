"""The finder for unknown pages: markups of many systems around one known text."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from kontum_crawler.extract import generic
from kontum_crawler.extract.furniture import HostKnowledge, name_kind
from kontum_crawler.extract.generic.segments import parse

PAGES = Path(__file__).parents[1] / "pages"
BODY = [
    "Sáng ngày 10/7, Ủy ban nhân dân huyện tổ chức khai mạc giải bóng chuyền năm 2024.",
    "Tham dự giải có 12 đoàn vận động viên đến từ các xã, thị trấn trên địa bàn huyện.",
    "Giải diễn ra trong 3 ngày, kết thúc vào ngày 13/7 với nhiều trận đấu sôi nổi.",
]
MENU = "<ul>" + "".join(f"<li><a href='/{n}'>Chuyên mục {n}</a></li>" for n in range(12)) + "</ul>"
OTHERS = (
    "<ul>"
    + "".join(
        f"<li><a href='/tin-{n}'>Hội nghị triển khai nhiệm vụ công tác năm {n}</a></li>"
        for n in range(2010, 2020)
    )
    + "</ul>"
)
HEAD = "<html><head><title>Khai mạc giải bóng chuyền huyện - Cổng thông tin</title></head><body>"


def found(html: str) -> generic.Main | None:
    return generic.find(SimpleNamespace(tree=parse(html)), "http://a.test/x")


def paragraphs() -> str:
    return "".join(f"<p>{text}</p>" for text in BODY)


MARKUPS = {
    "nested tables": f"{HEAD}<table><tr><td>{MENU}</td><td><table><tr><td><b>Khai mạc giải bóng"
    f" chuyền huyện</b></td></tr><tr><td>Thứ năm, 11/07/2024</td></tr><tr><td>{paragraphs()}"
    f"</td></tr><tr><td>Các tin khác:</td></tr><tr><td>{OTHERS}</td></tr></table></td></tr>"
    "</table>",
    "br in a div": f"{HEAD}<div>{MENU}</div><div><div>Khai mạc giải bóng chuyền huyện</div>"
    f"<div>11/07/2024 08:30</div><div>{'<br><br>'.join(BODY)}</div><div>Số lượt xem: 12</div>"
    f"<div>Tin liên quan</div>{OTHERS}</div>",
    "wordpress": f"{HEAD}<nav>{MENU}</nav><article><header><h1>Khai mạc giải bóng chuyền huyện</h1>"
    f"</header><div class='entry-content'>{paragraphs()}<div class='sharedaddy'>Chia sẻ lên"
    f" Facebook và các mạng khác, cảm ơn bạn đọc.</div></div></article><aside>{OTHERS}</aside>",
    "one form around all": f"{HEAD}<form id='aspnetForm'><div>{MENU}</div><div>Thứ hai, ngày 15"
    " tháng 7 năm 2024</div><div><div>Khai mạc giải bóng chuyền huyện, chào mừng ngày lễ</div>"
    f"<div>11-7-2024</div><div>{paragraphs()}</div><div>In trang</div>{OTHERS}</div></form>",
    "comments longer than the text": f"{HEAD}<h1>Khai mạc giải bóng chuyền huyện</h1><div>"
    f"{paragraphs()}</div><div class='comments-area'>"
    + "<p>Tôi thấy giải này rất hay, mong năm sau tổ chức tiếp, cảm ơn ban tổ chức.</p>" * 30
    + "</div>",
}


@pytest.mark.parametrize("html", MARKUPS.values(), ids=MARKUPS.keys())
def test_body_is_found_whatever_the_markup(html: str) -> None:
    main = found(html)
    assert main is not None and main.text.split("\n") == BODY


@pytest.mark.parametrize(
    "page", sorted((PAGES / "kkt").glob("reference*.html")), ids=lambda page: page.stem
)
def test_reference_article_is_found_in_each_of_its_markups(page: Path) -> None:
    golden = json.loads(page.with_suffix(".json").read_text("utf-8"))
    main = generic.find(SimpleNamespace(tree=parse(page.read_bytes())), golden["url"])
    assert main is not None
    text = " ".join(main.text.split())
    blocks = [" ".join(line.removeprefix("- ").split()) for line in golden["body"].split("\n")]
    assert [block for block in blocks if block not in text] == []


def test_elements_and_dropped_hold_the_same_text_as_the_answer() -> None:
    main = found(MARKUPS["wordpress"])
    assert main is not None
    (element,) = main.elements
    kept = [one for one in element.iter("p", "div") if one not in main.dropped and not len(one)]
    assert ["".join(one.itertext()) for one in kept] == BODY
    assert [one.get("class") for one in main.dropped] == ["sharedaddy"]


def test_what_the_page_states_is_reported() -> None:
    main = found(
        "<html><head><meta property='og:image' content='/a.jpg'><script type='application/ld+json'>"
        '{"@type": "NewsArticle", "datePublished": "2024-07-11T08:30:00+07:00",'
        ' "author": {"name": "Y Hoa"}}</script></head><body><h1>Khai mạc giải</h1>'
        f"<p class='sapo'>Giải có 12 đoàn.</p><p>11/07/2024</p><div>{paragraphs()}</div></body>"
    )
    assert main is not None
    assert (main.title, main.lead, main.image) == (
        "Khai mạc giải",
        "Giải có 12 đoàn.",
        "http://a.test/a.jpg",
    )
    assert main.published_at_text == "11/07/2024"


def test_page_without_prose_has_no_article() -> None:
    assert found(f"<html><body>{MENU}</body></html>") is None


def test_text_shown_by_script_only_is_found_as_a_last_resort() -> None:
    main = found(f"<html><body><p>Đang tải</p><div style='display:none'>{paragraphs()}</div>")
    assert main is not None and main.text.split("\n") == BODY and main.rule.endswith("hidden")


def test_blocks_of_most_pages_of_a_host_belong_to_none_of_them() -> None:
    motto = "Trang thông tin điện tử của huyện, cơ quan chủ quản là Ủy ban nhân dân huyện."
    knowledge = HostKnowledge()
    for number in range(6):
        page = f"<body><p>{motto}</p><p>Bài số {chr(97 + number)}, một đoạn văn.</p></body>"
        knowledge.learn(generic.page_blocks(parse(page)))
    page = SimpleNamespace(tree=parse(f"<body><div><p>{motto}</p>{paragraphs()}</div></body>"))
    main = generic.find(page, host=knowledge)
    assert main is not None and main.text.split("\n") == BODY


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        ("tin-lien-quan", -1),
        ("binhluan", -3),
        ("relatedPosts", -2),
        ("entry-content", 1),
        ("col-md-9", 0),
        ("fashion-editorial", 0),
    ],
)
def test_names_are_read_as_whole_words(names: str, kind: int) -> None:
    assert name_kind(names) == kind


def test_a_box_that_cuts_what_juts_out_is_not_hidden() -> None:
    assert name_kind("card overflow-hidden") == 0
    assert name_kind("menu-item hidden") < 0


def test_a_doubtful_name_on_much_of_the_text_says_nothing() -> None:
    pieces = [f"{text} {text} {text}" for text in BODY]
    widgets = "".join(f"<div class='widget'><p>{text}</p></div>" for text in pieces)
    main = found(f"{HEAD}{MENU}<div><p>{' '.join(BODY)}</p>{widgets}</div>")
    assert main is not None and main.text.split("\n") == [" ".join(BODY), *pieces]


def test_scripts_and_drawings_are_cut_out_before_the_parser() -> None:
    tree = parse(
        "<p>một<script>var a = '<p>x</p>';</SCRIPT > hai<svg><text>ba</text></svg>bốn</p><style>"
    )
    assert " ".join("".join(tree.itertext()).split()) == "một haibốn"
