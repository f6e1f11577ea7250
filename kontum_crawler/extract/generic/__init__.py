"""The article of a page that no rule knows.

`find` cuts the page into blocks, looks for the element that holds the article, and names the
elements in it that are not part of it. Why it works like that, and how well: docs/extraction.md.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol

from kontum_crawler.extract.furniture import HostKnowledge
from kontum_crawler.extract.generic import core, metadata, selection
from kontum_crawler.extract.generic.segments import Element, parse, segment


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
    best = core.find_core(page.tree, host)
    if best is None:
        return None
    said = metadata.stated(page.tree, best.found, best.span, url)
    return Main(
        elements=[best.span.element],
        dropped=selection.left_out(best.found, best.span, best.numbers),
        title=said.title,
        lead=said.lead,
        published_at_text=said.published_at_text,
        machine_date=said.machine_date,
        author=said.author,
        image=said.image,
        score=round(best.share, 3),
        rule=f"generic: {best.rule}",
        text=best.text,
    )


def body_text(html: bytes | str, url: str = "") -> str:
    """The body of a page as plain text, one block a line; empty when there is none."""
    root = parse(html)
    best = core.find_core(root) if root is not None else None
    return best.text if best else ""


def page_blocks(tree: Element) -> list[str]:
    """All blocks of text of a page, for `HostKnowledge.learn`."""
    return [block.text for block in segment(tree).blocks]
