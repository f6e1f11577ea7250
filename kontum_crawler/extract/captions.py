"""What a picture shows, and whom its caption names as photographer or agency."""

import re

from kontum_crawler.extract.bylines import PARTS
from kontum_crawler.extract.names import is_name, is_office, is_outlet, is_role, without_titles
from kontum_crawler.text import clean, fold_blanks

_CREDIT = re.compile(
    r"(?P<open>[(\[])?\s*(?:nguồn\s+ảnh|ảnh|hình\s+ảnh|hình|photo)\s*(?P<colon>:|\bby\b)\s*"
    r"(?P<who>[^()\[\]\n]{1,80}?)\s*[)\].;]*\s*\Z",
    re.I,
)


def credit(caption: str) -> str | None:
    """The picture's credit inside a caption: `HN` of «… Ảnh: HN», «(Ảnh: HN)», «(nguồn ảnh: x.vn)».

    None where the caption has none, or only says what the picture shows («Ảnh minh họa»).
    """
    match = _CREDIT.search(fold_blanks(clean(caption))[-300:])
    if not match:
        return None
    who = match["who"].strip(" .-–")
    parts = [part for part in PARTS.split(who)[::2] if part]
    known = all(
        is_name(without_titles(part), labelled=True) or is_outlet(part) or is_role(part)
        or is_office(part) or re.fullmatch(r"(?:TTXVN|[A-ZĐ]{2,6}|tư liệu|sưu tầm)", part)
        for part in parts
    )  # fmt: skip
    return who if parts and known else None


def is_caption(text: str) -> bool:
    """True for a line that says what a picture shows: a credit at its end, «Ảnh» at its start."""
    folded = fold_blanks(clean(text)).strip("()[] ")
    if re.match(
        r"(?:ảnh|hình)(?:\s*:|\s+(?:minh\s+h[oọ][aạ]|tư\s+liệu|internet|chụp)\b)", folded, re.I
    ):
        return True
    if re.search(r"[(\[]\s*(?:ảnh|hình)\b[^()]{0,60}[)\]]?\.?\Z", folded, re.I):
        return True
    return credit(text) is not None
