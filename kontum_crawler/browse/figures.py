"""Plots as inline SVG. Each stands beside a table of the same figures, so it is hidden from readers
of the page by ear, and it names no font, colour or address of its own: the style sheet does.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from html import escape
from math import log1p

from markupsafe import Markup

CELL = 13
STEPS = 4
TOP = 16
MOST_BARS = 400
"""Columns of a plot; more are drawn as sums of neighbours."""


def bars(counts: Sequence[tuple[str, int]], height: int = 80, width: int = 640) -> Markup:
    """A column for each (label, count), in order."""
    if not counts:
        return Markup("")
    counts = _gathered(counts)
    top = max(count for _, count in counts) or 1
    step = width / len(counts)
    wide = min(max(step - 1, 0.8), 40)
    columns = []
    for place, (label, count) in enumerate(counts):
        tall = round(count / top * (height - 2), 1)
        columns.append(
            f'<rect class="bar" x="{place * step:.1f}" y="{height - tall:.1f}"'
            f' width="{wide:.1f}" height="{tall:.1f}">'
            f"<title>{escape(label)}: {count}</title></rect>"
        )
    return _plot(width, height, "".join(columns), counts[0][0], counts[-1][0], top)


def shares(counts: Sequence[tuple[str, int, int]], height: int = 110, width: int = 640) -> Markup:
    """A column for each (label, whole, part), in order; the part stands before the whole."""
    if not counts:
        return Markup("")
    top = max(whole for _, whole, _ in counts) or 1
    step = width / len(counts)
    wide = max(step * 0.94, 0.8)
    columns = []
    for place, (label, whole, part) in enumerate(counts):
        title = f"<title>{escape(label)}: {part} / {whole}</title>"
        for kind, count in (("whole", whole), ("bar", part)):
            tall = round(count / top * (height - 2), 1)
            columns.append(
                f'<rect class="{kind}" x="{place * step:.1f}" y="{height - tall:.1f}"'
                f' width="{wide:.1f}" height="{tall:.1f}">{title}</rect>'
            )
    return _plot(width, height, "".join(columns), counts[0][0], counts[-1][0], top)


def line(points: Sequence[tuple[str, int]], height: int = 120, width: int = 640) -> Markup:
    """A curve that only grows, filled to the ground: how many there were at each label."""
    if len(points) < 2:
        return Markup("")
    top = max(count for _, count in points) or 1
    step = width / (len(points) - 1)
    corners = " ".join(
        f"{place * step:.1f},{height - count / top * (height - 4):.1f}"
        for place, (_, count) in enumerate(points)
    )
    ground = f"0,{height} {corners} {width},{height}"
    shape = f'<polygon class="area" points="{ground}"/><polyline class="line" points="{corners}"/>'
    return _plot(width, height, shape, points[0][0], points[-1][0], top)


def heat_map(counts: Mapping[str, int], year: int, href: str, language: str) -> Markup:
    """A year of days, a column a week from Monday, shaded by the logarithm of the count.

    counts: ISO day to number of articles; href: address of a day with `{day}` in it.
    """
    first = date(year, 1, 1)
    shift = first.weekday()
    top = log1p(max(counts.values(), default=0)) or 1.0
    cells = []
    for offset in range((date(year + 1, 1, 1) - first).days):
        today = first + timedelta(days=offset)
        day = today.isoformat()
        week, weekday = divmod(offset + shift, 7)
        if today.day == 1:
            name = f"T{today.month}" if language == "vi" else f"{today:%b}"
            cells.append(f'<text x="{(week + (weekday > 0)) * CELL}" y="11">{name}</text>')
        count = counts.get(day, 0)
        shade = min(STEPS, 1 + int(log1p(count) / top * STEPS * 0.999)) if count else 0
        square = (
            f'<rect class="heat heat{shade}" x="{week * CELL}" y="{TOP + weekday * CELL}"'
            f' width="{CELL - 2}" height="{CELL - 2}" rx="2">'
            f"<title>{day}: {count}</title></rect>"
        )
        if count:
            link = escape(href.format(day=day))
            square = f'<a href="{link}" tabindex="-1">{square}</a>'
        cells.append(square)
    return _svg(54 * CELL, TOP + 7 * CELL, "".join(cells), "year", "")


def _gathered(counts: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    size = -(-len(counts) // MOST_BARS)
    groups = (counts[at : at + size] for at in range(0, len(counts), size))
    return [
        (
            group[0][0] if len(group) == 1 else f"{group[0][0]} – {group[-1][0]}",
            sum(count for _, count in group),
        )
        for group in groups
    ]


def _plot(width: int, height: int, shape: str, first: str, last: str, top: int) -> Markup:
    """The figure with the ends of its axis and its highest value in words."""
    svg = _svg(width, height, shape, "plot", ' preserveAspectRatio="none"')
    ends = f"<span>{escape(first)}</span><span>↑ {top}</span><span>{escape(last)}</span>"
    return svg + Markup(f'<p class="axis" aria-hidden="true">{ends}</p>')


def _svg(width: int, height: int, inside: str, kind: str, more: str) -> Markup:
    # Numbers of ours and escaped labels only, so the template may take it as it is.
    return Markup(
        f'<svg class="figure {kind}" viewBox="0 0 {width} {height}" aria-hidden="true"'
        f' focusable="false"{more}>{inside}</svg>'
    )
