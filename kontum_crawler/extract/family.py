"""Which content management system built a page: generator tags, markup, paths."""

import re
from functools import lru_cache
from typing import Any

from kontum_crawler import urls
from kontum_crawler.extract.page import Page
from kontum_crawler.portals.loading import families, family


def detect(page: Page | None, url: str) -> str | None:
    """The family of a page, or of an address alone; None where nothing tells.

    The generator tag counts before markup, markup before words of the source, these before the
    form of the address.
    """
    if page is not None:
        for test in (_by_generator, _by_markup, _by_text):
            for name, signs in _signs():
                if test(page, signs):
                    return name
    path = urls.path_and_query(url)
    for name, signs in _signs():
        if any(re.search(pattern, path) for pattern in signs.get("paths", ())):
            return name
    return None


@lru_cache(maxsize=1)
def _signs() -> tuple[tuple[str, dict[str, Any]], ...]:
    return tuple((name, family(name).get("detect", {})) for name in families())


def _by_generator(page: Page, signs: dict[str, Any]) -> bool:
    generator = (page.meta("generator") or "").lower()
    return any(word.lower() in generator for word in signs.get("generator", ()))


def _by_markup(page: Page, signs: dict[str, Any]) -> bool:
    return any(page.select(selector) for selector in signs.get("markup", ()))


def _by_text(page: Page, signs: dict[str, Any]) -> bool:
    return any(word in page.text for word in signs.get("text", ()))
