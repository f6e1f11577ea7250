"""What narrows a set of articles, and the SQL that does it.

Names are compared as people write them: case, blanks, punctuation and the place of a tone do not
count, accents count where the wanted name has any.
"""

import json
import re
import sqlite3
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from kontum_crawler.errors import UsageError
from kontum_crawler.store.search.fts import WHEN
from kontum_crawler.store.search.phrases import words_of
from kontum_crawler.text import TONES, clean, plain

Parameters = tuple[str, ...]

INDEXES = (
    "CREATE INDEX articles_by_authors ON articles(authors)",
    "CREATE INDEX articles_by_unit ON articles(unit)",
    "CREATE INDEX articles_by_source ON articles(source)",
    "CREATE INDEX articles_by_edit ON articles(version) WHERE version > 1",
    "DROP INDEX citations_by_number",
    "CREATE INDEX citations_by_number ON citations(number, article_id)",
)
"""What lets a filter read an index instead of every article."""

LONGEST_PATTERN = 200
"""Characters of a name that SQLite looks for before Python compares."""

_LOOSE = re.compile("[^bfghjklmpqrstvwxz0-9]+")
"""What a name may have with or without an accent, or in another case beyond ASCII."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which articles are wanted; a field left alone lets all through, fields are joined by AND.

    portal: keys, any of them. since and until: days (`2024-05-09`), inclusive, by `published_at`
    or else `first_seen_at`. document: a number, or some neighbouring parts of one (`KH-UBND`).
    Raises UsageError for a day that does not exist and for a range that ends before it begins.
    """

    portal: tuple[str, ...] = ()
    author: str | None = None
    unit: str | None = None
    source: str | None = None
    category: str | None = None
    document: str | None = None
    since: str | None = None
    until: str | None = None
    gone: bool = False
    edited: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.portal, str):
            object.__setattr__(self, "portal", (self.portal,))
        for day in (self.since, self.until):
            if day is not None:
                _check_day(day)
        if self.since and self.until and self.since > self.until:
            raise UsageError(f"{self.since} is after {self.until}: no day is in both.")

    def sql(self, alias: str = "a") -> tuple[str, Parameters]:
        """A condition over `articles AS <alias>` and its parameters; empty where all are wanted.

        The connection needs the functions of `prepare`.
        """
        when = WHEN.replace("published_at", f"{alias}.published_at").replace(
            "first_seen_at", f"{alias}.first_seen_at"
        )
        parts: list[tuple[str, Parameters]] = []
        if self.portal:
            keys = ", ".join("?" for _ in self.portal)
            parts.append((f"{alias}.portal IN ({keys})", tuple(self.portal)))
        if self.author is not None:
            parts.append(_among(alias, "authors", "kontum_signed", self.author))
        for column in ("unit", "source", "category"):
            wanted = getattr(self, column)
            if wanted is not None:
                parts.append(_among(alias, column, "kontum_same", wanted))
        if self.document is not None:
            cited = (
                "SELECT article_id FROM citations WHERE number LIKE ? AND kontum_cites(number, ?)"
            )
            values = (_like(self.document), self.document)
            parts.append((f"{alias}.id IN ({cited})", values))
        if self.since is not None:
            parts.append((f"{when} >= ?", (self.since,)))
        if self.until is not None:
            parts.append((f"{when} < ?", (self.until + "~",)))  # after any time of that day
        if self.gone:
            parts.append((f"{alias}.gone_at IS NOT NULL", ()))
        if self.edited:
            parts.append((f"{alias}.version > 1", ()))
        condition = " AND ".join(condition for condition, _ in parts)
        return condition, tuple(value for _, values in parts for value in values)


def prepare(db: sqlite3.Connection) -> None:
    """Give a connection the functions that filters use; the file itself needs none of them."""
    db.create_function("kontum_same", 2, same, deterministic=True)
    db.create_function("kontum_signed", 2, signed, deterministic=True)
    db.create_function("kontum_cites", 2, cites, deterministic=True)


def same(name: str | None, wanted: str) -> bool:
    """True where a printed name is the wanted one."""
    if name is None:
        return False
    accented = plain(wanted) != clean(wanted)
    return bool(_key(wanted, accented)) and _key(name, accented) == _key(wanted, accented)


def signed(authors: str | None, wanted: str) -> bool:
    """True where one of the names of a JSON array is the wanted one."""
    return authors is not None and any(same(name, wanted) for name in json.loads(authors))


def cites(number: str | None, wanted: str) -> bool:
    """True where the parts of `wanted` are neighbouring parts of a document number.

    `5/QD-UBND` is `05/QĐ-UBND`, and `KH-UBND` is part of `1600/KH-UBND`; `16/KH-UBND` is not.
    """
    if number is None:
        return False
    accented = plain(wanted) != clean(wanted)
    parts, sought = _parts(number, accented), _parts(wanted, accented)
    spans = (parts[n : n + len(sought)] for n in range(len(parts) - len(sought) + 1))
    return bool(sought) and any(span == sought for span in spans)


def spelt_alike(name: str) -> tuple[str, ...]:
    """A key that names share which differ only in case, blanks, punctuation or a tone's place."""
    return _key(name, True)


def number_alike(number: str) -> tuple[str, ...]:
    """A key that spellings of one document number share, whatever zeros stand in front."""
    return _parts(number, True)


def _among(alias: str, column: str, function: str, wanted: str) -> tuple[str, Parameters]:
    """A condition that reads each value of an indexed column once, not each article.

    SQLite steps from value to value; LIKE leaves few of them for the comparison in Python.
    """
    step = f"SELECT min({column}) FROM articles"
    known = (
        f"WITH RECURSIVE known(value) AS ({step} UNION ALL"
        f" SELECT ({step} WHERE {column} > value) FROM known WHERE value IS NOT NULL)"
        f" SELECT value FROM known WHERE value LIKE ? AND {function}(value, ?)"
    )
    return f"{alias}.{column} IN ({known})", (_like(wanted), wanted)


def _like(wanted: str) -> str:
    """A pattern that every text passes which has the consonants and digits of a name in order."""
    text = "%".join(word.text.lstrip("0") for word in words_of(plain(clean(wanted))))
    return f"%{_LOOSE.sub('%', text[:LONGEST_PATTERN])}%"


@lru_cache(maxsize=50_000)
def _key(name: str, accented: bool) -> tuple[str, ...]:
    words = (word.text for word in words_of(clean(name)))
    return tuple(_tone_last(word) if accented else plain(word) for word in words)


def _tone_last(word: str) -> str:
    letters = unicodedata.normalize("NFD", word)
    tones = "".join(letter for letter in letters if letter in TONES)
    return "".join(letter for letter in letters if letter not in TONES) + tones


@lru_cache(maxsize=50_000)
def _parts(number: str, accented: bool) -> tuple[str, ...]:
    words = (word.text for word in words_of(clean(number)))
    return tuple(
        word.lstrip("0") or "0" if word.isdigit() else word if accented else plain(word)
        for word in words
    )


def _check_day(day: str) -> None:
    try:
        if date.fromisoformat(day).isoformat() != day:
            raise ValueError(day)
    except ValueError as error:
        raise UsageError(f"«{day}» is not a day; write it as 2024-05-09.") from error
