"""The queue: offered once, leased by one, done when its worker says so."""

import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scene import opened

from kontum_crawler.store import Archive
from kontum_crawler.store.frontier import Frontier, Link

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


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    moves=st.lists(
        st.tuples(
            st.sampled_from(["offer", "lease", "done", "fail", "release", "wait", "reclaim"]),
            st.integers(0, 3),
        ),
        max_size=30,
    )
)
def test_no_url_is_lost_or_held_twice_whatever_happens(
    archive: Archive, moves: list[tuple[str, int]]
) -> None:
    now, held, known, finished = NOW, {}, set(), set()
    archive.db.execute("DELETE FROM frontier")
    frontier = archive.frontier
    for move, number in moves:
        url = link(str(number)).url
        if move == "offer":
            frontier.offer([link(str(number))], now)
            known.add(url)
        elif move == "lease":
            visit = frontier.lease(now, 60)
            if visit is not None:
                assert held.get(visit.url, now) <= now, "leased while another holds it"
                assert visit.url not in finished
                held[visit.url] = now + timedelta(seconds=60)
        elif move == "wait":
            now += timedelta(seconds=25 * number)
        elif move == "reclaim":
            frontier.reclaim()
            held.clear()
        elif url in held:
            {"done": frontier.done, "fail": frontier.fail}.get(
                move, lambda u: frontier.release([u])
            )(url)
            del held[url]
            if move in ("done", "fail"):
                finished.add(url)
    left = {visit.url for visit in frontier.lease_many(now + HOUR, 60, 99)}
    assert left == known - finished


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
