"""Body texts against their truth: shingle F1 as the public article benchmark counts it.

Source: the rules of scrapinghub/article-extraction-benchmark, restated. Tokens are runs of word
characters, a text is the multiset of its 4-token shingles, and each page weighs the same.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

_TOKEN = re.compile(r"\w+")
_SHINGLE = 4


@dataclass(frozen=True, slots=True)
class Score:
    """Means over pages, each between 0 and 1; `pages` is how many were counted."""

    precision: float
    recall: float
    pages: int

    @property
    def f1(self) -> float:
        """Harmonic mean of the two means."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """The multiset of 4-token shingles; one shorter shingle for a text of one to three tokens."""
    tokens = _TOKEN.findall(text)
    if not tokens:
        return Counter()
    last = max(1, len(tokens) - _SHINGLE + 1)
    return Counter(tuple(tokens[i : i + _SHINGLE]) for i in range(last))


def page_counts(truth: str, answer: str) -> tuple[float, float, float]:
    """Shares of (true positive, false positive, false negative) shingles; they add up to 1."""
    wanted, given = shingles(truth), shingles(answer)
    tp = (wanted & given).total()
    fp = (given - wanted).total()
    fn = (wanted - given).total()
    total = tp + fp + fn
    return (tp / total, fp / total, fn / total) if total else (0.0, 0.0, 0.0)


def score(pairs: Iterable[tuple[str, str]]) -> Score:
    """Score (truth, answer) pairs, one a page."""
    precisions: list[float] = []
    recalls: list[float] = []
    pages = 0
    for truth, answer in pairs:
        pages += 1
        tp, fp, fn = page_counts(truth, answer)
        if tp + fp > 0:
            precisions.append(tp / (tp + fp))
        if tp + fn > 0:
            recalls.append(tp / (tp + fn))
    return Score(_mean(precisions), _mean(recalls), pages)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0
