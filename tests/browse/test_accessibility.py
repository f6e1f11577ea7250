"""WCAG 2.2 A and AA as far as axe-core can tell, on each page type, light, dark and on a phone."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from browse_chromium import window

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
