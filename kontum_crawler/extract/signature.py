"""Where an article is signed: its last lines, or its first.

What a line says is read by `bylines.py`; here it is decided which line is asked. The signature of
an official document («KT. GIÁM ĐỐC / PHÓ GIÁM ĐỐC / name») is text, and no byline.
"""

import re

from kontum_crawler.extract.block import Block
from kontum_crawler.extract.bylines import read_byline, split_glued, undated
from kontum_crawler.extract.names import is_rank
from kontum_crawler.extract.stamps import labelled_pieces, stamps
from kontum_crawler.items import Byline
from kontum_crawler.text import fold_blanks

LONGEST = 160
_LABELLED = re.compile(
    r"^\W*(?:(?:người\s+)?(?:viết|đăng|gửi)?\s*bởi\b|tác\s+giả\b|người\s+(?:viết|đưa\s+tin)\b|by\b"
    r"|(?:written|posted)\s+by\b|(?:tin|bài|ảnh)\b[^:]{0,20}:)",
    re.I,
)
_LABEL_ALONE = re.compile(
    r"\W*(?:tác\s+giả(?:\s+bài\s+viết)?|người\s+(?:viết|đưa\s+tin)|nguồn(?:\s+tin)?"
    r"|tin(?:,\s*(?:bài|ảnh))?|author|source)\s*:?\s*",
    re.I,
)
_SOURCE_LABEL = re.compile(r"^\W*(?:(?:trích|dẫn)\s+)?(?:nguồn|theo|source)\b", re.I)
_SOURCE_CLASS = re.compile(r"source|nguon", re.I)
_AUTHOR_CLASS = re.compile(r"author|tac-?gia|byline|but-?danh", re.I)
_ADDRESS = re.compile(r"^\W*(?:địa\s+chỉ|điện\s+thoại|đt|tel|fax|e-?mail|website|trụ\s+sở)\b", re.I)


def take(found: list[Block], *, alone: bool = False) -> tuple[list[Block], Byline | None, str]:
    """Part byline and source line from the text.

    alone: the line may be the only one, below pictures or a file.

    Returns the blocks without them, who signs (its `line` is the byline as printed, None where only
    a source is named), and the rule that found it.
    """
    kept, last, rule = _at_the_end(found, 1 if alone else 2)
    if last and len(kept) > 1 and _LABEL_ALONE.fullmatch(kept[-1].text):
        kept = kept[:-1]
    if last and (last.authors or last.unit or last.photo_by):
        return kept, last, rule
    if first := _at_the_top(kept):
        if last:
            first.source = first.source or last.source
        return kept[1:], first, "first line"
    return kept, last, rule


def signs(block: Block) -> bool:
    """True for a line that names who wrote the article."""
    parts = _of_block(block)
    return bool(parts and (parts.authors or parts.unit))


def without_address(found: list[Block]) -> list[Block]:
    """The blocks without an office's address below the line that signs; it is the page's foot."""
    end = len(found)
    while end and _ADDRESS.match(found[end - 1].text):
        end -= 1
    if 1 < end < len(found) and found[end - 1].align in ("right", "center"):
        return found[:end] if _of_block(found[end - 1]) else found
    return found


def _at_the_end(found: list[Block], least: int) -> tuple[list[Block], Byline | None, str]:
    kept = list(found)
    signed: Byline | None = None
    source: str | None = None
    for _ in range(3):
        if len(kept) < least or _is_official(kept):
            break
        parts = _of_block(kept[-1])
        if parts is None:
            break
        if _only_source(parts):
            source = source or parts.source
            kept.pop()
        elif signed is None:
            kept, signed = _with_name_above(kept, parts)
        else:
            break
    if signed is None and kept and not _is_official(kept):
        kept, signed = _glued(kept)
        if signed and _only_source(signed):
            source, signed = source or signed.source, None
    if signed is None:
        return kept, Byline(source=source) if source else None, "last line"
    signed.source = signed.source or source
    return kept, signed, "last line"


def read_above(block: Block) -> Byline | None:
    """What a line above the text says as a byline: by its label, or the name of its element."""
    for piece in (*labelled_pieces(block.text), *block.parts):
        if _LABELLED.match(piece) and (parts := read_byline(piece)):
            return parts
    return read_named(block)


def read_named(block: Block) -> Byline | None:
    """What a line says as a byline, where the name of its element says that it is one."""
    near = [] if block.element is None else [block.element, *block.element.iterancestors()][:3]
    if any(_AUTHOR_CLASS.search(f"{e.get('class') or ''} {e.get('id') or ''}") for e in near):
        return _of_block(block)
    return None


def read_dated(block: Block) -> Byline | None:
    """Names that share a line above the text with the moment of publication: `Hà Vi • 8/3 …`.

    The moment is no part of `line`. A date without its time does not tell a name from a section.
    """
    if block.kind != "text" or "\n" in block.text or len(block.text) > LONGEST:
        return None
    if sum(stamp.clock is not None for stamp in stamps(block.text)) != 1:
        return None
    parts = _of_block(block)
    if parts is None or not parts.authors:
        return None
    parts.line = fold_blanks(undated(block.text))
    return parts


def names_source(block: Block) -> bool:
    """True where a label or the name of its element says that a line names a source."""
    if _SOURCE_LABEL.match(block.text):
        return True
    near = [] if block.element is None else [block.element, *block.element.iterancestors()][:2]
    return any(_SOURCE_CLASS.search(f"{e.get('class') or ''} {e.get('id') or ''}") for e in near)


def read_line(block: Block) -> Byline | None:
    """What a block says as a byline; None for a list, a table, a text that ends in a byline."""
    return _of_block(block)


def _of_block(block: Block) -> Byline | None:
    if block.kind in ("list", "table") or len(block.text) > LONGEST:
        return None
    split = split_glued(block.raw)
    if split and read_byline(split[0]) is None:
        return None
    return read_byline(block.text)


def _with_name_above(kept: list[Block], parts: Byline) -> tuple[list[Block], Byline]:
    """Names on one line and their office on the next are one byline."""
    if parts.unit and not parts.authors and len(kept) > 2:
        above = _of_block(kept[-2])
        if above and above.authors and not above.unit:
            both = read_byline(f"{kept[-2].text}\n{kept[-1].text}")
            if both and both.authors and both.unit:
                return kept[:-2], both
    return kept[:-1], parts


def _glued(kept: list[Block]) -> tuple[list[Block], Byline | None]:
    last = kept[-1]
    if last.kind in ("table", "heading"):
        return kept, None
    if (split := split_glued(last.raw)) is None:
        return kept, None
    head, parts = split
    lines = (fold_blanks(line) for line in head.split("\n"))
    last.text = "\n".join(line for line in lines if line)
    last.raw = head
    return (kept if last.text else kept[:-1]), parts


def _at_the_top(found: list[Block]) -> Byline | None:
    if len(found) < 2:
        return None
    first = found[0]
    if first.align != "right" and not first.italic and not _LABELLED.match(first.text):
        return None
    parts = _of_block(first)
    return parts if parts and (parts.authors or parts.unit) else None


def _is_official(kept: list[Block]) -> bool:
    """True where a rank in capitals stands above the last line, as a document is signed."""
    if len(kept) > 2 and all(block.align == "center" for block in kept[-2:]):
        above, name = kept[-2].text, kept[-1].text
        if above.isupper() and not name.isupper() and 1 < len(above.split()) <= 8:
            return True
    return any(is_rank(block.text) for block in kept[-4:] if len(block.text) < LONGEST)


def _only_source(parts: Byline) -> bool:
    return bool(parts.source) and not (parts.authors or parts.unit or parts.photo_by)
