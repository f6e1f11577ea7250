"""The article of a page that no rule knows.

`find` cuts the page into blocks, looks for the element that holds the article, and names the
elements in it that are not part of it. Why it works like that, and how well: docs/extraction.md.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol

from kontum_crawler.extract.furniture import HostKnowledge
from kontum_crawler.extract.generic import container, metadata, selection
from kontum_crawler.extract.generic.segments import Element, Segments, Span, parse, segment


class ParsedPage(Protocol):
    """What is needed of a page: its lxml tree."""

    tree: Any


@dataclass(slots=True)
class Main:
    """The main content of a page.

    elements hold the body in document order; the elements in `dropped` stand inside them and are
    to be left out with all they hold, their tails excepted. score is between 0 and 1, rule says
    what decided.
    """

    elements: list[Element]
    dropped: set[Element] = field(default_factory=set)
    title: str | None = None
    lead: str | None = None
    published_at_text: str | None = None
    machine_date: str | None = None
    author: str | None = None
    image: str | None = None
    score: float = 0.0
    rule: str = ""
    text: str = ""


def find(page: ParsedPage, url: str = "", host: HostKnowledge | None = None) -> Main | None:
    """Find the article of a page; None when nothing on it reads like one."""
    if page.tree is None:
        return None
    core = _core(page.tree, host)
    if core is None:
        return None
    found, span, numbers, share = core
    said = metadata.stated(page.tree, found, span, url)
    return Main(
        elements=[span.element],
        dropped=selection.left_out(found, span, numbers),
        title=said.title,
        lead=said.lead,
        published_at_text=said.published_at_text,
        machine_date=said.machine_date,
        author=said.author,
        image=said.image,
        score=round(share, 3),
        rule=f"generic: heaviest block group in <{span.element.tag}>",
        text=_joined(found, numbers),
    )


def body_text(html: bytes | str, url: str = "") -> str:
    """The body of a page as plain text, one block a line; empty when there is none."""
    root = parse(html)
    core = _core(root, None) if root is not None else None
    return _joined(core[0], core[2]) if core else ""


def page_blocks(tree: Element) -> list[str]:
    """All blocks of text of a page, for `HostKnowledge.learn`."""
    return [block.text for block in segment(tree).blocks]


def _core(
    root: Element, host: HostKnowledge | None
) -> tuple[Segments, Span, list[int], float] | None:
    """Segments, the span of the container, numbers of its chosen blocks, share of all prose."""
    found = segment(root)
    kept = container.harmless_flags(found)
    block_weights = container.weights(found, kept)
    if host is not None:
        for one, block in enumerate(found.blocks):
            if host.is_furniture(block.text):
                block_weights[one] = min(block_weights[one], 0.0)
    number = container.best_span(found, block_weights)
    if number is None:
        return None
    span = found.spans[number]
    numbers = selection.chosen(found, span, block_weights, kept)
    if host is not None:
        numbers = [one for one in numbers if not host.is_furniture(found.blocks[one].text)]
    if not numbers:
        return None
    whole = sum(weight for weight in block_weights if weight > 0)
    held = sum(max(0.0, block_weights[one]) for one in numbers)
    return found, span, numbers, held / whole if whole else 0.0


def _joined(found: Segments, numbers: list[int]) -> str:
    return "\n".join(found.blocks[number].text for number in numbers)
