"""A block: a paragraph, list, table or picture, with what its markup says of it."""

from dataclasses import dataclass, field

from kontum_crawler.extract.tags import Element


@dataclass(slots=True)
class Block:
    """One block. `raw` keeps runs of blanks (a byline may stand behind one); `text` does not.

    kind: text, heading, list, table, picture or caption. links: references in the block with their
    texts. linked: characters of the text that are links. rows: cells of a table.
    """

    text: str
    raw: str = ""
    kind: str = "text"
    bold: bool = False
    italic: bool = False
    align: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)
    linked: int = 0
    images: list[Element] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    element: Element | None = None
    film: bool = False
