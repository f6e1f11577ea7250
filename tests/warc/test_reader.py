"""What can be read is read, and what is wrong is said with file and offset."""

import io
from pathlib import Path

import pytest
from cabinet import BROKEN, PAGE, SOUND, Case, answer, members, page, record, write
from hypothesis import given, settings
from hypothesis import strategies as st

from kontum_crawler.errors import ArchiveError
from kontum_crawler.warc.reader import kind_of, read_at, records
from kontum_crawler.warc.records import Fault, Record


def read(path: Path) -> tuple[list[Record], list[Fault]]:
    items = list(records(path, name="f"))
    return [i for i in items if isinstance(i, Record)], [i for i in items if isinstance(i, Fault)]


@pytest.mark.parametrize("case", [*SOUND, *BROKEN], ids=lambda case: case.name)
def test_each_file_gives_its_records_and_its_faults(case: Case, tmp_path: Path) -> None:
    found, faults = read(write(tmp_path, case))
    assert len(found) == case.readable
    assert len(faults) == len(case.faults), faults
    assert [
        word for word, fault in zip(case.faults, faults, strict=True) if word not in str(fault)
    ] == []


@pytest.mark.parametrize("case", [*SOUND, *BROKEN], ids=lambda case: case.name)
def test_a_record_of_its_own_member_is_found_again_at_its_place(case: Case, tmp_path: Path) -> None:
    path = write(tmp_path, case)
    alone = [one for one in read(path)[0] if one.alone]
    assert [read_at(path, one.offset).block for one in alone if "length" not in case.name] == [
        one.block for one in alone if "length" not in case.name
    ]


REFUSED_BY_WARCIO = ("several", "members", "one member for", "zeros", "bare")


@pytest.mark.parametrize(
    "case",
    [case for case in SOUND if not case.name.startswith(REFUSED_BY_WARCIO)],
    ids=lambda case: case.name,
)
def test_blocks_are_those_that_warcio_reads(case: Case, tmp_path: Path) -> None:
    from warcio.archiveiterator import ArchiveIterator

    path = write(tmp_path, case)
    with path.open("rb") as file:
        theirs = [one.raw_stream.read() for one in ArchiveIterator(file, no_record_parse=True)]
    assert [one.block for one in read(path)[0]] == theirs


def test_places_are_those_that_fastwarc_reads(tmp_path: Path) -> None:
    from fastwarc.warc import ArchiveIterator

    path = tmp_path / "a.warc.gz"
    path.write_bytes(members(*(page(n) for n in range(5))))
    with path.open("rb") as file:
        theirs = [one.stream_pos for one in ArchiveIterator(file, parse_http=False)]
    assert [one.offset for one in read(path)[0]] == theirs


def test_a_record_over_the_limit_is_passed_over_without_being_held(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    with path.open("wb") as file:
        file.write(record(block=b"", length=2_000_000_000, end=b""))
        file.truncate(file.tell() + 2_000_000_000)
        file.seek(0, io.SEEK_END)
        file.write(b"\r\n\r\n" + page(1))
    found, faults = read(path)
    assert [one.url for one in found] == ["http://kkt.kontum.gov.vn/tin-1.html"]
    assert "2,000,000,000" in faults[0].message


def test_an_offset_at_which_no_record_begins_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(members(page(0), page(1)))
    with pytest.raises(ArchiveError, match=r"a\.warc\.gz: byte [78]"):
        read_at(path, 7)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (members(page(0)), "warc"),
        (page(0), "warc"),
        (b"", "empty"),
        (b"<html>", "other"),
        (b"filedesc://a.arc 0.0.0.0", "arc"),
        (b"\x28\xb5\x2f\xfd....", "zst"),
        (b"PK\x03\x04", "zip"),
    ],
)
def test_the_kind_of_a_file_is_told_from_its_bytes(data: bytes, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(data)
    assert kind_of(path) == kind


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_file_with_one_damaged_byte_gives_all_records_but_those_hit(data: st.DataObject) -> None:
    import tempfile

    parts = [members(page(n)) for n in range(4)]
    whole = b"".join(parts)
    at = data.draw(st.integers(0, len(whole) - 1))
    value = data.draw(st.integers(0, 255))
    hit = next(n for n in range(4) if at < sum(map(len, parts[: n + 1])))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.warc.gz"
        path.write_bytes(whole[:at] + bytes([value]) + whole[at + 1 :])
        urls = {one.url for one in read(path)[0]}
    wanted = {f"http://kkt.kontum.gov.vn/tin-{n}.html" for n in range(4) if n != hit}
    assert wanted <= urls or at in (0, 1)


def test_the_block_is_that_of_the_page(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(members(record(block=answer())))
    assert read(path)[0][0].block.endswith(PAGE.encode())
