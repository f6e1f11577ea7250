"""The steps from a tree to the blocks of its article, and what is tried when they find little.

First, names of furniture are believed. Where more prose stands under a doubtful name than was
found, that name is taken for one of layout; where nearly nothing is shown, hidden text counts (a
page may show its article by script only).
"""

from dataclasses import dataclass

from kontum_crawler.extract.foot import is_stand
from kontum_crawler.extract.furniture import LOOSE, HostKnowledge
from kontum_crawler.extract.generic import container, selection
from kontum_crawler.extract.generic.headline import headline_of
from kontum_crawler.extract.generic.segments import LAST_RESORT, Element, Segments, Span, segment

_THIN = 250.0
_SHORT = 1500.0
_LONGEST_STAND = 20
"""Blocks that the stand of a site may have."""


@dataclass(slots=True)
class Core:
    """The blocks of the article (`numbers`) in the container `span`.

    held is the weight of its prose, about one a character; share is its share of the page's.
    """

    found: Segments
    span: Span
    numbers: list[int]
    held: float
    share: float
    rule: str

    @property
    def text(self) -> str:
        """The body, one block a line."""
        return "\n".join(self.found.blocks[number].text for number in self.numbers)


def find_core(root: Element, host: HostKnowledge | None = None) -> Core | None:
    """The article in a tree; None when no block of it reads like prose."""
    found = segment(root)
    best = _shown(root, found, host)
    thin = best is None or best.held < _THIN or _hides_much(found, best)
    if thin and _keeps_back(root, found):
        secret = _shown(root, segment(root, hidden=True), host)
        if secret is not None and (best is None or secret.held > 4 * best.held):
            secret.rule += ", hidden"
            return secret
    return best


def _keeps_back(root: Element, found: Segments) -> bool:
    """Whether a second walk could find any text that the first one passed by."""
    return bool(found.hidden) or next(root.iter(*LAST_RESORT), None) is not None


def _hides_much(found: Segments, best: Core) -> bool:
    """Whether there is several times as much hidden text as was found."""
    if best.held > _SHORT:
        return False
    hidden: float = sum(element.xpath("string-length()") for element in found.hidden)
    return hidden > 5 * best.held


def _shown(root: Element, found: Segments, host: HostKnowledge | None) -> Core | None:
    headline = headline_of(root, found)
    kept = container.harmless_flags(found)
    best = _attempt(found, headline, kept, host)
    prose = container.prose_of(found)
    held = best.held if best else 0.0
    bar = 2 * held if held > 2 * _THIN else held
    rivals = {
        number
        for number, span in enumerate(found.spans)
        if span.kind == LOOSE and prose[span.end] - prose[span.start] > bar
    }
    if rivals - kept:
        second = _attempt(found, headline, kept | rivals, host)
        if second is not None and (best is None or second.held > best.held):
            second.rule += ", in spite of names"
            return second
    return best


def _is_stand_of_site(found: Segments, span: Span) -> bool:
    """Whether an element holds nothing but who runs the site, its address and its licence."""
    held = found.blocks[span.start : span.end]
    return len(held) < _LONGEST_STAND and all(is_stand(block.text) for block in held)


def _attempt(
    found: Segments, headline: int | None, kept: set[int], host: HostKnowledge | None
) -> Core | None:
    weights = container.weights(found, kept)
    if host is not None:
        for number, block in enumerate(found.blocks):
            if host.is_furniture(block.text):
                weights[number] = min(weights[number], 0.0)
    best = container.best_span(found, weights, headline)
    if best is not None and _is_stand_of_site(found, found.spans[best]):
        # The foot of the page outweighs a very short article.
        weights = [
            min(weight, 0.0) if is_stand(block.text) else weight
            for block, weight in zip(found.blocks, weights, strict=True)
        ]
        best = container.best_span(found, weights, headline)
    if best is None:
        return None
    span = found.spans[best]
    numbers = selection.chosen(found, span, weights, kept, headline)
    if host is not None:
        numbers = [one for one in numbers if not host.is_furniture(found.blocks[one].text)]
    if not numbers:
        return None
    whole = sum(weight for weight in weights if weight > 0)
    held = sum(max(0.0, weights[one]) for one in numbers)
    share = held / whole if whole else 0.0
    return Core(
        found, span, numbers, held, share, f"heaviest group of blocks, <{span.element.tag}>"
    )
