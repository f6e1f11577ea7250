"""Second opinions: ours stands where one agrees, a consensus against it is taken."""

import pytest

from kontum_crawler.extract import opinions

TEXT = (
    "Sáng ngày 10/7, Ủy ban nhân dân huyện tổ chức khai mạc giải bóng chuyền. "
    "Tham dự giải có 12 đoàn vận động viên đến từ các xã, thị trấn trên địa bàn huyện. "
    "Giải diễn ra trong 3 ngày, kết thúc với nhiều trận đấu sôi nổi, hấp dẫn người xem. "
    "Ban tổ chức trao giải nhất cho đội thị trấn, giải nhì và giải ba cho hai xã vùng cao. "
    "Đây là hoạt động hằng năm nhằm đẩy mạnh phong trào thể dục, thể thao trong nhân dân. "
    "Năm nay giải có thêm nội dung dành cho các đội nữ, thu hút đông đảo chị em tham gia. "
    "Lãnh đạo huyện biểu dương tinh thần thi đấu của các đoàn và công tác tổ chức của xã."
)
PAGE = (
    "<html><head><title>Khai mạc giải bóng chuyền</title></head><body><article>"
    "<h1>Khai mạc giải bóng chuyền</h1>"
    + "".join(f"<p>{line}.</p>" for line in TEXT.split(". "))
    + "</article></body></html>"
)
asked = pytest.mark.skipif(not opinions.available(), reason="extra `opinions` is not installed")
all_asked = pytest.mark.skipif(len(opinions.available()) < 3, reason="extra `opinions` is missing")


@asked
def test_ours_stands_where_another_agrees() -> None:
    opinion = opinions.body_text(PAGE)
    assert opinion.by == opinions.OWN and TEXT[:60] in opinion.text
    assert opinion.agreement is not None and opinion.agreement >= opinions.AGREED


@all_asked
def test_consensus_against_ours_is_taken() -> None:
    opinion = opinions.second("Một văn bản khác hẳn, không ai thấy trong trang này.", PAGE)
    assert opinion.by != opinions.OWN and TEXT[:60] in opinion.text
    assert opinion.agreement == 0.0


def test_without_others_ours_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opinions, "find_spec", lambda name: None)
    assert opinions.available() == []
    opinion = opinions.second("của ta", PAGE)
    assert (opinion.text, opinion.by, opinion.agreement) == ("của ta", "own", None)


@asked
@pytest.mark.parametrize("html", ["", " ", "<", "<html>", "\x00", "text"])
def test_scraps_have_no_opinion_that_breaks(html: str) -> None:
    assert isinstance(opinions.body_text(html).text, str)


def test_agreement_counts_neighbouring_words() -> None:
    assert opinions.agreement("a b c", "a b c!") == 1.0
    assert opinions.agreement("a b c", "c b a") < 0.5
    assert opinions.agreement("", "") == 1.0
    assert opinions.agreement("地震があった。", "地震があった") == 1.0
