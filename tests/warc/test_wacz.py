"""A package holds the captures byte for byte, and other tools open it."""

import hashlib
import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cabinet import answer, members, page, record

from kontum_crawler.errors import ArchiveError, ArchiveFull
from kontum_crawler.warc.reader import records
from kontum_crawler.warc.records import Place, Record
from kontum_crawler.warc.unpack import contents, take_out
from kontum_crawler.warc.wacz import PageEntry, write_wacz

CREATED = datetime(2026, 1, 31, 2, 3, 4, tzinfo=UTC)
URL = "http://kkt.kontum.gov.vn/tin-0.html"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Three pages, one with its request, one plain, and a revisit of the first."""
    (tmp_path / "warc").mkdir()
    first = page(0)
    name = dict(line.split(": ", 1) for line in first.decode().split("\r\n")[1:5])["WARC-Record-ID"]
    request = record(
        kind="request", url=URL, block=b"GET /", fields=(("WARC-Concurrent-To", name),)
    )
    revisit = record(
        kind="revisit",
        url=URL,
        block=answer(b""),
        date="2024-06-01T00:00:00Z",
        fields=(
            ("WARC-Payload-Digest", "sha1:" + "A" * 32),
            ("WARC-Refers-To-Target-URI", URL),
            ("WARC-Refers-To-Date", "2024-05-09T08:30:00Z"),
            ("WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"),
        ),
    )
    (tmp_path / "warc" / "a.warc.gz").write_bytes(members(first, request, page(1), revisit))
    (tmp_path / "warc" / "b.warc").write_bytes(page(2))
    return tmp_path


def places(folder: Path) -> list[Place]:
    return [
        Place(f"warc/{path.name}", item.offset, item.length)
        for path in sorted((folder / "warc").iterdir())
        for item in records(path)
        if isinstance(item, Record) and item.type != "request"
    ]


def packed(folder: Path, chosen: list[Place] | None = None) -> Path:
    target = folder / "out.wacz"
    pages = [PageEntry(URL, "2024-05-09T08:30:00Z", "Họp báo", "Sáng nay, tỉnh họp báo.")]
    captures = places(folder) if chosen is None else chosen
    write_wacz(target, captures, pages, folder, title="Kon Tum", created=CREATED)
    return target


def test_members_are_copied_byte_for_byte_with_their_requests(archive: Path) -> None:
    path = archive / "warc" / "a.warc.gz"
    with zipfile.ZipFile(packed(archive)) as package:
        data = package.read("archive/data-00001.warc.gz")
    assert data.count(path.read_bytes()) == 1


def test_each_line_of_the_index_points_at_its_record(archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(packed(archive)) as package:
        lines = package.read("indexes/index.cdx").decode().splitlines()
        package.extract("archive/data-00001.warc.gz", tmp_path)
    there = {
        (str(item.offset), str(item.length)): item.url
        for item in records(tmp_path / "archive" / "data-00001.warc.gz")
        if isinstance(item, Record)
    }
    entries = [json.loads(line.split(" ", 2)[2]) for line in lines]
    assert lines == sorted(lines)
    assert len(entries) == 4
    assert [there[one["offset"], one["length"]] for one in entries] == [
        one["url"] for one in entries
    ]


def test_digests_in_the_package_are_right(archive: Path) -> None:
    with zipfile.ZipFile(packed(archive)) as package:
        listed = json.loads(package.read("datapackage.json"))["resources"]
        claims = {one["path"]: one["hash"] for one in listed}
        found = {
            name: "sha256:" + hashlib.sha256(package.read(name)).hexdigest()
            for name in package.namelist()
            if "/" in name
        }
        own = json.loads(package.read("datapackage-digest.json"))["hash"]
        said = "sha256:" + hashlib.sha256(package.read("datapackage.json")).hexdigest()
    assert claims == found
    assert own == said


def test_the_list_of_pages_has_title_text_and_time(archive: Path) -> None:
    with zipfile.ZipFile(packed(archive)) as package:
        head, first = package.read("pages/pages.jsonl").decode().splitlines()
    said = json.loads(first)
    assert json.loads(head)["format"] == "json-pages-1.0"
    assert (said["url"], said["ts"], said["title"]) == (URL, "2024-05-09T08:30:00Z", "Họp báo")
    assert said["text"] == "Sáng nay, tỉnh họp báo."


def test_py_wacz_finds_it_valid(archive: Path) -> None:
    pytest.importorskip("wacz", reason="the oracle py-wacz is in the development extra")
    tool = str(Path(sys.executable).parent / "wacz")
    command = [tool, "validate", "-f", str(packed(archive))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_place_without_a_record_is_told_and_the_rest_is_packed(archive: Path) -> None:
    chosen = [*places(archive)[:1], Place("warc/a.warc.gz", 7, 9), Place("warc/gone", 0, 1)]
    target = archive / "out.wacz"
    done = write_wacz(target, chosen, [], archive, title="x", created=CREATED)
    assert (done.captures, len(done.missing)) == (1, 2)


def test_an_empty_selection_is_a_valid_package(archive: Path) -> None:
    with zipfile.ZipFile(packed(archive, [])) as package:
        assert package.testzip() is None
        assert package.read("indexes/index.cdx") == b""


def test_no_half_file_stands_under_the_final_name(archive: Path) -> None:
    target = archive / "nowhere" / "out.wacz"
    with pytest.raises(ArchiveFull, match="nowhere"):
        write_wacz(target, places(archive), [], archive, title="x", created=CREATED)
    assert list(archive.glob("**/*.partial")) == []


def test_our_own_package_is_read_back(archive: Path, tmp_path: Path) -> None:
    target = packed(archive)
    (one,), faults = contents(target)
    fault = take_out(target, one, tmp_path / "back.warc.gz")
    assert (faults, fault, one.name) == ([], None, "data-00001.warc.gz")


def test_what_is_no_package_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.wacz"
    path.write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(ArchiveError, match=r"x\.wacz: it is no WACZ"):
        contents(path)
