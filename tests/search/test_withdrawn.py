"""A withdrawn article is in nothing that a reader gets, and stays so after a rebuild."""

import gzip
import json
import shutil
import zipfile
from pathlib import Path

import pytest

from kontum_crawler.cli import main
from kontum_crawler.crawl import crawl
from kontum_crawler.errors import KontumError
from kontum_crawler.pipelines.session import Options
from kontum_crawler.portals import get
from kontum_crawler.sample import Sample
from kontum_crawler.store import Archive
from kontum_crawler.store.export.writing import export
from kontum_crawler.store.intake.sessions import ingest_files, reextract_archive
from kontum_crawler.store.intake.verify import verify
from kontum_crawler.store.search import watches
from kontum_crawler.store.search.facets import count_by
from kontum_crawler.store.search.finding import search

SLUG = "ra-quan-trong-2000-cay-xanh-doc-tuyen-duong-nt18"
QUERY = '"cây xanh" tuyến'
GROUPS = """
    SELECT a.portal, a.slug, l.slug AS leader, g.similarity FROM article_groups g
    JOIN articles a ON a.id = g.article_id JOIN articles l ON l.id = g.group_id ORDER BY 1, 2
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A day of the sample portal, one article withdrawn that a watch had found."""
    place = tmp_path_factory.mktemp("withdrawn") / "archive"
    with Archive.open(place, create=True) as archive:
        watches.add(archive, "trees", QUERY)
    with Sample(articles=60) as sample:
        crawl(place, [get("kkt")], Options(base_url=sample.base, requisites=False))
    with Archive.open(place) as archive:
        assert SLUG in found(archive)
        assert SLUG in (place / "watches" / "trees.atom").read_text("utf-8")
    with pytest.raises(SystemExit):
        main(["withdraw", SLUG, "--reason", "asked", "--archive", str(place)])
    return place


def found(archive: Archive) -> list[str]:
    return [hit.article["slug"] for hit in search(archive.db, QUERY, limit=None)]


def packed(path: Path) -> tuple[bytes, bytes]:
    """The pages and the index of a package."""
    with zipfile.ZipFile(path) as package:
        pages = package.read("pages/pages.jsonl")
        indexes = [part for part in package.namelist() if part.startswith("indexes/")]
        listed = b"".join(package.read(part) for part in indexes if not part.endswith(".gz"))
        listed += b"".join(
            gzip.decompress(package.read(part)) for part in indexes if part.endswith(".gz")
        )
    return pages, listed


def nowhere(archive: Archive, target: Path) -> None:
    assert SLUG not in found(archive)
    assert count_by(archive.db, "tag", QUERY).total == len(found(archive))
    export(archive.db, archive.folder, target / "a.jsonl", "jsonl")
    rows = [json.loads(line) for line in (target / "a.jsonl").read_text("utf-8").splitlines()]
    assert SLUG not in {row["slug"] for row in rows}
    for name, query in (("all", None), ("some", "duong")):
        done = export(archive.db, archive.folder, target / f"{name}.wacz", "wacz", query)
        pages, listed = packed(done.path)
        assert b"kkt-kontum)/" in listed
        assert SLUG.encode() not in pages + listed


def test_it_is_in_no_search_count_export_package_or_feed(folder: Path, tmp_path: Path) -> None:
    with Archive.open(folder) as archive:
        nowhere(archive, tmp_path)
    assert SLUG not in (folder / "watches" / "trees.atom").read_text("utf-8")
    assert verify(folder).faults == []


def test_reading_all_captures_again_leaves_it_hidden(folder: Path, tmp_path: Path) -> None:
    reextract_archive(folder)
    with Archive.open(folder) as archive:
        nowhere(archive, tmp_path)


def test_a_rebuild_leaves_it_hidden_and_groups_the_same_articles(
    folder: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    for path in copy.glob("kontum.db*"):
        path.unlink()
    ingest_files(copy, sorted((copy / "warc").glob("*.warc.gz")))
    with Archive.open(folder) as before, Archive.open(copy) as after:
        nowhere(after, tmp_path)
        groups = [tuple(row) for row in before.db.execute(GROUPS)]
        assert groups == [tuple(row) for row in after.db.execute(GROUPS)]
        assert groups


def test_files_that_only_withdrawn_articles_name_go_with_them(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    with Archive.open(tmp_path / "copy", write=True) as archive:
        rows = archive.db.execute("SELECT article_id, filename, capture_id FROM attachments")
        held = [tuple(row) for row in rows]
        names = [file for _, file, _ in held]
        shared = next(file for file in names if names.count(file) == 2)
        owners = [article for article, file, _ in held if file == shared]
        gone = {file for article, file, _ in held if article in owners}
        for number, article in enumerate(owners):
            row = archive.db.execute("SELECT url FROM articles WHERE id = ?", (article,))
            archive.withdraw(row.fetchone()[0], "asked")
            target = tmp_path / f"{number}.wacz"
            export(archive.db, archive.folder, target, "wacz")
            assert (shared.encode() in packed(target)[1]) is (number == 0)
        packaged = {file for file in names if file.encode() in packed(target)[1]}
        assert packaged == set(names) - gone
        assert gone != {shared}
        for _, file, capture in held:
            assert archive.is_withdrawn(capture) is (file in gone)


def test_a_group_that_loses_its_leader_is_grouped_anew_at_once(
    folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    with Archive.open(tmp_path / "copy", write=True) as archive:
        leader = archive.db.execute(GROUPS).fetchone()["leader"]
        archive.withdraw(leader, "asked")
        rows = archive.db.execute(
            "SELECT count(*) FROM article_groups GROUP BY group_id"
        ).fetchall()
        assert rows
        assert all(row[0] > 1 for row in rows)


def test_its_address_and_earlier_slugs_say_that_it_was_withdrawn(folder: Path) -> None:
    address = f"http://kkt.kontum.gov.vn/{SLUG}.p-4030.html"
    with Archive.open(folder, write=True) as archive:
        for name in (SLUG, address):
            with pytest.raises(KontumError, match=r"was withdrawn on .*: asked"):
                archive.article(name)
            with pytest.raises(KontumError, match=r"was withdrawn on .*: asked"):
                archive.withdraw(name, "again")


def test_an_address_is_as_good_as_a_slug(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    with Archive.open(tmp_path / "copy", write=True) as archive:
        slug, url = archive.db.execute("SELECT slug, url FROM articles ORDER BY id").fetchone()
        assert archive.withdraw(url, "asked").slug == slug
