"""Each recorded or reconstructed page gives its golden article; the folder is the register."""

import json
from pathlib import Path

import pytest

from kontum_crawler import portals
from kontum_crawler.extract import extract
from kontum_crawler.items import as_row
from kontum_crawler.portals import Portal

FOLDER = Path(__file__).parents[1] / "pages"
PAGES = sorted(FOLDER.glob("*/*.html"))


def _named(page: Path) -> str:
    return f"{page.parent.name}/{page.stem}"


@pytest.mark.parametrize("page", PAGES, ids=_named)
def test_page_gives_its_golden_article(page: Path) -> None:
    golden_file = page.with_suffix(".json")
    portal = portals.get(page.parent.name)
    if not golden_file.exists():
        article = extract(page.read_bytes(), url=portal.base_url, portal=portal)
        proposed = json.dumps(as_row(article), ensure_ascii=False, indent=2) + "\n"
        page.with_suffix(".json.new").write_text(proposed, "utf-8")
        pytest.fail(f"{golden_file} is missing; look at the .json.new beside it and rename it")
    golden = json.loads(golden_file.read_text("utf-8"))
    article = extract(page.read_bytes(), url=golden["url"], portal=portal)
    assert {name: getattr(article, name) for name in golden} == golden


def test_golden_articles_have_every_column() -> None:
    columns = {
        _named(page): list(json.loads(page.with_suffix(".json").read_text("utf-8")))
        for page in PAGES
    }
    wanted = list(as_row(extract(PAGES[0].read_bytes(), url="http://x.y/", portal=_any())))
    assert {page: found for page, found in columns.items() if found != wanted} == {}


def _any() -> Portal:
    return portals.Registry().generic("x.y")


@pytest.fixture(scope="module")
def used() -> list[tuple[Path, str]]:
    """Each page with the layout that was used on it."""
    found = []
    for page in PAGES:
        url = json.loads(page.with_suffix(".json").read_text("utf-8"))["url"]
        portal = portals.get(page.parent.name)
        article = extract(page.read_bytes(), url=url, portal=portal)
        found.append((page, article.rules["layout"]))
    return found


@pytest.mark.parametrize("portal", portals.all(), ids=lambda portal: portal.key)
def test_each_portal_layout_has_a_page(portal: Portal, used: list[tuple[Path, str]]) -> None:
    assert portal.layouts_without_page(used) == [], "see docs/adding-a-portal.md"


def test_a_layout_without_a_page_is_noticed() -> None:
    stnmt = portals.get("stnmt")
    page = FOLDER / "stnmt" / "print-page.html"
    assert stnmt.layouts_without_page([(page, "print")]) == ["article"]
    assert stnmt.layouts_without_page([]) == ["article", "print"]
    assert portals.get("kkt").layouts_without_page([]) == ["generic"]
