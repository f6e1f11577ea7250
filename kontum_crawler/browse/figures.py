"""Plots as inline SVG. Each stands beside a table of the same figures, so it is hidden from readers
of the page by ear, and it names no font, colour or address of its own: the style sheet does.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from math import log1p
from xml.sax.saxutils import escape, quoteattr

CELL = 13
STEPS = 4


def bars(counts: Sequence[tuple[str, int]], height: int = 80, width: int = 640) -> str:
    """A column for each (label, count), in order; at most a few hundred columns."""
    if not counts:
        return ""
    top = max(count for _, count in counts) or 1
    step = width / len(counts)
    columns = []
    for place, (label, count) in enumerate(counts):
        tall = round(count / top * (height - 2), 1)
        columns.append(
            f'<rect class="bar" x="{place * step:.1f}" y="{height - tall:.1f}"'
            f' width="{max(step - 1, 0.8):.1f}" height="{tall:.1f}">'
            f"<title>{escape(label)}: {count}</title></rect>"
        )
    return _svg(width, height, "".join(columns))


def line(points: Sequence[tuple[str, int]], height: int = 120, width: int = 640) -> str:
    """A curve that only grows, filled to the ground: how many there were at each label."""
    if len(points) < 2:
        return ""
    top = max(count for _, count in points) or 1
    step = width / (len(points) - 1)
    corners = " ".join(
        f"{place * step:.1f},{height - count / top * (height - 4):.1f}"
        for place, (_, count) in enumerate(points)
    )
    ground = f"0,{height} {corners} {width},{height}"
    shape = f'<polygon class="area" points="{ground}"/><polyline class="line" points="{corners}"/>'
    return _svg(width, height, shape)


def heat_map(counts: Mapping[str, int], year: int, href: str) -> str:
    """A year of days, a column a week from Monday, shaded by the logarithm of the count.

    counts: ISO day to number of articles; href: address of a day with `{day}` in it.
    """
    first = date(year, 1, 1)
    shift = first.weekday()
    top = log1p(max(counts.values(), default=0)) or 1.0
    cells = []
    for offset in range((date(year + 1, 1, 1) - first).days):
        day = (first + timedelta(days=offset)).isoformat()
        week, weekday = divmod(offset + shift, 7)
        count = counts.get(day, 0)
        shade = min(STEPS, 1 + int(log1p(count) / top * STEPS * 0.999)) if count else 0
        square = (
            f'<rect class="heat heat{shade}" x="{week * CELL}" y="{weekday * CELL}"'
            f' width="{CELL - 2}" height="{CELL - 2}" rx="2">'
            f"<title>{day}: {count}</title></rect>"
        )
        if count:
            link = quoteattr(href.format(day=day))
            square = f'<a href={link} tabindex="-1">{square}</a>'
        cells.append(square)
    return _svg(54 * CELL, 7 * CELL, "".join(cells))


def _svg(width: int, height: int, inside: str) -> str:
    return (
        f'<svg class="figure" viewBox="0 0 {width} {height}" aria-hidden="true" focusable="false"'
        f' preserveAspectRatio="none">{inside}</svg>'
    )
