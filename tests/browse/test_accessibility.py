"""WCAG 2.2 A and AA as far as axe-core can tell, on each page type, light, dark and on a phone."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from browse_chromium import window

Rows = Callable[..., list[dict[str, Any]]]
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1200, "height": 900}},
    "dark": {"viewport": {"width": 1200, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "locale": "en-GB"},
}
TEMPLATES = 11
RUN = """async () => {
    const found = await axe.run(document, {
        iframes: false,
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    const where = (found) => found.nodes.map((node) => node.html).slice(0, 3).join(" | ");
    return found.violations.map((one) => `${one.id}: ${where(one)}`);
}"""


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The script of axe-core, by npm from the version in axe/package.json; `$KONTUM_AXE` if set."""
    if place := os.environ.get("KONTUM_AXE"):
        return Path(place).read_text("utf-8")
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm: install Debian's package npm, or set $KONTUM_AXE to axe.min.js")
    folder = tmp_path_factory.mktemp("axe")
    shutil.copy(Path(__file__).parent / "axe" / "package.json", folder)
    done = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder)],
        capture_output=True,
        text=True,
        cwd=folder,
    )
    if done.returncode:
        pytest.skip(f"npm cannot install axe-core: {done.stderr[-300:]}")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


@pytest.fixture(scope="module")
def paths(rows: Rows) -> list[str]:
    """An address of each page type: first one of each template, then their variants."""
    row = rows(
        "SELECT a.portal, a.slug, a.unit, v.capture_id FROM articles a JOIN article_versions v"
        " ON v.article_id = a.id WHERE a.version > 1 AND a.unit IS NOT NULL LIMIT 1"
    )[0]
    rich = rows(
        "SELECT a.portal, a.slug FROM articles a JOIN citations c ON c.article_id = a.id"
        " WHERE EXISTS (SELECT 1 FROM attachments t WHERE t.article_id = a.id) LIMIT 1"
    )[0]
    number = rows("SELECT number FROM citations WHERE number LIKE '%/%' LIMIT 1")[0]["number"]
    author = rows("SELECT value FROM articles, json_each(authors) LIMIT 1")[0]["value"]
    gone = rows("SELECT portal, slug FROM articles WHERE gone_at IS NOT NULL LIMIT 1")[0]
    own = [f"/a/{r['portal']}/{quote(r['slug'])}" for r in (row, rich, gone)]
    return [
        "/", own[1], f"{own[0]}/compare", "/search?q=kinh", "/portal/kkt", "/calendar/2024",
        "/runs", f"/capture/{row['capture_id']}", "/a/kkt/khong-co", "/coverage", "/coverage/kkt",
        # From here on variants of the same templates.
        own[0], own[2], "/search", "/search?q=khongcogi", "/search?q=kinh&portal=kkt",
        f"/author/{quote(author)}", f"/unit/{quote(row['unit'])}",
        f"/document/{quote(number, safe='')}", "/day/2024-07-24", "/month/2024-07", "/runs/1",
    ]  # fmt: skip


@pytest.mark.parametrize("look", LOOKS)
def test_no_page_type_has_a_violation(
    chromium: Any, site: str, axe: str, paths: list[str], look: str
) -> None:
    found = {}
    with window(chromium, **LOOKS[look]) as page:
        for path in paths if look == "light" else paths[:TEMPLATES]:
            page.goto(site + path)
            page.evaluate(axe)
            if violations := page.evaluate(RUN):
                found[path] = violations
    assert found == {}


def test_every_page_can_be_used_with_the_keyboard_alone(
    chromium: Any, site: str, paths: list[str]
) -> None:
    """The first stop leads to the content, and each stop shows where the reader is."""
    seen = (
        "document.activeElement === document.body"
        " || getComputedStyle(document.activeElement).outlineStyle !== 'none'"
    )
    with window(chromium, **LOOKS["light"]) as page:
        for path in paths:
            page.goto(site + path)
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.getAttribute('href')") == "#content", path
            for _ in range(8):
                page.keyboard.press("Tab")
                assert page.evaluate(seen), path
