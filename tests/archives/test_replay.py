"""What a reply of an archive holds: heads put back, bytes as stored, the archive's own pages."""

import gzip
from datetime import UTC, datetime
from typing import Any

import pytest

from kontum_crawler.archives.lists import Listed
from kontum_crawler.archives.replay import Refused, original_head, read_replay, unserved
from kontum_crawler.warc.digests import sha1_base32
from kontum_crawler.warc.http import parse_head
from kontum_crawler.warc.records import Exchange

URL = "http://kkt.kontum.gov.vn/a.p-1.html"
SOURCE = f"https://web.archive.org/web/20220205100000id_/{URL}"
MEMENTO = "Memento-Datetime: Sat, 05 Feb 2022 10:00:00 GMT"
PAGE = b"<html><body>" + b"<p>Tin</p>" * 80 + b"</body></html>"
PACKED = gzip.compress(PAGE, mtime=0)


def reply(body: bytes, *lines: str, status: str = "200 OK") -> Exchange:
    head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", *lines))
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    return Exchange(SOURCE, b"", f"{head}\r\n".encode(), body, moment)


def listed(stored: bytes, **more: Any) -> Listed:
    return Listed("k", "20220205100000", URL, "text/html", digest=sha1_base32(stored), **more)


CASES = {
    "plain": (PAGE, PAGE, []),
    "plain, packed on the way": (PAGE, PACKED, ["Content-Encoding: gzip"]),
    "packed, sent as stored": (PACKED, PACKED, ["Content-Encoding: gzip"]),
    "packed, and once more on the way": (
        PACKED,
        gzip.compress(PACKED, mtime=0),
        ["Content-Encoding: gzip", "x-archive-orig-content-encoding: gzip"],
    ),
    "packed, its coding not told": (PACKED, PACKED, ["x-archive-orig-content-encoding: gzip"]),
}


@pytest.mark.parametrize(("stored", "sent", "lines"), CASES.values(), ids=CASES)
def test_bytes_are_those_that_the_digest_names(
    stored: bytes, sent: bytes, lines: list[str]
) -> None:
    made = read_replay(
        listed(stored), reply(sent, MEMENTO, "Content-Type: text/html", *lines), SOURCE
    )
    head = parse_head(made.exchange.head)
    assert made.payload == made.exchange.body == stored
    assert head.get("Content-Encoding") == ("gzip" if stored == PACKED else "")
    assert head.get("Content-Length") == str(len(stored))


def test_bytes_that_no_digest_names_are_kept_decoded_and_marked() -> None:
    made = read_replay(listed(b"other"), reply(PACKED, MEMENTO, "Content-Encoding: gzip"), SOURCE)
    assert made.payload == PAGE
    assert ("Kontum-Archive-Digest-Match", "no") in made.exchange.extra


def test_header_lines_get_their_own_names_again() -> None:
    head = parse_head(
        reply(
            b"",
            MEMENTO,
            "Content-Type: text/html",
            "x-archive-orig-Server: IIS",
            "Server: nginx",
            "x-archive-orig-transfer-encoding: chunked",
            "Set-Cookie: a=b",
            "X-App-Server: wwwb-app1",
            f"Location: https://web.archive.org/web/20220205100000id_/{URL}",
            status="301 Moved",
        ).head
    )
    assert original_head(head, SOURCE, 0, packed=False).decode() == (
        "HTTP/1.1 301 Moved\r\n"
        "Content-Type: text/html\r\n"
        "Server: IIS\r\n"
        "X-Archive-Orig-transfer-encoding: chunked\r\n"
        "Set-Cookie: a=b\r\n"
        f"Location: {URL}\r\n"
        "Content-Length: 0\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("location", "target"),
    [
        (f"https://web.archive.org/web/20220205100000id_/{URL}", URL),
        (f"//web.archive.org/web/20220205100000id_/{URL}", URL),
        (f"/web/20220205100000id_/{URL}", URL),
        ("/", "/"),
        ("//[x", "//[x"),
        ("/tin.html", "/tin.html"),
        ("https://kkt.kontum.gov.vn/", "https://kkt.kontum.gov.vn/"),
    ],
)
def test_locations_lead_to_the_portal_again(location: str, target: str) -> None:
    assert unserved(location, SOURCE) == target


REFUSED = {
    "no memento": ([], "200 OK", False, False),
    "another time": (["Memento-Datetime: Sat, 05 Feb 2022 10:00:01 GMT"], "200 OK", False, False),
    "another address": ([MEMENTO, 'Link: <http://b.vn/>; rel="original"'], "200 OK", False, True),
    "shard down": ([], "503 Unavailable", True, False),
    "never captured": ([], "404 Not Found", False, False),
    "broken coding": ([MEMENTO, "Content-Encoding: gzip"], "200 OK", True, False),
}


@pytest.mark.parametrize(("lines", "status", "passing", "final"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_capture_is_refused(
    lines: list[str], status: str, passing: bool, final: bool
) -> None:
    body = b"\x1f\x8b\x08broken"
    with pytest.raises(Refused) as refused:
        read_replay(listed(PAGE), reply(body, *lines, status=status), SOURCE)
    assert (refused.value.passing, refused.value.final) == (passing, final)
