"""Kinds of legal and party documents, and the bodies that issue them, by their codes.

Sources: Nghị định 30/2020/NĐ-CP, annex III (state); Hướng dẫn 36-HD/VPTW of 2018 (party); the law
on normative documents. Codes are compared without regard to case: portals write TTr, TTR and Ttr.
"""

TYPES = {
    "NQ": "Nghị quyết",
    "NQLT": "Nghị quyết liên tịch",
    "QĐ": "Quyết định",
    "QĐNS": "Quyết định",
    "CT": "Chỉ thị",
    "QC": "Quy chế",
    "QyĐ": "Quy định",
    "QyĐi": "Quy định",
    "TC": "Thông cáo",
    "TB": "Thông báo",
    "HD": "Hướng dẫn",
    "CTr": "Chương trình",
    "CTHĐ": "Chương trình",
    "KH": "Kế hoạch",
    "PA": "Phương án",
    "ĐA": "Đề án",
    "DA": "Dự án",
    "BC": "Báo cáo",
    "BB": "Biên bản",
    "TTr": "Tờ trình",
    "HĐ": "Hợp đồng",
    "CV": "Công văn",
    "CĐ": "Công điện",
    "BGN": "Bản ghi nhớ",
    "BTT": "Bản thỏa thuận",
    "GUQ": "Giấy ủy quyền",
    "GM": "Giấy mời",
    "GGT": "Giấy giới thiệu",
    "GNP": "Giấy nghỉ phép",
    "PG": "Phiếu gửi",
    "PC": "Phiếu chuyển",
    "PB": "Phiếu báo",
    "KL": "Kết luận",
    "NĐ": "Nghị định",
    "TT": "Thông tư",
    "TTLT": "Thông tư liên tịch",
    "PL": "Pháp lệnh",
    "L": "Lệnh",
    "VBHN": "Văn bản hợp nhất",
}
"""Code of a kind of document: what its number carries (`KH` of `1600/KH-UBND`)."""

MORE_TYPES = ("Công văn", "Văn bản", "Luật", "Bộ luật", "Quy trình", "Sắc lệnh", "Điều lệ")
"""Kinds without a code of their own."""

ISSUERS = {
    "UBND": "Ủy ban nhân dân",
    "HĐND": "Hội đồng nhân dân",
    "TU": "Tỉnh ủy",
    "TW": "Trung ương Đảng",
    "ĐU": "Đảng ủy",
    "HU": "Huyện ủy",
    "CP": "Chính phủ",
    "TTg": "Thủ tướng Chính phủ",
    "VPCP": "Văn phòng Chính phủ",
    "QH": "Quốc hội",
    "UBTVQH": "Ủy ban Thường vụ Quốc hội",
    "ĐĐBQH": "Đoàn đại biểu Quốc hội",
    "CTN": "Chủ tịch nước",
    "VPTW": "Văn phòng Trung ương Đảng",
    "BTCTW": "Ban Tổ chức Trung ương",
    "BTGTW": "Ban Tuyên giáo Trung ương",
    "UBKTTW": "Ủy ban Kiểm tra Trung ương",
    "BTNMT": "Bộ Tài nguyên và Môi trường",
    "BLĐTBXH": "Bộ Lao động - Thương binh và Xã hội",
    "LĐTBXH": "Bộ Lao động - Thương binh và Xã hội",
    "BKH": "Bộ Kế hoạch và Đầu tư",
    "BKHĐT": "Bộ Kế hoạch và Đầu tư",
    "BTC": "Bộ Tài chính",
    "BCT": "Bộ Công Thương",
    "BTP": "Bộ Tư pháp",
    "BCA": "Bộ Công an",
    "BQP": "Bộ Quốc phòng",
    "BNV": "Bộ Nội vụ",
    "BYT": "Bộ Y tế",
    "BGDĐT": "Bộ Giáo dục và Đào tạo",
    "BGTVT": "Bộ Giao thông vận tải",
    "BXD": "Bộ Xây dựng",
    "BNNPTNT": "Bộ Nông nghiệp và Phát triển nông thôn",
    "BTTTT": "Bộ Thông tin và Truyền thông",
    "BKHCN": "Bộ Khoa học và Công nghệ",
    "BVHTTDL": "Bộ Văn hóa, Thể thao và Du lịch",
    "BNG": "Bộ Ngoại giao",
    "TTCP": "Thanh tra Chính phủ",
    "UBDT": "Ủy ban Dân tộc",
    "NHNN": "Ngân hàng Nhà nước",
    "SYT": "Sở Y tế",
    "SKHĐT": "Sở Kế hoạch và Đầu tư",
    "SCT": "Sở Công Thương",
    "STP": "Sở Tư pháp",
    "SNV": "Sở Nội vụ",
    "STC": "Sở Tài chính",
    "STNMT": "Sở Tài nguyên và Môi trường",
    "SNN": "Sở Nông nghiệp và Phát triển nông thôn",
    "SGDĐT": "Sở Giáo dục và Đào tạo",
    "SGTVT": "Sở Giao thông vận tải",
    "SXD": "Sở Xây dựng",
    "SVHTTDL": "Sở Văn hóa, Thể thao và Du lịch",
    "STTTT": "Sở Thông tin và Truyền thông",
    "SKHCN": "Sở Khoa học và Công nghệ",
    "SLĐTBXH": "Sở Lao động - Thương binh và Xã hội",
    "BQLKKT": "Ban Quản lý Khu kinh tế",
    "KKT": "Ban Quản lý Khu kinh tế",
    "VP": "Văn phòng",
    "TGPL": "Trung tâm Trợ giúp pháp lý Nhà nước",
    "TĐTN": "Tỉnh đoàn",
    "TWĐTN": "Trung ương Đoàn",
    "LĐLĐ": "Liên đoàn Lao động",
    "BCĐ": "Ban Chỉ đạo",
    "BCĐTW": "Ban Chỉ đạo Trung ương",
    "BCĐQG": "Ban Chỉ đạo quốc gia",
    "HĐTĐ": "Hội đồng thẩm định",
}
"""Name of the body behind a code; `TU` and `TW` do not tell which organ of the party it was."""

CLAUSE_WORDS = (
    "về|thực hiện|quy định|ban hành|hướng dẫn|sửa đổi|phê duyệt|khảo sát|chỉ định|v/v|nhằm"
    "|để|là|đã|được"
    "|yêu cầu|triển khai|trong|tại|theo|cho|đối với|giao|công bố|thống nhất|cùng|có|năm"
    "|ngày|kèm|trên"
    "|bổ nhiệm|sẽ|đang|từ|với|này|nêu|thì|cũng|vừa|ký|quyết định|tiếp tục|tăng cường"
    "|đẩy mạnh|nay|phân bổ"
    "|cấp|thu hồi|hỗ trợ|tổ chức|thành lập|kiện toàn|điều chỉnh|chấp thuận|xử phạt"
    "|công nhận|đề nghị"
    "|báo cáo|đánh giá|thông qua|xếp hạng|tặng|khen|bãi bỏ|cử|xây dựng|bảo đảm|đảm bảo|gồm"
    "|như|khi|sau"
    "|trước|đến|do|bị|ra|không|chưa|còn|mà|nên|vẫn|phải|cần|đồng ý|cụ thể hóa|cụ thể hoá"
    "|v\\.v|chỉ rõ"
)
"""Words in small letters before which the name of an issuer has ended."""

ACTS = "kiểm tra|giám sát|chỉ đạo|thẩm định|điều hành|vận động|tuyên truyền"
"""The same, but for «Ban chỉ đạo», «Đoàn giám sát», «Ủy ban kiểm tra» and their like."""

_TYPES = {code.lower(): name for code, name in TYPES.items()}
_ISSUERS = {code.lower(): name for code, name in ISSUERS.items()}


def type_of(code: str) -> str | None:
    """The kind of document that a code stands for; None where it is no such code."""
    return _TYPES.get(code.lower())


def issuer_of(code: str) -> str | None:
    """The body that a code stands for, terms of the National Assembly aside (`QH15`)."""
    return _ISSUERS.get(code.lower().rstrip("0123456789"))
