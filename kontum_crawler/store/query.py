"""What a user's query means: words, phrases, operators, as a small tree.

Nothing is an error: open quotes and parentheses close themselves, operators without a partner are
dropped, an unknown name before a colon is a word. The language is described in docs/search.md;
`store/expression.py` makes an FTS5 expression of the tree.
"""

import re
from dataclasses import dataclass

from kontum_crawler.store.phrases import Word, unit_length, words_of
from kontum_crawler.text import clean, plain

LONGEST_QUERY = 20_000
MOST_WORDS = 64
"""Words of a query that count; later ones are ignored, with a note."""

DEEPEST = 12
"""Parentheses inside parentheses; deeper ones are ignored."""

FIELDS = {
    "title": "title",
    "tieude": "title",
    "lead": "lead",
    "sapo": "lead",
    "tomtat": "lead",
    "body": "body",
    "noidung": "body",
    "byline": "byline",
    "tacgia": "byline",
    "file": "file",
    "tep": "file",
}
"""Names before a colon and what they restrict a term to; `file` is the text of attachments."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow each other. prefix: the last goes on; first: they begin their field."""

    words: tuple[Word, ...]
    prefix: bool = False
    first: bool = False


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


def read_query(text: str) -> Query:
    """Read what a user typed; never raises, whatever the text."""
    cleaned = clean(text[:LONGEST_QUERY])
    tokens, cut = _limited(_tokens(cleaned))
    words = tuple(word for token in tokens for phrase in token.phrases for word in phrase.words)
    node = _Reader(tokens, _accented(words)).whole()
    if node is not None:
        hint = f"Only the first {MOST_WORDS} words of the query were used." if cut else None
    elif words:
        hint = "The query only says what must not occur; add a word that must."
    else:
        hint = "The query has no word to look for."
    return Query(cleaned, node, words, hint)


def _accented(words: tuple[Word, ...]) -> bool:
    return any(plain(word.text) != word.text for word in words)


@dataclass(frozen=True, slots=True)
class _Token:
    """A piece of the query: `words` (bare), `phrase` (quoted), `near`, or an operator's name."""

    kind: str
    phrases: tuple[Phrase, ...] = ()
    value: str = ""


_QUOTE = '"“”„‟«»＂'
_BLANK = re.compile(r"\s+")
_NEAR = re.compile(rf"NEAR\(((?:[{_QUOTE}][^{_QUOTE}]*(?:[{_QUOTE}]|$)|[^){_QUOTE}])*)\)?")
_DISTANCE = re.compile(r",\s*(\d{1,9})\s*$")
_QUOTED = re.compile(rf"[{_QUOTE}]([^{_QUOTE}]*)(?:[{_QUOTE}]|$)(\*?)")
_FIELD = re.compile(r"([A-Za-z]+):\s*")
_OPERATOR = re.compile(rf"(AND|OR|NOT)(?=[\s(){_QUOTE}]|$)")
_MINUS = re.compile(r"-(?=[^\s)-])")
_BARE = re.compile(rf"[^\s(){_QUOTE}]+")


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    place, fresh, first = 0, True, False
    while place < len(text):
        if match := _BLANK.match(text, place):
            fresh = True
        elif text[place] in "()":
            tokens.append(_Token("open" if text[place] == "(" else "close"))
            place, fresh = place + 1, True
            continue
        elif text[place] == "^" and fresh:
            place, first = place + 1, True
            continue
        else:
            match, token = _token(text, place, fresh, first)
            tokens.append(token)
            fresh, first = token.kind in ("field", "NOT"), False
        place = match.end()
    return tokens


def _token(text: str, place: int, fresh: bool, first: bool) -> tuple[re.Match[str], _Token]:
    if match := _QUOTED.match(text, place):
        return match, _Token(
            "phrase", (Phrase(words_of(match[1], match.start(1)), bool(match[2]), first),)
        )
    if fresh and (match := _NEAR.match(text, place)):
        return match, _near(match)
    if fresh and (match := _MINUS.match(text, place)):
        return match, _Token("NOT")
    if fresh and (match := _OPERATOR.match(text, place)):
        return match, _Token(match[1])
    if fresh and (match := _FIELD.match(text, place)) and match[1].lower() in FIELDS:
        return match, _Token("field", value=FIELDS[match[1].lower()])
    match = _BARE.match(text, place)
    assert match, "a character is blank, quote, parenthesis or part of a word"
    return match, _Token("words", (_bare(match[0], match.start(), first),))


def _bare(text: str, start: int, first: bool = False) -> Phrase:
    words = words_of(text, start)
    prefix = bool(words) and text[words[-1].end - start :].startswith("*")
    return Phrase(words, prefix, first)


def _near(match: re.Match[str]) -> _Token:
    inside = match[1]
    distance = _DISTANCE.search(inside)
    if distance:
        inside = inside[: distance.start()]
    parts: list[Phrase] = []
    place = 0
    while place < len(inside):
        start = match.start(1) + place
        if quoted := _QUOTED.match(inside, place):
            parts.append(Phrase(words_of(quoted[1], start + 1), bool(quoted[2])))
            place = quoted.end()
        elif bare := _BARE.match(inside, place):
            parts.append(_bare(bare[0], start))
            place = bare.end()
        else:
            place += 1
    return _Token("near", tuple(parts), distance[1] if distance else "10")


def _limited(tokens: list[_Token]) -> tuple[list[_Token], bool]:
    """The tokens up to the word that is one too many, and whether there was one."""
    left = MOST_WORDS
    kept: list[_Token] = []
    for token in tokens:
        kept_phrases: list[Phrase] = []
        for phrase in token.phrases:
            if len(phrase.words) > left:
                shortened = Phrase(phrase.words[:left], False, phrase.first)
                return [*kept, _Token(token.kind, (*kept_phrases, shortened), token.value)], True
            left -= len(phrase.words)
            kept_phrases.append(phrase)
        kept.append(_Token(token.kind, tuple(kept_phrases), token.value))
    return kept, False


class _Reader:
    """Recursive descent over the tokens: OR binds weakest, then AND, then NOT, then a field."""

    def __init__(self, tokens: list[_Token], accented: bool) -> None:
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
            node = self.term() if kind != "AND" else None
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


def _near_or_phrase(token: _Token, accented: bool) -> Node | None:
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
