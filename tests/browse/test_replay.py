"""A captured page is shown without anything that acts or asks."""

import re

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kontum_crawler.browse.replay import safe_drawing, safe_page, safe_style

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


@pytest.mark.parametrize(
    "css",
    [
        '@im\\port "http://evil.example/x";',
        '@\\0069mport"http://evil.example/x";',
        '@import/* */"http://evil.example/x";',
        '@import "http://evil.example/x',
        "a{background:\\75\\72\\6c(http://evil.example/x)}",
        "a{background:url(http://evil.example/x",
        "a{background:url(\\68ttp://evil.example/x)}",
        'a{content:"\n@import "http://evil.example/x";',
        'a{background:im\\61ge-set("http://evil.example/x" 1x)}',
    ],
)
def test_a_load_that_is_written_as_browsers_forgive_it_is_a_load(css: str) -> None:
    safe = safe_style(css, URL, held)
    assert re.search(r"image-set|(?:@import|url\()\W*http", safe) is None


@pytest.mark.parametrize(
    "css",
    [
        'a{fill:url("#g")}',
        'a{content:"/* url(x) */"}',
        'a{content:"\\f061 "}',
        'a{background:url("data:image/png;base64,AA==")}',
    ],
)
def test_a_style_that_loads_nothing_stays_as_it_is(css: str) -> None:
    assert safe_style(css, URL, held) == css


DRAWING = b"""<!DOCTYPE svg [<!ENTITY local SYSTEM "file:///etc/hostname">]>
<?xml-stylesheet href="http://evil.example/a.css"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" onload="run()">
<script>run()</script><style>@import "http://evil.example/b.css";</style>
<linearGradient id="g"/><radialGradient id="h" xlink:href="#g"/>
<image xlink:href="http://evil.example/c.png"/><a href="javascript:run()"><text>&local;Chu</text>
</a>
<rect fill="url(#h)" filter="url(http://evil.example/d.svg#f)"/><foreignObject><p/></foreignObject>
</svg>"""


def test_a_drawing_keeps_its_shapes_and_loses_what_acts_or_asks() -> None:
    drawing = safe_drawing(DRAWING, URL, held, held).decode()
    outside = r"run\(|script|foreign|onload|stylesheet|ENTITY|http://evil"
    assert re.findall(outside, drawing) == []
    kept = ("Chu</text>", 'xlink:href="#g"', 'fill="url(&quot;#h&quot;)"', "<rect")
    assert [text in drawing for text in kept] == [True] * 4


def test_what_is_no_drawing_is_shown_as_an_empty_one() -> None:
    assert safe_drawing(b"<<<", URL, held, held) == b'<svg xmlns="http://www.w3.org/2000/svg"/>'


def test_a_picture_inside_the_page_is_shown() -> None:
    source = "data:image/png;base64,AAAA"
    page = safe_page(f'<p><img src="{source}"><img src="data:text/html,x"></p>', URL, held, held)
    assert lxml.html.fromstring(page).xpath("//img/@src") == [source]
