"""Which layout of a portal a page has.

The selectors decide. Where two layouts fit equally well, their days do: those of the layout that
hold the day which the page states as its article's.
"""

from datetime import date
from zoneinfo import ZoneInfo

from kontum_crawler.extract.dates import machine_date, published_at
from kontum_crawler.extract.head import stated_date
from kontum_crawler.extract.layout import texts
from kontum_crawler.extract.page import Page
from kontum_crawler.portals import Layout

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def fitting(page: Page, layouts: tuple[Layout, ...], zone: ZoneInfo = VIETNAM) -> Layout | None:
    """The layout whose selectors fit the page best; None where no body or title is found.

    Of those that fit equally well one whose days hold the page's wins, then the one listed first.
    zone: of the dates that the page prints.
    """
    points = {id(layout): _points(page, layout) for layout in layouts}
    most = max(points.values(), default=0)
    if not most:
        return None
    best = [layout for layout in layouts if points[id(layout)] == most]
    if len(best) > 1 and any(layout.since or layout.until for layout in best):
        holding = [layout for layout in best if _holds(page, layout, zone)]
        best = holding or best
    return best[0]


def _points(page: Page, layout: Layout) -> int:
    if layout.fits and not all(page.select(selector) for selector in layout.fits):
        return 0
    body = any(page.select(rule) for rule in layout.body)
    title = any(next(texts(page, rule), None) is not None for rule in layout.title)
    return 2 * body + title + 2 * bool(layout.fits)


def _holds(page: Page, layout: Layout, zone: ZoneInfo) -> bool:
    """True for a layout without days, and for one in whose days the page's falls."""
    if not (layout.since or layout.until):
        return True
    day = _day_by(page, layout, zone)
    return day is not None and layout.holds(day)


def _day_by(page: Page, layout: Layout, zone: ZoneInfo) -> date | None:
    """The day of the article: by the layout's own rules, as stated for programs, or printed."""
    for rule in layout.published_at:
        for text in texts(page, rule):
            if moment := machine_date(text, zone) or published_at(text, zone):
                return date.fromisoformat(moment[:10])
    if stated := stated_date(page, zone):
        return date.fromisoformat(stated.value[:10])
    for block in page.blocks:
        if len(block.text) < 90 and (moment := published_at(block.text, zone)):
            return date.fromisoformat(moment[:10])
    return None
