"""Our pages beside Datasette's own row and table pages, on one generated archive in one run.

    python benchmarks/browse.py --articles 100000 --archive DIR

Prints milliseconds an answer (median, p95) through Datasette's own client, so without a network,
and a verdict: each page type under 100 ms at the median, and not slower than its peer. DIR is made
at the first run (100,000 articles take some minutes and 1.3 GB) and used again by the next ones.
Each page type is asked for `--rounds` different articles, names, days or queries; a round asks
every page type once, so that all meet the same state of the machine. Exit 1 where it fails.
"""

import argparse
import asyncio
import hashlib
import json
import os
import platform
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html import escape
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

sys.path[:0] = [str(Path(__file__).parent)]

from newsroom import Newsroom, queries  # noqa: E402

from kontum_crawler.store import Archive  # noqa: E402
from kontum_crawler.warc.records import Exchange, Place, RunInfo  # noqa: E402
from kontum_crawler.warc.writer import Writer  # noqa: E402

PORTALS = ("ngochoi", "kkt", "konplong", "skhdt", "stnmt")
UNITS = ("Phòng Nghiệp vụ", "Văn phòng", "Thanh tra Sở", "Trung tâm Văn hóa", "Ban Biên tập")
BATCH = 5_000
MADE = "made.json"
"""What stands beside an archive that was made to its end: how many articles, and the seed."""

LIMIT = 100.0
ROW, TABLE, SEARCH = "stock row", "stock table", "stock search"
PEERS = {"article": ROW, "compare": ROW, "capture": ROW, "captured page": ROW, "search": SEARCH}
"""Datasette's own page that shows as much as ours; the table page for all others."""

BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--archive", type=Path, help="Keep the archive here, or use it again.")
    parser.add_argument("--json", type=Path, help="Write the figures here too.")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = chosen.archive or Path(folder)
        ready(place, chosen.articles, chosen.seed)
        figures = asyncio.run(measure(place / "kontum.db", chosen.rounds, chosen.seed))
    print(table(figures))
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", "utf-8")
    passed, words = verdict(figures["milliseconds"])
    print(words)
    raise SystemExit(0 if passed else 1)


def ready(place: Path, articles: int, seed: int) -> None:
    """Make the archive, or bring the one that is there up to date."""
    wanted = {"articles": articles, "seed": seed}
    note = place / MADE
    if not (place / "kontum.db").exists():
        generate(place, articles, seed)
        note.write_text(json.dumps(wanted) + "\n", "utf-8")
    elif not note.exists() or json.loads(note.read_text("utf-8")) != wanted:
        raise SystemExit(f"{place} was not made to its end, or with other numbers: remove it.")
    with Archive.open(place, write=True) as archive:
        archive.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def generate(folder: Path, articles: int, seed: int) -> None:
    """An archive of made-up articles, every tenth edited, two thirds with citations.

    It knows of two more addresses an article, one by a link and one by another archive's list.
    """
    with Archive.open(folder, write=True, create=True) as archive:
        db = archive.db
        db.executemany(
            "INSERT INTO portals VALUES (?, ?, 'section', ?)",
            [(key, f"Cổng thông tin {key}", f"http://{key}.kontum.gov.vn/") for key in PORTALS],
        )
        db.execute(
            "INSERT INTO runs (command, started_at, finished_at, outcome, stats)"
            " VALUES ('crawl', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', 'done', '{}')"
        )
        made = islice(enumerate(Newsroom(seed).articles(), 1), articles)
        with Writer(folder, worker="made", run=RunInfo("made", "crawl", BEGAN)) as writer:
            while batch := list(islice(made, BATCH)):
                records = [
                    writer.exchange(exchange(number, article, portal_of(number)))
                    for number, article in batch
                ]
                with archive.transaction():
                    for (number, article), written in zip(batch, records, strict=True):
                        portal = portal_of(number)
                        insert(db, number, article, portal, written.result().place)
                        know(db, number, article, portal)


def insert(
    db: sqlite3.Connection, number: int, article: dict[str, Any], portal: str, place: Place
) -> None:
    """One article with its address, versions, capture, citations, picture and group."""
    pick = random.Random(number)
    unit = pick.choice(UNITS) if number % 4 == 0 else None
    url = address(portal, number)
    seen = seen_at(number)
    versions = 2 if number % 10 == 0 else 1
    byline = ", ".join(part for part in (article["byline"], unit) if part)
    digest = hashlib.sha256(article["body"].encode()).hexdigest()
    db.execute(
        "INSERT INTO articles (id, portal, slug, native_id, url, title, lead, body, byline,"
        " authors, unit, category, published_at, lang, version, content_hash, first_seen_at,"
        " last_seen_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'vi', ?, ?, ?, ?)",
        (number, portal, article["slug"], str(number), url, article["title"], article["lead"],
         article["body"], byline, json.dumps([article["byline"]]), unit, f"Mục {number % 12}",
         article["published_at"] if number % 20 else None, versions, digest, seen, seen),
    )  # fmt: skip
    db.execute("INSERT INTO article_urls VALUES (?, ?, ?, ?)", (number, url, seen, seen))
    db.execute(
        "INSERT INTO captures (id, url, article_id, run_id, fetched_at, retrieved_at, status,"
        " media_type, payload_digest, warc_file, warc_offset, warc_length)"
        " VALUES (?, ?, ?, 1, ?, ?, 200, 'text/html', ?, ?, ?, ?)",
        (number, url, number, seen, seen, f"sha256:{digest}", place.file, place.offset,
         place.length),
    )  # fmt: skip
    for one in range(1, versions + 1):
        body = article["body"] if one == versions else article["body"].replace(" a ", " b ")
        db.execute(
            "INSERT INTO article_versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (number, one, article["title"], article["lead"], body, byline,
             article["published_at"], digest, number, seen),
        )  # fmt: skip
    for place in range(number % 3):
        document = f"{pick.randrange(1, 3000)}/{pick.choice(('KH-UBND', 'QĐ-UBND', 'NĐ-CP'))}"
        db.execute(
            'INSERT INTO citations (article_id, field, start, "end", quote, doc_type, number)'
            " VALUES (?, 'body', ?, ?, ?, 'Kế hoạch', ?)",
            (number, place, place + 9, f"Kế hoạch số {document}", document),
        )
    db.execute("INSERT INTO images (article_id, url) VALUES (?, ?)", (number, f"{url}.jpg"))
    if number % 50 == 0:
        db.executemany(
            "INSERT INTO article_groups VALUES (?, ?, 0.9)",
            [(number - 1, number - 1), (number - 1, number)],
        )


def know(db: sqlite3.Connection, number: int, article: dict[str, Any], portal: str) -> None:
    """What coverage counts: the article's address as held, and two that are missing."""
    own, linked, listed = (address(portal, number, f"{end}") for end in ("", "a", "b"))
    seen, key = seen_at(number), own.partition("://")[2]
    db.execute(
        "INSERT INTO observations (capture_id, article_id, portal, kind, fetched_at, run_key, url,"
        " url_key, page_key, canonical_url, slug, native_id)"
        " VALUES (?, ?, ?, 'article', ?, '1', ?, ?, ?, ?, ?, ?)",
        (number, number, portal, seen, own, key, key, own, article["slug"], str(number)),
    )
    for url in (own, linked):
        named = f"{2010 + number % 16}{seen[4:]}"
        place = (portal, url.partition("://")[2], url, named)
        db.execute("INSERT INTO named_urls VALUES (?, ?, ?, ?)", place)
    for url in (own, listed):
        db.execute(
            "INSERT INTO archive_plan (portal, origin, service, kind, priority, url_key, url,"
            " stamp, status) VALUES (?, 'wayback', 'https://cdx.example/', 'article', 0, ?, ?, ?,"
            " 200)",
            (portal, url.partition("://")[2], url, f"{2012 + number % 14}0509083000"),
        )


def address(portal: str, number: int, more: str = "") -> str:
    """The address of a made-up article; `more` makes it another one."""
    return f"http://{portal}.kontum.gov.vn/bai-viet{more}.p-{number}.html"


def portal_of(number: int) -> str:
    """Whose article it is: a few portals have most of them."""
    return PORTALS[int(random.Random(number).paretovariate(1.2)) % len(PORTALS)]


def exchange(number: int, article: dict[str, Any], portal: str) -> Exchange:
    """The answer that showed an article, on the wire."""
    text = "".join(f"<p>{escape(block)}</p>" for block in article["body"].split("\n\n"))
    html = f"<!DOCTYPE html><title>{escape(article['title'])}</title><body>{text}"
    body = html.encode()
    return Exchange(address(portal, number), b"", HEAD % len(body), body, BEGAN)


def seen_at(number: int) -> str:
    """When an article was captured."""
    return f"2025-{1 + number % 12:02}-{1 + number % 28:02}T00:00:00Z"


async def measure(path: Path, rounds: int, seed: int) -> dict[str, Any]:
    """Every figure of one run."""
    from datasette.app import Datasette

    # Its own limit is a second; a search that it gives up would cost it a page of traceback.
    datasette = Datasette([str(path)], settings={"sql_time_limit_ms": 30_000})
    await datasette.invoke_startup()
    db = sqlite3.connect(path)
    pages = addresses(db, rounds, seed)
    times: dict[str, list[float]] = {name: [] for name in pages}
    await datasette.client.get("/coverage")  # Counted once, and kept until something is written.
    given_up: dict[str, int] = {}
    for number in range(rounds + 1):
        for name, paths in pages.items():
            begun = time.perf_counter()
            answer = await datasette.client.get(paths[number])
            spent = 1000 * (time.perf_counter() - begun)
            if answer.status_code != 200:
                if not name.startswith("stock"):
                    raise SystemExit(f"{paths[number]}: {answer.status_code} {answer.text[-300:]}")
                given_up[name] = given_up.get(name, 0) + 1
            if number:  # The first round opens files and compiles templates.
                times[name].append(spent)
    return {
        "articles": db.execute("SELECT count(*) FROM articles").fetchone()[0],
        "bytes": path.stat().st_size,
        "input": digest_of(db),
        "datasette": version("datasette"),
        "sqlite": sqlite3.sqlite_version,
        "python": platform.python_version(),
        "load": [round(load, 1) for load in os.getloadavg()],
        "cores": os.cpu_count(),
        "rounds": rounds,
        "given_up": given_up,
        "milliseconds": {
            name: {
                "median": round(statistics.median(spent), 1),
                "p95": round(sorted(spent)[int(len(spent) * 0.95)], 1),
            }
            for name, spent in times.items()
        },
    }


def addresses(db: sqlite3.Connection, rounds: int, seed: int) -> dict[str, list[str]]:
    """A page type to its addresses, one a round; names with «stock» are Datasette's own."""
    pick = random.Random(seed)
    ids = [row[0] for row in db.execute("SELECT id FROM articles")]
    articles = [
        db.execute(
            "SELECT id, portal, slug, byline, published_at FROM articles WHERE id = ?", (number,)
        ).fetchone()
        for number in pick.choices(ids, k=rounds + 1)
    ]
    edited = [row[0] for row in db.execute("SELECT id FROM articles WHERE version > 1 LIMIT 5000")]
    days = [row[4][:10] for row in articles if row[4]]
    numbers = [row[0] for row in db.execute("SELECT DISTINCT number FROM citations LIMIT 5000")]
    asked = queries(random.Random(seed), Newsroom(seed), rounds + 1)

    def path(kind: str, name: str) -> str:
        return f"/{kind}/{quote(name, safe='')}"

    def each(make: Callable[[], str]) -> list[str]:
        return [make() for _ in range(rounds + 1)]

    def compared() -> str:
        number = pick.choice(edited)
        where = "SELECT portal, slug FROM articles WHERE id = ?"
        return "/a/{}/{}/compare".format(*db.execute(where, (number,)).fetchone())

    return {
        "home": each(lambda: "/"),
        "article": [f"/a/{row[1]}/{row[2]}" for row in articles],
        "compare": each(compared),
        "search": [f"/search?q={quote(query)}" for query in asked],
        "portal": each(lambda: path("portal", pick.choice(PORTALS))),
        "author": [path("author", row[3].partition(",")[0]) for row in articles],
        "unit": each(lambda: path("unit", pick.choice(UNITS))),
        "document": each(lambda: path("document", pick.choice(numbers))),
        "day": each(lambda: path("day", pick.choice(days))),
        "month": each(lambda: path("month", pick.choice(days)[:7])),
        "calendar": each(lambda: f"/calendar/{pick.randrange(2015, 2025)}"),
        "coverage": each(lambda: "/coverage"),
        "coverage, portal": each(lambda: path("coverage", pick.choice(PORTALS))),
        "capture": [f"/capture/{row[0]}" for row in articles],
        "captured page": [f"/capture/{row[0]}/page" for row in articles],
        "runs": each(lambda: "/runs"),
        "stock row": [f"/kontum/articles/{row[0]}" for row in articles],
        "stock table": each(lambda: f"/kontum/articles?_next={pick.choice(ids) // 2}&_size=50"),
        "stock table, facets": each(
            lambda: (
                f"/kontum/articles?_size=50&_facet=portal&_facet=unit&category=Mục+{pick.randrange(12)}"
            )
        ),
        "stock search": [
            f"/kontum/articles?_searchmode=escaped&_size=20&_search={quote(query)}"
            for query in asked
        ],
    }


def digest_of(db: sqlite3.Connection) -> str:
    """The first digits of the SHA-256 over all titles, which names the input."""
    found = hashlib.sha256()
    for (title,) in db.execute("SELECT title FROM articles ORDER BY id"):
        found.update(title.encode())
    return found.hexdigest()[:12]


def table(figures: dict[str, Any]) -> str:
    """The figures as lines of text."""
    head = (
        f"{figures['articles']:,} articles, {figures['bytes'] / 1e6:,.0f} MB, input"
        f" {figures['input']}; Datasette {figures['datasette']}, SQLite {figures['sqlite']},"
        f" Python {figures['python']}; {figures['rounds']} rounds; {figures['cores']} cores, load"
        f" {figures['load'][0]}; milliseconds"
    )
    given_up = [f"  given up: {name}, {n} times" for name, n in figures["given_up"].items()]
    return "\n".join([head, *lines(figures["milliseconds"]), *given_up])


def verdict(milliseconds: dict[str, dict[str, float]]) -> tuple[bool, str]:
    """Whether each page type of ours is fast, and not slower than its peer; and that in words."""
    faults = []
    ours = [name for name in milliseconds if not name.startswith("stock")]
    for name in ours:
        median, peer = milliseconds[name]["median"], PEERS.get(name, TABLE)
        if median >= LIMIT:
            faults.append(f"{name} takes {median} ms")
        if median > milliseconds[peer]["median"]:
            faults.append(f"{name} takes {median} ms, {peer} {milliseconds[peer]['median']} ms")
    if faults:
        return False, f"FAIL: {'; '.join(faults)}"
    return True, (
        f"PASS: {len(ours)} page types, each under {LIMIT:.0f} ms at the median and not slower than"
        " Datasette's own row, table or search page"
    )


def lines(milliseconds: dict[str, dict[str, float]]) -> Iterator[str]:
    """A line a page type."""
    for name, spent in milliseconds.items():
        yield f"  {name:22} median {spent['median']:7.1f}   p95 {spent['p95']:7.1f}"


if __name__ == "__main__":
    main()
