"""The words that say which rule found a field are those of docs/extraction.md."""

import json
import re
from pathlib import Path

import pytest
from extract.markups import MARKUPS
from extract.stories import STORIES

from kontum_crawler import portals
from kontum_crawler.extract import extract

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "tests" / "pages").glob("*/*.html"))
UNKNOWN = portals.Registry().generic("donvi.example.vn")


def _documented() -> list[tuple[set[str], list[str]]]:
    """Fields and beginnings of rules, a row of the table each; no fields: of every one."""
    text = (ROOT / "docs" / "extraction.md").read_text("utf-8").partition("\n## Rules\n")[2]
    rows = re.findall(r"^\| ([a-z_, ]+) \| (`[^|]+) \|", text.partition("\n## ")[0], re.M)
    return [
        (
            set() if fields == "every field" else set(fields.split(", ")),
            re.findall("`([^`]+)`", said),
        )
        for fields, said in rows
    ]


DOCUMENTED = _documented()


def _is_documented(field: str, rule: str) -> bool:
    return any(
        rule.startswith(begin)
        for fields, begins in DOCUMENTED
        if not fields or field in fields
        for begin in begins
    )


def _strange(rules: dict[str, str]) -> dict[str, str]:
    named = {layout.name for portal in portals.all() for layout in portal.layouts}
    return {
        field: rule
        for field, rule in rules.items()
        if not _is_documented(field, rule) and not (field == "layout" and rule in named)
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_rules_of_a_recorded_page_are_documented(page: Path) -> None:
    url = json.loads(page.with_suffix(".json").read_text("utf-8"))["url"]
    article = extract(page.read_bytes(), url=url, portal=portals.get(page.parent.name))
    assert _strange(article.rules) == {}
    missing = [
        name
        for name in ("title", "body", "lead", "byline", "published_at", "category", "tags")
        if getattr(article, name) and name not in article.rules
    ]
    assert missing == []


@pytest.mark.parametrize("write", MARKUPS, ids=lambda write: write.__name__)
def test_rules_of_unknown_pages_are_documented(write: object) -> None:
    assert callable(write)
    for story in STORIES:
        url = f"http://donvi.example.vn/{story.slug}.html"
        article = extract(write(story).encode(), url=url, portal=UNKNOWN)
        assert _strange(article.rules) == {}


def test_each_documented_rule_is_one_of_the_extractor() -> None:
    source = "".join(
        path.read_text("utf-8") for path in sorted((ROOT / "kontum_crawler/extract").rglob("*.py"))
    )
    said = [begin for _, begins in DOCUMENTED for begin in begins]
    assert len(said) > 30
    assert [begin for begin in said if begin not in source] == []
