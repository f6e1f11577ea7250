"""Legal and party documents that a text names: kind, number, issuer and date, with their place.

A citation begins at its type word (or at «số», or the number) and runs on over number, date and
issuer as far as they follow directly. Numbers without letters count only behind a type word. Dates,
shares, rates and map scales have no letters behind the slash and are no documents. Grammar and
cases: docs/bylines-dates-citations.md, tests/data/documents.json.

All patterns are bounded and are tried at a digit or at a type word, so time is linear in the text.
"""

import re
from collections.abc import Iterator
from datetime import date

from kontum_crawler.extract.doctypes import (
    ACTS,
    CLAUSE_WORDS,
    MORE_TYPES,
    TYPES,
    issuer_of,
    type_of,
)
from kontum_crawler.items import Citation
from kontum_crawler.text import clean, plain

_KINDS = sorted({*TYPES.values(), *MORE_TYPES}, key=len, reverse=True)
_KIND = "|".join(kind.replace(" ", r"[ \n]{1,2}") for kind in _KINDS)
_CODE = r"[A-ZĐ][A-Za-zĐđ&]{0,14}\d{0,3}"
_DASH = r"[ ]?[-–][ ]?"
_JOIN = rf"(?:{_DASH}|(?<=QĐ|NQ|CT|KH|TB|BC|HD|TT|NĐ)[./](?=[A-ZĐ]{{2}}))"
"""Between kind and issuer; offices wrote `QĐ.UBND` and `QĐ/UBND` too."""
_NUMBER = re.compile(
    rf"""(?<![\w/.,-])(?<!\d:)(?P<n>\d{{1,5}}[a-zđ]?)(?:
      [ ]?/[ ]?\d{{4}}[ ]?/[ ]?(?P<normative>{_CODE}(?:{_JOIN}{_CODE}){{0,3}})
    | [ ]?/[ ]?(?P<state>{_CODE}(?:{_JOIN}{_CODE}){{0,3}})
    | (?P<gap>{_DASH}|[ ]?)(?P<kind>{_CODE})[ ]?/[ ]?(?P<body>{_CODE}(?:-{_CODE}){{0,2}})
    )(?!\w|[-–]\w)""",
    re.X,
)
_BEFORE = re.compile(
    rf"(?<!\w)(?P<kind>{_KIND})(?P<words>(?:[ \n]{{1,2}}[^\s.;:()/\d]+){{0,10}}?)"
    r"(?P<no>[ \n]{0,2}\(?số[ ]{0,2}:?)?[ \n]{0,2}\Z",
    re.I,
)
_NO = re.compile(r"số[ ]{0,2}:?[ \n]{0,2}\Z", re.I)
_BARE = re.compile(
    rf"(?<!\w)(?P<kind>{_KIND})[ \n]{{1,2}}(?P<no>số[ ]{{0,2}}:?[ ]{{0,2}})?"
    r"(?P<number>\d{1,4}[a-zđ]?(?:[ ]?,[ ]?\d{1,4}[a-zđ]?|/\d{1,4})?)(?![\w%]|[.,]\d"
    r"|[ ]?[-–/][ ]?\w)",
    re.I,
)
_LAW = re.compile(
    r"(?<!\w)(?P<kind>Luật|Bộ luật"
    r"|Pháp lệnh)(?:[ ][A-ZĐÀ-Ỵ][^\s.;:()/\d,]*)(?:,?[ ][^\s.;:()/\d,]+){0,11}?"
    r"[ ](?:(?:năm[ ])?(?:19|20)\d\d(?![\w/])|(?=ngày[ ]\d))"
)
_NO_LAW = re.compile(r"[ ](?:cho|tại|trong|của|đến|từ|về|trên|với|được|đã|là|tuyên truyền)[ ]")
_COUNTED = re.compile(
    r"[ ](?:năm|tháng|ngày|tuần|giờ|phút|quý|người|xã|huyện|tỉnh|đồng|triệu|tỷ|tỉ|nội dung"
    r"|điểm|nhiệm vụ"
    r"|hộ|đơn vị|lần|bước|phần|chương|điều|khoản|mục|trang|bản|cái|con|ha|km|tấn|sở|cơ quan"
    r"|giai đoạn"
    r"|trường hợp|dự án|công trình|cuộc|vấn đề|đại biểu|đồng chí|cá nhân|tập thể|em|cháu|%)\b"
)
_DATE = re.compile(
    r"[ ]{0,2},?[ ]{0,2}\(?(?:(?:[A-ZĐ][\w.]*[ ]){0,3}[A-ZĐ][\w.]*,[ ]{0,2})?(?:ra[ ])?"
    r"(?i:ngày)[ ]{1,2}(?P<d>\d{1,2})(?:"
    r"[ ]?[/.-][ ]?(?P<m>\d{1,2})(?:[ ]?[/.-][ ]?(?P<y>\d{4})(?!\d))?(?![\d/])"
    r"|[ ](?i:tháng)[ ](?P<m2>\d{1,2})(?:[ ](?i:năm)[ ](?P<y2>\d{4}))?(?!\d))\)?"
)
_TERM = re.compile(r"[ ]?\(kh(?:óa|oá)[ ][IVXL]{1,6}\)|[ ]kh(?:óa|oá)[ ][IVXL]{1,6}\b")
_YEAR = re.compile(r"[ ]năm[ ](?:19|20)\d\d(?!\d)")
_OF = re.compile(r"[ ]{0,2},?[ ]{1,2}(?i:của)[ ]{1,2}")
_ISSUER_START = re.compile(
    r"(?:tỉnh|huyện|thành|thị|trung|ủy|uỷ|hội|chính|bộ|ban|sở|đảng|quốc|liên|cấp)\b"
)
_ISSUER_END = re.compile(
    rf"[ ](?:{CLAUSE_WORDS}|(?i:về|thực hiện|ban hành))\b"
    rf"|(?<![Bb]an)(?<![Đđ]oàn)(?<!đồng)(?<![Tt]ổ)[ ](?:{ACTS})\b(?!,?[ ]chống)"
    r"|,(?![ ](?:[Cc]hống|[Tt]hể thao|[Tt]hương binh|[Kk]hen thưởng|lãng phí|tiêu cực"
    r"|[Cc]ứu nạn)\b)"
    rf"|[ ](?:và[ ]|các[ ]){{0,2}}(?i:{_KIND})[ ](?:số|\d)|[ ][-–][ ](?=[a-zđ])"
    r"|[;:.!?\n\t\"“”…\[\])]|\((?!(?:[A-ZĐ&-]{2,10}|kh(?:óa|oá)[ ][IVXL]+)\))"
)
_CARRY = re.compile(r"[ ]{0,2}(?:,|;|và|&|,[ ]{0,2}và)[ ]{0,2}(?P<no>số[ ]{0,2}:?[ ]{0,2})?", re.I)
LONGEST_ISSUER = 120


def citations(field_name: str, text: str) -> list[Citation]:
    """Find the documents that a text names, in the order of the text.

    field_name: the column that `text` is in, kept as `Citation.field`.
    text: as stored; `text[start:end] == quote` in code points.

    `number` is as written; `issuer` only what the quote has after «của»; `issued_on` is None
    without a year. Laws named by title and year have no number; by title alone they do not count.
    """
    found: list[Citation] = []
    end = 0
    for match in _candidates(text):
        if match.start() < end:
            continue
        citation = _read(field_name, text, match, found[-1] if found else None)
        if citation and citation.start >= end:
            found.append(citation)
            end = citation.end
    return found


def document_key(number: str) -> str:
    """What all spellings of one number have in common: `28/CT-TW` and `28-CT/TW` give `28CTTW`.

    Upper case, without separators and leading zeros; a slash stays between figures, so that
    `1/2024/QĐ` and `12024/QĐ` differ. Đ stays, for `HĐ` and `HD` are two kinds.
    """
    bare = re.sub(r"(?<=\d)\s*/\s*(?=\d)", "\x00", clean(number).upper())
    bare = re.sub(r"[\s/.\-–—]+", "", bare).replace("\x00", "/")
    return re.sub(r"(?<![\w/])0+(?=\d)", "", bare)


def same_document(a: str, b: str) -> bool:
    """True where two numbers are one document's; a number typed without Đ matches both."""
    one, other = document_key(a), document_key(b)
    if one.isascii() or other.isascii():
        return plain(one) == plain(other)
    return one == other


def _candidates(text: str) -> Iterator[re.Match[str]]:
    """All places that may be a document, numbers with letters before bare ones and names."""
    numbers = list(_NUMBER.finditer(text))
    starts = {match.start() for match in numbers}
    bare = [match for match in _BARE.finditer(text) if match.start("number") not in starts]
    return iter(sorted([*numbers, *bare, *_LAW.finditer(text)], key=lambda match: match.start()))


def _read(name: str, text: str, match: re.Match[str], last: Citation | None) -> Citation | None:
    if match.re is _NUMBER:
        return _numbered(name, text, match, last)
    kind = _named(match["kind"])
    if match.re is _LAW:
        if _NO_LAW.search(match[0]):
            return None
        return _finish(name, text, match.start(), match.end(), Citation(name, 0, 0, "", kind))
    if not match["no"] and not _is_bare_number(match, text):
        return None
    found = Citation(name, 0, 0, "", kind, match["number"])
    return _finish(name, text, match.start(), match.end(), found)


def _is_bare_number(match: re.Match[str], text: str) -> bool:
    """Without «số» only a capitalised type word and a number that counts nothing will do."""
    number = match["number"]
    if not match["kind"][0].isupper() or _COUNTED.match(text, match.end()):
        return False
    return not re.fullmatch(r"(?:19|20)\d\d|\d{1,2}/\d{1,2}", number)


def _numbered(name: str, text: str, match: re.Match[str], last: Citation | None) -> Citation | None:
    codes = re.split(r"\s?[-–]\s?|[./]", match["normative"] or match["state"] or match["body"])
    if match["kind"]:
        codes.insert(0, match["kind"])
    coded = next((type_of(code) for code in (codes[0], codes[0][:2]) if type_of(code)), None)
    kind, start, issuer = _head(text, match.start(), last, coded)
    known = type_of(codes[0]) or issuer_of(codes[0]) or (match["normative"] and coded)
    if (
        kind is None
        and not known
        and not _NO.search(text[max(0, match.start() - 8) : match.start()])
    ):
        return None
    if match["kind"] and match["gap"].strip() == "" and not coded:
        return None
    if kind is None and not known and len(codes) == 1:
        return None
    found = Citation(
        name, 0, 0, "", kind or type_of(codes[0]) or (coded if match["kind"] else None)
    )
    found.number = match[0]
    found.issuer = issuer
    found.issuer_code = _issuer_code(codes, bool(match["kind"]))
    return _finish(name, text, start, match.end(), found)


def _head(
    text: str, start: int, last: Citation | None, coded: str | None
) -> tuple[str | None, int, str | None]:
    """Kind, start of the quote and an issuer that stands before the number.

    Of two kinds in a row («Thông báo kết luận số 55-TB/TU») it is the one that the number has.
    """
    if last and (carry := _CARRY.fullmatch(text, last.end, start)):
        return last.doc_type, start - len(carry["no"] or ""), None
    before = text[max(0, start - 110) : start]
    best = None
    for found in re.finditer(rf"(?<!\w)(?:{_KIND})(?!\w)", before, re.I):
        if not (best and _named(best["kind"]) == coded and best["no"] and _is_qualifier(best)):
            best = _BEFORE.match(before, found.start()) or best
    if best and (not best["words"] or (best["no"] and _is_qualifier(best))):
        words = best["words"].strip()
        issuer = words[4:] if words.startswith("của ") else None
        return _named(best["kind"]), start - len(before) + best.start(), issuer
    if number := _NO.search(before):
        return None, start - len(number[0]), None
    return None, start, None


def _is_qualifier(match: re.Match[str]) -> bool:
    """`thẩm định` of «Báo cáo thẩm định số», a law's title, an issuer; no clause, no bracket."""
    words = match["words"].split()
    if "(" in match["no"]:
        return False
    if words[0] == "của" or match["kind"].lower() in ("luật", "bộ luật", "pháp lệnh"):
        return True
    return len(words) <= 3


def _issuer_code(codes: list[str], party: bool) -> str | None:
    if len(codes) == 1:
        return codes[0] if not type_of(codes[0]) else None
    if party or type_of(codes[0]) or (type_of(codes[0][:2]) and not issuer_of(codes[0])):
        return "-".join(codes[1:]) if codes[0].upper() == "TTLT" else codes[1]
    return codes[0]


def _finish(name: str, text: str, start: int, end: int, found: Citation) -> Citation:
    """Run on over term, date, year and issuer, and cut the quote."""
    for _ in range(2):
        if term := _TERM.match(text, end):
            end = term.end()
        if found.issued_on is None and (day := _DATE.match(text, end)):
            end = day.end() - (1 if day[0].endswith(")") and "(" not in day[0] else 0)
            found.issued_on = _iso(day)
        if year := _YEAR.match(text, end):
            end = year.end()
    if found.issuer is None and (of := _OF.match(text, end)):
        stop = _issuer_stop(text, of.end())
        if stop:
            found.issuer, end = text[of.end() : stop], stop
    found.start, found.end, found.quote = start, end, text[start:end]
    return found


def _issuer_stop(text: str, start: int) -> int | None:
    """Where the name of the issuer ends; None where no name stands there."""
    if not (text[start : start + 1].isupper() or _ISSUER_START.match(text, start)):
        return None
    limit = min(len(text), start + LONGEST_ISSUER)
    end = limit
    for stop in _ISSUER_END.finditer(text, start, limit):
        name = text[start : stop.start()]
        if stop[0] != ")" or name.count("(") == name.count(")"):
            end = stop.start()
            break
    return start + len(text[start:end].rstrip(" ,-–")) or None


def _iso(match: re.Match[str]) -> str | None:
    year, month = match["y"] or match["y2"], match["m"] or match["m2"]
    try:
        return date(int(year), int(month), int(match["d"])).isoformat() if year else None
    except ValueError:
        return None


def _named(words: str) -> str:
    """The kind with a capital first letter only, as the table has it."""
    folded = " ".join(words.split()).lower()
    return next((kind for kind in _KINDS if kind.lower() == folded), folded.capitalize())
