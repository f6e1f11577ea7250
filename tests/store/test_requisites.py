"""A package holds what its pages show, and nothing of articles that were not chosen."""

from pathlib import Path

import pytest
from cabinet import answer, members, record

from kontum_crawler.store import Archive
from kontum_crawler.store.export.requisites import with_requisites
from kontum_crawler.store.intake.answering import Answerer, Job
from kontum_crawler.store.intake.sessions import ingest_files

HOST = "http://kkt.kontum.gov.vn"
TEXT = "Sáng nay, Ban Quản lý Khu kinh tế tỉnh tổ chức họp báo về kế hoạch năm mới tại thành phố"


def article(serial: int, date: str = "2024-05-09T08:30:00Z") -> bytes:
    title = f"Họp báo số {serial}"
    page = (
        f"<html><head><title>{title}</title><link rel='stylesheet' href='/theme/site.css'></head>"
        f"<body><h1>{title}</h1><p>{TEXT}, lần thứ {serial}.</p><p>{TEXT}, thêm một lần.</p>"
        f"<p><img src='/upload/anh-{serial}.png'></p></body></html>"
    )
    url = f"{HOST}/hop-bao-so-{serial}.p-{serial}.html"
    return record(url=url, block=answer(page.encode()), date=date)


def file(path: str, body: bytes, media_type: str) -> bytes:
    return record(url=HOST + path, block=answer(body, fields=(("Content-Type", media_type),)))


def revisit(serial: int) -> bytes:
    url = f"{HOST}/hop-bao-so-{serial}.p-{serial}.html"
    fields = (("WARC-Refers-To-Date", "2024-05-09T08:30:00Z"), ("WARC-Profile", "x"))
    block = answer(b"", fields=(("Content-Type", "text/html"),))
    return record("revisit", url, block, date="2024-06-01T00:00:00Z", fields=fields)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packing")
    source = folder / "a.warc.gz"
    source.write_bytes(
        members(
            article(1),
            article(2),
            revisit(1),
            file("/theme/site.css", b"body { background: url(nen.png) }", "text/css"),
            file("/theme/nen.png", b"\x89PNG back", "image/png"),
            file("/upload/anh-1.png", b"\x89PNG 1", "image/png"),
            file("/upload/anh-2.png", b"\x89PNG 2", "image/png"),
        )
    )
    ingest_files(folder / "archive", [source])
    return folder / "archive"


def chosen(folder: Path, slug: str) -> list[str]:
    with Archive.open(folder) as held:
        own = "SELECT c.id FROM captures c JOIN articles a ON a.id = c.article_id WHERE a.slug = ?"
        ids = with_requisites(held.db, folder, [row[0] for row in held.db.execute(own, (slug,))])
        rows = held.db.execute("SELECT id, url FROM captures").fetchall()
    return sorted(row["url"].removeprefix(HOST) for row in rows if row["id"] in ids)


def test_pictures_styles_and_originals_of_a_page_go_along_and_no_others(archive: Path) -> None:
    assert chosen(archive, "hop-bao-so-1") == [
        "/hop-bao-so-1.p-1.html",
        "/hop-bao-so-1.p-1.html",
        "/theme/nen.png",
        "/theme/site.css",
        "/upload/anh-1.png",
    ]


def test_nothing_chosen_gives_nothing(archive: Path) -> None:
    assert chosen(archive, "khong-co") == []


def test_a_redirect_to_the_base_address_of_a_run_is_one_of_the_portal(tmp_path: Path) -> None:
    head = b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:8000/moi.p-1.html\r\n\r\n"
    job = Job(f"{HOST}/cu.p-1.html", head, b"", "http://127.0.0.1:8000")
    said = Answerer(tmp_path, 1).one(job).answer
    assert said is not None
    assert (said.kind, said.target) == ("redirect", f"{HOST}/moi.p-1.html")
