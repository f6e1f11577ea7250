"""What a reader meets in a real browser, compared with the database."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from browse_chromium import window

Rows = Callable[..., list[dict[str, Any]]]
PHONE = {"viewport": {"width": 320, "height": 640}, "is_mobile": True, "has_touch": True}


@pytest.fixture(scope="module")
def page(chromium: Any) -> Iterator[Any]:
    with window(chromium, viewport={"width": 1200, "height": 900}) as opened:
        yield opened


@pytest.fixture(scope="module")
def edited(rows: Rows) -> dict[str, Any]:
    row = rows("SELECT * FROM articles WHERE version > 1 ORDER BY id LIMIT 1")[0]
    return {**row, "href": f"/a/{row['portal']}/{quote(row['slug'])}"}


def folded(text: str | None) -> str:
    return " ".join((text or "").split())


def test_from_home_to_an_article(page: Any, site: str, rows: Rows) -> None:
    page.goto(f"{site}/")
    wanted = rows(
        "SELECT * FROM articles WHERE published_at IS NOT NULL ORDER BY published_at DESC, id DESC"
    )[0]
    page.locator(".list .title").first.click()
    assert folded(page.locator("h1").inner_text()) == folded(wanted["title"])
    shown = folded(page.locator("article .text").inner_text())
    assert folded((wanted["body"] or "").split("\n\n")[0]) in shown


def test_a_search_is_narrowed_by_its_facets(page: Any, site: str) -> None:
    page.goto(f"{site}/")
    page.fill("#q", "kinh tế")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    before = page.locator(".list > li").count()
    line = page.locator(".facet li").first
    count = int(line.locator("span").inner_text())
    line.locator("a").click()
    page.wait_for_selector(".chosen")
    assert page.locator(".list > li").count() == min(count, 20) <= before
    page.locator(".chosen a").first.click()
    page.wait_for_selector(".chosen", state="detached")
    assert page.locator(".list > li").count() == before
    assert page.locator("mark").first.inner_text().lower() in ("kinh", "tế")


def test_the_keys_slash_j_and_k(page: Any, site: str, edited: dict[str, Any]) -> None:
    page.goto(f"{site}/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator(".list .title").nth(1).inner_text()
    assert page.evaluate("document.activeElement.innerText") == second
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_selector("article")
    page.wait_for_load_state()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("j/k")
    assert page.input_value("#q") == "j/k"
    page.goto(site + edited["href"])
    target = page.locator("a[rel=prev]").get_attribute("href")
    page.keyboard.press("k")
    page.wait_for_url(f"{site}{target}")


def test_versions_stand_side_by_side(page: Any, site: str, edited: dict[str, Any]) -> None:
    page.goto(site + edited["href"])
    page.locator("a", has_text="So sánh các bản").first.click()
    page.wait_for_url("**/compare")
    old, new = (page.locator(".sides > div").nth(n).bounding_box() for n in (2, 3))
    assert old["x"] + old["width"] <= new["x"]
    assert page.locator("del, ins").count() > 0


def test_a_captured_page_shows_what_was_captured(page: Any, site: str, rows: Rows) -> None:
    row = rows(
        "SELECT c.id, c.url, a.title FROM captures c JOIN articles a ON a.id = c.article_id"
        " WHERE a.slug LIKE '%“thang-hanh-dong%' AND c.status = 200 LIMIT 1"
    )[0]
    page.goto(f"{site}/capture/{row['id']}")
    assert row["url"] in page.locator(".banner").inner_text()
    frame = page.frame_locator("iframe.captured")
    assert folded(row["title"]) in folded(frame.locator("body").inner_text())
    assert page.locator(".banner a[rel~=noreferrer]").get_attribute("href") == row["url"]


def test_a_link_inside_a_capture_leads_to_the_capture_of_its_target(
    page: Any, site: str, rows: Rows
) -> None:
    first, second = (
        rows("SELECT id FROM captures WHERE url LIKE ? ORDER BY id LIMIT 1", f"%p-{n}.html")[0][
            "id"
        ]
        for n in (9001, 9002)
    )
    page.goto(f"{site}/capture/{first}")
    page.frame_locator("iframe.captured").locator("#next").click()
    page.wait_for_url(f"{site}/capture/{second}")
    page.goto(f"{site}/capture/{first}")
    page.frame_locator("iframe.captured").locator("#away").click()
    page.wait_for_url(f"{site}/capture/{first}/go*")
    live = page.locator("main a[rel~=noreferrer]").first
    assert live.get_attribute("href") == "http://outside.invalid/away"


def test_a_day_of_the_calendar_leads_to_its_articles(page: Any, site: str, rows: Rows) -> None:
    page.goto(f"{site}/calendar/2024")
    page.locator("svg.year a").first.click()
    day = page.url.rpartition("/")[2]
    wanted = rows("SELECT title FROM articles WHERE published_at LIKE ?", f"{day}%")
    shown = [folded(title) for title in page.locator(".list .title").all_inner_texts()]
    assert {folded(row["title"]) for row in wanted} <= set(shown)
    assert wanted


@pytest.mark.parametrize("path", ["/", "/search?q=kinh", "/calendar/2024", "/runs", "article",
                                  "compare", "/capture/5", "/portal/kkt", "/coverage",
                                  "/coverage/kkt"])  # fmt: skip
def test_a_phone_needs_no_sideways_scrolling(
    chromium: Any, site: str, edited: dict[str, Any], path: str
) -> None:
    known = {"article": edited["href"], "compare": f"{edited['href']}/compare"}
    with window(chromium, **PHONE) as phone:
        phone.goto(site + known.get(path, path))
        assert phone.evaluate("document.documentElement.scrollWidth") <= 320


def test_dark_mode_is_dark_and_print_is_plain(chromium: Any, site: str) -> None:
    light = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    with window(chromium, color_scheme="dark") as dark:
        dark.goto(f"{site}/")
        assert max(dark.evaluate(light)[:3]) < 60
        dark.emulate_media(media="print")
        assert min(dark.evaluate(light)[:3]) == 255
        assert not dark.locator("header.top").is_visible()


def test_everything_can_be_read_and_searched_without_scripts(
    chromium: Any, site: str, rows: Rows
) -> None:
    with window(chromium, java_script_enabled=False) as plain:
        plain.goto(f"{site}/")
        plain.fill("#q", "tre em")
        plain.click("header button")
        title = plain.locator(".list .title").first.inner_text()
        plain.locator(".list .title").first.click()
        assert plain.locator("h1").inner_text() == title
        plain.goto(f"{site}/")
        plain.locator("a[hreflang=en]").click()
        assert plain.locator("html").get_attribute("lang") == "en"


def test_no_mark_of_a_letter_is_clipped(page: Any, site: str) -> None:
    """The tallest letters, Ế and Ỗ, fit into the line that headings and text give them."""
    page.goto(f"{site}/")
    for selector in ("h1", ".list .title", "button", ".meta", "td"):
        ratio = page.evaluate(
            """(selector) => {
                const style = getComputedStyle(document.querySelector(selector));
                const pen = document.createElement("canvas").getContext("2d");
                pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
                const ink = pen.measureText("ẾỖẬỹ");
                const tall = ink.actualBoundingBoxAscent + ink.actualBoundingBoxDescent;
                const line = parseFloat(style.lineHeight) || 1.2 * parseFloat(style.fontSize);
                return tall / line;
            }""",
            selector,
        )
        assert ratio <= 1.0, selector


def test_all_pages_ask_only_our_own_server(page: Any, site: str, edited: dict[str, Any]) -> None:
    page.asked.clear()
    for path in ("/", edited["href"], f"{edited['href']}/compare", "/search?q=kinh", "/capture/5",
                 "/calendar/", "/runs", "/kontum", "/kontum/articles", "/-/databases"):  # fmt: skip
        page.goto(site + path)
    assert [url for url in page.asked if not url.startswith(f"{site}/")] == []
