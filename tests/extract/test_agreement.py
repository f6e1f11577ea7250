"""What rules find is compared with the finder for unknown pages; a fall of agreement is told."""

from pathlib import Path

from kontum_crawler.extract.answer import COMPARED, Answer, read_answer
from kontum_crawler.items import Article
from kontum_crawler.portals import Portal, load
from kontum_crawler.store.archive import Archive
from kontum_crawler.store.drift import FieldRates, falls

PORTAL = """
key   = "a"
name  = "A"
hosts = ["a.example.vn"]
[urls]
article = ['^/(?P<slug>[^/]+)-(?P<id>\\d+)$']
[[layout]]
title = ["h1"]
body  = ["{}"]
"""
TEXT = "".join(
    f"<p>Sáng ngày {n}/3, đơn vị tổ chức hội nghị lần thứ {n} với sự tham dự của đông đảo cán bộ,"
    " công chức, viên chức và người lao động toàn ngành; hội nghị đã thông qua nghị quyết.</p>"
    for n in range(1, 6)
)
BOX = "<p>Quảng cáo: nhà tài trợ gửi lời chào trân trọng tới quý bạn đọc của trang.</p>" * 8
PAGE = (
    "<html><head><title>Hội nghị thường niên</title></head><body><h1>Hội nghị thường niên của ngành"
    f'</h1><div class="text">{TEXT}</div><div class="sidebar">{BOX}</div></body></html>'
).encode()


def _portal(folder: Path, body: str) -> Portal:
    path = folder / "a.toml"
    path.write_text(PORTAL.format(body), "utf-8")
    return load(path)


def _agreements(portal: Portal) -> list[float]:
    html = [("Content-Type", "text/html; charset=utf-8")]
    answers = [
        read_answer(
            url=f"http://a.example.vn/hoi-nghi-{n}",
            status=200,
            headers=html,
            body=PAGE,
            portal=portal,
        )
        for n in range(100, 140)
    ]
    assert {answer.kind for answer in answers} == {"article"}
    return [answer.agreement for answer in answers if answer.agreement is not None]


def test_a_rule_that_finds_the_text_agrees_and_one_that_finds_a_box_does_not(
    tmp_path: Path,
) -> None:
    right, wrong = (
        _agreements(_portal(tmp_path, ".text")),
        _agreements(_portal(tmp_path, ".sidebar")),
    )
    assert len(right) == len(wrong) > 40 // COMPARED // 2
    assert (min(right) > 0.9, max(wrong) < 0.3) == (True, True)


def test_a_fall_of_agreement_names_the_portal_and_a_page(tmp_path: Path) -> None:
    archive = Archive.open(tmp_path / "archive", write=True, create=True)
    article = Article(portal="a", slug="s", url="http://a.example.vn/s-1", title="T", body="b")
    found = []
    for agreed in (0.95, 0.2):
        run, rates = archive.begin_run("crawl", {}), FieldRates()
        for n in range(20):
            answer = Answer("article", article, agreement=agreed)
            rates.note("a", f"http://a.example.vn/s-{n}", answer, wanted=True, fresh=False)
        with archive.transaction():
            rates.save(archive.db, run.id)
        found.append(falls(archive.db, run.id, ["a"]))
    archive.close()
    assert found[0] == []
    (finding,) = found[1]
    assert (finding.portal, finding.field) == ("a", "agreement")
    assert finding.url == "http://a.example.vn/s-0"
    assert "0 of 20 pages" in finding.told
