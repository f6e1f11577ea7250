"""What other extractors say about a page, where they are installed (extra `opinions`).

Our own answer stands; a second opinion is asked for where it is thin, since there the others are
right more often than we are (docs/extraction.md), and a low agreement is a sign of drift.
"""

import re
from collections import Counter
from importlib.util import find_spec

from kontum_crawler.extract.generic.core import find_core
from kontum_crawler.extract.generic.segments import parse

THIN = 250.0
"""Weight of prose, about one a character, under which our answer is doubted."""
_TOKEN = re.compile(r"\w+")


def available() -> list[str]:
    """Names of the installed extractors that can be asked, in the order they are asked."""
    return [name for name in ("trafilatura", "resiliparse") if find_spec(name) is not None]


def opinion(name: str, html: str) -> str:
    """The body as the named extractor sees it; empty where it sees none."""
    if name == "trafilatura":
        import trafilatura

        answer = trafilatura.extract(html, include_comments=False, favor_precision=True)
        return answer or ""
    from resiliparse.extract.html2text import extract_plain_text

    return str(extract_plain_text(html, main_content=True, alt_texts=False))


def body_text(html: str) -> tuple[str, str]:
    """The body of a page and who found it: `own`, or the extractor whose answer replaced ours."""
    root = parse(html)
    best = find_core(root) if root is not None else None
    if best is None or best.held < THIN:
        for name in available():
            second = opinion(name, html)
            if len(second) > 2 * len(best.text if best else ""):
                return second, name
    return (best.text if best else ""), "own"


def agreement(one: str, other: str) -> float:
    """Share of the words of two texts that both have, from 0 to 1; 1 for two empty texts."""
    first, second = Counter(_TOKEN.findall(one)), Counter(_TOKEN.findall(other))
    both = (first & second).total()
    whole = first.total() + second.total()
    return 2 * both / whole if whole else 1.0
