"""The part of a page between its title and the foot of the article, as blocks.

The finder for unknown pages looks for prose. What an article has besides, or instead (pictures, a
file, the line that signs it), is looked for here, where no class name tells.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from kontum_crawler.extract.block import Block
from kontum_crawler.extract.blocks import blocks
from kontum_crawler.extract.foot import begins_foot, is_counter, is_machinery, is_stand
from kontum_crawler.extract.furniture import (
    AUTHOR_NOTE,
    CREDIT_LINE,
    FIRM,
    PICTURE_LINE,
    name_kind,
)
from kontum_crawler.extract.tags import Element
from kontum_crawler.portals.portal import DOCUMENT

NEAR = 8
"""Blocks within which a title that is said again still belongs to the head of the article."""
NEAREST = 4
"""Elements around a block, its own included, whose names say what it is."""
MOST_NEIGHBOURS = 400
"""Elements beside the chosen one that are looked at, before it and behind it."""
_LEAD_NAME = re.compile(
    r"(?:^|[\s_-])(?:sapo|tom-?tat|lead|summary|abstract|hometext|excerpt|standfirst|chapeau"
    r"|trich-?yeu|mo-?ta|intro(?:-?text)?)(?:$|[\s_-])|[a-z](?:Summary|Sapo|Lead|Abstract)\b",
)
_ENDS_LEAD = ".!?…”\"')/"
PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|bmp)(?:[?#]|$)", re.I)
_OF_THE_PAGE = re.compile(r"\W*(?:ngày\s+đăng|(?:số\s+)?lượt\s+(?:xem|đọc|truy\s+cập))\b", re.I)


def same_text(one: str, other: str) -> bool:
    """True where two lines say the same, case, blanks and signs around them aside."""
    short, long = sorted((one, other), key=len)
    if len(long) > 4 * len(short) + 200:
        return False
    return bare(one) == bare(other) != ""


def bare(text: str) -> str:
    """A text in small letters, every run of blanks and signs as one blank."""
    return re.sub(r"[\W_]+", " ", text).strip().casefold()


def title_end(whole: Sequence[Block], title: str) -> int | None:
    """The number of the block behind the title; None where the title is not printed."""
    found = None
    for number, block in enumerate(whole):
        if found is not None and number > found + NEAR:
            break
        if same_text(block.text.split("\n")[0], title):
            found = number
    return None if found is None else found + 1


def title_lines(whole: Sequence[Block], title: str) -> list[str]:
    """The lines below the title in its own block, where only a break divides them."""
    end = title_end(whole, title)
    return whole[end - 1].text.split("\n")[1:] if end else []


def article_part(whole: Sequence[Block], title: str) -> list[Block]:
    """The blocks from behind the title to the foot; empty where the title is not printed."""
    start = title_end(whole, title)
    if start is None:
        return []
    return list(whole[start : foot_start(whole, start)])


def foot_start(whole: Sequence[Block], start: int) -> int:
    """The number of the block that begins the foot; a counter above the text does not."""
    content = False
    for number in range(start, len(whole)):
        text = whole[number].text
        if begins_foot(text) or (is_counter(text) and content):
            return number
        content = content or _holds_content(whole[number])
    return len(whole)


def _holds_content(block: Block) -> bool:
    return (
        bool(block.images) or block.kind == "table" or (len(block.text) > 60 and not block.linked)
    )


def completed(found: list[Block], part: list[Block], inside: list[Block]) -> list[Block]:
    """The text that the finder chose, with running text of the article part that it left out.

    found: what it chose; inside: all blocks of the element in which it chose. What stands above the
    title is dropped, a paragraph or table between title and text is put in front. Empty where
    nothing that was chosen lies in the article part, or only the stand of the site was.
    """
    texts = {block.text for block in part if block.text}
    chosen = {block.text for block in found if block.text}
    if not texts & chosen or all(map(is_stand, chosen)):
        return []
    start = next(n for n, block in enumerate(part) if block.text in chosen)
    above = _above(part[:start], inside)
    within = [
        block
        for block in inside
        if block.text in chosen
        or not block.text
        or block.kind == "caption"
        or (block.text in texts and _is_prose(block) and not _is_aside(block))
    ]
    first = next((n for n, block in enumerate(within) if block.text in texts), 0)
    pictures = [block for block in within[:first] if not block.text and block.images]
    return [*above, *pictures, *within[first:]]


def widened(chosen: list[Element]) -> list[Element]:
    """The elements that the finder chose, with those before and behind that continue the text.

    Where each paragraph is an element among others of its kind, it may choose one of them. Its
    neighbours are text while they are of its kind (tag, class) or tables, lists and paragraphs, up
    to a foot, a box of links, a form or a heading; the last and first of them must be prose.
    """
    if len(chosen) != 1 or chosen[0].tag in ("body", "html", "td", "main", "article"):
        return chosen
    one = chosen[0]
    before = _neighbours(one, preceding=True)
    behind = _neighbours(one, preceding=False)
    return [*reversed(before), one, *behind]


def _neighbours(one: Element, *, preceding: bool) -> list[Element]:
    found: list[Element] = []
    prose = 0
    for element in one.itersiblings(preceding=preceding):
        if not _is_alike(element, one) or len(found) >= MOST_NEIGHBOURS:
            break
        parts = blocks([element])
        if any(begins_foot(b.text) or is_counter(b.text) or is_linked(b) for b in parts):
            break
        found.append(element)
        follows = not preceding and prose == len(found) - 1
        if any(
            (_is_prose(part) and len(part.text) > 80)
            or _is_figures(part)
            or (
                follows
                and (_is_items(part) or (one.tag == element.tag == "p" and _is_sentence(part)))
            )
            for part in parts
        ):
            prose = len(found)
    return found[:prose]


def _is_figures(block: Block) -> bool:
    """True for a table of rows and columns that leads nowhere and does not tell of the page."""
    if block.kind != "table" or len(block.rows) < 2 or block.linked * 2 > len(block.text):
        return False
    return not any(
        row and (begins_foot(row[0]) or _OF_THE_PAGE.match(row[0])) for row in block.rows
    )


def _is_items(block: Block) -> bool:
    """True for a list of several items without a link."""
    return block.kind == "list" and not block.links and "\n" in block.text


def _is_sentence(block: Block) -> bool:
    """True for a short line that ends like a sentence and links to files at most."""
    text = block.text
    if block.kind != "text" or len(text) < 15 or text[-1] not in ".!?/" or is_machinery(text):
        return False
    return all(DOCUMENT.search(reference) for reference, _ in block.links)


def _is_alike(element: Element, one: Element) -> bool:
    if element.tag in ("p", "table", "ul", "ol", "blockquote", "figure", "br", "center"):
        return not element.get("class") or element.get("class") == one.get("class")
    return element.tag == one.tag and element.get("class") == one.get("class")


def is_linked(block: Block) -> bool:
    """True where most of a block's text is links."""
    return block.linked * 10 >= 6 * len(block.text) > 0


def _is_prose(block: Block) -> bool:
    text = block.text
    if block.linked and (block.linked * 10 > 8 * len(text) or text[-1] != "."):
        return False
    if block.kind not in ("text", "list") or len(text) < 40 or is_machinery(text):
        return False
    return text[-1] in ".:;!?…”\"')"


def _is_aside(block: Block) -> bool:
    """True for prose about the article or its writers, and in an element named as furniture."""
    text = block.text
    if len(text) < 600 and (
        AUTHOR_NOTE.match(text) or CREDIT_LINE.match(text) or PICTURE_LINE.search(text)
    ):
        return True
    near = [] if block.element is None else [block.element, *block.element.iterancestors()]
    return any(name_kind(named(element)) <= FIRM for element in near[:NEAREST])


def _above(part: Sequence[Block], inside: list[Block]) -> list[Block]:
    """What stands between title and text and belongs to the article, copied.

    Paragraphs, pictures, and the caption right below a picture, where the text does not hold them.
    """
    held = {block.text for block in inside}
    elements = {id(block.element) for block in inside if block.element is not None}
    pictures = {id(image) for block in inside for image in block.images}
    found: list[Block] = []
    shown = False
    for block in part:
        own = id(block.element) in elements
        leads_away = any(not PICTURE.search(href) for href, _ in block.links)
        picture = bool(block.images) and not (block.text or own or leads_away)
        picture = picture and pictures.isdisjoint(id(image) for image in block.images)
        styled = (block.kind == "caption" or block.italic) and len(block.text) <= 200
        caption = shown and styled and not own and not block.images
        text = (_is_prose(block) or _is_figures(block)) and block.text not in held
        if picture or caption or text:
            found.append(replace(block))
        shown = picture
    return found


def below(whole: Sequence[Block], last: Block) -> list[Block]:
    """The blocks behind a block of the text, down to the foot of the article."""
    numbers = [n for n, block in enumerate(whole) if block.text == last.text]
    if not numbers:
        return []
    start = numbers[-1] + 1
    end = next((n for n in range(start, len(whole)) if _ends(whole[n])), len(whole))
    return list(whole[start:end])


def _ends(block: Block) -> bool:
    return begins_foot(block.text) or is_counter(block.text)


def named_lead(first: Block, rest: Sequence[Block]) -> bool:
    """True where the first block stands alone in an element whose name says that it is the lead."""
    if first.element is None or first.kind not in ("text", "heading"):
        return False
    if not 40 <= len(first.text) <= 1_000 or first.text[-1] not in _ENDS_LEAD:
        return False
    others = [block.element for block in rest if block.element is not None]
    for element in [first.element, *first.element.iterancestors()][:3]:
        if any(other is element or element in other.iterancestors() for other in others):
            return False
        if _LEAD_NAME.search(named(element)):
            return bool(others)
    return False


def set_apart(first: Block, rest: Sequence[Block]) -> bool:
    """True where the page has an element for the first block, and another for all the others.

    Both carry a class or id of their own, as a template's elements do and an editor's do not.
    """
    if first.element is None or first.kind != "text" or not 30 <= len(first.text) <= 1_000:
        return False
    others = [block.element for block in rest if block.element is not None]
    if not others:
        return False
    above = [others[0], *others[0].iterancestors()]
    one = _child_below(first.element, above)
    common = None if one is None else one.getparent()
    two = None if common is None else _child_below(others[0], [common])
    if one is None or two is None or not (named(one) and named(two) and named(one) != named(two)):
        return False
    return all(two is other or two in other.iterancestors() for other in others)


def _child_below(element: Element, ancestors: list[Element]) -> Element | None:
    """The outermost element around this one that is not yet one of the ancestors."""
    below = element
    for above in element.iterancestors():
        if above in ancestors:
            return below
        below = above
    return None


def named(element: Element) -> str:
    """Class and id of an element, empty for neither."""
    return f"{element.get('class') or ''} {element.get('id') or ''}".strip()
