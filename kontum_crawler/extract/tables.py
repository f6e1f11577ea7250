"""Tables that hold figures, told from tables that only arrange a page."""

from kontum_crawler.extract.block import Block
from kontum_crawler.extract.foot import is_button
from kontum_crawler.extract.tags import Element

LONGEST_PASSAGE = 300
"""Characters from which several paragraphs in one cell are running text."""
WIDEST = 60
"""Columns of a table at most."""
PASSAGE = 80
"""Characters of a paragraph among others in one cell from which it is running text."""
LONGEST_CELL = 700
"""Characters of a cell at most, on average over the row's fullest, in a table of figures."""


def rows_of(table: Element) -> list[list[Element]]:
    """The rows of a table with their cells; rows of tables inside it are not among them."""
    rows: list[list[Element]] = []
    for child in table:
        if child.tag in ("tbody", "thead", "tfoot"):
            rows += rows_of(child)
        elif child.tag == "tr":
            rows.append(_cells(child))
        elif child.tag not in ("caption", "colgroup", "col") and isinstance(child.tag, str):
            rows.append([child])  # what stands loose in a broken table is shown like a row
    return rows


def _cells(row: Element) -> list[Element]:
    return [cell for cell in row if isinstance(cell.tag, str)]


def spread(rows: list[list[Element]], texts: list[list[str]]) -> list[list[str]]:
    """The texts of cells in their columns: a cell that spans several stands in each of them.

    HTML, section 4.9.12 (forming a table); spans beyond the last row and `WIDEST` are cut.
    """
    found: list[list[str]] = []
    hanging: dict[int, tuple[int, str]] = {}
    for number, (row, words) in enumerate(zip(rows, texts, strict=True)):
        line: list[str] = []
        for cell, text in zip(row, words, strict=True):
            _let_hang(line, hanging)
            down = min(_span(cell, "rowspan"), len(rows) - number)
            for _ in range(max(1, min(_span(cell, "colspan"), WIDEST - len(line)))):
                if down > 1:
                    hanging[len(line)] = (down - 1, text)
                line.append(text)
        _let_hang(line, hanging)
        found.append(line)
    return found


def _let_hang(line: list[str], hanging: dict[int, tuple[int, str]]) -> None:
    """Add the cells of rows above that reach down to the next columns."""
    while (held := hanging.pop(len(line), None)) is not None:
        left, text = held
        if left > 1:
            hanging[len(line)] = (left - 1, text)
        line.append(text)


def _span(cell: Element, name: str) -> int:
    value = (cell.get(name) or "").strip()
    return max(1, int(value)) if value.isascii() and value.isdigit() and len(value) < 4 else 1


def _stands_beside(filled: list[list[list[Block]]]) -> bool:
    """True where the only row of several cells sets a menu or a box beside a text.

    The head of an official document is such a row, too: an office and the nation's motto, each in
    short lines.
    """
    several = [row for row in filled if len(row) > 1]
    if len(several) != 1:
        return False
    if len(filled) == 1 and any(all(is_button(b.text) for b in cell) for cell in several[0]):
        return True
    passages = [cell for cell in several[0] if len(cell) > 1]
    if len(filled) == 1 and len(several[0]) > 2 and passages:
        return True
    return any(len(block.text) >= PASSAGE for cell in passages for block in cell)


def is_data_table(grid: list[list[list[Block]]]) -> bool:
    """True for rows and columns of short texts; the blocks of each cell are given.

    A layout table has one filled cell in most rows, or pictures, a table, running text or a heading
    with more below it in one.
    """
    filled = [[cell for cell in row if any(b.text for b in cell)] for row in grid]
    filled = [row for row in filled if row]
    if not filled or max(len(row) for row in filled) < 2:
        return False
    if 2 * sum(1 for row in filled if len(row) > 1) < len(filled):
        return False
    cells = [cell for row in filled for cell in row]
    if any(len(cell) > 1 and sum(len(b.text) for b in cell) > LONGEST_PASSAGE for cell in cells):
        return False
    if any(block.kind == "table" for cell in cells for block in cell):
        return False
    if any(len(cell) > 1 and any(b.kind == "heading" for b in cell) for cell in cells):
        return False
    if _stands_beside(filled):
        return False
    pictures = sum(1 for row in grid for cell in row for block in cell if block.images)
    if pictures and 2 * pictures >= len(cells):
        return False
    longest = max(sum(len(block.text) for block in cell) for cell in cells)
    if longest > LONGEST_CELL and len(filled) < 4:
        return False
    total = sum(len(block.text) for cell in cells for block in cell)
    return not (longest * 2 > total and longest > LONGEST_CELL)
