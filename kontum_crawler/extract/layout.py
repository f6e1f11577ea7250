"""What the rules of a layout find in a page.

Rules are CSS selectors, or `label: …` for the text behind a label that the CMS prints; `last-line`
is looked for in the body's own blocks.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice

from kontum_crawler.extract.furniture import names_box
from kontum_crawler.extract.page import Page
from kontum_crawler.extract.tags import Element
from kontum_crawler.text import clean, fold_blanks

MOST_OF_BOX = 0.3
"""Share of the body's text that a box may have."""
MOST_BOXES = 100
"""Boxes of a body that are looked at."""
_AFTER = frozenset(("p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "figure"))


@dataclass(frozen=True, slots=True)
class Found:
    """A value with the rule that found it."""

    value: str
    rule: str


def first(
    page: Page, name: str, rules: tuple[str, ...], body: Collection[Element] = ()
) -> Found | None:
    """What the first rule of a field finds that gives text; `label:` rules included.

    body: a label inside these elements is the writer's, not the CMS's, and is passed over.
    """
    for rule in rules:
        if text := next(texts(page, rule, body), None):
            return Found(text, f"layout.{name}: {rule}")
    return None


def texts(page: Page, rule: str, body: Collection[Element] = ()) -> Iterator[str]:
    """What a rule finds in a page, blanks folded, none empty."""
    if rule.startswith("label: "):
        yield from behind_label(page, rule.removeprefix("label: "), body)
    elif rule != "last-line":
        yield from page.texts(rule)


def each(page: Page, name: str, rules: tuple[str, ...]) -> tuple[list[str], str]:
    """All texts of the first rule that finds any, each once, and the rule."""
    for rule in rules:
        if found := list(dict.fromkeys(texts(page, rule))):
            return found, f"layout.{name}: {rule}"
    return [], ""


def elements(page: Page, rules: tuple[str, ...]) -> tuple[list[Element], str]:
    """The elements of the first rule that finds some with text or pictures, and the rule."""
    for rule in rules:
        found = [item for item in page.select(rule) if not isinstance(item, str)]
        if found and any(_holds_something(page, item) for item in found):
            return found, rule
    return [], ""


def spilt(body: list[Element]) -> list[Element]:
    """Paragraphs that fell out of the body's element, as a stray end tag makes them.

    They stand directly behind it, as its siblings, before the next container.
    """
    found: list[Element] = []
    for element in body[-1].itersiblings() if body else ():
        if element.tag == "br" or (element.tag in _AFTER and not element.get("class")):
            found.append(element)
        else:
            break
    return found if any(element.tag == "p" for element in found) else []


def boxes(page: Page, body: list[Element]) -> set[Element]:
    """Boxes that plug-ins put into the body: buttons to share, related articles, votes, contents.

    Their class or id names them; one that holds much of the text is the body itself.
    """
    found: set[Element] = set()
    most = int(sum(len(page.text_of(element)) for element in body) * MOST_OF_BOX)
    named = (
        inner
        for element in body
        for inner in element.iter("div", "section", "aside", "ul", "p", "nav", "form")
        if inner is not element and names_box(f"{inner.get('class') or ''} {inner.get('id') or ''}")
    )
    for inner in islice(named, MOST_BOXES):
        if len(page.text_of(inner, most)) < most:
            found.add(inner)
    return found


def behind_label(page: Page, label: str, body: Collection[Element] = ()) -> Iterator[str]:
    """Texts behind a printed label such as «Nguồn tin:», outside `body`, none empty."""
    pattern = re.compile(rf"^\W*{re.escape(label)}\s*:\s*", re.I)
    for element, start in page.labels:
        if not pattern.match(start):
            continue
        if element in body or any(above in body for above in element.iterancestors()):
            continue
        whole = _line_of(page, element, pattern)
        if whole and len(whole) <= 300:
            yield whole


def _line_of(page: Page, element: Element, pattern: re.Pattern[str]) -> str:
    """The rest of the line that the label begins: in its element, or behind it."""
    text = fold_blanks(clean(page.text_of(element)))
    if rest := pattern.sub("", text):
        return rest
    pieces = [element.tail or ""]
    for sibling in element.itersiblings():
        if sibling.tag in ("br", "p", "div", "table", "ul"):
            break
        pieces += [page.text_of(sibling), sibling.tail or ""]
    if rest := fold_blanks(clean("".join(pieces))):
        return rest
    after = element.getnext()
    return fold_blanks(clean(page.text_of(after))) if after is not None else ""


def _holds_something(page: Page, element: Element) -> bool:
    return (
        bool(page.text_of(element).strip())
        or next(element.iter("img", "a", "iframe"), None) is not None
    )
