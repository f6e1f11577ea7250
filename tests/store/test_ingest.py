"""Files of other tools come in, and a lost database is built again from what is on disk."""

import gzip
import hashlib
import itertools
import json
import os
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brotlicffi
import pytest
from cabinet import BROKEN, Case, answer, chunked, members, page, record, write
from click.testing import CliRunner

from kontum_crawler.commands.ingest import ingest
from kontum_crawler.store import Archive
from kontum_crawler.store.intake import stretches
from kontum_crawler.store.intake.sessions import Ingested, ingest_files
from kontum_crawler.store.intake.verify import verify
from kontum_crawler.text import slugify
from kontum_crawler.warc.digests import sha1_base32
from kontum_crawler.warc.reader import read_at

HOST = "http://kkt.kontum.gov.vn"
TEXT = "Sáng nay, Ban Quản lý Khu kinh tế tỉnh tổ chức họp báo về kế hoạch năm mới tại thành phố."
ROWS = {
    "articles": "SELECT portal, slug, native_id, url, title, lead, body, byline, version,"
    " content_hash, first_seen_at, last_seen_at, gone_at FROM articles ORDER BY 1, 2",
    "urls": "SELECT a.portal, a.slug, u.url, u.first_seen_at, u.last_seen_at FROM article_urls u"
    " JOIN articles a ON a.id = u.article_id ORDER BY 1, 2, 3",
    "versions": "SELECT a.slug, v.version, v.content_hash, v.seen_at, c.url, c.warc_offset"
    " FROM article_versions v JOIN articles a ON a.id = v.article_id"
    " JOIN captures c ON c.id = v.capture_id ORDER BY 1, 2",
    "captures": "SELECT c.url, c.fetched_at, c.retrieved_at, c.source_uri, c.status, c.media_type,"
    " c.payload_digest, c.origin, c.warc_file, c.warc_offset, c.warc_length, o.warc_offset,"
    " r.started_at FROM captures c LEFT JOIN captures o ON o.id = c.revisit_of"
    " LEFT JOIN runs r ON r.id = c.run_id ORDER BY c.warc_file, c.warc_offset",
}


def html(title: str, text: str = TEXT) -> bytes:
    return (
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1>"
        f"<div class='content'><p>{text}</p><p>{text} Hội nghị kết thúc.</p></div></body></html>"
    ).encode()


def article(
    serial: int, text: str = TEXT, date: str = "2024-05-09T08:30:00Z", **more: Any
) -> bytes:
    url = f"{HOST}/hop-bao-so-{serial}.p-{serial}.html"
    return record(url=url, block=answer(html(f"Họp báo số {serial}", text), **more), date=date)


def bring(folder: Path, *files: Path) -> Ingested:
    return ingest_files(folder, files)


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(folder / "kontum.db") as db:
        return db.execute(query).fetchall()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Path]:
    def make(data: bytes, name: str = "a.warc.gz") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return make


def test_a_foreign_file_is_copied_unchanged_and_its_captures_point_into_the_copy(
    archive: Path, made: Callable[..., Path]
) -> None:
    source = made(members(article(1), article(2)))
    done = bring(archive, source)
    assert (archive / "warc" / "a.warc.gz").read_bytes() == source.read_bytes()
    assert (done.exit_code, done.tally.as_dict()["articles_new"]) == (0, 2)
    for url, name, offset, origin, uri in rows(
        archive, "SELECT url, warc_file, warc_offset, origin, source_uri FROM captures"
    ):
        assert read_at(archive / name, offset).url == url
        assert (origin, uri) == ("warc", "a.warc.gz")


def test_the_same_bytes_under_another_name_are_not_taken_in_again(
    archive: Path, made: Callable[..., Path]
) -> None:
    data = members(article(1))
    bring(archive, made(data))
    again = bring(archive, made(data, "b.warc.gz"))
    assert (again.tally.held, again.tally.captures) == (1, 0)
    assert not (archive / "warc" / "b.warc.gz").exists()


def test_other_bytes_under_the_same_name_get_a_name_of_their_own(
    archive: Path, made: Callable[..., Path]
) -> None:
    bring(archive, made(members(article(1))))
    bring(archive, made(members(article(2))))
    assert (archive / "warc" / "a-2.warc.gz").exists()
    assert rows(archive, "SELECT count(*) FROM articles") == [(2,)]


def test_a_capture_that_is_held_from_another_file_gets_no_second_row(
    archive: Path, made: Callable[..., Path]
) -> None:
    bring(archive, made(members(article(1), article(2))))
    more = bring(archive, made(members(article(2), article(3)), "b.warc.gz"))
    assert (more.tally.captures, more.tally.known) == (1, 1)


def test_a_lost_database_is_built_again_with_the_same_rows(
    archive: Path, made: Callable[..., Path]
) -> None:
    revisit = record(
        kind="revisit",
        url=f"{HOST}/hop-bao-so-1.p-1.html",
        block=answer(b""),
        date="2024-08-01T00:00:00Z",
        fields=(
            ("WARC-Refers-To-Target-URI", f"{HOST}/hop-bao-so-1.p-1.html"),
            ("WARC-Refers-To-Date", "2024-05-09T08:30:00Z"),
            ("WARC-Payload-Digest", "sha1:" + "A" * 32),
            ("WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"),
        ),
    )
    bring(archive, made(members(article(1), article(2), revisit)))
    bring(archive, made(gzip.compress(article(3)), "one.warc.gz"))
    edited = article(2, TEXT + " Đã sửa.", "2024-06-01T00:00:00Z")
    bring(archive, made(members(edited, article(4)), "0.warc.gz"))
    before = {name: rows(archive, query) for name, query in ROWS.items()}
    for path in archive.glob("kontum.db*"):
        path.unlink()
    done = bring(archive, *sorted((archive / "warc").iterdir()))
    assert {name: rows(archive, query) for name, query in ROWS.items()} == before
    assert done.exit_code == 0
    assert verify(archive).faults == []


def test_an_older_capture_that_comes_later_takes_its_place_in_time(
    archive: Path, made: Callable[..., Path]
) -> None:
    bring(archive, made(members(article(1, TEXT + " Mới.", "2024-06-01T00:00:00Z"))))
    bring(archive, made(members(article(1, TEXT, "2023-01-01T00:00:00Z")), "old.warc.gz"))
    versions = rows(archive, "SELECT version, seen_at FROM article_versions ORDER BY version")
    assert versions == [(1, "2023-01-01T00:00:00Z"), (2, "2024-06-01T00:00:00Z")]
    assert rows(archive, "SELECT body FROM articles")[0][0].endswith("Hội nghị kết thúc.")
    assert "Mới." in rows(archive, "SELECT body FROM articles")[0][0]


def test_a_revisit_before_its_original_is_joined_at_the_end(
    archive: Path, made: Callable[..., Path]
) -> None:
    url = f"{HOST}/hop-bao-so-1.p-1.html"
    revisit = record(
        kind="revisit",
        url=url,
        block=answer(b""),
        date="2024-07-01T00:00:00Z",
        fields=(("WARC-Refers-To-Date", "2024-05-09T08:30:00Z"), ("WARC-Profile", "x")),
    )
    done = bring(archive, made(members(revisit, article(1))))
    assert done.exit_code == 0
    assert rows(archive, "SELECT last_seen_at FROM articles") == [("2024-07-01T00:00:00Z",)]


def repeated(date: str, *named: tuple[str, str]) -> bytes:
    """A revisit of the first article; named: what else it says of its original."""
    payload = article(1).split(b"\r\n\r\n", 2)[2].removesuffix(b"\r\n\r\n")
    return record(
        kind="revisit",
        url=f"{HOST}/hop-bao-so-1.p-1.html",
        block=answer(b""),
        date=date,
        fields=(("WARC-Payload-Digest", sha1_base32(payload)), ("WARC-Profile", "x"), *named),
    )


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_a_revisit_repeats_the_capture_that_it_names_in_whatever_order_files_come(
    order: tuple[int, ...], archive: Path, made: Callable[..., Path]
) -> None:
    named = ("WARC-Refers-To-Date", "2024-05-09T08:30:00Z")
    files = [
        made(members(article(1)), "named.warc.gz"),
        made(members(article(1, date="2023-01-01T00:00:00Z")), "older.warc.gz"),
        made(members(article(1, date="2024-06-01T00:00:00Z")), "later.warc.gz"),
        made(
            members(repeated("2024-07-01T00:00:00Z", named), repeated("2024-08-01T00:00:00Z")),
            "again.warc.gz",
        ),
    ]
    for each in order:
        bring(archive, files[each])
    joined = rows(
        archive,
        "SELECT c.fetched_at, o.fetched_at FROM captures c JOIN captures o ON o.id = c.revisit_of"
        " ORDER BY 1",
    )
    assert joined == [
        ("2024-07-01T00:00:00Z", "2024-05-09T08:30:00Z"),
        ("2024-08-01T00:00:00Z", "2023-01-01T00:00:00Z"),
    ]
    assert verify(archive).faults == []


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_revisit_that_another_file_has_too_gets_no_second_row(
    order: tuple[int, ...], archive: Path, made: Callable[..., Path]
) -> None:
    again = repeated("2024-07-01T00:00:00Z")
    files = [
        made(members(article(1)), "first.warc.gz"),
        made(members(again), "again.warc.gz"),
        made(again, "plain.warc"),
    ]
    for each in order:
        bring(archive, files[each])
    assert rows(archive, "SELECT count(*), count(revisit_of) FROM captures") == [(2, 1)]


def test_a_revisit_without_its_original_is_a_problem(
    archive: Path, made: Callable[..., Path]
) -> None:
    revisit = record(
        kind="revisit", block=answer(b""), fields=(("WARC-Payload-Digest", "sha1:" + "A" * 32),)
    )
    done = bring(archive, made(members(revisit)))
    (message,) = rows(archive, "SELECT message FROM problems")[0]
    assert (done.exit_code, "a.warc.gz: byte 0" in message) == (3, True)


@pytest.mark.parametrize(
    "block",
    [
        answer(html("Họp báo số 1")),
        answer(chunked(html("Họp báo số 1")), fields=(("Transfer-Encoding", "chunked"),)),
        answer(gzip.compress(html("Họp báo số 1")), fields=(("Content-Encoding", "gzip"),)),
        answer(brotlicffi.compress(html("Họp báo số 1")), fields=(("content-encoding", "br"),)),
        answer(html("Họp báo số 1"), status="HTTP/2 200", fields=(("content-type", "text/html"),)),
        answer(html("Họp báo số 1"), fields=(("Transfer-Encoding", "chunked"),)),
    ],
    ids=["plain", "chunked", "gzip", "br", "http/2", "chunked in name only"],
)
def test_bodies_in_any_coding_become_the_article(
    block: bytes, archive: Path, made: Callable[..., Path]
) -> None:
    bring(archive, made(members(record(url=f"{HOST}/hop-bao.p-1.html", block=block))))
    assert rows(archive, "SELECT title FROM articles") == [("Họp báo số 1",)]


def test_a_resource_record_becomes_the_article(archive: Path, made: Callable[..., Path]) -> None:
    one = record(
        kind="resource",
        url=f"{HOST}/hop-bao.p-1.html",
        block=html("Họp báo số 1"),
        media_type="text/html; charset=utf-8",
    )
    bring(archive, made(members(one)))
    assert rows(archive, "SELECT title FROM articles") == [("Họp báo số 1",)]


def test_a_mirror_belongs_to_its_portal_and_an_unknown_host_to_itself(
    archive: Path, made: Callable[..., Path]
) -> None:
    from kontum_crawler import portals

    mirror = next(p for p in portals.all() if len(p.hosts) > 1)
    known = record(url=f"http://{mirror.hosts[1]}/x", block=answer(status="HTTP/1.1 404 No"))
    other = record(
        url="http://a.example.vn/tin/hop-bao-12.html", block=answer(html("Họp báo số 1"))
    )
    bring(archive, made(members(known, other)))
    with Archive.open(archive) as held:
        assert held.portal_of(f"http://{mirror.hosts[1]}/x").key == mirror.key
    assert rows(archive, "SELECT portal FROM articles") == [("a.example.vn",)]


def test_a_body_that_ended_early_never_becomes_an_article(
    archive: Path, made: Callable[..., Path]
) -> None:
    early = answer(html("Họp báo số 1"), length=9000)
    two = answer(html("Họp báo số 2"), fields=(("Content-Length", "7"),))
    done = bring(
        archive,
        made(
            members(
                record(url=f"{HOST}/a.p-1.html", block=early),
                record(url=f"{HOST}/b.p-2.html", block=two),
            )
        ),
    )
    assert rows(archive, "SELECT count(*) FROM articles") == [(0,)]
    assert done.tally.captures == 2


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.name)
def test_of_a_broken_file_what_can_be_read_is_read(
    case: Case, archive: Path, tmp_path: Path
) -> None:
    path = write(tmp_path, case)
    done = bring(archive, path)
    messages = [
        row[0] for row in rows(archive, "SELECT message FROM problems WHERE stage='ingest'")
    ]
    assert done.tally.captures == case.readable
    assert [word for word in case.faults if not any(word in said for said in messages)] == []
    assert done.exit_code == (3 if case.faults else done.exit_code)
    assert verify(archive).faults == []


@pytest.mark.parametrize("date", ["yesterday", "0000-00-00T00:00:00Z", "2999-01-01T00:00:00Z"])
def test_a_nonsense_date_is_a_problem_and_the_rest_is_read(
    date: str, archive: Path, made: Callable[..., Path]
) -> None:
    done = bring(archive, made(members(article(1, date=date), article(2))))
    assert (done.tally.captures, done.exit_code) == (1, 3)
    assert date in rows(archive, "SELECT message FROM problems")[0][0]


@pytest.mark.parametrize(
    ("data", "word"),
    [(b"", "empty"), (b"<html>", "no WARC"), (b"PK\x03\x04", "ZIP"), (b"filedesc://x", "ARC")],
)
def test_what_is_no_warc_is_told_so_and_the_others_are_read(
    data: bytes, word: str, archive: Path, made: Callable[..., Path]
) -> None:
    done = bring(archive, made(data, "odd.bin"), made(members(article(1))))
    (message,) = rows(archive, "SELECT message FROM problems")[0]
    assert word in message and "odd.bin: byte 0" in message
    assert (done.exit_code, done.tally.captures) == (3, 1)


def packed(path: Path, digest: str = "", inner: bytes = b"") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.warc.gz", inner or members(article(1)))
        resources = [{"name": "d", "path": "archive/data.warc.gz", "hash": digest, "bytes": 1}]
        archive.writestr("datapackage.json", json.dumps({"resources": resources}))
    return path


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("name", ["WARC-Block-Digest", "WARC-Payload-Digest"])
def test_a_record_that_does_not_match_its_digest_is_told_and_read(
    name: str,
    workers: int,
    archive: Path,
    made: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stretches, "WORTH_IT", 1)
    block = answer(html("Họp báo số 7"))
    payload = block.partition(b"\r\n\r\n")[2]
    right = sha1_base32(block if "Block" in name else payload)
    url = f"{HOST}/hop-bao-so-7.p-7.html"
    lying = record(url=url, block=block.replace(b"7", b"8"), fields=((name, right),))
    done = ingest_files(archive, [made(members(article(1), lying))], workers=workers)
    assert [(each.kind, each.url) for each in done.tally.refused] == [("digest", url)]
    assert (done.exit_code, rows(archive, "SELECT count(*) FROM articles")) == (3, [(2,)])


def test_a_wacz_gives_its_captures(archive: Path, tmp_path: Path) -> None:
    done = bring(archive, packed(tmp_path / "site.wacz"))
    assert (done.exit_code, done.tally.captures) == (0, 1)
    uri = rows(archive, "SELECT source_uri FROM captures")[0][0]
    assert uri == "site.wacz!archive/data.warc.gz"


def test_a_wacz_whose_digests_lie_is_told_and_read(archive: Path, tmp_path: Path) -> None:
    done = bring(archive, packed(tmp_path / "site.wacz", "sha256:" + "0" * 64))
    (message,) = rows(archive, "SELECT message FROM problems")[0]
    assert (done.exit_code, done.tally.captures) == (3, 1)
    assert message.startswith("site.wacz: byte 0: archive/data.warc.gz does not match its digest")


def test_packages_in_a_package_give_their_captures(archive: Path, tmp_path: Path) -> None:
    good = packed(tmp_path / "good.wacz").read_bytes()
    path = tmp_path / "all.wacz"
    with zipfile.ZipFile(path, "w") as out:
        for name, data in (("good.wacz", good), ("torn.wacz", good[:-60])):
            out.writestr(name, data)
        listed = [{"path": "good.wacz", "hash": f"sha256:{hashlib.sha256(good).hexdigest()}"}]
        out.writestr("datapackage.json", json.dumps({"resources": listed}))
    done = bring(archive, path)
    assert rows(archive, "SELECT count(*) FROM captures") == [(1,)]
    (source,) = rows(archive, "SELECT source_uri FROM captures")[0]
    assert source.startswith("all.wacz!good.wacz!archive/")
    assert [(each.kind, each.file) for each in done.tally.refused] == [
        ("package", "all.wacz!torn.wacz")
    ]
    assert [each.name for each in (archive / "warc").glob("*.partial")] == []


def test_a_folder_is_searched_for_files(archive: Path, tmp_path: Path) -> None:
    inner = tmp_path / "crawls" / "2024"
    inner.mkdir(parents=True)
    (inner / "a.warc.gz").write_bytes(members(article(1)))
    (inner / "notes.txt").write_text("x")
    assert bring(archive, tmp_path / "crawls").tally.captures == 1


def test_what_a_folder_has_that_cannot_be_read_is_told(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "crawls"
    folder.mkdir()
    (folder / "a.warc.gz").write_bytes(members(article(1)))
    (folder / "old.arc.gz").write_bytes(gzip.compress(b"filedesc://old.arc 0.0.0.0 20040101"))
    (folder / "new.warc.zst").write_bytes(b"\x28\xb5\x2f\xfd")
    (folder / "lost.warc.gz").symlink_to(tmp_path / "nowhere")
    os.mkfifo(folder / "pipe.warc.gz")
    done = bring(archive, folder)
    told = {Path(each.file).name: each.kind for each in done.tally.refused}
    assert told == {
        "lost.warc.gz": "unreadable",
        "new.warc.zst": "no-warc",
        "old.arc.gz": "no-warc",
    }
    assert done.tally.captures == 1


def test_the_command_prints_one_json_object(archive: Path, made: Callable[..., Path]) -> None:
    source = made(members(article(1), page(7)))
    done = CliRunner().invoke(
        ingest, [str(source), "--archive", str(archive), "--json"], standalone_mode=False
    )
    said = json.loads(done.stdout)
    assert (said["captures"], said["files"], done.return_value) == (
        2,
        1,
        3 if said["problems"] else 0,
    )


@pytest.fixture(scope="module")
def nukeviet(evaluation_sets: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nukeviet")
    data = evaluation_sets / "cms" / "nukeviet"
    bring(folder, data / "first.warc.gz")
    bring(folder, data / "second.warc.gz")
    return folder


def truth(evaluation_sets: Path) -> list[dict[str, Any]]:
    path = evaluation_sets / "cms" / "nukeviet" / "truth-second.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.slow
def test_captures_of_a_real_cms_are_all_there(nukeviet: Path) -> None:
    found = rows(nukeviet, "SELECT warc_file, count(*) FROM captures GROUP BY 1 ORDER BY 1")
    assert found == [("warc/first.warc.gz", 386), ("warc/second.warc.gz", 399)]
    assert verify(nukeviet).faults == []


@pytest.mark.slow
def test_articles_versions_and_gone_of_a_real_cms_are_those_of_its_truth(
    nukeviet: Path, evaluation_sets: Path
) -> None:
    query = (
        "SELECT u.url, a.gone_at IS NOT NULL, a.version FROM article_urls u"
        " JOIN articles a ON a.id = u.article_id"
    )
    found = {url: (bool(gone), version) for url, gone, version in rows(nukeviet, query)}
    wanted = {
        one["url"]: (one["change"] == "deleted", 2 if one["change"] == "edited" else 1)
        for one in truth(evaluation_sets)
    }
    assert {url: found.get(url) for url in wanted} == wanted


@pytest.mark.parametrize(
    "titles",
    [
        ("Tết Quý Mão 2023", "Đại hội Mặt trận 2023"),
        ("Chương trình 135", "Tổng kết Chương trình 135"),
        ("Kỳ họp thứ 14", "Hội nghị Tỉnh ủy lần thứ 14"),
        ("Đón năm 2023", "Kế hoạch năm học 2022 - 2023"),
    ],
)
@pytest.mark.parametrize("named", [True, False])
def test_numbers_that_end_headlines_of_an_unknown_site_join_no_articles(
    tmp_path: Path, titles: tuple[str, str], named: bool
) -> None:
    """named: the headline ends with the number of the address, as the address was made of it."""
    parts = []
    for title in titles:
        shown = title if named else f"Tin: {title.rpartition(' ')[0]} của huyện"
        text = html(shown, f"{TEXT} {title}.").replace(b"<div", b"<p>05/05/2023 08:00</p><div")
        url = f"http://tin.example.vn/tin-tuc/{slugify(title)}"
        parts.append(members(record(url=url, block=answer(text))))
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join(parts))
    bring(tmp_path / "archive", path)
    found = rows(tmp_path / "archive", "SELECT slug, native_id FROM articles ORDER BY id")
    assert len(found) == 2
    if named:
        assert set(found) == {(slugify(title), None) for title in titles}
