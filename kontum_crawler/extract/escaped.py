"""Bodies that a portal delivers HTML-escaped: `&lt;p&gt;…`, shown to readers with its tags."""

import re

from kontum_crawler.errors import NotArticle
from kontum_crawler.extract.block import Block
from kontum_crawler.extract.blocks import blocks
from kontum_crawler.extract.page import parse

_TAG = re.compile(
    r"</?(?:p|div|span|strong|b|em|i|br|o:p|table|tr|td|tbody|a|img|ul|ol|li|h[1-6]|font|u|sup|sub)"
    r"(?:\s[^<>]*)?/?>",
    re.I,
)
LEAST = 3
"""Tags in the text of a page from which it is markup; a text about HTML names one or two."""


def unescaped(found: list[Block]) -> list[Block] | None:
    """The blocks that their text gives when it is parsed once more; None where it is no markup."""
    text = "\n".join(block.raw for block in found)
    tags = _TAG.findall(text)
    if len(tags) < LEAST or not re.search(r"</(?:p|div|span|strong|td|em|b)\s*>|<br", text, re.I):
        return None
    first = next(n for n, block in enumerate(found) if _TAG.search(block.raw))
    last = max(n for n, block in enumerate(found) if _TAG.search(block.raw))
    inside = "\n".join(block.raw for block in found[first : last + 1])
    try:
        tree = parse(f"<html><body><div>{inside}</div></body></html>")
    except NotArticle:
        return None
    return [*found[:first], *blocks([tree]), *found[last + 1 :]]
