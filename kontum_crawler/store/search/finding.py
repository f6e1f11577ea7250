"""Full-text search over an archive: what a user types in, articles with excerpts out.

A query that finds nothing as written is tried once more without accents, and the result says so;
one that finds nothing at all may come with a suggestion. No query raises.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Literal

from kontum_crawler.errors import UsageError
from kontum_crawler.store.search.filters import Filters
from kontum_crawler.store.search.fts import ARTICLES, ATTACHMENTS
from kontum_crawler.store.search.highlights import Span, excerpt, spans
from kontum_crawler.store.search.matches import CAP, Matches
from kontum_crawler.store.search.query import Query, read_query
from kontum_crawler.store.search.vocabulary import Vocabulary, corrected

__all__ = ["Filters", "Hit", "Results", "article_object", "matching", "search"]

NO_ACCENTS = "No exact match; shown without accents."
LISTS = ("authors", "photo_by", "tags")
"""Columns of `articles` that hold JSON arrays."""

Sort = Literal["relevance", "date"]


@dataclass(frozen=True, slots=True)
class Hit:
    """One article that was found.

    article: its row, lists as lists. snippet: one line of the original text. marks: positions of
    the hits, code points, in `title` and in `snippet`. attachment: url and filename of the file
    whose text the snippet shows, or None. copies: slugs folded into this line.
    """

    article: dict[str, Any]
    snippet: str
    marks: dict[str, list[Span]]
    attachment: dict[str, Any] | None = None
    copies: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The article's columns with `snippet`, `marks`, `attachment` and `copies` added."""
        return self.article | {
            "snippet": self.snippet,
            "marks": self.marks,
            "attachment": self.attachment,
            "copies": list(self.copies),
        }


@dataclass(frozen=True, slots=True)
class Results:
    """One page of hits.

    total: all matching articles, None where they are more than `more_than`. note: how the query
    was read where that may surprise. suggestion: another query that finds something.
    """

    hits: list[Hit] = field(default_factory=list)
    total: int | None = 0
    more_than: int | None = None
    note: str | None = None
    suggestion: str | None = None

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)


def search(
    db: sqlite3.Connection,
    query: str,
    filters: Filters | None = None,
    *,
    sort: Sort = "relevance",
    limit: int | None = 20,
    offset: int = 0,
    fold: bool = False,
) -> Results:
    """Find articles by their words, and by those of their attachments.

    limit: None for all. offset: skip so many; pages of an unchanged archive do not overlap.
    fold: of a group of near doubles only the first hit, the others' slugs in `copies`.
    Raises UsageError for a portal that the archive does not have.
    """
    filters = filters or Filters()
    check_portals(db, filters)
    read = read_query(query)
    if read.node is None:
        return Results(note=read.hint)
    matches, note = matching(db, read, filters)
    if matches.is_empty:
        return Results(note=read.hint, suggestion=_suggestion(db, read, filters))
    ids = matches.by_date() if sort == "date" else matches.by_relevance()
    stop = None if limit is None else offset + limit
    copies: dict[int, tuple[int, ...]] = {}
    page = list(islice(_folded(db, ids, copies) if fold else ids, offset, stop))
    hits = [
        replace(hit, copies=_slugs(db, copies.get(id_, ()))) for id_, hit in _hits(matches, page)
    ]
    total = matches.total
    return Results(hits, total, CAP if total is None else None, note)


def matching(db: sqlite3.Connection, read: Query, filters: Filters) -> tuple[Matches, str | None]:
    """What a query selects, tried without accents where it selects nothing; and the note on it."""
    vocabulary = Vocabulary(db)
    matches = Matches(db, read.node, read.accented, filters, vocabulary)
    if read.accented and matches.is_empty:
        asked = None
        for node in (read.without_accents(), read.node):
            relaxed = Matches(db, node, False, filters, vocabulary)
            if node is None or relaxed.own == asked:
                continue  # mostly both are one question, and its answer is none
            if not relaxed.is_empty:
                return relaxed, " ".join(filter(None, (NO_ACCENTS, read.hint)))
            asked = relaxed.own
    return matches, read.hint


def article_object(row: sqlite3.Row) -> dict[str, Any]:
    """A row of `articles` as the object that commands print: same names, lists as lists."""
    article = dict(row)
    for name in LISTS:
        article[name] = json.loads(article[name] or "[]")
    return article


def check_portals(db: sqlite3.Connection, filters: Filters) -> None:
    """Raises UsageError, with the known keys, for a portal that the archive does not hold."""
    known = [row[0] for row in db.execute("SELECT key FROM portals ORDER BY key")]
    for key in filters.portal:
        if key not in known:
            raise UsageError(
                f"no portal «{key}» in this archive; it has: {', '.join(known) or 'none yet'}."
            )


def _suggestion(db: sqlite3.Connection, read: Query, filters: Filters) -> str | None:
    for better in corrected(read.text, read.words, Vocabulary(db)):
        reread = read_query(better)
        if reread.node is not None and not matching(db, reread, filters)[0].is_empty:
            return better
    return None


def _hits(matches: Matches, ids: list[int]) -> Iterator[tuple[int, Hit]]:
    """The articles of one page with their excerpts."""
    articles = _articles(matches.db, ids)
    found: dict[int, dict[str, list[Span]]] = {}
    if matches.own is not None:
        found = spans(ARTICLES, matches.own, matches.accented, articles)
    for id_ in ids:
        hits = found.get(id_, {})
        yield id_, _hit(articles[id_], hits) or _attached_hit(matches, articles[id_])


def _articles(db: sqlite3.Connection, ids: list[int]) -> dict[int, dict[str, Any]]:
    cursor = db.cursor()
    cursor.row_factory = sqlite3.Row
    found = {}
    for id_ in ids:
        row = cursor.execute("SELECT * FROM articles WHERE id = ?", (id_,)).fetchone()
        found[id_] = article_object(row)
    return found


def _hit(article: dict[str, Any], found: dict[str, list[Span]]) -> Hit | None:
    """The article with the place of its own text that shows most hits; None without any."""
    title = found.get("title", [])
    for column in ("body", "lead", "byline"):
        if found.get(column):
            snippet, marks = excerpt(article[column], found[column])
            return Hit(article, snippet, {"title": title, "snippet": marks})
    return _opening(article, title) if title else None


def _attached_hit(matches: Matches, article: dict[str, Any]) -> Hit:
    """The article with the first of its attachments that matches, or with its first words."""
    if matches.attached is not None:
        rows = matches.db.execute(
            "SELECT id, url, filename, text FROM attachments WHERE article_id = ? ORDER BY id",
            (article["id"],),
        ).fetchall()
        texts = {row[0]: {"text": row[3]} for row in rows}
        found = spans(ATTACHMENTS, matches.attached, matches.accented, texts)
        for id_, url, filename, text in rows:
            if hits := found[id_].get("text"):
                snippet, marks = excerpt(text, hits)
                attachment = {"url": url, "filename": filename}
                return Hit(article, snippet, {"title": [], "snippet": marks}, attachment)
    return _opening(article, [])


def _opening(article: dict[str, Any], title: list[Span]) -> Hit:
    snippet, _ = excerpt(article["lead"] or article["body"] or "", [])
    return Hit(article, snippet, {"title": title, "snippet": []})


def _folded(
    db: sqlite3.Connection, ids: Iterable[int], copies: dict[int, tuple[int, ...]]
) -> Iterator[int]:
    """One id of each group of near doubles, the first; `copies` gets the others of the group."""
    seen: set[int] = set()
    for id_ in ids:
        if id_ in seen:
            continue
        members = tuple(
            row[0]
            for row in db.execute(
                "SELECT article_id FROM article_groups WHERE group_id IN"
                " (SELECT group_id FROM article_groups WHERE article_id = ?) ORDER BY article_id",
                (id_,),
            )
        )
        seen.update(members)
        copies[id_] = tuple(member for member in members if member != id_)
        yield id_


def _slugs(db: sqlite3.Connection, ids: tuple[int, ...]) -> tuple[str, ...]:
    marks = ", ".join("?" * len(ids))
    rows = db.execute(f"SELECT slug FROM articles WHERE id IN ({marks}) ORDER BY id", ids)
    return tuple(row[0] for row in rows)
