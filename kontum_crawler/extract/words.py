"""Words of bylines: highland names, surnames, headings, offices. Only lists; `names.py` reads them.

Phrases are separated by commas. Headings are written as `text.plain` and lower case make them.
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
tin tuc, tin moi, tin khac, tin lien quan, bai lien quan, tin nong, tin bai, bai viet, xem them,
trang chu, lien he, gioi thieu, van ban, thong bao, ket luan, phu luc, quyet dinh, ke hoach,
bao cao, muc luc, thu tuong, chu tich, pho chu tich, giam doc, pho giam doc, bo truong,
thu truong, bi thu, pho bi thu, truong ban, truong phong, chanh van phong, nguoi ky, noi nhan,
tu khoa, binh luan, chia se, tai ve, dang nhap, dang ky, dang xuat, tim kiem, ban in,
ve dau trang, quay lai, doc nhieu, xem nhieu, tra loi, su kien, video clip, hinh anh,
thu vien anh, chuyen muc, danh muc, lien ket, quang cao, thong ke, truy cap, goc anh, ban do,
hoi dap, lich cong tac, trang truoc, trang sau, tiep theo, mo dau, loi noi dau, kon tum, kontum,
viet nam, ha noi, tay nguyen, gia lai, quang ngai, da nang, ho chi minh, dak ha, dak to,
dak glei, dak lak, ngoc hoi, sa thay, kon ray, kon plong, tu mo rong, ia h'drai, mang den, bo y,
plei kan, anh minh hoa, thuong truc, ky ten, cong van, nghi quyet, chi thi, to trinh, thu moi,
giay moi, kinh gui, dieu khoan, chuong trinh, noi dung, thoi gian, dia diem, thanh phan,
ket qua, y nghia, muc dich, yeu cau, nhiem vu, giai phap, doi ngoai, kinh te, xa hoi, van hoa,
the thao, giao duc, phap luat, chinh tri, thoi su, quoc phong, an ninh, du lich, moi truong,
cong nghe, khoa hoc, dau tu, bat dong san
"""
_SCREEN_WORDS = """
xem thêm tải top menu facebook zalo youtube email google rss
"""
_OFFICES = """
trung tâm, văn phòng, chi cục, tổng cục, công đoàn, liên đoàn, ủy ban, uỷ ban, hội đồng,
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
_OFFICE_WORDS = """
phòng, ban, sở, cục, vụ, viện, đài, hội, trường, khoa, bộ, đồn, hạt, trạm, đội, tổ, đoàn, quỹ,
khối
"""


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.split(","))


HIGHLAND = frozenset(_HIGHLAND.split())
"""First syllables of Bahnar, Jarai and Sedang names, which are no Vietnamese syllables."""
SURNAMES = frozenset(_SURNAMES.split()) | HIGHLAND
HEADINGS = frozenset(_phrases(_HEADINGS))
"""What pages print in the form of a name: headings, footers, kinds of documents, places, ranks."""
SCREEN_WORDS = frozenset(_SCREEN_WORDS.split())
OFFICES = _phrases(_OFFICES)
"""Offices that may be named by one word more; the others need words in small letters."""
OFFICE_WORDS = _phrases(_OFFICE_WORDS)
