"""Words of bylines: highland names, surnames, headings, offices. Only lists; `names.py` reads them.

Phrases are separated by commas. Headings keep their accents: `Thế Thảo` is a person, «thể thao»
is not.
"""

_HIGHLAND = """
y a u h hơ rơ ksor siu kpă rmah rcom rahlan nay kpuih puih rô r'o
"""
_SURNAMES = """
nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đào đoàn vương trịnh
trương đinh lâm phùng mai tô hà tạ lương thái cao chu châu quách lưu nông lục kiều triệu la vi
hứa tống khổng văn trà thân mạc tăng doãn giáp lò hầu sầm ninh tôn thạch kim ông bạch quang
"""
_HEADINGS = """
tin tức, tin mới, tin khác, tin liên quan, bài liên quan, tin nóng, tin bài, bài viết, xem thêm,
trang chủ, liên hệ, giới thiệu, văn bản, thông báo, kết luận, phụ lục, quyết định, kế hoạch,
báo cáo, mục lục, thủ tướng, chủ tịch, phó chủ tịch, giám đốc, phó giám đốc, bộ trưởng,
thủ trưởng, bí thư, phó bí thư, trưởng ban, trưởng phòng, chánh văn phòng, người ký, nơi nhận,
từ khóa, bình luận, chia sẻ, tải về, đăng nhập, đăng ký, đăng xuất, tìm kiếm, bản in,
về đầu trang, quay lại, đọc nhiều, xem nhiều, trả lời, sự kiện, video clip, hình ảnh,
thư viện ảnh, chuyên mục, danh mục, liên kết, quảng cáo, thống kê, truy cập, góc ảnh, bản đồ,
hỏi đáp, lịch công tác, trang trước, trang sau, tiếp theo, mở đầu, lời nói đầu, kon tum, kontum,
việt nam, hà nội, tây nguyên, gia lai, quảng ngãi, đà nẵng, hồ chí minh, đăk hà, đắk hà, đăk tô,
đắk tô, đăk glei, đắk glei, đăk lăk, đắk lắk, ngọc hồi, sa thầy, kon rẫy, kon plông, tu mơ rông,
ia h'drai, ia h’drai, măng đen, bờ y, plei kần, ảnh minh họa, thường trực, ký tên, công văn,
nghị quyết, chỉ thị, tờ trình, thư mời, giấy mời, kính gửi, điều khoản, chương trình, nội dung,
thời gian, địa điểm, thành phần, kết quả, ý nghĩa, mục đích, yêu cầu, nhiệm vụ, giải pháp,
đối ngoại, kinh tế, xã hội, văn hóa, thể thao, giáo dục, pháp luật, chính trị, thời sự,
quốc phòng, an ninh, du lịch, môi trường, công nghệ, khoa học, đầu tư, bất động sản, hội nghị,
hội thảo, hội thi, hội trại, lễ hội, lễ khai mạc, lễ bế mạc, lễ phát động, đại hội, toàn cảnh,
quang cảnh, danh sách, bản quyền, hoạt động, thi đua, phong trào, tuyên truyền, cải cách
"""
_SCREEN_WORDS = """
xem thêm tải top menu facebook zalo youtube email google rss
"""
_OFFICES = """
trung tâm, văn phòng, chi cục, chi đoàn, chi hội,
tổng cục, công đoàn, liên đoàn, ủy ban, uỷ ban, hội đồng,
ban quản lý, ban biên tập, ban tuyên giáo, ban tổ chức, huyện ủy, huyện uỷ, huyện đoàn, tỉnh ủy,
tỉnh uỷ, tỉnh đoàn, thành ủy, thành uỷ, thành đoàn, đảng ủy, đảng uỷ, đảng bộ, chi bộ, công an,
bộ đội, bộ chỉ huy, bộ tư lệnh, bệnh viện, bảo hiểm, kho bạc, ngân hàng, thanh tra, tòa án,
toà án, viện kiểm sát, hạt kiểm lâm, vườn quốc gia, công ty, tập đoàn, nhà máy, nhà văn hóa,
nhà văn hoá, thư viện, bảo tàng, học viện, đại học, cao đẳng, câu lạc bộ, mặt trận, liên minh,
cơ quan, bưu điện, điện lực, quân khu, quân đoàn, sư đoàn, trung đoàn, tiểu đoàn, binh đoàn,
lữ đoàn, ban chỉ huy, hợp tác xã, đồn biên phòng, tòa soạn, toà soạn, ban dân tộc, ban dân vận,
ban nội chính, trạm y tế, hội nông dân, hội phụ nữ, hội cựu chiến binh, hội liên hiệp,
tổ biên tập, tổ tuyên truyền, ubnd, hđnd, bql, bch, btv, bcđ, bbt, mttq, ubmttq, ubmttqvn,
vkstc, vksnd, tand, lđlđ, bhxh, cdc, vnpt, bchqs, bđbp, hlhpn, lhpn, ttyt, ttvh, ttvh-tt-dl&tt,
skhcn, khcn, stnmt, svhttdl, ttgdnn-gdtx
"""
_COURTESY = """
ông bà anh chị em cô thầy bác chú
"""
_OFFICE_WORDS = """
phòng, ban, sở, cục, vụ, viện, đài, hội, trường, khoa, bộ, đồn, hạt, trạm, đội, tổ, đoàn, quỹ,
khối
"""


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.split(","))


HIGHLAND = frozenset(_HIGHLAND.split())
"""First syllables of Bahnar, Jarai and Sedang names, which are no Vietnamese syllables."""
SURNAMES = frozenset(_SURNAMES.split()) | HIGHLAND
HEADINGS = _phrases(_HEADINGS)
"""What pages print in the form of a name: headings, footers, kinds of documents, places, ranks."""
SCREEN_WORDS = frozenset(_SCREEN_WORDS.split())
COURTESY = frozenset(_COURTESY.split())
"""Before a full name these words make a caption; with one word more they are pen names."""
OFFICES = _phrases(_OFFICES)
"""Offices that may be named by one word more; the others need words in small letters."""
OFFICE_WORDS = _phrases(_OFFICE_WORDS)
