"""What a run brings up to date before it ends: near doubles, saved searches, the search index."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kontum_crawler.store import drift
from kontum_crawler.store.archive import Recorded
from kontum_crawler.store.config import read_config
from kontum_crawler.store.drift import FieldRates
from kontum_crawler.store.intake import withholding
from kontum_crawler.store.search import feeds, fts, groups, watches

if TYPE_CHECKING:
    from kontum_crawler.store.archive import Archive


@dataclass(frozen=True, slots=True)
class Told:
    """What a run decided at its end: what was recorded after all, and how many problems it told.

    recorded: address and what became of its capture.
    """

    recorded: list[tuple[str, Recorded]]
    problems: int


def conclude_drift(archive: "Archive", run_id: int, rates: FieldRates) -> Told:
    """Keep how often each field was found, tell what fell, decide about what waited for that.

    Under the run's lock, once its captures are committed. Raises ArchiveFull.
    """
    with archive.transaction():
        rates.save(archive.db, run_id)
    limits_of = read_config(archive.folder).limits_of

    def dropped(portal: str) -> tuple[str, ...]:
        return limits_of(portal).dropped or ()

    found = [*rates.walls(), *drift.falls(archive.db, run_id, rates.portals, dropped)]
    decision = withholding.decide(archive, run_id, found, dropped)
    with archive.transaction():
        for finding in (*found, *decision.findings):
            drift.tell(archive.db, run_id, finding)
            archive.problem(finding.url, "drift", finding.message, run_id)
    told = len(found) + len(decision.findings)
    return Told(decision.recorded, told)


def conclude(archive: "Archive", run_id: int, *, merge: bool = False) -> int:
    """Bring up to date what follows from the articles; returns what is new for saved searches.

    Costs 1 to 2 ms for each article that changed since it was last done, next to nothing
    otherwise. merge: also merge the parts of the search index, due after many changes. Under the
    run's lock. Raises ArchiveFull.
    """
    with archive.transaction():
        groups.regroup(archive.db)
        found = watches.look(archive, run_id)
    feeds.write_feeds(archive)
    if merge:
        with archive.transaction():
            fts.optimize(archive.db)
    return found
