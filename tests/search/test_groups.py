"""Near doubles: copies are found whatever their spelling, forms filled in anew are not."""

import random
import sqlite3

import pytest
from bookshelf import database

from kontum_crawler.store.groups import regroup
from kontum_crawler.store.search import search

WORDS = ["ủy", "ban", "nhân", "dân", "tỉnh", "tổ", "chức", "hội", "nghị", "kinh", "tế", "rừng"]


def text(seed: int, length: int = 120) -> str:
    pick = random.Random(seed)
    return " ".join(f"{pick.choice(WORDS)}{pick.randrange(40)}" for _ in range(length))


def groups(db: sqlite3.Connection) -> dict[int, set[int]]:
    regroup(db)
    found: dict[int, set[int]] = {}
    for row in db.execute("SELECT group_id, article_id FROM article_groups"):
        found.setdefault(row[0], set()).add(row[1])
    return found


def test_the_same_text_on_two_portals_is_a_group_led_by_the_first_seen() -> None:
    db = database(
        [
            {"id": 1, "title": "* Tin", "body": text(1), "first_seen_at": "2024-03-01T00:00:00Z"},
            {"id": 2, "title": "Tin", "body": text(1), "first_seen_at": "2019-03-01T00:00:00Z"},
            {"id": 3, "title": "Tin khác", "body": text(2)},
        ]
    )
    assert groups(db) == {2: {1, 2}}


def test_tone_placement_and_accents_do_not_part_copies() -> None:
    body = "Hội nghị tòan tỉnh về sức khoẻ cộng đồng và hoà giải ở cơ sở năm nay " * 3
    other = body.replace("tòan", "toàn").replace("khoẻ", "khỏe").replace("hoà", "hòa")
    db = database([{"title": "A", "body": body}, {"title": "A", "body": other}])
    assert groups(db) == {1: {1, 2}}


def test_a_form_filled_in_anew_each_day_is_no_copy() -> None:
    form = "Ngày {} nhiệt độ thấp nhất {} độ cao nhất {} độ mưa {} mm gió cấp {} độ ẩm {} phần trăm"
    bodies = [
        " ".join(form.format(*[d * k for k in range(1, 7)]) for d in (n, n + 31)) for n in (3, 9)
    ]
    db = database([{"title": "Thời tiết", "body": body} for body in bodies])
    assert groups(db) == {}


@pytest.mark.parametrize("share", [0.8, 0.9, 1.0])
def test_every_pair_that_is_similar_enough_is_found(share: float) -> None:
    docs = []
    for seed in range(60):
        words = text(seed, 300).split()
        kept = int(len(words) * share)
        changed = words[:kept] + text(seed + 1_000, 300).split()[kept:]
        docs += [
            {"title": "Một", "body": " ".join(words)},
            {"title": "Một", "body": " ".join(changed)},
        ]
    found = groups(database(docs))
    assert sorted(map(sorted, found.values())) == [[n, n + 1] for n in range(1, 121, 2)]


def test_the_order_of_arrival_does_not_matter() -> None:
    docs = [
        {
            "slug": f"s{n}",
            "title": "T",
            "body": text(n % 4),
            "first_seen_at": f"20{10 + n}-01-01T00:00:00Z",
        }
        for n in range(12)
    ]

    def by_slug(order: list[int]) -> set[frozenset[str]]:
        db = database([docs[n] for n in order])
        names = dict(db.execute("SELECT id, slug FROM articles").fetchall())
        return {
            frozenset(names[i] for i in ids) | {f"leader {names[g]}"}
            for g, ids in groups(db).items()
        }

    order = list(range(12))
    expected = by_slug(order)
    random.Random(5).shuffle(order)
    assert by_slug(order) == expected
    assert len(expected) == 4


def test_search_folds_a_group_into_its_first_hit() -> None:
    db = database([{"title": "Tin", "body": "đường " + text(n // 2)} for n in range(6)])
    regroup(db)
    folded = search(db, "đường", fold=True)
    assert [hit.article["id"] for hit in folded] == [
        hit.article["id"] for hit in search(db, "đường")
    ][::2]
    assert all(len(hit.copies) == 1 for hit in folded)
