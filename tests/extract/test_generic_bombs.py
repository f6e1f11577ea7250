"""The finder on hostile and broken pages: never a crash, never slow, never fat."""

import itertools
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from kontum_crawler.extract import examine, generic
from kontum_crawler.extract.generic.segments import parse
from kontum_crawler.extract.page import LARGEST
from kontum_crawler.portals import Registry

PAGES = sorted((Path(__file__).parents[1] / "pages").glob("*/*.html"))
PORTAL = Registry().generic("a.test")
LINUX = sys.platform == "linux"
SECONDS = 2.0
PATIENCE = 5
"""How many times slower a machine may be that runs the short rounds; what is quadratic takes
minutes on any. The long round holds each page to the seconds themselves."""
MEGABYTES = 300

LINE = "Nhân dân huyện tổ chức khai mạc giải bóng chuyền, có nhiều đoàn tham dự. "
TITLE = "<title>Khai mạc giải</title><h1>Khai mạc giải bóng chuyền năm 2024</h1>"
DICE = random.Random(20240711)

BOMBS: dict[str, Callable[[], str | bytes]] = {
    "open divs": lambda: "<div>" * 400_000,
    "closed divs": lambda: "<div>x" * 150_000 + "</div>" * 150_000,
    "divs just allowed": lambda: TITLE + ("<div>" * 900 + "chữ, " + "</div>" * 900) * 33,
    "open inline": lambda: "<b><i>" * 150_000 + "text",
    "open tags of all kinds": lambda: TITLE + "<p><b><i><div>Một đoạn văn, đủ dài. " * 14_000,
    "one line": lambda: "a b, " * 400_000,
    "links": lambda: "<a href=x>y</a>" * 130_000,
    "links in one line": lambda: (
        TITLE + "".join(f"<a href='/tin-{n}.html'>{n}</a> " for n in range(29_000))
    ),
    "links with breaks": lambda: TITLE + "<a href=/b>x</a><br>" * 19_000,
    "tables": lambda: "<table><tr><td>" * 100_000,
    "a giant table": lambda: TITLE + "<table>" + ("<tr>" + "<td>12, 5" * 5) * 9_900,
    "a giant row": lambda: TITLE + "<table><tr>" + "<td>12, 5" * 59_000,
    "a giant list": lambda: TITLE + "<ul>" + "<li>chữ, và chữ nữa" * 58_000,
    "a giant class": lambda: f"<div class='{'related ' * 200_000}'>x, y.</div>",
    "a giant style": lambda: TITLE + f"<p style='{'a:b;' * 900_000}'>" + LINE,
    "many headings": lambda: "<h1>Khai mạc giải bóng chuyền</h1>" * 29_000,
    "breaks": lambda: "a<br>" * 300_000,
    "open script": lambda: "<p>Một đoạn văn, đủ dài để đọc.</p><script>" + "x" * 1_000_000,
    "open title": lambda: "<title>" + LINE * 40_000,
    "open comments": lambda: "<p>x" + "<!--" * 59_000,
    "few tags without end": lambda: "<title>" + f"<a b {LINE * 9}\n" * 900,
    "open scripts in an old encoding": lambda: b"<p>\xe0\xe9 " * 99 + b"<script>" * 20_000,
    "open ends": lambda: "<p>x<!--" + "</a " * 59_000,
    "script only": lambda: "<title>t</title><script>" + "var a = 'b';\n" * 250_000 + "</script>",
    "dates": lambda: "<p>" + "1/1/2024 " * 7 + "</p>" + "<p>12/12/2024</p>" * 50_000,
    "names": lambda: (
        "<p>Aa </p>" * 10 + ("<p>" + "Aa " * 199 + "</p>" + "<p>Photo (image: " + "x" * 999_999)
    ),
    "5 MB in one paragraph": lambda: f"{TITLE}<p>" + LINE * (5_000_000 // len(LINE.encode())),
    "50,000 paragraphs": lambda: TITLE + "".join(f"<p>{n} {LINE[:40]}" for n in range(50_000)),
    "10,000 paragraphs": lambda: TITLE + "".join(f"<p>{n} {LINE}" for n in range(9_990)),
    "accents": lambda: f"{TITLE}<p>a" + "\u0301\u0323" * 1_000_000,
    "accents of windows-1258": lambda: (
        f"{TITLE}<p>".encode("ascii", "replace") + b"a\xec\xf2" * 10 + b"\xec\xf2" * 1_000_000
    ),
    "zero width": lambda: f"{TITLE}<p>" + "\u200b\u00ad " * 1_300_000,
    "a PDF": lambda: b"%PDF-1.7\n" + DICE.randbytes(3_000_000),
    "random bytes": lambda: DICE.randbytes(3_000_000),
    "50 MB": lambda: f"{TITLE}<p>{LINE}".encode() * 250_000,
    "labels before lines": lambda: (
        f"{TITLE}" + ("<span>" + "<b></b>" * 3_000 + LINE * 300 + "</span>") * 12 + "<p>a b" * 9_000
    ),
    "captions": lambda: TITLE + "<i></i>" * 9_000 + "<img src=a.jpg><p>ghi chú" * 9_000,
    "two encodings": lambda: (
        f"<p>{LINE}</p>".encode() * 4_000 + f"<p>{LINE}</p>".encode("cp1258", "replace") * 4_000
    ),
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
    assert read(html) < PATIENCE * SECONDS


def mutated(source: bytes, dice: random.Random) -> bytes:
    """A page with cuts, repeats, swapped bytes and strange tags put in."""
    page = bytearray(source)
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(len(page) + 1)
        size = dice.randint(1, 400)
        match dice.randrange(7):
            case 0:
                del page[at : at + size]
            case 1:
                page[at:at] = page[at : at + size] * dice.randint(2, 20)
            case 2:
                page[at:at] = bytes(dice.randrange(256) for _ in range(size))
            case 3:
                tag = dice.choice([b"<div>", b"</div>", b"<!--", b"<script>", b"<table>", b"</p>"])
                page[at:at] = tag * dice.choice([dice.randint(1, 300), 9_000])
            case 4:
                del page[at:]
            case 5:
                sign = dice.choice([b'"', b"'", b">", b"</p>", b"</a>", b"</script>"])
                page = bytearray(bytes(page).replace(sign, b"", dice.choice([9, -1])))
            case 6:
                page[at:at] = dice.choice(
                    [b"<![CDATA[", b"<![x", b"<xmp>", b"<title>", b"//[", b"&#x"]
                )
    return bytes(page)


def within_limits(pages: Iterable[bytes | str], seconds: float = PATIENCE * SECONDS) -> None:
    """Read each page by the finder and by `examine`; the process stays below 300 MB.

    Seconds are those of the processor. On a machine where they are long (work on both threads of
    a core) the best of three counts; the slowest bomb takes 1.9 s on a quiet one. Runs in a
    process of its own, with an address space limited to 300 MB more than it has.
    """
    # Modules that are imported when first needed belong to no page.
    examine(PAGES[0].read_bytes(), url="http://a.test/x", portal=PORTAL)
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + MEGABYTES * 2**20,) * 2)
    for page in pages:
        source = page.encode() if isinstance(page, str) else page
        # The finder alone has no limit of size; no larger page reaches it.
        for reading in (read, whole) if len(source) <= 2 * LARGEST else (whole,):
            if min(itertools.islice(_times(reading, source, seconds), 3)) >= seconds:
                raise TimeoutError(f"{reading.__name__}: over {seconds} s for {source[:80]!r}")
    # Not `ru_maxrss`: a process starts with that of the one that began it.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    if (peak := int(status["VmHWM"].split()[0]) // 1024) > MEGABYTES:
        raise MemoryError(f"{peak} MB")


def _times(reading: Callable[[bytes], float], source: bytes, limit: float) -> Iterator[float]:
    """The times of readings, up to the first that is short enough."""
    while (seconds := reading(source)) >= limit:
        yield seconds
    yield seconds


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


@pytest.mark.slow
@pytest.mark.skipif(not LINUX, reason="the limit of memory is set by /proc and RLIMIT_AS")
@pytest.mark.parametrize("name", BOMBS)
def test_bombs_stay_within_limits(name: str) -> None:
    in_child(name)


@pytest.mark.skipif(not LINUX, reason="the limit of memory is set by /proc and RLIMIT_AS")
def test_mutated_pages_do_no_harm() -> None:
    in_child("100")


@pytest.mark.long
@pytest.mark.skipif(not LINUX, reason="the limit of memory is set by /proc and RLIMIT_AS")
def test_five_thousand_mutated_pages_do_no_harm() -> None:
    in_child("5000")


if __name__ == "__main__":
    if sys.argv[1] in BOMBS:
        within_limits([BOMBS[sys.argv[1]]()])
    else:
        count = int(sys.argv[1])
        within_limits(mutants(count), SECONDS if count > 1000 else PATIENCE * SECONDS)
