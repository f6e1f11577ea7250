"""The sample portal itself: what it answers to an address on its day, without any network."""

import re
import unicodedata
from collections import Counter
from datetime import timedelta
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from . import answers, feeds, files, looks, markup, planted, shelf
from .addresses import (
    ARTICLE,
    FEED,
    FILE,
    LISTING,
    OLD_ARTICLE,
    PRINT,
    SITEMAP,
    TAG,
    address,
    category_link,
    lower_escapes,
    path_of,
)
from .answers import Answer
from .days import clock, morning
from .edition import Edition
from .looks import Extra, Frame, Link
from .options import Options
from .story import Story, slug_of

PAGE = 15


class Portal:
    """One portal with its options; answers differ by day, and by a counter with each request."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.visits = 0
        self.views: Counter[int] = Counter()
        self._editions: dict[int, Edition] = {}
        self._listed: dict[tuple[int, str], list[int]] = {}
        self._places: dict[int, dict[int, int]] = {}
        self._maps: dict[tuple[int, int], Answer | None] = {}

    @property
    def edition(self) -> Edition:
        """The articles of the day that the portal shows now."""
        return self.edition_of(self.options.day)

    def edition_of(self, day: int) -> Edition:
        """The articles of a day."""
        if day not in self._editions:
            self._editions[day] = Edition(self.options, day)
        return self._editions[day]

    def answer(self, host: str, target: str) -> Answer:
        """The answer to a request target (path and query as sent) with this Host."""
        self.visits += 1
        parts = urlsplit(target)
        path = unicodedata.normalize("NFC", unquote(parts.path))
        query = dict(parse_qsl(parts.query))
        if path in planted.BY_PATH:
            return self._planted(planted.BY_PATH[path], query)
        if self.options.login_for_all and not path.endswith(
            (".txt", ".xml", ".css", ".png", ".jpg")
        ):
            return answers.page(self.frame().page("Đăng nhập", planted.LOGIN))
        if host == planted.OLD_HOST and (found := OLD_ARTICLE.fullmatch(path)):
            return self._old_article(int(found["id"]))
        for pattern, view in (
            (ARTICLE, self._article),
            (LISTING, self._listing),
            (FILE, self._file),
            (PRINT, self._print),
            (TAG, self._tag),
            (FEED, self._feed),
            (SITEMAP, self._sitemap),
        ):
            if found := pattern.fullmatch(path):
                return view(found, query)
        return self._fixed(host, path, query)

    def frame(self) -> Frame:
        """What stands around every page at this request."""
        now = morning(self.options.day) + timedelta(seconds=self.visits)
        return Frame(
            layout=self.options.layout,
            clock=f"{clock(now)}, {now:%H:%M:%S}",
            visits=self.visits,
            latest=tuple(self.link(key) for key in self.listed("")[:5]),
            quick=(
                Link("http://www.chinhphu.example.vn/", "Cổng thông tin Chính phủ"),
                Link("http://kkt-kontum.gov.vn/trang-cu.html", "Trang thông tin cũ"),
                Link("/rss.xml", "RSS"),
            ),
            rename=self.options.rename,
            drop=self.options.drop,
        )

    def link(self, key: int, way: str = "") -> Link:
        """A link to an article; `way` is raw, lower (case of the escapes), or as usual."""
        story = self.edition.story(key)
        if story.old:
            return Link(f"http://{planted.OLD_HOST}{address(story)}", story.title)
        path = path_of(story)
        href = {"raw": path, "lower": lower_escapes(quote(path))}.get(way, quote(path))
        return Link(href, story.title)

    def listed(self, category: str) -> list[int]:
        """The live articles of a category (all for an empty key), newest first."""
        day = self.options.day
        if (day, category) not in self._listed:
            edition = self.edition
            keys = list(edition.live())
            if category:
                keys = [key for key in keys if category in self._categories(key)]
            self._listed[day, category] = keys
        return self._listed[day, category]

    def _categories(self, key: int) -> tuple[str, ...]:
        plan = self.edition.planned.get(key)
        return (self.edition.category(key), *(plan.story.also if plan else ()))

    def _article(self, found: re.Match[str], query: dict[str, str]) -> Answer:
        native_id = int(found["id"])
        key = self.edition.key_of(native_id)
        if key is None:
            return self._missing()
        fate = self.edition.fate(key)
        if fate == "front":
            return answers.redirect("/")
        if fate != "live":
            return self._missing(int(fate))
        story = self.edition.story(key)
        if found["slug"] != story.slug:
            return answers.redirect(quote(path_of(story)), 301)
        return self._page(key, story, native_id)

    def _page(self, key: int, story: Story, native_id: int) -> Answer:
        self.views[key] += 1
        second = native_id == story.second_id
        category = story.also[0] if second and story.also else story.category
        frame = self.frame()
        charset = story.encoding
        extra = Extra(
            views=100 + key % 900 + self.views[key],
            category=category_link(category),
            tags=tuple(Link(f"/tag/{slug_of(tag)}.html", tag) for tag in story.tags),
            related=self._related(key),
            files=tuple((Link(f"/upload/vanban/{n}", n), files.size(n)) for n in story.files),
            printed=quote(f"/print{path_of(story)}"),
            charset=charset,
        )
        html = looks.article(frame, story, extra)
        if charset == "windows-1258":
            body, media_type = markup.windows_1258(html), "text/html"
        else:
            body = (unicodedata.normalize("NFD", html) if story.form == "NFD" else html).encode()
            media_type = "text/html; charset=utf-8"
        looks_now = (frame.layout, sorted(frame.rename), sorted(frame.drop))
        return Answer(
            body=body,
            media_type=media_type,
            stamp=f"{native_id}/{story.slug}/{story.revision}/{looks_now}",
            modified=story.modified,
        )

    def _related(self, key: int) -> tuple[Link, ...]:
        """The next older articles; some links carry what share buttons leave in addresses."""
        day, keys = self.options.day, self.listed("")
        if day not in self._places:
            self._places[day] = {listed: at for at, listed in enumerate(keys)}
        at = self._places[day].get(key, -1)
        older = [self.link(k) for k in keys[at + 1 : at + 6]]
        return tuple(
            Link(f"{link.href}?utm_source=lien-quan#noi-dung" if n == 2 else link.href, link.words)
            for n, link in enumerate(older)
        )

    def _old_article(self, native_id: int) -> Answer:
        if -native_id not in self.edition.planned:
            return self._missing()
        story = self.edition.story(-native_id)
        html = looks.old_article(story)
        return answers.page(
            html, stamp=f"old/{native_id}/{story.revision}", modified=story.modified
        )

    def _print(self, found: re.Match[str], query: dict[str, str]) -> Answer:
        key = self.edition.key_of(int(found["id"]))
        if key is None or self.edition.fate(key) != "live":
            return self._missing()
        return answers.page(looks.print_copy(self.edition.story(key)))

    def _listing(self, found: re.Match[str], query: dict[str, str]) -> Answer:
        name, number = shelf.categories().get(found["key"], ("", 0))
        if number != int(found["number"]):
            return self._missing()
        dead = [Link(p.path, p.words) for p in planted.PLANTED if p.words and ".p-" in p.path]
        extra = tuple(dead) if found["key"] == "thong-bao" else ()
        return self._pages(name, self.listed(found["key"]), found[0], query, extra)

    def _tag(self, found: re.Match[str], query: dict[str, str]) -> Answer:
        tagged = [
            key
            for key in self.listed("")[:400]
            if found["tag"] in map(slug_of, self.edition.story(key).tags)
        ]
        return self._pages(f"Từ khóa: {found['tag']}", tagged, found[0], query, ())

    def _pages(
        self, name: str, keys: list[int], path: str, query: dict[str, str], extra: tuple[Link, ...]
    ) -> Answer:
        last = max(1, -(-len(keys) // PAGE))
        number = query.get("page", "1")
        at = int(number) if number.isdecimal() and len(number) < 8 else 1
        shown = keys[(at - 1) * PAGE : at * PAGE] if at else []
        entries = [self.link(key, ("", "raw", "lower")[n % 3]) for n, key in enumerate(shown)]
        entries += extra if at == 1 else ()
        turn = [Link(f"{path}?page={n}", str(n)) for n in _around(at, last)]
        listing = looks.links(entries) if entries else "<p>Chưa có bài viết.</p>"
        part = f'<div class="hd1"><b>{name}</b></div>\n{listing}' + looks.links(turn, "pt")
        stamp = f"{path}/{at}/{last}/{[link.href for link in entries]}/{self.options.layout}"
        newest = self.edition.story(shown[0]).modified if shown else morning(1)
        html = self.frame().page(f"{name} - {looks.SITE}", part)
        return answers.page(html, stamp=stamp, modified=max(newest, morning(self.options.day)))

    def _feed(self, found: re.Match[str], query: dict[str, str]) -> Answer:
        if found["key"] not in shelf.categories():
            return self._missing()
        return feeds.rss(self, self.listed(found["key"])[:20], found["key"])

    def _sitemap(self, found: re.Match[str], query: dict[str, str]) -> Answer:
        return self._map(int(found["number"])) or self._missing()

    def _map(self, number: int) -> Answer | None:
        """A sitemap, made once a day; 0 is the first or the index."""
        at = (self.options.day, number)
        if at not in self._maps:
            self._maps[at] = feeds.sitemap_part(self, number) if number else feeds.sitemap(self)
        return self._maps[at]

    def _file(self, found: re.Match[str], query: dict[str, str]) -> Answer:
        held = files.get(found["name"])
        if held is None:
            return self._missing()
        data, media_type = held
        return Answer(body=data, media_type=media_type, stamp=found["name"], modified=morning(-300))

    def _fixed(self, host: str, path: str, query: dict[str, str]) -> Answer:
        options = self.options
        if path == "/":
            return self._home()
        if path == "/robots.txt":
            text = planted.robots(
                host or "kkt.kontum.gov.vn", options.crawl_delay, options.print_allowed
            )
            return Answer(body=text.encode(), media_type="text/plain")
        if path == "/sitemap.xml":
            return self._map(0) or self._missing()
        if path == "/rss.xml":
            return feeds.rss(self, self.listed("")[:20], "")
        if path == "/css/style.css":
            return Answer(
                body=shelf.text("style.css").encode(),
                media_type="text/css",
                stamp="css",
                modified=morning(-300),
            )
        if path == "/gioi-thieu.html":
            return answers.page(self.frame().page("Giới thiệu", shelf.text("gioi-thieu.html")))
        if path == "/trang-cu.html":
            old = [self.link(key) for key in self.edition.planned if key < 0]
            return answers.page(self.frame().page("Trang cũ", looks.links(old)))
        if path == "/tim-kiem.html":
            return answers.page(self.frame().page("Tìm kiếm", "<p>Nhập từ khóa.</p>"))
        if path == "/quan-tri/dang-nhap.html":
            return answers.page(self.frame().page("Đăng nhập", planted.LOGIN))
        return self._missing()

    def _planted(self, at: planted.Planted, query: dict[str, str]) -> Answer:
        if at.target:
            return answers.redirect(at.target)
        if at.kind == "trap":
            return answers.page(self.frame().page("Lịch công tác", planted.calendar(query)))
        if at.kind == "soft-404":
            return answers.page(self.frame().page("Không tìm thấy trang", planted.SOFT_404))
        if at.kind == "login":
            return answers.page(self.frame().page("Đăng nhập", planted.LOGIN))
        return self._missing(at.status)

    def _home(self) -> Answer:
        part = ['<div class="hd1"><b>Tin mới</b></div>\n']
        part.append(looks.links([self.link(k, "raw") for k in self.listed("")[:12]], "tm"))
        for key, (name, _) in shelf.categories().items():
            part.append(f'<div class="hd1"><a href="{category_link(key).href}">{name}</a></div>\n')
            part.append(looks.links([self.link(k) for k in self.listed(key)[:4]]))
        mirrored = [k for k in self.mirrored() if self.edition.fate(k) == "live"]
        hrefs = [f"http://{planted.MIRRORS[0]}{self.link(k).href}" for k in mirrored]
        words = [self.edition.story(k).title for k in mirrored]
        part.append('<div class="hd1"><b>Đáng chú ý</b></div>\n')
        part.append(looks.links(map(Link, hrefs, words)))
        part.append(looks.links([self.link(k) for k in self.edition.planned if k < 0]))
        part.append(looks.links([Link("/tin-noi-bat.html", "Tin nổi bật")]))
        return answers.page(self.frame().page(looks.SITE, "".join(part)))

    def mirrored(self) -> list[int]:
        """The articles to which the front page links on a mirror host."""
        return [key for key in (3496,) if key in self.edition.planned]

    def _missing(self, status: int = 404) -> Answer:
        text = planted.ERROR if status >= 500 else planted.NOT_FOUND
        return Answer(status, text.encode())


def _around(at: int, last: int) -> list[int]:
    return sorted({1, *range(max(1, at - 3), min(last, at + 3) + 1), last})
