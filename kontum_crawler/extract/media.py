"""Pictures with their captions, and files that an article offers."""

import re
from itertools import islice
from urllib.parse import unquote, urlsplit

from kontum_crawler import urls
from kontum_crawler.extract.block import Block, short_text
from kontum_crawler.extract.blocks import LONGEST_CAPTION
from kontum_crawler.extract.bylines import read_byline
from kontum_crawler.extract.captions import credit, is_caption
from kontum_crawler.extract.page import Page
from kontum_crawler.extract.region import NEAREST, PICTURE
from kontum_crawler.extract.tags import Element
from kontum_crawler.items import Attachment, Image
from kontum_crawler.portals.portal import DOCUMENT
from kontum_crawler.text import clean, fold_blanks

_ICON = re.compile(
    r"(?:^|[/_.-])(?:icon|spacer|blank|pixel|smiley|emoji|emoticon|loading|bullet|logo|print|share"
    r"|facebook|zalo|twitter|button|btn|noimage|no_image)(?:[/_.-]|\d|$)|^data:",
    re.I,
)
_FILE_LABEL = re.compile(
    r"^\W*(?:(?:tải|download)\b.{0,30}|(?:file|tệp|tập|văn\s+bản|tài\s+liệu)(?:\s+tin)?\s+đính\s+kèm"
    r"|đính\s+kèm|(?:file|tệp|tập)\s*(?:tin)?\s*\d*)\s*[:.]?\s*",
    re.I,
)
_FILM = re.compile(r"^(?:video|clip|phóng\s+sự|nghe|audio)\b", re.I)


def take_pictures(found: list[Block], page: Page) -> tuple[list[Block], list[Image]]:
    """Part pictures and their captions from the text.

    A caption is marked as one by the page, or is a short block below a picture that is centred,
    italic, or written like a caption; what stands beside a picture in one short block is one too.
    """
    kept: list[Block] = []
    images: list[Image] = []
    below = False
    for number, block in enumerate(found):
        pictures = [image for element in block.images if (image := _image(element, page))]
        last = number + 1 == len(found)
        boxed = below and _shares_box(block, found[number - 1])
        if block.kind == "caption" or (below and _is_below(block, last=last)) or boxed:
            _describe(images, block.text)
        elif pictures and block.text and not block.linked and _is_beside(block):
            images += pictures
            pictures = []
            _describe(images, block.text)
        elif block.text:
            kept.append(block)
        images += pictures
        below = bool(pictures or block.film) or (below and not block.text)
    return kept, _once(images)


def _is_below(block: Block, *, last: bool) -> bool:
    text = block.text
    if len(text) > LONGEST_CAPTION or block.kind in ("list", "table", "heading"):
        return False
    if is_caption(text) or _FILM.match(text):
        return True
    if block.align == "right" or (last and read_byline(text)):
        return False
    return block.align == "center" or (block.italic and len(text) <= 200)


def _shares_box(block: Block, above: Block) -> bool:
    """True for a short line that an element holds with the picture above it, and nothing else."""
    if not above.images or block.element is None or block.kind != "text" or block.linked:
        return False
    if len(block.text) > LONGEST_CAPTION or block.text[-1:] in (".", ":", ";"):
        return False
    around = [block.element, *islice(block.element.iterancestors(), NEAREST)]
    ancestors = islice(above.images[-1].iterancestors(), NEAREST)
    box = next((one for one in ancestors if one in around), None)
    # To count all children of a page's body for each picture would take quadratic time.
    if box is None or next(islice(box, NEAREST, None), None) is not None:
        return False
    return short_text(box, LONGEST_CAPTION) == block.text


def _is_beside(block: Block) -> bool:
    if len(block.text) > 200 or block.kind != "text":
        return False
    return is_caption(block.text) or (block.align == "center" or block.italic)


def _describe(images: list[Image], text: str) -> None:
    """Give a caption to the picture above it, where that has none yet."""
    if images and images[-1].caption is None and text:
        images[-1].caption = fold_blanks(text)
        images[-1].credit = credit(text)


def _image(element: Element, page: Page) -> Image | None:
    names = ("data-src", "data-original", "data-lazy-src", "src")
    source = next((element.get(name) for name in names if element.get(name)), None)
    if not source or _ICON.search(source) or _is_small(element) or _is_banner(element, page):
        return None
    address = page.absolute(source)
    return Image(url=address) if address else None


def _is_banner(element: Element, page: Page) -> bool:
    """True for a picture that is a link to a page of another site."""
    link = next(element.iterancestors("a"), None)
    target = page.absolute(link.get("href") or "") if link is not None else None
    return bool(target and urls.host(target) != urls.host(page.url) and not PICTURE.search(target))


def _is_small(element: Element) -> bool:
    for side in ("width", "height"):
        size = re.match(r"\d+", element.get(side) or "")
        if size and int(size[0]) < 50:
            return True
    return False


def _once(images: list[Image]) -> list[Image]:
    found: dict[str, Image] = {}
    for image in images:
        held = found.setdefault(image.url, image)
        if held.caption is None:
            held.caption, held.credit = image.caption, image.credit
    return list(found.values())


def take_files(found: list[Block], page: Page) -> tuple[list[Block], list[Attachment]]:
    """Part boxes of attached files from the text; a file linked in a sentence leaves it there."""
    kept: list[Block] = []
    files: list[Attachment] = []
    for block in found:
        offered = [(file, text) for ref, text in block.links if (file := _file(page, ref, text))]
        files += [file for file, _ in offered]
        if not (offered and _is_box(block.text, [text for _, text in offered])):
            kept.append(block)
        elif kept and _is_label(kept[-1].text):
            kept.pop()
    while kept and _is_label(kept[-1].text):
        kept.pop()
    return kept, _each_once(files)


def files_in(elements: list[Element], page: Page) -> list[Attachment]:
    """The files that a part of the page offers."""
    found = [
        file
        for element in elements
        for link in element.iter("a")
        if (file := _file(page, link.get("href") or "", fold_blanks(clean(page.text_of(link)))))
    ]
    return _each_once(found)


def _each_once(files: list[Attachment]) -> list[Attachment]:
    return list({file.url: file for file in reversed(files)}.values())[::-1]


def _file(page: Page, reference: str, text: str) -> Attachment | None:
    address = page.absolute(reference)
    if address is None or not DOCUMENT.search(address):
        return None
    name = unquote(urlsplit(address).path.rpartition("/")[2])
    if not DOCUMENT.search(name):
        name = _FILE_LABEL.sub("", text)
    return Attachment(url=address, filename=clean(name) or None)


def _is_label(text: str) -> bool:
    return len(text) < 200 and bool(_FILE_LABEL.fullmatch(text))


def _is_box(text: str, names: list[str]) -> bool:
    """True where a block holds little but the names of the files."""
    rest = fold_blanks(text)
    for name in names:
        rest = rest.replace(name, " ", 1)
    rest = re.sub(r"\(?[\d.,]+\s*(?:kb|mb|bytes?)\)?|[-•*:;.,|()\[\]\d]", " ", rest, flags=re.I)
    rest = _FILE_LABEL.sub("", rest.strip() + " ").strip()
    return not rest or (len(rest) < 25 and bool(_FILE_LABEL.match(text)))
