"""The part of a page between its title and the foot of the article, as blocks.

The finder for unknown pages looks for prose. What an article has besides, or instead (pictures, a
file, the line that signs it, keywords), is looked for here, where no class name tells.
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
from kontum_crawler.extract.stamps import labelled_pieces
from kontum_crawler.extract.tags import Element
from kontum_crawler.portals.portal import DOCUMENT
from kontum_crawler.text import fold_blanks

NEAR = 8
"""Blocks within which a title that is said again still belongs to the head of the article."""
NEAREST = 4
"""Elements around a block, its own included, whose names say what it is."""
LONGEST_DATE = 60
"""Characters of a line that is a date and little else."""
MOST_NEIGHBOURS = 400
"""Elements beside the chosen one that are looked at, before it and behind it."""
_HOME = re.compile(r"^\W*(?:trang\s+(?:chủ|nhất)|home|homepage)\b", re.I)
_CRUMB = re.compile(r"\s*(?:[»›>→]|::)\s*|\s+/\s+")
_CRUMB_CLASS = re.compile(r"crumb|duong-?dan|path", re.I)
_SECTION_CLASS = re.compile(
    r"(?:^|[\s_-])(?:cat|category|section|chuyen-?muc|folder|zone)(?:$|[\s_-])", re.I
)
_SECTION_LABEL = re.compile(r"^\W*(?:chuyên\s+mục|danh\s+mục|thể\s+loại)\s*:\s*", re.I)
_KEYWORD_PAGE = re.compile(r"tags?[/=-]|keyword|tu-?khoa|tim-?kiem|search|taxonomy|topic", re.I)
_LEAD_NAME = re.compile(
    r"(?:^|[\s_-])(?:sapo|tom-?tat|lead|summary|abstract|hometext|excerpt|standfirst|chapeau"
    r"|trich-?yeu|mo-?ta|intro(?:-?text)?)(?:$|[\s_-])|[a-z](?:Summary|Sapo|Lead|Abstract)\b",
)
_ENDS_LEAD = ".!?…”\"')/"
PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|bmp)(?:[?#]|$)", re.I)
_DATE_CLASS = re.compile(r"date|publish|created|posted|time|ngay", re.I)
_CLOCK_CLASS = re.compile(r"today|now|clock|current|hom-?nay|top-?bar", re.I)
_OF_THE_PAGE = re.compile(r"\W*(?:ngày\s+đăng|(?:số\s+)?lượt\s+(?:xem|đọc|truy\s+cập))\b", re.I)
_KEYWORDS = re.compile(r"^\W{0,3}(?:từ\s+kh(?:óa|oá)|tags?|keywords?|thẻ)\s*(?::\s*|$)", re.I)


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


def dates_below(whole: Sequence[Block], title: str) -> list[str]:
    """Short lines right below the title that the page itself says are its date.

    By the name of their element, or as the very next one: so a weekday with a date is no clock of
    the page, as it is elsewhere. One that stands above the title, too, is the clock.
    """
    end = title_end(whole, title)
    if end is None:
        return []
    clocks = {block.text for block in whole[: end - 1]}
    heading = whole[end - 1].element
    near = [block for block in whole[end : end + 2] if _is_short(block)]
    return [
        block.text
        for block in near
        if block.text not in clocks
        and (_is_named_date(block) or (block is whole[end] and _follows(block, heading)))
    ]


def date_above(whole: Sequence[Block], title: str) -> list[str]:
    """The line right above the title, where the name of its element says that it is its date."""
    end = title_end(whole, title)
    if end is None or end < 2:
        return []
    above = whole[end - 2]
    return [above.text] if _is_short(above) and _is_named_date(above) else []


def _is_short(block: Block) -> bool:
    return not block.linked and len(block.text) < LONGEST_DATE


def _is_named_date(block: Block) -> bool:
    if block.element is None:
        return False
    return block.element.tag == "time" or any(
        _DATE_CLASS.search(_named(one)) and not _CLOCK_CLASS.search(_named(one))
        for one in [block.element, *block.element.iterancestors()][:2]
    )


def _follows(block: Block, heading: Element | None) -> bool:
    """True for the element right behind a heading, in the same box."""
    return heading is not None and block.element is not None and block.element is heading.getnext()


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
        if any(begins_foot(b.text) or is_counter(b.text) or _is_linked(b) for b in parts):
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


def _is_linked(block: Block) -> bool:
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
    return any(name_kind(_named(element)) <= FIRM for element in near[:NEAREST])


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


def keywords(whole: Sequence[Block], start: int) -> list[str]:
    """The keywords that a line «Từ khóa: …» behind the title names."""
    for number, block in enumerate(whole[start:], start):
        for line in block.text.split("\n"):
            if match := _KEYWORDS.match(line):
                words = [text for _, text in block.links if text]
                words = words or _linked_keywords(whole[number + 1 :])
                words = words or re.split(r"\s*[,;]\s*", line[match.end() :])
                return list(
                    dict.fromkeys(word.strip(" ,.#") for word in words if word.strip(" ,.#"))
                )
    return []


def _linked_keywords(behind: Sequence[Block]) -> list[str]:
    """Keywords in blocks of their own below their label: links to pages of keywords."""
    found: list[str] = []
    for block in behind:
        if not block.links or not all(_KEYWORD_PAGE.search(href) for href, _ in block.links):
            break
        found += [text for _, text in block.links if text]
    return found


def category(whole: Sequence[Block], end: int, title: str) -> str | None:
    """The last step of the path «Trang chủ » …» above the title, the title itself aside.

    A list of links is a path only where its class says so: a menu looks the same. Without a path it
    is the one link right above the title whose class says that it names the section.
    """
    for block in reversed(whole[max(0, end - NEAR) : end]):
        text = block.text.replace("\n- ", " » ").removeprefix("- ")
        if block.kind == "table" or not _HOME.match(text) or len(text) > 200 + len(title):
            continue
        if block.kind == "list" and not _is_path(block):
            continue
        steps = [fold_blanks(step) for step in _CRUMB.split(text)]
        if len(steps) == 1 and _is_path(block):
            links = [step for _, step in block.links]
            both = (" ".join(links), " ".join((*links, title)))
            steps = links if bare(text) in map(bare, both) else steps
        steps = [step for step in steps if step and not same_text(step, title)]
        if 2 <= len(steps) <= 4 and all(len(step) < 80 for step in steps):
            return steps[-1]
    return _linked_section(whole[max(0, end - 4) : end][::-1])


def labelled_section(part: Sequence[Block]) -> str | None:
    """The section that a line right below the title names («… | Chuyên mục: Thời sự»)."""
    for block in part[: NEAR // 2]:
        for piece in labelled_pieces(block.text):
            match = _SECTION_LABEL.match(piece)
            if match and 0 < len(name := fold_blanks(piece[match.end() :])) < 60:
                return name
    return _linked_section(part[: NEAR // 2])


def _linked_section(near: Sequence[Block]) -> str | None:
    """The one link among blocks whose class or relation says that it names the section."""
    for block in near:
        if len(block.links) != 1 or not _is_linked(block) or len(block.text) > 60:
            continue
        around = [] if block.element is None else [block.element, *block.element.iterancestors()]
        if any(_SECTION_CLASS.search(f"{_named(e)} {e.get('rel') or ''}") for e in around[:3]):
            return block.text
    return None


def _is_path(block: Block) -> bool:
    near = [] if block.element is None else [block.element, *block.element.iterancestors()][:3]
    return any(_CRUMB_CLASS.search(f"{_named(e)} {e.get('itemtype') or ''}") for e in near)


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
        if _LEAD_NAME.search(_named(element)):
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
    if (
        one is None
        or two is None
        or not (_named(one) and _named(two) and _named(one) != _named(two))
    ):
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


def _named(element: Element) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}".strip()
