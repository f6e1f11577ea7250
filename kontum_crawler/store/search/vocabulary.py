"""The words that the index holds, and what a query that found nothing may have meant."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from kontum_crawler.store.search.fts import INDEXES
from kontum_crawler.store.search.phrases import Word
from kontum_crawler.store.search.telex import typed_as

ENOUGH = 1_000
"""Occurrences up to which words are compared by how frequent they are."""

MOST_CORRECTED = 4
"""Words of one query that are corrected; with more of them unknown nothing is suggested."""

LONGEST_WORD = 30
"""Letters up to which a word is corrected; a longer one is no slip of the finger."""

LETTERS = "abcdefghiklmnopqrstuvxyđ0123456789"


@dataclass
class Vocabulary:
    """The words of both indexes, looked up one by one; nothing is loaded.

    Works on a read-only file, for the FTS5 vocabulary tables are temporary. Where a connection
    allows no temporary table either, every word counts as known.
    """

    db: sqlite3.Connection
    seen: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tables: list[str] = []
        with contextlib.suppress(sqlite3.OperationalError):
            for index in INDEXES:
                table = f"{index.name}_words"
                self.db.execute(
                    f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.{table}"
                    f" USING fts5vocab(main, {index.name}, instance)"
                )
                self.tables.append(table)

    def knows(self, word: str) -> bool:
        """True where any text, as written or plain, has this word."""
        if word not in self.seen:
            self.seen[word] = not self.tables or self.frequency(word, 1) > 0
        return self.seen[word]

    def frequency(self, word: str, enough: int = ENOUGH) -> int:
        """How often a word occurs, counted no further than `enough`."""
        return sum(
            self.db.execute(
                f"SELECT count(*) FROM (SELECT 1 FROM temp.{table} WHERE term = ? LIMIT ?)",
                (word, enough),
            ).fetchone()[0]
            for table in self.tables
        )


def corrected(query: str, words: tuple[Word, ...], vocabulary: Vocabulary) -> Iterator[str]:
    """The query with its unknown words replaced by near ones that the index has, best first.

    Near: typed with a keyboard method left off, one letter off, or two words run together.
    """
    unknown = [word for word in words if not vocabulary.knows(word.text)]
    if not unknown or len(unknown) > MOST_CORRECTED:
        return
    choices = [_near(word.text, vocabulary) for word in unknown]
    if not all(choices):
        return
    for rank in range(max(len(choice) for choice in choices)):
        text = query
        for word, choice in reversed(list(zip(unknown, choices, strict=True))):
            better = choice[min(rank, len(choice) - 1)]
            text = text[: word.start] + better + text[word.end :]
        yield text


def _near(word: str, vocabulary: Vocabulary) -> list[str]:
    """At most three words for one that is unknown, the most frequent first."""
    if (intended := typed_as(word)) and vocabulary.knows(intended):
        return [intended]
    ranked = sorted(
        (
            (vocabulary.frequency(other), other)
            for other in _one_off(word)
            if vocabulary.knows(other)
        ),
        key=lambda item: (-item[0], item[1]),
    )
    found = [other for _, other in ranked[:3]]
    return found or list(_cut(word, vocabulary.knows))[:1]


def _one_off(word: str) -> set[str]:
    """Every string that one deleted, swapped, changed or added letter away from a word."""
    if not 2 <= len(word) <= LONGEST_WORD:
        return set()
    cuts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    deleted = {left + right[1:] for left, right in cuts if right}
    swapped = {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    changed = {left + letter + right[1:] for left, right in cuts if right for letter in LETTERS}
    added = {left + letter + right for left, right in cuts for letter in LETTERS}
    return (deleted | swapped | changed | added) - {word, ""}


def _cut(word: str, knows: Callable[[str], bool]) -> Iterator[str]:
    """Two known words that were run together."""
    if len(word) > LONGEST_WORD:
        return
    for place in range(2, len(word) - 1):
        if knows(word[:place]) and knows(word[place:]):
            yield f"{word[:place]} {word[place:]}"
