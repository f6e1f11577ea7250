"""From the words of a phrase to every phrase that says the same.

A phrase is cut into segments (a name, a date, a number, one word); each has alternatives, and their
combinations are what the index is asked for.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from math import prod

from kontum_crawler.store.search.names import LONGEST, name_spellings, names_in
from kontum_crawler.store.search.spelling import (
    Spelling,
    abbreviations,
    document_numbers,
    numbers,
    spellings,
)
from kontum_crawler.text import plain

MOST_COMBINATIONS = 96
"""Phrases that one phrase of a query may become."""

Words = tuple[str, ...]
Alternatives = tuple[tuple[Words, int], ...]
"""Word sequences that may stand in one place, each with its cost."""

Knows = Callable[[str], bool]
"""Tells whether any text of the index has a word."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word as the index cuts it, lower case; `gap` stood between it and the one before.

    `start` and `end` are positions in the text it was cut from.
    """

    text: str
    gap: str
    start: int
    end: int


# Letters, digits and combining accents belong to a word; all else separates. Where Python and
# SQLite see a rare letter differently, SQLite cuts our token again, as a phrase.
_WORD = re.compile(r"[^\W_ʼ](?:[^\W_ʼ]|[\u0300-\u0331])*")


_GLUED = re.compile(r"(\d{1,6})(\D{2,8})")
_FIGURES = re.compile(r"\d{1,6}")
_ROAD = re.compile(r"([^\W\d]{2,4})(\d{1,4}[a-e]?)")
_ROAD_NUMBER = re.compile(r"\d{1,4}[a-e]?")


def words_of(text: str, offset: int = 0) -> tuple[Word, ...]:
    """Cut a text into words as the index does; `offset` is added to their positions."""
    found: list[Word] = []
    end = 0
    for match in _WORD.finditer(text):
        gap = text[end : match.start()] if found else ""
        end = match.end()
        found.append(Word(match[0].lower(), gap, offset + match.start(), offset + end))
    return tuple(found)


def unit_length(words: tuple[Word, ...], accented: bool) -> int:
    """How many of the first words are one name or one date in words; 1 where they are neither."""
    texts = tuple(word.text for word in words[: LONGEST + 1])
    for length in range(min(len(texts), LONGEST), 0, -1):
        if names_in(texts[:length], accented):
            return length
    return 5 if _spoken_date(texts[:5]) else 4 if _spoken_month(texts[:4]) else 1


def run_together(words: tuple[Word, ...]) -> Word | None:
    """«QL» and «14C», or «20» and «kg», as one word; None where such two are not written so."""
    if len(words) != 2:
        return None
    left, right = words
    one = Word(left.text + right.text, left.gap, left.start, right.end)
    code, number = (left, right) if left.text.isalpha() else (right, left)
    figures = _ROAD_NUMBER if code is left else _FIGURES
    fits = abbreviations(code.text, True) and figures.fullmatch(number.text)
    return one if fits else None


def phrases(
    words: tuple[Word, ...], accented: bool, prefix: bool = False, knows: Knows | None = None
) -> list[Words]:
    """Every sequence of words that says what `words` say, as typed first, at most 96.

    prefix: the last word goes on. knows: spellings with a word that no text has are left out.
    """
    segments = _segments(words, accented, prefix)
    if knows is not None:
        segments = [
            _known(alternatives, knows, prefix and place == len(segments) - 1)
            for place, alternatives in enumerate(segments)
        ]
    combined = product(*capped(segments))
    ranked = sorted((sum(cost for _, cost in c), n, c) for n, c in enumerate(combined))
    return list(dict.fromkeys(tuple(w for ws, _ in c for w in ws) for _, _, c in ranked))


def capped(segments: list[Alternatives]) -> list[Alternatives]:
    """Take alternatives away, the dearest first, until at most 96 combinations are left."""
    kept = [sorted(alternatives, key=lambda item: item[1]) for alternatives in segments]
    while prod(len(alternatives) for alternatives in kept) > MOST_COMBINATIONS:
        fullest = max(
            (alternatives for alternatives in kept if len(alternatives) > 1),
            key=lambda alternatives: (alternatives[-1][1], len(alternatives)),
        )
        fullest.pop()
    return [tuple(alternatives) for alternatives in kept]


def _segments(words: tuple[Word, ...], accented: bool, prefix: bool) -> list[Alternatives]:
    if whole := _number(words) or _date(words, accented):
        return [whole]
    segments: list[Alternatives] = []
    place = 0
    while place < len(words):
        length = unit_length(words[place:], accented)
        texts = tuple(word.text for word in words[place : place + length])
        coded, taken = _coded(words[place : place + 2], accented) if length == 1 else ((), 0)
        whole_code = len(words) > 1 or not abbreviations(words[0].text, accented)
        if coded and whole_code and not (prefix and place + taken == len(words)):
            segments.append(coded)
            place += taken
            continue
        goes_on = prefix and place + length == len(words)
        segments.append(_segment(texts, accented, goes_on, len(words) > 1))
        place += length
    return segments


def _segment(texts: Words, accented: bool, goes_on: bool, in_a_run: bool) -> Alternatives:
    if names := name_spellings(texts, accented):
        return names
    if len(texts) > 1:
        return _spoken(texts, accented)
    if in_a_run and not goes_on and re.fullmatch(r"0?\d", texts[0]):
        return tuple(((number,), cost) for number, cost in numbers(texts[0]))
    return tuple(((word,), cost) for word, cost in spellings(texts[0], accented, goes_on))


def _coded(words: tuple[Word, ...], accented: bool) -> tuple[Alternatives, int]:
    """«362QĐ» is «362 QĐ» is «362 QD», «QL14C» is «QL 14C».

    With how many words that is, 0 for what has no such code.
    """
    first = words[0].text
    if (road := _ROAD.fullmatch(first)) and abbreviations(road[1], accented):
        others = tuple(((word,), cost) for word, cost in spellings(first, accented))  # «km²»
        return (*others, ((road[1], road[2]), 1)), 1
    if codes := abbreviations(first, accented):
        if len(words) > 1 and _ROAD_NUMBER.fullmatch(words[1].text):
            return _road(codes, words[1].text), 2
        return tuple(((code,), cost) for code, cost in codes), 1
    if glued := _GLUED.fullmatch(first):
        number, code = glued.groups()
    elif len(words) > 1 and _FIGURES.fullmatch(first):
        number, code = first, words[1].text
    else:
        return (), 0
    found = []
    for (figures, dear), (letters, dearer) in product(
        document_numbers(number), abbreviations(code, accented)
    ):
        cost = dear + dearer
        found += [
            ((figures, letters), cost + bool(glued)),
            ((figures + letters,), cost + (not glued)),
        ]
    return tuple(found), 1 if glued else 2


def _road(codes: tuple[Spelling, ...], number: str) -> Alternatives:
    apart = tuple(((code, number), cost) for code, cost in codes)
    return (*apart, *(((code + number,), cost + 1) for code, cost in codes))


def _known(alternatives: Alternatives, knows: Knows, goes_on: bool) -> Alternatives:
    if len(alternatives) == 1:
        return alternatives
    known = tuple(
        (words, cost)
        for words, cost in alternatives
        if all(knows(word) for word in (words[:-1] if goes_on else words))
    )
    return known or alternatives[:1]


def _number(words: tuple[Word, ...]) -> Alternatives:
    """«1.600» is «1600»: groups of three behind a point or comma; years stay years."""
    texts = tuple(word.text for word in words)
    if len(texts) == 1:
        if not re.fullmatch(r"[1-9]\d{3,8}", texts[0]) or re.fullmatch(r"(?:19|20)\d\d", texts[0]):
            return ()
        return ((texts, 0), (tuple(f"{int(texts[0]):,}".split(",")), 1))
    grouped = re.fullmatch(r"[1-9]\d{0,2}(?: \d{3})+", " ".join(texts))
    if grouped and all(word.gap in (".", ",") for word in words[1:]):
        return ((texts, 0), (("".join(texts),), 1))
    return ()


def _date(words: tuple[Word, ...], accented: bool) -> Alternatives:
    """«9/5/2024» is «09/05/2024» is «9 tháng 5 năm 2024»; «5/2024» is «5 năm 2024»."""
    texts = tuple(word.text for word in words)
    if any(word.gap not in ("/", "-", ".") for word in words[1:]):
        return ()
    if len(texts) == 3 and _is_day(texts[0]) and _is_month(texts[1]) and _is_year(texts[2]):
        return _spoken((texts[0], "tháng", texts[1], "năm", texts[2]), accented, as_figures=True)
    if len(texts) == 2 and _is_month(texts[0]) and _is_year(texts[1]) and words[1].gap == "/":
        between = "năm" if accented else "nam"
        months = [((m, texts[1]), cost) for m, cost in numbers(texts[0])]
        return (*months, *(((m, between, y), cost + 1) for (m, y), cost in months))
    return ()


def _spoken(texts: Words, accented: bool, as_figures: bool = False) -> Alternatives:
    """All forms of a date in words: «9 tháng 5 năm 2024» or «tháng 5 năm 2024»."""
    found: list[tuple[Words, int]] = []
    *day, _, month, _, year = texts
    tháng, năm = ("tháng", "năm") if accented else ("thang", "nam")
    days = numbers(day[0]) if day else (("", 0),)
    for (d, dear), (m, dearer) in product(days, numbers(month)):
        cost = dear + dearer
        figures = (d, m, year) if d else (tháng, m, year)
        spoken = (d, tháng, m, năm, year) if d else (tháng, m, năm, year)
        found += [(figures, cost + (not as_figures)), (spoken, cost + as_figures)]
    return tuple(sorted(found, key=lambda item: item[1]))


def _spoken_date(texts: Words) -> bool:
    return len(texts) == 5 and _is_day(texts[0]) and _spoken_month(texts[1:])


def _spoken_month(texts: Words) -> bool:
    return (
        len(texts) == 4
        and plain(texts[0]) == "thang"
        and texts[0] in ("tháng", "thang")
        and _is_month(texts[1])
        and texts[2] in ("năm", "nam")
        and _is_year(texts[3])
    )


def _is_day(text: str) -> bool:
    return bool(re.fullmatch(r"0?[1-9]|[12][0-9]|3[01]", text))


def _is_month(text: str) -> bool:
    return bool(re.fullmatch(r"0?[1-9]|1[0-2]", text))


def _is_year(text: str) -> bool:
    return bool(re.fullmatch(r"(?:19|20)\d\d", text))
