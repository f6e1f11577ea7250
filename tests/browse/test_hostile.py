"""A page that tries everything: nothing of it runs, asks outside, or sees a cookie of ours."""

from collections.abc import Callable
from typing import Any

import browse_hostile as hostile
import pytest
from browse_chromium import window

Rows = Callable[..., list[dict[str, Any]]]
ARTICLE = f"/a/kkt/{hostile.SLUG}"


@pytest.fixture(scope="module")
def captures(rows: Rows) -> list[int]:
    found = rows("SELECT id FROM captures WHERE url = ? ORDER BY id", hostile.URL)
    return [row["id"] for row in found]


def paths(captures: list[int]) -> list[str]:
    own = [ARTICLE, f"{ARTICLE}/compare", "/search?q=canh+giac", "/day/2024-05-09"]
    return [*own, *(f"/capture/{n}{end}" for n in captures for end in ("", "/page"))]


def test_nothing_runs_and_nothing_is_asked_outside(
    chromium: Any, site: str, captures: list[int]
) -> None:
    assert len(captures) == 2
    for path in paths(captures):
        with window(chromium) as page:
            said: list[str] = []
            page.on("dialog", lambda box, said=said: (said.append(box.message), box.dismiss()))
            page.goto(site + path)
            page.wait_for_load_state("networkidle")
            for frame in page.frames:
                assert frame.evaluate("window.ran ?? null") is None, (path, frame.url)
            assert said == []
            assert [url for url in page.asked if not url.startswith(f"{site}/")] == []
            assert page.url == site + path


def test_clicking_and_typing_into_a_capture_does_nothing(
    chromium: Any, site: str, captures: list[int]
) -> None:
    with window(chromium) as page:
        page.goto(f"{site}/capture/{captures[0]}")
        frame = page.frame_locator("iframe.captured")
        for selector in ("#js", "#data", "#send", "h1", "svg"):
            frame.locator(selector).first.click(timeout=3000, force=True)
        page.wait_for_load_state("networkidle")
        assert page.url == f"{site}/capture/{captures[0]}"
        assert page.frames[1].evaluate("window.ran ?? null") is None
        assert [url for url in page.asked if not url.startswith(f"{site}/")] == []


def test_the_cookies_of_the_site_are_out_of_reach(
    chromium: Any, site: str, captures: list[int]
) -> None:
    with window(chromium) as page:
        page.context.add_cookies([{"name": "secret", "value": "1", "url": site}])
        page.goto(f"{site}/capture/{captures[0]}")
        inside = page.frames[1]
        reading = "(() => { try { return document.cookie } catch (e) { return e.name } })()"
        assert inside.evaluate(reading) == "SecurityError"
        assert inside.evaluate("self.origin") == "null"
        page.goto(f"{site}/capture/{captures[0]}/page")
        assert page.evaluate(reading) == "SecurityError"


def test_its_own_picture_and_style_sheet_are_shown_from_their_captures(
    chromium: Any, site: str, captures: list[int]
) -> None:
    with window(chromium) as page:
        page.goto(f"{site}/capture/{captures[0]}")
        page.wait_for_load_state("networkidle")
        inside = page.frames[1]
        assert inside.evaluate("document.querySelector('#own').naturalWidth") == 1
        colour = inside.evaluate("getComputedStyle(document.querySelector('p')).color")
        assert colour == "rgb(1, 2, 3)"


def test_the_policy_alone_stops_a_page_that_was_not_cleaned(chromium: Any, site: str) -> None:
    """The second wall: the same headers around the page as it came."""
    from kontum_crawler.browse.captured import QUIET

    with window(chromium) as page:
        page.context.route(
            f"{site}/raw",
            lambda route: route.fulfill(
                status=200, headers={**QUIET, "content-type": "text/html"}, body=hostile.page()
            ),
        )
        refused: list[str] = []
        page.on("console", lambda line: refused.append(line.text))
        page.goto(f"{site}/raw")
        assert page.evaluate("window.ran ?? null") is None
        assert any("Content Security Policy" in text or "sandbox" in text for text in refused)
