"""Which blocks inside the container are the article, and which stand between or around them."""

import re

from kontum_crawler.extract.furniture import (
    AUTHOR_NOTE,
    CREDIT_LINE,
    END_CUE,
    FURNITURE_LINE,
    LONGEST_CUE,
    PICTURE_LINE,
)
from kontum_crawler.extract.generic.segments import Block, Element, Segments, Span

_DATE = re.compile(
    r"\b(?:19|20)\d\d\b|\b\d{1,2}[:h]\d\d\b|\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b", re.IGNORECASE
)
_DAY = re.compile(
    r"\b\d{1,2}\s*[/.-]\s*\d{1,2}\s*[/.-]\s*\d{4}\b|\b\d{4}-\d{2}-\d{2}\b"
    r"|\d{1,2}\s+tháng\s+\d{1,2}\s+năm\s+\d{4}",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_ENDED = re.compile(r"[.!?…:;。！？]['\"”’»)\]]*$")
_FOOT = 6
_PARAGRAPH = 100
"""Characters of a paragraph that goes on with the text below a box of links."""
_BY = re.compile(r"^(?:by|von|por|par|di|door|tác giả)\b", re.IGNORECASE)


def chosen(
    found: Segments,
    span: Span,
    block_weights: list[float],
    kept: set[int],
    headline: int | None,
) -> list[int]:
    """Numbers of the blocks of a span that are the article, in order."""
    numbers = list(range(span.start, span.end))
    whole = sum(max(0.0, block_weights[number]) for number in numbers)
    result: list[int] = []
    seen = 0.0
    headed = False
    for number in numbers:
        block = found.blocks[number]
        weight = block_weights[number]
        if block.flags and any(flag not in kept for flag in block.flags):
            continue
        size = len(block.text)
        if size <= LONGEST_CUE and END_CUE.match(block.text):
            if seen >= 0.5 * whole and not _goes_on(found, number, span.end, result):
                break
            continue
        if (number == headline or block.tag == "h1") and not headed and seen < 0.3 * whole:
            headed = True
            result.clear()
            continue
        if seen < 0.3 * whole and _is_date_line(block.text):
            result.clear()
            continue
        seen += max(0.0, weight)
        if size <= LONGEST_CUE and FURNITURE_LINE.match(block.text):
            continue
        if block.link_chars > (0.5 if size < 120 else 0.8) * size:
            continue
        if size < 250 and PICTURE_LINE.search(block.text):
            continue
        result.append(number)
    return _without_foot(found, _without_head(found, result))


def _goes_on(found: Segments, cue: int, end: int, chosen_numbers: list[int]) -> bool:
    """Whether paragraphs beside those above a cue follow it: then it heads a box in the text."""
    places = {_place(found.blocks[number]) for number in chosen_numbers}
    return any(
        block.link_density == 0
        and len(block.text) > _PARAGRAPH
        and _ENDED.search(block.text) is not None
        and not block.flags
        and _place(block) in places
        for block in found.blocks[cue + 1 : end]
    )


def _place(block: Block) -> tuple[Element, str, str | None]:
    return block.owner.getparent(), block.tag, block.owner.get("class")


def _without_head(found: Segments, numbers: list[int]) -> list[int]:
    """Without bylines and dates before the first sentence."""
    first = 0
    while first < len(numbers) and _is_head(found.blocks[numbers[first]]):
        first += 1
    return numbers[first:]


def _without_foot(found: Segments, numbers: list[int]) -> list[int]:
    """Without credits and notes on the author among the last blocks."""
    keep = max(1, len(numbers) - _FOOT)
    foot = [one for one in numbers[keep:] if not _is_foot(found.blocks[one])]
    return numbers[:keep] + foot


def _is_foot(block: Block) -> bool:
    text = block.text
    return CREDIT_LINE.match(text) is not None or (
        len(text) < 600 and AUTHOR_NOTE.match(text) is not None
    )


def _is_date_line(text: str) -> bool:
    """Whether a line holds a date and next to nothing else: what stands above it is the head."""
    if len(text) > 70 or _DATE.search(text) is None:
        return False
    return len(_WORD.findall(text)) <= 8 and _DAY.search(text) is not None


def _is_head(block: Block) -> bool:
    text = block.text
    if len(text) < 3 or block.tag == "h1":
        return True
    if len(text) > 120 or _ENDED.search(text):
        return False
    return _BY.match(text) is not None or (len(text) < 90 and _DATE.search(text) is not None)


def left_out(found: Segments, span: Span, numbers: list[int]) -> set[Element]:
    """The outermost elements inside a span whose text was not chosen, and its hidden ones."""
    chosen_numbers = set(numbers)
    sums = [0]
    for number in range(len(found.blocks)):
        sums.append(sums[-1] + (number in chosen_numbers))
    dropped: set[Element] = set()
    outside = span.start
    for inner in found.spans[found.spans.index(span) + 1 :]:
        if inner.start >= span.end:
            break
        if inner.start < outside or inner.start == inner.end:
            continue
        if sums[inner.end] == sums[inner.start]:
            dropped.add(inner.element)
            outside = inner.end
    hidden = {one for one in found.hidden if span.element in one.iterancestors()}
    return dropped | hidden
