"""Addresses: one spelling to fetch, one key to compare."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kontum_crawler import urls

SLUG = "/huong-ung-“thang-hanh-dong”.p-3496.html"
ENCODED = "/huong-ung-%E2%80%9Cthang-hanh-dong%E2%80%9D.p-3496.html"


@pytest.mark.parametrize(
    "spelling",
    [
        f"http://kkt.kontum.gov.vn{SLUG}",
        f"HTTP://KKT.Kontum.gov.vn:80{ENCODED}",
        f"http://kkt.kontum.gov.vn{ENCODED.lower()}",
        f"http://kkt.kontum.gov.vn{ENCODED}#top",
        f"http://kkt.kontum.gov.vn{ENCODED}?utm_source=zalo&fbclid=x",
        f"http://kkt.kontum.gov.vn/a/../.{ENCODED}",
        f"http://kkt.kontum.gov.vn{ENCODED};jsessionid=0A1B",
        f"  http://kkt.kontum.gov.vn{ENCODED}?PHPSESSID=0a1b  ",
    ],
)
def test_spellings_of_one_page_give_one_address(spelling: str) -> None:
    assert urls.address(spelling) == f"http://kkt.kontum.gov.vn{ENCODED}"


@pytest.mark.parametrize(
    "other",
    [
        f"https://kkt.kontum.gov.vn{SLUG}",
        f"http://www.kkt.kontum.gov.vn{ENCODED}",
        f"http://m.kkt.kontum.gov.vn{ENCODED}",
        f"https://kkt.kontum.gov.vn:443{ENCODED}",
    ],
)
def test_scheme_and_www_do_not_count_in_the_key(other: str) -> None:
    assert urls.key(other) == f"kkt.kontum.gov.vn{SLUG}"


def test_the_key_ignores_the_order_of_a_query_and_the_normal_form() -> None:
    assert urls.key("http://a.vn/tin?b=2&a=đ") == urls.key("http://a.vn/tin?a=%C4%91&b=2")
    assert urls.key("http://a.vn/e\u0302") == urls.key("http://a.vn/ê")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://a.vn/x?id=1", "http://a.vn/x?id=2"),
        ("http://a.vn/X", "http://a.vn/x"),
        ("http://a.vn/x-/1", "http://a.vn/x/1"),
        ("http://a.vn:8080/x", "http://a.vn/x"),
        ("http://a.vn/a%2Fb", "http://a.vn/a/b"),
        ("http://a.vn/x?q=a%26b", "http://a.vn/x?q=a&b"),
    ],
)
def test_different_pages_keep_different_keys(one: str, other: str) -> None:
    assert urls.key(one) != urls.key(other)


@pytest.mark.parametrize(
    "hostile",
    ["", "javascript:alert(1)", "file:///etc/passwd", "http://", "mailto:a@b.vn", "//a.vn/x"],
)
def test_what_is_no_http_address_is_refused(hostile: str) -> None:
    with pytest.raises(ValueError, match="not an http address"):
        urls.address(hostile)


@given(st.text(max_size=60))
def test_any_path_gives_a_stable_address(path: str) -> None:
    try:
        once = urls.address(f"http://kkt.kontum.gov.vn/{path}")
    except ValueError:
        return
    assert urls.address(once) == once
    assert urls.key(once) == urls.key(f"http://kkt.kontum.gov.vn/{path}")
    assert once.isascii()


@given(st.text())
def test_no_text_does_worse_than_a_value_error(text: str) -> None:
    try:
        urls.key(text)
    except ValueError:
        return
    assert urls.host(text)


PIECES = st.sampled_from(
    ["http://", "https://", "HTTP://", "a", "Ab", "9", ".", "..", "-", "_", "~", "/", "//", "/.",
     "gov.vn", "www.", "m.", "%41", "%2f", "%E2", ";", ";sid=1", ":", ":80", "?", "#", "\n", " ",
     "(S(0123456789abcdefghijklmn))", "đ", "xn--", "@", "+", "="]
)  # fmt: skip


@given(st.lists(PIECES, max_size=12).map("".join), st.booleans())
def test_the_short_way_says_what_the_long_one_says(text: str, leading: bool) -> None:
    """Clean addresses are told from their looks; a blank in front asks the long way."""
    url = f"http://kkt.kontum.gov.vn/{text}" if leading else text
    try:
        wanted = urls.address.__wrapped__(f" {url}")
    except ValueError:
        return
    assert urls.address.__wrapped__(url) == wanted
    assert urls.host(url) == urls.host(f" {url}")
