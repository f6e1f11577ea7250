"""Bytes and a portal in, an article out, with the rule that found each field.

Where a layout of the portal fits the page, its rules go first; what they do not find is filled in
field by field by the finder for unknown pages.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from kontum_crawler import urls
from kontum_crawler.errors import NotArticle
from kontum_crawler.extract import beside, generic, head, region
from kontum_crawler.extract import layout as layouts
from kontum_crawler.extract.block import Block
from kontum_crawler.extract.blocks import blocks
from kontum_crawler.extract.body import Body, read_body
from kontum_crawler.extract.bylines import read_byline
from kontum_crawler.extract.citations import citations
from kontum_crawler.extract.dates import machine_date, published_at
from kontum_crawler.extract.escaped import unescaped
from kontum_crawler.extract.family import detect
from kontum_crawler.extract.foot import is_stand
from kontum_crawler.extract.gates import Gates
from kontum_crawler.extract.layout import Found
from kontum_crawler.extract.looks import fitting
from kontum_crawler.extract.media import files_in, take_files
from kontum_crawler.extract.page import Page
from kontum_crawler.extract.signature import (
    LONGEST,
    names_source,
    read_above,
    read_dated,
    read_line,
    read_named,
)
from kontum_crawler.extract.tags import Element
from kontum_crawler.items import Article, Attachment, Byline
from kontum_crawler.portals import Address, Layout, Portal
from kontum_crawler.portals.loading import of_family
from kontum_crawler.text import nfc, slugify

PLAIN = Layout("generic")
MOST_LINES = 12
"""Lines between title and text among which the date is looked for."""
NEAR_THE_END = 3
"""Blocks behind the text among which its author is named."""
MOST_CITING = 200_000
"""Characters of a field in which citations are looked for; no article is as long."""


@dataclass(slots=True)
class Seen:
    """Everything that was seen in a page: the article, or why it is none."""

    url: str
    portal: str
    family: str | None = None
    layout: str | None = None
    article: Article | None = None
    problem: str | None = None
    kind: str | None = None
    marks: list[str] = field(default_factory=list)


def extract(
    payload: bytes, *, url: str, portal: Portal, content_type: str | None = None
) -> Article:
    """Read the article of a page.

    Raises NotArticle, with its kind, for a page without title or text of an article.
    """
    page = Page(payload, url, content_type)
    Gates(page).check()
    return read(page, portal)


def examine(payload: bytes, *, url: str, portal: Portal, content_type: str | None = None) -> Seen:
    """As `extract`, but tells what was seen, also where nothing was found; never raises."""
    seen = Seen(url=url, portal=portal.key, family=portal.family)
    try:
        page = Page(payload, url, content_type)
        seen.family = portal.family or detect(page, url)
        seen.marks = page.marks
        Gates(page).check()
        seen.article = read(page, portal)
        seen.layout = seen.article.rules.get("layout")
    except NotArticle as reason:
        seen.kind, seen.problem = reason.kind, f"{reason.kind}: {reason}"
    return seen


def read(page: Page, portal: Portal) -> Article:
    """The article of a parsed page. Raises NotArticle as `extract` does."""
    address = portal.address(page.url) or Address("other")
    return _Reading(page, portal, address).article()


def _lines_to(part: list[Block], closely: int) -> Iterator[str]:
    """The lines of blocks; of the first so many also what they are made of, which takes longer."""
    for number, block in enumerate(part):
        yield from head.lines_of(block) if number < closely else block.text.split("\n")


class _Reading:
    """One page being read; each step fills in what the steps after it need."""

    def __init__(self, page: Page, portal: Portal, address: Address) -> None:
        self.page, self.portal, self.address = page, portal, address
        known = portal.layouts
        if not known and (name := detect(page, page.url)):
            known = of_family(name, portal.hosts[0]).layouts
        self.layout = fitting(page, known, portal.zone) or PLAIN
        self.rules: dict[str, str] = {"layout": self.layout.name}
        self.title = ""
        self.elements: list[Element] = []

    def article(self) -> Article:
        title = self.title = self._title()
        self.address = head.with_number(self.address, self.page.url, title, self.portal)
        found = self._blocks()
        lead = layouts.first(self.page, "lead", self.layout.lead)
        if lead:
            self.rules["lead"] = lead.rule
        body = read_body(
            found,
            page=self.page,
            portal=self.portal,
            layout=self.layout,
            title=title,
            lead=lead.value if lead else None,
        )
        self.rules |= body.rules
        self._attach(body)
        self._line_below(found, body)
        if not (body.body or body.lead or body.attachments or body.images):
            raise NotArticle("empty", f"the page has a title («{title}») and no text")
        self._sign(body)
        return self._written(title, body)

    def _title(self) -> str:
        found = layouts.first(self.page, "title", self.layout.title)
        found = found or head.title(self.page, self.address.slug)
        if found is None:
            raise NotArticle("no-title", "the page has no title")
        self.rules["title"] = found.rule
        return nfc(found.value)

    def _blocks(self) -> list[Block]:
        found, rule = layouts.elements(self.page, self.layout.body)
        dropped: set[Element] = set()
        for selector in self.layout.remove:
            dropped.update(e for e in self.page.select(selector) if not isinstance(e, str))
        if found:
            self.rules["body"] = f"layout.body: {rule}"
            found = [*found, *layouts.spilt(found)]
            dropped |= layouts.boxes(self.page, found)
        else:
            return self._generic_blocks(dropped)
        self.elements = found
        result = self._markup_of(blocks(found, dropped))
        pictures, _ = layouts.elements(self.page, self.layout.images)
        return [*blocks(pictures), *result]

    def _generic_blocks(self, dropped: set[Element]) -> list[Block]:
        """What the finder for unknown pages takes for the text; without prose, the article part."""
        main = generic.find(self.page, self.page.url)
        part = self.part
        if main is not None:
            chosen = region.widened(main.elements)
            found = blocks(chosen, dropped | main.dropped)
            if part:
                found = region.completed(found, part, blocks(chosen, dropped))
            if found:
                self.rules["body"] = main.rule
                self.elements = chosen
                return self._markup_of(found)
        if not any(block.text or block.images for block in part):
            raise NotArticle("empty", "the page has no running text")
        while part and is_stand(part[-1].text):
            part = part[:-1]
        self.rules["body"] = "all between the title and the foot"
        return self._markup_of([replace(block) for block in part])

    def _markup_of(self, result: list[Block]) -> list[Block]:
        if again := unescaped(result):
            self.rules["body"] += ", un-escaped"
            result = again
        return result

    @property
    def whole(self) -> list[Block]:
        return self.page.blocks

    @cached_property
    def part(self) -> list[Block]:
        """The blocks between title and foot, once the title is known; nobody changes them."""
        return region.article_part(self.whole, self.title)

    def _attach(self, body: Body) -> None:
        boxes, _ = layouts.elements(self.page, self.layout.attachments)
        found: dict[str, Attachment] = {}
        for file in [*files_in(boxes, self.page), *body.attachments, *self._files_below()]:
            found.setdefault(file.url, file)
        body.attachments = list(found.values())

    def _files_below(self) -> list[Attachment]:
        """Files of the article part outside the text, on a page that no rule knows."""
        if self.layout.body:
            return []
        return take_files(self.part, self.page)[1]

    def _line_below(self, found: list[Block], body: Body) -> None:
        """The line that signs the article, where the finder left it out of the text."""
        if self.layout.body or not found:
            return
        part = self.part
        for block in region.below(self.whole, found[-1])[:NEAR_THE_END]:
            parts = read_line(block)
            if parts and (parts.authors or parts.unit) and not body.signed.line:
                parts.source = parts.source or body.signed.source
                body.signed, self.rules["byline"] = parts, "line below the text"
            elif parts and parts.source and names_source(block) and not body.signed.source:
                body.signed.source, self.rules["source"] = parts.source, "line below the text"
            elif block.text:
                break
        if not body.signed.line:
            self._box_below(found, body)
        if not body.signed.line:
            self._line_above(part, body)

    def _box_below(self, found: list[Block], body: Body) -> None:
        """Who is named in an element of its own behind the text, before its source."""
        texts = body.body.split("\n")
        last = next(
            (b for b in reversed(found) if b.text and b.text.split("\n")[-1] in texts), None
        )
        for block in region.below(self.whole, last)[:NEAR_THE_END] if last else ():
            parts = read_named(block)
            if parts and parts.authors:
                parts.source = parts.source or body.signed.source
                body.signed, self.rules["byline"] = parts, "element below the text"
                return

    def _line_above(self, part: list[Block], body: Body) -> None:
        """A line between title and text that a label or the name of its element gives an author."""
        start = body.body.split("\n")[0]
        for block in part[: region.NEAR]:
            if body.lead and region.same_text(block.text, body.lead):
                continue
            if len(block.text) > LONGEST or (block.text and block.text.startswith(start[:80])):
                return
            parts = read_above(block) or self._dated(block)
            if parts and parts.authors:
                parts.source = parts.source or body.signed.source
                body.signed, self.rules["byline"] = parts, "line above the text"
                return

    def _dated(self, block: Block) -> Byline | None:
        """Who is named beside the date; sections, which stand there too, are links elsewhere."""
        parts = read_dated(block)
        if parts is None:
            return None
        path = urls.path_and_query(self.page.url).lower()
        section = any(slugify(name) in path for name in parts.authors)
        if section or not head.sections(self.page).isdisjoint(parts.authors):
            return None
        return parts

    def _sign(self, body: Body) -> None:
        """Fields of the CMS go before the last line of the text, but for those named behind it."""
        rules = self.layout.byline
        if body.signed.line and "last-line" in rules:
            rules = rules[: rules.index("last-line")]
        byline = layouts.first(self.page, "byline", rules, self.elements)
        if byline and (parts := read_byline(f"Tác giả: {byline.value}")):
            parts.line = byline.value
            parts.source = parts.source or body.signed.source
            body.signed, self.rules["byline"] = parts, byline.rule
        source = layouts.first(self.page, "source", self.layout.source, self.elements)
        if source:
            parts = read_byline(f"Nguồn: {source.value}") or Byline()
            body.signed.source = parts.source or source.value
            self.rules["source"] = source.rule

    def _date(self, title: str, body: Body) -> str | None:
        zone = self.portal.zone
        for rule in self.layout.published_at:
            for text in layouts.texts(self.page, rule, self.elements):
                if moment := machine_date(text, zone) or published_at(text, zone):
                    self.rules["published_at"] = f"layout.published_at: {rule}"
                    return moment
        found = head.stated_date(self.page, zone) or head.timed(
            self.page, self._printed_date(title, body), zone
        )
        if found:
            self.rules["published_at"] = found.rule
        return found.value if found else None

    def _printed_date(self, title: str, body: Body) -> Found | None:
        zone = self.portal.zone
        if body.date_line and (found := head.date_of_lines([body.date_line], zone)):
            return found
        part = self.part
        lead, start = (text.split("\n")[0][:80] for text in (body.lead or "", body.body))
        lines: list[str] = []
        with_title = region.title_lines(self.whole, title)
        for line in (*with_title, *_lines_to(part, MOST_LINES)):
            if (start and start in line) or (len(line) > 160 and not (lead and lead in line)):
                break
            lines.append(line)
        else:
            lines = []
        found = head.date_of_lines(lines[:MOST_LINES], zone)
        found = found or head.named_date(beside.dates_below(self.whole, title), zone)
        found = found or head.date_of_lines(beside.date_above(self.whole, title), zone)
        below = [line for block in part[-6:] for line in head.lines_of(block)]
        return found or head.labelled_date(below, zone)

    def _category(self) -> str | None:
        found = layouts.first(self.page, "category", self.layout.category)
        if found:
            self.rules["category"] = found.rule
            return found.value
        if section := head.section(self.page):
            self.rules["category"] = section.rule
            return section.value
        if self.layout.category:
            return None
        end = region.title_end(self.whole, self.title) or 0
        if path := beside.category(self.whole, end, self.title):
            self.rules["category"] = "last step of the path above the title"
        elif path := beside.labelled_section(self.part):
            self.rules["category"] = "label near the title"
        return path

    def _tags(self) -> list[str]:
        found, rule = layouts.each(self.page, "tags", self.layout.tags)
        if not found:
            found = list(
                dict.fromkeys(self.page.texts("meta[property='article:tag']::attr(content)"))
            )
            rule = "meta article:tag"
        if (
            not found
            and not self.layout.tags
            and (start := region.title_end(self.whole, self.title))
        ):
            found, rule = beside.keywords(self.whole, start), "line of keywords"
        if found:
            self.rules["tags"] = rule
        return found

    def _written(self, title: str, body: Body) -> Article:
        signed = body.signed
        lead = nfc(body.lead) if body.lead else None
        named = self.address.slug or head.slug_in(self.page.url, title)
        slug = named or slugify(title)
        self.rules["slug"] = "address" if named else "made from the title"
        article = Article(
            portal=self.portal.key,
            slug=slug or self.address.native_id or "trang",
            url=self.page.url,
            title=title,
            native_id=self.address.native_id,
            lead=lead,
            body=body.body,
            byline=signed.line,
            authors=signed.authors,
            unit=signed.unit,
            source=signed.source,
            photo_by=signed.photo_by,
            category=self._category(),
            tags=self._tags(),
            published_at=self._date(title, body),
            attachments=body.attachments,
            images=body.images,
            tables=body.tables,
            marks=self.page.marks,
            rules=self.rules,
        )
        text = f"{title} {lead or ''} {article.body}"
        article.lang = head.language(self.page, text) or self.portal.other_lang
        for name in ("title", "lead", "body"):
            article.citations += citations(name, (getattr(article, name) or "")[:MOST_CITING])
        return article
