"""Which element holds the article: the one whose blocks weigh most.

Each block has a weight: prose counts its characters, links and crumbs count against. The element
with the greatest sum is the tightest one around the article, since every step outwards adds only
what weighs less than nothing. Source: maximum subsequence segmentation (Pasternack and Roth,
WWW 2009), here over subtrees in place of token runs.
"""

import re
from itertools import accumulate

from kontum_crawler.extract.furniture import DISCUSSION, LOOSE
from kontum_crawler.extract.generic.segments import Block, Segments, Span

_SENTENCE = re.compile(r"[.!?…:;。！？]['\"”’»)\]]*(?:\s|$)|[,，、]")
_ENDED = re.compile(r"[.!?…:;。！？]['\"”’»)\]]*$")
_TITLE = 300
_PROSE = 80
_CRUMB = 25
NEARLY_ALL = 0.85
"""Share of the prose that a child must hold to stand for its parent."""
NEAR = 12
"""How many blocks below the headline an article may begin."""
LEAST = 100.0
FAIR = 0.15
MUCH = 0.3
LITTLE = 0.05
MOST = 0.6
REST = 200.0
OWN = 400.0
GROUP = 0.2
LONG = 200.0
_BOX_HEADINGS = frozenset(["h2", "h3", "h4", "h5", "h6"])


def weights(found: Segments, kept: set[int]) -> list[float]:
    """One weight a block; blocks under furniture that is not in `kept` weigh against."""
    return [
        -0.2 * weight
        if weight > 0 and block.flags and any(flag not in kept for flag in block.flags)
        else weight
        for block, weight in zip(found.blocks, _own_weights(found), strict=True)
    ]


def _own_weights(found: Segments) -> list[float]:
    if len(found.weights) != len(found.blocks):
        found.weights = [_weight(block) for block in found.blocks]
    return found.weights


def _weight(block: Block) -> float:
    text = block.text
    # Bytes bring scripts that need few characters up to those that need many.
    size = float(len(text))
    if not text.isascii():
        size = (size + len(text.encode("utf-8", "replace"))) / 2
    density = block.link_density
    if density > 0.5:
        return -10.0 - 0.3 * size
    if size < _CRUMB:
        return -6.0 if block.tag[:1] != "h" else -2.0
    prose = size * (1 - 1.5 * density)
    if _SENTENCE.search(text) is None:
        if size >= _PROSE or block.tag == "p":
            return prose * 0.3
        return -4.0
    whole = size > _TITLE or _ENDED.search(text) is not None
    return prose if whole else prose * 0.5


def prose_of(found: Segments) -> list[float]:
    """Running sums of the prose of all blocks, whatever they stand under."""
    return _running(_positive(_own_weights(found)))


def harmless_flags(found: Segments) -> set[int]:
    """Furniture spans that hold most of the page's prose: their name says nothing.

    Nor does a doubtful name that long pieces of text share, which hold much of the prose together.
    """
    sums = prose_of(found)
    enough = MOST * sums[-1]
    acquitted: set[int] = set()
    groups: dict[tuple[str, str | None], list[tuple[int, float]]] = {}
    for number, span in enumerate(found.spans):
        if span.kind >= 0:
            continue
        held = sums[span.end] - sums[span.start]
        # Comments may well be longer than the text, but hardly the only text.
        if held > enough and (span.kind > DISCUSSION or sums[-1] - held < REST):
            acquitted.add(number)
        elif span.kind == LOOSE and held > 0:
            name = (span.element.tag, span.element.get("class"))
            groups.setdefault(name, []).append((number, held))
    for members in groups.values():
        total = sum(held for _, held in members)
        if len(members) > 1 and total > max(GROUP * sums[-1], LONG * len(members)):
            acquitted.update(number for number, _ in members)
    return acquitted


def best_span(found: Segments, block_weights: list[float], headline: int | None) -> int | None:
    """The span with the greatest sum, then down to a child that holds nearly all of it."""
    sums = _running(block_weights)
    best, best_sum = None, 0.0
    for number, span in enumerate(found.spans):
        total = sums[span.end] - sums[span.start]
        if span.kind > 0:
            total *= 1.0 + 0.05 * span.kind
        if total > best_sum or (total == best_sum and best is not None):
            best, best_sum = number, total
    if best is None:
        return None
    if headline is not None:
        best = _near_headline(found, sums, best, headline)
    best = _with_headline(found, block_weights, best, headline)
    best = _column(found, block_weights, best, headline)
    return _narrowed(found, block_weights, best)


def _near_headline(found: Segments, sums: list[float], number: int, headline: int) -> int:
    """The heaviest span close below the headline, where the heaviest of all stands far from it.

    A short article under its headline is outweighed by a long list of summaries further down.
    """
    chosen = found.spans[number]
    if chosen.start <= headline + NEAR and headline < chosen.end:
        return number
    weight = sums[chosen.end] - sums[chosen.start]
    best, best_sum = number, max(LEAST, FAIR * weight)
    for inner, span in enumerate(found.spans):
        if not headline - 1 <= span.start <= headline + NEAR or span.end <= headline + 1:
            continue
        if span.end > chosen.start >= span.start or chosen.end > span.start >= chosen.start:
            continue
        total = sums[span.end] - sums[span.start]
        if total > best_sum:
            best, best_sum = inner, total
    return best


def _with_headline(
    found: Segments, block_weights: list[float], number: int, headline: int | None
) -> int:
    """The `article` or `main` element inside that has the headline, if it has much of the text.

    A page that goes on with teasers or further articles weighs more as a whole than its first one.
    """
    span = found.spans[number]
    sums = _running(_positive(block_weights))
    whole = sums[span.end] - sums[span.start]
    if headline is None or not span.start <= headline < span.end:
        return number
    best = number
    for inner in range(number + 1, len(found.spans)):
        child = found.spans[inner]
        if child.start >= span.end:
            break
        if child.element.tag not in ("article", "main"):
            continue
        held = sums[child.end] - sums[child.start]
        if held > max(OWN, MUCH * whole) and child.start <= headline < child.end:
            best = inner
    return best


def _column(found: Segments, block_weights: list[float], number: int, headline: int | None) -> int:
    """The column with the headline, where the text of the page goes on below a box's heading."""
    span = found.spans[number]
    if headline is None or not span.start <= headline < span.end:
        return number
    sums = _running(_positive(block_weights))
    whole = sums[span.end] - sums[span.start]
    for inner in range(number + 1, len(found.spans)):
        child = found.spans[inner]
        if child.start > headline:
            break
        if child.end <= headline + 1 or child.end >= span.end:
            continue
        heads_box = found.blocks[child.end].tag in _BOX_HEADINGS
        if heads_box and sums[child.end] - sums[child.start] >= MOST * whole:
            return inner
    return number


def _narrowed(found: Segments, block_weights: list[float], number: int) -> int:
    sums = _running(_positive(block_weights))

    def held(span: Span) -> float:
        return sums[span.end] - sums[span.start]

    span = found.spans[number]
    whole = held(span)
    best = number
    for inner in range(number + 1, len(found.spans)):
        child = found.spans[inner]
        if child.start >= span.end:
            break
        before = sums[child.start] - sums[span.start]
        named = child.kind > 0 and held(child) >= MOST * whole and before < LITTLE * whole
        if named or held(child) >= NEARLY_ALL * whole:
            best = inner
    return best


def _running(values: list[float]) -> list[float]:
    """Sums of the first none, one, two … values."""
    return list(accumulate(values, initial=0.0))


def _positive(values: list[float]) -> list[float]:
    return [value if value > 0.0 else 0.0 for value in values]


def ancestors(found: Segments, number: int) -> list[Span]:
    """The spans around a span, nearest first."""
    result: list[Span] = []
    parent = found.spans[number].parent
    while parent >= 0:
        result.append(found.spans[parent])
        parent = found.spans[parent].parent
    return result
