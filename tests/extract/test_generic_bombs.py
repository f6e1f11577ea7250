"""The finder on hostile and broken pages: never a crash, never slow, never fat."""

import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from kontum_crawler.extract import examine, generic
from kontum_crawler.extract.generic.segments import parse
from kontum_crawler.portals import Registry

PAGES = sorted((Path(__file__).parents[1] / "pages").glob("*/*.html"))
PORTAL = Registry().generic("a.test")
LINUX = sys.platform == "linux"
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


def within_limits(pages: Iterable[bytes | str], longest: float = SECONDS) -> None:
    """Read each page by the finder (2 s) and by `examine` (`longest`), each within 300 MB.

    Runs in a process of its own, whose address space is limited to 300 MB more than it has.
    """
    # Modules that are imported when first needed belong to no page.
    examine(PAGES[0].read_bytes(), url="http://a.test/x", portal=PORTAL)
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + MEGABYTES * 2**20,) * 2)
    for page in pages:
        source = page.encode() if isinstance(page, str) else page
        finder, all_of_it = read(page), whole(source)
        if finder >= SECONDS or all_of_it >= longest:
            raise TimeoutError(f"{finder:.1f} s, {all_of_it:.1f} s for {source[:80]!r}")


def whole(source: bytes) -> float:
    """Seconds of processor time that all of a page's article takes."""
    start = time.process_time()
    examine(source, url="http://a.test/tin/bai-viet-12.html", portal=PORTAL)
    return time.process_time() - start


def mutants(count: int) -> Iterator[bytes]:
    dice = random.Random(20240711)
    sources = [page.read_bytes() for page in PAGES]
    for _ in range(count):
        yield mutated(dice.choice(sources), dice)


def in_child(what: str) -> None:
    done = subprocess.run(
        [sys.executable, __file__, what], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not LINUX, reason="the limit of memory is set by /proc and RLIMIT_AS")
def test_bombs_stay_within_limits() -> None:
    in_child("bombs")


@pytest.mark.skipif(not LINUX, reason="the limit of memory is set by /proc and RLIMIT_AS")
def test_mutated_pages_do_no_harm() -> None:
    in_child("100")


@pytest.mark.long
@pytest.mark.skipif(not LINUX, reason="the limit of memory is set by /proc and RLIMIT_AS")
def test_five_thousand_mutated_pages_do_no_harm() -> None:
    in_child("5000")


if __name__ == "__main__":
    if sys.argv[1] == "bombs":
        # Fifty thousand lines of one page are read line by line.
        within_limits(BOMBS.values(), 4 * SECONDS)
    else:
        within_limits(mutants(int(sys.argv[1])))
