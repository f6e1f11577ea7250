"""Debian's chromium, driven by playwright, and what it asked of whom."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextmanager
def browser() -> Iterator[Any]:
    """A running browser; without one the test is skipped, and the skip names the package."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no browser: install Debian's package chromium")
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pip install playwright"
    )
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield running
        running.close()


@contextmanager
def window(running: Any, **options: Any) -> Iterator[Any]:
    """A page in a profile of its own; `page.asked` lists each address that it asked for."""
    options.setdefault("locale", "vi-VN")
    context = running.new_context(**options)
    page = context.new_page()
    page.asked = []
    context.on("request", lambda request: page.asked.append(request.url))
    yield page
    context.close()
