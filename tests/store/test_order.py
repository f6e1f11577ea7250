"""Whatever the order in which captures arrive, the tables say the same; so does a rebuild."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scene import Scene, opened, play, shown, undone

from kontum_crawler.store import Archive

KKT = "http://kkt.kontum.gov.vn"
MIRROR = "https://kkt-kontum.com"
OLD = "http://kkt-kontum.gov.vn"
NUKE = "https://www.tuyengiaokontum.org.vn"
TV = "https://kontumtv.vn/tin-tuc"

ADDRESSES = {
    "ids, mirrors and an older generation": [
        f"{KKT}/tin.p-5.html",
        f"{MIRROR}/tin.p-5.html",
        f"{KKT}/tin.p-12.html",
        f"{KKT}/tin-moi.p-5.html",
        f"{KKT}/tin-moi.p-30.html",
        f"{OLD}/tin/5",
        f"{KKT}/tin~5.p-7.html",
    ],
    "print copies": [
        f"{NUKE}/a/tin-5.html",
        f"{NUKE}/b/tin-5.html",
        f"{NUKE}/savefile/a/tin-5.html",
        f"{NUKE}/a/tin-6.html",
        f"{NUKE}/savefile/a/tin-6.html",
        f"{NUKE}/a/tin-khac-6.html",
    ],
    "addresses without ids": [
        f"{TV}/a/tin",
        f"{TV}/b/tin",
        f"{TV}/a/tin-2",
        "http://kontumtv.vn/tin-tuc/a/tin",
        f"{TV}/c/tin",
    ],
    "slugs from titles": [
        "http://ngochoi.kontum.gov.vn/NewsDetail.aspx?id=5",
        "http://ngochoi.kontum.gov.vn/tin/Tin-trong-ngay-5",
        "http://ngochoi.kontum.gov.vn/PrintNews.aspx?id=5",
        "http://ngochoi.kontum.gov.vn/NewsDetail.aspx?id=6",
        "http://ngochoi.kontum.gov.vn/tin/Tin-trong-ngay-6",
    ],
}
TEXTS = ["Một.", "Hai.", "Ba."]


def events(addresses: list[str]) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    """Captures of a few addresses over four days, often of one second."""
    url = st.sampled_from(addresses)
    day = st.sampled_from(["1", "2", "3", "4", "4.5"])
    run = st.sampled_from(["r1", "r2"])
    return st.lists(
        st.one_of(
            st.tuples(st.just("show"), url, day, st.sampled_from(TEXTS), run),
            st.tuples(st.just("show"), url, day, st.sampled_from(TEXTS), run),
            st.tuples(st.just("gone"), url, day, run),
            st.tuples(st.just("soft"), url, day, run),
            st.tuples(st.just("moved"), url, day, url, st.booleans(), run),
        ),
        min_size=1,
        max_size=9,
    )


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return opened(tmp_path_factory.mktemp("order"))


def placed(told: list[tuple[Any, ...]]) -> list[tuple[int, tuple[Any, ...]]]:
    """Each event with the place of its record, which stays whatever the order of arrival.

    Of captures that say the same in the same second, the place of the record decides.
    """
    return list(enumerate(told, 1))


def tables(archive: Archive, told: list[tuple[int, tuple[Any, ...]]]) -> dict[str, Any]:
    with undone(archive) as scene:
        for place, event in told:
            scene.place = place - 1
            play(scene, [event])
        return scene.everything()


@pytest.mark.parametrize("addresses", ADDRESSES.values(), ids=ADDRESSES)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_order_of_arrival_gives_the_same_tables(
    archive: Archive, addresses: list[str], data: st.DataObject
) -> None:
    check_order(archive, addresses, data)


@pytest.mark.long
@pytest.mark.parametrize("addresses", ADDRESSES.values(), ids=ADDRESSES)
@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_order_of_arrival_gives_the_same_tables_in_a_long_round(
    archive: Archive, addresses: list[str], data: st.DataObject
) -> None:
    check_order(archive, addresses, data)


def check_order(archive: Archive, addresses: list[str], data: st.DataObject) -> None:
    """The tables after arrival in two orders are those of a rebuild in order of time."""
    told = placed(data.draw(events(addresses)))
    shuffled = data.draw(st.permutations(told))
    rebuilt = sorted(told, key=lambda each: (each[1][2], each[0]))
    expected = tables(archive, rebuilt)
    assert tables(archive, told) == expected
    assert tables(archive, shuffled) == expected


@pytest.mark.parametrize("addresses", ADDRESSES.values(), ids=ADDRESSES)
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_forgetting_captures_leaves_what_the_others_show(
    archive: Archive, addresses: list[str], data: st.DataObject
) -> None:
    told = placed(data.draw(events(addresses)))
    kept = [each for each in told if data.draw(st.booleans())]
    with undone(archive) as scene:
        ids = []
        for place, event in told:
            scene.place = place - 1
            ids.append(getattr(scene, event[0])(*event[1:]).capture_id)
        numbers = {place for place, _ in kept}
        archive.forget(
            id_ for (place, _), id_ in zip(told, ids, strict=True) if place not in numbers
        )
        left = scene.everything()
    expected = tables(archive, kept)
    # A portal that was seen once stays known.
    expected.pop("portals")
    left.pop("portals")
    assert left == expected


@pytest.mark.parametrize("addresses", ADDRESSES.values(), ids=ADDRESSES)
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_reading_again_gives_what_a_fresh_ingest_would_give(
    archive: Archive, addresses: list[str], data: st.DataObject
) -> None:
    told = placed(data.draw(events(addresses)))
    better = [
        (place, (*event[:3], data.draw(st.sampled_from(TEXTS)), *event[4:]))
        if event[0] == "show"
        else (place, event)
        for place, event in told
    ]
    with undone(archive) as scene:
        pairs = []
        for (place, event), (_, now) in zip(told, better, strict=True):
            scene.place = place - 1
            recorded = getattr(scene, event[0])(*event[1:])
            if event[0] == "show":
                pairs.append((recorded.capture_id, shown(archive, now[1], now[3])))
        before = scene.everything()
        archive.reread(pairs, dry_run=True)
        assert scene.everything() == before
        archive.reread(pairs)
        after = scene.everything()
        again = archive.reread(pairs)
        assert (again.changed, again.changes) == (0, [])
    assert after == tables(archive, better)


def test_a_long_history_is_the_same_in_any_order(archive: Archive) -> None:
    chance = random.Random(7)
    addresses = [url for group in ADDRESSES.values() for url in group]
    told = placed(
        [
            (
                "show",
                chance.choice(addresses),
                str(1 + n // 10),
                chance.choice(TEXTS),
                f"r{n // 10}",
            )
            if chance.random() < 0.7
            else (chance.choice(["gone", "soft"]), chance.choice(addresses), str(1 + n // 10), "")
            for n in range(200)
        ]
    )
    expected = tables(archive, told)
    chance.shuffle(told)
    assert tables(archive, told) == expected
    assert isinstance(expected["articles"], list) and len(expected["articles"]) > 5


def test_the_stage_itself_leaves_no_trace(archive: Archive) -> None:
    with undone(archive) as scene:
        scene.show(f"{KKT}/tin.p-5.html", "1")
        assert scene.slugs() == ["tin"]
    assert Scene(archive).slugs() == []
