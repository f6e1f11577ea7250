"""Which block is the headline: the one that the document's title repeats, else the first h1."""

import re

from kontum_crawler.extract.generic.segments import Element, Segments

_SIGNS = re.compile(r"\W+")
_SHORTEST = 12
_LONGEST = 300


def headline_of(root: Element, found: Segments) -> int | None:
    """The number of the headline's block; None where no block is one."""
    stated = _title(root)
    title = _letters(stated)
    longest = min(_LONGEST, 2 * len(stated))
    first_h1 = None
    for number, block in enumerate(found.blocks):
        tag = block.tag
        if tag == "h1" and first_h1 is None and block.text:
            first_h1 = number
        heading = len(tag) == 2 and tag[0] == "h"
        if heading:
            if not 8 < len(block.text) < _LONGEST:
                continue
        elif block.link_chars or not 8 < len(block.text) < longest:
            continue
        letters = _letters(block.text)
        repeats = letters in title or (heading and title in letters)
        if title and len(letters) >= _SHORTEST and repeats:
            return number
    return first_h1


def _title(root: Element) -> str:
    element = root.find("head/title")
    if element is None:
        element = root.find(".//title")
    return (element.text or "") if element is not None else ""


def _letters(text: str) -> str:
    return _SIGNS.sub("", text).casefold()
