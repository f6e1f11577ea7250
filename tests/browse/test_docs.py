"""docs/browsing.md names each page and each of its forms."""

import re
from pathlib import Path

import pytest

from kontum_crawler.browse import ROUTES
from kontum_crawler.browse.narrowing import DAYS, FLAGS, NARROWING

DOCS = (Path(__file__).parents[2] / "docs" / "browsing.md").read_text("utf-8")
LINES = [line for line in DOCS.splitlines() if line.startswith("| `/")]
INNER = re.compile(r"/(page|bytes|with|go)\$$")
"""Addresses that only a captured page's own frame and links use."""


@pytest.mark.parametrize("route", [path for path, _ in ROUTES if not INNER.search(path)])
def test_each_page_and_its_forms_are_in_the_table(route: str) -> None:
    begin = re.match(r"\^(/[a-z]*)", route)
    assert begin
    shown = "/export.<format>" if begin[1] == "/export" else f"`{begin[1]}"
    lines = [line for line in LINES if shown in line]
    assert lines, route
    forms = re.search(r"format>([a-z|]+)\)", route)
    for form in forms[1].split("|") if forms else ():
        assert any(form in line for line in lines), (route, form)


def test_each_filter_is_named() -> None:
    for name in (*NARROWING, *DAYS, *FLAGS):
        assert f"`{name}" in DOCS
