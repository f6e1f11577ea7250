"""Pages that answer 200 and are no article: not found, login, captcha, frames, refresh, scripts.

Words alone never decide, since articles speak of searches and logins too: a page counts as one of
these only where its title or a heading says so, or where it holds next to no prose.
"""

import re
from functools import cached_property

from kontum_crawler.errors import NotArticle
from kontum_crawler.extract.page import Page
from kontum_crawler.text import fold_blanks, plain

LITTLE = 400
"""Characters of prose below which a page is held to be a message."""

_THING = r"(?:trang|noi dung|bai viet|bai|tin|tin bai|duong dan|dia chi|lien ket|du lieu|ban tin)"
_NOT_FOUND = re.compile(
    r"\b(?:loi\s+)?404\b(?!\s*(?:/|trieu|ty|dong|ha|m2|nguoi|ho\b|can|xa|thon))"
    rf"|khong\s+(?:tim\s+thay|co)\s+(?:{_THING}|thong tin|ket qua|tai lieu|muc)\b"
    rf"|{_THING}\b.{{0,60}}\b(?:khong\s+(?:con\s+)?ton tai|khong\s+(?:duoc\s+)?tim\s+thay"
    r"|da\s+bi\s+(?:xoa|go|huy)|khong\s+con\b|da\s+duoc\s+go)"
    r"|(?:page|file|article|resource|content|document)\b.{0,40}\b(?:does\s?n.t\s+exist"
    r"|no\s+longer\s+(?:exists|available)|can\s?not\s+be\s+found|could\s?n.t\s+be\s+found)"
    r"|\bnot\s+found\b|oops",
    re.I,
)
_LOGIN = re.compile(
    r"^\W*(?:(?:trang\s+|form\s+)?dang nhap|log\s?-?in|sign\s?-?in|xac thuc|authentication"
    r"|members? login|ban (?:can|phai|chua) dang nhap|vui long dang nhap|yeu cau dang nhap"
    r"|please (?:log|sign) in)",
    re.I,
)
_CAPTCHA = re.compile(
    r"captcha|ma xac (?:nhan|thuc|minh)|khong phai la (?:robot|nguoi may|may)"
    r"|are (?:you )?(?:a )?human|not a robot|verify(?:ing)? you|just a moment|attention required"
    r"|checking your browser|ddos|access denied|truy cap bi (?:tu choi|chan)|cloudflare"
    r"|security check|kiem tra (?:trinh duyet|bao mat)|unusual traffic|truy cap bat thuong",
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
        for test in (self.frames, self.captcha, self.login, self.not_found, self.scripts):
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
            most = 3 * LITTLE if len(line) < 45 else LITTLE
            if _NOT_FOUND.search(plain(line)) and len(line) < 160 and self.prose < most:
                return "soft-404", f"the page says «{line}»"
        if self.prose < LITTLE:
            for line in self.short_lines:
                if _NOT_FOUND.search(plain(line)):
                    return "soft-404", f"the page says «{line}»"
        return None

    def login(self) -> tuple[str, str] | None:
        """A page that asks for a password, and has nothing else to read."""
        password = self.page.select("input[type=password]")
        said = next((line for line in self.headings if _LOGIN.search(plain(line))), None)
        if (password or said) and self.prose < LITTLE:
            said = said or next((s for s in self.short_lines if _LOGIN.search(plain(s))), None)
            if said and (password or self.prose < LITTLE // 4):
                return "login", f"the page says «{said}»"
        return None

    def captcha(self) -> tuple[str, str] | None:
        """A wall that asks for a proof of being human."""
        if self.prose >= LITTLE:
            return None
        for line in [*self.headings, *self.short_lines]:
            if _CAPTCHA.search(plain(line)):
                return "captcha", f"the page says «{line}»"
        if re.search(r"g-recaptcha|h-captcha|hcaptcha|cf-challenge|cf-turnstile", self.page.text):
            return "captcha", "the page shows a captcha and no text"
        return None

    def scripts(self) -> tuple[str, str] | None:
        """A page whose text is made by its scripts."""
        if any(block.text or block.images for block in self.page.blocks):
            return None
        if self.page.tree.find(".//script") is not None:
            return "script-only", "the page has scripts and no text"
        return "empty", "the page has no text"

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
        unlinked = (block for block in self.page.blocks if block.linked * 2 < len(block.text))
        lines = (line for block in unlinked for line in block.text.split("\n"))
        return [line for line in lines if 3 < len(line) < 240]

    @cached_property
    def prose(self) -> int:
        """Characters in blocks of running text."""
        return sum(
            len(b.text) for b in self.page.blocks if len(b.text) > 90 and b.linked * 3 < len(b.text)
        )
