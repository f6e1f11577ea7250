"""Names that are written in many ways, and how a run of words is recognised as one.

The names themselves are data: `places.toml`. Here are the rules that all of them share.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from itertools import product

from kontum_crawler.store.search.spelling import DAK, Spelling, joinings, spellings
from kontum_crawler.text import clean, plain

LONGEST = 5
"""Words in the longest name; «ia h drai ya chim» is never looked at as one."""

MOST_SPELLINGS = 96

_DAK = (*DAK, "đắc", "đăc", "dac")
_LAK = ("lắk", "lăk", "lâk", "lak", "lắc", "lăc", "lac")
_IA = ("ia", "ya")

Words = tuple[str, ...]


@dataclass(frozen=True)
class Name:
    """One name with the spellings that `places.toml` lists, as lower-case words."""

    listed: tuple[Words, ...]
    apart: bool

    def accepts(self, run: Words, accented: bool) -> bool:
        """True where these words, run together or not, spell this name.

        An accented query must have all accents of one spelling, or none.
        """
        if self.apart and len(run) == 1 and len(self.listed[0]) > 1:
            return False
        return accented is False or "".join(run) in self._run_together

    @property
    def _run_together(self) -> frozenset[str]:
        return frozenset("".join(words) for words, _ in _spelt(self, True))


@lru_cache(maxsize=2_000)
def names_in(run: Words, accented: bool) -> tuple[Name, ...]:
    """The names that a run of lower-case words spells; mostly none."""
    candidates = _by_plain_letters().get(plain("".join(run)), ())
    return tuple(name for name in candidates if name.accepts(run, accented))


@lru_cache(maxsize=2_000)
def name_spellings(run: Words, accented: bool) -> tuple[tuple[Words, int], ...]:
    """Every way to write the name that `run` spells, as typed first, with its cost; or nothing."""
    names = names_in(run, accented)
    if not names:
        return ()
    found = {run: 0}
    for name in names:
        for words, cost in _spelt(name, accented):
            found.setdefault(words, cost)
    return tuple(sorted(found.items(), key=lambda item: item[1]))


@cache
def _spelt(name: Name, accented: bool) -> tuple[tuple[Words, int], ...]:
    """All spellings of one name, cheapest first."""
    found: dict[Words, int] = {}
    for listed in name.listed:
        for words, cost in _respelt(listed, accented):
            bare = tuple(plain(word) for word in words)
            for form, price in ((bare, cost + 1), *([(words, cost)] if accented else ())):
                for joined in [form] if name.apart else joinings(form):
                    dear = price + 2 * (len(joined) not in (1, len(form))) + (joined != form)
                    found[joined] = min(dear, found.get(joined, dear))
    return tuple(sorted(found.items(), key=lambda item: (item[1], item[0])))


def _respelt(words: Words, accented: bool) -> Iterator[tuple[Words, int]]:
    """The rules that hold for a word inside a name, on top of those for any word."""
    choices = [_inside_name(word) for word in words]
    for combination in product(*choices):
        yield tuple(word for word, _ in combination), sum(cost for _, cost in combination)


def _inside_name(word: str) -> tuple[Spelling, ...]:
    for members in (_DAK, _LAK, _IA):
        if word in members:
            return tuple((member, min(place, 2)) for place, member in enumerate(members))
    return tuple((spelling, cost) for spelling, cost in spellings(word, True) if cost < 2)


@cache
def _by_plain_letters() -> dict[str, tuple[Name, ...]]:
    """Each name under the bare letters of each of its spellings, run together."""
    index: dict[str, tuple[Name, ...]] = {}
    for name in _names():
        letters = {plain("".join(words)) for words, _ in _spelt(name, False)}
        for key in letters:
            index[key] = (*index.get(key, ()), name)
    return index


def _names() -> Iterator[Name]:
    data = tomllib.loads(
        resources.files("kontum_crawler.store.search").joinpath("places.toml").read_text("utf-8")
    )
    apart = {_words(name) for name in data.pop("apart")}
    for group in data.values():
        for entry in group:
            listed = tuple(_words(s) for s in ([entry] if isinstance(entry, str) else entry))
            yield Name(listed, not apart.isdisjoint(listed))


def _words(name: str) -> Words:
    return tuple(re.findall(r"\w+", clean(name).lower()))
