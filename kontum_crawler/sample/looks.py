"""The looks of the portal: what stands around an article or a list of links.

Layout 1 is a div soup of the early 2010s, layout 2 the portal after a relaunch. No class name
says what it holds, as on many real sites of that time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from . import days, markup
from .shelf import categories
from .story import Story

SITE = "Ban Quản lý Khu kinh tế tỉnh Kon Tum"
ELEMENTS = {
    1: {
        "title": ("div", "td_ct"),
        "published_at": ("div", "ngg"),
        "lead": ("div", "tt_st"),
        "body": ("div", "nd_pr"),
        "byline": ("div", "kx"),
        "category": ("div", "ddn"),
        "tags": ("div", "tkk"),
    },
    2: {
        "title": ("h2", "x-hd"),
        "published_at": ("span", "x-t"),
        "lead": ("p", "x-sm"),
        "body": ("section", "x-c1"),
        "byline": ("p", "x-sg"),
        "category": ("nav", "x-bc"),
        "tags": ("p", "x-kw"),
    },
}


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a list: address as it stands in the page, and its words."""

    href: str
    words: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page shows around its own part."""

    layout: int
    clock: str
    visits: int
    latest: tuple[Link, ...]
    quick: tuple[Link, ...]
    rename: frozenset[str] = frozenset()
    drop: frozenset[str] = frozenset()

    def element(self, field: str, html: str) -> str:
        """One field of an article in its element, unless that field is not printed any more."""
        if field in self.drop:
            return ""
        tag, name = ELEMENTS[self.layout][field]
        if field in self.rename:
            tag, name = ("section" if tag == "div" else "div"), f"{name}_moi2"
        return f'<{tag} class="{name}">{html}</{tag}>\n'

    def page(self, title: str, part: str, charset: str = "utf-8") -> str:
        """A whole page around its own part."""
        build = _frame_2 if self.layout == 2 else _frame_1
        head = (
            f'<meta http-equiv="Content-Type" content="text/html; charset={charset}" />\n'
            f"<title>{escape(title, quote=False)}</title>\n"
            '<link rel="stylesheet" type="text/css" href="/css/style.css" />\n'
            f'<link rel="alternate" type="application/rss+xml" title="{SITE}" href="/rss.xml" />\n'
        )
        return build(self, head, part)


def links(entries: Iterable[Link], name: str = "ds") -> str:
    """A list of links."""
    rows = "\n".join(
        f'<li><a href="{escape(link.href)}">{escape(link.words, quote=False)}</a></li>'
        for link in entries
    )
    return f'<ul class="{name}">\n{rows}\n</ul>\n'


def article(frame: Frame, story: Story, extra: "Extra") -> str:
    """The page of one article, texts in the order in which the real pages have them."""
    title = escape(story.title, quote=False)
    content = markup.body(story)
    if "byline" in frame.rename | frame.drop:
        content = _without_byline(frame, story, content)
    parts = [
        f'<div class="ptg">{escape(story.slug, quote=False)}</div>\n',
        frame.element("category", _crumbs(extra.category)) if story.dated else "",
        frame.element("title", title),
        f'<div class="sm0"><b>{title}</b></div>\n',
        '<div class="loai">Article</div>\n',
    ]
    if story.dated:
        parts.append(frame.element("published_at", f"Ngày đăng: {days.printed(story.posted)}"))
        parts.append(
            frame.element("lead", f"<b>{markup.inline(story.lead or '')}</b>") if story.lead else ""
        )
    parts += [
        frame.element("body", f"\n{content}\n"),
        _files(extra.files),
        frame.element("tags", "Từ khóa: " + ", ".join(_anchor(link) for link in extra.tags)),
        f'<div class="lx">Lượt xem: {extra.views:,}</div>\n'.replace(",", "."),
        '<div class="hd3">Tin liên quan</div>\n' + links(extra.related, "lq"),
        f'<div class="in"><a href="{escape(extra.printed)}">Bản in</a></div>\n',
        '<div class="tpd"><a href="#top">Top page</a> <a href="#desktop">Desktop</a></div>\n',
    ]
    return frame.page(f"{story.title} - {SITE}", "".join(parts), extra.charset)


@dataclass(frozen=True, slots=True)
class Extra:
    """What stands on an article's page and is no part of the article."""

    views: int
    category: Link
    tags: tuple[Link, ...]
    related: tuple[Link, ...]
    files: tuple[tuple[Link, int], ...]
    printed: str
    charset: str = "utf-8"


def print_copy(story: Story) -> str:
    """The bare page that the portal offers for printing."""
    date = f"<p>Ngày đăng: {days.printed(story.posted)}</p>" if story.dated else ""
    lead = f"<p><b>{markup.inline(story.lead)}</b></p>" if story.dated and story.lead else ""
    return (
        f'<html><head><meta charset="utf-8"><title>{escape(story.title, quote=False)}</title>'
        f'<meta name="robots" content="noindex"></head><body onload="window.print()">'
        f"<p>{SITE}</p><h3>{escape(story.title, quote=False)}</h3>{date}{lead}"
        f"<div>{markup.body(story)}</div></body></html>"
    )


def old_article(story: Story) -> str:
    """An article in the looks of the portal's older generation: tables, and nothing else."""
    return (
        "<html><head><meta http-equiv='Content-Type' content='text/html; charset=utf-8'>"
        f"<title>{SITE}</title></head><body bgcolor='#ffffff'><table width='980' align='center'>"
        "<tr><td colspan='2'><img src='/upload/hinh/banner.png' alt=''></td></tr>"
        "<tr><td width='200' valign='top'><a href='http://kkt.kontum.gov.vn/'>Trang mới</a></td>"
        f"<td valign='top'><b>* {escape(story.title, quote=False)}</b><br>{markup.body(story)}</td>"
        "</tr></table></body></html>"
    )


def _without_byline(frame: Frame, story: Story, content: str) -> str:
    for line in story.signature.lines:
        words = escape(line, quote=False)
        content = content.replace(
            f"<strong>{words}</strong>", frame.element("byline", words).strip()
        )
        content = content.replace(f"<b>{words}</b>", frame.element("byline", words).strip())
    return content


def _anchor(link: Link) -> str:
    return f'<a href="{escape(link.href)}">{escape(link.words, quote=False)}</a>'


def _crumbs(category: Link) -> str:
    return f'<a href="/">Trang chủ</a> &raquo; {_anchor(category)}'


def _files(files: tuple[tuple[Link, int], ...]) -> str:
    if not files:
        return ""
    rows = "".join(f"<li>{_anchor(link)} ({size // 1024 + 1} KB)</li>" for link, size in files)
    return f'<div class="tldk"><b>Tài liệu đính kèm:</b><ul>{rows}</ul></div>\n'


def _menu() -> str:
    entries = [Link("/", "Trang chủ"), Link("/gioi-thieu.html", "Giới thiệu")]
    entries += [
        Link(f"/{key}.c-{number}.html", name) for key, (name, number) in categories().items()
    ]
    entries += [Link("/lich-cong-tac.html", "Lịch công tác"), Link("/tim-kiem.html", "Tìm kiếm")]
    return links(entries, "mn")


def _foot() -> str:
    return (
        f"<p>TRANG THÔNG TIN ĐIỆN TỬ {SITE.upper()}</p>\n"
        "<p>Cơ quan chủ quản: Ủy ban nhân dân tỉnh Kon Tum</p>\n"
        "<p>Người chịu trách nhiệm chính: (Ông) Trần Đình Hiển - Trưởng ban</p>\n"
        "<p>Địa chỉ: Khu công nghiệp Hòa Bình, thành phố Kon Tum. Điện thoại: 0260.3917.000</p>\n"
        '<p><a href="/quan-tri/dang-nhap.html" rel="nofollow">Đăng nhập</a></p>\n'
    )


def _frame_1(frame: Frame, head: str, part: str) -> str:
    return f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
<head>
{head}</head>
<body>
<a name="top"></a>
<div class="wr">
<div class="bn"><a href="/"><img src="/upload/hinh/banner.png" alt="banner" /></a></div>
<div class="ck">{frame.clock}</div>
<div class="m1">
{_menu()}</div>
<div class="c1">
{part}</div>
<div class="c2">
<div class="hd2">Tin mới nhất</div>
{links(frame.latest)}<div class="hd2">Liên kết nhanh</div>
{links(frame.quick)}<div class="tk">Đang truy cập: {frame.visits % 37 + 3}<br />
Tổng lượt truy cập: {frame.visits + 1482093:,}</div>
</div>
<div class="ft">
{_foot()}</div>
</div>
</body>
</html>
"""


def _frame_2(frame: Frame, head: str, part: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="vi">
<head>
{head}<meta name="viewport" content="width=device-width, initial-scale=1" />
</head>
<body id="top">
<header><a href="/">{SITE}</a><small>{frame.clock}</small></header>
<nav>{_menu()}</nav>
<main><div><div>
{part}</div></div>
<aside><h4>Đọc nhiều</h4>
{links(frame.latest)}<h4>Liên kết</h4>
{links(frame.quick)}</aside></main>
<footer>{_foot()}<p>{frame.visits + 1482093}</p></footer>
</body>
</html>
"""
