"""The date of publication: recorded lines, other forms of the same kinds, and hostile ones."""

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kontum_crawler.extract.dates import machine_date, published_at

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DATA = Path(__file__).parents[1] / "data"
CASES = json.loads((DATA / "dates.json").read_text("utf-8"))
WRITTEN = json.loads((DATA / "written_lines.json").read_text("utf-8"))["dates"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["raw"][:60])
def test_a_recorded_line_gives_its_date(case: dict[str, str]) -> None:
    assert published_at(case["raw"], ZONE) == case["expected"]


@pytest.mark.parametrize("case", WRITTEN, ids=lambda case: case["raw"][:60])
def test_a_written_line_gives_its_date(case: dict[str, str]) -> None:
    assert published_at(case["raw"], ZONE) == case["expected"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("18:22, 17/11/2021", "2021-11-17T18:22:00+07:00"),
        ("Thứ sáu, 17/05/2024 | 08:30", "2024-05-17T08:30:00+07:00"),
        ("08:30 | 17/05/2024", "2024-05-17T08:30:00+07:00"),
        ("17/05/2024, 08:30 GMT+7", "2024-05-17T08:30:00+07:00"),
        ("17/05/2024, 08:30 (GMT+7)", "2024-05-17T08:30:00+07:00"),
        ("Cập nhật lúc 08:30 ngày 17/05/2024", "2024-05-17T08:30:00+07:00"),
        ("Cập nhật lúc: 08:30, Thứ Sáu, 17/05/2024", "2024-05-17T08:30:00+07:00"),
        ("Ngày đăng: 17/5/2024", "2024-05-17"),
        ("Đăng lúc: 17/05/2024 02:48 CH", "2024-05-17T14:48:00+07:00"),
        ("17/05/2024 12:05 SA", "2024-05-17T00:05:00+07:00"),
        ("17/05/2024 3:05:09 PM", "2024-05-17T15:05:09+07:00"),
        ("T6, 17/05/2024 - 08:30", "2024-05-17T08:30:00+07:00"),
        ("CN, 19/05/2024 08:30", "2024-05-19T08:30:00+07:00"),
        ("Thứ 2, 20/05/2024 08:30", "2024-05-20T08:30:00+07:00"),
        ("20 tháng Mười Hai, 2024", "2024-12-20"),
        ("20 Tháng Mười Hai 2024", "2024-12-20"),
        ("Tháng Mười Hai 20, 2024", "2024-12-20"),
        ("Tháng Năm 19, 2025", "2025-05-19"),
        ("ngày 20 tháng mười một năm 2024", "2024-11-20"),
        ("2024-05-17", "2024-05-17"),
        ("2024-05-17T08:30:00+07:00", "2024-05-17T08:30:00+07:00"),
        ("2024-05-17T01:30:00Z", "2024-05-17T08:30:00+07:00"),
        ("2024-05-17 08:30", "2024-05-17T08:30:00+07:00"),
        ("Đăng ngày 08/07/2024, cập nhật 10/07/2024", "2024-07-08"),
        ("Ngày đăng: 08/07/2024 11:38 | Cập nhật: 09/07/2024 08:00", "2024-07-08T11:38:00+07:00"),
        ("08/07/2024 11:38 (Cập nhật: 09/07/2024 08:00)", "2024-07-08T11:38:00+07:00"),
        ("Ngày đăng:\n10/05/2025", "2025-05-10"),
        ("Ngày đăng: 08/07/2024  11:38 Mặc định Cỡ chữ", "2024-07-08T11:38:00+07:00"),
        ("08/07/2024 11:38 | 423 lượt xem", "2024-07-08T11:38:00+07:00"),
        ("08/07/2024 11:38 423", "2024-07-08T11:38:00+07:00"),
        ("May 17, 2024", "2024-05-17"),
        ("17 May 2024 08:30", "2024-05-17T08:30:00+07:00"),
        ("Ngày đăng: Thứ hai, 18/10/2021", "2021-10-18"),
        ("8h30, 17/05/2024", "2024-05-17T08:30:00+07:00"),
        ("8 giờ 30 phút ngày 17/05/2024", "2024-05-17T08:30:00+07:00"),
        ("31/12/99", "1999-12-31"),
        ("17.05.2024 08:30", "2024-05-17T08:30:00+07:00"),
        ("(Cập nhật: 17/05/2024 08:30)", "2024-05-17T08:30:00+07:00"),
        ("Được đăng: 17/05/2024", "2024-05-17"),
        ("Xuất bản: Thứ năm, 17 Tháng 5 2024 08:30", "2024-05-17T08:30:00+07:00"),
        ("Ngày 17/05/2024", "2024-05-17"),
        ("Ngày 17 tháng 5 năm 2024", "2024-05-17"),
        ("Nguyễn Văn A - 17/05/2024 08:30", "2024-05-17T08:30:00+07:00"),
        ("Thời sự | 17/05/2024", "2024-05-17"),
        ("Thứ hai, ngày 17/05/2021, 10:20", "2021-05-17T10:20:00+07:00"),
        ("1:30 17/05/2024 AM", "2024-05-17T01:30:00+07:00"),
        ("17/05/2024 00:00", "2024-05-17T00:00:00+07:00"),
        ("Lượt xem: 423 - 17/05/2024 08:00", "2024-05-17T08:00:00+07:00"),
        ("Đăng bởi Nguyễn Văn A lúc 08:30 17/05/2024", "2024-05-17T08:30:00+07:00"),
        ("Thứ Năm, 09/05/2024, 08:30 [GMT+7]", "2024-05-09T08:30:00+07:00"),
        ("Thời gian đăng: 17/05/2024 08:30", "2024-05-17T08:30:00+07:00"),
        ("Cập nhật 17/05/2024 08:30", "2024-05-17T08:30:00+07:00"),
        ("17/05/2024 lúc 08:30", "2024-05-17T08:30:00+07:00"),
        ("17/05/2024 - 08h30'", "2024-05-17T08:30:00+07:00"),
        ("Kon Tum, ngày 5 tháng 4 năm 2021", "2021-04-05"),
        ("TP. Kon Tum, ngày 05/4/2021", "2021-04-05"),
    ],
)
def test_a_line_of_publication_gives_its_date(line: str, expected: str | None) -> None:
    assert published_at(line, ZONE) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2 giờ trước", None),
        ("Hôm nay, 08:30", None),
        ("31/02/2024", None),
        ("30-2-2024 08:00", None),
        ("13/13/2024", None),
        ("17/05/1889", None),
        ("17/05/2199 08:00", None),
        ("2024", None),
        ("Tháng 5/2024", None),
        ("5/2024", None),
        ("Sáng ngày 06/02/2025, UBND tỉnh tổ chức hội nghị", None),
        ("Ngày 06/02/2025, UBND tỉnh tổ chức hội nghị.", None),
        ("Vào lúc 08:30 ngày 12/05/2024, tại UBND xã Đăk Hà", None),
        ("Hội nghị diễn ra từ 14:00 ngày 12/5/2024", None),
        ("Ngày ban hành: 12/05/2024", None),
        ("12/05/2024 - 15/05/2024", None),
        ("Hạn nộp hồ sơ: 12/05/2024", None),
        ("Thứ sáu, 17/05/2024", None),
        ("Thứ Sáu, ngày 17 tháng 05 năm 2024", None),
        ("CN, 19/05/2024", None),
        ("Hôm nay: 19/05/2024", None),
        ("Friday, May 17, 2024", None),
        ("17/05/24 08:30", None),
        ("10/11/12", None),
        ("Post by admin on 17/05/2024", None),
        ("Kế hoạch số 1600/KH-UBND ngày 09/5/2024 của Ủy ban nhân dân tỉnh", None),
        ("(30/4/1975 - 30/4/2025)", None),
        ("Ngày 30/4/1975, đất nước thống nhất", None),
        ("Số: 12/BC-UBND ngày 12/05/2024", None),
        ("17/05/2024 25:10", None),
        ("Cập nhật lúc 12/05/2024 cho thấy cả nước có 100 ca", None),
        ("Bây giờ là 08:30 12/05/2024", None),
    ],
)
def test_any_other_line_gives_none(line: str, expected: str | None) -> None:
    assert published_at(line, ZONE) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2024-05-09+0708:30:00", "2024-05-09T08:30:00+07:00"),
        ("2024-05-09T08:30:00+0700", "2024-05-09T08:30:00+07:00"),
        ("Thu, 09 May 2024 08:30:00 +0700", "2024-05-09T08:30:00+07:00"),
        ("2024-05-09", "2024-05-09"),
        ("0001-01-01T00:00:00", None),
        ("5/9/2024 8:30:00 AM", None),
        ("5/19/2024 8:30:00 AM", "2024-05-19T08:30:00+07:00"),
        ("Thứ năm - 09/05/2024 08:30", "2024-05-09T08:30:00+07:00"),
        ("2024-05-09T08:30", "2024-05-09T08:30:00+07:00"),
        ("", None),
        ("20240509", "2024-05-09"),
        ("2024-05-09T01:30:00.123Z", "2024-05-09T08:30:00+07:00"),
        ("x", None),
        ("2024-05-09+07:0008:30:00", "2024-05-09T08:30:00+07:00"),
    ],
)
def test_dates_for_programs_are_read(line: str, expected: str | None) -> None:
    assert machine_date(line, ZONE) == expected


@given(st.text(max_size=300))
def test_no_text_makes_it_stumble(line: str) -> None:
    for read in (published_at, machine_date):
        answer = read(line, ZONE)
        assert answer is None or 1990 <= int(answer[:4]) <= 2100


@given(st.datetimes())
def test_what_we_write_is_read_again(moment: datetime) -> None:
    written = moment.replace(microsecond=0, tzinfo=ZONE).isoformat()
    year = int(written[:4])
    expected = written if 1990 <= year <= 2100 else None
    assert machine_date(written, ZONE) == expected


@pytest.mark.parametrize("piece", ["1/2/2024 ", "9", ", ", "Thứ hai, ", "1:1:1:", "tháng ", "- "])
@pytest.mark.parametrize("length", [400, 400_000])
def test_hostile_lines_give_none(piece: str, length: int) -> None:
    assert published_at(("x " + piece * length)[:length], ZONE) is None
