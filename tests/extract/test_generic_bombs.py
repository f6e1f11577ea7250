"""The finder on hostile and broken pages: never a crash, never slow, never fat."""

import random
import resource
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from kontum_crawler.extract import generic
from kontum_crawler.extract.generic.segments import parse

PAGES = sorted((Path(__file__).parents[1] / "pages").glob("*/*.html"))
SECONDS = 2.0
MEGABYTES = 300

BOMBS = {
    "open divs": "<div>" * 400_000,
    "closed divs": "<div>x" * 150_000 + "</div>" * 150_000,
    "open inline": "<b><i>" * 150_000 + "text",
    "one line": "a b, " * 400_000,
    "links": "<a href=x>y</a>" * 130_000,
    "tables": "<table><tr><td>" * 100_000,
    "attributes": f"<div class='{'related ' * 200_000}'>x, y.</div>",
    "breaks": "a<br>" * 300_000,
    "open script": "<p>Một đoạn văn, đủ dài để đọc.</p><script>" + "x" * 1_000_000,
    "dates": "<p>" + "1/1/2024 " * 7 + "</p>" + "<p>12/12/2024</p>" * 50_000,
    "names": "<p>Aa </p>" * 10 + "<p>" + "Aa " * 199 + "</p>" + "<p>Photo (image: " + "x" * 999_999,
}


def read(html: bytes | str) -> float:
    """Seconds of processor time that parsing and finding take."""
    start = time.process_time()
    tree = parse(html)
    if tree is not None:
        generic.find(SimpleNamespace(tree=tree), "http://a.test/")
    return time.process_time() - start


@pytest.mark.parametrize("html", BOMBS.values(), ids=BOMBS.keys())
def test_bombs_are_read_in_time(html: str) -> None:
    assert read(html) < SECONDS * 2


@pytest.mark.parametrize("html", ["", " ", "<", "\x00", "<!--", "text", b"\xff\xfe\x00", "<html>"])
def test_scraps_give_nothing_or_little(html: str | bytes) -> None:
    assert read(html) < SECONDS


def mutated(source: bytes, dice: random.Random) -> bytes:
    """A page with cuts, repeats, swapped bytes and strange tags put in."""
    page = bytearray(source)
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(len(page) + 1)
        size = dice.randint(1, 400)
        match dice.randrange(5):
            case 0:
                del page[at : at + size]
            case 1:
                page[at:at] = page[at : at + size] * dice.randint(2, 20)
            case 2:
                page[at:at] = bytes(dice.randrange(256) for _ in range(size))
            case 3:
                tag = dice.choice([b"<div>", b"</div>", b"<!--", b"<script>", b"<table>", b"</p>"])
                page[at:at] = tag * dice.randint(1, 300)
            case 4:
                del page[at:]
    return bytes(page)


def mutants(count: int) -> None:
    dice = random.Random(20240711)
    sources = [page.read_bytes() for page in PAGES]
    slowest = max(read(mutated(dice.choice(sources), dice)) for _ in range(count))
    assert slowest < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < (MEGABYTES + 200) * 1024


def test_mutated_pages_do_no_harm() -> None:
    mutants(200)


@pytest.mark.long
def test_five_thousand_mutated_pages_do_no_harm() -> None:
    mutants(5_000)
