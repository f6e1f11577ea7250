"""What is told beside the text: its section, its keywords, its date.

Where no class name of a portal file tells, a path above the title, a label, or the place of a line
does.
"""

import re
from collections.abc import Sequence

from kontum_crawler.extract.block import Block
from kontum_crawler.extract.region import NEAR, bare, is_linked, named, same_text, title_end
from kontum_crawler.extract.stamps import labelled_pieces
from kontum_crawler.extract.tags import Element
from kontum_crawler.text import fold_blanks

LONGEST_DATE = 60
"""Characters of a line that is a date and little else."""
_HOME = re.compile(r"^\W*(?:trang\s+(?:chủ|nhất)|home|homepage)\b", re.I)
_CRUMB = re.compile(r"\s*(?:[»›>→]|::)\s*|\s+/\s+")
_CRUMB_CLASS = re.compile(r"crumb|duong-?dan|path", re.I)
_SECTION_CLASS = re.compile(
    r"(?:^|[\s_-])(?:cat|category|section|chuyen-?muc|folder|zone)(?:$|[\s_-])", re.I
)
_SECTION_LABEL = re.compile(r"^\W*(?:chuyên\s+mục|danh\s+mục|thể\s+loại)\s*:\s*", re.I)
_KEYWORD_PAGE = re.compile(r"tags?[/=-]|keyword|tu-?khoa|tim-?kiem|search|taxonomy|topic", re.I)
_DATE_CLASS = re.compile(r"date|publish|created|posted|time|ngay", re.I)
_CLOCK_CLASS = re.compile(r"today|now|clock|current|hom-?nay|top-?bar", re.I)
_KEYWORDS = re.compile(r"^\W{0,3}(?:từ\s+kh(?:óa|oá)|tags?|keywords?|thẻ)\s*(?::\s*|$)", re.I)


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
        if len(block.links) != 1 or not is_linked(block) or len(block.text) > 60:
            continue
        around = [] if block.element is None else [block.element, *block.element.iterancestors()]
        if any(_SECTION_CLASS.search(f"{named(e)} {e.get('rel') or ''}") for e in around[:3]):
            return block.text
    return None


def _is_path(block: Block) -> bool:
    near = [] if block.element is None else [block.element, *block.element.iterancestors()][:3]
    return any(_CRUMB_CLASS.search(f"{named(e)} {e.get('itemtype') or ''}") for e in near)


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
        _DATE_CLASS.search(named(one)) and not _CLOCK_CLASS.search(named(one))
        for one in [block.element, *block.element.iterancestors()][:2]
    )


def _follows(block: Block, heading: Element | None) -> bool:
    """True for the element right behind a heading, in the same box."""
    return heading is not None and block.element is not None and block.element is heading.getnext()
