"""Pages that answer 200 and are no article: not found, login, captcha, frames, refresh, scripts.

Words alone never decide, since articles speak of searches and logins too, and the boxes beside them
say that they are empty. A page with a headline of its own and text below it is an article; without
one it counts as a message where its title or a heading says so, or where it holds next to no prose.
"""

import re
from functools import cached_property
from itertools import islice

from kontum_crawler.errors import NotArticle
from kontum_crawler.extract.block import Block
from kontum_crawler.extract.foot import is_stand
from kontum_crawler.extract.headline import LITTLE, SEPARATOR, Headlines
from kontum_crawler.extract.messages import (
    ASKED,
    CAPTCHA,
    FORBIDDEN,
    HOLLOW,
    LOGIN,
    NOT_FOUND,
    OUTAGE,
    SCRIPTED,
    is_of_the_page,
    kind_of,
)
from kontum_crawler.extract.page import Page
from kontum_crawler.text import fold_blanks, plain

_REFRESH = re.compile(
    r"^\s*(\d+(?:\.\d*)?|\.\d+)?\s*[;,]?\s*(?:url\s*=\s*)?[\"']?\s*([^\"'\s]*)", re.I
)
MOST_HEADINGS = 300
LONGEST_HEADING = 1_000
MOST_LINES = 3_000
"""What is read of a page's headings and short lines; pages that are messages have few of both."""
SLOWEST_REFRESH = 30
"""Seconds; a page that reloads later than that is meant to be read."""


class Gates:
    """The tests on one page; each says what the page is, or nothing."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def check(self) -> None:
        """Raises NotArticle for the first test that the page fails, with its kind."""
        if said := self.frames():
            raise NotArticle(*said)
        for test in (
            self.absent,
            self.outage,
            self.forbidden,
            self.captcha,
            self.login,
            self.not_found,
            self.hollow,
        ):
            if (said := test()) and not self.outweighs(said[0]):
                raise NotArticle(*said)
        if said := self.scripts():
            raise NotArticle(*said)

    def wall(self) -> tuple[str, str] | None:
        """What keeps a page from being a listing; a login box beside teasers does not."""
        if said := self.frames():
            return said
        if self.all_prose < LITTLE and (said := self.captcha() or self.login()):
            return said
        return self.scripts()

    def outweighs(self, kind: str) -> bool:
        """Whether the page's own article stands against what its lines say of that kind."""
        own = self.headlines.own
        if own is None or own.sure:
            return own is not None
        # What looks like a headline may be that of a box: then the page's own words decide.
        parts = [part for line in self.headings[:1] for part in SEPARATOR.split(line)]
        if kind in map(kind_of, parts):
            return False
        blocks = [block for block in self.page.blocks if not self.headlines.is_boxed(block)]
        lines = [line for block in blocks for line in block.text.split("\n")]
        if kind == "soft-404":
            return not any(map(is_of_the_page, lines))
        if kind == "login":
            return not any(kind_of(line) == kind and ASKED.search(plain(line)) for line in lines)
        if kind in ("outage", "captcha"):
            lines = [block.text for block in blocks if block.kind == "heading"]
        return kind in ("empty", "script-only") or kind not in map(kind_of, lines)

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

    def absent(self) -> tuple[str, str] | None:
        """A page that says for certain that it is not there, whatever the boxes beside it say."""
        if self.prose >= self.little:
            return None
        for line, bare in self.told:
            if NOT_FOUND.search(bare) and any(map(is_of_the_page, SEPARATOR.split(line)[:2])):
                return "soft-404", f"the page says «{line}»"
        return None

    def forbidden(self) -> tuple[str, str] | None:
        """A page that says for certain that it is not for everyone."""
        if self.prose >= self.little:
            return None
        for line, bare in self.told:
            if FORBIDDEN.search(bare) and kind_of(line) == "forbidden":
                return "forbidden", f"the page says «{line}»"
        return None

    def not_found(self) -> tuple[str, str] | None:
        """A page that says that there is no such page, and answers 200."""
        for line in self.headings:
            most = 3 * LITTLE if len(line) < 45 and not self.named else self.little
            if len(line) < 160 and self.prose < most and NOT_FOUND.search(plain(line)):
                return "soft-404", f"the page says «{line}»"
        if self.prose < self.little:
            for line, bare in self.told:
                if NOT_FOUND.search(bare):
                    return "soft-404", f"the page says «{line}»"
        return None

    def login(self) -> tuple[str, str] | None:
        """A page that asks for a password, and has nothing else to read."""
        password = self.page.select("input[type=password]")
        said = next((line for line in self.headings if LOGIN.search(plain(line))), None)
        said = said or next((s for s in self.short_lines if ASKED.search(plain(s))), None)
        if (password or said) and self.prose < self.little:
            said = said or next((s for s in self.short_lines if LOGIN.search(plain(s))), None)
            if said and (password or self.prose < LITTLE // 4):
                return "login", f"the page says «{said}»"
        return None

    def captcha(self) -> tuple[str, str] | None:
        """A wall that asks for a proof of being human."""
        if self.prose >= self.little:
            return None
        for line, bare in self.told:
            if CAPTCHA.search(bare):
                return "captcha", f"the page says «{line}»"
        if re.search(r"g-recaptcha|h-captcha|hcaptcha|cf-challenge|cf-turnstile", self.page.text):
            return "captcha", "the page shows a captcha and no text"
        return None

    def outage(self) -> tuple[str, str] | None:
        """An error of the server, or works on the site, told with status 200."""
        if self.prose >= self.little:
            return None
        for line in [*self.headings, *self.short_lines[:12]]:
            if len(line) < 240 and OUTAGE.search(plain(line)):
                return "outage", f"the page says «{line}»"
        return None

    def hollow(self) -> tuple[str, str] | None:
        """A page that keeps its text back, or has none yet."""
        if self.prose >= self.little // 4:
            return None
        for kind, form in (
            ("forbidden", FORBIDDEN),
            ("script-only", SCRIPTED),
            ("empty", HOLLOW),
        ):
            for line, bare in self.told:
                if form.search(bare):
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
    def headlines(self) -> Headlines:
        """The search for the page's own headline; it is costly, and asked for only in doubt."""
        return Headlines(self.page)

    @property
    def is_little(self) -> bool:
        """True where there is next to no prose, and no article that is short."""
        own = self.headlines.own if self.prose < LITTLE else None
        return self.prose < LITTLE and not (own and own.sure)

    @property
    def little(self) -> int:
        """Characters of prose below which this page is held to be a message."""
        return LITTLE // 4 if self.named else LITTLE

    @cached_property
    def named(self) -> str | None:
        """A heading that says what the address says: this is the page that was asked for."""
        return next((s for s in reversed(self.headings) if self.headlines.is_named(s)), None)

    @cached_property
    def headings(self) -> list[str]:
        """The document's title and its headings of the first three ranks."""
        found = [self.page.title_tag]
        for element in islice(self.page.tree.iter("h1", "h2", "h3"), MOST_HEADINGS):
            found.append(fold_blanks(self.page.text_of(element, LONGEST_HEADING)))
        return [line for line in found if line]

    @cached_property
    def short_lines(self) -> list[str]:
        """Lines of a message's length that are no links."""
        unlinked = (block for block in self.page.blocks if block.linked * 2 < len(block.text))
        lines = (line for block in unlinked for line in block.text.split("\n"))
        return list(islice((line for line in lines if 3 < len(line) < 240), MOST_LINES))

    @cached_property
    def told(self) -> list[tuple[str, str]]:
        """Headings and short lines, each with its text without accents."""
        return [(line, plain(line)) for line in [*self.headings, *self.short_lines]]

    @cached_property
    def all_prose(self) -> int:
        """Characters in blocks of running text, teasers included."""
        return sum(len(block.text) for block in self.page.blocks if _is_prose(block))

    @cached_property
    def prose(self) -> int:
        """Characters of the longest run of prose; links between, as of teasers, end a run."""
        longest = run = 0
        for block in self.page.blocks:
            size = len(block.text)
            if block.linked * 2 > size > 15:
                run = 0
            elif _is_prose(block):
                run += size
                longest = max(longest, run)
        return longest


def _is_prose(block: Block) -> bool:
    size = len(block.text)
    return size > 90 and block.linked * 3 < size and not is_stand(block.text)
