"""A block: a paragraph, list, table or picture, with what its markup says of it."""

from dataclasses import dataclass, field
from itertools import islice

from kontum_crawler.extract.tags import Element

LONGEST_LINE = 200
MOST_PARTS = 12
LABELS = frozenset(("span", "time", "a", "i", "em", "b", "strong", "small", "label", "font"))


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

    def _has_children(self) -> bool:
        return self.element is not None and next(iter(self.element), None) is not None

    @property
    def parts(self) -> list[str]:
        """Texts of the inline elements that make a short block, as the line of date and author.

        A style sheet may part what has no blank between it in the source.
        """
        if self.element is None or not self.text or len(self.text) > LONGEST_LINE:
            return []
        parent = self.element.getparent()
        within = self.element if self._has_children() or parent is None else parent
        labels = (one for one in islice(within, MOST_PARTS) if one.tag in LABELS)
        texts = (short_text(one, LONGEST_LINE) for one in labels)
        return [text for text in texts if text and text in self.text]


def short_text(element: Element, most: int) -> str:
    """The text of an element, blanks folded; empty where it has more characters than `most`.

    No more of it is read than that.
    """
    pieces: list[str] = []
    size = 0
    for piece in map(str, element.itertext()):
        words = piece.split()
        size += sum(map(len, words))
        if size > most:
            return ""
        pieces.append(piece)
    return " ".join("".join(pieces).split())
