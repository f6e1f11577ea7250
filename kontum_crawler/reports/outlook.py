"""What a backfill would fetch: captures, bytes and time, by host and year, before it begins."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kontum_crawler.archives.services import Rates
from kontum_crawler.portals import Portal
from kontum_crawler.portals.portal import folded
from kontum_crawler.store.known import held, is_known
from kontum_crawler.store.plan import Entry, Plan, Scope


@dataclass(slots=True)
class Share:
    """What is planned of one host and year.

    captures: to be fetched. repeats: whose answer is held, or fetched with another one; only noted.
    held: in the archive already. bytes: of the records to be fetched, as the list says.
    """

    portal: str
    host: str
    year: int
    captures: int = 0
    repeats: int = 0
    held: int = 0
    bytes: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The object that `--dry-run --json` prints of it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(slots=True)
class Outlook:
    """The plan of a run: its shares, how long it will take, and what was wrong with the lists."""

    origin: str
    service: str
    portals: list[str]
    delay: float
    shares: dict[tuple[str, str, int], Share] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def total(self, name: str) -> int:
        """A number over all shares."""
        return sum(getattr(share, name) for share in self.shares.values())

    @property
    def seconds(self) -> float:
        """How long the fetching takes at the service's rate."""
        return round(self.total("captures") * self.delay, 1)

    def as_dict(self) -> dict[str, Any]:
        """The object that `--dry-run --json` prints."""
        return {
            "origin": self.origin,
            "service": self.service,
            "portals": self.portals,
            "captures": self.total("captures"),
            "repeats": self.total("repeats"),
            "held": self.total("held"),
            "requests": self.total("captures"),
            "bytes": self.total("bytes"),
            "seconds": self.seconds,
            "rows": [self.shares[key].as_dict() for key in sorted(self.shares)],
            "problems": self.problems,
        }


def foresee(
    planned: sqlite3.Connection,
    present: sqlite3.Connection | None,
    portals: Sequence[Portal],
    origin: str,
    service: str,
    scope: Scope,
    rates: Rates,
) -> Outlook:
    """Price a plan. planned: where it lies. present: the archive that is to be filled, if any."""
    made = Outlook(origin, service, [portal.key for portal in portals], rates.capture_delay)
    for portal in portals:
        seen: set[int] = set()
        names = {folded(host): host for host in reversed(portal.hosts)}
        for entry in Plan(planned, portal, origin, service).due(scope, 0):
            host = entry.url_key.partition("/")[0]
            place = (portal.key, names.get(host, host), int(entry.listed.stamp[:4]))
            share = made.shares.setdefault(place, Share(*place))
            what = _lot(entry, present, origin, seen)
            setattr(share, what, getattr(share, what) + 1)
            if what == "captures":
                share.bytes += entry.listed.length or 0
    rows = planned.execute("SELECT url, message FROM problems ORDER BY id")
    made.problems = [": ".join(filter(None, row)) for row in rows]
    return made


def _lot(entry: Entry, present: sqlite3.Connection | None, origin: str, seen: set[int]) -> str:
    """What would become of a listed capture: `held`, `repeats` or `captures`."""
    if present is not None and is_known(present, entry, origin):
        return "held"
    if entry.same is None:
        return "captures"
    # The hash alone: a plan may have millions of answers.
    same = hash(entry.same)
    if same in seen or (present is not None and held(present, entry) is not None):
        return "repeats"
    seen.add(same)
    return "captures"
