"""A file is held against its own claims, with the habits of other tools in mind."""

import gzip
from pathlib import Path

import pytest
from cabinet import PAGE, answer, chunked, members, record

from kontum_crawler.warc.capture import captured, moment
from kontum_crawler.warc.check import checked
from kontum_crawler.warc.digests import sha1_base32
from kontum_crawler.warc.reader import records
from kontum_crawler.warc.records import Fault, Record

BODY = PAGE.encode()


def faults(folder: Path, *parts: bytes, ours: bool = False) -> list[str]:
    path = folder / "a.warc.gz"
    path.write_bytes(members(*parts))
    found = checked(path, name="a", ours=ours)
    return [item.message for item in found if isinstance(item, Fault)]


def claiming(payload: bytes, block: bytes) -> bytes:
    return record(block=block, fields=(("WARC-Payload-Digest", sha1_base32(payload)),))


def framed() -> bytes:
    return answer(chunked(BODY), fields=(("Transfer-Encoding", "chunked"),))


def zipped() -> bytes:
    return answer(gzip.compress(BODY, mtime=0), fields=(("Content-Encoding", "gzip"),))


@pytest.mark.parametrize(
    ("payload", "block"),
    [
        (BODY, answer(BODY)),
        (BODY, framed()),
        (chunked(BODY), framed()),
        (gzip.compress(BODY, mtime=0), zipped()),
        (BODY, zipped()),
    ],
    ids=["plain", "chunks undone", "chunk marks hashed", "as stored", "decoded"],
)
def test_payload_digests_of_other_tools_are_understood(
    payload: bytes, block: bytes, tmp_path: Path
) -> None:
    assert faults(tmp_path, claiming(payload, block)) == []


def test_a_wrong_payload_digest_is_a_fault(tmp_path: Path) -> None:
    assert "payload" in faults(tmp_path, claiming(b"other", answer(BODY)))[0]


def test_a_record_without_digests_is_no_fault_of_a_foreign_file(tmp_path: Path) -> None:
    assert faults(tmp_path, record(block=answer())) == []


def test_our_own_records_must_have_digests_and_a_warcinfo_before_them(tmp_path: Path) -> None:
    found = faults(tmp_path, record(block=answer()), ours=True)
    assert ["digest is missing" in found[0], "warcinfo" in found[1]] == [True, True]


def test_warcio_passes_a_torn_file_and_we_do_not(tmp_path: Path) -> None:
    from warcio.checker import Checker

    path = tmp_path / "a.warc.gz"
    path.write_bytes(members(record(block=answer()), record(block=answer()))[:-3])

    class Arguments:
        inputs = (str(path),)
        verbose = False

    theirs = Checker(Arguments())
    theirs.process_all()
    ours = [item for item in checked(path, name="a", ours=False) if isinstance(item, Fault)]
    assert theirs.exit_value == 0
    assert "cut off" in ours[0].message


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2024-05-09T08:30:00Z", "2024-05-09T08:30:00+00:00"),
        ("2024-05-09T08:30:00.123456Z", "2024-05-09T08:30:00.123456+00:00"),
        ("2024-05-09T15:30:00+07:00", "2024-05-09T08:30:00+00:00"),
        ("2024-05-09", "2024-05-09T00:00:00+00:00"),
        ("2024-05", "2024-05-01T00:00:00+00:00"),
        ("2024", "2024-01-01T00:00:00+00:00"),
    ],
)
def test_dates_are_read_in_each_precision(text: str, read: str) -> None:
    assert moment(text).isoformat() == read


@pytest.mark.parametrize("text", ["", "now", "1970-01-01T00:00:00Z", "2999-01-01", "2024-13-45"])
def test_a_date_on_which_nothing_was_captured_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        moment(text)


@pytest.mark.parametrize(
    ("source", "origin"),
    [
        ("https://web.archive.org/web/20200101000000id_/http://a.vn/", "wayback"),
        ("https://data.commoncrawl.org/crawl-data/x.warc.gz", "commoncrawl"),
        ("file:x.html", "warc"),
    ],
)
def test_the_origin_is_what_the_record_says_of_itself(
    source: str, origin: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(members(record(block=answer(), fields=(("WARC-Source-URI", source),))))
    (one,) = (item for item in records(path) if isinstance(item, Record))
    seen = captured(one)
    assert seen is not None and (seen.origin, seen.source_uri) == (origin, source)


def test_the_payload_of_a_name_server_s_answer_is_all_of_it(tmp_path: Path) -> None:
    said = b"20240509083000\nkkt.kontum.gov.vn. 300 IN A 127.0.0.1\n"
    claim = (("WARC-Payload-Digest", sha1_base32(said)),)
    dns = record(url="dns:kkt.kontum.gov.vn", block=said, fields=claim, media_type="text/dns")
    assert faults(tmp_path, dns) == []
