"""What a user's query means: words, phrases, operators, as a small tree.

Nothing is an error: open quotes and parentheses close themselves, operators without a partner are
dropped, an unknown name before a colon is a word. The language is described in docs/search.md;
`store/search/expression.py` makes an FTS5 expression of the tree.
"""

from dataclasses import dataclass

from kontum_crawler.store.search.phrases import Word, run_together, unit_length
from kontum_crawler.store.search.tokens import (
    MOST_WORDS,
    Phrase,
    Token,
    affordable,
    limited,
    tokens_of,
)
from kontum_crawler.text import clean, plain

LONGEST_QUERY = 20_000
TOO_MANY_BEGINNINGS = "Only the first of the short beginnings (a*) were used."
DEEPEST = 12
"""Parentheses inside parentheses; deeper ones are ignored."""


@dataclass(frozen=True, slots=True)
class Near:
    """Phrases of one field with at most `distance` words between them."""

    phrases: tuple[Phrase, ...]
    distance: int


@dataclass(frozen=True, slots=True)
class Both:
    """Every wanted part must occur and no unwanted one."""

    wanted: tuple["Node", ...]
    unwanted: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part must occur."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Within:
    """A part that must occur in one field."""

    field: str
    part: "Node"


Node = Phrase | Near | Both | Either | Within


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was read.

    node: None where no word must occur. words: all of them, unwanted ones too, in order.
    hint: what the user should know about how it was read, or None.
    """

    text: str
    node: Node | None
    words: tuple[Word, ...]
    hint: str | None = None

    @property
    def accented(self) -> bool:
        """True where any word has an accent or đ; then every word counts as written."""
        return _accented(self.words)

    def without_accents(self) -> Node | None:
        """The same query typed without accents: names that were misspelt are names again."""
        return read_query(plain(self.text)).node


def read_query(text: str) -> Query:
    """Read what a user typed; never raises, whatever the text."""
    cleaned = clean(text[:LONGEST_QUERY])
    tokens, cut = limited(tokens_of(cleaned))
    tokens, dropped = affordable(tokens)
    words = tuple(word for token in tokens for phrase in token.phrases for word in phrase.words)
    node = _Reader(tokens, _accented(words)).whole()
    if node is not None:
        hint = f"Only the first {MOST_WORDS} words of the query were used." if cut else None
        if dropped:
            hint = " ".join(filter(None, (hint, TOO_MANY_BEGINNINGS)))
    elif words:
        hint = "The query only says what must not occur; add a word that must."
    else:
        hint = "The query has no word to look for."
    return Query(cleaned, node, words, hint)


def _accented(words: tuple[Word, ...]) -> bool:
    return any(plain(word.text) != word.text for word in words)


class _Reader:
    """Recursive descent over the tokens: OR binds weakest, then AND, then NOT, then a field."""

    def __init__(self, tokens: list[Token], accented: bool) -> None:
        self.tokens = tokens
        self.accented = accented
        self.place = 0
        self.depth = 0

    def whole(self) -> Node | None:
        node = self.either()
        while self.place < len(self.tokens):  # a parenthesis too many: it never opened
            self.place += 1
            rest = self.either()
            node = _both([part for part in (node, rest) if part is not None], [])
        return None if isinstance(node, Both) and not node.wanted else node

    def either(self) -> Node | None:
        parts = [self.both()]
        while self.peek() == "OR":
            self.place += 1
            parts.append(self.both())
        kept = [part for part in parts if part is not None]
        if len(kept) > 1:
            kept = [part for part in kept if not _only_unwanted(part)]
        return kept[0] if len(kept) == 1 else Either(tuple(kept)) if kept else None

    def both(self) -> Node | None:
        wanted: list[Node] = []
        unwanted: list[Node] = []
        while (kind := self.peek()) not in ("", "OR", "close"):
            if kind in ("AND", "NOT"):
                self.place += 1
            node = (self.glued() or self.term()) if kind != "AND" else None
            if node is not None:
                (unwanted if kind == "NOT" else wanted).append(node)
        return _both(wanted, unwanted)

    def term(self) -> Node | None:
        field = ""
        while self.peek() == "field":  # of several, the one next to the term counts
            field = self.tokens[self.place].value
            self.place += 1
        part = self.unrestricted()
        if not field or part is None or _only_unwanted(part):
            return part
        return Within(field, part)

    def unrestricted(self) -> Node | None:
        kind = self.peek()
        if kind == "open":
            return self.group()
        if kind == "words":
            return self.bare()
        if kind in ("phrase", "near"):
            token = self.tokens[self.place]
            self.place += 1
            return _near_or_phrase(token, self.accented)
        return None  # an operator, or the end: it is the caller's

    def group(self) -> Node | None:
        self.place += 1
        self.depth += 1
        # Beyond the limit a parenthesis is a blank, and so is the one that closes it.
        node = self.either() if self.depth <= DEEPEST else self.flat()
        self.depth -= 1
        if self.peek() == "close":
            self.place += 1
        return node

    def flat(self) -> Node | None:
        level, parts = 1, []
        while level and self.peek():
            kind = self.peek()
            level += (kind == "open") - (kind == "close")
            if not level:
                break
            if kind in ("words", "phrase", "near"):
                parts.append(self.term())
            else:
                self.place += 1
        return _both([part for part in parts if part is not None], [])

    def glued(self) -> Node | None:
        """«QL 14C» as two bare words is «QL14C» too."""
        pair = self.tokens[self.place : self.place + 2]
        if len(pair) < 2 or any(token.kind != "words" for token in pair):
            return None
        left, right = (token.phrases[0] for token in pair)
        if left.first or left.prefix or right.first or right.prefix:
            return None
        together = run_together((*left.words, *right.words))
        if together is None:
            return None
        self.place += 2
        return Either((Both((left, right)), Phrase((together,))))

    def bare(self) -> Phrase | None:
        """One bare word, or as many as make one name or one date."""
        run: list[Phrase] = []
        for token in self.tokens[self.place : self.place + 6]:
            if token.kind != "words" or (run and (run[-1].prefix or token.phrases[0].first)):
                break
            run.append(token.phrases[0])
        joined, used = _joined(run, self.accented)
        self.place += used
        return joined if joined.words else None

    def peek(self) -> str:
        return self.tokens[self.place].kind if self.place < len(self.tokens) else ""


def _joined(run: list[Phrase], accented: bool) -> tuple[Phrase, int]:
    """The first of some neighbouring bare phrases, with those that continue its name or date."""
    words = tuple(word for phrase in run for word in phrase.words)
    end = len(run[0].words)
    for start in range(end):
        reach = start + unit_length(words[start:], accented)
        if reach > end:
            end = reach
            break
    used, length = 0, 0
    while used < len(run) and (length < end or not used):
        length += len(run[used].words)
        used += 1
    return Phrase(words[:length], run[used - 1].prefix, run[0].first), used


def _near_or_phrase(token: Token, accented: bool) -> Node | None:
    run = [phrase for phrase in token.phrases if phrase.words]
    if token.kind == "phrase":
        return run[0] if run else None
    parts: list[Phrase] = []
    while run:
        joined, used = _joined(run, accented)
        parts.append(joined)
        run = run[used:]
    if len(parts) > 1:
        return Near(tuple(parts), int(token.value))
    return parts[0] if parts else None


def _both(wanted: list[Node], unwanted: list[Node]) -> Node | None:
    """Parts joined by AND; a parenthesis that only forbids forbids for its neighbours too."""
    kept: list[Node] = []
    against = list(unwanted)
    for part in wanted:
        kept += part.wanted if isinstance(part, Both) else (part,)
        against += part.unwanted if isinstance(part, Both) else ()
    if len(kept) == 1 and not against:
        return kept[0]
    return Both(tuple(kept), tuple(against)) if kept or against else None


def _only_unwanted(node: Node) -> bool:
    return isinstance(node, Both) and not node.wanted
