"""The queue: offered once, leased by one, done when its worker says so."""

import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from scene import opened

from kontum_crawler.clock import utc
from kontum_crawler.store import Archive
from kontum_crawler.store.frontier import LEASE_OF_PORTAL, Frontier, Link

NOW = datetime(2026, 1, 31, 2, 3, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with opened(tmp_path / "archive") as archive:
        yield archive


@pytest.fixture
def frontier(archive: Archive) -> Frontier:
    return archive.frontier


def link(name: str, priority: int = 0, portal: str = "kkt") -> Link:
    return Link(f"http://kkt.kontum.gov.vn/{name}", portal, priority=priority)


def test_a_url_is_queued_once_whatever_it_became(frontier: Frontier) -> None:
    assert frontier.offer([link("a"), link("b"), link("a")], NOW) == 2
    visit = frontier.lease(NOW, 60)
    assert visit is not None
    frontier.done(visit.url)
    assert frontier.offer([link("a"), link("b"), link("c")], NOW + HOUR) == 1


def test_the_most_urgent_goes_first_then_the_oldest(frontier: Frontier) -> None:
    frontier.offer([link("late", 1)], NOW)
    frontier.offer([link("urgent", 5), link("later", 1)], NOW + HOUR)
    visits = frontier.lease_many(NOW + HOUR, 60, 3)
    assert [visit.url.rpartition("/")[2] for visit in visits] == ["urgent", "late", "later"]


def test_a_leased_url_is_nobody_elses_until_the_lease_runs_out(frontier: Frontier) -> None:
    frontier.offer([link("a")], NOW)
    first = frontier.lease(NOW, 60)
    assert frontier.lease(NOW + timedelta(seconds=59), 60) is None
    again = frontier.lease(NOW + timedelta(seconds=61), 60)
    assert first is not None and again is not None
    assert (first.attempts, again.attempts) == (1, 2)


def test_done_means_done_until_the_next_visit(frontier: Frontier) -> None:
    frontier.offer([link("a")], NOW)
    frontier.lease(NOW, 60)
    frontier.done(link("a").url, NOW + HOUR, validators=('"tag"', None))
    assert frontier.lease(NOW + HOUR / 2, 60) is None
    visit = frontier.lease(NOW + HOUR, 60)
    assert visit is not None
    assert (visit.etag, visit.attempts) == ('"tag"', 1)
    frontier.done(visit.url)
    assert frontier.lease(NOW + HOUR * 1000, 60) is None


def test_a_304_keeps_the_validators_and_a_page_without_drops_them(frontier: Frontier) -> None:
    frontier.offer([link("a")], NOW)
    frontier.done(link("a").url, NOW, validators=('"one"', "Sat"))
    frontier.done(link("a").url, NOW)
    visit = frontier.lease(NOW, 60)
    assert visit is not None and (visit.etag, visit.last_modified) == ('"one"', "Sat")
    frontier.done(visit.url, NOW, validators=(None, None))
    visit = frontier.lease(NOW, 60)
    assert visit is not None and (visit.etag, visit.last_modified) == (None, None)


def test_what_failed_waits_for_its_time_or_for_ever(frontier: Frontier) -> None:
    frontier.offer([link("a"), link("b")], NOW)
    frontier.lease_many(NOW, 60, 2)
    frontier.fail(link("a").url, NOW + HOUR)
    frontier.fail(link("b").url)
    assert frontier.lease(NOW, 60) is None
    assert [visit.url for visit in frontier.lease_many(NOW + HOUR * 2, 60, 9)] == [link("a").url]
    assert frontier.counts() == {"kkt": {"failed": 1, "leased": 1}}


def test_a_lease_given_back_counts_no_attempt(frontier: Frontier) -> None:
    frontier.offer([link("a")], NOW)
    frontier.lease(NOW, 60)
    frontier.release([link("a").url])
    visit = frontier.lease(NOW, 60)
    assert visit is not None and visit.attempts == 1


def test_a_url_that_is_done_is_not_queued_by_a_late_release(frontier: Frontier) -> None:
    frontier.offer([link("a")], NOW)
    frontier.lease(NOW, 60)
    frontier.done(link("a").url)
    frontier.release([link("a").url])
    assert frontier.counts() == {"kkt": {"done": 1}}


def test_excluded_urls_stay_out(frontier: Frontier) -> None:
    frontier.offer([link("a")], NOW)
    frontier.exclude(link("a").url)
    frontier.revisit("kkt")
    assert frontier.lease(NOW, 60) is None


def test_what_robots_forbade_may_be_let_in_again_and_a_trap_not(frontier: Frontier) -> None:
    trap = Link("http://kkt.kontum.gov.vn/lich?thang=9", "kkt", "other")
    frontier.offer([link("a"), trap], NOW)
    frontier.exclude(link("a").url, forbidden_at=NOW)
    frontier.exclude(trap.url)
    assert frontier.forbidden("kkt") == [link("a").url]
    assert frontier.lease(NOW, 60) is None
    assert frontier.readmit(frontier.forbidden("kkt")) == 1
    assert [visit.url for visit in frontier.lease_many(NOW, 60, 9)] == [link("a").url]


def test_everything_known_falls_due_on_demand(frontier: Frontier) -> None:
    frontier.offer([link("a"), link("b")], NOW)
    frontier.done(link("a").url, validators=('"tag"', None))
    frontier.fail(link("b").url)
    assert frontier.revisit("kkt") == 2
    visits = {visit.url: visit.etag for visit in frontier.lease_many(NOW, 60, 9)}
    assert visits == {link("a").url: '"tag"', link("b").url: None}


def test_leases_of_a_dead_process_are_taken_back_whatever_the_clock_says(
    frontier: Frontier,
) -> None:
    frontier.offer([link("a"), link("b", portal="syt")], NOW)
    frontier.lease_many(NOW + HOUR * 1000, 60, 2)
    assert frontier.reclaim("kkt") == 1
    assert frontier.lease(NOW, 60) is not None
    assert frontier.reclaim() == 2


def test_only_the_urls_of_one_portal_are_leased_where_one_is_named(frontier: Frontier) -> None:
    frontier.offer([link("a"), link("b", 9, "syt")], NOW)
    visit = frontier.lease(NOW, 60, "kkt")
    assert visit is not None and visit.portal == "kkt"


def test_a_lease_that_is_rolled_back_is_none(archive: Archive) -> None:
    archive.frontier.offer([link("a")], NOW)
    with pytest.raises(ZeroDivisionError), archive.transaction():
        archive.frontier.lease(NOW, 60)
        raise ZeroDivisionError
    assert archive.frontier.counts() == {"kkt": {"queued": 1}}


def test_many_links_are_offered_in_one_go_and_known_ones_cost_nothing(frontier: Frontier) -> None:
    links = [link(str(number)) for number in range(5000)]
    assert frontier.offer(links, NOW) == 5000
    assert frontier.offer(links, NOW) == 0
    assert frontier.offer([], NOW) == 0


@dataclass
class Row:
    """What a row of the frontier ought to be."""

    priority: int
    discovered: datetime
    portal: str
    state: str = "queued"
    due: datetime | None = None
    until: datetime | None = None
    attempts: int = 0


class Crash(Exception):
    """The process ends amid a transaction."""


class Queue(RuleBasedStateMachine):
    """Workers, crashes and time against a frontier on disk, and a table of what it holds."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.archive = Archive.open(folder, write=True)
        self.archive.db.execute("DELETE FROM frontier")
        self.rows: dict[str, Row] = {}
        self.now = NOW
        self.empty: tuple[int, datetime] | None = None

    def teardown(self) -> None:
        self.archive.close()

    @property
    def frontier(self) -> Frontier:
        return self.archive.frontier

    def pick(self, number: int, *states: str) -> str | None:
        known = sorted(url for url, row in self.rows.items() if row.state in states)
        return known[number % len(known)] if known else None

    @rule(
        names=st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=4),
        priority=st.integers(0, 2),
        portal=st.sampled_from(["kkt", "ngochoi"]),
        wait=st.sampled_from([None, 30, 90]),
    )
    def offer(self, names: list[str], priority: int, portal: str, wait: int | None) -> None:
        due = None if wait is None else self.now + timedelta(seconds=wait)
        told = None if due is None else utc(due)
        links = [replace(link(name, priority, portal), next_visit_at=told) for name in names]
        fresh = {each.url for each in links} - self.rows.keys()
        assert self.frontier.offer(links, self.now) == len(fresh)
        for url in fresh:
            self.rows[url] = Row(priority, self.now, portal, due=due)

    @rule(limit=st.integers(1, 3), portal=st.sampled_from([None, "kkt", "ngochoi"]))
    def lease(self, limit: int, portal: str | None) -> None:
        asked = (self.frontier.stirred, self.now)
        visits = self.frontier.lease_many(self.now, 60, limit, portal)
        for row in self.rows.values():
            if row.state == "done" and row.due is not None and row.due <= self.now:
                row.state = "queued"
            if row.state == "leased" and row.until is not None and row.until <= self.now:
                row.state, row.until = "queued", None
        ready = {
            url: row
            for url, row in self.rows.items()
            if row.state == "queued"
            and (row.due is None or row.due <= self.now)
            and portal in (None, row.portal)
        }
        assert {visit.url for visit in visits} <= ready.keys(), "not due, or another's"
        turn = sorted((-row.priority, row.discovered) for row in ready.values())
        taken = [(-ready[visit.url].priority, ready[visit.url].discovered) for visit in visits]
        assert taken == turn[:limit], "not the most urgent ones, or not in their order"
        assert not (visits and asked == self.empty), "due, and nobody was told"
        if portal is None and not visits:
            self.empty = asked
        for visit in visits:
            row = ready[visit.url]
            row.attempts += 1
            assert visit.attempts == row.attempts
            row.state, row.until = "leased", self.now + timedelta(seconds=60)

    @rule(number=st.integers(0, 9), wait=st.sampled_from([None, 1, 100]))
    def done(self, number: int, wait: int | None) -> None:
        url = self.pick(number, "leased")
        if url is not None:
            due = None if wait is None else self.now + timedelta(seconds=wait)
            self.frontier.done(url, due)
            row = self.rows[url]
            row.state, row.due, row.until, row.attempts = "done", due, None, 0

    @rule(number=st.integers(0, 9), wait=st.sampled_from([None, 40]))
    def fail(self, number: int, wait: int | None) -> None:
        url = self.pick(number, "leased")
        if url is not None:
            due = None if wait is None else self.now + timedelta(seconds=wait)
            self.frontier.fail(url, due)
            row = self.rows[url]
            row.state, row.due, row.until = "failed" if wait is None else "queued", due, None

    @rule(number=st.integers(0, 9))
    def release(self, number: int) -> None:
        url = self.pick(number, "leased", "done", "queued")
        if url is not None:
            self.frontier.release([url])
            row = self.rows[url]
            if row.state == "leased":
                row.state, row.until, row.attempts = "queued", None, row.attempts - 1

    @rule(number=st.integers(0, 9))
    def exclude(self, number: int) -> None:
        url = self.pick(number, "leased")
        if url is not None:
            self.frontier.exclude(url)
            self.rows[url].state, self.rows[url].until = "excluded", None

    @rule(number=st.integers(0, 9))
    def look_again(self, number: int) -> None:
        url = self.pick(number, "done", "failed", "queued", "leased", "excluded")
        if url is not None:
            row = self.rows[url]
            again = row.state in ("done", "failed")
            assert self.frontier.due([url]) == again
            if again:
                row.state, row.due, row.attempts = "queued", None, 0

    @rule(seconds=st.sampled_from([1, 25, 61]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(number=st.integers(0, 9))
    def crash(self, number: int) -> None:
        """Nothing of an unfinished transaction stays; whoever comes next takes the leases back."""
        url = self.pick(number, "leased", "queued")
        with pytest.raises(Crash), self.archive.transaction():
            self.frontier.offer([link("never")], self.now)
            if url is not None:
                self.frontier.done(url)
            raise Crash
        folder = self.archive.folder
        self.archive.close()
        self.archive = Archive.open(folder, write=True)
        held = [row for row in self.rows.values() if row.state == "leased"]
        assert self.frontier.reclaim() == len(held)
        for row in held:
            row.state, row.until = "queued", None
        self.empty = None

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        states = {url: state for url, _, state, _ in self.frontier.urls()}
        assert states == {url: row.state for url, row in self.rows.items()}


def test_no_url_is_lost_or_leased_twice_whatever_happens(archive: Archive) -> None:
    run_state_machine_as_test(
        lambda: Queue(archive.folder),
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_next_url_of_a_portal_is_found_by_an_index(archive: Archive) -> None:
    plan = archive.db.execute(
        f"EXPLAIN QUERY PLAN {LEASE_OF_PORTAL.partition('RETURNING')[0]}",
        {"now": "", "until": "", "portal": "kkt", "limit": 8},
    ).fetchall()
    told = " ".join(row["detail"] for row in plan)
    assert "frontier_by_turn (portal=? AND state=?)" in told
    assert "TEMP B-TREE FOR ORDER BY" not in told and "SCAN" not in told.replace("LIST", "")


def test_two_workers_never_take_the_same_url(archive: Archive) -> None:
    archive.frontier.offer([link(str(number), number % 3) for number in range(400)], NOW)
    taken: list[list[str]] = [[], [], []]
    failures: list[BaseException] = []

    def work(mine: list[str]) -> None:
        try:
            with Archive.open(archive.folder, write=True) as own:
                while visits := own.frontier.lease_many(NOW, 3600, 7):
                    mine += [visit.url for visit in visits]
        except sqlite3.Error as error:
            failures.append(error)

    workers = [threading.Thread(target=work, args=(mine,)) for mine in taken]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    everything = [url for mine in taken for url in mine]
    assert failures == []
    assert len(everything) == len(set(everything)) == 400
