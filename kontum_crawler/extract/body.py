"""From the blocks of the article part to lead, body and what was taken out of them."""

import re
from dataclasses import dataclass, field

from kontum_crawler.extract import signature
from kontum_crawler.extract.block import Block
from kontum_crawler.extract.blocks import join
from kontum_crawler.extract.dates import published_at
from kontum_crawler.extract.foot import (
    begins_foot,
    foot_of_site,
    heads_form,
    is_counter,
    is_foot,
    is_machinery,
)
from kontum_crawler.extract.media import take_files, take_pictures
from kontum_crawler.extract.names import is_outlet
from kontum_crawler.extract.page import Page
from kontum_crawler.extract.region import NEAR, bare, named_lead, same_text, set_apart
from kontum_crawler.items import Attachment, Byline, Image
from kontum_crawler.portals import Layout, Portal
from kontum_crawler.text import fold_blanks, nfc

_TAG = re.compile(r"^\(\s*(?:https?://)?(?:www\.)?[\w-]+(?:\.[\w-]+)+/?\s*\)\s*[:–—-]*\s*", re.I)
"""A source tag at the head of a text: `(kontumtv.vn) – `, `(http://kontum.gov.vn): `."""
_OUTLET_TAG = re.compile(r"^\(\s*([^()]{2,40}?)\s*\)\s*[:–—-]+\s*")
"""The same with the name of the outlet: `(Báo Kon Tum) - `, `(TTXVN) – `."""
_SEE_ALSO = re.compile(
    r"^[\W_]*(?:xem\s+thêm|đọc\s+thêm|xem\s+tiếp|tin,?\s+(?:bài\s+)?liên\s+quan|bài\s+(?:viết\s+)?liên\s+quan"
    r"|có\s+thể\s+bạn\s+quan\s+tâm|mời\s+(?:bạn\s+)?(?:xem|đọc)|related)\b",
    re.I,
)
_SEE_ALSO_ALONE = re.compile(r"[\W_]*(?:xem|đọc)\s+(?:thêm|tiếp)[\W_]*", re.I)
_COUNTER = re.compile(r"^[\d.,\s]{1,15}$")


@dataclass(slots=True)
class Body:
    """Lead, body and what stood among them; `rules` say which rule took what."""

    lead: str | None = None
    body: str = ""
    signed: Byline = field(default_factory=Byline)
    attachments: list[Attachment] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    tables: list[list[list[str]]] = field(default_factory=list)
    date_line: str | None = None
    rules: dict[str, str] = field(default_factory=dict)


def read_body(
    found: list[Block], *, page: Page, portal: Portal, layout: Layout, title: str, lead: str | None
) -> Body:
    """Sort the blocks of the article part. `lead`: where the page has an element for it."""
    result = Body(lead=lead)
    found = _cut(_below_title(found, title), layout)
    while found and heads_form(found[-1].text):
        found = found[:-1]
    found, result.date_line = _without_furniture(found, layout, portal)
    found, result.images = take_pictures(found, page)
    found, result.attachments = take_files(found, page)
    found = _without_teasers(_without_related(found))
    found = found[: len(found) - foot_of_site([block.text for block in found])]
    found = signature.without_address(found)
    found, signed, rule = signature.take(found, alone=bool(result.images or result.attachments))
    if signed:
        result.signed = signed
        result.rules["source" if signed.line is None else "byline"] = rule
        if signed.source:
            result.rules["source"] = rule
    found = _without_tag(found)
    if result.lead:
        result.lead = result.lead[_tag_end(result.lead) :]
        found = _without_repeat(found, result.lead)
    else:
        found = _take_lead(found, result)
    result.body = nfc(join(found))
    result.tables = [block.rows for block in found if block.kind == "table"]
    return result


def _below_title(found: list[Block], title: str) -> list[Block]:
    """The blocks behind the title, where it is repeated before the text begins."""
    start, seen = 0, 0
    for number, block in enumerate(found):
        if same_text(block.text, title):
            start = number + 1
        elif "\n" in block.text and same_text(block.text.split("\n")[0], title):
            block.text = block.text.partition("\n")[2]
            block.raw = block.raw.partition("\n")[2]
            start = number
        seen += len(block.text) if len(block.text) > 200 and not block.linked else 0
        if seen:
            break
    return found[start:]


def _cut(found: list[Block], layout: Layout) -> list[Block]:
    """The blocks before the first that begins the foot of the article."""
    content = False
    for number, block in enumerate(found):
        foot = is_foot(block.text) or any(block.text.startswith(cut) for cut in layout.cut)
        if (foot and number) or (content and is_counter(block.text)):
            return found[:number]
        content = content or bool(block.images) or len(block.text) > 60
        if number and "\n" in block.text and block.kind == "text":
            lines = block.text.split("\n")
            at = next((n for n, s in enumerate(lines) if n and (is_foot(s) or is_counter(s))), 0)
            if at:
                block.text = block.raw = "\n".join(lines[:at])
                return found[: number + 1]
    return found


def _without_furniture(
    found: list[Block], layout: Layout, portal: Portal
) -> tuple[list[Block], str | None]:
    """Drop lines of the page's machinery; a line of publication above the text is handed back."""
    kept: list[Block] = []
    date_line: str | None = None
    head = True
    for number, block in enumerate(found):
        head = head and number < NEAR and len(block.text) <= 120
        if block.text and head and len(block.text) < 120 and _is_date(block.text, portal):
            date_line = date_line or block.text
        elif not _is_furniture(block, layout):
            kept.append(_without_dropped(block, layout))
    while kept and _COUNTER.match(kept[-1].text):
        kept.pop()
    return kept, date_line


def _is_date(line: str, portal: Portal) -> bool:
    return bool(published_at(line, portal.zone)) and sum(c.isdigit() for c in line) >= 4


def _is_furniture(block: Block, layout: Layout) -> bool:
    text = block.text
    if not text:
        return False
    if is_machinery(text):
        return True
    tagged = tuple(drop for drop in layout.drop if not drop.startswith("("))
    return bool(tagged) and text.startswith(tagged)


def _without_dropped(block: Block, layout: Layout) -> Block:
    """Cut source tags of the portal from the head of a block."""
    for drop in layout.drop:
        if drop.startswith("(") and block.text.startswith(drop):
            block.text = re.sub(r"^[\s:–—-]+", "", block.text[len(drop) :])
    return block


def _without_related(found: list[Block]) -> list[Block]:
    """Drop boxes of links to other articles: a heading and the linked blocks under it."""
    kept: list[Block] = []
    inside = False
    for number, block in enumerate(found):
        linked = block.linked * 10 >= 7 * len(bare(block.text)) and block.linked > 0
        if _SEE_ALSO.match(block.text) and (
            block.linked
            or _SEE_ALSO_ALONE.fullmatch(block.text)
            or _is_heading_of_links(found, number)
        ):
            if kept and len(kept) > 1 and signature.signs(kept[-1]):
                break
            inside = True
        elif not (inside and linked) and not _is_list_of_links(block):
            if begins_foot(block.text) and number:
                break
            inside = False
            kept.append(block)
    return kept


def _without_teasers(found: list[Block]) -> list[Block]:
    """The blocks before a run of linked headlines with an excerpt each, which ends the part."""
    start, pairs = len(found), 0
    while start > 1:
        above, below = found[start - 2 : start]
        if not (_is_headline_link(above) and below.kind == "text" and not below.linked):
            break
        start, pairs = start - 2, pairs + 1
    if pairs < 2:
        return found
    if start > 1 and len(found[start - 1].text) < 60 and found[start - 1].kind == "heading":
        start -= 1
    return found[:start]


def _is_headline_link(block: Block) -> bool:
    return len(block.links) == 1 and block.linked * 10 >= 8 * len(bare(block.text)) > 100


def _is_heading_of_links(found: list[Block], number: int) -> bool:
    short = len(found[number].text) < 60
    after = found[number + 1 : number + 2]
    return short and (not after or bool(after[0].linked))


def _is_list_of_links(block: Block) -> bool:
    if block.kind != "list" or len(block.links) < 2:
        return False
    return block.linked * 10 >= 8 * len(block.text.replace("- ", ""))


def _without_tag(found: list[Block]) -> list[Block]:
    if found and _tag_end(found[0].text) < len(found[0].text):
        found[0].text = found[0].text[_tag_end(found[0].text) :]
    return found


def _tag_end(text: str) -> int:
    """How many characters at the head of a text are a source tag."""
    if match := _TAG.match(text):
        return match.end()
    match = _OUTLET_TAG.match(text)
    return match.end() if match and is_outlet(match[1]) else 0


def _without_repeat(found: list[Block], lead: str) -> list[Block]:
    """The body without the lead that its first block repeats."""
    if found and same_text(found[0].text, lead):
        return found[1:]
    return found


def _take_lead(found: list[Block], result: Body) -> list[Block]:
    """The lead is a first paragraph wholly bold, or one in an element of its own."""
    if len(found) < 2 or found[0].kind not in ("text", "heading"):
        return found
    text = fold_blanks(found[0].text)
    named = named_lead(found[0], found[1:])
    if found[0].kind != "text" and not named:
        return found
    if (named or set_apart(found[0], found[1:])) and not text.startswith("- "):
        result.lead = text
        result.rules["lead"] = "first paragraph, in an element of its own"
        return found[1:]
    if not found[0].bold:
        return found
    plain = [block for block in found[1:] if block.kind != "heading" and not block.bold]
    if len(text) < 40 or not plain or text.endswith(":"):
        return found
    result.lead = text
    result.rules["lead"] = "first paragraph, wholly bold"
    return found[1:]
