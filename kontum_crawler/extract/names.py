"""Words that tell a person, an office, an outlet and an account apart in a byline.

Vietnamese pen names are ordinary words, so no list of names can decide. What decides is form
(capitals, initials, number of words), an office word at the start, and a list of what pages print
in the same form: headings, footers, ranks in signatures.
"""

import re
import unicodedata

from kontum_crawler.extract.words import (
    COURTESY,
    HEADINGS,
    HIGHLAND,
    OFFICE_WORDS,
    OFFICES,
    SCREEN_WORDS,
    SURNAMES,
)
from kontum_crawler.text import TONES, is_syllable, plain

MOST_WORDS = 5
"""A name has at most five syllables; a longer run of capitals is a heading."""

_TITLE = re.compile(
    r"(?:(?:PGS|GS|T[Ss](?:KH)?|ThS|Th\.S|Ths|NCS|B[Ss](?:CK)?(?:I{1,2}|1|2)?|CK(?:I{1,2}|1|2)"
    r"|D[Ss]|K[Ss]|CN|L[Ss]"
    r"|CTV|PV|P\.V|BTV|GV|NSƯT|NSND|NSNA|Đ/c)(?:[.,:/]\s*|\s+)"
    r"|(?:Thạc s[ĩỹ]|Tiến s[ĩỹ]|Bác s[ĩỹ]|Dược s[ĩỹ]|Kỹ sư|Cử nhân|Luật sư|Phó Giáo sư|Giáo sư"
    r"|Đồng chí|Nhà báo|Nhà văn|Nhà thơ|Nhà giáo|Nghệ nhân|[Cc]ộng tác viên|[Pp]hóng viên"
    r"|(?:Đại|Thượng|Trung|Thiếu) (?:tướng|tá|úy|uỷ|uý))\.?:?\s+)+(?=\S)"
)
_ROLE = re.compile(
    r"(?:nhóm\s+)?(?:pv|p\.v\.?|ctv|btv|phóng viên|cộng tác viên|biên tập viên|bbt|tòa soạn"
    r"|toà soạn"
    r"|nhóm tác giả)(?:\s*[-–&,]\s*ctv)?",
    re.I,
)
_ACCOUNT = re.compile(
    r"\w*admin\w*|quan\s?tri(?:\s?vien)?\w*|ban quan tri|web\s?master|root|super\s?user"
    r"|user\d*|editor"
    r"|guest|demo|test|bien\s?tap\s?vien\d+|(?=\w*[\d_@])[\w.@-]+",
    re.I,
)
_HIGHLAND_NAME = re.compile(r"[HK]['’ʼ]\w{2,}")
"""Women's names of the Ede and Jarai, men's of the K'Ho: `H'Blim`, `K'Brôi`."""
_INITIALS = re.compile(r"(?:[^\W\d_a-zđ][A-Za-z]{0,2}\.\s?){1,4}(?:[^\W\d_][^\W\d_]*)?")
_RANK = re.compile(
    r"(?:(?:KT|TM|TL|TUQ|T/M|Q)\s*\.\s*.{2,60}|\(?\s*(?:đã\s+ký|ký\s+tên|ký,.{0,40})\s*\)?"
    r"|(?:phó\s+|quyền\s+)*(?:chủ\s+tịch|giám\s+đốc|cục\s+trưởng|chi\s+cục\s+trưởng|trưởng\s+ban"
    r"|trưởng\s+phòng|bí\s+thư|bộ\s+trưởng|thủ\s+tướng|chánh\s+(?:văn\s+phòng|thanh\s+tra)"
    r"|hiệu\s+trưởng|thủ\s+trưởng|tổng\s+giám\s+đốc)(?:\s+.{1,40})?|thừa\s+lệnh.{0,60})\W*",
    re.I,
)

_OFFICE = re.compile(
    rf"(?:(?P<strong>{'|'.join(OFFICES)})|(?:{'|'.join(OFFICE_WORDS)}))(?!\w)", re.I
)
_NO_OFFICE = re.compile(
    r"hội\s+(?:nghị|thảo|thi|chợ|diễn|làng|trại|khỏe|khoẻ|thao)|đội\s+(?:tuyển|bóng|hình|ngũ)"
    r"|tổ\s+chức|trường\s+(?:hợp|học)|đoàn\s+(?:kết|công\s+tác|viên|đại\s+biểu|xe|người)"
    r"|ban\s+(?:hành|đầu)|sở\s+hữu|viện\s+trợ|phòng,?\s+(?:chống|ngừa|học)"
    r"|vụ\s+(?:việc|án|mùa)|khoa\s+học|khối\s+lượng|bộ\s+mặt|đài\s+tưởng",
    re.I,
)
_ALONE = re.compile(
    r"ttvh\S*|ttyt|cdc|bhxh|lđlđ|văn phòng|ban biên tập|bbt|b\.b\.t"
    r"|tòa soạn|toà soạn|thanh tra|công đoàn|ban quản lý",
    re.I,
)
_VERBS = re.compile(
    r"\b(?:tổ chức|phát biểu|trao|tặng|tuyên truyền|phối hợp|thăm|làm việc|ra quân|triển khai"
    r"|biểu diễn"
    r"|thi đấu|diễn ra|tham gia|tham dự|ban hành|khen|chúc|dâng|chụp|họp|được|đã|đang|sẽ|cho|với"
    r"|tại|trong|của|khi|này|các|những|một|đến|từ|là|vừa|mới|báo cáo|giới thiệu|hướng dẫn)\b"
)
_OUTLET = re.compile(
    r"(?:báo\s+(?:điện tử\s+)?(?P<paper>\w)|tạp chí\s+\S|cổng\s+(?:thông tin|tt)|cổng tt"
    r"|trang\s+(?:thông tin|tin|tt)\b|thông tấn xã|(?:ttx\w*|vov\d*|vtv\d*|vtc\d*|vnews"
    r"|vnexpress|vietnamplus|vietnamnet|qđnd|sggp"
    r"|vgp|tto|nld|glo|kttv)\b|vietnam\+|tuổi trẻ online|thanh niên online|dân trí$"
    r"|nhân dân điện tử"
    r"|internet$)",
    re.I,
)
_DOMAIN = re.compile(
    r"(?:https?://)?(?:[\w-]+\.)+(?:vn|com|net|org|info|gov|edu|tv)\b(?:/\S*)?", re.I
)


def without_titles(name: str) -> str:
    """The name without degree, rank and role before it; a role that stands alone stays."""
    return _TITLE.sub("", name, count=1) if _TITLE.match(name) else name


def is_role(text: str) -> bool:
    """True for a role that stands for its bearer: `PV`, `CTV`, `Nhóm PV`, `BBT`."""
    return _ROLE.fullmatch(text.strip()) is not None


def is_account(text: str) -> bool:
    """True for the name of an account of the CMS: `admin`, `quantri`, `vpubnd_01`."""
    return _ACCOUNT.fullmatch(plain(text.strip())) is not None


def is_heading(text: str) -> bool:
    """True for headings, footers and places that are printed like a name (`Tin Liên Quan`)."""
    return _toneless(text) in _HEADINGS


def _toneless(text: str) -> str:
    """Lower case with each word's tone behind it, so that its place in the word does not count."""
    words = unicodedata.normalize("NFD", text.lower()).split()
    return " ".join(
        "".join(c for c in word if c not in TONES) + "".join(c for c in word if c in TONES)
        for word in words
    )


def is_rank(text: str) -> bool:
    """True for a line of a document's signature: `KT. GIÁM ĐỐC`, `PHÓ CHỦ TỊCH`, `(Đã ký)`.

    A name below such a line signs the document, not the article.
    """
    return _RANK.fullmatch(text.strip()) is not None


def is_office(text: str) -> bool:
    """True where an office is named: an office word, then the words that say which.

    One capitalised word more is not enough (`Trường Phạm` is a person), nor is a sentence.
    """
    match = _OFFICE.match(text)
    if (
        not match
        or len(text) > 120
        or _NO_OFFICE.match(text)
        or re.search(r"[.!?…;]\s|[.!?…;:]\Z|\d{3}", text)
    ):
        return False
    if _ALONE.fullmatch(text):
        return True
    if "," in text and not match["strong"] and not is_office(text.partition(",")[0]):
        # A person whose surname is a word for an office, and what that person is there.
        return False
    rest = text[match.end() :].split()
    if not rest or _VERBS.search(text[match.end() :]):
        return False
    if match["strong"]:
        return True
    if text.isupper():
        return len(rest) > 1 and rest[0].lower() != "thị"
    if any(word[0].islower() or _is_abbreviated(word) for word in rest):
        return True
    return len(rest) > 1 and match[0].lower() in ("phòng", "ban", "sở", "bộ", "cục")


def _is_abbreviated(word: str) -> bool:
    """True for an abbreviation, small letters in it or not: `UBND`, `GDTrH`."""
    return "/" not in word and sum(map(str.isupper, word)) > 1


def is_outlet(text: str) -> bool:
    """True for a newspaper, an agency, a gateway or the name of a site."""
    if _DOMAIN.fullmatch(text):
        return True
    match = _OUTLET.match(text)
    if not match or len(text) > 80 or re.search(r"[.!?]\s", text):
        return False
    return match["paper"] is None or match["paper"].isupper()


def site_of(text: str) -> str:
    """The host of an address, `www.` aside; any other text as it is."""
    match = _DOMAIN.fullmatch(text)
    if not match:
        return text
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", text, flags=re.I).split("/")[0]


def is_name(text: str, *, labelled: bool = False) -> bool:
    """True for what can only be a person's name where bylines stand.

    1 to 5 capitalised syllables, all capitals, or initials. `labelled`: a label before it says that
    a name follows, so that one word is enough, as are small letters.
    """
    if not text or is_heading(text) or is_account(text):
        return False
    if _toneless(text).startswith(_LONG_HEADINGS):
        return False
    if re.match(r"(?:I{1,3}|IV|VI{0,3}|IX|X)\.\s", text):
        return False
    if _INITIALS.fullmatch(text) and len(text) < 30:
        return text.count(".") > 1 or len(text) > 2
    words = text.split()
    if len(words) > MOST_WORDS or not all(_is_name_word(word, labelled) for word in words):
        return False
    if labelled:
        return all(word[0].isupper() for word in words) or all(is_syllable(word) for word in words)
    if len(words) == 1:
        return (
            text.isupper() and 2 <= len(text) <= 4 and not is_syllable(text) and text not in "UBND"
        )
    if any(word.lower() in SCREEN_WORDS for word in words):
        return False
    if len(words) > 2 and words[0].lower() in COURTESY:
        return False
    if len(words) > 2 and text.isupper() and not _is_surname(words[0]):
        return False
    return any(
        is_syllable(word) or word.lower() in HIGHLAND or _HIGHLAND_NAME.fullmatch(word)
        for word in words
    )


def _is_surname(word: str) -> bool:
    return word.lower() in SURNAMES


def _is_name_word(word: str, labelled: bool) -> bool:
    pieces = [piece for piece in re.split(r"['’ʼ.]", word) if piece]
    if not pieces or len(word) > 12 or not (word[0].isupper() or labelled):
        return False
    return all(
        piece.isalpha() and (piece[1:].islower() or piece.isupper() or len(piece) == 1)
        for piece in pieces
    )


_HEADINGS = frozenset(_toneless(heading) for heading in HEADINGS)
_LONG_HEADINGS = tuple(heading + " " for heading in _HEADINGS)
