"""Search at size: our index and query builder beside plain FTS5 and LIKE, in one run.

    python benchmarks/search.py --articles 100000

Prints milliseconds a query (p50, p95, p99) for the first 20 results with their rows, the size of
each index beside the text, and the rate of inserts. «plain FTS5» is one table of unicode61 with
`remove_diacritics 2`, asked for quoted words; it finds neither đ nor other spellings. «capped» asks
it as we ask ours: newest first above a thousand matches, which bm25 cannot do.
Recall and precision are measured on the first 2,000 articles against a scan of their text.
"""

import argparse
import hashlib
import json
import platform
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent / "tests")]

from fullscan import Scan, lines_of  # noqa: E402
from newsroom import FAMILY, GIVEN, KINDS, PHRASES, PLACES, Newsroom, queries  # noqa: E402

from kontum_crawler.store import schema  # noqa: E402
from kontum_crawler.store.search import filters, fts  # noqa: E402
from kontum_crawler.store.search.filters import Filters, prepare  # noqa: E402
from kontum_crawler.store.search.finding import matching, search  # noqa: E402
from kontum_crawler.store.search.matches import Matches  # noqa: E402
from kontum_crawler.store.search.query import read_query  # noqa: E402
from kontum_crawler.text import plain as plain_text  # noqa: E402

PAGE = 20
BATCH = 1_000
"""Articles that are stored in one transaction."""

LIKE_QUERIES = 10
"""LIKE reads every text; so few queries are enough to see it."""

SCANNED = 2_000
RUNS = 3
"""Times that each query is asked; the fastest counts, for other work shares the machine."""

INDEXES = (
    *(sql for sql in schema.INDEXES if " ON articles(" in sql or " ON citations(" in sql),
    *filters.INDEXES,
)
COLUMNS = ("title", "lead", "body", "byline")

BY_TRIGGER = 100_000
"""Articles that are stored as an archive stores them, and timed. The rest of a larger database
gets the same index from the same words, folded in Python: 2.5 times faster to build."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="Write the figures here too.")
    parser.add_argument("--folder", type=Path, help="Keep the database here, and use it again.")
    parser.add_argument("--build-only", action="store_true", help="Fill --folder, ask nothing.")
    chosen = parser.parse_args()
    if chosen.build_only:
        if chosen.folder is None:
            parser.error("--build-only needs --folder")
        built(chosen.folder, chosen.articles, chosen.seed)
        return
    with tempfile.TemporaryDirectory() as folder:
        place = chosen.folder or Path(folder)
        figures = measure(place, chosen.articles, chosen.queries, chosen.seed)
    print(json.dumps(figures, ensure_ascii=False, indent=2))
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", "utf-8")


def measure(folder: Path, articles: int, asked_for: int, seed: int) -> dict[str, Any]:
    """Every figure of one run; a database that stands in the folder is not built again."""
    db, made = built(folder, articles, seed)
    room = Newsroom(seed)
    asked = queries(random.Random(seed + 1), room, asked_for)
    return {
        **made,
        "versions": {"sqlite": sqlite3.sqlite_version, "python": platform.python_version()},
        "cores_used": 1,
        "queries": asked_for,
        "ms": timings(db, asked),
        "filters_ms": narrowed(db),
        "quality": quality(db, asked, min(articles, SCANNED)),
    }


def built(folder: Path, articles: int, seed: int) -> tuple[sqlite3.Connection, dict[str, Any]]:
    """The database of a folder, filled where it is not yet; and what filling it told."""
    folder.mkdir(parents=True, exist_ok=True)
    db = connect(folder / "bench.db")
    noted = folder / "built.json"
    if not noted.exists():
        noted.write_text(json.dumps(build(db, articles, seed)), "utf-8")
    made = json.loads(noted.read_text("utf-8"))
    if (made["input"]["articles"], made["input"]["seed"]) != (articles, seed):
        sys.exit(f"{folder} holds another input: {made['input']}")
    return db, made


def build(db: sqlite3.Connection, articles: int, seed: int) -> dict[str, Any]:
    """Fill the database, from where a run that was stopped left it; what went in, and its cost."""
    started = time.process_time()
    prepare_tables(db)
    had = stored(db)
    digest, text_bytes, inserting = hashlib.sha256(), 0, 0.0
    rows = islice(Newsroom(seed).articles(), articles)
    for first, batch in zip(count(1, BATCH), batches(rows), strict=False):
        for number, row in enumerate(batch, first):
            row["id"] = number
            text = "\x1f".join(row[name] or "" for name in COLUMNS).encode()
            digest.update(text)
            text_bytes += len(text)
        if first <= had:
            continue
        began = time.process_time()
        insert(db, batch, by_trigger=first <= BY_TRIGGER)
        if first <= BY_TRIGGER:
            inserting += time.process_time() - began
        if first % 10_000 == 1:
            print(f"{first - 1} articles", file=sys.stderr, flush=True)
    print("merging the index, then plain FTS5", file=sys.stderr, flush=True)
    fts.optimize(db)
    plain_seconds = build_plain(db)
    return {
        "input": {
            "articles": articles,
            "text_bytes": text_bytes,
            "sha256": digest.hexdigest()[:16],
            "seed": seed,
        },
        "build_cpu_seconds": round(time.process_time() - started, 1),
        "insert_ms_an_article": rate(inserting, min(articles, BY_TRIGGER) - had),
        "plain_insert_ms_an_article": rate(plain_seconds, articles),
        "index_to_text": round(index_bytes(db, "articles_fts") / text_bytes, 3),
        "plain_index_to_text": round(index_bytes(db, "plain_fts") / text_bytes, 3),
    }


def prepare_tables(db: sqlite3.Connection) -> None:
    """The tables and indexes of an archive that the search needs, all or none."""
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'articles'").fetchone():
        return
    db.execute("BEGIN")
    for statement in (*schema.CONTRACT, *INDEXES):
        db.execute(statement)
    fts.create(db)
    db.execute("COMMIT")


def timings(db: sqlite3.Connection, asked: list[str]) -> dict[str, dict[str, float]]:
    """p50, p95 and p99 of every way to ask, the fastest of three tries of each query."""
    ways: dict[str, Callable[[str], object]] = {
        "ours, rows": lambda q: ours(db, q),
        "ours, rows and excerpts": lambda q: search(db, q),
        "plain FTS5, capped": lambda q: plain(db, q, capped=True),
        "plain FTS5, bm25": lambda q: plain(db, q, capped=False),
    }
    found = {name: percentiles(way, asked) for name, way in ways.items()}
    found["LIKE"] = percentiles(lambda q: like(db, q), asked[:LIKE_QUERIES])
    return found


def narrowed(db: sqlite3.Connection) -> dict[str, dict[str, float]]:
    """Milliseconds of the latest page of one author, office, section or document."""
    prepare(db)
    asked: dict[str, list[str]] = {
        "author": [f"{family} {given}" for family in FAMILY for given in GIVEN[:3]],
        "unit": [f"phong {place}" for place in PLACES],
        "category": list(PHRASES),
        "document": [f"{number}/{kind}" for number in (5, 77, 2017) for kind in KINDS],
    }

    def latest(field: str, value: str) -> list[Any]:
        condition, values = Filters(**{field: value}).sql("a")  # type: ignore[arg-type]
        return db.execute(
            f"SELECT a.id FROM articles a WHERE {condition} ORDER BY {fts.WHEN} DESC LIMIT {PAGE}",
            values,
        ).fetchall()

    return {field: percentiles(partial(latest, field), values) for field, values in asked.items()}


def ours(db: sqlite3.Connection, query: str) -> list[Any]:
    """Our first page, without excerpts."""
    read = read_query(query)
    if read.node is None:
        return []
    matches, _ = matching(db, read, Filters())
    return [row_of(db, id_) for id_ in islice(matches.by_relevance(), PAGE)]


def plain(db: sqlite3.Connection, query: str, *, capped: bool) -> list[Any]:
    """The first page of plain FTS5, operators as text of ours, words quoted."""
    quoted = plain_query(query)
    if not quoted:
        return []
    ask = "SELECT rowid FROM plain_fts WHERE plain_fts MATCH ? ORDER BY "
    if capped:
        newest = db.execute(f"{ask} rowid DESC LIMIT 1001", (quoted,)).fetchall()
        if len(newest) > 1_000:
            return [row_of(db, row[0]) for row in newest[:PAGE]]
    ranked = db.execute(f"{ask} rank LIMIT {PAGE}", (quoted,)).fetchall()
    return [row_of(db, row[0]) for row in ranked]


def plain_query(query: str) -> str:
    """What a careful user of FTS5 writes: quoted phrases, AND, OR, NOT and prefixes kept."""
    read = query.replace(" -", " NOT ").replace("title:", "")
    if read.startswith("NEAR("):
        return read
    parts = []
    for part in read.replace("(", " ").replace(")", " ").split():
        operator = part in ("AND", "OR", "NOT")
        word = '"' + part.strip('"*').replace('"', "") + '"' + ("*" if part.endswith("*") else "")
        parts.append(part if operator else word)
    return " ".join(parts)


def like(db: sqlite3.Connection, query: str) -> list[Any]:
    """The first page of a search with LIKE for every word."""
    words = [word.strip('"*()-') for word in query.split() if word not in ("AND", "OR", "NOT")]
    condition = " AND ".join("body LIKE ?" for _ in words) or "0"
    return db.execute(
        f"SELECT * FROM articles WHERE {condition} ORDER BY id DESC LIMIT {PAGE}",
        [f"%{word}%" for word in words],
    ).fetchall()


def row_of(db: sqlite3.Connection, id_: int) -> Any:
    return db.execute("SELECT * FROM articles WHERE id = ?", (id_,)).fetchone()


def percentiles(way: Callable[[str], object], asked: list[str]) -> dict[str, float]:
    times = []
    for query in asked:
        runs = []
        for _ in range(RUNS):
            began = time.perf_counter()
            way(query)
            runs.append((time.perf_counter() - began) * 1_000)
        times.append(min(runs))
    times.sort()
    return {
        f"p{share}": round(times[min(len(times) - 1, len(times) * share // 100)], 2)
        for share in (50, 95, 99)
    }


def quality(db: sqlite3.Connection, asked: list[str], articles: int) -> dict[str, float]:
    """Recall and precision against a scan of the text that uses the same classes."""
    docs = list(scanned_texts(db, articles))
    lines = {accents: [(id_, lines_of(t, accents)) for id_, t in docs] for accents in (True, False)}
    hits = wanted = right = 0
    for query in asked:
        read = read_query(query)
        if read.node is None:
            continue
        matches = Matches(db, read.node, read.accented, Filters())
        found = set()
        if matches.own is not None:
            sql = "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? AND rowid <= ?"
            found = {row[0] for row in db.execute(sql, (matches.own, articles))}
        reading = Scan(read.node, read.accented)
        truth = {id_ for id_, line in lines[read.accented] if reading.fits(line)}
        hits, wanted, right = hits + len(found), wanted + len(truth), right + len(found & truth)
    return {
        "articles": articles,
        "recall": round(right / wanted, 4) if wanted else 1.0,
        "precision": round(right / hits, 4) if hits else 1.0,
    }


def scanned_texts(db: sqlite3.Connection, articles: int) -> Iterator[tuple[int, dict[str, str]]]:
    for row in db.execute(f"SELECT id, {', '.join(COLUMNS)} FROM articles WHERE id <= {articles}"):
        yield row[0], {name: text or "" for name, text in zip(COLUMNS, row[1:], strict=True)}


def build_plain(db: sqlite3.Connection) -> float:
    db.execute("DROP TABLE IF EXISTS plain_fts")
    db.execute(
        "CREATE VIRTUAL TABLE plain_fts USING fts5(body, title, lead, byline, content='articles',"
        " content_rowid='id', tokenize='unicode61 remove_diacritics 2')"
    )
    began = time.process_time()
    db.execute("INSERT INTO plain_fts(plain_fts) VALUES('rebuild')")
    seconds = time.process_time() - began
    db.execute("INSERT INTO plain_fts(plain_fts) VALUES('optimize')")
    return seconds


def insert(db: sqlite3.Connection, batch: list[dict[str, Any]], *, by_trigger: bool) -> None:
    """One transaction; without the triggers, the same words go into the index from here."""
    db.execute("BEGIN")
    if not by_trigger:
        for trigger in fts.ARTICLES.triggers:
            db.execute(f"DROP TRIGGER {trigger}")
    db.execute("INSERT OR IGNORE INTO portals(key) VALUES ('bench')")
    db.executemany(
        "INSERT INTO articles(id, portal, slug, url, title, lead, body, byline, authors, unit,"
        " category, published_at, version, content_hash, first_seen_at, last_seen_at)"
        " VALUES (:id, 'bench', :slug, :slug, :title, :lead, :body, :byline, json_array(:byline),"
        " :unit, :category, :published_at, 1, '', :published_at, :published_at)",
        batch,
    )
    db.executemany(
        'INSERT INTO citations(article_id, field, start, "end", quote, number)'
        " VALUES (:id, 'body', 0, 1, :cites, :cites)",
        batch,
    )
    if not by_trigger:
        index(db, batch)
    db.execute("COMMIT")


def index(db: sqlite3.Connection, batch: list[dict[str, Any]]) -> None:
    """What the triggers would have done for these articles; and the triggers again."""
    columns = fts.ARTICLES.columns
    for row in batch:
        row |= {f"{name}_plain": row[name] and plain_text(row[name]) for name in columns}
    names, marks = (
        ", ".join(f"{sign}{name}" for name in fts.ARTICLES.all_columns) for sign in ("", ":")
    )
    db.executemany(f"INSERT INTO articles_fts(rowid, {names}) VALUES (:id, {marks})", batch)
    for statement in fts.statements(fts.ARTICLES):
        if statement.startswith("CREATE TRIGGER"):
            db.execute(statement)


def batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def rate(seconds: float, articles: int) -> float | None:
    """Milliseconds an article; None where an earlier run stored them."""
    return round(seconds / articles * 1_000, 3) if articles > 0 else None


def index_bytes(db: sqlite3.Connection, table: str) -> int:
    parts = ", ".join(f"'{table}_{part}'" for part in ("data", "idx", "docsize", "config"))
    found = db.execute(f"SELECT sum(pgsize) FROM dbstat WHERE name IN ({parts})").fetchone()
    return int(found[0])


def stored(db: sqlite3.Connection) -> int:
    """Articles that the database holds; whole batches, for each is one transaction."""
    return int(db.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()[0])


def connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("PRAGMA cache_size = -65536")
    return db


if __name__ == "__main__":
    main()
