"""Tables of figures keep their columns, however cells span them."""

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from kontum_crawler.extract.blocks import blocks
from kontum_crawler.extract.tables import WIDEST


def rows_of(html: str) -> list[list[str]]:
    root = etree.fromstring(f"<html><body>{html}</body></html>", etree.HTMLParser())
    (table,) = [block for block in blocks([root]) if block.kind == "table"]
    return table.rows


def test_a_cell_that_spans_columns_and_rows_stands_in_each() -> None:
    found = rows_of(
        "<table><tr><th rowspan=2>STT</th><th colspan=2>Vị trí</th><th rowspan=2>Ghi chú</th></tr>"
        "<tr><th>Tên</th><th>Số</th></tr>"
        "<tr><td>1</td><td>Bác sĩ</td><td>3</td><td>x</td></tr></table>"
    )
    assert found == [
        ["STT", "Vị trí", "Vị trí", "Ghi chú"],
        ["STT", "Tên", "Số", "Ghi chú"],
        ["1", "Bác sĩ", "3", "x"],
    ]


def test_the_text_has_each_cell_once() -> None:
    root = etree.fromstring(
        "<table><tr><td colspan=2>Hai</td><td>Ba</td></tr>"
        "<tr><td>a</td><td>b</td><td>c</td></tr></table>",
        etree.HTMLParser(),
    )
    assert [block.text for block in blocks([root])] == ["Hai\tBa\na\tb\tc"]


SPAN = st.one_of(st.integers(-2, 5).map(str), st.sampled_from(["", "x", "99999", "999", "٣"]))
CELLS = st.lists(st.lists(st.tuples(SPAN, SPAN), min_size=2, max_size=5), min_size=2, max_size=6)


@given(CELLS)
def test_no_span_loses_a_cell_or_makes_a_giant(grid: list[list[tuple[str, str]]]) -> None:
    words = [f"{row}.{cell}" for row, cells in enumerate(grid) for cell in range(len(cells))]
    left = iter(words)
    markup = "".join(
        "<tr>"
        + "".join(f"<td rowspan='{down}' colspan='{over}'>{next(left)}</td>" for down, over in row)
        + "</tr>"
        for row in grid
    )
    found = rows_of(f"<table>{markup}</table>")
    assert len(found) == len(grid)
    assert all(len(row) <= WIDEST + len(words) for row in found)
    assert {word for row in found for word in row} == set(words)
