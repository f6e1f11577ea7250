"""Pages that answer 200 and are no article: not found, login, captcha, frames, refresh, scripts.

Words alone never decide, since articles speak of searches and logins too: a page counts as one of
these only where its title or a heading says so, or where it holds next to no prose.
"""

import re
from functools import cached_property
from urllib.parse import unquote

from kontum_crawler import urls
from kontum_crawler.errors import NotArticle
from kontum_crawler.extract.foot import is_stand
from kontum_crawler.extract.page import Page
from kontum_crawler.extract.region import article_part
from kontum_crawler.text import fold_blanks, nfc, plain

LITTLE = 400
"""Characters of prose below which a page is held to be a message."""

_THING = (
    r"(?:trang(?:\s+web)?|noi dung|bai viet|bai|tin(?:\s+(?:tuc|bai))?|duong dan|dia chi|lien ket"
    r"|du lieu|ban tin|ban ghi|chuyen muc|link|url)"
)
_NOT_FOUND = re.compile(
    r"^\W*404\W*$|^\W*404\s*[-–—|:!]|[-–—|]\s*404\W*$"
    r"|\b(?:loi|error|trang|page|http|status|code|ma)\W*404(?![\d.,]*\d)"
    r"|(?<![\d.,])404\W+(?:not|error|page|trang|loi|khong|oops|sorry|rat tiec|xin loi)\b"
    rf"|(?:khong|chua)\s+(?:tim\s+thay|tim\s+duoc|co|ton tai)\s+(?:{_THING}|thong tin|ket qua"
    r"|tai lieu|muc)\b"
    rf"|{_THING}\b.{{0,60}}\b(?:khong\s+(?:con\s+)?ton tai|khong\s+(?:duoc\s+|the\s+)?tim\s+thay"
    r"|khong\s+(?:co\s+san|hop\s+le|dung|truy\s+cap\s+duoc|hien\s+thi|kha\s+dung)"
    r"|da\s+(?:bi\s+)?(?:xoa|go\s*(?:bo)?|huy|an|het\s+han)\b|da\s+duoc\s+(?:go|xoa|di\s+chuyen)"
    r"|khong\s+con\b|chua\s+(?:duoc\s+)?xuat\s+ban|ngung\s+hoat\s+dong|bi\s+hong)"
    rf"|(?:truy\s+cap|yeu\s+cau)\b.{{0,20}}\b{_THING}?\s*khong\s+ton\s+tai"
    r"|(?:page|file|article|resource|content|document|object|item|post|url|link)\b.{0,60}\b"
    r"(?:does(?:\s?n.t|\s+not)\s+exist|no\s+longer\s+(?:exists?|available)"
    r"|has\s+been\s+(?:removed|deleted)"
    r"|can(?:\s?not|.t)\s+be\s+(?:found|displayed)|could(?:\s?n.t|\s+not)\s+be\s+found"
    r"|is\s+not\s+available"
    r"|(?:is\s+)?unavailable)"
    r"|^\W*(?:rat tiec|xin loi)?\W*khong\s+(?:tim\s+thay|ton\s+tai)\W*$"
    r"|\bnot\s+found\b|\boops\b|nothing\s+(?:was\s+)?found|can.?t\s+(?:find|seem\s+to\s+find)\b",
    re.I,
)
_LOGIN = re.compile(
    r"^\W*(?:(?:trang\s+|form\s+)?dang nhap|log\s?-?in|sign\s?-?in|xac thuc|authentication"
    r"|members? login|ban (?:can|phai|chua) dang nhap|vui long dang nhap|yeu cau dang nhap"
    r"|please (?:log|sign) in)",
    re.I,
)
_ASKED = re.compile(
    r"(?:can|phai|chua|vui long|yeu cau|please)\s+(?:dang nhap|log\s?in|sign\s?in)", re.I
)
_CAPTCHA = re.compile(
    r"captcha|ma xac (?:nhan|thuc|minh)|khong phai la (?:robot|nguoi may|may)"
    r"|are (?:you )?(?:a )?human|not a robot|verify(?:ing)? you|just a moment|attention required"
    r"|checking your browser|ddos|access denied|truy cap bi (?:tu choi|chan)|cloudflare"
    r"|security check|kiem tra (?:trinh duyet|bao mat)|unusual traffic|truy cap bat thuong",
    re.I,
)
_OUTAGE = re.compile(
    r"^\W*(?:server error in|runtime error|fatal error|parse error|warning\s*:|error establishing"
    r"|internal server error|service (?:temporarily )?unavailable|bad gateway|gateway time-?out"
    r"|(?:http|status|error|loi|ma loi)\W+(?:status |error |code )?5\d\d\b"
    r"|5\d\d\b(?=\W*(?:internal|service|server|bad|gateway|error|loi))"
    r"|index of /"
    r"|account (?:has been )?suspended|database error|sqlstate|it works!|welcome to nginx"
    r"|apache2? .*default"
    r"|iis windows|test page|under (?:construction|maintenance)|(?:he thong|website|trang web"
    r"|trang|cong thong tin)"
    r"\b.{0,60}\bdang\s+(?:duoc\s+)?(?:bao tri|nang cap|xay dung|tam dung)|(?:he thong"
    r"|may chu)\b.{0,30}\b"
    r"(?:gap su co|qua tai|ban)\b|co loi xay ra|da xay ra loi|loi (?:he thong|may chu|ket noi"
    r"|truy van)"
    r"|khong the ket noi|domain .*(?:for sale|expired|parked)|ten mien .*(?:het han|dang rao ban))",
    re.I,
)
_FORBIDDEN = re.compile(
    r"\b403\b\W+(?:forbidden|loi|cam|tu choi)|\bforbidden\b|permission denied|khong (?:co|du) quyen"
    r"|khong duoc phep truy cap|you (?:are not authori[sz]ed|don.t have permission)"
    r"|chi danh cho thanh vien",
    re.I,
)
_SCRIPTED = re.compile(
    r"(?:bat|kich hoat|enable|requires?|turn on|need|ho tro|without)\b.{0,30}\bjava\s?script"
    r"|java\s?script\b.{0,40}\b(?:disabled|bi tat|enabled|chua (?:duoc )?bat)",
    re.I,
)
_HOLLOW = re.compile(
    r"^\W*(?:(?:noi dung|du lieu|thong tin|bai viet|trang)\b.{0,20})?\bdang (?:duoc )?(?:tai"
    r"|cap nhat"
    r"|hoan thien|xay dung)\b.{0,30}$|^\W*(?:loading|please wait|vui long (?:cho|doi))\b.{0,30}$",
    re.I,
)
_REFRESH = re.compile(
    r"^\s*(\d+(?:\.\d*)?|\.\d+)?\s*[;,]?\s*(?:url\s*=\s*)?[\"']?\s*([^\"'\s]*)", re.I
)
SLOWEST_REFRESH = 30
"""Seconds; a page that reloads later than that is meant to be read."""


class Gates:
    """The tests on one page; each says what the page is, or nothing."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def check(self) -> None:
        """Raises NotArticle for the first test that the page fails, with its kind."""
        if self.pictured:
            return
        for test in (
            self.frames,
            self.captcha,
            self.login,
            self.not_found,
            self.outage,
            self.hollow,
            self.scripts,
        ):
            if said := test():
                raise NotArticle(*said)

    def refresh(self) -> str | None:
        """Where a `meta` refresh leads; None without one, or where it is slow or to itself."""
        for element in self.page.tree.iter("meta"):
            if (element.get("http-equiv") or "").strip().lower() != "refresh":
                continue
            match = _REFRESH.match(element.get("content") or "")
            if match and match[2] and float(match[1] or 0) <= SLOWEST_REFRESH:
                target = self.page.absolute(match[2])
                return target if target and target != self.page.url else None
        return None

    def frames(self) -> tuple[str, str] | None:
        """A frameset has no text of its own."""
        if self.page.tree.find(".//frameset") is None and not (
            self.page.tree.find(".//frame") is not None and self.prose < LITTLE
        ):
            return None
        return "frames", "the page only names frames"

    def not_found(self) -> tuple[str, str] | None:
        """A page that says that there is no such page, and answers 200."""
        for line in self.headings:
            most = 3 * LITTLE if len(line) < 45 and not self.named else self.little
            if len(line) < 160 and self.prose < most and _NOT_FOUND.search(plain(line)):
                return "soft-404", f"the page says «{line}»"
        if self.prose < self.little:
            for line in self.short_lines:
                if _NOT_FOUND.search(plain(line)):
                    return "soft-404", f"the page says «{line}»"
        return None

    def login(self) -> tuple[str, str] | None:
        """A page that asks for a password, and has nothing else to read."""
        password = self.page.select("input[type=password]")
        said = next((line for line in self.headings if _LOGIN.search(plain(line))), None)
        said = said or next((s for s in self.short_lines if _ASKED.search(plain(s))), None)
        if (password or said) and self.prose < self.little:
            said = said or next((s for s in self.short_lines if _LOGIN.search(plain(s))), None)
            if said and (password or self.prose < LITTLE // 4):
                return "login", f"the page says «{said}»"
        return None

    def captcha(self) -> tuple[str, str] | None:
        """A wall that asks for a proof of being human."""
        if self.prose >= self.little:
            return None
        for line in [*self.headings, *self.short_lines]:
            if _CAPTCHA.search(plain(line)):
                return "captcha", f"the page says «{line}»"
        if re.search(r"g-recaptcha|h-captcha|hcaptcha|cf-challenge|cf-turnstile", self.page.text):
            return "captcha", "the page shows a captcha and no text"
        return None

    def outage(self) -> tuple[str, str] | None:
        """An error of the server, or works on the site, told with status 200."""
        if self.prose >= self.little:
            return None
        for line in [*self.headings, *self.short_lines[:12]]:
            if len(line) < 240 and _OUTAGE.search(plain(line)):
                return "outage", f"the page says «{line}»"
        return None

    def hollow(self) -> tuple[str, str] | None:
        """A page that keeps its text back, or has none yet."""
        if self.prose >= self.little // 4:
            return None
        for kind, form in (
            ("forbidden", _FORBIDDEN),
            ("script-only", _SCRIPTED),
            ("empty", _HOLLOW),
        ):
            for line in [*self.headings, *self.short_lines]:
                if form.search(plain(line)):
                    return kind, f"the page says «{line}»"
        return None

    def scripts(self) -> tuple[str, str] | None:
        """A page whose text is made by its scripts."""
        if any(block.text or block.images for block in self.page.blocks):
            return None
        if self.page.tree.find(".//script") is not None:
            return "script-only", "the page has scripts and no text"
        return "empty", "the page has no text"

    @cached_property
    def pictured(self) -> bool:
        """True for the page that was asked for, with pictures below its title instead of text."""
        if not self.named:
            return False
        part = article_part(self.page.blocks, self.named)
        return any(block.images for block in part)

    @property
    def little(self) -> int:
        """Characters of prose below which this page is held to be a message."""
        return LITTLE // 4 if self.named else LITTLE

    @cached_property
    def named(self) -> str | None:
        """A heading that says what the address says: this is the page that was asked for."""
        path = _letters(unquote(urls.path_and_query(self.page.url)))
        for line in reversed(self.headings):
            letters = _letters(line)
            if len(letters) >= 20 and letters[:60] in path:
                return line
        return None

    @cached_property
    def headings(self) -> list[str]:
        """The document's title and its headings of the first three ranks."""
        found = [self.page.title_tag]
        for element in self.page.tree.iter("h1", "h2", "h3"):
            found.append(fold_blanks(self.page.text_of(element)))
        return [line for line in found if line]

    @cached_property
    def short_lines(self) -> list[str]:
        """Lines of a message's length that are no links."""
        part = article_part(self.page.blocks, self.named) if self.named else []
        found = part or self.page.blocks
        unlinked = (block for block in found if block.linked * 2 < len(block.text))
        lines = (line for block in unlinked for line in block.text.split("\n"))
        return [line for line in lines if 3 < len(line) < 240]

    @cached_property
    def prose(self) -> int:
        """Characters in blocks of running text."""
        return sum(
            len(b.text)
            for b in self.page.blocks
            if len(b.text) > 90 and b.linked * 3 < len(b.text) and not is_stand(b.text)
        )


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", plain(nfc(text)).lower())
