"""Articles written for the markups of `markups.py`: what a reader sees, without any markup."""

import json
from dataclasses import dataclass
from pathlib import Path

GOLDEN = Path(__file__).parents[1] / "pages" / "kkt" / "reference.json"


@dataclass(frozen=True)
class Items:
    """A list; one block of the body, a line an item."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Figures:
    """A table of figures; one block, a line a row."""

    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Picture:
    """A picture with what stands below it."""

    source: str
    caption: str


@dataclass(frozen=True)
class Head:
    """A heading inside the text."""

    text: str


Piece = str | Items | Figures | Picture | Head


@dataclass(frozen=True)
class Story:
    """An article: its pieces in reading order, and the line that signs it."""

    name: str
    slug: str
    title: str
    pieces: tuple[Piece, ...]
    byline: str
    authors: tuple[str, ...]

    @property
    def body(self) -> str:
        """The body that an extractor must give."""
        found = []
        for piece in self.pieces:
            if isinstance(piece, Items):
                found.append("\n".join(f"- {line}" for line in piece.lines))
            elif isinstance(piece, Figures):
                found.append("\n".join("\t".join(row) for row in piece.rows))
            elif isinstance(piece, Head):
                found.append(piece.text)
            elif isinstance(piece, str):
                found.append(piece)
        return "\n\n".join(found)


def reference(*, listed: bool) -> Story:
    """The article of the economic zone's portal; `listed`: its four items as one list."""
    golden = json.loads(GOLDEN.read_text("utf-8"))
    body = golden["body"].split("\n\n")
    pieces: list[Piece] = list(body)
    if listed:
        items = tuple(line.removeprefix("- ") for line in body if line.startswith("- "))
        pieces = [body[0], Items(items), body[-1]]
    return Story(
        "reference-list" if listed else "reference",
        golden["slug"],
        golden["title"],
        tuple(pieces),
        golden["byline"],
        tuple(golden["authors"]),
    )


NOTICE = Story(
    "notice",
    "thong-bao-tam-ngung-cung-cap-nuoc-tai-phuong-quyet-thang",
    "Thông báo tạm ngừng cung cấp nước tại phường Quyết Thắng",
    (
        "Để thay đường ống chính trên đường Trần Phú, Công ty Cấp nước tạm ngừng cung cấp nước cho"
        " các tổ dân phố 3, 4 và 5 từ 8 giờ đến 16 giờ ngày 12/3/2023. Đề nghị bà con dự trữ nước.",
    ),
    "Y Hoa",
    ("Y Hoa",),
)

LISTS = Story(
    "lists",
    "huong-dan-ho-so-vay-von-ho-tro-chan-nuoi-nam-2022",
    "Hướng dẫn hồ sơ vay vốn hỗ trợ chăn nuôi năm 2022",
    (
        "Hội Nông dân huyện hướng dẫn các hộ hội viên lập hồ sơ vay vốn từ Quỹ Hỗ trợ nông dân để"
        " mua bò giống, làm chuồng trại và trồng cỏ.",
        Head("Hồ sơ gồm có"),
        Items(
            (
                "Đơn đề nghị vay vốn, có xác nhận của Chi hội",
                "Phương án chăn nuôi của hộ",
                "Bản sao căn cước công dân",
                "Giấy chứng nhận quyền sử dụng đất",
            )
        ),
        "Sau khi nhận đủ hồ sơ, trong mười ngày làm việc Ban điều hành Quỹ thẩm định tại hộ theo"
        " ba bước sau:",
        Items(
            (
                "Xem chuồng trại và diện tích trồng cỏ",
                "Lập biên bản thẩm định có chữ ký của trưởng thôn",
                "Trình Ban Thường vụ Hội phê duyệt",
            )
        ),
        "Hộ vay sử dụng vốn sai mục đích phải hoàn trả trước hạn.",
    ),
    "A Thịnh",
    ("A Thịnh",),
)

TABLE = Story(
    "table",
    "dien-tich-ca-phe-cua-cac-xa-den-thang-9-nam-2021",
    "Diện tích cà phê của các xã đến tháng 9 năm 2021",
    (
        "Phòng Nông nghiệp và Phát triển nông thôn huyện vừa tổng hợp diện tích cà phê của các xã."
        " So với cùng kỳ năm trước, toàn huyện trồng mới được 118 ha, chủ yếu ở các xã phía bắc.",
        Figures(
            (
                ("Xã", "Diện tích (ha)", "Trồng mới (ha)"),
                ("Đăk Mar", "1.204", "31"),
                ("Đăk Hring", "987", "45"),
                ("Ngọk Wang", "655", "42"),
                ("Hà Mòn", "1.020", "0"),
            )
        ),
        "Trong thời gian đến, huyện vận động các hộ tái canh những vườn cà phê trên hai mươi năm"
        " tuổi, đồng thời chuyển sang giống chín muộn để tránh thu hoạch vào mùa mưa.",
    ),
    "Nguyễn Thị Hồng Vân",
    ("Nguyễn Thị Hồng Vân",),
)

PICTURES = Story(
    "pictures",
    "le-mung-lua-moi-cua-nguoi-gie-trieng-o-lang-dak-rang",
    "Lễ mừng lúa mới của người Giẻ Triêng ở làng Đăk Răng",
    (
        "Sáng sớm, khi sương còn phủ kín con suối đầu làng, già làng Brôl Vẻl đã đánh ba hồi chiêng"
        " gọi bà con về nhà rông chuẩn bị lễ mừng lúa mới.",
        Picture("/uploads/2020/chieng.jpg", "Ảnh: Đội chiêng của làng trước nhà rông"),
        "Phụ nữ trong làng giã những bông lúa đầu mùa, nấu nồi cơm đầu tiên dâng lên thần lúa. Mỗi"
        " nhà mang đến một ghè rượu, xếp thành hàng dài quanh cây nêu.",
        Picture("/uploads/2020/ghe-ruou.jpg", "Ảnh: Ghè rượu xếp quanh cây nêu"),
        "Lễ kéo dài hai ngày. Đêm thứ hai, thanh niên các làng bên cũng tìm đến, cùng nắm tay nhảy"
        " xoang quanh đống lửa cho tới khi gà gáy.",
    ),
    "Đinh Su Giang",
    ("Đinh Su Giang",),
)

_DAYS = (
    "Ngày thứ nhất, đoàn khảo sát đi từ thị trấn lên đầu nguồn sông, qua bốn ngôi làng nằm dọc con"
    " đường đất đỏ mà mùa mưa xe máy phải quấn xích mới đi được.",
    "Ở làng đầu tiên, trưởng thôn cho biết cả làng có 62 hộ, trong đó 40 hộ đã có nước tự chảy kéo"
    " về từ khe núi bằng ống nhựa do bà con tự góp tiền mua.",
    "Trạm y tế xã có một bác sĩ và ba điều dưỡng; mỗi tháng trạm khám cho khoảng 500 lượt người,"
    " nhiều nhất là trẻ em bị viêm đường hô hấp khi trời trở lạnh.",
    "Điểm trường của làng thứ hai chỉ có hai phòng học. Cô giáo Y Lan dạy lớp ghép, buổi sáng dạy"
    " chữ, buổi chiều ra rẫy tìm những em bỏ học theo cha mẹ.",
    "Đến làng thứ ba, đoàn gặp mưa lớn. Con suối dâng lên ngang ngực, cả đoàn phải ngủ lại nhà"
    " rông,"
    " nghe người già kể chuyện lập làng.",
    "Người dân ở đây trồng sắn là chính, mỗi héc-ta thu được chừng 15 tấn củ tươi, bán ngay tại rẫy"
    " cho thương lái từ dưới xuôi lên.",
    "Vài hộ đã trồng thử bời lời và cà phê chè. Sau bốn năm, vườn của anh A Blong cho thu hoạch vụ"
    " đầu, đủ tiền mua một chiếc máy cày tay.",
    "Làng cuối cùng nằm sát bìa rừng. Tổ bảo vệ rừng gồm mười hai người chia ba nhóm, mỗi tuần tuần"
    " tra hai lần, nhận tiền dịch vụ môi trường rừng theo quý.",
)
LONG = Story(
    "long",
    "bon-ngoi-lang-ben-dau-nguon-song-po-ko",
    "Bốn ngôi làng bên đầu nguồn sông Pô Kô",
    (
        "Con sông Pô Kô bắt đầu từ những khe nước nhỏ dưới chân núi Ngọc Linh, chảy qua bốn ngôi"
        " làng mà ít người dưới xuôi biết tên.",
        Head("Đường lên đầu nguồn"),
        *_DAYS[:4],
        Head("Những mùa rẫy"),
        *_DAYS[4:],
        "Khi đoàn trở về, con đường vẫn còn lầy, nhưng những câu chuyện bên bếp lửa thì ở lại với"
        " mọi người rất lâu. Ai cũng hẹn mùa khô sẽ quay lại.",
    ),
    "Trần Đức Thành",
    ("Trần Đức Thành",),
)

STORIES = (reference(listed=False), reference(listed=True), NOTICE, LISTS, TABLE, PICTURES, LONG)
