"""Captured pages of an archive that only some may read: whole for them, nothing for others."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import browse_hostile as hostile
import datasette
import pytest
from browse_chromium import browser, window
from browse_client import Get, asker
from datasette.app import Datasette

from kontum_crawler.browse import passes

Rows = Callable[..., list[dict[str, Any]]]
SECRET = "a secret of the tests"
RULE = {"databases": {"kontum": {"allow": {"id": "root"}}}}
SETTINGS = "config" if datasette.__version__.startswith("1") else "metadata"
NOW = datetime(2026, 1, 31, 2, 3, 4, tzinfo=UTC)
PICTURE = f"{hostile.PORTAL}/anh.png"


@pytest.fixture(scope="module")
def ask(archive: Path) -> Get:
    return asker([archive / "kontum.db"], **{SETTINGS: RULE, "secret": SECRET})


@pytest.fixture(scope="module")
def cookie() -> dict[str, str]:
    signed = Datasette([], secret=SECRET).sign({"a": {"id": "root"}}, "actor")
    return {"cookie": f"ds_actor={signed}"}


@pytest.fixture(scope="module")
def captures(rows: Rows) -> list[int]:
    found = rows("SELECT id FROM captures WHERE url = ? ORDER BY id", hostile.URL)
    return [row["id"] for row in found]


def requisites(page: str) -> list[str]:
    return [unescape(found) for found in re.findall(r'/capture/\d+/with\?url=[^"\')\s]+', page)]


def test_whoever_may_see_the_page_gets_what_belongs_to_it(
    ask: Get, cookie: dict[str, str], captures: list[int]
) -> None:
    own = f"/capture/{captures[0]}"
    for path in (own, f"{own}/page", f"{own}/with?url={quote(PICTURE, safe='')}"):
        assert ask(path).status_code == 403, path
    page = ask(f"{own}/page", headers=cookie)
    assert page.status_code == 200
    held = [path for path in requisites(page.text) if "outside" not in path and "kkt" in path]
    assert {path.partition("/with")[0] for path in held} == {own}
    # The browser sends no cookie from the frame: the pass alone opens them.
    picture, sheet = (
        next(path for path in held if quote(name, safe="") in path)
        for name in ("/anh.png", "/site.css")
    )
    assert ask(picture).content == hostile.PICTURE
    css = ask(sheet)
    assert "rgb(1, 2, 3)" in css.text
    assert all("&pass=" in path for path in requisites(css.text))


def test_a_pass_opens_one_requisite_of_one_capture(
    ask: Get, cookie: dict[str, str], captures: list[int], rows: Rows
) -> None:
    page = ask(f"/capture/{captures[0]}/page", headers=cookie).text
    path = next(found for found in requisites(page) if quote("/anh.png", safe="") in found)
    token = path.partition("&pass=")[2]
    other = rows("SELECT url FROM captures WHERE media_type LIKE 'image/%' AND url <> ?", PICTURE)
    for wrong in (
        path.replace(f"/capture/{captures[0]}/", f"/capture/{captures[1]}/"),
        f"/capture/{captures[0]}/with?url={quote(other[0]['url'], safe='')}&pass={token}",
        path.partition("&pass=")[0],
        path[:-2],
        f"{path.partition('&pass=')[0]}&pass=đ%00",
        f"/capture/{captures[0]}?pass={token}",
        f"/capture/{captures[0]}/page?pass={token}",
        f"/capture/{captures[0]}/bytes?url={quote(PICTURE, safe='')}&pass={token}",
        "/a/kkt/x?pass=" + token,
    ):
        assert ask(wrong).status_code == 403, wrong


def test_a_pass_ends() -> None:
    site = Datasette([], secret=SECRET)
    token = passes.written(site, 5, PICTURE, NOW)
    for later, holds in ((timedelta(0), True), (passes.LIFE, False), (timedelta(days=9), False)):
        assert passes.valid(site, token, 5, PICTURE, NOW + later) is holds
    assert not passes.valid(Datasette([], secret="another"), token, 5, PICTURE, NOW)
    assert not passes.valid(site, site.sign("x", passes.NAMESPACE), 5, PICTURE, NOW)
    assert not passes.valid(site, site.sign([1, "x"], "actor"), 5, PICTURE, NOW)


def test_where_everybody_may_read_addresses_carry_none(get_page: Any, captures: list[int]) -> None:
    page = get_page(f"/capture/{captures[0]}/page").text
    assert requisites(page)
    assert "pass=" not in page


@contextmanager
def served(archive: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """A guarded Datasette: its address, and the address that logs its owner in."""
    rules = folder / "rules.json"
    rules.write_text(json.dumps(RULE), "utf-8")
    command = [sys.executable, "-m", "datasette", str(archive / "kontum.db"), "--port", "0"]
    command += ["--root", f"--{SETTINGS}", str(rules)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None and server.stderr is not None
        login = re.search(r"token=(\w+)", server.stdout.readline())
        assert login
        found = None
        for line in server.stderr:
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                break
        assert found
        yield found[0], f"{found[0]}/-/auth-token?token={login[1]}"
        server.terminate()


def test_a_browser_shows_the_page_with_its_picture_to_the_owner(
    archive: Path, captures: list[int], tmp_path: Path
) -> None:
    with (
        served(archive, tmp_path) as (site, login),
        browser() as running,
        window(running) as page,
    ):
        assert page.goto(f"{site}/capture/{captures[0]}").status == 403
        page.goto(login)
        page.goto(f"{site}/capture/{captures[0]}")
        page.wait_for_load_state("networkidle")
        inside = page.frames[1]
        assert inside.evaluate("document.querySelector('#own').naturalWidth") == 1
        assert inside.evaluate("getComputedStyle(document.querySelector('p')).color") == (
            "rgb(1, 2, 3)"
        )
        assert inside.evaluate("window.ran ?? null") is None
        reading = "(() => { try { return document.cookie } catch (e) { return e.name } })()"
        assert inside.evaluate(reading) == "SecurityError"
        assert [url for url in page.asked if not url.startswith(f"{site}/")] == []
