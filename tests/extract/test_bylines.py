"""Bylines: recorded lines, other forms of the same kinds, and every block of a real crawl."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kontum_crawler.extract.bylines import read_byline, split_glued
from kontum_crawler.extract.captions import credit, is_caption
from kontum_crawler.extract.names import is_rank
from kontum_crawler.items import Byline

HERE = Path(__file__).resolve()
CASES = json.loads((HERE.parents[1] / "data" / "bylines.json").read_text("utf-8"))
WRITTEN = json.loads((HERE.parents[1] / "data" / "written_lines.json").read_text("utf-8"))
EVAL = Path(os.environ.get("KONTUM_EVAL", HERE.parents[2].parent / "shared")) / "cms" / "nukeviet"
TRUTH = [
    json.loads(line)
    for name in ("truth.jsonl", "truth-second.jsonl")
    if (EVAL / name).exists()
    for line in (EVAL / name).read_text("utf-8").splitlines()
]
needs_truth = pytest.mark.skipif(not TRUTH, reason="the NukeViet crawl is not beside the clone")


def parts(byline: Byline | None) -> dict[str, Any] | None:
    if byline is None:
        return None
    return {name: getattr(byline, name) for name in ("authors", "unit", "source", "photo_by")}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["raw"].strip()[:60])
def test_a_recorded_line_gives_its_byline(case: dict[str, Any]) -> None:
    assert parts(read_byline(case["raw"])) == case["expected"]


@pytest.mark.parametrize("case", WRITTEN["bylines"], ids=lambda case: case["raw"][:60])
def test_a_written_line_gives_its_byline(case: dict[str, Any]) -> None:
    assert parts(read_byline(case["raw"])) == case["expected"]


@pytest.mark.parametrize(
    ("line", "authors", "unit", "source", "photo_by"),
    [
        ("PV", [], "PV", None, []),
        ("Nguyễn Văn Quân sưu tầm", ["Nguyễn Văn Quân"], None, None, []),
        ("Bảo Châu st", ["Bảo Châu"], None, None, []),
        ("Chùm ảnh: Đức Thành", [], None, None, ["Đức Thành"]),
        ("Phòng GDTrH-GDTX", [], "Phòng GDTrH-GDTX", None, []),
        ("Sở Lao động, Thương binh và Xã hội", [], "Sở Lao động, Thương binh và Xã hội", None, []),
        ("Nhóm PV", [], "Nhóm PV", None, []),
        ("BBT", [], "BBT", None, []),
        ("Thực hiện: Minh Vinh", ["Minh Vinh"], None, None, []),
        ("Người viết: Y Nhàn", ["Y Nhàn"], None, None, []),
        ("Người đưa tin: A Krưk", ["A Krưk"], None, None, []),
        ("Biên soạn: Rơ Chăm Long", ["Rơ Chăm Long"], None, None, []),
        ("Rơ Chăm Long", ["Rơ Chăm Long"], None, None, []),
        ("A Krưk", ["A Krưk"], None, None, []),
        ("U Huấn", ["U Huấn"], None, None, []),
        ("Siu H'Prang", ["Siu H'Prang"], None, None, []),
        ("Thế Thảo", ["Thế Thảo"], None, None, []),
        ("Văn Hoà – Y Nghĩa", ["Văn Hoà", "Y Nghĩa"], None, None, []),
        ("Y Hoa (bài và ảnh)", ["Y Hoa"], None, None, ["Y Hoa"]),
        ("Hữu Thành (Báo Kon Tum)", ["Hữu Thành"], None, "Báo Kon Tum", []),
        ("Trung tá A Nghĩa - Công an huyện", ["A Nghĩa"], "Công an huyện", None, []),
        ("Bài: Y Hoa; ảnh: A Lý, Thu An", ["Y Hoa"], None, None, ["A Lý", "Thu An"]),
        ("Nguồn: Báo Kon Tum", [], None, "Báo Kon Tum", []),
        ("(Nguồn: TTXVN)", [], None, "TTXVN", []),
        ("(Theo baokontum.com.vn)", [], None, "baokontum.com.vn", []),
        ("Theo TTXVN", [], None, "TTXVN", []),
        ("(TTXVN/Vietnam+)", [], None, "TTXVN/Vietnam+", []),
        ("TTXVN", [], None, "TTXVN", []),
        ("Nguồn: https://baokontum.com.vn/xa-hoi/abc-123.html", [], None, "baokontum.com.vn", []),
        ("Theo Báo Kon Tum", [], None, "Báo Kon Tum", []),
        (
            "Nguồn: Cổng Thông tin điện tử Chính phủ",
            [],
            None,
            "Cổng Thông tin điện tử Chính phủ",
            [],
        ),
        ("Sưu tầm: Minh Anh", ["Minh Anh"], None, None, []),
        ("Tổng hợp: ThS. Lê Văn Bảy", ["Lê Văn Bảy"], None, None, []),
        ("TS. Nguyễn Văn Hùng", ["Nguyễn Văn Hùng"], None, None, []),
        ("BS. CKI Y Lan", ["Y Lan"], None, None, []),
        ("BS.CKII Trần Ái", ["Trần Ái"], None, None, []),
        ("Tin: Minh Vinh; Ảnh: Hồ Trung", ["Minh Vinh"], None, None, ["Hồ Trung"]),
        ("Bài: Minh Vinh - Ảnh: Hồ Trung", ["Minh Vinh"], None, None, ["Hồ Trung"]),
        ("Minh Vinh. Ảnh: Hồ Trung", ["Minh Vinh"], None, None, ["Hồ Trung"]),
        ("Bài và ảnh: Lê Na", ["Lê Na"], None, None, ["Lê Na"]),
        ("Tin - ảnh: Lê Na", ["Lê Na"], None, None, ["Lê Na"]),
        ("Tin ảnh: Lê Na", ["Lê Na"], None, None, ["Lê Na"]),
        ("Tin, bài, ảnh: Lê Na", ["Lê Na"], None, None, ["Lê Na"]),
        (
            "Bài, ảnh: Y Nhàn, A Phương và Thu Hằng",
            ["Y Nhàn", "A Phương", "Thu Hằng"],
            None,
            None,
            ["Y Nhàn", "A Phương", "Thu Hằng"],
        ),
        ("Ảnh: Hồ Trung", [], None, None, ["Hồ Trung"]),
        ("(Ảnh: Hồ Trung)", [], None, None, ["Hồ Trung"]),
        ("Y Thanh (Trung tâm Văn hóa)", ["Y Thanh"], "Trung tâm Văn hóa", None, []),
        ("Nguyễn Văn An, Phòng Kinh tế huyện", ["Nguyễn Văn An"], "Phòng Kinh tế huyện", None, []),
        ("UBND huyện Đăk Hà", [], "UBND huyện Đăk Hà", None, []),
        ("Đoàn Thị Lan", ["Đoàn Thị Lan"], None, None, []),
        ("Văn phòng Sở", [], "Văn phòng Sở", None, []),
        ("Sở Y tế", [], "Sở Y tế", None, []),
        ("Công an tỉnh", [], "Công an tỉnh", None, []),
        ("Nguyễn Hữu Tháp", ["Nguyễn Hữu Tháp"], None, None, []),
        ("Minh Anh/Báo Kon Tum", ["Minh Anh"], None, "Báo Kon Tum", []),
        ("Thu Trang – PV", ["Thu Trang"], "PV", None, []),
        ("Tin: PV", [], "PV", None, []),
        ("Cát Tiên-Văn Hiển", ["Cát Tiên", "Văn Hiển"], None, None, []),
        ("Nguồn tin: Báo Kon Tum", [], None, "Báo Kon Tum", []),
        ("Tác giả: Lê Na - Nguồn: Báo Kon Tum", ["Lê Na"], None, "Báo Kon Tum", []),
        ("Tin:", [], None, None, []),
        ("Tác giả: Y Hoa (tổng hợp)", ["Y Hoa"], None, None, []),
        ("PV (tổng hợp)", [], "PV", None, []),
        ("Đ/c A Kiên", ["A Kiên"], None, None, []),
        ("CTV: Minh Anh", ["Minh Anh"], None, None, []),
        ("Phóng viên Minh Anh", ["Minh Anh"], None, None, []),
        ("Tin, ảnh: CTV", [], "CTV", None, []),
        ("Nguyễn Thanh Dao – Văn phòng", ["Nguyễn Thanh Dao"], "Văn phòng", None, []),
        ("VĂN PHÒNG", [], "VĂN PHÒNG", None, []),
        ("Phòng Quản lý Đầu tư", [], "Phòng Quản lý Đầu tư", None, []),
        ("Ban Quản lý Khu kinh tế tỉnh", [], "Ban Quản lý Khu kinh tế tỉnh", None, []),
        ("Hội LHPN tỉnh", [], "Hội LHPN tỉnh", None, []),
    ],
)
def test_a_line_that_signs_gives_its_parts(
    line: str, authors: list[str], unit: str | None, source: str | None, photo_by: list[str]
) -> None:
    expected = {"authors": authors, "unit": unit, "source": source, "photo_by": photo_by}
    assert parts(read_byline(line)) == expected


@pytest.mark.parametrize(
    "line",
    [
        "Tác giả: admin",
        "Thông Báo Mới",
        "Lễ Khai Mạc",
        "Văn Hóa",
        "Ông Nguyễn Văn An",
        "Như trên;",
        "admin",
        "quantri",
        "Tác giả: quantri",
        "Ảnh: Internet",
        "Ảnh minh hoạ",
        "TIN LIÊN QUAN",
        "Tin Liên Quan",
        "QUYẾT ĐỊNH",
        "Kon Tum",
        "Nguyễn Văn A (bên phải)",
        "Ban tổ chức trao giải cho các đội",
        "CHỦ TỊCH",
        "Phó Chủ tịch",
        "KT. CHỦ TỊCH",
        "TM. ỦY BAN NHÂN DÂN",
        "HỘI NGHỊ TỔNG KẾT",
        "Theo đó, các đơn vị",
        "Theo Kế hoạch số 12",
        "Xem tiếp",
        "Hết",
        "Thực hiện: Kế hoạch số 12/KH-UBND",
        "Trần Văn Bảy - Phó Chủ tịch UBND huyện",
        "Ghi chú: Số liệu tạm tính",
        "Ngày 12/5/2024",
        "Địa điểm: Hội trường UBND",
        "Công an xã tuyên truyền cho người dân",
        "Trường học mới khang trang",
        "Hội nghị thành công tốt đẹp.",
        "Hội nghị thành công tốt đẹp",
        "Đoàn viên thanh niên ra quân",
        "Đội tuyển huyện Đăk Hà",
        "Bộ Tài chính ban hành thông tư",
    ],
)
def test_a_line_that_does_not_sign_gives_none(line: str) -> None:
    assert read_byline(line) is None


@needs_truth
def test_every_byline_of_the_nukeviet_crawl_is_read_with_and_without_its_label() -> None:
    wrong = [
        (line, parts(found))
        for row in TRUTH
        for line in (row["byline"], row["byline_printed"])
        if line
        and (
            not (found := read_byline(line))
            or (found.authors, found.unit, found.photo_by)
            != (row["authors"], row["unit"], row["photo_by"])
        )
    ]
    assert wrong == []


@needs_truth
def test_no_block_of_the_nukeviet_crawl_but_a_signature_is_taken_for_a_byline() -> None:
    taken = {
        block
        for row in TRUTH
        for blocks in [row["body"].split("\n\n")]
        for before, block in zip(["", *blocks], [*blocks, row["title"]], strict=True)
        if not is_rank(before) and (read_byline(block) or split_glued(block))
    }
    assert taken == set()


def test_the_line_is_kept_as_printed() -> None:
    found = read_byline("  Tin,\u00a0ảnh:   Y Nhàn ")
    assert found
    assert found.line == "Tin, ảnh: Y Nhàn"


@pytest.mark.parametrize(
    ("block", "body", "line"),
    [
        ("trên địa bàn tỉnh./. Dương Văn Lợt", "trên địa bàn tỉnh./.", "Dương Văn Lợt"),
        (f"phát triển Kon Tum.{' ' * 33}THANH TÂM", "phát triển Kon Tum.", "THANH TÂM"),
        (
            f"phát triển Kon Tum{chr(160) * 9}Y Nhàn - A Phương",
            "phát triển Kon Tum",
            "Y Nhàn - A Phương",
        ),
        ("nói trên. RCK", "nói trên.", "RCK"),
        ("kết thúc tốt đẹp.    Tin, ảnh: Hoài Tiến", "kết thúc tốt đẹp.", "Tin, ảnh: Hoài Tiến"),
        ("kết thúc\nTác giả: A Byót", "kết thúc", "Tác giả: A Byót"),
        ("huyện Kon Rẫy Tin, ảnh: Thanh Hiền", "huyện Kon Rẫy", "Tin, ảnh: Thanh Hiền"),
        ("nhân dân tỉnh.          Văn phòng", "nhân dân tỉnh.", "Văn phòng"),
        ("trong xã. (Theo TTXVN)", "trong xã.", "(Theo TTXVN)"),
        ("tốt đẹp. ThS. Nguyễn Thị Oanh", "tốt đẹp.", "ThS. Nguyễn Thị Oanh"),
    ],
)
def test_a_byline_glued_to_the_last_sentence_is_parted(block: str, body: str, line: str) -> None:
    split = split_glued(block)
    assert split
    assert (split[0], split[1].line) == (body, line)


@pytest.mark.parametrize(
    "block",
    [
        "Đoàn đã gặp Chủ tịch Hồ Chí Minh.",
        "Đồng chí Lê Hồng Phong phát biểu. Ảnh: HN",
        "Bà con vui mừng. Đăk Hà có ba xã về đích.",
        "Thông báo để các đơn vị được biết./.",
        "",
    ],
)
def test_a_block_without_a_byline_is_left_alone(block: str) -> None:
    assert split_glued(block) is None


@pytest.mark.parametrize(
    ("caption", "who"),
    [
        ("Các ĐBQH tỉnh tham dự. Ảnh: HN", "HN"),
        ("Quân y đo thân nhiệt (nguồn ảnh: baokontum.com.vn).", "baokontum.com.vn"),
        ("(Ảnh: Hồ Trung)", "Hồ Trung"),
        ("Buổi làm việc. Ảnh: Tuấn Anh - TTXVN", "Tuấn Anh - TTXVN"),
        ("Ảnh minh họa", None),
        ("(ảnh: các đội tham gia thi đấu tại giải)", None),
        ("Ảnh: Lãnh đạo Công an tỉnh trao quà cho bà con", None),
    ],
)
def test_the_credit_of_a_caption_is_a_name_or_an_outlet(caption: str, who: str | None) -> None:
    assert credit(caption) == who


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("Các ĐBQH tỉnh tham dự. Ảnh: HN", True),
        ("Ảnh: Lãnh đạo Công an tỉnh trao quà cho bà con", True),
        ("Bà con thu hoạch cà phê (Ảnh minh hoạ)", True),
        ("Bà con thu hoạch cà phê được mùa.", False),
    ],
)
def test_captions_are_told_from_sentences(line: str, answer: bool) -> None:
    assert is_caption(line) is answer


@given(st.text(max_size=300))
def test_no_text_makes_it_stumble(text: str) -> None:
    for line in (text, f"Tin, ảnh: {text}", f"{text}. Y Nhàn", f"Ảnh: {text}"):
        read_byline(line)
        split_glued(line)
        credit(line)
