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

    Of captures of one address and second, the place of the record decides.
    """
    return list(enumerate(told, 1))


def tables(
    archive: Archive, told: list[tuple[int, tuple[Any, ...]]], copies: frozenset[int] = frozenset()
) -> dict[str, Any]:
    """All tables after these events; copies: places of captures from another archive."""
    with undone(archive) as scene:
        for place, event in told:
            scene.place = place - 1
            scene.origin = "wayback" if place in copies else "live"
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
    copies = data.draw(st.frozensets(st.integers(1, len(told))))
    expected = tables(archive, rebuilt, copies)
    assert tables(archive, told, copies) == expected
    assert tables(archive, shuffled, copies) == expected


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


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_is_fetched_within_one_second_goes_in_the_order_of_fetching(
    archive: Archive, data: st.DataObject
) -> None:
    """Times of captures are whole seconds; versions do not hang on how fast the crawler is."""
    texts = data.draw(st.lists(st.sampled_from([*TEXTS, None]), min_size=1, max_size=8))
    ticks = data.draw(
        st.lists(st.integers(0, 1), min_size=len(texts), max_size=len(texts)), label="clock"
    )
    url = f"{KKT}/tin.p-5.html"

    def story(seconds: list[int]) -> list[tuple[int, tuple[Any, ...]]]:
        return placed(
            [
                ("gone", url, f"1.{at}", "r1")
                if text is None
                else ("show", url, f"1.{at}", text, "r1")
                for at, text in zip(seconds, texts, strict=True)
            ]
        )

    def shape(tables: dict[str, Any]) -> tuple[list[str], list[tuple[str, bool]]]:
        versions = sorted(tables["article_versions"], key=lambda row: row["version"])
        gone = [(row["body"], row["gone_at"] is None) for row in tables["articles"]]
        return [row["body"] for row in versions], gone

    apart = list(range(len(texts)))
    close = [sum(ticks[: number + 1]) for number in apart]
    expected = shape(tables(archive, story(apart)))
    told = story(close)
    assert shape(tables(archive, told)) == expected
    assert shape(tables(archive, data.draw(st.permutations(told)))) == expected


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
