"""What other extractors say about a page, where they are installed (extra `opinions`).

Our own answer stands as soon as one of them agrees. Where none does, the answer that is most like
all the others is taken: a consensus is rarely wrong, one that stands alone often is. They are asked
from the fastest on, so that a second opinion costs little on most pages.

An archive never depends on them: crawl, ingest and reextract read pages without them
(docs/extraction.md).
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise

from kontum_crawler.extract.generic.core import find_core
from kontum_crawler.extract.generic.segments import parse

AGREED = 0.6
"""Likeness from which on an answer confirms ours."""
OWN = "own"

# Scripts without blanks between words: each character counts as one.
_WORD = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u9fff]+")

Bag = Counter[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Opinion:
    """The answer taken and who gave it; agreement is ours with the one most like it, 0 to 1.

    agreement is None where nobody else could be asked.
    """

    text: str
    by: str
    agreement: float | None


def available() -> list[str]:
    """Names of the extractors that can be asked here, in the order they are asked."""
    return [name for name in _ASKED if find_spec(name.split()[0]) is not None]


def opinion(name: str, html: str) -> str:
    """The body as the named extractor sees it; empty where it sees none, or fails."""
    try:
        return _ASKED[name](html)
    except Exception:
        # Whatever a library raises on a broken page, it has no opinion of that page.
        return ""


def body_text(html: str) -> Opinion:
    """The body of a page, by us unless the others agree on something else."""
    root = parse(html)
    best = find_core(root) if root is not None else None
    return second(best.text if best else "", html)


def second(own: str, html: str) -> Opinion:
    """Our answer, or the one that is most like all others where none of them is like ours."""
    answers = {OWN: own}
    bags = {OWN: _pairs(own)}
    closest = None
    for name in available():
        answers[name] = opinion(name, html)
        bags[name] = _pairs(answers[name])
        likeness = _likeness(bags[OWN], bags[name])
        closest = likeness if closest is None else max(closest, likeness)
        if likeness >= AGREED:
            return Opinion(own, OWN, round(likeness, 3))
    given = [name for name, bag in bags.items() if bag]
    if closest is None or len(given) < 2 + (OWN in given):
        # One other alone proves nothing, unless we have no answer at all.
        lone = given[0] if given and not own else OWN
        return Opinion(answers[lone], lone, closest)
    taken = max(given, key=lambda one: sum(_likeness(bags[one], bags[name]) for name in given))
    return Opinion(answers[taken], taken, round(closest, 3))


def agreement(one: str, other: str) -> float:
    """Share of the neighbouring words of two texts that both have; 1 for two empty texts."""
    return _likeness(_pairs(one), _pairs(other))


def _pairs(text: str) -> Bag:
    words = _WORD.findall(text)
    return Counter(pairwise(["", *words])) if words else Counter()


def _likeness(one: Bag, other: Bag) -> float:
    whole = one.total() + other.total()
    return 2 * (one & other).total() / whole if whole else 1.0


def _resiliparse(html: str) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    return str(extract_plain_text(html, main_content=True, alt_texts=False))


def _trafilatura(html: str) -> str:
    import trafilatura

    return trafilatura.extract(html, include_comments=False, fast=True) or ""


def _trafilatura_precise(html: str) -> str:
    import trafilatura

    return trafilatura.extract(html, include_comments=False, favor_precision=True) or ""


_ASKED: dict[str, Callable[[str], str]] = {
    "resiliparse": _resiliparse,
    "trafilatura": _trafilatura,
    "trafilatura precise": _trafilatura_precise,
}
