"""Lists in every dialect, and what of a broken one can be read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kontum_crawler.archives.lists import message_of, read_page

URL = "http://kkt.kontum.gov.vn/a.p-1.html"
KEY = "vn,gov,kontum,kkt)/a.p-1.html"
DIGEST = "OPRICKM2TEI4LALCN6SYBU7ML7BUGK4W"
ROW = [KEY, "20220205100000", URL, "text/html", "200", DIGEST, "428"]
NAMES = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
SAID = {
    "url": URL,
    "mime": "text/html",
    "status": "200",
    "digest": f"sha1:{DIGEST}",
    "length": "428",
}
DIALECTS = {
    "text": " ".join(ROW),
    "json": json.dumps([NAMES, ROW]),
    "cdxj": f"{KEY} 20220205100000 {json.dumps(SAID)}",
    "objects": json.dumps({"urlkey": KEY, "timestamp": "20220205100000", **SAID}),
    "file": f" CDX N b a m s k r M S V g\n{' '.join(ROW[:6])} - - 428 0 a.warc.gz",
    "lower case digest": " ".join([*ROW[:5], DIGEST.lower(), "428"]),
    "port": " ".join(ROW).replace("gov.vn/a", "gov.vn:80/a"),
}


@pytest.mark.parametrize("text", DIALECTS.values(), ids=DIALECTS)
def test_the_dialect_is_told_from_the_answer(text: str) -> None:
    page = read_page(text.encode())
    (line,) = page.lines
    assert (line.url, line.stamp, line.status, line.length) == (URL, "20220205100000", 200, 428)
    assert (line.digest, line.key) == (f"sha1:{DIGEST}", KEY)
    assert (page.bad, page.fault) == (0, None)


@pytest.mark.parametrize(
    "text", [f"{' '.join(ROW)}\n\na%2Cb+1%3A\n", json.dumps([NAMES, ROW, [], ["a%2Cb+1%3A"]])]
)
def test_a_resumption_key_is_kept_as_printed(text: str) -> None:
    page = read_page(text.encode())
    assert (page.key, len(page.lines)) == ("a%2Cb+1%3A", 1)


def test_a_broken_array_leaves_the_rows_before_its_end() -> None:
    text = json.dumps([NAMES, ROW, ROW])
    page = read_page(text[: text.rindex("http") + 5].encode())
    assert (len(page.lines), bool(page.fault)) == (1, True)


def test_a_revisit_has_no_status_and_may_have_no_digest() -> None:
    said = {"url": URL, "mime": "warc/revisit"}
    (line,) = read_page(f"{KEY} 20220205100000 {json.dumps(said)}".encode()).lines
    assert (line.is_revisit, line.status, line.digest, line.length) == (True, None, None, None)


@pytest.mark.parametrize("stamp", ["20000800241623", "20220005100000", "2022020510", "x" * 14])
def test_a_time_that_is_none_makes_a_line_bad(stamp: str) -> None:
    page = read_page(" ".join([ROW[0], stamp, *ROW[2:]]).encode())
    assert (page.lines, page.bad) == ([], 1)
    assert stamp in page.example


def test_a_page_in_place_of_a_list_is_a_fault() -> None:
    assert read_page(b"  <!DOCTYPE html><html>").fault is not None
    assert read_page(b"").fault is None


def test_messages_are_told_from_lines() -> None:
    assert message_of(b'{"message": "No Captures found"}') == "No Captures found"
    assert message_of(b'{"error": "x"}') == "x"
    assert message_of(DIALECTS["objects"].encode()) is None
    assert message_of(b"plain") is None


@given(st.binary(max_size=400) | st.sampled_from(list(DIALECTS.values())).map(str.encode))
def test_nothing_that_a_server_may_send_raises(body: bytes) -> None:
    read_page(body)
    read_page(body[: len(body) // 2])
    message_of(body)
