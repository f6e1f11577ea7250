"""What tests of other archives as sources share: captures to be listed, a run, what it left."""

import sqlite3
from pathlib import Path
from typing import Any

from twins import CommonCrawl, Kept, Twin

from kontum_crawler.crawl import Outcome, crawl
from kontum_crawler.pipelines.session import Options
from kontum_crawler.portals import get

HOST = "http://kkt.kontum.gov.vn"
EMPTY = "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"


def page(title: str, text: str = "Sáng nay, Ban Quản lý họp giao ban tháng.") -> bytes:
    """A page with an article."""
    body = "".join(f"<p>{text} Đoạn {n}: nội dung được thảo luận kỹ.</p>" for n in range(4))
    return (
        f"<html><head><meta charset='utf-8'><title>{title}</title></head>"
        f"<body><h1>{title}</h1><div>{body}</div></body></html>"
    ).encode()


def article(number: int, stamp: str, body: bytes | None = None, **more: Any) -> Kept:
    """A capture of the article with that number."""
    made = body if body is not None else page(f"Tin số {number}", f"Bản của {stamp}.")
    return Kept(f"{HOST}/tin-so-{number}.p-{number}.html", stamp, made, **more)


def fill(folder: Path, server: Twin, origin: str = "wayback", **options: Any) -> Outcome:
    """Fill an archive of the portal from a twin."""
    address = (
        server.collinfo if isinstance(server, CommonCrawl) else f"{server.base}/cdx/search/cdx"
    )
    named = ("127.0.0.1",)
    chosen = Options(origin=origin, cdx_url=address, named_hosts=named, **options)
    return crawl(folder, [get("kkt")], chosen)


def rows(folder: Path, query: str) -> list[Any]:
    """What a query of the archive finds."""
    with sqlite3.connect(folder / "kontum.db") as db:
        return db.execute(query).fetchall()


def problems(folder: Path) -> list[str]:
    """The messages of all runs, the oldest first."""
    return [message for (message,) in rows(folder, "SELECT message FROM problems ORDER BY id")]


def held(folder: Path) -> list[Any]:
    """Time, status and origin of each capture that another archive gave."""
    query = (
        "SELECT fetched_at, status FROM captures WHERE origin <> 'live' ORDER BY fetched_at, url"
    )
    return rows(folder, query)
