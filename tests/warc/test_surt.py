"""Our keys are the keys of other tools."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kontum_crawler.warc.surt import surt

oracle = pytest.importorskip("surt", reason="the oracle `surt` is in the development extra")

LABEL = st.from_regex(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,8}[a-zA-Z0-9])?", fullmatch=True)
HOST = st.builds(
    lambda www, labels: www + ".".join([*labels, "vn"]),
    st.sampled_from(["", "", "www.", "WWW.", "www2.", "wwwx.", "m."]),
    st.lists(LABEL, min_size=1, max_size=3),
)
LETTERS = st.sampled_from(
    [*"abzAZ09-_~.,;:@!$&'()*+= []|\"%é", "đường", "“Tháng”", "%C4%91", "%2F", "%25", "%e1%ba%bf"]
)
PIECE = st.lists(LETTERS, max_size=6).map("".join)
PATH = st.lists(st.one_of(PIECE, st.sampled_from([".", "..", ""])), max_size=5).map(
    lambda pieces: "".join(f"/{piece}" for piece in pieces)
)
PAIR = st.builds(
    lambda name, value: f"{name}{value}", PIECE, st.one_of(st.just(""), PIECE.map("={}".format))
)
SESSION = st.sampled_from(
    ["PHPSESSID=" + "a1" * 16, "jsessionid=" + "B2" * 16, "sid=" + "0" * 32, "cfid=1&cftoken=2"]
)
QUERY = st.lists(st.one_of(PAIR, SESSION), max_size=4).map(
    lambda pairs: "?" + "&".join(pairs) if pairs else ""
)
PORT = st.sampled_from(["", "", ":80", ":443", ":8080"])


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["http", "https", "HTTP"]), HOST, PORT, PATH, QUERY)
def test_key_of_any_address_is_that_of_the_oracle(
    scheme: str, host: str, port: str, path: str, query: str
) -> None:
    url = f"{scheme}://{host}{port}{path}{query}"
    assert surt(url) == oracle.surt(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://kkt.kontum.gov.vn",
        "http://kkt.kontum.gov.vn/",
        "https://www.kkt.kontum.gov.vn:443/Tin-Tuc/?b=2&a=1",
        "http://kkt.kontum.gov.vn/%E2%80%9CTh%C3%A1ng%E2%80%9D.p-3496.html",
        "http://kkt.kontum.gov.vn/“Tháng”.p-3496.html",
        "http://a.vn/x;jsessionid=0123456789abcdef0123456789abcdef",
        "http://a.vn/(S(abcdefghijklmnopqrstuvwx))/NewsDetail.aspx?id=5",
        "http://user:secret@a.vn/x#part",
        "http://127.0.0.1:8080/x",
        "http://tỉnh.vn/x",
        "http://a.vn//b///c/",
        "http://a.vn?x=1",
    ],
)
def test_key_of_odd_addresses_is_that_of_the_oracle(url: str) -> None:
    assert surt(url) == oracle.surt(url)


def test_an_address_of_another_scheme_is_its_own_key() -> None:
    assert surt("urn:kontum:withdrawn") == "urn:kontum:withdrawn"
