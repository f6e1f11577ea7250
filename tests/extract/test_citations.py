"""Citations: recorded excerpts, other forms of the same grammar, and text made to hurt."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kontum_crawler.extract.citations import citations, document_key, same_document
from kontum_crawler.extract.doctypes import issuer_of, type_of

DATA = Path(__file__).parents[1] / "data"
CASES = json.loads((DATA / "documents.json").read_text("utf-8"))
WRITTEN = json.loads((DATA / "written_lines.json").read_text("utf-8"))["documents"]
FIELDS = ("quote", "doc_type", "number", "issuer", "issuer_code", "issued_on")
WORDS = (
    "Quyết định|Kế hoạch|Luật|số|1600/KH-UBND|28-CT/TW|85/2014/QH13|ngày|09/5/2024|30/4|của|UBND"
    "|tỉnh|về|,|;|(|)|và|12|30a|năm 2024|khóa XI|.|84 QĐ/TWĐTN|/|-|đ"
)
PIECES = st.lists(st.sampled_from(WORDS.split("|")), max_size=40).map(" ".join)


def found(text: str) -> list[dict[str, Any]]:
    return [{name: getattr(item, name) for name in FIELDS} for item in citations("body", text)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["raw"][:60])
def test_a_recorded_excerpt_gives_its_citations(case: dict[str, Any]) -> None:
    assert found(re.sub(r"\s+", " ", case["raw"])) == case["expected"]


@pytest.mark.parametrize("case", WRITTEN, ids=lambda case: case["raw"][:60])
def test_a_written_excerpt_gives_its_citations(case: dict[str, Any]) -> None:
    cited = [{name: one[name] for name in FIELDS[1:]} for one in found(case["raw"])]
    assert cited == case["expected"]


@pytest.mark.parametrize(
    ("text", "kind", "number", "issuer", "code", "day"),
    [
        (
            "Thông tư liên tịch số 12/2015/TTLT-BNV-BTC ngày 5/6/2015 của Bộ Nội vụ"
            " và Bộ Tài chính",
            "Thông tư liên tịch",
            "12/2015/TTLT-BNV-BTC",
            "Bộ Nội vụ và Bộ Tài chính",
            "BNV-BTC",
            "2015-06-05",
        ),
        (
            "Công văn số 1583/UBND-KGVX của UBND tỉnh về việc",
            "Công văn",
            "1583/UBND-KGVX",
            "UBND tỉnh",
            "UBND",
            None,
        ),
        (
            "Quyết định của Bộ Chính trị số 244-QĐ/TW ngày 9/6/2014 về",
            "Quyết định",
            "244-QĐ/TW",
            "Bộ Chính trị",
            "TW",
            "2014-06-09",
        ),
        ("Luật số 31/2024/QH15", "Luật", "31/2024/QH15", None, "QH15", None),
        (
            "Luật Thi đua, khen thưởng số 06/2022/QH15 ngày 15/6/2022",
            "Luật",
            "06/2022/QH15",
            None,
            "QH15",
            "2022-06-15",
        ),
        ("Bộ luật Dân sự năm 2015", "Bộ luật", None, None, None, None),
        ("Chương trình 135 của Chính phủ", "Chương trình", "135", "Chính phủ", None, None),
        (
            "KẾ HOẠCH SỐ 12/KH-UBND NGÀY 9/5/2024 CỦA UBND TỈNH VỀ VIỆC",
            "Kế hoạch",
            "12/KH-UBND",
            "UBND TỈNH",
            "UBND",
            "2024-05-09",
        ),
        (
            "kế hoạch số 100/KH-BCĐ389 của Ban Chỉ đạo 389.",
            "Kế hoạch",
            "100/KH-BCĐ389",
            "Ban Chỉ đạo 389",
            "BCĐ389",
            None,
        ),
        (
            "Kết luận số 01-KL/TU ngày 9/5/2024 của Ban Chỉ đạo phòng, chống tham nhũng, tiêu cực"
            " tỉnh về",
            "Kết luận",
            "01-KL/TU",
            "Ban Chỉ đạo phòng, chống tham nhũng, tiêu cực tỉnh",
            "TU",
            "2024-05-09",
        ),
        (
            "Quyết định số 05/2021/QĐ-UBND ngày 31/02/2021",
            "Quyết định",
            "05/2021/QĐ-UBND",
            None,
            "UBND",
            None,
        ),
        ("theo số 12/QĐ-SNV", "Quyết định", "12/QĐ-SNV", None, "SNV", None),
    ],
)
def test_a_document_is_read_part_by_part(
    text: str, kind: str, number: str | None, issuer: str | None, code: str | None, day: str | None
) -> None:
    assert [[item[name] for name in FIELDS[1:]] for item in found(text)] == [
        [kind, number, issuer, code, day]
    ]


def test_the_kind_is_carried_over_in_enumerations() -> None:
    text = "các Nghị quyết số 18-NQ/TW, số 19-NQ/TW và 20-NQ/TW ngày 25/10/2017"
    assert [(item["doc_type"], item["quote"]) for item in found(text)] == [
        ("Nghị quyết", "Nghị quyết số 18-NQ/TW"),
        ("Nghị quyết", "số 19-NQ/TW"),
        ("Nghị quyết", "20-NQ/TW ngày 25/10/2017"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Kế hoạch 5 năm 2021-2025",
        "Báo cáo 6 tháng đầu năm",
        "Kế hoạch 2024",
        "Điện thoại 0260/3862.461 hoặc 060-3862461",
        "24/24 giờ, 7/7 ngày, tỷ lệ 1/500, ngày 30/4 và 1/5",
        "Luật Đất đai",
        "Luật sư Nguyễn Văn A năm 2024",
        "biển số 82A-012.34, lớp 10/A-B, tổ 3/KP-2",
        "12 HTX/THT trên địa bàn",
        "theo Nghị quyết của Đảng",
        "",
    ],
)
def test_other_figures_are_no_documents(text: str) -> None:
    assert found(text) == []


@given(st.text(max_size=200) | PIECES)
def test_each_quote_stands_where_it_says_and_none_overlap(text: str) -> None:
    end = 0
    for item in citations("lead", text):
        assert item.field == "lead"
        assert text[item.start : item.end] == item.quote
        assert end <= item.start < item.end
        assert item.number is None or item.number in item.quote
        assert item.issuer is None or item.issuer in item.quote
        end = item.end


@pytest.mark.parametrize(
    "piece",
    [
        "1/",
        "12/34/",
        "9",
        "12/2024/",
        "Quyết định ",
        "Luật A ",
        "số ",
        "1/A-",
        "1/KH-UBND của A ",
        "- ",
    ],
)
def test_time_grows_with_the_length_of_hostile_text(piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        start = time.thread_time()
        citations("body", text)
        return time.thread_time() - start

    seconds(10_000)
    short = min(seconds(25_000) for _ in range(3))
    assert min(seconds(100_000) for _ in range(3)) < 12 * max(short, 0.002)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("28/CT-TW", "28-CT/TW", True),
        ("5/QĐ-UBND", "05/QĐ-UBND", True),
        ("5/qd-ubnd", "05/QĐ-UBND", True),
        ("84 QĐ/TWĐTN", "84-QĐ/TWĐTN", True),
        ("12/HĐ-UBĐ", "12/HD-UBĐ", False),
        ("1/2024/QĐ-UBND", "12024/QĐ-UBND", False),
        ("15/QĐ-UBND", "5/QĐ-UBND", False),
    ],
)
def test_spellings_of_one_number_are_one_document(a: str, b: str, same: bool) -> None:
    assert same_document(a, b) is same
    assert not same or a.isascii() or document_key(a) == document_key(b)


def test_codes_are_known_in_any_case() -> None:
    assert (type_of("ttr"), type_of("UBND"), issuer_of("UBTVQH15")) == (
        "Tờ trình",
        None,
        "Ủy ban Thường vụ Quốc hội",
    )
