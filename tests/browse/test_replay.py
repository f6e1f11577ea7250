"""A captured page is shown without anything that acts or asks."""

import re

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kontum_crawler.browse.replay import safe_page, safe_style

URL = "http://kkt.kontum.gov.vn/tin.p-1.html"
HOSTILE = """<html><head><base href="http://evil.example/"><meta http-equiv="refresh"
content="0;url=http://evil.example/"><script>alert(1)</script>
<link rel="stylesheet" href="/site.css"><link rel="prefetch" href="http://evil.example/p">
<style>@import "http://evil.example/a.css"; p { background: url(http://evil.example/b.png) }
</style></head><body onload="alert(2)"><h1 onclick="alert(3)">Tiêu đề</h1>
<p style="background:url('http://evil.example/c.png');width:expression(alert(4))">Chữ</p>
<a href="javascript:alert(5)">a</a><a href=" java&#10;script:alert(6)">b</a>
<a href="/khac.p-2.html" ping="http://evil.example/" target="_top">c</a>
<img src="http://evil.example/d.png" srcset="http://evil.example/e.png 2x" onerror="alert(7)">
<img src="anh.jpg" alt="ảnh"><iframe src="http://evil.example/f"></iframe>
<form action="http://evil.example/g"><input name="x"><button formaction="javascript:alert(8)">g
</button></form><svg><script>alert(9)</script><a xlink:href="javascript:alert(10)"><text>s</text>
</a><use href="http://evil.example/h.svg#x"/><animate attributeName="href" to="javascript:1"/></svg>
<object data="http://evil.example/i"></object><embed src="http://evil.example/j">
<video src="http://evil.example/k"></video><math><mtext href="javascript:1">m</mtext></math>
</body></html>"""


def held(url: str) -> str:
    return f"/capture/1/with?url={url.replace('://', '%3A%2F%2F').replace('/', '%2F')}"


def test_nothing_of_a_hostile_page_acts_or_asks_outside() -> None:
    page = safe_page(HOSTILE, URL, held, held)
    assert (
        re.findall(r"alert|javascript|<script|<iframe|<object|<embed|<base|<use|refresh", page)
        == []
    )
    assert re.findall(r"\son\w+\s*=", page) == []
    assert re.findall(r"http://[^\s\"']*", page) == []
    assert [text in page for text in ("Tiêu đề", "Chữ", 'alt="ảnh"')] == [True] * 3


def test_pictures_and_style_sheets_point_at_their_captures() -> None:
    tree = lxml.html.fromstring(safe_page(HOSTILE, URL, held, held))
    assert tree.xpath("//link/@href") == [held("http://kkt.kontum.gov.vn/site.css")]
    assert held("http://kkt.kontum.gov.vn/anh.jpg") in tree.xpath("//img/@src")


def test_a_link_leads_to_the_capture_of_its_page() -> None:
    tree = lxml.html.fromstring(safe_page(HOSTILE, URL, held, held))
    assert tree.xpath("//a[text()='c']/@href") == [held("http://kkt.kontum.gov.vn/khac.p-2.html")]


@pytest.mark.parametrize(
    "css",
    [
        "a{background:url(http://evil.example/x)}",
        "a{background:url( 'http://evil.example/x' )}",
        '@import "http://evil.example/x";',
        "@IMPORT url(http://evil.example/x);",
        "a{behavior:url(http://evil.example/x)}",
        "</style><script>alert(1)</script>",
    ],
)
def test_a_style_sheet_asks_nothing_outside(css: str) -> None:
    safe = safe_style(css, URL, held)
    assert "http://evil" not in safe
    assert "<" not in safe


@given(st.text())
def test_any_text_gives_a_page_without_scripts(text: str) -> None:
    page = safe_page(text, URL, held, held)
    assert (
        lxml.html.fromstring(page).xpath(
            "//script | //iframe | //base | //@*[starts-with(name(), 'on')]"
        )
        == []
    )
