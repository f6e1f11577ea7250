"""How long a plan takes: 100,000 lines of a list, 20,000 addresses, read, kept and priced.

`python -m benchmarks.cdx_plan [--lines N] [--urls N]` prints seconds and memory: `opened_mb` is
what the program and an open archive take, `peak_mb` the peak. The goal is under 30 seconds and
300 MB.
"""

import argparse
import base64
import hashlib
import json
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from kontum_crawler.archives.lists import Listed, read_page
from kontum_crawler.archives.services import RATES
from kontum_crawler.portals import get
from kontum_crawler.reports.outlook import foresee
from kontum_crawler.store import Archive
from kontum_crawler.store.plan import Plan, Scope

SERVICE = "https://web.archive.org/cdx/search/cdx"


def lines(number: int, addresses: int, dialect: str) -> Iterator[str]:
    """A list as an archive prints it; two captures of an address in a row are the same."""
    for n in range(number):
        page, turn = n % addresses, n // addresses
        slug = f"hoi-nghi-giao-ban-cong-tac-quan-ly-khu-kinh-te-{page}.p-{page + 1000}.html"
        stamp = f"{2015 + turn:04}{page % 12 + 1:02}{page % 28 + 1:02}{n % 24:02}{n % 60:02}00"
        digest = base64.b32encode(hashlib.sha1(f"{page}/{turn - turn % 2}".encode()).digest())
        key, url = f"vn,gov,kontum,kkt)/{slug}", f"http://kkt.kontum.gov.vn/{slug}"
        if dialect == "text":
            yield f"{key} {stamp} {url} text/html 200 {digest.decode()} 9214\n"
        else:
            said = {"url": url, "mime": "text/html", "status": "200", "digest": digest.decode()}
            said |= {"length": "9214", "offset": str(n * 9214), "filename": "year.warc.gz"}
            yield f"{key} {stamp} {json.dumps(said)}\n"


def peak_mb() -> float:
    """The most memory that this process has had so far."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def measure(number: int, addresses: int, dialect: str) -> dict[str, object]:
    """Read, plan and price one list; seconds and megabytes."""
    with (
        TemporaryDirectory() as folder,
        Archive.open(Path(folder), write=True, create=True) as archive,
    ):
        listed = Path(folder) / "list"
        with listed.open("w") as file:
            file.writelines(lines(number, addresses, dialect))
        opened = peak_mb()
        before, spent = time.perf_counter(), time.process_time()
        plan = Plan(archive.db, get("kkt"), "wayback", SERVICE)

        def add(found: list[Listed]) -> None:
            with archive.transaction():
                plan.add(found)

        read_page(listed.read_bytes(), add)
        planned = time.perf_counter()
        rates = RATES["web.archive.org"]
        made = foresee(archive.db, archive.db, [get("kkt")], "wayback", SERVICE, Scope(), rates)
    return {
        "dialect": dialect,
        "lines": number,
        "planned_seconds": round(planned - before, 2),
        "cpu_seconds": round(time.process_time() - spent, 2),
        "seconds": round(time.perf_counter() - before, 2),
        "opened_mb": opened,
        "peak_mb": peak_mb(),
        "captures": made.total("captures"),
        "repeats": made.total("repeats"),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--urls", type=int, default=20_000)
    parser.add_argument("--dialect", choices=["text", "cdxj"], default="cdxj")
    asked = parser.parse_args()
    print(json.dumps(measure(asked.lines, asked.urls, asked.dialect)))
