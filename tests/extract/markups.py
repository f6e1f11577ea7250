# ruff: noqa: E501  (a line of markup is kept as a page would have it)
"""Plausible pages around a story, each built as another system or another decade builds them.

A markup is a function from a story to the source of a page. No page states a date of publication;
several print the clock of the visit, a view counter, or dates of other articles.
"""

from collections.abc import Callable
from html import escape

from extract.stories import Figures, Head, Items, Picture, Piece, Story

SITE = "Ban Quản lý Khu kinh tế tỉnh Kon Tum"
MENU = (
    ("/gioi-thieu", "Giới thiệu"),
    ("/tin-tuc", "Tin tức - Sự kiện"),
    ("/van-ban", "Văn bản pháp quy"),
    ("/thu-tuc", "Thủ tục hành chính"),
    ("/lien-he", "Liên hệ"),
)
OTHERS = (
    ("/hoi-nghi-tong-ket-cong-tac-nam-2023.p-3390.html", "Hội nghị tổng kết công tác năm 2023"),
    ("/ra-quan-don-ve-sinh-moi-truong.p-3391.html", "Ra quân dọn vệ sinh môi trường tại cửa khẩu"),
    (
        "/tap-huan-phong-chay-chua-chay.p-3402.html",
        "Tập huấn phòng cháy, chữa cháy cho doanh nghiệp",
    ),
    ("/tham-hoi-gia-dinh-chinh-sach.p-3410.html", "Thăm hỏi gia đình chính sách nhân ngày 27/7"),
    ("/doi-thoai-voi-doanh-nghiep-quy-ii.p-3433.html", "Đối thoại với doanh nghiệp quý II"),
)
CLOCK = "Thứ 3, Ngày 16/07/2024"
FOOT = (
    f"<p>Trang thông tin điện tử {SITE}</p><p>Địa chỉ: 36 Duy Tân, thành phố Kon Tum, tỉnh Kon Tum"
    "</p><p>Điện thoại: 0260.3913 447 - Fax: 0260.3913 446</p><p>Chịu trách nhiệm: Nguyễn Văn An,"
    " Trưởng ban biên tập</p>"
)

Write = Callable[[Story], str]


def links(pairs: tuple[tuple[str, str], ...], before: str = "<li>", after: str = "</li>") -> str:
    return "".join(f'{before}<a href="{href}">{text}</a>{after}' for href, text in pairs)


def page(story: Story, body: str, head: str = "", title: str | None = None) -> str:
    named = title or f"{story.title} - {SITE}"
    return (
        f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{escape(named)}</title>'
        f"{head}</head><body>{body}</body></html>"
    )


def paragraphs(story: Story, *, byline: str | None = None, cls: str = "") -> str:
    """The text with one `<p>` a paragraph."""
    made = "".join(_paragraph(piece, cls) for piece in story.pieces)
    return made + (f"<p{cls}>{story.byline}</p>" if byline is None else byline)


def _paragraph(piece: Piece, cls: str = "") -> str:
    if isinstance(piece, Items):
        return "<ul>" + "".join(f"<li>{line}</li>" for line in piece.lines) + "</ul>"
    if isinstance(piece, Figures):
        rows = ("".join(f"<td>{cell}</td>" for cell in row) for row in piece.rows)
        return '<table border="1">' + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"
    if isinstance(piece, Picture):
        return (
            f'<p style="text-align:center"><img src="{piece.source}" width="600"></p>'
            f'<p style="text-align:center"><em>{piece.caption}</em></p>'
        )
    if isinstance(piece, Head):
        return f"<p{cls}><strong>{piece.text}</strong></p>"
    return f"<p{cls}>{piece}</p>"


def breaks(story: Story) -> str:
    """The text as one run with two `<br>` between paragraphs."""
    made = []
    for piece in story.pieces:
        if isinstance(piece, Picture):
            made.append(f'<center><img src="{piece.source}"><br><i>{piece.caption}</i></center>')
        elif isinstance(piece, Head):
            made.append(f"<b>{piece.text}</b><br><br>")
        elif isinstance(piece, str):
            made.append(f"{piece}<br><br>")
        else:
            made.append(_paragraph(piece))
    return "\n".join(made) + f"<b><i>{story.byline}</i></b>"


def runs(story: Story) -> str:
    """Each paragraph a `div` cut into `span` and `font` runs, as an editor leaves them."""
    made = []
    for piece in story.pieces:
        if not isinstance(piece, str):
            made.append(_paragraph(piece))
            continue
        words = piece.split(" ")
        cut = [" ".join(words[n : n + 7]) for n in range(0, len(words), 7)]
        wrapped = (
            f'<font face="Times New Roman" size="4">{part} </font>'
            if n % 2
            else f'<span style="font-size:14pt;color:#000">{part} </span>'
            for n, part in enumerate(cut)
        )
        made.append(f"<div>{''.join(wrapped)}</div>")
    made.append(f'<div align="right"><span><strong>{story.byline}</strong></span></div>')
    return "".join(made)


def word(story: Story) -> str:
    """Pasted from Word, with its namespace tags and conditional comments."""
    made = [
        "<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml>"
        "<![endif]--><style>p.MsoNormal{margin:0cm}</style><o:p></o:p>"
    ]
    style = ' class="MsoNormal" style="text-align:justify;mso-pagination:none"'
    for piece in story.pieces:
        if isinstance(piece, str):
            made.append(
                f'<p{style}><span lang="VI" style="font-size:14.0pt">{piece}<o:p></o:p></span></p>'
                '<p class="MsoNormal"><o:p>&nbsp;</o:p></p>'
            )
        elif isinstance(piece, Items):
            made += [
                f'<ul type="disc">{"".join(f"<li{style}><span>{x}<o:p></o:p></span></li>" for x in piece.lines)}</ul>'
            ]
        else:
            made.append(_paragraph(piece, style))
    return "".join(made) + (
        f'<p class="MsoNormal" align="right" style="text-align:right"><b><span>{story.byline}'
        "<o:p></o:p></span></b></p><![if !supportLists]><![endif]>"
    )


def old_tables(story: Story) -> str:
    """Nested tables, `font` tags and spacer cells."""
    spacer = '<td width="8"><img src="/images/spacer.gif" width="8" height="1"></td>'
    menu = "".join(
        f'<tr><td><img src="/images/bullet.gif" width=5></td><td><a href="{h}"><font size=2>{t}</font></a></td></tr>'
        for h, t in MENU
    )
    other = "".join(
        f'<tr><td valign=top>-</td><td><a href="{h}"><font size=2>{t}</font></a> <font size=1>(05/06/2024)</font></td></tr>'
        for h, t in OTHERS
    )
    return page(
        story,
        '<table width=1000 align=center cellspacing=0><tr><td colspan=5><img src="/images/banner.jpg"'
        f' width=1000></td></tr><tr><td colspan=5 bgcolor="#003399"><font color=white>{CLOCK}</font>'
        f"</td></tr><tr><td width=180 valign=top><table>{menu}</table></td>{spacer}"
        '<td valign=top><table width="100%"><tr><td><font color="#990000" size=4><b>'
        f"{story.title}</b></font></td></tr><tr><td height=6></td></tr><tr><td align=justify>"
        f"<font face=Arial size=2>{paragraphs(story, byline=f'<p align=right><b>{story.byline}</b></p>')}"
        "</font></td></tr><tr><td><hr><b>Các tin khác</b></td></tr><tr><td><table>"
        f"{other}</table></td></tr></table></td>{spacer}<td width=160 valign=top><table><tr><td>"
        "<b>Liên kết website</b></td></tr><tr><td><select><option>-- Chọn --<option>Chính phủ"
        "</select></td></tr><tr><td>Số lượt truy cập: 1204578</td></tr></table></td></tr>"
        f"<tr><td colspan=5 align=center>{FOOT}</td></tr></table>",
    )


def wordpress(story: Story) -> str:
    """A theme with share buttons, sidebars, author box and related posts."""
    widgets = (
        f'<aside id="secondary" class="widget-area"><section class="widget widget_search"><form><input></form>'
        f'</section><section class="widget widget_recent_entries"><h2>Bài viết mới</h2><ul>{links(OTHERS)}</ul>'
        '</section><section class="widget"><h2>Thống kê</h2><p>Đang truy cập: 12</p><p>Hôm nay: 301</p>'
        "</section></aside>"
    )
    share = (
        '<div class="sharedaddy sd-sharing-enabled"><h3 class="sd-title">Chia sẻ:</h3><ul><li><a href="#">'
        '<span>Facebook</span></a></li><li><a href="#"><span>Zalo</span></a></li></ul></div>'
    )
    return page(
        story,
        f'<div id="page" class="site"><header class="site-header"><p class="site-title"><a href="/">{SITE}</a></p>'
        f'<nav class="main-navigation"><ul>{links(MENU)}</ul></nav></header><div id="content"><main>'
        f'<article class="post type-post hentry"><header class="entry-header"><h1 class="entry-title">{story.title}</h1>'
        f'</header>{share}<div class="entry-content">{paragraphs(story)}{share}</div>'
        '<footer class="entry-footer"><span class="cat-links">Đăng trong <a href="/c/tin" rel="category tag">Tin tức</a></span>'
        f'</footer></article><nav class="post-navigation"><h2>Điều hướng bài viết</h2>{links(OTHERS[:2], "", "")}</nav>'
        f'<div class="related"><h3>Bài viết liên quan</h3><ul>{links(OTHERS)}</ul></div>'
        '<div id="comments"><h3>Trả lời</h3><p>Email của bạn sẽ không được hiển thị công khai.</p><form><textarea></textarea></form></div>'
        f'</main></div>{widgets}<footer class="site-footer">{FOOT}</footer></div>',
        '<meta name="generator" content="WordPress 5.9">',
    )


def joomla(story: Story) -> str:
    """An item page with print icons, hits, pager and module positions."""
    return page(
        story,
        f'<div class="body"><div id="top"><ul class="nav menu">{links(MENU)}</ul></div><div class="row-fluid">'
        f'<div id="aside" class="span3"><div class="moduletable"><h3>Tin mới nhất</h3><ul class="latestnews">{links(OTHERS)}'
        '</ul></div><div class="moduletable"><h3>Đăng nhập</h3><form><input type="text"><input type="password">'
        '<button>Đăng nhập</button><a href="/quen">Quên mật khẩu?</a></form></div></div><main id="content" class="span9">'
        '<div class="item-page" itemscope itemtype="https://schema.org/Article"><div class="page-header">'
        f'<h2 itemprop="headline">{story.title}</h2></div><div class="icons"><ul><li><a href="?print=1">In</a></li>'
        '<li><a href="/mailto">Email</a></li></ul></div><dl class="article-info muted"><dt>Chi tiết</dt>'
        '<dd class="hits">Lượt xem: 2045</dd></dl>'
        f'<div itemprop="articleBody">{paragraphs(story)}</div><ul class="pager pagenav"><li><a href="/a">Trước</a></li>'
        f'<li><a href="/b">Tiếp</a></li></ul></div></main></div></div><footer>{FOOT}</footer>',
        '<meta name="generator" content="Joomla! - Open Source Content Management">',
        title=story.title,
    )


def drupal(story: Story) -> str:
    """Fields and regions of a node page."""
    return page(
        story,
        f'<div id="page-wrapper"><div id="header"><div class="region region-header"><ul class="links">{links(MENU)}</ul>'
        '</div></div><div id="breadcrumb"><a href="/">Trang chủ</a> » <a href="/tin-tuc">Tin tức</a></div>'
        f'<div id="main"><div id="content" class="column"><h1 class="title" id="page-title">{story.title}</h1>'
        '<div class="tabs"></div><div class="region region-content"><div class="node node-article">'
        '<div class="content clearfix"><div class="field field-name-body field-type-text-with-summary">'
        f'<div class="field-items"><div class="field-item even" property="content:encoded">{paragraphs(story)}</div></div></div>'
        '</div><ul class="links inline"><li class="statistics_counter"><span>512 lượt đọc</span></li></ul></div></div></div>'
        f'<div class="region region-sidebar-second"><div class="block"><h2>Tin nổi bật</h2><ul>{links(OTHERS)}</ul></div>'
        '<div class="block block-poll"><h2>Thăm dò ý kiến</h2><form><label><input type="radio">Tốt</label>'
        '<label><input type="radio">Chưa tốt</label></form></div></div></div>'
        f'<div id="footer">{FOOT}</div></div>',
        '<meta name="Generator" content="Drupal 7 (http://drupal.org)">',
    )


def aspnet(story: Story) -> str:
    """A form with __VIEWSTATE around everything, generated ids, no h1."""
    state = "/wEPDwUKLTI2NjY5NDk4OQ9kFgJmD2QWAgIDD2QWBAIBD" * 60
    return page(
        story,
        '<form method="post" action="./chitiet.aspx" id="aspnetForm"><input type="hidden" name="__VIEWSTATE"'
        f' value="{state}"><div id="s4-workspace"><div id="s4-bodyContainer"><div class="ms-menu"><ul class="static">{links(MENU)}'
        f'</ul></div><span id="ctl00_lblNgay">{CLOCK}</span><table id="ctl00_MSO_ContentTable" width="100%"><tr><td class="left">'
        f'<div class="webpart"><div class="wp-title">Tin mới</div>{links(OTHERS, "<div>", "</div>")}</div></td><td class="mid">'
        '<div id="ctl00_PlaceHolderMain_pnl"><div><span id="ctl00_PlaceHolderMain_lblTitle" style="font-weight:bold;font-size:16px">'
        f'{story.title}</span></div><div id="ctl00_PlaceHolderMain_divNoiDung"><div class="ExternalClass8F2">{paragraphs(story)}</div></div>'
        '<div><a href="javascript:window.print()">In trang</a> <a href="javascript:history.back()">Quay lại</a></div>'
        f"<div><span>Các tin khác:</span>{links(OTHERS, '<div>• ', '</div>')}</div></div></td></tr></table></div></div>"
        f'<div id="footer">{FOOT}</div></form>',
    )


def soup(story: Story) -> str:
    """Menu, ticker, clock, weather, poll, login, counter, related list and foot beside the text."""
    return page(
        story,
        f'<div class="wrap"><div><a href="/">{SITE}</a></div><div>{links(MENU, "", " | ")}</div>'
        f"<div><marquee>{links(OTHERS[:3], '', ' * ')}</marquee></div><div>{CLOCK}</div>"
        "<div>Thời tiết Kon Tum: 24°C, có mưa rào</div>"
        '<div><b>Thăm dò ý kiến</b><br><input type="radio"> Giao diện đẹp<br><input type="radio"> Bình thường<br>'
        '<button>Biểu quyết</button></div><div>Tên đăng nhập <input> Mật khẩu <input type="password"> <button>Đăng nhập</button></div>'
        f"<div>{story.slug}</div><div>{story.title}</div><div><b>{story.title}</b></div><div>Article</div>"
        f"{''.join(_as_div(piece) for piece in story.pieces)}<div>{story.byline}</div>"
        "<div>Số lượt xem: 1.024</div><div><b>Bài viết liên quan:</b></div>"
        f"{links(OTHERS, '<div>', '</div>')}<div>Top page Desktop</div>{FOOT}</div>",
    )


def _as_div(piece: Piece) -> str:
    return f"<div>{piece}</div>" if isinstance(piece, str) else _paragraph(piece)


def one_block(story: Story) -> str:
    """One container, the body with `<br><br>`, heading in a `span`."""
    return page(
        story,
        f'<div id="header">{links(MENU, "<span>", "</span>")}</div><div id="main"><span class="tieude">{story.title}</span>'
        f'<div class="noidung">{breaks(story)}</div><div class="khac">Tin cùng chuyên mục<br>{links(OTHERS, "", "<br>")}</div></div>'
        f'<div id="bottom">{FOOT}</div>',
    )


def font_runs(story: Story) -> str:
    """The body in runs of `span` and `font`, two columns."""
    return page(
        story,
        f'<div class="top"><ul>{links(MENU)}</ul></div><div class="col-md-9"><h3>{story.title}</h3>'
        f'<div class="detail">{runs(story)}</div><div class="text-muted">Lượt xem: 88</div></div><div class="col-md-3">'
        f'<h4>Tin xem nhiều</h4><ul>{links(OTHERS)}</ul></div><div class="bottom">{FOOT}</div>',
    )


def pasted(story: Story) -> str:
    """A body that was pasted from Word."""
    return page(
        story,
        f'<nav><ul>{links(MENU)}</ul></nav><div class="container"><h1>{story.title}</h1><div class="post-body">{word(story)}</div>'
        f'</div><div class="news-other"><h2>Tin khác</h2><ul>{links(OTHERS)}</ul></div><footer>{FOOT}</footer>',
        title=story.title,
    )


def siblings(story: Story) -> str:
    """The body in several sibling elements, a frame each, with an advertisement among them."""
    made = []
    for number, piece in enumerate(story.pieces):
        made.append(f'<div class="row-text"><div class="inner">{_paragraph(piece)}</div></div>')
        if number == 0:
            made.append(
                '<div class="ads"><a href="http://quangcao.example/x"><img src="/ads/q.gif"></a></div>'
            )
    return page(
        story,
        f'<div class="menu">{links(MENU, "", " ")}</div><div class="main"><div class="heading"><h1>{story.title}</h1></div>'
        f'{"".join(made)}<div class="row-text"><div class="inner"><p>{story.byline}</p></div></div>'
        f'<div class="related"><p>Tin liên quan</p><ul>{links(OTHERS)}</ul></div></div><div class="foot">{FOOT}</div>',
    )


def cells(story: Story) -> str:
    """A `td` with the text in rows of layout tables inside it."""
    rows = "".join(
        f'<tr><td><table width="100%"><tr><td width="10"></td><td>{_paragraph(piece)}</td></tr></table></td></tr>'
        for piece in story.pieces
    )
    return page(
        story,
        f'<table><tr><td>{links(MENU, "", " | ")}</td></tr><tr><td>{CLOCK}</td></tr><tr><td><table class="ct"><tr><td class="td">'
        f'<b>{story.title}</b></td></tr>{rows}<tr><td align="right"><i>{story.byline}</i></td></tr></table></td></tr>'
        f'<tr><td><b>Các tin đã đưa</b>{links(OTHERS, "<br>", "")}</td></tr><tr><td align="center">{FOOT}</td></tr></table>',
    )


def amp(story: Story) -> str:
    """An AMP page: amp-img, amp-sidebar, inline JSON."""
    body = paragraphs(story).replace("<img ", '<amp-img layout="responsive" height="400" ')
    body = body.replace('width="600">', 'width="600"></amp-img>')
    return page(
        story,
        '<amp-analytics><script type="application/json">{"vars":{"a":"b"}}</script></amp-analytics>'
        f'<amp-sidebar id="s" layout="nodisplay"><ul>{links(MENU)}</ul></amp-sidebar><header class="amp-wp-header"><a href="/">{SITE}</a></header>'
        f'<article class="amp-wp-article"><header><h1 class="amp-wp-title">{story.title}</h1></header>'
        f'<div class="amp-wp-article-content">{body}</div><footer class="amp-wp-article-footer"></footer></article>'
        f"<amp-list><ul>{links(OTHERS)}</ul></amp-list><footer>{FOOT}</footer>",
        "<style amp-custom>a{color:red}</style>",
    )


def byline_table(story: Story) -> str:
    """The byline in a table of its own at the right, outside the text's element."""
    return page(
        story,
        f'<div id="nav">{links(MENU, "", " ")}</div><div id="center"><h2 class="t">{story.title}</h2>'
        f'<div class="c">{paragraphs(story, byline="")}</div><table width="100%"><tr><td width="60%">&nbsp;</td>'
        f'<td align="right"><b><i>{story.byline}</i></b></td></tr></table><div class="o"><h4>Các tin khác</h4><ul>{links(OTHERS)}</ul></div>'
        f'</div><div id="end">{FOOT}</div>',
    )


def bold_italic(story: Story) -> str:
    """HTML5 elements, byline in bold italic at the right, further news with excerpts."""
    teasers = "".join(
        f'<article class="teaser"><h4><a href="{h}">{t}</a></h4><p>{t}, theo kế hoạch đã được lãnh đạo đơn vị phê duyệt từ đầu năm.</p></article>'
        for h, t in OTHERS
    )
    signed = f'<p style="text-align: right;"><em><strong>{story.byline}</strong></em></p>'
    return page(
        story,
        f"<header><nav>{links(MENU, '', '')}</nav></header><main><article><h1>{story.title}</h1>"
        f'<div class="fulltext">{paragraphs(story, byline=signed)}</div></article><section class="more"><h3>Tin mới hơn</h3>{teasers}</section></main>'
        f"<footer>{FOOT}</footer>",
    )


def glued(story: Story) -> str:
    """The byline behind a run of blanks on the last sentence's line."""
    last = story.pieces[-1]
    text = f"<p>{last}{'&nbsp;' * 20} <strong>{story.byline}</strong></p>"
    body = "".join(_paragraph(piece) for piece in story.pieces[:-1]) + text
    return page(
        story,
        f'<div class="menu"><ul>{links(MENU)}</ul></div><div class="news-detail"><h1>{story.title}</h1><div class="content-news">{body}</div>'
        f'<div class="tags">Từ khóa: <a href="/tag/kon-tum">Kon Tum</a></div></div><div class="box"><h3>Tin liên quan</h3><ul>{links(OTHERS)}</ul></div>'
        f'<div class="ft">{FOOT}</div>',
    )


def print_copy(story: Story) -> str:
    """A print copy: nothing but the site's name, the text and its address."""
    return page(
        story,
        f'<div>{SITE}</div><div>http://kkt.kontum.gov.vn</div><hr><h3 align="center">{story.title}</h3>{paragraphs(story)}<hr>'
        '<div>URL của bản tin này: <a href="/x.html">http://kkt.kontum.gov.vn/x.html</a></div><div>© Ban biên tập</div>',
    )


def xhtml(story: Story) -> str:
    """Served as XHTML with a carousel, a mega menu and footer columns."""
    return page(
        story,
        f'<div class="mega">{"".join(f"<div><h6>{t}</h6><ul>{links(OTHERS)}</ul></div>" for _, t in MENU)}</div>'
        '<div class="carousel"><div class="item"><img src="/s/1.jpg" alt="x"/><p>Chào mừng kỷ niệm ngày thành lập tỉnh</p></div></div>'
        f'<section id="detail"><div class="container"><div class="row"><div class="col-8"><p class="bc"><a href="/">Trang chủ</a> / <a href="/tin">Tin tức</a></p>'
        f'<h1 class="h4">{story.title}</h1><div class="btns"><a href="#">A+</a> <a href="#">A-</a> <a href="#">In bài</a></div><div id="content-detail">{paragraphs(story)}</div>'
        '<div class="rate">Đánh giá: <span>5</span>/5 (3 đánh giá)</div></div><div class="col-4"><h5>Thông báo</h5>'
        f'<ul>{links(OTHERS)}</ul></div></div></div></section><div class="cols">{FOOT}</div>',
    )


MARKUPS: tuple[Write, ...] = (
    old_tables,
    wordpress,
    joomla,
    drupal,
    aspnet,
    soup,
    one_block,
    font_runs,
    pasted,
    siblings,
    cells,
    amp,
    byline_table,
    bold_italic,
    glued,
    print_copy,
    xhtml,
)
