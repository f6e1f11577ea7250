"""What the archive captured, round by round: which addresses, when, and what they answered."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from kontum_crawler.sample import Options, Portal, answers, planted, shelf
from kontum_crawler.sample.addresses import address
from kontum_crawler.sample.edition import Edition

HOST = "kkt.kontum.gov.vn"
PAGES = ("/", "/sitemap.xml", "/rss.xml", "/robots.txt", "/css/style.css", "/trang-cu.html")
SEEDS = [at for at in planted.PLANTED if at.kind in ("404", "500", "soft-404", "login")]


@dataclass(frozen=True, slots=True)
class Round:
    """One visit of the archive's crawler: when it began, which day and looks the portal had.

    https: the portal had moved to https; each http address led there first. part: every n-th
    article only. again: every second answer was the same as in the round before.
    """

    begin: datetime
    day: int
    layout: int
    https: bool = False
    part: int = 1
    again: bool = False


ROUNDS = (
    Round(datetime(2022, 3, 10, 8, tzinfo=UTC), 1, 1),
    Round(datetime(2022, 9, 15, 8, tzinfo=UTC), 1, 1, again=True),
    Round(datetime(2023, 4, 20, 8, tzinfo=UTC), 2, 2),
    Round(datetime(2023, 11, 2, 8, tzinfo=UTC), 2, 2, part=2),
    Round(datetime(2024, 5, 6, 8, tzinfo=UTC), 3, 2, https=True),
)


@dataclass(frozen=True, slots=True)
class Capture:
    """One answer that was captured. key: of the article it belongs to, None for other pages.

    repeats: the time of the capture that has the same payload, where only that was written down.
    shows: the address answered with the article.
    """

    url: str
    at: datetime
    status: int
    media_type: str
    body: bytes
    location: str | None = None
    key: int | None = None
    day: int = 1
    repeats: datetime | None = None
    shows: bool = False


def captures(articles: int) -> Iterator[Capture]:
    """Every capture of the three years, in the order of time."""
    portal = Portal(Options(articles=articles))
    before: dict[str, Capture] = {}
    for each in ROUNDS:
        portal.options.day, portal.options.layout = each.day, each.layout
        moment = each.begin
        for number, (url, key) in enumerate(_addresses(portal, each)):
            moment += timedelta(seconds=2)
            if each.https:
                target = url.replace("http://", "https://", 1)
                yield Capture(url, moment, 301, "text/html", b"", target, key, each.day)
                url, moment = target, moment + timedelta(seconds=1)
            old = before.get(url)
            if each.again and number % 2 and old is not None:
                seen = _repeated(old, moment, each.day)
            else:
                seen = _seen(portal, url, moment, key, each.day)
                before[url] = seen
            yield seen


def _addresses(portal: Portal, each: Round) -> list[tuple[str, int | None]]:
    """The addresses of a round with the articles behind them: their own, mirrors, old ones."""
    edition = portal.edition
    found: list[tuple[str, int | None]] = [(f"http://{HOST}{path}", None) for path in PAGES]
    for key, (_, number) in shelf.categories().items():
        found.append((f"http://{HOST}/{key}.c-{number}.html", None))
    found += [(f"http://{HOST}{at.path}", None) for at in SEEDS]
    for number, key in enumerate(sorted(edition)):
        if number % each.part == 0 or edition.fate(key) == "front":
            found += [(url, key) for url in own_urls(portal, edition, key)]
            found += [
                (f"http://{HOST}/upload/vanban/{name}", None) for name in _files(edition, key)
            ]
    return found


def own_urls(portal: Portal, edition: Edition, key: int) -> list[str]:
    """The addresses of one article: present, second, mirror, and the one it moved from."""
    story = edition.story(key)
    host = planted.OLD_HOST if story.old else HOST
    found = [f"http://{host}{address(story)}"]
    if story.second_id:
        found.append(f"http://{host}{address(story, story.second_id)}")
    if key in portal.mirrored():
        found.append(f"http://{planted.MIRRORS[0]}{address(story)}")
    plan = edition.planned.get(key)
    if plan and plan.kind == "moved" and edition.day >= 2:
        found.append(f"http://{host}{address(plan.story)}")
    return found


def _files(edition: Edition, key: int) -> tuple[str, ...]:
    return edition.story(key).files


def _seen(portal: Portal, url: str, moment: datetime, key: int | None, day: int) -> Capture:
    parts = urlsplit(url)
    answer: answers.Answer = portal.answer(parts.netloc, parts.path)
    location = answer.headers.get("Location")
    shows = key is not None and answer.status == 200
    return Capture(
        url, moment, answer.status, answer.media_type, answer.body, location, key, day, None, shows
    )


def _repeated(old: Capture, moment: datetime, day: int) -> Capture:
    return Capture(
        old.url,
        moment,
        old.status,
        old.media_type,
        old.body,
        old.location,
        old.key,
        day,
        old.at,
        old.shows,
    )
