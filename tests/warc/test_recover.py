"""A file that was cut anywhere is brought back to its last complete record."""

from pathlib import Path

import pytest
from cabinet import members, page

from kontum_crawler.warc.reader import records
from kontum_crawler.warc.records import Record
from kontum_crawler.warc.recover import cut_back, torn_tail

PARTS = [members(page(n)) for n in range(3)]
ENDS = [sum(map(len, PARTS[: n + 1])) for n in range(3)]


@pytest.mark.parametrize("behind", [b"", bytes(300), b"\x1f\x8b\x08", b"junk"])
def test_a_file_cut_anywhere_keeps_its_complete_records(tmp_path: Path, behind: bytes) -> None:
    whole = b"".join(PARTS)
    path = tmp_path / "kontum-a.warc.gz"
    for size in range(1, len(whole) + 1):
        cut = whole[:size] + behind
        # A member ends with zeros: with zeros behind the cut it may be complete all the same.
        complete = sum(1 for end in ENDS if cut.startswith(whole[:end]))
        path.write_bytes(cut)
        if tail := torn_tail(path):
            cut_back(path, tail)
            assert path.exists() == (tail.complete > 0)
        left = list(records(path)) if path.exists() else []
        assert all(isinstance(one, Record) for one in left), f"cut after {size} bytes"
        assert len(left) == complete, f"cut after {size} bytes"


def test_a_sound_file_has_no_torn_tail(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join(PARTS))
    assert torn_tail(path) is None


@pytest.mark.parametrize("start", [0, ENDS[-1]])
def test_zeros_behind_the_last_record_are_cut_off(tmp_path: Path, start: int) -> None:
    path = tmp_path / "kontum-a.warc.gz"
    path.write_bytes(b"".join(PARTS) + bytes(100))
    tail = torn_tail(path, start)
    assert tail is not None
    assert (tail.complete, tail.torn) == (ENDS[-1], 100)


def test_damage_with_a_record_behind_it_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    middle = PARTS[1][:50] + bytes(40) + PARTS[1][90:]
    path.write_bytes(PARTS[0] + middle + PARTS[2])
    assert torn_tail(path) is None
