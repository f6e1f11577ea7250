"""What an article of the sample portal is made of, before any markup.

A story is a list of blocks; its truth and its page are two renderings of that one list, so the
truth never comes from HTML. Text carries four marks: `{{…}}` a cited document, `**…**` bold,
`^…^` a superscript, `[[words|address]]` a link.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

MARK = re.compile(r"\{\{(.+?)\}\}|\*\*(.+?)\*\*|\^(.+?)\^|\[\[(.+?)\|(.+?)\]\]", re.S)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One block of running text; a newline in it is a single line break."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list; each line is an item."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; the first row is the heading."""

    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the article; its caption, credit included, is no part of the body."""

    file: str
    caption: str | None = None
    credit: str | None = None


Block = Paragraph | Items | Table | Picture


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs. `lines` as printed; `place` is own, glued (after the last sentence) or none."""

    lines: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    unit: str | None = None
    source: str | None = None
    photo_by: tuple[str, ...] = ()
    place: str = "own"

    @property
    def line(self) -> str | None:
        """The byline as one text, None where nobody signs."""
        return "\n".join(self.lines) or None


@dataclass(frozen=True, slots=True)
class Story:
    """One article as its editor wrote it.

    `dated` stories show day of publication, lead, category and tags on their page; the others, as
    on the real KKT pages, do not. `style` names the markup of the body, `form` the Unicode normal
    form in which the page is written, `posted` is Vietnamese time. `second_id` is another address
    under which the CMS keeps the same text.
    """

    id: int
    slug: str
    title: str
    blocks: tuple[Block, ...]
    category: str
    posted: datetime
    modified: datetime
    dated: bool = False
    lead: str | None = None
    signature: Signature = field(default_factory=Signature)
    tags: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    style: str = "p"
    form: str = "NFC"
    encoding: str = "utf-8"
    second_id: int | None = None
    trait: str | None = None
    old: bool = False
    unlisted: bool = False
    revision: int = 1

    @property
    def body(self) -> str:
        """The body as an archive should hold it: blocks of plain text, a blank line between."""
        return "\n\n".join(text for text in map(block_text, self.blocks) if text)

    @property
    def pictures(self) -> list[Picture]:
        """The pictures, in the order of the page."""
        return [block for block in self.blocks if isinstance(block, Picture)]

    @property
    def citations(self) -> list[str]:
        """The cited documents as quoted in lead and body, in the order of the text."""
        return [quote for text in self._texts() for quote in cited(text)]

    def _texts(self) -> Iterator[str]:
        yield self.title
        yield self.lead or ""
        for block in self.blocks:
            if isinstance(block, Paragraph):
                yield block.text
            elif isinstance(block, Items):
                yield from block.lines
            elif isinstance(block, Table):
                yield from (cell for row in block.rows for cell in row)


def cited(marked: str) -> list[str]:
    """The documents that a marked text cites."""
    return [found[1] for found in re.finditer(r"\{\{(.+?)\}\}", marked, re.S)]


def words(marked: str) -> str:
    """A marked text without its marks."""
    return MARK.sub(lambda m: m[1] or m[2] or m[3] or m[4], marked)


def block_text(block: Block) -> str:
    """One block as plain text; empty for a picture."""
    if isinstance(block, Paragraph):
        return words(block.text)
    if isinstance(block, Items):
        return "\n".join(f"- {words(line)}" for line in block.lines)
    if isinstance(block, Table):
        return "\n".join("\t".join(words(cell) for cell in row) for row in block.rows)
    return ""


def slug_of(title: str) -> str:
    """The slug that the CMS makes of a title: no accents, lower case, curly quotes kept."""
    bare = unicodedata.normalize("NFD", words(title).replace("Đ", "D").replace("đ", "d"))
    kept = "".join(c for c in bare.lower() if c.isascii() or c in "“”–")
    return "-".join(re.findall(r"[a-z0-9“”]+", re.sub(r"[^\sa-z0-9“”–-]", "", kept)))


def blocks_of(text: str) -> tuple[Block, ...]:
    """Read blocks from the plain form in which stories are kept.

    A blank line ends a block; lines that begin with `- ` (two or more) are a list, with `| ` a
    table, with `! ` a picture (`! file | caption | credit`); anything else is a paragraph.
    """
    return tuple(_block(part.strip("\n")) for part in re.split(r"\n\s*\n", text.strip()))


def _block(part: str) -> Block:
    lines = part.split("\n")
    if len(lines) > 1 and all(line.startswith("- ") for line in lines):
        return Items(tuple(line[2:] for line in lines))
    if part.startswith("| "):
        return Table(tuple(tuple(c.strip() for c in line[1:].split(" | ")) for line in lines))
    if part.startswith("! "):
        file, caption, credit, *_ = *(piece.strip() for piece in part[2:].split("|")), "", ""
        return Picture(file, caption or None, credit or None)
    return Paragraph(part)
