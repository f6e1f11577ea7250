"""A search without an index: it reads every text. Slow and simple, to hold the fast one against."""

import re
from collections.abc import Mapping
from itertools import product

from kontum_crawler.store.search.phrases import phrases, words_of
from kontum_crawler.store.search.query import Both, Either, Near, Node, Within
from kontum_crawler.store.search.tokens import Phrase
from kontum_crawler.text import clean, plain

Lines = Mapping[str, str]
"""The words of an article by field, one blank around each."""


def lines_of(texts: Mapping[str, str], accented: bool) -> Lines:
    """An article as `fits` reads it."""
    words = {name: [word.text for word in words_of(clean(text))] for name, text in texts.items()}
    joined = {name: f" {' '.join(field)} " for name, field in words.items()}
    return joined if accented else {name: plain(line) for name, line in joined.items()}


class Scan:
    """A query that was read, with the spellings of its phrases."""

    def __init__(self, node: Node, accented: bool) -> None:
        self.node = node
        self.accented = accented
        self.spelt: dict[Phrase, list[str]] = {}

    def fits(self, lines: Lines) -> bool:
        """True where an article fits the query; `lines` as the query's accents want them."""
        return self._fits(lines, self.node)

    def _fits(self, lines: Lines, node: Node) -> bool:
        match node:
            case Phrase():
                return any(
                    line.startswith(wanted) if node.first else wanted in line
                    for line in lines.values()
                    for wanted in self._wanted(node)
                )
            case Near():
                return any(self._near(line, node) for line in lines.values())
            case Within():
                inside = {name: line for name, line in lines.items() if name == node.field}
                return self._fits(inside, node.part)
            case Either():
                return any(self._fits(lines, part) for part in node.parts)
            case Both():
                return all(self._fits(lines, part) for part in node.wanted) and not any(
                    self._fits(lines, part) for part in node.unwanted
                )

    def _wanted(self, node: Phrase) -> list[str]:
        if node not in self.spelt:
            end = "" if node.prefix else " "
            found = phrases(node.words, self.accented, node.prefix)
            joined = (f" {' '.join(words)}{end}" for words in found)
            self.spelt[node] = [line if self.accented else plain(line) for line in joined]
        return self.spelt[node]

    def _near(self, line: str, node: Near) -> bool:
        choices = [self._places(line, phrase) for phrase in node.phrases]
        return any(
            max(start for start, _ in clump) - min(end for _, end in clump) <= node.distance
            for clump in product(*choices)
        )

    def _places(self, line: str, node: Phrase) -> list[tuple[int, int]]:
        found = []
        for wanted in self._wanted(node):
            for match in re.finditer(f"(?={re.escape(wanted)})", line):
                start = line.count(" ", 0, match.start())
                found.append((start, start + len(wanted.split())))
        return found
