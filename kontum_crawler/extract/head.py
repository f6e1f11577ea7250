"""What a page states about its article outside the text: title, date, category, tags, language."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import islice, pairwise
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from lxml.html import HtmlElement

from kontum_crawler import urls
from kontum_crawler.extract.block import Block
from kontum_crawler.extract.dates import machine_date, published_at
from kontum_crawler.extract.generic.metadata import linked_data
from kontum_crawler.extract.layout import Found
from kontum_crawler.extract.page import Page
from kontum_crawler.extract.stamps import DATES, LABELLED, WEEKDAY, is_labelled, labelled_pieces
from kontum_crawler.portals import Address, Portal
from kontum_crawler.text import clean, fold_blanks, is_vietnamese, nfc, plain, slugify

_SEPARATOR = re.compile(r"\s+(?:[|»›·•]|::|–|—|-)\s+")
_WEEKDAY = re.compile(rf"^\W*{WEEKDAY}[\s,;|–-]*", re.I)
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_TITLE_TAGS = ("div", "span", "td", "p", "font", "b", "strong", "h2", "h3", "h4", "label")
_TITLE_NAME = re.compile(r"title|tieu[_-]?de|headline|heading", re.I)
_OTHER_TITLE = re.compile(
    r"site|portal|portlet|logo|banner|module|block|widget|box|cat(?!ion)|menu|web|relat|other|khac"
    r"|lien|sub|author|comment|tab|footer|sidebar",
    re.I,
)
_DATE_NAMES = (
    *("pubdate", "publishdate", "publish-date", "publish_date", "dc.date.issued", "dc.date"),
    *("og:article:published_time", "parsely-pub-date", "sailthru.date"),
)
LONGEST_TITLE = 400
LONGEST_SECTION = 30
"""Characters of a link that may be the name of a section; longer ones are headlines."""
LEAST_HEADING = 25
SHORTEST_TITLE = 15
"""Characters that an element which its name calls a title must have; a section's name has fewer."""
MOST_CANDIDATES = 100
"""Elements of one rank that are looked at for the title; of small ones twenty times as many."""


def title(page: Page, slug: str | None) -> Found | None:
    """The headline of a page that no rule knows.

    The candidate that the slug of the address was made of wins; else the only `h1`, the Open Graph
    title, JSON-LD, an element that its name calls a title, or the `title` element without the name
    of the site.
    """
    found = [item for item in _candidates(page) if item.value != slug]
    if slug:
        best = max(found, key=lambda item: _likeness(item.value, slug), default=None)
        if best and _likeness(best.value, slug) >= 0.75:
            return Found(best.value, f"{best.rule}, which the slug was made of")
    named_sections = sections(page)
    found = [item for item in found if item.value not in named_sections] or found
    if within := [item for item in found if _heads(item.value, page.title_tag)]:
        longest = max(within, key=lambda item: len(item.value))
        return Found(longest.value, f"{longest.rule}, which the document's title begins with")
    for wanted in ("h1", "og:title", "JSON-LD headline", "title element"):
        named = [item for item in found if item.rule == wanted]
        if wanted == "title element" and (
            called := _called_title(page) or _dated_heading(page) or _dated_line(page)
        ):
            return called
        if named and (wanted != "h1" or len({item.value for item in named}) == 1):
            return named[0]
    return found[0] if found else None


def _candidates(page: Page) -> Iterator[Found]:
    for tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
        for element in islice(page.tree.iter(tag), MOST_CANDIDATES):
            yield from _text(page, element, tag)
    if named := page.meta("headline", "og:title", "twitter:title", "dc.title"):
        yield Found(_trimmed(page, named), "og:title")
    headline = linked_data(page.tree).get("headline")
    if isinstance(headline, str) and headline.strip():
        yield Found(fold_blanks(clean(headline)), "JSON-LD headline")
    if text := page.title_tag:
        yield Found(_trimmed(page, text), "title element")
        yield Found(text, "title element in full")
    small = page.tree.iter("b", "strong", "font", "span", "div", "td", "p", "a")
    for element in islice(small, 20 * MOST_CANDIDATES):
        if len(element) <= 2:
            yield from _text(page, element, element.tag)


def _text(page: Page, element: HtmlElement, rule: str) -> Iterator[Found]:
    text = fold_blanks(clean(page.text_of(element, 3 * LONGEST_TITLE)))
    if 3 < len(text) <= LONGEST_TITLE:
        yield Found(text, rule)


def _called_title(page: Page) -> Found | None:
    """The first element whose class or id calls it a title, where only one has that name."""
    seen: dict[str, list[str]] = {}
    named = (
        (f"{element.get('class') or ''} {element.get('id') or ''}".strip(), element)
        for element in islice(page.tree.iter(*_TITLE_TAGS), 50 * MOST_CANDIDATES)
    )
    titles = (
        (names, element)
        for names, element in named
        if _TITLE_NAME.search(names) and not _OTHER_TITLE.search(names)
    )
    for names, element in islice(titles, MOST_CANDIDATES):
        if any(e.tag in ("a", "nav", "aside", "footer", "ul") for e in element.iterancestors()):
            continue
        text = next((item.value for item in _text(page, element, "")), "")
        if next(element.iter("a"), None) is None and text:
            seen.setdefault(names, []).append(text)
    for names, texts in seen.items():
        if len(set(texts)) == 1 and len(texts[0]) > SHORTEST_TITLE:
            return Found(texts[0], f"the element named {names}")
    return None


def _dated_heading(page: Page) -> Found | None:
    """The first heading of some length with a date in one of the lines below it."""
    for number, block in enumerate(page.blocks):
        if not (block.kind == "heading" or block.bold) or block.linked or "\n" in block.text:
            continue
        below = page.blocks[number + 1 : number + 4]
        dated = any(len(b.text) < 100 and not b.linked and DATES.search(b.text) for b in below)
        if dated and LEAST_HEADING <= len(block.text) <= LONGEST_TITLE:
            return Found(block.text, "the heading above a date")
    return None


def _dated_line(page: Page) -> Found | None:
    """The line right above one that is labelled as the date, where the page does not say its title.

    An old site gives all its pages one title, and its headlines an element without a name.
    """
    known = {block.text for block in page.blocks}
    if _trimmed(page, page.title_tag) in known:
        return None
    for block, below in pairwise(page.blocks):
        text, *rest = block.text.split("\n")
        if block.kind != "text" or block.linked or not LEAST_HEADING <= len(text) <= LONGEST_TITLE:
            continue
        if is_labelled((rest or below.text.split("\n"))[0]):
            return Found(text, "the line above a date")
    return None


def sections(page: Page) -> set[str]:
    """Short texts that link to other pages, and what leads to the front page: no titles."""
    own = urls.path_and_query(page.url)
    found: set[str] = set()
    for link in islice(page.tree.iter("a"), 10 * MOST_CANDIDATES):
        address = page.absolute(link.get("href") or "")
        text = fold_blanks(clean(page.text_of(link, 3 * LONGEST_TITLE)))
        path = urls.path_and_query(address) if address else own
        if path in ("", "/") or (path != own and len(text) < LONGEST_SECTION):
            found.add(text)
    return found


def _trimmed(page: Page, text: str) -> str:
    """A document title without the name of the site behind or before it."""
    site = page.meta("og:site_name") or ""
    for _ in range(2):
        parts = _SEPARATOR.split(text)
        if len(parts) < 2:
            break
        cuts = [m.span() for m in _SEPARATOR.finditer(text)]
        if site and plain(parts[-1]).lower() == plain(site).lower():
            text = text[: cuts[-1][0]]
        elif site and plain(parts[0]).lower() == plain(site).lower():
            text = text[cuts[0][1] :]
        elif (
            len(parts[-1]) < 40
            and len(text) - len(parts[-1]) > 25
            and "|" in text[cuts[-1][0] :][:3]
        ):
            text = text[: cuts[-1][0]]
        else:
            break
    return text.strip()


def _likeness(text: str, slug: str) -> float:
    """How far a text and a slug are made of the same letters, between 0 and 1."""
    one, other = _letters(text), _letters(slug)
    if not one or not other:
        return 0.0
    if one == other:
        return 1.0
    if len(other) > 60 and one.startswith(other[:-1]):
        return 0.95
    if not 0.5 < len(one) / len(other) < 2:
        return 0.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio() - 0.05


def with_number(address: Address, url: str, title: str, portal: Portal) -> Address:
    """The address with its number as part of the slug, where the title ends with that number.

    Only on a site that no file names: there nobody knows what the number behind a slug is.
    """
    number, slug = address.native_id, address.slug
    if not (portal.generic and number and slug and slugify(title).endswith(f"-{number}")):
        return address
    for whole in (f"{slug}-{number}", f"{slug}.{number}"):
        if whole in nfc(unquote(url)):
            return replace(address, slug=whole, native_id=None, space="main")
    return address


def slug_in(url: str, title: str) -> str | None:
    """The last part of an address that no pattern reads, where it was made of the title."""
    part = re.sub(r"\.\w{2,5}$", "", unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2])
    made = slugify(title)
    if made and re.fullmatch(re.escape(made) + r"(?:-\d{1,2})?", nfc(part).lower()):
        return nfc(part)
    return None


def _heads(text: str, document: str) -> bool:
    """True for a line of the page that is the document's title without the name of the site."""
    rest = document.removeprefix(text)
    return len(text) > 15 and rest != document and bool(_SEPARATOR.match(rest))


def _letters(text: str) -> str:
    bare = unicodedata.normalize("NFD", plain(text).lower())
    return "".join(c for c in bare if c.isalnum())


def stated_date(page: Page, zone: ZoneInfo) -> Found | None:
    """The date that the page states for programs, in its head or in JSON-LD."""
    data = linked_data(page.tree)
    for value, rule in (
        (page.meta("article:published_time"), "meta article:published_time"),
        (data.get("datePublished"), "JSON-LD datePublished"),
        (_itemprop(page), "itemprop datePublished"),
        (page.meta(*_DATE_NAMES), "meta pubdate"),
    ):
        if isinstance(value, str) and (moment := machine_date(value, zone)):
            return Found(moment, rule)
    return None


def _itemprop(page: Page) -> str | None:
    for element in page.select("[itemprop=datePublished]"):
        value = element.get("content") or element.get("datetime") or page.text_of(element)
        if value and value.strip():
            return str(value)
    return None


def timed(page: Page, found: Found | None, zone: ZoneInfo) -> Found | None:
    """A printed date with the time of day that its own `time` element states for programs."""
    if found is None or len(found.value) > len("2000-01-01"):
        return found
    for element in islice(page.tree.iter("time"), MOST_CANDIDATES):
        text = fold_blanks(clean(page.text_of(element, LONGEST_TITLE)))
        moment = machine_date(element.get("datetime") or "", zone)
        if text and text in found.rule and moment and moment.startswith(found.value):
            return Found(moment, f"time element: {text}")
    return found


def section(page: Page) -> Found | None:
    """The name of the section that the page states for programs."""
    stated = page.meta("article:section")
    if stated:
        return Found(stated, "meta article:section")
    named = linked_data(page.tree).get("articleSection")
    if isinstance(named, list) and len(named) == 1:
        named = named[0]
    if isinstance(named, str) and (name := fold_blanks(clean(named))):
        return Found(name, "JSON-LD articleSection") if len(name) < LONGEST_TITLE else None
    return None


def date_of_lines(lines: list[str], zone: ZoneInfo) -> Found | None:
    """The date of the first line that says when the article was published.

    lines: those between title and text; a page's clock stands before the title.
    """
    for number, line in enumerate(lines):
        after = lines[number + 1] if number + 1 < len(lines) else ""
        for text in (line, f"{line} {after}" if line.endswith(":") else ""):
            if 5 < len(text) < 200 and (moment := published_at(text, zone)):
                return Found(moment, f"line near the title: {text}")
    return None


def named_date(lines: list[str], zone: ZoneInfo) -> Found | None:
    """The date of lines that are known to be one; a weekday in front makes them no clock here."""
    bare = (_WEEKDAY.sub("", line) for line in lines)
    return date_of_lines([line for both in zip(lines, bare, strict=True) for line in both], zone)


def lines_of(block: Block) -> list[str]:
    """The lines of a block, then what they are made of.

    One that names its section or author by a link comes without links, too; one of several labels
    also label by label.
    """
    if len(block.links) > MOST_CANDIDATES:
        return block.text.split("\n")
    lines: list[str] = []
    for line in block.text.split("\n"):
        lines.append(line)
        rest = line
        for _, text in block.links:
            rest = rest.replace(text, " ", 1) if text else rest
        if block.links and rest.strip() and rest != line:
            lines.append(fold_blanks(rest).strip(" |,-–"))
        pieces = labelled_pieces(line)
        lines += pieces if len(pieces) > 1 else []
    return lines + block.parts


def labelled_date(lines: list[str], zone: ZoneInfo) -> Found | None:
    """The date of a line that says so itself («Ngày đăng: …»), wherever it stands."""
    return date_of_lines([line for line in lines if LABELLED.search(line)], zone)


def language(page: Page, text: str) -> str | None:
    """The language of the text: `vi` by its syllables, else what the page says of itself."""
    if is_vietnamese(text):
        return "vi"
    said = (
        page.tree.get("lang") or page.tree.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    )
    code = said.split("-")[0].strip().lower()
    return code if re.fullmatch(r"[a-z]{2,3}", code) and code != "vi" else None
