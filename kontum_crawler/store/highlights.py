"""Where in the original text the words of a query stand, and the excerpt that shows them.

FTS5 itself says what matched. The plain text has as many characters as the original, so marks set
in the plain column are positions in the original.
"""

import re
import sqlite3
from bisect import bisect_left

from kontum_crawler.store.fts import Index

Span = tuple[int, int]
"""Start and end (exclusive) of a hit, in code points."""

EXCERPT = 220
"""Characters of an excerpt."""

BEFORE = 60
"""Characters shown in front of the first hit."""

_START, _END = "\x02", "\x03"


def spans(
    db: sqlite3.Connection, index: Index, expression: str, rowid: int, accented: bool
) -> dict[str, list[Span]]:
    """The hits in each column of one row, by the name of the column as written."""
    columns = index.columns if accented else index.plain
    marked = ", ".join(
        f"highlight({index.name}, {index.all_columns.index(column)}, char(2), char(3))"
        for column in columns
    )
    row = db.execute(
        f"SELECT {marked} FROM {index.name} WHERE {index.name} MATCH ? AND rowid = ?",
        (expression, rowid),
    ).fetchone()
    texts = row or [None] * len(columns)
    return {name: marks(text or "") for name, text in zip(index.columns, texts, strict=True)}


def marks(text: str) -> list[Span]:
    """Positions in the text without its marks. The store's texts have no control characters."""
    found, start = [], 0
    for taken, match in enumerate(re.finditer(f"[{_START}{_END}]", text)):
        place = match.start() - taken
        if match[0] == _START:
            start = place
        else:
            found.append((start, place))
    return found


def excerpt(text: str, hits: list[Span], length: int = EXCERPT) -> tuple[str, list[Span]]:
    """The stretch of a text that shows most hits, on one line, and where they stand in it.

    Without hits, the beginning. Cut between words, `…` where something is left out.
    """
    start = _best_start(hits, length)
    start = 0 if start <= BEFORE else _word_end(text, start - BEFORE)
    end = len(text) if start + length >= len(text) else _word_start(text, start + length, start)
    head, tail = "… " if start else "", " …" if end < len(text) else ""
    shift = len(head) - start
    shown = [(s + shift, e + shift) for s, e in hits if s >= start and e <= end]
    return head + re.sub(r"\s", " ", text[start:end]) + tail, shown


def _best_start(hits: list[Span], length: int) -> int:
    starts = [start for start, _ in hits]
    return max(
        starts,
        key=lambda start: (
            bisect_left(starts, start + length - BEFORE) - bisect_left(starts, start),
            -start,
        ),
        default=0,
    )


def _word_end(text: str, place: int) -> int:
    match = re.compile(r"\s+").search(text, place, place + BEFORE)
    return match.end() if match else place


def _word_start(text: str, place: int, floor: int) -> int:
    cut = max(text.rfind(blank, floor, place + 1) for blank in " \n\t")
    return cut if cut > floor else place
