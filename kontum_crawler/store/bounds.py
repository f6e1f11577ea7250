"""The days that a live run asked for (`--since`, `--until`).

What such a run fetched beside them is kept as captures alone. The days stand in the run's command,
and so in `warcinfo`: a rebuild and a second reading leave out the same articles. A later run for
other days asks for those addresses again.
"""

import re
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kontum_crawler.extract.answer import Answer

ASKED = re.compile(r" --(since|until) (\d{4}-\d\d-\d\d)(?= |$)")
COMMAND = "SELECT command FROM runs WHERE id = ?"
LEFT_OUT = """
SELECT c.url, r.command FROM captures c JOIN runs r ON r.id = c.run_id
WHERE (r.command LIKE '% --since %' OR r.command LIKE '% --until %')
  AND c.origin = 'live' AND c.status IN (200, 304) AND c.article_id IS NULL
  AND c.id = (SELECT max(id) FROM captures n WHERE n.url = c.url)
"""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The first and the last day, both inclusive (`2024-05-09`); None for no such bound."""

    since: str | None = None
    until: str | None = None

    def arguments(self) -> str:
        """As they stand in the command of a run."""
        named = (("since", self.since), ("until", self.until))
        return " ".join(f"--{name} {day}" for name, day in named if day)

    def hold(self, answer: "Answer", fetched_at: str) -> bool:
        """Whether an answer is wanted: its article's `published_at`, else the capture's day."""
        if answer.article is None:
            return True
        day = (answer.article.published_at or fetched_at)[:10]
        return (self.since or "") <= day <= (self.until or "9999")


def bounds_of(db: sqlite3.Connection, run_id: int | None) -> Bounds:
    """The days that a run asked for."""
    row = db.execute(COMMAND, (run_id,)).fetchone()
    return Bounds(**dict(ASKED.findall(row[0]))) if row else Bounds()


def left_out(db: sqlite3.Connection, bounds: Bounds) -> list[str]:
    """Addresses whose newest capture was made for other days, and holds no article that is kept."""
    return [
        row[0] for row in db.execute(LEFT_OUT) if Bounds(**dict(ASKED.findall(row[1]))) != bounds
    ]
