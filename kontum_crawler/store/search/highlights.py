"""Where in the original text the words of a query stand, and the excerpt that shows them.

FTS5 itself says what matched, asked once more about the few rows that are shown. The plain text has
as many characters as the original, so marks set in the plain column are positions in the original.
"""

import re
import sqlite3
from bisect import bisect_left
from collections.abc import Mapping
from contextlib import closing

from kontum_crawler.store.search.fts import TOKENIZER, Index
from kontum_crawler.text import plain

Span = tuple[int, int]
"""Start and end (exclusive) of a hit, in code points."""

EXCERPT = 220
"""Characters of an excerpt."""

BEFORE = 60
"""Characters shown in front of the first hit."""

_START, _END = "\x02", "\x03"


def spans(
    index: Index, expression: str, accented: bool, texts: Mapping[int, Mapping[str, str | None]]
) -> dict[int, dict[str, list[Span]]]:
    """The hits in some rows of an index: by row and by name of the column as written.

    texts: of each row its columns as written. They are put into an index of their own in memory,
    for the large one would look its words up and fold its text again for each row.
    """
    columns = index.columns if accented else index.plain
    marked = ", ".join(
        f"highlight({index.name}, {index.all_columns.index(column)}, char(2), char(3))"
        for column in columns
    )
    fold = str if accented else plain
    rows = [(id_, *(fold(row[name] or "") for name in index.columns)) for id_, row in texts.items()]
    found: dict[int, dict[str, list[Span]]] = {id_: {} for id_ in texts}
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as page:
        page.execute(
            f"CREATE VIRTUAL TABLE {index.name} USING fts5({', '.join(index.all_columns)},"
            f" tokenize='{TOKENIZER}')"
        )
        page.execute("BEGIN")
        page.executemany(
            f"INSERT INTO {index.name}(rowid, {', '.join(columns)})"
            f" VALUES (?{', ?' * len(columns)})",
            rows,
        )
        asked = f"SELECT rowid, {marked} FROM {index.name} WHERE {index.name} MATCH ?"
        for id_, *shown in page.execute(asked, (expression,)):
            found[id_] = {
                name: marks(text or "") for name, text in zip(index.columns, shown, strict=True)
            }
    return found


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
