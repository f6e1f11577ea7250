"""How often each field of a portal's articles is found, run by run, and when that falls.

A portal that changes its pages overnight goes on answering 200; what tells of it is that a field
which nearly all articles had is found on few. Rates of one run are held against those of the runs
before it by an exact test, so that a night with three new articles raises no alarm by chance.
"""

import json
import math
import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kontum_crawler.extract.answer import Answer
    from kontum_crawler.items import Article

TABLES = (
    # fresh, filled, log_sum, log_squares: articles seen for the first time. pages, ruled: all.
    """CREATE TABLE run_fields (
  run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
  portal TEXT NOT NULL,
  field TEXT NOT NULL,
  fresh INTEGER NOT NULL DEFAULT 0,
  filled INTEGER NOT NULL DEFAULT 0,
  pages INTEGER NOT NULL DEFAULT 0,
  ruled INTEGER NOT NULL DEFAULT 0,
  log_sum REAL NOT NULL DEFAULT 0,
  log_squares REAL NOT NULL DEFAULT 0,
  example TEXT,
  alarm TEXT,
  PRIMARY KEY (portal, field, run_id)
) WITHOUT ROWID""",
    # What a known article is said to have become, until the run can tell an edit from a change of
    # the portal's looks; state: pending, or drift once it was told to be none of the article's.
    """CREATE TABLE withheld (
  capture_id INTEGER PRIMARY KEY REFERENCES captures(id) ON DELETE CASCADE,
  run_id INTEGER,
  portal TEXT NOT NULL,
  url TEXT NOT NULL,
  kind TEXT NOT NULL,
  lost TEXT NOT NULL DEFAULT '[]',
  changed TEXT NOT NULL DEFAULT '[]',
  state TEXT NOT NULL DEFAULT 'pending'
)""",
    "CREATE INDEX run_fields_by_run ON run_fields(run_id)",
    "CREATE INDEX withheld_by_state ON withheld(state, portal)",
)
FIELDS = ("title", "lead", "body", "byline", "published_at", "category", "tags")
ARTICLE = "article"
"""Named like a field: whether a page asked for as an article was one."""
AGREEMENT = "agreement"
"""Named like a field: whether rules and the finder for unknown pages see the same text."""
AGREED = 0.6
"""Share of neighbouring words from which on two texts are the same one."""
WALLS = ("login", "captcha")
CHANCE = 5e-5
"""How likely a fall by mere chance may be, at most."""
BASE_AT_LEAST = 15
BASE_ENOUGH = 200
BODIES = 5
TOLD_OFTEN = 10
"""Runs in a row that tell of the same fall; then what is seen now counts as usual."""
ROWS = """
SELECT run_id, fresh, filled, pages, ruled, log_sum, log_squares, example, alarm FROM run_fields
WHERE portal = ? AND field = ? AND run_id <= ? ORDER BY run_id DESC LIMIT 120
"""
SAVE = """
INSERT INTO run_fields (run_id, portal, field, fresh, filled, pages, ruled, log_sum, log_squares,
  example) VALUES (:run_id, :portal, :field, :fresh, :filled, :pages, :ruled, :log_sum,
  :log_squares, :example)
ON CONFLICT DO UPDATE SET fresh = excluded.fresh, filled = excluded.filled, pages = excluded.pages,
  ruled = excluded.ruled, log_sum = excluded.log_sum, log_squares = excluded.log_squares,
  example = excluded.example
"""
TELL = """
INSERT INTO run_fields (run_id, portal, field, example, alarm) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET example = coalesce(excluded.example, example),
  alarm = CASE WHEN alarm IS NULL THEN excluded.alarm ELSE alarm || '; ' || excluded.alarm END
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a portal that a person should look at.

    field: a column of `articles`, or `article` where pages give none. url: a page that shows it.
    """

    portal: str
    field: str
    told: str
    url: str | None

    @property
    def message(self) -> str:
        """The finding as `problems` has it."""
        return f"{self.portal}: {self.field}: {self.told}"


@dataclass(slots=True)
class Rate:
    """One field in one run; see TABLES."""

    fresh: int = 0
    filled: int = 0
    pages: int = 0
    ruled: int = 0
    log_sum: float = 0.0
    log_squares: float = 0.0
    example: str | None = None

    def add(self, other: "Rate") -> "Rate":
        """Both together; the example is that of the first."""
        return Rate(
            self.fresh + other.fresh,
            self.filled + other.filled,
            self.pages + other.pages,
            self.ruled + other.ruled,
            self.log_sum + other.log_sum,
            self.log_squares + other.log_squares,
            self.example or other.example,
        )


@dataclass(slots=True)
class Tally:
    """What one run saw of one portal. answered: pages with status 200; walled: a login, captcha."""

    answered: int = 0
    walled: int = 0
    wall: str | None = None
    rates: dict[str, Rate] = field(default_factory=dict)


class FieldRates:
    """The tallies of one run, by portal."""

    def __init__(self) -> None:
        self.portals: dict[str, Tally] = {}

    def note(self, portal: str, url: str, answer: "Answer", *, wanted: bool, fresh: bool) -> None:
        """Count one answer with status 200.

        wanted: its address is an article's. fresh: no article was known there.
        """
        tally = self.portals.setdefault(portal, Tally())
        tally.answered += 1
        if (answer.problem or "").startswith(WALLS):
            tally.walled += 1
            tally.wall = tally.wall or url
        if wanted or answer.article is not None:
            self._page(tally, url, answer.article, fresh=fresh)
        if answer.agreement is not None:
            rate = tally.rates.setdefault(AGREEMENT, Rate())
            rate.pages += 1
            rate.ruled += answer.agreement >= AGREED
            if answer.agreement < AGREED:
                rate.example = rate.example or url

    def _page(self, tally: Tally, url: str, article: "Article | None", *, fresh: bool) -> None:
        rate = tally.rates.setdefault(ARTICLE, Rate())
        rate.fresh += 1
        rate.filled += article is not None
        if article is None:
            rate.example = rate.example or url
            return
        for name in FIELDS:
            rate = tally.rates.setdefault(name, Rate())
            found = getattr(article, name)
            ruled = article.rules.get(name, "").startswith("layout.")
            rate.pages += 1
            rate.ruled += ruled
            if fresh:
                rate.fresh += 1
                rate.filled += bool(found)
                if name == "body":
                    length = math.log1p(len(article.body))
                    rate.log_sum += length
                    rate.log_squares += length * length
            if not found or not ruled:
                rate.example = rate.example or url

    def save(self, db: sqlite3.Connection, run_id: int) -> None:
        """Keep the tallies of a run, inside the caller's transaction."""
        for portal, tally in self.portals.items():
            for name, rate in tally.rates.items():
                values: dict[str, Any] = {part: getattr(rate, part) for part in Rate.__slots__}
                db.execute(SAVE, {"run_id": run_id, "portal": portal, "field": name, **values})

    def walls(self) -> list[Finding]:
        """Portals that show a wall in place of their pages."""
        found = []
        for portal, tally in self.portals.items():
            all_of_them = tally.walled == tally.answered and tally.walled > 0
            if all_of_them or (tally.walled >= 3 and tally.walled >= 0.8 * tally.answered):
                told = (
                    f"{tally.walled} of {tally.answered} pages are a login page or a captcha;"
                    " nothing that is held was changed"
                )
                found.append(Finding(portal, ARTICLE, told, tally.wall))
        return found


def falls(
    db: sqlite3.Connection,
    run_id: int,
    portals: Iterable[str],
    dropped: Callable[[str], Collection[str]] = lambda portal: (),
) -> list[Finding]:
    """Fields that a run found markedly less often than the runs before it.

    dropped: fields of a portal that are known to be given up, of which nothing is told.
    """
    return [
        finding
        for portal in portals
        for name in (ARTICLE, *FIELDS, AGREEMENT)
        if name not in dropped(portal)
        for finding in _falls_of(db, run_id, portal, name)
    ]


def tell(db: sqlite3.Connection, run_id: int, finding: Finding) -> None:
    """Note an alarm; its run no longer counts as usual for that field."""
    db.execute(TELL, (run_id, finding.portal, finding.field, finding.url, finding.told))


def findings_of(db: sqlite3.Connection, run_id: int) -> list[Finding]:
    """The alarms of a run."""
    rows = db.execute(
        "SELECT portal, field, alarm, example FROM run_fields"
        " WHERE run_id = ? AND alarm IS NOT NULL ORDER BY portal, field",
        (run_id,),
    )
    return [Finding(*row) for row in rows]


def is_unlikely(found: int, of: int, found_before: int, of_before: int) -> bool:
    """Whether a share fell by more than two fifths, and hardly by chance (Fisher's exact test)."""
    if of_before < BASE_AT_LEAST or not _is_low(found, of, found_before, of_before):
        return False
    return chance(found, of, found_before, of_before) < CHANCE


def _is_low(found: int, of: int, found_before: int, of_before: int) -> bool:
    """Whether a share lies two fifths below that of before, or lower."""
    return of > 0 and found_before > 0 and found / of <= 0.6 * found_before / of_before


def chance(found: int, of: int, found_before: int, of_before: int) -> float:
    """How likely so few or fewer are found now, if nothing has changed (one-sided)."""
    total, hits = of + of_before, found + found_before
    ways = sum(
        math.comb(hits, k) * math.comb(total - hits, of - k)
        for k in range(max(0, of - (total - hits)), found + 1)
    )
    return ways / math.comb(total, of)


def _falls_of(db: sqlite3.Connection, run_id: int, portal: str, name: str) -> list[Finding]:
    rows = db.execute(ROWS, (portal, name, run_id)).fetchall()
    if not rows or rows[0]["run_id"] != run_id:
        return []
    rates = [(_rate(row), row["alarm"] is not None) for row in rows]
    accepted = len(rates) > TOLD_OFTEN and all(told for _, told in rates[1 : TOLD_OFTEN + 1])
    now, tonight = Rate(), rates[0][0]
    # Nights with few articles are taken together, up to four of them.
    for at in range(min(4, len(rates))):
        now = now.add(rates[at][0])
        before = _before([rate for rate, told in rates[at + 1 :] if accepted or not told])
        if found := _fall(portal, name, now, before, tonight):
            return [found]
        if now.fresh >= 8 and now.pages >= 8:
            break
    return []


def _before(rates: Sequence[Rate]) -> Rate:
    base = Rate()
    for rate in rates:
        if min(base.fresh, base.pages or base.fresh) >= BASE_ENOUGH:
            break
        base = base.add(rate)
    return base


def _fall(portal: str, name: str, now: Rate, before: Rate, tonight: Rate) -> Finding | None:
    """What fell in some nights together; the last one, tonight, is not blamed for the others."""
    ruled, filled = (before.ruled, before.pages), (before.filled, before.fresh)
    if _is_low(tonight.ruled, tonight.pages, *ruled) and is_unlikely(now.ruled, now.pages, *ruled):
        told = (
            f"the layout's rules and the finder for unknown pages see the same text on {now.ruled}"
            f" of {now.pages} pages that were compared, before on {before.ruled} of {before.pages}"
            if name == AGREEMENT
            else f"the layout's rules find it on {now.ruled} of {now.pages} pages,"
            f" before on {before.ruled} of {before.pages}"
        )
        return Finding(portal, name, told, now.example)
    if _is_low(tonight.filled, tonight.fresh, *filled) and is_unlikely(
        now.filled, now.fresh, *filled
    ):
        what = "pages are an article" if name == ARTICLE else "new articles have it"
        told = f"{now.filled} of {now.fresh} {what}, before {before.filled} of {before.fresh}"
        return Finding(portal, name, told, now.example)
    if name == "body" and _is_short(tonight, before) and (shares := _shorter(now, before)):
        told = f"bodies of {now.fresh} new articles have {shares:.0%} of the usual length"
        return Finding(portal, name, told, now.example)
    return None


def _shorter(now: Rate, before: Rate) -> float | None:
    """The usual length now as a share of that before, where it fell far and not by chance."""
    if now.fresh < BODIES or before.fresh < BASE_AT_LEAST:
        return None
    errors = 0.0
    for rate in (now, before):
        mean = rate.log_sum / rate.fresh
        errors += max(rate.log_squares / rate.fresh - mean * mean, 0.05) / rate.fresh
    difference = _longer(now, before)
    if not _is_short(now, before) or difference / math.sqrt(errors) > -5:
        return None
    return math.exp(difference)


def _is_short(now: Rate, before: Rate) -> bool:
    """Whether bodies have two fifths of the length of those before, or less."""
    return now.fresh > 0 and before.fresh > 0 and _longer(now, before) <= math.log(0.4)


def _longer(now: Rate, before: Rate) -> float:
    """By how much the mean logarithm of the length of bodies grew."""
    return now.log_sum / now.fresh - before.log_sum / before.fresh


def _rate(row: sqlite3.Row) -> Rate:
    return Rate(**{part: row[part] for part in Rate.__slots__})


def as_text(fields: Iterable[str]) -> str:
    """Names of fields as a column keeps them."""
    return json.dumps(sorted(fields))
