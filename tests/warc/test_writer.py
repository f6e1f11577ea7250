"""What was on the wire is in the file, and other tools read it so."""

import resource
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cabinet import PAGE, answer, chunked
from fastwarc.warc import ArchiveIterator as FastIterator
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from kontum_crawler.errors import ArchiveFull
from kontum_crawler.warc.compose import parse_warc_fields
from kontum_crawler.warc.reader import read_at, records
from kontum_crawler.warc.records import Exchange, Fault, Original, Record, RunInfo, Written
from kontum_crawler.warc.writer import Writer

MOMENT = datetime(2026, 1, 31, 2, 3, 4, tzinfo=UTC)
RUN = RunInfo("crawl-1", "crawl", MOMENT, ("kkt",), base_url="http://127.0.0.1:8000")
URL = "http://kkt.kontum.gov.vn/tin.p-1.html"
REQUEST = b"GET /tin.p-1.html HTTP/1.1\r\nHost: kkt.kontum.gov.vn\r\n\r\n"


def exchange(block: bytes = b"", url: str = URL, minutes: int = 0) -> Exchange:
    head, _, body = (block or answer()).partition(b"\r\n\r\n")
    at = MOMENT + timedelta(minutes=minutes)
    return Exchange(url, REQUEST, head + b"\r\n\r\n", body, at, "127.0.0.1")


def written(folder: Path, *exchanges: Exchange, repeats: Original | None = None) -> list[Written]:
    with Writer(folder, worker="a", run=RUN) as out:
        return [out.exchange(one, repeats=repeats).result() for one in exchanges]


def all_records(folder: Path) -> list[Record]:
    found: list[Record] = []
    for path in sorted((folder / "warc").iterdir()):
        for item in records(path):
            assert isinstance(item, Record), str(item)
            found.append(item)
    return found


@settings(max_examples=40, deadline=None)
@given(st.lists(st.binary(max_size=300), min_size=1, max_size=5))
def test_warcio_and_fastwarc_read_the_bytes_of_the_wire(bodies: list[bytes]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = [exchange(answer(body) + b"", f"{URL}?{n}") for n, body in enumerate(bodies)]
        written(folder, *made)
        (path,) = (folder / "warc").iterdir()
        wire = {one.url: one.head + one.body for one in made}
        with path.open("rb") as file:
            theirs = {
                one.rec_headers["WARC-Target-URI"]: one.raw_stream.read()
                for one in ArchiveIterator(file, no_record_parse=True)
                if one.rec_type == "response"
            }
        with path.open("rb") as file:
            fast = [
                (one.headers["WARC-Target-URI"], one.reader.read(), one.verify_block_digest())
                for one in FastIterator(file, parse_http=False)
                if one.headers["WARC-Type"] == "response"
            ]
    assert theirs == {url: wire[url] for url in theirs}
    assert {url: block for url, block, _ in fast} == theirs


def test_chunk_marks_are_kept_and_the_payload_digest_is_over_the_payload(tmp_path: Path) -> None:
    framed = answer(chunked(PAGE.encode()), fields=(("Transfer-Encoding", "chunked"),))
    plain, with_marks = written(tmp_path, exchange(), exchange(framed, URL + "?2"))
    assert with_marks.payload_digest == plain.payload_digest
    assert with_marks.repeats == Original(URL, MOMENT, plain.payload_digest, plain.sha1)


def test_a_file_begins_with_who_wrote_it_and_why(tmp_path: Path) -> None:
    written(tmp_path, exchange())
    first = all_records(tmp_path)[0]
    said = dict(parse_warc_fields(first.block))
    assert first.type == "warcinfo"
    assert said["software"].startswith("kontum_crawler/")
    assert (said["kontum-run"], said["kontum-portal"], said["robots"]) == ("crawl-1", "kkt", "obey")
    assert said["kontum-base-url"] == "http://127.0.0.1:8000"


def test_request_and_response_name_each_other(tmp_path: Path) -> None:
    written(tmp_path, exchange())
    info, response, request = all_records(tmp_path)
    assert request.get("WARC-Concurrent-To") == response.id
    assert response.get("WARC-Concurrent-To") == request.id
    assert {response.get("WARC-Warcinfo-ID"), request.get("WARC-Warcinfo-ID")} == {info.id}
    assert (request.block, response.get("WARC-IP-Address")) == (REQUEST, "127.0.0.1")


def test_a_payload_that_is_held_becomes_a_revisit(tmp_path: Path) -> None:
    first, again = written(tmp_path, exchange(), exchange(minutes=5))
    record = read_at(tmp_path / again.place.file, again.place.offset)
    assert (record.type, record.block) == ("revisit", exchange().head)
    assert record.get("WARC-Refers-To-Target-URI") == URL
    assert record.get("WARC-Refers-To-Date") == "2026-01-31T02:03:04Z"
    assert record.get("WARC-Profile").endswith("/identical-payload-digest")
    assert record.get("WARC-Payload-Digest") == first.sha1
    assert again.payload_digest == first.payload_digest


def test_the_archive_is_asked_for_payloads_of_other_runs(tmp_path: Path) -> None:
    held = Original("http://kkt.kontum.gov.vn/old", MOMENT, "sha256:x", "sha1:X")
    with Writer(tmp_path, worker="a", run=RUN, originals=lambda digest: held) as out:
        assert out.exchange(exchange()).result().repeats == held


def test_304_becomes_a_revisit_of_the_other_profile(tmp_path: Path) -> None:
    held = Original(URL, MOMENT, "sha256:" + "0" * 64, "sha1:" + "A" * 32)
    block = b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n"
    (made,) = written(tmp_path, exchange(block), repeats=held)
    record = read_at(tmp_path / made.place.file, made.place.offset)
    assert record.get("WARC-Profile").endswith("/server-not-modified")
    assert record.get("WARC-Refers-To-Target-URI") == URL
    assert (made.status, made.payload_digest) == (304, held.payload_digest)


def test_a_capture_known_from_a_list_alone_says_so(tmp_path: Path) -> None:
    held = Original(URL, MOMENT, "sha256:" + "0" * 64, "sha1:" + "A" * 32)
    source = "https://web.archive.org/web/20240101000000id_/" + URL
    known = Exchange(URL, b"", b"", b"", MOMENT, origin="wayback", source_uri=source)
    (made,) = written(tmp_path, known, repeats=held)
    record = read_at(tmp_path / made.place.file, made.place.offset)
    assert (record.get("Kontum-Rests-On"), record.get("WARC-Source-URI")) == ("index", source)
    assert len(all_records(tmp_path)) == 2


def test_a_body_that_ended_early_is_marked_and_never_an_original(tmp_path: Path) -> None:
    early = Exchange(URL, REQUEST, b"HTTP/1.1 200 OK\r\n\r\n", b"half", MOMENT, truncated="length")
    first, again = written(tmp_path, early, early)
    record = read_at(tmp_path / first.place.file, first.place.offset)
    assert record.get("WARC-Truncated") == "length"
    assert again.repeats is None


def test_an_empty_payload_is_no_revisit(tmp_path: Path) -> None:
    moved = b"HTTP/1.1 301 Moved\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"
    _, again = written(tmp_path, exchange(moved), exchange(moved, minutes=1))
    assert again.repeats is None


def test_files_roll_at_a_size_and_their_names_sort_by_time(tmp_path: Path) -> None:
    with Writer(tmp_path, worker="máy 1", run=RUN, roll_at=2000) as out:
        made = [out.exchange(exchange(url=f"{URL}?{n}")) for n in range(9)]
        places = [one.result().place for one in made]
    assert len(out.files) > 2
    assert sorted(out.files) == out.files
    assert all("-m-y-1-" in name for name in out.files)
    assert [place.file for place in places] == sorted(place.file for place in places)
    assert all(read_at(tmp_path / one.file, one.offset).length == one.length for one in places)


def test_two_writers_of_one_moment_have_files_of_their_own(tmp_path: Path) -> None:
    with Writer(tmp_path, worker="a", run=RUN) as one, Writer(tmp_path, worker="a", run=RUN) as two:
        one.exchange(exchange()).result()
        two.exchange(exchange()).result()
    assert set(one.files).isdisjoint(two.files)


def test_a_run_that_captures_nothing_leaves_no_file(tmp_path: Path) -> None:
    written(tmp_path)
    assert not (tmp_path / "warc").exists()


@pytest.fixture
def little_room() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (6000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_cuts_the_file_back_and_names_it(tmp_path: Path, little_room: None) -> None:
    noise = bytes(range(256)) * 2
    kept = 0
    out = Writer(tmp_path, worker="a", run=RUN)
    with pytest.raises(ArchiveFull, match=r"warc/kontum-.*\.warc\.gz: File too large"):
        for serial in range(50):
            body = noise[serial:] + noise[:serial]
            out.exchange(exchange(answer(body), f"{URL}?{serial}")).result()
            kept += 1
    with pytest.raises(ArchiveFull):
        out.sync().result()
    with pytest.raises(ArchiveFull):
        out.close()
    items = [item for path in (tmp_path / "warc").iterdir() for item in records(path)]
    assert not [item for item in items if isinstance(item, Fault)]
    assert sum(1 for item in items if isinstance(item, Record) and item.type == "response") == kept
