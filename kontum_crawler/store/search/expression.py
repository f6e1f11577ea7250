"""From the tree of a query to FTS5 expressions.

Every word is quoted, so no text of a user reaches FTS5's own syntax. One query gives up to four
expressions: over articles or attachments, as written or without accents.
"""

from dataclasses import dataclass
from itertools import product

from kontum_crawler.store.search.fts import ARTICLES, ATTACHMENTS, Index
from kontum_crawler.store.search.phrases import Alternatives, Knows, capped, phrases
from kontum_crawler.store.search.query import Both, Either, Near, Node, Within
from kontum_crawler.store.search.tokens import Phrase
from kontum_crawler.text import plain

FARTHEST = 1_000
"""Words between the parts of NEAR; more would be the whole text anyway."""


@dataclass(frozen=True, slots=True)
class Target:
    """What an expression is for: one index, its columns as written or plain."""

    index: Index
    accented: bool
    knows: Knows | None = None

    def columns(self, field: str | None = None) -> tuple[str, ...]:
        """The FTS columns that a field means here; none where the index does not have it."""
        if self.index is ATTACHMENTS:
            names = self.index.columns if field in (None, "file") else ()
        else:
            names = tuple(name for name in self.index.columns if field in (None, name))
        return names if self.accented else tuple(f"{name}_plain" for name in names)


def expression(
    node: Node, accented: bool, *, index: Index = ARTICLES, knows: Knows | None = None
) -> str | None:
    """The FTS5 expression of a query; None where no row of this index can fit it."""
    target = Target(index, accented, knows)
    body = _expression(node, target)
    return None if body is None else f"{{{' '.join(target.columns())}}} : ({body})"


def _expression(node: Node, target: Target) -> str | None:
    match node:
        case Phrase():
            return _any([_literal(words, node) for words in _spelt(node, target)])
        case Near():
            return _near(node, target)
        case Within():
            return _within(node, target)
        case Either():
            parts = [_expression(part, target) for part in node.parts]
            return _any([part for part in parts if part is not None])
        case Both():
            return _both(node, target)


def _both(node: Both, target: Target) -> str | None:
    wanted = [_expression(part, target) for part in node.wanted]
    if not wanted or any(part is None for part in wanted):
        return None
    unwanted = [_expression(part, target) for part in node.unwanted]
    against = _any([part for part in unwanted if part is not None])
    together = " AND ".join(f"({part})" for part in wanted)
    return f"({together}) NOT ({against})" if against else together


def _within(node: Within, target: Target) -> str | None:
    columns = target.columns(node.field)
    part = _expression(node.part, target) if columns else None
    return None if part is None else f"{{{' '.join(columns)}}} : ({part})"


def _near(node: Near, target: Target) -> str | None:
    choices: list[Alternatives] = [
        tuple((words, cost) for cost, words in enumerate(_spelt(phrase, target)))
        for phrase in node.phrases
    ]
    combined = product(*capped(choices))
    distance = min(node.distance, FARTHEST)
    return _any(
        [
            "NEAR("
            + " ".join(
                _literal(words, phrase)
                for (words, _), phrase in zip(combination, node.phrases, strict=True)
            )
            + f", {distance})"
            for combination in combined
        ]
    )


def _spelt(phrase: Phrase, target: Target) -> list[tuple[str, ...]]:
    found = phrases(phrase.words, target.accented, phrase.prefix, target.knows)
    if target.accented:
        return found
    return list(dict.fromkeys(tuple(plain(word) for word in words) for words in found))


def _literal(words: tuple[str, ...], phrase: Phrase) -> str:
    quoted = '"' + " ".join(words) + '"'
    return ("^" if phrase.first else "") + quoted + (" *" if phrase.prefix else "")


def _any(parts: list[str]) -> str | None:
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else "(" + " OR ".join(parts) + ")"
