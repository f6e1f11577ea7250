"""The pieces of a query: words, phrases in quotes, NEAR groups and operators, in order.

Every character is a blank, a quote, a parenthesis, an operator or part of a word, so cutting never
fails. What the pieces mean together is `store/search/query.py`.
"""

import re
from dataclasses import dataclass

from kontum_crawler.store.search.phrases import Word, words_of
from kontum_crawler.text import plain

MOST_WORDS = 64
"""Words of a query that count; later ones are ignored, with a note."""

BEGINNINGS = {1: 16, 2: 8}
"""What a beginning of so many letters costs, a longer one 2: the index reads every word that it
fits."""

MOST_BEGINNINGS = 24
"""What all beginnings of a query may cost together; those beyond are ignored, with a note."""

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
class Token:
    """A piece of the query: `words` (bare), `phrase` (quoted), `near`, or an operator's name."""

    kind: str
    phrases: tuple[Phrase, ...] = ()
    value: str = ""


_QUOTE = '"“”„‟«»＂'
_BLANK = re.compile(r"\s+")
_NEAR = re.compile(rf"NEAR\(((?:[{_QUOTE}][^{_QUOTE}]*(?:[{_QUOTE}]|$)|[^){_QUOTE}])*)\)?")
_DISTANCE = re.compile(r",\s*(\d{1,9})\s*$")
_QUOTED = re.compile(rf"[{_QUOTE}]([^{_QUOTE}]*)(?:[{_QUOTE}]|$)(\*?)")
_FIELD = re.compile(r"([^\W\d_]+):\s*")
_OPERATOR = re.compile(rf"(AND|OR|NOT)(?=[\s(){_QUOTE}]|$)")
_MINUS = re.compile(r"-(?=[^\s)-])")
_BARE = re.compile(rf"[^\s(){_QUOTE}]+")


def tokens_of(text: str) -> list[Token]:
    """Cut a cleaned query into its pieces."""
    tokens: list[Token] = []
    place, fresh, first = 0, True, False
    while place < len(text):
        if match := _BLANK.match(text, place):
            fresh = True
        elif text[place] in "()":
            tokens.append(Token("open" if text[place] == "(" else "close"))
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


def _token(text: str, place: int, fresh: bool, first: bool) -> tuple[re.Match[str], Token]:
    if match := _QUOTED.match(text, place):
        return match, Token(
            "phrase", (Phrase(words_of(match[1], match.start(1)), bool(match[2]), first),)
        )
    if fresh and (match := _NEAR.match(text, place)):
        return match, _near(match)
    if fresh and (match := _MINUS.match(text, place)):
        return match, Token("NOT")
    if fresh and (match := _OPERATOR.match(text, place)):
        return match, Token(match[1])
    if (
        fresh
        and (match := _FIELD.match(text, place))
        and (name := plain(match[1]).lower()) in FIELDS
    ):
        return match, Token("field", value=FIELDS[name])
    match = _BARE.match(text, place)
    assert match, "a character is blank, quote, parenthesis or part of a word"
    return match, Token("words", (_bare(match[0], match.start(), first),))


def _bare(text: str, start: int, first: bool = False) -> Phrase:
    words = words_of(text, start)
    prefix = bool(words) and text[words[-1].end - start :].startswith("*")
    return Phrase(words, prefix, first)


def _near(match: re.Match[str]) -> Token:
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
    return Token("near", tuple(parts), distance[1] if distance else "10")


def limited(tokens: list[Token]) -> tuple[list[Token], bool]:
    """The tokens up to the word that is one too many, and whether there was one."""
    left = MOST_WORDS
    kept: list[Token] = []
    for token in tokens:
        kept_phrases: list[Phrase] = []
        for phrase in token.phrases:
            if len(phrase.words) > left:
                shortened = Phrase(phrase.words[:left], False, phrase.first)
                return [*kept, Token(token.kind, (*kept_phrases, shortened), token.value)], True
            left -= len(phrase.words)
            kept_phrases.append(phrase)
        kept.append(Token(token.kind, tuple(kept_phrases), token.value))
    return kept, False


def affordable(tokens: list[Token]) -> tuple[list[Token], bool]:
    """The tokens without the beginnings that cost too much, and whether there were any."""
    left, dropped = MOST_BEGINNINGS, False
    kept: list[Token] = []
    for token in tokens:
        phrases: list[Phrase] = []
        for phrase in token.phrases:
            goes_on = phrase.prefix and phrase.words
            cost = BEGINNINGS.get(len(phrase.words[-1].text), 2) if goes_on else 0
            if cost <= left:
                left -= cost
                phrases.append(phrase)
            else:
                dropped = True
                phrases.append(Phrase(phrase.words[:-1], False, phrase.first))
        kept.append(Token(token.kind, tuple(phrases), token.value))
    return kept, dropped
